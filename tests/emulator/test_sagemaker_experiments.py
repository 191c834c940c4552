from __future__ import annotations

import datetime
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from sagemaker_jobs import start_training

AT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture
def sagemaker(aws: Client) -> Any:
    """SageMaker with the experiments `churn` and `fraud`, and a trial `trees` of the first."""
    client = aws("sagemaker")
    for name in ("churn", "fraud"):
        client.create_experiment(ExperimentName=name, Description="who", Tags=[{"Key": "Owner", "Value": "me"}])
    client.create_trial(TrialName="trees", ExperimentName="churn")
    return client


def components(client: Any, **asked: Any) -> list[str]:
    found = client.list_trial_components(**asked)["TrialComponentSummaries"]
    return [one["TrialComponentName"] for one in found]


def trials(client: Any, **asked: Any) -> list[str]:
    return [one["TrialName"] for one in client.list_trials(**asked)["TrialSummaries"]]


def test_each_job_is_a_component_and_those_of_an_experiment_are_in_it(sagemaker: Any) -> None:
    start_training("alone")
    run = {"ExperimentName": "churn", "TrialName": "trees", "TrialComponentDisplayName": "deep"}
    start_training("tracked", ExperimentConfig=run)
    start_training("new-trial", ExperimentConfig={"ExperimentName": "fraud"})
    assert components(sagemaker) == [f"{name}-aws-training-job" for name in ("new-trial", "tracked", "alone")]
    assert components(sagemaker, ExperimentName="churn") == ["tracked-aws-training-job"]
    assert components(sagemaker, TrialName="trees") == ["tracked-aws-training-job"]
    job = sagemaker.describe_training_job(TrainingJobName="tracked")
    assert job["ExperimentConfig"] == run
    assert components(sagemaker, SourceArn=job["TrainingJobArn"]) == ["tracked-aws-training-job"]
    [made] = trials(sagemaker, ExperimentName="fraud")
    assert trials(sagemaker, TrialComponentName="new-trial-aws-training-job") == [made]
    found = sagemaker.describe_trial_component(TrialComponentName="tracked-aws-training-job")
    assert (found["DisplayName"], found["Status"]) == ("deep", {"PrimaryStatus": "Completed"})
    assert found["Source"] == {"SourceArn": job["TrainingJobArn"], "SourceType": "SageMakerTrainingJob"}
    assert found["Parameters"]["num_round"] == {"NumberValue": 100.0}
    assert found["Parameters"]["objective"] == {"StringValue": "binary:logistic"}
    assert found["EndTime"] == job["TrainingEndTime"]
    sagemaker.stop_training_job(TrainingJobName="tracked")
    found = sagemaker.describe_trial_component(TrialComponentName="tracked-aws-training-job")
    assert found["Status"] == {"PrimaryStatus": "Stopped"}
    [result] = sagemaker.search(
        Resource="ExperimentTrialComponent",
        SearchExpression={"Filters": [{"Name": "Parents.TrialName", "Operator": "Equals", "Value": "trees"}]},
    )["Results"]
    assert result["TrialComponent"]["TrialComponentName"] == "tracked-aws-training-job"


def test_what_was_measured_is_summed_up(aws: Client, sagemaker: Any) -> None:
    sagemaker.create_trial_component(TrialComponentName="run")
    points = [{"MetricName": "loss", "Timestamp": AT, "Step": step, "Value": 4.0 - step} for step in (2, 1, 3)]
    aws("sagemaker-metrics").batch_put_metrics(TrialComponentName="run", MetricData=points)
    [metric] = sagemaker.describe_trial_component(TrialComponentName="run")["Metrics"]
    told = {name: metric[name] for name in ("MetricName", "Min", "Max", "Last", "Count", "Avg")}
    assert told == {"MetricName": "loss", "Min": 1.0, "Max": 3.0, "Last": 1.0, "Count": 3, "Avg": 2.0}


