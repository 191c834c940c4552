from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from harness import ACCOUNT, REGION
from readiness.emulator import emulated

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
INLINE = {
    "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
    "MonitoringJobDefinition": {
        "MonitoringInputs": [{"EndpointInput": {"EndpointName": "churn", "LocalPath": "/opt/ml/processing/input"}}],
        "MonitoringOutputConfig": {
            "MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://reports/churn", "LocalPath": "/opt/ml/output"}}]
        },
        "MonitoringResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}
        },
        "MonitoringAppSpecification": {"ImageUri": "analyzer:1"},
        "RoleArn": ROLE,
    },
}


@pytest.fixture
def sagemaker() -> Iterator[Any]:
    """SageMaker with an endpoint `churn` of one variant `main`."""
    with emulated():
        client = boto3.client("sagemaker", region_name=REGION)
        client.create_model(ModelName="churn", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "churn:1"})
        variant = {
            "VariantName": "main",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
            "ModelName": "churn",
        }
        client.create_endpoint_config(EndpointConfigName="churn", ProductionVariants=[variant])
        client.create_endpoint(EndpointName="churn", EndpointConfigName="churn")
        yield client


def component(client: Any, name: str = "base", **given: Any) -> str:
    made = client.create_inference_component(
        InferenceComponentName=name,
        EndpointName="churn",
        Specification={"ModelName": "churn", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}},
        RuntimeConfig={"CopyCount": 2},
        **given,
    )
    arn: str = made["InferenceComponentArn"]
    return arn


def code(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value.response["Error"]["Code"])


def test_what_is_created_is_described_listed_changed_and_deleted(sagemaker: Any) -> None:
    arn = component(sagemaker)
    assert arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:inference-component/base"
    found = sagemaker.describe_inference_component(InferenceComponentName="base")
    assert found["InferenceComponentStatus"] == "InService"
    assert found["VariantName"] == "main"
    assert found["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
    sagemaker.update_inference_component(InferenceComponentName="base", RuntimeConfig={"CopyCount": 3})
    found = sagemaker.describe_inference_component(InferenceComponentName="base")
    assert found["RuntimeConfig"]["DesiredCopyCount"] == 3
    sagemaker.delete_inference_component(InferenceComponentName="base")
    assert sagemaker.list_inference_components()["InferenceComponents"] == []


def test_refusals_are_those_of_aws(sagemaker: Any) -> None:
    component(sagemaker)
    assert code(component, client=sagemaker) == "ResourceInUse"
    describe = sagemaker.describe_inference_component
    assert code(describe, InferenceComponentName="other") == "ResourceNotFound"
    assert code(sagemaker.delete_monitoring_schedule, MonitoringScheduleName="other") == "ResourceNotFound"
    create = sagemaker.create_inference_component
    assert code(create, InferenceComponentName="lost", EndpointName="other") == "ValidationException"
    assert code(sagemaker.list_inference_components, NextToken="made-up") == "ValidationException"


def test_pages_have_real_tokens_and_filters(sagemaker: Any) -> None:
    names = [f"component-{number:02}" for number in range(25)]
    for name in names:
        component(sagemaker, name)
    first = sagemaker.list_inference_components(MaxResults=10)
    assert len(first["InferenceComponents"]) == 10
    assert first["NextToken"]
    pages = sagemaker.get_paginator("list_inference_components").paginate(SortBy="Name", SortOrder="Ascending")
    assert [one["InferenceComponentName"] for page in pages for one in page["InferenceComponents"]] == names
    some = sagemaker.list_inference_components(NameContains="-1", MaxResults=100)["InferenceComponents"]
    assert len(some) == 10
    assert sagemaker.list_inference_components(StatusEquals="Failed")["InferenceComponents"] == []
    assert len(sagemaker.list_inference_components(EndpointNameEquals="churn")["InferenceComponents"]) == 10
    late = some[0]["CreationTime"].replace(year=2099)
    assert sagemaker.list_inference_components(CreationTimeAfter=late)["InferenceComponents"] == []
    assert sagemaker.list_inference_components(CreationTimeBefore=late)["InferenceComponents"] != []


def test_regions_and_accounts_are_apart_and_a_new_emulator_is_empty(sagemaker: Any) -> None:
    component(sagemaker)
    elsewhere = boto3.client("sagemaker", region_name="eu-west-1")
    assert elsewhere.list_inference_components()["InferenceComponents"] == []
    with emulated():
        pass
    assert len(sagemaker.list_inference_components()["InferenceComponents"]) == 1


def test_a_schedule_runs_and_its_history_outlives_it(sagemaker: Any) -> None:
    sagemaker.create_monitoring_schedule(MonitoringScheduleName="watch", MonitoringScheduleConfig=INLINE)
    found = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="watch")
    assert found["EndpointName"] == "churn"
    assert found["MonitoringScheduleStatus"] == "Scheduled"
    assert found["LastMonitoringExecutionSummary"]["MonitoringExecutionStatus"] == "Completed"
    sagemaker.stop_monitoring_schedule(MonitoringScheduleName="watch")
    [summary] = sagemaker.list_monitoring_schedules(EndpointName="churn")["MonitoringScheduleSummaries"]
    assert summary["MonitoringScheduleStatus"] == "Stopped"
    sagemaker.start_monitoring_schedule(MonitoringScheduleName="watch")
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="watch")
    assert sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"] == []
    runs = sagemaker.list_monitoring_executions(MonitoringScheduleName="watch")["MonitoringExecutionSummaries"]
    assert len(runs) == 2
    assert sagemaker.list_monitoring_executions(StatusEquals="Failed")["MonitoringExecutionSummaries"] == []


