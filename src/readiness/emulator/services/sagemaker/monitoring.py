"""Model Monitor: schedules, their runs, and their alerts.

A schedule runs at once, for nobody waits an hour here, and then whenever it is due: what it has run by now is made up
for when somebody looks. A run of data quality compares what was captured since the run before with the constraints of
its baseline, where both are in S3, and ends `CompletedWithViolations` if it finds some; its report is written to the
output of the job. Every other run completes, and so does one without data, which AWS would let fail: nobody need send
traffic here.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.resources import Resource, listed
from readiness.emulator.services.sagemaker import violations
from readiness.emulator.services.sagemaker.jobs import PROCESSING
from readiness.emulator.services.sagemaker.objects import below, read, write

SERVICE = "sagemaker"
TYPES = {
    "DataQuality": "data_quality",
    "ModelQuality": "model_quality",
    "ModelBias": "model_bias",
    "ModelExplainability": "model_explainability",
}
"""How what moto keeps of the definitions of each type of monitoring begins."""
CRON = re.compile(r"cron\(\S+\s+(?P<hour>\*|\d+)(?:/(?P<step>\d+))?\s")
"""The hours at which a schedule runs: all, one, or from one on every so many."""
HOUR = datetime.timedelta(hours=1)
MOST = 31 * 24 * HOUR
"""How far back runs are made up for."""
FAILURES = ("CompletedWithViolations", "Failed")
"""How a run ends that counts for an alert."""


@dataclasses.dataclass(frozen=True)
class _Work:
    """What a run does, wherever that is defined."""

    endpoint: str | None
    captured: str
    """Where data is that no endpoint captured."""
    baseline: Item
    output: str


def _work(call: Call, kind: str, config: Item) -> _Work:
    inline = config.get("MonitoringJobDefinition")
    if inline:
        given, baseline, output = inline["MonitoringInputs"][0], "BaselineConfig", inline["MonitoringOutputConfig"]
        return _told(given, inline.get(baseline), output)
    if "MonitoringJobDefinitionName" not in config:
        raise Invalid("A schedule needs a MonitoringJobDefinition or a MonitoringJobDefinitionName.")
    name, start = config["MonitoringJobDefinitionName"], TYPES[kind]
    for definition in getattr(call.backend(SERVICE), f"{start}_job_definitions").values():
        if definition.job_definition_name == name:
            parts = (f"{start}_job_input", f"{start}_baseline_config", f"{start}_job_output_config")
            return _told(*(getattr(definition, part) or {} for part in parts))
    raise Invalid(f'Could not find job definition "{name}".')


def _told(given: Item, baseline: Item | None, output: Item) -> _Work:
    outputs = output.get("MonitoringOutputs") or [{}]
    return _Work(
        endpoint=given.get("EndpointInput", {}).get("EndpointName"),
        captured=given.get("BatchTransformInput", {}).get("DataCapturedDestinationS3Uri", ""),
        baseline=baseline or {},
        output=outputs[0].get("S3Output", {}).get("S3Uri", ""),
    )


def _schedule(call: Call, item: Item) -> None:
    """A schedule knows its endpoint from the definition of its job, and runs at once: nobody waits an hour here."""
    config = item["MonitoringScheduleConfig"]
    item["MonitoringType"] = config.get("MonitoringType", "DataQuality")
    item["EndpointName"] = _work(call, item["MonitoringType"], config).endpoint
    item["MonitoringJobDefinitionName"] = config.get("MonitoringJobDefinitionName")
    _execute(call, item)


def _execute(call: Call, item: Item, due: datetime.datetime | None = None) -> None:
    """A run of the schedule that is done, now or when it was due; it outlives the schedule as AWS's history does."""
    now = due or utcnow()
    work = _work(call, item["MonitoringType"], item["MonitoringScheduleConfig"])
    runs = call.table("MonitoringExecution")
    run = {
        "MonitoringScheduleName": item["MonitoringScheduleName"],
        "ScheduledTime": _hour(now),
        "CreationTime": now,
        "LastModifiedTime": now + datetime.timedelta(minutes=5),
        "MonitoringExecutionStatus": "Completed",
        "EndpointName": item.get("EndpointName"),
        "MonitoringJobDefinitionName": item.get("MonitoringJobDefinitionName"),
        "MonitoringType": item["MonitoringType"],
    }
    if item["MonitoringType"] == "DataQuality":
        found = _analyze(call, item, work, now)
        if found:
            run["MonitoringExecutionStatus"] = "CompletedWithViolations"
            run["FailureReason"] = f"CompletedWithViolations: Job completed successfully with {len(found)} violations."
    runs[str(len(runs))] = run
    item["LastMonitoringExecutionSummary"] = {name: value for name, value in run.items() if value is not None}
    _evaluate(call, item, now)


