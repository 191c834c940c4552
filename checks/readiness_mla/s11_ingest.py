"""1.1 Ingest and store data: formats, stores, streams, extraction, joins, troubleshooting, the cost of storage."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence

from readiness import Finding, Findings, Scan, Settings, evidence, practice
from readiness.aws import efs, fsx
from readiness.aws.athena import Query
from readiness.aws.cloudwatch import MetricAlarm
from readiness.aws.datasets import CATALOGED, NOT_DATA, AutoMLRead, BrewedData, DataRead, DataUse, is_data_table
from readiness.aws.events import Rule, RuleTarget
from readiness.aws.firehose import DeliveryStream, S3Delivery
from readiness.aws.flink import FlinkApplication, FlinkStart
from readiness.aws.flows import FlowFile
from readiness.aws.glue import Job, JobRun, Schema, Table
from readiness.aws.glue_crawlers import Crawl, Crawler
from readiness.aws.history import Event
from readiness.aws.joins import GlueJoin, KafkaConnection
from readiness.aws.kafka import Cluster, ClusterEvent
from readiness.aws.kinesis import Stream, StreamEvent
from readiness.aws.lambda_functions import EventSourceMapping
from readiness.aws.queried import QueriedTable
from readiness.aws.s3 import Bucket, LifecycleRule, MlBucket, OfflineStore, OfflineStoreFile, bucket_of
from readiness.aws.sagemaker.algorithms import TrainingRun
from readiness.aws.sagemaker.apps import App
from readiness.aws.sagemaker.features import FeatureGroup
from readiness.aws.sagemaker.training import ProcessingJob
from readiness.aws.steps import RecipeStep

STREAMS = ("dynamodb", "kafka", "kinesis")
"""Services whose streams Lambda reads, as ARNs name them; queues have a policy of their own for what fails."""
SPARK = ("glueetl", "gluestreaming")
"""What Glue calls its Spark jobs."""
LOGS_BY_ITSELF = 5
"""From this version on Glue is said to log continuously without being asked, so nothing is judged by its absence."""
GRAFANA = "grafana-athena-query-results-"
"""How buckets begin into which Grafana's own queries of Athena write."""
BROKEN_RUN = ("ERROR", "FAILED", "TIMEOUT")
INGESTION_METRICS = ("AWS/Firehose", "AWS/Kafka", "AWS/Kinesis", "AWS/KinesisAnalytics", "Glue")
"""Namespaces of what takes data in."""
INGESTION_EVENTS = frozenset({"aws.databrew", "aws.glue"})
FAILURES = frozenset({"error", "failed", "timeout"})
"""Sources of EventBridge's events about jobs that take data in, and the states in which those failed."""
OF_AUTO_SCALING = "TargetTracking-"
"""How the names of alarms begin that Application Auto Scaling makes for itself."""
DEFAULT_MODE = "File"


class QueryLayout(Settings):
    """From which size on the layout of a queried table is judged; AWS gives no figure, so it is our own.

    Attributes:
        bytes: a query that reads no more of a table does well with whatever layout.
    """

    bytes: int = 100_000_000


@evidence("1.1-K5", severity="high")
def s3_ml_data_source(
    reads: list[DataRead], buckets: list[Bucket], scan: Scan, crawlers: Sequence[Crawler] = ()
) -> Findings:
    r"""A bucket of the account is where a job, a table or a crawler gets its data.

    Why: S3 is where nearly every AWS ML workflow starts; a bucket counts once something reads data from it.
    Fix: Upload a dataset, and let a training or processing job read it, or describe it by a table.
        aws s3 cp train.csv s3://BUCKET/train/train.csv
        aws glue create-crawler --name CRAWLER --role ROLE_ARN --database-name DATABASE \
          --targets 'S3Targets=[{Path=s3://BUCKET/train/}]'
        aws glue start-crawler --name CRAWLER
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-access-training-data.html
    Cost: cents, a few MB of storage and one crawl or one short job.
    Survives: Jobs stay listed with their inputs, and tables are free to keep; the bucket itself must still be there.
    """
    own = {bucket.name for bucket in buckets}
    readers: dict[str, set[str]] = {}
    for read in reads:
        if (name := bucket_of(read.uri)) in own and name:
            readers.setdefault(name, set()).add(read.what)
    for crawler in crawlers:
        for target in crawler.targets.s3_targets if _has_crawled(crawler) else ():
            if (name := bucket_of(target.path)) in own and name:
                readers.setdefault(name, set()).add("crawler")
    for name, what in readers.items():
        yield Finding(scan.arn("s3", name), good=True, note=f"read by: {', '.join(sorted(what))}")


@evidence("1.1-K1", severity="high")
def csv_or_json_data(
    reads: Sequence[DataRead] = (), automl: Sequence[AutoMLRead] = (), brewed: Sequence[BrewedData] = ()
) -> Findings:
    """Data in CSV or JSON was read or written by a job, or described by a table.

    Why: row-based text is what most data arrives in, and what built-in algorithms and batch transform take.
    Fix: Name the content type of a training channel, or describe the files by a table.
        aws glue start-crawler --name CRAWLER
        aws glue get-table --database-name DATABASE --name TABLE --query Table.Parameters.classification
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html
    Cost: free, if the table is written by hand; cents for a crawl or a short job.
    Survives: Tables are free to keep, and jobs stay listed with their content types.
    """
    yield from _in_format([*reads, *automl, *brewed], "csv", "json")


