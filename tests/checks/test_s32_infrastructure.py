from __future__ import annotations

import json
from typing import Any

import boto3

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value
from readiness.aws.autoscaling import (
    CustomizedMetric,
    PolicyAlarm,
    PredefinedMetric,
    ScalableTarget,
    ScalingPolicy,
    ScheduledAction,
    StepAdjustment,
    StepScaling,
    Suspended,
    TargetTracking,
)
from readiness.aws.cloudformation import Parameter, Stack, StackParameters, StackResource
from readiness.aws.cloudwatch import Dimension, Metric, MetricAlarm, MetricQuery, MetricStat
from readiness.aws.ec2 import Association, RouteTable, Subnet, Vpc, VpcEndpoint
from readiness.aws.ecs import EcsService, EcsTask, Requirement, TaskContainer, TaskDefinition
from readiness.aws.eks import EksCluster
from readiness.aws.sagemaker.hosting import (
    AsyncInference,
    ComponentSpecification,
    Container,
    Endpoint,
    EndpointConfig,
    InferenceComponent,
    ManagedInstanceScaling,
    Model,
    ServerlessConfig,
    Variant,
    VariantSummary,
)
from readiness.aws.sagemaker.studio import Domain, NotebookInstance
from readiness.aws.sagemaker.training import (
    Algorithm,
    AppSpecification,
    NetworkConfig,
    ProcessingJob,
    TrainingJob,
    VpcConfig,
)
from readiness_mla import s32_infrastructure as checks

ROLE = f"arn:aws:iam::{ACCOUNT}:role/sagemaker"
INSTANCES, CONCURRENCY, COPIES = checks.INSTANCES, checks.CONCURRENCY, checks.COPIES
MAIN = "endpoint/churn/variant/main"
INVOCATIONS = "SageMakerVariantInvocationsPerInstance"


def arn(resource: str, service: str = "sagemaker") -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


# Scaling


def on_instances(name: str = "main", **given: Any) -> Variant:
    return Variant(variant_name=name, **{"model_name": "churn", "instance_type": "ml.m5.large", **given})


def serverless(provisioned: int | None = None) -> Variant:
    capacity = ServerlessConfig(max_concurrency=5, memory_size_in_mb=2048, provisioned_concurrency=provisioned)
    return Variant(variant_name="main", model_name="churn", serverless_config=capacity)


def hosted(*variants: Variant, name: str = "churn", status: str = "InService", **given: Any) -> list[Any]:
    config = EndpointConfig(
        endpoint_config_name=name,
        endpoint_config_arn=arn(f"endpoint-config/{name}"),
        creation_time=NOW,
        production_variants=list(variants or [on_instances()]),
        **given,
    )
    endpoint = Endpoint(
        endpoint_name=name,
        endpoint_arn=arn(f"endpoint/{name}"),
        endpoint_status=status,
        creation_time=NOW,
        last_modified_time=NOW,
        endpoint_config_name=name,
        production_variants=[VariantSummary(variant_name=one.variant_name) for one in config.production_variants],
    )
    return [config, endpoint]


ASYNC = hosted(async_inference_config=AsyncInference())
MANAGED = ManagedInstanceScaling(status="ENABLED", min_instance_count=1, max_instance_count=3)
SHARED = on_instances(model_name=None, managed_instance_scaling=MANAGED)


def component(name: str = "small", status: str = "InService", base: str | None = None) -> InferenceComponent:
    return InferenceComponent(
        inference_component_name=name,
        inference_component_arn=arn(f"inference-component/{name}"),
        endpoint_name="churn",
        endpoint_arn=arn("endpoint/churn"),
        inference_component_status=status,
        variant_name="main",
        specification=ComponentSpecification(base_inference_component_name=base),
    )


def target(
    resource: str = MAIN, dimension: str = INSTANCES, least: int = 1, most: int = 3, **given: Any
) -> ScalableTarget:
    return ScalableTarget(
        service_namespace="sagemaker",
        resource_id=resource,
        scalable_dimension=dimension,
        min_capacity=least,
        max_capacity=most,
        **given,
    )


def policy(name: str, resource: str = MAIN, dimension: str = INSTANCES, **given: Any) -> ScalingPolicy:
    return ScalingPolicy(
        policy_name=name,
        policy_arn=arn(f"scalingPolicy:{name}", "autoscaling"),
        policy_type="TargetTrackingScaling",
        service_namespace="sagemaker",
        resource_id=resource,
        scalable_dimension=dimension,
        **given,
    )


def tracking(
    resource: str = MAIN,
    dimension: str = INSTANCES,
    metric: str = INVOCATIONS,
    value: float = 70,
    disable_scale_in: bool = False,
    **given: Any,
) -> ScalingPolicy:
    config = TargetTracking(
        target_value=value,
        predefined_metric_specification=PredefinedMetric(predefined_metric_type=metric),
        disable_scale_in=disable_scale_in,
    )
    return policy("track", resource, dimension, target_tracking_scaling_policy_configuration=config, **given)


def following(
    metric: str, namespace: str | None = "AWS/SageMaker", value: float = 5, endpoint: str = "churn"
) -> ScalingPolicy:
    custom = CustomizedMetric(
        metric_name=metric, namespace=namespace, dimensions=[Dimension(name="EndpointName", value=endpoint)]
    )
    config = TargetTracking(target_value=value, customized_metric_specification=custom)
    return policy("follow", target_tracking_scaling_policy_configuration=config)


