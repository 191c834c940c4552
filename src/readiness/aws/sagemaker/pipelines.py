"""SageMaker Pipelines: pipelines, the outline of their definitions, their executions."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_EXECUTIONS = 100
"""How many executions of each pipeline are read: one page."""

NOTEBOOK_MARK = "SM_INPUT_NOTEBOOK_NAME"
"""A variable that only the training step of a scheduled notebook sets."""

TRAINING_STEPS = frozenset({"AutoML", "Training", "Tuning"})
REPACKING = "repack"
"""Part of the names of steps that only put a script into a model's archive, though by a training job."""

BRANCHES = ("IfSteps", "ElseSteps")

CHECKING_STEPS = frozenset({"ClarifyCheck", "QualityCheck"})
"""Steps that compare data or a model with a baseline, and end the execution where it is not kept."""


@resource("sagemaker", Call(operation="ListPipelines", give={"ManagedBy": "CUSTOMER"}))
class Pipeline(Record):
    """A pipeline that somebody made; those that AWS manages are left out."""

    pipeline_name: str = ""
    pipeline_arn: str = ""


class Step(Record):
    """A step of a pipeline: Training, Processing, RegisterModel and so on; gated where a condition leads to it."""

    name: str
    type: str
    gated: bool = False


@resource("sagemaker", "DescribePipeline", per=Pipeline)
class PipelineDefinition(Record):
    """A pipeline's definition, of which only the names and types of the steps are kept: the rest may hold secrets."""

    pipeline_name: str = ""
    pipeline_arn: str = ""
    pipeline_definition: str = ""

    def __post_init__(self) -> None:
        """Reduce the definition to its outline; an outline stays as it is."""
        outline = json.dumps(msgspec.to_builtins(_outline(self.pipeline_definition)), separators=(",", ":"))
        msgspec.structs.force_setattr(self, "pipeline_definition", outline)

    @property
    def steps(self) -> list[Step]:
        """The steps, those inside conditions included."""
        # msgspec's own decoder refuses half a surrogate pair, which a name may hold.
        return msgspec.convert(json.loads(self.pipeline_definition), list[Step])

    @property
    def trains(self) -> bool:
        """Whether a step trains a model."""
        return any(step.type in TRAINING_STEPS and REPACKING not in step.name.lower() for step in self.steps)


def _outline(definition: str) -> list[Step]:
    try:
        parsed = json.loads(definition)
    except ValueError:
        return []
    # An outline is a list of steps already, a definition has them under its own name.
    return list(_steps(parsed.get("Steps") if isinstance(parsed, dict) else parsed, gated=False))


def _steps(steps: Any, *, gated: bool) -> Iterator[Step]:
    for step in steps if isinstance(steps, list) else []:
        if not isinstance(step, dict):
            continue
        arguments = step.get("Arguments")
        arguments = arguments if isinstance(arguments, dict) else {}
        notebook = NOTEBOOK_MARK in (arguments.get("Environment") or {})
        kind = "NotebookJob" if notebook else str(step.get("Type", ""))
        yield Step(name=str(step.get("Name", "")), type=kind, gated=gated or step.get("Gated") is True)
        for branch in BRANCHES:
            yield from _steps(arguments.get(branch), gated=True)


@resource(
    "sagemaker",
    Call(operation="ListPipelineExecutions", give={"SortBy": "CreationTime", "SortOrder": "Descending"}),
    per=Pipeline,
    newest=NEWEST_EXECUTIONS,
)
class PipelineExecution(Record):
    """A run of a pipeline; runs stay listed as long as the pipeline exists, which costs nothing."""

    pipeline_name: str
    pipeline_execution_arn: str = ""
    pipeline_execution_status: Enumerated = ""
    start_time: datetime.datetime | None = None


class CheckedExecution(Record):
    """Of a pipeline with a step that compares with a baseline: its newest execution, one that ended well if any did."""

    pipeline_execution_arn: str

    @classmethod
    def derive(
        cls, definitions: list[PipelineDefinition], executions: list[PipelineExecution]
    ) -> Iterator[CheckedExecution]:
        """One of each such pipeline, for what its steps did has to be asked for."""
        checking = {one.pipeline_name for one in definitions if CHECKING_STEPS & {step.type for step in one.steps}}
        chosen: dict[str, PipelineExecution] = {}
        for execution in sorted(executions, key=_preferred):
            if execution.pipeline_name in checking:
                chosen[execution.pipeline_name] = execution
        for execution in chosen.values():
            yield cls(pipeline_execution_arn=execution.pipeline_execution_arn)


def _preferred(execution: PipelineExecution) -> tuple[bool, datetime.datetime, str]:
    """What is looked at rather than another, the best last."""
    start = execution.start_time or datetime.datetime.min.replace(tzinfo=datetime.UTC)
    return execution.pipeline_execution_status == "Succeeded", start, execution.pipeline_execution_arn


class BaselineCheck(Record):
    """What a step compared with a baseline, such as DATA_BIAS or MODEL_QUALITY; it may have been told not to."""

    check_type: str = ""
    skip_check: bool = False
    check_job_arn: str | None = None

    @property
    def measured(self) -> bool:
        """Whether it looked at anything: a step that skips the comparison may still take a new baseline."""
        return not self.skip_check or bool(self.check_job_arn)


class StepMetadata(Record):
    """What a step did; of most sorts that is not kept."""

    clarify_check: BaselineCheck | None = None
    quality_check: BaselineCheck | None = None


@resource(
    "sagemaker",
    Call(
        operation="ListPipelineExecutionSteps",
        by={"PipelineExecutionArn": "PipelineExecutionArn"},
        absent=("ResourceNotFound",),
    ),
    per=CheckedExecution,
)
class PipelineStepRun(Record):
    """What a step did in an execution of a pipeline that compares with a baseline."""

    pipeline_execution_arn: str
    step_name: str = ""
    step_status: Enumerated = ""
    metadata: StepMetadata = StepMetadata()

    @property
    def check(self) -> BaselineCheck | None:
        """What it compared, where it did."""
        return self.metadata.clarify_check or self.metadata.quality_check
