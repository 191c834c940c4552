from __future__ import annotations

from typing import Any

import boto3

from harness import NOW, REGION, Case, Emulated, by_calls, by_value
from readiness import Record
from readiness.aws.sagemaker.automl import AutoMLJob, BestCandidate
from readiness.aws.sagemaker.tuning import NumericRange
from readiness_mla.s24_tune import (
    TuningAdvice,
    amt_early_stopping,
    amt_objective_on_validation,
    amt_search_efficient,
    autopilot_job_completed,
    bayesian_search_used,
    grid_search_used,
    random_search_used,
)
from sagemaker_jobs import AUTOPILOT, ROLE, start_tuning, training_job, tuning_arn, tuning_job, tuning_plan

AUTOMATIC = training_job("child", auto_ml_job_arn=AUTOPILOT, tuning_job_arn=tuning_arn("tune"))


def tuned(plan: dict[str, Any] | None = None, **job: Any) -> list[Record]:
    return [tuning_job(**job), tuning_plan(**(plan or {}))]


def spanning(low: str, high: str, scale: str = "Linear") -> dict[str, Any]:
    return {"numeric": (NumericRange(name="eta", min_value=low, max_value=high, scaling_type=scale),)}


def automl(status: str, candidate: str = "") -> AutoMLJob:
    return AutoMLJob(
        auto_ml_job_name="churn",
        auto_ml_job_arn=AUTOPILOT,
        auto_ml_job_status=status,
        creation_time=NOW,
        best_candidate=BestCandidate(candidate_name=candidate) if candidate else None,
    )


LARGE: dict[str, Any] = {"jobs": 20, "completed": 20}
ONE_CHANNEL = {"channels": ("train",)}

SEARCHES: list[tuple[Any, str, list[Record]]] = [
    (grid_search_used, "Grid", []),
    (random_search_used, "Random", []),
    (bayesian_search_used, "Bayesian", [tuning_plan()]),
]


def search_cases(check: Any, strategy: str, plan: list[Record]) -> list[Case]:
    return [
        Case(check, "nothing there", [], "absent"),
        Case(check, "searched", [tuning_job(strategy=strategy), *plan], "passed"),
        Case(check, "by another strategy", [tuning_job(strategy="Hyperband"), *plan], "absent"),
        Case(
            check, "none completed", [tuning_job(strategy=strategy, completed=0), *plan], "failed", bad=["0 training"]
        ),
        Case(check, "a search of one", [tuning_job(strategy=strategy, jobs=1), *plan], "failed", bad=["training"]),
        Case(check, "Autopilot's own", [tuning_job(strategy=strategy), AUTOMATIC], "absent"),
    ]


CASES = [
    *[case for search in SEARCHES for case in search_cases(*search)],
    Case(bayesian_search_used, "values without an order", tuned({"numeric": (), "values": ("booster",)}),
         "failed", bad=["without an order"]),

    Case(amt_objective_on_validation, "nothing there", [], "absent"),
    Case(amt_objective_on_validation, "a validation metric", tuned(), "passed"),
    Case(amt_objective_on_validation, "a training metric", tuned({"metric": "train:auc"}),
         "failed", bad=["measured on training data"]),
    Case(amt_objective_on_validation, "the wrong direction", tuned({"metric": "validation:rmse"}),
         "failed", bad=["makes it worse"]),
    Case(amt_objective_on_validation, "the right direction of an error",
         tuned({"metric": "validation:rmse", "direction": "Minimize"}), "passed"),
    Case(amt_objective_on_validation, "a negative error", tuned({"metric": "val_neg_mean_squared_error"}), "passed"),
    Case(amt_objective_on_validation, "a name that doesn't say, with a channel", tuned({"metric": "score"}), "passed"),
    Case(amt_objective_on_validation, "a name that doesn't say, without", tuned({"metric": "score", **ONE_CHANNEL}),
         "failed", bad=["nothing says"]),
    Case(amt_objective_on_validation, "a script that splits for itself", tuned({"metric": "val_f1", **ONE_CHANNEL}),
         "passed"),
    Case(amt_objective_on_validation, "unsupervised, on test data",
         tuned({"metric": "test:msd", "direction": "Minimize", "channels": ("train", "test")}), "passed"),
    Case(amt_objective_on_validation, "word vectors have no other metric",
         tuned({"metric": "train:mean_rho"}), "absent"),
    Case(amt_objective_on_validation, "the metric was not found", tuned(found=(1, 3)),
         "failed", bad=["not found in the log"]),
    Case(amt_objective_on_validation, "no training job completed",
         tuned({"metric": "train:auc"}, completed=0), "absent"),
    Case(amt_objective_on_validation, "Autopilot's own search", [tuning_job(), AUTOMATIC], "absent"),

    Case(amt_early_stopping, "nothing there", [], "absent"),
    Case(amt_early_stopping, "on", tuned({"training_job_early_stopping_type": "Auto"}), "passed"),
    Case(amt_early_stopping, "off, but small", tuned({"training_job_early_stopping_type": "Off"}), "absent"),
    Case(amt_early_stopping, "off, and large", tuned({"training_job_early_stopping_type": "Off"}, **LARGE),
         "failed", bad=["off"]),
    Case(amt_early_stopping, "off, and large by another measure", tuned(),
         "failed", bad=["off"], settings=[TuningAdvice(jobs=2)]),
    Case(amt_early_stopping, "Hyperband must keep it off", tuned(strategy="Hyperband", **LARGE), "passed"),

    Case(amt_search_efficient, "nothing there", [], "absent"),
    Case(amt_search_efficient, "too small to judge", tuned(parallel=4), "absent"),
    Case(amt_search_efficient, "in turn", tuned(**LARGE), "passed"),
    Case(amt_search_efficient, "Bayesian, nearly all at once", tuned(parallel=15, **LARGE),
         "failed", bad=["15 of 20"]),
    Case(amt_search_efficient, "random, all at once", tuned(strategy="Random", parallel=20, **LARGE), "passed"),
    Case(amt_search_efficient, "a wide linear range", tuned(spanning("0.00001", "1"), **LARGE),
         "failed", bad=["linear scale"]),
    Case(amt_search_efficient, "a wide logarithmic range", tuned(spanning("0.00001", "1", "Logarithmic"), **LARGE),
         "passed"),
    Case(amt_search_efficient, "a range from zero has no logarithm", tuned(spanning("0", "1000"), **LARGE), "passed"),
    Case(amt_search_efficient, "bounds that are no numbers", tuned(spanning("low", "high"), **LARGE), "passed"),
    Case(amt_search_efficient, "one of two", [*tuned(**LARGE), tuning_job("wide", parallel=15, **LARGE),
        tuning_plan("wide")], "partial", bad=["15 of 20"]),

    Case(autopilot_job_completed, "nothing there", [], "absent"),
    Case(autopilot_job_completed, "completed", [automl("Completed", "best")], "passed"),
    Case(autopilot_job_completed, "stopped with a candidate", [automl("Stopped", "best")], "passed"),
    Case(autopilot_job_completed, "definitions only", [automl("Completed")], "failed", bad=["no candidate"]),
    Case(autopilot_job_completed, "failed", [automl("Failed")], "failed", bad=["failed"]),
    Case(autopilot_job_completed, "still running", [automl("InProgress", "best")], "failed", bad=["inprogress"]),
]  # fmt: skip


