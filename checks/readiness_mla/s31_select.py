"""3.1 Select deployment infrastructure: kinds of endpoints, batch, several models on one endpoint, Neo, pipelines."""

from __future__ import annotations

import collections
from collections.abc import Callable

from readiness import Finding, Findings, evidence, practice
from readiness.aws.cloudwatch import CompositeAlarm, MetricAlarm
from readiness.aws.sagemaker.compilation import CompilationJob
from readiness.aws.sagemaker.hosting import SERVING, Endpoint, EndpointConfig, InferenceComponent, Model
from readiness.aws.sagemaker.pipelines import Pipeline, PipelineExecution
from readiness.aws.sagemaker.registry import ModelPackage, ModelPackageGroup
from readiness.aws.sagemaker.training import TransformJob

NO_GUARDRAILS = "ml.inf1."
"""Instances for which SageMaker offers no deployment guardrails."""

AUTOPILOT_IMAGE = "automl"
"""Part of the name of the image that heads Autopilot's own inference pipelines."""

LOGGED = "Logged"
"""How the registry marks what MLflow put there by itself."""


def _real_time(config: EndpointConfig) -> bool:
    return config.async_inference_config is None and any(
        variant.serverless_config is None and variant.instance_type for variant in config.production_variants
    )


def _serverless(config: EndpointConfig) -> bool:
    return any(variant.serverless_config for variant in config.production_variants)


def _asynchronous(config: EndpointConfig) -> bool:
    return config.async_inference_config is not None


def _deployed(
    configs: list[EndpointConfig], endpoints: list[Endpoint], wanted: Callable[[EndpointConfig], bool]
) -> Findings:
    """Endpoints of a kind; where none uses a configuration any more, the configuration speaks for it."""
    users = collections.defaultdict(list)
    for endpoint in endpoints:
        users[endpoint.endpoint_config_name].append(endpoint)
    for config in filter(wanted, configs):
        for endpoint in users[config.endpoint_config_name]:
            yield Finding(
                endpoint.endpoint_arn,
                endpoint.endpoint_status in SERVING,
                f"the endpoint is {endpoint.endpoint_status}",
            )
        if not users[config.endpoint_config_name]:
            yield Finding(config.endpoint_config_arn, good=True, note="no endpoint uses it now, but it is kept")


@evidence("3.1-K6", "3.1-S9", "3.1-S13", severity="high")
def realtime_endpoint_practised(configs: list[EndpointConfig], endpoints: list[Endpoint]) -> Findings:
    r"""A real-time endpoint has been deployed.

    Why: A real-time endpoint on instances is the standard answer to steady traffic that needs low latency; the other
    kinds of hosting are judged by how they differ from it.
    Fix:
    aws sagemaker create-endpoint-config --endpoint-config-name NAME \
      --production-variants VariantName=main,ModelName=MODEL,InstanceType=ml.t2.medium,InitialInstanceCount=1
    aws sagemaker create-endpoint --endpoint-name NAME --endpoint-config-name NAME
    aws sagemaker wait endpoint-in-service --endpoint-name NAME
    aws sagemaker delete-endpoint --endpoint-name NAME
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints.html
    Cost: hourly, about six cents an hour for an ml.t2.medium until the endpoint is deleted.
    Survives: delete the endpoint and keep its configuration, which is free.
    """
    yield from _deployed(configs, endpoints, _real_time)


@evidence("3.1-K3", severity="medium")
def serverless_endpoint_practised(configs: list[EndpointConfig], endpoints: list[Endpoint]) -> Findings:
    r"""A serverless endpoint has been deployed.

    Why: Serverless inference costs nothing between requests, so it suits traffic with idle times that tolerates cold
    starts; it has no GPU and a limit of 6 GB of memory.
    Fix:
    aws sagemaker create-endpoint-config --endpoint-config-name NAME \
      --production-variants '[{"VariantName":"main","ModelName":"MODEL","ServerlessConfig":{"MemorySizeInMB":2048,
        "MaxConcurrency":1}}]'
    aws sagemaker create-endpoint --endpoint-name NAME --endpoint-config-name NAME
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
    Cost: cents, for the requests alone.
    Survives: delete the endpoint and keep its configuration, which is free.
    """
    yield from _deployed(configs, endpoints, _serverless)


