"""The steps of an execution of a pipeline: what each makes, decides, or fails of."""

from __future__ import annotations

import dataclasses
import datetime
import json
import operator
import secrets
from collections.abc import Callable
from typing import Any

from readiness.emulator.call import Call, Invalid, Item, Refused, model_of
from readiness.emulator.services.sagemaker import automl, jobs, registry, training, tuning
from readiness.emulator.services.sagemaker.catalogue import SERVICE, within
from readiness.emulator.services.sagemaker.jobs import later
from readiness.emulator.services.sagemaker.references import Failure, References, Unknown, holds_unknown, in_order
from readiness.emulator.validation import check_request

CHECKS = ("ClarifyCheck", "QualityCheck")
CHECKED = ("CheckType", "ModelPackageGroupName", "SkipCheck", "RegisterNewBaseline")
"""The sorts of step that compare with a baseline, and what their metadata repeats of their definition."""

SECONDS = 5
"""How long a step takes that starts no job."""


@dataclasses.dataclass(frozen=True)
class Maker:
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
    given, moto = call.parameters, call.backend(SERVICE)
    if given["ModelName"] in moto._models:
        raise Invalid(f"Model {given['ModelName']} already exists.")
    made = moto.create_model(
        model_name=given["ModelName"],
        execution_role_arn=given.get("ExecutionRoleArn"),
        primary_container=given.get("PrimaryContainer"),
        vpc_config=given.get("VpcConfig"),
        containers=given.get("Containers"),
        tags=given.get("Tags", []),
    )
    made.enable_network_isolation = given.get("EnableNetworkIsolation", False)
    return {**given, "ModelArn": made.arn}


def _package(call: Call) -> Item:
    """A version; its group is made where it is not there."""
    name = call.parameters.get("ModelPackageGroupName")
    if name and name not in registry.GROUPS.items(call):
        registry.GROUPS.create(within(call, "CreateModelPackageGroup", {"ModelPackageGroupName": name}))
    return registry.register(call)


MAKERS = {
    "Training": Maker(
        "CreateTrainingJob",
        training.TRAINING.create,
        ("TrainingJob", "TrainingJobArn"),
        "TrainingJobName",
        training.TRAINING.look,
        "TrainingEndTime",
    ),
    "Processing": Maker(
        "CreateProcessingJob",
        jobs.PROCESSING.create,
        ("ProcessingJob", "ProcessingJobArn"),
        "ProcessingJobName",
        end="ProcessingEndTime",
    ),
    "Transform": Maker(
        "CreateTransformJob",
        jobs.TRANSFORM.create,
        ("TransformJob", "TransformJobArn"),
        "TransformJobName",
        end="TransformEndTime",
    ),
    "Tuning": Maker(
        "CreateHyperParameterTuningJob",
        tuning.TUNING.create,
        ("TuningJob", "HyperParameterTuningJobArn"),
        "HyperParameterTuningJobName",
        tuning.TUNING.look,
        "HyperParameterTuningEndTime",
    ),
    "AutoML": Maker(
        "CreateAutoMLJobV2", automl.JOBS.create, ("AutoMLJob", "AutoMLJobArn"), "AutoMLJobName", end="EndTime"
    ),
    "Model": Maker("CreateModel", _model, ("Model", "ModelArn"), "ModelName"),
    "RegisterModel": Maker("CreateModelPackage", _package, ("RegisterModel", "ModelPackageArn")),
}
"""The sorts of step that make something."""

SHORT = {"HyperParameterTuningJobName", "AutoMLJobName"}
"""The names that hold 32 characters at most."""


TRACKED = {"CreateTrainingJob", "CreateProcessingJob", "CreateTransformJob"}
"""What becomes a part of the experiment of an execution."""

COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


