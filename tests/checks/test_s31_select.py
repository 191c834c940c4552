from __future__ import annotations

import datetime
from typing import Any

import boto3

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value
from readiness.aws.cloudwatch import CompositeAlarm, MetricAlarm
from readiness.aws.sagemaker.compilation import CompilationJob
from readiness.aws.sagemaker.hosting import (
    Alarm,
    AsyncInference,
    AsyncNotifications,
    AsyncOutput,
    AutoRollback,
    ComponentSpecification,
    Container,
    DeploymentConfig,
    Endpoint,
    EndpointConfig,
    InferenceComponent,
    Model,
    ServerlessConfig,
    Variant,
)
from readiness.aws.sagemaker.pipelines import Pipeline, PipelineExecution
from readiness.aws.sagemaker.registry import ModelPackage, ModelPackageGroup
from readiness.aws.sagemaker.training import (
    S3Source,
    TransformDataSource,
    TransformInput,
    TransformJob,
    TransformResources,
)
from readiness_mla import s31_select as checks

ROLE = f"arn:aws:iam::{ACCOUNT}:role/sagemaker"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/serve:1"
DAY = datetime.timedelta(days=1)


def arn(resource: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}"


INSTANCE = Variant(variant_name="main", model_name="churn", instance_type="ml.m5.large", initial_instance_count=1)
SERVERLESS = Variant(
    variant_name="main",
    model_name="churn",
    serverless_config=ServerlessConfig(max_concurrency=1, memory_size_in_mb=2048),
)


def config(name: str = "churn", **given: Any) -> EndpointConfig:
    values = {"creation_time": NOW - 10 * DAY, "production_variants": [INSTANCE], **given}
    return EndpointConfig(endpoint_config_name=name, endpoint_config_arn=arn(f"endpoint-config/{name}"), **values)


def endpoint(name: str = "churn", **given: Any) -> Endpoint:
    values = {
        "endpoint_config_name": "churn",
        "endpoint_status": "InService",
        "creation_time": NOW - 10 * DAY,
        "last_modified_time": NOW,
        **given,
    }
    return Endpoint(endpoint_name=name, endpoint_arn=arn(f"endpoint/{name}"), **values)


def asynchronous(**output: Any) -> EndpointConfig:
    return config(async_inference_config=AsyncInference(output_config=AsyncOutput(**output)))


def transform(status: str = "Completed", **given: Any) -> TransformJob:
    return TransformJob(
        transform_job_name="score",
        transform_job_arn=arn("transform-job/score"),
        transform_job_status=status,
        creation_time=NOW,
        model_name="churn",
        transform_input=TransformInput(data_source=TransformDataSource(s3_data_source=S3Source(s3_uri="s3://b/in"))),
        transform_resources=TransformResources(instance_type="ml.m5.large", instance_count=1),
        **given,
    )


def guarded(*alarms: str) -> DeploymentConfig:
    rollback = AutoRollback(alarms=[Alarm(alarm_name=name) for name in alarms])
    return DeploymentConfig(auto_rollback_configuration=rollback)


