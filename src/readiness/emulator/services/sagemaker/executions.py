"""Executions of SageMaker Pipelines, whose steps do what the definition says.

A step makes the job, the model or the version of a model that its arguments describe, so that those are listed as well;
its parameters, and what it takes from steps before it, are filled in. An execution is done at the first look, step
after step as if the clock ran ahead, and can be stopped until that time has passed. A step of a sort that makes nothing
here, such as a Lambda function, succeeds; so does the mere outline of a step, whose arguments hold nothing of what its
call requires. A step that compares with a baseline says what it compared, and finds no violation.

A condition is told by the values of its two sides. No script runs here, so a report that a step would have written is
read from where it belongs in S3, if somebody put it there; a condition on a value that nobody knows counts as met.

Moto says of each execution that it succeeded, whatever the definition says, and that a user of Studio started it, and
it has no steps.
"""

from __future__ import annotations

import copy
import datetime
import json
import secrets
import string

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Handler, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed
from readiness.emulator.services.sagemaker import experiments
from readiness.emulator.services.sagemaker.catalogue import SERVICE, SORTS, Sort, caller, ordered, utc, within
from readiness.emulator.services.sagemaker.pipelines import PIPELINES, version_of, versions_of
from readiness.emulator.services.sagemaker.steps import Execution

CONFLICT = "ConflictException"


def _looked(item: Item) -> Item:
    return {
        **item,
        "PipelineExecutionFailureReason": item.get("FailureReason"),
        "StartTime": item["CreationTime"],
        "PipelineParameters": item["PipelineParameters"] or None,
    }


EXECUTIONS = Sort(
    SERVICE,
    "PipelineExecution",
    "PipelineExecutionArn",
    status=("PipelineExecutionStatus", "Succeeded"),
    look=lambda _, item: _looked(item),
    newest_first=True,
)
SORTS["PipelineExecution"] = EXECUTIONS


def _start(call: Call) -> Item:
    """Execute a pipeline; the same token starts nothing twice."""
    asked = copy.deepcopy(call.parameters)
    item = PIPELINES.find(call)
    for run in EXECUTIONS.items(call).values():
        if (run["PipelineArn"], run["Token"]) == (item["PipelineArn"], asked["ClientRequestToken"]):
            return run
    version = version_of(item, asked) or versions_of(item)[-1]
    code = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(12))
    now = utcnow()
    run = {
        "PipelineArn": item["PipelineArn"],
        "PipelineExecutionArn": f"{item['PipelineArn']}/execution/{code}",
        "PipelineExecutionDisplayName": asked.get(
            "PipelineExecutionDisplayName", f"execution-{int(utc(now).timestamp())}"
        ),
        "PipelineExecutionDescription": asked.get("PipelineExecutionDescription"),
        "PipelineVersionId": version["PipelineVersionId"],
        "PipelineVersionAliases": version.get("PipelineVersionAliases"),
        "PipelineDefinition": version["PipelineDefinition"],
        "PipelineParameters": asked.get("PipelineParameters", []),
        "ParallelismConfiguration": asked.get("ParallelismConfiguration") or item.get("ParallelismConfiguration"),
        "SelectiveExecutionConfig": asked.get("SelectiveExecutionConfig"),
        "RoleArn": asked.get("RoleArn", item["RoleArn"]),
        "Token": asked["ClientRequestToken"],
        "CreationTime": now,
        "CreatedBy": caller(call),
        "LastModifiedBy": caller(call),
    }
    _check_parameters(run)
    _run(call, item, run, now)
    EXECUTIONS.items(call)[run["PipelineExecutionArn"]] = run
    item["LastRunTime"] = now
    version["LastExecutionPipelineExecutionArn"] = run["PipelineExecutionArn"]
    version["LastExecutedPipelineExecutionArn"] = run["PipelineExecutionArn"]
    return run


def _check_parameters(run: Item) -> None:
    """Parameters are those of the definition, and one without a default must be given."""
    known = {one["Name"]: one for one in json.loads(run["PipelineDefinition"]).get("Parameters", [])}
    given = {one["Name"] for one in run["PipelineParameters"]}
    if unknown := given - known.keys():
        raise Invalid(f"Parameters {sorted(unknown)} are not in the pipeline definition.")
    if missing := [name for name, one in known.items() if "DefaultValue" not in one and name not in given]:
        raise Invalid(f"Parameters {missing} have no value.")


