from __future__ import annotations

import datetime
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml-glue"
CUSTOMERS = "id,age,plan\n1,34,basic\n2,71,pro\n3,,pro\n"
RULES = """Rules = [
    RowCount between 2 and 4,
    IsComplete "id", IsUnique "id",
    IsComplete "age",
    Completeness "age" > 0.5,
    ColumnValues "plan" in ["basic", "pro"],
    ColumnValues "plan" matches "[a-z]+" with threshold > 0.9,
    Mean "age" > 50,
    ColumnCount = 3,
    IsComplete "missing",
    (RowCount > 9) or (IsPrimaryKey "id"),
    (RowCount > 1) and ((IsComplete "age") or (IsUnique "plan"))
]"""
KEPT = ["PASS", "PASS", "PASS", "FAIL", "PASS", "PASS", "PASS", "PASS", "PASS", "FAIL", "PASS", "FAIL"]
TABLE = {"DatabaseName": "churn", "TableName": "customers"}
CLICK = '{"type": "record", "name": "Click", "fields": []}'


@pytest.fixture
def glue(aws: Client) -> Any:
    """Glue with a database `churn` and a table of customers, whose CSV lies in the bucket `data`."""
    s3, client = aws("s3"), aws("glue")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="customers/one.csv", Body=CUSTOMERS.encode())
    client.create_database(DatabaseInput={"Name": "churn"})
    columns = [{"Name": name, "Type": "string"} for name in ("id", "age", "plan")]
    for name, location in (("customers", "s3://data/customers/"), ("parquet", "s3://data/parquet/")):
        table = {"Name": name, "StorageDescriptor": {"Columns": columns, "Location": location}}
        client.create_table(DatabaseName="churn", TableInput=table)
    return client


def evaluated(client: Any, name: str, rules: str, table: str = "customers") -> dict[str, Any]:
    client.create_data_quality_ruleset(Name=name, Ruleset=rules)
    run = client.start_data_quality_ruleset_evaluation_run(
        DataSource={"GlueTable": {**TABLE, "TableName": table}}, Role=ROLE, RulesetNames=[name]
    )
    [result] = client.get_data_quality_ruleset_evaluation_run(RunId=run["RunId"])["ResultIds"]
    found: dict[str, Any] = client.get_data_quality_result(ResultId=result)
    return found


def test_results_follow_from_the_rules_and_the_data(glue: Any) -> None:
    result = evaluated(glue, "customers", RULES)
    assert [rule["Result"] for rule in result["RuleResults"]] == KEPT
    assert result["Score"] == KEPT.count("PASS") / len(KEPT)
    assert result["RuleResults"][0]["EvaluatedMetrics"] == {"Dataset.*.RowCount": 3.0}
    assert result["RuleResults"][3]["EvaluationMessage"].startswith("Value: 0.66")
    assert result["RuleResults"][9]["EvaluationMessage"] == "Input data does not include column missing!"
    assert result["AggregatedMetrics"]["TotalRulesFailed"] == 3.0
    assert result["StartedOn"] <= result["CompletedOn"]


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("RowCount = 3", "PASS"),
        ("RowCount between 3 and 5", "FAIL"),
        ('ColumnExists "plan"', "PASS"),
        ('ColumnLength "plan" < 5', "FAIL"),
        ('ColumnLength "plan" between 2 and 6', "PASS"),
        ('ColumnValues "age" > 40', "FAIL"),
        ('ColumnValues "plan" not in ["basic"]', "FAIL"),
        ('ColumnValues "plan" = "pro"', "FAIL"),
        ('ColumnValues "plan" != "free"', "PASS"),
        ('ColumnValues "id" in [1, 2, 3]', "PASS"),
        ('ColumnValues "plan" not matches "[0-9]+"', "PASS"),
        ('ColumnValues "plan" > now()', "PASS"),
        ('Uniqueness "plan" > 0.5', "FAIL"),
        ('UniqueValueRatio "plan" = 0.5', "PASS"),
        ('DistinctValuesCount "plan" = 2', "PASS"),
        ('Sum "age" = 105', "PASS"),
        ('StandardDeviation "age" < 20', "PASS"),
        ('Mean "plan" > 3', "PASS"),
        ('ColumnCorrelation "id" "age" > 0.1', "PASS"),
        ('CustomSql "select count(*) from primary" > 1', "PASS"),
        ("FileSize > 1", "PASS"),
    ],
)
def test_rules(glue: Any, rule: str, kept: str) -> None:
    result = evaluated(glue, "one", f"Rules = [ {rule} ]\nAnalyzers = [ RowCount ]")
    assert [one["Result"] for one in result["RuleResults"]] == [kept]


