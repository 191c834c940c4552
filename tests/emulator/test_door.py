"""What holds for every service: where requests come in, what is refused, what is remembered, and time."""

from __future__ import annotations

import datetime
import io
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from harness import ACCOUNT, REGION
from readiness.emulator import ago, emulated, serve
from readiness.session import new_session

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
OURS = f"arn:aws:iam::{ACCOUNT}:root"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with serve("127.0.0.1", 0) as url:
        yield url


def policy(effect: str, principal: Any, **more: Any) -> str:
    everything = {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::data/*"}
    statement = {"Effect": effect, "Principal": principal, **everything, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


PLAIN_HTTP = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
POLICIES = [
    (policy("Deny", "*", **PLAIN_HTTP), True),
    (policy("Deny", "*"), False),
    (policy("Deny", {"AWS": OURS}), False),
    (policy("Deny", {"AWS": "210987654321"}), True),
    (policy("Deny", {"Service": "logging.s3.amazonaws.com"}), True),
]


@pytest.mark.parametrize(("document", "allowed"), POLICIES)
def test_a_bucket_policy_denies_what_it_says(
    aws: Callable[..., Any], refused: Callable[..., str], document: str, allowed: bool
) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="data")
    s3.put_bucket_policy(Bucket="data", Policy=document)
    if allowed:
        s3.put_object(Bucket="data", Key="a", Body=b"1")
        assert s3.get_object(Bucket="data", Key="a")["Body"].read() == b"1"
    else:
        assert refused(s3.put_object, Bucket="data", Key="a", Body=b"1") == "403"


STRANGE = [
    ("sagemaker", "create_domain", {"DomainName": "d", "AuthMode": "Nobody"}, "ValidationException"),
    ("bedrock", "list_evaluation_jobs", {"statusEquals": "Fine"}, "ValidationException"),
]


@pytest.mark.parametrize(("service", "call", "parameters", "code"), STRANGE)
def test_a_value_that_no_enumeration_has_is_refused(
    aws: Callable[..., Any],
    refused: Callable[..., str],
    service: str,
    call: str,
    parameters: dict[str, Any],
    code: str,
) -> None:
    if service == "sagemaker":
        parameters = {**parameters, "DefaultUserSettings": {"ExecutionRole": f"arn:aws:iam::{ACCOUNT}:role/ml"}}
    assert refused(getattr(aws(service), call), **parameters) == code


@pytest.mark.parametrize("size", [0, 1, 9_000_000])
def test_objects_pass_through_a_server_whole(endpoint: str, size: int) -> None:
    s3 = boto3.client("s3", region_name=REGION, endpoint_url=endpoint, **KEYS)
    s3.create_bucket(Bucket=f"data-{size}")
    content = os.urandom(size)
    s3.upload_fileobj(io.BytesIO(content), f"data-{size}", "a/b c.bin")
    assert s3.get_object(Bucket=f"data-{size}", Key="a/b c.bin")["Body"].read() == content


def test_a_server_answers_each_protocol_and_remembers(endpoint: str) -> None:
    session = new_session(region=REGION, **KEYS)

    def client(service: str) -> Any:
        return session.client(service, endpoint_url=endpoint)

    assert client("sagemaker").list_monitoring_schedules()["MonitoringScheduleSummaries"] == []
    assert client("bedrock").list_guardrails()["guardrails"] == []
    assert client("iam").list_users()["Users"] == []
    assert client("ec2").describe_vpcs()["Vpcs"] != []
    assert client("cloudwatch").describe_anomaly_detectors()["AnomalyDetectors"] == []
    # The account comes before the host's name, which an address can't have.
    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    client("s3control").put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=block)
    found = client("s3control").get_public_access_block(AccountId=ACCOUNT)
    assert found["PublicAccessBlockConfiguration"] == block
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "PutPublicAccessBlock"}]
    [event] = client("cloudtrail").lookup_events(LookupAttributes=wanted)["Events"]
    assert event["ReadOnly"] == "false"
    told = json.loads(event["CloudTrailEvent"])
    assert told["requestParameters"]["accountId"] == ACCOUNT


def test_what_is_made_in_the_past_has_a_past(aws: Callable[..., Any]) -> None:
    now = datetime.datetime.now(datetime.UTC)
    with ago(datetime.timedelta(days=10)):
        aws("kinesis").create_stream(StreamName="clicks", ShardCount=1)
        aws("sagemaker").create_mlflow_app(
            Name="app", ArtifactStoreUri="s3://a", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/ml"
        )
    made = aws("kinesis").describe_stream_summary(StreamName="clicks")["StreamDescriptionSummary"]
    [app] = aws("sagemaker").list_mlflow_apps()["Summaries"]
    for moment in (made["StreamCreationTimestamp"], app["CreationTime"]):
        assert abs((now - moment).total_seconds() - 864_000) < 60


def test_a_new_emulator_remembers_nothing() -> None:
    with emulated():
        boto3.client("kinesis", region_name=REGION).create_stream(StreamName="clicks", ShardCount=1)
    with emulated():
        trail = boto3.client("cloudtrail", region_name=REGION)
        assert trail.lookup_events()["Events"] == []


REFUSED = [
    ("sagemaker", "describe_endpoint", {"EndpointName": "none"}, "ValidationException"),
    ("iam", "get_role", {"RoleName": "none"}, "NoSuchEntity"),
    ("bedrock", "get_guardrail", {"guardrailIdentifier": "none"}, "ResourceNotFoundException"),
]


@pytest.mark.parametrize(("service", "call", "parameters", "code"), REFUSED)
def test_what_was_refused_is_remembered_with_its_code(
    aws: Callable[..., Any],
    refused: Callable[..., str],
    service: str,
    call: str,
    parameters: dict[str, Any],
    code: str,
) -> None:
    assert refused(getattr(aws(service), call), **parameters) == code
    event = aws("cloudtrail").lookup_events(MaxResults=1)["Events"][0]
    assert json.loads(event["CloudTrailEvent"])["errorCode"] == code
