"""Where people work: Studio domains and notebook instances."""

from __future__ import annotations

import datetime

from readiness.kinds import resource
from readiness.record import Enumerated, Record


class UserSettings(Record):
    """What users of a domain get: the role that their work runs under, and its network."""

    execution_role: str | None = None
    security_groups: list[str] = []


@resource("sagemaker", "ListDomains", "DescribeDomain")
class Domain(Record):
    """A Studio domain; it always names a VPC, and yet may reach the internet past it."""

    domain_id: str
    domain_arn: str
    domain_name: str
    creation_time: datetime.datetime | None = None
    status: Enumerated | None = None
    app_network_access_type: Enumerated | None = None
    vpc_id: str | None = None
    subnet_ids: list[str] = []
    default_user_settings: UserSettings = UserSettings()
    default_space_settings: UserSettings = UserSettings()


class MetadataService(Record):
    """Which version of the instance metadata service is the least that is allowed: 1 or 2."""

    minimum_instance_metadata_service_version: str | None = None


@resource("sagemaker", "ListNotebookInstances", "DescribeNotebookInstance")
class NotebookInstance(Record):
    """A notebook instance: stopped it costs only its volume, and its settings stay to be seen."""

    notebook_instance_name: str
    notebook_instance_arn: str
    notebook_instance_status: Enumerated | None = None
    creation_time: datetime.datetime | None = None
    role_arn: str | None = None
    subnet_id: str | None = None
    security_groups: list[str] = []
    direct_internet_access: Enumerated | None = None
    root_access: Enumerated | None = None
    platform_identifier: str | None = None
    instance_metadata_service_configuration: MetadataService = MetadataService()
