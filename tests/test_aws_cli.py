"""The real AWS CLI practises in a sandbox: what it makes is listed, described, seen by a scan, and deleted."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import Run, decoded
from harness import ACCOUNT

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/churn:1"
VARIANT = {"VariantName": "main", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
SCALED = (
    *("--service-namespace", "sagemaker", "--resource-id", "endpoint/churn/variant/main"),
    *("--scalable-dimension", "sagemaker:variant:DesiredInstanceCount"),
)
PLAIN_HTTP = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::churn-data", "arn:aws:s3:::churn-data/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    },
}

Command = tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class Story:
    """What a person does with one sort of resource; anything in a command that is not text is given as JSON.

    `survives` tells that the trace of the practice outlives the resource.
    """

    name: str
    make: tuple[Command, ...]
    listing: Command
    listed: str
    describe: Command
    described: str
    wrong: Command
    error: str
    check: str
    delete: tuple[Command, ...]
    gone: str
    survives: bool = False

    def __str__(self) -> str:
        return self.name


MODEL = ("sagemaker", "create-model", "--model-name", "churn", "--execution-role-arn", ROLE)
ENDPOINT: tuple[Command, ...] = (
    (*MODEL, "--primary-container", {"Image": IMAGE, "ModelDataUrl": "s3://churn-data/model.tar.gz"}),
    *(
        ("sagemaker", "create-endpoint-config", "--endpoint-config-name", "churn", "--production-variants", [VARIANT]),
        ("sagemaker", "create-endpoint", "--endpoint-name", "churn", "--endpoint-config-name", "churn"),
    ),
)
SCHEDULE = {
    "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
    "MonitoringJobDefinitionName": "churn",
    "MonitoringType": "DataQuality",
}
RECORD = [{"FeatureName": "id", "ValueAsString": "1"}, {"FeatureName": "at", "ValueAsString": "2026-11-23T00:00:00Z"}]
FEATURES = [{"FeatureName": "id", "FeatureType": "String"}, {"FeatureName": "at", "FeatureType": "String"}]
QUALITY = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://churn-data/quality.json"}}}
SPECIFICATION = {
    "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://churn-data/model.tar.gz"}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}
VERSION = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/churn/1"

STORIES = [
    Story(
        name="monitoring schedule",
        make=(
            *ENDPOINT,
            (
                *("sagemaker", "create-data-quality-job-definition", "--job-definition-name", "churn"),
                *("--data-quality-app-specification", {"ImageUri": "analyzer:1"}, "--role-arn", ROLE),
                "--data-quality-baseline-config",
                {"ConstraintsResource": {"S3Uri": "s3://churn-data/constraints.json"}},
                "--data-quality-job-input",
                {"EndpointInput": {"EndpointName": "churn", "LocalPath": "/opt/ml/processing/input"}},
                "--data-quality-job-output-config",
                {"MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://churn-data/reports", "LocalPath": "/opt/ml/out"}}]},
                "--job-resources",
                {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}},
            ),
            (
                *("sagemaker", "create-monitoring-schedule", "--monitoring-schedule-name", "churn"),
                *("--monitoring-schedule-config", SCHEDULE),
            ),
        ),
        listing=("sagemaker", "list-monitoring-schedules", "--endpoint-name", "churn"),
        listed="MonitoringScheduleSummaries[].MonitoringScheduleName | [0] == 'churn'",
        describe=("sagemaker", "describe-monitoring-schedule", "--monitoring-schedule-name", "churn"),
        described="MonitoringScheduleStatus == 'Scheduled'",
        wrong=(
            *("sagemaker", "create-monitoring-schedule", "--monitoring-schedule-name", "other"),
            *("--monitoring-schedule-config", {**SCHEDULE, "MonitoringJobDefinitionName": "missing"}),
        ),
        error="ValidationException",
        check="monitor-data-quality-practised",
        delete=(("sagemaker", "delete-monitoring-schedule", "--monitoring-schedule-name", "churn"),),
        gone="ResourceNotFound",
        survives=True,
    ),
    Story(
        name="feature group",
        make=(
            (
                *("sagemaker", "create-feature-group", "--feature-group-name", "customers", "--role-arn", ROLE),
                *("--record-identifier-feature-name", "id", "--event-time-feature-name", "at"),
                *("--feature-definitions", FEATURES, "--online-store-config", {"EnableOnlineStore": True}),
                *("--offline-store-config", {"S3StorageConfig": {"S3Uri": "s3://churn-data/features"}}),
            ),
            (
                *("sagemaker-featurestore-runtime", "put-record", "--feature-group-name", "customers"),
                *("--record", RECORD),
            ),
        ),
        listing=(
            *("sagemaker-featurestore-runtime", "get-record", "--feature-group-name", "customers"),
            *("--record-identifier-value-as-string", "1"),
        ),
        listed="Record[?FeatureName == 'id'].ValueAsString | [0] == '1'",
        describe=("sagemaker", "describe-feature-group", "--feature-group-name", "customers"),
        described="FeatureGroupStatus == 'Created'",
        wrong=(
            *("sagemaker-featurestore-runtime", "put-record", "--feature-group-name", "customers"),
            *("--record", [{"FeatureName": "unknown", "ValueAsString": "1"}]),
        ),
        error="ValidationError",
        check="feature-group-managed",
        delete=(("sagemaker", "delete-feature-group", "--feature-group-name", "customers"),),
        gone="ResourceNotFound",
        survives=True,
    ),
    Story(
        name="model package",
        make=(
            ("sagemaker", "create-model-package-group", "--model-package-group-name", "churn"),
            (
                *("sagemaker", "create-model-package", "--model-package-group-name", "churn"),
                *("--inference-specification", SPECIFICATION, "--model-metrics", QUALITY),
                *("--model-approval-status", "PendingManualApproval"),
            ),
            (
                *("sagemaker", "update-model-package", "--model-package-arn", VERSION),
                *("--model-approval-status", "Approved", "--approval-description", "AUC 0.91, baseline 0.88"),
            ),
        ),
        listing=("sagemaker", "list-model-packages", "--model-package-group-name", "churn"),
        listed=f"ModelPackageSummaryList[].ModelPackageArn | [0] == '{VERSION}'",
        describe=("sagemaker", "describe-model-package", "--model-package-name", VERSION),
        described="ModelMetrics.ModelQuality.Statistics.S3Uri == 's3://churn-data/quality.json'",
        wrong=("sagemaker", "update-model-package", "--model-package-arn", VERSION, "--model-approval-status", "Fine"),
        error="ValidationException",
        check="registry-approvals-justified",
        delete=(("sagemaker", "delete-model-package", "--model-package-name", VERSION),),
        gone="ValidationException",
    ),
    Story(
        name="endpoint that scales",
        make=(
            *ENDPOINT,
            (
                *("application-autoscaling", "register-scalable-target", *SCALED),
                *("--min-capacity", "1", "--max-capacity", "4"),
            ),
            (
                *("application-autoscaling", "put-scaling-policy", *SCALED, "--policy-name", "invocations"),
                *("--policy-type", "TargetTrackingScaling", "--target-tracking-scaling-policy-configuration"),
                {
                    "TargetValue": 700,
                    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
                },
            ),
        ),
        listing=("application-autoscaling", "describe-scaling-policies", "--service-namespace", "sagemaker"),
        listed="ScalingPolicies[].PolicyName | [0] == 'invocations'",
        describe=("sagemaker", "describe-endpoint", "--endpoint-name", "churn"),
        described="EndpointStatus == 'InService'",
        wrong=(
            *("application-autoscaling", "register-scalable-target", *SCALED),
            *("--min-capacity", "4", "--max-capacity", "1"),
        ),
        error="ValidationException",
        check="endpoint-autoscaling-registered",
        delete=(
            ("application-autoscaling", "deregister-scalable-target", *SCALED),
            ("sagemaker", "delete-endpoint", "--endpoint-name", "churn"),
        ),
        gone="ValidationException",
    ),
    Story(
        name="bucket that refuses plain HTTP",
        make=(
            ("s3api", "create-bucket", "--bucket", "churn-data"),
            ("s3api", "put-bucket-policy", "--bucket", "churn-data", "--policy", PLAIN_HTTP),
            # Only a bucket that holds the data of some work is judged.
            (
                *("sagemaker", "create-feature-group", "--feature-group-name", "customers", "--role-arn", ROLE),
                *("--record-identifier-feature-name", "id", "--event-time-feature-name", "at"),
                *("--feature-definitions", FEATURES),
                *("--offline-store-config", {"S3StorageConfig": {"S3Uri": "s3://churn-data/features"}}),
            ),
        ),
        listing=("s3api", "list-buckets"),
        listed="Buckets[].Name | [0] == 'churn-data'",
        describe=("s3api", "get-bucket-policy", "--bucket", "churn-data"),
        described="contains(Policy, 'aws:SecureTransport')",
        wrong=("s3api", "put-bucket-policy", "--bucket", "churn-data", "--policy", "{"),
        error="MalformedPolicy",
        check="ml-buckets-require-tls",
        delete=(("s3api", "delete-bucket-policy", "--bucket", "churn-data"),),
        gone="NoSuchBucketPolicy",
    ),
]


class Cli:
    """The AWS CLI, pointed at a sandbox."""

    def __init__(self, environment: dict[str, str], home: Path) -> None:
        path = os.environ["PATH"]
        self._environment = {**environment, "HOME": str(home), "PATH": path, "AWS_EC2_METADATA_DISABLED": "true"}

    def __call__(self, command: Command, *more: str) -> subprocess.CompletedProcess[str]:
        words = [part if isinstance(part, str) else json.dumps(part) for part in command]
        program = Path(sys.executable).with_name("aws")
        return subprocess.run(
            [program, *words, *more], env=self._environment, capture_output=True, text=True, check=False, timeout=120
        )


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_person_practises_with_the_aws_cli(story: Story, sandbox: dict[str, str], run: Run, tmp_path: Path) -> None:
    aws = Cli(sandbox, tmp_path)

    def verdict() -> str:
        done = run("scan", "--only", story.check, "-o", "report.json", **sandbox)
        assert done.returncode == 0, done.stderr
        [found] = [check.verdict for check in decoded(tmp_path / "report.json").checks if check.name == story.check]
        return found

    assert verdict() == "absent"
    for command in story.make:
        done = aws(command)
        assert done.returncode == 0, done.stderr
    for command, query in ((story.listing, story.listed), (story.describe, story.described)):
        done = aws(command, "--query", query)
        assert (done.returncode, done.stdout.strip()) == (0, "true"), done.stderr or aws(command).stdout
    refused = aws(story.wrong)
    assert refused.returncode != 0
    assert story.error in refused.stderr
    assert verdict() == "passed"
    for command in story.delete:
        done = aws(command)
        assert done.returncode == 0, done.stderr
    gone = aws(story.describe)
    assert gone.returncode != 0
    assert story.gone in gone.stderr
    assert (verdict() == "passed") == story.survives
