"""IAM: roles, users, groups and policies with their documents, and what the account's root user has.

Policy documents are `Any`: botocore decodes them, and leaves as text what it can't decode. `access` reads both.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from readiness.aws.sagemaker.hosting import Model
from readiness.aws.sagemaker.studio import Domain, NotebookInstance
from readiness.aws.sagemaker.training import ProcessingJob, TrainingJob
from readiness.kinds import Call, resource
from readiness.record import Record

SERVICE_ROLE_PATH = "/aws-service-role/"
AWS_MANAGED = ":iam::aws:policy/"

TOOLS_ROLES = re.compile(
    r"AWSReservedSSO_|AWSControlTower|aws-controltower-|OrganizationAccountAccessRole$|stacksets-exec-"
    r"|AmazonSageMakerServiceCatalogProducts|cdk-\w+-(cfn-exec|deploy|file-publishing|image-publishing|lookup)-role-"
)
"""Names of roles that Identity Center, Control Tower, Organizations, SageMaker projects and `cdk bootstrap` make."""

DETAILS = ["User", "Role", "Group", "LocalManagedPolicy"]
"""What all kinds here ask for, so that one answer serves them all; AWS's own policies would be megabytes."""


class InlinePolicy(Record):
    """A policy that lives in a role, user or group."""

    policy_name: str
    policy_document: Any


class AttachedPolicy(Record):
    """A managed policy that is attached."""

    policy_name: str
    policy_arn: str


class LastUsed(Record):
    """When a role was last used; IAM tracks 400 days."""

    last_used_date: datetime.datetime | None = None


class Boundary(Record):
    """A permissions boundary."""

    permissions_boundary_arn: str


class RoleTag(Record):
    """A tag of a role, without its value, which may be anything."""

    key: str


@resource(
    "iam",
    Call(
        operation="GetAccountAuthorizationDetails",
        give={"Filter": DETAILS},
        take="RoleDetailList[]",
    ),
    where=lambda role: not str(role.get("Path", "")).startswith(SERVICE_ROLE_PATH),
)
class Role(Record):
    """A role that somebody made; service-linked roles, which AWS makes, are left out."""

    role_name: str
    role_id: str
    arn: str
    path: str
    create_date: datetime.datetime
    assume_role_policy_document: Any
    role_policy_list: list[InlinePolicy] = []
    attached_managed_policies: list[AttachedPolicy] = []
    permissions_boundary: Boundary | None = None
    role_last_used: LastUsed = LastUsed()
    tags: list[RoleTag] = []

    @property
    def by_tools(self) -> bool:
        """Whether AWS's tools made it: its policies are then nobody's work here."""
        return TOOLS_ROLES.match(self.role_name) is not None


@resource("iam", Call(operation="GetAccountAuthorizationDetails", give={"Filter": DETAILS}, take="UserDetailList[]"))
class User(Record):
    """A user with the policies that live in it."""

    user_name: str
    arn: str
    user_policy_list: list[InlinePolicy] = []


@resource("iam", Call(operation="GetAccountAuthorizationDetails", give={"Filter": DETAILS}, take="GroupDetailList[]"))
class Group(Record):
    """A group of users with the policies that live in it."""

    group_name: str
    arn: str
    group_policy_list: list[InlinePolicy] = []


class PolicyVersion(Record):
    """A version of a managed policy."""

    version_id: str
    document: Any
    is_default_version: bool = False


@resource(
    "iam",
    Call(
        operation="GetAccountAuthorizationDetails",
        give={"Filter": DETAILS},
        take="Policies[]",
    ),
    where=lambda policy: AWS_MANAGED not in str(policy.get("Arn", "")),
)
class ManagedPolicy(Record):
    """A customer-managed policy with its versions; AWS's own are left out."""

    arn: str
    default_version_id: str
    policy_name: str = ""
    attachment_count: int = 0
    permissions_boundary_usage_count: int = 0
    policy_version_list: list[PolicyVersion] = []

    @property
    def document(self) -> Any:
        """The document of the version that is in force."""
        return next((version.document for version in self.policy_version_list if version.is_default_version), None)

    @property
    def by_console(self) -> bool:
        """Whether a console's wizard made it, as its path tells."""
        return ":policy/service-role/" in self.arn


@resource(
    "iam",
    Call(operation="ListPolicies", give={"Scope": "AWS", "OnlyAttached": True}),
    Call(
        operation="GetPolicyVersion",
        by={"PolicyArn": "Arn", "VersionId": "DefaultVersionId"},
        take="PolicyVersion.{Document: Document}",
    ),
    where=lambda policy: ":policy/aws-service-role/" not in str(policy.get("Arn", "")),
)
class AwsPolicy(Record):
    """A policy of AWS's own that is attached to something here; those of service-linked roles are left out."""

    arn: str
    document: Any = None


@resource("iam", Call(operation="GetAccountSummary", take="SummaryMap"))
class AccountSummary(Record):
    """What the root user has: 1 or 0 each."""

    account_mfa_enabled: int = msgspec.field(name="AccountMFAEnabled", default=0)
    account_access_keys_present: int = 0
    account_password_present: int = 1


class ExecutionRole(Record):
    """A role that ML work runs under, with what names it: a job, a model, a notebook instance or a domain.

    Attributes:
        role: the role.
        user: the newest thing that runs, or ran, under it, in words.
    """

    role: Role
    user: str

    @classmethod
    def derive(
        cls,
        roles: list[Role],
        training: list[TrainingJob],
        processing: list[ProcessingJob],
        models: list[Model],
        notebooks: list[NotebookInstance],
        domains: list[Domain],
    ) -> Iterator[ExecutionRole]:
        """The roles that are named by what is there; those deleted since, and those of AWS's tools, are left out."""
        users: dict[str | None, str] = {}
        for job in sorted(processing, key=lambda job: job.creation_time):
            users[job.role_arn] = f"processing job {job.processing_job_name}"
        for run in sorted(training, key=lambda run: run.creation_time):
            users[run.role_arn] = f"training job {run.training_job_name}"
        for model in sorted(models, key=lambda model: model.creation_time):
            users[model.execution_role_arn] = f"model {model.model_name}"
        for notebook in notebooks:
            users[notebook.role_arn] = f"notebook instance {notebook.notebook_instance_name}"
        for domain in domains:
            for settings in (domain.default_space_settings, domain.default_user_settings):
                users[settings.execution_role] = f"domain {domain.domain_name}"
        for role in roles:
            if role.arn in users and not role.by_tools:
                yield cls(role=role, user=users[role.arn])