@evidence("1.1-K2", severity="high")
def parquet_or_orc_data(
    reads: Sequence[DataRead] = (), automl: Sequence[AutoMLRead] = (), brewed: Sequence[BrewedData] = ()
) -> Findings:
    r"""Data in Parquet or ORC was read or written by a job, or described by a table.

    Why: columnar files let a query read only the columns it needs, which makes analytics over features fast and cheap.
    Fix: Write a table in Parquet by Athena, which registers it in the catalog.
        aws athena start-query-execution --work-group WORKGROUP --query-string "CREATE TABLE DATABASE.NEW \
          WITH (format='PARQUET', external_location='s3://BUCKET/new/') AS SELECT * FROM DATABASE.TABLE"
    See: https://docs.aws.amazon.com/athena/latest/ug/columnar-storage.html
    Cost: cents, by the amount of data that the query reads.
    Survives: Tables are free to keep, and jobs stay listed with their content types.
    """
    yield from _in_format([*reads, *automl, *brewed], "parquet", "orc")


@evidence("1.1-K3", severity="high")
def avro_data(
    reads: Sequence[DataRead] = (), brewed: Sequence[BrewedData] = (), schemas: Sequence[Schema] = ()
) -> Findings:
    r"""Data in Avro was read or written by a job or described by a table, or its schema registered.

    Why: Avro carries its schema and lets it evolve, which is why streams and row-wise exchange use it.
    Fix: Register an Avro schema, or describe Avro files by a table.
        aws glue create-schema --schema-name SCHEMA --data-format AVRO --compatibility BACKWARD \
          --schema-definition file://schema.avsc
    See: https://docs.aws.amazon.com/glue/latest/dg/schema-registry.html
    Cost: free, the Schema Registry and a table cost nothing.
    Survives: Schemas and tables are free to keep.
    """
    yield from _in_format([*reads, *brewed], "avro")
    for schema in schemas:
        if schema.data_format == "AVRO":
            yield Finding(schema.schema_arn, good=True, note="an Avro schema in the Schema Registry")


@evidence("1.1-K4", severity="high")
def recordio_data(reads: list[DataRead]) -> Findings:
    r"""Data in RecordIO was read by a training or transform job.

    Why: protobuf RecordIO is the format that SageMaker's built-in algorithms stream fastest, in pipe mode.
    Fix: Write the data by sagemaker.amazon.common.write_numpy_to_dense_tensor, and train with its content type.
        aws s3 cp train.pbr s3://BUCKET/recordio/train.pbr
        aws sagemaker create-training-job --training-job-name JOB --role-arn ROLE_ARN \
          --hyper-parameters k=3,feature_dim=4 \
          --algorithm-specification TrainingImage=KMEANS_IMAGE,TrainingInputMode=Pipe \
          --input-data-config '[{"ChannelName":"train","ContentType":"application/x-recordio-protobuf","DataSource":
            {"S3DataSource":{"S3DataType":"S3Prefix","S3Uri":"s3://BUCKET/recordio/"}}}]' \
          --resource-config InstanceType=ml.m5.large,InstanceCount=1,VolumeSizeInGB=5 \
          --stopping-condition MaxRuntimeInSeconds=600 --output-data-config S3OutputPath=s3://BUCKET/output
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html
    Cost: cents, for one short job.
    Survives: Jobs stay listed with their content types after the data is gone.
    """
    yield from _in_format(reads, "recordio")


def _in_format(reads: Iterable[DataUse], *formats: str) -> Findings:
    for read in reads:
        if read.format in formats:
            yield Finding(read.reader, good=True, note=f"a {read.what} of {read.format} data, shown by {read.shown_by}")


@evidence("1.1-K8")
def kinesis_streaming_in_use(
    streams: Sequence[Stream] = (), deliveries: Sequence[DeliveryStream] = (), events: Sequence[StreamEvent] = ()
) -> Findings:
    """A Kinesis data stream or a Firehose stream takes in data, or a data stream was made lately.

    Why: features and labels that arrive as events are taken in by a stream, and delivered in batches by Firehose.
    Fix: Make a stream, put records, and look at them; scan before you delete it.
        aws kinesis create-stream --stream-name STREAM --stream-mode-details StreamMode=ON_DEMAND
        aws kinesis put-record --stream-name STREAM --partition-key 1 --data eyJ4IjogMX0=
        aws kinesis delete-stream --stream-name STREAM
    See: https://docs.aws.amazon.com/streams/latest/dev/introduction.html
    Cost: hourly, some cents an hour for a data stream; a Firehose stream costs only by the data that it carries.
    Survives: CloudTrail tells for 90 days that a data stream was made; an idle Firehose stream costs nothing.
    """
    for stream in streams:
        good = stream.stream_status in ("ACTIVE", "UPDATING")
        yield Finding(stream.stream_arn, good=good, note=f"a data stream, {stream.stream_status.lower()}")
    for delivery in deliveries:
        good = delivery.delivery_stream_status == "ACTIVE"
        yield Finding(
            delivery.delivery_stream_arn,
            good=good,
            note=f"a Firehose stream, {delivery.delivery_stream_status.lower()}",
        )
    yield from _happened(events)


