from __future__ import annotations

from typing import Any

import boto3

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value
from readiness.aws.sagemaker.automl import (
    AutoMLJob,
    BestCandidate,
    CandidateMetric,
    CandidateProperties,
    CandidateReports,
)
from readiness.aws.sagemaker.experiments import Experiment, ExperimentRun, MlflowApp, RunStatus, TrackingServer
from readiness.aws.sagemaker.registry import (
    BiasReports,
    DriftCheckBaselines,
    ExplainabilityReports,
    ModelMetrics,
    ModelPackageDecision,
    QualityReports,
    S3Report,
)
from readiness.aws.sagemaker.training import AppSpecification, ProcessingJob, RuleEvaluation, TensorBoard
from readiness.aws.sagemaker.tuning import BestObjectiveNotImproving, CompletionCriteria, ConvergenceDetected
from readiness_mla.s23_analyze import (
    auc_recorded,
    clarify_explainability_run,
    clarify_posttraining_bias_run,
    classification_metrics_recorded,
    confusion_matrix_recorded,
    convergence_monitored,
    debugger_rules_used,
    experiment_tracking_in_use,
    performance_baseline_registered,
    rmse_recorded,
    train_and_validation_metrics,
    training_tradeoff_compared,
)
from sagemaker_jobs import (
    AUTOPILOT,
    PYTORCH,
    REGISTRY,
    ROLE,
    start_training,
    start_tuning,
    training_job,
    tuning_job,
    tuning_plan,
)

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
REPORT = S3Report(s3_uri="s3://data/report.json")
CLARIFY = f"205585389593.dkr.ecr.{REGION}.amazonaws.com/sagemaker-clarify-processing:1.0"
EXPERIMENT = Experiment(experiment_name="churn", experiment_arn=f"{ARN}:experiment/churn")


def measured(metrics: dict[str, float], **more: Any) -> Any:
    return training_job(metrics=metrics, **more)


def autopilot(metric: str, insights: str = "s3://data/insights/") -> AutoMLJob:
    reports = CandidateReports(model_insights=insights)
    best = BestCandidate(
        candidate_name="best",
        final_auto_ml_job_objective_metric=CandidateMetric(metric_name=metric),
        candidate_properties=CandidateProperties(candidate_artifact_locations=reports),
    )
    return AutoMLJob(
        auto_ml_job_name="churn",
        auto_ml_job_arn=AUTOPILOT,
        auto_ml_job_status="Completed",
        creation_time=NOW,
        best_candidate=best,
    )


def registered(**more: Any) -> ModelPackageDecision:
    return ModelPackageDecision(model_package_arn=f"{ARN}:model-package/churn/1", creation_time=NOW, **more)


def run(number: int, status: str = "Completed", experiment: str = "churn") -> ExperimentRun:
    return ExperimentRun(
        experiment_name=experiment,
        trial_component_arn=f"{ARN}:experiment-trial-component/{number}",
        status=RunStatus(primary_status=status),
    )


def server(status: str) -> TrackingServer:
    arn = f"{ARN}:mlflow-tracking-server/m"
    return TrackingServer(tracking_server_name="m", tracking_server_arn=arn, tracking_server_status=status)


def clarify(name: str, status: str = "Completed", image: str = CLARIFY, **more: Any) -> ProcessingJob:
    return ProcessingJob(
        processing_job_name=name,
        processing_job_arn=f"{ARN}:processing-job/{name}",
        processing_job_status=status,
        creation_time=NOW,
        app_specification=AppSpecification(image_uri=image),
        **more,
    )


def debugged(rule: str, status: str, **more: Any) -> Any:
    evaluation = RuleEvaluation(rule_configuration_name=rule, rule_evaluation_status=status)
    return training_job(debug_rule_evaluation_statuses=[evaluation], **more)


def criteria(**more: Any) -> Any:
    return tuning_plan(tuning_job_completion_criteria=CompletionCriteria(**more))


