"""The search for good settings by four strategies, and Autopilot, which searches algorithms too."""

from __future__ import annotations

from typing import Any

from readiness_mla.accounts.place import XGBOOST, Do
from readiness_mla.accounts.ready.foundation import OWNED, Foundation
from readiness_mla.accounts.ready.jobs import TEN_MINUTES, cluster, output, s3, split

OBJECTIVE = {"Type": "Maximize", "MetricName": "validation:auc"}
"""Measured on customers that no training has seen."""

FIXED = {"objective": "binary:logistic", "eval_metric": "auc", "num_round": "300", "early_stopping_rounds": "10"}


def search(do: Do, base: Foundation) -> None:
    """Tune the model of churn by one strategy after the other, and let Autopilot try to beat it."""
    _by_grid(do, base)
    _at_random(do, base)
    _by_results(do, base)
    _by_halving(do, base)
    _automatically(do, base)


def _continuous(name: str, low: str, high: str, scale: str = "Logarithmic") -> dict[str, str]:
    return {"Name": name, "MinValue": low, "MaxValue": high, "ScalingType": scale}


def _tune(do: Do, base: Foundation, name: str, strategy: str, jobs: int, parallel: int, **config: Any) -> None:
    """A search of this many training jobs; those that fall behind are stopped, and all run on spare capacity."""
    do(
        "sagemaker",
        "CreateHyperParameterTuningJob",
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "Strategy": strategy,
            "HyperParameterTuningJobObjective": OBJECTIVE,
            "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": parallel},
            "TrainingJobEarlyStoppingType": "Auto",
            "RandomSeed": 7,
            **config,
        },
        TrainingJobDefinition={
            "AlgorithmSpecification": {"TrainingImage": base.here.image(XGBOOST), "TrainingInputMode": "File"},
            "StaticHyperParameters": FIXED,
            "InputDataConfig": split(base),
            "OutputDataConfig": output(base, "tuning/"),
            "ResourceConfig": cluster(base),
            "RoleArn": base.here.role("ml-training"),
            "VpcConfig": base.vpc_config,
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": True,
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {**TEN_MINUTES, "MaxWaitTimeInSeconds": 3600},
            "CheckpointConfig": {"S3Uri": s3(base, f"checkpoints/{name}/")},
        },
        Tags=OWNED,
    )


def _by_grid(do: Do, base: Foundation) -> None:
    """All combinations of a few values: complete and repeatable, and dearer with every value more."""
    values = {"max_depth": ["3", "5", "7"], "subsample": ["0.7", "1.0"]}
    grid = [{"Name": name, "Values": listed} for name, listed in values.items()]
    ranges = {"CategoricalParameterRanges": grid}
    _tune(do, base, "churn-grid", "Grid", jobs=6, parallel=3, ParameterRanges=ranges)


def _at_random(do: Do, base: Foundation) -> None:
    """Draws that need no earlier result, so that all run at once: the baseline of the other strategies."""
    ranges = {"ContinuousParameterRanges": [_continuous("eta", "0.01", "0.5"), _continuous("alpha", "0.001", "10")]}
    _tune(do, base, "churn-random", "Random", jobs=8, parallel=8, ParameterRanges=ranges)


def _by_results(do: Do, base: Foundation) -> None:
    """A large search that learns from each result where to look next, few at once, and ends when it has converged."""
    _tune(
        do,
        base,
        "churn-bayesian",
        "Bayesian",
        jobs=30,
        parallel=3,
        ParameterRanges={
            "ContinuousParameterRanges": [
                _continuous("eta", "0.01", "0.5"),
                _continuous("alpha", "0.0001", "10"),
                _continuous("lambda", "0.01", "10"),
                _continuous("subsample", "0.5", "1.0", "Linear"),
            ],
            "IntegerParameterRanges": [
                {"Name": "max_depth", "MinValue": "2", "MaxValue": "9", "ScalingType": "Linear"},
            ],
        },
        TuningJobCompletionCriteria={
            "BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 10},
            "ConvergenceDetected": {"CompleteOnConvergence": "Enabled"},
        },
    )


def _by_halving(do: Do, base: Foundation) -> None:
    """Many short trainings of which the better half goes on: Hyperband, which stops jobs by itself."""
    ranges = {"ContinuousParameterRanges": [_continuous("eta", "0.01", "0.5"), _continuous("gamma", "0.001", "5")]}
    _tune(
        do,
        base,
        "churn-hyperband",
        "Hyperband",
        jobs=20,
        parallel=5,
        ParameterRanges=ranges,
        TrainingJobEarlyStoppingType="Off",
        StrategyConfig={"HyperbandStrategyConfig": {"MinResource": 10, "MaxResource": 300}},
    )


def _automatically(do: Do, base: Foundation) -> None:
    """Autopilot explores data, algorithms and settings within limits, and reports on the best model that it found."""
    do(
        "sagemaker",
        "CreateAutoMLJobV2",
        AutoMLJobName="churn-autopilot",
        AutoMLJobInputDataConfig=[
            {
                "ChannelType": "training",
                "ContentType": "text/csv;header=present",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": s3(base, "raw/customers/")}},
            }
        ],
        OutputDataConfig=output(base, "autopilot/"),
        AutoMLProblemTypeConfig={
            "TabularJobConfig": {
                "TargetAttributeName": "churned",
                "ProblemType": "BinaryClassification",
                "Mode": "ENSEMBLING",
                "CompletionCriteria": {"MaxCandidates": 5, "MaxAutoMLJobRuntimeInSeconds": 3600},
            }
        },
        AutoMLJobObjective={"MetricName": "AUC"},
        RoleArn=base.here.role("ml-training"),
        SecurityConfig={
            "VolumeKmsKeyId": base.key,
            "EnableInterContainerTrafficEncryption": True,
            "VpcConfig": base.vpc_config,
        },
        DataSplitConfig={"ValidationFraction": 0.2},
        Tags=OWNED,
    )
