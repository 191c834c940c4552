"""3.2 Create and script infrastructure: scaling, VPC endpoints, infrastructure as code, containers."""

from __future__ import annotations

import collections
import re
from collections.abc import Collection, Iterable, Iterator

from readiness import Finding, Findings, Scan, evidence, practice
from readiness.aws.access import statements
from readiness.aws.autoscaling import CustomizedMetric, ModelScaling, ScalingPolicy
from readiness.aws.cloudformation import Stack, StackParameters, StackResource
from readiness.aws.cloudwatch import Metric, MetricAlarm
from readiness.aws.ec2 import RouteTable, VpcEndpoint
from readiness.aws.ecs import EcsWorkload, TaskContainer, TaskDefinition
from readiness.aws.eks import EksCluster
from readiness.aws.network import ML_SERVICES, MlVpc
from readiness.aws.sagemaker.hosting import SERVING, Endpoint, EndpointConfig, InferenceComponent, Model, Variant
from readiness.aws.sagemaker.training import ProcessingJob, TrainingJob

INSTANCES = "sagemaker:variant:DesiredInstanceCount"
CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"
COPIES = "sagemaker:inference-component:DesiredCopyCount"

INSTANCE_METRICS = {
    "CPUUtilization",
    "CPUUtilizationNormalized",
    "DiskUtilization",
    "GPUMemoryUtilization",
    "GPUMemoryUtilizationNormalized",
    "GPUUtilization",
    "GPUUtilizationNormalized",
    "MemoryUtilization",
    "MemoryUtilizationNormalized",
}
"""What SageMaker measures on machines, in the namespaces that begin with /aws/sagemaker/."""
INVOCATION_METRICS = {
    "ApproximateBacklogSize",
    "ApproximateBacklogSizePerInstance",
    "HasBacklogWithoutCapacity",
    "Invocations",
    "InvocationsPerCopy",
    "InvocationsPerInstance",
    "ModelLatency",
    "OverheadLatency",
}
"""What SageMaker measures of requests, in the namespace AWS/SageMaker."""
PROVISIONED = "SageMakerVariantProvisionedConcurrencyUtilization"
BACKLOG_METRICS = {"ApproximateBacklogSize", "ApproximateBacklogSizePerInstance"}
WAKING_METRIC = "HasBacklogWithoutCapacity"
LATENCY_METRICS = {"ModelLatency", "OverheadLatency", "TargetResponseTime"}
LEAST_LATENCY = 1000
"""Microseconds, the unit of ModelLatency: who tracks less than a millisecond took it for milliseconds."""
PROCESSOR_METRICS = {
    "CPUUtilization",
    "CPUUtilizationNormalized",
    "ECSServiceAverageCPUUtilization",
    "GPUUtilization",
    "GPUUtilizationNormalized",
}

REACHED = ("sagemaker.api", "sagemaker.runtime")
HELPFUL = ("ecr.api", "ecr.dkr", "logs", "sts")

ML_RESOURCES = re.compile(
    r"AWS::(SageMaker|Bedrock|BedrockAgentCore|Glue|DataBrew|Comprehend|Rekognition|Personalize|Forecast|Kendra|Lex)::"
)
BUILT = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
}
"""The statuses of a stack, or of a resource in it, that came to be."""
SERVING_IMAGES = re.compile(
    r"(pytorch|tensorflow|huggingface|djl|mxnet|triton|sagemaker)[\w-]*(inference|serving|server)|[\w-]*tgi-inference"
    r"|(tensorflow/serving|pytorch/torchserve|bentoml|mlserver|kserve|vllm|seldonio|text-generation-inference)\b"
)
"""Names by which publishers of images that serve models call them."""
GONE = "DELETE_COMPLETE"
CDK_BOOTSTRAP = "CDKToolkit"


def _variants(endpoint: Endpoint, config: EndpointConfig) -> list[Variant]:
    """The production variants that run, as they were declared; shadow variants only see copies of requests."""
    running = {variant.variant_name for variant in endpoint.production_variants}
    return [variant for variant in config.production_variants if not running or variant.variant_name in running]


def _serving(
    endpoints: Iterable[Endpoint], configs: Iterable[EndpointConfig]
) -> Iterator[tuple[Endpoint, EndpointConfig]]:
    by_name = {config.endpoint_config_name: config for config in configs}
    for endpoint in endpoints:
        config = by_name.get(endpoint.endpoint_config_name or "")
        if config is not None and endpoint.endpoint_status in SERVING:
            yield endpoint, config


def _of_variant(endpoint: Endpoint, variant: Variant) -> str:
    return f"endpoint/{endpoint.endpoint_name}/variant/{variant.variant_name}"


