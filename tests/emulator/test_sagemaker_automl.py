from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from sagemaker_jobs import ROLE

S3 = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}}
OUTPUT = {"S3OutputPath": "s3://data/automl/"}
CRITERIA = {"MaxCandidates": 4}
TABLE = {"TargetAttributeName": "churned", "ProblemType": "BinaryClassification", "CompletionCriteria": CRITERIA}
SERIES = {
    "ForecastFrequency": "1D",
    "ForecastHorizon": 7,
    "TimeSeriesConfig": {
        "TargetAttributeName": "sold",
        "TimestampAttributeName": "at",
        "ItemIdentifierAttributeName": "item",
    },
}


@pytest.fixture
def sagemaker(aws: Client) -> Any:
    return aws("sagemaker")


def start(client: Any, name: str = "churn", config: Any = None, **given: Any) -> dict[str, Any]:
    client.create_auto_ml_job_v2(
        AutoMLJobName=name,
        AutoMLJobInputDataConfig=[{"ChannelType": "training", "ContentType": "text/csv", "DataSource": S3}],
        OutputDataConfig=OUTPUT,
        AutoMLProblemTypeConfig=config or {"TabularJobConfig": TABLE},
        RoleArn=ROLE,
        **given,
    )
    found: dict[str, Any] = client.describe_auto_ml_job_v2(AutoMLJobName=name)
    return found


def value(candidate: dict[str, Any]) -> float:
    return float(candidate["FinalAutoMLJobObjectiveMetric"]["Value"])


def test_a_job_ends_with_the_best_of_candidates_that_were_trained(sagemaker: Any) -> None:
    network = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    security = {"VpcConfig": network, "EnableInterContainerTrafficEncryption": True, "VolumeKmsKeyId": "alias/lab"}
    tags = [{"Key": "Owner", "Value": "me"}]
    found = start(sagemaker, AutoMLJobObjective={"MetricName": "AUC"}, SecurityConfig=security, Tags=tags)
    assert found["AutoMLJobStatus"] == "Completed"
    assert found["AutoMLJobSecondaryStatus"] == "MaxCandidatesReached"
    assert found["CreationTime"] < found["EndTime"]
    candidates = sagemaker.list_candidates_for_auto_ml_job(AutoMLJobName="churn")["Candidates"]
    assert len({value(one) for one in candidates}) == len(candidates) == 4
    assert found["BestCandidate"] == max(candidates, key=value)
    reports = found["BestCandidate"]["CandidateProperties"]["CandidateArtifactLocations"]
    assert reports["Explainability"].startswith("s3://data/automl/churn/")
    assert "FailureReason" not in found["BestCandidate"]
    for candidate in candidates:
        [step] = candidate["CandidateSteps"]
        job = sagemaker.describe_training_job(TrainingJobName=step["CandidateStepName"])
        assert (job["TrainingJobArn"], job["AutoMLJobArn"]) == (step["CandidateStepArn"], found["AutoMLJobArn"])
        assert (job["VpcConfig"], job["ResourceConfig"]["VolumeKmsKeyId"]) == (network, "alias/lab")
        assert sagemaker.list_tags(ResourceArn=step["CandidateStepArn"])["Tags"] == tags
        trained, validated = (
            one["Value"] for one in candidate["CandidateProperties"]["CandidateMetrics"] if one["MetricName"] == "AUC"
        )
        assert trained > validated == candidate["FinalAutoMLJobObjectiveMetric"]["Value"]
    assert "ModelDeployResult" not in found
    again = start(sagemaker, "again", AutoMLJobObjective={"MetricName": "AUC"})
    assert value(again["BestCandidate"]) == value(found["BestCandidate"])


def test_candidates_have_filters_orders_and_pages(sagemaker: Any) -> None:
    start(sagemaker, config={"TabularJobConfig": {**TABLE, "CompletionCriteria": {"MaxCandidates": 12}}})

    def listed(**asked: Any) -> Any:
        return sagemaker.list_candidates_for_auto_ml_job(AutoMLJobName="churn", **asked)

    first = listed()
    assert len(first["Candidates"]) == 10
    assert len(listed(NextToken=first["NextToken"])["Candidates"]) == 2
    ranked = listed(SortBy="FinalObjectiveMetricValue", SortOrder="Descending", MaxResults=100)["Candidates"]
    assert [value(one) for one in ranked] == sorted(map(value, ranked), reverse=True)
    [one] = listed(CandidateNameEquals=ranked[0]["CandidateName"])["Candidates"]
    assert value(one) == value(ranked[0])
    assert listed(StatusEquals="Failed")["Candidates"] == []


