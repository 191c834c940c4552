from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION

INFERENCE = {
    "Containers": [{"Image": "churn:1", "ModelDataUrl": "s3://models/churn.tar.gz"}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


@pytest.fixture
def sagemaker(aws: Client) -> Any:
    """SageMaker with an empty group `churn`."""
    client = aws("sagemaker")
    client.create_model_package_group(ModelPackageGroupName="churn")
    return client


def version(client: Any, **given: Any) -> str:
    made = client.create_model_package(ModelPackageGroupName="churn", InferenceSpecification=INFERENCE, **given)
    return str(made["ModelPackageArn"])


def test_a_version_waits_for_approval_and_keeps_what_it_is_given(sagemaker: Any) -> None:
    arn = version(sagemaker, SourceUri="s3://models/churn", ModelPackageRegistrationType="Logged")
    assert arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/churn/1"
    found = sagemaker.describe_model_package(ModelPackageName=arn)
    assert found["ModelApprovalStatus"] == "PendingManualApproval"
    assert found["SourceUri"] == "s3://models/churn"
    assert found["CreatedBy"]["IamIdentity"]["Arn"].startswith("arn:aws:sts::")
    [listed] = sagemaker.list_model_packages(ModelPackageGroupName="churn")["ModelPackageSummaryList"]
    assert (listed["ModelPackageRegistrationType"], listed["ModelPackageVersion"]) == ("Logged", 1)


def test_an_update_changes_only_what_it_names(sagemaker: Any) -> None:
    arn = version(sagemaker, CustomerMetadataProperties={"auc": "0.9", "owner": "ana"})
    sagemaker.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="AUC above baseline"
    )
    sagemaker.update_model_package(
        ModelPackageArn=arn, CustomerMetadataProperties={"f1": "0.8"}, CustomerMetadataPropertiesToRemove=["owner"]
    )
    found = sagemaker.describe_model_package(ModelPackageName=arn)
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == ("Approved", "AUC above baseline")
    assert found["CustomerMetadataProperties"] == {"auc": "0.9", "f1": "0.8"}
    assert found["LastModifiedTime"] >= found["CreationTime"]
    wanted = {"ModelPackageGroupName": "churn", "ModelApprovalStatus": "Approved"}
    assert len(sagemaker.list_model_packages(**wanted)["ModelPackageSummaryList"]) == 1


def test_no_number_of_a_version_comes_twice(sagemaker: Any, refused: Refused) -> None:
    first, second = version(sagemaker), version(sagemaker)
    sagemaker.delete_model_package(ModelPackageName=first)
    assert refused(sagemaker.describe_model_package, ModelPackageName=first) == "ValidationException"
    assert version(sagemaker).endswith("/3")
    sagemaker.delete_model_package(ModelPackageName=second)
    sagemaker.delete_model_package(ModelPackageName=f"{second[:-1]}3")
    assert version(sagemaker).endswith("/4")


def test_a_group_is_deleted_when_it_is_empty(sagemaker: Any, refused: Refused) -> None:
    arn = version(sagemaker)
    delete = sagemaker.delete_model_package_group
    assert refused(delete, ModelPackageGroupName="churn") == "ConflictException"
    sagemaker.delete_model_package(ModelPackageName=arn)
    delete(ModelPackageGroupName="churn")
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    assert refused(delete, ModelPackageGroupName="churn") == "ValidationException"


def test_groups_and_packages_without_a_version(sagemaker: Any, refused: Refused) -> None:
    made = sagemaker.create_model_package(
        ModelPackageName="Alone", InferenceSpecification=INFERENCE, Tags=[{"Key": "Owner", "Value": "ana"}]
    )
    version(sagemaker)
    assert sagemaker.list_tags(ResourceArn=made["ModelPackageArn"])["Tags"] == [{"Key": "Owner", "Value": "ana"}]

    def names(**asked: str) -> list[str]:
        found = sagemaker.list_model_packages(SortBy="Name", SortOrder="Ascending", **asked)
        return [one["ModelPackageArn"].partition("/")[2] for one in found["ModelPackageSummaryList"]]

    assert names() == ["Alone"]
    assert names(ModelPackageType="Versioned") == ["churn/1"]
    assert names(ModelPackageType="Both", NameContains="chu") == ["churn/1"]
    assert refused(sagemaker.create_model_package, ModelPackageName="Alone") == "ConflictException"
    assert refused(sagemaker.create_model_package) == "ValidationException"
    both = {"ModelPackageName": "a", "ModelPackageGroupName": "churn"}
    assert refused(sagemaker.create_model_package, **both) == "ValidationException"
    assert refused(sagemaker.create_model_package, ModelPackageGroupName="none") == "ValidationException"
    assert refused(sagemaker.create_model_package_group, ModelPackageGroupName="churn") == "ValidationException"
    group = sagemaker.describe_model_package_group(ModelPackageGroupName="churn")
    assert "IamIdentity" in group["CreatedBy"]


def test_the_content_of_a_model_card_may_be_left_out(sagemaker: Any) -> None:
    arn = version(sagemaker, ModelCard={"ModelCardContent": "{}", "ModelCardStatus": "Draft"})
    whole = sagemaker.describe_model_package(ModelPackageName=arn)
    assert whole["ModelCard"]["ModelCardContent"] == "{}"
    slim = sagemaker.describe_model_package(ModelPackageName=arn, IncludedData="MetadataOnly")
    assert slim["ModelCard"] == {"ModelCardStatus": "Draft"}


def test_packages_are_searched_as_they_are(sagemaker: Any) -> None:
    arn = version(sagemaker)
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    wanted = {"Name": "ModelApprovalStatus", "Operator": "Equals", "Value": "Approved"}
    found = sagemaker.search(Resource="ModelPackage", SearchExpression={"Filters": [wanted]})["Results"]
    assert [one["ModelPackage"]["ModelPackageArn"] for one in found] == [arn]
