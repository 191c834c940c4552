"""Gathering against an emulated AWS, with kinds that are made up for one thing each."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from harness import ACCOUNT, IDENTITY, REGION
from readiness import Call, Finding, Findings, Record, resource
from readiness.aws.iam import ManagedPolicy, Role
from readiness.caller import RefusedCall
from readiness.check import Check
from readiness.kinds import name_of
from readiness.scan import scan
from readiness.session import new_session
from readiness.snapshot import GLOBAL, Reading, Snapshot

WEST = "us-west-2"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
ALLOW = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}
)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service"


@pytest.fixture(autouse=True)
def _emulated() -> Iterator[None]:
    with mock_aws():
        yield


def asking(kind: type[Record]) -> Check:
    """A check that asks for one kind."""

    def look(records: list[Record]) -> Findings:
        """Whatever is there is good.

        Why: to have it gathered.
        Fix: nothing.
        See: https://docs.aws.amazon.com/
        """
        for record in records:
            yield Finding(str(record), good=True)

    look.__annotations__["records"] = list[kind]  # type: ignore[valid-type]
    look.__name__ = f"look_at_{kind.__name__}"
    return Check(look, "evidence", ("1.1-S1",), "low", "")


def gathered(
    *kinds: type[Record], regions: tuple[str, ...] = (REGION,), session: boto3.Session | None = None
) -> Snapshot:
    return scan(session or new_session(region=regions[0]), IDENTITY, regions, "MADE", [asking(kind) for kind in kinds])


def reading(snapshot: Snapshot, kind: type[Record], region: str = REGION) -> Reading:
    return snapshot.readings[name_of(kind)][region]


def client(service: str, region: str = REGION) -> Any:
    return boto3.client(service, region_name=region)


@resource("sns", "ListTopics")
class Topic(Record):
    topic_arn: str


@resource("kinesis", Call(operation="ListStreams", name="StreamName", take="StreamNames"))
class Stream(Record):
    stream_name: str


@resource("kinesis", Call(operation="ListShards", by={"StreamName": "StreamName"}), per=Stream)
class Shard(Record):
    stream_name: str
    shard_id: str


class LongStream(Record):
    """A stream by a name of more than one letter."""

    stream_name: str

    @classmethod
    def derive(cls, streams: list[Stream]) -> Iterator[LongStream]:
        for stream in streams:
            if len(stream.stream_name) > 1:
                yield cls(stream_name=stream.stream_name)


@resource("kinesis", Call(operation="ListShards", by={"StreamName": "StreamName"}), per=LongStream)
class LongShard(Record):
    stream_name: str


@resource("sagemaker", "ListModels", "DescribeModel")
class Model(Record):
    model_name: str
    execution_role_arn: str


@resource("sagemaker", "ListEndpoints", "DescribeEndpoint", "DescribeEndpointConfig")
class Endpoint(Record):
    endpoint_name: str
    endpoint_config_name: str
    production_variants: list[Any]


@resource(
    "codebuild",
    Call(operation="ListProjects", name="name"),
    Call(operation="BatchGetProjects", by={"names": "name"}, take="projects[]", batch=2),
)
class Project(Record, rename="camel"):
    name: str
    service_role: str


@resource(
    "logs", Call(operation="DescribeLogGroups", each={"logGroupNamePrefix": ("/aws/sagemaker/", "/aws/bedrock/")})
)
class LogGroup(Record, rename="camel"):
    log_group_name: str
    log_group_name_prefix: str


JOBS = {"SortBy": "CreationTime", "SortOrder": "Descending"}


@resource("sagemaker", Call(operation="ListTrainingJobs", give=JOBS), "DescribeTrainingJob", newest=2)
class NewestJob(Record):
    training_job_name: str
    role_arn: str


@resource("sagemaker", Call(operation="ListTrainingJobs", give=JOBS), newest=5)
class AllJob(Record):
    training_job_name: str


@resource("sagemaker", Call(operation="ListTrainingJobs", give={"CreationTimeAfter": datetime.timedelta(days=1)}))
class JobOfToday(Record):
    training_job_name: str


@resource("sagemaker", Call(operation="ListTrainingJobs", give={"CreationTimeAfter": datetime.timedelta(days=-1)}))
class JobOfTomorrow(Record):
    training_job_name: str


@resource("s3", "ListBuckets")
class Bucket(Record):
    name: str


GONE = ("ValidationError", "does not exist")
"""A code that AWS uses for much, and what the message says where there is none."""
ODD = ("ValidationError", "is too odd")
BY_BUCKET = {"Bucket": "Name"}


@resource("s3", Call(operation="GetBucketPolicy", by=BY_BUCKET, absent=("NoSuchBucketPolicy",)), per=Bucket)
class BucketPolicy(Record):
    bucket: str
    policy: str


@resource("cloudformation", Call(operation="ListStackResources", give={"StackName": "gone"}, absent=(GONE,)))
class ResourceOfNoStack(Record):
    logical_resource_id: str


@resource("cloudformation", Call(operation="ListStackResources", give={"StackName": "gone"}, absent=(ODD,)))
class ResourceOfOddStack(Record):
    logical_resource_id: str


@resource("s3", "ListBuckets", Call(operation="GetBucketPolicy", by=BY_BUCKET, absent=("NoSuchBucketPolicy",)))
class BucketWithPolicy(Record):
    name: str
    policy: str | None = None


@resource("s3", "ListBuckets", Call(operation="GetBucketVersioning", by=BY_BUCKET, into="Versioning", take="Status"))
class BucketWithVersioning(Record):
    name: str
    versioning: str | None = None


@resource("s3", "ListBuckets", Call(operation="GetBucketPolicy", by=BY_BUCKET))
class BucketWithDemandedPolicy(Record):
    name: str


@resource("iam", "ListRoles", where=lambda role: not str(role["Path"]).startswith("/aws-service-role/"))
class OwnRole(Record):
    role_name: str


@resource("sagemaker", "ListHubs")
class Hub(Record):
    """Of an operation that the emulator lacks."""

    hub_name: str


@resource(
    "sagemaker", Call(operation="ListHubContents", by={"HubName": "HubName"}, give={"HubContentType": "Model"}), per=Hub
)
class HubContent(Record):
    hub_content_name: str


@resource("sns", "ListTopics")
class Misread(Record):
    """Of a field that AWS does not give."""

    topic_name: str


def streams() -> None:
    for name in ("a", "bee"):
        client("kinesis").create_stream(StreamName=name, ShardCount=2)


def models() -> None:
    for name in ("m1", "m2"):
        client("sagemaker").create_model(ModelName=name, ExecutionRoleArn=f"{ROLE}-{name}")


def projects() -> None:
    for name in ("one", "three", "two"):
        client("codebuild").create_project(
            name=name,
            source={"type": "S3", "location": "code/source.zip"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"},
            serviceRole=f"{ROLE}-{name}",
        )


def log_groups() -> None:
    for name in ("/aws/sagemaker/TrainingJobs", "/aws/bedrock/calls", "/aws/lambda/f"):
        client("logs").create_log_group(logGroupName=name)


def jobs() -> None:
    for number in range(5):
        client("sagemaker").create_training_job(
            TrainingJobName=f"job-{number}",
            AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
            RoleArn=ROLE,
            OutputDataConfig={"S3OutputPath": "s3://models/"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
        )


def buckets() -> None:
    for name in ("bare", "kept"):
        client("s3").create_bucket(Bucket=name)
    client("s3").put_bucket_policy(Bucket="kept", Policy=TRUST)
    client("s3").put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})


def roles() -> None:
    client("iam").create_role(RoleName="mine", AssumeRolePolicyDocument=TRUST)
    client("iam").create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")


def topic() -> None:
    client("sns").create_topic(Name="alerts")


TOPIC = {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"}

SITUATIONS: list[tuple[str, type[Record], Callable[[], object], list[dict[str, Any]]]] = [
    ("a list", Topic, topic, [TOPIC]),
    ("an empty list", Topic, lambda: None, []),
    ("bare values under a name", Stream, streams, [{"StreamName": "a"}, {"StreamName": "bee"}]),
    (
        "children, that carry the key of their parent",
        Shard,
        streams,
        [{"StreamName": name, "ShardId": f"shardId-00000000000{shard}"} for name in ("a", "bee") for shard in (0, 1)],
    ),
    ("children of a derived kind", LongShard, streams, [{"StreamName": "bee"}, {"StreamName": "bee"}]),
    (
        "details, by a required parameter that the item has",
        Model,
        models,
        [{"ModelName": name, "ExecutionRoleArn": f"{ROLE}-{name}"} for name in ("m1", "m2")],
    ),
    (
        "details in batches, by name",
        Project,
        projects,
        [{"name": name, "serviceRole": f"{ROLE}-{name}"} for name in ("one", "three", "two")],
    ),
    (
        "one call for each constant, which the items carry",
        LogGroup,
        log_groups,
        [
            {"logGroupName": "/aws/bedrock/calls", "logGroupNamePrefix": "/aws/bedrock/"},
            {"logGroupName": "/aws/sagemaker/TrainingJobs", "logGroupNamePrefix": "/aws/sagemaker/"},
        ],
    ),
    ("since a moment before the scan", JobOfToday, jobs, [{"TrainingJobName": f"job-{n}"} for n in range(5)]),
    ("since a moment after the scan", JobOfTomorrow, jobs, []),
    ("absent, for a listing", BucketPolicy, buckets, [{"Bucket": "kept", "Policy": TRUST}]),
    ("absent, by what is said", ResourceOfNoStack, buckets, []),
    ("absent, for details", BucketWithPolicy, buckets, [{"Name": "bare"}, {"Name": "kept", "Policy": TRUST}]),
    (
        "what was taken, put into a field",
        BucketWithVersioning,
        buckets,
        [{"Name": "bare"}, {"Name": "kept", "Versioning": "Enabled"}],
    ),
    ("only those that count", OwnRole, roles, [{"RoleName": "mine"}]),
]


@pytest.mark.parametrize(
    ("kind", "seed", "records"), [row[1:] for row in SITUATIONS], ids=[row[0] for row in SITUATIONS]
)
def test_records(kind: type[Record], seed: Callable[[], object], records: list[dict[str, Any]]) -> None:
    seed()
    snapshot = gathered(kind)
    plain = json.loads(snapshot.encode())["readings"][name_of(kind)]
    [found] = plain.values()
    assert "errors" not in found, found
    assert sorted(found.get("records", []), key=str) == sorted(records, key=str)
    assert "cut" not in found


def test_batches_are_no_larger_than_the_service_allows() -> None:
    projects()
    assert gathered(Project).calls == {"codebuild:ListProjects": 1, "codebuild:BatchGetProjects": 2}


@pytest.mark.parametrize(("kind", "count", "cut", "calls"), [(NewestJob, 2, True, 3), (AllJob, 5, False, 1)])
def test_no_more_than_the_newest(kind: type[Record], count: int, cut: bool, calls: int) -> None:
    jobs()
    snapshot = gathered(kind)
    found = reading(snapshot, kind)
    assert (len(found.records), found.cut) == (count, cut)
    # The emulator does not sort, so which ones they are is not to be seen here; the details are theirs alone.
    assert len({record.training_job_name for record in found.records}) == count
    assert sum(snapshot.calls.values()) == calls


def test_an_operation_that_two_kinds_need_is_called_once() -> None:
    roles()
    client("iam").create_policy(PolicyName="mine", PolicyDocument=ALLOW)
    snapshot = gathered(Role, ManagedPolicy)
    assert snapshot.calls == {"iam:GetAccountAuthorizationDetails": 1}
    assert [role.role_name for role in reading(snapshot, Role, GLOBAL).records] == ["mine"]
    assert [policy.arn for policy in reading(snapshot, ManagedPolicy, GLOBAL).records] == [
        f"arn:aws:iam::{ACCOUNT}:policy/mine"
    ]


def test_identical_requests_are_made_once() -> None:
    sagemaker = client("sagemaker")
    models()
    variant = {"VariantName": "v", "ModelName": "m1", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="shared", ProductionVariants=[variant])
    for name in ("blue", "green"):
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName="shared")
    snapshot = gathered(Endpoint)
    assert snapshot.calls == {
        "sagemaker:ListEndpoints": 1,
        "sagemaker:DescribeEndpoint": 2,
        "sagemaker:DescribeEndpointConfig": 1,
    }
    found = {one.endpoint_name: one.endpoint_config_name for one in reading(snapshot, Endpoint).records}
    assert found == {"blue": "shared", "green": "shared"}


def test_regions_are_asked_one_by_one_and_what_is_global_once() -> None:
    roles()
    topic()
    client("sns", WEST).create_topic(Name="elsewhere")
    snapshot = gathered(Topic, OwnRole, regions=(REGION, WEST))
    assert snapshot.calls == {"sns:ListTopics": 2, "iam:ListRoles": 1}
    assert set(snapshot.readings[name_of(OwnRole)]) == {GLOBAL}
    names = {region: found.records[0].topic_arn for region, found in snapshot.readings[name_of(Topic)].items()}
    assert names == {REGION: TOPIC["TopicArn"], WEST: f"arn:aws:sns:{WEST}:{ACCOUNT}:elsewhere"}


def test_an_operation_that_fails_costs_its_kind_and_what_rests_on_it_only() -> None:
    topic()
    snapshot = gathered(Hub, HubContent, Topic)
    [error] = reading(snapshot, Hub).errors
    assert (error.operation, error.region) == ("sagemaker:ListHubs", REGION)
    assert error.code
    assert len(error.message) <= 300
    assert reading(snapshot, HubContent).errors == [error]
    assert reading(snapshot, Topic).errors == []
    assert len(reading(snapshot, Topic).records) == 1


def test_an_error_code_that_is_not_named_is_a_failure() -> None:
    buckets()
    snapshot = gathered(BucketWithDemandedPolicy, Bucket)
    [error] = reading(snapshot, BucketWithDemandedPolicy, GLOBAL).errors
    assert (error.operation, error.code) == ("s3:GetBucketPolicy", "NoSuchBucketPolicy")
    assert len(reading(snapshot, Bucket, GLOBAL).records) == 2


def test_a_code_that_says_something_else_is_a_failure() -> None:
    [error] = reading(gathered(ResourceOfOddStack), ResourceOfOddStack).errors
    assert error.code == "ValidationError"


@resource("comprehend", "ListEntityRecognizers")
class Recognizer(Record):
    entity_recognizer_arn: str


@pytest.mark.parametrize(("region", "code"), [("me-south-1", None), ("us-east-1", "EndpointConnectionError")])
def test_a_service_that_a_region_does_not_offer_has_nothing_there(
    region: str, code: str | None, tmp_path: Path
) -> None:
    """Asked in a process of its own, where no emulator answers and every name leads nowhere."""
    script = tmp_path / "ask.py"
    script.write_text(
        "import socket, sys\n"
        "def nowhere(event, arguments):\n"
        "    if event == 'socket.getaddrinfo':\n"
        "        raise socket.gaierror('no such name')\n"
        "sys.addaudithook(nowhere)\n"
        "from readiness.caller import Absent, Caller, CallFailed\n"
        "from readiness.kinds import Call\n"
        "from readiness.session import new_session\n"
        f"session = new_session(region='{region}', aws_access_key_id='x', aws_secret_access_key='x')\n"
        "caller = Caller(session, frozenset({'comprehend:ListEntityRecognizers'}), None, 1)\n"
        "try:\n"
        f"    caller.items('comprehend', '{region}', Call(operation='ListEntityRecognizers'), {{}})\n"
        "except Absent:\n"
        "    print(None)\n"
        "except CallFailed as failed:\n"
        "    print(failed.error.code)\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(code)


def test_an_answer_without_a_required_field_is_an_error() -> None:
    topic()
    snapshot = gathered(Misread, Stream)
    [error] = reading(snapshot, Misread).errors
    assert (error.operation, error.code) == ("sns:ListTopics", "UnexpectedShape")
    assert "TopicName" in error.message
    assert reading(snapshot, Stream).errors == []


def test_no_operation_but_the_declared_ones_leaves_the_session() -> None:
    buckets()
    session = new_session(region=REGION)
    gathered(Bucket, session=session)
    with pytest.raises(RefusedCall, match="s3:CreateBucket"):
        session.client("s3").create_bucket(Bucket="planted")
    with pytest.raises(RefusedCall, match="sns:ListTopics"):
        session.client("sns").list_topics()
    assert {bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]} == {"bare", "kept"}
    assert {bucket["Name"] for bucket in session.client("s3").list_buckets()["Buckets"]} == {"bare", "kept"}


def test_progress_tells_each_kind_in_each_region() -> None:
    told: list[tuple[str, str]] = []
    checks = [asking(kind) for kind in (Topic, OwnRole, Hub)]
    regions = (REGION, WEST)
    scan(
        new_session(region=REGION),
        IDENTITY,
        regions,
        "MADE",
        checks,
        progress=lambda kind, region: told.append((kind, region)),
    )
    assert sorted(told) == sorted(
        [("iam.OwnRole", GLOBAL), *((kind, region) for kind in ("sns.Topic", "sagemaker.Hub") for region in regions)]
    )
