from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused

REPORT = {"ContentType": "application/json", "S3Uri": "s3://data/report.json"}
GIVEN: dict[str, Any] = {
    "ModelPackageDescription": "trees",
    "InferenceSpecification": {
        "Containers": [{"Image": "churn:1", "ModelDataUrl": "s3://data/model.tar.gz"}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
        "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
    },
    "ModelMetrics": {
        "ModelQuality": {"Statistics": REPORT, "Constraints": REPORT},
        "Bias": {"Report": REPORT, "PreTrainingReport": REPORT, "PostTrainingReport": REPORT},
        "Explainability": {"Report": REPORT},
    },
    "DriftCheckBaselines": {
        "ModelQuality": {"Statistics": REPORT, "Constraints": REPORT},
        "Bias": {"ConfigFile": REPORT},
    },
    "SkipModelValidation": "All",
    "ModelLifeCycle": {"Stage": "Development", "StageStatus": "Approved", "StageDescription": "ready"},
    "MetadataProperties": {"CommitId": "abc", "Repository": "lab"},
    "CustomerMetadataProperties": {"auc": "0.91"},
    "Domain": "MACHINE_LEARNING",
    "Task": "CLASSIFICATION",
    "SamplePayloadUrl": "s3://data/sample.tar.gz",
    "SourceUri": "s3://data/source",
    "ModelCard": {"ModelCardContent": "{}", "ModelCardStatus": "Draft"},
    "SecurityConfig": {"KmsKeyId": "alias/lab"},
}


@pytest.fixture
def sagemaker(aws: Client) -> Any:
    """SageMaker with an empty group `churn`."""
    client = aws("sagemaker")
    client.create_model_package_group(ModelPackageGroupName="churn", ModelPackageGroupDescription="who leaves")
    return client


def test_nothing_of_a_version_is_lost(sagemaker: Any) -> None:
    arn = sagemaker.create_model_package(ModelPackageGroupName="churn", **GIVEN)["ModelPackageArn"]
    found = sagemaker.describe_model_package(ModelPackageName=arn)
    assert {name: found[name] for name in GIVEN} == GIVEN
    assert (found["ModelPackageGroupName"], found["ModelPackageVersion"]) == ("churn", 1)
    reason = "AUC 0.91 is above 0.88"
    update = sagemaker.update_model_package
    update(ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription=reason)
    stage = {"Stage": "Production", "StageStatus": "Approved"}
    update(ModelPackageArn=arn, ModelLifeCycle=stage, ModelCard={"ModelCardStatus": "Approved"})
    found = sagemaker.describe_model_package(ModelPackageName=arn)
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == ("Approved", reason)
    assert found["ModelCard"] == {"ModelCardContent": "{}", "ModelCardStatus": "Approved"}
    assert {name: found[name] for name in GIVEN if name not in ("ModelLifeCycle", "ModelCard")}.items() <= GIVEN.items()
    assert found["ModelLifeCycle"] == stage
    assert found["LastModifiedBy"] == found["CreatedBy"]
    [listed] = sagemaker.list_model_packages(ModelPackageGroupName="churn")["ModelPackageSummaryList"]
    assert (listed["ModelApprovalStatus"], listed["ModelLifeCycle"]) == ("Approved", stage)


def test_several_are_described_at_once(sagemaker: Any) -> None:
    arn = sagemaker.create_model_package(ModelPackageGroupName="churn", **GIVEN)["ModelPackageArn"]
    lost = f"{arn[:-1]}9"
    found = sagemaker.batch_describe_model_package(ModelPackageArnList=[arn, lost])
    assert found["ModelPackageSummaries"][arn]["ModelPackageVersion"] == 1
    assert list(found["BatchDescribeModelPackageErrorMap"]) == [lost]


def test_a_group_has_a_policy(sagemaker: Any, refused: Refused) -> None:
    named = {"ModelPackageGroupName": "churn"}
    assert refused(sagemaker.get_model_package_group_policy, **named) == "ValidationException"
    sagemaker.put_model_package_group_policy(ResourcePolicy="{}", **named)
    assert sagemaker.get_model_package_group_policy(**named)["ResourcePolicy"] == "{}"
    sagemaker.delete_model_package_group_policy(**named)
    assert refused(sagemaker.get_model_package_group_policy, **named) == "ValidationException"
    [group] = sagemaker.search(Resource="ModelPackageGroup")["Results"]
    assert group["ModelPackageGroup"]["ModelPackageGroupDescription"] == "who leaves"


def test_versions_have_pages(sagemaker: Any) -> None:
    for _ in range(12):
        sagemaker.create_model_package(ModelPackageGroupName="churn", **GIVEN)
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName="churn", SortOrder="Descending", PaginationConfig={"PageSize": 5}
    )
    found = [one["ModelPackageVersion"] for page in pages for one in page["ModelPackageSummaryList"]]
    assert found == list(range(12, 0, -1))
