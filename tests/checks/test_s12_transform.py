from __future__ import annotations

import io
import zipfile
from typing import Any

import boto3

from harness import ACCOUNT, REGION, Case, Emulated, by_calls, by_value
from readiness.aws import databrew, glue
from readiness.aws.firehose import Delivery, DeliveryStream, Destination, Processing, Processor
from readiness.aws.lambda_functions import EventSourceMapping
from readiness.aws.sagemaker.features import DataCatalog, Feature, FeatureGroup, OfflineStoreConfig, S3Storage
from readiness_mla.s12_transform import (
    databrew_recipe_job_succeeded,
    feature_group_managed,
    glue_etl_job_succeeded,
    lambda_stream_transform,
)

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml-execution"
ETL = glue.Job(name="prepare", command=glue.Command(name="glueetl"))
RECIPE = databrew.Job(name="clean", type="RECIPE")


def ran(state: str, job: str = "prepare", run: str = "jr_1") -> glue.JobRun:
    return glue.JobRun(id=run, job_name=job, job_run_state=state)


def brewed(state: str, job: str = "clean") -> databrew.JobRun:
    return databrew.JobRun(name=job, run_id="db_1", state=state)


def mapping(source: str | None, **more: Any) -> EventSourceMapping:
    arn = f"arn:aws:{source}" if source else None
    return EventSourceMapping(uuid="1", event_source_arn=arn, state="Disabled", **more)


def delivery(
    enabled: bool = True, processor: str = "Lambda", to: str = "extended_s3_destination_description"
) -> DeliveryStream:
    done = Delivery(processing_configuration=Processing(enabled=enabled, processors=[Processor(type=processor)]))
    return DeliveryStream(
        delivery_stream_name="d",
        delivery_stream_arn=f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/d",
        delivery_stream_status="ACTIVE",
        destinations=[Destination(**{to: done})],
    )


def group(status: str = "Created") -> FeatureGroup:
    return FeatureGroup(
        feature_group_name="customers",
        feature_group_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:feature-group/customers",
        feature_group_status=status,
        feature_definitions=[Feature(feature_name="id", feature_type="String")],
        offline_store_config=OfflineStoreConfig(
            s3_storage_config=S3Storage(s3_uri="s3://data/fs"),
            data_catalog_config=DataCatalog(
                table_name="customers_1", catalog="AwsDataCatalog", database="sagemaker_featurestore"
            ),
        ),
    )


def table(database: str = "sagemaker_featurestore") -> glue.Table:
    return glue.Table(name="customers_1", database_name=database)


CASES = [
    Case(glue_etl_job_succeeded, "nothing there", [], "absent"),
    Case(glue_etl_job_succeeded, "a run succeeded", [ETL, ran("FAILED"), ran("SUCCEEDED", run="jr_2")], "passed"),
    Case(glue_etl_job_succeeded, "a job that was never run", [ETL], "failed", bad=["no run in the last 90 days"]),
    Case(glue_etl_job_succeeded, "every run failed", [ETL, ran("FAILED")], "failed", bad=["failed"]),
    Case(glue_etl_job_succeeded, "a session that is ready", [glue.Session(id="s", status="READY")], "passed"),
    Case(
        glue_etl_job_succeeded,
        "a session that was used and timed out",
        [glue.Session(id="s", status="TIMEOUT", dpu_seconds=60.0)],
        "passed",
    ),
    Case(glue_etl_job_succeeded, "a session that never came up", [glue.Session(id="s", status="FAILED")], "failed"),
    Case(glue_etl_job_succeeded, "a session stopped at once", [glue.Session(id="s", status="STOPPED")], "failed"),
    Case(databrew_recipe_job_succeeded, "nothing there", [], "absent"),
    Case(databrew_recipe_job_succeeded, "a recipe job succeeded", [RECIPE, brewed("SUCCEEDED")], "passed"),
    Case(databrew_recipe_job_succeeded, "it was never run", [RECIPE], "failed", bad=["never run"]),
    Case(databrew_recipe_job_succeeded, "it failed", [RECIPE, brewed("FAILED")], "failed", bad=["failed"]),
    Case(
        databrew_recipe_job_succeeded,
        "a profile job describes and transforms nothing",
        [databrew.Job(name="profile", type="PROFILE"), brewed("SUCCEEDED", "profile")],
        "absent",
    ),
    Case(lambda_stream_transform, "nothing there", [], "absent"),
    Case(lambda_stream_transform, "a Kinesis stream", [mapping(f"kinesis:{REGION}:{ACCOUNT}:stream/s")], "passed"),
    Case(
        lambda_stream_transform,
        "a table's stream",
        [mapping(f"dynamodb:{REGION}:{ACCOUNT}:table/t/stream/1")],
        "passed",
    ),
    Case(lambda_stream_transform, "a Kafka cluster", [mapping(f"kafka:{REGION}:{ACCOUNT}:cluster/k/1")], "passed"),
    Case(lambda_stream_transform, "one's own Kafka, by its topics", [mapping(None, topics=["clicks"])], "passed"),
    Case(lambda_stream_transform, "a queue", [mapping(f"sqs:{REGION}:{ACCOUNT}:queue")], "absent"),
    Case(lambda_stream_transform, "a message broker", [mapping(f"mq:{REGION}:{ACCOUNT}:broker:b:1")], "absent"),
    Case(lambda_stream_transform, "a document database", [mapping(f"rds:{REGION}:{ACCOUNT}:cluster:docs")], "absent"),
    Case(lambda_stream_transform, "Firehose calls a function", [delivery()], "passed"),
    Case(
        lambda_stream_transform,
        "on the way to a search domain",
        [delivery(to="amazonopensearchservice_destination_description")],
        "passed",
    ),
    Case(lambda_stream_transform, "Firehose's processing is off", [delivery(enabled=False)], "absent"),
    Case(lambda_stream_transform, "Firehose does something else", [delivery(processor="MetadataExtraction")], "absent"),
    Case(feature_group_managed, "nothing there", [], "absent"),
    Case(feature_group_managed, "a group", [group(), table()], "passed"),
    Case(feature_group_managed, "a group that could not be created", [group("CreateFailed")], "failed"),
    Case(
        feature_group_managed,
        "the table of a failed group is none of its own",
        [group("CreateFailed"), table()],
        "failed",
    ),
    Case(feature_group_managed, "the table of a deleted group", [table()], "passed"),
    Case(feature_group_managed, "any other table", [table("default")], "absent"),
]


