"""MWAA: managed environments of Apache Airflow."""

from __future__ import annotations

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.resources import Resource
from readiness.emulator.tagging import Tagging

SERVICE = "mwaa"
DEFAULTS = {
    "AirflowVersion": "2.10.3",
    "EnvironmentClass": "mw1.small",
    "EndpointManagement": "SERVICE",
    "MaxWorkers": 10,
    "MinWorkers": 1,
    "MaxWebservers": 2,
    "MinWebservers": 2,
    "Schedulers": 2,
    "WebserverAccessMode": "PRIVATE_ONLY",
    "WeeklyMaintenanceWindowStart": "SUN:03:30",
}
LOGS = {
    "DagProcessingLogs": "DAGProcessing",
    "SchedulerLogs": "Scheduler",
    "TaskLogs": "Task",
    "WebserverLogs": "WebServer",
    "WorkerLogs": "Worker",
}
"""The kinds of logs, and how each is called in the name of its log group."""


def _build(call: Call, item: Item) -> None:
    """An environment lies in two subnets, and says of itself what was not asked for."""
    if len(item["NetworkConfiguration"].get("SubnetIds", [])) != 2:
        raise Invalid("Exactly two subnets are required in the network configuration.")
    for name, value in DEFAULTS.items():
        item.setdefault(name, value)
    host = f"{uuid()}.{call.region}.airflow.amazonaws.com"
    item["WebserverUrl"] = host
    item["CeleryExecutorQueue"] = call.arn(f"airflow-celery-{uuid()}", service="sqs")
    item["ServiceRoleArn"] = call.arn(
        "role/aws-service-role/airflow.amazonaws.com/AWSServiceRoleForAmazonMWAA", service="iam", regional=False
    )
    _log(call, item)


def _change(call: Call, item: Item) -> None:
    item["Status"] = "AVAILABLE"
    item["LastUpdate"] = {"Status": "SUCCESS", "CreatedAt": utcnow()}
    _log(call, item)


def _log(call: Call, item: Item) -> None:
    """Each kind of logs has a group of its own; none is written where none was asked for but those of tasks."""
    given = item.get("LoggingConfiguration", {})
    logs = {}
    for name, kind in LOGS.items():
        told = given.get(name, {"Enabled": name == "TaskLogs", "LogLevel": "INFO"})
        group = call.arn(f"log-group:airflow-{item['Name']}-{kind}", service="logs")
        logs[name] = {**told, **({"CloudWatchLogGroupArn": group} if told["Enabled"] else {})}
    item["LoggingConfiguration"] = logs


class _Environments(Resource):
    def update(self, call: Call) -> Item:
        """Change what the request names; of the network only the security groups can change."""
        network = self.find(call)["NetworkConfiguration"]
        item = super().update(call)
        item["NetworkConfiguration"] = {**network, **call.parameters.get("NetworkConfiguration", {})}
        return item


ENVIRONMENTS = _Environments(
    SERVICE,
    "Environment",
    "Name",
    "environment/{}",
    arn_member="Arn",
    status=("Status", "AVAILABLE"),
    created=_build,
    changed=_change,
)


EXTENSION = Extension(
    SERVICE,
    {
        **ENVIRONMENTS.handlers(),
        **Tagging(SERVICE, {"Environment": "Arn"}).handlers(),
    },
)
