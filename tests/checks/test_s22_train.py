from __future__ import annotations

import datetime
from typing import Any

import boto3
import msgspec
from moto import mock_aws

from harness import ACCOUNT, IDENTITY, NOW, REGION, Case, Emulated, by_calls, by_value
from readiness import Record
from readiness.aws.bedrock import CustomizationValidation, ModelCustomizationJob, Validation, Validator
from readiness.aws.sagemaker.registry import (
    ModelMetrics,
    ModelPackage,
    ModelPackageDecision,
    ModelPackageGroup,
    QualityReports,
    S3Report,
)
from readiness.aws.sagemaker.training import Checkpoints, InstanceGroup, TrainingCluster
from readiness.aws.sagemaker.tuning import NumericRange
from readiness.scan import scan
from readiness_mla.s22_train import (
    PendingReview,
    algorithm_early_stopping,
    amt_tuning_job_completed,
    bedrock_customization_validated,
    bedrock_model_customized,
    distributed_training_run,
    dropout_set,
    ensemble_trained,
    jumpstart_fine_tuning_run,
    managed_spot_training_used,
    pytorch_training_run,
    registry_approvals_justified,
    registry_versions_kept,
    spot_training_checkpointed,
    tensorflow_training_run,
    training_schedule_set,
    weight_penalty_set,
)
from sagemaker_jobs import (
    AUTOPILOT,
    JUMPSTART,
    OWN_REGISTRY,
    PYTORCH,
    REGISTRY,
    ROLE,
    TENSORFLOW,
    start_training,
    start_tuning,
    training_arn,
    training_job,
    tuning_arn,
    tuning_job,
    tuning_plan,
)

CUSTOMIZATION = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:model-customization-job/1"
CHECKPOINTS = Checkpoints(s3_uri="s3://data/checkpoints/")
METRICS = ModelMetrics(model_quality=QualityReports(statistics=S3Report(s3_uri="s3://data/evaluation.json")))
LDA = f"{REGISTRY}/lda:1"
MOBILENET = {"sagemaker-sdk:jumpstart-model-id": "tensorflow-ic-imagenet-mobilenet-v2"}
LIGHTGBM = {"sagemaker-sdk:jumpstart-model-id": "lightgbm-classification-model"}
AUTOMATIC = training_job("child", auto_ml_job_arn=AUTOPILOT, tuning_job_arn=tuning_arn("tune"))


def customized(status: str = "Completed", kind: str = "FINE_TUNING") -> ModelCustomizationJob:
    return ModelCustomizationJob(
        job_arn=CUSTOMIZATION,
        job_name="tune",
        status=status,
        base_model_arn=f"arn:aws:bedrock:{REGION}::foundation-model/amazon.nova-micro-v1:0",
        creation_time=NOW,
        customization_type=kind,
    )


def validated(*uris: str) -> CustomizationValidation:
    validators = [Validator(s3_uri=uri) for uri in uris]
    return CustomizationValidation(job_arn=CUSTOMIZATION, validation_data_config=Validation(validators=validators))


GROUP = ModelPackageGroup(
    model_package_group_name="churn",
    model_package_group_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package-group/churn",
    creation_time=NOW,
)


def version(number: int, days: int = 3, **more: Any) -> ModelPackage:
    return ModelPackage(
        model_package_group_name=more.pop("group", "churn"),
        model_package_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/churn/{number}",
        model_package_status=more.pop("status", "Completed"),
        creation_time=NOW - datetime.timedelta(days=days),
        model_package_version=number,
        **more,
    )


def decided(number: int, status: str, reason: str | None = None, metrics: ModelMetrics | None = None) -> Record:
    return ModelPackageDecision(
        model_package_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/churn/{number}",
        creation_time=NOW,
        model_approval_status=status,
        approval_description=reason,
        model_metrics=metrics or ModelMetrics(),
    )


def decision(status: str, reason: str | None = None, metrics: ModelMetrics | None = None) -> list[Record]:
    return [GROUP, version(1), decided(1, status, reason, metrics)]


