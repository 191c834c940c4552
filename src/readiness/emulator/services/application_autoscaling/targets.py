"""Scalable targets, and what happened to their capacity."""

from __future__ import annotations

import datetime
import re

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Invalid, Item, model_of
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier, uuid
from readiness.emulator.resources import listed
from readiness.emulator.services.application_autoscaling.capacity import KNOWN, change, current, well_formed
from readiness.emulator.tagging import Tagging

SERVICE = "application-autoscaling"
PAGE = 50
TOOK = datetime.timedelta(seconds=20)
"""How long a change of capacity takes."""
ROLES = {
    "appstream": "AppStreamFleet",
    "cassandra": "CassandraTable",
    "comprehend": "ComprehendEndpoint",
    "custom-resource": "CustomResource",
    "dynamodb": "DynamoDBTable",
    "ec2": "EC2SpotFleetRequest",
    "ecs": "ECSService",
    "elasticache": "ElastiCacheRG",
    "kafka": "KafkaCluster",
    "lambda": "LambdaConcurrency",
    "neptune": "NeptuneCluster",
    "rds": "RDSCluster",
    "sagemaker": "SageMakerEndpoint",
    "workspaces": "WorkSpacesPool",
}
"""How the role ends that Application Auto Scaling has for each namespace."""
NAMES = ("ServiceNamespace", "ResourceId", "ScalableDimension")
"""What tells a target from others."""


def key(told: Item) -> tuple[str, str, str]:
    """The target that a request or a record is about."""
    namespace, resource, dimension = (str(told[name]) for name in NAMES)
    return namespace, resource, dimension


def targets(call: Call) -> dict[str, Item]:
    """All that are registered."""
    return call.table("ScalableTarget", SERVICE)


def of_target(call: Call, noun: str) -> dict[str, Item]:
    """The policies, or the scheduled actions, of all targets."""
    return call.table(noun, SERVICE)


def target(call: Call) -> Item:
    """The target that the request names.

    Raises:
        Coded: nobody registered it.
    """
    found = targets(call).get(" ".join(key(call.parameters)))
    if found is None:
        raise Coded("ObjectNotFoundException", f"No scalable target registered for {_said(call.parameters)}")
    return found


def _said(told: Item) -> str:
    namespace, resource, dimension = key(told)
    return f"service namespace: {namespace}, resource ID: {resource}, scalable dimension: {dimension}"


def _register(call: Call) -> Item:
    """A new target, or other bounds of one; a capacity that is out of bounds is brought within."""
    told = call.parameters
    namespace, resource, dimension = key(told)
    known = model_of(SERVICE).shape_for("ScalableDimension").enum
    if dimension not in known or dimension.partition(":")[0] != namespace or not well_formed(resource, dimension):
        raise Invalid("Unsupported service namespace, resource type or scalable dimension")
    if dimension in KNOWN and current(call, resource, dimension) is None:
        raise Invalid(f"The resource doesn't exist: {resource}")
    found = targets(call).get(" ".join(key(told)), {})
    least, most = (told.get(name, found.get(name)) for name in ("MinCapacity", "MaxCapacity"))
    if least is None or most is None:
        raise Invalid("A minimum and a maximum capacity are required to register a scalable target.")
    if least > most:
        raise Invalid("Maximum capacity cannot be less than minimum capacity")
    if not found:
        found = {
            **{name: told[name] for name in NAMES},
            "CreationTime": utcnow(),
            "RoleARN": _role(call, namespace),
            "ScalableTargetARN": call.arn(f"scalable-target/{identifier(36)}"),
            "SuspendedState": {},
            "Tags": told.get("Tags", {}),
        }
        targets(call)[" ".join(key(told))] = found
    elif told.get("Tags"):
        raise Invalid("Tags of a target that exists are changed with TagResource.")
    names = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
    suspended = {**dict.fromkeys(names, False), **found["SuspendedState"], **told.get("SuspendedState", {})}
    found |= {"MinCapacity": least, "MaxCapacity": most, "SuspendedState": suspended}
    if "RoleARN" in told:
        found["RoleARN"] = told["RoleARN"]
    bound(call, found)
    return {"ScalableTargetARN": found["ScalableTargetARN"]}


def _role(call: Call, namespace: str) -> str:
    name = f"AWSServiceRoleForApplicationAutoScaling_{ROLES.get(namespace, 'EMRInstanceGroup')}"
    path = f"role/aws-service-role/{namespace}.application-autoscaling.amazonaws.com/{name}"
    return call.arn(path, service="iam", regional=False)


def bound(call: Call, found: Item) -> None:
    """Bring the capacity of a target within its bounds."""
    count = current(call, found["ResourceId"], found["ScalableDimension"])
    if count is not None and count < found["MinCapacity"]:
        scale(call, found, found["MinCapacity"], f"minimum capacity was set to {found['MinCapacity']}")
    elif count is not None and count > found["MaxCapacity"]:
        scale(call, found, found["MaxCapacity"], f"maximum capacity was set to {found['MaxCapacity']}")


def scale(call: Call, found: Item, count: int, cause: str) -> None:
    """Change the capacity of a target, and note why."""
    change(call, found["ResourceId"], found["ScalableDimension"], count)
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", found["ScalableDimension"].rpartition(":")[2]).lower()
    status = f"Successfully set {words} to {count}. Change successfully fulfilled by {found['ServiceNamespace']}."
    note(call, found, f"Setting {words} to {count}.", cause, StatusMessage=status, EndTime=utcnow() + TOOK)


def note(call: Call, found: Item, description: str, cause: str, **told: object) -> None:
    """Remember an activity, which went well if nothing else is told."""
    name = uuid()
    activity = {
        "ActivityId": name,
        **{name: found[name] for name in NAMES},
        "Description": description,
        "Cause": cause,
        "StartTime": utcnow(),
        "StatusCode": "Successful",
        **told,
    }
    call.table("ScalingActivity", SERVICE)[name] = activity


def _deregister(call: Call) -> None:
    """Its policies and scheduled actions go with a target; its activities stay."""
    found = target(call)
    del targets(call)[" ".join(key(found))]
    for noun in ("ScheduledAction", "ScalingPolicy"):
        held = of_target(call, noun)
        for name in [name for name, item in held.items() if key(item) == key(found)]:
            unwatch(call, held.pop(name))


def unwatch(call: Call, policy: Item) -> None:
    """Remove the alarms that a policy made for itself."""
    alarms = call.backend("cloudwatch").alarms
    for alarm in policy.get("Watched", []):
        alarms.pop(alarm, None)


def chosen(call: Call, items: list[Item]) -> Item:
    """A page of what belongs to the targets that the request chooses."""
    told = call.parameters
    names = [name for name in NAMES if name in told]
    if "ScalableDimension" in told and not {"ResourceId", "ResourceIds"} & set(told):
        raise Invalid("You must specify a resource ID with a scalable dimension.")
    found = [item for item in items if all(item[name] == told[name] for name in names)]
    asked: Item = {"MaxResults": PAGE}
    asked |= {name: told[name] for name in ("MaxResults", "NextToken") if name in told}
    return listed(call, found, asked=asked)


def _describe(call: Call) -> Item:
    wanted = call.parameters.get("ResourceIds")
    return chosen(call, [one for one in targets(call).values() if not wanted or one["ResourceId"] in wanted])


EXTENSION = Extension(
    SERVICE,
    {
        "RegisterScalableTarget": _register,
        "DeregisterScalableTarget": _deregister,
        "DescribeScalableTargets": _describe,
        **Tagging(SERVICE, {"ScalableTarget": "ScalableTargetARN"}).handlers(),
    },
)
