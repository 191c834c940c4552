from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 30,
    "DestinationS3Uri": "s3://captured/churn",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
CANARY = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "WaitIntervalInSeconds": 300,
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
        }
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
}


def variant(name: str = "main", **given: Any) -> dict[str, Any]:
    instance = {"InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
    return {"VariantName": name, "ModelName": "churn", **(given or instance)}


def config(client: Any, name: str, *variants: dict[str, Any], **given: Any) -> str:
    made = client.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=list(variants) or [variant()], **given
    )
    return str(made["EndpointConfigArn"])


@pytest.fixture
def sagemaker(aws: Client) -> Any:
    """SageMaker with a model, a configuration and an endpoint `churn`."""
    client = aws("sagemaker")
    client.create_model(ModelName="churn", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "churn:1"})
    config(client, "churn", DataCaptureConfig=CAPTURE)
    client.create_endpoint(EndpointName="churn", EndpointConfigName="churn")
    return client


def described(client: Any, name: str = "churn") -> Any:
    return client.describe_endpoint(EndpointName=name)


def test_an_endpoint_tells_what_it_captures_now(sagemaker: Any) -> None:
    assert described(sagemaker)["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 30,
        "DestinationS3Uri": "s3://captured/churn",
        "KmsKeyId": "",
    }
    config(sagemaker, "silent")
    assert "DataCaptureConfig" not in sagemaker.describe_endpoint_config(EndpointConfigName="silent")
    sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="silent")
    assert "DataCaptureConfig" not in described(sagemaker)


def test_an_update_deploys_another_configuration(sagemaker: Any) -> None:
    config(sagemaker, "next", variant(InstanceType="ml.m5.large", InitialInstanceCount=3))
    before = described(sagemaker)
    assert "LastDeploymentConfig" not in before
    sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="next", DeploymentConfig=CANARY)
    found = described(sagemaker)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "next")
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 3
    assert found["ProductionVariants"][0]["DeployedImages"][0]["SpecifiedImage"] == "churn:1"
    assert found["LastDeploymentConfig"] == CANARY
    assert found["LastModifiedTime"] > before["LastModifiedTime"]
    sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="churn", RetainDeploymentConfig=True)
    assert described(sagemaker)["LastDeploymentConfig"] == CANARY
    sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="next")
    assert "LastDeploymentConfig" not in described(sagemaker)


def test_an_alarm_that_sounds_turns_a_deployment_back(sagemaker: Any, aws: Client) -> None:
    aws("cloudwatch").put_metric_alarm(
        AlarmName="errors",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="Invocation5XXErrors",
        Namespace="AWS/SageMaker",
        Period=60,
        Statistic="Sum",
        Threshold=1,
    )
    config(sagemaker, "next")
    aws("cloudwatch").set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="next", DeploymentConfig=CANARY)
    assert described(sagemaker)["EndpointConfigName"] == "churn"
    aws("cloudwatch").set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="test")
    sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="next", DeploymentConfig=CANARY)
    assert described(sagemaker)["EndpointConfigName"] == "next"


def test_an_update_keeps_what_was_changed_if_that_is_asked(sagemaker: Any) -> None:
    weights = [{"VariantName": "main", "DesiredInstanceCount": 4}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="churn", DesiredWeightsAndCapacities=weights)
    [main] = described(sagemaker)["ProductionVariants"]
    assert (main["CurrentInstanceCount"], main["CurrentWeight"]) == (4, 1.0)
    config(sagemaker, "next")
    sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="next", RetainAllVariantProperties=True)
    found = described(sagemaker)
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 4
    assert found["DataCaptureConfig"]["CurrentSamplingPercentage"] == 30
    sagemaker.update_endpoint(
        EndpointName="churn",
        EndpointConfigName="next",
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[
            {"VariantPropertyType": "DesiredInstanceCount"},
            {"VariantPropertyType": "DataCaptureConfig"},
        ],
    )
    found = described(sagemaker)
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    assert "DataCaptureConfig" not in found