def test_what_cannot_be_read_keeps_the_rules(glue: Any, aws: Client) -> None:
    assert evaluated(glue, "before", 'Rules = [ RowCount > 9, IsComplete "other" ]', "parquet")["Score"] == 0.5
    aws("s3").put_object(Bucket="data", Key="parquet/one.parquet", Body=b"PAR1")
    assert evaluated(glue, "after", "Rules = [ RowCount > 9, ColumnCount = 4 ]", "parquet")["Score"] == 0.5
    aws("s3").put_object(Bucket="data", Key="customers/two.json", Body=b'{"id": 4}\nno json\n{"id": "5"}\n[]\n')
    assert evaluated(glue, "both", "Rules = [ RowCount = 5 ]")["Score"] == 1.0


@pytest.mark.parametrize(
    "rules",
    ["", "Rules = []", "Rules = [ IsFine ]", "Rules = [ RowCount ]", "Rules = [ (RowCount > 1) xor ]", "Rules = [ ( ]"],
)
def test_what_is_no_ruleset_is_refused(glue: Any, refused: Refused, rules: str) -> None:
    if rules:
        assert refused(glue.create_data_quality_ruleset, Name="bad", Ruleset=rules) == "InvalidInputException"
    assert glue.list_data_quality_rulesets()["Rulesets"] == []


def test_rulesets_and_runs(glue: Any, refused: Refused) -> None:
    glue.create_data_quality_ruleset(
        Name="age", Ruleset="Rules = [ RowCount > 1 ]", TargetTable=TABLE, Tags={"Owner": "me"}, Description="Old"
    )
    evaluated(glue, "id", 'Rules = [ IsComplete "id", IsUnique "id" ]')
    evaluated(glue, "rows", "Rules = [ RowCount > 1 ]", "parquet")
    listed = glue.list_data_quality_rulesets
    assert {one["Name"]: one["RuleCount"] for one in listed()["Rulesets"]} == {"age": 1, "id": 2, "rows": 1}
    assert [one["Name"] for one in listed(Filter={"TargetTable": TABLE})["Rulesets"]] == ["age"]
    assert [one["Name"] for one in listed(Tags={"Owner": "me"})["Rulesets"]] == ["age"]
    arn = f"arn:aws:glue:{REGION}:{ACCOUNT}:dataQualityRuleset/age"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"Owner": "me"}
    first = listed(MaxResults=2)
    assert len(listed(NextToken=first["NextToken"])["Rulesets"]) == 1
    glue.update_data_quality_ruleset(Name="age", Ruleset='Rules = [ RowCount > 1, IsUnique "id" ]')
    assert len(listed(Filter={"CreatedBefore": datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)})["Rulesets"]) == 0
    assert refused(glue.update_data_quality_ruleset, Name="age", Ruleset="Rules = []") == "InvalidInputException"
    assert 'IsUnique "id"' in glue.get_data_quality_ruleset(Name="age")["Ruleset"]
    assert next(one for one in listed()["Rulesets"] if one["Name"] == "age")["RuleCount"] == 2

    runs = glue.list_data_quality_ruleset_evaluation_runs
    assert len(runs()["Runs"]) == 2
    [run] = runs(Filter={"DataSource": {"GlueTable": TABLE}})["Runs"]
    assert run["Status"] == "SUCCEEDED"
    assert len(runs(Filter={"RulesetName": "rows", "DataSource": {"GlueTable": {**TABLE, "TableName": "parquet"}}})) > 0
    cancel = glue.cancel_data_quality_ruleset_evaluation_run
    assert refused(cancel, RunId=run["RunId"]) == "InvalidInputException"
    assert refused(cancel, RunId="other") == "EntityNotFoundException"
    newest = glue.list_data_quality_results(MaxResults=1)["Results"][0]
    assert glue.get_data_quality_result(ResultId=newest["ResultId"])["RulesetName"] == "rows"

    start = glue.start_data_quality_ruleset_evaluation_run
    given = {"Role": ROLE, "DataSource": {"GlueTable": TABLE}}
    assert refused(start, **given, RulesetNames=["other"]) == "EntityNotFoundException"
    lost = {**given, "DataSource": {"GlueTable": {**TABLE, "TableName": "lost"}}}
    assert refused(start, **lost, RulesetNames=["id"]) == "EntityNotFoundException"
    assert refused(glue.get_data_quality_result, ResultId="other") == "EntityNotFoundException"
    create = glue.create_data_quality_ruleset
    assert refused(create, Name="age", Ruleset="Rules = [ RowCount > 1 ]") == "AlreadyExistsException"
    glue.delete_data_quality_ruleset(Name="age")
    assert refused(glue.get_data_quality_ruleset, Name="age") == "EntityNotFoundException"