def _catch_up(call: Call, item: Item) -> Item:
    """Let a schedule have run whenever it was due since it last did."""
    expression = item["MonitoringScheduleConfig"].get("ScheduleConfig", {}).get("ScheduleExpression", "")
    cron = CRON.match(expression)
    if item["MonitoringScheduleStatus"] == "Scheduled" and cron:
        now = utcnow()
        due = max(item["LastMonitoringExecutionSummary"]["ScheduledTime"] + HOUR, _hour(now - MOST))
        while due <= now:
            if cron["hour"] == "*" or (due.hour - int(cron["hour"])) % int(cron["step"] or 24) == 0:
                _execute(call, item, due)
            due += HOUR
    return item


def _hour(moment: datetime.datetime) -> datetime.datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _catch_up_all(call: Call) -> None:
    for item in SCHEDULES.items(call).values():
        _catch_up(call, item)


def _analyze(call: Call, item: Item, work: _Work, now: datetime.datetime) -> list[dict[str, str]] | None:
    """The violations in what was captured since the run before; they are reported where the job writes."""
    constraints = _constraints(call, work.baseline)
    since = item.get("LastMonitoringExecutionSummary", {}).get("CreationTime")
    captured = below(call, source, since, now) if (source := _source(call, work)) else []
    found = violations.found(constraints, captured) if constraints else None
    if found is not None and work.output:
        name = item["MonitoringScheduleName"]
        place = "/".join([work.output.rstrip("/"), work.endpoint or "batch-transform", name, f"{now:%Y/%m/%d/%H}"])
        write(call, f"{place}/constraint_violations.json", json.dumps({"violations": found}).encode())
    return found


def _source(call: Call, work: _Work) -> str:
    """Where the captured data is."""
    endpoint = call.backend(SERVICE).endpoints.get(work.endpoint)
    capture = (endpoint.data_capture_config or {}).get("DestinationS3Uri") if endpoint else None
    return f"{capture.rstrip('/')}/{work.endpoint}/" if capture else work.captured


def _constraints(call: Call, baseline: Item) -> dict[str, Any]:
    """The constraints of a baseline, by their place or from the job that suggested them."""
    url = baseline.get("ConstraintsResource", {}).get("S3Uri")
    job = PROCESSING.items(call).get(baseline.get("BaseliningJobName", ""))
    if not url and job:
        outputs = job.get("ProcessingOutputConfig", {}).get("Outputs") or [{}]
        url = f"{outputs[0].get('S3Output', {}).get('S3Uri', '').rstrip('/')}/constraints.json"
    try:
        found = json.loads(read(call, url or "") or b"{}")
    except ValueError:
        found = {}
    return found if isinstance(found, dict) else {}


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


def _describe(call: Call) -> Item:
    return _catch_up(call, SCHEDULES.find(call))


def _list(call: Call) -> Item:
    _catch_up_all(call)
    return SCHEDULES.list(call)


def _update(call: Call) -> Item:
    _describe(call)
    return SCHEDULES.update(call)


def _start(call: Call) -> None:
    item = _describe(call)
    item["MonitoringScheduleStatus"] = "Scheduled"
    _execute(call, item)


def _stop(call: Call) -> None:
    _describe(call)["MonitoringScheduleStatus"] = "Stopped"


