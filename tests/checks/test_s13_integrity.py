from __future__ import annotations

import datetime
import json
from typing import Any

import boto3
import pytest

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value, judged
from readiness import Record
from readiness.aws.glue import DataQualityResult, RuleResult
from readiness.aws.kms import Key
from readiness.aws.s3 import (
    AccountPublicAccessBlock,
    Bucket,
    BucketEncryption,
    BucketPolicy,
    BucketPolicyStatus,
    BucketPublicAccessBlock,
    DefaultEncryption,
)
from readiness.aws.sagemaker.features import FeatureGroup, OfflineStoreConfig, S3Storage
from readiness.aws.sagemaker.hosting import Container, DataCapture, EndpointConfig, Model
from readiness.aws.sagemaker.training import (
    Algorithm,
    AppSpecification,
    Channel,
    Cluster,
    DataSource,
    FileSystemSource,
    HyperParameters,
    Output,
    ProcessingInput,
    ProcessingJob,
    ProcessingOutput,
    ProcessingOutputs,
    ProcessingResources,
    ProcessingS3Output,
    S3Source,
    TrainingJob,
    TransformDataSource,
    TransformInput,
    TransformJob,
    TransformOutput,
    TransformResources,
)
from readiness_mla.s13_integrity import (
    clarify_pretraining_bias_run,
    dataset_split_channels,
    glue_data_quality_run,
    ml_buckets_kms_encrypted,
    ml_buckets_public_access_blocked,
    ml_buckets_require_tls,
    ml_jobs_storage_encrypted,
)

BUCKET = Bucket(name="data")
ARN = "arn:aws:s3:::data"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml-execution"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
XGBOOST = "811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1"
KMEANS = "811284229777.dkr.ecr.us-east-1.amazonaws.com/kmeans:1"
PYTORCH = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.8-gpu"
CLARIFY = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"


def sagemaker(resource: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}"


def channel(name: str, uri: str, kind: str = "S3Prefix") -> Channel:
    return Channel(channel_name=name, data_source=DataSource(s3_data_source=S3Source(s3_uri=uri, s3_data_type=kind)))


TRAIN = channel("train", "s3://data/train/")
VALIDATION = channel("validation", "s3://data/validation/")


def training(
    *channels: Channel, name: str = "job", image: str = XGBOOST, status: str = "Completed", age: int = 0, **more: Any
) -> TrainingJob:
    return TrainingJob(
        training_job_name=name,
        training_job_arn=sagemaker(f"training-job/{name}"),
        training_job_status=status,
        creation_time=NOW - datetime.timedelta(days=age),
        algorithm_specification=Algorithm(training_image=image),
        input_data_config=list(channels) or [TRAIN],
        **more,
    )


def stored_training(
    volume: str | None = None, output: str | None = None, instance: str = "ml.m5.large", **more: Any
) -> TrainingJob:
    return training(
        output_data_config=Output(s3_output_path="s3://data/output", kms_key_id=output),
        resource_config=Cluster(instance_type=instance, instance_count=1, volume_kms_key_id=volume),
        **more,
    )


def processing(
    *outputs: str,
    name: str = "prep",
    image: str = "sklearn",
    status: str = "Completed",
    volume: str | None = None,
    output: str | None = None,
    **more: Any,
) -> ProcessingJob:
    return ProcessingJob(
        processing_job_name=name,
        processing_job_arn=sagemaker(f"processing-job/{name}"),
        processing_job_status=status,
        creation_time=NOW,
        app_specification=AppSpecification(image_uri=image),
        processing_output_config=ProcessingOutputs(
            outputs=[
                ProcessingOutput(output_name=one, s3_output=ProcessingS3Output(s3_uri=f"s3://data/{one}"))
                for one in outputs
            ],
            kms_key_id=output,
        ),
        processing_resources=ProcessingResources(
            cluster_config=Cluster(instance_type="ml.m5.large", instance_count=1, volume_kms_key_id=volume)
        ),
        **more,
    )


def transform(volume: str | None = None, output: str | None = None, **more: Any) -> TransformJob:
    return TransformJob(
        transform_job_name="batch",
        transform_job_arn=sagemaker("transform-job/batch"),
        transform_job_status="Completed",
        creation_time=NOW,
        model_name="model",
        transform_input=TransformInput(
            data_source=TransformDataSource(s3_data_source=S3Source(s3_uri="s3://data/batch/"))
        ),
        transform_resources=TransformResources(instance_type="ml.m5.large", instance_count=1, volume_kms_key_id=volume),
        transform_output=TransformOutput(s3_output_path="s3://data/scores", kms_key_id=output),
        **more,
    )