def test_a_schedule_needs_a_job_that_is_there(sagemaker: Any) -> None:
    config = {"ScheduleConfig": {"ScheduleExpression": "NOW"}, "MonitoringType": "DataQuality"}
    for name in ({}, {"MonitoringJobDefinitionName": "missing"}):
        create = sagemaker.create_monitoring_schedule
        refused = code(create, MonitoringScheduleName="watch", MonitoringScheduleConfig={**config, **name})
        assert refused == "ValidationException"


def test_mlflow(sagemaker: Any) -> None:
    given = {"ArtifactStoreUri": "s3://artifacts", "RoleArn": ROLE}
    sagemaker.create_mlflow_tracking_server(TrackingServerName="runs", **given)
    [server] = sagemaker.list_mlflow_tracking_servers()["TrackingServerSummaries"]
    assert server["TrackingServerName"] == "runs"
    arn = sagemaker.create_mlflow_app(Name="app", **given)["Arn"]
    assert sagemaker.describe_mlflow_app(Arn=arn)["Name"] == "app"
    assert [one["Arn"] for one in sagemaker.list_mlflow_apps()["Summaries"]] == [arn]
    sagemaker.delete_mlflow_app(Arn=arn)
    assert sagemaker.list_mlflow_apps()["Summaries"] == []


def test_tags_of_everything(sagemaker: Any) -> None:
    group = sagemaker.create_feature_group(
        FeatureGroupName="customers",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="at",
        FeatureDefinitions=[{"FeatureName": "id", "FeatureType": "String"}],
        OfflineStoreConfig={"S3StorageConfig": {"S3Uri": "s3://features"}},
        RoleArn=ROLE,
    )["FeatureGroupArn"]
    endpoint = sagemaker.describe_endpoint(EndpointName="churn")["EndpointArn"]
    made = component(sagemaker, Tags=[{"Key": "Owner", "Value": "me"}])
    assert sagemaker.list_tags(ResourceArn=made)["Tags"] == [{"Key": "Owner", "Value": "me"}]
    for arn in (group, endpoint, made):
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "CostCenter", "Value": "one"}])
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "CostCenter", "Value": "two"}])
        assert {"Key": "CostCenter", "Value": "two"} in sagemaker.list_tags(ResourceArn=arn)["Tags"]
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=["CostCenter", "Owner"])
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []
    assert code(sagemaker.list_tags, ResourceArn=made.replace("base", "none")) == "ValidationException"