def test_recommended_rules_are_kept_by_the_data(glue: Any, refused: Refused) -> None:
    given = {"Role": ROLE, "DataSource": {"GlueTable": TABLE}}
    start = glue.start_data_quality_rule_recommendation_run
    run = start(**given, CreatedRulesetName="recommended")["RunId"]
    found = glue.get_data_quality_rule_recommendation_run(RunId=run)
    assert found["Status"] == "SUCCEEDED"
    assert 'Completeness "age" >= 0.67' in found["RecommendedRuleset"]
    assert glue.get_data_quality_ruleset(Name="recommended")["RecommendationRunId"] == run
    assert [one["RunId"] for one in glue.list_data_quality_rule_recommendation_runs()["Runs"]] == [run]
    assert refused(start, **given, CreatedRulesetName="recommended") == "ConflictException"
    assert evaluated(glue, "again", found["RecommendedRuleset"].replace("0.67", "0.66"))["Score"] == 1.0
    unread = start(Role=ROLE, DataSource={"DataQualityGlueTable": {**TABLE, "TableName": "parquet"}})["RunId"]
    assert "ColumnCount = 3" in glue.get_data_quality_rule_recommendation_run(RunId=unread)["RecommendedRuleset"]


def test_schemas_are_listed_with_their_versions(glue: Any, refused: Refused) -> None:
    glue.create_registry(RegistryName="shop")
    for registry in ("shop", "default-registry"):
        glue.create_schema(
            RegistryId={"RegistryName": registry},
            SchemaName="click",
            DataFormat="AVRO",
            Compatibility="BACKWARD",
            SchemaDefinition=CLICK,
        )
    named = {"RegistryName": "shop", "SchemaName": "click"}
    version = glue.register_schema_version(SchemaId=named, SchemaDefinition=CLICK.replace("Click", "Clicked"))
    assert version["VersionNumber"] == 2
    assert len(glue.list_schemas()["Schemas"]) == 2
    [schema] = glue.list_schemas(RegistryId={"RegistryName": "shop"})["Schemas"]
    found = glue.get_schema(SchemaId={"SchemaArn": schema["SchemaArn"]})
    assert (found["DataFormat"], found["LatestSchemaVersion"]) == ("AVRO", 2)
    assert found["CreatedTime"] <= found["UpdatedTime"]
    assert [one["VersionNumber"] for one in glue.list_schema_versions(SchemaId=named)["Schemas"]] == [1, 2]
    first = glue.list_schemas(MaxResults=1)
    assert len(glue.list_schemas(NextToken=first["NextToken"])["Schemas"]) == 1
    assert glue.check_schema_version_validity(DataFormat="PROTOBUF", SchemaDefinition="message A {}")["Valid"]
    assert not glue.check_schema_version_validity(DataFormat="AVRO", SchemaDefinition="{")["Valid"]
    assert glue.check_schema_version_validity(DataFormat="AVRO", SchemaDefinition=CLICK)["Valid"]
    assert refused(glue.register_schema_version, SchemaId=named, SchemaDefinition="{") == "InvalidInputException"
    glue.delete_schema(SchemaId=named)
    assert glue.list_schemas(RegistryId={"RegistryName": "shop"})["Schemas"] == []
    assert refused(glue.get_schema, SchemaId=named) == "EntityNotFoundException"
    assert refused(glue.list_schema_versions, SchemaId=named) == "EntityNotFoundException"
    assert refused(glue.list_schemas, RegistryId={"RegistryName": "none"}) == "EntityNotFoundException"


