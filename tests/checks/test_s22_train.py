from __future__ import annotations

import datetime
from typing import Any

import boto3
import msgspec
from moto import mock_aws

from harness import ACCOUNT, IDENTITY, NOW, REGION, Case, Emulated, by_calls, by_value
from readiness import Record
from readiness.aws.bedrock import CustomizationValidation, ModelCustomizationJob, Validation, Validator
from readiness.aws.bedrock_imports import ModelImportJob
from readiness.aws.sagemaker.algorithms import ModelOrigin, ServedModel, SourcedContainer
from readiness.aws.sagemaker.compilation import CompilationJob
from readiness.aws.sagemaker.optimization import OptimizationJob
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
    Generalization,
    PendingReview,
    algorithm_early_stopping,
    amt_tuning_job_completed,
    bedrock_customization_validated,
    bedrock_model_customized,
    distributed_training_run,
    dropout_set,
    ensemble_trained,
    external_model_integrated,
    generalization_gap_small,
    hyperparameters_varied,
    jumpstart_fine_tuning_run,
    managed_spot_training_used,
    metric_improved,
    model_compressed,
    model_pruned,
    model_size_varied,
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


def origin(image: str, uri: str = "s3://data/models/model.tar.gz", **environment: str) -> ModelOrigin:
    return ModelOrigin(
        model_name="m",
        model_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/m",
        primary_container=SourcedContainer(image=image, environment=ServedModel(**environment), model_data_url=uri),
    )


def imported(status: str = "Completed") -> ModelImportJob:
    return ModelImportJob(
        job_arn=f"arn:aws:bedrock:{REGION}:{ACCOUNT}:model-import-job/1",
        job_name="llama",
        status=status,
        creation_time=NOW,
    )


def optimized(kind: str = "Quantization", status: str = "COMPLETED") -> OptimizationJob:
    return OptimizationJob(
        optimization_job_name="small",
        optimization_job_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:optimization-job/small",
        optimization_job_status=status,
        creation_time=NOW,
        optimization_types=[kind],
    )


def compiled(status: str = "COMPLETED") -> CompilationJob:
    return CompilationJob(
        compilation_job_name="edge",
        compilation_job_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:compilation-job/edge",
        compilation_job_status=status,
        creation_time=NOW,
    )


def depth(name: str, value: str, **more: Any) -> Any:
    return training_job(name, parameters={"max_depth": value}, **more)


