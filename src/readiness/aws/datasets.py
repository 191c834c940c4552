"""What jobs and tables say of data: where it lies and in which format; derived from several services."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from readiness.aws.glue import Table
from readiness.aws.s3 import bucket_of
from readiness.aws.sagemaker.training import ProcessingJob, TrainingJob, TransformJob
from readiness.record import Record, Scan

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".parquet": "parquet",
    ".orc": "orc",
    ".avro": "avro",
    ".rec": "recordio",
}
COMPRESSED = (".gz", ".bz2", ".snappy", ".zst")
WORDS = {
    "parquet": r"parquet",
    "orc": r"\borc\b|orcserde",
    "avro": r"avro",
    "recordio": r"recordio",
    "json": r"json",
    "csv": r"\bcsv|opencsv|lazysimpleserde",
}
"""How content types, classifications and libraries of tables name a format; LazySimpleSerDe reads delimited text."""

NOT_DATA = frozenset(
    {"analysis_config", "code", "config", "entrypoint", "flow", "model", "sm_drivers", "sourcecode", "source_dir"}
)
"""Inputs by these names bring scripts, models and settings, not data."""

FEATURE_STORE_DATABASE = "sagemaker_featurestore"
"""The catalog database in which Feature Store itself makes a table for each feature group."""

SERVICE_LOGS = "/AWSLogs/"
SAMPLES = "athena-examples"
"""In the location of a table: logs that a service writes; in its bucket's name: Athena's sample tables."""


class DataRead(Record):
    """A place from which a finished job, or a table of the catalog, gets its data; `format` where the record tells.

    Children of Autopilot and of monitoring schedules are left out, for a service made them.
    """

    reader: str
    what: str
    uri: str
    format: str | None = None
    shown_by: str = ""

    @classmethod
    def derive(
        cls,
        training_jobs: list[TrainingJob],
        processing_jobs: list[ProcessingJob],
        transform_jobs: list[TransformJob],
        tables: list[Table],
        scan: Scan,
    ) -> Iterator[DataRead]:
        """Everything that was read, one record for each input."""
        yield from _trained(training_jobs)
        yield from _processed(processing_jobs)
        yield from _transformed(transform_jobs)
        for table in tables:
            if is_data_table(table) and table.storage_descriptor and table.storage_descriptor.location:
                resource = f"table/{table.database_name}/{table.name}"
                found, shown_by = _of_table(table)
                yield cls(
                    reader=scan.arn("glue", resource, region=scan.region, account=scan.account),
                    what="table",
                    uri=table.storage_descriptor.location,
                    format=found,
                    shown_by=shown_by,
                )


def _trained(jobs: list[TrainingJob]) -> Iterator[DataRead]:
    for job in jobs:
        if job.training_job_status == "Completed" and not job.auto_ml_job_arn:
            for channel in job.input_data_config:
                source = channel.data_source.s3_data_source
                wrapper = channel.record_wrapper_type if channel.record_wrapper_type != "None" else None
                if source and channel.channel_name not in NOT_DATA:
                    yield _read(job.training_job_arn, "training job", source.s3_uri, channel.content_type, wrapper)


def _processed(jobs: list[ProcessingJob]) -> Iterator[DataRead]:
    for job in jobs:
        if job.processing_job_status == "Completed" and not (job.auto_ml_job_arn or job.monitoring_schedule_arn):
            for given in job.processing_inputs:
                if given.s3_input and given.input_name not in NOT_DATA:
                    yield _read(job.processing_job_arn, "processing job", given.s3_input.s3_uri)


def _transformed(jobs: list[TransformJob]) -> Iterator[DataRead]:
    for job in jobs:
        if job.transform_job_status == "Completed" and not job.auto_ml_job_arn:
            given = job.transform_input
            source, split = given.data_source.s3_data_source, given.split_type
            wrapper = split if split == "RecordIO" else None
            yield _read(job.transform_job_arn, "transform job", source.s3_uri, given.content_type, wrapper)


def _read(reader: str, what: str, uri: str, content_type: str | None = None, wrapper: str | None = None) -> DataRead:
    """A wrapper tells more than the content type of what is wrapped, and that more than the name of a file."""
    for text in (wrapper, content_type):
        if found := format_named(text):
            return DataRead(reader=reader, what=what, uri=uri, format=found, shown_by=str(text))
    return DataRead(reader=reader, what=what, uri=uri, format=format_of_file(uri), shown_by=posixpath.basename(uri))


def format_named(text: str | None) -> str | None:
    """The format that a content type, a classification or the name of a library speaks of."""
    return next((name for name, word in WORDS.items() if re.search(word, text or "", re.IGNORECASE)), None)


def format_of_file(uri: str) -> str | None:
    """The format that the ending of a file's name tells; of a folder nothing is known."""
    name = uri.lower()
    for ending in COMPRESSED:
        name = name.removesuffix(ending)
    return SUFFIXES.get(posixpath.splitext(name)[1])


def is_data_table(table: Table) -> bool:
    """Whether somebody described data of their own by it: no view, no link, nothing that AWS made or filled."""
    storage = table.storage_descriptor
    return bool(
        not table.target_table
        and table.database_name != FEATURE_STORE_DATABASE
        and storage
        and storage.columns
        and (bucket := bucket_of(storage.location))
        and not bucket.startswith(SAMPLES)
        and SERVICE_LOGS not in str(storage.location)
    )


def _of_table(table: Table) -> tuple[str | None, str]:
    if str(table.parameters.table_type).upper() == "ICEBERG":
        return "parquet", "Iceberg"
    storage = table.storage_descriptor
    library = storage.serde_info.serialization_library if storage and storage.serde_info else None
    for text in (table.parameters.classification, library, storage.input_format if storage else None):
        if found := format_named(text):
            return found, str(text).rpartition(".")[2]
    return None, ""
