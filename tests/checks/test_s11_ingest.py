from __future__ import annotations

import datetime
import io
import json
import zipfile
from typing import Any

import boto3
import msgspec
import pytest

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value, judged
from readiness.aws import databrew, efs, fsx
from readiness.aws.athena import Query, QueryContext, ResultConfiguration, Statistics, Status, WorkGroup
from readiness.aws.cloudwatch import MetricAlarm
from readiness.aws.events import EventBus, Rule, RuleTarget
from readiness.aws.firehose import DeliveryStream, Destination, FormatConversion, S3Delivery, Switch
from readiness.aws.flink import Application, ApplicationStart, FlinkStart
from readiness.aws.flows import FlowFile
from readiness.aws.glue import (
    Column,
    Command,
    Job,
    JobConnections,
    JobRun,
    Schema,
    SerDe,
    Storage,
    Switches,
    Table,
    TableParameters,
    TargetTable,
)
from readiness.aws.glue_crawlers import Connection, Crawl, Crawler, LastCrawl, S3Target, Targets
from readiness.aws.kafka import Cluster, ClusterEvent
from readiness.aws.kinesis import Stream, StreamEvent
from readiness.aws.lambda_functions import DestinationConfig, EventSourceMapping, OnFailure
from readiness.aws.s3 import Bucket, Expiration, LifecycleRule, OfflineStoreFile, Transition, bucket_of
from readiness.aws.sagemaker.apps import App
from readiness.aws.sagemaker.automl import AutoMLJob, S3Data
from readiness.aws.sagemaker.automl import Channel as AutoMLChannel
from readiness.aws.sagemaker.automl import DataSource as AutoMLSource
from readiness.aws.sagemaker.features import FeatureGroup, OfflineStoreConfig, S3Storage
from readiness.aws.sagemaker.training import (
    Algorithm,
    AppSpecification,
    Channel,
    DatasetDefinition,
    DataSource,
    Extract,
    FeatureStoreOutput,
    FileSystemSource,
    ProcessingInput,
    ProcessingJob,
    ProcessingOutput,
    ProcessingOutputs,
    S3Source,
    TrainingJob,
    TransformDataSource,
    TransformInput,
    TransformJob,
    TransformResources,
)
from readiness.emulator import ago
from readiness_mla.s11_ingest import (
    QueryLayout,
    avro_data,
    csv_or_json_data,
    data_laid_out_for_queries,
    data_sets_joined,
    data_wrangler_flow_created,
    efs_file_system_in_use,
    efs_lifecycle_set,
    extraction_path_used,
    feature_store_records_ingested,
    flink_application_run,
    fsx_file_system_in_use,
    ingestion_failure_resolved,
    ingestion_failures_noticed,
    ingestion_pipelines_observable,
    kafka_in_use,
    kinesis_streaming_in_use,
    large_scans_columnar,
    parquet_or_orc_data,
    recordio_data,
    s3_ml_data_source,
    storage_tiering_configured,
    training_input_modes_compared,
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
    name: str = "features",
    partitions: int = 0,
    packed: str | None = None,
) -> Table:
    return Table(
        name=name,
        database_name=database,
        storage_descriptor=Storage(
            columns=[Column(name="x")] * columns,
            location=location,
            serde_info=SerDe(serialization_library=library),
        ),
        parameters=TableParameters(
            classification=classification, table_type="ICEBERG" if iceberg else None, compression_type=packed
        ),
        partition_keys=[Column(name="day")] * partitions,
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


def delivery(status: str = "ACTIVE", *, of: str = "DirectPut", **s3: Any) -> DeliveryStream:
    place = S3Delivery(bucket_arn="arn:aws:s3:::data", **s3)
    return DeliveryStream(
        delivery_stream_name="d",
        delivery_stream_arn=f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/d",
        delivery_stream_status=status,
        delivery_stream_type=of,
        destinations=[Destination(extended_s3_destination_description=place)] if s3 else [],
    )


def happened(kind: Any, name: str, source: str) -> Any:
    return kind(event_id="e", event_name=name, event_time=NOW, event_source=f"{source}.amazonaws.com")


def mounted(kind: str, **more: Any) -> TrainingJob:
    source = FileSystemSource(file_system_id="fs-1", file_system_type=kind)
    return trained(Channel(channel_name="train", data_source=DataSource(file_system_data_source=source)), **more)


def elastic(state: str = "available") -> efs.FileSystem:
    return efs.FileSystem(file_system_id="fs-1", life_cycle_state=state, creation_time=NOW)


def moving(**policy: Any) -> efs.LifecyclePolicies:
    return efs.LifecyclePolicies(file_system_id="fs-1", lifecycle_policies=[efs.LifecyclePolicy(**policy)])


def lustre(state: str = "AVAILABLE") -> fsx.FileSystem:
    return fsx.FileSystem(file_system_id="fs-2", file_system_type="LUSTRE", lifecycle=state)


def backup(state: str = "AVAILABLE") -> fsx.Backup:
    return fsx.Backup(backup_id="b", lifecycle=state, file_system=fsx.BackedUp(file_system_type="LUSTRE"))


def flink(status: str = "READY", runtime: str = "FLINK-1_20") -> Application:
    return Application(
        application_name="f", application_arn="f-arn", application_status=status, runtime_environment=runtime
    )


def mapping(service: str = "kinesis", *, failed: str | None = None, **more: Any) -> EventSourceMapping:
    return EventSourceMapping(
        uuid="m",
        event_source_arn=f"arn:aws:{service}:{REGION}:{ACCOUNT}:x/y",
        destination_config=DestinationConfig(on_failure=OnFailure(destination=failed)),
        **more,
    )


def query(text: str = "SELECT x FROM ml.features", state: str = "SUCCEEDED", read: int = 1, **more: Any) -> Query:
    return Query(
        query_execution_id="q",
        work_group="primary",
        query=text,
        statement_type=more.pop("kind", "DML"),
        status=Status(state=state),
        statistics=Statistics(data_scanned_in_bytes=read),
        **more,
    )


def crawler(status: str | None = "SUCCEEDED", changed: int = 0, path: str = "s3://data/raw/") -> Crawler:
    return Crawler(
        name="c",
        targets=Targets(s3_targets=[S3Target(path=path)]),
        last_crawl=LastCrawl(status=status) if status else None,
        last_updated=at(changed),
    )


def at(hour: int) -> datetime.datetime:
    return NOW + datetime.timedelta(hours=hour)


def crawl(state: str, hour: int) -> Crawl:
    return Crawl(crawler_name="c", state=state, start_time=at(hour))


def job(kind: str = "glueetl", *, changed: int = 0, version: str = "4.0", **more: Any) -> Job:
    return Job(name="j", command=Command(name=kind), glue_version=version, last_modified_on=at(changed), **more)


def ran(state: str = "SUCCEEDED", hour: int = 1, attempt: int = 0) -> JobRun:
    return JobRun(id=f"r{hour}", job_name="j", job_run_state=state, started_on=at(hour), attempt=attempt)


def drawn(*kinds: str, inputs: int = 2) -> dict[str, Any]:
    return {f"n{number}": {kind: {"Inputs": ["a", "b"][:inputs]}} for number, kind in enumerate(kinds)}


def brewed(state: str = "SUCCEEDED", source: str = "S3", form: str = "CSV", output: str = "CSV") -> list[Any]:
    return [
        databrew.Job(name="b", type="RECIPE", dataset_name="d", outputs=[databrew.Output(format=output)]),
        databrew.JobRun(name="b", state=state),
        databrew.Dataset(name="d", format=form, source_type=source),
    ]


def recipe(operation: str, state: str = "SUCCEEDED") -> list[Any]:
    reference = databrew.RecipeReference(name="r", recipe_version="1.0")
    return [
        databrew.Job(name="b", recipe_reference=reference),
        databrew.JobRun(name="b", state=state, started_on=at(1)),
        databrew.RecipeVersion(
            name="r",
            recipe_version="1.0",
            published_date=at(0),
            steps=[databrew.Step(action=databrew.Action(operation=operation))],
        ),
    ]


def alarm(namespace: str = "Glue", name: str = "failed", **more: Any) -> MetricAlarm:
    return MetricAlarm(alarm_name=name, alarm_arn="a", namespace=namespace, **{"alarm_actions": ["topic"], **more})


def rule_on(*states: str, source: str = "aws.glue", state: str = "ENABLED") -> Rule:
    pattern = json.dumps({"source": [source], "detail": {"state": list(states)}})
    return Rule(event_bus_name="default", name="r", arn="r-arn", state=state, event_pattern=pattern)


def defined(**definition: Any) -> ProcessingJob:
    given = ProcessingInput(input_name="rows", dataset_definition=DatasetDefinition(**definition))
    return msgspec.structs.replace(processed(), processing_inputs=[given])


def put_into_store(status: str = "Completed") -> ProcessingJob:
    output = ProcessingOutput(output_name="rows", feature_store_output=FeatureStoreOutput(feature_group_name="g"))
    return processed(status=status, processing_output_config=ProcessingOutputs(outputs=[output]))


def learned(content_type: str, status: str = "Completed") -> AutoMLJob:
    source = AutoMLSource(s3_data_source=S3Data(s3_uri="s3://data/train/"))
    return AutoMLJob(
        auto_ml_job_name="auto",
        auto_ml_job_arn=AUTOPILOT,
        auto_ml_job_status=status,
        creation_time=NOW,
        auto_ml_job_input_data_config=[AutoMLChannel(content_type=content_type, data_source=source)],
    )


def loaded(mode: str, **more: Any) -> TrainingJob:
    return trained(algorithm_specification=Algorithm(training_input_mode=mode), **more)


def rule(status: str = "Enabled", **more: Any) -> LifecycleRule:
    return LifecycleRule(bucket="data", status=status, **more)


CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
TEXT = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
ORC = "org.apache.hadoop.hive.ql.io.orc.OrcSerde"
AVRO = "org.apache.hadoop.hive.serde2.avro.AvroSerDe"
JSON = "org.openx.data.jsonserde.JsonSerDe"
SCHEMA = Schema(schema_name="clicks", schema_arn=f"arn:aws:glue:{REGION}:{ACCOUNT}:schema/r/clicks", data_format="AVRO")
LARGE = 200_000_000
HOUR = datetime.timedelta(hours=1)
TARGET = RuleTarget(rule="r", event_bus_name="default", id="1", arn="topic")
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:failed"
AUTOPILOT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:automl-job/auto"
SCHEDULE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedule/watch"

FLOW = FlowFile(bucket=f"sagemaker-{REGION}-{ACCOUNT}", prefix="data_wrangler_flows/", key="data_wrangler_flows/x.flow")
MANIFEST = Channel(
    channel_name="train",
    data_source=DataSource(s3_data_source=S3Source(s3_uri="s3://data/m", s3_data_type="AugmentedManifestFile")),
)

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
    Case(s3_ml_data_source, "a crawler looked into one", [BUCKET, crawler()], "passed"),
    Case(s3_ml_data_source, "a crawler that failed", [BUCKET, crawler("FAILED")], "absent"),
    Case(csv_or_json_data, "an AutoML job", [learned("text/csv;header=present")], "passed"),
    Case(csv_or_json_data, "an AutoML job that failed", [learned("text/csv", "Failed")], "absent"),
    Case(csv_or_json_data, "a DataBrew dataset", brewed(output="PARQUET"), "passed"),
    Case(csv_or_json_data, "a DataBrew dataset that no job could read", brewed("FAILED"), "absent"),
    Case(parquet_or_orc_data, "a DataBrew job writes it", brewed(output="GLUEPARQUET"), "passed"),
    Case(parquet_or_orc_data, "a DataBrew job writes CSV", brewed(), "absent"),
    Case(
        parquet_or_orc_data,
        "a job's own query",
        [defined(athena_dataset_definition=Extract(output_format="ORC"))],
        "passed",
    ),
    Case(avro_data, "a DataBrew job writes it", brewed(output="AVRO"), "passed"),
    Case(
        kinesis_streaming_in_use, "a stream made lately", [happened(StreamEvent, "CreateStream", "kinesis")], "passed"
    ),
    Case(feature_store_records_ingested, "a job wrote into a group that is gone", [put_into_store()], "passed"),
    Case(feature_store_records_ingested, "a job failed to", [put_into_store("Failed")], "absent"),
    Case(efs_file_system_in_use, "nothing there", [], "absent"),
    Case(efs_file_system_in_use, "a file system", [elastic()], "passed"),
    Case(efs_file_system_in_use, "one that never came up", [elastic("error")], "failed"),
    Case(efs_file_system_in_use, "a training job read from one", [mounted("EFS")], "passed"),
    Case(efs_file_system_in_use, "a training job failed to", [mounted("EFS", status="Failed")], "absent"),
    Case(efs_file_system_in_use, "a training job read from Lustre", [mounted("FSxLustre")], "absent"),
    Case(
        efs_file_system_in_use,
        "one made lately",
        [happened(efs.EfsEvent, "CreateFileSystem", "elasticfilesystem")],
        "passed",
    ),
    Case(fsx_file_system_in_use, "nothing there", [], "absent"),
    Case(fsx_file_system_in_use, "a file system", [lustre()], "passed"),
    Case(fsx_file_system_in_use, "one that never came up", [lustre("FAILED")], "failed"),
    Case(fsx_file_system_in_use, "a backup that outlived it", [backup()], "passed"),
    Case(fsx_file_system_in_use, "a backup that failed", [backup("FAILED")], "failed"),
    Case(fsx_file_system_in_use, "a training job read from one", [mounted("FSxLustre")], "passed"),
    Case(fsx_file_system_in_use, "a training job read from EFS", [mounted("EFS")], "absent"),
    Case(fsx_file_system_in_use, "one made lately", [happened(fsx.FsxEvent, "CreateFileSystem", "fsx")], "passed"),
    Case(flink_application_run, "nothing there", [], "absent"),
    Case(flink_application_run, "one that runs", [flink("RUNNING")], "passed"),
    Case(flink_application_run, "one that was never started", [flink()], "failed", bad=["never started"]),
    Case(
        flink_application_run,
        "one that was started once",
        [flink(), ApplicationStart(application_name="f", operation_status="SUCCESSFUL")],
        "passed",
    ),
    Case(
        flink_application_run,
        "one that could not start",
        [flink(), ApplicationStart(application_name="f", operation_status="FAILED")],
        "failed",
    ),
    Case(
        flink_application_run,
        "one started lately",
        [happened(FlinkStart, "StartApplication", "kinesisanalytics")],
        "passed",
    ),
    Case(kafka_in_use, "nothing there", [], "absent"),
    Case(kafka_in_use, "a cluster", [Cluster(cluster_arn="c", cluster_type="SERVERLESS", state="ACTIVE")], "passed"),
    Case(kafka_in_use, "a cluster that failed", [Cluster(cluster_arn="c", state="FAILED")], "failed"),
    Case(kafka_in_use, "a function reads from MSK", [mapping("kafka")], "passed"),
    Case(kafka_in_use, "a function reads from a cluster elsewhere", [mapping("", topics=["clicks"])], "passed"),
    Case(kafka_in_use, "a function reads from Kinesis", [mapping()], "absent"),
    Case(kafka_in_use, "Firehose reads from MSK", [delivery(of="MSKAsSource")], "passed"),
    Case(kafka_in_use, "Firehose is put into", [delivery()], "absent"),
    Case(kafka_in_use, "only a connection", [Connection(name="k", connection_type="KAFKA")], "failed"),
    Case(
        kafka_in_use,
        "a job ran by a connection",
        [
            Connection(name="k", connection_type="KAFKA"),
            job("gluestreaming", connections=JobConnections(connections=["k"])),
            ran("STOPPED"),
        ],
        "passed",
    ),
    Case(kafka_in_use, "a connection to a database", [Connection(name="k", connection_type="JDBC")], "absent"),
    Case(kafka_in_use, "a cluster made lately", [happened(ClusterEvent, "CreateClusterV2", "kafka")], "passed"),
    Case(extraction_path_used, "nothing there", [], "absent"),
    Case(extraction_path_used, "a query", [query()], "passed"),
    Case(extraction_path_used, "a query that failed", [query(state="FAILED")], "absent"),
    Case(extraction_path_used, "a query of no table", [query("SELECT 1")], "absent"),
    Case(extraction_path_used, "what only describes", [query("SHOW TABLES FROM ml", kind="UTILITY")], "absent"),
    Case(extraction_path_used, "QuickSight's", [query("/* QuickSight 1-2 */ SELECT x FROM ml.features")], "absent"),
    Case(
        extraction_path_used,
        "Grafana's",
        [query(result_configuration=ResultConfiguration(output_location="s3://grafana-athena-query-results-x/"))],
        "absent",
    ),
    Case(extraction_path_used, "a crawler", [crawler()], "passed"),
    Case(extraction_path_used, "a crawler that failed", [crawler("FAILED")], "failed"),
    Case(extraction_path_used, "a crawler that was never started", [crawler(None)], "failed"),
    Case(extraction_path_used, "a job's own query", [defined(athena_dataset_definition=Extract())], "passed"),
    Case(extraction_path_used, "a job's query of Redshift", [defined(redshift_dataset_definition=Extract())], "passed"),
    Case(extraction_path_used, "an upload", [processed()], "absent"),
    Case(extraction_path_used, "DataBrew reads a database", brewed(source="DATABASE"), "passed"),
    Case(extraction_path_used, "DataBrew could not", brewed("FAILED", source="DATABASE"), "absent"),
    Case(extraction_path_used, "DataBrew reads a file", brewed(), "absent"),
    Case(data_laid_out_for_queries, "nothing there", [], "absent"),
    Case(data_laid_out_for_queries, "a table in columns", [query(), table(PARQUET)], "passed"),
    Case(data_laid_out_for_queries, "a table in columns that nobody queries", [table(PARQUET)], "absent"),
    Case(data_laid_out_for_queries, "a query of it that failed", [query(state="FAILED"), table(PARQUET)], "absent"),
    Case(data_laid_out_for_queries, "a table of text", [query(), table(CSV)], "failed"),
    Case(data_laid_out_for_queries, "a partitioned one", [query(), table(CSV, partitions=1)], "passed"),
    Case(
        data_laid_out_for_queries,
        "by the database of the query",
        [query("select x from Features f", query_execution_context=QueryContext(database="ML")), table(PARQUET)],
        "passed",
    ),
    Case(
        data_laid_out_for_queries,
        "a table of Feature Store's own",
        [query("SELECT x FROM sagemaker_featurestore.features"), table(PARQUET, database="sagemaker_featurestore")],
        "absent",
    ),
    Case(data_laid_out_for_queries, "Firehose compresses", [delivery(compression_format="GZIP")], "passed"),
    Case(
        data_laid_out_for_queries,
        "Firehose converts",
        [delivery(data_format_conversion_configuration=FormatConversion())],
        "passed",
    ),
    Case(
        data_laid_out_for_queries,
        "Firehose does neither",
        [
            delivery(
                compression_format="UNCOMPRESSED", data_format_conversion_configuration=FormatConversion(enabled=False)
            )
        ],
        "absent",
    ),
    Case(large_scans_columnar, "nothing there", [], "absent"),
    Case(large_scans_columnar, "a large scan of columns", [query(read=LARGE), table(PARQUET)], "passed"),
    Case(large_scans_columnar, "a large scan of text", [query(read=LARGE), table(CSV)], "failed", bad=["200 MB"]),
    Case(large_scans_columnar, "of partitioned text", [query(read=LARGE), table(CSV, partitions=1)], "passed"),
    Case(large_scans_columnar, "of compressed text", [query(read=LARGE), table(CSV, packed="gzip")], "passed"),
    Case(
        large_scans_columnar, "of text that is said not to be", [query(read=LARGE), table(CSV, packed="none")], "failed"
    ),
    Case(large_scans_columnar, "of files of which nothing is told", [query(read=LARGE), table()], "absent"),
    Case(large_scans_columnar, "a small scan of text", [query(), table(CSV)], "absent"),
    Case(
        large_scans_columnar,
        "a small one is large by the settings",
        [query(read=11), table(CSV)],
        "failed",
        settings=[QueryLayout(bytes=10)],
    ),
    Case(
        large_scans_columnar,
        "of raw data with a copy in columns",
        [query(read=LARGE), table(CSV), table(PARQUET, name="copy", columns=1)],
        "absent",
    ),
    Case(
        large_scans_columnar,
        "of a join nobody knows what was read of which",
        [query("SELECT * FROM ml.features f JOIN ml.other o ON f.x = o.x", read=LARGE), table(CSV)],
        "absent",
    ),
    Case(
        large_scans_columnar,
        "a stream fills a table with plain records",
        [delivery(prefix="table/!{timestamp:yyyy}/"), table(JSON)],
        "failed",
    ),
    Case(
        large_scans_columnar,
        "a stream fills it compressed",
        [delivery(prefix="table/", compression_format="Snappy"), table(JSON)],
        "passed",
    ),
    Case(large_scans_columnar, "a stream writes elsewhere", [delivery(prefix="tables/"), table(JSON)], "absent"),
    Case(data_wrangler_flow_created, "nothing there", [], "absent"),
    Case(data_wrangler_flow_created, "a flow", [FLOW], "passed"),
    Case(
        data_wrangler_flow_created,
        "a flow of another region, which shows there",
        [FlowFile(bucket=f"sagemaker-eu-west-1-{ACCOUNT}", prefix="Canvas/", key="Canvas/x.flow")],
        "absent",
    ),
    Case(data_wrangler_flow_created, "a job ran one", [processed("s3://data/x.flow", "flow")], "passed"),
    Case(data_wrangler_flow_created, "a job failed to", [processed(name="flow", status="Failed")], "absent"),
    Case(data_wrangler_flow_created, "Canvas alone", [App(domain_id="d", app_type="Canvas")], "failed"),
    Case(data_wrangler_flow_created, "a notebook", [App(domain_id="d", app_type="JupyterLab")], "absent"),
    Case(data_sets_joined, "nothing there", [], "absent"),
    Case(data_sets_joined, "a join that ran", [job(code_gen_configuration_nodes=drawn("Join")), ran()], "passed"),
    Case(data_sets_joined, "SQL over two sets", [job(code_gen_configuration_nodes=drawn("SparkSQL")), ran()], "passed"),
    Case(
        data_sets_joined,
        "SQL over one",
        [job(code_gen_configuration_nodes=drawn("SparkSQL", inputs=1)), ran()],
        "absent",
    ),
    Case(data_sets_joined, "a filter", [job(code_gen_configuration_nodes=drawn("Filter", inputs=1)), ran()], "absent"),
    Case(
        data_sets_joined,
        "a join that failed",
        [job(code_gen_configuration_nodes=drawn("Join")), ran("FAILED")],
        "failed",
    ),
    Case(
        data_sets_joined,
        "a join drawn after the run",
        [job(changed=2, code_gen_configuration_nodes=drawn("Join")), ran()],
        "failed",
    ),
    Case(data_sets_joined, "a script, of which nothing shows", [job(), ran()], "absent"),
    Case(data_sets_joined, "a recipe that was applied", recipe("JOIN"), "passed"),
    Case(data_sets_joined, "a recipe that failed", recipe("UNION", "FAILED"), "failed"),
    Case(data_sets_joined, "a recipe without a join", recipe("UPPER_CASE"), "absent"),
    Case(ingestion_failure_resolved, "nothing there", [], "absent"),
    Case(ingestion_failure_resolved, "changed in between", [job(changed=2), ran("FAILED"), ran(hour=3)], "passed"),
    Case(ingestion_failure_resolved, "not changed", [job(), ran("FAILED"), ran(hour=3)], "absent"),
    Case(ingestion_failure_resolved, "changed afterwards", [job(changed=4), ran("FAILED"), ran(hour=3)], "absent"),
    Case(ingestion_failure_resolved, "still failing", [job(changed=2), ran("FAILED"), ran("TIMEOUT", 3)], "absent"),
    Case(
        ingestion_failure_resolved,
        "it had gone well by itself before the change",
        [job(changed=3), ran("FAILED"), ran(hour=2), ran(hour=4)],
        "absent",
    ),
    Case(
        ingestion_failure_resolved,
        "Glue's own second attempt",
        [job(changed=2), ran("FAILED"), ran(hour=3, attempt=1)],
        "absent",
    ),
    Case(
        ingestion_failure_resolved,
        "a crawler",
        [crawler(changed=2), crawl("FAILED", 1), crawl("COMPLETED", 3)],
        "passed",
    ),
    Case(
        ingestion_failure_resolved,
        "a crawler that nobody changed",
        [crawler(), crawl("FAILED", 1), crawl("COMPLETED", 3)],
        "absent",
    ),
    Case(ingestion_failures_noticed, "nothing there", [], "absent"),
    Case(ingestion_failures_noticed, "failed records are kept", [mapping(failed=QUEUE)], "passed"),
    Case(ingestion_failures_noticed, "they are not", [mapping()], "absent"),
    Case(ingestion_failures_noticed, "those of a queue", [mapping("sqs", failed=QUEUE)], "absent"),
    Case(ingestion_failures_noticed, "an alarm", [alarm()], "passed"),
    Case(ingestion_failures_noticed, "an alarm that tells nobody", [alarm(alarm_actions=[])], "failed"),
    Case(ingestion_failures_noticed, "an alarm that is off", [alarm(actions_enabled=False)], "failed"),
    Case(ingestion_failures_noticed, "an alarm on something else", [alarm("AWS/EC2")], "absent"),
    Case(
        ingestion_failures_noticed,
        "an alarm of Auto Scaling",
        [alarm("AWS/Kafka", "TargetTracking-cluster/x")],
        "absent",
    ),
    Case(ingestion_failures_noticed, "a rule", [rule_on("FAILED", "TIMEOUT"), TARGET], "passed"),
    Case(ingestion_failures_noticed, "a rule without a target", [rule_on("FAILED")], "absent"),
    Case(ingestion_failures_noticed, "a rule that is off", [rule_on("FAILED", state="DISABLED"), TARGET], "absent"),
    Case(ingestion_failures_noticed, "a rule on what went well", [rule_on("SUCCEEDED"), TARGET], "absent"),
    Case(
        ingestion_failures_noticed, "a rule on training", [rule_on("Failed", source="aws.sagemaker"), TARGET], "absent"
    ),
    Case(ingestion_pipelines_observable, "nothing there", [], "absent"),
    Case(ingestion_pipelines_observable, "a job with metrics", [job(default_arguments=Switches(metrics=""))], "passed"),
    Case(ingestion_pipelines_observable, "a job without", [job()], "failed"),
    Case(ingestion_pipelines_observable, "switched off", [job(default_arguments=Switches(metrics="false"))], "failed"),
    Case(ingestion_pipelines_observable, "a version that logs by itself", [job(version="5.0")], "absent"),
    Case(ingestion_pipelines_observable, "a job without Spark", [job("pythonshell")], "absent"),
    Case(
        ingestion_pipelines_observable,
        "records are kept and errors logged",
        [mapping(failed=QUEUE), delivery(cloud_watch_logging_options=Switch(enabled=True))],
        "passed",
    ),
    Case(
        ingestion_pipelines_observable,
        "one of both",
        [mapping(), delivery(cloud_watch_logging_options=Switch(enabled=True))],
        "partial",
        bad=["failed records are lost"],
    ),
    Case(ingestion_pipelines_observable, "errors are not logged", [delivery(prefix="x/")], "failed"),
    Case(ingestion_pipelines_observable, "a queue", [mapping("sqs")], "absent"),
    Case(training_input_modes_compared, "nothing there", [], "absent"),
    Case(training_input_modes_compared, "one mode", [loaded("File"), loaded("File")], "failed"),
    Case(training_input_modes_compared, "no mode is File", [trained(), loaded("File")], "failed"),
    Case(training_input_modes_compared, "two modes", [loaded("File"), loaded("FastFile")], "passed"),
    Case(training_input_modes_compared, "a channel's own", [trained(channel(input_mode="Pipe")), trained()], "passed"),
    Case(training_input_modes_compared, "a file system", [mounted("EFS"), loaded("File")], "passed"),
    Case(training_input_modes_compared, "one that failed", [loaded("File"), loaded("Pipe", status="Failed")], "failed"),
    Case(
        training_input_modes_compared,
        "Pipe, which a manifest asks for",
        [loaded("File"), trained(MANIFEST, algorithm_specification=Algorithm(training_input_mode="Pipe"))],
        "failed",
    ),
    Case(
        training_input_modes_compared,
        "Autopilot's own choice",
        [loaded("File"), loaded("Pipe", auto_ml_job_arn=AUTOPILOT)],
        "failed",
    ),
    Case(efs_lifecycle_set, "nothing there", [], "absent"),
    Case(efs_lifecycle_set, "no policy", [elastic()], "failed"),
    Case(efs_lifecycle_set, "files move", [elastic(), moving(transition_to_ia="AFTER_30_DAYS")], "passed"),
    Case(efs_lifecycle_set, "files only move back", [elastic(), moving()], "failed"),
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


def own_file_system() -> None:
    made = client("efs").create_file_system(CreationToken="data", Encrypted=True)
    client("efs").put_lifecycle_configuration(
        FileSystemId=made["FileSystemId"], LifecyclePolicies=[{"TransitionToIA": "AFTER_30_DAYS"}]
    )


def bare_file_system() -> None:
    client("efs").create_file_system(CreationToken="data")


def file_system_that_is_gone() -> None:
    with ago(HOUR):
        bare_file_system()
    [system] = client("efs").describe_file_systems()["FileSystems"]
    client("efs").delete_file_system(FileSystemId=system["FileSystemId"])


def home_of_studio() -> None:
    [subnet, *_] = client("ec2").describe_subnets()["Subnets"]
    client("sagemaker").create_domain(
        DomainName="lab",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        SubnetIds=[subnet["SubnetId"]],
        VpcId=subnet["VpcId"],
    )
    assert client("efs").describe_file_systems()["FileSystems"], "a domain has a home"


def lustre_system() -> None:
    [subnet, *_] = client("ec2").describe_subnets()["Subnets"]
    client("fsx").create_file_system(
        FileSystemType="LUSTRE",
        StorageCapacity=1200,
        SubnetIds=[subnet["SubnetId"]],
        LustreConfiguration={"DeploymentType": "SCRATCH_2"},
    )


def lustre_system_that_is_gone() -> None:
    with ago(HOUR):
        lustre_system()
    [system] = client("fsx").describe_file_systems()["FileSystems"]
    client("fsx").delete_file_system(FileSystemId=system["FileSystemId"])


def stream_that_is_gone() -> None:
    with ago(HOUR):
        data_stream()
    client("kinesis").delete_stream(StreamName="clicks")


def flink_application() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", "")
    client("s3").create_bucket(Bucket="training-data")
    client("s3").put_object(Bucket="training-data", Key="flink.zip", Body=packed.getvalue())
    content = {"S3ContentLocation": {"BucketARN": "arn:aws:s3:::training-data", "FileKey": "flink.zip"}}
    client("kinesisanalyticsv2").create_application(
        ApplicationName="clicks",
        RuntimeEnvironment="FLINK-1_20",
        ServiceExecutionRole=ROLE,
        ApplicationConfiguration={
            "ApplicationCodeConfiguration": {"CodeContent": content, "CodeContentType": "ZIPFILE"}
        },
    )


def flink_application_that_ran() -> None:
    flink_application()
    client("kinesisanalyticsv2").start_application(ApplicationName="clicks")
    client("kinesisanalyticsv2").stop_application(ApplicationName="clicks")


def kafka_cluster() -> None:
    subnets = [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]
    client("kafka").create_cluster_v2(
        ClusterName="clicks",
        Serverless={
            "VpcConfigs": [{"SubnetIds": subnets}],
            "ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}},
        },
    )


def kafka_connection() -> None:
    properties = {"KAFKA_BOOTSTRAP_SERVERS": "broker:9092"}
    given = {"Name": "clicks", "ConnectionType": "KAFKA", "ConnectionProperties": properties}
    client("glue").create_connection(ConnectionInput=given)


def job_that_read_kafka() -> None:
    kafka_connection()
    glue_job(Connections={"Connections": ["clicks"]})


def glue_job(name: str = "job", **more: Any) -> None:
    client("s3").create_bucket(Bucket="training-data")
    client("s3").put_object(Bucket="training-data", Key="job.py", Body=b"pass")
    given: dict[str, Any] = {"GlueVersion": "4.0", **more}
    command = {"Name": "glueetl", "ScriptLocation": "s3://training-data/job.py"}
    client("glue").create_job(Name=name, Role=ROLE, Command=command, **given)
    client("glue").start_job_run(JobName=name)


def glue_job_with_metrics() -> None:
    glue_job(DefaultArguments={"--enable-metrics": "true", "--password": "hidden"})


def visual_join() -> None:
    glue_job(CodeGenConfigurationNodes=JOINED)


def visual_join_that_never_ran() -> None:
    client("glue").create_job(
        Name="job",
        Role=ROLE,
        Command={"Name": "glueetl", "ScriptLocation": "s3://training-data/job.py"},
        CodeGenConfigurationNodes=JOINED,
    )


def job_that_was_mended() -> None:
    glue = client("glue")
    broken = {"Name": "glueetl", "ScriptLocation": "s3://nowhere/job.py"}
    glue.create_job(Name="job", Role=ROLE, Command=broken)
    glue.start_job_run(JobName="job")
    client("s3").create_bucket(Bucket="training-data")
    client("s3").put_object(Bucket="training-data", Key="job.py", Body=b"pass")
    mended = {**broken, "ScriptLocation": "s3://training-data/job.py"}
    glue.update_job(JobName="job", JobUpdate={"Role": ROLE, "Command": mended})
    glue.start_job_run(JobName="job")


def job_that_stays_broken() -> None:
    glue = client("glue")
    glue.create_job(Name="job", Role=ROLE, Command={"Name": "glueetl", "ScriptLocation": "s3://nowhere/job.py"})
    glue.start_job_run(JobName="job")
    glue.start_job_run(JobName="job")


def crawled_bucket() -> None:
    client("s3").create_bucket(Bucket="training-data")
    client("s3").put_object(Bucket="training-data", Key="raw/a.csv", Body=b"x,y\n1,2\n")
    client("glue").create_database(DatabaseInput={"Name": "features"})
    targets = {"S3Targets": [{"Path": "s3://training-data/raw/"}]}
    client("glue").create_crawler(Name="raw", Role=ROLE, DatabaseName="features", Targets=targets)
    client("glue").start_crawler(Name="raw")


def crawler_that_waits() -> None:
    targets = {"S3Targets": [{"Path": "s3://training-data/raw/"}]}
    client("glue").create_crawler(Name="raw", Role=ROLE, DatabaseName="features", Targets=targets)


def queried_text() -> None:
    crawled_bucket()
    ask("SELECT x FROM features.raw WHERE y = 'hidden'")


def queried_columns() -> None:
    client("s3").create_bucket(Bucket="training-data")
    parquet_table()
    ask("SELECT age FROM features.customers")


def described_columns() -> None:
    client("s3").create_bucket(Bucket="training-data")
    parquet_table()
    ask("SHOW TABLES IN features")


def ask(text: str) -> None:
    client("athena").start_query_execution(
        QueryString=text, ResultConfiguration={"OutputLocation": "s3://training-data/results/"}
    )


def flow_in_the_default_bucket(bucket: str = f"sagemaker-{REGION}-{ACCOUNT}") -> None:
    client("s3").create_bucket(Bucket=bucket)
    client("s3").put_object(Bucket=bucket, Key="data_wrangler_flows/customers.flow", Body=b"{}")


def flow_elsewhere() -> None:
    flow_in_the_default_bucket("other-bucket")


def another_file() -> None:
    bucket = f"sagemaker-{REGION}-{ACCOUNT}"
    client("s3").create_bucket(Bucket=bucket)
    client("s3").put_object(Bucket=bucket, Key="data_wrangler_flows/customers.csv", Body=b"x")


def trained_in_two_ways() -> None:
    bucket_with_training()
    described = client("sagemaker").describe_training_job(TrainingJobName="first-model")
    algorithm = {**described["AlgorithmSpecification"], "TrainingInputMode": "FastFile"}
    names = ("RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "StoppingCondition")
    client("sagemaker").create_training_job(
        TrainingJobName="second-model",
        AlgorithmSpecification={name: algorithm[name] for name in ("TrainingImage", "TrainingInputMode")},
        **{name: described[name] for name in names},
    )


def rule_on_failed_jobs(*states: str) -> None:
    pattern = {"source": ["aws.glue"], "detail": {"state": list(states) or ["FAILED"]}}
    client("events").put_rule(Name="failed", EventPattern=json.dumps(pattern))
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
    client("events").put_targets(Rule="failed", Targets=[{"Id": "1", "Arn": topic}])


def rule_on_jobs_that_succeeded() -> None:
    rule_on_failed_jobs("SUCCEEDED")


JOINED: dict[str, Any] = {
    "a": {"CatalogSource": {"Name": "a", "Database": "d", "Table": "a"}},
    "b": {"CatalogSource": {"Name": "b", "Database": "d", "Table": "b"}},
    "join": {
        "Join": {
            "Name": "join",
            "Inputs": ["a", "b"],
            "JoinType": "left",
            "Columns": [{"From": "a", "Keys": [["id"]]}, {"From": "b", "Keys": [["id"]]}],
        }
    },
}


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
    (s3_ml_data_source, crawled_bucket, "passed"),
    (kinesis_streaming_in_use, stream_that_is_gone, "passed"),
    (efs_file_system_in_use, own_file_system, "passed"),
    (efs_file_system_in_use, file_system_that_is_gone, "passed"),
    (efs_file_system_in_use, home_of_studio, "absent"),
    (efs_file_system_in_use, only_a_bucket, "absent"),
    (efs_lifecycle_set, own_file_system, "passed"),
    (efs_lifecycle_set, bare_file_system, "failed"),
    (efs_lifecycle_set, home_of_studio, "absent"),
    (fsx_file_system_in_use, lustre_system, "passed"),
    (fsx_file_system_in_use, lustre_system_that_is_gone, "passed"),
    (fsx_file_system_in_use, own_file_system, "absent"),
    (flink_application_run, flink_application_that_ran, "passed"),
    (flink_application_run, flink_application, "failed"),
    (flink_application_run, only_a_bucket, "absent"),
    (kafka_in_use, kafka_cluster, "passed"),
    (kafka_in_use, job_that_read_kafka, "passed"),
    (kafka_in_use, kafka_connection, "failed"),
    (kafka_in_use, data_stream, "absent"),
    (extraction_path_used, queried_columns, "passed"),
    (extraction_path_used, crawled_bucket, "passed"),
    (extraction_path_used, crawler_that_waits, "failed"),
    (extraction_path_used, described_columns, "absent"),
    (data_laid_out_for_queries, queried_columns, "passed"),
    (data_laid_out_for_queries, queried_text, "failed"),
    (data_laid_out_for_queries, parquet_table, "absent"),
    (large_scans_columnar, queried_columns, "passed"),
    (large_scans_columnar, queried_text, "absent"),
    (data_wrangler_flow_created, flow_in_the_default_bucket, "passed"),
    (data_wrangler_flow_created, flow_elsewhere, "absent"),
    (data_wrangler_flow_created, another_file, "absent"),
    (data_sets_joined, visual_join, "passed"),
    (data_sets_joined, visual_join_that_never_ran, "failed"),
    (data_sets_joined, glue_job, "absent"),
    (ingestion_failure_resolved, job_that_was_mended, "passed"),
    (ingestion_failure_resolved, job_that_stays_broken, "absent"),
    (ingestion_failures_noticed, rule_on_failed_jobs, "passed"),
    (ingestion_failures_noticed, rule_on_jobs_that_succeeded, "absent"),
    (ingestion_pipelines_observable, glue_job_with_metrics, "passed"),
    (ingestion_pipelines_observable, glue_job, "failed"),
    (ingestion_pipelines_observable, firehose_stream, "failed"),
    (training_input_modes_compared, trained_in_two_ways, "passed"),
    (training_input_modes_compared, bucket_with_training, "failed"),
    (storage_tiering_configured, bucket_that_expires_output, "passed"),
    (storage_tiering_configured, bucket_with_training, "failed"),
]


test_emulated = by_calls(EMULATED)


@pytest.mark.parametrize(
    ("text", "database", "tables"),
    [
        ("SELECT * FROM d.t WHERE name = 'Jane from Ohio'", None, ["d.t"]),
        ('select a from "D"."t" x join u on x.a = u.a -- from c', "db", ["d.t", "db.u"]),
        (
            "WITH w AS (SELECT 1 FROM base), v (a) AS (SELECT * FROM w) SELECT * FROM w, other o",
            "db",
            ["db.base", "db.other"],
        ),
        ("select extract(day from at), trim(both ' ' from x) from t", "d", ["d.t"]),
        ("SELECT * FROM awsdatacatalog.db.t", None, ["db.t"]),
        ("SELECT * FROM t", None, ["t"]),
        ("SELECT 1", "d", []),
        ("SELECT 'it''s from x' /* from y", "d", []),
    ],
)
def test_of_a_query_only_its_tables_are_kept(text: str, database: str | None, tables: list[str]) -> None:
    kept = query(text, query_execution_context=QueryContext(database=database))
    assert kept.tables == tables
    assert "Jane" not in kept.query
    again = msgspec.convert(msgspec.to_builtins(kept), Query)
    assert again == kept


def test_a_query_of_a_hundred_thousand_signs_is_read_at_once() -> None:
    started = datetime.datetime.now(datetime.UTC)
    for part in ("/*", "'", "from a,", "with a as", "trim(", ", a ("):
        query(part * 50_000)
    assert datetime.datetime.now(datetime.UTC) - started < datetime.timedelta(seconds=10)


@pytest.mark.parametrize(
    ("check", "record", "denied"),
    [
        (extraction_path_used, defined(athena_dataset_definition=Extract()), [Crawler, WorkGroup]),
        (ingestion_failures_noticed, mapping(failed=QUEUE), [EventBus]),
    ],
    ids=["extraction", "failures"],
)
def test_one_source_suffices_where_another_is_denied(check: Any, record: Any, denied: list[Any]) -> None:
    assert judged(check.check, [record], denied).verdict == "passed"
    assert judged(check.check, [], denied).verdict == "unknown"
