"""Application Auto Scaling: what is registered to scale, by which policies, and what happened."""

from __future__ import annotations

import msgspec

from readiness.record import Record
from readiness.resource import Call, resource

SCALED = ("sagemaker", "lambda", "comprehend", "kafka", "ecs")
"""The service namespaces that serve or feed models."""


class Suspended(Record):
    """Which kinds of scaling are switched off for a target."""

    dynamic_scaling_in_suspended: bool = False
    dynamic_scaling_out_suspended: bool = False
    scheduled_scaling_suspended: bool = False


@resource("application-autoscaling", Call(operation="DescribeScalableTargets", each={"ServiceNamespace": SCALED}))
class ScalableTarget(Record):
    """A resource's capacity that is registered to scale between two bounds."""

    service_namespace: str
    resource_id: str
    scalable_dimension: str
    min_capacity: int
    max_capacity: int
    suspended_state: Suspended = Suspended()


class PredefinedMetric(Record):
    """A metric that AWS names, such as SageMakerVariantInvocationsPerInstance."""

    predefined_metric_type: str


class CustomizedMetric(Record):
    """A CloudWatch metric that a policy tracks."""

    metric_name: str | None = None
    namespace: str | None = None
    statistic: str | None = None


class TargetTracking(Record):
    """A policy that holds a metric at a value; cooldowns are in seconds."""

    target_value: float
    predefined_metric_specification: PredefinedMetric | None = None
    customized_metric_specification: CustomizedMetric | None = None
    disable_scale_in: bool = False
    scale_in_cooldown: int | None = None
    scale_out_cooldown: int | None = None


class StepAdjustment(Record):
    """By how much capacity changes in one band of the metric."""

    scaling_adjustment: int


class StepScaling(Record):
    """A policy that changes capacity by steps when an alarm goes off."""

    adjustment_type: str | None = None
    step_adjustments: list[StepAdjustment] = []


class PolicyAlarm(Record):
    """The alarm that sets a policy off."""

    alarm_name: str
    alarm_arn: str = msgspec.field(name="AlarmARN")


@resource("application-autoscaling", Call(operation="DescribeScalingPolicies", each={"ServiceNamespace": SCALED}))
class ScalingPolicy(Record):
    """A policy on a scalable target."""

    policy_name: str
    policy_arn: str = msgspec.field(name="PolicyARN")
    policy_type: str
    service_namespace: str
    resource_id: str
    scalable_dimension: str
    target_tracking_scaling_policy_configuration: TargetTracking | None = None
    step_scaling_policy_configuration: StepScaling | None = None
    alarms: list[PolicyAlarm] = []


@resource("application-autoscaling", Call(operation="DescribeScheduledActions", each={"ServiceNamespace": SCALED}))
class ScheduledAction(Record):
    """A change of a target's bounds at a given time."""

    scheduled_action_name: str
    scheduled_action_arn: str = msgspec.field(name="ScheduledActionARN")
    service_namespace: str
    resource_id: str
    schedule: str
    scalable_dimension: str | None = None
