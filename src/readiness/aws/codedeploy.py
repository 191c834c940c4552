"""CodeDeploy: applications, deployment groups, deployments and custom deployment configurations."""

from __future__ import annotations

import datetime

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_DEPLOYMENTS = 500
"""How many deployments of the account are read."""

PREDEFINED = "CodeDeployDefault."
"""How AWS's own deployment configurations begin; their names tell what they do."""


@resource("codedeploy", Call(operation="ListApplications", name="applicationName"))
class Application(Record, rename="camel"):
    """An application by its name."""

    application_name: str


class Rollback(Record, rename="camel"):
    """Whether a deployment is rolled back by itself, and upon which events."""

    enabled: bool = False
    events: list[str] = []


class DeploymentAlarm(Record, rename="camel"):
    """An alarm by its name."""

    name: str = ""


class DeploymentAlarms(Record, rename="camel"):
    """The alarms that stop a deployment."""

    enabled: bool = False
    alarms: list[DeploymentAlarm] = []


@resource(
    "codedeploy",
    Call(operation="ListDeploymentGroups", name="deploymentGroupName"),
    Call(operation="GetDeploymentGroup", take="deploymentGroupInfo"),
    per=Application,
)
class DeploymentGroup(Record, rename="camel"):
    """Where and how an application is deployed."""

    application_name: str
    deployment_group_name: str
    auto_rollback_configuration: Rollback = Rollback()
    alarm_configuration: DeploymentAlarms = DeploymentAlarms()


class DeploymentStyle(Record, rename="camel"):
    """IN_PLACE or BLUE_GREEN; Lambda and ECS know only the latter."""

    deployment_type: Enumerated = ""


@resource(
    "codedeploy",
    Call(operation="ListDeployments", name="deploymentId"),
    Call(operation="BatchGetDeployments", by={"deploymentIds": "deploymentId"}, take="deploymentsInfo[]", batch=25),
    newest=NEWEST_DEPLOYMENTS,
)
class Deployment(Record, rename="camel"):
    """A deployment; deployments stay listed while their application exists, which costs nothing."""

    deployment_id: str = ""
    application_name: str = ""
    deployment_group_name: str = ""
    deployment_config_name: str = ""
    status: Enumerated = ""
    creator: Enumerated = ""
    create_time: datetime.datetime | None = None
    deployment_style: DeploymentStyle = DeploymentStyle()


class TrafficRouting(Record, rename="camel"):
    """How traffic is shifted: TimeBasedCanary, TimeBasedLinear, AllAtOnce."""

    type: Enumerated = ""


@resource(
    "codedeploy",
    Call(operation="ListDeploymentConfigs", name="deploymentConfigName"),
    Call(operation="GetDeploymentConfig", take="deploymentConfigInfo"),
    where=lambda config: not str(config.get("deploymentConfigName", "")).startswith(PREDEFINED),
)
class DeploymentConfig(Record, rename="camel"):
    """A deployment configuration that somebody made; AWS's own are left out."""

    deployment_config_name: str = ""
    traffic_routing_config: TrafficRouting = TrafficRouting()
