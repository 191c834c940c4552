"""SageMaker Pipelines: definitions and their versions, and executions whose steps do what the definition says.

A step makes the job, the model or the version of a model that its arguments describe, so that those are listed as well;
its parameters, and what it takes from steps before it, are filled in. An execution is done at the first look, step
after step as if the clock ran ahead, and can be stopped until that time has passed. A step of a sort that makes nothing
here, such as a Lambda function, succeeds; so does the mere outline of a step, whose arguments hold nothing of what its
call requires.

A condition is told by the values of its two sides. No script runs here, so a report that a step would have written is
read from where it belongs in S3, if somebody put it there; a condition on a value that nobody knows counts as met.

Moto says of each execution that it succeeded, whatever the definition says, and that a user of Studio started it; it
has no steps, keeps the definition from S3 in a form that no client can read, and filters a page instead of all.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime
import json
import operator
import secrets
import string
from collections.abc import Callable
from typing import Any

from botocore.validate import ParamValidator
from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Handler, Invalid, Item, NotFound, Refused, model_of
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed
from readiness.emulator.services.sagemaker import automl, experiments, jobs, registry, training, tuning
from readiness.emulator.services.sagemaker.catalogue import INVALID, SERVICE, SORTS, Sort, caller, ordered, utc, within
from readiness.emulator.services.sagemaker.jobs import later

CONFLICT = "ConflictException"
SECONDS = 5
"""How long a step takes that starts no job."""


def _versions(item: Item) -> list[Item]:
    versions: list[Item] = item.setdefault("Versions", [])
    return versions


def _define(call: Call, item: Item) -> None:
    """A definition is given, or lies in S3; each is a version of the pipeline."""
    given = [name for name in ("PipelineDefinition", "PipelineDefinitionS3Location") if name in call.parameters]
    if len(given) > 1 or not (given or "Versions" in item):
        raise Invalid("Either PipelineDefinition or PipelineDefinitionS3Location must be specified.")
    if not given:
        return
    place = item.pop("PipelineDefinitionS3Location", None)
    text = item["PipelineDefinition"] if place is None else _text(call, place["Bucket"], place["ObjectKey"])
    if text is None:
        raise Invalid("The definition is not in S3.")
    try:
        steps = json.loads(text)["Steps"]
    except (ValueError, KeyError, TypeError):
        raise Invalid("The pipeline definition is not valid JSON with Steps.") from None
    names = [step.get("Name") for step in _everywhere(steps)]
    if len(names) != len(set(names)):
        raise Invalid("Step names must be unique within a pipeline.")
    item["PipelineDefinition"] = text
    number = len(_versions(item)) + 1
    version = {
        "PipelineArn": item["PipelineArn"],
        "PipelineVersionId": number,
        "CreationTime": item["LastModifiedTime"],
        "LastModifiedTime": item["LastModifiedTime"],
        "CreatedBy": caller(call),
        "PipelineDefinition": text,
        "PipelineVersionAliases": item.pop("PipelineVersionAliases", None),
    }
    _versions(item).append(version)


def _everywhere(steps: list[Item]) -> list[Item]:
    """The steps, with those in the branches of conditions."""
    found = []
    for step in steps:
        arguments = step.get("Arguments") or {}
        inner = (
            [*arguments.get("IfSteps", []), *arguments.get("ElseSteps", [])] if step.get("Type") == "Condition" else []
        )
        found += [step, *_everywhere(inner)]
    return found


def _text(call: Call, bucket: str, key: str) -> str | None:
    """A text in S3, or nothing where there is none."""
    held = call.backend("s3").buckets.get(bucket)
    found = held.keys.get(key) if held else None
    return found.value.decode() if found else None


def _create(call: Call, item: Item) -> None:
    item.setdefault("PipelineDisplayName", item["PipelineName"])
    item["CreatedBy"] = item["LastModifiedBy"] = caller(call)
    _define(call, item)


def _change(call: Call, item: Item) -> None:
    item["LastModifiedBy"] = caller(call)
    _define(call, item)
    item["PipelineVersionId"] = len(_versions(item))


PIPELINES = Sort(
    SERVICE,
    "Pipeline",
    "PipelineName",
    "pipeline/{}",
    status=("PipelineStatus", "Active"),
    created=_create,
    changed=_change,
    look=lambda _, item: {**item, "LastExecutionTime": item.get("LastRunTime")},
    newest_first=True,
    taken=INVALID,
)


def _list(call: Call) -> Item:
    """By the begin of the name, too; none is managed by AWS."""
    prefix = call.parameters.get("PipelineNamePrefix", "")
    mine = call.parameters.get("ManagedBy", "CUSTOMER") == "CUSTOMER"
    items = [one for one in PIPELINES.items(call).values() if mine and one["PipelineName"].startswith(prefix)]
    return PIPELINES.page(call, items)


def _describe(call: Call) -> Item:
    """The pipeline, or a version of it."""
    item = PIPELINES.describe(call)
    version = _version(item, call.parameters)
    if version is None:
        return item
    shown = ("PipelineDefinition", "PipelineVersionDisplayName", "PipelineVersionDescription", "PipelineVersionAliases")
    return {**item, **{name: version.get(name) for name in shown}}


def _version(item: Item, asked: Item) -> Item | None:
    """The version that a request names by its number or by an alias."""
    number, alias = asked.get("PipelineVersionId"), asked.get("PipelineVersionAlias")
    if number is None and alias is None:
        return None
    for version in _versions(item):
        if version["PipelineVersionId"] == number or alias in (version.get("PipelineVersionAliases") or []):
            return version
    raise NotFound(f"Pipeline {item['PipelineName']} has no version {number or alias}.")


def _list_versions(call: Call) -> Item:
    versions = _versions(PIPELINES.find(call))
    return listed(call, versions, "PipelineArn", asked=ordered(call.parameters, newest_first=True))


def _update_version(call: Call) -> Item:
    """Tell more of a version, and change its aliases, each of which only one version has."""
    asked = call.parameters
    item = PIPELINES.get(call, asked["PipelineArn"])
    version = _version(item, asked) or {}
    version |= {name: value for name, value in asked.items() if name.startswith(("PipelineVersionD",))}
    change = asked.get("PipelineVersionAliasOperations", {})
    for one in _versions(item):
        own = one.get("PipelineVersionAliases") or []
        one["PipelineVersionAliases"] = [alias for alias in own if alias not in change.get("Add", [])] or None
    own = [*(version["PipelineVersionAliases"] or []), *change.get("Add", [])]
    version["PipelineVersionAliases"] = [alias for alias in own if alias not in change.get("Remove", [])] or None
    version["LastModifiedTime"] = utcnow()
    return version


def _delete(call: Call) -> Item:
    """Forget a pipeline and its executions; the jobs that those started stay."""
    item = PIPELINES.find(call)
    runs = EXECUTIONS.items(call)
    own = [arn for arn, run in runs.items() if run["PipelineArn"] == item["PipelineArn"]]
    for arn in own:
        del runs[arn]
    return PIPELINES.delete(call)


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
SORTS.update({"Pipeline": PIPELINES, "PipelineExecution": EXECUTIONS})


def _start(call: Call) -> Item:
    """Execute a pipeline; the same token starts nothing twice."""
    asked = copy.deepcopy(call.parameters)
    item = PIPELINES.find(call)
    for run in EXECUTIONS.items(call).values():
        if (run["PipelineArn"], run["Token"]) == (item["PipelineArn"], asked["ClientRequestToken"]):
            return run
    version = _version(item, asked) or _versions(item)[-1]
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
    execution = _Execution(call, item, run, moment)
    run["Steps"] = execution.steps
    if config := execution.definition.get("PipelineExperimentConfig"):
        run["PipelineExperimentConfig"] = _experiment(call, run, execution.filled(config))
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


@dataclasses.dataclass(frozen=True)
class _Maker:
    """What a step of some sort makes.

    Attributes:
        operation: that makes it.
        create: does it.
        member: the member of the step's metadata, and the name of the ARN in what was made.
        name: the member that names it, where the step gives none.
        look: tells of it what later steps take.
        end: the member that tells when it was done.
    """

    operation: str
    create: Callable[[Call], Item]
    member: tuple[str, str]
    name: str = ""
    look: Callable[[Call, Item], Item] = lambda _, item: item
    end: str = ""


def _model(call: Call) -> Item:
    """A model as moto keeps it."""
    given = call.parameters
    models = call.backend(SERVICE)
    if given["ModelName"] in models._models:
        raise Invalid(f"Model {given['ModelName']} already exists.")
    made = models.create_model(
        model_name=given["ModelName"],
        execution_role_arn=given.get("ExecutionRoleArn"),
        primary_container=given.get("PrimaryContainer"),
        vpc_config=given.get("VpcConfig"),
        containers=given.get("Containers"),
        tags=given.get("Tags", []),
    )
    return {**given, "ModelArn": made.arn}


def _package(call: Call) -> Item:
    """A version; its group is made where it is not there."""
    name = call.parameters.get("ModelPackageGroupName")
    if name and name not in registry.GROUPS.items(call):
        registry.GROUPS.create(within(call, "CreateModelPackageGroup", {"ModelPackageGroupName": name}))
    return registry.register(call)


MAKERS = {
    "Training": _Maker(
        "CreateTrainingJob",
        training.TRAINING.create,
        ("TrainingJob", "TrainingJobArn"),
        "TrainingJobName",
        training.TRAINING.look,
        "TrainingEndTime",
    ),
    "Processing": _Maker(
        "CreateProcessingJob",
        jobs.PROCESSING.create,
        ("ProcessingJob", "ProcessingJobArn"),
        "ProcessingJobName",
        end="ProcessingEndTime",
    ),
    "Transform": _Maker(
        "CreateTransformJob",
        jobs.TRANSFORM.create,
        ("TransformJob", "TransformJobArn"),
        "TransformJobName",
        end="TransformEndTime",
    ),
    "Tuning": _Maker(
        "CreateHyperParameterTuningJob",
        tuning.TUNING.create,
        ("TuningJob", "HyperParameterTuningJobArn"),
        "HyperParameterTuningJobName",
        tuning.TUNING.look,
        "HyperParameterTuningEndTime",
    ),
    "AutoML": _Maker(
        "CreateAutoMLJobV2", automl.JOBS.create, ("AutoMLJob", "AutoMLJobArn"), "AutoMLJobName", end="EndTime"
    ),
    "Model": _Maker("CreateModel", _model, ("Model", "ModelArn"), "ModelName"),
    "RegisterModel": _Maker("CreateModelPackage", _package, ("RegisterModel", "ModelPackageArn")),
}
"""The sorts of step that make something."""

SHORT = {"HyperParameterTuningJobName", "AutoMLJobName"}
"""The names that hold 32 characters at most."""


class _Unknown:
    """A value that nobody knows, for no script ran that would have written it."""


UNKNOWN = _Unknown()


class _Failure(Exception):
    """A step fails, for this reason."""


def _input_of(operation: str) -> Any:
    return model_of(SERVICE).operation_model(operation).input_shape


class _Execution:
    """An execution while it runs: where its clock is, and what its steps have made."""

    def __init__(self, call: Call, pipeline: Item, run: Item, moment: datetime.datetime) -> None:
        self._call = call
        self._run = run
        self.definition: Item = json.loads(run["PipelineDefinition"])
        self.steps: list[Item] = []
        self.now = moment
        self._code: str = run["PipelineExecutionArn"].rpartition("/")[2]
        self._made: dict[str, Item] = {}
        known = {one["Name"]: one.get("DefaultValue") for one in self.definition.get("Parameters", [])}
        kinds = {one["Name"]: one.get("Type") for one in self.definition.get("Parameters", [])}
        for one in run["PipelineParameters"]:
            known[one["Name"]] = _typed(one["Value"], kinds[one["Name"]])
        self._known: Item = {
            "Parameters": known,
            "Execution": {
                "PipelineName": pipeline["PipelineName"],
                "PipelineArn": run["PipelineArn"],
                "PipelineExecutionArn": run["PipelineExecutionArn"],
                "PipelineExecutionId": self._code,
                "StartDateTime": utc(run["CreationTime"]).isoformat(),
                "CurrentDateTime": utc(moment).isoformat(),
                "ProcessingJobName": "",
                "TrainingJobName": "",
            },
        }
        self._files: dict[tuple[str, str], Item] = {}

    def run(self, steps: list[Item]) -> None:
        """Let steps run, each after those that it depends on; after a failure, no more are begun."""
        selected = {
            one["StepName"] for one in (self._run.get("SelectiveExecutionConfig") or {}).get("SelectedSteps", [])
        }
        for step in _in_order(steps):
            if any(done["StepStatus"] == "Failed" for done in self.steps):
                return
            if not selected or step.get("Name") in selected:
                self._step(step)

    def _step(self, step: Item) -> None:
        told: Item = {
            "StepName": step.get("Name", ""),
            "StepDisplayName": step.get("DisplayName"),
            "StepDescription": step.get("Description"),
            "StartTime": self.now,
            "AttemptCount": 1,
            "StepStatus": "Succeeded",
        }
        self.steps.append(told)
        for one in step.get("PropertyFiles", []):
            self._files[told["StepName"], one["PropertyFileName"]] = one
        branch: list[Item] = []
        try:
            told["Metadata"], branch = self._done(step, step.get("Arguments") or {})
        except _Failure as failure:
            told |= {"StepStatus": "Failed", "FailureReason": str(failure)}
            if step.get("Type") == "Fail":
                told["Metadata"] = {"Fail": {"ErrorMessage": str(failure)}}
        self.now = max(self.now, later(told["StartTime"], SECONDS))
        told["EndTime"] = self.now
        self.run(branch)

    def _done(self, step: Item, arguments: Item) -> tuple[Item | None, list[Item]]:
        """What a step tells of what it did, and the steps that follow from it."""
        kind = step.get("Type")
        if kind == "Fail":
            message = self.filled(arguments.get("ErrorMessage", ""))
            raise _Failure(message if isinstance(message, str) else "")
        if kind == "Condition":
            met = all(self._met(one) for one in arguments.get("Conditions", []))
            branch = arguments.get("IfSteps" if met else "ElseSteps", [])
            return {"Condition": {"Outcome": str(met)}}, branch
        if kind not in MAKERS or not arguments:
            return None, []
        maker = MAKERS[kind]
        required = set(_input_of(maker.operation).required_members) - {maker.name}
        if required and not required & arguments.keys():
            return None, []
        return self._make(maker, step, arguments), []

    def _make(self, maker: _Maker, step: Item, arguments: Item) -> Item:
        """Make what the step describes, or fail as the call would."""
        given = self.filled(arguments)
        if not isinstance(given, dict) or _within(given):
            raise _Failure(f"{maker.operation} needs a value that no step before it has.")
        if maker.name:
            whole = f"{self._code}-{step['Name']}"
            name = whole[:24] if maker.name in SHORT else f"pipelines-{whole}"[:52]
            given.setdefault(maker.name, f"{name.rstrip('-')}-{secrets.token_hex(3)}")
        given.setdefault("Tags", []).append(
            {"Key": "sagemaker:pipeline-execution-arn", "Value": self._run["PipelineExecutionArn"]}
        )
        config = self._run.get("PipelineExperimentConfig")
        if config and maker.operation in ("CreateTrainingJob", "CreateProcessingJob", "CreateTransformJob"):
            given.setdefault("ExperimentConfig", dict(config))
        report = ParamValidator().validate(given, _input_of(maker.operation))
        if report.has_errors():
            raise _Failure(f"ClientError: {maker.operation}: {report.generate_report()}")
        try:
            begun = {"Begun": self.now} if maker.end else {}
            made = maker.create(within(self._call, maker.operation, {**given, **begun}))
        except Refused as refused:
            raise _Failure(f"ClientError: {maker.operation}: {refused}") from refused
        self._made[step["Name"]] = made = maker.look(self._call, made)
        if maker.end:
            self.now = max(self.now, made[maker.end])
        member, arn = maker.member
        return {member: {"Arn": made[arn]}}

    def _met(self, condition: Item) -> bool:
        """Whether a condition is met; one on what nobody knows is."""
        kind = condition.get("Type")
        if kind == "Not":
            return not self._met(condition["Expression"])
        if kind == "Or":
            return any(self._met(one) for one in condition["Conditions"])
        if kind == "In":
            value, choices = self.filled(condition["QueryValue"]), self.filled(condition["Values"])
            return isinstance(value, _Unknown) or value in choices
        left, right = self.filled(condition.get("LeftValue")), self.filled(condition.get("RightValue"))
        if isinstance(left, _Unknown) or isinstance(right, _Unknown):
            return True
        try:
            return bool(COMPARED[str(kind)](left, right))
        except (KeyError, TypeError):
            raise _Failure(f"The condition {kind} can't compare {left!r} with {right!r}.") from None

    def filled(self, value: Any) -> Any:
        """A part of the definition with its references filled in."""
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"Get"}:
            return self._got(value["Get"])
        if set(value) == {"Std:Join"}:
            parts = self.filled(value["Std:Join"]["Values"])
            if any(isinstance(part, _Unknown) for part in parts):
                return UNKNOWN
            return str(value["Std:Join"]["On"]).join(str(part) for part in parts)
        if set(value) == {"Std:JsonGet"}:
            return self._reported(value["Std:JsonGet"])
        return {name: self.filled(inner) for name, inner in value.items()}

    def _got(self, path: str) -> Any:
        """What `Parameters.Baseline` or `Steps.Train.ModelArtifacts.S3ModelArtifacts` stands for."""
        names = path.replace("['", ".").replace("']", "").replace("[", ".").replace("]", "").split(".")
        here: Any = self._made if names[0] == "Steps" else self._known.get(names[0], {})
        for name in names[1:]:
            if isinstance(here, list):
                here = _nth(here, name)
            else:
                here = here.get(name, UNKNOWN) if isinstance(here, dict) else UNKNOWN
        return here

    def _reported(self, wanted: Item) -> Any:
        """A value in a report that a step left in S3."""
        reference = wanted.get("PropertyFile", {}).get("Get", "")
        parts = reference.split(".")
        if len(parts) != 4 or (file := self._files.get((parts[1], parts[3]))) is None:
            return UNKNOWN
        outputs = self._made.get(parts[1], {}).get("ProcessingOutputConfig", {}).get("Outputs", [])
        places = [
            one["S3Output"]["S3Uri"] for one in outputs if one["OutputName"] == file["OutputName"] and "S3Output" in one
        ]
        if not places:
            return UNKNOWN
        bucket, _, folder = places[0].removeprefix("s3://").partition("/")
        text = _text(self._call, bucket, f"{folder.rstrip('/')}/{file['FilePath']}".lstrip("/"))
        if text is None:
            return UNKNOWN
        try:
            here: Any = json.loads(text)
        except ValueError:
            raise _Failure(f"The property file {file['PropertyFileName']} is not valid JSON.") from None
        path = wanted["Path"].replace("['", ".").replace("']", "").replace("[", ".").replace("]", "")
        for name in path.split("."):
            here = (
                _nth(here, name)
                if isinstance(here, list)
                else here.get(name, UNKNOWN)
                if isinstance(here, dict)
                else UNKNOWN
            )
        if isinstance(here, _Unknown):
            raise _Failure(f"The property file {file['PropertyFileName']} has no {wanted['Path']}.")
        return here


COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


KINDS: dict[str, Callable[[str], Any]] = {
    "Integer": int,
    "Float": float,
    "Boolean": lambda text: text.lower() == "true",
}
"""The types of parameters that are not texts."""


def _typed(value: str, kind: str | None) -> Any:
    """A parameter, which a request gives as text, as its definition wants it."""
    read = KINDS.get(str(kind), str)
    try:
        return read(value)
    except ValueError:
        raise Invalid(f"{value} is not of the type {kind}.") from None


def _nth(values: list[Any], name: str) -> Any:
    """An element by its place, or by its name as in `Outputs['train']`."""
    if name.isdigit():
        return values[int(name)] if int(name) < len(values) else UNKNOWN
    return next((one for one in values if isinstance(one, dict) and name in one.values()), UNKNOWN)


def _within(value: Any) -> bool:
    """Whether a value that nobody knows is in it."""
    if isinstance(value, dict):
        return any(_within(one) for one in value.values())
    return any(_within(one) for one in value) if isinstance(value, list) else isinstance(value, _Unknown)


def _references(value: Any) -> set[str]:
    """The steps that a part of a definition takes something from."""
    if isinstance(value, dict):
        got = value.get("Get")
        own = {got.split(".")[1].partition("[")[0]} if isinstance(got, str) and got.startswith("Steps.") else set()
        return own.union(*(_references(one) for one in value.values()))
    return set().union(*(_references(one) for one in value)) if isinstance(value, list) else set()


def _in_order(steps: list[Item]) -> list[Item]:
    """Steps, each after those of them that it depends on."""
    waiting, ordered_steps = list(steps), []
    while waiting:
        names = {step.get("Name") for step in waiting}
        free = [
            step
            for step in waiting
            if not (({*step.get("DependsOn", [])} | _references(step)) & names) - {step.get("Name")}
        ]
        # What waits for itself in a circle is taken as it comes.
        ordered_steps += free or waiting
        waiting = [step for step in waiting if step not in ordered_steps]
    return ordered_steps


def _list_executions(call: Call) -> Item:
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


def _definition(call: Call) -> Item:
    return EXECUTIONS.find(call)


def _change_execution(call: Call) -> Item:
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
    **PIPELINES.handlers(),
    "ListPipelines": _list,
    "DescribePipeline": _describe,
    "DeletePipeline": _delete,
    "ListPipelineVersions": _list_versions,
    "UpdatePipelineVersion": _update_version,
    "StartPipelineExecution": _start,
    "DescribePipelineExecution": EXECUTIONS.describe,
    "ListPipelineExecutions": _list_executions,
    "ListPipelineExecutionSteps": _steps,
    "ListPipelineParametersForExecution": _parameters,
    "DescribePipelineDefinitionForExecution": _definition,
    "UpdatePipelineExecution": _change_execution,
    "StopPipelineExecution": _stop,
    "RetryPipelineExecution": _retry,
}

EXTENSION = Extension(SERVICE, HANDLERS)
