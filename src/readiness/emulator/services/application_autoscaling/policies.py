"""Scaling policies, with the alarms that set them off."""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.models import Dimension, Metric, MetricDataQuery, MetricStat
from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.services.application_autoscaling.targets import chosen, key, of_target, target, unwatch

SERVICE = "application-autoscaling"
CONFIGURATIONS = {
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "PredictiveScaling": "PredictiveScalingPolicyConfiguration",
}
PREDEFINED = {
    "SageMakerVariantInvocationsPerInstance": ("AWS/SageMaker", "InvocationsPerInstance", "Sum"),
    "SageMakerVariantConcurrentRequestsPerModelHighResolution": (
        "AWS/SageMaker",
        "ConcurrentRequestsPerModel",
        "Maximum",
    ),
    "SageMakerVariantProvisionedConcurrencyUtilization": (
        "AWS/SageMaker",
        "ServerlessProvisionedConcurrencyUtilization",
        "Maximum",
    ),
    "SageMakerInferenceComponentInvocationsPerCopy": ("AWS/SageMaker", "InvocationsPerCopy", "Sum"),
    "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution": (
        "AWS/SageMaker",
        "ConcurrentRequestsPerCopy",
        "Maximum",
    ),
    "ECSServiceAverageCPUUtilization": ("AWS/ECS", "CPUUtilization", "Average"),
    "ECSServiceAverageMemoryUtilization": ("AWS/ECS", "MemoryUtilization", "Average"),
    "ALBRequestCountPerTarget": ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum"),
    "LambdaProvisionedConcurrencyUtilization": ("AWS/Lambda", "ProvisionedConcurrencyUtilization", "Average"),
    "DynamoDBReadCapacityUtilization": ("AWS/DynamoDB", "ConsumedReadCapacityUnits", "Sum"),
    "DynamoDBWriteCapacityUtilization": ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", "Sum"),
}
"""The metric behind a type of metric: namespace, name and statistic."""
DIMENSIONS = {
    "endpoint": ("EndpointName", "VariantName"),
    "inference-component": ("InferenceComponentName",),
    "service": ("ClusterName", "ServiceName"),
    "function": ("FunctionName", "Resource"),
    "table": ("TableName",),
}
"""The dimensions of a predefined metric, by how the resource's identifier begins."""


def _put(call: Call) -> Item:
    told = call.parameters
    target(call)
    kind = told.get("PolicyType", "StepScaling")
    if CONFIGURATIONS[kind] not in told:
        raise Invalid(f"A policy of type {kind} needs a {CONFIGURATIONS[kind]}.")
    name = " ".join((*key(told), told["PolicyName"]))
    old = of_target(call, "ScalingPolicy").get(name)
    if old:
        unwatch(call, old)
    place = f"resource/{told['ServiceNamespace']}/{told['ResourceId']}:policyName/{told['PolicyName']}"
    arn = old["PolicyARN"] if old else call.arn(f"scalingPolicy:{uuid()}:{place}", service="autoscaling")
    item = {**told, "PolicyType": kind, "PolicyARN": arn, "CreationTime": old["CreationTime"] if old else utcnow()}
    item["Watched"] = _watch(call, item) if kind == "TargetTrackingScaling" else []
    of_target(call, "ScalingPolicy")[name] = item
    return {"PolicyARN": arn, "Alarms": alarms(call, item)}


def alarms(call: Call, policy: Item) -> list[Item]:
    """The alarms that set a policy off: its own, and those that somebody else pointed to it."""
    return [
        {"AlarmName": alarm.name, "AlarmARN": alarm.alarm_arn}
        for alarm in call.backend("cloudwatch").alarms.values()
        if policy["PolicyARN"] in alarm.alarm_actions
    ]


def _watch(call: Call, policy: Item) -> list[str]:
    """The two alarms of a target that is tracked: above it, and, unless nothing is ever taken away, below it."""
    told = policy[CONFIGURATIONS["TargetTrackingScaling"]]
    metric = _metric(policy["ResourceId"], told)
    if metric is None:
        return []
    value = told["TargetValue"]
    kinds = [("High", "GreaterThanThreshold", 3, value)]
    if not told.get("DisableScaleIn"):
        kinds.append(("Low", "LessThanThreshold", 15, value * 0.9))
    made = []
    for word, comparison, periods, threshold in kinds:
        name = f"TargetTracking-{policy['ResourceId']}-Alarm{word}-{uuid()}"
        call.backend("cloudwatch").put_metric_alarm(
            name=name,
            comparison_operator=comparison,
            evaluation_periods=periods,
            threshold=threshold,
            description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy['PolicyARN']}.",
            alarm_actions=[policy["PolicyARN"]],
            **metric,
        )
        made.append(name)
    return made


def _metric(resource: str, told: Item) -> Item | None:
    """What the alarms of a policy look at; None for a type of metric that is not known here."""
    plain = {"period": 60, "metric_data_queries": []}
    custom: Item = told.get("CustomizedMetricSpecification", {})
    if "Metrics" in custom:
        queries = [_query(one) for one in custom["Metrics"]]
        nothing: Item = {"namespace": None, "metric_name": None, "statistic": None, "dimensions": [], "period": None}
        return {**nothing, "metric_data_queries": queries}
    if custom:
        return {
            **plain,
            "namespace": custom.get("Namespace"),
            "metric_name": custom.get("MetricName"),
            "statistic": custom.get("Statistic"),
            "dimensions": custom.get("Dimensions", []),
        }
    kind = told.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    if kind not in PREDEFINED:
        return None
    namespace, name, statistic = PREDEFINED[kind]
    return {
        **plain,
        "namespace": namespace,
        "metric_name": name,
        "statistic": statistic,
        "dimensions": _own(resource),
    }


def _own(resource: str) -> list[Item]:
    separator = ":" if resource.startswith("function:") else "/"
    first, *parts = resource.split(separator)
    values = [part for part in parts if part not in ("variant", "index")]
    return [{"Name": name, "Value": value} for name, value in zip(DIMENSIONS.get(first, ()), values, strict=False)]


def _query(told: Item) -> Any:
    stat = told.get("MetricStat")
    metric = None
    if stat:
        inner = stat["Metric"]
        dimensions = [Dimension(one["Name"], one["Value"]) for one in inner.get("Dimensions", [])]
        metric = MetricStat(
            Metric(inner.get("MetricName"), inner.get("Namespace"), dimensions), "60", stat["Stat"], stat.get("Unit")
        )
    shown = told.get("ReturnData", True)
    return MetricDataQuery(told["Id"], told.get("Label", ""), "60", shown, told.get("Expression"), metric)


def _describe(call: Call) -> Item:
    wanted = call.parameters.get("PolicyNames")
    found = [
        {**policy, "Alarms": alarms(call, policy)}
        for policy in of_target(call, "ScalingPolicy").values()
        if not wanted or policy["PolicyName"] in wanted
    ]
    return chosen(call, found)


def _delete(call: Call) -> None:
    name = " ".join((*key(call.parameters), call.parameters["PolicyName"]))
    policy = of_target(call, "ScalingPolicy").pop(name, None)
    if policy is None:
        raise Coded("ObjectNotFoundException", f"No scaling policy found for {name}")
    unwatch(call, policy)


EXTENSION = Extension(
    SERVICE,
    {
        "PutScalingPolicy": _put,
        "DescribeScalingPolicies": _describe,
        "DeleteScalingPolicy": _delete,
    },
)