def scored(name: str, **metrics: float) -> Any:
    return training_job(name, metrics={key.replace("_", ":", 1): value for key, value in metrics.items()})


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
    Case(model_size_varied, "nothing there", [], "absent"),
    Case(model_size_varied, "two depths", [depth("a", "3"), depth("b", "6")], "passed"),
    Case(model_size_varied, "one depth", [depth("a", "3"), depth("b", "3")], "failed",
         bad=["no other size", "no other size"]),
    Case(model_size_varied, "the other one failed", [depth("a", "3"), depth("b", "6", status="Failed")], "failed",
         bad=["no other size"]),
    Case(model_size_varied, "the tries of a search", [
        depth("a", "3", tuning_job_arn="arn:t"), depth("b", "6", tuning_job_arn="arn:t")], "absent"),
    Case(model_size_varied, "two algorithms", [
        depth("a", "3"), depth("b", "6", image=PYTORCH)], "failed", bad=["max_depth 3", "max_depth 6"]),
    Case(metric_improved, "nothing there", [], "absent"),
    Case(metric_improved, "better at the second try", [
        scored("a", validation_auc=0.8), scored("b", validation_auc=0.9)], "passed"),
    Case(metric_improved, "an error that fell", [
        scored("a", validation_rmse=9), scored("b", validation_rmse=7)], "passed"),
    Case(metric_improved, "worse", [scored("a", validation_auc=0.9), scored("b", validation_auc=0.8)], "failed",
         bad=["validation:auc 0.8, 0.9 at first"]),
    Case(metric_improved, "better on what it was trained on only", [
        scored("a", train_auc=0.8), scored("b", train_auc=0.9)], "absent"),
    Case(metric_improved, "other data", [
        scored("a", validation_auc=0.8),
        training_job("b", metrics={"validation:auc": 0.9}, channels={"train": "s3://data/more/"})], "absent"),
    Case(metric_improved, "a try of a search", [
        training_job("a", metrics={"validation:auc": 0.8}, tuning_job_arn="arn:t"),
        training_job("b", metrics={"validation:auc": 0.9}, tuning_job_arn="arn:t")], "passed"),
    Case(metric_improved, "nobody knows which is better", [
        scored("a", validation_silhouette=0.8), scored("b", validation_silhouette=0.9)], "absent"),
    Case(hyperparameters_varied, "nothing there", [], "absent"),
    Case(hyperparameters_varied, "another learning rate", [
        training_job("a", parameters={"eta": "0.1"}), training_job("b", parameters={"eta": "0.3"})], "passed"),
    Case(hyperparameters_varied, "the same again", [training_job("a"), training_job("b")], "failed", bad=["the same"]),
    Case(hyperparameters_varied, "only what the SDK adds", [
        training_job("a", parameters={"sagemaker_program": "a.py"}),
        training_job("b", parameters={"sagemaker_program": "b.py"})], "failed", bad=["the same"]),
    Case(hyperparameters_varied, "other data", [
        training_job("a", parameters={"eta": "0.1"}),
        training_job("b", parameters={"eta": "0.3"}, channels={"train": "s3://data/more/"})], "absent"),
    Case(hyperparameters_varied, "two searched", [
        tuning_job(), tuning_plan(numeric=(NumericRange(name="eta"), NumericRange(name="alpha")))], "passed"),
    Case(hyperparameters_varied, "one searched", [tuning_job(), tuning_plan()], "failed", bad=["searched: eta"]),
    Case(external_model_integrated, "nothing there", [], "absent"),
    Case(external_model_integrated, "own container", [origin(f"{OWN_REGISTRY}/serve:1")], "passed"),
    Case(external_model_integrated, "a model of the hub", [
        origin(PYTORCH, hf_model_id="distilbert-base-uncased")], "passed"),
    Case(external_model_integrated, "AWS's container", [origin(PYTORCH)], "absent"),
    Case(external_model_integrated, "JumpStart's files", [
        origin(PYTORCH, f"{JUMPSTART}/llm/", hf_model_id="/opt/ml/model")], "absent"),
    Case(external_model_integrated, "imported to Bedrock", [imported()], "passed"),
    Case(external_model_integrated, "an import that failed", [imported("Failed")], "failed", bad=["failed"]),
    Case(generalization_gap_small, "nothing there", [], "absent"),
    Case(generalization_gap_small, "close", [scored("a", train_auc=0.93, validation_auc=0.9)], "passed"),
    Case(generalization_gap_small, "overfitted", [
        scored("a", train_auc=0.99, validation_auc=0.8)], "failed", bad=["auc is overfitted"]),
    Case(generalization_gap_small, "overfitted, by another measure", [
        scored("a", train_auc=0.93, validation_auc=0.9)], "failed", bad=["overfitted"],
        settings=[Generalization(score_gap=0.01)]),
    Case(generalization_gap_small, "an error much larger", [
        scored("a", train_rmse=5, validation_rmse=8)], "failed", bad=["rmse is overfitted"]),
    Case(generalization_gap_small, "an error a little larger", [
        scored("a", train_rmse=5, validation_rmse=5.5)], "passed"),
    Case(generalization_gap_small, "no better than chance", [
        scored("a", train_auc=0.5, validation_auc=0.51)], "failed", bad=["chance"]),
    Case(generalization_gap_small, "mended since", [
        scored("a", train_auc=0.99, validation_auc=0.8), scored("b", train_auc=0.91, validation_auc=0.9)], "passed"),
    Case(generalization_gap_small, "one side only", [scored("a", validation_auc=0.8)], "absent"),
    Case(generalization_gap_small, "a try of a search", [
        training_job("a", metrics={"train:auc": 0.99, "validation:auc": 0.8}, tuning_job_arn="arn:t")], "absent"),
    Case(model_pruned, "nothing there", [], "absent"),
    Case(model_pruned, "branches cut", [training_job(parameters={"gamma": "2"})], "passed"),
    Case(model_pruned, "a network", [training_job(image=PYTORCH, parameters={"sparsity": "0.5"})], "passed"),
    Case(model_pruned, "nothing cut", [training_job(parameters={"gamma": "0"})], "absent"),
    Case(model_pruned, "another thing called gamma", [
        training_job(image=f"{REGISTRY}/image-classification:1", parameters={"gamma": "0.9"})], "absent"),
    Case(model_pruned, "failed", [training_job(parameters={"gamma": "2"}, status="Failed")], "failed", bad=["gamma 2"]),
    Case(model_compressed, "nothing there", [], "absent"),
    Case(model_compressed, "quantized", [optimized()], "passed"),
    Case(model_compressed, "only sharded", [optimized("Sharding")], "absent"),
    Case(model_compressed, "quantization failed", [optimized(status="FAILED")], "failed", bad=["quantization, failed"]),
    Case(model_compressed, "compiled", [compiled()], "passed"),
    Case(model_compressed, "not compiled", [compiled("FAILED")], "failed", bad=["compilation, failed"]),
    Case(model_compressed, "distilled", [customized(kind="DISTILLATION")], "passed"),
    Case(model_compressed, "fine-tuned only", [customized()], "absent"),
    Case(model_compressed, "quantized when loaded", [origin(PYTORCH, option_quantize="awq")], "passed"),
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