test_verdict = by_value(CASES)


def nothing() -> None:
    pass


VALUES = {"CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "dart"]}]}


def grid_search() -> None:
    start_tuning("grid-1", "Grid", ranges=VALUES)


def random_search() -> None:
    start_tuning("random-1", "Random")


def bayesian_search() -> None:
    start_tuning("bayesian-1")


def bayesian_search_of_values() -> None:
    start_tuning("bayesian-values", ranges=VALUES)


def stopping_search() -> None:
    start_tuning("stopping-1", jobs=20, TrainingJobEarlyStoppingType="Auto")


def patient_search() -> None:
    start_tuning("patient-1", jobs=20, TrainingJobEarlyStoppingType="Off")


def search_on_training_metric() -> None:
    start_tuning("overfitting-1", metric="train:auc")


def linear_search() -> None:
    numeric = [{"Name": "eta", "MinValue": "0.00001", "MaxValue": "1", "ScalingType": "Linear"}]
    start_tuning("linear-1", jobs=20, ranges={"ContinuousParameterRanges": numeric})


def autopilot_job() -> None:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}}
    boto3.client("sagemaker", REGION).create_auto_ml_job_v2(
        AutoMLJobName="churn",
        AutoMLJobInputDataConfig=[{"ChannelType": "training", "ContentType": "text/csv", "DataSource": source}],
        OutputDataConfig={"S3OutputPath": "s3://data/automl/"},
        AutoMLProblemTypeConfig={
            "TabularJobConfig": {
                "TargetAttributeName": "churned",
                "ProblemType": "BinaryClassification",
                "CompletionCriteria": {"MaxCandidates": 3},
            }
        },
        AutoMLJobObjective={"MetricName": "F1"},
        RoleArn=ROLE,
    )


def stopped_autopilot_job() -> None:
    autopilot_job()
    boto3.client("sagemaker", REGION).stop_auto_ml_job(AutoMLJobName="churn")


EMULATED: list[Emulated] = [
    (grid_search_used, random_search, "absent"),
    (grid_search_used, grid_search, "passed"),
    (random_search_used, bayesian_search, "absent"),
    (random_search_used, random_search, "passed"),
    (bayesian_search_used, bayesian_search_of_values, "failed"),
    (bayesian_search_used, bayesian_search, "passed"),
    (amt_objective_on_validation, nothing, "absent"),
    (amt_objective_on_validation, bayesian_search, "passed"),
    (amt_objective_on_validation, search_on_training_metric, "failed"),
    (amt_early_stopping, stopping_search, "passed"),
    (amt_early_stopping, patient_search, "failed"),
    (amt_search_efficient, stopping_search, "passed"),
    (amt_search_efficient, linear_search, "failed"),
    (autopilot_job_completed, nothing, "absent"),
    (autopilot_job_completed, autopilot_job, "passed"),
    (autopilot_job_completed, stopped_autopilot_job, "failed"),
]


test_emulated = by_calls(EMULATED)
