"""Snapshots of real scans of an emulated account: whole, without secrets, and refused where they are none."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from harness import ACCOUNT, IDENTITY, NOW, REGION
from readiness import packs
from readiness.audit import audit
from readiness.errors import UsageError
from readiness.scan import scan
from readiness.session import new_session
from readiness.snapshot import GLOBAL, LARGEST, CallError, Reading, Snapshot, load
from readiness_reports.json import render

LIBRARY = packs.load()
WEST = "us-west-2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/training"
MARKER = "hunter2-do-not-keep"


def document(*, principal: Any = None, resource: str | None = None) -> str:
    statement = {"Effect": "Allow", "Action": "s3:GetObject" if resource else "sts:AssumeRole"}
    statement |= {"Resource": resource} if resource else {}
    statement |= {"Principal": principal} if principal else {}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("app.py", f"def handler(event, context):\n    return '{MARKER}'\n")
    return content.getvalue()


def seed() -> None:
    """What a learner leaves behind, a secret wherever people put them."""
    iam, s3, sagemaker = client("iam"), client("s3"), client("sagemaker")
    service = {"Service": ["sagemaker.amazonaws.com", "lambda.amazonaws.com"]}
    iam.create_role(RoleName="training", AssumeRolePolicyDocument=document(principal=service))
    iam.put_role_policy(RoleName="training", PolicyName="p", PolicyDocument=document(resource="arn:aws:s3:::learner/*"))
    s3.create_bucket(Bucket="learner")
    s3.put_bucket_policy(
        Bucket="learner", Policy=document(principal={"AWS": ACCOUNT}, resource="arn:aws:s3:::learner/*")
    )
    s3.put_object(Bucket="learner", Key="train/data.csv", Body=MARKER.encode())
    sagemaker.create_training_job(
        TrainingJobName="train",
        AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
        HyperParameters={"epochs": "3", "api_token": MARKER},
        Environment={"TOKEN": MARKER},
        RoleArn=ROLE,
        InputDataConfig=[
            {
                "ChannelName": "train",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://learner/train/"}},
            }
        ],
        OutputDataConfig={"S3OutputPath": "s3://learner/models/"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
    sagemaker.create_processing_job(
        ProcessingJobName="prepare",
        ProcessingResources={"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
        AppSpecification={"ImageUri": "image", "ContainerArguments": ["--token", MARKER]},
        Environment={"TOKEN": MARKER},
        RoleArn=ROLE,
    )
    sagemaker.create_model(
        ModelName="model",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": "image", "ModelDataUrl": "s3://learner/m.tgz", "Environment": {"TOKEN": MARKER}},
    )
    client("lambda").create_function(
        FunctionName="front",
        Runtime="python3.12",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": archive()},
        Environment={"Variables": {"TOKEN": MARKER}},
    )
    client("codebuild").create_project(
        name="build",
        source={"type": "S3", "location": "learner/source.zip"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "image",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "TOKEN", "value": MARKER}],
        },
        serviceRole=ROLE,
    )
    client("glue").create_job(
        Name="etl", Role=ROLE, Command={"Name": "glueetl"}, DefaultArguments={"--password": MARKER}
    )
    client("cloudformation").create_stack(
        StackName="stack",
        TemplateBody=json.dumps(
            {
                "Parameters": {"Password": {"Type": "String"}},
                "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}},
            }
        ),
        Parameters=[{"ParameterKey": "Password", "ParameterValue": MARKER}],
    )
    client("ssm").put_parameter(Name="/token", Value=MARKER, Type="SecureString")
    client("secretsmanager").create_secret(Name="token", SecretString=MARKER)


@pytest.fixture(scope="module")
def scanned() -> Snapshot:
    with mock_aws():
        seed()
        session = new_session(region=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")
        return scan(session, IDENTITY, [REGION], LIBRARY.exam.id, LIBRARY.checks, only=["d1"], skip=["x"])


def reported(snapshot: Snapshot) -> bytes:
    return render(audit(snapshot, LIBRARY.exam, LIBRARY.checks, LIBRARY.checks))


def saved(content: bytes, folder: Path) -> Path:
    path = folder / "account.json"
    path.write_bytes(content)
    return path


def test_the_scan_saw_what_was_seeded(scanned: Snapshot) -> None:
    content = scanned.encode().decode()
    for name in ('"train"', '"prepare"', '"model"', '"build"', '"etl"', '"stack"', "arn:aws:s3:::learner/*"):
        assert name in content, name
    assert json.loads(content)["readings"]["sagemaker.TrainingJob"][REGION]["records"][0]["HyperParameters"] == {
        "epochs": "3"
    }


def test_a_snapshot_is_read_back_as_it_was(scanned: Snapshot, tmp_path: Path) -> None:
    content = scanned.encode()
    again = load(saved(content, tmp_path))
    assert again.encode() == content
    assert (again.only, again.skip, again.scanned_at) == (["d1"], ["x"], scanned.scanned_at)


def test_a_report_does_not_tell_whether_the_snapshot_was_saved_in_between(scanned: Snapshot, tmp_path: Path) -> None:
    live = reported(scanned)
    assert reported(load(saved(scanned.encode(), tmp_path))) == live
    assert reported(scanned) == live


def test_the_order_in_which_aws_answered_does_not_show(scanned: Snapshot, tmp_path: Path) -> None:
    other = load(saved(scanned.encode(), tmp_path))
    for regions in other.readings.values():
        for reading in regions.values():
            reading.records = list(reversed(reading.records))
    assert reported(other) == reported(scanned)


def test_no_secret_is_kept(scanned: Snapshot) -> None:
    assert MARKER.encode() not in scanned.encode()
    assert MARKER.encode() not in reported(scanned)


def test_keys_and_kinds_are_in_a_fixed_order() -> None:
    readings = {
        "b.B": {WEST: Reading(), REGION: Reading(records=[{"Name": "x"}], cut=True)},
        "a.A": {GLOBAL: Reading(errors=[CallError("a:ListA", GLOBAL, "AccessDenied", "no")])},
    }

    def made(backwards: bool) -> bytes:
        order = reversed if backwards else iter
        return Snapshot(
            tool="readiness",
            caller=IDENTITY,
            regions=[REGION, WEST],
            scanned_at=NOW,
            readings={kind: dict(order(list(readings[kind].items()))) for kind in order(list(readings))},
            calls=dict(order([("b:ListB", 2), ("a:ListA", 1)])),
            exam="MADE",
        ).encode()

    assert made(backwards=True) == made(backwards=False)
    assert made(backwards=False).endswith(b"}\n")


def changed(**fields: Any) -> bytes:
    whole = Snapshot(
        tool="readiness",
        caller=IDENTITY,
        regions=[REGION],
        scanned_at=NOW,
        readings={},
        calls={},
        exam="MADE",
    )
    plain = {**json.loads(whole.encode()), **fields}
    return json.dumps({name: value for name, value in plain.items() if value is not None}).encode()


REFUSED = [
    ("empty", b""),
    ("garbage", b"\x00\xff\xfe garbage"),
    ("truncated", changed()[:-20]),
    ("another's JSON", b'{"Reservations": []}'),
    ("a list", b"[]"),
    ("a report", b'{"schema_version": "1", "score": {"low": 1}}'),
    ("of another format", changed(format="prowler")),
    ("of a later version", changed(version=2)),
    ("without a field", changed(caller=None)),
    ("a field of another type", changed(regions="us-east-1")),
    ("nested without end", b"[" * 100_000),
]


@pytest.mark.parametrize("content", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_no_snapshot_is_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    path = saved(content, tmp_path)
    with pytest.raises(UsageError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "told"), [("missing.json", "No such file"), (".", "Is a directory")])
def test_what_can_not_be_read_is_refused_in_one_line(name: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        load(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_whole_snapshot_is_not_refused(tmp_path: Path) -> None:
    assert load(saved(changed(), tmp_path)).caller == IDENTITY


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(UsageError, match="larger than 512 MiB"):
        load(tmp_path / "large.json")
