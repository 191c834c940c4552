from __future__ import annotations

import datetime
from typing import Any

import boto3
import pytest

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value
from readiness.aws.firehose import DeliveryStream
from readiness.aws.glue import Column, Schema, SerDe, Storage, Table, TableParameters, TargetTable
from readiness.aws.kinesis import Stream
from readiness.aws.s3 import Bucket, Expiration, LifecycleRule, OfflineStoreFile, Transition, bucket_of
from readiness.aws.sagemaker.features import FeatureGroup, OfflineStoreConfig, S3Storage
from readiness.aws.sagemaker.training import (
    AppSpecification,
    Channel,
    DataSource,
    ProcessingInput,
    ProcessingJob,
    S3Source,
    TrainingJob,
    TransformDataSource,
    TransformInput,
    TransformJob,
    TransformResources,
)
from readiness_mla.s11_ingest import (
    avro_data,
    csv_or_json_data,
    feature_store_records_ingested,
    kinesis_streaming_in_use,
    parquet_or_orc_data,
    recordio_data,
    s3_ml_data_source,
    storage_tiering_configured,
)

BUCKET = Bucket(name="data")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml-execution"


def channel(uri: str = "s3://data/train/", name: str = "train", **more: Any) -> Channel:
    return Channel(channel_name=name, data_source=DataSource(s3_data_source=S3Source(s3_uri=uri)), **more)


def trained(*channels: Channel, status: str = "Completed", **more: Any) -> TrainingJob:
    return TrainingJob(
        training_job_name="job",
        training_job_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/job",
        training_job_status=status,
        creation_time=NOW,
        input_data_config=list(channels) or [channel()],
        **more,
    )


def processed(
    uri: str = "s3://data/raw/", name: str = "input", status: str = "Completed", **more: Any
) -> ProcessingJob:
    return ProcessingJob(
        processing_job_name="prep",
        processing_job_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/prep",
        processing_job_status=status,
        creation_time=NOW,
        app_specification=AppSpecification(image_uri="sklearn"),
        processing_inputs=[ProcessingInput(input_name=name, s3_input=S3Source(s3_uri=uri))],
        **more,
    )


def transformed(content_type: str | None = None, split_type: str | None = None) -> TransformJob:
    return TransformJob(
        transform_job_name="batch",
        transform_job_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:transform-job/batch",
        transform_job_status="Completed",
        creation_time=NOW,
        model_name="model",
        transform_input=TransformInput(
            data_source=TransformDataSource(s3_data_source=S3Source(s3_uri="s3://data/batch/")),
            content_type=content_type,
            split_type=split_type,
        ),
        transform_resources=TransformResources(instance_type="ml.m5.large", instance_count=1),
    )


def table(
    library: str | None = None,
    classification: str | None = None,
    location: str = "s3://data/table/",
    database: str = "ml",
    columns: int = 1,
    iceberg: bool = False,
    target: TargetTable | None = None,
) -> Table:
    return Table(
        name="features",
        database_name=database,
        storage_descriptor=Storage(
            columns=[Column(name="x")] * columns,
            location=location,
            serde_info=SerDe(serialization_library=library),
        ),
        parameters=TableParameters(classification=classification, table_type="ICEBERG" if iceberg else None),
        target_table=target,
    )


def group(offline: bool = True, size: int = 0) -> FeatureGroup:
    storage = S3Storage(s3_uri="s3://data/fs", resolved_output_s3_uri="s3://data/fs/offline-store/customers-1/data")
    return FeatureGroup(
        feature_group_name="customers",
        feature_group_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:feature-group/customers",
        feature_group_status="Created",
        offline_store_config=OfflineStoreConfig(s3_storage_config=storage) if offline else None,
        online_store_total_size_bytes=size,
    )


def stored(name: str) -> OfflineStoreFile:
    prefix = "fs/offline-store/customers-1/data/"
    return OfflineStoreFile(bucket="data", prefix=prefix, key=prefix + name)


