"""Deployment configurations: those that AWS has for everybody, and one's own."""

from __future__ import annotations

import datetime

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.resources import listed

SERVICE = "codedeploy"
START = "CodeDeployDefault."
PAGE = 100
"""How many names a list answers at most, which nobody can change."""


def _canary(percentage: int, interval: int) -> Item:
    return {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": percentage, "canaryInterval": interval},
    }


def _linear(percentage: int, interval: int) -> Item:
    return {
        "type": "TimeBasedLinear",
        "timeBasedLinear": {"linearPercentage": percentage, "linearInterval": interval},
    }


HOSTS = {
    # AWS answers a type here that nobody else can choose.
    "OneAtATime": ("MOST_CONCURRENCY", 1),
    "HalfAtATime": ("FLEET_PERCENT", 50),
    "AllAtOnce": ("HOST_COUNT", 0),
}
ROUTES = {
    "LambdaAllAtOnce": {"type": "AllAtOnce"},
    **{f"LambdaCanary10Percent{interval}Minutes": _canary(10, interval) for interval in (5, 10, 15, 30)},
    "LambdaLinear10PercentEvery1Minute": _linear(10, 1),
    **{f"LambdaLinear10PercentEvery{interval}Minutes": _linear(10, interval) for interval in (2, 3, 10)},
    "ECSAllAtOnce": {"type": "AllAtOnce"},
    **{f"ECSCanary10Percent{interval}Minutes": _canary(10, interval) for interval in (5, 15)},
    **{f"ECSLinear10PercentEvery{interval}Minutes": _linear(10, interval) for interval in (1, 3)},
}
DEFAULTS = {platform: f"{START}{name}" for platform, name in (("Lambda", "LambdaAllAtOnce"), ("ECS", "ECSAllAtOnce"))}
DEFAULTS["Server"] = f"{START}OneAtATime"
"""The configuration of a group that names none, per compute platform."""


def _everybodys() -> dict[str, Item]:
    servers = {
        name: {"computePlatform": "Server", "minimumHealthyHosts": {"type": kind, "value": value}}
        for name, (kind, value) in HOSTS.items()
    }
    routed = {
        name: {"computePlatform": "Lambda" if name.startswith("Lambda") else "ECS", "trafficRoutingConfig": route}
        for name, route in ROUTES.items()
    }
    long_ago = datetime.datetime(2017, 11, 27, tzinfo=datetime.UTC)
    return {
        START + name: {"deploymentConfigName": START + name, "createTime": long_ago, **told}
        for name, told in (servers | routed).items()
    }


EVERYBODYS = _everybodys()


def _own(call: Call) -> dict[str, Item]:
    return call.table("DeploymentConfig", SERVICE)


def configuration(call: Call, name: str) -> Item:
    """The deployment configuration of this name.

    Raises:
        Coded: there is none.
    """
    found = {**EVERYBODYS, **_own(call)}.get(name)
    if found is None:
        raise Coded("DeploymentConfigDoesNotExistException", f"No deployment configuration found for {name}")
    return found


def lasts(config: Item) -> datetime.timedelta:
    """How long a deployment shifts traffic, or takes turns with its instances."""
    route = config.get("trafficRoutingConfig", {})
    if "timeBasedCanary" in route:
        return datetime.timedelta(minutes=route["timeBasedCanary"]["canaryInterval"])
    if "timeBasedLinear" in route:
        told = route["timeBasedLinear"]
        return datetime.timedelta(minutes=(100 // told["linearPercentage"] - 1) * told["linearInterval"])
    return datetime.timedelta(seconds=30)


def _create(call: Call) -> Item:
    told = call.parameters
    name, platform = told["deploymentConfigName"], told.get("computePlatform", "Server")
    if name.startswith(START):
        raise Coded("InvalidDeploymentConfigNameException", f"The name {name} is reserved.")
    if name in _own(call):
        raise Coded("DeploymentConfigAlreadyExistsException", f"Deployment configuration {name} already exists")
    if platform == "Server" and "minimumHealthyHosts" not in told:
        raise Coded("InvalidMinimumHealthyHostValueException", "A minimum of healthy hosts is required.")
    if platform != "Server" and "trafficRoutingConfig" not in told:
        raise Coded("InvalidTrafficRoutingConfigurationException", "A traffic routing configuration is required.")
    _own(call)[name] = {
        **told,
        "deploymentConfigId": uuid(),
        "computePlatform": platform,
        "createTime": utcnow(),
    }
    return _own(call)[name]


def _get(call: Call) -> Item:
    return {"deploymentConfigInfo": configuration(call, call.parameters["deploymentConfigName"])}


def _list(call: Call) -> Item:
    every = [*EVERYBODYS.values(), *_own(call).values()]
    return listed(call, every, "deploymentConfigName", asked={**call.parameters, "MaxResults": PAGE})


def _delete(call: Call) -> None:
    name = call.parameters["deploymentConfigName"]
    if name.startswith(START):
        raise Coded("InvalidOperationException", f"{name} can't be deleted.")
    groups = call.table("DeploymentGroup", SERVICE).values()
    if any(group["deploymentConfigName"] == name for group in groups):
        raise Coded("DeploymentConfigInUseException", f"{name} is in use.")
    _own(call).pop(name, None)


EXTENSION = Extension(
    SERVICE,
    {
        "CreateDeploymentConfig": _create,
        "GetDeploymentConfig": _get,
        "ListDeploymentConfigs": _list,
        "DeleteDeploymentConfig": _delete,
    },
)
