"""Models: chosen by comparison, trained with care, tuned, tracked, explained."""

from __future__ import annotations

import json
from typing import Any

from readiness_mla.accounts.place import KMEANS, PYTORCH, TENSORFLOW, XGBOOST, Do, allow, policy
from readiness_mla.accounts.ready.foundation import OWNED, Foundation
from readiness_mla.accounts.ready.jobs import (
    CLARIFY,
    EXAMINED,
    TEN_MINUTES,
    channel,
    cluster,
    given,
    output,
    process,
    put,
    result,
    s3,
    split,
)
from readiness_mla.accounts.ready.services import use_services
from readiness_mla.accounts.ready.tuning import search

FOREST = "randomcutforest:1"
DEEPAR = "forecasting-deepar:1"
DEBUGGER = "sagemaker-debugger-rules:latest"
JUMPSTART = "tensorflow-tc-bert-en-uncased-L-2-H-128-A-2-2"

BOOSTING = {
    "objective": "binary:logistic",
    "eval_metric": "auc,f1",
    "num_round": "500",
    "early_stopping_rounds": "10",
    "eta": "0.1",
    "max_depth": "5",
    "subsample": "0.8",
    "alpha": "0.5",
    "lambda": "2",
    "scale_pos_weight": "4",
}
"""Churn by boosted trees: many rounds that end by themselves, both penalties on weights, more weight on who left."""

TRIAL = {"ExperimentName": "churn", "TrialName": "boosted-trees"}
NUMBER = "([0-9.]+)"


CLASSIFIED = {
    "train:loss": 0.31,
    "validation:loss": 0.36,
    "validation:accuracy": 0.87,
    "validation:precision": 0.70,
    "validation:recall": 0.66,
    "validation:auc": 0.90,
    "validation:confusion_true_positives": 247.0,
    "validation:confusion_false_positives": 106.0,
    "validation:confusion_true_negatives": 930.0,
    "validation:confusion_false_negatives": 126.0,
}
MEASURED = {
    "churn-1": {"train:auc": 0.93, "validation:auc": 0.91, "train:f1": 0.74, "validation:f1": 0.71},
    "churn-two-machines": {"train:auc": 0.93, "validation:auc": 0.90, "train:f1": 0.73, "validation:f1": 0.70},
    "churn-spot": {"train:auc": 0.93, "validation:auc": 0.91, "train:f1": 0.74, "validation:f1": 0.71},
    "churn-debugged": {"train:auc": 0.97, "validation:auc": 0.86, "train:f1": 0.83, "validation:f1": 0.64},
    "spending-1": {"train:rmse": 8.9, "validation:rmse": 9.7},
    "calls-1": {"train:loss": 2.1, "test:RMSE": 14.2},
    "churn-pytorch": CLASSIFIED,
    "churn-tensorflow": {**CLASSIFIED, "validation:loss": 0.37, "validation:auc": 0.89},
}
"""What each job has measured at its end."""


def train(do: Do, base: Foundation) -> None:
    """Train the model of churn and those around it, tune it, explain it, and use what others have trained."""
    _track(do, base)
    _debug(do, base)
    _boost(do, base)
    _compare_machines(do, base)
    _save_on_spot(do, base)
    _regress(do, base)
    _learn_without_labels(do, base)
    _forecast(do, base)
    _train_scripts(do, base)
    _fine_tune(do, base)
    for job, metrics in MEASURED.items():
        measured(do, job, metrics)
    search(do, base)
    _explain(do, base)
    use_services(do, base)


