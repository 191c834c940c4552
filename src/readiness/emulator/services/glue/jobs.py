"""ETL jobs and interactive sessions: runs that end, in times of their own.

What moto says, and what AWS does:

- A run takes 123 seconds, ends when it begins, is of Glue 0.9 and writes to `test/log`: a run tells the version and the
  capacity of its job, when it began and ended, and fails where there is no bucket to get its script from.
- The oldest run comes first, and there is no way to change a job: the newest does, and jobs are updated.
- A session has done 12.3 of something on 123 DPUs with the error `string`, and stops for ever.
"""

from __future__ import annotations

import copy
import datetime
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator import dqdl
from readiness.emulator.call import Call, Coded, Elsewhere, InUse, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.files import files
from readiness.emulator.resources import Resource, listed
from readiness.emulator.services.glue.quality import parsed, publish

SERVICE = "glue"
SECONDS = 1
"""How long a run takes."""
CAPACITY = {"G.025X": 0.25, "G.1X": 1.0, "G.2X": 2.0, "G.4X": 4.0, "G.8X": 8.0, "Standard": 1.0}
"""The DPUs of a worker."""
LATEST = {"glueray": "4.0", "pythonshell": "3.0"}
"""The Glue version of a job that names none, by its type; that of Spark jobs is 5.0."""


def _job(call: Call) -> Any:
    job = call.backend("glue").jobs.get(call.parameters["JobName"])
    if job is None:
        raise NotFound(f"Entity not found: job {call.parameters['JobName']}")
    return job


def _create(call: Call) -> None:
    """Names are taken once, where moto puts the new in the place of the old; it makes the job."""
    if call.parameters["Name"] in call.backend("glue").jobs:
        raise InUse(f"Job with name: {call.parameters['Name']} already submitted")
    raise Elsewhere


def _ran(call: Call) -> None:
    """The run that moto has just started is done, and what it found of its data is published."""
    job = _job(call)
    run = job.job_runs[-1]
    run.completed_on = run.modified_on = run.started_on + datetime.timedelta(seconds=SECONDS)
    call.table("JobRun")[run.job_run_id] = _outcome(call, job, run)
    if run.status != "FAILED":
        for node in (job.code_gen_configuration_nodes or {}).values():
            for check in (node.get(kind) for kind in ("EvaluateDataQuality", "EvaluateDataQualityMultiFrame")):
                if check:
                    _publish(call, run, check)


def _outcome(call: Call, job: Any, run: Any) -> Item:
    """What moto does not know of a run: the script's place decides whether it can run at all."""
    version = job.glue_version or LATEST.get(job.command.get("Name"), "5.0")
    told: Item = {"ExecutionTime": SECONDS, "GlueVersion": version, "LogGroupName": "/aws-glue/jobs"}
    script = job.command.get("ScriptLocation", "")
    if script and files(call, script) is None:
        bucket = script.partition("://")[2].partition("/")[0]
        run.status = "FAILED"
        told["ErrorMessage"] = f"LAUNCH ERROR | Error downloading from S3 for bucket: {bucket}. NoSuchBucket"
    workers, kind = run.number_of_workers, run.worker_type
    if workers and kind in CAPACITY:
        told["MaxCapacity"] = workers * CAPACITY[kind]
    elif not run.max_capacity:
        told["MaxCapacity"] = 0.0625 if job.command.get("Name") == "pythonshell" else 10.0
    scales = (run.arguments or {}).get("--enable-auto-scaling") == "true"
    if job.execution_class == "FLEX" or scales:
        told["DPUSeconds"] = told.get("MaxCapacity", run.max_capacity) * SECONDS
    return {**told, "ExecutionClass": job.execution_class}


def _publish(call: Call, run: Any, check: Item) -> None:
    """A job that evaluates rules leaves a result, as a run of the ruleset does."""
    results = dqdl.evaluate(parsed(check["Ruleset"]), (), None)
    context = check.get("PublishingOptions", {}).get("EvaluationContext")
    told = {"EvaluationContext": context} if context else {}
    publish(call, results, run.started_on, JobName=run.job_name, JobRunId=run.job_run_id, **told)


def _told(call: Call, run: Any) -> Item:
    known = {name: value for name, value in run.as_dict().items() if value is not None}
    return {**known, **call.table("JobRun").get(run.job_run_id, {})}


def _get_run(call: Call) -> Item:
    for run in _job(call).job_runs:
        if run.job_run_id == call.parameters["RunId"]:
            return {"JobRun": _told(call, run)}
    raise NotFound(f"Entity not found: job run {call.parameters['RunId']}")


