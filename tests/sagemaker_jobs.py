"""Training and tuning jobs for tests of checks: as records by value, and as calls that a person would make."""

from __future__ import annotations

import datetime
from typing import Any

import boto3

from harness import ACCOUNT, NOW, REGION
from readiness.aws.sagemaker import tuning
from readiness.aws.sagemaker.training import (
    Algorithm,
    Channel,
    DataSource,
    HyperParameters,
    Metric,
    S3Source,
    Tag,
    TrainingCluster,
    TrainingJob,
)

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml-execution"
REGISTRY = f"683313688378.dkr.ecr.{REGION}.amazonaws.com"
OWN_REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
XGBOOST = f"{REGISTRY}/sagemaker-xgboost:1.7-1"
PYTORCH = f"763104351884.dkr.ecr.{REGION}.amazonaws.com/pytorch-training:2.3-cpu-py311"
TENSORFLOW = f"763104351884.dkr.ecr.{REGION}.amazonaws.com/tensorflow-training:2.16-cpu-py310"
JUMPSTART = f"s3://jumpstart-cache-prod-{REGION}"
AUTOPILOT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:automl-job/churn"
TABULAR = {"train": "s3://data/train/", "validation": "s3://data/validation/"}


def training_arn(name: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{name}"


def training_job(
    name: str = "job",
    image: str = XGBOOST,
    status: str = "Completed",
    parameters: dict[str, str] | None = None,
    channels: dict[str, str] | None = None,
    metrics: dict[str, float] | None = None,
    machines: tuple[str, int] = ("ml.m5.large", 1),
    tags: dict[str, str] | None = None,
    **more: Any,
) -> TrainingJob:
    kind, count = machines
    return TrainingJob(
        training_job_name=name,
        training_job_arn=training_arn(name),
        training_job_status=status,
        creation_time=NOW - datetime.timedelta(days=3),
        algorithm_specification=Algorithm(training_image=image),
        hyper_parameters=HyperParameters(**(parameters or {})),
        input_data_config=[
            Channel(channel_name=channel, data_source=DataSource(s3_data_source=S3Source(s3_uri=uri)))
            for channel, uri in (TABULAR if channels is None else channels).items()
        ],
        final_metric_data_list=[Metric(metric_name=metric, value=value) for metric, value in (metrics or {}).items()],
        resource_config=TrainingCluster(instance_type=kind, instance_count=count),
        tags=[Tag(key=key, value=value) for key, value in (tags or {}).items()],
        **more,
    )


def tuning_arn(name: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hyper-parameter-tuning-job/{name}"


def tuning_job(
    name: str = "tune",
    strategy: str = "Bayesian",
    status: str = "Completed",
    completed: int = 4,
    jobs: int | None = 4,
    parallel: int = 2,
    found: tuple[int, int] = (4, 0),
) -> tuning.TuningJob:
    return tuning.TuningJob(
        hyper_parameter_tuning_job_name=name,
        hyper_parameter_tuning_job_arn=tuning_arn(name),
        hyper_parameter_tuning_job_status=status,
        strategy=strategy,
        creation_time=NOW - datetime.timedelta(days=3),
        training_job_status_counters=tuning.StatusCounters(completed=completed),
        objective_status_counters=tuning.ObjectiveCounters(succeeded=found[0], failed=found[1]),
        resource_limits=tuning.ResourceLimits(max_number_of_training_jobs=jobs, max_parallel_training_jobs=parallel),
    )


ETA = tuning.NumericRange(name="eta", min_value="0.1", max_value="0.5")


def tuning_plan(
    name: str = "tune",
    metric: str = "validation:auc",
    direction: str = "Maximize",
    numeric: tuple[tuning.NumericRange, ...] = (ETA,),
    values: tuple[str, ...] = (),
    channels: tuple[str, ...] = ("train", "validation"),
    **more: Any,
) -> tuning.TuningPlan:
    return tuning.TuningPlan(
        hyper_parameter_tuning_job_name=name,
        hyper_parameter_tuning_job_arn=tuning_arn(name),
        hyper_parameter_tuning_job_config=tuning.TuningConfig(
            hyper_parameter_tuning_job_objective=tuning.Objective(type=direction, metric_name=metric),
            parameter_ranges=tuning.ParameterRanges(
                continuous_parameter_ranges=list(numeric),
                categorical_parameter_ranges=[tuning.NamedRange(name=one) for one in values],
            ),
            **more,
        ),
        training_job_definition=tuning.TrainingDefinition(
            input_data_config=[tuning.DefinitionChannel(channel_name=channel) for channel in channels]
        ),
    )


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, "ContentType": "text/csv"}


def start_training(
    name: str,
    image: str = XGBOOST,
    parameters: dict[str, str] | None = None,
    machines: tuple[str, int] = ("ml.m5.large", 1),
    **more: Any,
) -> None:
    """Start a training job as a person would."""
    kind, count = machines
    boto3.client("sagemaker", REGION).create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
        RoleArn=ROLE,
        HyperParameters={"num_round": "100", "objective": "binary:logistic"} if parameters is None else parameters,
        InputDataConfig=[_channel(channel, uri) for channel, uri in TABULAR.items()],
        OutputDataConfig={"S3OutputPath": "s3://data/models/"},
        ResourceConfig={"InstanceType": kind, "InstanceCount": count, "VolumeSizeInGB": 10},
        **{"StoppingCondition": {"MaxRuntimeInSeconds": 600}, **more},
    )


def start_tuning(
    name: str,
    strategy: str = "Bayesian",
    metric: str = "validation:auc",
    ranges: dict[str, Any] | None = None,
    jobs: int = 4,
    **more: Any,
) -> None:
    """Start a tuning job of XGBoost as a person would."""
    numeric = [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5", "ScalingType": "Auto"}]
    boto3.client("sagemaker", REGION).create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "Strategy": strategy,
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": metric},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": ranges or {"ContinuousParameterRanges": numeric},
            **more,
        },
        TrainingJobDefinition={
            "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "StaticHyperParameters": {"num_round": "50"},
            "InputDataConfig": [_channel(channel, uri) for channel, uri in TABULAR.items()],
            "OutputDataConfig": {"S3OutputPath": "s3://data/models/"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        },
    )
