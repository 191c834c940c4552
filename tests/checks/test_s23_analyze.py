from __future__ import annotations

import datetime
import json
from typing import Any

import boto3
import msgspec

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value
from readiness.aws.bedrock import CustomizationValidation, ModelCustomizationJob, TrainingMetrics, ValidationMetric
from readiness.aws.sagemaker.automl import (
    AutoMLJob,
    BestCandidate,
    CandidateMetric,
    CandidateProperties,
    CandidateReports,
)
from readiness.aws.sagemaker.experiments import Experiment, ExperimentRun, MlflowApp, RunStatus, TrackingServer
from readiness.aws.sagemaker.hosting import ClarifyExplainer, EndpointConfig, Explainer, Variant
from readiness.aws.sagemaker.monitoring import Baseline, Location, ModelQualityJobDefinition
from readiness.aws.sagemaker.pipelines import BaselineCheck, PipelineExecution, PipelineStepRun, StepMetadata
from readiness.aws.sagemaker.registry import (
    BiasBaselines,
    BiasReports,
    DriftCheckBaselines,
    ExplainabilityBaselines,
    ExplainabilityReports,
    ModelMetrics,
    ModelPackageDecision,
    QualityReports,
    S3Report,
)
from readiness.aws.sagemaker.shadow import InferenceExperiment
from readiness.aws.sagemaker.training import Algorithm, AppSpecification, ProcessingJob, RuleEvaluation, TensorBoard
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
    shadow_test_run,
    train_and_validation_metrics,
    training_inputs_reproducible,
    training_tradeoff_compared,
)
from sagemaker_jobs import (
    AUTOPILOT,
    OWN_REGISTRY,
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


def customized(training: float | None, *validation: float) -> list[Any]:
    job = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:model-customization-job/titan/1"
    return [
        ModelCustomizationJob(
            job_arn=job, job_name="titan", status="Completed", base_model_arn="arn:titan", creation_time=NOW
        ),
        CustomizationValidation(
            job_arn=job,
            training_metrics=TrainingMetrics(training_loss=training),
            validation_metrics=[ValidationMetric(validation_loss=loss) for loss in validation],
        ),
    ]


def checked(kind: str, status: str = "Succeeded") -> PipelineStepRun:
    check = BaselineCheck(check_type=kind)
    metadata = StepMetadata(quality_check=check) if "QUALITY" in kind else StepMetadata(clarify_check=check)
    return PipelineStepRun(
        pipeline_execution_arn=f"{ARN}:pipeline/checks/execution/a",
        step_name="Check",
        step_status=status,
        metadata=metadata,
    )


def quality_definition(baseline: Baseline | None) -> ModelQualityJobDefinition:
    return ModelQualityJobDefinition(
        job_definition_name="quality",
        job_definition_arn=f"{ARN}:model-quality-job-definition/quality",
        model_quality_baseline_config=baseline,
    )


def ran(number: int, status: str = "Succeeded", pipeline: str = "churn") -> PipelineExecution:
    return PipelineExecution(
        pipeline_name=pipeline,
        pipeline_execution_arn=f"{ARN}:pipeline/{pipeline}/execution/{number}",
        pipeline_execution_status=status,
        start_time=NOW,
    )


def endpoint_config(*shadows: Variant, **more: Any) -> EndpointConfig:
    return EndpointConfig(
        endpoint_config_name="c",
        endpoint_config_arn=f"{ARN}:endpoint-config/c",
        creation_time=NOW,
        production_variants=[Variant(variant_name="live")],
        shadow_production_variants=list(shadows),
        **more,
    )


def shadow_test(status: str) -> InferenceExperiment:
    return InferenceExperiment(name="second-model", type="ShadowMode", status=status, creation_time=NOW)


def aged(job: Any, days: int) -> Any:
    return msgspec.structs.replace(job, creation_time=NOW - datetime.timedelta(days=days))


def unnamed(job: Any) -> Any:
    """A job of an algorithm resource, which has no image of its own."""
    return msgspec.structs.replace(job, algorithm_specification=Algorithm(algorithm_name="arn:algorithm"))


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

    Case(train_and_validation_metrics, "Bedrock", customized(0.4, 0.5), "passed"),
    Case(train_and_validation_metrics, "Bedrock without validation", customized(0.4), "absent"),
    Case(train_and_validation_metrics, "Bedrock without training", customized(None, 0.5), "absent"),

    Case(performance_baseline_registered, "nothing there", [], "absent"),
    Case(performance_baseline_registered, "a monitor with limits", [quality_definition(
        Baseline(constraints_resource=Location(s3_uri="s3://data/constraints.json")))], "passed"),
    Case(performance_baseline_registered, "a monitor with a baselining job", [quality_definition(
        Baseline(baselining_job_name="suggest"))], "passed"),
    Case(performance_baseline_registered, "a monitor without a baseline", [quality_definition(None)], "absent"),
    Case(performance_baseline_registered, "a monitor with an empty one", [quality_definition(Baseline())], "absent"),
    Case(performance_baseline_registered, "a step of a pipeline", [checked("MODEL_QUALITY")], "passed"),
    Case(performance_baseline_registered, "a step on data", [checked("DATA_QUALITY")], "absent"),
    Case(performance_baseline_registered, "a step that failed", [
        checked("MODEL_QUALITY", "Failed")], "failed", bad=["failed"]),
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
    Case(convergence_monitored, "a rule on the loss", [debugged("LossNotDecreasing", "IssuesFound")], "passed"),
    Case(convergence_monitored, "the same by another spelling", [
        debugged("vanishing_gradient", "NoIssuesFound")], "passed"),
    Case(convergence_monitored, "a rule that erred", [debugged("LossNotDecreasing", "Error")], "absent"),
    Case(convergence_monitored, "another rule", [debugged("ClassImbalance", "NoIssuesFound")], "absent"),
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

    Case(experiment_tracking_in_use, "a pipeline that ran twice", [ran(1), ran(2)], "passed"),
    Case(experiment_tracking_in_use, "a pipeline that ran once", [ran(1)], "failed", bad=["once only"]),
    Case(experiment_tracking_in_use, "once well and once not", [
        ran(1), ran(2, "Failed")], "failed", bad=["once only"]),
    Case(experiment_tracking_in_use, "two pipelines that ran once", [
        ran(1), ran(2, pipeline="other")], "failed", bad=["pipeline/churn", "pipeline/other"]),
    Case(experiment_tracking_in_use, "a pipeline that failed twice", [ran(1, "Failed"), ran(2, "Failed")], "absent"),

    Case(training_inputs_reproducible, "nothing there", [], "absent"),
    Case(training_inputs_reproducible, "a version", [training_job()], "passed"),
    Case(training_inputs_reproducible, "a digest", [training_job(image=f"{OWN_REGISTRY}/own@sha256:1")], "passed"),
    Case(training_inputs_reproducible, "an algorithm resource", [unnamed(training_job())], "passed"),
    Case(training_inputs_reproducible, "the latest", [
        training_job(image=f"{OWN_REGISTRY}/own:latest")], "failed", bad=["whatever is the latest"]),
    Case(training_inputs_reproducible, "no tag", [
        training_job(image=f"{OWN_REGISTRY}/own")], "failed", bad=["whatever is the latest"]),
    Case(training_inputs_reproducible, "a registry with a port", [
        training_job(image="registry.local:5000/own")], "failed", bad=["whatever is the latest"]),
    Case(training_inputs_reproducible, "one of each", [
        training_job("a"), training_job("b", image=f"{OWN_REGISTRY}/own")], "partial", bad=["training-job/b"]),
    Case(training_inputs_reproducible, "a child of a tuning job", [
        training_job(image=f"{OWN_REGISTRY}/own", tuning_job_arn="arn:t")], "absent"),
    Case(training_inputs_reproducible, "a job that failed", [
        training_job(image=f"{OWN_REGISTRY}/own", status="Failed")], "absent"),
    Case(training_inputs_reproducible, "an image of JumpStart", [
        training_job(image=PYTORCH, tags={"sm-jumpstart-id": "model"})], "absent"),
    Case(training_inputs_reproducible, "old sins are forgotten", [
        *(training_job(f"new-{number}") for number in range(5)),
        aged(training_job("old", image=f"{OWN_REGISTRY}/own"), 9)], "passed"),

    Case(shadow_test_run, "nothing there", [], "absent"),
    Case(shadow_test_run, "a test that is over", [shadow_test("Completed")], "passed"),
    Case(shadow_test_run, "a test that runs", [shadow_test("Running")], "passed"),
    Case(shadow_test_run, "a test that has not begun", [shadow_test("Created")], "failed", bad=["created"]),
    Case(shadow_test_run, "a test that was given up", [shadow_test("Cancelled")], "failed", bad=["cancelled"]),
    Case(shadow_test_run, "a configuration", [endpoint_config(Variant(variant_name="new"))], "passed"),
    Case(shadow_test_run, "a shadow without a share", [
        endpoint_config(Variant(variant_name="new", initial_variant_weight=0))], "failed", bad=["no request"]),
    Case(shadow_test_run, "no shadow", [endpoint_config()], "absent"),

    Case(clarify_explainability_run, "nothing there", [], "absent"),
    Case(clarify_explainability_run, "as it predicts", [endpoint_config(
        explainer_config=Explainer(clarify_explainer_config=ClarifyExplainer()))], "passed"),
    Case(clarify_explainability_run, "an endpoint that explains nothing", [endpoint_config()], "absent"),
    Case(clarify_explainability_run, "registered limits", [registered(drift_check_baselines=DriftCheckBaselines(
        explainability=ExplainabilityBaselines(constraints=REPORT)))], "passed"),
    Case(clarify_explainability_run, "a step of a pipeline", [checked("MODEL_EXPLAINABILITY")], "passed"),
    Case(clarify_explainability_run, "a step on bias", [checked("MODEL_BIAS")], "absent"),
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
    Case(clarify_posttraining_bias_run, "registered limits", [registered(drift_check_baselines=DriftCheckBaselines(
        bias=BiasBaselines(post_training_constraints=REPORT)))], "passed"),
    Case(clarify_posttraining_bias_run, "limits on the data", [registered(drift_check_baselines=DriftCheckBaselines(
        bias=BiasBaselines(pre_training_constraints=REPORT)))], "absent"),
    Case(clarify_posttraining_bias_run, "a step of a pipeline", [checked("MODEL_BIAS")], "passed"),
    Case(clarify_posttraining_bias_run, "a step on data", [checked("DATA_BIAS")], "absent"),
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


def training_of_the_latest() -> None:
    start_training("latest-1", image=f"{OWN_REGISTRY}/own:latest")


def endpoint() -> Any:
    sagemaker = boto3.client("sagemaker", REGION)
    for name in ("old", "new"):
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": f"{OWN_REGISTRY}/m:1"})
    production = {"VariantName": "old", "ModelName": "old", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="churn", ProductionVariants=[production])
    sagemaker.create_endpoint(EndpointName="churn", EndpointConfigName="churn")
    return sagemaker


def shadow_tested() -> Any:
    sagemaker = endpoint()
    hardware = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
    infrastructure = {"InfrastructureType": "RealTimeInference", "RealTimeInferenceConfig": hardware}
    sagemaker.create_inference_experiment(
        Name="shadow",
        Type="ShadowMode",
        RoleArn=ROLE,
        EndpointName="churn",
        ModelVariants=[
            {"ModelName": name, "VariantName": name, "InfrastructureConfig": infrastructure} for name in ("old", "new")
        ],
        ShadowModeConfig={
            "SourceModelVariantName": "old",
            "ShadowModelVariants": [{"ShadowModelVariantName": "new", "SamplingPercentage": 40}],
        },
    )
    return sagemaker


def ended_shadow_test() -> Any:
    sagemaker = shadow_tested()
    sagemaker.stop_inference_experiment(Name="shadow", ModelVariantActions={"old": "Retain", "new": "Remove"})
    sagemaker.delete_endpoint(EndpointName="churn")
    return sagemaker


def deleted_shadow_test() -> None:
    ended_shadow_test().delete_inference_experiment(Name="shadow")


def cancelled_shadow_test() -> None:
    shadow_tested().stop_inference_experiment(
        Name="shadow", ModelVariantActions={"old": "Retain", "new": "Remove"}, DesiredState="Cancelled"
    )


def configured(**more: Any) -> None:
    production = {"VariantName": "old", "ModelName": "old", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    endpoint().create_endpoint_config(EndpointConfigName="more", ProductionVariants=[production], **more)


def configured_shadow() -> None:
    shadow = {"VariantName": "new", "ModelName": "new", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    configured(ShadowProductionVariants=[shadow])


def explaining_endpoint() -> None:
    configured(
        ExplainerConfig={"ClarifyExplainerConfig": {"ShapConfig": {"ShapBaselineConfig": {"ShapBaseline": "1"}}}}
    )


def pipeline(*steps: dict[str, Any], runs: int = 1) -> None:
    sagemaker = boto3.client("sagemaker", REGION)
    definition = json.dumps({"Version": "2020-12-01", "Steps": list(steps)})
    sagemaker.create_pipeline(
        PipelineName="checks", PipelineDefinition=definition, RoleArn=ROLE, ClientRequestToken="a" * 32
    )
    for number in range(runs):
        sagemaker.start_pipeline_execution(PipelineName="checks", ClientRequestToken=f"run-{number}".ljust(32, "-"))


def pipeline_that_ran_twice() -> None:
    pipeline({"Name": "Notify", "Type": "Lambda"}, runs=2)


def pipeline_that_ran_once() -> None:
    pipeline({"Name": "Notify", "Type": "Lambda"})


def pipeline_that_checks() -> None:
    pipeline(
        {"Name": "Bias", "Type": "ClarifyCheck", "CheckType": "MODEL_BIAS", "SkipCheck": False},
        {"Name": "Shap", "Type": "ClarifyCheck", "CheckType": "MODEL_EXPLAINABILITY"},
        {"Name": "Quality", "Type": "QualityCheck", "CheckType": "MODEL_QUALITY", "SkipCheck": False},
    )


def pipeline_that_never_ran() -> None:
    pipeline({"Name": "Quality", "Type": "QualityCheck", "CheckType": "MODEL_QUALITY"}, runs=0)


EMULATED: list[Emulated] = [
    (training_inputs_reproducible, nothing, "absent"),
    (training_inputs_reproducible, one_training, "passed"),
    (training_inputs_reproducible, training_of_the_latest, "failed"),
    (shadow_test_run, endpoint, "absent"),
    (shadow_test_run, shadow_tested, "passed"),
    (shadow_test_run, ended_shadow_test, "passed"),
    (shadow_test_run, cancelled_shadow_test, "failed"),
    (shadow_test_run, deleted_shadow_test, "absent"),
    (shadow_test_run, configured_shadow, "passed"),
    (clarify_explainability_run, explaining_endpoint, "passed"),
    (clarify_explainability_run, pipeline_that_checks, "passed"),
    (clarify_posttraining_bias_run, pipeline_that_checks, "passed"),
    (performance_baseline_registered, pipeline_that_checks, "passed"),
    (performance_baseline_registered, pipeline_that_never_ran, "absent"),
    (experiment_tracking_in_use, pipeline_that_ran_once, "failed"),
    (experiment_tracking_in_use, pipeline_that_ran_twice, "passed"),
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