class _Scaling:
    """What is registered, by resource and dimension; the case of an endpoint's name tells nothing."""

    def __init__(self, scaling: Iterable[ModelScaling]) -> None:
        self._known = {(one.resource_id.lower(), one.scalable_dimension): one for one in scaling}

    def of(self, resource: str, dimension: str) -> ModelScaling | None:
        return self._known.get((resource.lower(), dimension))

    def judge(self, subject: str, resource: str, dimension: str) -> tuple[bool, str]:
        """Whether something moves the capacity, and what, in words."""
        scaling = self.of(resource, dimension)
        if scaling is None:
            return False, f"{subject} is not registered with Application Auto Scaling"
        if scaling.policies:
            return True, f"{subject} scales by {', '.join(sorted(one.policy_name for one in scaling.policies))}"
        if scaling.schedules:
            return True, f"{subject} scales on a schedule"
        return False, f"{subject} is registered, but has no scaling policy: nothing moves it"


@practice("3.2-K8", "3.2-S2", "3.2-K2", severity="high")
def endpoint_autoscaling_registered(
    endpoints: list[Endpoint],
    configs: list[EndpointConfig],
    components: list[InferenceComponent],
    scaling: list[ModelScaling],
) -> Findings:
    r"""Every variant of a real-time endpoint is registered to scale, and has a policy that scales it.

    Why: A fixed fleet is either idle, and paid for, or overloaded, and slow. Scaling is per variant and in two steps:
    registered without a policy, a variant never moves.
    Fix:
    aws application-autoscaling register-scalable-target --service-namespace sagemaker \
      --resource-id endpoint/ENDPOINT/variant/VARIANT --scalable-dimension sagemaker:variant:DesiredInstanceCount \
      --min-capacity 1 --max-capacity 3
    aws application-autoscaling put-scaling-policy --service-namespace sagemaker \
      --resource-id endpoint/ENDPOINT/variant/VARIANT --scalable-dimension sagemaker:variant:DesiredInstanceCount \
      --policy-name invocations --policy-type TargetTrackingScaling \
      --target-tracking-scaling-policy-configuration '{"TargetValue":70,
        "PredefinedMetricSpecification":{"PredefinedMetricType":"SageMakerVariantInvocationsPerInstance"}}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html
    Cost: hourly, the endpoint; scaling itself is free.
    Survives: seen only while the endpoint exists, for its targets go with it.
    """
    known = _Scaling(scaling)
    for endpoint, config in _serving(endpoints, configs):
        if config.async_inference_config is not None:
            continue
        for variant in _variants(endpoint, config):
            resource, subject = _of_variant(endpoint, variant), f"variant {variant.variant_name}"
            if variant.serverless_config is not None:
                if variant.serverless_config.provisioned_concurrency:
                    good, note = known.judge(f"provisioned concurrency of {subject}", resource, CONCURRENCY)
                    yield Finding(endpoint.endpoint_arn, good, note)
            elif variant.model_name:
                yield Finding(endpoint.endpoint_arn, *known.judge(subject, resource, INSTANCES))
            else:
                managed = variant.managed_instance_scaling
                room = (managed is not None and managed.status == "ENABLED") or known.of(resource, INSTANCES)
                for component in components:
                    if _is_hosted(component, endpoint, variant):
                        name = component.inference_component_name
                        good, note = known.judge(f"component {name}", f"inference-component/{name}", COPIES)
                        if good and not room:
                            note += f", but the instances of {subject} are fixed"
                        elif not good and room:
                            note += f"; the instances of {subject} scale only as copies do"
                        yield Finding(component.inference_component_arn, good, note)


def _is_hosted(component: InferenceComponent, endpoint: Endpoint, variant: Variant) -> bool:
    """Whether it is a model on the variant's instances; an adapter lives in the copies of its base component."""
    served = component.specification
    return (
        component.endpoint_name == endpoint.endpoint_name
        and component.variant_name in (None, variant.variant_name)
        and component.inference_component_status in ("InService", "Updating")
        and not (served and served.base_inference_component_name)
    )


