from __future__ import annotations

import base64
import datetime
import json
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"


@pytest.fixture
def runtime(aws: Client) -> Any:
    """A client of endpoints `all` and `half`, which capture that part of their requests, and `none`."""
    sagemaker = aws("sagemaker")
    aws("s3").create_bucket(Bucket="data")
    sagemaker.create_model(ModelName="churn", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "churn:1"})
    variant = {"VariantName": "main", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    for name, percentage in (("all", 100), ("half", 50), ("none", 0)):
        capture = {
            "EnableCapture": True,
            "InitialSamplingPercentage": percentage,
            "DestinationS3Uri": "s3://data/captured",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        }
        sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant], DataCaptureConfig=capture
        )
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    return aws("sagemaker-runtime")


def captured(aws: Client, endpoint: str) -> list[Any]:
    s3 = aws("s3")
    found = s3.list_objects_v2(Bucket="data", Prefix=f"captured/{endpoint}/main/").get("Contents", [])
    bodies = [s3.get_object(Bucket="data", Key=one["Key"])["Body"].read() for one in found]
    return [json.loads(body)["captureData"]["endpointInput"] for body in bodies]


@pytest.mark.parametrize(("endpoint", "count"), [("all", 4), ("half", 2), ("none", 0)])
def test_a_sample_of_requests_is_captured(aws: Client, runtime: Any, endpoint: str, count: int) -> None:
    for number in range(4):
        runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=f"{number},a")
    assert len(captured(aws, endpoint)) == count


def test_text_is_captured_as_it_is(aws: Client, runtime: Any) -> None:
    bodies = {"text/csv": b"1,a", "application/json": b'{"age": 1}', "application/x-image": b"\xff\x00"}
    for kind, body in bodies.items():
        runtime.invoke_endpoint(EndpointName="all", ContentType=kind, Body=body)
    found = {one["observedContentType"]: (one["encoding"], one["data"]) for one in captured(aws, "all")}
    assert found == {
        "text/csv": ("CSV", "1,a"),
        "application/json": ("JSON", '{"age": 1}'),
        "application/x-image": ("BASE64", base64.b64encode(b"\xff\x00").decode()),
    }


def test_invocations_are_counted_and_timed(aws: Client, runtime: Any) -> None:
    for body in (b"0", b"0" * 1001):
        runtime.invoke_endpoint(EndpointName="none", Body=body)
    now = datetime.datetime.now(datetime.UTC)
    dimensions = [{"Name": "EndpointName", "Value": "none"}, {"Name": "VariantName", "Value": "main"}]

    def statistics(name: str) -> Any:
        [point] = aws("cloudwatch").get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=name,
            Dimensions=dimensions,
            StartTime=now - datetime.timedelta(hours=1),
            EndTime=now + datetime.timedelta(hours=1),
            Period=10800,
            Statistics=["Sum", "Maximum", "Minimum"],
        )["Datapoints"]
        return point

    assert statistics("Invocations")["Sum"] == 2
    assert statistics("Invocation5XXErrors")["Sum"] == 0
    latency = statistics("ModelLatency")
    assert latency["Maximum"] == latency["Minimum"] + 2000


def test_the_variant_that_answered_is_one_of_the_endpoint(runtime: Any) -> None:
    answer = runtime.invoke_endpoint(EndpointName="none", Body=b"1")
    assert answer["InvokedProductionVariant"] == "main"
    assert answer["Body"].read() == b"body"


def test_an_endpoint_must_be_there(runtime: Any, refused: Refused) -> None:
    assert refused(runtime.invoke_endpoint, EndpointName="other", Body=b"1") == "ValidationError"