CASES = [
    Case(confusion_matrix_recorded, "nothing there", [], "absent"),
    Case(confusion_matrix_recorded, "by a script", [measured({"test:confusion_tp": 80})], "passed"),
    Case(confusion_matrix_recorded, "Autopilot on a classifier", [autopilot("F1")], "passed"),
    Case(confusion_matrix_recorded, "Autopilot on a regression", [autopilot("MSE")], "absent"),
    Case(confusion_matrix_recorded, "Autopilot without a report", [autopilot("F1", "")], "absent"),

    Case(classification_metrics_recorded, "nothing there", [], "absent"),
    Case(classification_metrics_recorded, "F1 of XGBoost", [measured({"validation:f1": 0.8})], "passed"),
    Case(classification_metrics_recorded, "accuracy of Keras", [measured({"val_acc": 0.9})], "passed"),
    Case(classification_metrics_recorded, "linear learner", [
        measured({"validation:binary_classification_accuracy": 0.9})], "passed"),
    Case(classification_metrics_recorded, "CamelCase", [measured({"BalancedAccuracy": 0.9})], "passed"),
    Case(classification_metrics_recorded, "only a loss", [measured({"validation:logloss": 0.4})], "absent"),
    Case(classification_metrics_recorded, "of a job that failed", [
        measured({"val_acc": 0.9}, status="Failed")], "failed", bad=["val_acc"]),
    Case(classification_metrics_recorded, "Autopilot's own job", [
        measured({"validation:f1": 0.8}, auto_ml_job_arn=AUTOPILOT)], "absent"),
    Case(rmse_recorded, "nothing there", [], "absent"),
    Case(rmse_recorded, "XGBoost", [measured({"validation:rmse": 3.2})], "passed"),
    Case(rmse_recorded, "DeepAR", [measured({"test:RMSE": 3.2})], "passed"),
    Case(rmse_recorded, "another error", [measured({"validation:mae": 3.2})], "absent"),
    Case(auc_recorded, "nothing there", [], "absent"),
    Case(auc_recorded, "XGBoost", [measured({"validation:auc": 0.9})], "passed"),
    Case(auc_recorded, "linear learner", [measured({"validation:roc_auc_score": 0.9})], "passed"),
    Case(auc_recorded, "under the precision-recall curve", [measured({"validation:aucpr": 0.9})], "absent"),
    Case(auc_recorded, "another word", [measured({"validation:sauce": 0.9})], "absent"),

    Case(train_and_validation_metrics, "nothing there", [], "absent"),
    Case(train_and_validation_metrics, "XGBoost", [measured({"train:auc": 0.99, "validation:auc": 0.9})], "passed"),
    Case(train_and_validation_metrics, "Keras", [measured({"loss": 0.1, "val_loss": 0.3})], "passed"),
    Case(train_and_validation_metrics, "Hugging Face", [measured({"train_loss": 0.1, "eval_loss": 0.3})], "passed"),
    Case(train_and_validation_metrics, "one side", [measured({"train:auc": 0.99})], "absent"),
    Case(train_and_validation_metrics, "two metrics", [measured({"train:auc": 0.99, "validation:f1": 0.9})], "absent"),
    Case(train_and_validation_metrics, "of a job that was stopped", [
        measured({"loss": 0.1, "val_loss": 0.3}, status="Stopped")], "failed", bad=["loss on training"]),

    Case(performance_baseline_registered, "nothing there", [], "absent"),
    Case(performance_baseline_registered, "with one", [registered(
        drift_check_baselines=DriftCheckBaselines(model_quality=QualityReports(statistics=REPORT)))], "passed"),
    Case(performance_baseline_registered, "metrics only", [registered(
        model_metrics=ModelMetrics(model_quality=QualityReports(statistics=REPORT)))], "absent"),

    Case(convergence_monitored, "nothing there", [], "absent"),
    Case(convergence_monitored, "TensorBoard", [
        training_job(tensor_board_output_config=TensorBoard(s3_output_path="s3://data/tb/"))], "passed"),
    Case(convergence_monitored, "ends on convergence", [tuning_job(), criteria(
        convergence_detected=ConvergenceDetected(complete_on_convergence="Enabled"))], "passed"),
    Case(convergence_monitored, "ends without improvement", [tuning_job(), criteria(
        best_objective_not_improving=BestObjectiveNotImproving(max_number_of_training_jobs_not_improving=5))],
        "passed"),
    Case(convergence_monitored, "ends at a value", [
        tuning_job(), criteria(target_objective_metric_value=0.9)], "absent"),
    Case(convergence_monitored, "no criterion", [tuning_job(), tuning_plan()], "absent"),

    Case(training_tradeoff_compared, "nothing there", [], "absent"),
    Case(training_tradeoff_compared, "two types", [
        training_job("a"), training_job("b", machines=("ml.c5.xlarge", 1))], "passed"),
    Case(training_tradeoff_compared, "one type", [training_job("a"), training_job("b")], "absent"),
    Case(training_tradeoff_compared, "other data", [training_job("a"), training_job(
        "b", machines=("ml.c5.xlarge", 1), channels={"train": "s3://data/other/"})], "absent"),
    Case(training_tradeoff_compared, "a retry after no capacity", [
        training_job("a", status="Failed"), training_job("b", machines=("ml.c5.xlarge", 1))], "absent"),
    Case(training_tradeoff_compared, "children of a tuning job", [
        training_job("a", tuning_job_arn="arn:t"),
        training_job("b", tuning_job_arn="arn:t", machines=("ml.c5.xlarge", 1))], "absent"),

    Case(experiment_tracking_in_use, "nothing there", [], "absent"),
    Case(experiment_tracking_in_use, "two runs", [EXPERIMENT, run(1), run(2)], "passed"),
    Case(experiment_tracking_in_use, "one run", [EXPERIMENT, run(1)], "failed", bad=["one run only"]),
    Case(experiment_tracking_in_use, "one run failed", [
        EXPERIMENT, run(1), run(2, "Failed")], "failed", bad=["one run only"]),
    Case(experiment_tracking_in_use, "no run", [EXPERIMENT, run(1, experiment="other")], "failed", bad=["no run"]),
    Case(experiment_tracking_in_use, "an MLflow server", [server("Stopped")], "passed"),
    Case(experiment_tracking_in_use, "an MLflow server that was never made", [
        server("CreateFailed")], "failed", bad=["createfailed"]),
    Case(experiment_tracking_in_use, "an MLflow app", [
        MlflowApp(arn=f"{ARN}:mlflow-app/a", name="a", status="Created")], "passed"),

    Case(clarify_explainability_run, "nothing there", [], "absent"),
    Case(clarify_explainability_run, "by the SDK", [clarify("Clarify-Explainability-2026-01-01")], "passed"),
    Case(clarify_explainability_run, "bias and explainability", [
        clarify("Clarify-Bias-And-Explainability-1")], "passed"),
    Case(clarify_explainability_run, "bias only", [clarify("Clarify-Pretraining-Bias-1")], "absent"),
    Case(clarify_explainability_run, "failed", [
        clarify("Clarify-Explainability-1", "Failed")], "failed", bad=["failed"]),
    Case(clarify_explainability_run, "another image", [clarify("explain", image=PYTORCH)], "absent"),
    Case(clarify_explainability_run, "a monitoring schedule's", [
        clarify("model-explainability-monitoring-1", monitoring_schedule_arn="arn:m")], "absent"),
    Case(clarify_explainability_run, "Autopilot's", [
        clarify("x-explainability-1", auto_ml_job_arn=AUTOPILOT)], "absent"),
    Case(clarify_explainability_run, "a registered report", [registered(
        model_metrics=ModelMetrics(explainability=ExplainabilityReports(report=REPORT)))], "passed"),
    Case(clarify_posttraining_bias_run, "nothing there", [], "absent"),
    Case(clarify_posttraining_bias_run, "by the SDK", [clarify("Clarify-Posttraining-Bias-1")], "passed"),
    Case(clarify_posttraining_bias_run, "both kinds", [clarify("Clarify-Bias-1")], "passed"),
    Case(clarify_posttraining_bias_run, "pre-training only", [clarify("Clarify-Pretraining-Bias-1")], "absent"),
    Case(clarify_posttraining_bias_run, "failed", [
        clarify("Clarify-Posttraining-Bias-1", "Failed")], "failed", bad=["failed"]),
    Case(clarify_posttraining_bias_run, "a registered report", [registered(
        model_metrics=ModelMetrics(bias=BiasReports(post_training_report=REPORT)))], "passed"),

    Case(debugger_rules_used, "nothing there", [], "absent"),
    Case(debugger_rules_used, "a rule", [debugged("LossNotDecreasing", "NoIssuesFound")], "passed"),
    Case(debugger_rules_used, "a rule that erred", [debugged("Overfit", "Error")], "failed", bad=["Overfit Error"]),
    Case(debugger_rules_used, "the default report", [debugged("ProfilerReport-1", "NoIssuesFound")], "absent"),
    Case(debugger_rules_used, "Autopilot's", [
        debugged("Overfit", "NoIssuesFound", auto_ml_job_arn=AUTOPILOT)], "absent"),
]  # fmt: skip