def _delete(call: Call) -> None:
    """The alert of a schedule goes with it; its runs and the history of the alert stay."""
    _describe(call)
    call.table("MonitoringAlert").pop(SCHEDULES.delete(call)["MonitoringScheduleName"], None)


def _executions(call: Call) -> Item:
    _catch_up_all(call)
    names = ("MonitoringScheduleName", "EndpointName", "MonitoringJobDefinitionName")
    equals = {name: name for name in names} | {"StatusEquals": "MonitoringExecutionStatus"}
    runs = call.table("MonitoringExecution").values()
    return listed(call, runs, "MonitoringScheduleName", equals, "MonitoringExecutionStatus")


def _alert(call: Call, item: Item) -> Item:
    """The alert of a schedule, of the same name: one failure raises it, until somebody changes that."""
    new = {
        "MonitoringAlertName": item["MonitoringScheduleName"],
        "CreationTime": item["CreationTime"],
        "LastModifiedTime": item["CreationTime"],
        "AlertStatus": "OK",
        "DatapointsToAlert": 1,
        "EvaluationPeriod": 1,
        "Actions": {"ModelDashboardIndicator": {"Enabled": True}},
    }
    return call.table("MonitoringAlert").setdefault(item["MonitoringScheduleName"], new)


def _evaluate(call: Call, item: Item, now: datetime.datetime) -> None:
    """An alert is raised while so many of the last runs of its period failed."""
    alert, name = _alert(call, item), item["MonitoringScheduleName"]
    runs = [run for run in call.table("MonitoringExecution").values() if run["MonitoringScheduleName"] == name]
    last = [run for run in runs if run["CreationTime"] >= item["CreationTime"]][-alert["EvaluationPeriod"] :]
    failed = sum(run["MonitoringExecutionStatus"] in FAILURES for run in last)
    status = "InAlert" if failed >= alert["DatapointsToAlert"] else "OK"
    if status != alert["AlertStatus"]:
        alert["AlertStatus"] = status
        history = call.table("MonitoringAlertHistory")
        history[str(len(history))] = {
            "MonitoringScheduleName": name,
            "MonitoringAlertName": alert["MonitoringAlertName"],
            "CreationTime": now,
            "AlertStatus": status,
        }


def _alerts(call: Call) -> Item:
    asked = {name: value for name, value in call.parameters.items() if name != "MonitoringScheduleName"}
    return listed(call, [_alert(call, _describe(call))], "MonitoringAlertName", asked=asked)


def _update_alert(call: Call) -> Item:
    given, item = call.parameters, _describe(call)
    alert = _alert(call, item)
    if alert["MonitoringAlertName"] != given["MonitoringAlertName"]:
        raise NotFound(f"MonitoringAlert {given['MonitoringAlertName']} does not exist.")
    if given["DatapointsToAlert"] > given["EvaluationPeriod"]:
        raise Invalid("DatapointsToAlert can't be more than EvaluationPeriod.")
    alert |= {name: given[name] for name in ("DatapointsToAlert", "EvaluationPeriod")}
    alert["LastModifiedTime"] = utcnow()
    _evaluate(call, item, utcnow())
    return {**alert, "MonitoringScheduleArn": item["MonitoringScheduleArn"]}


def _alert_history(call: Call) -> Item:
    _catch_up_all(call)
    names = {name: name for name in ("MonitoringScheduleName", "MonitoringAlertName")}
    return listed(call, call.table("MonitoringAlertHistory").values(), "MonitoringAlertName", names, "AlertStatus")


EXTENSION = Extension(
    SERVICE,
    {
        **SCHEDULES.handlers(),
        "DescribeMonitoringSchedule": _describe,
        "ListMonitoringSchedules": _list,
        "UpdateMonitoringSchedule": _update,
        "StartMonitoringSchedule": _start,
        "StopMonitoringSchedule": _stop,
        "DeleteMonitoringSchedule": _delete,
        "ListMonitoringExecutions": _executions,
        "ListMonitoringAlerts": _alerts,
        "UpdateMonitoringAlert": _update_alert,
        "ListMonitoringAlertHistory": _alert_history,
    },
)
