"""1.1 Ingest and store data: formats, S3 as the core store, streams, Feature Store, the cost of storage."""

from __future__ import annotations

from readiness import Finding, Findings, Scan, evidence, practice
from readiness.aws.datasets import DataRead
from readiness.aws.firehose import DeliveryStream
from readiness.aws.glue import Schema
from readiness.aws.kinesis import Stream
from readiness.aws.s3 import Bucket, LifecycleRule, MlBucket, OfflineStore, OfflineStoreFile, bucket_of
from readiness.aws.sagemaker.features import FeatureGroup


@evidence("1.1-K5", severity="high")
def s3_ml_data_source(reads: list[DataRead], buckets: list[Bucket], scan: Scan) -> Findings:
    r"""A bucket of the account is where a job or a table gets its data.

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
    for name, what in readers.items():
        yield Finding(scan.arn("s3", name), good=True, note=f"read by: {', '.join(sorted(what))}")


@evidence("1.1-K1", severity="high")
def csv_or_json_data(reads: list[DataRead]) -> Findings:
    """Data in CSV or JSON was read by a job, or described by a table.

    Why: row-based text is what most data arrives in, and what built-in algorithms and batch transform take.
    Fix: Name the content type of a training channel, or describe the files by a table.
        aws glue start-crawler --name CRAWLER
        aws glue get-table --database-name DATABASE --name TABLE --query Table.Parameters.classification
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html
    Cost: free, if the table is written by hand; cents for a crawl or a short job.
    Survives: Tables are free to keep, and jobs stay listed with their content types.
    """
    yield from _in_format(reads, "csv", "json")


@evidence("1.1-K2", severity="high")
def parquet_or_orc_data(reads: list[DataRead]) -> Findings:
    r"""Data in Parquet or ORC was read by a job, or described by a table.

    Why: columnar files let a query read only the columns it needs, which makes analytics over features fast and cheap.
    Fix: Write a table in Parquet by Athena, which registers it in the catalog.
        aws athena start-query-execution --work-group WORKGROUP --query-string "CREATE TABLE DATABASE.NEW \
          WITH (format='PARQUET', external_location='s3://BUCKET/new/') AS SELECT * FROM DATABASE.TABLE"
    See: https://docs.aws.amazon.com/athena/latest/ug/columnar-storage.html
    Cost: cents, by the amount of data that the query reads.
    Survives: Tables are free to keep, and jobs stay listed with their content types.
    """
    yield from _in_format(reads, "parquet", "orc")


@evidence("1.1-K3", severity="high")
def avro_data(reads: list[DataRead], schemas: list[Schema]) -> Findings:
    r"""Data in Avro was read by a job or described by a table, or its schema registered.

    Why: Avro carries its schema and lets it evolve, which is why streams and row-wise exchange use it.
    Fix: Register an Avro schema, or describe Avro files by a table.
        aws glue create-schema --schema-name SCHEMA --data-format AVRO --compatibility BACKWARD \
          --schema-definition file://schema.avsc
    See: https://docs.aws.amazon.com/glue/latest/dg/schema-registry.html
    Cost: free, the Schema Registry and a table cost nothing.
    Survives: Schemas and tables are free to keep.
    """
    yield from _in_format(reads, "avro")
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


def _in_format(reads: list[DataRead], *formats: str) -> Findings:
    for read in reads:
        if read.format in formats:
            yield Finding(read.reader, good=True, note=f"a {read.what} of {read.format} data, shown by {read.shown_by}")


@evidence("1.1-K8")
def kinesis_streaming_in_use(streams: list[Stream], deliveries: list[DeliveryStream]) -> Findings:
    """A Kinesis data stream or a Firehose stream is there to take in data.

    Why: features and labels that arrive as events are taken in by a stream, and delivered in batches by Firehose.
    Fix: Make a stream, put records, and look at them; scan before you delete it.
        aws kinesis create-stream --stream-name STREAM --stream-mode-details StreamMode=ON_DEMAND
        aws kinesis put-record --stream-name STREAM --partition-key 1 --data eyJ4IjogMX0=
        aws kinesis delete-stream --stream-name STREAM
    See: https://docs.aws.amazon.com/streams/latest/dev/introduction.html
    Cost: hourly, some cents an hour for a data stream; a Firehose stream costs only by the data that it carries.
    Survives: Nothing of a deleted data stream; an idle Firehose stream can stay, for it costs nothing.
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


@evidence("1.1-S4", severity="high")
def feature_store_records_ingested(
    groups: list[FeatureGroup], stores: list[OfflineStore], files: list[OfflineStoreFile]
) -> Findings:
    r"""A feature group holds records.

    Why: a feature group without records is a schema; ingestion is what brings features to training and serving.
    Fix: Put a few records; files of the offline store appear within about 15 minutes.
        aws sagemaker-featurestore-runtime put-record --feature-group-name GROUP --record \
          FeatureName=id,ValueAsString=1 FeatureName=event_time,ValueAsString=2026-01-01T00:00:00Z
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-ingest-data.html
    Cost: cents, writes to an online store are billed one by one.
    Survives: The feature group must still be there; offline files cost next to nothing, so keep an offline store.
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
