"""Bedrock: customization, evaluation and batch jobs, knowledge bases, agents, routers, and capacity that is paid for.

An invocation in real time leaves no resource behind, so none is listed here.
"""

from __future__ import annotations

import datetime

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_JOBS = 100
"""How many jobs of each sort are read."""

IDLE_DAYS = 7
"""Over how many days the use of provisioned throughput is counted."""


@resource(
    "bedrock",
    Call(operation="ListModelCustomizationJobs", give={"sortBy": "CreationTime", "sortOrder": "Descending"}),
    newest=NEWEST_JOBS,
)
class ModelCustomizationJob(Record, rename="camel"):
    """A fine-tuning, distillation or continued pre-training of a foundation model; it outlives the model."""

    job_arn: str
    job_name: str
    status: Enumerated
    base_model_arn: str
    creation_time: datetime.datetime
    customization_type: Enumerated | None = None


class Validator(Record, rename="camel"):
    """A dataset that a customization is validated on."""

    s3_uri: str


class Validation(Record, rename="camel"):
    """The datasets that a customization is validated on."""

    validators: list[Validator] = []


class TrainingMetrics(Record, rename="camel"):
    """What a customization measured on what it learned from."""

    training_loss: float | None = None


class ValidationMetric(Record, rename="camel"):
    """What a customization measured on a dataset that it had not seen."""

    validation_loss: float | None = None


@resource(
    "bedrock", Call(operation="GetModelCustomizationJob", by={"jobIdentifier": "jobArn"}), per=ModelCustomizationJob
)
class CustomizationValidation(Record, rename="camel"):
    """On what a customization was validated."""

    job_arn: str
    validation_data_config: Validation = Validation()
    training_metrics: TrainingMetrics | None = None
    validation_metrics: list[ValidationMetric] = []


@resource(
    "bedrock",
    Call(operation="ListEvaluationJobs", give={"sortBy": "CreationTime", "sortOrder": "Descending"}),
    newest=NEWEST_JOBS,
)
class EvaluationJob(Record, rename="camel"):
    """An evaluation of models, or of retrieval, by people or by a judge."""

    job_arn: str
    job_name: str
    status: Enumerated
    application_type: Enumerated | None = None
    model_identifiers: list[str] = []


@resource(
    "bedrock",
    Call(operation="ListModelInvocationJobs", give={"sortBy": "CreationTime", "sortOrder": "Descending"}),
    newest=NEWEST_JOBS,
)
class ModelInvocationJob(Record, rename="camel"):
    """A batch inference job."""

    job_arn: str
    job_name: str
    model_id: str
    status: Enumerated | None = None


@resource("bedrock", Call(operation="ListPromptRouters", give={"type": "custom"}))
class PromptRouter(Record, rename="camel"):
    """A router that somebody made, which picks one of several models for each prompt."""

    prompt_router_arn: str
    prompt_router_name: str


@resource("bedrock-agent", "ListKnowledgeBases")
class KnowledgeBase(Record, rename="camel"):
    """A knowledge base: documents that models answer from."""

    knowledge_base_id: str
    name: str
    status: Enumerated


@resource("bedrock-agent", "ListAgents")
class Agent(Record, rename="camel"):
    """An agent: a model with instructions and tools."""

    agent_id: str
    agent_name: str
    agent_status: Enumerated


@resource("bedrock", "ListProvisionedModelThroughputs")
class ProvisionedThroughput(Record, rename="camel"):
    """Capacity of a model that is paid for by the hour, used or not."""

    provisioned_model_arn: str
    provisioned_model_name: str
    status: Enumerated
    creation_time: datetime.datetime
    model_units: int = 0
    commitment_duration: str | None = None
    commitment_expiration_time: datetime.datetime | None = None


class UseDimension(Record):
    """The model that was counted."""

    name: str
    value: str


class DayOfUse(Record):
    """The invocations of a day."""

    sum: float = 0.0


@resource(
    "cloudwatch",
    Call(
        operation="GetMetricStatistics",
        by={"Dimensions": "[{Name: 'ModelId', Value: provisionedModelArn}]"},
        give={
            "Namespace": "AWS/Bedrock",
            "MetricName": "Invocations",
            "StartTime": datetime.timedelta(days=IDLE_DAYS),
            "EndTime": datetime.timedelta(0),
            "Period": 86400,
            "Statistics": ["Sum"],
        },
    ),
    per=ProvisionedThroughput,
)
class ProvisionedThroughputUse(Record):
    """How often provisioned throughput was invoked in the last days; CloudWatch keeps no datapoint of a day without."""

    dimensions: list[UseDimension] = []
    datapoints: list[DayOfUse] = []
