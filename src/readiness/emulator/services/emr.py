"""EMR on clusters, without servers, and on EKS: steps and runs that end.

What moto says, and what AWS does:

- The steps of a cluster run, or wait, for ever, and so does one that was to end with them: they complete one after
  the other, one whose script lies in no bucket fails, and the cluster goes on or ends as it was told.
- A serverless application is up from the first moment, though nobody has started it, and everything was made at
  midnight; whether a run is a stream is forgotten. It is up once a run needs it, and times are those of the day.
- A run on EKS runs for ever: it completes.
- The oldest comes first, or none in particular: the newest does.
"""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Elsewhere, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.files import files
from readiness.emulator.resources import listed

SECONDS = 1
"""How long a step or a run takes."""
ENDED = ("TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS")
PROGRAMS = (".py", ".jar", ".sql", ".scala", ".hql")
REASONS = {"TERMINATED": ("ALL_STEPS_COMPLETED", "Steps completed"), "TERMINATED_WITH_ERRORS": ("STEP_FAILURE", "")}
CPU = 4 + 4 * 2
"""The vCPUs of a serverless run by default: a driver of four, and two executors."""


def _lost(call: Call, uris: Iterable[str]) -> str:
    """The first program that lies in no bucket of this account."""
    named = [uri for uri in uris if uri.startswith("s3") and uri.lower().endswith(PROGRAMS)]
    return next((uri for uri in named[:1] if files(call, uri) is None), "")


def _cluster(call: Call, member: str) -> Any:
    found = call.backend("emr").clusters.get(call.parameters[member])
    if found is None:
        raise Coded("InvalidRequestException", f"Cluster id '{call.parameters[member]}' is not valid.")
    return found


def _ran(call: Call) -> None:
    """A new cluster does its steps."""
    _work(call, list(call.backend("emr").clusters.values())[-1])


def _may_work(call: Call) -> None:
    """What has ended does no more; moto adds the steps."""
    if _cluster(call, "JobFlowId").state in ENDED:
        reason = "A job flow that is shutting down, terminated, or finished may not be modified."
        raise Coded("ValidationException", reason)
    raise Elsewhere


def _added(call: Call) -> None:
    _work(call, _cluster(call, "JobFlowId"))


def _work(call: Call, cluster: Any) -> None:
    """Do what is to be done, one after the other."""
    state, moment = "WAITING", max(cluster.ready_datetime, utcnow())
    waiting = [step for step in cluster.steps if step.state in ("PENDING", "RUNNING")]
    for step in waiting:
        if state != "WAITING":
            step.state = "CANCELLED"
            continue
        step.start_date_time = moment
        moment += datetime.timedelta(seconds=SECONDS)
        step.end_date_time = moment
        lost = _lost(call, [step.jar, *step.args])
        step.state = "FAILED" if lost else "COMPLETED"
        if lost:
            step.last_state_change_reason = f"The bucket of {lost} does not exist."
            if step.action_on_failure in ("TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW"):
                state = "TERMINATED_WITH_ERRORS"
            elif step.action_on_failure == "CANCEL_AND_WAIT":
                state = "CANCELLED"
    if waiting and state == "WAITING" and cluster.auto_terminate:
        state = "TERMINATED"
    if cluster.state not in ENDED:
        cluster.state = "WAITING" if state == "CANCELLED" else state
        if cluster.state in ENDED:
            cluster.end_datetime = moment
            failed = next((step for step in waiting if step.state == "FAILED"), None)
            cluster.last_state_change_reason = failed.last_state_change_reason if failed else "Steps completed"


def _clusters(call: Call) -> Item:
    """The clusters, the newest first."""
    states = call.parameters.get("ClusterStates")
    found = [
        {
            "Id": cluster.id,
            "Name": cluster.name,
            "Status": _status(cluster),
            "NormalizedInstanceHours": cluster.normalized_instance_hours,
            "ClusterArn": cluster.arn,
            "CreatedDateTime": cluster.creation_datetime,
        }
        for cluster in reversed(call.backend("emr").clusters.values())
        if not states or cluster.state in states
    ]
    return listed(call, found, "Id", asked={"MaxResults": 50, **_without(call, "ClusterStates")})


