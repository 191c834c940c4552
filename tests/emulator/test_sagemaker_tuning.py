from __future__ import annotations

import datetime
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION
from sagemaker_jobs import PYTORCH, ROLE, XGBOOST

ETA = {"Name": "eta", "MinValue": "0.001", "MaxValue": "1.0", "ScalingType": "Logarithmic"}
DEPTH = {"Name": "max_depth", "MinValue": "2", "MaxValue": "9"}
BOOSTER = {"Name": "booster", "Values": ["gbtree", "dart"]}
RANGES = {
    "ContinuousParameterRanges": [ETA],
    "IntegerParameterRanges": [DEPTH],
    "CategoricalParameterRanges": [BOOSTER],
}
S3 = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}}
DEFINITION: dict[str, Any] = {
    "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "StaticHyperParameters": {"num_round": "50"},
    "InputDataConfig": [{"ChannelName": "train", "DataSource": S3}],
    "OutputDataConfig": {"S3OutputPath": "s3://data/models/"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 600},
}
OBJECTIVE = {"Type": "Maximize", "MetricName": "validation:auc"}


class Tuning:
    """Tuning jobs of one client."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def start(self, name: str = "tune", jobs: int = 6, parallel: int = 2, **config: Any) -> dict[str, Any]:
        more = {key: config.pop(key) for key in ("TrainingJobDefinition", "WarmStartConfig", "Tags") if key in config}
        self.client.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name,
            HyperParameterTuningJobConfig={
                "Strategy": "Random",
                "HyperParameterTuningJobObjective": OBJECTIVE,
                "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": parallel},
                "ParameterRanges": RANGES,
                **config,
            },
            **{"TrainingJobDefinition": DEFINITION, **more},
        )
        return self.describe(name)

    def describe(self, name: str = "tune") -> dict[str, Any]:
        found: dict[str, Any] = self.client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        return found

    def children(self, name: str = "tune", **asked: Any) -> list[dict[str, Any]]:
        asked = {"MaxResults": 100, **asked}
        found: list[dict[str, Any]] = self.client.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name, **asked
        )["TrainingJobSummaries"]
        return found


@pytest.fixture
def tuning(aws: Client) -> Tuning:
    return Tuning(aws("sagemaker"))


def value(child: dict[str, Any]) -> float:
    return float(child["FinalHyperParameterTuningJobObjectiveMetric"]["Value"])


def test_the_training_jobs_are_there_within_limits_and_ranges(tuning: Tuning) -> None:
    found = tuning.start(Tags=[{"Key": "Owner", "Value": "me"}])
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    assert found["TrainingJobStatusCounters"]["Completed"] == 6
    assert found["ObjectiveStatusCounters"] == {"Succeeded": 6, "Pending": 0, "Failed": 0}
    children = tuning.children()
    assert len({value(child) for child in children}) == 6
    for child in children:
        tuned = child["TunedHyperParameters"]
        assert 0.001 <= float(tuned["eta"]) <= 1
        assert 2 <= int(tuned["max_depth"]) <= 9
        assert tuned["booster"] in BOOSTER["Values"]
        job = tuning.client.describe_training_job(TrainingJobName=child["TrainingJobName"])
        assert job["TuningJobArn"] == found["HyperParameterTuningJobArn"]
        assert job["HyperParameters"].items() >= {**tuned, "num_round": "50"}.items()
        [metric] = job["FinalMetricDataList"]
        assert (metric["MetricName"], round(metric["Value"], 5)) == ("validation:auc", round(value(child), 5))
        tags = tuning.client.list_tags(ResourceArn=child["TrainingJobArn"])["Tags"]
        assert tags == [{"Key": "Owner", "Value": "me"}]
    best = max(children, key=value)
    assert found["BestTrainingJob"]["TrainingJobName"] == best["TrainingJobName"]
    assert "ConvergenceDetectedTime" not in found["TuningJobCompletionDetails"]
    assert found["HyperParameterTuningEndTime"] == max(child["TrainingEndTime"] for child in children)
    own = tuning.client.list_tags(ResourceArn=found["HyperParameterTuningJobArn"])["Tags"]
    assert own == [{"Key": "Owner", "Value": "me"}]


def test_no_more_run_at_once_than_may(tuning: Tuning) -> None:
    tuning.start(jobs=9, parallel=3)
    children = tuning.children()
    for child in children:
        running = [one for one in children if one["CreationTime"] <= child["CreationTime"] < one["TrainingEndTime"]]
        assert len(running) <= 3


def test_the_objective_follows_from_the_settings(tuning: Tuning) -> None:
    for name, seed in (("one", 7), ("again", 7), ("other", 8)):
        tuning.start(name, RandomSeed=seed)
    told = {
        name: [(child["TunedHyperParameters"], value(child)) for child in tuning.children(name)]
        for name in ("one", "again", "other")
    }
    assert told["one"] == told["again"] != told["other"]


def test_a_loss_is_minimized(tuning: Tuning) -> None:
    found = tuning.start(HyperParameterTuningJobObjective={"Type": "Minimize", "MetricName": "validation:rmse"})
    assert value(found["BestTrainingJob"]) == min(value(child) for child in tuning.children())


def test_what_is_told_of_a_training_job_goes_before_the_rule(aws: Client, tuning: Tuning) -> None:
    found = tuning.start()
    worst = min(tuning.children(), key=value)["TrainingJobName"]
    assert found["BestTrainingJob"]["TrainingJobName"] != worst
    aws("cloudwatch").put_metric_data(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricData=[
            {
                "MetricName": "validation:auc",
                "Value": 0.99,
                "Dimensions": [{"Name": "TrainingJobName", "Value": worst}],
            }
        ],
    )
    best = tuning.describe()["BestTrainingJob"]
    assert (best["TrainingJobName"], round(value(best), 2)) == (worst, 0.99)


def test_grid_bayesian_and_hyperband(tuning: Tuning) -> None:
    values = [{"Name": "max_depth", "Values": ["3", "5", "7"]}, BOOSTER]
    grid: dict[str, Any] = {"Strategy": "Grid", "ParameterRanges": {"CategoricalParameterRanges": values}}
    assert tuning.start("grid", jobs=6, **grid)["TrainingJobStatusCounters"]["Completed"] == 6
    tried = {tuple(sorted(child["TunedHyperParameters"].items())) for child in tuning.children("grid")}
    assert len(tried) == 6
    tuning.start("bayes", Strategy="Bayesian", jobs=30)
    told = [value(child) for child in tuning.children("bayes")]
    assert sum(told[15:]) > sum(told[:15])
    found = tuning.start("band", Strategy="Hyperband", jobs=20)["TrainingJobStatusCounters"]
    assert found["Stopped"] > 0
    assert found["Completed"] + found["Stopped"] == 20
    assert (
        tuning.start("auto", TrainingJobEarlyStoppingType="Auto", jobs=12)["TrainingJobStatusCounters"]["Stopped"] > 0
    )


def test_criteria_end_a_tuning_job(tuning: Tuning) -> None:
    def criteria(**given: Any) -> dict[str, Any]:
        return {"TuningJobCompletionCriteria": given, "jobs": 60}

    found = tuning.start("target", **criteria(TargetObjectiveMetricValue=0.5))
    assert value(found["BestTrainingJob"]) >= 0.5
    assert found["TrainingJobStatusCounters"]["Completed"] < 60
    patience = {"MaxNumberOfTrainingJobsNotImproving": 3}
    found = tuning.start("patient", **criteria(BestObjectiveNotImproving=patience))
    assert found["TuningJobCompletionDetails"] == {"NumberOfTrainingJobsObjectiveNotImproving": 3}
    watched = {"CompleteOnConvergence": "Enabled"}
    found = tuning.start("converged", **criteria(ConvergenceDetected=watched))
    assert found["TuningJobCompletionDetails"]["ConvergenceDetectedTime"] == found["HyperParameterTuningEndTime"] or (
        found["TuningJobCompletionDetails"]["ConvergenceDetectedTime"] < found["HyperParameterTuningEndTime"]
    )
    limits = {"MaxNumberOfTrainingJobs": 60, "MaxParallelTrainingJobs": 1, "MaxRuntimeInSeconds": 300}
    assert 0 < tuning.start("brief", ResourceLimits=limits)["TrainingJobStatusCounters"]["Completed"] < 5


def test_several_definitions_and_ranges_that_are_chosen(tuning: Tuning) -> None:
    definitions = [
        {**DEFINITION, "DefinitionName": name, "TuningObjective": OBJECTIVE, "HyperParameterRanges": RANGES}
        for name in ("a", "b")
    ]
    config = {
        "Strategy": "Random",
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
    }
    create = tuning.client.create_hyper_parameter_tuning_job
    create(HyperParameterTuningJobName="two", HyperParameterTuningJobConfig=config, TrainingJobDefinitions=definitions)
    assert [child["TrainingJobDefinitionName"] for child in tuning.children("two")] == ["a", "b", "a", "b"]
    automatic = {"AutoParameters": [{"Name": "eta", "ValueHint": "0.3"}, {"Name": "max_depth", "ValueHint": "6"}]}
    tuning.start("auto", ParameterRanges=automatic)
    for child in tuning.children("auto"):
        assert 0.03 <= float(child["TunedHyperParameters"]["eta"]) <= 3
        assert 1 <= int(child["TunedHyperParameters"]["max_depth"]) <= 60


def test_a_warm_start_knows_the_best_of_all(tuning: Tuning, refused: Refused) -> None:
    tuning.start("parent", jobs=20)
    warm = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "parent"}],
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }
    found = tuning.start("child", jobs=1, WarmStartConfig=warm)
    everyone = [*tuning.children("parent"), *tuning.children("child")]
    assert value(found["OverallBestTrainingJob"]) == max(value(child) for child in everyone)
    lost = {**warm, "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "none"}]}
    assert refused(tuning.start, name="other", WarmStartConfig=lost) == "ResourceNotFound"


@pytest.mark.parametrize(
    "config",
    [
        {"Strategy": "Grid"},
        {"Strategy": "Hyperband", "TrainingJobEarlyStoppingType": "Auto"},
        {"StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}}},
        {"ParameterRanges": {}},
        {"ParameterRanges": {"ContinuousParameterRanges": [{**ETA, "MinValue": "2"}]}},
        {"ParameterRanges": {"ContinuousParameterRanges": [{**ETA, "MinValue": "0"}]}},
        {
            "TrainingJobDefinition": {
                **DEFINITION,
                "AlgorithmSpecification": {"TrainingImage": PYTORCH, "TrainingInputMode": "File"},
            }
        },
    ],
    ids=["grid of numbers", "hyperband", "strategy", "no ranges", "backwards", "logarithm of 0", "metric not defined"],
)
def test_what_can_not_be_tuned_is_refused(tuning: Tuning, refused: Refused, config: dict[str, Any]) -> None:
    assert refused(tuning.start, **config) == "ValidationException"
    assert tuning.client.list_training_jobs()["TrainingJobSummaries"] == []


def test_lists_and_refusals(tuning: Tuning, refused: Refused) -> None:
    for name in ("b", "a", "c"):
        tuning.start(name, jobs=2)
    assert refused(tuning.start, name="a") == "ResourceInUse"
    assert refused(tuning.describe, name="none") == "ResourceNotFound"

    def names(**asked: Any) -> list[str]:
        found = tuning.client.list_hyper_parameter_tuning_jobs(**asked)["HyperParameterTuningJobSummaries"]
        return [one["HyperParameterTuningJobName"] for one in found]

    assert names() == ["a", "b", "c"]
    assert names(SortBy="CreationTime", SortOrder="Descending") == ["c", "a", "b"]
    [summary] = tuning.client.list_hyper_parameter_tuning_jobs(NameContains="b")["HyperParameterTuningJobSummaries"]
    assert (summary["Strategy"], summary["TrainingJobStatusCounters"]["Completed"]) == ("Random", 2)
    tuning.start("many", jobs=12)
    ranked = tuning.children("many", SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    assert [value(child) for child in ranked] == sorted(map(value, ranked), reverse=True)
    first = tuning.client.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName="many")
    assert len(first["TrainingJobSummaries"]) == 10
    rest = tuning.children("many", NextToken=first["NextToken"])
    assert len(rest) == 2
    assert tuning.children("many", StatusEquals="Failed") == []


def test_a_tuning_job_is_stopped_and_deleted(tuning: Tuning, refused: Refused) -> None:
    before = datetime.datetime.now(datetime.UTC)
    tuning.start(jobs=12, parallel=2)
    stop = tuning.client.stop_hyper_parameter_tuning_job
    stop(HyperParameterTuningJobName="tune")
    found = tuning.describe()
    assert found["HyperParameterTuningJobStatus"] == "Stopped"
    assert found["TrainingJobStatusCounters"]["Stopped"] == len(tuning.children()) == 2
    assert len(tuning.client.list_training_jobs()["TrainingJobSummaries"]) == 2
    assert found["HyperParameterTuningEndTime"] - before < datetime.timedelta(minutes=1)
    assert refused(stop, HyperParameterTuningJobName="tune") == "ValidationException"
    tuning.client.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune")
    assert refused(tuning.describe) == "ResourceNotFound"
    assert len(tuning.client.list_training_jobs()["TrainingJobSummaries"]) == 2
    tuning.start()
    [found] = tuning.client.search(Resource="HyperParameterTuningJob")["Results"]
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hyper-parameter-tuning-job/tune"
    assert found["HyperParameterTuningJob"]["HyperParameterTuningJobArn"] == arn