@practice("3.2-K2", "3.2-K8", "3.2-S2", severity="high")
def endpoint_scaling_policy_effective(
    scaling: list[ModelScaling],
    endpoints: list[Endpoint],
    configs: list[EndpointConfig],
    components: list[InferenceComponent],
    alarms: list[MetricAlarm],
    scan: Scan,
) -> Findings:
    r"""Every SageMaker scalable target has a live policy, and room to move both ways.

    Why: What is registered may still never scale: bounds that are equal, scaling that is suspended, a metric that does
    not exist, a target value in the wrong unit, an alarm that is gone.
    Fix:
    aws application-autoscaling register-scalable-target --service-namespace sagemaker \
      --resource-id endpoint/ENDPOINT/variant/VARIANT --scalable-dimension sagemaker:variant:DesiredInstanceCount \
      --min-capacity 1 --max-capacity 3 \
      --suspended-state DynamicScalingInSuspended=false,DynamicScalingOutSuspended=false
    aws application-autoscaling describe-scaling-policies --service-namespace sagemaker
    aws application-autoscaling deregister-scalable-target --service-namespace sagemaker \
      --resource-id endpoint/GONE/variant/VARIANT --scalable-dimension sagemaker:variant:DesiredInstanceCount
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-policy.html
    Cost: free, but for alarms, ten cents a month each beyond the first ten.
    Survives: seen only while the target is registered.
    """
    arns = _scalable(endpoints, configs, components)
    for one in scaling:
        what = one.resource_id.rpartition("/")[2]
        arn = arns.get(one.resource_id.lower())
        if arn is None:
            gone = scan.arn("sagemaker", one.resource_id, region=scan.region, account=scan.account)
            yield Finding(gone, good=False, note="registered to scale, but no longer there")
            continue
        problems = list(_problems(one, alarms))
        bounds = f"between {one.target.min_capacity} and {one.target.max_capacity}"
        yield Finding(arn, not problems, f"{what}: {'; '.join(problems) or f'scales {bounds}'}")


def _scalable(
    endpoints: Iterable[Endpoint], configs: Iterable[EndpointConfig], components: Iterable[InferenceComponent]
) -> dict[str, str]:
    """The ARN of each endpoint or component that there is, by the lower-case identifiers of what scales in it."""
    by_name = {config.endpoint_config_name: config for config in configs}
    arns = {f"inference-component/{one.inference_component_name}": one.inference_component_arn for one in components}
    for endpoint in endpoints:
        config = by_name.get(endpoint.endpoint_config_name or "")
        names = {variant.variant_name for variant in endpoint.production_variants}
        names |= {variant.variant_name for variant in config.production_variants} if config else set()
        arns |= {f"endpoint/{endpoint.endpoint_name}/variant/{name}": endpoint.endpoint_arn for name in names}
    return {resource.lower(): arn for resource, arn in arns.items()}


def _problems(scaling: ModelScaling, alarms: Iterable[MetricAlarm]) -> Iterator[str]:
    """What keeps a target from scaling; a schedule that comes round moves the bounds themselves."""
    target, state = scaling.target, scaling.target.suspended_state
    if not scaling.policies:
        if not scaling.schedules:
            yield "has no scaling policy"
        elif state.scheduled_scaling_suspended:
            yield "scaling by schedule is suspended"
        return
    if target.min_capacity >= target.max_capacity and not scaling.schedules:
        yield f"no room: least and most are both {target.max_capacity}"
    if state.dynamic_scaling_out_suspended:
        yield "scaling out is suspended"
    if state.dynamic_scaling_in_suspended:
        yield "scaling in is suspended"
    if not any(policy.grows for policy in scaling.policies):
        yield "no policy scales out"
    if not any(policy.shrinks for policy in scaling.policies):
        yield "no policy scales in, so what was added stays and is paid for"
    for policy in scaling.policies:
        for problem in (*_unset(policy, list(alarms)), *_misaimed(policy, scaling.resource_id)):
            yield f"{policy.policy_name} {problem}"


def _driving(policy: ScalingPolicy, alarms: Iterable[MetricAlarm]) -> list[MetricAlarm]:
    """The alarms that set a policy off: it names them, or they name it."""
    named = {alarm.alarm_name for alarm in policy.alarms}
    return [alarm for alarm in alarms if alarm.alarm_name in named or policy.policy_arn in alarm.alarm_actions]


def _unset(policy: ScalingPolicy, alarms: Collection[MetricAlarm]) -> Iterator[str]:
    driving = _driving(policy, alarms)
    if policy.step_scaling_policy_configuration is not None and not driving:
        yield "is set off by no alarm"
    elif policy.alarms and not driving:
        yield "has lost its alarms"
    elif driving and not any(alarm.actions_enabled for alarm in driving):
        yield "is set off by no alarm whose actions are enabled"


def _misaimed(policy: ScalingPolicy, resource: str) -> Iterator[str]:
    """Target values and metrics that can't have been meant."""
    tracking = policy.target_tracking_scaling_policy_configuration
    if tracking is None:
        return
    value, predefined = tracking.target_value, tracking.predefined_metric_specification
    if value <= 0:
        yield f"aims at {value:g}"
    if predefined and predefined.predefined_metric_type == PROVISIONED and value >= 1:
        yield f"aims at {value:g}, but utilization is a share between 0 and 1"
    custom = tracking.customized_metric_specification
    for metric in custom.parts if custom else []:
        yield from _strange(metric, resource)
    if custom and custom.metric_name in ("ModelLatency", "OverheadLatency") and 0 < value < LEAST_LATENCY:
        yield f"aims at {value:g} microseconds, the unit of {custom.metric_name}"