def job(client: Any, script: str = "s3://data/scripts/etl.py", **given: Any) -> dict[str, Any]:
    name = given.pop("Name", "etl")
    client.create_job(Name=name, Role=ROLE, Command={"Name": "glueetl", "ScriptLocation": script}, **given)
    run = client.start_job_run(JobName=name)["JobRunId"]
    found: dict[str, Any] = client.get_job_run(JobName=name, RunId=run)["JobRun"]
    return found


def test_a_run_ends_in_its_own_time(glue: Any) -> None:
    run = job(glue, GlueVersion="4.0", WorkerType="G.2X", NumberOfWorkers=3, ExecutionClass="FLEX")
    assert run["JobRunState"] == "SUCCEEDED"
    assert (run["CompletedOn"] - run["StartedOn"]).total_seconds() == run["ExecutionTime"]
    assert (run["GlueVersion"], run["MaxCapacity"], run["LogGroupName"]) == ("4.0", 6.0, "/aws-glue/jobs")
    assert run["DPUSeconds"] == 6.0 * run["ExecutionTime"]
    assert "DPUSeconds" not in job(glue, Name="plain")


def test_a_job_without_a_script_fails_until_it_is_corrected(glue: Any, refused: Refused) -> None:
    run = job(glue, "s3://no-such-bucket/etl.py")
    assert run["JobRunState"] == "FAILED"
    assert "no-such-bucket" in run["ErrorMessage"]
    command = {"Name": "glueetl", "ScriptLocation": "s3://data/scripts/etl.py"}
    glue.update_job(JobName="etl", JobUpdate={"Role": ROLE, "Command": command, "GlueVersion": "5.0"})
    glue.start_job_run(JobName="etl")
    runs = glue.get_job_runs(JobName="etl")["JobRuns"]
    assert [one["JobRunState"] for one in runs] == ["SUCCEEDED", "FAILED"]
    first = glue.get_job_runs(JobName="etl", MaxResults=1)
    assert len(glue.get_job_runs(JobName="etl", NextToken=first["NextToken"])["JobRuns"]) == 1
    stopped = glue.batch_stop_job_run(JobName="etl", JobRunIds=[run["Id"], "jr_other"])["Errors"]
    assert [one["ErrorDetail"]["ErrorCode"] for one in stopped] == [
        "JobRunNotInTerminalStateException",
        "EntityNotFoundException",
    ]
    assert refused(lambda: job(glue)) == "AlreadyExistsException"
    assert refused(glue.update_job, JobName="other", JobUpdate={}) == "EntityNotFoundException"
    assert refused(glue.get_job_run, JobName="etl", RunId="jr_other") == "EntityNotFoundException"