def steps(*adjustments: int, name: str = "wake", kind: str = "ChangeInCapacity") -> ScalingPolicy:
    step = StepScaling(
        adjustment_type=kind, step_adjustments=[StepAdjustment(scaling_adjustment=one) for one in adjustments]
    )
    return policy(name, step_scaling_policy_configuration=step)


def alarm(metric: str, sets_off: str = "wake", **given: Any) -> MetricAlarm:
    return MetricAlarm(
        alarm_name=f"on-{metric}",
        alarm_arn=arn(f"alarm:{metric}", "cloudwatch"),
        alarm_actions=[arn(f"scalingPolicy:{sets_off}", "autoscaling")],
        metric_name=metric,
        **given,
    )


def schedule(when: str = "cron(0 8 * * ? *)") -> ScheduledAction:
    return ScheduledAction(
        scheduled_action_name="morning",
        scheduled_action_arn=arn("scheduledAction:morning", "autoscaling"),
        service_namespace="sagemaker",
        resource_id=MAIN,
        schedule=when,
        scalable_dimension=INSTANCES,
    )


MATH = policy(
    "math",
    target_tracking_scaling_policy_configuration=TargetTracking(
        target_value=50,
        customized_metric_specification=CustomizedMetric(
            metrics=[
                MetricQuery(
                    id="cpu",
                    metric_stat=MetricStat(
                        metric=Metric(namespace="/aws/sagemaker/Endpoints", metric_name="CPUUtilization")
                    ),
                ),
                MetricQuery(id="share", expression="cpu / 4"),
            ]
        ),
    ),
)

registered = checks.endpoint_autoscaling_registered
effective = checks.endpoint_scaling_policy_effective
to_zero = checks.async_endpoint_scales_to_zero
SMALL = "inference-component/small"

