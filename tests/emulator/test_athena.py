from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from readiness.emulator import sql

OUTPUT = {"OutputLocation": "s3://data/results/"}
CUSTOMERS = """CREATE EXTERNAL TABLE IF NOT EXISTS churn.customers (
    `id` string COMMENT 'who', -- it is
    age int,
    bill decimal(10, 2),
    tags array<string>
)
PARTITIONED BY (plan string)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
LOCATION 's3://data/customers/'
TBLPROPERTIES ('classification' = 'csv')"""


@pytest.fixture
def athena(aws: Client) -> Any:
    """Athena with a table of customers, whose files lie in the bucket `data`."""
    s3, client = aws("s3"), aws("athena")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="customers/one.csv", Body=b"x" * 300_000)
    for query in ("CREATE DATABASE churn", CUSTOMERS):
        assert run(client, query)["Status"]["State"] == "SUCCEEDED"
    return client


def run(client: Any, query: str, **given: Any) -> dict[str, Any]:
    started = client.start_query_execution(QueryString=query, **{"ResultConfiguration": OUTPUT, **given})
    found: dict[str, Any] = client.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
    return found


def test_a_query_scans_what_it_reads(athena: Any) -> None:
    query = run(athena, "SELECT age FROM churn.customers WHERE plan = 'pro'")
    assert query["StatementType"] == "DML"
    assert query["Status"]["State"] == "SUCCEEDED"
    assert query["Statistics"]["DataScannedInBytes"] == 300_000
    took = query["Status"]["CompletionDateTime"] - query["Status"]["SubmissionDateTime"]
    assert round(took.total_seconds() * 1000) == query["Statistics"]["TotalExecutionTimeInMillis"]
    assert query["ResultConfiguration"]["OutputLocation"] == f"s3://data/results/{query['QueryExecutionId']}.csv"
    assert run(athena, "SELECT 1")["Statistics"]["DataScannedInBytes"] == 0
    assert run(athena, "SELECT * FROM customers", QueryExecutionContext={"Database": "churn"})["WorkGroup"] == "primary"
    elsewhere = {"Catalog": "lambda:mysql", "Database": "shop"}
    assert run(athena, "SELECT * FROM bills", QueryExecutionContext=elsewhere)["Status"]["State"] == "SUCCEEDED"


def test_a_query_of_a_table_that_is_not_there_fails_until_it_is(athena: Any) -> None:
    failed = run(athena, "SELECT * FROM churn.none")
    assert failed["Status"]["State"] == "FAILED"
    assert "TABLE_NOT_FOUND" in failed["Status"]["StateChangeReason"]
    options = "WITH (format = 'ORC', partitioned_by = ARRAY['plan'])"
    made = run(athena, " ".join(("CREATE TABLE churn.none", options, "AS SELECT * FROM churn.customers")))
    assert (made["StatementType"], made["SubstatementType"]) == ("DDL", "CREATE_TABLE_AS_SELECT")
    assert run(athena, "SELECT * FROM churn.none")["Status"]["State"] == "SUCCEEDED"


def test_the_catalog_is_changed(athena: Any, aws: Client) -> None:
    glue = aws("glue")
    table = glue.get_table(DatabaseName="churn", Name="customers")["Table"]
    storage = table["StorageDescriptor"]
    assert [(column["Name"], column["Type"]) for column in storage["Columns"]] == [
        ("id", "string"),
        ("age", "int"),
        ("bill", "decimal(10,2)"),
        ("tags", "array<string>"),
    ]
    assert table["PartitionKeys"] == [{"Name": "plan", "Type": "string"}]
    assert storage["Location"] == "s3://data/customers/"
    run(
        athena,
        "CREATE TABLE young WITH (external_location = 's3://data/young/') AS SELECT id, age FROM churn.customers",
    )
    young = glue.get_table(DatabaseName="default", Name="young")["Table"]["StorageDescriptor"]
    assert [column["Name"] for column in young["Columns"]] == ["id", "age"]
    assert "Parquet" in young["SerdeInfo"]["SerializationLibrary"]
    for query, state in (
        ("CREATE DATABASE churn", "FAILED"),
        ("CREATE DATABASE IF NOT EXISTS churn", "SUCCEEDED"),
        ("CREATE EXTERNAL TABLE churn.customers (id string) LOCATION 's3://data/x/'", "FAILED"),
        ("CREATE EXTERNAL TABLE none.customers (id string) LOCATION 's3://data/x/'", "FAILED"),
        ("DROP TABLE churn.customers", "SUCCEEDED"),
        ("DROP TABLE churn.customers", "FAILED"),
        ("DROP TABLE IF EXISTS churn.customers", "SUCCEEDED"),
        ("DROP DATABASE churn", "SUCCEEDED"),
        ("SHOW TABLES IN churn", "SUCCEEDED"),
    ):
        assert run(athena, query)["Status"]["State"] == state
    assert "churn" not in [database["Name"] for database in glue.get_databases()["DatabaseList"]]


