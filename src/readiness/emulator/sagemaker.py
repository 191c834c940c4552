"""SageMaker's operations that moto lacks: inference components, monitoring schedules with their runs, MLflow."""

from __future__ import annotations

import datetime
from typing import Any

from moto.core.utils import utcnow
from moto.sagemaker.responses import SageMakerResponse

from readiness.emulator.resources import Call, Handler, Invalid, Item, Resource, listed
from readiness.emulator.resources import install as answer

SERVICE = "sagemaker"


def _host(call: Call, item: Item) -> None:
    """A component lives on an endpoint that is there, and comes up with the copies that were asked for."""
    endpoint = call.backend.endpoints.get(item["EndpointName"])
    if endpoint is None:
        raise Invalid(f'Could not find endpoint "{item["EndpointName"]}".')
    item["EndpointArn"] = endpoint.response_object["EndpointArn"]
    item.setdefault("VariantName", endpoint.response_object["ProductionVariants"][0]["VariantName"])
    _run(call, item)
    specification: dict[str, Any] = item.get("Specification", {})
    if "Image" in (container := specification.get("Container", {})):
        container["DeployedImage"] = {"SpecifiedImage": container.pop("Image")}


def _run(_: Call, item: Item) -> None:
    """The copies that are asked for run at once; an adapter has none of its own."""
    copies = item.get("RuntimeConfig", {}).get("CopyCount")
    if copies is not None:
        item["RuntimeConfig"] = {"DesiredCopyCount": copies, "CurrentCopyCount": copies}


COMPONENTS = Resource(
    SERVICE,
    "InferenceComponent",
    "InferenceComponentName",
    "inference-component/{}",
    status=("InferenceComponentStatus", "InService"),
    created=_host,
    changed=_run,
)


def _schedule(call: Call, item: Item) -> None:
    """A schedule knows its endpoint from the definition of its job, and runs at once: nobody waits an hour here."""
    config = item["MonitoringScheduleConfig"]
    inline = config.get("MonitoringJobDefinition")
    item["MonitoringType"] = config.get("MonitoringType", "DataQuality")
    if inline is None and "MonitoringJobDefinitionName" not in config:
        raise Invalid("A schedule needs a MonitoringJobDefinition or a MonitoringJobDefinitionName.")
    inputs = inline["MonitoringInputs"][0] if inline else _input(call, item["MonitoringType"], config)
    item["EndpointName"] = inputs.get("EndpointInput", {}).get("EndpointName")
    item["MonitoringJobDefinitionName"] = config.get("MonitoringJobDefinitionName")
    _execute(call, item)


DEFINITIONS = {
    "DataQuality": ("data_quality_job_definitions", "data_quality_job_input"),
    "ModelQuality": ("model_quality_job_definitions", "model_quality_job_input"),
    "ModelBias": ("model_bias_job_definitions", "model_bias_job_input"),
    "ModelExplainability": ("model_explainability_job_definitions", "model_explainability_job_input"),
}
"""Where moto keeps the definitions of each type of monitoring, and what of them names the endpoint."""


def _input(call: Call, kind: str, config: Item) -> Item:
    table, member = DEFINITIONS[kind]
    name = config["MonitoringJobDefinitionName"]
    for definition in getattr(call.backend, table).values():
        if definition.job_definition_name == name:
            found: Item = getattr(definition, member)
            return found
    raise Invalid(f'Could not find job definition "{name}".')


def _execute(call: Call, item: Item) -> None:
    """A run of the schedule that completes, and that outlives it as AWS's history does."""
    now = utcnow()
    runs = call.table("MonitoringExecution")
    run = {
        "MonitoringScheduleName": item["MonitoringScheduleName"],
        "ScheduledTime": now.replace(minute=0, second=0, microsecond=0),
        "CreationTime": now,
        "LastModifiedTime": now + datetime.timedelta(minutes=5),
        "MonitoringExecutionStatus": "Completed",
        "EndpointName": item.get("EndpointName"),
        "MonitoringJobDefinitionName": item.get("MonitoringJobDefinitionName"),
        "MonitoringType": item["MonitoringType"],
    }
    runs[str(len(runs))] = run
    item["LastMonitoringExecutionSummary"] = {name: value for name, value in run.items() if value is not None}