def _happened(events: Iterable[Event]) -> Findings:
    for event in events:
        yield Finding(event.title, good=True, note="in the event history, whatever has become of it since")


@evidence("1.1-S4", severity="high")
def feature_store_records_ingested(
    groups: list[FeatureGroup],
    stores: list[OfflineStore],
    files: list[OfflineStoreFile],
    jobs: Sequence[ProcessingJob] = (),
) -> Findings:
    r"""A feature group holds records, or a job wrote some into one.

    Why: a feature group without records is a schema; ingestion is what brings features to training and serving.
    Fix: Put a few records; files of the offline store appear within about 15 minutes.
        aws sagemaker-featurestore-runtime put-record --feature-group-name GROUP --record \
          FeatureName=id,ValueAsString=1 FeatureName=event_time,ValueAsString=2026-01-01T00:00:00Z
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-ingest-data.html
    Cost: cents, writes to an online store are billed one by one.
    Survives: A processing job that wrote into the group stays listed; else the feature group must still be there, with
        an offline store, whose files cost next to nothing.
    """
    filled = {(file.bucket, file.prefix) for file in files if file.key.endswith(".parquet")}
    offline = {store.feature_group_name for store in stores if (store.bucket, store.prefix) in filled}
    for group in groups:
        if group.feature_group_name in offline:
            yield Finding(group.feature_group_arn, good=True, note="its offline store holds files")
        elif group.online_store_total_size_bytes > 0:
            note = f"its online store holds {group.online_store_total_size_bytes} bytes"
            yield Finding(group.feature_group_arn, good=True, note=note)
        else:
            yield Finding(group.feature_group_arn, good=False, note="no records seen in its online or offline store")
    for job in jobs:
        for output in job.processing_output_config.outputs:
            if output.feature_store_output and job.processing_job_status == "Completed":
                note = f"wrote into the feature group {output.feature_store_output.feature_group_name}"
                yield Finding(job.processing_job_arn, good=True, note=note)


@practice("1.1-S7")
def storage_tiering_configured(buckets: list[MlBucket], rules: list[LifecycleRule], scan: Scan) -> Findings:
    r"""Buckets with ML data move or expire by rule what is no longer read.

    Why: training output, captured traffic and old datasets pile up; a rule keeps their cost in step with their use.
    Fix: Expire output, and let the rest move to a cheaper class.
        aws s3api put-bucket-lifecycle-configuration --bucket BUCKET --lifecycle-configuration '{"Rules":[
          {"ID":"output","Status":"Enabled","Filter":{"Prefix":"output/"},"Expiration":{"Days":30}},
          {"ID":"rest","Status":"Enabled","Filter":{"Prefix":""},
           "Transitions":[{"Days":0,"StorageClass":"INTELLIGENT_TIERING"}]}]}'
    See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
    Cost: free to set; moving objects costs cents per thousands of them.
    Survives: Judged on buckets that are there, and free to keep.
    """
    for bucket in buckets:
        own = [rule for rule in rules if rule.bucket == bucket.name]
        saving = [rule for rule in own if rule.status == "Enabled" and _saves(rule)]
        if saving:
            classes = sorted({move.storage_class or "" for rule in saving for move in rule.transitions} - {""})
            note = f"{len(saving)} lifecycle {'rule' if len(saving) == 1 else 'rules'}"
            note += f", to {', '.join(classes)}" if classes else ", which expire objects or versions"
        elif own:
            note = "its lifecycle rules are off, or only tidy up uploads and deletion markers"
        else:
            note = f"no lifecycle rule; it holds {', '.join(bucket.holds)}"
        yield Finding(scan.arn("s3", bucket.name), good=bool(saving), note=note)


def _saves(rule: LifecycleRule) -> bool:
    expires = rule.expiration is not None and bool(rule.expiration.days or rule.expiration.date)
    return expires or bool(
        rule.transitions or rule.noncurrent_version_transitions or rule.noncurrent_version_expiration
    )


def _has_crawled(crawler: Crawler) -> bool:
    return crawler.last_crawl is not None and crawler.last_crawl.status == "SUCCEEDED"


@evidence("1.1-K6", severity="low")
def efs_file_system_in_use(
    systems: Sequence[efs.FileSystem] = (),
    runs: Sequence[TrainingRun] = (),
    events: Sequence[efs.EfsEvent] = (),
) -> Findings:
    r"""A file system of EFS was made for data, and not only by Studio.

    Why: files that many machines read and write at once, and that training reads without a copy, lie in EFS.
    Fix: Make a file system; scan, or train from it, before you delete it.
        aws efs create-file-system --creation-token ml-data --encrypted --throughput-mode elastic
        aws efs put-lifecycle-configuration --file-system-id FILE_SYSTEM_ID \
          --lifecycle-policies TransitionToIA=AFTER_30_DAYS
        aws efs delete-file-system --file-system-id FILE_SYSTEM_ID
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-access-training-data.html
    Cost: cents, by the data that it holds; an empty one is free.
    Survives: Training jobs stay listed with their file systems, and CloudTrail tells for 90 days that one was made.
    """
    for system in systems:
        good = system.life_cycle_state in ("available", "updating")
        arn = system.file_system_arn or system.file_system_id
        yield Finding(arn, good=good, note=f"a file system, {system.life_cycle_state}")
    yield from _read_from("EFS", runs)
    yield from _happened(events)