SCALING = [
    Case(registered, "nothing there", [], "absent"),
    Case(registered, "registered, with a policy", [*hosted(), target(), tracking()], "passed"),
    Case(registered, "registered only", [*hosted(), target()], "failed", ["no scaling policy"]),
    Case(registered, "not registered", hosted(), "failed", ["not registered"]),
    Case(registered, "a schedule that comes round", [*hosted(), target(), schedule()], "passed"),
    Case(registered, "a schedule of one time", [*hosted(), target(), schedule("at(2026-01-01T00:00:00)")], "failed"),
    Case(
        registered,
        "one variant of two",
        [*hosted(on_instances(), on_instances("b")), target(), tracking()],
        "partial",
        ["variant b"],
    ),
    Case(registered, "a policy on another dimension", [*hosted(), target(), tracking(dimension=CONCURRENCY)], "failed"),
    Case(
        registered,
        "names that differ in case",
        [*hosted(name="Churn"), target(), tracking()],
        "passed",
    ),
    Case(registered, "serverless on demand scales by itself", hosted(serverless()), "absent"),
    Case(registered, "serverless with fixed concurrency", hosted(serverless(2)), "failed", ["provisioned concurrency"]),
    Case(
        registered,
        "serverless with concurrency that scales",
        [*hosted(serverless(2)), target(dimension=CONCURRENCY), tracking(dimension=CONCURRENCY)],
        "passed",
    ),
    Case(
        registered,
        "serverless concurrency is no instance count",
        [*hosted(serverless(2)), target(), tracking()],
        "failed",
    ),
    Case(registered, "asynchronous: another check's", ASYNC, "absent"),
    Case(
        registered,
        "copies that scale",
        [*hosted(SHARED), component(), target(SMALL, COPIES), tracking(SMALL, COPIES)],
        "passed",
    ),
    Case(
        registered,
        "instances that scale below fixed copies",
        [*hosted(SHARED), component()],
        "failed",
        ["scale only as copies do"],
    ),
    Case(registered, "shared instances without components", hosted(SHARED), "absent"),
    Case(
        registered,
        "adapters and failed components",
        [*hosted(SHARED), component("a", base="small"), component("b", status="Failed")],
        "absent",
    ),
    Case(
        registered,
        "a shadow variant",
        [*hosted(shadow_production_variants=[on_instances("shadow")]), target(), tracking()],
        "passed",
    ),
    Case(registered, "an endpoint that failed", hosted(status="Failed"), "absent"),
    Case(registered, "an endpoint that is being updated", [*hosted(status="Updating"), target(), tracking()], "passed"),
    Case(effective, "nothing there", [], "absent"),
    Case(effective, "an endpoint that is not registered: another check's", hosted(), "absent"),
    Case(effective, "a policy and room", [*hosted(), target(), tracking()], "passed"),
    Case(effective, "no policy", [*hosted(), target()], "failed", ["no scaling policy"]),
    Case(effective, "a schedule only", [*hosted(), target(least=2, most=2), schedule()], "passed"),
    Case(
        effective,
        "a schedule that is suspended",
        [*hosted(), target(suspended_state=Suspended(scheduled_scaling_suspended=True)), schedule()],
        "failed",
        ["by schedule is suspended"],
    ),
    Case(effective, "no room", [*hosted(), target(least=2, most=2), tracking()], "failed", ["no room"]),
    Case(
        effective,
        "suspended both ways",
        [
            *hosted(),
            target(suspended_state=Suspended(dynamic_scaling_in_suspended=True, dynamic_scaling_out_suspended=True)),
            tracking(),
        ],
        "failed",
        ["scaling out is suspended; scaling in is suspended"],
    ),
    Case(
        effective,
        "never scales in",
        [*hosted(), target(), tracking(disable_scale_in=True)],
        "failed",
        ["no policy scales in"],
    ),
    Case(
        effective,
        "scales in by steps instead",
        [
            *hosted(),
            target(),
            tracking(disable_scale_in=True),
            steps(-1, name="down"),
            alarm("Invocations", sets_off="down"),
        ],
        "passed",
    ),
    Case(
        effective,
        "never scales out",
        [*hosted(), target(), steps(-1), alarm("Invocations")],
        "failed",
        ["no policy scales out"],
    ),
    Case(
        effective,
        "a step policy that no alarm sets off",
        [*hosted(), target(), tracking(), steps(1), alarm("Invocations", sets_off="another")],
        "failed",
        ["set off by no alarm"],
    ),
    Case(
        effective,
        "a step policy whose alarm may not act",
        [*hosted(), target(), tracking(), steps(1), alarm("Invocations", actions_enabled=False)],
        "failed",
        ["whose actions are enabled"],
    ),
    Case(
        effective,
        "exact steps both ways",
        [*hosted(), target(), steps(1, 3, kind="ExactCapacity"), alarm("Invocations")],
        "passed",
    ),
    Case(
        effective,
        "alarms that are gone",
        [*hosted(), target(), tracking(alarms=[PolicyAlarm(alarm_name="gone", alarm_arn=arn("alarm:gone"))])],
        "failed",
        ["lost its alarms"],
    ),
    Case(effective, "the endpoint is gone", [target(), tracking()], "failed", ["no longer there"]),
    Case(
        effective,
        "the variant is gone",
        [*hosted(on_instances("b")), target(), tracking()],
        "failed",
        ["no longer there"],
    ),
    Case(effective, "a component", [component(), target(SMALL, COPIES), tracking(SMALL, COPIES)], "passed"),
    Case(
        effective,
        "a share above one",
        [
            *hosted(serverless(2)),
            target(dimension=CONCURRENCY),
            tracking(dimension=CONCURRENCY, metric=checks.PROVISIONED),
        ],
        "failed",
        ["share between 0 and 1"],
    ),
    Case(
        effective,
        "processors where they are measured",
        [*hosted(), target(), following("CPUUtilization", "/aws/sagemaker/Endpoints")],
        "passed",
    ),
    Case(
        effective,
        "processors where they are not",
        [*hosted(), target(), following("CPUUtilization")],
        "failed",
        ["it is in /aws/sagemaker/Endpoints"],
    ),
    Case(
        effective,
        "latency where it is not measured",
        [*hosted(), target(), following("ModelLatency", "/aws/sagemaker/Endpoints", 90000)],
        "failed",
        ["it is in AWS/SageMaker"],
    ),
    Case(effective, "no namespace", [*hosted(), target(), following("Load", None)], "failed", ["without a namespace"]),
    Case(
        effective,
        "another endpoint's metric",
        [*hosted(), target(), following("ModelLatency", value=90000, endpoint="old")],
        "failed",
        ["of another endpoint, old"],
    ),
    Case(
        effective,
        "microseconds taken for milliseconds",
        [*hosted(), target(), following("ModelLatency", value=200)],
        "failed",
        ["200 microseconds"],
    ),
    Case(effective, "metric math", [*hosted(), target(), MATH], "passed"),
    Case(
        effective,
        "targets that serve no model",
        [
            ScalableTarget(
                service_namespace="ecs",
                resource_id="service/c/s",
                scalable_dimension="ecs:service:DesiredCount",
                min_capacity=1,
                max_capacity=1,
            )
        ],
        "absent",
    ),
    Case(to_zero, "nothing there", [], "absent"),
    Case(to_zero, "real-time endpoints may not", [*hosted(), target(), tracking()], "absent"),
    Case(
        to_zero,
        "wakes with the first request",
        [*ASYNC, target(least=0), steps(1), alarm("HasBacklogWithoutCapacity")],
        "passed",
    ),
    Case(
        to_zero,
        "wakes by the backlog",
        [*ASYNC, target(least=0), following("ApproximateBacklogSizePerInstance")],
        "passed",
    ),
    Case(
        to_zero,
        "never wakes",
        [*ASYNC, target(least=0), tracking()],
        "failed",
        ["no policy on the backlog wakes it"],
    ),
    Case(
        to_zero,
        "an alarm that may not act",
        [*ASYNC, target(least=0), steps(1), alarm("HasBacklogWithoutCapacity", actions_enabled=False)],
        "failed",
    ),
    Case(
        to_zero,
        "steps that only take away",
        [*ASYNC, target(least=0), steps(-1), alarm("HasBacklogWithoutCapacity")],
        "failed",
    ),
    Case(
        to_zero,
        "keeps an instance",
        [*ASYNC, target(), steps(1), alarm("HasBacklogWithoutCapacity")],
        "failed",
        ["keeps 1 instances"],
    ),
    Case(to_zero, "fixed", ASYNC, "failed", ["not registered"]),
    Case(checks.scaling_on_latency_metric, "nothing there", [], "absent"),
    Case(checks.scaling_on_latency_metric, "tracked", [following("ModelLatency", value=90000)], "passed"),
    Case(checks.scaling_on_latency_metric, "by an alarm", [steps(1), alarm("ModelLatency")], "passed"),
    Case(checks.scaling_on_latency_metric, "an alarm that scales nothing", [alarm("ModelLatency")], "absent"),
    Case(checks.scaling_on_latency_metric, "in the wrong unit", [following("ModelLatency", value=200)], "failed"),
    Case(checks.scaling_on_latency_metric, "by invocations", [tracking()], "absent"),
    Case(checks.scaling_on_cpu_metric, "nothing there", [], "absent"),
    Case(checks.scaling_on_cpu_metric, "tracked", [following("CPUUtilization", "/aws/sagemaker/Endpoints")], "passed"),
    Case(checks.scaling_on_cpu_metric, "where there is none", [following("CPUUtilization")], "failed"),
    Case(checks.scaling_on_cpu_metric, "metric math", [MATH], "passed"),
    Case(checks.scaling_on_cpu_metric, "of a service", [tracking(metric="ECSServiceAverageCPUUtilization")], "passed"),
    Case(checks.scaling_on_cpu_metric, "by invocations", [tracking()], "absent"),
]