SCHEDULES = Resource(
    SERVICE,
    "MonitoringSchedule",
    "MonitoringScheduleName",
    "monitoring-schedule/{}",
    status=("MonitoringScheduleStatus", "Scheduled"),
    equals={"EndpointName": "EndpointName", "MonitoringJobDefinitionName": "MonitoringJobDefinitionName"},
    created=_schedule,
    changed=_schedule,
)


def _start(call: Call) -> None:
    item = SCHEDULES.find(call)
    item["MonitoringScheduleStatus"] = "Scheduled"
    _execute(call, item)


def _stop(call: Call) -> None:
    SCHEDULES.find(call)["MonitoringScheduleStatus"] = "Stopped"


def _executions(call: Call) -> Item:
    names = ("MonitoringScheduleName", "EndpointName", "MonitoringJobDefinitionName")
    equals = {name: name for name in names} | {"StatusEquals": "MonitoringExecutionStatus"}
    runs = call.table("MonitoringExecution").values()
    return listed(call, "ListMonitoringExecutions", runs, "MonitoringScheduleName", equals)


def _track(_: Call, item: Item) -> None:
    """A new server is up, and of the newest version where none was asked for."""
    item.setdefault("MlflowVersion", "3.0")
    item["IsActive"] = "Active"


SERVERS = Resource(
    SERVICE,
    "MlflowTrackingServer",
    "TrackingServerName",
    "mlflow-tracking-server/{}",
    arn_member="TrackingServerArn",
    status=("TrackingServerStatus", "Created"),
    equals={"TrackingServerStatus": "TrackingServerStatus", "MlflowVersion": "MlflowVersion"},
    created=_track,
)


def _default(_: Call, item: Item) -> None:
    item.setdefault("AccountDefaultStatus", "DISABLED")
    item.setdefault("MlflowVersion", "3.0")


APPS = Resource(
    SERVICE,
    "MlflowApp",
    "Name",
    "mlflow-app/{}",
    arn_member="Arn",
    status=("Status", "Created"),
    equals={name: name for name in ("Status", "MlflowVersion", "AccountDefaultStatus")},
    created=_default,
)


OURS = (COMPONENTS, SCHEDULES, SERVERS, APPS)


class _Tags:
    """The tags of a resource, wherever it is kept; moto keeps None for none, and does not find feature groups."""

    def __init__(self, call: Call) -> None:
        arn = call.parameters["ResourceArn"]
        own = [item for resource in OURS for item in call.table(resource.noun).values() if arn in item.values()]
        self._holder: Any = own[0] if own else self._found(call.backend, arn)

    @staticmethod
    def _found(backend: Any, arn: str) -> Any:
        try:
            found = backend.feature_groups.get(arn) or backend._get_resource_from_arn(arn)
        except (AttributeError, KeyError, ValueError):
            found = None
        if found is None:
            raise Invalid(f"Could not find {arn}.")
        return found

    def get(self) -> list[dict[str, str]]:
        holder = self._holder
        return (holder.get("Tags") if isinstance(holder, dict) else holder.tags) or []

    def set(self, tags: list[dict[str, str]]) -> Item:
        if isinstance(self._holder, dict):
            self._holder["Tags"] = tags
        else:
            self._holder.tags = tags
        return {"Tags": tags}


def _list_tags(call: Call) -> Item:
    return {"Tags": _Tags(call).get()}


def _add_tags(call: Call) -> Item:
    tags = _Tags(call)
    new = {tag["Key"]: tag for tag in (*tags.get(), *call.parameters["Tags"])}
    return tags.set(list(new.values()))


def _delete_tags(call: Call) -> None:
    tags = _Tags(call)
    tags.set([tag for tag in tags.get() if tag["Key"] not in call.parameters["TagKeys"]])


def install() -> None:
    """Make moto's SageMaker answer them."""
    handlers: dict[str, Handler] = {
        **{name: handler for resource in OURS for name, handler in resource.handlers().items()},
        "ListTags": _list_tags,
        "AddTags": _add_tags,
        "DeleteTags": _delete_tags,
        "StartMonitoringSchedule": _start,
        "StopMonitoringSchedule": _stop,
        "ListMonitoringExecutions": _executions,
    }
    answer(SERVICE, SageMakerResponse, handlers)
