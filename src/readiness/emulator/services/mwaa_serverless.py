"""MWAA Serverless: workflows of Airflow without an environment, their versions and their runs."""

from __future__ import annotations

import datetime

from moto.core.utils import utcnow

from readiness.emulator.call import Call, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier, uuid
from readiness.emulator.resources import listed
from readiness.emulator.tagging import Tagging

SERVICE = "mwaa-serverless"
TOOK = datetime.timedelta(seconds=90)
"""How long a run takes."""


def _workflows(call: Call) -> dict[str, Item]:
    return call.table("Workflow")


def _workflow(call: Call) -> Item:
    arn = call.parameters["WorkflowArn"]
    if arn not in _workflows(call):
        raise NotFound(f"Workflow {arn} does not exist.")
    return _workflows(call)[arn]


def _version(call: Call, workflow: Item) -> Item:
    """The version that the request names, or the newest."""
    versions: list[Item] = workflow["Versions"]
    wanted = call.parameters.get("WorkflowVersion", versions[-1]["WorkflowVersion"])
    for version in versions:
        if version["WorkflowVersion"] == wanted:
            return version
    raise NotFound(f"Workflow version {wanted} does not exist.")


def _add_version(call: Call, workflow: Item) -> Item:
    """Another version, from the definition that lies at the place that the request names."""
    place = call.parameters["DefinitionS3Location"]
    bucket = call.backend("s3").buckets.get(place["Bucket"])
    if bucket is None or place["ObjectKey"] not in bucket.keys:
        raise Invalid(f"No workflow definition at s3://{place['Bucket']}/{place['ObjectKey']}.")
    now = utcnow()
    version = {
        **{name: value for name, value in call.parameters.items() if name not in ("ClientToken", "Tags")},
        "WorkflowArn": workflow["WorkflowArn"],
        "WorkflowVersion": identifier(32),
        "CreatedAt": now,
        "ModifiedAt": now,
        "WorkflowDefinition": bucket.keys[place["ObjectKey"]].value.decode(errors="replace"),
    }
    for older in workflow["Versions"]:
        older["IsLatestVersion"] = False
    version["IsLatestVersion"] = True
    workflow["Versions"].append(version)
    workflow["ModifiedAt"] = now
    return version


def _create(call: Call) -> Item:
    name = call.parameters["Name"]
    if any(workflow["Name"] == name for workflow in _workflows(call).values()):
        raise InUse(f"A workflow named {name} already exists.")
    workflow: Item = {
        "Name": name,
        "WorkflowArn": call.arn(f"workflow/{name}-{identifier(10)}"),
        "CreatedAt": utcnow(),
        "WorkflowStatus": "READY",
        "EngineVersion": 1,
        "EncryptionConfiguration": {"Type": "AWS_MANAGED_KEY"},
        **call.parameters,
        "Tags": call.parameters.get("Tags", {}),
        "Versions": [],
        "Runs": [],
    }
    version = _add_version(call, workflow)
    _workflows(call)[workflow["WorkflowArn"]] = workflow
    return {**version, "WorkflowStatus": "READY", "RevisionId": version["WorkflowVersion"]}


def _update(call: Call) -> Item:
    return _add_version(call, _workflow(call))


def _get(call: Call) -> Item:
    workflow = _workflow(call)
    return {**workflow, **_version(call, workflow), "CreatedAt": workflow["CreatedAt"]}


def _list(call: Call) -> Item:
    told = [{**workflow, **workflow["Versions"][-1]} for workflow in _workflows(call).values()]
    return listed(call, told, "Name")


def _list_versions(call: Call) -> Item:
    return listed(call, reversed(_workflow(call)["Versions"]))


def _delete(call: Call) -> Item:
    """All of a workflow, or one version of it that is not its last."""
    workflow = _workflow(call)
    if "WorkflowVersion" in call.parameters and len(workflow["Versions"]) > 1:
        version = _version(call, workflow)
        workflow["Versions"].remove(version)
        workflow["Versions"][-1]["IsLatestVersion"] = True
        return version
    del _workflows(call)[workflow["WorkflowArn"]]
    return workflow


def _start(call: Call) -> Item:
    """A run, which is over at once."""
    workflow = _workflow(call)
    now = utcnow()
    run = {
        "RunId": uuid(),
        "WorkflowArn": workflow["WorkflowArn"],
        "WorkflowVersion": _version(call, workflow)["WorkflowVersion"],
        "RunType": "ON_DEMAND",
        "OverrideParameters": call.parameters.get("OverrideParameters"),
        "StartedAt": now,
        "EndedAt": now + TOOK,
        "RunState": "SUCCESS",
    }
    workflow["Runs"].append(run)
    return {**run, "Status": "STARTING"}


def _run(call: Call) -> Item:
    for run in _workflow(call)["Runs"]:
        if run["RunId"] == call.parameters["RunId"]:
            found: Item = run
            return found
    raise NotFound(f"Workflow run {call.parameters['RunId']} does not exist.")


def _get_run(call: Call) -> Item:
    run = _run(call)
    detail = {
        "WorkflowArn": run["WorkflowArn"],
        "WorkflowVersion": run["WorkflowVersion"],
        "RunId": run["RunId"],
        "RunType": run["RunType"],
        "RunState": run["RunState"],
        "CreatedAt": run["StartedAt"],
        "StartedOn": run["StartedAt"],
        "CompletedOn": run["EndedAt"],
        "ModifiedAt": run["EndedAt"],
        "Duration": int(TOOK.total_seconds()),
        "TaskInstances": [],
    }
    return {**run, "RunDetail": detail}


def _list_runs(call: Call) -> Item:
    wanted = call.parameters.get("WorkflowVersion")
    told = [
        {
            **run,
            "RunDetailSummary": {
                "Status": run["RunState"],
                "CreatedOn": run["StartedAt"],
                "StartedAt": run["StartedAt"],
                "EndedAt": run["EndedAt"],
            },
        }
        for run in reversed(_workflow(call)["Runs"])
        if wanted in (None, run["WorkflowVersion"])
    ]
    return listed(call, told)


def _stop(call: Call) -> Item:
    raise Invalid(f"Workflow run {_run(call)['RunId']} is not running.")


EXTENSION = Extension(
    SERVICE,
    {
        "CreateWorkflow": _create,
        "UpdateWorkflow": _update,
        "GetWorkflow": _get,
        "ListWorkflows": _list,
        "ListWorkflowVersions": _list_versions,
        "DeleteWorkflow": _delete,
        "StartWorkflowRun": _start,
        "GetWorkflowRun": _get_run,
        "ListWorkflowRuns": _list_runs,
        "StopWorkflowRun": _stop,
        **Tagging(SERVICE, {"Workflow": "WorkflowArn"}).handlers(),
    },
)