def _run(call: Call, item: Item, run: Item, moment: datetime.datetime) -> None:
    """Let an execution run from a moment on, and tell how it ended."""
    execution = Execution(call, item, run, moment)
    run["Steps"] = execution.steps
    if config := execution.definition.get("PipelineExperimentConfig"):
        run["PipelineExperimentConfig"] = _experiment(call, run, execution.references.filled(config))
    execution.run(execution.definition["Steps"])
    failed = [step for step in execution.steps if step["StepStatus"] == "Failed"]
    run["PipelineExecutionStatus"] = "Failed" if failed else "Succeeded"
    if failed:
        run["FailureReason"] = (
            f"Step failure: One or multiple steps failed: {', '.join(one['StepName'] for one in failed)}"
        )
    else:
        run.pop("FailureReason", None)
    run["LastModifiedTime"] = execution.now


def _experiment(call: Call, run: Item, config: Item) -> Item:
    """The experiment and the trial of an execution, made where they are not there."""
    source = {"SourceArn": run["PipelineArn"], "SourceType": "SageMakerPipeline"}
    for sort, operation in ((experiments.EXPERIMENTS, "CreateExperiment"), (experiments.TRIALS, "CreateTrial")):
        name = config.get(sort.key)
        if name and name not in sort.items(call):
            given = {sort.key: name, "ExperimentName": config["ExperimentName"], "Source": source}
            sort.create(within(call, operation, given))
    return config


def _list(call: Call) -> Item:
    item = PIPELINES.find(call)
    runs = [run for run in EXECUTIONS.items(call).values() if run["PipelineArn"] == item["PipelineArn"]]
    if alias := call.parameters.get("PipelineVersionAlias"):
        runs = [run for run in runs if alias in (run.get("PipelineVersionAliases") or [])]
    return EXECUTIONS.page(call, runs)


def _steps(call: Call) -> Item:
    steps = EXECUTIONS.find(call)["Steps"]
    asked = {name: value for name, value in call.parameters.items() if name != "PipelineExecutionArn"}
    return listed(call, steps, "StepName", asked=ordered(asked, newest_first=True))


def _parameters(call: Call) -> Item:
    run = EXECUTIONS.find(call)
    asked = {name: value for name, value in call.parameters.items() if name != "PipelineExecutionArn"}
    return listed(call, run["PipelineParameters"], "Name", asked=asked)


def _update(call: Call) -> Item:
    run = EXECUTIONS.find(call)
    run |= copy.deepcopy(call.parameters)
    run |= {"LastModifiedTime": max(run["LastModifiedTime"], utcnow()), "LastModifiedBy": caller(call)}
    return run


def _stop(call: Call) -> Item:
    """Stop an execution that still runs: a step that has not begun never begins."""
    run = EXECUTIONS.find(call)
    now = utcnow()
    if run["PipelineExecutionStatus"] not in ("Succeeded", "Failed") or run["LastModifiedTime"] <= now:
        raise Coded(CONFLICT, f"The execution is in status {run['PipelineExecutionStatus']}.")
    run["Steps"] = [step for step in run["Steps"] if step["StartTime"] <= now]
    for step in run["Steps"]:
        if step["EndTime"] > now:
            step |= {"StepStatus": "Stopped", "EndTime": now}
            step.pop("FailureReason", None)
    run.pop("FailureReason", None)
    run |= {"PipelineExecutionStatus": "Stopped", "LastModifiedTime": now, "LastModifiedBy": caller(call)}
    return run


def _retry(call: Call) -> Item:
    """Execute once more what failed or was stopped."""
    run = EXECUTIONS.find(call)
    if run["PipelineExecutionStatus"] not in ("Failed", "Stopped"):
        raise Coded(CONFLICT, f"The execution is in status {run['PipelineExecutionStatus']}.")
    item = PIPELINES.get(call, run["PipelineArn"])
    run["LastModifiedBy"] = caller(call)
    _run(call, item, run, utcnow())
    return run


HANDLERS: dict[str, Handler] = {
    "StartPipelineExecution": _start,
    "DescribePipelineExecution": EXECUTIONS.describe,
    "ListPipelineExecutions": _list,
    "ListPipelineExecutionSteps": _steps,
    "ListPipelineParametersForExecution": _parameters,
    "DescribePipelineDefinitionForExecution": EXECUTIONS.describe,
    "UpdatePipelineExecution": _update,
    "StopPipelineExecution": _stop,
    "RetryPipelineExecution": _retry,
}

EXTENSION = Extension(SERVICE, HANDLERS)
