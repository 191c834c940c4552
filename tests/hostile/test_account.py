"""Hostile texts that an account itself holds, put there by ordinary calls: a whole scan by the installed command."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from botocore import xform_name
from botocore.model import Shape

from harness import ACCOUNT, REGION
from hostile.test_outputs import HIDDEN, JUDGES, OURS, browser, facts  # noqa: F401
from hostile.texts import TEXTS
from readiness.emulator import serve
from readiness.results import Results

NAMES = (
    "script",
    "event",
    "svg",
    "frame",
    "end of what stands around",
    "entity",
    "template",
    "colours",
    "title and link of the terminal",
    "controls of 8 bits",
    "nul",
    "another line",
    "lines of unicode",
    "overrides",
    "zero width",
    "tags",
    "first half of a pair",
    "piled marks",
    "formula",
    "markdown",
    "markup of the terminal library",
    "end of a JSON text",
    "long word",
)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/training"
JAVA = {
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010ffff",
    r"\p{Print}": r"[\x20-\x7e]",
    r"\p{L}\p{Z}\p{N}": r"\w\s",
    r"|(?i).*<script>.*</script>.*": r"|.*<[sS][cC][rR][iI][pP][tT]>",
}
"""Parts of patterns in AWS's models that Java understands -> the same in Python's words."""
GROUP_NAME = re.compile(r"[\w .\-:/()#,@\[\]+=&;{}!$*]{1,255}", re.ASCII)
"""What EC2 documents for names of security groups; its model does not say."""

XML = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
IN_XML = frozenset({"CreateRole", "CreateSecurityGroup", "CreateStack", "PutBucketTagging"})
"""Operations whose texts are sent or come back in XML, which has no controls."""

Request = tuple[str, str, str, dict[str, Any]]
"""Where the text stands then, the service, the operation and its parameters."""
Client = Callable[[str], Any]


@dataclasses.dataclass(frozen=True)
class Scanned:
    """What a scan left behind, and what could be put into the account before."""

    page: bytes
    data: bytes
    shown: str
    told: str
    coloured: str
    again: bytes
    seeded: Mapping[str, frozenset[str]]

    @property
    def results(self) -> Results:
        return msgspec.json.decode(self.data, type=Results)


def policy(*statements: Mapping[str, Any], **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


def requests(text: str, number: int) -> Iterator[Request]:
    """The calls that put one text into an account."""
    name = f"hostile-{number}"
    note = f"{number} {text}"
    latency = {
        "Namespace": "AWS/SageMaker",
        "MetricName": "ModelLatency",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    on_live = [{"Name": "EndpointName", "Value": "live"}]
    yield (
        "alarm",
        "cloudwatch",
        "PutMetricAlarm",
        {
            "AlarmName": note[:255],
            "AlarmDescription": text[:1024],
            "Dimensions": on_live,
            "Tags": [{"Key": "why", "Value": text[:256]}],
            **latency,
        },
    )
    yield (
        "dimension",
        "cloudwatch",
        "PutMetricAlarm",
        {"AlarmName": name, "Dimensions": [{"Name": "EndpointName", "Value": note[:1024]}], **latency},
    )
    body = {"widgets": [{"type": "metric", "properties": {"title": text, "metrics": [["AWS/SageMaker", text]]}}]}
    yield "dashboard", "cloudwatch", "PutDashboard", {"DashboardName": name, "DashboardBody": json.dumps(body)}
    pattern = {"source": ["aws.sagemaker"], "detail-type": [note[:1500]], "detail": {"status": [text[:300]]}}
    rule = {"Name": name, "EventPattern": json.dumps(pattern, ensure_ascii=False), "Description": text[:512]}
    yield "rule", "events", "PutRule", rule
    yield (
        "target",
        "events",
        "PutTargets",
        {
            "Rule": name,
            "Targets": [
                {
                    "Id": "1",
                    "Arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:topic",
                    "InputTransformer": {"InputTemplate": json.dumps(text[:2000])},
                }
            ],
        },
    )
    yield (
        "job",
        "glue",
        "CreateJob",
        {"Name": note[:255], "Role": ROLE, "Command": {"Name": "glueetl"}, "Description": text[:2048]},
    )
    table = {
        "Name": note[:255],
        "Description": text[:2048],
        "Parameters": {"classification": f"csv{text[:2000]}", "comment": text},
        "StorageDescriptor": {
            "Columns": [{"Name": "id", "Type": "string", "Comment": text[:255]}],
            "Location": f"s3://{name}/",
        },
    }
    yield "table", "glue", "CreateTable", {"DatabaseName": "data", "TableInput": table}
    yield (
        "table's parameter",
        "glue",
        "CreateTable",
        {"DatabaseName": "data", "TableInput": {**table, "Name": name, "Description": ""}},
    )
    reason = {"ModelApprovalStatus": "Rejected", "ApprovalDescription": note[:1024]}
    package = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/{name}/1"
    yield "decision", "sagemaker", "UpdateModelPackage", {"ModelPackageArn": package, **reason}
    scaling = {
        "PolicyName": note[:256],
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/live/variant/main",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 50.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        },
    }
    yield "scaling policy", "application-autoscaling", "PutScalingPolicy", scaling
    budget = {
        "BudgetName": note[:100],
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": "5", "Unit": "USD"},
    }
    yield "budget", "budgets", "CreateBudget", {"AccountId": ACCOUNT, "Budget": budget}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}}
    yield (
        "role",
        "iam",
        "CreateRole",
        {
            "RoleName": name,
            "Description": text[:1000],
            "AssumeRolePolicyDocument": json.dumps({"Statement": trust}),
        },
    )
    odd = {
        "Effect": "Allow",
        "NotAction": "iam:*",
        "NotResource": "arn:aws:s3:::none",
        "Condition": {"StringLike": {f"aws:RequestTag/{number}": [text]}},
    }
    document = json.dumps({"Version": "2012-10-17", "Id": text, "Statement": odd})
    yield (
        "role's policy",
        "iam",
        "PutRolePolicy",
        {"RoleName": "training", "PolicyName": name, "PolicyDocument": document},
    )
    # moto's server has no route for a key with a line break.
    key = f"offline/{note}"[:300].replace("\n", " ")
    if not any("\ud800" <= letter <= "\udfff" for letter in key):
        yield "object", "s3", "PutObject", {"Bucket": "learner", "Key": key, "Body": b""}
    tags = {"TagSet": [{"Key": f"why{number}", "Value": text[:256]}]}
    yield "tag", "s3", "PutBucketTagging", {"Bucket": name, "Tagging": tags}
    bucket = {
        "Sid": text,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    rest = {
        "Sid": f"{text}{number}",
        "Effect": "Deny",
        "NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "NotAction": "s3:Get*",
        "NotResource": f"arn:aws:s3:::{name}/public/*",
        "Condition": {"StringLike": {"aws:UserAgent": [text]}, text or "none": {text: text}},
    }
    yield "bucket policy", "s3", "PutBucketPolicy", {"Bucket": name, "Policy": policy(bucket, rest, Id=text)}
    step = {"Name": note[:64], "Type": "Training", "Description": text, "Arguments": {"Environment": {"A": text}}}
    yield (
        "pipeline",
        "sagemaker",
        "CreatePipeline",
        {
            "PipelineName": name,
            "PipelineDescription": text[:3072],
            "PipelineDefinition": json.dumps({"Version": "2020-12-01", "Metadata": {"x": text}, "Steps": [step]}),
            "ClientRequestToken": "a" * 32,
            "RoleArn": ROLE,
        },
    )
    state = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob", "Comment": text, "End": True}
    definition = {"Comment": text, "StartAt": note[:80], "States": {note[:80]: {**state, "Parameters": {"a": text}}}}
    yield (
        "state machine",
        "stepfunctions",
        "CreateStateMachine",
        {"name": name, "roleArn": ROLE, "definition": json.dumps(definition)},
    )
    # moto reads JSON as YAML, in which two escapes are never one character, and which has no controls of 8 bits.
    template = {
        "Description": text[:1024],
        "Metadata": {"x": text},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Metadata": {"x": text}}},
    }
    written = json.dumps(template, ensure_ascii=max(text, default="") < "\U00010000")
    yield (
        "stack",
        "cloudformation",
        "CreateStack",
        {
            "StackName": name,
            "TemplateBody": written,
            "Tags": [{"Key": "why", "Value": text[:256]}],
        },
    )
    registry = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/"
    yield (
        "image",
        "sagemaker",
        "CreateModel",
        {
            "ModelName": name,
            "ExecutionRoleArn": ROLE,
            "PrimaryContainer": {"Image": f"{registry}{number}/{text}"[:255]},
            "Tags": [{"Key": "why", "Value": text[:256]}],
        },
    )
    yield (
        "tag of SageMaker",
        "sagemaker",
        "AddTags",
        {
            "ResourceArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/live",
            "Tags": [{"Key": f"{number}{text}"[:128], "Value": text[:256]}],
        },
    )
    if GROUP_NAME.fullmatch(note[:255]):
        yield "security group", "ec2", "CreateSecurityGroup", {"GroupName": note[:255], "Description": "open"}


def fits(value: Any, shape: Shape) -> bool:
    """Whether AWS's own model allows all strings of a request; botocore itself leaves lengths and patterns to AWS."""
    if shape.type_name == "structure":
        return all(fits(inner, shape.members[name]) for name, inner in value.items())
    if shape.type_name == "list":
        return all(fits(inner, shape.member) for inner in value)
    if shape.type_name == "map":
        return all(fits(name, shape.key) and fits(inner, shape.value) for name, inner in value.items())
    if shape.type_name != "string":
        return True
    pattern = shape.metadata.get("pattern", "(?s:.*)")
    for foreign, ours in JAVA.items():
        pattern = pattern.replace(foreign, ours)
    return len(value) <= shape.metadata.get("max", sys.maxsize) and bool(re.fullmatch(pattern, value))