# Networks

VPC = Vpc(vpc_id="vpc-1", owner_id=ACCOUNT)
DEFAULT = Vpc(vpc_id="vpc-1", owner_id=ACCOUNT, is_default=True)
SUBNETS = [
    Subnet(subnet_id=f"subnet-{zone}", vpc_id="vpc-1", availability_zone=f"{REGION}{zone}") for zone in ("a", "b")
]
NETWORK = [VPC, *SUBNETS]
IN_VPC = VpcConfig(subnets=["subnet-a"])
OPEN = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'


def vpc_endpoint(service: str, kind: str = "Interface", **given: Any) -> VpcEndpoint:
    return VpcEndpoint(
        **{
            "vpc_endpoint_id": f"vpce-{service}",
            "vpc_endpoint_type": kind,
            "vpc_id": "vpc-1",
            "service_name": f"com.amazonaws.{REGION}.{service}",
            "state": "available",
            "private_dns_enabled": kind == "Interface",
            "subnet_ids": ["subnet-a", "subnet-b"] if kind == "Interface" else [],
            **given,
        }
    )


def gateway(*tables: str, **given: Any) -> VpcEndpoint:
    return vpc_endpoint("s3", "Gateway", route_table_ids=list(tables), **given)


def table(name: str, subnet: str | None = None) -> RouteTable:
    return RouteTable(
        route_table_id=name, vpc_id="vpc-1", associations=[Association(main=subnet is None, subnet_id=subnet)]
    )


def training(status: str = "Completed", **given: Any) -> TrainingJob:
    return TrainingJob(
        training_job_name="fit",
        training_job_arn=arn("training-job/fit"),
        training_job_status=status,
        creation_time=NOW,
        **given,
    )


def processing(image: str = "image", **given: Any) -> ProcessingJob:
    return ProcessingJob(
        processing_job_name="prepare",
        processing_job_arn=arn("processing-job/prepare"),
        processing_job_status="Completed",
        creation_time=NOW,
        app_specification=AppSpecification(image_uri=image),
        **given,
    )


def model(image: str = "image", **given: Any) -> Model:
    return Model(
        model_name="churn",
        model_arn=arn("model/churn"),
        creation_time=NOW,
        primary_container=Container(image=image),
        **given,
    )


def domain(access: str) -> Domain:
    return Domain(
        domain_id="d-1",
        domain_arn=arn("domain/d-1"),
        domain_name="team",
        app_network_access_type=access,
        vpc_id="vpc-1",
        subnet_ids=["subnet-a"],
    )


def notebook(access: str) -> NotebookInstance:
    return NotebookInstance(
        notebook_instance_name="n",
        notebook_instance_arn=arn("notebook-instance/n"),
        subnet_id="subnet-a",
        direct_internet_access=access,
    )


JOB = training(vpc_config=IN_VPC)
BOTH = [vpc_endpoint("sagemaker.api"), vpc_endpoint("sagemaker.runtime")]
private = checks.vpc_endpoints_sagemaker
s3 = checks.vpc_endpoint_s3_gateway
scoped = checks.vpc_endpoint_policies_scoped

