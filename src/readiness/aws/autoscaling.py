"""Application Auto Scaling: what is registered to scale, and by which policies and schedules."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from readiness.aws.cloudwatch import Dimension, Metric, MetricQuery
from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

SCALED = ("sagemaker", "ecs")
"""The service namespaces whose instances, copies and tasks serve models."""


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

    predefined_metric_type: Enumerated


class CustomizedMetric(Record):
    """A CloudWatch metric that a policy tracks, or metric math over several."""

    metric_name: str | None = None
    namespace: str | None = None
    dimensions: list[Dimension] = []
    metrics: list[MetricQuery] = []

    @property
    def parts(self) -> list[Metric]:
        """The metrics that it is made of."""
        if self.metric_name:
            return [Metric(namespace=self.namespace, metric_name=self.metric_name, dimensions=self.dimensions)]
        return [query.metric_stat.metric for query in self.metrics if query.metric_stat]


class TargetTracking(Record):
    """A policy that holds a metric at a value."""

    target_value: float
    predefined_metric_specification: PredefinedMetric | None = None
    customized_metric_specification: CustomizedMetric | None = None
    disable_scale_in: bool = False


class StepAdjustment(Record):
    """By how much capacity changes in one band of the metric."""

    scaling_adjustment: int


class StepScaling(Record):
    """A policy that changes capacity by steps when an alarm goes off."""

    adjustment_type: Enumerated | None = None
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
    policy_type: Enumerated
    service_namespace: str
    resource_id: str
    scalable_dimension: str
    target_tracking_scaling_policy_configuration: TargetTracking | None = None
    step_scaling_policy_configuration: StepScaling | None = None
    alarms: list[PolicyAlarm] = []

    @property
    def grows(self) -> bool:
        """Whether it can add capacity."""
        step = self.step_scaling_policy_configuration
        return step is None or any(part.scaling_adjustment > 0 for part in step.step_adjustments)

    @property
    def shrinks(self) -> bool:
        """Whether it can take capacity away."""
        tracking, step = self.target_tracking_scaling_policy_configuration, self.step_scaling_policy_configuration
        if step is not None:
            exact = step.adjustment_type == "ExactCapacity"
            return any(exact or part.scaling_adjustment < 0 for part in step.step_adjustments)
        return tracking is None or not tracking.disable_scale_in


@resource("application-autoscaling", Call(operation="DescribeScheduledActions", each={"ServiceNamespace": SCALED}))
class ScheduledAction(Record):
    """A change of a target's bounds at a given time."""

    scheduled_action_name: str
    scheduled_action_arn: str = msgspec.field(name="ScheduledActionARN")
    service_namespace: str
    resource_id: str
    schedule: str
    scalable_dimension: str | None = None


class ModelScaling(Record):
    """What is registered of SageMaker's capacities, with all that moves it."""

    resource_id: str
    scalable_dimension: str
    target: ScalableTarget
    policies: list[ScalingPolicy] = []
    schedules: list[ScheduledAction] = []

    @classmethod
    def derive(
        cls, targets: list[ScalableTarget], policies: list[ScalingPolicy], schedules: list[ScheduledAction]
    ) -> Iterator[ModelScaling]:
        """Each SageMaker target; of schedules those that come round, for one that is past moves nothing."""
        for target in targets:
            if target.service_namespace == "sagemaker":
                key = (target.resource_id, target.scalable_dimension)
                yield cls(
                    resource_id=target.resource_id,
                    scalable_dimension=target.scalable_dimension,
                    target=target,
                    policies=[one for one in policies if (one.resource_id, one.scalable_dimension) == key],
                    schedules=[
                        one
                        for one in schedules
                        if (one.resource_id, one.scalable_dimension) == key and not one.schedule.startswith("at(")
                    ],
                )
