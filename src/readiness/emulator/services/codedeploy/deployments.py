"""Deployments: each is over at once, and ends as its alarms and what it names in the account let it."""

from __future__ import annotations

from typing import Any

import msgspec.yaml
from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier
from readiness.emulator.resources import listed
from readiness.emulator.services.codedeploy.configurations import PAGE, configuration, lasts
from readiness.emulator.services.codedeploy.groups import application, deployments, group

SERVICE = "codedeploy"
STATES = ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready")


class _Ends(Exception):
    """A deployment ends otherwise than well."""

    def __init__(self, code: str, message: str, status: str = "Failed", event: str = "DEPLOYMENT_FAILURE") -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.event = event


def _create(call: Call) -> Item:
    return deploy(call)


def deploy(call: Call, *, handed_over: bool = False) -> Item:
    """Deploy a revision to the group that the parameters name.

    Args:
        call: a call with the parameters of CreateDeployment.
        handed_over: whether the revision comes from a pipeline, whose artifacts nobody keeps.
    """
    told = call.parameters
    of = application(call, told["applicationName"])
    if "deploymentGroupName" not in told:
        raise Coded("DeploymentGroupNameRequiredException", "Deployment Group name is missing")
    into = group(call, told["applicationName"], told["deploymentGroupName"])
    before = _succeeded(call, into)
    revision = told.get("revision") or (before["revision"] if before else None)
    if revision is None:
        raise Coded("RevisionRequiredException", "Revision is missing")
    config = configuration(call, str(told.get("deploymentConfigName", into["deploymentConfigName"])))
    if config["computePlatform"] != of["computePlatform"]:
        raise Coded(
            "InvalidDeploymentConfigNameException", f"{config['deploymentConfigName']} is for another platform."
        )
    item = _new(call, into, revision, config, {**told, "creator": "user"})
    targets = 1
    try:
        _listen(call, {**into["alarmConfiguration"], **told.get("overrideAlarmConfiguration", {})})
        targets = REACH[of["computePlatform"]](call, into, {} if handed_over else revision)
    except _Ends as problem:
        item |= {"status": problem.status, "errorInformation": {"code": problem.code, "message": str(problem)}}
        item["deploymentOverview"] = dict.fromkeys(STATES, 0) | {"Failed": 1}
        _roll_back(call, item, into, before, config, problem.event)
    else:
        item["deploymentOverview"] = dict.fromkeys(STATES, 0) | {"Succeeded": targets}
    return item


def _new(call: Call, into: Item, revision: Item, config: Item, told: Item) -> Item:
    now = utcnow()
    members = ("deploymentStyle", "computePlatform", "loadBalancerInfo", "blueGreenDeploymentConfiguration")
    before = _succeeded(call, into)
    item = {
        "autoRollbackConfiguration": into["autoRollbackConfiguration"],
        "ignoreApplicationStopFailures": False,
        "updateOutdatedInstancesOnly": False,
        "fileExistsBehavior": "DISALLOW",
        "deploymentMode": "STANDARD",
        **told,
        **{name: into[name] for name in (*members, "applicationName", "deploymentGroupName") if name in into},
        "deploymentGroupId": into["deploymentGroupId"],
        "deploymentId": f"d-{identifier(9).upper()}",
        "deploymentConfigName": config["deploymentConfigName"],
        "revision": revision,
        "status": "Succeeded",
        "createTime": now,
        "startTime": now,
        "completeTime": now + lasts(config),
        "instanceTerminationWaitTimeStarted": False,
        **({"previousRevision": before["revision"]} if before else {}),
    }
    deployments(call)[item["deploymentId"]] = item
    return item


def _succeeded(call: Call, into: Item) -> Item | None:
    """The last deployment to a group that went well."""
    for held in reversed(deployments(call).values()):
        if held["deploymentGroupId"] == into["deploymentGroupId"] and held["status"] == "Succeeded":
            return held
    return None


def _roll_back(call: Call, item: Item, into: Item, before: Item | None, config: Item, event: str) -> None:
    """Deploy what went well before once more, if the deployment or its group wants that upon such an event."""
    wanted = item["autoRollbackConfiguration"]
    if not wanted.get("enabled") or event not in wanted.get("events", []):
        return
    if before is None:
        message = "There is no deployment that succeeded to roll back to."
        item["rollbackInfo"] = {"rollbackMessage": message}
        return
    back = _new(call, into, before["revision"], config, {"creator": "codeDeployRollback"})
    back["deploymentOverview"] = dict.fromkeys(STATES, 0) | {"Succeeded": 1}
    message = f"Deployment {item['deploymentId']} was rolled back."
    back["rollbackInfo"] = {"rollbackTriggeringDeploymentId": item["deploymentId"], "rollbackMessage": message}
    item["rollbackInfo"] = {"rollbackDeploymentId": back["deploymentId"], "rollbackMessage": message}