NETWORKS = [
    Case(private, "nothing there", [], "absent"),
    Case(private, "a default VPC that nobody built", [DEFAULT, *SUBNETS], "absent"),
    Case(private, "a VPC without work or endpoints", NETWORK, "absent"),
    Case(private, "both endpoints where jobs run", [*NETWORK, JOB, *BOTH], "passed"),
    Case(private, "the default VPC, as jobs run there", [DEFAULT, *SUBNETS, JOB], "failed", ["lacks sagemaker.api"]),
    Case(private, "no runtime", [*NETWORK, JOB, BOTH[0]], "failed", ["lacks sagemaker.runtime"]),
    Case(
        private,
        "no private DNS",
        [*NETWORK, JOB, BOTH[0], vpc_endpoint("sagemaker.runtime", private_dns_enabled=False)],
        "failed",
        ["sagemaker.runtime has no private DNS"],
    ),
    Case(
        private,
        "an endpoint that is being made",
        [*NETWORK, JOB, BOTH[0], vpc_endpoint("sagemaker.runtime", state="pending")],
        "failed",
        ["lacks sagemaker.runtime"],
    ),
    Case(
        private,
        "FIPS endpoints",
        [*NETWORK, JOB, vpc_endpoint("sagemaker.api-fips"), vpc_endpoint("sagemaker.runtime-fips")],
        "passed",
    ),
    Case(
        private,
        "endpoints of the partition in China",
        [
            *NETWORK,
            JOB,
            vpc_endpoint("", service_name="cn.com.amazonaws.cn-north-1.sagemaker.api"),
            vpc_endpoint("", service_name="cn.com.amazonaws.cn-north-1.sagemaker.runtime"),
        ],
        "passed",
    ),
    Case(
        private,
        "endpoints in another VPC",
        [*NETWORK, JOB, *(vpc_endpoint(s, vpc_id="vpc-2") for s in checks.REACHED)],
        "failed",
    ),
    Case(private, "practised in a sandbox", [*NETWORK, *BOTH], "passed"),
    Case(private, "a sandbox half done", [*NETWORK, BOTH[0]], "failed", ["lacks sagemaker.runtime"]),
    Case(private, "a network that serves something else", [*NETWORK, gateway("rtb-1")], "absent"),
    Case(
        private,
        "a sandbox beside real work",
        [*NETWORK, Vpc(vpc_id="vpc-2"), JOB, *(vpc_endpoint(s, vpc_id="vpc-2") for s in checks.REACHED)],
        "failed",
        ["vpc/vpc-1"],
    ),
    Case(
        private,
        "endpoints that a service made",
        [*NETWORK, *(vpc_endpoint(s, requester_managed=True) for s in checks.REACHED)],
        "absent",
    ),
    Case(
        private,
        "another account's VPC, shared",
        [Vpc(vpc_id="vpc-1", owner_id="210987654321"), *SUBNETS, JOB],
        "absent",
    ),
    Case(private, "a subnet that is gone", [VPC, JOB], "absent"),
    Case(private, "processing", [*NETWORK, processing(network_config=NetworkConfig(vpc_config=IN_VPC))], "failed"),
    Case(private, "a model", [*NETWORK, model(vpc_config=IN_VPC)], "failed", ["for its models"]),
    Case(private, "an endpoint configuration", [*NETWORK, hosted(vpc_config=IN_VPC)[0]], "failed"),
    Case(private, "a domain in its VPC only", [*NETWORK, domain("VpcOnly")], "failed", ["domains"]),
    Case(private, "a domain that goes past its VPC", [DEFAULT, *SUBNETS, domain("PublicInternetOnly")], "absent"),
    Case(private, "a notebook in its VPC only", [*NETWORK, notebook("Disabled")], "failed", ["notebook instances"]),
    Case(private, "a notebook that goes past its VPC", [*NETWORK, notebook("Enabled")], "absent"),
    Case(s3, "nothing there", [], "absent"),
    Case(s3, "in the main route table", [*NETWORK, JOB, table("rtb-main"), gateway("rtb-main")], "passed"),
    Case(
        s3,
        "in the subnet's own route table",
        [*NETWORK, JOB, table("rtb-main"), table("rtb-a", "subnet-a"), gateway("rtb-a")],
        "passed",
    ),
    Case(
        s3,
        "in the main table only, and the subnet has its own",
        [*NETWORK, JOB, table("rtb-main"), table("rtb-a", "subnet-a"), gateway("rtb-main")],
        "failed",
        ["subnet-a lack"],
    ),
    Case(
        s3,
        "in one of two subnets' tables",
        [
            *NETWORK,
            training(vpc_config=VpcConfig(subnets=["subnet-a", "subnet-b"])),
            table("rtb-main"),
            table("rtb-a", "subnet-a"),
            gateway("rtb-a"),
        ],
        "failed",
        ["subnet-b lack"],
    ),
    Case(s3, "in no table", [*NETWORK, JOB, table("rtb-main"), gateway()], "failed", ["in no route table"]),
    Case(s3, "none", [*NETWORK, JOB, table("rtb-main"), *BOTH], "failed", ["no S3 endpoint"]),
    Case(s3, "an interface endpoint", [*NETWORK, JOB, table("rtb-main"), vpc_endpoint("s3")], "passed"),
    Case(
        s3,
        "an interface endpoint without private DNS",
        [*NETWORK, JOB, table("rtb-main"), vpc_endpoint("s3", private_dns_enabled=False)],
        "failed",
        ["without private DNS"],
    ),
    Case(
        s3, "DynamoDB's", [*NETWORK, JOB, vpc_endpoint("dynamodb", "Gateway", route_table_ids=["rtb-main"])], "failed"
    ),
    Case(s3, "S3 Express's", [*NETWORK, JOB, vpc_endpoint("s3express", "Gateway")], "failed"),
    Case(s3, "practised in a sandbox", [*NETWORK, table("rtb-main"), gateway("rtb-main")], "passed"),
    Case(s3, "SageMaker's only, in a sandbox", [*NETWORK, *BOTH], "absent"),
    Case(scoped, "nothing there", [], "absent"),
    Case(scoped, "the default policy", [*NETWORK, JOB, gateway(policy_document=OPEN)], "failed", ["full access"]),
    Case(
        scoped,
        "a condition",
        [
            *NETWORK,
            JOB,
            gateway(
                policy_document=OPEN.replace('"*"}', '"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"1"}}}')
            ),
        ],
        "passed",
    ),
    Case(
        scoped,
        "one statement, bare, on one bucket",
        [
            *NETWORK,
            JOB,
            gateway(
                policy_document='{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"b"}}'
            ),
        ],
        "passed",
    ),
    Case(
        scoped,
        "a deny beside the default",
        [
            *NETWORK,
            JOB,
            gateway(policy_document=OPEN.replace("]}", ',{"Effect":"Deny","Principal":"*","Action":"*"}]}')),
        ],
        "passed",
    ),
    Case(scoped, "no text that can be read", [*NETWORK, JOB, gateway(policy_document="{")], "unknown"),
    Case(scoped, "odd text", [*NETWORK, JOB, gateway(policy_document='["x"]')], "unknown"),
    Case(scoped, "other services", [*NETWORK, JOB, vpc_endpoint("logs", policy_document=OPEN)], "absent"),
]