def _strange(metric: Metric, resource: str) -> Iterator[str]:
    name, namespace = metric.metric_name or "", metric.namespace or ""
    if not namespace:
        yield f"tracks {name} without a namespace"
    elif namespace == "AWS/SageMaker" and name in INSTANCE_METRICS:
        yield f"tracks {name} in {namespace}, where there is none: it is in /aws/sagemaker/Endpoints"
    elif namespace.startswith("/aws/sagemaker/") and name in INVOCATION_METRICS:
        yield f"tracks {name} in {namespace}, where there is none: it is in AWS/SageMaker"
    for dimension in metric.dimensions:
        kind, _, path = resource.lower().partition("/")
        other = dimension.name == "EndpointName" and dimension.value.lower() != path.partition("/")[0]
        if kind == "endpoint" and other:
            yield f"tracks {name} of another endpoint, {dimension.value}"


@practice("3.2-K8", "3.2-K1", severity="medium")
def async_endpoint_scales_to_zero(
    endpoints: list[Endpoint],
    configs: list[EndpointConfig],
    scaling: list[ModelScaling],
    alarms: list[MetricAlarm],
) -> Findings:
    r"""Asynchronous endpoints scale to zero, and wake from it.

    Why: An asynchronous endpoint keeps requests in a queue, so it may have no instance, and cost nothing, while the
    queue is empty; but only a policy on the backlog wakes it, for without instances nothing is invoked.
    Fix:
    aws application-autoscaling register-scalable-target --service-namespace sagemaker \
      --resource-id endpoint/ENDPOINT/variant/VARIANT --scalable-dimension sagemaker:variant:DesiredInstanceCount \
      --min-capacity 0 --max-capacity 2
    aws application-autoscaling put-scaling-policy --service-namespace sagemaker \
      --resource-id endpoint/ENDPOINT/variant/VARIANT --scalable-dimension sagemaker:variant:DesiredInstanceCount \
      --policy-name wake --policy-type StepScaling --step-scaling-policy-configuration \
      '{"AdjustmentType":"ChangeInCapacity","MetricAggregationType":"Average","Cooldown":300,
        "StepAdjustments":[{"MetricIntervalLowerBound":0,"ScalingAdjustment":1}]}'
    aws cloudwatch put-metric-alarm --alarm-name wake --namespace AWS/SageMaker \
      --metric-name HasBacklogWithoutCapacity --dimensions Name=EndpointName,Value=ENDPOINT --statistic Average \
      --period 60 --evaluation-periods 2 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold \
      --treat-missing-data missing --alarm-actions POLICY_ARN
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
    Cost: free while it is at zero, hourly for instances that run.
    Survives: seen only while the endpoint exists.
    """
    known = _Scaling(scaling)
    for endpoint, config in _serving(endpoints, configs):
        if config.async_inference_config is None:
            continue
        for variant in _variants(endpoint, config):
            found = known.of(_of_variant(endpoint, variant), INSTANCES)
            waking = _waking(found.policies, alarms) if found else set()
            if found is None:
                good, note = False, "is not registered to scale"
            elif found.target.min_capacity > 0:
                good, note = False, f"keeps {found.target.min_capacity} instances while its queue is empty"
            elif found.target.max_capacity < 1:
                good, note = False, "may never have an instance"
            elif not waking:
                good, note = False, "goes to zero, and no policy on the backlog wakes it"
            else:
                good, note = True, "goes to zero and wakes with the first request"
                if WAKING_METRIC not in waking:
                    note = "goes to zero and wakes when the backlog is past its target, not with the first request"
            yield Finding(endpoint.endpoint_arn, good, f"variant {variant.variant_name} {note}")


def _waking(policies: Iterable[ScalingPolicy], alarms: Iterable[MetricAlarm]) -> set[str]:
    """The metrics by which policies that add instances learn that requests wait."""
    found: set[str] = set()
    for policy in policies:
        if policy.grows:
            enabled = [alarm for alarm in _driving(policy, alarms) if alarm.actions_enabled]
            found |= _metrics(policy, enabled)
    return found & {*BACKLOG_METRICS, WAKING_METRIC}


def _custom(policy: ScalingPolicy) -> CustomizedMetric | None:
    tracking = policy.target_tracking_scaling_policy_configuration
    return tracking.customized_metric_specification if tracking else None


