"""Glue: the data catalog, ETL jobs and their runs, interactive sessions, schemas and data quality."""

from __future__ import annotations

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_RUNS = 50
"""How many runs of each job are read; Glue forgets runs after 90 days."""

SESSIONS = 1000
RESULTS = 30
"""How many sessions and data quality results are asked for: these lists come without a paginator."""


@resource(
    "glue",
    "GetDatabases",
    where=lambda database: not database.get("TargetDatabase") and not database.get("FederatedDatabase"),
)
class Database(Record):
    """A database of the account's own data catalog; links to other accounts' and federated ones are left out."""

    name: str


class SerDe(Record):
    """The library that reads a table's files."""

    serialization_library: str | None = None


class Column(Record):
    """A column of a table."""

    name: str


class Storage(Record):
    """Where a table's files lie and how they are read."""

    columns: list[Column] = []
    location: str | None = None
    input_format: str | None = None
    serde_info: SerDe | None = None


class TargetTable(Record):
    """What a resource link points to."""

    name: str | None = None


class TableParameters(Record, rename="lower"):
    """The parameters of a table that name its format, as crawlers and Athena write them."""

    classification: str | None = None
    table_type: str | None = None


@resource("glue", Call(operation="GetTables", by={"DatabaseName": "Name"}), per=Database)
class Table(Record):
    """A table of the data catalog."""

    name: str
    database_name: str
    table_type: str | None = None
    storage_descriptor: Storage | None = None
    parameters: TableParameters = TableParameters()
    target_table: TargetTable | None = None


class Command(Record):
    """The type of a job: glueetl, gluestreaming, glueray, pythonshell."""

    name: str | None = None


@resource("glue", "GetJobs")
class Job(Record):
    """An ETL job; its arguments are not kept, for they may hold secrets."""

    name: str
    command: Command = Command()


@resource("glue", Call(operation="GetJobRuns", by={"JobName": "Name"}), per=Job, newest=NEWEST_RUNS)
class JobRun(Record):
    """A run of an ETL job."""

    id: str
    job_name: str
    job_run_state: Enumerated | None = None


@resource("glue", Call(operation="ListSessions", give={"MaxResults": SESSIONS}, take="Sessions[]"))
class Session(Record):
    """An interactive session of a notebook."""

    id: str
    status: Enumerated | None = None
    dpu_seconds: float | None = msgspec.field(name="DPUSeconds", default=None)


@resource("glue", "ListSchemas", Call(operation="GetSchema", by={"SchemaId": "{SchemaArn: SchemaArn}"}))
class Schema(Record):
    """A schema of the Schema Registry."""

    schema_name: str
    schema_arn: str
    data_format: Enumerated | None = None


class RuleResult(Record):
    """What became of one rule: PASS, FAIL, or ERROR where it could not be evaluated."""

    result: Enumerated | None = None


@resource(
    "glue",
    Call(operation="ListDataQualityResults", give={"MaxResults": RESULTS}, take="Results[]"),
    "GetDataQualityResult",
)
class DataQualityResult(Record):
    """The result of an evaluation of data quality rules."""

    result_id: str
    ruleset_name: str | None = None
    job_name: str | None = None
    rule_results: list[RuleResult] = []
