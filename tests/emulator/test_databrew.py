from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml-databrew"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/one"
OUTPUT = {"Bucket": "data", "Key": "clean/"}
STEPS = [{"Action": {"Operation": "FILL_WITH_MEDIAN", "Parameters": {"sourceColumn": "bill"}}}]


@pytest.fixture
def brew(aws: Client) -> Any:
    """DataBrew with a dataset `customers` and a published recipe `tidy`."""
    s3, client = aws("s3"), aws("databrew")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="raw/customers.csv", Body=b"id\n1\n")
    place = {"S3InputDefinition": {"Bucket": "data", "Key": "raw/customers.csv"}}
    client.create_dataset(Name="customers", Input=place, Tags={"Owner": "me"})
    client.create_recipe(Name="tidy", Steps=STEPS, Tags={"Owner": "me"})
    client.publish_recipe(Name="tidy", Description="First")
    return client


def recipe_job(client: Any, **given: Any) -> None:
    client.create_recipe_job(
        **{
            "Name": "tidy",
            "DatasetName": "customers",
            "RecipeReference": {"Name": "tidy", "RecipeVersion": "1.0"},
            "RoleArn": ROLE,
            "Outputs": [{"Location": OUTPUT, "Format": "PARQUET"}],
            **given,
        }
    )


def test_a_dataset_tells_where_it_comes_from(brew: Any, refused: Refused) -> None:
    catalog = {"DataCatalogInputDefinition": {"DatabaseName": "churn", "TableName": "customers"}}
    brew.create_dataset(Name="table", Input=catalog)
    assert [(one["Name"], one["Source"]) for one in brew.list_datasets()["Datasets"]] == [
        ("customers", "S3"),
        ("table", "DATA-CATALOG"),
    ]
    found = brew.describe_dataset(Name="customers")
    assert (found["Format"], found["ResourceArn"]) == ("CSV", f"arn:aws:databrew:{REGION}:{ACCOUNT}:dataset/customers")
    jdbc = {"DatabaseInputDefinition": {"GlueConnectionName": "shop", "DatabaseTableName": "bills"}}
    brew.update_dataset(Name="table", Input=jdbc)
    assert brew.describe_dataset(Name="table")["Source"] == "DATABASE"
    brew.delete_dataset(Name="table")
    assert refused(brew.describe_dataset, Name="table") == "ResourceNotFoundException"
    assert refused(brew.create_dataset, Name="customers", Input=catalog) == "ConflictException"


def test_recipes_have_versions(brew: Any, refused: Refused) -> None:
    brew.update_recipe(Name="tidy", Steps=[*STEPS, *STEPS])
    [working] = brew.list_recipes(RecipeVersion="LATEST_WORKING")["Recipes"]
    [published] = brew.list_recipes()["Recipes"]
    assert (working["RecipeVersion"], len(working["Steps"])) == ("1.1", 2)
    assert (published["RecipeVersion"], len(published["Steps"])) == ("1.0", 1)
    assert published["PublishedDate"]
    assert published["ResourceArn"].endswith(":recipe/tidy")
    brew.publish_recipe(Name="tidy")
    assert [one["RecipeVersion"] for one in brew.list_recipe_versions(Name="tidy")["Recipes"]] == ["1.0", "2.0"]
    assert brew.list_recipe_versions(Name="other")["Recipes"] == []
    assert brew.describe_recipe(Name="tidy", RecipeVersion="1.0")["Description"] == "First"
    assert refused(brew.describe_recipe, Name="tidy", RecipeVersion="9.0") == "ResourceNotFoundException"
    assert refused(brew.describe_recipe, Name="other") == "ResourceNotFoundException"
    assert refused(brew.list_recipes, RecipeVersion="1.0") == "ValidationException"