def stream(status: str = "ACTIVE") -> Stream:
    return Stream(stream_name="s", stream_arn=f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/s", stream_status=status)


def delivery(status: str = "ACTIVE") -> DeliveryStream:
    arn = f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/d"
    return DeliveryStream(delivery_stream_name="d", delivery_stream_arn=arn, delivery_stream_status=status)


def rule(status: str = "Enabled", **more: Any) -> LifecycleRule:
    return LifecycleRule(bucket="data", status=status, **more)


CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
TEXT = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
ORC = "org.apache.hadoop.hive.ql.io.orc.OrcSerde"
AVRO = "org.apache.hadoop.hive.serde2.avro.AvroSerDe"
JSON = "org.openx.data.jsonserde.JsonSerDe"
SCHEMA = Schema(schema_name="clicks", schema_arn=f"arn:aws:glue:{REGION}:{ACCOUNT}:schema/r/clicks", data_format="AVRO")
AUTOPILOT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:automl-job/auto"
SCHEDULE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedule/watch"

CASES = [
    Case(s3_ml_data_source, "nothing there", [], "absent"),
    Case(s3_ml_data_source, "a bucket that nobody reads", [BUCKET], "absent"),
    Case(s3_ml_data_source, "a training job reads a bucket of the account", [BUCKET, trained()], "passed"),
    Case(s3_ml_data_source, "a processing job does", [BUCKET, processed()], "passed"),
    Case(s3_ml_data_source, "a table lies in one", [BUCKET, table(CSV)], "passed"),
    Case(s3_ml_data_source, "by Spark's spelling", [BUCKET, table(CSV, location="s3a://data/t/")], "passed"),
    Case(s3_ml_data_source, "a bucket of AWS", [BUCKET, trained(channel("s3://sagemaker-sample-files/x/"))], "absent"),
    Case(s3_ml_data_source, "a job that failed", [BUCKET, trained(status="Failed")], "absent"),
    Case(s3_ml_data_source, "a job of Autopilot", [BUCKET, trained(auto_ml_job_arn=AUTOPILOT)], "absent"),
    Case(s3_ml_data_source, "a job of a schedule", [BUCKET, processed(monitoring_schedule_arn=SCHEDULE)], "absent"),
    Case(s3_ml_data_source, "a script is no data", [BUCKET, processed(name="code")], "absent"),
    Case(
        s3_ml_data_source,
        "logs of a service",
        [BUCKET, table(JSON, location="s3://data/AWSLogs/123456789012/CloudTrail/")],
        "absent",
    ),
    Case(csv_or_json_data, "nothing there", [], "absent"),
    Case(csv_or_json_data, "a CSV table", [table(CSV)], "passed"),
    Case(csv_or_json_data, "a table of delimited text", [table(TEXT)], "passed"),
    Case(csv_or_json_data, "a JSON table", [table(JSON)], "passed"),
    Case(csv_or_json_data, "a crawler's word counts before the library", [table(TEXT, "parquet")], "absent"),
    Case(csv_or_json_data, "a table without columns", [table(TEXT, columns=0)], "absent"),
    Case(csv_or_json_data, "a table without a place", [table(TEXT, location="")], "absent"),
    Case(csv_or_json_data, "a link to another account's table", [table(CSV, target=TargetTable(name="x"))], "absent"),
    Case(csv_or_json_data, "Athena's samples", [table(CSV, location="s3://athena-examples-us-east-1/elb/")], "absent"),
    Case(csv_or_json_data, "a training channel", [trained(channel(content_type="text/csv; label_size=0"))], "passed"),
    Case(csv_or_json_data, "a file's ending", [trained(channel("s3://data/train.csv.gz"))], "passed"),
    Case(csv_or_json_data, "JSON lines to a transform job", [transformed("application/jsonlines")], "passed"),
    Case(csv_or_json_data, "Clarify's own settings", [processed("s3://data/c.json", "analysis_config")], "absent"),
    Case(csv_or_json_data, "images", [trained(channel(content_type="application/x-image"))], "absent"),
    Case(parquet_or_orc_data, "nothing there", [], "absent"),
    Case(parquet_or_orc_data, "a Parquet table", [table(PARQUET)], "passed"),
    Case(parquet_or_orc_data, "an ORC table", [table(ORC)], "passed"),
    Case(parquet_or_orc_data, "an Iceberg table", [table(iceberg=True)], "passed"),
    Case(parquet_or_orc_data, "a training channel", [trained(channel(content_type="application/x-parquet"))], "passed"),
    Case(
        parquet_or_orc_data,
        "a table of Feature Store's own",
        [table(PARQUET, database="sagemaker_featurestore")],
        "absent",
    ),
    Case(parquet_or_orc_data, "a word that only contains orc", [table("com.example.ForceSerDe")], "absent"),
    Case(parquet_or_orc_data, "a CSV table", [table(CSV)], "absent"),
    Case(avro_data, "nothing there", [], "absent"),
    Case(avro_data, "an Avro table", [table(AVRO)], "passed"),
    Case(avro_data, "a registered schema", [SCHEMA], "passed"),
    Case(
        avro_data,
        "a schema of another format",
        [Schema(schema_name="s", schema_arn=SCHEMA.schema_arn, data_format="PROTOBUF")],
        "absent",
    ),
    Case(recordio_data, "nothing there", [], "absent"),
    Case(recordio_data, "protobuf", [trained(channel(content_type="application/x-recordio-protobuf"))], "passed"),
    Case(
        recordio_data,
        "a wrapper around images",
        [trained(channel(content_type="application/x-image", record_wrapper_type="RecordIO"))],
        "passed",
    ),
    Case(recordio_data, "SageMaker's word for no wrapper", [trained(channel(record_wrapper_type="None"))], "absent"),
    Case(recordio_data, "a transform job splits by it", [transformed("image/x", "RecordIO")], "passed"),
    Case(recordio_data, "a transform job splits by line", [transformed("text/csv", "Line")], "absent"),
    Case(kinesis_streaming_in_use, "nothing there", [], "absent"),
    Case(kinesis_streaming_in_use, "a data stream", [stream()], "passed"),
    Case(kinesis_streaming_in_use, "a Firehose stream", [delivery()], "passed"),
    Case(
        kinesis_streaming_in_use,
        "streams that never came up",
        [stream("CREATING"), delivery("CREATING_FAILED")],
        "failed",
    ),
    Case(feature_store_records_ingested, "nothing there", [], "absent"),
    Case(feature_store_records_ingested, "an empty group", [BUCKET, group()], "failed"),
    Case(feature_store_records_ingested, "offline files", [BUCKET, group(), stored("a.parquet")], "passed"),
    Case(feature_store_records_ingested, "only a marker", [BUCKET, group(), stored("_marker.txt")], "failed"),
    Case(feature_store_records_ingested, "online records", [group(offline=False, size=512)], "passed"),
    Case(storage_tiering_configured, "nothing there", [], "absent"),
    Case(
        storage_tiering_configured, "a bucket without ML data", [BUCKET, rule(expiration=Expiration(days=9))], "absent"
    ),
    Case(storage_tiering_configured, "no rule", [BUCKET, trained()], "failed", bad=["no lifecycle rule"]),
    Case(
        storage_tiering_configured,
        "objects expire",
        [BUCKET, trained(), rule(expiration=Expiration(days=30))],
        "passed",
    ),
    Case(
        storage_tiering_configured,
        "objects expire on a date",
        [BUCKET, trained(), rule(expiration=Expiration(date=datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)))],
        "passed",
    ),
    Case(
        storage_tiering_configured,
        "objects move",
        [BUCKET, trained(), rule(transitions=[Transition(storage_class="GLACIER_IR")])],
        "passed",
    ),
    Case(
        storage_tiering_configured,
        "a rule that is off",
        [BUCKET, trained(), rule("Disabled", expiration=Expiration(days=30))],
        "failed",
    ),
    Case(storage_tiering_configured, "a rule that only ends uploads", [BUCKET, trained(), rule()], "failed"),
    Case(
        storage_tiering_configured,
        "a rule for deletion markers only",
        [BUCKET, trained(), rule(expiration=Expiration())],
        "failed",
    ),
]