@evidence("3.1-K4", severity="medium")
def async_endpoint_practised(configs: list[EndpointConfig], endpoints: list[Endpoint]) -> Findings:
    r"""An asynchronous endpoint has been deployed.

    Why: Asynchronous inference queues requests of up to 1 GB that take up to an hour, and its fleet can scale to
    zero; real-time endpoints can do neither.
    Fix:
    aws sagemaker create-endpoint-config --endpoint-config-name NAME \
      --production-variants VariantName=main,ModelName=MODEL,InstanceType=ml.m5.large,InitialInstanceCount=1 \
      --async-inference-config '{"OutputConfig":{"S3OutputPath":"s3://BUCKET/out",
        "S3FailurePath":"s3://BUCKET/failed"}}'
    aws sagemaker create-endpoint --endpoint-name NAME --endpoint-config-name NAME
    aws sagemaker delete-endpoint --endpoint-name NAME
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
    Cost: hourly, about twelve cents an hour for an ml.m5.large until the endpoint is deleted or scaled to zero.
    Survives: delete the endpoint and keep its configuration, which is free.
    """
    yield from _deployed(configs, endpoints, _asynchronous)


@practice("4.1-S3", severity="medium")
def async_failures_reported(configs: list[EndpointConfig], endpoints: list[Endpoint]) -> Findings:
    r"""Asynchronous endpoints tell of the requests that failed.

    Why: The caller of an asynchronous endpoint gets no answer when a request fails; without an error topic or a
    failure path the failure vanishes.
    Fix:
    aws sagemaker create-endpoint-config --endpoint-config-name NEW \
      --production-variants VariantName=main,ModelName=MODEL,InstanceType=ml.m5.large,InitialInstanceCount=1 \
      --async-inference-config '{"OutputConfig":{"S3OutputPath":"s3://BUCKET/out",
        "S3FailurePath":"s3://BUCKET/failed","NotificationConfig":{"ErrorTopic":"TOPIC_ARN"}}}'
    aws sagemaker update-endpoint --endpoint-name NAME --endpoint-config-name NEW
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-check-predictions.html
    Cost: free, topic and failure path add next to nothing.
    Survives: judged only while the endpoint runs.
    """
    by_name = {config.endpoint_config_name: config for config in configs}
    for endpoint in endpoints:
        config = by_name.get(endpoint.endpoint_config_name or "")
        if endpoint.endpoint_status not in SERVING or config is None or config.async_inference_config is None:
            continue
        output = config.async_inference_config.output_config
        topic = output.notification_config.error_topic if output.notification_config else None
        ways = [
            name for name, given in (("an error topic", topic), ("a failure path", output.s3_failure_path)) if given
        ]
        yield Finding(
            endpoint.endpoint_arn,
            good=bool(ways),
            note=f"failed requests go to {' and '.join(ways)}" if ways else "neither error topic nor failure path",
        )


@evidence("3.1-K5", "3.1-S13", severity="medium")
def batch_transform_practised(jobs: list[TransformJob]) -> Findings:
    r"""A batch transform job has completed.

    Why: Where nobody waits for the answer, batch transform scores a whole dataset on machines that are gone
    afterwards: no endpoint is paid for.
    Fix:
    aws sagemaker create-transform-job --transform-job-name NAME --model-name MODEL \
      --transform-input 'DataSource={S3DataSource={S3DataType=S3Prefix,S3Uri=s3://BUCKET/in}},ContentType=text/csv' \
      --transform-output S3OutputPath=s3://BUCKET/out --transform-resources InstanceType=ml.m5.large,InstanceCount=1
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
    Cost: cents, a few minutes of one machine.
    Survives: transform jobs can't be deleted and stay listed.
    """
    for job in jobs:
        # Autopilot and Ground Truth start transform jobs of their own.
        if not job.auto_ml_job_arn and not job.labeling_job_arn:
            good = job.transform_job_status == "Completed"
            yield Finding(job.transform_job_arn, good, f"the job is {job.transform_job_status}")