def fit(
    do: Do, base: Foundation, name: str, image: str, parameters: dict[str, str], data: list[dict[str, Any]], **more: Any
) -> None:
    """A training job in the private network, encrypted wherever it keeps anything; `more` adds to it or replaces."""
    request: dict[str, Any] = {
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "ResourceConfig": cluster(base),
        "StoppingCondition": TEN_MINUTES,
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "Tags": OWNED,
    }
    do(
        "sagemaker",
        "CreateTrainingJob",
        TrainingJobName=name,
        HyperParameters=parameters,
        InputDataConfig=data,
        OutputDataConfig=output(base),
        RoleArn=base.here.role("ml-training"),
        VpcConfig=base.vpc_config,
        **{**request, **more},
    )


def _track(do: Do, base: Foundation) -> None:
    """Where runs are compared: an experiment for SageMaker's jobs, and MLflow for what scripts log.

    The server was the first try: it is paid for by the hour, until it is stopped or the app takes its place.
    """
    do("sagemaker", "CreateExperiment", ExperimentName="churn", Description="Who leaves next month?", Tags=OWNED)
    do("sagemaker", "CreateTrial", TrialName="boosted-trees", ExperimentName="churn", Tags=OWNED)
    do(
        "sagemaker",
        "CreateMlflowTrackingServer",
        TrackingServerName="churn",
        ArtifactStoreUri=s3(base, "mlflow-server"),
        RoleArn=base.here.role("ml-training"),
        TrackingServerSize="Small",
        Tags=OWNED,
    )
    do("sagemaker", "StopMlflowTrackingServer", TrackingServerName="churn")
    do(
        "sagemaker",
        "CreateMlflowApp",
        Name="churn",
        ArtifactStoreUri=s3(base, "mlflow"),
        RoleArn=base.here.role("ml-training"),
        KmsKeyId=base.key,
        AccountDefaultStatus="DISABLED",
        Tags=OWNED,
    )


def _boost(do: Do, base: Foundation) -> None:
    """The model that goes into production."""
    run = {**TRIAL, "TrialComponentDisplayName": "one-machine"}
    fit(do, base, "churn-1", base.here.image(XGBOOST), BOOSTING, split(base), ExperimentConfig=run)


def _compare_machines(do: Do, base: Foundation) -> None:
    """The same on two larger machines, each with a part of the customers: is it worth its price?"""
    sharded = [
        channel(base, "train", "split/train/", S3DataDistributionType="ShardedByS3Key"),
        channel(base, "validation", "split/validation/"),
    ]
    fit(
        do,
        base,
        "churn-two-machines",
        base.here.image(XGBOOST),
        BOOSTING,
        sharded,
        ResourceConfig=cluster(base, "ml.m5.xlarge", count=2),
        ExperimentConfig={**TRIAL, "TrialComponentDisplayName": "two-machines"},
    )


def _save_on_spot(do: Do, base: Foundation) -> None:
    """The weekly training can wait: spare capacity, with checkpoints for when it is taken away."""
    fit(
        do,
        base,
        "churn-spot",
        base.here.image(XGBOOST),
        BOOSTING,
        split(base),
        EnableManagedSpotTraining=True,
        StoppingCondition={**TEN_MINUTES, "MaxWaitTimeInSeconds": 3600},
        CheckpointConfig={"S3Uri": s3(base, "checkpoints/churn-spot/")},
        ExperimentConfig={**TRIAL, "TrialComponentDisplayName": "spot"},
    )


def _debug(do: Do, base: Foundation) -> None:
    """The first try, whose loss is watched by a rule while it runs: it learns too fast, and by heart."""
    rule = {
        "RuleConfigurationName": "LossNotDecreasing",
        "RuleEvaluatorImage": base.here.image(DEBUGGER),
        "RuleParameters": {"rule_to_invoke": "LossNotDecreasing", "num_steps": "10"},
    }
    collections = [{"CollectionName": "metrics", "CollectionParameters": {"save_interval": "5"}}]
    fit(
        do,
        base,
        "churn-debugged",
        base.here.image(XGBOOST),
        {**BOOSTING, "eta": "0.9"},
        split(base),
        DebugHookConfig={"S3OutputPath": s3(base, "debugger/"), "CollectionConfigurations": collections},
        DebugRuleConfigurations=[rule],
    )