def found_there(client: Client) -> None:
    """What the texts are put on: an endpoint that runs, a bucket that is read, versions of models."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}}
    client("iam").create_role(RoleName="training", AssumeRolePolicyDocument=json.dumps({"Statement": trust}))
    client("s3").create_bucket(Bucket="learner")
    client("glue").create_database(DatabaseInput={"Name": "data"})
    sagemaker = client("sagemaker")
    container = {"Image": "image", "ModelDataUrl": "s3://learner/m.tgz"}
    sagemaker.create_model(ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_endpoint_config(
        EndpointConfigName="live",
        ProductionVariants=[
            {"VariantName": "main", "ModelName": "model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        ],
    )
    sagemaker.create_endpoint(EndpointName="live", EndpointConfigName="live")
    sagemaker.create_feature_group(
        FeatureGroupName="features",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="at",
        FeatureDefinitions=[
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "at", "FeatureType": "String"},
        ],
        OfflineStoreConfig={"S3StorageConfig": {"S3Uri": "s3://learner/offline/"}},
        RoleArn=ROLE,
    )
    for number in range(len(NAMES)):
        group = f"hostile-{number}"
        client("s3").create_bucket(Bucket=group)
        own = {**container, "ModelDataUrl": f"s3://{group}/m.tgz"}
        sagemaker.create_model(ModelName=f"of-{group}", ExecutionRoleArn=ROLE, PrimaryContainer=own)
        sagemaker.create_model_package_group(ModelPackageGroupName=group)
        sagemaker.create_model_package(
            ModelPackageGroupName=group,
            InferenceSpecification={"Containers": [container], "SupportedContentTypes": ["text/csv"]},
        )
    client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/live/variant/main",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=2,
    )


def takes(operation: str, parameters: Mapping[str, Any], client: Any) -> bool:
    """Whether AWS would take the texts of a request, and could answer them in its protocol."""
    if not fits(parameters, client.meta.service_model.operation_model(operation).input_shape):
        return False
    # Of what goes over the wire as it is, and not in JSON, half a pair has no form.
    return operation not in IN_XML or all(XML.fullmatch(text) for text in strings(parameters))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def seed(client: Client) -> dict[str, frozenset[str]]:
    """Every text in every place where AWS allows it -> by text, the places."""
    found_there(client)
    seeded: dict[str, frozenset[str]] = {}
    for number, name in enumerate(NAMES):
        places = set()
        for place, service, operation, parameters in requests(TEXTS[name], number):
            able = client(service)
            if takes(operation, parameters, able):
                getattr(able, xform_name(operation))(**parameters)
                places.add(place)
        seeded[name] = frozenset(places)
    return seeded


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    folder = tmp_path_factory.mktemp("hostile")
    command = str(Path(sys.executable).with_name("readiness"))
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "COLUMNS": "80",
        "TERM": "xterm-256color",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": REGION,
        **{name.upper(): value for name, value in keys.items()},
    }

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            [command, *arguments],
            cwd=folder,
            env={**environment, **more},
            capture_output=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done

    with serve("127.0.0.1", 0) as endpoint:
        # What other tests of this process left there.
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).close()
        client = functools.cache(
            lambda service: boto3.client(service, endpoint_url=endpoint, region_name=REGION, **keys)
        )
        seeded = seed(client)
        first = run("scan", "--endpoint-url", endpoint, "--snapshot", "k.json", "-o", "r.html", "-o", "r.json")
    second = run("audit", "k.json", "-o", "again.json", FORCE_COLOR="1")
    return Scanned(
        page=(folder / "r.html").read_bytes(),
        data=(folder / "r.json").read_bytes(),
        again=(folder / "again.json").read_bytes(),
        shown=first.stdout.decode(),
        told=first.stderr.decode(),
        coloured=second.stdout.decode(),
        seeded=seeded,
    )


def arrived(scanned: Scanned, name: str) -> list[str]:
    """The texts of findings in which a hostile text stands, as much of it as AWS allows in a name."""
    # A half of a pair has no form in UTF-8: it is spelled out, all else is kept as it was.
    wanted = TEXTS[name][:60].encode("utf-8", "backslashreplace").decode()
    found = [text for check in scanned.results.checks for one in check.findings for text in (one.resource, one.note)]
    return [text for text in found if wanted in text]


@pytest.mark.parametrize("name", NAMES)
def test_text_of_the_account_arrives_and_stays_text(name: str, scanned: Scanned, facts: dict[str, Any]) -> None:  # noqa: F811
    assert len(scanned.seeded[name]) >= 9, scanned.seeded[name]
    found = arrived(scanned, name)
    assert len(found) >= 3, found
    JUDGES["html"](scanned.page, max(found, key=len), facts)


def test_report_of_the_account_is_json_that_reads_back(scanned: Scanned, facts: dict[str, Any]) -> None:  # noqa: F811
    JUDGES["json"](scanned.data, "", facts)


def test_snapshot_of_the_account_gives_the_same_report(scanned: Scanned) -> None:
    assert scanned.again == scanned.data


@pytest.mark.parametrize("stream", ["shown", "coloured", "told"])
def test_nothing_of_the_account_reaches_the_terminal_but_text(stream: str, scanned: Scanned) -> None:
    written: str = getattr(scanned, stream)
    if stream == "coloured":
        assert OURS.search(written)
        written = OURS.sub("", written)
    assert not HIDDEN.search(written)
    lines = written.splitlines()
    if stream == "told":
        assert len(lines) == 1
    else:
        assert [number for number, line in enumerate(lines) if line.startswith("Score: ")] == [1]


def test_no_error_repeats_a_text_of_the_account(scanned: Scanned) -> None:
    told = [msgspec.json.encode(error).decode() for error in scanned.results.errors]
    assert [text for text in told if any(TEXTS[name][:20] in text for name in NAMES)] == []


def test_every_list_of_the_account_was_read(scanned: Scanned) -> None:
    assert [error for error in scanned.results.errors if not error.operation.startswith(("check:", "derived."))] == []


def test_no_text_of_the_account_makes_a_check_crash(scanned: Scanned) -> None:
    assert [error for error in scanned.results.errors if error.operation.startswith(("check:", "derived."))] == []


def test_policies_hold_whatever_their_texts_say(scanned: Scanned) -> None:
    """Sids, identifiers and conditions are people's own words: a denial of requests without TLS counts beside them."""
    seeded = {f"arn:aws:s3:::hostile-{n}" for n, name in enumerate(NAMES) if "bucket policy" in scanned.seeded[name]}
    [check] = [check for check in scanned.results.checks if check.name == "ml-buckets-require-tls"]
    assert {one.resource for one in check.findings if one.good} == seeded
