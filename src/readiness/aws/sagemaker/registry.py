"""The Model Registry: groups, their versions, and what was decided on each of them. All of it is free to keep."""

from __future__ import annotations

import datetime

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_VERSIONS = 20
"""How many versions of each group are read: each costs a call where its decision is asked for."""


@resource("sagemaker", "ListModelPackageGroups")
class ModelPackageGroup(Record):
    """A group of versions of one model."""

    model_package_group_name: str
    model_package_group_arn: str
    creation_time: datetime.datetime


@resource(
    "sagemaker",
    Call(
        operation="ListModelPackages",
        by={"ModelPackageGroupName": "ModelPackageGroupName"},
        give={"SortBy": "CreationTime", "SortOrder": "Descending"},
    ),
    per=ModelPackageGroup,
    newest=NEWEST_VERSIONS,
)
class ModelPackage(Record):
    """A version in a group; `Logged` ones were put there by MLflow and not by a person."""

    model_package_group_name: str
    model_package_arn: str
    model_package_status: Enumerated
    creation_time: datetime.datetime
    model_package_version: int | None = None
    model_approval_status: Enumerated | None = None
    model_package_registration_type: Enumerated | None = None


class S3Report(Record):
    """A report in S3."""

    s3_uri: str


class QualityReports(Record):
    """How good a model is: its metrics, and the limits that they must keep."""

    statistics: S3Report | None = None
    constraints: S3Report | None = None


class BiasReports(Record):
    """What Clarify found in the data and in the predictions."""

    report: S3Report | None = None
    pre_training_report: S3Report | None = None
    post_training_report: S3Report | None = None


class ExplainabilityReports(Record):
    """What explains the predictions."""

    report: S3Report | None = None


class ModelMetrics(Record):
    """The reports that a version carries."""

    model_quality: QualityReports | None = None
    bias: BiasReports | None = None
    explainability: ExplainabilityReports | None = None


class BiasBaselines(Record):
    """The limits that bias must keep, in the data and in the predictions."""

    pre_training_constraints: S3Report | None = None
    post_training_constraints: S3Report | None = None


class ExplainabilityBaselines(Record):
    """The limits that what explains the predictions must keep."""

    constraints: S3Report | None = None


class DriftCheckBaselines(Record):
    """What later runs of a model are compared with."""

    model_quality: QualityReports | None = None
    bias: BiasBaselines | None = None
    explainability: ExplainabilityBaselines | None = None


@resource(
    "sagemaker",
    Call(
        operation="DescribeModelPackage",
        by={"ModelPackageName": "ModelPackageArn"},
        give={"IncludedData": "MetadataOnly"},
    ),
    per=ModelPackage,
)
class ModelPackageDecision(Record):
    """What a version carries and what was decided on it, and why; read without the content of its model card."""

    model_package_arn: str
    creation_time: datetime.datetime
    model_approval_status: Enumerated | None = None
    approval_description: str | None = None
    model_metrics: ModelMetrics = ModelMetrics()
    drift_check_baselines: DriftCheckBaselines = DriftCheckBaselines()