def test_a_recipe_job_runs(brew: Any, refused: Refused) -> None:
    recipe_job(brew, EncryptionMode="SSE-KMS", EncryptionKeyArn=KEY, Timeout=30, Tags={"Owner": "me"})
    run = brew.start_job_run(Name="tidy")["RunId"]
    [found] = brew.list_job_runs(Name="tidy")["JobRuns"]
    assert (found["RunId"], found["State"], found["JobName"]) == (run, "SUCCEEDED", "tidy")
    assert (found["CompletedOn"] - found["StartedOn"]).total_seconds() == found["ExecutionTime"]
    assert brew.describe_job_run(Name="tidy", RunId=run)["RecipeReference"]["RecipeVersion"] == "1.0"
    job = brew.describe_job(Name="tidy")
    assert (job["Type"], job["EncryptionKeyArn"], job["Timeout"]) == ("RECIPE", KEY, 30)
    assert refused(brew.stop_job_run, Name="tidy", RunId=run) == "ValidationException"
    assert refused(brew.describe_job_run, Name="tidy", RunId="db_other") == "ResourceNotFoundException"
    assert refused(brew.delete_dataset, Name="customers") == "ConflictException"
    brew.start_job_run(Name="tidy")
    first = brew.list_job_runs(Name="tidy", MaxResults=1)
    assert first["JobRuns"][0]["RunId"] != run
    assert [one["RunId"] for one in brew.list_job_runs(Name="tidy", NextToken=first["NextToken"])["JobRuns"]] == [run]
    brew.delete_job(Name="tidy")
    assert refused(brew.list_job_runs, Name="tidy") == "ResourceNotFoundException"
    recipe_job(brew)
    assert brew.list_job_runs(Name="tidy")["JobRuns"] == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"DatasetName": "other"}, "ResourceNotFoundException"),
        ({"RecipeReference": {"Name": "other"}}, "ResourceNotFoundException"),
        ({"RecipeReference": {"Name": "tidy", "RecipeVersion": "9.0"}}, "ResourceNotFoundException"),
        ({"ProjectName": "other"}, "ResourceNotFoundException"),
    ],
)
def test_a_job_refers_to_what_is_there(brew: Any, refused: Refused, given: dict[str, Any], code: str) -> None:
    assert refused(lambda: recipe_job(brew, **given)) == code
    assert refused(brew.create_recipe_job, Name="none", RoleArn=ROLE) == "ValidationException"


def test_a_run_that_lacks_its_data_fails(brew: Any, aws: Client) -> None:
    places = {
        "file": {"S3InputDefinition": {"Bucket": "data", "Key": "raw/none.csv"}},
        "bucket": {"S3InputDefinition": {"Bucket": "no-such-bucket"}},
        "table": {"DataCatalogInputDefinition": {"DatabaseName": "churn", "TableName": "none"}},
    }
    for name, place in places.items():
        brew.create_dataset(Name=name, Input=place)
        recipe_job(brew, Name=name, DatasetName=name, MaxRetries=1)
    recipe_job(brew, Name="output", Outputs=[{"Location": {"Bucket": "no-such-bucket"}}])
    for name in (*places, "output"):
        brew.start_job_run(Name=name)
        [run] = brew.list_job_runs(Name=name)["JobRuns"]
        assert (run["State"], bool(run["ErrorMessage"])) == ("FAILED", True)
    aws("s3").put_object(Bucket="data", Key="raw/none.csv", Body=b"id\n1\n")
    brew.start_job_run(Name="file")
    assert [run["State"] for run in brew.list_job_runs(Name="file")["JobRuns"]] == ["SUCCEEDED", "FAILED"]