def test_nothing_of_a_configuration_is_lost(sagemaker: Any) -> None:
    notify = {"OutputConfig": {"S3OutputPath": "s3://results"}}
    vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    given = {
        "AsyncInferenceConfig": notify,
        "ShadowProductionVariants": [variant("shadow")],
        "ExecutionRoleArn": ROLE,
        "VpcConfig": vpc,
        "EnableNetworkIsolation": True,
        "KmsKeyId": "key",
    }
    config(sagemaker, "full", **given)
    found = sagemaker.describe_endpoint_config(EndpointConfigName="full")
    assert {name: found[name] for name in given} == given
    sagemaker.create_endpoint(EndpointName="full", EndpointConfigName="full", DeploymentConfig=CANARY)
    endpoint = described(sagemaker, "full")
    assert endpoint["AsyncInferenceConfig"] == notify
    assert [one["VariantName"] for one in endpoint["ShadowProductionVariants"]] == ["shadow"]
    assert endpoint["LastDeploymentConfig"] == CANARY
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    config(sagemaker, "serverless", variant(ServerlessConfig=serverless))
    sagemaker.create_endpoint(EndpointName="serverless", EndpointConfigName="serverless")
    [main] = described(sagemaker, "serverless")["ProductionVariants"]
    assert main["CurrentServerlessConfig"] == serverless


def test_a_variant_may_host_inference_components(sagemaker: Any) -> None:
    host = {"VariantName": "main", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
    config(sagemaker, "shared", host, ExecutionRoleArn=ROLE)
    sagemaker.create_endpoint(EndpointName="shared", EndpointConfigName="shared")
    assert described(sagemaker, "shared")["ProductionVariants"][0]["CurrentInstanceCount"] == 1


BAD = {
    "no model": variant() | {"ModelName": "none"},
    "no such type": variant(InstanceType="ml.none.large", InitialInstanceCount=1),
    "no instances": variant(InstanceType="ml.m5.large"),
    "odd memory": variant(ServerlessConfig={"MemorySizeInMB": 1500, "MaxConcurrency": 5}),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_variant_must_be_able_to_run(sagemaker: Any, refused: Refused, bad: dict[str, Any]) -> None:
    create = sagemaker.create_endpoint_config
    assert refused(create, EndpointConfigName="bad", ProductionVariants=[bad]) == "ValidationException"


def test_refusals(sagemaker: Any, refused: Refused) -> None:
    named = {"EndpointName": "churn", "EndpointConfigName": "churn"}
    main = {"VariantName": "main", "DesiredWeight": 1.0}
    cases: list[tuple[Any, dict[str, Any]]] = [
        (sagemaker.create_endpoint, named),
        (sagemaker.create_endpoint, {**named, "EndpointName": "new", "EndpointConfigName": "none"}),
        (sagemaker.update_endpoint, {**named, "EndpointName": "none"}),
        (sagemaker.update_endpoint, {**named, "EndpointConfigName": "none"}),
        (sagemaker.describe_endpoint, {"EndpointName": "none"}),
        (sagemaker.describe_endpoint_config, {"EndpointConfigName": "none"}),
        (sagemaker.create_endpoint_config, {"EndpointConfigName": "churn", "ProductionVariants": [variant()]}),
        (sagemaker.create_model, {"ModelName": "churn", "ExecutionRoleArn": ROLE}),
    ]
    for wanted in ([main, main], [{**main, "VariantName": "none"}]):
        update = {"EndpointName": "churn", "DesiredWeightsAndCapacities": wanted}
        cases.append((sagemaker.update_endpoint_weights_and_capacities, update))
    for call, parameters in cases:
        assert refused(call, **parameters) == "ValidationException"


def test_models_keep_what_they_are_given_and_are_filtered(sagemaker: Any) -> None:
    container = {"Image": "a:1"}
    sagemaker.create_model(
        ModelName="serial",
        Containers=[container, container],
        InferenceExecutionConfig={"Mode": "Serial"},
        EnableNetworkIsolation=True,
    )
    found = sagemaker.describe_model(ModelName="serial")
    assert found["EnableNetworkIsolation"] is True
    assert found["InferenceExecutionConfig"] == {"Mode": "Serial"}
    assert "ExecutionRoleArn" not in found
    names = [one["ModelName"] for one in sagemaker.list_models(NameContains="ser")["Models"]]
    assert names == ["serial"]
    first = sagemaker.list_models(MaxResults=1, SortBy="Name", SortOrder="Ascending")
    rest = sagemaker.list_models(NextToken=first["NextToken"], SortBy="Name", SortOrder="Ascending")
    assert [one["ModelName"] for one in (*first["Models"], *rest["Models"])] == ["churn", "serial"]


def test_arns_are_those_of_the_region(sagemaker: Any) -> None:
    assert config(sagemaker, "new") == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint-config/new"
    assert described(sagemaker)["EndpointArn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/churn"
