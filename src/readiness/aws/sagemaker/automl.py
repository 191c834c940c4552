"""Autopilot: AutoML jobs and the best candidate that each found. They can't be deleted, so they stay as evidence."""

from __future__ import annotations

import datetime

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_AUTOML_JOBS = 50
"""How many AutoML jobs are described: each costs a call."""


class CandidateReports(Record):
    """The reports that Autopilot wrote on a candidate."""

    explainability: str = ""
    model_insights: str = ""


class CandidateProperties(Record):
    """What Autopilot keeps of a candidate."""

    candidate_artifact_locations: CandidateReports | None = None


class CandidateMetric(Record):
    """The metric by which a candidate is the best."""

    metric_name: str = ""


class BestCandidate(Record):
    """The best model that an AutoML job found."""

    candidate_name: str
    final_auto_ml_job_objective_metric: CandidateMetric | None = msgspec.field(
        name="FinalAutoMLJobObjectiveMetric", default=None
    )
    candidate_properties: CandidateProperties | None = None


class TabularConfig(Record):
    """How a table is learned from: AUTO, ENSEMBLING, HYPERPARAMETER_TUNING."""

    mode: Enumerated | None = None
    sample_weight_attribute_name: str | None = None


class ProblemTypeConfig(Record):
    """The settings of an AutoML job for its kind of problem."""

    tabular_job_config: TabularConfig | None = None


class AutoMLJobArtifacts(Record):
    """What Autopilot wrote of the data."""

    data_exploration_notebook_location: str = ""


class S3Data(Record):
    """Data in S3."""

    s3_uri: str


class DataSource(Record):
    """Where a channel's data lies."""

    s3_data_source: S3Data | None = None


class Channel(Record):
    """An input of an AutoML job."""

    content_type: str | None = None
    data_source: DataSource | None = None


@resource(
    "sagemaker",
    Call(operation="ListAutoMLJobs", give={"SortBy": "CreationTime", "SortOrder": "Descending"}),
    "DescribeAutoMLJobV2",
    newest=NEWEST_AUTOML_JOBS,
)
class AutoMLJob(Record):
    """An Autopilot job; Canvas starts them too, when somebody builds a model there."""

    auto_ml_job_name: str = msgspec.field(name="AutoMLJobName")
    auto_ml_job_arn: str = msgspec.field(name="AutoMLJobArn")
    auto_ml_job_status: Enumerated = msgspec.field(name="AutoMLJobStatus")
    creation_time: datetime.datetime
    auto_ml_problem_type_config_name: str | None = msgspec.field(name="AutoMLProblemTypeConfigName", default=None)
    auto_ml_job_input_data_config: list[Channel] = msgspec.field(name="AutoMLJobInputDataConfig", default=[])
    auto_ml_problem_type_config: ProblemTypeConfig | None = msgspec.field(name="AutoMLProblemTypeConfig", default=None)
    best_candidate: BestCandidate | None = None
    auto_ml_job_artifacts: AutoMLJobArtifacts | None = msgspec.field(name="AutoMLJobArtifacts", default=None)