def test_a_job_that_evaluates_rules_leaves_a_result(glue: Any) -> None:
    check = {
        "Name": "check",
        "Inputs": ["node-1"],
        "Ruleset": "Rules = [ RowCount > 1 ]",
        "PublishingOptions": {"EvaluationContext": "check"},
    }
    run = job(glue, CodeGenConfigurationNodes={"node-2": {"EvaluateDataQuality": check}})
    [result] = glue.list_data_quality_results(Filter={"JobName": "etl"})["Results"]
    assert result["JobRunId"] == run["Id"]
    assert glue.get_data_quality_result(ResultId=result["ResultId"])["EvaluationContext"] == "check"
    assert glue.list_data_quality_results(Filter={"JobName": "other"})["Results"] == []


def test_sessions(glue: Any, refused: Refused) -> None:
    given = {"Role": ROLE, "Command": {"Name": "glueetl", "PythonVersion": "3"}}
    made = glue.create_session(Id="notebook", **given, Tags={"Owner": "me"})["Session"]
    assert (made["Status"], made["MaxCapacity"]) == ("READY", 5.0)
    assert "ErrorMessage" not in made
    glue.create_session(Id="small", **given, MaxCapacity=2)
    assert glue.list_sessions(Tags={"Owner": "me"})["Ids"] == ["notebook"]
    assert refused(glue.create_session, Id="small", **given) == "AlreadyExistsException"
    glue.stop_session(Id="small")
    session = glue.get_session(Id="small")["Session"]
    assert session["Status"] == "STOPPED"
    assert session["DPUSeconds"] == 2.0 * session["ExecutionTime"]
    assert refused(glue.stop_session, Id="small") == "IllegalSessionStateException"
    glue.delete_session(Id="small")
    assert refused(glue.get_session, Id="small") == "EntityNotFoundException"


def crawl(client: Any, path: str, database: str = "churn") -> dict[str, Any]:
    client.create_crawler(Name=path, Role=ROLE, DatabaseName=database, Targets={"S3Targets": [{"Path": path}]})
    client.start_crawler(Name=path)
    found: dict[str, Any] = client.get_crawler(Name=path)["Crawler"]
    return found


def test_a_crawler_describes_what_it_finds(glue: Any, aws: Client) -> None:
    s3 = aws("s3")
    s3.put_object(Bucket="data", Key="raw/bills/one.csv", Body=b"Id,amount,when\n1,2.5,2026\n2,3,\n")
    s3.put_object(Bucket="data", Key="clean/two.snappy.parquet", Body=b"PAR1")
    s3.put_object(Bucket="data", Key="mixed/one.csv", Body=b"a\n1\n")
    s3.put_object(Bucket="data", Key="mixed/LICENSE", Body=b"free")
    found = crawl(glue, "s3://data/raw/bills/")
    assert (found["State"], found["LastCrawl"]["Status"]) == ("READY", "SUCCEEDED")
    table = glue.get_table(DatabaseName="churn", Name="bills")["Table"]
    columns = [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]
    assert columns == [("id", "bigint"), ("amount", "double"), ("when", "bigint")]
    assert table["Parameters"]["recordCount"] == "2"
    crawl(glue, "s3://data/clean")
    parquet = glue.get_table(DatabaseName="churn", Name="clean")["Table"]["StorageDescriptor"]
    assert "ParquetHiveSerDe" in parquet["SerdeInfo"]["SerializationLibrary"]
    assert crawl(glue, "s3://data/mixed/")["LastCrawl"]["Status"] == "SUCCEEDED"
    glue.start_crawler(Name="s3://data/raw/bills/")
    crawls = glue.list_crawls(CrawlerName="s3://data/raw/bills/")["Crawls"]
    assert ["UPDATE" in crawls[0]["Summary"], "ADD" in crawls[1]["Summary"]] == [True, True]
    assert crawls[0]["StartTime"] < crawls[0]["EndTime"]