def deeper_and_better() -> None:
    for name, value, auc in (("depth-1", "3", 0.85), ("depth-2", "8", 0.9)):
        measured = [
            {"MetricName": "validation:auc", "Dimensions": [{"Name": "TrainingJobName", "Value": name}], "Value": auc},
            {"MetricName": "train:auc", "Dimensions": [{"Name": "TrainingJobName", "Value": name}], "Value": 0.92},
        ]
        start_training(name, parameters={"num_round": "100", "max_depth": value, "gamma": "1"})
        boto3.client("cloudwatch", REGION).put_metric_data(Namespace="/aws/sagemaker/TrainingJobs", MetricData=measured)


def overfitted() -> None:
    deeper_and_better()
    of_job = [{"Name": "TrainingJobName", "Value": "depth-2"}]
    boto3.client("cloudwatch", REGION).put_metric_data(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricData=[{"MetricName": "train:auc", "Dimensions": of_job, "Value": 1.0}],
    )
    boto3.client("cloudwatch", REGION).put_metric_data(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricData=[{"MetricName": "validation:auc", "Dimensions": of_job, "Value": 0.7}],
    )


def deleted_trainings() -> None:
    deeper_and_better()
    for name in ("depth-1", "depth-2"):
        boto3.client("sagemaker", REGION).delete_training_job(TrainingJobName=name)


def tuned_two() -> None:
    numeric = [
        {"Name": name, "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"} for name in ("eta", "alpha")
    ]
    start_tuning("two-1", ranges={"ContinuousParameterRanges": numeric})


def created_model(image: str, **environment: str) -> None:
    boto3.client("sagemaker", REGION).create_model(
        ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image, "Environment": environment}
    )


def model_of_the_hub() -> None:
    created_model(PYTORCH, HF_MODEL_ID="distilbert-base-uncased", HF_TOKEN="not-kept")


def model_of_aws() -> None:
    created_model(PYTORCH)


def quantized_model() -> None:
    created_model(PYTORCH, OPTION_QUANTIZE="awq")


def deleted_model() -> None:
    model_of_the_hub()
    boto3.client("sagemaker", REGION).delete_model(ModelName="m")


def neo() -> None:
    boto3.client("s3", REGION).create_bucket(Bucket="data")
    boto3.client("s3", REGION).put_object(Bucket="data", Key="models/model.tar.gz", Body=b"model")
    boto3.client("iam", REGION).create_role(RoleName=ROLE.rpartition("/")[2], AssumeRolePolicyDocument="{}")
    boto3.client("sagemaker", REGION).create_compilation_job(
        CompilationJobName="edge-1",
        RoleArn=ROLE,
        InputConfig={"S3Uri": "s3://data/models/model.tar.gz", "DataInputConfig": "{}", "Framework": "XGBOOST"},
        OutputConfig={"S3OutputLocation": "s3://data/compiled/", "TargetDevice": "ml_c5"},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )


EMULATED: list[Emulated] = [
    (model_size_varied, xgboost_training, "absent"),
    (model_size_varied, deeper_and_better, "passed"),
    (model_size_varied, deleted_trainings, "absent"),
    (metric_improved, xgboost_training, "absent"),
    (metric_improved, deeper_and_better, "passed"),
    (metric_improved, overfitted, "failed"),
    (hyperparameters_varied, xgboost_training, "absent"),
    (hyperparameters_varied, deeper_and_better, "passed"),
    (hyperparameters_varied, tuned_xgboost, "failed"),
    (hyperparameters_varied, tuned_two, "passed"),
    (external_model_integrated, model_of_aws, "absent"),
    (external_model_integrated, model_of_the_hub, "passed"),
    (external_model_integrated, deleted_model, "absent"),
    (generalization_gap_small, xgboost_training, "absent"),
    (generalization_gap_small, deeper_and_better, "passed"),
    (generalization_gap_small, overfitted, "failed"),
    (model_pruned, xgboost_training, "absent"),
    (model_pruned, deeper_and_better, "passed"),
    (model_pruned, deleted_trainings, "absent"),
    (model_compressed, model_of_aws, "absent"),
    (model_compressed, quantized_model, "passed"),
    (model_compressed, neo, "passed"),
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