def test_queries_are_listed_by_workgroup(athena: Any, refused: Refused) -> None:
    athena.create_work_group(Name="ml", Configuration={"ResultConfiguration": {"OutputLocation": "s3://data/ml"}})
    ids = [run(athena, "SELECT 1", WorkGroup="ml")["QueryExecutionId"] for _ in range(3)]
    first = athena.list_query_executions(WorkGroup="ml", MaxResults=2)
    second = athena.list_query_executions(WorkGroup="ml", NextToken=first["NextToken"])
    assert [*first["QueryExecutionIds"], *second["QueryExecutionIds"]] == ids[::-1]
    assert len(athena.list_query_executions()["QueryExecutionIds"]) == 2
    found = athena.batch_get_query_execution(QueryExecutionIds=[*ids, "other"])
    assert [one["QueryExecutionId"] for one in found["QueryExecutions"]] == ids
    assert found["QueryExecutions"][0]["ResultConfiguration"]["OutputLocation"].startswith("s3://data/ml/")
    assert found["UnprocessedQueryExecutionIds"][0]["ErrorCode"] == "INVALID_QUERY_EXECUTION_ID"
    assert refused(athena.get_query_execution, QueryExecutionId="other") == "InvalidRequestException"
    assert refused(athena.list_query_executions, WorkGroup="none") == "InvalidRequestException"
    assert refused(athena.start_query_execution, QueryString="SELECT 1") == "InvalidRequestException"


def test_workgroups_are_changed(athena: Any, refused: Refused) -> None:
    encrypted = {"EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}}
    athena.update_work_group(
        WorkGroup="primary",
        Description="All of us",
        ConfigurationUpdates={
            "ResultConfigurationUpdates": {**OUTPUT, **encrypted},
            "BytesScannedCutoffPerQuery": 10_000_000,
        },
    )
    athena.start_query_execution(QueryString="SELECT 1")
    group = athena.get_work_group(WorkGroup="primary")["WorkGroup"]
    assert group["Configuration"]["ResultConfiguration"] == {**OUTPUT, **encrypted}
    assert group["Configuration"]["BytesScannedCutoffPerQuery"] == 10_000_000
    [listed] = athena.list_work_groups()["WorkGroups"]
    assert (listed["CreationTime"], listed["Description"]) == (group["CreationTime"], "All of us")
    removed = {"ResultConfigurationUpdates": {"RemoveOutputLocation": True}}
    athena.update_work_group(WorkGroup="primary", ConfigurationUpdates=removed, State="DISABLED")
    start = athena.start_query_execution
    assert refused(start, QueryString="SELECT 1", ResultConfiguration=OUTPUT) == "InvalidRequestException"


@pytest.mark.parametrize(
    ("query", "tables"),
    [
        ("SELECT 1", []),
        ('SELECT * FROM "churn"."customers" c JOIN bills ON c.id = bills.id', [("churn", "customers"), ("bills",)]),
        ("WITH young AS (SELECT * FROM customers), b (x) AS (SELECT 1) SELECT * FROM young, b", [("customers",)]),
        ("SELECT * FROM a, churn.b AS x, c WHERE x.id IN (SELECT id FROM d)", [("a",), ("churn", "b"), ("c",), ("d",)]),
        ("SELECT extract(year FROM at) FROM t WHERE a IS DISTINCT FROM b", [("t",)]),
        ("SELECT 'x FROM y' FROM t -- FROM z", [("t",)]),
        ("SELECT * FROM t CROSS JOIN UNNEST(tags) AS u (tag)", [("t",)]),
        ("SELECT * FROM information_schema.tables", []),
        ("UNLOAD (SELECT * FROM t) TO 's3://data/out/' WITH (format = 'PARQUET')", [("t",)]),
        ("INSERT INTO t SELECT * FROM awsdatacatalog.churn.u", [("awsdatacatalog", "churn", "u")]),
    ],
)
def test_which_tables_a_query_reads(query: str, tables: list[tuple[str, ...]]) -> None:
    assert sql.read(query) == tables


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("select 1", ("DML", "SELECT")),
        ("-- first\n(SELECT 1)", ("DML", "SELECT")),
        ("WITH a AS (SELECT 1) SELECT * FROM a", ("DML", "SELECT")),
        ("UNLOAD (SELECT 1) TO 's3://x'", ("DML", "UNLOAD")),
        ("MSCK REPAIR TABLE t", ("DDL", "MSCK_REPAIR")),
        ("EXPLAIN SELECT 1", ("UTILITY", "EXPLAIN")),
        ("", ("DDL", "")),
    ],
)
def test_which_sort_a_statement_is(query: str, kind: tuple[str, str]) -> None:
    assert sql.kind(query) == kind