def test_a_profile_job_validates(brew: Any, refused: Refused) -> None:
    dataset = brew.describe_dataset(Name="customers")["ResourceArn"]
    rules = [{"Name": "rows", "CheckExpression": "AGG(ROWS_COUNT) > :n", "SubstitutionMap": {":n": "0"}}]
    brew.create_ruleset(Name="whole", TargetArn=dataset, Rules=rules)
    [ruleset] = brew.list_rulesets(TargetArn=dataset)["Rulesets"]
    assert ruleset["RuleCount"] == 1
    brew.update_ruleset(Name="whole", Rules=[*rules, {**rules[0], "Name": "again"}])
    assert brew.list_rulesets()["Rulesets"][0]["RuleCount"] == 2
    assert len(brew.describe_ruleset(Name="whole")["Rules"]) == 2
    given = {"DatasetName": "customers", "OutputLocation": OUTPUT, "RoleArn": ROLE}
    entities = {"EntityDetectorConfiguration": {"EntityTypes": ["EMAIL"]}}
    brew.create_profile_job(
        Name="profile",
        **given,
        Configuration=entities,
        ValidationConfigurations=[{"RulesetArn": ruleset["ResourceArn"]}],
        JobSample={"Mode": "FULL_DATASET"},
    )
    run = brew.start_job_run(Name="profile")["RunId"]
    found = brew.describe_job_run(Name="profile", RunId=run)
    assert (found["State"], found["ProfileConfiguration"]) == ("SUCCEEDED", entities)
    assert found["ValidationConfigurations"] == [{"RulesetArn": ruleset["ResourceArn"]}]
    brew.update_profile_job(Name="profile", OutputLocation={"Bucket": "no-such-bucket"}, RoleArn=ROLE)
    brew.start_job_run(Name="profile")
    assert brew.list_job_runs(Name="profile")["JobRuns"][0]["State"] == "FAILED"
    assert [job["Type"] for job in brew.list_jobs(DatasetName="customers")["Jobs"]] == ["PROFILE"]
    lost = [{"RulesetArn": f"{ruleset['ResourceArn']}-other"}]
    create = brew.create_profile_job
    assert refused(create, Name="lost", **given, ValidationConfigurations=lost) == "ResourceNotFoundException"
    lost_target = f"{dataset}-other"
    assert refused(brew.create_ruleset, Name="lost", TargetArn=lost_target, Rules=rules) == "ResourceNotFoundException"
    brew.delete_ruleset(Name="whole")
    assert brew.list_rulesets()["Rulesets"] == []


def test_projects_and_schedules(brew: Any, refused: Refused) -> None:
    project = {"DatasetName": "customers", "RecipeName": "tidy", "RoleArn": ROLE}
    brew.create_project(Name="marketing", **project)
    assert [one["Name"] for one in brew.list_projects()["Projects"]] == ["marketing"]
    brew.update_project(Name="marketing", RoleArn=f"{ROLE}-2")
    brew.create_recipe_job(Name="monthly", ProjectName="marketing", RoleArn=ROLE)
    assert [one["Name"] for one in brew.list_jobs(ProjectName="marketing")["Jobs"]] == ["monthly"]
    brew.create_schedule(Name="monthly", JobNames=["monthly"], CronExpression="cron(0 0 1 * ? *)")
    brew.update_schedule(Name="monthly", CronExpression="cron(0 0 2 * ? *)")
    assert brew.describe_schedule(Name="monthly")["CronExpression"] == "cron(0 0 2 * ? *)"
    create = brew.create_schedule
    assert refused(create, Name="none", JobNames=["none"], CronExpression="x") == "ResourceNotFoundException"


def test_tags_of_everything(brew: Any, refused: Refused) -> None:
    for arn in (
        brew.describe_dataset(Name="customers")["ResourceArn"],
        brew.describe_recipe(Name="tidy")["ResourceArn"],
    ):
        brew.tag_resource(ResourceArn=arn, Tags={"CostCenter": "one"})
        assert brew.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"Owner": "me", "CostCenter": "one"}
        brew.untag_resource(ResourceArn=arn, TagKeys=["Owner", "none"])
        assert brew.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"CostCenter": "one"}
    assert brew.describe_recipe(Name="tidy")["Tags"] == {"CostCenter": "one"}
    assert refused(brew.list_tags_for_resource, ResourceArn=f"{arn}-other") == "ResourceNotFoundException"