def _without(call: Call, *names: str) -> Item:
    return {name: value for name, value in call.parameters.items() if name not in names}


def _status(cluster: Any) -> Item:
    """The state of a cluster, why it is, and since when."""
    code = REASONS.get(cluster.state, ("USER_REQUEST", ""))[0] if cluster.state in ENDED else ""
    message = getattr(cluster, "last_state_change_reason", None)
    if code and not message:
        code = "USER_REQUEST"
    times = {
        "CreationDateTime": cluster.creation_datetime,
        "ReadyDateTime": cluster.ready_datetime,
        "EndDateTime": cluster.end_datetime,
    }
    return {
        "State": cluster.state,
        "StateChangeReason": {**({"Code": code} if code else {}), **({"Message": message} if message else {})},
        "Timeline": {name: moment for name, moment in times.items() if moment is not None},
    }


def _made(call: Call) -> None:
    """An application that nobody has started."""
    application = list(call.backend("emrserverless").applications.values())[-1]
    application.arn = call.arn(f"/applications/{application.id}")
    application.created_at = application.updated_at = utcnow()
    application.state = "CREATED"


def _may_run(call: Call) -> None:
    """A run starts the application unless that is switched off; moto starts the run."""
    found = call.backend("emrserverless").applications.get(call.parameters["applicationId"])
    if found is not None and found.state in ("CREATED", "STOPPED"):
        if not found.auto_start_configuration.get("enabled", True):
            raise Coded("ValidationException", f"Application {found.id} is not started.")
        found.state, found.updated_at = "STARTED", utcnow()
    raise Elsewhere


def _run(call: Call) -> None:
    """A batch ends, a stream goes on."""
    run = call.backend("emrserverless").job_runs[call.parameters["applicationId"]][-1]
    mode = call.parameters.get("mode", "BATCH")
    driver = call.parameters.get("jobDriver", {})
    lost = _lost(call, [driver.get("sparkSubmit", {}).get("entryPoint", ""), driver.get("hive", {}).get("query", "")])
    run.arn = call.arn(f"/applications/{run.application_id}/jobruns/{run.id}")
    run.created_by = call.backend("sts").get_caller_identity(call.access_key, call.region)[1]
    run.created_at = run.updated_at = utcnow()
    extra: Item = {"mode": mode, "startedAt": run.created_at, "attempt": 1}
    run.state = "FAILED" if lost else "RUNNING" if mode == "STREAMING" else "SUCCESS"
    run.state_details = f"The bucket of {lost} does not exist." if lost else ""
    if run.state != "RUNNING":
        run.updated_at = run.created_at + datetime.timedelta(seconds=SECONDS)
        extra["endedAt"] = run.updated_at
        run.total_execution_duration_seconds = SECONDS
        hours = round(CPU * SECONDS / 3600, 6)
        used = {"vCPUHour": hours, "memoryGBHour": hours * 4, "storageGBHour": 0.0}
        run.billed_resource_utilization = used
        extra["totalResourceUtilization"] = used
    for member in ("retryPolicy", "executionIamPolicy", "flexExecution"):
        if member in call.parameters:
            extra[member] = copy.deepcopy(call.parameters[member])
    call.table("JobRun")[run.id] = extra