test_verdict = by_value(CASES)


@pytest.mark.parametrize(
    ("uri", "bucket"),
    [
        ("s3://data/train.csv", "data"),
        ("s3://data", "data"),
        ("s3n://data/x", "data"),
        ("https://s3.us-east-1.amazonaws.com/data/model.tar.gz", "data"),
        ("https://s3-us-west-2.amazonaws.com/data/model.tar.gz", "data"),
        ("https://data.s3.us-east-1.amazonaws.com/model.tar.gz", "data"),
        ("https://my.data.s3.amazonaws.com/model.tar.gz", "my.data"),
        ("arn:aws:s3:::data", None),
        ("jdbc:mysql://host/data", None),
        ("", None),
        (None, None),
    ],
)
def test_bucket_of(uri: str | None, bucket: str | None) -> None:
    assert bucket_of(uri) == bucket


def client(service: str) -> Any:
    connect: Any = boto3.client  # its types know each service by its literal name only
    return connect(service, REGION)


def bucket_with_training(content_type: str = "text/csv") -> None:
    client("s3").create_bucket(Bucket="training-data")
    client("sagemaker").create_training_job(
        TrainingJobName="first-model",
        AlgorithmSpecification={
            "TrainingImage": "811284229777.dkr.ecr.us-east-1.amazonaws.com/kmeans:1",
            "TrainingInputMode": "File",
        },
        RoleArn=ROLE,
        InputDataConfig=[
            {
                "ChannelName": "train",
                "ContentType": content_type,
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://training-data/train/"}},
            }
        ],
        OutputDataConfig={"S3OutputPath": "s3://training-data/output"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )


def recordio_training() -> None:
    bucket_with_training("application/x-recordio-protobuf")


def only_a_bucket() -> None:
    client("s3").create_bucket(Bucket="training-data")


def parquet_table() -> None:
    glue = client("glue")
    glue.create_database(DatabaseInput={"Name": "features"})
    glue.create_table(
        DatabaseName="features",
        TableInput={
            "Name": "customers",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"classification": "parquet"},
            "StorageDescriptor": {
                "Columns": [{"Name": "age", "Type": "int"}],
                "Location": "s3://training-data/customers/",
                "SerdeInfo": {"SerializationLibrary": PARQUET},
            },
        },
    )