# Code and containers


def stack(name: str = "ml", status: str = "CREATE_COMPLETE") -> Stack:
    return Stack(stack_name=name, stack_status=status, stack_id=arn(f"stack/{name}/1", "cloudformation"))


def part(
    kind: str = "AWS::SageMaker::Model", status: str = "CREATE_COMPLETE", identifier: str | None = "churn"
) -> StackResource:
    return StackResource(
        stack_name=arn("stack/ml/1", "cloudformation"),
        logical_resource_id="Part",
        resource_type=kind,
        resource_status=status,
        physical_resource_id=identifier,
    )


def names(*keys: str, of: str = "ml") -> StackParameters:
    return StackParameters(
        stack_name=of,
        stack_id=arn(f"stack/{of}/1", "cloudformation"),
        parameters=[Parameter(parameter_key=key) for key in keys],
    )


OWN = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/churn:1"
PROVIDED = f"683313688378.dkr.ecr.{REGION}.amazonaws.com/sagemaker-xgboost:1.7-1"
DELETED = stack(status="DELETE_COMPLETE")
METADATA = part("AWS::CDK::Metadata")
cloudformation = checks.cloudformation_ml_stack_practised
cdk = checks.cdk_app_practised
byoc = checks.byoc_image_practised

CODE = [
    Case(cloudformation, "nothing there", [], "absent"),
    Case(cloudformation, "a model", [stack(), part()], "passed"),
    Case(cloudformation, "deleted", [DELETED, part(status="DELETE_COMPLETE")], "passed"),
    Case(cloudformation, "deleted, never built", [DELETED, part(status="DELETE_COMPLETE", identifier="")], "failed"),
    Case(cloudformation, "rolled back", [stack(status="ROLLBACK_COMPLETE"), part(status="DELETE_COMPLETE")], "failed"),
    Case(cloudformation, "an update that failed", [stack(status="UPDATE_ROLLBACK_COMPLETE"), part()], "passed"),
    Case(cloudformation, "no ML in it", [stack(), part("AWS::S3::Bucket")], "absent"),
    Case(cdk, "nothing there", [], "absent"),
    Case(cdk, "an application", [stack(), METADATA, names()], "passed"),
    Case(cdk, "one without metadata", [stack(), names("BootstrapVersion")], "passed"),
    Case(cdk, "deleted", [DELETED, part("AWS::CDK::Metadata", "DELETE_COMPLETE")], "passed"),
    Case(cdk, "bootstrapped only", [stack("CDKToolkit"), names("Qualifier", of="CDKToolkit")], "failed"),
    Case(cdk, "rolled back", [stack(status="ROLLBACK_COMPLETE"), METADATA], "failed"),
    Case(cdk, "a template by hand", [stack(), part(), names("Environment")], "absent"),
    Case(byoc, "nothing there", [], "absent"),
    Case(byoc, "a model", [model(OWN)], "passed"),
    Case(byoc, "a container of several", [model(PROVIDED, containers=[Container(), Container(image=OWN)])], "passed"),
    Case(byoc, "training", [training(algorithm_specification=Algorithm(training_image=OWN))], "passed"),
    Case(
        byoc,
        "training that failed",
        [training("Failed", algorithm_specification=Algorithm(training_image=OWN))],
        "failed",
    ),
    Case(byoc, "processing", [processing(OWN)], "passed"),
    Case(byoc, "provided images", [model(PROVIDED), processing(PROVIDED), training()], "absent"),
    Case(byoc, "the account's number elsewhere in the name", [model(f"{PROVIDED}-{ACCOUNT}.dkr.ecr")], "absent"),
]


def service(running: int = 1) -> EcsService:
    return EcsService(service_arn=arn("service/c/s", "ecs"), task_definition="task:1", running_count=running)


def task(status: str = "STOPPED", **given: Any) -> EcsTask:
    return EcsTask(task_arn=arn("task/c/t", "ecs"), task_definition_arn="task:1", last_status=status, **given)


def containers(image: str = "nginx:1", *needs: str) -> TaskDefinition:
    required = [Requirement(type=need) for need in needs]
    return TaskDefinition(
        task_definition_arn="task:1",
        container_definitions=[
            TaskContainer(image="envoy"),
            TaskContainer(image=image, resource_requirements=required),
        ],
    )