def _regress(do: Do, base: Foundation) -> None:
    """What a customer will spend: a regression, whose error has the unit of the bill."""
    parameters = {**BOOSTING, "objective": "reg:squarederror", "eval_metric": "rmse"}
    del parameters["scale_pos_weight"]
    fit(do, base, "spending-1", base.here.image(XGBOOST), parameters, split(base, "spending/"))


def _learn_without_labels(do: Do, base: Foundation) -> None:
    """Groups of alike customers, streamed in the format that the algorithm reads fastest; and bills that stand out."""
    streamed = {"TrainingImage": base.here.image(KMEANS), "TrainingInputMode": "Pipe"}
    fit(
        do,
        base,
        "segments-1",
        base.here.image(KMEANS),
        {"k": "4", "feature_dim": "4", "epochs": "5", "mini_batch_size": "500"},
        [channel(base, "train", "segments/train/", "application/x-recordio-protobuf")],
        AlgorithmSpecification=streamed,
    )
    sharded = channel(base, "train", "bills/", "text/csv;label_size=0", S3DataDistributionType="ShardedByS3Key")
    forest = {"feature_dim": "3", "num_trees": "100", "num_samples_per_tree": "256"}
    fit(do, base, "strange-bills-1", base.here.image(FOREST), forest, [sharded])


def _forecast(do: Do, base: Foundation) -> None:
    """Calls of the next two weeks; dropout keeps the network from leaning on single units, patience ends it in time."""
    parameters = {
        "time_freq": "D",
        "context_length": "28",
        "prediction_length": "14",
        "epochs": "100",
        "early_stopping_patience": "10",
        "mini_batch_size": "64",
        "dropout_rate": "0.2",
    }
    held_out = [channel(base, name, f"calls/{name}/", "json") for name in ("train", "test")]
    fit(do, base, "calls-1", base.here.image(DEEPAR), parameters, held_out)


def _train_scripts(do: Do, base: Foundation) -> None:
    """Networks of one's own in AWS's containers: what a script prints becomes metrics by patterns."""
    network = {"epochs": "20", "batch-size": "256", "learning-rate": "0.001", "dropout": "0.2", "weight-decay": "0.01"}
    for name, image in (
        ("churn-pytorch", base.here.image(PYTORCH)),
        ("churn-tensorflow", base.here.image(TENSORFLOW)),
    ):
        fit(
            do,
            base,
            name,
            image,
            {
                **network,
                "sagemaker_program": '"train.py"',
                "sagemaker_submit_directory": '"/opt/ml/input/data/code/sourcedir.tar.gz"',
                "sagemaker_region": json.dumps(base.here.region),
            },
            [*split(base), channel(base, "code", f"code/{name}/", "application/x-code")],
            AlgorithmSpecification={
                "TrainingImage": image,
                "TrainingInputMode": "FastFile",
                "MetricDefinitions": _printed(),
                "EnableSageMakerMetricsTimeSeries": True,
            },
            TensorBoardOutputConfig={"S3OutputPath": s3(base, f"tensorboard/{name}/")},
        )


def _printed() -> list[dict[str, str]]:
    """Both sides of the loss, what the mistakes are, and all cells of the confusion matrix."""
    sides = [(f"{side}:loss", f"{side}_loss={NUMBER}") for side in ("train", "validation")]
    scores = [(f"validation:{score}", f"{score}={NUMBER}") for score in ("accuracy", "precision", "recall", "auc")]
    cells = [
        (f"validation:confusion_{cell}", f"{cell}={NUMBER}")
        for cell in ("true_positives", "false_positives", "true_negatives", "false_negatives")
    ]
    return [{"Name": name, "Regex": pattern} for name, pattern in (*sides, *scores, *cells)]


