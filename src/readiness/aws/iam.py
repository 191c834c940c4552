"""IAM: roles, users and customer-managed policies with their documents, in one paged answer."""

from __future__ import annotations

import datetime
from typing import Any

from readiness.record import Record
from readiness.resource import Call, resource

SERVICE_ROLE_PATH = "/aws-service-role/"
AWS_MANAGED = ":iam::aws:policy/"


class InlinePolicy(Record):
    """A policy that lives in a role, user or group."""

    policy_name: str
    policy_document: dict[str, Any]


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
    """A tag of a role."""

    key: str
    value: str = ""


@resource(
    "iam",
    Call(
        operation="GetAccountAuthorizationDetails",
        give={"Filter": ["User", "Role", "Group", "LocalManagedPolicy"]},
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
    assume_role_policy_document: dict[str, Any]
    role_policy_list: list[InlinePolicy] = []
    attached_managed_policies: list[AttachedPolicy] = []
    permissions_boundary: Boundary | None = None
    role_last_used: LastUsed = LastUsed()
    tags: list[RoleTag] = []


class PolicyVersion(Record):
    """A version of a managed policy."""

    version_id: str
    document: dict[str, Any]
    is_default_version: bool = False


@resource(
    "iam",
    Call(
        operation="GetAccountAuthorizationDetails",
        give={"Filter": ["User", "Role", "Group", "LocalManagedPolicy"]},
        take="Policies[]",
    ),
    where=lambda policy: AWS_MANAGED not in str(policy.get("Arn", "")),
)
class ManagedPolicy(Record):
    """A customer-managed policy with its versions; AWS's own are left out."""

    policy_name: str
    arn: str
    default_version_id: str
    attachment_count: int = 0
    policy_version_list: list[PolicyVersion] = []
