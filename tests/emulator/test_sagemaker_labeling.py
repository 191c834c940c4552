from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
CROWD = f"arn:aws:sagemaker:{REGION}:394669845002:workteam/public-crowd/default"
MEMBERS = [{"CognitoMemberDefinition": {"UserPool": "pool", "UserGroup": "group", "ClientId": "client"}}]
AUTOMATIC = {"LabelingJobAlgorithmSpecificationArn": f"arn:aws:sagemaker:{REGION}:0:labeling-job-algorithm/x"}


@pytest.fixture
def sagemaker(aws: Client) -> Any:
    """SageMaker with a team, and a bucket with a manifest of 10 objects and another of 2000."""
    client, s3 = aws("sagemaker"), aws("s3")
    s3.create_bucket(Bucket="data")
    for name, count in (("few", 10), ("many", 2000)):
        lines = "".join(json.dumps({"source": f"text {number}"}) + "\n" for number in range(count))
        s3.put_object(Bucket="data", Key=name, Body=lines.encode())
    labels = {"labels": [{"label": "good"}, {"label": "bad"}]}
    s3.put_object(Bucket="data", Key="labels.json", Body=json.dumps(labels).encode())
    client.create_workteam(WorkteamName="us", MemberDefinitions=MEMBERS, Description="all of us")
    return client


def job(client: Any, name: str, manifest: str = "s3://data/few", team: str = "", **given: Any) -> str:
    made = client.create_labeling_job(
        LabelingJobName=name,
        LabelAttributeName="mood",
        InputConfig={"DataSource": {"S3DataSource": {"ManifestS3Uri": manifest}}},
        OutputConfig={"S3OutputPath": "s3://data/output/"},
        RoleArn=ROLE,
        HumanTaskConfig={
            "WorkteamArn": team or f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/us",
            "UiConfig": {"UiTemplateS3Uri": "s3://data/ui"},
            "PreHumanTaskLambdaArn": "arn:aws:lambda:us-east-1:432418664414:function:PRE-TextMultiClass",
            "TaskTitle": "mood",
            "TaskDescription": "mood",
            "NumberOfHumanWorkersPerDataObject": 3,
            "TaskTimeLimitInSeconds": 600,
        },
        **given,
    )
    return str(made["LabelingJobArn"])


def described(client: Any, name: str) -> Any:
    return client.describe_labeling_job(LabelingJobName=name)


def counters(client: Any, name: str) -> tuple[str, int, int, int]:
    found = described(client, name)
    counts = found["LabelCounters"]
    assert counts["TotalLabeled"] == counts["HumanLabeled"] + counts["MachineLabeled"]
    return found["LabelingJobStatus"], counts["HumanLabeled"], counts["MachineLabeled"], counts["Unlabeled"]


def test_what_the_manifest_lists_is_labeled(sagemaker: Any) -> None:
    arn = job(sagemaker, "first")
    assert counters(sagemaker, "first") == ("Completed", 10, 0, 0)
    [listed] = sagemaker.list_labeling_jobs(StatusEquals="Completed", NameContains="fir")["LabelingJobSummaryList"]
    assert listed["LabelingJobArn"] == arn
    assert listed["WorkteamArn"].endswith("private-crowd/us")
    assert listed["PreHumanTaskLambdaArn"].endswith("PRE-TextMultiClass")


def test_the_output_is_the_input_of_a_verification(sagemaker: Any, aws: Client) -> None:
    labels = "s3://data/labels.json"
    job(sagemaker, "first", LabelCategoryConfigS3Uri=labels)
    output = described(sagemaker, "first")["LabelingJobOutput"]["OutputDatasetS3Uri"]
    body = aws("s3").get_object(Bucket="data", Key=output.removeprefix("s3://data/"))["Body"].read().decode()
    lines = [json.loads(line) for line in body.splitlines()]
    assert [line["source"] for line in lines] == [f"text {number}" for number in range(10)]
    assert {line["mood-metadata"]["class-name"] for line in lines} == {"good", "bad"}
    job(sagemaker, "second", output)
    assert counters(sagemaker, "second") == ("Completed", 10, 0, 0)


CASES: dict[str, tuple[dict[str, Any], tuple[str, int, int, int]]] = {
    "a model labels what people need not": (
        {"LabelingJobAlgorithmsConfig": AUTOMATIC},
        ("Completed", 1250, 750, 0),
    ),
    "only so many by people": (
        {"StoppingConditions": {"MaxHumanLabeledObjectCount": 100}},
        ("Stopped", 100, 0, 1900),
    ),
    "only a part": (
        {"StoppingConditions": {"MaxPercentageOfInputDatasetLabeled": 10}},
        ("Stopped", 200, 0, 1800),
    ),
}