def _metrics(policy: ScalingPolicy, driving: Iterable[MetricAlarm]) -> set[str]:
    """The names of the metrics that a policy follows, itself or through alarms."""
    names: set[str | None] = set()
    if (custom := _custom(policy)) is not None:
        names |= {metric.metric_name for metric in custom.parts}
    tracking = policy.target_tracking_scaling_policy_configuration
    if tracking and tracking.predefined_metric_specification:
        names.add(tracking.predefined_metric_specification.predefined_metric_type)
    for alarm in driving:
        names.add(alarm.metric_name)
        names |= {query.metric_stat.metric.metric_name for query in alarm.metrics if query.metric_stat}
    return {name for name in names if name}


def _chosen(policies: Iterable[ScalingPolicy], alarms: list[MetricAlarm], metrics: set[str]) -> Findings:
    """Each policy that follows one of the metrics; one that looks for it where it is not, does not count."""
    for policy in policies:
        if found := sorted(_metrics(policy, _driving(policy, alarms)) & metrics):
            wrong = list(_misaimed(policy, policy.resource_id))
            yield Finding(policy.policy_arn, not wrong, "; ".join(wrong) or f"scales on {', '.join(found)}")


@evidence("3.2-S9", severity="low")
def scaling_on_latency_metric(policies: list[ScalingPolicy], alarms: list[MetricAlarm]) -> Findings:
    r"""A scaling policy follows latency.

    Why: Latency is what users feel; but it rises only once instances are full, so it has to be chosen with care, and
    ModelLatency is counted in microseconds.
    Fix:
    aws application-autoscaling put-scaling-policy --service-namespace sagemaker \
      --resource-id endpoint/ENDPOINT/variant/VARIANT --scalable-dimension sagemaker:variant:DesiredInstanceCount \
      --policy-name latency --policy-type TargetTrackingScaling \
      --target-tracking-scaling-policy-configuration '{"TargetValue":100000,"CustomizedMetricSpecification":{
        "MetricName":"ModelLatency","Namespace":"AWS/SageMaker","Statistic":"Average","Dimensions":[
        {"Name":"EndpointName","Value":"ENDPOINT"},{"Name":"VariantName","Value":"VARIANT"}]}}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-code-define.html
    Cost: hourly, the endpoint; the policy is free.
    Survives: seen only while the target is registered.
    """
    yield from _chosen(policies, alarms, LATENCY_METRICS)


@evidence("3.2-S10", severity="low")
def scaling_on_cpu_metric(policies: list[ScalingPolicy], alarms: list[MetricAlarm]) -> Findings:
    r"""A scaling policy follows the use of the processors.

    Why: For models that are bound by the processor, its use rises before latency does. CPUUtilization is in the
    namespace /aws/sagemaker/Endpoints and is summed over the cores, so that four busy cores make 400.
    Fix:
    aws application-autoscaling put-scaling-policy --service-namespace sagemaker \
      --resource-id endpoint/ENDPOINT/variant/VARIANT --scalable-dimension sagemaker:variant:DesiredInstanceCount \
      --policy-name cpu --policy-type TargetTrackingScaling \
      --target-tracking-scaling-policy-configuration '{"TargetValue":50,"CustomizedMetricSpecification":{
        "MetricName":"CPUUtilization","Namespace":"/aws/sagemaker/Endpoints","Statistic":"Average","Dimensions":[
        {"Name":"EndpointName","Value":"ENDPOINT"},{"Name":"VariantName","Value":"VARIANT"}]}}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-code-define.html
    Cost: hourly, the endpoint; the policy is free.
    Survives: seen only while the target is registered.
    """
    yield from _chosen(policies, alarms, PROCESSOR_METRICS)


def _serves(endpoint: VpcEndpoint) -> bool:
    """Whether an interface endpoint catches the calls that are made to the service's usual name."""
    return endpoint.vpc_endpoint_type == "Interface" and endpoint.private_dns_enabled


def _work(vpc: MlVpc) -> str:
    return f"for its {', '.join(vpc.users)}" if vpc.users else "though no ML work names it yet"


def _vpc_arn(scan: Scan, resource: str) -> str:
    return scan.arn("ec2", resource, region=scan.region, account=scan.account)


