"""The fixes of section 2.2."""

from __future__ import annotations

import functools

from fixes.jobs import DEEPAR, DEFINITION, INFERENCE, LINEAR, SDK, filled, job, measured, search, uploaded
from fixes.trying import Try, client
from sagemaker_jobs import PYTORCH, start_training

XGBOOST = {"xgboost.json": job()}
BASE_MODEL = "amazon.nova-micro-v1:0:128k"
CUSTOMIZATION = {
    "jobName": "second",
    "customModelName": "second",
    "roleArn": "ROLE_ARN",
    "baseModelIdentifier": BASE_MODEL,
    "customizationType": "FINE_TUNING",
    "trainingDataConfig": {"s3Uri": "s3://BUCKET/train.jsonl"},
    "outputDataConfig": {"s3Uri": "s3://BUCKET/out/"},
    "hyperParameters": {"epochCount": "1"},
}


def deep() -> None:
    """A first training, of deep trees, and what it left."""
    uploaded("models/deep-1/output/model.tar.gz")
    start_training("deep-1", parameters={"num_round": "100", "objective": "binary:logistic", "max_depth": "6"})


def of_the_same_data(**metrics: float) -> None:
    """A first training on the data that the fix trains on, and what it measured."""
    client("sagemaker").create_training_job(**filled(job("a-first", num_round="100", eta="0.3")))
    if metrics:
        measured("a-first", **metrics)


def by_heart() -> None:
    """A training that learned by heart."""
    of_the_same_data(train_auc=0.99, validation_auc=0.8)


def without_validation() -> None:
    """A customization that nothing was kept back for."""
    uploaded("train.jsonl", "validation.jsonl")
    client("bedrock").create_model_customization_job(**filled(CUSTOMIZATION | {"jobName": "a", "customModelName": "a"}))


def second_version() -> None:
    """The other of the two versions that the fix speaks of."""
    specification = filled(INFERENCE)
    client("sagemaker").create_model_package(ModelPackageGroupName="churn", InferenceSpecification=specification)


def approved_for_no_reason() -> None:
    """A version with metrics on which somebody decided without a word."""
    sagemaker = client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="churn")
    report = {"ContentType": "application/json", "S3Uri": "s3://practice/evaluation.json"}
    sagemaker.create_model_package(
        ModelPackageGroupName="churn",
        InferenceSpecification=filled(INFERENCE),
        ModelMetrics={"ModelQuality": {"Statistics": report}},
        ModelApprovalStatus="Approved",
    )


def version() -> str:
    """The version in the registry."""
    [found] = client("sagemaker").list_model_packages(ModelPackageGroupName="churn")["ModelPackageSummaryList"]
    return str(found["ModelPackageArn"])


def without_checkpoints() -> None:
    """A training on spare capacity that was done too soon to be judged."""
    start_training(
        "spot-1",
        EnableManagedSpotTraining=True,
        StoppingCondition={"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 9000},
    )


SPOT = job("spot-2") | {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 9000},
}
TRIES = [
    Try("training-schedule-set", files={"linear-learner.json": LINEAR}),
    Try("algorithm-early-stopping", files=XGBOOST),
    Try("distributed-training-run", files=XGBOOST),
    Try("model-size-varied", deep, was="failed", files={"xgboost.json": job()}),
    Try(
        "metric-improved",
        functools.partial(of_the_same_data, validation_auc=0.8),
        files=XGBOOST,
        after=functools.partial(measured, "slower-1", validation_auc=0.9),
    ),
    Try("hyperparameters-varied", of_the_same_data, files=XGBOOST),
    Try("dropout-set", files={"deepar.json": DEEPAR}),
    Try("weight-penalty-set", files=XGBOOST),
    Try("external-model-integrated", values={"HUGGINGFACE_IMAGE_URI": PYTORCH}),
    Try("tensorflow-training-run", cannot=SDK),
    Try("pytorch-training-run", cannot=SDK),
    Try("jumpstart-fine-tuning-run", cannot=SDK),
    Try(
        "bedrock-model-customized",
        functools.partial(uploaded, "train.jsonl", "validation.jsonl"),
        values={"BASE_MODEL_ID": BASE_MODEL, "JOB": "tone", "MODEL": "tone"},
    ),
    Try(
        "bedrock-customization-validated",
        without_validation,
        was="failed",
        verdict="partial",
        files={"job.json": CUSTOMIZATION},
    ),
    Try("amt-tuning-job-completed", files={"tuning.json": search("Bayesian"), "definition.json": DEFINITION}),
    Try("ensemble-trained", files=XGBOOST),
    Try("model-pruned", files=XGBOOST),
    Try("model-compressed", functools.partial(uploaded, "models/model.tar.gz")),
    Try(
        "generalization-gap-small",
        by_heart,
        was="failed",
        files=XGBOOST,
        after=functools.partial(measured, "simpler-1", train_auc=0.92, validation_auc=0.9),
    ),
    Try("managed-spot-training-used", files={"job.json": job()}),
    Try("spot-training-checkpointed", without_checkpoints, files={"job.json": SPOT}),
    Try(
        "registry-versions-kept",
        values={"GROUP": "churn"},
        files={"inference.json": INFERENCE},
        after=second_version,
    ),
    Try("registry-approvals-justified", approved_for_no_reason, was="failed", values={"ARN": version}),
]