test_verdict = by_value(CASES)


def client(service: str) -> Any:
    connect: Any = boto3.client  # its types know each service by its literal name only
    return connect(service, REGION)


def glue_job() -> None:
    client("glue").create_job(
        Name="prepare-features",
        Role=ROLE,
        Command={"Name": "glueetl", "ScriptLocation": "s3://scripts/prepare.py", "PythonVersion": "3"},
        GlueVersion="5.0",
    )


def glue_job_run() -> None:
    client("s3").create_bucket(Bucket="scripts")
    glue_job_run_without_script()


def glue_job_run_without_script() -> None:
    glue_job()
    client("glue").start_job_run(JobName="prepare-features")


def function() -> str:
    client("iam").create_role(RoleName="on-clicks", AssumeRolePolicyDocument="{}")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("app.py", "def handler(event, context):\n    return event\n")
    made = client("lambda").create_function(
        FunctionName="transform-clicks",
        Runtime="python3.13",
        Role=f"arn:aws:iam::{ACCOUNT}:role/on-clicks",
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    return str(made["FunctionArn"])


def function_on_stream() -> None:
    client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    client("lambda").create_event_source_mapping(
        FunctionName=function(),
        EventSourceArn=f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks",
        StartingPosition="LATEST",
        Enabled=False,
    )


def function_on_queue() -> None:
    client("sqs").create_queue(QueueName="jobs")
    client("lambda").create_event_source_mapping(
        FunctionName=function(), EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
    )


def function_in_firehose() -> None:
    client("firehose").create_delivery_stream(
        DeliveryStreamName="clicks-to-s3",
        ExtendedS3DestinationConfiguration={
            "RoleARN": ROLE,
            "BucketARN": "arn:aws:s3:::training-data",
            "ProcessingConfiguration": {
                "Enabled": True,
                "Processors": [
                    {"Type": "Lambda", "Parameters": [{"ParameterName": "LambdaArn", "ParameterValue": function()}]}
                ],
            },
        },
    )


def feature_group() -> None:
    client("sagemaker").create_feature_group(
        FeatureGroupName="customers",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="event_time",
        FeatureDefinitions=[
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "event_time", "FeatureType": "String"},
        ],
        OfflineStoreConfig={"S3StorageConfig": {"S3Uri": "s3://feature-store/offline"}},
        RoleArn=ROLE,
    )


def nothing() -> None:
    pass


EMULATED: list[Emulated] = [
    (glue_etl_job_succeeded, glue_job_run, "passed"),
    (glue_etl_job_succeeded, glue_job_run_without_script, "failed"),
    (glue_etl_job_succeeded, glue_job, "failed"),
    (lambda_stream_transform, function_on_stream, "passed"),
    (lambda_stream_transform, function_on_queue, "absent"),
    (lambda_stream_transform, function_in_firehose, "passed"),
    (feature_group_managed, feature_group, "passed"),
    (feature_group_managed, nothing, "absent"),
]


test_emulated = by_calls(EMULATED)