def data_stream() -> None:
    client("kinesis").create_stream(StreamName="clicks", ShardCount=1)


def firehose_stream() -> None:
    client("s3").create_bucket(Bucket="training-data")
    client("firehose").create_delivery_stream(
        DeliveryStreamName="clicks-to-s3",
        ExtendedS3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::training-data"},
    )


def firewall_logs() -> None:
    client("firehose").create_delivery_stream(
        DeliveryStreamName="aws-waf-logs-web",
        ExtendedS3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::waf-logs"},
    )


def empty_feature_group() -> None:
    client("s3").create_bucket(Bucket="feature-store")
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


def filled_feature_group() -> None:
    empty_feature_group()
    described = client("sagemaker").describe_feature_group(FeatureGroupName="customers")
    uri = described["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
    prefix = uri.removeprefix("s3://feature-store/")
    client("s3").put_object(Bucket="feature-store", Key=f"{prefix}/year=2026/month=01/a.parquet", Body=b"rows")


def bucket_that_expires_output() -> None:
    bucket_with_training()
    client("s3").put_bucket_lifecycle_configuration(
        Bucket="training-data",
        LifecycleConfiguration={
            "Rules": [
                {"ID": "output", "Status": "Enabled", "Filter": {"Prefix": "output/"}, "Expiration": {"Days": 30}}
            ]
        },
    )


EMULATED: list[Emulated] = [
    (s3_ml_data_source, bucket_with_training, "passed"),
    (s3_ml_data_source, only_a_bucket, "absent"),
    (csv_or_json_data, bucket_with_training, "passed"),
    (csv_or_json_data, parquet_table, "absent"),
    (parquet_or_orc_data, parquet_table, "passed"),
    (parquet_or_orc_data, bucket_with_training, "absent"),
    (recordio_data, recordio_training, "passed"),
    (recordio_data, bucket_with_training, "absent"),
    (kinesis_streaming_in_use, data_stream, "passed"),
    (kinesis_streaming_in_use, firehose_stream, "passed"),
    (kinesis_streaming_in_use, firewall_logs, "absent"),
    (feature_store_records_ingested, filled_feature_group, "passed"),
    (feature_store_records_ingested, empty_feature_group, "failed"),
    (storage_tiering_configured, bucket_that_expires_output, "passed"),
    (storage_tiering_configured, bucket_with_training, "failed"),
]


test_emulated = by_calls(EMULATED)