def _list_runs(call: Call) -> Item:
    """The runs of a job, the newest first."""
    return listed(call, [_told(call, run) for run in _job(call).job_runs[::-1]], "Id")


def _stop_runs(call: Call) -> Item:
    """Runs that are done can't be stopped, and each that was asked for is answered with an error."""
    known = {run.job_run_id for run in _job(call).job_runs}
    errors = []
    for run in call.parameters["JobRunIds"]:
        code = "JobRunNotInTerminalStateException" if run in known else "EntityNotFoundException"
        said = "has ended already" if run in known else "was not found"
        detail = {"ErrorCode": code, "ErrorMessage": f"Job run {run} {said}."}
        errors.append({"JobName": call.parameters["JobName"], "JobRunId": run, "ErrorDetail": detail})
    return {"SuccessfulSubmissions": [], "Errors": errors}


MEMBERS = {
    "Description": "description",
    "LogUri": "log_uri",
    "Role": "role",
    "ExecutionProperty": "execution_property",
    "Command": "command",
    "DefaultArguments": "default_arguments",
    "NonOverridableArguments": "non_overridable_arguments",
    "Connections": "connections",
    "MaxRetries": "max_retries",
    "AllocatedCapacity": "allocated_capacity",
    "Timeout": "timeout",
    "MaxCapacity": "max_capacity",
    "WorkerType": "worker_type",
    "NumberOfWorkers": "number_of_workers",
    "SecurityConfiguration": "security_configuration",
    "NotificationProperty": "notification_property",
    "GlueVersion": "glue_version",
    "CodeGenConfigurationNodes": "code_gen_configuration_nodes",
    "ExecutionClass": "execution_class",
    "SourceControlDetails": "source_control_details",
}
"""What moto calls the members of a job."""
KEPT = ("execution_property", "default_arguments", "execution_class")
"""What moto needs a value of where the definition has none."""


def _update(call: Call) -> Item:
    """A definition takes the place of the one before: what it does not name is gone."""
    job = _job(call)
    for member, name in MEMBERS.items():
        given = copy.deepcopy(call.parameters["JobUpdate"].get(member))
        if given is not None or name not in KEPT:
            setattr(job, name, given)
    job.last_modified_on = utcnow()
    return {"JobName": job.name}


def _ready(call: Call, item: Item) -> None:
    """A session is up at once, of the newest version and five workers where nothing else was asked for."""
    item.setdefault("GlueVersion", "5.0")
    if "MaxCapacity" not in item:
        item.setdefault("WorkerType", "G.1X")
        item.setdefault("NumberOfWorkers", 5)
        item["MaxCapacity"] = item["NumberOfWorkers"] * CAPACITY.get(item["WorkerType"], 1.0)
    item["Progress"] = 0.0
    item.setdefault("IdleTimeout", 2880)
    call.backend("glue").tag_resource(call.arn(f"session/{item['Id']}"), item.get("Tags"))


SESSIONS = Resource(SERVICE, "Session", "Id", status=("Status", "READY"), created=_ready)


def _list_sessions(call: Call) -> Item:
    tags = call.parameters.get("Tags", {}).items()
    items = [item for item in SESSIONS.items(call).values() if tags <= item.get("Tags", {}).items()]
    answer = listed(call, items, "Id", result="Sessions")
    return {**answer, "Ids": [item["Id"] for item in answer["Sessions"]]}


def _stop_session(call: Call) -> Item:
    """It is billed for the time that it was up."""
    item = SESSIONS.find(call)
    if item["Status"] != "READY":
        raise Coded("IllegalSessionStateException", f"Session is in {item['Status']} status")
    now = utcnow()
    seconds = max(1.0, (now - item["CreatedOn"]).total_seconds())
    item |= {"Status": "STOPPED", "CompletedOn": now, "ExecutionTime": seconds}
    item["DPUSeconds"] = round(seconds * item["MaxCapacity"], 3)
    return {"Id": item["Id"]}


EXTENSION = Extension(
    SERVICE,
    {
        **SESSIONS.handlers(),
        "ListSessions": _list_sessions,
        "StopSession": _stop_session,
        "CreateJob": _create,
        "GetJobRun": _get_run,
        "GetJobRuns": _list_runs,
        "BatchStopJobRun": _stop_runs,
        "UpdateJob": _update,
    },
    {"StartJobRun": _ran},
)