@pytest.mark.parametrize(
    ("config", "sort", "objective", "kind", "count"),
    [
        (
            {"TabularJobConfig": {"TargetAttributeName": "y", "ProblemType": "Regression"}},
            "Tabular",
            "MSE",
            "Minimize",
            10,
        ),
        ({"TabularJobConfig": {"TargetAttributeName": "y"}}, "Tabular", "F1", "Maximize", 10),
        ({"ImageClassificationJobConfig": {}}, "ImageClassification", "Accuracy", "Maximize", 1),
        (
            {"TextClassificationJobConfig": {"ContentColumn": "text", "TargetLabelColumn": "y"}},
            "TextClassification",
            "Accuracy",
            "Maximize",
            1,
        ),
        (
            {"TimeSeriesForecastingJobConfig": SERIES},
            "TimeSeriesForecasting",
            "AverageWeightedQuantileLoss",
            "Minimize",
            1,
        ),
        (
            {"TextGenerationJobConfig": {"BaseModelName": "Falcon7BInstruct"}},
            "TextGeneration",
            "ValidationLoss",
            "Minimize",
            1,
        ),
    ],
    ids=["regression", "a table", "images", "texts", "forecasts", "generation"],
)
def test_each_problem_has_its_objective(
    sagemaker: Any, config: dict[str, Any], sort: str, objective: str, kind: str, count: int
) -> None:
    found = start(sagemaker, config=config)
    assert found["AutoMLProblemTypeConfigName"] == sort
    assert found["AutoMLJobSecondaryStatus"] == "Completed"
    metric = found["BestCandidate"]["FinalAutoMLJobObjectiveMetric"]
    assert (metric["MetricName"], metric["Type"]) == (objective, kind)
    candidates = sagemaker.list_candidates_for_auto_ml_job(AutoMLJobName="churn", MaxResults=100)["Candidates"]
    assert len(candidates) == count
    best = min(candidates, key=value) if kind == "Minimize" else max(candidates, key=value)
    assert found["BestCandidate"]["CandidateName"] == best["CandidateName"]


def test_the_first_version_of_the_api(sagemaker: Any, refused: Refused) -> None:
    data = [{"DataSource": S3, "TargetAttributeName": "churned", "ContentType": "text/csv"}]
    config = {"CompletionCriteria": CRITERIA, "Mode": "ENSEMBLING", "DataSplitConfig": {"ValidationFraction": 0.3}}
    sagemaker.create_auto_ml_job(
        AutoMLJobName="first",
        InputDataConfig=data,
        OutputDataConfig=OUTPUT,
        ProblemType="MulticlassClassification",
        AutoMLJobObjective={"MetricName": "F1macro"},
        AutoMLJobConfig=config,
        RoleArn=ROLE,
    )
    found = sagemaker.describe_auto_ml_job(AutoMLJobName="first")
    assert (found["InputDataConfig"], found["AutoMLJobConfig"]) == (data, config)
    assert (found["ProblemType"], found["GenerateCandidateDefinitionsOnly"]) == ("MulticlassClassification", False)
    assert found["ResolvedAttributes"]["ProblemType"] == "MulticlassClassification"
    second = sagemaker.describe_auto_ml_job_v2(AutoMLJobName="first")
    assert second["BestCandidate"] == found["BestCandidate"]
    assert second["AutoMLProblemTypeConfig"]["TabularJobConfig"]["TargetAttributeName"] == "churned"
    start(sagemaker, "images", {"ImageClassificationJobConfig": {}})
    assert refused(sagemaker.describe_auto_ml_job, AutoMLJobName="images") == "ValidationException"
    only = {"TabularJobConfig": {**TABLE, "GenerateCandidateDefinitionsOnly": True}}
    found = start(sagemaker, "only", only)
    assert found["AutoMLJobSecondaryStatus"] == "CandidateDefinitionsGenerated"
    assert "BestCandidate" not in found


def test_jobs_are_stopped_listed_and_refused(sagemaker: Any, refused: Refused) -> None:
    for name in ("b", "a"):
        start(sagemaker, name)
    sagemaker.stop_auto_ml_job(AutoMLJobName="a")
    assert refused(sagemaker.stop_auto_ml_job, AutoMLJobName="a") == "ValidationException"
    found = sagemaker.describe_auto_ml_job_v2(AutoMLJobName="a")
    assert (found["AutoMLJobStatus"], found["AutoMLJobSecondaryStatus"]) == ("Stopped", "Stopped")
    assert "BestCandidate" not in found

    def names(**asked: Any) -> list[str]:
        return [one["AutoMLJobName"] for one in sagemaker.list_auto_ml_jobs(**asked)["AutoMLJobSummaries"]]

    assert names() == ["b", "a"]
    assert names(SortBy="CreationTime", SortOrder="Descending") == ["a", "b"]
    assert names(StatusEquals="Stopped") == ["a"]
    assert refused(start, client=sagemaker, name="a") == "ResourceInUse"
    assert refused(sagemaker.describe_auto_ml_job_v2, AutoMLJobName="none") == "ResourceNotFound"
    deploy = {"AutoGenerateEndpointName": True, "EndpointName": "live"}
    assert refused(start, client=sagemaker, name="c", ModelDeployConfig=deploy) == "ValidationException"
    many = {"ImageClassificationJobConfig": {"CompletionCriteria": CRITERIA}}
    assert refused(start, client=sagemaker, name="c", config=many) == "ValidationException"
    chosen = {"CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost"]}]}}
    assert (
        refused(start, client=sagemaker, name="c", config={"TabularJobConfig": {**TABLE, **chosen}})
        == "ValidationException"
    )
    short = {**TABLE, "Mode": "HYPERPARAMETER_TUNING", "CompletionCriteria": {"MaxAutoMLJobRuntimeInSeconds": 60}}
    found = start(sagemaker, "d", {"TabularJobConfig": short})
    assert found["AutoMLJobSecondaryStatus"] == "MaxAutoMLJobRuntimeReached"
    assert "CandidateDefinitionNotebookLocation" in found["AutoMLJobArtifacts"]
