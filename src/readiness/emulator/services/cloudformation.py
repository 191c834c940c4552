"""CloudFormation: stacks in the order in which AWS lists them, what has drifted from them, and what may be deleted.

moto lists the oldest stack first and deleted ones at the end, without the time of their deletion; it says of the
resources of a deleted stack that they were created; it deletes a stack in spite of its termination protection; and it
leaves out the resource by which the CDK marks its stacks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Elsewhere, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.resources import listed

SERVICE = "cloudformation"
PAGE = 100
UNCHECKED = {"StackDriftStatus": "NOT_CHECKED"}


class _Metadata(CloudFormationModel):
    """The resource that the CDK puts into each of its stacks: it has a name and does nothing."""

    def __init__(self, name: str) -> None:
        self.physical_resource_id = name

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::CDK::Metadata"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name: str, *_: Any, **__: Any) -> _Metadata:
        return cls(resource_name)

    @classmethod
    def update_from_cloudformation_json(cls, original_resource: Any, *_: Any, **__: Any) -> Any:
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(cls, *_: Any, **__: Any) -> None:
        return


def _refuse(message: str) -> Coded:
    return Coded("ValidationError", message)


def _stacks(call: Call, *, deleted: bool = True) -> list[Any]:
    """The stacks, newest first; moto's answers take the members that it lacks from attributes that are set here."""
    backend = call.backend(SERVICE)
    every = [*backend.stacks.values(), *(backend.deleted_stacks.values() if deleted else ())]
    for stack in every:
        stack.drift_information = getattr(stack, "drift_information", UNCHECKED)
        stack.deletion_time = getattr(stack, "deletion_time", None)
    return sorted(every, key=lambda stack: stack.creation_time, reverse=True)


def _stack(call: Call) -> Any:
    name = call.parameters["StackName"]
    for stack in _stacks(call):
        if stack.stack_id == name or (stack.name == name and stack.status != "DELETE_COMPLETE"):
            return stack
    raise _refuse(f"Stack with id {name} does not exist")


def _describe(call: Call) -> Item:
    """Moto's answer, with what was found to have drifted."""
    _stacks(call)
    raise Elsewhere


def _list(call: Call) -> Item:
    wanted = call.parameters.get("StackStatusFilter")
    found = [
        {
            "StackId": stack.stack_id,
            "StackName": stack.name,
            "TemplateDescription": stack.description or None,
            "CreationTime": stack.creation_time,
            "LastUpdatedTime": getattr(stack, "last_updated_time", None),
            "DeletionTime": stack.deletion_time,
            "StackStatus": stack.status,
            "DriftInformation": stack.drift_information,
        }
        for stack in _stacks(call)
        if not wanted or stack.status in wanted
    ]
    return listed(call, found, asked={**call.parameters, "MaxResults": PAGE})


def _list_resources(call: Call) -> Item:
    stack = _stack(call)
    gone = stack.status == "DELETE_COMPLETE"
    found = [
        {
            "LogicalResourceId": resource.logical_resource_id,
            "PhysicalResourceId": resource.physical_resource_id,
            "ResourceType": resource.cf_resource_type,
            "ResourceStatus": "DELETE_COMPLETE" if gone else "CREATE_COMPLETE",
            "LastUpdatedTimestamp": stack.deletion_time or stack.creation_time,
            "DriftInformation": {
                "StackResourceDriftStatus": _kept(stack).get(resource.logical_resource_id, "NOT_CHECKED")
            },
        }
        for resource in _resources(stack)
    ]
    return listed(call, found, asked={**call.parameters, "MaxResults": PAGE})


def _resources(stack: Any) -> list[Any]:
    return [one for one in stack.stack_resources if getattr(one, "logical_resource_id", "")]


def _kept(stack: Any) -> dict[str, str]:
    """What was found of each resource when drift was last looked for."""
    found: dict[str, str] = getattr(stack, "drifts", {})
    return found


def _protect(call: Call) -> Item:
    stack = _stack(call)
    stack.enable_termination_protection = call.parameters["EnableTerminationProtection"]
    return {"StackId": stack.stack_id}


