"""What jobs and tables say of data: where it lies and in which format; derived from several services."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

import msgspec

from readiness.aws import databrew
from readiness.aws.glue import Table
from readiness.aws.s3 import bucket_of
from readiness.aws.sagemaker.automl import AutoMLJob
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


BREWED = {"DATA-CATALOG": "a table of the catalog", "DATABASE": "a database"}
"""Sources of DataBrew's datasets that are more than files, in words."""
CATALOGED = frozenset(BREWED.values())


class DataUse(Record):
    """A place where somebody's data is read or written; `format` where the record tells."""

    reader: str
    what: str
    uri: str
    format: str | None = None
    shown_by: str = ""


class DataRead(DataUse):
    """A place from which a finished job, or a table of the catalog, gets its data; `format` where the record tells.

    Children of Autopilot and of monitoring schedules are left out, for a service made them.
    """

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
                found, shown_by = format_of_table(table)
                yield cls(
                    reader=scan.arn("glue", resource, region=scan.region, account=scan.account),
                    what="table",
                    uri=table.storage_descriptor.location,
                    format=found,
                    shown_by=shown_by,
                )


class AutoMLRead(DataUse):
    """What an Autopilot job got its data from."""

    @classmethod
    def derive(cls, jobs: list[AutoMLJob]) -> Iterator[AutoMLRead]:
        """The channels of the jobs that ended well."""
        for job in jobs:
            for channel in job.auto_ml_job_input_data_config if job.auto_ml_job_status == "Completed" else ():
                source = channel.data_source.s3_data_source if channel.data_source else None
                if source:
                    read = _read(job.auto_ml_job_arn, "AutoML job", source.s3_uri, channel.content_type)
                    yield cls(**msgspec.structs.asdict(read))


class BrewedData(DataUse):
    """What a DataBrew job that succeeded read, or wrote; nothing tells which dataset a project's job reads."""

    @classmethod
    def derive(
        cls, jobs: list[databrew.Job], runs: list[databrew.JobRun], datasets: list[databrew.Dataset], scan: Scan
    ) -> Iterator[BrewedData]:
        """The dataset of each job, and the formats of its outputs."""
        succeeded = {run.name for run in runs if run.state == "SUCCEEDED"}
        known = {dataset.name: dataset for dataset in datasets}
        for job in jobs:
            if job.name not in succeeded:
                continue
            arn = job.resource_arn or scan.arn("databrew", f"job/{job.name}", region=scan.region, account=scan.account)
            if dataset := known.get(job.dataset_name or ""):
                files = dataset.input.s3_input_definition
                uri = f"s3://{files.bucket}/{files.key or ''}" if files else ""
                what = BREWED.get(dataset.source_type or "", "DataBrew dataset")
                yield cls(**msgspec.structs.asdict(_read(arn, what, uri, dataset.format)))
            for output in job.outputs:
                yield cls(**msgspec.structs.asdict(_read(arn, "DataBrew job's output", "", output.format)))


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
                if defined := given.dataset_definition:
                    for extract in (defined.athena_dataset_definition, defined.redshift_dataset_definition):
                        if extract:
                            yield _read(job.processing_job_arn, "processing job", "", extract.output_format)


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


def format_of_table(table: Table) -> tuple[str | None, str]:
    """The format of a table's files, and by what it shows: the word of who described it before the library."""
    if str(table.parameters.table_type).upper() == "ICEBERG":
        return "parquet", "Iceberg"
    storage = table.storage_descriptor
    library = storage.serde_info.serialization_library if storage and storage.serde_info else None
    for text in (table.parameters.classification, library, storage.input_format if storage else None):
        if found := format_named(text):
            return found, str(text).rpartition(".")[2]
    return None, ""