test_verdict = by_value(CASES)


def nothing() -> None:
    pass


def one_training() -> None:
    start_training("xgboost-1")


def two_clusters() -> None:
    start_training("xgboost-small")
    start_training("xgboost-large", machines=("ml.c5.xlarge", 1))


def training_with_tensorboard() -> None:
    start_training("tensorboard-1", TensorBoardOutputConfig={"S3OutputPath": "s3://data/tensorboard/"})


def converging_search() -> None:
    start_tuning(
        "converging-1", TuningJobCompletionCriteria={"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}
    )


def processing(name: str, image: str) -> None:
    boto3.client("sagemaker", REGION).create_processing_job(
        ProcessingJobName=name,
        RoleArn=ROLE,
        AppSpecification={"ImageUri": image},
        ProcessingResources={
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
        },
    )


def explained() -> None:
    processing("Clarify-Explainability-2026-11-01", CLARIFY)


def post_training_bias() -> None:
    processing("Clarify-Posttraining-Bias-2026-11-01", CLARIFY)


def prepared() -> None:
    processing("prepare", f"{REGISTRY}/sagemaker-scikit-learn:1.2-1")


def registered_with_baseline() -> None:
    sagemaker = boto3.client("sagemaker", REGION)
    report = {"ContentType": "application/json", "S3Uri": "s3://data/statistics.json"}
    sagemaker.create_model_package_group(ModelPackageGroupName="forecast")
    sagemaker.create_model_package(
        ModelPackageGroupName="forecast",
        InferenceSpecification={
            "Containers": [{"Image": PYTORCH, "ModelDataUrl": "s3://data/models/model.tar.gz"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
        DriftCheckBaselines={"ModelQuality": {"Statistics": report}},
    )


EMULATED: list[Emulated] = [
    (classification_metrics_recorded, one_training, "absent"),
    (rmse_recorded, one_training, "absent"),
    (auc_recorded, one_training, "absent"),
    (train_and_validation_metrics, one_training, "absent"),
    (convergence_monitored, one_training, "absent"),
    (convergence_monitored, training_with_tensorboard, "passed"),
    (convergence_monitored, converging_search, "passed"),
    (training_tradeoff_compared, one_training, "absent"),
    (training_tradeoff_compared, two_clusters, "passed"),
    (performance_baseline_registered, nothing, "absent"),
    (performance_baseline_registered, registered_with_baseline, "passed"),
    (clarify_explainability_run, prepared, "absent"),
    (clarify_explainability_run, explained, "passed"),
    (clarify_posttraining_bias_run, explained, "absent"),
    (clarify_posttraining_bias_run, post_training_bias, "passed"),
    (debugger_rules_used, one_training, "absent"),
]


test_emulated = by_calls(EMULATED)