def test_a_crawler_without_its_bucket_or_database_fails(glue: Any) -> None:
    failed = crawl(glue, "s3://no-such-bucket/raw/")
    assert failed["LastCrawl"]["Status"] == "FAILED"
    assert "bucket" in failed["LastCrawl"]["ErrorMessage"]
    assert crawl(glue, "s3://data/customers/", "none")["LastCrawl"]["Status"] == "FAILED"


def test_crawlers_are_changed_and_their_history_is_filtered(glue: Any, refused: Refused) -> None:
    before = crawl(glue, "s3://data/customers/")
    glue.update_crawler(Name=before["Name"], Description="All of them", TablePrefix="raw_")
    [found] = glue.get_crawlers()["Crawlers"]
    assert (found["Version"], found["Description"]) == (before["Version"] + 1, "All of them")
    asked = glue.batch_get_crawlers(CrawlerNames=[before["Name"], "other"])
    assert asked["CrawlersNotFound"] == ["other"]
    now = datetime.datetime.now(datetime.UTC).timestamp() * 1000
    for field, sign, value, number in (
        ("STATE", "EQ", "COMPLETED", 1),
        ("STATE", "NE", "COMPLETED", 0),
        ("START_TIME", "LT", str(now + 1000), 1),
        ("END_TIME", "GE", str(now + 9000), 0),
        ("DPU_HOUR", "GT", "0.1", 1),
    ):
        wanted = [{"FieldName": field, "FilterOperator": sign, "FieldValue": value}]
        assert len(glue.list_crawls(CrawlerName=before["Name"], Filters=wanted)["Crawls"]) == number
    for call, given in (
        (glue.get_crawler, {"Name": "other"}),
        (glue.update_crawler, {"Name": "other"}),
        (glue.list_crawls, {"CrawlerName": "other"}),
    ):
        assert refused(call, **given) == "EntityNotFoundException"


def test_connections_are_told_with_their_type(glue: Any) -> None:
    for name, kind, properties in (
        ("shop", "JDBC", {"JDBC_CONNECTION_URL": "jdbc:postgresql://db/shop", "PASSWORD": "hidden"}),
        ("clicks", "KAFKA", {"KAFKA_BOOTSTRAP_SERVERS": "broker:9092"}),
    ):
        given = {"Name": name, "ConnectionType": kind, "ConnectionProperties": properties}
        glue.create_connection(ConnectionInput=given)
    told = glue.get_connections(HidePassword=True)["ConnectionList"]
    assert {one["Name"]: one["ConnectionType"] for one in told} == {"shop": "JDBC", "clicks": "KAFKA"}
    assert "hidden" not in str(told)
    assert glue.get_connection(Name="shop")["Connection"]["ConnectionProperties"]["PASSWORD"] == "hidden"
    [kafka] = glue.get_connections(Filter={"ConnectionType": "KAFKA"})["ConnectionList"]
    assert kafka["Name"] == "clicks"


def test_connections_are_changed_and_deleted(glue: Any, refused: Refused) -> None:
    url = {"JDBC_CONNECTION_URL": "jdbc:postgresql://db/shop"}
    given = {"Name": "shop", "ConnectionType": "JDBC", "ConnectionProperties": url}
    glue.create_connection(ConnectionInput=given)
    glue.update_connection(Name="shop", ConnectionInput={**given, "Description": "Orders"})
    assert glue.get_connection(Name="shop")["Connection"]["Description"] == "Orders"
    glue.delete_connection(ConnectionName="shop")
    glue.create_connection(ConnectionInput=given)
    gone = glue.batch_delete_connection(ConnectionNameList=["shop", "other"])
    assert (gone["Succeeded"], list(gone["Errors"])) == (["shop"], ["other"])
    assert glue.get_connections()["ConnectionList"] == []
    assert refused(glue.delete_connection, ConnectionName="shop") == "EntityNotFoundException"