def cluster(status: str) -> EksCluster:
    return EksCluster(name="k", arn=arn("cluster/k", "eks"), status=status)


ecs, ecs_model, eks = (
    checks.ecs_deployment_practised,
    checks.ecs_model_serving_practised,
    checks.eks_deployment_practised,
)

CONTAINERS = [
    Case(ecs, "nothing there", [], "absent"),
    Case(ecs, "a service", [service()], "passed"),
    Case(ecs, "a service that never ran", [service(0)], "failed"),
    Case(ecs, "a task that ended", [task()], "passed"),
    Case(ecs, "a task that could not start", [task(stop_code="TaskFailedToStart")], "failed"),
    Case(ecs, "a task that waits", [task("PENDING")], "failed"),
    Case(ecs_model, "nothing there", [], "absent"),
    Case(ecs_model, "a web server", [service(), containers()], "absent"),
    Case(ecs_model, "SageMaker's image", [service(), containers(OWN.replace(":1", ":2")), model(OWN)], "passed"),
    Case(ecs_model, "a public serving image", [task("RUNNING"), containers("pytorch/torchserve:0.12-cpu")], "passed"),
    Case(ecs_model, "on a GPU", [service(), containers("mine", "GPU")], "passed"),
    Case(ecs_model, "one that never ran", [service(0), containers("mine", "GPU")], "failed"),
    Case(eks, "nothing there", [], "absent"),
    Case(eks, "a cluster", [cluster("ACTIVE")], "passed"),
    Case(eks, "a cluster that failed", [cluster("FAILED")], "failed"),
]

CASES: list[Case] = [*SCALING, *NETWORKS, *CODE, *CONTAINERS]


test_verdict = by_value(CASES)


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def host(name: str = "churn", **given: Any) -> None:
    sagemaker = client("sagemaker")
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": OWN})
    variant = {"VariantName": "main", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **given)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


VARIANT = {"ServiceNamespace": "sagemaker", "ResourceId": MAIN, "ScalableDimension": INSTANCES}


def register(least: int = 1, most: int = 3) -> None:
    client("application-autoscaling").register_scalable_target(MinCapacity=least, MaxCapacity=most, **VARIANT)


def track(value: float, **metric: Any) -> None:
    client("application-autoscaling").put_scaling_policy(
        PolicyName="track",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": value, **metric},
        **VARIANT,
    )


def custom(name: str, namespace: str = "AWS/SageMaker") -> dict[str, Any]:
    dimensions = [{"Name": "EndpointName", "Value": "churn"}]
    if name != "ApproximateBacklogSizePerInstance":
        dimensions.append({"Name": "VariantName", "Value": "main"})
    metric = {"MetricName": name, "Namespace": namespace, "Dimensions": dimensions, "Statistic": "Average"}
    return {"CustomizedMetricSpecification": metric}


def scale_an_endpoint() -> None:
    host()
    register()
    track(70, PredefinedMetricSpecification={"PredefinedMetricType": INVOCATIONS})


def scale_by_latency() -> None:
    host()
    register()
    track(100_000, **custom("ModelLatency"))


def scale_by_processor() -> None:
    host()
    register()
    track(50, **custom("CPUUtilization", "/aws/sagemaker/Endpoints"))


def scale_by_a_metric_that_is_not_there() -> None:
    host()
    register()
    track(50, **custom("CPUUtilization"))


QUEUE = {"OutputConfig": {"S3OutputPath": "s3://scores/"}}


