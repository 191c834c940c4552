"""Applications, and the groups to which they are deployed."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.resources import listed
from readiness.emulator.services.codedeploy.configurations import DEFAULTS, PAGE, configuration
from readiness.emulator.tagging import Tagging

SERVICE = "codedeploy"
SHIFTED = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
"""The only style of deployment that functions and ECS services have."""
IN_PLACE = {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}


def applications(call: Call) -> dict[str, Item]:
    """Those of the account, by name."""
    return call.table("Application", SERVICE)


def groups(call: Call) -> dict[str, Item]:
    """The deployment groups of all applications."""
    return call.table("DeploymentGroup", SERVICE)


def deployments(call: Call) -> dict[str, Item]:
    """The deployments of all applications, oldest first."""
    return call.table("Deployment", SERVICE)


def application(call: Call, name: str) -> Item:
    """The application of this name.

    Raises:
        Coded: there is none.
    """
    if name not in applications(call):
        raise Coded("ApplicationDoesNotExistException", f"No application found for name: {name}")
    return applications(call)[name]


def group(call: Call, of: str, name: str) -> Item:
    """A deployment group of an application.

    Raises:
        Coded: there is none, or no such application.
    """
    application(call, of)
    if (key := f"{of}/{name}") not in groups(call):
        raise Coded("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
    return groups(call)[key]


def _create_application(call: Call) -> Item:
    name = call.parameters["applicationName"]
    if name in applications(call):
        raise Coded("ApplicationAlreadyExistsException", f"Application already exists: {name}")
    applications(call)[name] = {
        "applicationId": uuid(),
        "applicationName": name,
        "createTime": utcnow(),
        "computePlatform": call.parameters.get("computePlatform", "Server"),
        "linkedToGitHub": False,
        "Arn": call.arn(f"application:{name}"),
        "Tags": call.parameters.get("tags", []),
    }
    return applications(call)[name]


def _get_application(call: Call) -> Item:
    return application(call, call.parameters["applicationName"])


def _batch_get_applications(call: Call) -> Item:
    found = [application(call, name) for name in call.parameters["applicationNames"]]
    return listed(call, found, asked={"MaxResults": PAGE})


def _list_applications(call: Call) -> Item:
    asked = {**call.parameters, "MaxResults": PAGE}
    return listed(call, applications(call).values(), "applicationName", asked=asked)


def _rename_application(call: Call) -> None:
    old, new = call.parameters["applicationName"], call.parameters["newApplicationName"]
    found = application(call, old)
    if new in applications(call):
        raise Coded("ApplicationAlreadyExistsException", f"Application already exists: {new}")
    del applications(call)[old]
    applications(call)[new] = found | {"applicationName": new, "Arn": call.arn(f"application:{new}")}
    for held in [*groups(call).values(), *deployments(call).values()]:
        if held["applicationName"] == old:
            held["applicationName"] = new
    for inside in [one for one in groups(call).values() if one["applicationName"] == new]:
        _place(call, inside, f"{old}/{inside['deploymentGroupName']}")


def _delete_application(call: Call) -> None:
    """An application that is not there is no error; its groups and deployments go with it."""
    name = call.parameters["applicationName"]
    applications(call).pop(name, None)
    for table in (groups(call), deployments(call)):
        for key in [key for key, held in table.items() if held["applicationName"] == name]:
            del table[key]


def _place(call: Call, item: Item, old: str = "") -> None:
    """Keep a group under its name, no longer under the old one."""
    groups(call).pop(old, None)
    key = f"{item['applicationName']}/{item['deploymentGroupName']}"
    item["Arn"] = call.arn(f"deploymentgroup:{key}")
    groups(call)[key] = item


def _fit(call: Call, item: Item) -> Item:
    """Refuse what can't be deployed to; AWS tells an auto scaling group with the hook that it put there."""
    platform = item["computePlatform"]
    config = configuration(call, item["deploymentConfigName"])
    if config["computePlatform"] != platform:
        name = config["deploymentConfigName"]
        raise Coded("InvalidDeploymentConfigNameException", f"{name} is not for the compute platform {platform}.")
    if platform != "Server" and item["deploymentStyle"] != SHIFTED:
        raise Coded(
            "InvalidDeploymentStyleException", f"{platform} is deployed to blue/green with traffic control only."
        )
    for service in item["ecsServices"]:
        if not _serves(call, service):
            raise Coded("InvalidECSServiceException", f"The ECS service {service.get('serviceName')} does not exist.")
    alarms, rollback = item["alarmConfiguration"], item["autoRollbackConfiguration"]
    if alarms.get("enabled") and not alarms.get("alarms"):
        raise Coded("InvalidAlarmConfigException", "Alarms are enabled, but there are none.")
    if rollback.get("enabled") and not rollback.get("events"):
        raise Coded("InvalidAutoRollbackConfigException", "Rollbacks are enabled, but upon no event.")
    item["autoScalingGroups"] = [
        one if isinstance(one, dict) else {"name": one, "hook": f"CodeDeploy-managed-automatic-launch-{uuid()}"}
        for one in item["autoScalingGroups"]
    ]
    return item