def _read_from(kind: str, runs: Iterable[TrainingRun]) -> Findings:
    for run in runs:
        if run.completed and kind in _modes(run):
            yield Finding(run.training_job_arn, good=True, note=f"trained from {kind}")


@evidence("1.1-K7", severity="low")
def fsx_file_system_in_use(
    systems: Sequence[fsx.FileSystem] = (),
    backups: Sequence[fsx.Backup] = (),
    runs: Sequence[TrainingRun] = (),
    events: Sequence[fsx.FsxEvent] = (),
) -> Findings:
    r"""A file system of FSx was made, or backed up, or trained from.

    Why: FSx for Lustre shows data of S3 as files at the speed that many GPUs need; ONTAP and others bring own systems.
    Fix: Make a small one for Lustre, and delete it within the hour.
        aws fsx create-file-system --file-system-type LUSTRE --storage-capacity 1200 --subnet-ids SUBNET_ID \
          --lustre-configuration DeploymentType=SCRATCH_2,DataRepositoryConfiguration={ImportPath=s3://BUCKET/train/}
        aws fsx delete-file-system --file-system-id FILE_SYSTEM_ID
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-access-training-data.html
    Cost: hourly, some cents for every hour of the smallest.
    Survives: Backups and training jobs outlive the file system, and CloudTrail tells for 90 days that one was made.
    """
    for system in systems:
        good = system.lifecycle in ("AVAILABLE", "UPDATING", "MISCONFIGURED")
        arn = system.resource_arn or system.file_system_id
        yield Finding(arn, good=good, note=f"a file system, {system.file_system_type}, {str(system.lifecycle).lower()}")
    for backup in backups:
        good = backup.lifecycle in ("AVAILABLE", "COPYING", "TRANSFERRING")
        note = f"a backup of a file system, {backup.file_system.file_system_type}, {backup.lifecycle.lower()}"
        yield Finding(backup.resource_arn or backup.backup_id, good=good, note=note)
    yield from _read_from("FSxLustre", runs)
    yield from _happened(events)


@evidence("1.1-K9", severity="low")
def flink_application_run(applications: Sequence[FlinkApplication] = (), events: Sequence[FlinkStart] = ()) -> Findings:
    r"""An application or a notebook of Managed Service for Apache Flink has run.

    Why: Flink computes over streams with state, such as counts in windows that become features at once.
    Fix: Upload an application of Flink, start it for some minutes, and stop it.
        aws s3 cp application.zip s3://BUCKET/flink/application.zip
        aws kinesisanalyticsv2 create-application --application-name APPLICATION --runtime-environment FLINK-1_20 \
          --service-execution-role ROLE_ARN --application-configuration '{"ApplicationCodeConfiguration":{
            "CodeContentType":"ZIPFILE","CodeContent":{"S3ContentLocation":{
              "BucketARN":"arn:aws:s3:::BUCKET","FileKey":"flink/application.zip"}}}}'
        aws kinesisanalyticsv2 start-application --application-name APPLICATION
        aws kinesisanalyticsv2 stop-application --application-name APPLICATION
    See: https://docs.aws.amazon.com/managed-flink/latest/java/how-it-works.html
    Cost: hourly, some cents for every hour that it runs; a stopped application costs next to nothing.
    Survives: A stopped application stays listed with its starts, and CloudTrail tells of these for 90 days.
    """
    for application in applications:
        note = f"{application.runtime}, {'has run' if application.ran else 'never started'}"
        yield Finding(application.arn, good=application.ran, note=note)
    yield from _happened(events)


@evidence("1.1-K10", severity="low")
def kafka_in_use(
    clusters: Sequence[Cluster] = (),
    mappings: Sequence[EventSourceMapping] = (),
    deliveries: Sequence[DeliveryStream] = (),
    connections: Sequence[KafkaConnection] = (),
    events: Sequence[ClusterEvent] = (),
    *,
    scan: Scan,
) -> Findings:
    r"""Kafka feeds something in the account: a cluster of MSK, or what reads from one of any kind.

    Why: where events already flow through Kafka, features and labels are taken from its topics.
    Fix: Make a serverless cluster, have a function read from it, and delete the cluster within the hour.
        aws kafka create-cluster-v2 --cluster-name CLUSTER --serverless '{"VpcConfigs":[{"SubnetIds":["SUBNET_ID_1",
          "SUBNET_ID_2"]}],"ClientAuthentication":{"Sasl":{"Iam":{"Enabled":true}}}}'
        aws lambda create-event-source-mapping --function-name FUNCTION --event-source-arn CLUSTER_ARN \
          --topics clicks --starting-position LATEST
        aws kafka delete-cluster --cluster-arn CLUSTER_ARN
    See: https://docs.aws.amazon.com/msk/latest/developerguide/serverless-getting-started.html
    Cost: hourly, about 0.75 USD for every hour of a serverless cluster.
    Survives: A mapping that is switched off costs nothing, and CloudTrail tells for 90 days that a cluster was made.
    """
    for cluster in clusters:
        good = cluster.state not in ("CREATING", "DELETING", "FAILED")
        note = f"a cluster, {str(cluster.cluster_type).lower()}, {str(cluster.state).lower()}"
        yield Finding(cluster.cluster_arn, good=good, note=note)
    for mapping in mappings:
        if mapping.topics or _service_of(mapping) == "kafka":
            note = f"Lambda reads its records, {str(mapping.state).lower()}"
            yield Finding(_arn_of(mapping, scan), good=True, note=note)
    for delivery in deliveries:
        if delivery.delivery_stream_type == "MSKAsSource":
            note = f"a Firehose stream of its records, {delivery.delivery_stream_status.lower()}"
            yield Finding(delivery.delivery_stream_arn, good=delivery.delivery_stream_status == "ACTIVE", note=note)
    for connection in connections:
        note = "a job of Glue read by it" if connection.ran else "a connection of Glue, by which no job has run"
        yield Finding(connection.arn, good=connection.ran, note=note)
    yield from _happened(events)