class Execution:
    """An execution while it runs.

    Attributes:
        definition: of the pipeline.
        steps: what is told of the steps so far.
        now: where its clock is.
        references: what its definition refers to.
    """

    def __init__(self, call: Call, pipeline: Item, run: Item, moment: datetime.datetime) -> None:
        self._call = call
        self._run = run
        self.definition: Item = json.loads(run["PipelineDefinition"])
        self.steps: list[Item] = []
        self.now = moment
        self.references = References(call, pipeline, run, moment)

    def run(self, steps: list[Item]) -> None:
        """Let steps run, each after those that it depends on; after a failure, no more are begun."""
        chosen = (self._run.get("SelectiveExecutionConfig") or {}).get("SelectedSteps", [])
        selected = {one["StepName"] for one in chosen}
        for step in in_order(steps):
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
            self.references.files[told["StepName"], one["PropertyFileName"]] = one
        branch: list[Item] = []
        try:
            told["Metadata"], branch = self._done(step, step.get("Arguments") or {})
        except Failure as failure:
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
            message = self.references.filled(arguments.get("ErrorMessage", ""))
            raise Failure(message if isinstance(message, str) else "")
        if kind == "Condition":
            met = all(self._met(one) for one in arguments.get("Conditions", []))
            branch = arguments.get("IfSteps" if met else "ElseSteps", [])
            return {"Condition": {"Outcome": str(met)}}, branch
        if kind in CHECKS:
            return {kind: self._checked(step, arguments)}, []
        if kind not in MAKERS or not arguments:
            return None, []
        return self._followed(MAKERS[kind], step, arguments), []

    def _checked(self, step: Item, arguments: Item) -> Item:
        """What a step tells of its comparison, which a processing job makes; nothing here finds a violation."""
        told: Item = self.references.filled({member: step[member] for member in CHECKED if member in step})
        made = self._followed(MAKERS["Processing"], step, arguments) if arguments else None
        return {**told, **({"CheckJobArn": made["ProcessingJob"]["Arn"]} if made else {})}

    def _followed(self, maker: Maker, step: Item, arguments: Item) -> Item | None:
        """What the step makes; the mere outline of one makes nothing."""
        shape: Any = model_of(SERVICE).operation_model(maker.operation).input_shape
        required = set(shape.required_members) - {maker.name}
        outline = bool(required) and not required & arguments.keys()
        return None if outline else self._made(maker, step, arguments)

    def _made(self, maker: Maker, step: Item, arguments: Item) -> Item:
        """What the step describes, made; or a failure as that of the call."""
        given = self.references.filled(arguments)
        if not isinstance(given, dict) or holds_unknown(given):
            raise Failure(f"{maker.operation} needs a value that no step before it has.")
        if maker.name:
            whole = f"{self._run['PipelineExecutionArn'].rpartition('/')[2]}-{step['Name']}"
            name = whole[:24] if maker.name in SHORT else f"pipelines-{whole}"[:52]
            given.setdefault(maker.name, f"{name.rstrip('-')}-{secrets.token_hex(3)}")
        tag = {"Key": "sagemaker:pipeline-execution-arn", "Value": self._run["PipelineExecutionArn"]}
        given["Tags"] = [*given.get("Tags", []), tag]
        if maker.operation in TRACKED and (config := self._run.get("PipelineExperimentConfig")):
            given.setdefault("ExperimentConfig", dict(config))
        try:
            check_request(model_of(SERVICE).operation_model(maker.operation), given)
            begun = {"Begun": self.now} if maker.end else {}
            made = maker.create(within(self._call, maker.operation, {**given, **begun}))
        except Refused as refused:
            raise Failure(f"ClientError: {maker.operation}: {refused}") from refused
        self.references.made[step["Name"]] = made = maker.look(self._call, made)
        if maker.end:
            self.now = max(self.now, made[maker.end])
        member, arn = maker.member
        return {member: {"Arn": made[arn]}}

    def _met(self, condition: Item) -> bool:
        """Whether a condition is met; one on what nobody knows is."""
        kind, filled = condition.get("Type"), self.references.filled
        if kind == "Not":
            return not self._met(condition["Expression"])
        if kind == "Or":
            return any(self._met(one) for one in condition["Conditions"])
        if kind == "In":
            value, choices = filled(condition["QueryValue"]), filled(condition["Values"])
            return isinstance(value, Unknown) or value in choices
        left, right = filled(condition.get("LeftValue")), filled(condition.get("RightValue"))
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return True
        try:
            return bool(COMPARED[str(kind)](left, right))
        except (KeyError, TypeError):
            raise Failure(f"The condition {kind} can't compare {left!r} with {right!r}.") from None
