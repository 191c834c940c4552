from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
TYPES = [{"InstanceType": name} for name in ("ml.c5.large", "ml.c5.4xlarge", "ml.g4dn.xlarge")]


@pytest.fixture
def sagemaker(aws: Client) -> Any:
    """SageMaker with a model `small` and a model `large`, whose artifacts are in S3."""
    client, s3 = aws("sagemaker"), aws("s3")
    s3.create_bucket(Bucket="models")
    for name, size in (("small", 1_000), ("large", 20_000_000)):
        s3.put_object(Bucket="models", Key=name, Body=b"0" * size)
        container = {"Image": "image:1", "ModelDataUrl": f"s3://models/{name}"}
        client.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    return client


def job(client: Any, name: str, kind: str = "Default", stop: dict[str, Any] | None = None, **config: Any) -> None:
    config = {"ModelName": "small", **config}
    given = {"StoppingConditions": stop} if stop else {}
    client.create_inference_recommendations_job(JobName=name, JobType=kind, RoleArn=ROLE, InputConfig=config, **given)


def recommended(client: Any, name: str) -> dict[str, Any]:
    found = client.describe_inference_recommendations_job(JobName=name)
    assert found["Status"] == "COMPLETED"
    assert found["CreationTime"] <= found["CompletionTime"]
    return {
        one["EndpointConfiguration"].get("InstanceType", "serverless"): one["Metrics"]
        for one in found.get("InferenceRecommendations", [])
    }


def test_what_is_recommended_follows_from_what_is_asked(sagemaker: Any) -> None:
    job(sagemaker, "small", "Advanced", EndpointConfigurations=TYPES)
    job(sagemaker, "large", "Advanced", EndpointConfigurations=TYPES, ModelName="large")
    small, large = recommended(sagemaker, "small"), recommended(sagemaker, "large")
    assert set(small) == {one["InstanceType"] for one in TYPES}
    one, more = small["ml.c5.large"], small["ml.c5.4xlarge"]
    assert more["CostPerHour"] == pytest.approx(one["CostPerHour"] * 8)
    assert more["MaxInvocations"] > one["MaxInvocations"]
    assert small["ml.g4dn.xlarge"]["ModelLatency"] < one["ModelLatency"]
    assert all(large[name]["ModelLatency"] > small[name]["ModelLatency"] for name in small)
    assert one["CostPerInference"] == pytest.approx(one["CostPerHour"] / 60 / one["MaxInvocations"], rel=0.01)
    costs = [metrics["CostPerInference"] for metrics in small.values()]
    assert costs == sorted(costs)


def test_the_package_says_on_what_its_model_runs(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="churn")
    arn = sagemaker.create_model_package(
        ModelPackageGroupName="churn",
        InferenceSpecification={
            "Containers": [{"Image": "churn:1"}],
            "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.xlarge"],
        },
    )["ModelPackageArn"]
    sagemaker.create_inference_recommendations_job(
        JobName="package", JobType="Default", RoleArn=ROLE, InputConfig={"ModelPackageVersionArn": arn}
    )
    assert set(recommended(sagemaker, "package")) == {"ml.m5.xlarge"}
    listed = sagemaker.list_inference_recommendations_jobs(ModelPackageVersionArnEquals=arn)
    assert [one["JobName"] for one in listed["InferenceRecommendationsJobs"]] == ["package"]


def test_limits_and_conditions_hold(sagemaker: Any) -> None:
    serverless = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
    threads = {"CategoricalParameterRanges": [{"Name": "THREADS", "Value": ["1", "2", "3"]}]}
    tried = [serverless, {"InstanceType": "ml.c5.large", "EnvironmentParameterRanges": threads}]
    job(sagemaker, "tried", EndpointConfigurations=tried, ResourceLimit={"MaxNumberOfTests": 3})
    steps = sagemaker.list_inference_recommendations_job_steps(JobName="tried")["Steps"]
    assert len(steps) == 3
    values = [step["InferenceBenchmark"]["ModelConfiguration"].get("EnvironmentParameters") for step in steps]
    assert [{"Key": "THREADS", "ValueType": "String", "Value": "2"}] in values
    assert sagemaker.list_inference_recommendations_job_steps(JobName="tried", Status="FAILED")["Steps"] == []
    fast = {"ModelLatencyThresholds": [{"Percentile": "P95", "ValueInMilliseconds": 10}], "MaxInvocations": 100}
    job(sagemaker, "fast", "Advanced", fast, EndpointConfigurations=TYPES)
    found = recommended(sagemaker, "fast")
    assert set(found) == {"ml.g4dn.xlarge"}
    assert found["ml.g4dn.xlarge"]["MaxInvocations"] == 100
    none = {"ModelLatencyThresholds": [{"Percentile": "P95", "ValueInMilliseconds": 1}]}
    job(sagemaker, "none", "Advanced", none, EndpointConfigurations=TYPES)
    assert recommended(sagemaker, "none") == {}


def test_an_endpoint_is_tested(sagemaker: Any) -> None:
    variant = {"VariantName": "main", "ModelName": "small", "InstanceType": "ml.c5.large"}
    for name, count in (("one", 1), ("two", 2)):
        sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[{**variant, "InitialInstanceCount": count}]
        )
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        job(sagemaker, name, "Advanced", Endpoints=[{"EndpointName": name}])
    first, second = (
        sagemaker.describe_inference_recommendations_job(JobName=name)["EndpointPerformances"][0]["Metrics"]
        for name in ("one", "two")
    )
    assert second["MaxInvocations"] == 2 * first["MaxInvocations"]


def test_a_job_is_stopped_while_nobody_has_looked(sagemaker: Any, refused: Refused) -> None:
    job(sagemaker, "brief")
    sagemaker.stop_inference_recommendations_job(JobName="brief")
    found = sagemaker.describe_inference_recommendations_job(JobName="brief")
    assert found["Status"] == "STOPPED"
    assert "InferenceRecommendations" not in found
    stop = sagemaker.stop_inference_recommendations_job
    assert refused(stop, JobName="brief") == "ValidationException"
    assert refused(stop, JobName="none") == "ResourceNotFound"


def test_refusals(sagemaker: Any, refused: Refused) -> None:
    create = sagemaker.create_inference_recommendations_job
    job(sagemaker, "taken")
    base = {"JobName": "new", "JobType": "Default", "RoleArn": ROLE, "InputConfig": {"ModelName": "small"}}
    assert refused(create, **{**base, "JobName": "taken"}) == "ResourceInUse"
    for bad in ({"ModelName": "none"}, {"ModelPackageVersionArn": "none"}, {}):
        assert refused(create, **{**base, "InputConfig": bad}) == "ValidationException"
    assert refused(create, **{**base, "JobType": "Advanced"}) == "ValidationException"
    lost = {"Endpoints": [{"EndpointName": "none"}]}
    assert refused(create, **{**base, "InputConfig": lost}) == "ValidationException"
