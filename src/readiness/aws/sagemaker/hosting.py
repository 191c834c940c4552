"""Models, endpoint configurations, endpoints and inference components."""

from __future__ import annotations

import datetime

import msgspec

from readiness.aws.sagemaker.training import VpcConfig
from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

SERVING = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"})
"""The statuses of an endpoint that has come into service and answers, be it while it changes."""


class ServerlessConfig(Record):
    """The capacity of a serverless variant."""

    max_concurrency: int
    memory_size_in_mb: int = msgspec.field(name="MemorySizeInMB")
    provisioned_concurrency: int | None = None


class ManagedInstanceScaling(Record):
    """The fleet that SageMaker itself scales below inference components."""

    status: Enumerated | None = None
    min_instance_count: int | None = None
    max_instance_count: int | None = None


class Variant(Record):
    """A production variant as an endpoint configuration declares it; without a model it hosts inference components."""

    variant_name: str
    model_name: str | None = None
    instance_type: str | None = None
    initial_instance_count: int | None = None
    initial_variant_weight: float | None = None
    serverless_config: ServerlessConfig | None = None
    managed_instance_scaling: ManagedInstanceScaling | None = None


class CaptureOption(Record):
    """Which side of an invocation is captured: Input, Output, InputAndOutput."""

    capture_mode: Enumerated


class DataCapture(Record):
    """What an endpoint configuration captures of the traffic, and where it goes."""

    enable_capture: bool = False
    initial_sampling_percentage: int = 0
    destination_s3_uri: str = ""
    kms_key_id: str | None = None
    capture_options: list[CaptureOption] = []


class AsyncNotifications(Record):
    """Where an asynchronous endpoint tells of results and errors."""

    success_topic: str | None = None
    error_topic: str | None = None


class AsyncOutput(Record):
    """Where an asynchronous endpoint writes."""

    s3_output_path: str | None = None
    kms_key_id: str | None = None
    notification_config: AsyncNotifications | None = None
    s3_failure_path: str | None = None


class AsyncInference(Record):
    """What makes an endpoint asynchronous."""

    output_config: AsyncOutput = AsyncOutput()


class ClarifyExplainer(Record):
    """Clarify beside a model: which requests it explains, by an expression over them."""

    enable_explanations: str | None = None


class Explainer(Record):
    """What explains predictions as they are made."""

    clarify_explainer_config: ClarifyExplainer | None = None


@resource("sagemaker", "ListEndpointConfigs", "DescribeEndpointConfig")
class EndpointConfig(Record):
    """An endpoint configuration: free to keep, so it outlives the endpoint as evidence."""

    endpoint_config_name: str
    endpoint_config_arn: str
    creation_time: datetime.datetime
    production_variants: list[Variant] = []
    shadow_production_variants: list[Variant] = []
    data_capture_config: DataCapture | None = None
    async_inference_config: AsyncInference | None = None
    explainer_config: Explainer | None = None
    kms_key_id: str | None = None
    execution_role_arn: str | None = None
    vpc_config: VpcConfig | None = None
    enable_network_isolation: bool = False


class VariantSummary(Record):
    """A variant as it runs."""

    variant_name: str
    current_instance_count: int | None = None
    desired_instance_count: int | None = None
    current_weight: float | None = None


class Alarm(Record):
    """An alarm that a deployment watches."""

    alarm_name: str = ""


class AutoRollback(Record):
    """The alarms that turn a deployment back."""

    alarms: list[Alarm] = []


class TrafficRouting(Record):
    """How a blue/green deployment shifts traffic: ALL_AT_ONCE, CANARY, LINEAR."""

    type: str


class BlueGreen(Record):
    """The update policy of a blue/green deployment."""

    traffic_routing_configuration: TrafficRouting


class RollingUpdate(Record):
    """The update policy of a rolling deployment; the wait is in seconds."""

    wait_interval_in_seconds: int


class DeploymentConfig(Record):
    """The guardrails of the last deployment."""

    blue_green_update_policy: BlueGreen | None = None
    rolling_update_policy: RollingUpdate | None = None
    auto_rollback_configuration: AutoRollback | None = None


class CaptureSummary(Record):
    """What an endpoint captures at the moment: capture stops by itself, for instance when the disk is full."""

    capture_status: Enumerated | None = None
    current_sampling_percentage: int | None = None


@resource("sagemaker", "ListEndpoints", "DescribeEndpoint")
class Endpoint(Record):
    """A running endpoint: what it serves and how it was last deployed."""

    endpoint_name: str
    endpoint_arn: str
    endpoint_status: Enumerated
    creation_time: datetime.datetime
    last_modified_time: datetime.datetime
    endpoint_config_name: str | None = None
    production_variants: list[VariantSummary] = []
    shadow_production_variants: list[VariantSummary] = []
    last_deployment_config: DeploymentConfig | None = None
    data_capture_config: CaptureSummary | None = None


class ImageConfig(Record):
    """How a container image is pulled: Platform (from ECR) or Vpc (from a private registry)."""

    repository_access_mode: str


class MultiModelConfig(Record):
    """Whether models that a multi-model container loaded stay in memory."""

    model_cache_setting: str | None = None


class Container(Record):
    """A container of a model; its environment is not kept, for it may hold secrets."""

    container_hostname: str | None = None
    image: str | None = None
    mode: Enumerated | None = None
    model_data_url: str | None = None
    model_package_name: str | None = None
    image_config: ImageConfig | None = None
    multi_model_config: MultiModelConfig | None = None


class InferenceExecution(Record):
    """How several containers are run: Serial (a pipeline) or Direct (one chosen per request)."""

    mode: str


@resource("sagemaker", "ListModels", "DescribeModel")
class Model(Record):
    """A model: free to keep, so it outlives the endpoint as evidence."""

    model_name: str
    model_arn: str
    creation_time: datetime.datetime
    primary_container: Container | None = None
    containers: list[Container] = []
    inference_execution_config: InferenceExecution | None = None
    execution_role_arn: str | None = None
    vpc_config: VpcConfig | None = None
    enable_network_isolation: bool = False


class ComponentRuntime(Record):
    """How many copies of an inference component run."""

    current_copy_count: int | None = None
    desired_copy_count: int | None = None


class ComponentSpecification(Record):
    """What an inference component serves; an adapter has a base component and is no model of its own."""

    model_name: str | None = None
    base_inference_component_name: str | None = None


@resource("sagemaker", Call(operation="ListInferenceComponents"), "DescribeInferenceComponent")
class InferenceComponent(Record):
    """A model deployed onto an endpoint's shared instances, with a number of copies that scales by itself."""

    inference_component_name: str
    inference_component_arn: str
    endpoint_name: str
    endpoint_arn: str
    inference_component_status: Enumerated | None = None
    variant_name: str | None = None
    runtime_config: ComponentRuntime | None = None
    specification: ComponentSpecification | None = None
