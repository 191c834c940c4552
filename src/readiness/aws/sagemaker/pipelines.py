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
        return msgspec.json.decode(self.pipeline_definition, type=list[Step])

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