def spot(seconds: int = 600, **more: Any) -> Any:
    times: dict[str, Any] = {"training_time_in_seconds": seconds, "billable_time_in_seconds": seconds // 4}
    return training_job(enable_managed_spot_training=True, **times, **more)


CASES = [
    Case(training_schedule_set, "nothing there", [], "absent"),
    Case(training_schedule_set, "rounds", [training_job(parameters={"num_round": "50"})], "passed"),
    Case(training_schedule_set, "a script's batch size", [
        training_job(image=PYTORCH, parameters={"dashed_batch_size": "64"})], "passed"),
    Case(training_schedule_set, "neither", [training_job(parameters={"eta": "0.1"})], "absent"),
    Case(training_schedule_set, "JumpStart's defaults", [
        training_job(image=PYTORCH, tags=MOBILENET, parameters={"epochs": "3"})], "absent"),
    Case(training_schedule_set, "only failed", [
        training_job(status="Failed", parameters={"epochs": "3"})], "failed", bad=["epochs 3"]),

    Case(algorithm_early_stopping, "nothing there", [], "absent"),
    Case(algorithm_early_stopping, "with a validation channel", [
        training_job(parameters={"early_stopping_rounds": "10"})], "passed"),
    Case(algorithm_early_stopping, "without a validation channel", [
        training_job(parameters={"early_stopping_rounds": "10"}, channels={"train": "s3://data/"})],
        "failed", bad=["no validation channel"]),
    Case(algorithm_early_stopping, "switched off", [training_job(parameters={"early_stopping": "False"})], "absent"),

    Case(distributed_training_run, "nothing there", [], "absent"),
    Case(distributed_training_run, "one machine", [training_job()], "absent"),
    Case(distributed_training_run, "two machines", [training_job(machines=("ml.m5.large", 2))], "passed"),
    Case(distributed_training_run, "groups of machines", [msgspec.structs.replace(
        training_job(), resource_config=TrainingCluster(instance_groups=[
            InstanceGroup(instance_type="ml.c5.xlarge", instance_count=1),
            InstanceGroup(instance_type="ml.m5.xlarge", instance_count=1)]))], "passed"),
    Case(distributed_training_run, "several GPUs and a switch", [training_job(image=PYTORCH,
        machines=("ml.g5.12xlarge", 1), parameters={"sagemaker_torch_distributed_enabled": "true"})], "passed"),
    Case(distributed_training_run, "several GPUs, no switch", [
        training_job(image=PYTORCH, machines=("ml.g5.12xlarge", 1))], "absent"),
    Case(distributed_training_run, "a switch on one GPU", [training_job(image=PYTORCH,
        machines=("ml.g5.8xlarge", 1), parameters={"sagemaker_torch_distributed_enabled": "true"})], "absent"),
    Case(distributed_training_run, "an algorithm that can't", [
        training_job(image=LDA, machines=("ml.m5.large", 2))], "failed", bad=["one machine only"]),
    Case(distributed_training_run, "failed for want of quota", [
        training_job(status="Failed", machines=("ml.m5.large", 2))], "failed", bad=["failed"]),

    Case(dropout_set, "nothing there", [], "absent"),
    Case(dropout_set, "set", [training_job(parameters={"dropout_rate": "0.2"})], "passed"),
    Case(dropout_set, "set to none", [training_job(parameters={"dropout": "0"})], "absent"),
    Case(dropout_set, "not a number", [training_job(parameters={"dropout": "auto"})], "absent"),
    Case(dropout_set, "searched", [
        tuning_job(), tuning_plan(numeric=(NumericRange(name="dropout"),))], "passed"),
    Case(weight_penalty_set, "nothing there", [], "absent"),
    Case(weight_penalty_set, "L1", [training_job(parameters={"alpha": "0.5"})], "passed"),
    Case(weight_penalty_set, "weight decay of a script", [
        training_job(image=PYTORCH, parameters={"dashed_weight_decay": '"0.01"'})], "passed"),
    Case(weight_penalty_set, "the default", [training_job(parameters={"lambda_": "1", "alpha": "0"})], "absent"),
    Case(weight_penalty_set, "left to the algorithm", [training_job(parameters={"wd": "auto"})], "absent"),
    Case(weight_penalty_set, "dropout is another thing", [training_job(parameters={"dropout": "0.5"})], "absent"),
    Case(weight_penalty_set, "searched by Autopilot", [
        tuning_job(), AUTOMATIC], "absent"),

    Case(tensorflow_training_run, "nothing there", [], "absent"),
    Case(tensorflow_training_run, "AWS's image", [training_job(image=TENSORFLOW)], "passed"),
    Case(tensorflow_training_run, "PyTorch", [training_job(image=PYTORCH)], "absent"),
    Case(pytorch_training_run, "nothing there", [], "absent"),
    Case(pytorch_training_run, "AWS's image", [training_job(image=PYTORCH)], "passed"),
    Case(pytorch_training_run, "Hugging Face", [
        training_job(image=f"{REGISTRY}/huggingface-pytorch-training:2.1")], "passed"),
    Case(pytorch_training_run, "own image that says so", [
        training_job(image=f"{OWN_REGISTRY}/team/my-pytorch:3")], "passed"),
    Case(pytorch_training_run, "only failed", [
        training_job(image=PYTORCH, status="Failed")], "failed", bad=["failed"]),
    Case(pytorch_training_run, "LightGBM runs on PyTorch's image", [
        training_job(image=PYTORCH, tags=LIGHTGBM)], "absent"),
    Case(pytorch_training_run, "Autopilot's own job", [
        training_job(image=PYTORCH, auto_ml_job_arn=AUTOPILOT)], "absent"),
    Case(pytorch_training_run, "JumpStart's script", [training_job(image=PYTORCH, parameters={
        "sagemaker_submit_directory": f'"{JUMPSTART}/source-directory-tarballs/pytorch/x.tar.gz"'})], "absent"),

    Case(jumpstart_fine_tuning_run, "nothing there", [], "absent"),
    Case(jumpstart_fine_tuning_run, "on own data", [training_job(image=TENSORFLOW, tags=MOBILENET,
        channels={"training": "s3://data/images/", "model": f"{JUMPSTART}/tensorflow/m.tar.gz"})], "passed"),
    Case(jumpstart_fine_tuning_run, "on sample data", [training_job(image=TENSORFLOW, tags=MOBILENET,
        channels={"training": f"{JUMPSTART}/training-datasets/flowers/", "model": f"{JUMPSTART}/tensorflow/m.tar.gz"})],
        "failed", bad=["sample data"]),
    Case(jumpstart_fine_tuning_run, "from nothing", [training_job(image=PYTORCH, tags=LIGHTGBM)], "absent"),

    Case(bedrock_model_customized, "nothing there", [], "absent"),
    Case(bedrock_model_customized, "fine-tuned", [customized()], "passed"),
    Case(bedrock_model_customized, "failed", [customized("Failed")], "failed", bad=["failed"]),
    Case(bedrock_model_customized, "imported", [customized(kind="IMPORTED")], "absent"),
    Case(bedrock_customization_validated, "nothing there", [], "absent"),
    Case(bedrock_customization_validated, "validated", [customized(), validated("s3://data/v.jsonl")], "passed"),
    Case(bedrock_customization_validated, "not validated", [
        customized(), validated()], "failed", bad=["no validation dataset"]),
    Case(bedrock_customization_validated, "distilled", [customized(kind="DISTILLATION"), validated()], "absent"),
    Case(bedrock_customization_validated, "failed", [customized("Failed"), validated()], "absent"),

    Case(amt_tuning_job_completed, "nothing there", [], "absent"),
    Case(amt_tuning_job_completed, "completed", [tuning_job()], "passed"),
    Case(amt_tuning_job_completed, "stopped by a criterion", [tuning_job(status="Stopped", completed=2)], "passed"),
    Case(amt_tuning_job_completed, "failed", [
        tuning_job(status="Failed", completed=0)], "failed", bad=["0 training jobs"]),
    Case(amt_tuning_job_completed, "a search of one", [
        tuning_job(completed=1, jobs=1)], "failed", bad=["1 training job"]),
    Case(amt_tuning_job_completed, "Autopilot's own search", [tuning_job(), AUTOMATIC], "absent"),

    Case(ensemble_trained, "nothing there", [], "absent"),
    Case(ensemble_trained, "XGBoost", [training_job()], "passed"),
    Case(ensemble_trained, "XGBoost with a script", [
        training_job(parameters={"sagemaker_program": "train.py"})], "passed"),
    Case(ensemble_trained, "LightGBM", [training_job(image=PYTORCH, tags=LIGHTGBM)], "passed"),
    Case(ensemble_trained, "a linear booster", [
        training_job(parameters={"booster": "gblinear"})], "failed", bad=["single learner"]),
    Case(ensemble_trained, "a single learner", [training_job(image=LDA)], "absent"),

    Case(managed_spot_training_used, "nothing there", [], "absent"),
    Case(managed_spot_training_used, "On-Demand", [training_job()], "absent"),
    Case(managed_spot_training_used, "Spot", [spot()], "passed"),
    Case(managed_spot_training_used, "no capacity", [spot(status="Failed")], "failed", bad=["failed, saved 75%"]),
    Case(managed_spot_training_used, "Autopilot's own job", [spot(auto_ml_job_arn=AUTOPILOT)], "absent"),
    Case(spot_training_checkpointed, "nothing there", [], "absent"),
    Case(spot_training_checkpointed, "On-Demand", [training_job(training_time_in_seconds=9000)], "absent"),
    Case(spot_training_checkpointed, "short, without", [spot()], "absent"),
    Case(spot_training_checkpointed, "long, with", [spot(9000, checkpoint_config=CHECKPOINTS)], "passed"),
    Case(spot_training_checkpointed, "long, without", [spot(9000)], "failed", bad=["150 minutes"]),

    Case(registry_versions_kept, "nothing there", [], "absent"),
    Case(registry_versions_kept, "two versions", [GROUP, version(1), version(2)], "passed"),
    Case(registry_versions_kept, "one version", [GROUP, version(1)], "failed", bad=["one version only"]),
    Case(registry_versions_kept, "an empty group", [GROUP], "failed", bad=["no version"]),
    Case(registry_versions_kept, "one failed", [GROUP, version(1), version(2, status="Failed")],
         "failed", bad=["one version only"]),
    Case(registry_versions_kept, "logged by MLflow", [GROUP, version(1), version(
        2, model_package_registration_type="Logged")], "failed", bad=["one version only"]),
    Case(registry_versions_kept, "of another group", [GROUP, version(1), version(2, group="other")],
         "failed", bad=["one version only"]),

    Case(registry_approvals_justified, "nothing there", [], "absent"),
    Case(registry_approvals_justified, "an empty group", [GROUP], "absent"),
    Case(registry_approvals_justified, "approved with both", decision("Approved", "AUC 0.91", METRICS), "passed"),
    Case(registry_approvals_justified, "approved without metrics", decision("Approved", "looks good"),
         "failed", bad=["without metrics"]),
    Case(registry_approvals_justified, "approved without a reason", decision("Approved", " ", METRICS),
         "failed", bad=["without a reason"]),
    Case(registry_approvals_justified, "rejected for having no metrics", decision("Rejected", "no metrics"), "passed"),
    Case(registry_approvals_justified, "pending since yesterday", decision("PendingManualApproval"), "absent"),
    Case(registry_approvals_justified, "pending for long", [
        GROUP, version(1, days=90), decided(1, "PendingManualApproval")], "failed", bad=["90 days"]),
    Case(registry_approvals_justified, "pending, with more patience", [
        GROUP, version(1, days=90), decided(1, "PendingManualApproval")], "absent", settings=[PendingReview(days=100)]),
    Case(registry_approvals_justified, "only the newest counts", [
        GROUP, version(1), version(2), decided(1, "Approved"), decided(2, "Approved", "better", METRICS)], "passed"),
]  # fmt: skip


test_verdict = by_value(CASES)


def nothing() -> None:
    pass


def xgboost_training() -> None:
    start_training("xgboost-1")


def careful_training() -> None:
    parameters = {"num_round": "500", "early_stopping_rounds": "10", "alpha": "0.5", "lambda": "2"}
    start_training("xgboost-careful", parameters={"objective": "binary:logistic", **parameters})


def two_machines() -> None:
    start_training("xgboost-wide", machines=("ml.m5.large", 2))


def pytorch_script() -> None:
    start_training(
        "pytorch-1", image=PYTORCH, parameters={"sagemaker_program": '"train.py"', "epochs": "3", "dropout": "0.2"}
    )


def tensorflow_script() -> None:
    start_training("tensorflow-1", image=TENSORFLOW, parameters={"sagemaker_program": '"train.py"', "epochs": "3"})


def fine_tuning() -> None:
    tags = [{"Key": key, "Value": value} for key, value in MOBILENET.items()]
    start_training("mobilenet-1", image=TENSORFLOW, parameters={}, Tags=tags)


def spot_training() -> None:
    start_training(
        "xgboost-spot",
        EnableManagedSpotTraining=True,
        StoppingCondition={"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 1200},
        CheckpointConfig={"S3Uri": "s3://data/checkpoints/"},
    )


def tuned_xgboost() -> None:
    start_tuning("bayesian-1")


def tuned_penalty() -> None:
    numeric = [{"Name": "alpha", "MinValue": "0.01", "MaxValue": "10", "ScalingType": "Logarithmic"}]
    start_tuning("penalty-1", ranges={"ContinuousParameterRanges": numeric})


def bedrock_fine_tuning() -> None:
    fine_tune("train.jsonl", "validation.jsonl")


def bedrock_fine_tuning_without_data() -> None:
    fine_tune()


def fine_tune(*files: str) -> None:
    boto3.client("s3", REGION).create_bucket(Bucket="data")
    for name in files:
        boto3.client("s3", REGION).put_object(Bucket="data", Key=name, Body=b"{}")
    boto3.client("iam", REGION).create_role(RoleName=ROLE.rpartition("/")[2], AssumeRolePolicyDocument="{}")
    boto3.client("bedrock", REGION).create_model_customization_job(
        jobName="tone",
        customModelName="tone",
        roleArn=ROLE,
        baseModelIdentifier="amazon.nova-micro-v1:0:128k",
        customizationType="FINE_TUNING",
        trainingDataConfig={"s3Uri": "s3://data/train.jsonl"},
        validationDataConfig={"validators": [{"s3Uri": "s3://data/validation.jsonl"}]},
        outputDataConfig={"s3Uri": "s3://data/custom/"},
        hyperParameters={"epochCount": "1"},
    )


def registered(*approvals: dict[str, Any]) -> None:
    sagemaker = boto3.client("sagemaker", REGION)
    sagemaker.create_model_package_group(ModelPackageGroupName="churn")
    for approval in approvals:
        arn = sagemaker.create_model_package(
            ModelPackageGroupName="churn",
            InferenceSpecification={
                "Containers": [{"Image": PYTORCH, "ModelDataUrl": "s3://data/models/model.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            ModelMetrics=approval.get("ModelMetrics", {}),
            ModelApprovalStatus="PendingManualApproval",
        )["ModelPackageArn"]
        if "ModelApprovalStatus" in approval:
            decision = {key: value for key, value in approval.items() if key.startswith(("Approval", "ModelApproval"))}
            sagemaker.update_model_package(ModelPackageArn=arn, **decision)


EVALUATION = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://data/evaluation.json"}}}
REASONED = {
    "ModelApprovalStatus": "Approved",
    "ApprovalDescription": "AUC 0.91, baseline 0.88",
    "ModelMetrics": EVALUATION,
}


def one_version() -> None:
    registered({})


def two_versions() -> None:
    registered({}, REASONED)


def waved_through() -> None:
    registered({"ModelApprovalStatus": "Approved"})


EMULATED: list[Emulated] = [
    (training_schedule_set, nothing, "absent"),
    (training_schedule_set, xgboost_training, "passed"),
    (algorithm_early_stopping, xgboost_training, "absent"),
    (algorithm_early_stopping, careful_training, "passed"),
    (distributed_training_run, xgboost_training, "absent"),
    (distributed_training_run, two_machines, "passed"),
    (dropout_set, xgboost_training, "absent"),
    (dropout_set, pytorch_script, "passed"),
    (weight_penalty_set, xgboost_training, "absent"),
    (weight_penalty_set, careful_training, "passed"),
    (weight_penalty_set, tuned_penalty, "passed"),
    (tensorflow_training_run, pytorch_script, "absent"),
    (tensorflow_training_run, tensorflow_script, "passed"),
    (pytorch_training_run, tensorflow_script, "absent"),
    (pytorch_training_run, pytorch_script, "passed"),
    (jumpstart_fine_tuning_run, tensorflow_script, "absent"),
    (jumpstart_fine_tuning_run, fine_tuning, "passed"),
    (bedrock_model_customized, nothing, "absent"),
    (bedrock_model_customized, bedrock_fine_tuning, "passed"),
    (bedrock_model_customized, bedrock_fine_tuning_without_data, "failed"),
    (amt_tuning_job_completed, nothing, "absent"),
    (amt_tuning_job_completed, tuned_xgboost, "passed"),
    (ensemble_trained, pytorch_script, "absent"),
    (ensemble_trained, xgboost_training, "passed"),
    (managed_spot_training_used, xgboost_training, "absent"),
    (managed_spot_training_used, spot_training, "passed"),
    (spot_training_checkpointed, spot_training, "passed"),
    (registry_versions_kept, nothing, "absent"),
    (registry_versions_kept, one_version, "failed"),
    (registry_versions_kept, two_versions, "passed"),
    (registry_approvals_justified, one_version, "absent"),
    (registry_approvals_justified, two_versions, "passed"),
    (registry_approvals_justified, waved_through, "failed"),
]


test_emulated = by_calls(EMULATED)


def test_no_secret_of_a_training_job_gets_into_a_snapshot() -> None:
    secret = "hf_0123456789abcdef"
    with mock_aws():
        start_training("leaky", parameters={"epochs": "3", "hf_token": secret}, Environment={"API_KEY": secret})
        session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)
        snapshot = scan(session, IDENTITY, [REGION], "test", [training_schedule_set.check])  # type: ignore[attr-defined]
    kept = msgspec.json.encode(snapshot)
    assert training_arn("leaky").encode() in kept
    assert secret.encode() not in kept