def _told(call: Call, run: Any) -> Item:
    """A run, by the names of a summary and of itself."""
    members = {
        "applicationId": run.application_id,
        "id": run.id,
        "jobRunId": run.id,
        "name": run.name,
        "arn": run.arn,
        "createdBy": run.created_by or call.account,
        "createdAt": run.created_at,
        "updatedAt": run.updated_at,
        "executionRole": run.execution_role_arn,
        "state": run.state,
        "stateDetails": run.state_details or f"Job run is {run.state}.",
        "releaseLabel": run.release_label,
        "type": run.application_type,
        "configurationOverrides": run.configuration_overrides,
        "jobDriver": run.job_driver or {},
        "tags": run.tags,
        "networkConfiguration": run.network_configuration,
        "totalExecutionDurationSeconds": run.total_execution_duration_seconds,
        "executionTimeoutMinutes": run.execution_timeout_minutes,
        "billedResourceUtilization": run.billed_resource_utilization,
    }
    return {**{name: value for name, value in members.items() if value is not None}, **call.table("JobRun")[run.id]}


def _application(call: Call) -> Any:
    found = call.backend("emrserverless").applications.get(call.parameters["applicationId"])
    if found is None:
        raise NotFound(f"Application {call.parameters['applicationId']} does not exist")
    return found


def _runs(call: Call) -> Item:
    """The runs of an application, the newest first; none is no error."""
    application = _application(call)
    states = call.parameters.get("states")
    runs = call.backend("emrserverless").job_runs.get(application.id, [])
    found = [_told(call, run) for run in reversed(runs) if not states or run.state in states]
    asked = _without(call, "states", "createdAtAfter", "createdAtBefore")
    asked |= {name.replace("At", ""): call.parameters[name] for name in call.parameters if name.startswith("createdAt")}
    return listed(call, found, "id", {"Mode": "mode"}, asked=asked)


def _get_run(call: Call) -> Item:
    for run in call.backend("emrserverless").job_runs.get(_application(call).id, []):
        if run.id == call.parameters["jobRunId"]:
            told = _told(call, run)
            return {"jobRun": {name: value for name, value in told.items() if name not in ("id", "type")}}
    raise NotFound(f"JobRun {call.parameters['jobRunId']} does not exist")


def _cancel(call: Call) -> None:
    """What has ended can't be cancelled; moto cancels."""
    for run in call.backend("emrserverless").job_runs.get(_application(call).id, []):
        if run.id == call.parameters["jobRunId"]:
            if run.state in ("SUCCESS", "FAILED", "CANCELLED"):
                raise Coded("ValidationException", f"Job run {run.id} is {run.state}.")
            run.updated_at = utcnow()
            call.table("JobRun")[run.id]["endedAt"] = run.updated_at
    raise Elsewhere


def _on_eks(call: Call) -> None:
    """A run on EKS is done."""
    runs = call.backend("emrcontainers").job_runs
    run = list(runs.values())[-1]
    driver: Mapping[str, Item] = call.parameters.get("jobDriver", {})
    lost = _lost(call, [str(part.get("entryPoint", "")) for part in driver.values()])
    run.created_at = utcnow()
    run.finished_at = run.created_at + datetime.timedelta(seconds=SECONDS)
    run.state = "FAILED" if lost else "COMPLETED"
    if lost:
        run.failure_reason, run.state_details = "USER_ERROR", f"The bucket of {lost} does not exist."
    # Moto takes the runs in the order of its table: what is new goes to its head.
    rest = {name: one for name, one in runs.items() if one is not run}
    runs.clear()
    runs |= {run.id: run, **rest}


def _virtual(call: Call) -> None:
    cluster = list(call.backend("emrcontainers").virtual_clusters.values())[-1]
    cluster.created_at = utcnow()


EXTENSIONS = (
    Extension(
        "emr",
        {"ListClusters": _clusters, "AddJobFlowSteps": _may_work},
        {"RunJobFlow": _ran, "AddJobFlowSteps": _added},
    ),
    Extension(
        "emr-serverless",
        {"StartJobRun": _may_run, "ListJobRuns": _runs, "GetJobRun": _get_run, "CancelJobRun": _cancel},
        {"CreateApplication": _made, "StartJobRun": _run},
    ),
    Extension("emr-containers", {}, {"StartJobRun": _on_eks, "CreateVirtualCluster": _virtual}),
)