@practice("3.2-S7", "4.3-K4", severity="high")
def vpc_endpoints_sagemaker(vpcs: list[MlVpc], scan: Scan) -> Findings:
    r"""VPCs that ML work runs in reach SageMaker's API and runtime through interface endpoints with private DNS.

    Why: Through them calls to SageMaker stay in Amazon's network and need no internet or NAT gateway; private DNS makes
    the usual names resolve to them, so that code need not change.
    Fix:
    aws ec2 create-vpc-endpoint --vpc-id VPC --vpc-endpoint-type Interface \
      --service-name com.amazonaws.REGION.sagemaker.api --subnet-ids SUBNET_A SUBNET_B --security-group-ids GROUP \
      --private-dns-enabled
    aws ec2 create-vpc-endpoint --vpc-id VPC --vpc-endpoint-type Interface \
      --service-name com.amazonaws.REGION.sagemaker.runtime --subnet-ids SUBNET_A SUBNET_B --security-group-ids GROUP \
      --private-dns-enabled
    aws ec2 delete-vpc-endpoints --vpc-endpoint-ids ENDPOINT_ID
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/interface-vpc-endpoint.html
    Cost: hourly, about a cent for each endpoint and zone: delete them after the exercise.
    Survives: seen only while the endpoints exist.
    """
    for vpc in vpcs:
        own = collections.defaultdict(list)
        for endpoint in vpc.endpoints:
            own[endpoint.service].append(endpoint)
        if not vpc.users and not any(service.startswith("sagemaker.") for service in own):
            continue
        notes: list[str] = []
        for service in REACHED:
            if service not in own:
                notes.append(f"lacks {service}")
            elif not any(map(_serves, own[service])):
                notes.append(f"{service} has no private DNS")
        good = not notes
        notes = notes or ["reaches SageMaker privately"]
        if lonely := [name for name in REACHED if own[name] and len({s for e in own[name] for s in e.subnet_ids}) < 2]:
            notes.append(f"{' and '.join(lonely)} in one zone only")
        if missing := [service for service in HELPFUL if not own[service]]:
            notes.append(f"no endpoint for {', '.join(missing)}")
        yield Finding(_vpc_arn(scan, f"vpc/{vpc.vpc_id}"), good, f"{'; '.join(notes)} ({_work(vpc)})")


@practice("3.2-S7", severity="medium")
def vpc_endpoint_s3_gateway(vpcs: list[MlVpc], tables: list[RouteTable], scan: Scan) -> Findings:
    r"""VPCs that ML work runs in reach S3 through a gateway endpoint in the route tables of their subnets.

    Why: Jobs in a VPC fetch data and write models over its network: without an S3 endpoint they fail, or pay a NAT
    gateway for each gigabyte. The gateway endpoint is free, and works only in route tables that it is associated with.
    Fix:
    aws ec2 create-vpc-endpoint --vpc-id VPC --vpc-endpoint-type Gateway --service-name com.amazonaws.REGION.s3 \
      --route-table-ids ROUTE_TABLE
    aws ec2 modify-vpc-endpoint --vpc-endpoint-id ENDPOINT_ID --add-route-table-ids ROUTE_TABLE
    See: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
    Cost: free, gateway endpoints are.
    Survives: costs nothing to keep.
    """
    for vpc in vpcs:
        endpoints = [endpoint for endpoint in vpc.endpoints if endpoint.service == "s3"]
        if not vpc.users and not endpoints:
            continue
        own = [table for table in tables if table.vpc_id == vpc.vpc_id]
        main = {one.route_table_id for one in own if any(part.main for part in one.associations)}
        chosen = {part.subnet_id: {table.route_table_id} for table in own for part in table.associations}
        needed = {name: chosen.get(name, main) for name in (subnet.subnet_id for subnet in vpc.subnets)}
        routed = {table for one in endpoints if one.vpc_endpoint_type == "Gateway" for table in one.route_table_ids}
        without = sorted(name for name, its in needed.items() if not its & routed)
        if routed and not without:
            good, note = True, "S3 through a gateway endpoint"
        elif any(map(_serves, endpoints)):
            good, note = True, "S3 through an interface endpoint, paid by the hour; a gateway endpoint is free"
        elif routed:
            good, note = False, f"the route tables of {', '.join(without)} lack the S3 gateway endpoint"
        elif any(endpoint.vpc_endpoint_type == "Gateway" for endpoint in endpoints):
            good, note = False, "the S3 gateway endpoint is in no route table"
        else:
            note = "only an S3 interface endpoint without private DNS" if endpoints else "no S3 endpoint"
            good = False
        yield Finding(_vpc_arn(scan, f"vpc/{vpc.vpc_id}"), good, f"{note} ({_work(vpc)})")


@practice("3.2-S7", "4.3-K4", severity="low")
def vpc_endpoint_policies_scoped(vpcs: list[MlVpc], scan: Scan) -> Findings:
    r"""Policies of SageMaker, Bedrock and S3 endpoints are narrower than full access.

    Why: By default an endpoint lets anyone in the VPC call anything in any account, which is a way for data to leave;
    its policy can hold it to your own account's principals and resources.
    Fix:
    aws ec2 modify-vpc-endpoint --vpc-endpoint-id ENDPOINT_ID --policy-document '{"Statement":[{"Effect":"Allow",
      "Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"ACCOUNT"}}}]}'
    See: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    Cost: free.
    Survives: seen only while the endpoint exists.
    """
    for vpc in vpcs:
        for endpoint in vpc.endpoints:
            if not ML_SERVICES.match(endpoint.service):
                continue
            found = [] if endpoint.policy_document is None else statements(endpoint.policy_document)
            if found:
                open_to_all = any(
                    one.effect == "Allow"
                    and ("AWS", "*") in one.principals
                    and "*" in one.actions
                    and "*" in one.resources
                    and not one.conditions
                    for one in found
                )
                good = not open_to_all or any(one.effect == "Deny" for one in found)
                note = f"{endpoint.service}: {'a policy of its own' if good else 'the default policy, full access'}"
                yield Finding(_vpc_arn(scan, f"vpc-endpoint/{endpoint.vpc_endpoint_id}"), good, note)