def scale_a_queue_to_zero() -> None:
    host(AsyncInferenceConfig=QUEUE)
    register(least=0)
    track(5, **custom("ApproximateBacklogSizePerInstance"))
    wake = client("application-autoscaling").put_scaling_policy(
        PolicyName="wake",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "MetricAggregationType": "Average",
            "Cooldown": 300,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
        **VARIANT,
    )
    client("cloudwatch").put_metric_alarm(
        AlarmName="requests-wait",
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Dimensions=[{"Name": "EndpointName", "Value": "churn"}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=2,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="missing",
        AlarmActions=[wake["PolicyARN"]],
    )


def scale_a_queue_that_never_wakes() -> None:
    host(AsyncInferenceConfig=QUEUE)
    register(least=0)
    track(70, PredefinedMetricSpecification={"PredefinedMetricType": INVOCATIONS})


def build_network() -> tuple[str, list[str], str]:
    """A VPC of two subnets; returns it, its subnets, and its main route table."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for number, zone in enumerate("ab")
    ]
    [table] = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    return vpc, [subnet["SubnetId"] for subnet in subnets], table["RouteTableId"]


def use_network(subnets: list[str]) -> None:
    client("sagemaker").create_model(
        ModelName="private",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": OWN},
        VpcConfig={"Subnets": subnets, "SecurityGroupIds": ["sg-12345678"]},
    )


def work_in_an_open_network() -> None:
    _, subnets, _ = build_network()
    use_network(subnets)


def work_in_a_private_network() -> None:
    vpc, subnets, table = build_network()
    use_network(subnets)
    ec2 = client("ec2")
    for service in ("sagemaker.api", "sagemaker.runtime", "ecr.api", "ecr.dkr", "logs", "sts"):
        ec2.create_vpc_endpoint(
            VpcId=vpc,
            VpcEndpointType="Interface",
            ServiceName=f"com.amazonaws.{REGION}.{service}",
            SubnetIds=subnets,
            PrivateDnsEnabled=True,
            PolicyDocument=json.dumps(OWN_ACCOUNT),
        )
    ec2.create_vpc_endpoint(
        VpcId=vpc,
        VpcEndpointType="Gateway",
        ServiceName=f"com.amazonaws.{REGION}.s3",
        RouteTableIds=[table],
        PolicyDocument=json.dumps(OWN_ACCOUNT),
    )


OWN_ACCOUNT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
        }
    ],
}


def work_with_a_gateway_as_it_comes() -> None:
    vpc, subnets, table = build_network()
    use_network(subnets)
    client("ec2").create_vpc_endpoint(
        VpcId=vpc, VpcEndpointType="Gateway", ServiceName=f"com.amazonaws.{REGION}.s3", RouteTableIds=[table]
    )


def template(*kinds: str, **parameters: Any) -> str:
    properties: dict[str, Any] = {
        "AWS::SageMaker::Model": {"ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": OWN}},
        "AWS::S3::Bucket": {},
    }
    resources = {kind.replace("::", ""): {"Type": kind, "Properties": properties[kind]} for kind in kinds}
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Parameters": parameters, "Resources": resources})


def build_stack(name: str, *kinds: str, **parameters: Any) -> None:
    client("cloudformation").create_stack(StackName=name, TemplateBody=template(*kinds, **parameters))


def build_a_model_from_a_template() -> None:
    build_stack("ml", "AWS::SageMaker::Model")


def build_and_delete_a_model_from_a_template() -> None:
    build_a_model_from_a_template()
    client("cloudformation").delete_stack(StackName="ml")


def build_a_bucket_from_a_template() -> None:
    build_stack("web", "AWS::S3::Bucket")


def bootstrap_the_cdk() -> None:
    build_stack("CDKToolkit", "AWS::S3::Bucket")


def deploy_a_cdk_app() -> None:
    bootstrap_the_cdk()
    version = "/cdk-bootstrap/hnb659fds/version"
    client("ssm").put_parameter(Name=version, Value="30", Type="String")
    bootstrap = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": version}
    build_stack("app", "AWS::SageMaker::Model", BootstrapVersion=bootstrap)


def serve_on_ecs() -> None:
    ecs = client("ecs")
    ecs.create_cluster(clusterName="serving")
    ecs.register_task_definition(
        family="serve", containerDefinitions=[{"name": "serve", "image": "pytorch/torchserve:0.12-cpu", "memory": 1024}]
    )
    ecs.create_service(cluster="serving", serviceName="serve", taskDefinition="serve", desiredCount=0)


def make_an_ecs_cluster() -> None:
    client("ecs").create_cluster(clusterName="default")


def run_kubernetes() -> None:
    _, subnets, _ = build_network()
    client("eks").create_cluster(name="models", roleArn=ROLE, resourcesVpcConfig={"subnetIds": subnets})


def nothing() -> None:
    pass


def host_without_scaling() -> None:
    host()


def register_without_a_policy() -> None:
    host()
    register()


def scale_without_room() -> None:
    host()
    register(least=1, most=1)
    track(70, PredefinedMetricSpecification={"PredefinedMetricType": INVOCATIONS})


EMULATED: list[Emulated] = [
    (registered, nothing, "absent"),
    (registered, scale_an_endpoint, "passed"),
    (registered, host_without_scaling, "failed"),
    (registered, register_without_a_policy, "failed"),
    (effective, nothing, "absent"),
    (effective, scale_an_endpoint, "passed"),
    (effective, register_without_a_policy, "failed"),
    (effective, scale_without_room, "failed"),
    (to_zero, scale_a_queue_to_zero, "passed"),
    (to_zero, scale_a_queue_that_never_wakes, "failed"),
    (to_zero, scale_an_endpoint, "absent"),
    (checks.scaling_on_latency_metric, scale_by_latency, "passed"),
    (checks.scaling_on_latency_metric, scale_an_endpoint, "absent"),
    (checks.scaling_on_cpu_metric, scale_by_processor, "passed"),
    (checks.scaling_on_cpu_metric, scale_by_a_metric_that_is_not_there, "failed"),
    (private, nothing, "absent"),
    (private, work_in_an_open_network, "failed"),
    (private, work_in_a_private_network, "passed"),
    (s3, nothing, "absent"),
    (s3, work_in_an_open_network, "failed"),
    (s3, work_in_a_private_network, "passed"),
    (scoped, work_in_a_private_network, "passed"),
    (scoped, work_with_a_gateway_as_it_comes, "failed"),
    (cloudformation, build_a_model_from_a_template, "passed"),
    (cloudformation, build_and_delete_a_model_from_a_template, "passed"),
    (cloudformation, build_a_bucket_from_a_template, "absent"),
    (cdk, deploy_a_cdk_app, "passed"),
    (cdk, bootstrap_the_cdk, "failed"),
    (cdk, build_a_model_from_a_template, "absent"),
    (byoc, scale_an_endpoint, "passed"),
    (byoc, nothing, "absent"),
    (ecs, serve_on_ecs, "failed"),
    (ecs, make_an_ecs_cluster, "absent"),
    (ecs_model, serve_on_ecs, "failed"),
    (eks, run_kubernetes, "passed"),
    (eks, nothing, "absent"),
]


test_emulated = by_calls(EMULATED)