def _serves(call: Call, told: Item) -> bool:
    services: dict[str, Any] = call.backend("ecs").services
    cluster = told.get("clusterName", "default").rpartition("/")[2]
    return f"{cluster}:{told.get('serviceName', '').rpartition('/')[2]}" in services


def _create(call: Call) -> Item:
    told = call.parameters
    of, name = told["applicationName"], told["deploymentGroupName"]
    platform = application(call, of)["computePlatform"]
    if f"{of}/{name}" in groups(call):
        raise Coded("DeploymentGroupAlreadyExistsException", f"Deployment Group already exists: {name}")
    item = {
        "deploymentConfigName": DEFAULTS[platform],
        "deploymentStyle": IN_PLACE if platform == "Server" else SHIFTED,
        "ec2TagFilters": [],
        "onPremisesInstanceTagFilters": [],
        "autoScalingGroups": [],
        "ecsServices": [],
        "triggerConfigurations": [],
        "alarmConfiguration": {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []},
        "autoRollbackConfiguration": {"enabled": False, "events": []},
        "outdatedInstancesStrategy": "UPDATE",
        "terminationHookEnabled": False,
        **told,
        "Tags": told.get("tags", []),
        "deploymentGroupId": uuid(),
        "computePlatform": platform,
    }
    _place(call, _fit(call, item))
    return item


def _update(call: Call) -> None:
    told = {name: value for name, value in call.parameters.items() if not name.endswith("DeploymentGroupName")}
    of, old = call.parameters["applicationName"], call.parameters["currentDeploymentGroupName"]
    new = call.parameters.get("newDeploymentGroupName", old)
    item = group(call, of, old)
    if new != old and f"{of}/{new}" in groups(call):
        raise Coded("DeploymentGroupAlreadyExistsException", f"Deployment Group already exists: {new}")
    item |= _fit(call, {**item, **told})
    item["deploymentGroupName"] = new
    for held in deployments(call).values():
        if (held["applicationName"], held["deploymentGroupName"]) == (of, old):
            held["deploymentGroupName"] = new
    _place(call, item, f"{of}/{old}")


def _shown(call: Call, item: Item) -> Item:
    """A group, with the last of its deployments and the last that succeeded."""
    own = [held for held in deployments(call).values() if held["deploymentGroupId"] == item["deploymentGroupId"]]
    well = [held for held in own if held["status"] == "Succeeded"]
    shown = {name: value for name, value in item.items() if name not in ("tags", "Tags", "Arn")}
    if own:
        shown["lastAttemptedDeployment"] = _last(own[-1])
    if well:
        shown["lastSuccessfulDeployment"] = _last(well[-1])
        shown["targetRevision"] = well[-1]["revision"]
    return shown


def _last(held: Item) -> Item:
    return {
        "deploymentId": held["deploymentId"],
        "status": held["status"],
        "createTime": held["createTime"],
        "endTime": held["completeTime"],
    }


def _get(call: Call) -> Item:
    told = call.parameters
    return {"deploymentGroupInfo": _shown(call, group(call, told["applicationName"], told["deploymentGroupName"]))}


def _batch_get(call: Call) -> Item:
    of = call.parameters["applicationName"]
    application(call, of)
    names = call.parameters["deploymentGroupNames"]
    found = [_shown(call, groups(call)[key]) for name in names if (key := f"{of}/{name}") in groups(call)]
    lacking = [name for name in names if f"{of}/{name}" not in groups(call)]
    problem = {"errorMessage": f"No Deployment Group found for name: {', '.join(lacking)}"} if lacking else {}
    return {"deploymentGroupsInfo": found, **problem}


def _list(call: Call) -> Item:
    of = application(call, call.parameters["applicationName"])["applicationName"]
    found = [one for one in groups(call).values() if one["applicationName"] == of]
    page = listed(call, found, "deploymentGroupName", asked={**call.parameters, "MaxResults": PAGE})
    return {"applicationName": of, **page}


def _delete(call: Call) -> Item:
    """A group that is not there is no error; its deployments stay listed."""
    told = call.parameters
    groups(call).pop(f"{told['applicationName']}/{told['deploymentGroupName']}", None)
    return {"hooksNotCleanedUp": []}


TAGGING = Tagging(SERVICE, {"Application": "Arn", "DeploymentGroup": "Arn"}).handlers()


def _tags(call: Call) -> Item | None:
    try:
        return TAGGING[call.operation](call)
    except NotFound as problem:
        arn = call.parameters["ResourceArn"]
        kind = "DeploymentGroup" if ":deploymentgroup:" in arn else "Application"
        raise Coded(f"{kind}DoesNotExistException", str(problem)) from problem


EXTENSION = Extension(
    SERVICE,
    {
        "CreateApplication": _create_application,
        "GetApplication": _get_application,
        "BatchGetApplications": _batch_get_applications,
        "ListApplications": _list_applications,
        "UpdateApplication": _rename_application,
        "DeleteApplication": _delete_application,
        "CreateDeploymentGroup": _create,
        "GetDeploymentGroup": _get,
        "BatchGetDeploymentGroups": _batch_get,
        "ListDeploymentGroups": _list,
        "UpdateDeploymentGroup": _update,
        "DeleteDeploymentGroup": _delete,
        **dict.fromkeys(TAGGING, _tags),
    },
)