def _service_of(mapping: EventSourceMapping) -> str:
    parts = str(mapping.event_source_arn).split(":")
    return parts[2] if len(parts) > 2 else ""


def _arn_of(mapping: EventSourceMapping, scan: Scan) -> str:
    return scan.arn("lambda", f"event-source-mapping:{mapping.uuid}", region=scan.region, account=scan.account)


@evidence("1.1-S1")
def extraction_path_used(
    queries: Sequence[Query] = (),
    crawlers: Sequence[Crawler] = (),
    jobs: Sequence[ProcessingJob] = (),
    brewed: Sequence[BrewedData] = (),
    *,
    scan: Scan,
) -> Findings:
    r"""Data was extracted by a query, a crawler, the catalog or a job's own query.

    Why: uploads are for samples; data for training is taken from where it lies by the service that reads it best.
    Fix: Query a table by Athena, or crawl a source.
        aws athena start-query-execution --query-string "SELECT * FROM DATABASE.TABLE LIMIT 10" \
          --result-configuration OutputLocation=s3://BUCKET/results/
        aws glue create-crawler --name CRAWLER --role ROLE_ARN --database-name DATABASE \
          --targets 'S3Targets=[{Path=s3://BUCKET/train/}]'
        aws glue start-crawler --name CRAWLER
    See: https://docs.aws.amazon.com/athena/latest/ug/querying.html
    Cost: cents, by the amount of data that the query reads, or for ten minutes of a crawler.
    Survives: Athena remembers queries for 45 days; an idle crawler costs nothing, and jobs stay listed.
    """
    for query in queries:
        bucket = str(bucket_of(query.result_configuration.output_location))
        if query.extracted and not bucket.startswith(GRAFANA):
            resource = f"workgroup/{query.work_group}"
            arn = scan.arn("athena", resource, region=scan.region, account=scan.account)
            yield Finding(arn, good=True, note=f"a query of {', '.join(query.tables)}")
    for crawler in crawlers:
        arn = scan.arn("glue", f"crawler/{crawler.name}", region=scan.region, account=scan.account)
        what = ", ".join(crawler.targets.kinds)
        crawled = _has_crawled(crawler)
        note = f"crawled {what}" if crawled else f"a crawler of {what}, whose last crawl did not succeed, or never was"
        yield Finding(arn, good=crawled, note=note)
    for job in jobs:
        definitions = [given.dataset_definition for given in job.processing_inputs if given.dataset_definition]
        for definition in definitions if job.processing_job_status == "Completed" else ():
            service = "Redshift" if definition.redshift_dataset_definition else "Athena"
            yield Finding(job.processing_job_arn, good=True, note=f"got its data by a query of {service}")
    for data in brewed:
        if data.what in CATALOGED:
            yield Finding(data.reader, good=True, note=f"a DataBrew job read {data.what}")


@evidence("1.1-S2", "1.1-K11")
def data_laid_out_for_queries(
    tables: Sequence[QueriedTable] = (), deliveries: Sequence[DeliveryStream] = ()
) -> Findings:
    r"""Data that is queried lies in columns or partitions, or a stream is written in columns or compressed.

    Why: Athena bills by what it reads; columns, partitions and compression let a query read only what it needs.
    Fix: Write a table in Parquet and by days, and query it.
        aws athena start-query-execution --result-configuration OutputLocation=s3://BUCKET/results/ --query-string \
          "CREATE TABLE DATABASE.NEW WITH (format='PARQUET', partitioned_by=ARRAY['day'], \
          external_location='s3://BUCKET/new/') AS SELECT x, y, day FROM DATABASE.TABLE"
        aws athena start-query-execution --result-configuration OutputLocation=s3://BUCKET/results/ \
          --query-string "SELECT y FROM DATABASE.NEW WHERE day = '2026-01-01'"
    See: https://docs.aws.amazon.com/athena/latest/ug/performance-tuning-data-optimization-techniques.html
    Cost: cents, by the amount of data that the queries read.
    Survives: Tables are free to keep; that they were queried Athena remembers for 45 days.
    """
    for table in tables:
        good = table.columnar or table.partitioned
        yield Finding(table.arn, good=good, note=f"a table that was queried: {table.layout}")
    for delivery, place in _to_s3(deliveries):
        if place.compact:
            yield Finding(delivery.delivery_stream_arn, good=True, note=f"written {place.compact}")


def _to_s3(deliveries: Iterable[DeliveryStream]) -> Iterator[tuple[DeliveryStream, S3Delivery]]:
    for delivery in deliveries:
        for destination in delivery.destinations:
            if destination.extended_s3_destination_description:
                yield delivery, destination.extended_s3_destination_description