def encrypted(
    algorithm: str, key: str | None = None, bucket_key: bool = True, bucket: str = "data"
) -> BucketEncryption:
    default = DefaultEncryption(sse_algorithm=algorithm, kms_master_key_id=key)
    return BucketEncryption(
        bucket=bucket, apply_server_side_encryption_by_default=default, bucket_key_enabled=bucket_key
    )


def key(named: str = KEY, manager: str = "CUSTOMER", state: str = "Enabled") -> Key:
    return Key(key_id=named, arn=KEY, key_manager=manager, key_state=state)


ML = [BUCKET, training()]
"""A bucket that a training job reads."""

HOLDERS: dict[str, Record] = {
    "a processing job's input": processing(
        processing_inputs=[ProcessingInput(input_name="in", s3_input=S3Source(s3_uri="s3://data/raw"))]
    ),
    "a processing job's output": processing("train"),
    "a transform job's output": transform(),
    "a model": Model(
        model_name="m",
        model_arn=sagemaker("model/m"),
        creation_time=NOW,
        containers=[Container(model_data_url="s3://data/model.tar.gz")],
    ),
    "captured traffic": EndpointConfig(
        endpoint_config_name="c",
        endpoint_config_arn=sagemaker("endpoint-config/c"),
        creation_time=NOW,
        data_capture_config=DataCapture(enable_capture=True, destination_s3_uri="s3://data/capture"),
    ),
    "a feature group": FeatureGroup(
        feature_group_name="g",
        feature_group_arn=sagemaker("feature-group/g"),
        offline_store_config=OfflineStoreConfig(s3_storage_config=S3Storage(s3_uri="s3://data/fs")),
    ),
}

