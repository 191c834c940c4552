"""Glue: the data catalog, ETL jobs and their runs, interactive sessions, schemas and data quality."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_RUNS = 50
"""How many runs of each job are read; Glue forgets runs after 90 days."""

SESSIONS = 1000
RESULTS = 30
"""How many sessions and data quality results are asked for: these lists come without a paginator."""


WAYS = {"DynamicTransform": "FunctionName", "PIIDetection": "PiiType"}
"""Type of a node in a visual job -> its member that tells which of several things it does."""
RECIPE_WAYS = ("strategy", "skewFunction", "mapType")
"""The parameters that tell the same of a step of a recipe."""


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
    compressed: bool = False


class TargetTable(Record):
    """What a resource link points to."""

    name: str | None = None


class TableParameters(Record, rename={"compression_type": "compressionType", "write_compression": "write.compression"}):
    """The parameters of a table that name its format and compression, as crawlers and Athena write them."""

    classification: str | None = None
    table_type: str | None = None
    compression_type: str | None = None
    write_compression: str | None = None


@resource("glue", Call(operation="GetTables", by={"DatabaseName": "Name"}), per=Database)
class Table(Record):
    """A table of the data catalog."""

    name: str
    database_name: str
    table_type: str | None = None
    storage_descriptor: Storage | None = None
    parameters: TableParameters = TableParameters()
    partition_keys: list[Column] = []
    target_table: TargetTable | None = None


class Command(Record):
    """The type of a job: glueetl, gluestreaming, glueray, pythonshell."""

    name: str | None = None


class Switches(
    Record,
    rename={
        "metrics": "--enable-metrics",
        "observability_metrics": "--enable-observability-metrics",
        "continuous_log": "--enable-continuous-cloudwatch-log",
        "spark_ui": "--enable-spark-ui",
    },
):
    """The arguments by which a job is watched."""

    metrics: str | None = None
    observability_metrics: str | None = None
    continuous_log: str | None = None
    spark_ui: str | None = None

    @property
    def on(self) -> list[str]:
        """Those that are on, in words; metrics are, if they are named at all."""
        given = {
            "metrics": self.metrics,
            "observability metrics": self.observability_metrics,
            "continuous logging": self.continuous_log,
            "the Spark UI": self.spark_ui,
        }
        return [word for word, value in given.items() if value is not None and value.lower() != "false"]


class JobConnections(Record):
    """The connections that a job uses."""

    connections: list[str] = []


@resource("glue", "GetJobs")
class Job(Record):
    """An ETL job; of its arguments only some switches are kept, for others may hold secrets.

    Of the nodes of a visual job their types are kept, each with the most inputs that a node of it has: queries, code
    and names of columns are not. Where a type does several things a colon leads to which (`PIIDetection:RowMasking`,
    `Recipe:SKEWNESS:LOG`).
    """

    name: str
    command: Command = Command()
    glue_version: str | None = None
    default_arguments: Switches = Switches()
    connections: JobConnections = JobConnections()
    last_modified_on: datetime.datetime | None = None
    security_configuration: str | None = None
    code_gen_configuration_nodes: dict[str, Any] = {}

    def __post_init__(self) -> None:
        """Reduce the nodes to their types; reduced ones stay as they are."""
        types: dict[str, int] = {}
        for name, node in self.code_gen_configuration_nodes.items():
            for kind, inputs in _types(name, node):
                types[kind] = max(inputs, types.get(kind, 0))
        msgspec.structs.force_setattr(self, "code_gen_configuration_nodes", types)


def _types(name: str, node: Any) -> Iterator[tuple[str, int]]:
    """What a node of a visual job does, with its number of inputs: a recipe as many things as it has steps."""
    if isinstance(node, int):
        yield name, node
    for kind, content in node.items() if isinstance(node, dict) else ():
        inputs = len(content.get("Inputs", []))
        way = content.get(WAYS.get(kind, ""))
        yield f"{kind}:{way}" if way else kind, inputs
        for step in content.get("RecipeSteps", []) if kind == "Recipe" else ():
            parameters = step["Action"].get("Parameters", {})
            ways = [parameters[one] for one in RECIPE_WAYS if parameters.get(one)]
            yield ":".join([kind, step["Action"]["Operation"], *ways[:1]]), inputs


@resource("glue", Call(operation="GetJobRuns", by={"JobName": "Name"}), per=Job, newest=NEWEST_RUNS)
class JobRun(Record):
    """A run of an ETL job."""

    id: str
    job_name: str
    job_run_state: Enumerated | None = None
    attempt: int = 0
    started_on: datetime.datetime | None = None
    execution_time: int = 0


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
    data_format: str | None = None


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