@evidence("3.2-K3", "3.2-S4", severity="high")
def cloudformation_ml_stack_practised(stacks: list[Stack], resources: list[StackResource]) -> Findings:
    """A CloudFormation stack has built resources for machine learning.

    Why: A template builds the same infrastructure again, in another account or after a mistake, and shows in review
    what changes.
    Fix: A stack of an AWS::SageMaker::Model and an AWS::SageMaker::EndpointConfig costs nothing.
        aws cloudformation deploy --stack-name STACK --template-file model.yaml
        aws cloudformation delete-stack --stack-name STACK
    See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SageMaker.html
    Cost: free, for a stack of what is free.
    Survives: a deleted stack stays listed for 90 days.
    """
    parts: dict[str, list[StackResource]] = collections.defaultdict(list)
    for resource in resources:
        if ML_RESOURCES.match(resource.resource_type):
            parts[resource.stack_name].append(resource)
    for stack in stacks:
        if found := parts[stack.stack_id]:
            types = ", ".join(sorted({resource.resource_type for resource in found}))
            good = _stood(stack) and any(_came_to_be(stack, resource) for resource in found)
            yield Finding(stack.stack_id, good, f"{stack.stack_status} with {types}")


def _stood(stack: Stack) -> bool:
    return stack.stack_status in BUILT or stack.stack_status == GONE


def _came_to_be(stack: Stack, resource: StackResource) -> bool:
    """A deleted stack's resource once stood if it has a physical identifier; that of a failed one has none."""
    if stack.stack_status == GONE:
        return bool(resource.physical_resource_id) and resource.resource_status in (GONE, "DELETE_SKIPPED", *BUILT)
    return resource.resource_status in BUILT


@evidence("3.2-K4", "3.2-S5", severity="medium")
def cdk_app_practised(
    stacks: list[Stack], resources: list[StackResource], parameters: list[StackParameters]
) -> Findings:
    """A CDK application has been deployed.

    Why: The CDK writes templates from code in Python or TypeScript, with loops, tests and constructs that carry good
    defaults; the bootstrap stack alone deploys nothing.
    Fix:
    npx cdk bootstrap
    npx cdk deploy
    See: https://docs.aws.amazon.com/cdk/v2/guide/home.html
    Cost: free, but for what the application builds.
    Survives: a deleted stack stays listed for 90 days.
    """
    with_metadata = {one.stack_name for one in resources if one.resource_type == "AWS::CDK::Metadata"}
    with_version = {
        one.stack_id
        for one in parameters
        if any(parameter.parameter_key == "BootstrapVersion" for parameter in one.parameters)
    }
    for stack in stacks:
        if stack.stack_name == CDK_BOOTSTRAP:
            if stack.stack_status in BUILT:
                yield Finding(stack.stack_id, good=False, note="bootstrapped, which deploys no application by itself")
        elif stack.stack_id in with_metadata | with_version:
            yield Finding(stack.stack_id, _stood(stack), f"a CDK application, {stack.stack_status}")


@evidence("3.2-S6", "3.2-K5", "3.1-K9", severity="medium")
def byoc_image_practised(
    models: list[Model], training: list[TrainingJob], processing: list[ProcessingJob], scan: Scan
) -> Findings:
    r"""SageMaker has run an image from your own ECR repository.

    Why: When no provided image has the framework or the libraries that a model needs, you bring your own container; it
    has to follow SageMaker's contract of paths, ports and environment.
    Fix:
    aws ecr create-repository --repository-name REPOSITORY
    aws ecr get-login-password | docker login --username AWS --password-stdin ACCOUNT.dkr.ecr.REGION.amazonaws.com
    docker build -t ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:1 .
    docker push ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:1
    aws sagemaker create-model --model-name MODEL --execution-role-arn ROLE_ARN \
      --primary-container Image=ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:1
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/docker-containers.html
    Cost: cents, for the storage of the image and the minutes of a job; the model is free.
    Survives: jobs stay listed, and the model is free to keep.
    """
    for model in models:
        for container in (model.primary_container, *model.containers):
            if container and _is_own(container.image, scan):
                yield Finding(model.model_arn, good=True, note=f"a model of {_repository(container.image)}")
    for job in training:
        image = job.algorithm_specification.training_image
        if _is_own(image, scan):
            status = job.training_job_status
            good = status == "Completed"
            yield Finding(job.training_job_arn, good, f"training of {_repository(image)}, {status}")
    for run in processing:
        image = run.app_specification.image_uri
        if _is_own(image, scan):
            status = run.processing_job_status
            good = status == "Completed"
            yield Finding(run.processing_job_arn, good, f"processing by {_repository(image)}, {status}")