def _listen(call: Call, told: Item) -> None:
    """An alarm that is on stops a deployment."""
    alarms: dict[str, Any] = call.backend("cloudwatch").alarms
    for one in told.get("alarms", []) if told.get("enabled") else []:
        alarm = alarms.get(one["name"])
        if alarm is not None and alarm.state_value == "ALARM":
            message = f"One or more alarms have been activated: {one['name']}"
            raise _Ends("ALARM_ACTIVE", message, "Stopped", "DEPLOYMENT_STOP_ON_ALARM")


def _specification(call: Call, revision: Item) -> dict[str, Any]:
    """The AppSpec of a revision, which for functions and ECS services is all of it."""
    text: str | bytes = ""
    for member in ("appSpecContent", "string"):
        text = revision.get(member, {}).get("content", text)
    if "s3Location" in revision:
        place = revision["s3Location"]
        bucket = call.backend("s3").buckets.get(place.get("bucket"))
        kept = bucket.keys.get(place.get("key")) if bucket else None
        if kept is None:
            raise _Ends("REVISION_MISSING", f"s3://{place.get('bucket')}/{place.get('key')} does not exist.")
        text = kept.value
    try:
        found = msgspec.yaml.decode(text)
    except msgspec.DecodeError as problem:
        raise _Ends("INVALID_REVISION", f"The AppSpec can't be read: {problem}") from problem
    if not isinstance(found, dict) or not found.get("Resources", found.get("resources")):
        raise _Ends("INVALID_REVISION", "The AppSpec names no resource.")
    return found


