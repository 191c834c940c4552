"""CodePipeline: pipelines, their stages and their executions."""

from __future__ import annotations

import datetime

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_EXECUTIONS = 100
"""How many executions of each pipeline are read, of those of the last twelve months that AWS keeps."""


@resource("codepipeline", "ListPipelines")
class Pipeline(Record, rename="camel"):
    """A pipeline by its name."""

    name: str = ""


class ActionType(Record, rename="camel"):
    """What an action does (Source, Build, Test, Deploy, Approval, Invoke), and by which provider."""

    category: str
    provider: str


class ActionConfiguration(Record):
    """The one setting of an action that is kept: others may hold tokens."""

    connection_arn: str | None = None


class Action(Record, rename="camel"):
    """An action of a stage."""

    name: str
    action_type_id: ActionType
    configuration: ActionConfiguration = ActionConfiguration()


class Stage(Record, rename="camel"):
    """A stage with its actions."""

    name: str
    actions: list[Action]


@resource("codepipeline", Call(operation="GetPipeline", take="pipeline"), per=Pipeline)
class PipelineStructure(Record, rename="camel"):
    """The stages of a pipeline."""

    name: str
    stages: list[Stage]


@resource(
    "codepipeline",
    Call(operation="ListPipelineExecutions", by={"pipelineName": "name"}),
    per=Pipeline,
    newest=NEWEST_EXECUTIONS,
)
class PipelineExecution(Record, rename="camel"):
    """A run of a pipeline."""

    pipeline_name: str
    pipeline_execution_id: str = ""
    status: Enumerated = ""
    start_time: datetime.datetime | None = None