@pytest.mark.parametrize(("given", "expected"), CASES.values(), ids=CASES)
def test_conditions(sagemaker: Any, given: dict[str, Any], expected: tuple[str, int, int, int]) -> None:
    job(sagemaker, "many", "s3://data/many", **given)
    assert counters(sagemaker, "many") == expected


def test_without_a_manifest_it_fails(sagemaker: Any, aws: Client) -> None:
    aws("s3").put_object(Bucket="data", Key="broken", Body=b"no json")
    for name, manifest in (("none", "s3://nowhere/manifest"), ("broken", "s3://data/broken")):
        job(sagemaker, name, manifest)
        found = described(sagemaker, name)
        assert found["LabelingJobStatus"] == "Failed"
        assert manifest in found["FailureReason"]
        assert found["LabelCounters"]["TotalLabeled"] == 0


def test_a_job_is_stopped_while_nobody_has_looked(sagemaker: Any, refused: Refused) -> None:
    job(sagemaker, "brief")
    sagemaker.stop_labeling_job(LabelingJobName="brief")
    assert counters(sagemaker, "brief") == ("Stopped", 0, 0, 0)
    assert refused(sagemaker.stop_labeling_job, LabelingJobName="brief") == "ValidationException"
    assert refused(sagemaker.stop_labeling_job, LabelingJobName="none") == "ResourceNotFound"


def test_a_stream_is_labeled_until_it_is_stopped(sagemaker: Any) -> None:
    sagemaker.create_labeling_job(
        LabelingJobName="stream",
        LabelAttributeName="mood",
        InputConfig={"DataSource": {"SnsDataSource": {"SnsTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:in"}}},
        OutputConfig={"S3OutputPath": "s3://data/output/"},
        RoleArn=ROLE,
        HumanTaskConfig={
            "WorkteamArn": CROWD,
            "UiConfig": {"UiTemplateS3Uri": "s3://data/ui"},
            "TaskTitle": "mood",
            "TaskDescription": "mood",
            "NumberOfHumanWorkersPerDataObject": 1,
            "TaskTimeLimitInSeconds": 600,
        },
    )
    assert counters(sagemaker, "stream") == ("InProgress", 0, 0, 0)
    sagemaker.stop_labeling_job(LabelingJobName="stream")
    assert counters(sagemaker, "stream")[0] == "Stopped"


def test_teams(sagemaker: Any, refused: Refused) -> None:
    [team] = sagemaker.list_workteams(NameContains="us")["Workteams"]
    assert team["WorkteamArn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/us"
    topic = {"NotificationTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:done"}
    changed = sagemaker.update_workteam(WorkteamName="us", NotificationConfiguration=topic)["Workteam"]
    assert (changed["NotificationConfiguration"], changed["Description"]) == (topic, "all of us")
    assert sagemaker.describe_workteam(WorkteamName="us")["Workteam"]["MemberDefinitions"] == MEMBERS
    job(sagemaker, "mine")
    job(sagemaker, "theirs", team=CROWD)
    [given] = sagemaker.list_labeling_jobs_for_workteam(WorkteamArn=team["WorkteamArn"])["LabelingJobSummaryList"]
    assert (given["LabelingJobName"], given["LabelCounters"]["HumanLabeled"]) == ("mine", 10)
    create = {"WorkteamName": "us", "MemberDefinitions": MEMBERS, "Description": "more"}
    assert refused(sagemaker.create_workteam, **create) == "ResourceInUse"
    assert sagemaker.delete_workteam(WorkteamName="us")["Success"] is True
    assert refused(sagemaker.describe_workteam, WorkteamName="us") == "ValidationException"
    with pytest.raises(sagemaker.exceptions.ClientError, match="does not exist"):
        job(sagemaker, "orphan")


def test_a_workforce_stays_while_it_has_teams(sagemaker: Any, refused: Refused) -> None:
    cognito = {"UserPool": "pool", "ClientId": "client"}
    sagemaker.create_workforce(WorkforceName="force", CognitoConfig=cognito)
    [force] = sagemaker.list_workforces()["Workforces"]
    assert (force["Status"], force["CognitoConfig"]) == ("Active", cognito)
    team = {"WorkteamName": "them", "MemberDefinitions": MEMBERS, "Description": "them"}
    sagemaker.create_workteam(**team, WorkforceName="force")
    found = sagemaker.describe_workteam(WorkteamName="them")["Workteam"]
    assert (found["WorkforceArn"], found["SubDomain"]) == (force["WorkforceArn"], force["SubDomain"])
    assert refused(sagemaker.delete_workforce, WorkforceName="force") == "ValidationException"
    sagemaker.delete_workteam(WorkteamName="them")
    sagemaker.delete_workforce(WorkforceName="force")
    assert refused(sagemaker.create_workteam, **team, WorkforceName="none") == "ValidationException"
