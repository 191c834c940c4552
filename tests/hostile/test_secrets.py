"""A whole scan by the installed command: no secret leaves the account, no file but the named, no other address."""

from __future__ import annotations

import base64
import dataclasses
import functools
import io
import json
import os
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from faults.injector import injecting, refuse
from harness import ACCOUNT, REGION
from readiness.emulator import serve

MARK = "hunter2-do-not-keep"
CODED = base64.b64encode(MARK.encode()).decode()
SESSION = f"session-{MARK}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/training"
CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
DATA = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://learner/train/"}}
OUTPUT = {"S3OutputPath": "s3://learner/models/"}
LIMIT = {"MaxRuntimeInSeconds": 60}
TOKEN = {"TOKEN": MARK}
SERVICES = ["sagemaker.amazonaws.com", "codepipeline.amazonaws.com"]

PLACES = (
    "tag of a bucket",
    "parameter of a run",
    "description of a run",
    "launch template",
    "subscription",
    "description of an alarm",
    "input of a schedule",
    "source of a pipeline",
    "build of a pipeline",
    "build",
    "connection",
    "run of a Glue job",
    "database",
    "column",
    "table",
    "execution",
    "destination",
    "key of a destination",
    "API key",
    "log driver",
    "splunk",
    "label",
)
"""Where else people put secrets; each has one of its own, so that it shows which got through."""
WRITTEN = ["work/kept.json", "work/report.html", "work/report.json", "stdout", "stderr"]

WATCH = """\
import os
import socket
import sys


def tell(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        address = arguments[1] if event == "socket.connect" else arguments[:2]
        with open(os.environ["WATCHED"], "a", encoding="utf-8") as file:
            file.write(f"{address[0]} {address[1]}\\\\n" if isinstance(address, tuple) else f"{address}\\\\n")


sys.addaudithook(tell)
""".replace("\\\\n", "\\n")
"""Python imports a module of this name before all else; the hook sees every address that is connected to."""


def secret(place: str) -> str:
    return f"hunter3-{place.replace(' ', '-').lower()}-end"


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def told(place: str) -> str:
    """An address that lets in whoever knows it."""
    return f"https://hooks.example.com/notify?token={secret(place)}"


@dataclasses.dataclass(frozen=True)
class Scanned:
    """What a scan left behind: all that it wrote, by file or stream, and the addresses that it asked for."""

    written: dict[str, bytes]
    modes: dict[str, int]
    addresses: set[str]
    endpoint: str


def archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("app.py", f"TOKEN = '{MARK}'\n")
    return content.getvalue()