@practice("1.1-S2", "1.1-K11")
def large_scans_columnar(
    tables: list[QueriedTable], deliveries: list[DeliveryStream], catalog: list[Table], layout: QueryLayout
) -> Findings:
    r"""Tables of which queries read much, and streams that fill a table, are in columns, partitioned or compressed.

    Why: each query of plain text reads all of it, and is billed for that; small tables may be text.
    Fix: Copy the table into Parquet, or let Firehose compress or convert what it writes.
        aws athena start-query-execution --result-configuration OutputLocation=s3://BUCKET/results/ --query-string \
          "CREATE TABLE DATABASE.NEW WITH (format='PARQUET', external_location='s3://BUCKET/new/') \
          AS SELECT * FROM DATABASE.TABLE"
        aws firehose update-destination --delivery-stream-name STREAM --current-delivery-stream-version-id 1 \
          --destination-id destinationId-000000000001 --extended-s3-destination-update CompressionFormat=GZIP
    See: https://docs.aws.amazon.com/athena/latest/ug/performance-tuning-data-optimization-techniques.html
    Cost: cents, by the amount of data that is copied.
    Survives: Tables are free to keep; what their queries read Athena remembers for 45 days.
    """
    for table in tables:
        if table.columnar or table.partitioned or table.compressed:
            yield Finding(table.arn, good=True, note=table.layout)
        elif table.format and table.scanned > layout.bytes and not table.copied:
            read = f"a query of it read {table.scanned // 1_000_000} MB"
            yield Finding(table.arn, good=False, note=f"{table.layout}, neither partitioned nor compressed; {read}")
    for delivery, place in _to_s3(deliveries):
        if _fills_a_table(place, catalog):
            note = f"fills a table, written {place.compact}" if place.compact else "fills a table with plain records"
            yield Finding(delivery.delivery_stream_arn, good=bool(place.compact), note=note)


def _fills_a_table(place: S3Delivery, catalog: Iterable[Table]) -> bool:
    bucket = str(place.bucket_arn).rpartition(":")[2]
    # What follows is filled in anew for each file.
    written = place.prefix.partition("!{")[0]
    for table in catalog:
        location = table.storage_descriptor.location if table.storage_descriptor else None
        if is_data_table(table) and bucket_of(location) == bucket:
            folder = str(location).partition("://")[2].partition("/")[2].rstrip("/")
            if not folder or written.startswith(f"{folder}/"):
                return True
    return False


@evidence("1.1-S3", "1.2-K12")
def data_wrangler_flow_created(
    flows: Sequence[FlowFile] = (), jobs: Sequence[ProcessingJob] = (), apps: Sequence[App] = (), *, scan: Scan
) -> Findings:
    r"""A flow of Data Wrangler was saved, or run by a job.

    Why: Data Wrangler imports, looks at and transforms data without code; what was done is kept in a flow.
    Fix: Open Canvas, import a small file in Data Wrangler, save the flow, and log out at once: Canvas is billed by the
        hour until you do.
        aws s3 ls --recursive s3://sagemaker-REGION-ACCOUNT/data_wrangler_flows/
        aws sagemaker delete-app --domain-id DOMAIN_ID --user-profile-name USER --app-type Canvas --app-name default
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/canvas-data-prep.html
    Cost: hourly, about 2 USD for every hour of a Canvas session.
    Survives: The flow stays in S3 for a fraction of a cent; a job stays listed with the flow that it ran.
    """
    for flow in flows:
        # S3 lists the buckets of all regions; each is named after its own.
        if flow.bucket.startswith(f"sagemaker-{scan.region}-"):
            yield Finding(scan.arn("s3", f"{flow.bucket}/{flow.key}"), good=True, note="a flow")
    for job in jobs:
        if job.processing_job_status == "Completed" and any(
            given.input_name == "flow" for given in job.processing_inputs
        ):
            yield Finding(job.processing_job_arn, good=True, note="a job that ran a flow")
    for app in apps:
        if app.app_type == "Canvas":
            owner = app.user_profile_name or app.space_name
            resource = f"app/{app.domain_id}/{owner}/canvas/{app.app_name}"
            arn = scan.arn("sagemaker", resource, region=scan.region, account=scan.account)
            yield Finding(arn, good=False, note="Canvas was opened, but by itself it shows no flow")


@evidence("1.1-S5")
def data_sets_joined(joins: Sequence[GlueJoin] = (), steps: Sequence[RecipeStep] = ()) -> Findings:
    r"""Data sets were joined or united by a visual job of Glue, or by a recipe of DataBrew.

    Why: features come from several sources; joining them at scale is what Spark and Glue are for.
    Fix: In Glue Studio, draw a visual job with two sources and a Join node, and run it. Of a script no join shows.
        aws glue start-job-run --job-name JOB
        aws glue get-job-runs --job-name JOB --query 'JobRuns[].JobRunState'
    See: https://docs.aws.amazon.com/glue/latest/dg/transforms-configure-join.html
    Cost: cents, two workers for some minutes.
    Survives: Definitions of jobs and recipes are free to keep; Glue remembers runs for 90 days.
    """
    for join in joins:
        since = "has run" if join.ran else "has not succeeded since it was changed"
        note = f"a visual job with {', '.join(join.nodes)}, {since}"
        yield Finding(join.arn, good=join.ran, note=note)
    for step in steps:
        if step.operation in ("JOIN", "UNION"):
            note = f"a recipe with {step.operation}, {'applied' if step.ran else 'not applied as it is'}"
            yield Finding(step.where, good=step.ran, note=note)