ENCRYPTION = [
    Case(ml_buckets_kms_encrypted, "nothing there", [], "absent"),
    Case(ml_buckets_kms_encrypted, "a bucket without ML data", [BUCKET, encrypted("AES256")], "absent"),
    Case(
        ml_buckets_kms_encrypted, "data of AWS", [training(channel("train", "s3://jumpstart-cache-prod-x/d"))], "absent"
    ),
    Case(
        ml_buckets_kms_encrypted,
        "a bucket of another region",
        [Bucket(name="data", bucket_region="eu-west-1"), training(), encrypted("AES256")],
        "absent",
    ),
    Case(ml_buckets_kms_encrypted, "S3's own keys", [*ML, encrypted("AES256")], "failed", bad=["SSE-S3"]),
    Case(ml_buckets_kms_encrypted, "no rule at all", ML, "failed", bad=["SSE-S3"]),
    Case(ml_buckets_kms_encrypted, "the key aws/s3 by default", [*ML, encrypted("aws:kms")], "passed"),
    Case(ml_buckets_kms_encrypted, "the key aws/s3 by alias", [*ML, encrypted("aws:kms", "alias/aws/s3")], "passed"),
    Case(
        ml_buckets_kms_encrypted,
        "an AWS managed key by ARN",
        [*ML, encrypted("aws:kms", KEY), key(manager="AWS")],
        "passed",
    ),
    Case(ml_buckets_kms_encrypted, "a customer managed key", [*ML, encrypted("aws:kms", KEY), key()], "passed"),
    Case(ml_buckets_kms_encrypted, "by id", [*ML, encrypted("aws:kms", "1"), key("1")], "passed"),
    Case(ml_buckets_kms_encrypted, "two layers", [*ML, encrypted("aws:kms:dsse", KEY, False), key()], "passed"),
    Case(
        ml_buckets_kms_encrypted,
        "another account's key",
        [*ML, encrypted("aws:kms", f"arn:aws:kms:{REGION}:999999999999:key/2")],
        "passed",
    ),
    Case(
        ml_buckets_kms_encrypted,
        "another region's key",
        [*ML, encrypted("aws:kms", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/2")],
        "passed",
    ),
    Case(
        ml_buckets_kms_encrypted,
        "a key that waits for deletion",
        [*ML, encrypted("aws:kms", KEY), key(state="PendingDeletion")],
        "failed",
        bad=["PendingDeletion"],
    ),
    Case(ml_buckets_kms_encrypted, "a key that is gone", [*ML, encrypted("aws:kms", KEY)], "failed", bad=["not there"]),
    Case(
        ml_buckets_kms_encrypted,
        "one of two buckets",
        [
            *ML,
            encrypted("aws:kms"),
            Bucket(name="more"),
            training(channel("train", "s3://more/x")),
            encrypted("AES256", bucket="more"),
        ],
        "partial",
        bad=["arn:aws:s3:::more"],
    ),
    *(
        Case(ml_buckets_kms_encrypted, f"held by {what}", [BUCKET, holder, encrypted("AES256")], "failed")
        for what, holder in HOLDERS.items()
    ),
]


def deny(**more: Any) -> dict[str, Any]:
    """A statement that refuses all plain HTTP; an element that is None is left out."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [ARN, f"{ARN}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **more,
    }
    return {name: value for name, value in statement.items() if value is not None}


def policy(*statements: Any) -> BucketPolicy:
    return BucketPolicy(bucket="data", policy=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def on(operator: str, key: str, value: Any) -> dict[str, Any]:
    return deny(Condition={operator: {key: value}})


SECURE: dict[str, BucketPolicy] = {
    "as AWS writes it": policy(deny()),
    "one statement without a list": BucketPolicy(bucket="data", policy=json.dumps({"Statement": deny()})),
    "beside other statements": policy(
        {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject"}, deny()
    ),
    "all principals of AWS": policy(deny(Principal={"AWS": "*"})),
    "in a list": policy(deny(Principal={"AWS": [ROLE, "*"]})),
    "every action": policy(deny(Action="*")),
    "actions in a list, by another case": policy(deny(Action=["S3:*"])),
    "every resource": policy(deny(Resource="*")),
    "a pattern over bucket and objects": policy(deny(Resource=f"{ARN}*")),
    "two statements": policy(deny(Resource=ARN), deny(Resource=f"{ARN}/*")),
    "a key by another case": policy(on("Bool", "aws:securetransport", "false")),
    "a false of JSON": policy(on("Bool", "aws:SecureTransport", False)),
    "a list of one": policy(on("Bool", "aws:SecureTransport", ["false"])),
    "a false by another case": policy(on("Bool", "aws:SecureTransport", "False")),
    "if it exists": policy(on("BoolIfExists", "aws:SecureTransport", "false")),
    "as a text": policy(on("StringEquals", "aws:SecureTransport", "false")),
    "as a text in any case": policy(on("StringEqualsIgnoreCase", "aws:SecureTransport", "FALSE")),
    "as a pattern": policy(on("StringLike", "aws:SecureTransport", "f*")),
    "other than true": policy(on("StringNotEquals", "aws:SecureTransport", "true")),
    "by the version of TLS": policy(on("NumericLessThan", "s3:TlsVersion", "1.2")),
    "by the version as a number": policy(on("NumericLessThan", "s3:TlsVersion", 1.2)),
    "both conditions": policy(deny(), on("NumericLessThan", "s3:TlsVersion", "1.3")),
    "no condition": policy(deny(Condition=None)),
}

INSECURE: dict[str, tuple[BucketPolicy, str]] = {
    "only an allow": (
        policy(deny(Effect="Allow", Condition={"Bool": {"aws:SecureTransport": "true"}})),
        "denies nothing without it",
    ),
    "objects only": (policy(deny(Resource=f"{ARN}/*")), "the bucket itself"),
    "the bucket only": (policy(deny(Resource=ARN)), "its objects"),
    "a folder only": (policy(deny(Resource=[ARN, f"{ARN}/raw/*"])), "its objects"),
    "some keys only": (policy(deny(Resource=[ARN, f"{ARN}/*.csv"])), "its objects"),
    "another bucket": (policy(deny(Resource=["arn:aws:s3:::other", "arn:aws:s3:::other/*"])), "nothing in its policy"),
    "a bucket whose name begins alike": (policy(deny(Resource=f"{ARN}-2*")), "nothing in its policy"),
    "a pattern that is no regular expression": (policy(deny(Resource="arn.aws.s3...data*")), "nothing in its policy"),
    "one role": (policy(deny(Principal={"AWS": ROLE})), "not for all principals"),
    "one service": (policy(deny(Principal={"Service": "logs.amazonaws.com"})), "not for all principals"),
    "all but one role": (policy(deny(Principal=None, NotPrincipal={"AWS": ROLE})), "exclusion"),
    "some actions": (policy(deny(Action=["s3:GetObject", "s3:PutObject"])), "not for all S3 actions"),
    "all but some actions": (policy(deny(Action=None, NotAction="s3:ListBucket")), "exclusion"),
    "all but some resources": (policy(deny(Resource=None, NotResource=f"{ARN}/public/*")), "exclusion"),
    "the wrong way round": (policy(on("Bool", "aws:SecureTransport", "true")), "do not hold"),
    "a text by the wrong case": (policy(on("StringEquals", "aws:SecureTransport", "False")), "do not hold"),
    "a null test": (policy(on("Null", "aws:SecureTransport", "true")), "do not hold"),
    "a second condition": (
        policy(
            deny(Condition={"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}})
        ),
        "do not hold",
    ),
    "a second key": (
        policy(deny(Condition={"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}})),
        "do not hold",
    ),
    "a version of TLS over TLS only": (
        policy(deny(Condition={"Bool": {"aws:SecureTransport": "true"}, "NumericLessThan": {"s3:TlsVersion": "1.2"}})),
        "do not hold",
    ),
    "a deny of something else": (
        policy(deny(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}})),
        "nothing in its policy",
    ),
    "no statement": (policy(), "nothing in its policy"),
    "an empty document": (BucketPolicy(bucket="data", policy="{}"), "nothing in its policy"),
    "odd elements": (
        policy(7, {"Effect": ["Deny"], "Principal": 1, "Action": {}, "Condition": ["x"]}, {"Condition": {"Bool": "x"}}),
        "nothing in its policy",
    ),
}

TLS = [
    Case(ml_buckets_require_tls, "nothing there", [], "absent"),
    Case(ml_buckets_require_tls, "a bucket without ML data", [BUCKET, policy()], "absent"),
    Case(ml_buckets_require_tls, "no policy", ML, "failed", bad=["no bucket policy"]),
    *(Case(ml_buckets_require_tls, title, [*ML, written], "passed") for title, written in SECURE.items()),
    *(
        Case(ml_buckets_require_tls, title, [*ML, written], "failed", bad=[note])
        for title, (written, note) in INSECURE.items()
    ),
]

WHOLE = {
    "block_public_acls": True,
    "ignore_public_acls": True,
    "block_public_policy": True,
    "restrict_public_buckets": True,
}
HALF = {"block_public_acls": True, "ignore_public_acls": True}
OTHER_HALF = {"block_public_policy": True, "restrict_public_buckets": True}
PUBLIC = BucketPolicyStatus(bucket="data", is_public=True)


def on_bucket(settings: dict[str, bool]) -> BucketPublicAccessBlock:
    return BucketPublicAccessBlock(bucket="data", **settings)


def on_account(settings: dict[str, bool]) -> AccountPublicAccessBlock:
    return AccountPublicAccessBlock(account_id=ACCOUNT, **settings)


PUBLIC_ACCESS = [
    Case(ml_buckets_public_access_blocked, "nothing there", [on_account(WHOLE)], "absent"),
    Case(ml_buckets_public_access_blocked, "a bucket without ML data", [BUCKET, on_bucket(WHOLE)], "absent"),
    Case(ml_buckets_public_access_blocked, "the bucket blocks", [*ML, on_bucket(WHOLE)], "passed"),
    Case(ml_buckets_public_access_blocked, "the account blocks", [*ML, on_account(WHOLE)], "passed"),
    Case(ml_buckets_public_access_blocked, "both add up", [*ML, on_bucket(HALF), on_account(OTHER_HALF)], "passed"),
    Case(
        ml_buckets_public_access_blocked,
        "a private policy",
        [*ML, on_bucket(WHOLE), BucketPolicyStatus(bucket="data")],
        "passed",
    ),
    Case(ml_buckets_public_access_blocked, "neither blocks", ML, "failed", bad=["neither bucket nor account"]),
    Case(
        ml_buckets_public_access_blocked,
        "half is missing",
        [*ML, on_bucket(HALF), on_account(HALF)],
        "failed",
        bad=["BlockPublicPolicy, RestrictPublicBuckets"],
    ),
    Case(ml_buckets_public_access_blocked, "open to all", [*ML, PUBLIC], "failed", bad=["its policy is public"]),
    Case(
        ml_buckets_public_access_blocked,
        "a public policy behind a block",
        [*ML, on_bucket(WHOLE), PUBLIC],
        "failed",
        bad=["only the block"],
    ),
]

STORED = [
    Case(ml_jobs_storage_encrypted, "nothing there", [], "absent"),
    Case(ml_jobs_storage_encrypted, "both keys", [stored_training(KEY, KEY)], "passed"),
    Case(
        ml_jobs_storage_encrypted,
        "SageMaker's empty text for no key",
        [stored_training(KEY, "")],
        "failed",
        bad=["its output"],
    ),
    Case(ml_jobs_storage_encrypted, "no key", [stored_training()], "failed", bad=["its volume and its output"]),
    Case(ml_jobs_storage_encrypted, "disks of its own", [stored_training(None, KEY, "ml.g5.xlarge")], "passed"),
    Case(
        ml_jobs_storage_encrypted, "disks of its own, by a d", [stored_training(None, KEY, "ml.g4dn.xlarge")], "passed"
    ),
    Case(
        ml_jobs_storage_encrypted,
        "disks of its own, no output key",
        [stored_training(None, None, "ml.p4d.24xlarge")],
        "failed",
    ),
    Case(ml_jobs_storage_encrypted, "no disks of its own", [stored_training(None, KEY, "ml.p3.2xlarge")], "failed"),
    Case(ml_jobs_storage_encrypted, "a job that failed", [stored_training(status="Failed")], "absent"),
    Case(ml_jobs_storage_encrypted, "a job of Autopilot", [stored_training(auto_ml_job_arn="a")], "absent"),
    Case(
        ml_jobs_storage_encrypted,
        "the children of a tuning job count once",
        [stored_training(name=f"child-{n}", age=n, tuning_job_arn=sagemaker("tuning/t")) for n in range(3)],
        "failed",
        bad=["tuning/t"],
    ),
    Case(
        ml_jobs_storage_encrypted,
        "old sins are forgotten",
        [stored_training(KEY, KEY, name=f"new-{n}") for n in range(10)] + [stored_training(name="old", age=30)],
        "passed",
    ),
    Case(ml_jobs_storage_encrypted, "a processing job", [processing("train", volume=KEY, output=KEY)], "passed"),
    Case(ml_jobs_storage_encrypted, "a processing job without keys", [processing("train")], "failed"),
    Case(ml_jobs_storage_encrypted, "it writes nothing to S3", [processing(volume=KEY)], "passed"),
    Case(ml_jobs_storage_encrypted, "of a schedule", [processing("x", monitoring_schedule_arn="a")], "absent"),
    Case(ml_jobs_storage_encrypted, "a transform job", [transform(KEY, KEY)], "passed"),
    Case(ml_jobs_storage_encrypted, "a transform job without keys", [transform()], "failed"),
    Case(ml_jobs_storage_encrypted, "some of them", [transform(), processing("x", volume=KEY, output=KEY)], "partial"),
]

BIAS = "Clarify-Pretraining-Bias-2026-11-01"
CLARIFIED = [
    Case(clarify_pretraining_bias_run, "nothing there", [], "absent"),
    Case(clarify_pretraining_bias_run, "before training", [processing(name=BIAS, image=CLARIFY)], "passed"),
    Case(
        clarify_pretraining_bias_run, "before and after", [processing(name="Clarify-Bias-1", image=CLARIFY)], "passed"
    ),
    Case(
        clarify_pretraining_bias_run,
        "after training",
        [processing(name="Clarify-Posttraining-Bias-1", image=CLARIFY)],
        "failed",
    ),
    Case(
        clarify_pretraining_bias_run,
        "explanations",
        [processing(name="Clarify-Explainability-1", image=CLARIFY)],
        "failed",
    ),
    Case(clarify_pretraining_bias_run, "it failed", [processing(name=BIAS, image=CLARIFY, status="Failed")], "failed"),
    Case(clarify_pretraining_bias_run, "another container by that name", [processing(name=BIAS)], "absent"),
    Case(
        clarify_pretraining_bias_run,
        "Autopilot's own",
        [processing(name=BIAS, image=CLARIFY, auto_ml_job_arn="a")],
        "absent",
    ),
    Case(
        clarify_pretraining_bias_run,
        "Model Monitor's own",
        [processing(name=BIAS, image=CLARIFY, monitoring_schedule_arn="a")],
        "absent",
    ),
]


def result(*outcomes: str, ruleset: str | None = "rules") -> DataQualityResult:
    return DataQualityResult(
        result_id="dqresult-1",
        ruleset_name=ruleset,
        job_name=None if ruleset else "prepare",
        rule_results=[RuleResult(result=outcome) for outcome in outcomes],
    )


QUALITY = [
    Case(glue_data_quality_run, "nothing there", [], "absent"),
    Case(glue_data_quality_run, "all pass", [result("PASS", "PASS")], "passed"),
    Case(glue_data_quality_run, "rules that fail have done their work", [result("FAIL")], "passed"),
    Case(glue_data_quality_run, "inside an ETL job", [result("PASS", ruleset=None)], "passed"),
    Case(glue_data_quality_run, "no rule could be evaluated", [result("ERROR")], "failed"),
    Case(glue_data_quality_run, "no rule", [result()], "failed"),
]

SPLIT = [
    Case(dataset_split_channels, "nothing there", [], "absent"),
    Case(dataset_split_channels, "two channels", [training(TRAIN, VALIDATION)], "passed"),
    Case(dataset_split_channels, "a test channel", [training(TRAIN, channel("test", "s3://data/test"))], "passed"),
    Case(dataset_split_channels, "one channel", [training(TRAIN)], "failed", bad=["xgboost"]),
    Case(
        dataset_split_channels,
        "the same data twice",
        [training(TRAIN, channel("validation", "s3://data/train"))],
        "failed",
        bad=["the channel validation"],
    ),
    Case(
        dataset_split_channels,
        "validation data inside the training prefix",
        [training(channel("train", "s3://data/"), VALIDATION)],
        "failed",
        bad=["the channel validation"],
    ),
    Case(
        dataset_split_channels,
        "a manifest is no prefix",
        [
            training(
                channel("train", "s3://data/a", "ManifestFile"),
                channel("validation", "s3://data/a.val", "ManifestFile"),
            )
        ],
        "passed",
    ),
    Case(
        dataset_split_channels,
        "channels from a file system",
        [
            training(
                *(
                    Channel(
                        channel_name=name,
                        data_source=DataSource(
                            file_system_data_source=FileSystemSource(file_system_id="fs-1", file_system_type="EFS")
                        ),
                    )
                    for name in ("train", "validation")
                )
            )
        ],
        "passed",
    ),
    Case(dataset_split_channels, "an algorithm without labels", [training(TRAIN, image=KMEANS)], "absent"),
    Case(dataset_split_channels, "a script may split by itself", [training(TRAIN, image=PYTORCH)], "absent"),
    Case(
        dataset_split_channels,
        "so may a script in the container of XGBoost",
        [training(TRAIN, hyper_parameters=HyperParameters(sagemaker_program="train.py"))],
        "absent",
    ),
    Case(dataset_split_channels, "a script with two channels", [training(TRAIN, VALIDATION, image=PYTORCH)], "passed"),
    Case(dataset_split_channels, "a job that failed", [training(TRAIN, VALIDATION, status="Failed")], "absent"),
    Case(dataset_split_channels, "Autopilot's own", [training(TRAIN, VALIDATION, auto_ml_job_arn="a")], "absent"),
    Case(
        dataset_split_channels,
        "old sins are forgotten",
        [training(TRAIN, VALIDATION, name=f"new-{n}") for n in range(5)] + [training(TRAIN, name="old", age=9)],
        "passed",
    ),
    Case(dataset_split_channels, "a processing job that splits", [processing("train", "validation")], "passed"),
    Case(dataset_split_channels, "one that writes one part", [processing("train")], "absent"),
    Case(dataset_split_channels, "one that did not end well", [processing("train", "test", status="Failed")], "absent"),
]

CASES: list[Case] = [*ENCRYPTION, *TLS, *PUBLIC_ACCESS, *STORED, *CLARIFIED, *QUALITY, *SPLIT]


test_verdict = by_value(CASES)


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ([encrypted("aws:kms")], "SSE-KMS with the AWS managed key aws/s3"),
        ([encrypted("aws:kms", KEY), key()], "SSE-KMS with a customer managed key;"),
        ([encrypted("aws:kms", KEY, bucket_key=False), key()], "no bucket key"),
        ([encrypted("aws:kms:dsse", KEY, bucket_key=False), key()], "two-layer SSE-KMS with a customer managed key;"),
    ],
)
def test_note_tells_the_kind_of_key(records: list[Record], told: str) -> None:
    case = Case(ml_buckets_kms_encrypted, told, [*ML, *records], "passed")
    [finding] = judged(case.check.check, case.records).findings
    assert told in finding.note


def client(service: str) -> Any:
    connect: Any = boto3.client  # its types know each service by its literal name only
    return connect(service, REGION)


def train(name: str = "first-model", key: str = "", **channels: str) -> None:
    client("sagemaker").create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        RoleArn=ROLE,
        InputDataConfig=[
            {
                "ChannelName": channel,
                "ContentType": "text/csv",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
            }
            for channel, uri in (channels or {"train": "s3://training-data/train/"}).items()
        ],
        OutputDataConfig={"S3OutputPath": "s3://training-data/output", **({"KmsKeyId": key} if key else {})},
        ResourceConfig={
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 5,
            **({"VolumeKmsKeyId": key} if key else {}),
        },
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )


def ml_bucket() -> None:
    client("s3").create_bucket(Bucket="training-data")
    train()


def unblocked_bucket() -> None:
    ml_bucket()
    client("s3").delete_public_access_block(Bucket="training-data")


def bucket_with_key(key: str) -> None:
    ml_bucket()
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    client("s3").put_bucket_encryption(
        Bucket="training-data",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]
        },
    )


def encrypted_bucket() -> None:
    bucket_with_key(client("kms").create_key(Description="ML data")["KeyMetadata"]["Arn"])


def bucket_with_lost_key() -> None:
    bucket_with_key(KEY)


def bucket_with_policy(document: dict[str, Any]) -> None:
    ml_bucket()
    client("s3").put_bucket_policy(Bucket="training-data", Policy=json.dumps(document))


def tls_only_bucket() -> None:
    resources = ["arn:aws:s3:::training-data", "arn:aws:s3:::training-data/*"]
    bucket_with_policy({"Version": "2012-10-17", "Statement": [deny(Resource=resources)]})


def bucket_open_to_http() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ROLE},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::training-data/*",
    }
    bucket_with_policy({"Version": "2012-10-17", "Statement": [statement]})


BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


def private_bucket() -> None:
    ml_bucket()
    client("s3").put_public_access_block(Bucket="training-data", PublicAccessBlockConfiguration=BLOCK)


def private_account() -> None:
    unblocked_bucket()
    client("s3control").put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=BLOCK)


def public_bucket() -> None:
    private_bucket()
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::training-data/*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    client("s3").delete_public_access_block(Bucket="training-data")
    client("s3").put_bucket_policy(Bucket="training-data", Policy=json.dumps(document))


def job_with_keys() -> None:
    train(key=KEY)


def split_job() -> None:
    train(train="s3://training-data/train/", validation="s3://training-data/validation/")


def leaking_job() -> None:
    train(train="s3://training-data/", validation="s3://training-data/validation/")


def clarify_job(name: str = "Clarify-Pretraining-Bias-1") -> None:
    client("sagemaker").create_processing_job(
        ProcessingJobName=name,
        AppSpecification={"ImageUri": CLARIFY},
        RoleArn=ROLE,
        ProcessingResources={
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 20}
        },
    )


def explaining_job() -> None:
    clarify_job("Clarify-Explainability-1")


EMULATED: list[Emulated] = [
    (ml_buckets_kms_encrypted, encrypted_bucket, "passed"),
    (ml_buckets_kms_encrypted, bucket_with_lost_key, "failed"),
    (ml_buckets_kms_encrypted, ml_bucket, "failed"),
    (ml_buckets_require_tls, tls_only_bucket, "passed"),
    (ml_buckets_require_tls, bucket_open_to_http, "failed"),
    (ml_buckets_require_tls, ml_bucket, "failed"),
    (ml_buckets_public_access_blocked, private_bucket, "passed"),
    (ml_buckets_public_access_blocked, private_account, "passed"),
    (ml_buckets_public_access_blocked, ml_bucket, "passed"),
    (ml_buckets_public_access_blocked, unblocked_bucket, "failed"),
    (ml_buckets_public_access_blocked, public_bucket, "failed"),
    (ml_jobs_storage_encrypted, job_with_keys, "passed"),
    (ml_jobs_storage_encrypted, ml_bucket, "failed"),
    (dataset_split_channels, split_job, "passed"),
    (dataset_split_channels, leaking_job, "failed"),
    (clarify_pretraining_bias_run, clarify_job, "passed"),
    (clarify_pretraining_bias_run, explaining_job, "failed"),
]


test_emulated = by_calls(EMULATED)
