from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness import ACCOUNT, REGION

Client = Callable[..., Any]
TEAM = [{"Key": "team", "Value": "ml"}]
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"


@pytest.fixture
def tagging(aws: Client) -> Any:
    """The Tagging API, with tagged resources that moto keeps and others that the extension keeps."""
    sagemaker = aws("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="churn", Tags=TEAM)
    sagemaker.create_mlflow_tracking_server(
        TrackingServerName="runs", ArtifactStoreUri="s3://a", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/ml", Tags=TEAM
    )
    sagemaker.create_model_package_group(ModelPackageGroupName="untagged")
    aws("accessanalyzer").create_analyzer(analyzerName="own", type="ACCOUNT", tags={"team": "security"})
    return aws("resourcegroupstaggingapi")


def arns(tagging: Any, **asked: Any) -> set[str]:
    pages = tagging.get_paginator("get_resources").paginate(**asked)
    return {one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]}


MODELS, RUNS = f"{ARN}:model-package-group/churn", f"{ARN}:mlflow-tracking-server/runs"
OWN = f"arn:aws:access-analyzer:{REGION}:{ACCOUNT}:analyzer/own"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {MODELS, RUNS, OWN}),
        ({"PaginationConfig": {"PageSize": 1}}, {MODELS, RUNS, OWN}),
        ({"ResourceTypeFilters": ["sagemaker"]}, {MODELS, RUNS}),
        ({"ResourceTypeFilters": ["sagemaker:mlflow-tracking-server", "s3"]}, {RUNS}),
        ({"TagFilters": [{"Key": "team", "Values": ["security"]}]}, {OWN}),
        ({"TagFilters": [{"Key": "project"}]}, set()),
        ({"ResourceARNList": [RUNS, f"{RUNS}-none"]}, {RUNS}),
    ],
)
def test_tagged_resources(tagging: Any, asked: dict[str, Any], expected: set[str]) -> None:
    assert arns(tagging, **asked) == expected


def test_keys_and_values(tagging: Any) -> None:
    assert tagging.get_tag_keys()["TagKeys"] == ["team"]
    assert sorted(tagging.get_tag_values(Key="team")["TagValues"]) == ["ml", "security"]


def test_tags_are_put_where_the_service_keeps_them(aws: Client, tagging: Any, refused: Callable[..., str]) -> None:
    every = [MODELS, RUNS, OWN]
    missing = f"{ARN}:model/none"
    failed = tagging.tag_resources(ResourceARNList=[*every, missing], Tags={"cost": "a"})["FailedResourcesMap"]
    assert list(failed) == [missing]
    assert {"Key": "cost", "Value": "a"} in aws("sagemaker").list_tags(ResourceArn=RUNS)["Tags"]
    own = aws("accessanalyzer").list_tags_for_resource(resourceArn=OWN)["tags"]
    assert own == {"team": "security", "cost": "a"}
    tagging.untag_resources(ResourceARNList=every, TagKeys=["team", "cost"])
    assert arns(tagging) == set()
    both = {"ResourceARNList": [RUNS], "ResourceTypeFilters": ["sagemaker"]}
    assert refused(tagging.get_resources, **both) == "InvalidParameterException"
    assert refused(tagging.get_resources, ResourcesPerPage=101) == "InvalidParameterException"


def test_a_model_card_is_tagged_once_whatever_its_versions(aws: Client, tagging: Any) -> None:
    sagemaker = aws("sagemaker")
    sagemaker.create_model_card(ModelCardName="churn", ModelCardStatus="Draft", Content="{}", Tags=TEAM)
    sagemaker.update_model_card(ModelCardName="churn", ModelCardStatus="Approved")
    card = f"{ARN}:model-card/churn"
    assert arns(tagging) == {MODELS, RUNS, OWN, card}
    tagging.tag_resources(ResourceARNList=[card], Tags={"cost": "a"})
    assert {"Key": "cost", "Value": "a"} in sagemaker.list_tags(ResourceArn=card)["Tags"]
    assert sagemaker.describe_model_card(ModelCardName="churn")["ModelCardVersion"] == 2