def _is_own(image: str | None, scan: Scan) -> bool:
    """Whether the registry is this account's: AWS's images are in AWS's accounts."""
    return re.match(rf"{scan.account}\.dkr[.-]ecr", image or "") is not None


def _repository(image: str | None) -> str:
    return (image or "").partition("/")[2]


@evidence("3.2-K7", severity="medium")
def ecs_deployment_practised(workloads: list[EcsWorkload]) -> Findings:
    r"""A service or a task has run on ECS.

    Why: ECS runs containers without the upkeep of Kubernetes; on Fargate there are no machines to look after either.
    Fix:
    aws ecs create-cluster --cluster-name CLUSTER
    aws ecs register-task-definition --cli-input-json file://task.json
    aws ecs run-task --cluster CLUSTER --task-definition FAMILY --launch-type FARGATE \
      --network-configuration 'awsvpcConfiguration={subnets=[SUBNET],securityGroups=[GROUP]}'
    See: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/Welcome.html
    Cost: cents, for the minutes that the task runs.
    Survives: a stopped task stays listed for about an hour, a service until it is deleted.
    """
    for workload in workloads:
        yield Finding(workload.arn, workload.ran, "ran" if workload.ran else "has not come to run")


@evidence("3.1-S10", severity="medium")
def ecs_model_serving_practised(
    workloads: list[EcsWorkload], definitions: list[TaskDefinition], models: list[Model]
) -> Findings:
    r"""A container that serves a model has run on ECS.

    Why: Where a model is one container among many of an application, ECS deploys it with the rest; SageMaker's own
    features, such as variants, capture and guardrails, are then yours to build.
    Fix:
    aws ecs register-task-definition --cli-input-json file://serve.json
    aws ecs create-service --cluster CLUSTER --service-name NAME --task-definition FAMILY --desired-count 1 \
      --launch-type FARGATE --network-configuration 'awsvpcConfiguration={subnets=[SUBNET],securityGroups=[GROUP]}'
    aws ecs delete-service --cluster CLUSTER --service NAME --force
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/deploy-model-options.html
    Cost: hourly, for the tasks that run.
    Survives: seen while the service exists; a stopped task stays listed for about an hour.
    """
    shared = {
        _bare(container.image)
        for model in models
        for container in (model.primary_container, *model.containers)
        if container and container.image
    }
    by_arn = {definition.task_definition_arn: definition for definition in definitions}
    for workload in workloads:
        definition = by_arn.get(workload.task_definition)
        for container in definition.container_definitions if definition else []:
            if reason := _serves_a_model(container, shared):
                note = f"{container.image} {reason}" + ("" if workload.ran else ", but has not come to run")
                yield Finding(workload.arn, workload.ran, note)


def _bare(image: str) -> str:
    """An image without tag and digest."""
    return re.sub(r"(:[^:/]+)?(@.+)?$", "", image)


def _serves_a_model(container: TaskContainer, shared: Collection[str]) -> str:
    """Why a container is taken for one that serves a model; empty where nothing says so."""
    if _bare(container.image) in shared:
        return "is a SageMaker model's image too"
    if SERVING_IMAGES.search(container.image):
        return "is made to serve models"
    if any(need.type in ("GPU", "InferenceAccelerator") for need in container.resource_requirements):
        return "asks for a GPU"
    return ""


@evidence("3.2-K6", "3.1-S11", severity="low")
def eks_deployment_practised(clusters: list[EksCluster]) -> Findings:
    r"""An EKS cluster has been run.

    Why: Teams that already have Kubernetes train and serve there, with Kubeflow, KServe or SageMaker's operators; the
    exam asks when that is worth its upkeep.
    Fix:
    eksctl create cluster --name CLUSTER --nodes 1
    eksctl delete cluster --name CLUSTER
    See: https://docs.aws.amazon.com/eks/latest/userguide/machine-learning-on-eks.html
    Cost: hourly, ten cents for the control plane, and the nodes.
    Survives: seen only while the cluster exists.
    """
    for cluster in clusters:
        good = cluster.status in ("ACTIVE", "UPDATING")
        yield Finding(cluster.arn or cluster.name, good, f"cluster {cluster.status or 'of unknown status'}")
