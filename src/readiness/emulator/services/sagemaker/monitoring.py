"""Model Monitor: schedules, which run at once, and their history."""

from __future__ import annotations

import datetime

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import Resource, listed

SERVICE = "sagemaker"


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
    for definition in getattr(call.backend("sagemaker"), table).values():
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
    return listed(call, runs, "MonitoringScheduleName", equals)


EXTENSION = Extension(
    SERVICE,
    {
        **SCHEDULES.handlers(),
        "StartMonitoringSchedule": _start,
        "StopMonitoringSchedule": _stop,
        "ListMonitoringExecutions": _executions,
    },
)