def seed(client: Callable[[str], Any]) -> None:
    """A secret wherever people put one and AWS gives it back."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": SERVICES}}
    client("iam").create_role(RoleName="training", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    client("s3").create_bucket(Bucket="learner")
    client("s3").put_object(Bucket="learner", Key="train/data.csv", Body=MARK.encode())
    sagemaker = client("sagemaker")
    training: dict[str, Any] = {
        "AlgorithmSpecification": {
            "TrainingImage": "image",
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "validation:error", "Regex": "error=([0-9.]+)"}],
        },
        "RoleArn": ROLE,
        "InputDataConfig": [{"ChannelName": "train", "DataSource": DATA}],
        "OutputDataConfig": OUTPUT,
        "ResourceConfig": CLUSTER,
        "StoppingCondition": LIMIT,
    }
    secret = {"epochs": "3", "api_token": MARK, "sagemaker_password": json.dumps(MARK)}
    sagemaker.create_training_job(TrainingJobName="train", HyperParameters=secret, Environment=TOKEN, **training)
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tune",
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "ResourceLimits": {"MaxParallelTrainingJobs": 1},
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:error"},
            "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "depth", "Values": ["3", "5"]}]},
        },
        TrainingJobDefinition={**training, "StaticHyperParameters": secret, "Environment": TOKEN},
    )
    sagemaker.create_processing_job(
        ProcessingJobName="prepare",
        ProcessingResources={"ClusterConfig": CLUSTER},
        AppSpecification={
            "ImageUri": "image",
            "ContainerEntrypoint": ["run", MARK],
            "ContainerArguments": ["--token", MARK],
        },
        Environment=TOKEN,
        RoleArn=ROLE,
    )
    container = {"Image": "image", "ModelDataUrl": "s3://learner/m.tgz", "Environment": TOKEN}
    sagemaker.create_model(ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_transform_job(
        TransformJobName="transform",
        ModelName="model",
        TransformInput={"DataSource": DATA},
        TransformOutput=OUTPUT,
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        Environment=TOKEN,
    )
    sagemaker.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName="start", OnStart=[{"Content": CODED}]
    )
    step = {"Name": "train", "Type": "Training", "Arguments": {"Environment": TOKEN, "HyperParameters": secret}}
    sagemaker.create_pipeline(
        PipelineName="pipeline",
        PipelineDefinition=json.dumps(
            {
                "Version": "2020-12-01",
                "Parameters": [{"Name": "Token", "Type": "String", "DefaultValue": MARK}],
                "Steps": [step],
            }
        ),
        ClientRequestToken="a" * 32,
        RoleArn=ROLE,
    )
    client("lambda").create_function(
        FunctionName="front",
        Runtime="python3.12",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": archive()},
        Environment={"Variables": TOKEN},
    )
    client("codebuild").create_project(
        name="build",
        source={"type": "S3", "location": "learner/source.zip", "buildspec": f"env: {{variables: {{TOKEN: {MARK}}}}}"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "image",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "TOKEN", "value": MARK}],
        },
        serviceRole=ROLE,
    )
    client("glue").create_job(
        Name="etl",
        Role=ROLE,
        Command={"Name": "glueetl"},
        DefaultArguments={"--password": MARK},
        NonOverridableArguments={"--token": MARK},
    )
    client("ecs").create_cluster(clusterName="cluster")
    client("ecs").register_task_definition(
        family="task",
        containerDefinitions=[
            {
                "name": "front",
                "image": "image",
                "memory": 128,
                "command": ["run", MARK],
                "entryPoint": ["sh", MARK],
                "environment": [{"name": "TOKEN", "value": MARK}],
            }
        ],
    )
    client("ecs").create_service(cluster="cluster", serviceName="service", taskDefinition="task", desiredCount=1)
    client("cloudformation").create_stack(
        StackName="stack",
        TemplateBody=json.dumps(
            {
                "Parameters": {"Password": {"Type": "String"}},
                "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}},
                "Outputs": {"Password": {"Value": {"Ref": "Password"}}},
            }
        ),
        Parameters=[{"ParameterKey": "Password", "ParameterValue": MARK}],
    )
    client("stepfunctions").create_state_machine(
        name="machine",
        roleArn=ROLE,
        definition=json.dumps(
            {
                "StartAt": "Train",
                "States": {
                    "Train": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::sagemaker:createTrainingJob",
                        "Parameters": {"Environment": TOKEN, "HyperParameters": secret},
                        "End": True,
                    }
                },
            }
        ),
    )
    client("events").put_rule(Name="rule", ScheduleExpression="rate(1 day)")
    client("events").put_targets(
        Rule="rule",
        Targets=[{"Id": "1", "Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:front", "Input": json.dumps(TOKEN)}],
    )
    image = client("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    client("ec2").run_instances(ImageId=image, MinCount=1, MaxCount=1, UserData=MARK)
    _seed_around(client, image)
    client("ssm").put_parameter(Name="/token", Value=MARK, Type="SecureString")
    client("secretsmanager").create_secret(Name="token", SecretString=MARK)


def _seed_around(client: Callable[[str], Any], image: str) -> None:
    """Tags, addresses, settings of actions and messages, and what single runs were given."""
    sagemaker, glue, s3 = client("sagemaker"), client("glue"), client("s3")
    sagemaker.add_tags(
        ResourceArn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/train",
        Tags=[{"Key": "token", "Value": secret("tag of a job")}],
    )
    sagemaker.start_pipeline_execution(
        PipelineName="pipeline",
        ClientRequestToken="b" * 32,
        PipelineParameters=[{"Name": "Token", "Value": secret("parameter of a run")}],
        PipelineExecutionDescription=secret("description of a run"),
    )
    s3.put_bucket_tagging(Bucket="learner", Tagging={"TagSet": [{"Key": "token", "Value": secret("tag of a bucket")}]})
    # What a content network tells the bucket, so that nobody else gets in: a password in all but name.
    referred = {
        "Effect": "Allow",
        "Principal": {"AWS": ROLE},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::learner/*",
        "Condition": {"StringEquals": {"aws:Referer": secret("condition")}},
    }
    s3.put_bucket_policy(Bucket="learner", Policy=json.dumps({"Version": "2012-10-17", "Statement": [referred]}))
    client("iam").tag_role(RoleName="training", Tags=[{"Key": "token", "Value": secret("tag of a role")}])
    client("ec2").create_launch_template(
        LaunchTemplateName="template",
        LaunchTemplateData={"ImageId": image, "UserData": coded(secret("launch template"))},
    )
    topic = client("sns").create_topic(Name="topic")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="https", Endpoint=told("subscription"))
    client("cloudwatch").put_metric_alarm(
        AlarmName="alarm",
        AlarmDescription=secret("description of an alarm"),
        Namespace="AWS/SageMaker",
        MetricName="ModelLatency",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    widget = {"type": "text", "width": 1, "height": 1, "properties": {"markdown": secret("widget")}}
    client("cloudwatch").put_dashboard(DashboardName="board", DashboardBody=json.dumps({"widgets": [widget]}))
    client("scheduler").create_schedule(
        Name="schedule",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": topic, "RoleArn": ROLE, "Input": secret("input of a schedule")},
    )
    client("codepipeline").create_pipeline(
        pipeline={
            "name": "delivery",
            "roleArn": ROLE,
            "artifactStore": {"type": "S3", "location": "learner"},
            "stages": [
                {
                    "name": "Source",
                    "actions": [
                        {
                            "name": "fetch",
                            "actionTypeId": {
                                "category": "Source",
                                "owner": "ThirdParty",
                                "provider": "GitHub",
                                "version": "1",
                            },
                            "configuration": {
                                "Owner": "x",
                                "Repo": "y",
                                "Branch": "main",
                                "OAuthToken": secret("source of a pipeline"),
                            },
                            "outputArtifacts": [{"name": "code"}],
                        }
                    ],
                },
                {
                    "name": "Build",
                    "actions": [
                        {
                            "name": "build",
                            "actionTypeId": {
                                "category": "Build",
                                "owner": "AWS",
                                "provider": "CodeBuild",
                                "version": "1",
                            },
                            "configuration": {
                                "ProjectName": "build",
                                "EnvironmentVariables": json.dumps(
                                    [{"name": "TOKEN", "value": secret("build of a pipeline")}]
                                ),
                            },
                            "inputArtifacts": [{"name": "code"}],
                        }
                    ],
                },
            ],
        }
    )
    client("codebuild").start_build(
        projectName="build", environmentVariablesOverride=[{"name": "TOKEN", "value": secret("build")}]
    )
    client("glue").create_connection(
        ConnectionInput={
            "Name": "database",
            "ConnectionType": "JDBC",
            "ConnectionProperties": {
                "JDBC_CONNECTION_URL": "jdbc:x",
                "USERNAME": "x",
                "PASSWORD": secret("connection"),
            },
        }
    )
    glue.start_job_run(JobName="etl", Arguments={"--token": secret("run of a Glue job")})
    glue.create_database(DatabaseInput={"Name": "data", "Parameters": {"token": secret("database")}})
    storage = {
        "Columns": [{"Name": "id", "Type": "string", "Comment": secret("column")}],
        "Location": "s3://learner/table/",
    }
    table = {
        "Name": "table",
        "Parameters": {"classification": "csv", "token": secret("table")},
        "StorageDescriptor": storage,
    }
    glue.create_table(DatabaseName="data", TableInput=table)
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:machine"
    client("stepfunctions").start_execution(stateMachineArn=machine, input=json.dumps({"token": secret("execution")}))
    client("firehose").create_delivery_stream(
        DeliveryStreamName="delivery",
        HttpEndpointDestinationConfiguration={
            "EndpointConfiguration": {"Url": told("destination"), "AccessKey": secret("key of a destination")},
            "S3Configuration": {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::learner"},
        },
    )
    client("events").create_connection(
        Name="connection",
        AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "token", "ApiKeyValue": secret("API key")}},
    )
    client("ecs").register_task_definition(
        family="logging",
        containerDefinitions=[
            {
                "name": "front",
                "image": "image",
                "memory": 128,
                "logConfiguration": {
                    "logDriver": "splunk",
                    "options": {"splunk-token": secret("log driver"), "splunk-url": told("splunk")},
                },
                "dockerLabels": {"token": secret("label")},
            }
        ],
    )
    client("ecs").create_service(cluster="cluster", serviceName="logging", taskDefinition="logging", desiredCount=1)


KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": f"key-{MARK}", "aws_session_token": SESSION}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A served account with a secret in every place."""
    with serve("127.0.0.1", 0) as url:
        # What other tests of this process left there.
        urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()
        seed(functools.cache(lambda service: boto3.client(service, endpoint_url=url, region_name=REGION, **KEYS)))
        yield url


