"""A whole scan by the installed command: no secret leaves the account, no file but the named, no other address."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from harness import ACCOUNT, REGION
from readiness.emulator import serve

MARK = "hunter2-do-not-keep"
CODED = base64.b64encode(MARK.encode()).decode()
ROLE = f"arn:aws:iam::{ACCOUNT}:role/training"
CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
DATA = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://learner/train/"}}
OUTPUT = {"S3OutputPath": "s3://learner/models/"}
LIMIT = {"MaxRuntimeInSeconds": 60}
TOKEN = {"TOKEN": MARK}

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
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}}
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
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": [step]}),
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
    client("ssm").put_parameter(Name="/token", Value=MARK, Type="SecureString")
    client("secretsmanager").create_secret(Name="token", SecretString=MARK)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    base = tmp_path_factory.mktemp("machine")
    folders = {name: base / name for name in ("home", "temporary", "work", "watch")}
    for folder in folders.values():
        folder.mkdir()
    (folders["watch"] / "sitecustomize.py").write_text(WATCH)
    log = base / "addresses"
    with serve("127.0.0.1", 0) as endpoint:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": f"key-{MARK}"}
        seed(lambda service: boto3.client(service, endpoint_url=endpoint, region_name=REGION, **keys))
        command = [str(Path(sys.executable).with_name("readiness")), "scan", "--endpoint-url", endpoint]
        done = subprocess.run(
            [*command, "--snapshot", "kept.json", "-o", "report.html", "-o", "report.json"],
            cwd=folders["work"],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folders["home"]),
                "TMPDIR": str(folders["temporary"]),
                "PYTHONPATH": str(folders["watch"]),
                "PYTHONDONTWRITEBYTECODE": "1",
                "WATCHED": str(log),
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_REGION": REGION,
                **{name.upper(): value for name, value in keys.items()},
            },
            capture_output=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr
    left = {str(file.relative_to(base)): file for file in base.rglob("*") if file.is_file() and file != log}
    left.pop("watch/sitecustomize.py")
    return Scanned(
        {**{name: file.read_bytes() for name, file in left.items()}, "stdout": done.stdout, "stderr": done.stderr},
        {name: file.stat().st_mode & 0o777 for name, file in left.items()},
        set(log.read_text().splitlines()),
        endpoint,
    )


@pytest.mark.parametrize("name", ["work/kept.json", "work/report.html", "work/report.json", "stdout", "stderr"])
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
