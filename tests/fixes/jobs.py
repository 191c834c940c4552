"""The files that the fixes for training and tuning read, as a learner would write them."""

from __future__ import annotations

from typing import Any

from fixes.trying import COMMON, client
from sagemaker_jobs import PYTORCH, REGISTRY, XGBOOST

LIMIT = {"MaxRuntimeInSeconds": 600}
SDK = "the SageMaker SDK starts the job, with images and scripts that it builds; the command only looks at it"


def channel(name: str) -> dict[str, Any]:
    """Data in the bucket."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://BUCKET/{name}/", "S3DataDistributionType": "ShardedByS3Key"}
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def job(name: str = "first", image: str = XGBOOST, **parameters: str) -> dict[str, Any]:
    """A training job of an algorithm."""
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "HyperParameters": parameters,
        "RoleArn": "ROLE_ARN",
        "InputDataConfig": [channel("train"), channel("validation")],
        "OutputDataConfig": {"S3OutputPath": "s3://BUCKET/models/"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": LIMIT,
    }


LINEAR = job(image=f"{REGISTRY}/linear-learner:1")
DEEPAR = job(image=f"{REGISTRY}/forecasting-deepar:1")
DEFINITION = {name: value for name, value in job().items() if name not in ("TrainingJobName", "HyperParameters")} | {
    "StaticHyperParameters": {"num_round": "50", "objective": "binary:logistic", "eval_metric": "auc"}
}
INFERENCE = {
    "Containers": [{"Image": PYTORCH, "ModelDataUrl": "s3://BUCKET/models/model.tar.gz"}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


def search(strategy: str, jobs: int = 4, parallel: int = 2, scale: str = "Auto", **more: Any) -> dict[str, Any]:
    """The configuration of a tuning job."""
    eta = {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": scale}
    ranges = {"CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "dart"]}]}
    return {
        "Strategy": strategy,
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": parallel},
        "ParameterRanges": ranges if strategy == "Grid" else {"ContinuousParameterRanges": [eta]},
        **more,
    }


def filled(request: Any) -> Any:
    """A request as boto3 takes it, with what stands for the common placeholders."""
    if isinstance(request, dict):
        return {name: filled(value) for name, value in request.items()}
    if isinstance(request, list):
        return [filled(value) for value in request]
    if isinstance(request, str):
        return request.replace("ROLE_ARN", COMMON["ROLE_ARN"]).replace("BUCKET", COMMON["BUCKET"])
    return request


def measured(name: str, **metrics: float) -> None:
    """What AWS reads off the log of a job: `train_auc` is written `train:auc`."""
    client("cloudwatch").put_metric_data(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricData=[
            {
                "MetricName": metric.replace("_", ":", 1),
                "Dimensions": [{"Name": "TrainingJobName", "Value": name}],
                "Value": value,
            }
            for metric, value in metrics.items()
        ],
    )


def uploaded(*keys: str) -> None:
    """Files that a fix expects in the bucket."""
    for key in keys:
        client("s3").put_object(Bucket="practice", Key=key, Body=b'{"prompt": "a", "completion": "b"}')