@practice("3.1-K2", "3.3-K6", severity="high")
def endpoint_auto_rollback_alarms(
    endpoints: list[Endpoint],
    configs: list[EndpointConfig],
    alarms: list[MetricAlarm],
    composites: list[CompositeAlarm],
) -> Findings:
    r"""Endpoints that are updated roll back by themselves when an alarm goes off.

    Why: A deployment with auto-rollback alarms goes back to the old fleet as soon as the new one shows errors;
    without them a bad model stays until somebody notices.
    Fix:
    aws cloudwatch put-metric-alarm --alarm-name ALARM --namespace AWS/SageMaker --metric-name Invocation5XXErrors \
      --dimensions Name=EndpointName,Value=NAME Name=VariantName,Value=main --statistic Sum --period 60 \
      --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold \
      --treat-missing-data notBreaching
    aws sagemaker update-endpoint --endpoint-name NAME --endpoint-config-name NEW \
      --deployment-config '{"BlueGreenUpdatePolicy":{"TrafficRoutingConfiguration":{"Type":"ALL_AT_ONCE",
        "WaitIntervalInSeconds":300}},"AutoRollbackConfiguration":{"Alarms":[{"AlarmName":"ALARM"}]}}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    Cost: hourly, the endpoint, and during the update a second fleet.
    Survives: seen only while the endpoint exists.
    """
    known = {alarm.alarm_name for alarm in alarms} | {alarm.alarm_name for alarm in composites}
    by_name = {config.endpoint_config_name: config for config in configs}
    for endpoint in endpoints:
        config = by_name.get(endpoint.endpoint_config_name or "")
        if endpoint.endpoint_status != "InService" or config is None or not _guardable(config):
            continue
        deployment = endpoint.last_deployment_config
        # A configuration younger than its endpoint can only have come by an update.
        if deployment is None and config.creation_time <= endpoint.creation_time:
            continue
        rollback = deployment.auto_rollback_configuration if deployment else None
        watched = [alarm.alarm_name for alarm in rollback.alarms] if rollback else []
        missing = [name for name in watched if name not in known]
        if missing:
            note = f"rollback alarm {', '.join(missing)} does not exist"
        else:
            note = f"rolls back on {', '.join(watched)}" if watched else "updated without a rollback alarm"
        yield Finding(endpoint.endpoint_arn, good=bool(watched) and not missing, note=note)


def _guardable(config: EndpointConfig) -> bool:
    """Whether deployment guardrails can be had: not on Inf1, and a serverless variant has no fleet to go back to."""
    return all(
        variant.serverless_config is None and not (variant.instance_type or "").startswith(NO_GUARDRAILS)
        for variant in config.production_variants
    )


@evidence("3.1-S7", severity="medium")
def multi_model_hosting_practised(models: list[Model], components: list[InferenceComponent]) -> Findings:
    r"""Several models have shared the machines of one endpoint.

    Why: A multi-model container or inference components put many models on one fleet, which costs a fraction of one
    endpoint for each.
    Fix:
    aws sagemaker create-model --model-name NAME --execution-role-arn ROLE_ARN \
      --primary-container Image=IMAGE,Mode=MultiModel,ModelDataUrl=s3://BUCKET/models/
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoints.html
    Cost: free for the model alone, hourly for its endpoint.
    Survives: the model object is free to keep; inference components go with their endpoint.
    """
    for model in models:
        containers = [model.primary_container, *model.containers]
        if any(container and container.mode == "MultiModel" for container in containers):
            yield Finding(model.model_arn, good=True, note="a container that loads many models")
    hosted: dict[str, set[str]] = collections.defaultdict(set)
    for component in components:
        served = component.specification
        adapter = served is not None and served.base_inference_component_name
        if not adapter and component.inference_component_status != "Failed":
            name = (served.model_name if served else None) or component.inference_component_name
            hosted[component.endpoint_arn].add(name)
    for endpoint, names in hosted.items():
        if len(names) > 1:
            yield Finding(endpoint, good=True, note=f"{len(names)} models as inference components")


@evidence("3.1-S8", severity="medium")
def multi_container_hosting_practised(models: list[Model]) -> Findings:
    r"""A model of several containers has been built.

    Why: Containers in series put preparation, inference and post-processing behind one call; with direct invocation
    different frameworks share one endpoint.
    Fix:
    aws sagemaker create-model --model-name NAME --execution-role-arn ROLE_ARN \
      --containers Image=PREPARE_IMAGE,ModelDataUrl=s3://BUCKET/prepare.tar.gz \
      Image=PREDICT_IMAGE,ModelDataUrl=s3://BUCKET/model.tar.gz --inference-execution-config Mode=Serial
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/inference-pipelines.html
    Cost: free for the model alone, hourly for its endpoint.
    Survives: the model object is free to keep.
    """
    for model in models:
        if len(model.containers) < 2 or any(AUTOPILOT_IMAGE in (part.image or "") for part in model.containers):
            continue
        mode = model.inference_execution_config.mode if model.inference_execution_config else "Serial"
        yield Finding(model.model_arn, good=True, note=f"{len(model.containers)} containers, {mode}")