@evidence("1.1-S6", severity="low")
def ingestion_failure_resolved(
    jobs: Sequence[Job] = (),
    runs: Sequence[JobRun] = (),
    crawlers: Sequence[Crawler] = (),
    crawls: Sequence[Crawl] = (),
    *,
    scan: Scan,
) -> Findings:
    r"""A job or a crawler failed, was changed, and succeeded.

    Why: data changes and permissions lack; reading what a failed run says, and mending it, is the daily work.
    Fix: Break a job on purpose, by a path that is not there, run it, read why it failed, change it, and run it again.
        aws glue get-job-runs --job-name JOB --query 'JobRuns[0].ErrorMessage'
        aws logs tail /aws-glue/jobs/error
        aws glue update-job --job-name JOB --job-update file://job.json
        aws glue start-job-run --job-name JOB
    See: https://docs.aws.amazon.com/glue/latest/dg/troubleshooting-glue.html
    Cost: cents, two workers for some minutes.
    Survives: Glue remembers runs for 90 days, and crawls for twelve months.
    """
    for job in jobs:
        # A second attempt is Glue's own, and mends nothing.
        own = [run for run in runs if run.job_name == job.name and run.attempt == 0]
        failed = [run.started_on for run in own if run.job_run_state in BROKEN_RUN]
        succeeded = [run.started_on for run in own if run.job_run_state == "SUCCEEDED"]
        if _mended(job.last_modified_on, failed, succeeded):
            arn = scan.arn("glue", f"job/{job.name}", region=scan.region, account=scan.account)
            yield Finding(arn, good=True, note="a run failed, the job was changed, and a run succeeded")
    for crawler in crawlers:
        past = [crawl for crawl in crawls if crawl.crawler_name == crawler.name]
        failed = [crawl.start_time for crawl in past if crawl.state == "FAILED"]
        succeeded = [crawl.start_time for crawl in past if crawl.state == "COMPLETED"]
        if _mended(crawler.last_updated, failed, succeeded):
            arn = scan.arn("glue", f"crawler/{crawler.name}", region=scan.region, account=scan.account)
            yield Finding(arn, good=True, note="a crawl failed, the crawler was changed, and a crawl succeeded")


Moments = list[datetime.datetime | None]


def _mended(changed: datetime.datetime | None, failed: Moments, succeeded: Moments) -> bool:
    """Whether what ran last before the change failed, and something after it succeeded."""
    if changed is None:
        return False
    ended = [(at, False) for at in failed if at] + [(at, True) for at in succeeded if at]
    before = [one for one in ended if one[0] < changed]
    after = [good for at, good in ended if at >= changed]
    return bool(before) and not max(before)[1] and any(after)


@evidence("1.1-S6")
def ingestion_failures_noticed(
    mappings: Sequence[EventSourceMapping] = (),
    alarms: Sequence[MetricAlarm] = (),
    rules: Sequence[Rule] = (),
    targets: Sequence[RuleTarget] = (),
    *,
    scan: Scan,
) -> Findings:
    r"""Failures of ingestion are told, or failed records kept: by an alarm, a rule, or a function's destination.

    Why: who is told learns of lost data before a model is trained without it; kept records can be looked into.
    Fix: Keep the records that a function fails at, or tell of failed jobs.
        aws lambda update-event-source-mapping --uuid UUID --destination-config OnFailure={Destination=QUEUE_ARN}
        aws events put-rule --name failed-jobs --event-pattern '{"source":["aws.glue"],
          "detail-type":["Glue Job State Change"],"detail":{"state":["FAILED","TIMEOUT"]}}'
        aws events put-targets --rule failed-jobs --targets Id=topic,Arn=TOPIC_ARN
    See: https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
    Cost: free, or cents for the messages.
    Survives: Mappings, rules and alarms cost next to nothing, and stay when what they watch is gone.
    """
    for mapping in mappings:
        if mapping.keeps_failed and (_service_of(mapping) in STREAMS or mapping.topics):
            yield Finding(_arn_of(mapping, scan), good=True, note="keeps the records that its function fails at")
    for alarm in alarms:
        within = [query.metric_stat.metric.namespace for query in alarm.metrics if query.metric_stat]
        watched = sorted({alarm.namespace, *within} & set(INGESTION_METRICS), key=str)
        if watched and not alarm.alarm_name.startswith(OF_AUTO_SCALING):
            acts = alarm.actions_enabled and bool(alarm.alarm_actions)
            note = f"watches {', '.join(map(str, watched))}{'' if acts else ', but tells nobody'}"
            yield Finding(alarm.alarm_arn, good=acts, note=note)
    told = {(target.event_bus_name, target.rule) for target in targets}
    for rule in rules:
        if rule.enabled and (rule.event_bus_name, rule.name) in told and _is_about_failures(rule):
            yield Finding(rule.arn, good=True, note="tells of jobs that failed")


def _is_about_failures(rule: Rule) -> bool:
    detail = rule.pattern.get("detail")
    states = detail.get("state") if isinstance(detail, dict) else None
    sources = rule.pattern.get("source")
    return (
        isinstance(states, list)
        and any(str(state).lower() in FAILURES for state in states)
        and isinstance(sources, list)
        and any(source in INGESTION_EVENTS for source in sources if isinstance(source, str))
    )