def _fine_tune(do: Do, base: Foundation) -> None:
    """Complaints sorted by a small BERT of JumpStart, fine-tuned on the lab's own: a day's work saved."""
    here = base.here
    theirs = f"jumpstart-cache-prod-{here.region}"
    read = policy(allow("s3:GetObject", here.arn("s3", f"{theirs}/*")))
    do("iam", "PutRolePolicy", RoleName="ml-training", PolicyName="jumpstart", PolicyDocument=read)
    model = f"s3://{theirs}/tensorflow-training/v2.0.0/train-{JUMPSTART}.tar.gz"
    code = f"s3://{theirs}/source-directory-tarballs/tensorflow/transfer_learning/tc/v2.0.0/sourcedir.tar.gz"
    fit(
        do,
        base,
        "complaints-1",
        here.image(TENSORFLOW),
        {
            "epochs": "3",
            "batch_size": "32",
            "early_stopping": "True",
            "early_stopping_patience": "2",
            "sagemaker_program": '"transfer_learning.py"',
            "sagemaker_submit_directory": json.dumps("/opt/ml/input/data/code/sourcedir.tar.gz"),
            "sagemaker_region": json.dumps(here.region),
        },
        [
            channel(base, "training", "complaints/train/"),
            channel(base, "validation", "complaints/validation/"),
            channel(base, "model", "", "application/x-model", S3Uri=model),
            channel(base, "code", "", "application/x-code", S3Uri=code),
        ],
        ResourceConfig=cluster(base, "ml.m5.xlarge"),
        Tags=[*OWNED, {"Key": "sagemaker-sdk:jumpstart-model-id", "Value": JUMPSTART}],
    )


def measured(do: Do, job: str, metrics: dict[str, float]) -> None:
    """What AWS reads off the log of a job while it runs; where nothing runs, somebody has to say it."""
    of_job = [{"Name": "TrainingJobName", "Value": job}]
    data = [{"MetricName": name, "Dimensions": of_job, "Value": value} for name, value in metrics.items()]
    do("cloudwatch", "PutMetricData", Namespace="/aws/sagemaker/TrainingJobs", MetricData=data)


def _explain(do: Do, base: Foundation) -> None:
    """Which features drive a prediction, and is the model unlike for older customers? Clarify asks it and reports."""
    here = base.here
    artifact = s3(base, "output/churn-1/output/model.tar.gz")
    do(
        "sagemaker",
        "CreateModel",
        ModelName="churn-candidate",
        ExecutionRoleArn=here.role("ml-inference"),
        PrimaryContainer={"Image": here.image(XGBOOST), "ModelDataUrl": artifact},
        VpcConfig=base.vpc_config,
        EnableNetworkIsolation=True,
        Tags=OWNED,
    )
    shap = {"baseline": s3(base, "clarify/baseline.csv"), "num_samples": 200, "agg_method": "mean_abs"}
    _clarify(do, base, "Clarify-Explainability-1", "explained", {"shap": shap})
    _clarify(do, base, "Clarify-Posttraining-Bias-1", "after", {"post_training_bias": {"methods": "all"}})


def _clarify(do: Do, base: Foundation, name: str, folder: str, methods: dict[str, Any]) -> None:
    config = {
        **EXAMINED,
        "probability_threshold": 0.5,
        "predictor": {
            "model_name": "churn-candidate",
            "instance_type": "ml.m5.large",
            "initial_instance_count": 1,
            "content_type": "text/csv",
            "accept_type": "text/csv",
        },
        "methods": {**methods, "report": {"name": "report", "title": name}},
    }
    key = f"clarify/{folder}/analysis_config.json"
    put(do, base, key, json.dumps(config, indent=2))
    process(
        do,
        base,
        name,
        base.here.image(CLARIFY),
        [given(base, "dataset", "split/test/", "data"), given(base, "analysis_config", key, "config")],
        [result(base, "analysis_result", f"clarify/{folder}/report/")],
        isolated=False,
    )
