"""CloudFormation: stacks, those deleted in the last 90 days among them, and what they were made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_STACKS = 200
"""How many stacks' resources are listed: each costs a call."""

_BY_SERVICES = re.compile(
    r"StackSet-|SC-\d{12}-pp-|aws-sam-cli-managed-default$|AWSControlTower|awscodestar-|awseb-|eksctl-"
)


def _made_by_hand(stack: Mapping[str, Any]) -> bool:
    """Whether a person's template made it: services and landing zones name theirs so."""
    return not _BY_SERVICES.match(str(stack.get("StackName", "")))


@resource("cloudformation", "ListStacks", where=_made_by_hand, newest=NEWEST_STACKS)
class Stack(Record):
    """A stack; a deleted one is listed for 90 days, under its identifier only."""

    stack_name: str
    stack_status: Enumerated
    stack_id: str = ""


@resource(
    "cloudformation",
    Call(operation="ListStackResources", by={"StackName": "StackId"}, absent=(("ValidationError", "does not exist"),)),
    per=Stack,
)
class StackResource(Record):
    """A resource of a stack; `stack_name` is the stack's identifier."""

    stack_name: str
    logical_resource_id: str
    resource_type: str
    resource_status: Enumerated
    physical_resource_id: str | None = None


class Parameter(Record):
    """The name of a parameter; its value is not kept, for it may be a secret."""

    parameter_key: str = ""


@resource("cloudformation", "DescribeStacks")
class StackParameters(Record):
    """What an existing stack may be given."""

    stack_name: str
    stack_id: str = ""
    parameters: list[Parameter] = []