def _resources(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The properties of the resources of an AppSpec, whose names may begin with a capital or not."""
    told: list[dict[str, Any]] = spec.get("Resources") or spec["resources"]
    return [
        {name[0].upper() + name[1:]: value for name, value in (one.get("Properties") or one.get("properties")).items()}
        for named in told
        for one in named.values()
    ]


def _hooks(call: Call, spec: dict[str, Any]) -> None:
    functions = {function.function_name for function in call.backend("lambda").list_functions()}
    for hook in spec.get("Hooks", spec.get("hooks", [])):
        for event, name in hook.items():
            if str(name).rpartition(":function:")[2].partition(":")[0] not in functions:
                raise _Ends("HOOK_EXECUTION_FAILURE", f"The function of the hook {event} does not exist: {name}")


def _shift(call: Call, _: Item, revision: Item) -> int:
    """Point the aliases that the AppSpec names to their new versions."""
    if not revision:
        return 1
    spec = _specification(call, revision)
    _hooks(call, spec)
    moved = []
    backend = call.backend("lambda")
    functions = {function.function_name for function in backend.list_functions()}
    for properties in _resources(spec):
        name, target = str(properties.get("Name")), str(properties.get("TargetVersion"))
        aliases = {alias.name: alias for alias in backend.list_aliases(name)} if name in functions else {}
        alias = aliases.get(properties.get("Alias"))
        if alias is None:
            raise _Ends("INVALID_LAMBDA_FUNCTION", f"No function {name} with an alias {properties.get('Alias')}.")
        if target not in {str(version.version) for version in backend.list_versions_by_function(name)}:
            raise _Ends("INVALID_LAMBDA_CONFIGURATION", f"The function {name} has no version {target}.")
        current = str(properties.get("CurrentVersion"))
        if current != str(alias.function_version):
            message = f"The alias {alias.name} points to version {alias.function_version}, not to {current}."
            raise _Ends("INVALID_LAMBDA_CONFIGURATION", message)
        moved.append((alias, target))
    for alias, target in moved:
        alias.update(None, target, {})
    return len(moved)


def _replace(call: Call, into: Item, revision: Item) -> int:
    """Give the ECS services of the group the task definition that the AppSpec names."""
    if not revision:
        return 1
    spec = _specification(call, revision)
    _hooks(call, spec)
    backend = call.backend("ecs")
    [properties] = _resources(spec)[:1]
    known = {one.arn for family in backend.task_definitions.values() for one in family.values()}
    wanted = properties.get("TaskDefinition")
    if wanted not in known:
        raise _Ends("INVALID_ECS_SERVICE", f"There is no task definition {wanted}.")
    for told in into["ecsServices"]:
        cluster = told.get("clusterName", "default").rpartition("/")[2]
        backend.services[f"{cluster}:{told['serviceName'].rpartition('/')[2]}"].task_definition = wanted
    return 1


def _install(call: Call, into: Item, revision: Item) -> int:
    """Reach the running instances that the tags and auto scaling groups of the group choose."""
    scaled = {one["name"] for one in into["autoScalingGroups"]}
    sets = into.get("ec2TagSet", {}).get("ec2TagSetList") or ([into["ec2TagFilters"]] if into["ec2TagFilters"] else [])
    reached = 0
    for instance in call.backend("ec2").all_running_instances():
        tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
        chosen = bool(sets) and all(any(_chosen(tags, one) for one in some) for some in sets)
        reached += chosen or tags.get("aws:autoscaling:groupName") in scaled
    if not reached:
        raise _Ends("NO_INSTANCES", "The deployment failed because no instances were found for your deployment group.")
    place = revision.get("s3Location")
    if place:
        bucket = call.backend("s3").buckets.get(place.get("bucket"))
        if bucket is None or place.get("key") not in bucket.keys:
            message = "The overall deployment failed because too many individual instances failed deployment."
            raise _Ends("HEALTH_CONSTRAINTS", message)
    return reached


def _chosen(tags: dict[str, str], told: Item) -> bool:
    key, value = told.get("Key"), told.get("Value")
    if told.get("Type") == "KEY_ONLY":
        return key in tags
    if told.get("Type") == "VALUE_ONLY":
        return value in tags.values()
    return key in tags and tags[str(key)] == value


REACH = {"Lambda": _shift, "ECS": _replace, "Server": _install}
"""How a deployment gets to each compute platform: gives how many targets it reached."""


def _get(call: Call) -> Item:
    return {"deploymentInfo": _shown(_deployment(call))}


def _deployment(call: Call) -> Item:
    name = call.parameters["deploymentId"]
    if name not in deployments(call):
        raise Coded("DeploymentDoesNotExistException", f"The deployment {name} could not be found")
    return deployments(call)[name]


def _shown(item: Item) -> Item:
    return {name: value for name, value in item.items() if name != "deploymentGroupId"}


def _batch_get(call: Call) -> Item:
    ids = call.parameters["deploymentIds"]
    return {"deploymentsInfo": [_shown(deployments(call)[one]) for one in ids if one in deployments(call)]}


def _list(call: Call) -> Item:
    """The newest first."""
    told = call.parameters
    named = [name for name in ("applicationName", "deploymentGroupName") if name in told]
    if named == ["applicationName"]:
        raise Coded("DeploymentGroupNameRequiredException", "Deployment Group name is missing")
    if named == ["deploymentGroupName"]:
        raise Coded("ApplicationNameRequiredException", "Application name is missing")
    if named:
        group(call, told["applicationName"], told["deploymentGroupName"])
    span = told.get("createTimeRange", {})
    if "start" in span and "end" in span and span["start"] > span["end"]:
        raise Coded("InvalidTimeRangeException", "The start of the time range is after its end.")
    statuses = told.get("includeOnlyStatuses")
    found = [
        held
        for held in reversed(deployments(call).values())
        if all(held[name] == told[name] for name in named) and (not statuses or held["status"] in statuses)
    ]
    asked = {
        "MaxResults": PAGE,
        **({"CreateTimeAfter": span["start"]} if "start" in span else {}),
        **({"CreateTimeBefore": span["end"]} if "end" in span else {}),
        **({"NextToken": told["nextToken"]} if "nextToken" in told else {}),
    }
    return listed(call, found, "deploymentId", asked=asked)


def _stop(call: Call) -> Item:
    """Every deployment is over when somebody could stop it."""
    name = _deployment(call)["deploymentId"]
    raise Coded("DeploymentAlreadyCompletedException", f"Deployment {name} is already in a final state.")


EXTENSION = Extension(
    SERVICE,
    {
        "CreateDeployment": _create,
        "GetDeployment": _get,
        "BatchGetDeployments": _batch_get,
        "ListDeployments": _list,
        "StopDeployment": _stop,
        "ContinueDeployment": _stop,
    },
)