def _delete(call: Call) -> Item:
    """Moto deletes it, unless it is protected."""
    for stack in _stacks(call, deleted=False):
        if call.parameters["StackName"] in (stack.name, stack.stack_id) and stack.enable_termination_protection:
            raise _refuse(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
    raise Elsewhere


def _deleted(call: Call) -> None:
    for stack in _stacks(call):
        if stack.status == "DELETE_COMPLETE" and stack.deletion_time is None:
            stack.deletion_time = utcnow()


def _in(service: str, table: str) -> Callable[[Call, str], bool]:
    def there(call: Call, name: str) -> bool:
        return name in getattr(call.backend(service), table)

    return there


def _role(call: Call, name: str) -> bool:
    return any(role.name == name for role in call.backend("iam").roles.values())


def _function(call: Call, name: str) -> bool:
    return name in {function.function_name for function in call.backend("lambda").list_functions()}


THERE: dict[str, Callable[[Call, str], bool]] = {
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Function": _function,
    "AWS::Logs::LogGroup": _in("logs", "groups"),
    "AWS::S3::Bucket": _in("s3", "buckets"),
    "AWS::SNS::Topic": _in("sns", "topics"),
    "AWS::DynamoDB::Table": _in("dynamodb", "tables"),
}
"""How one sees whether a resource still exists; whether its properties were changed by hand is not looked at."""


def _detect(call: Call) -> Item:
    """A resource that somebody deleted by hand has drifted."""
    stack = _stack(call)
    if stack.status == "DELETE_COMPLETE":
        raise _refuse(f"Stack with id {stack.name} does not exist")
    drifts = {
        one.logical_resource_id: "IN_SYNC" if THERE[one.cf_resource_type](call, one.physical_resource_id) else "DELETED"
        for one in _resources(stack)
        if one.cf_resource_type in THERE
    }
    now = utcnow()
    drifted = sum(status != "IN_SYNC" for status in drifts.values())
    stack.drifts = drifts
    stack.drift_information = {"StackDriftStatus": "DRIFTED" if drifted else "IN_SYNC", "LastCheckTimestamp": now}
    name = uuid()
    call.table("StackDriftDetection")[name] = {
        "StackId": stack.stack_id,
        "StackDriftDetectionId": name,
        "StackDriftStatus": stack.drift_information["StackDriftStatus"],
        "DetectionStatus": "DETECTION_COMPLETE",
        "DriftedStackResourceCount": drifted,
        "Timestamp": now,
    }
    return {"StackDriftDetectionId": name}


def _detection(call: Call) -> Item:
    name = call.parameters["StackDriftDetectionId"]
    found = call.table("StackDriftDetection").get(name)
    if found is None:
        raise _refuse(f"Stack Drift Detection {name} does not exist")
    return found


def _drifts(call: Call) -> Item:
    stack = _stack(call)
    wanted = call.parameters.get("StackResourceDriftStatusFilters")
    kept = _kept(stack)
    found = [
        {
            "StackId": stack.stack_id,
            "LogicalResourceId": resource.logical_resource_id,
            "PhysicalResourceId": resource.physical_resource_id,
            "ResourceType": resource.cf_resource_type,
            "StackResourceDriftStatus": kept[resource.logical_resource_id],
            "Timestamp": stack.drift_information["LastCheckTimestamp"],
        }
        for resource in _resources(stack)
        if resource.logical_resource_id in kept and (not wanted or kept[resource.logical_resource_id] in wanted)
    ]
    asked: Item = {"MaxResults": PAGE}
    asked |= {name: call.parameters[name] for name in ("MaxResults", "NextToken") if name in call.parameters}
    return listed(call, found, asked=asked)


EXTENSION = Extension(
    SERVICE,
    {
        "DescribeStacks": _describe,
        "ListStacks": _list,
        "ListStackResources": _list_resources,
        "UpdateTerminationProtection": _protect,
        "DeleteStack": _delete,
        "DetectStackDrift": _detect,
        "DescribeStackDriftDetectionStatus": _detection,
        "DescribeStackResourceDrifts": _drifts,
    },
    after={"DeleteStack": _deleted},
)