@evidence("3.1-K10", severity="low")
def neo_compilation_practised(jobs: list[CompilationJob]) -> Findings:
    r"""A model has been compiled with SageMaker Neo.

    Why: Neo turns a trained model into one that runs faster and smaller on a given chip, which is what the exam means
    by optimizing models for edge devices.
    Fix:
    aws sagemaker create-compilation-job --compilation-job-name NAME --role-arn ROLE_ARN \
      --input-config '{"S3Uri":"s3://BUCKET/model.tar.gz","DataInputConfig":"{\"data\":[1,3,224,224]}",
        "Framework":"PYTORCH"}' \
      --output-config S3OutputLocation=s3://BUCKET/compiled,TargetDevice=rasp4b \
      --stopping-condition MaxRuntimeInSeconds=900
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/neo.html
    Cost: free, but for the storage of the result.
    Survives: compilation jobs stay listed until they are deleted.
    """
    for job in jobs:
        target = job.compilation_target_device or job.compilation_target_platform_os or "an unnamed target"
        good = job.compilation_job_status == "COMPLETED"
        yield Finding(job.compilation_job_arn, good, f"{job.compilation_job_status} for {target}")


@evidence("3.1-S6", "3.3-S4", severity="high")
def sagemaker_pipelines_practised(pipelines: list[Pipeline], executions: list[PipelineExecution]) -> Findings:
    """A SageMaker pipeline has run to success.

    Why: SageMaker Pipelines is the orchestrator that knows training, tuning, evaluation and the registry as steps,
    with caching and lineage, and runs without servers of one's own.
    Fix:
    aws sagemaker create-pipeline --pipeline-name NAME --role-arn ROLE_ARN --pipeline-definition file://pipeline.json
    aws sagemaker start-pipeline-execution --pipeline-name NAME
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines.html
    Cost: cents, for the jobs that the steps start.
    Survives: pipelines and their executions are kept without charge.
    """
    statuses = collections.defaultdict(list)
    for execution in executions:
        statuses[execution.pipeline_name].append(execution.pipeline_execution_status)
    for pipeline in pipelines:
        runs = statuses[pipeline.pipeline_name]
        good = runs.count("Succeeded")
        yield Finding(
            pipeline.pipeline_arn, bool(good), f"{good} of {len(runs)} runs succeeded" if runs else "never run"
        )


@evidence("3.1-K1", severity="medium")
def model_registry_approved_version(groups: list[ModelPackageGroup], packages: list[ModelPackage]) -> Findings:
    r"""A model is versioned in the Model Registry, and a version of it was approved.

    Why: Versions with an approval status are what CI/CD deploys, and what one goes back to when a new model is worse.
    Fix:
    aws sagemaker create-model-package-group --model-package-group-name GROUP
    aws sagemaker create-model-package --model-package-group-name GROUP \
      --model-approval-status PendingManualApproval \
      --inference-specification '{"Containers":[{"Image":"IMAGE",
        "ModelDataUrl":"s3://BUCKET/model.tar.gz"}],"SupportedContentTypes":["text/csv"],
        "SupportedResponseMIMETypes":["text/csv"]}'
    aws sagemaker update-model-package --model-package-arn PACKAGE_ARN --model-approval-status Approved
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry.html
    Cost: free, AWS charges nothing for it.
    Survives: groups and versions are free to keep.
    """
    versions = collections.defaultdict(list)
    for package in packages:
        if package.model_package_status == "Completed" and package.model_package_registration_type != LOGGED:
            versions[package.model_package_group_name].append(package)
    for group in groups:
        own = versions[group.model_package_group_name]
        approved = sum(package.model_approval_status == "Approved" for package in own)
        yield Finding(
            group.model_package_group_arn,
            good=len(own) >= 2 and approved > 0,
            note=f"{len(own)} versions, {approved} of them approved",
        )