ALARM = MetricAlarm(alarm_name="errors", alarm_arn=f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:errors")
COMPOSITE = CompositeAlarm(alarm_name="any", alarm_arn=f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:any")


def model(name: str = "churn", *images: str, mode: str | None = None) -> Model:
    containers = [Container(image=image, mode=mode) for image in images or (IMAGE,)]
    single = len(containers) == 1
    return Model(
        model_name=name,
        model_arn=arn(f"model/{name}"),
        creation_time=NOW,
        primary_container=containers[0] if single else None,
        containers=[] if single else containers,
    )


def component(name: str, base: str | None = None, status: str = "InService") -> InferenceComponent:
    return InferenceComponent(
        inference_component_name=name,
        inference_component_arn=arn(f"inference-component/{name}"),
        endpoint_name="shared",
        endpoint_arn=arn("endpoint/shared"),
        inference_component_status=status,
        specification=ComponentSpecification(
            model_name=None if base else f"model-{name}", base_inference_component_name=base
        ),
    )


def compilation(status: str) -> CompilationJob:
    return CompilationJob(
        compilation_job_name="edge",
        compilation_job_arn=arn("compilation-job/edge"),
        compilation_job_status=status,
        creation_time=NOW,
        compilation_target_device="rasp4b",
    )


PIPELINE = Pipeline(pipeline_name="train", pipeline_arn=arn("pipeline/train"))
GROUP = ModelPackageGroup(
    model_package_group_name="churn", model_package_group_arn=arn("model-package-group/churn"), creation_time=NOW
)


def execution(status: str, name: str = "e1") -> PipelineExecution:
    return PipelineExecution(
        pipeline_name="train",
        pipeline_execution_arn=arn(f"pipeline/train/execution/{name}"),
        pipeline_execution_status=status,
        start_time=NOW,
    )


def version(number: int, approval: str = "Approved", **given: Any) -> ModelPackage:
    values = {"model_package_status": "Completed", "model_package_registration_type": "Registered", **given}
    return ModelPackage(
        model_package_group_name="churn",
        model_package_arn=arn(f"model-package/churn/{number}"),
        creation_time=NOW,
        model_package_version=number,
        model_approval_status=approval,
        **values,
    )


ERROR_TOPIC = AsyncNotifications(error_topic=f"arn:aws:sns:{REGION}:{ACCOUNT}:failed")
UPDATED = config(creation_time=NOW - DAY)

CASES = [
    Case(checks.realtime_endpoint_practised, "nothing there", [], "absent"),
    Case(checks.realtime_endpoint_practised, "in service", [endpoint(), config()], "passed"),
    Case(checks.realtime_endpoint_practised, "endpoint deleted, configuration kept", [config()], "passed"),
    Case(
        checks.realtime_endpoint_practised,
        "never came up",
        [endpoint(endpoint_status="Failed"), config()],
        "failed",
        bad=["the endpoint is Failed"],
    ),
    Case(
        checks.realtime_endpoint_practised,
        "serverless and asynchronous ones are something else",
        [config("a", production_variants=[SERVERLESS]), config("b", async_inference_config=AsyncInference())],
        "absent",
    ),
    Case(checks.serverless_endpoint_practised, "nothing there", [], "absent"),
    Case(checks.serverless_endpoint_practised, "kept", [config(production_variants=[SERVERLESS])], "passed"),
    Case(checks.serverless_endpoint_practised, "on instances", [config(), endpoint()], "absent"),
    Case(
        checks.serverless_endpoint_practised,
        "still being created",
        [config(production_variants=[SERVERLESS]), endpoint(endpoint_status="Creating")],
        "failed",
        bad=["Creating"],
    ),
    Case(checks.async_endpoint_practised, "nothing there", [], "absent"),
    Case(checks.async_endpoint_practised, "kept", [asynchronous(s3_output_path="s3://b/out")], "passed"),
    Case(checks.async_endpoint_practised, "in service", [asynchronous(), endpoint()], "passed"),
    Case(checks.async_endpoint_practised, "real-time", [config(), endpoint()], "absent"),
    Case(checks.async_failures_reported, "nothing there", [], "absent"),
    Case(checks.async_failures_reported, "not in use", [asynchronous()], "absent"),
    Case(
        checks.async_failures_reported, "topic", [asynchronous(notification_config=ERROR_TOPIC), endpoint()], "passed"
    ),
    Case(checks.async_failures_reported, "path", [asynchronous(s3_failure_path="s3://b/no"), endpoint()], "passed"),
    Case(
        checks.async_failures_reported,
        "failures vanish, on both endpoints of a configuration",
        [asynchronous(s3_output_path="s3://b/out"), endpoint("one"), endpoint("two")],
        "failed",
        bad=["endpoint/one", "endpoint/two"],
    ),
    Case(checks.async_failures_reported, "real-time endpoints answer themselves", [config(), endpoint()], "absent"),
    Case(checks.batch_transform_practised, "nothing there", [], "absent"),
    Case(checks.batch_transform_practised, "completed", [transform()], "passed"),
    Case(checks.batch_transform_practised, "failed", [transform("Failed")], "failed", bad=["Failed"]),
    Case(
        checks.batch_transform_practised, "Autopilot's own", [transform(auto_ml_job_arn=arn("automl-job/a"))], "absent"
    ),
    Case(
        checks.batch_transform_practised,
        "Ground Truth's own",
        [transform(labeling_job_arn=arn("labeling-job/l"))],
        "absent",
    ),
    Case(checks.endpoint_auto_rollback_alarms, "nothing there", [], "absent"),
    Case(
        checks.endpoint_auto_rollback_alarms,
        "guarded",
        [endpoint(last_deployment_config=guarded("errors")), UPDATED, ALARM],
        "passed",
    ),
    Case(
        checks.endpoint_auto_rollback_alarms,
        "guarded by a composite alarm",
        [endpoint(last_deployment_config=guarded("any")), UPDATED, COMPOSITE],
        "passed",
    ),
    Case(
        checks.endpoint_auto_rollback_alarms,
        "the alarm was deleted",
        [endpoint(last_deployment_config=guarded("gone")), UPDATED, ALARM],
        "failed",
        bad=["gone does not exist"],
    ),
    Case(
        checks.endpoint_auto_rollback_alarms,
        "updated without guardrails",
        [endpoint(), UPDATED],
        "failed",
        bad=["without a rollback alarm"],
    ),
    Case(checks.endpoint_auto_rollback_alarms, "never updated", [endpoint(), config()], "absent"),
    Case(
        checks.endpoint_auto_rollback_alarms,
        "serverless and Inf1 can't be guarded",
        [
            endpoint("a", endpoint_config_name="a"),
            config("a", creation_time=NOW, production_variants=[SERVERLESS]),
            endpoint("b", endpoint_config_name="b"),
            config(
                "b", creation_time=NOW, production_variants=[Variant(variant_name="x", instance_type="ml.inf1.xlarge")]
            ),
        ],
        "absent",
    ),
    Case(checks.multi_model_hosting_practised, "nothing there", [], "absent"),
    Case(checks.multi_model_hosting_practised, "multi-model container", [model(mode="MultiModel")], "passed"),
    Case(checks.multi_model_hosting_practised, "single model", [model(mode="SingleModel"), model("b")], "absent"),
    Case(checks.multi_model_hosting_practised, "two components", [component("a"), component("b")], "passed"),
    Case(
        checks.multi_model_hosting_practised, "an adapter is no model", [component("a"), component("l", "a")], "absent"
    ),
    Case(
        checks.multi_model_hosting_practised,
        "the second failed",
        [component("a"), component("b", status="Failed")],
        "absent",
    ),
    Case(checks.multi_container_hosting_practised, "nothing there", [], "absent"),
    Case(checks.multi_container_hosting_practised, "two containers", [model("m", IMAGE, IMAGE)], "passed"),
    Case(checks.multi_container_hosting_practised, "one container", [model()], "absent"),
    Case(
        checks.multi_container_hosting_practised,
        "Autopilot's own",
        [model("m", f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/sagemaker-sklearn-automl:2.5", IMAGE)],
        "absent",
    ),
    Case(checks.neo_compilation_practised, "nothing there", [], "absent"),
    Case(checks.neo_compilation_practised, "compiled", [compilation("COMPLETED")], "passed"),
    Case(checks.neo_compilation_practised, "failed", [compilation("FAILED")], "failed", bad=["rasp4b"]),
    Case(checks.sagemaker_pipelines_practised, "nothing there", [], "absent"),
    Case(
        checks.sagemaker_pipelines_practised,
        "succeeded after a failure",
        [PIPELINE, execution("Failed"), execution("Succeeded", "e2")],
        "passed",
    ),
    Case(checks.sagemaker_pipelines_practised, "never run", [PIPELINE], "failed", bad=["never run"]),
    Case(checks.sagemaker_pipelines_practised, "failed", [PIPELINE, execution("Failed")], "failed", bad=["0 of 1"]),
    Case(checks.model_registry_approved_version, "nothing there", [], "absent"),
    Case(
        checks.model_registry_approved_version,
        "two versions, one approved",
        [GROUP, version(1, "Rejected"), version(2)],
        "passed",
    ),
    Case(checks.model_registry_approved_version, "one version", [GROUP, version(1)], "failed", bad=["1 versions"]),
    Case(
        checks.model_registry_approved_version,
        "none approved",
        [GROUP, version(1, "PendingManualApproval"), version(2, "Rejected")],
        "failed",
        bad=["0 of them"],
    ),
    Case(
        checks.model_registry_approved_version,
        "failed and logged ones are no versions",
        [
            GROUP,
            version(1),
            version(2, model_package_status="Failed"),
            version(3, model_package_registration_type="Logged"),
        ],
        "failed",
        bad=["1 versions"],
    ),
]


test_verdict = by_value(CASES)


def sagemaker() -> Any:
    return boto3.client("sagemaker", region_name=REGION)


def make_model(name: str = "churn", **given: Any) -> None:
    container = {"Image": IMAGE, "ModelDataUrl": "s3://models/churn.tar.gz"}
    sagemaker().create_model(ModelName=name, ExecutionRoleArn=ROLE, **(given or {"PrimaryContainer": container}))


def host_in_real_time() -> None:
    make_model()
    variant = {"VariantName": "main", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker().create_endpoint_config(EndpointConfigName="churn", ProductionVariants=[variant])
    sagemaker().create_endpoint(EndpointName="churn", EndpointConfigName="churn")


def keep_configuration_only() -> None:
    host_in_real_time()
    sagemaker().delete_endpoint(EndpointName="churn")


def host_serverless() -> None:
    make_model()
    variant = {
        "VariantName": "main",
        "ModelName": "churn",
        "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 1},
    }
    sagemaker().create_endpoint_config(EndpointConfigName="idle", ProductionVariants=[variant])
    sagemaker().create_endpoint(EndpointName="idle", EndpointConfigName="idle")


def host_asynchronously(**output: Any) -> None:
    make_model()
    variant = {"VariantName": "main", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker().create_endpoint_config(
        EndpointConfigName="queued",
        ProductionVariants=[variant],
        AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://out/queued", **output}},
    )
    sagemaker().create_endpoint(EndpointName="queued", EndpointConfigName="queued")


def host_asynchronously_with_failure_path() -> None:
    host_asynchronously(S3FailurePath="s3://out/failed")


def score_a_batch() -> None:
    make_model()
    sagemaker().create_transform_job(
        TransformJobName="score",
        ModelName="churn",
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://in/"}}},
        TransformOutput={"S3OutputPath": "s3://out/"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )


def chain_containers() -> None:
    container = {"Image": IMAGE, "ModelDataUrl": "s3://models/churn.tar.gz"}
    make_model("chain", Containers=[container, container], InferenceExecutionConfig={"Mode": "Serial"})


def compile_for_edge() -> None:
    sagemaker().create_compilation_job(
        CompilationJobName="edge",
        RoleArn=ROLE,
        InputConfig={"S3Uri": "s3://models/m.tar.gz", "DataInputConfig": '{"data":[1,3]}', "Framework": "PYTORCH"},
        OutputConfig={"S3OutputLocation": "s3://out/", "TargetDevice": "rasp4b"},
        StoppingCondition={"MaxRuntimeInSeconds": 900},
    )


def make_pipeline(definition: str = '{"Version":"2020-12-01","Steps":[{"Name":"fit","Type":"Training"}]}') -> None:
    sagemaker().create_pipeline(
        PipelineName="train", PipelineDefinition=definition, ClientRequestToken="t" * 32, RoleArn=ROLE
    )


def run_a_pipeline() -> None:
    make_pipeline()
    sagemaker().start_pipeline_execution(PipelineName="train", ClientRequestToken="r" * 32)


def register_versions(*approvals: str) -> None:
    sagemaker().create_model_package_group(ModelPackageGroupName="churn")
    for approval in approvals:
        sagemaker().create_model_package(
            ModelPackageGroupName="churn",
            ModelApprovalStatus=approval,
            InferenceSpecification={
                "Containers": [{"Image": IMAGE}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        )


def register_and_approve() -> None:
    register_versions("Rejected", "Approved")


def register_without_approval() -> None:
    register_versions("PendingManualApproval", "PendingManualApproval")


EMULATED: list[Emulated] = [
    (checks.realtime_endpoint_practised, host_in_real_time, "passed"),
    (checks.realtime_endpoint_practised, keep_configuration_only, "passed"),
    (checks.realtime_endpoint_practised, host_serverless, "absent"),
    (checks.serverless_endpoint_practised, host_serverless, "passed"),
    (checks.serverless_endpoint_practised, host_in_real_time, "absent"),
    (checks.async_endpoint_practised, host_asynchronously, "passed"),
    (checks.async_endpoint_practised, host_in_real_time, "absent"),
    (checks.async_failures_reported, host_asynchronously_with_failure_path, "passed"),
    (checks.async_failures_reported, host_asynchronously, "failed"),
    (checks.batch_transform_practised, score_a_batch, "passed"),
    (checks.endpoint_auto_rollback_alarms, host_in_real_time, "absent"),
    (checks.multi_container_hosting_practised, chain_containers, "passed"),
    (checks.multi_container_hosting_practised, host_in_real_time, "absent"),
    (checks.neo_compilation_practised, compile_for_edge, "passed"),
    (checks.sagemaker_pipelines_practised, run_a_pipeline, "passed"),
    (checks.sagemaker_pipelines_practised, make_pipeline, "failed"),
    (checks.model_registry_approved_version, register_and_approve, "passed"),
    (checks.model_registry_approved_version, register_without_approval, "failed"),
]


test_emulated = by_calls(EMULATED)