def run(base: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """The installed command, with its home, its temporary files and its work in folders of their own."""
    folders = {name: base / name for name in ("home", "temporary", "work", "watch")}
    for folder in folders.values():
        folder.mkdir()
    (folders["watch"] / "sitecustomize.py").write_text(WATCH)
    return subprocess.run(
        [Path(sys.executable).with_name("readiness"), *arguments],
        cwd=folders["work"],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folders["home"]),
            "TMPDIR": str(folders["temporary"]),
            "PYTHONPATH": str(folders["watch"]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "WATCHED": str(base / "addresses"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": REGION,
            **{name.upper(): value for name, value in KEYS.items()},
            **more,
        },
        capture_output=True,
        check=False,
        timeout=300,
    )


def scan(base: Path, endpoint: str, *arguments: str) -> Scanned:
    done = run(
        base,
        *("scan", "--endpoint-url", endpoint, "--snapshot", "kept.json", "-o", "report.html", "-o", "report.json"),
        *arguments,
    )
    assert done.returncode == 0, done.stderr
    log = base / "addresses"
    left = {str(file.relative_to(base)): file for file in base.rglob("*") if file.is_file() and file != log}
    left.pop("watch/sitecustomize.py")
    return Scanned(
        {**{name: file.read_bytes() for name, file in left.items()}, "stdout": done.stdout, "stderr": done.stderr},
        {name: file.stat().st_mode & 0o777 for name, file in left.items()},
        set(log.read_text().splitlines()),
        endpoint,
    )


@pytest.fixture(scope="module")
def scanned(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    return scan(tmp_path_factory.mktemp("machine"), endpoint)


REFUSED = {
    "cloudformation:ListStacks": "ValidationError",
    "codepipeline:GetPipeline": "ValidationException",
    "ec2:DescribeVpcs": "UnauthorizedOperation",
    "ecs:ListClusters": "ClientException",
    "events:ListRules": "AccessDeniedException",
    "firehose:DescribeDeliveryStream": "ResourceNotFoundException",
    "glue:GetJobs": "ExpiredTokenException",
    "iam:GetAccountAuthorizationDetails": "AccessDenied",
    "lambda:ListEventSourceMappings": "AccessDeniedException",
    "s3:GetBucketPolicy": "AccessDenied",
    "sagemaker:DescribePipeline": "ValidationException",
    "scheduler:ListSchedules": "OptInRequired",
    "logs:DescribeLogGroups": "UnrecognizedClientException",
    "sns:ListSubscriptions": "InvalidParameter",
    "stepfunctions:ListStateMachines": "AccessDeniedException",
}
"""What is refused, of all protocols, and by which code; what is said besides holds a secret."""
CRASHING = """
from collections.abc import Iterator

from readiness import Finding, Findings, Record, practice, resource
from readiness.aws.s3 import Bucket


@resource("s3", "ListBuckets")
class Refusing(Record):
    name: str

    def __post_init__(self) -> None:
        raise ValueError(f"crash-{self.name}")


class Derived(Record):
    name: str

    @classmethod
    def derive(cls, buckets: list[Bucket]) -> Iterator["Derived"]:
        for bucket in buckets:
            try:
                raise KeyError(f"crash-{bucket.name}")
            except KeyError as problem:
                raise ValueError(f"crash-{bucket.name}") from problem
        yield cls(name="none")


@practice("4.3-S7")
def crashes(buckets: list[Bucket]) -> Findings:
    '''A check that falls over the data.

    Why: w.
    Fix: f.
    See: https://docs.aws.amazon.com/
    Cost: free.
    Survives: s.
    '''
    for bucket in buckets:
        raise ValueError(f"crash-{bucket.name}")
    yield Finding("none", good=True)


@practice("4.3-S7")
def crashes_before(derived: list[Derived]) -> Findings:
    '''A check whose records can't be derived.

    Why: w.
    Fix: f.
    See: https://docs.aws.amazon.com/
    Cost: free.
    Survives: s.
    '''
    for one in derived:
        yield Finding(one.name, good=True)


@practice("4.3-S7")
def crashes_at_once(refusing: list[Refusing]) -> Findings:
    '''A check whose records can't be read.

    Why: w.
    Fix: f.
    See: https://docs.aws.amazon.com/
    Cost: free.
    Survives: s.
    '''
    for one in refusing:
        yield Finding(one.name, good=True)
"""
"""A folder of a user's own checks, which tell in what they raise what they saw."""
CRASHED = {
    "check:crashing/crashes": "ValueError",
    "derived.Derived": "DerivationFailed",
    "s3:ListBuckets": "UnexpectedShape",
}
"""What becomes of those."""


@pytest.fixture(scope="module")
def failing(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """A scan in which much is refused, and in which checks crash."""
    pack = tmp_path_factory.mktemp("pack") / "crashing"
    pack.mkdir()
    (pack / "crashing.py").write_text(CRASHING)
    said = f"not authorized with the token refused-{MARK} in refused-{coded(MARK)}"
    faults = {operation: refuse(code, message=said) for operation, code in REFUSED.items()}
    with injecting(endpoint, faults) as (url, _):
        return scan(tmp_path_factory.mktemp("failing"), url, "--checks", str(pack))


@pytest.mark.parametrize("name", WRITTEN)
def test_no_secret_of_an_error_is_in_what_a_scan_writes(name: str, failing: Scanned) -> None:
    content = failing.written[name].decode()
    assert [word for word in (MARK, coded(MARK), "refused-", "crash-") if word in content] == []


def test_the_errors_came(failing: Scanned) -> None:
    """What was refused and what crashed is told, so that its text could have been."""
    told = {error["operation"]: error["code"] for error in json.loads(failing.written["work/report.json"])["errors"]}
    assert told == {**REFUSED, **CRASHED}


ADDRESSES = (
    "http://user:{}@127.0.0.1:9",
    "http://{}@127.0.0.1:9",
    "http://user:{}@",
    "http://user:a/{}@127.0.0.1:9",
    "http://user:a@{}@127.0.0.1:9",
    "user:{}@127.0.0.1:9",
)


@pytest.mark.parametrize(
    ("place", "address"),
    [(place, address) for place in ("--endpoint-url", "AWS_ENDPOINT_URL", "HTTPS_PROXY") for address in ADDRESSES],
)
def test_no_password_of_an_address_is_shown(place: str, address: str, tmp_path: Path) -> None:
    given = address.format(MARK)
    option = place.startswith("--")
    done = run(tmp_path, "scan", place, given) if option else run(tmp_path, "scan", **{place: given})
    assert done.returncode == 3, done.stderr
    assert done.stderr
    assert MARK.encode() not in done.stdout + done.stderr
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize("place", [*PLACES, "tag of a job", "tag of a role", "condition", "widget"])
def test_no_secret_of_a_place_is_in_what_a_scan_writes(place: str, scanned: Scanned) -> None:
    words = secret(place), coded(secret(place))
    assert [name for name in WRITTEN if any(word in scanned.written[name].decode() for word in words)] == []


@pytest.mark.parametrize("name", WRITTEN)
def test_no_secret_is_in_what_a_scan_writes(name: str, scanned: Scanned) -> None:
    content = scanned.written[name].decode()
    places = [content[max(0, at - 200) : at] for at in range(len(content)) if content.startswith((MARK, CODED), at)]
    assert places == []


@pytest.mark.parametrize(
    "kind",
    [
        "sagemaker.TrainingJob",
        "sagemaker.ProcessingJob",
        "sagemaker.Model",
        "sagemaker.PipelineDefinition",
        "codebuild.Project",
        "cloudformation.StackParameters",
        "stepfunctions.StateMachine",
        "glue.Job",
        "ecs.TaskDefinition",
        "sagemaker.TransformJob",
        "sagemaker.TuningJob",
        "sagemaker.TuningPlan",
        "sagemaker.PipelineExecution",
        "codebuild.Build",
        "codepipeline.PipelineStructure",
        "cloudwatch.Dashboard",
        "cloudwatch.MetricAlarm",
        "events.RuleTarget",
        "firehose.DeliveryStream",
        "glue.Database",
        "glue.JobRun",
        "glue.Table",
        "iam.Role",
        "resourcegroupstaggingapi.TaggedResource",
        "s3.BucketPolicy",
        "scheduler.Schedule",
        "sns.Subscription",
        "stepfunctions.StateMachineExecution",
    ],
)
def test_what_holds_the_secrets_was_read(kind: str, scanned: Scanned) -> None:
    [*readings] = json.loads(scanned.written["work/kept.json"])["readings"][kind].values()
    assert [record for reading in readings for record in reading.get("records", [])]


def test_nothing_is_written_but_what_is_named(scanned: Scanned) -> None:
    assert set(scanned.modes) == {"work/kept.json", "work/report.html", "work/report.json"}


def test_only_the_owner_reads_the_snapshot(scanned: Scanned) -> None:
    assert scanned.modes["work/kept.json"] == 0o600


def test_no_address_is_asked_but_the_endpoint(scanned: Scanned) -> None:
    host, _, port = scanned.endpoint.removeprefix("http://").partition(":")
    assert scanned.addresses == {f"{host} {port}"}