def test_components_are_joined_changed_and_taken_apart(sagemaker: Any, refused: Refused) -> None:
    given = {"a": {"NumberValue": 1.0}, "b": {"StringValue": "x"}}
    create = sagemaker.create_trial_component
    create(TrialComponentName="run", Parameters=given, Status={"PrimaryStatus": "InProgress"})
    named = {"TrialComponentName": "run"}
    update = sagemaker.update_trial_component
    update(
        Parameters={"c": {"NumberValue": 3.0}}, ParametersToRemove=["a"], Status={"PrimaryStatus": "Completed"}, **named
    )
    found = sagemaker.describe_trial_component(**named)
    assert set(found["Parameters"]) == {"b", "c"}
    assert found["Status"] == {"PrimaryStatus": "Completed"}
    sagemaker.create_trial(TrialName="more", ExperimentName="churn")
    for trial in ("trees", "more"):
        sagemaker.associate_trial_component(TrialName=trial, **named)
    assert components(sagemaker, TrialName="trees") == components(sagemaker, TrialName="more") == ["run"]
    assert trials(sagemaker, TrialComponentName="run") == ["more", "trees"]
    assert refused(sagemaker.delete_trial_component, **named) == "ValidationException"
    assert refused(sagemaker.delete_trial, TrialName="trees") == "ValidationException"
    assert refused(sagemaker.delete_experiment, ExperimentName="churn") == "ValidationException"
    for trial in ("trees", "more"):
        sagemaker.disassociate_trial_component(TrialName=trial, **named)
    assert refused(sagemaker.disassociate_trial_component, TrialName="trees", **named) == "ResourceNotFound"
    sagemaker.delete_trial_component(**named)
    for trial in ("trees", "more"):
        sagemaker.delete_trial(TrialName=trial)
    sagemaker.delete_experiment(ExperimentName="churn")
    assert refused(sagemaker.describe_experiment, ExperimentName="churn") == "ResourceNotFound"


def test_lists_changes_and_refusals(sagemaker: Any, refused: Refused) -> None:
    names = [one["ExperimentName"] for one in sagemaker.list_experiments()["ExperimentSummaries"]]
    assert names == ["fraud", "churn"]
    ordered = sagemaker.list_experiments(SortBy="Name", SortOrder="Ascending", MaxResults=1)
    assert ordered["ExperimentSummaries"][0]["ExperimentName"] == "churn"
    assert ordered["NextToken"]
    assert sagemaker.list_experiments(CreatedBefore=AT)["ExperimentSummaries"] == []
    assert len(sagemaker.list_experiments(CreatedAfter=AT)["ExperimentSummaries"]) == 2
    sagemaker.update_experiment(ExperimentName="churn", DisplayName="Churn")
    found = sagemaker.describe_experiment(ExperimentName="churn")
    assert (found["DisplayName"], found["Description"]) == ("Churn", "who")
    assert "IamIdentity" in found["LastModifiedBy"]
    arn = found["ExperimentArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "Owner", "Value": "me"}]
    sagemaker.update_trial(TrialName="trees", DisplayName="Trees")
    found = sagemaker.describe_trial(TrialName="trees")
    assert (found["DisplayName"], found["ExperimentName"]) == ("Trees", "churn")
    create = sagemaker.create_experiment
    assert refused(create, ExperimentName="churn") == "ValidationException"
    assert refused(sagemaker.create_trial, TrialName="new", ExperimentName="none") == "ResourceNotFound"
    assert refused(sagemaker.list_trial_components, ExperimentName="none") == "ResourceNotFound"
    both = {"ExperimentName": "churn", "TrialName": "trees"}
    assert refused(sagemaker.list_trial_components, **both) == "ValidationException"
    assert refused(sagemaker.describe_trial_component, TrialComponentName="none") == "ResourceNotFound"
    lost = {"TrialName": "trees", "TrialComponentName": "none"}
    assert refused(sagemaker.associate_trial_component, **lost) == "ResourceNotFound"