@practice("1.1-S6")
def ingestion_pipelines_observable(
    jobs: list[Job], mappings: list[EventSourceMapping], deliveries: list[DeliveryStream], scan: Scan
) -> Findings:
    r"""What takes data in logs what it does, and functions on streams keep the records that they fail at.

    Why: without logs and metrics nobody sees why data is missing; without a destination failed records are gone.
    Fix: Switch logs and metrics on, in the job's definition and in the destination of Firehose, and keep records.
        aws glue update-job --job-name JOB --job-update file://job.json  # DefaultArguments: "--enable-metrics": "true",
          "--enable-continuous-cloudwatch-log": "true"
        aws firehose update-destination --delivery-stream-name STREAM --current-delivery-stream-version-id 1 \
          --destination-id destinationId-000000000001 --extended-s3-destination-update \
          'CloudWatchLoggingOptions={Enabled=true,LogGroupName=/aws/kinesisfirehose/STREAM,LogStreamName=S3Delivery}'
        aws lambda update-event-source-mapping --uuid UUID --destination-config OnFailure={Destination=QUEUE_ARN}
    See: https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
    Cost: cents, for what is logged.
    Survives: Definitions of jobs, idle Firehose streams and mappings that are off are free to keep.
    """
    for job in jobs:
        watched = job.default_arguments.on
        arn = scan.arn("glue", f"job/{job.name}", region=scan.region, account=scan.account)
        if job.command.name in SPARK and watched:
            yield Finding(arn, good=True, note=f"a Spark job with {', '.join(watched)}")
        elif job.command.name in SPARK and _logs_only_if_asked(job):
            yield Finding(arn, good=False, note="a Spark job with neither continuous logging nor metrics")
    for mapping in mappings:
        if _service_of(mapping) in STREAMS or mapping.topics:
            note = "keeps the records that its function fails at" if mapping.keeps_failed else "failed records are lost"
            yield Finding(_arn_of(mapping, scan), good=mapping.keeps_failed, note=note)
    for delivery, place in _to_s3(deliveries):
        logged = place.cloud_watch_logging_options is not None and place.cloud_watch_logging_options.enabled
        note = f"a Firehose stream, whose errors are {'' if logged else 'not '}logged"
        yield Finding(delivery.delivery_stream_arn, good=logged, note=note)


def _logs_only_if_asked(job: Job) -> bool:
    major = (job.glue_version or "0").partition(".")[0]
    return major.isdigit() and int(major) < LOGS_BY_ITSELF


@evidence("1.1-K11", severity="low")
def training_input_modes_compared(runs: list[TrainingRun]) -> Findings:
    r"""Training data was loaded in more than one way: by File, FastFile or Pipe, or from a file system.

    Why: a copy before training, a stream during it and a file system differ in how soon training starts, and its price.
    Fix: Train once more with another input mode, and compare how long the job was downloading.
        aws sagemaker describe-training-job --training-job-name JOB --query SecondaryStatusTransitions
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-access-training-data.html
    Cost: cents, for one short job.
    Survives: Training jobs stay listed with their input modes.
    """
    by_mode: dict[str, TrainingRun] = {}
    for run in sorted(runs, key=lambda run: run.creation_time):
        for mode in _modes(run) if run.completed else ():
            by_mode[mode] = run
    for mode, run in sorted(by_mode.items()):
        note = mode if len(by_mode) > 1 else f"only {mode}, and nothing else"
        yield Finding(run.training_job_arn, good=len(by_mode) > 1, note=note)


def _modes(run: TrainingRun) -> set[str]:
    """How the data of a run came in; an augmented manifest is streamed, whether one wants it or not."""
    modes = set()
    for channel in run.input_data_config:
        if channel.channel_name in NOT_DATA:
            continue
        system, files = channel.data_source.file_system_data_source, channel.data_source.s3_data_source
        mode = channel.input_mode or run.algorithm_specification.training_input_mode or DEFAULT_MODE
        if system:
            modes.add(system.file_system_type)
        elif files and files.s3_data_type != "AugmentedManifestFile":
            modes.add(mode)
    return modes


@practice("1.1-S7", severity="low", by_default=True)
def efs_lifecycle_set(systems: list[efs.FileSystem], policies: list[efs.LifecyclePolicies]) -> Findings:
    r"""File systems of EFS move by rule what nobody reads any more.

    Why: infrequent access costs a small part of the price; the console sets a rule by itself, the API does not.
    Fix: Set a rule.
        aws efs put-lifecycle-configuration --file-system-id FILE_SYSTEM_ID \
          --lifecycle-policies TransitionToIA=AFTER_30_DAYS
    See: https://docs.aws.amazon.com/efs/latest/ug/lifecycle-management-efs.html
    Cost: free to set; reads of what has moved cost cents.
    Survives: Judged on file systems that are there; an empty one is free to keep.
    """
    moving = {
        one.file_system_id
        for one in policies
        if any(policy.transition_to_ia or policy.transition_to_archive for policy in one.lifecycle_policies)
    }
    for system in systems:
        good = system.file_system_id in moving
        note = "moves by rule to a cheaper class" if good else "no lifecycle policy"
        yield Finding(system.file_system_arn or system.file_system_id, good=good, note=note)
