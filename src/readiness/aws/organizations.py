"""Organizations: policies that hold for all accounts, as far as the account may see them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from readiness.aws.residency import region_rules
from readiness.kinds import Call, resource
from readiness.record import Record

SERVICE_CONTROL = "SERVICE_CONTROL_POLICY"
OPT_OUT = "AISERVICES_OPT_OUT_POLICY"
CONTROL_TOWER = "aws-guardrails-"
"""How the names of policies begin that Control Tower makes."""


def _is_own(policy: Mapping[str, Any]) -> bool:
    return not policy.get("AwsManaged") and not str(policy.get("Name", "")).startswith(CONTROL_TOWER)


class Target(Record):
    """What a policy is attached to: an account, an organizational unit, or the root."""

    type: str = ""


@resource(
    "organizations",
    Call(
        operation="ListPolicies",
        each={"Filter": (SERVICE_CONTROL, OPT_OUT)},
        absent=(
            "AWSOrganizationsNotInUseException",
            "PolicyTypeNotAvailableForOrganizationException",
            "PolicyTypeNotEnabledException",
        ),
    ),
    Call(operation="DescribePolicy", by={"PolicyId": "Id"}, take="Policy.{Content: Content}"),
    Call(operation="ListTargetsForPolicy", by={"PolicyId": "Id"}, take="Targets[]", into="Targets"),
    where=_is_own,
)
class OrganizationPolicy(Record):
    """A service control policy, or one by which AI services keep no content; AWS's and Control Tower's are left out.

    Only the management account and its delegates may read them. Of the text is kept which regions it allows, and
    whether it opts out.
    """

    id: str
    arn: str
    content: str = "[]"
    targets: list[Target] = []

    def __post_init__(self) -> None:
        """Reduce the text to the rules that are read, and refuse what is none; what is reduced stays as it is."""
        msgspec.structs.force_setattr(self, "content", json.dumps(_rules(self.content), separators=(",", ":")))

    @property
    def rules(self) -> list[str]:
        """What it says of where data may be, in words."""
        found: list[str] = json.loads(self.content)
        return found


def _rules(content: str) -> list[str]:
    try:
        parsed = json.loads(content)
    except RecursionError as problem:
        raise ValueError("a policy that is nested too deeply") from problem
    if isinstance(parsed, list):  # rules already, for a policy is an object
        return [rule for rule in parsed if isinstance(rule, str)]
    if not isinstance(parsed, dict):
        raise ValueError("no policy document")
    services = parsed.get("services")
    opted = [name for name, said in services.items() if _opts_out(said)] if isinstance(services, dict) else []
    out = [f"AI services keep no content to learn from ({', '.join(opted)})"] if opted else []
    return [*region_rules(parsed), *out]


def _opts_out(service: Any) -> bool:
    """Whether an opt-out policy takes a service's use of content back; `optIn` allows it."""
    said = service.get("opt_out_policy") if isinstance(service, dict) else None
    return isinstance(said, dict) and said.get("@@assign") == "optOut"
