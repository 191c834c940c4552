from __future__ import annotations

import datetime
import time
from typing import Any

import pytest

from harness import ACCOUNT

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
VARIANT = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/churn/variant/main",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
INVOCATIONS = {"PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}


@pytest.fixture
def scaling(aws: Any) -> Any:
    """Application Auto Scaling with an endpoint `churn` of one instance."""
    sagemaker = aws("sagemaker")
    sagemaker.create_model(ModelName="churn", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "churn:1"})
    variant = {"VariantName": "main", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1, "ModelName": "churn"}
    sagemaker.create_endpoint_config(EndpointConfigName="churn", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="churn", EndpointConfigName="churn")
    return aws("application-autoscaling")


def count(aws: Any) -> int:
    [variant] = aws("sagemaker").describe_endpoint(EndpointName="churn")["ProductionVariants"]
    return int(variant["CurrentInstanceCount"])


def activities(client: Any, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.describe_scaling_activities(ServiceNamespace="sagemaker", **given)[
        "ScalingActivities"
    ]
    return found


def track(client: Any, **given: Any) -> dict[str, str]:
    made = client.put_scaling_policy(
        PolicyName="track",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 70.0, **INVOCATIONS, **given},
        **VARIANT,
    )
    return {alarm["AlarmName"].split("-Alarm")[1].partition("-")[0]: alarm["AlarmName"] for alarm in made["Alarms"]}


def test_a_capacity_is_brought_within_its_bounds(aws: Any, scaling: Any) -> None:
    scaling.register_scalable_target(MinCapacity=2, MaxCapacity=4, **VARIANT)
    assert count(aws) == 2
    [raised] = activities(scaling)
    assert (raised["Cause"], raised["StatusCode"]) == ("minimum capacity was set to 2", "Successful")
    assert raised["StartTime"] <= raised["EndTime"]
    scaling.register_scalable_target(MinCapacity=1, MaxCapacity=1, **VARIANT)
    assert count(aws) == 1
    assert activities(scaling, MaxResults=1)[0]["Description"] == "Setting desired instance count to 1."
    [target] = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert target["RoleARN"].endswith("AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint")
    assert (target["MinCapacity"], target["SuspendedState"]["DynamicScalingInSuspended"]) == (1, False)


def test_what_is_not_there_or_does_not_fit_is_refused(scaling: Any, refused: Any) -> None:
    register = scaling.register_scalable_target
    bounds = {"MinCapacity": 1, "MaxCapacity": 2}
    for wrong in (
        {**VARIANT, **bounds, "ResourceId": "endpoint/none/variant/main"},
        {**VARIANT, **bounds, "ResourceId": "endpoint/churn"},
        {**VARIANT, **bounds, "ScalableDimension": "ecs:service:DesiredCount"},
        {**VARIANT, "MinCapacity": 1},
        {**VARIANT, "MinCapacity": 2, "MaxCapacity": 1},
    ):
        assert refused(register, **wrong) == "ValidationException"
    put = {"PolicyName": "track", "PolicyType": "TargetTrackingScaling", **VARIANT}
    config = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70.0, **INVOCATIONS}}
    assert refused(scaling.put_scaling_policy, **put, **config) == "ObjectNotFoundException"
    assert refused(scaling.deregister_scalable_target, **VARIANT) == "ObjectNotFoundException"
    assert refused(scaling.delete_scaling_policy, PolicyName="track", **VARIANT) == "ObjectNotFoundException"
    action = {"ScheduledActionName": "night", **VARIANT}
    assert refused(scaling.delete_scheduled_action, **action) == "ObjectNotFoundException"


def test_alarms_scale_as_far_as_the_bounds(aws: Any, scaling: Any) -> None:
    scaling.register_scalable_target(MinCapacity=1, MaxCapacity=2, **VARIANT)
    alarms = track(scaling)
    [high] = aws("cloudwatch").describe_alarms(AlarmNames=[alarms["High"]])["MetricAlarms"]
    assert (high["MetricName"], high["Threshold"]) == ("InvocationsPerInstance", 70.0)
    assert [one["Value"] for one in high["Dimensions"]] == ["churn", "main"]
    counts = []
    for _ in range(2):
        aws("cloudwatch").set_alarm_state(AlarmName=alarms["High"], StateValue="ALARM", StateReason="test")
        counts.append(count(aws))
    assert counts == [2, 2]
    [scaled] = activities(scaling)
    assert scaled["Cause"] == f"monitor alarm {alarms['High']} in state ALARM triggered policy track"
    refusedly = activities(scaling, IncludeNotScaledActivities=True)[0]
    assert (refusedly["StatusCode"], refusedly["NotScaledReasons"][0]["Code"]) == ("Failed", "AlreadyAtMaxCapacity")
    suspended = {"DynamicScalingInSuspended": True}
    scaling.register_scalable_target(SuspendedState=suspended, **VARIANT)
    aws("cloudwatch").set_alarm_state(AlarmName=alarms["Low"], StateValue="ALARM", StateReason="test")
    assert count(aws) == 2
    scaling.register_scalable_target(SuspendedState={"DynamicScalingInSuspended": False}, **VARIANT)
    aws("cloudwatch").set_alarm_state(AlarmName=alarms["Low"], StateValue="ALARM", StateReason="test")
    assert count(aws) == 1


def test_a_step_policy_is_set_off_by_the_alarm_that_names_it(aws: Any, scaling: Any) -> None:
    scaling.register_scalable_target(MinCapacity=1, MaxCapacity=9, **VARIANT)
    steps = [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 2},
        {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 5},
    ]
    config = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps}
    arn = scaling.put_scaling_policy(
        PolicyName="step", PolicyType="StepScaling", StepScalingPolicyConfiguration=config, **VARIANT
    )["PolicyARN"]
    aws("cloudwatch").put_metric_alarm(
        AlarmName="wait",
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[arn],
    )
    [policy] = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", PolicyNames=["step"])["ScalingPolicies"]
    assert [alarm["AlarmName"] for alarm in policy["Alarms"]] == ["wait"]
    aws("cloudwatch").set_alarm_state(AlarmName="wait", StateValue="ALARM", StateReason="test")
    assert count(aws) == 3


def test_a_schedule_that_is_due_acts(aws: Any, scaling: Any) -> None:
    scaling.register_scalable_target(MinCapacity=1, MaxCapacity=4, **VARIANT)
    due = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
    bounds = {"MinCapacity": 3, "MaxCapacity": 4}
    for name, schedule in (("day", f"at({due:%Y-%m-%dT%H:%M:%S})"), ("night", "cron(0 20 * * ? *)")):
        scaling.put_scheduled_action(
            ScheduledActionName=name, Schedule=schedule, ScalableTargetAction=bounds, **VARIANT
        )
    assert activities(scaling) == []
    time.sleep(1.1)
    causes = [one["Cause"] for one in activities(scaling)]
    assert causes == ["minimum capacity was set to 3", "scheduled action name day was triggered"]
    assert count(aws) == 3
    names = {"ServiceNamespace": "sagemaker", "ScheduledActionNames": ["night"]}
    [night] = scaling.describe_scheduled_actions(**names)["ScheduledActions"]
    assert night["ScalableTargetAction"] == bounds
    scaling.delete_scheduled_action(ScheduledActionName="night", **VARIANT)
    assert scaling.describe_scheduled_actions(**names)["ScheduledActions"] == []


def test_with_a_target_goes_what_belongs_to_it(aws: Any, scaling: Any) -> None:
    scaling.register_scalable_target(MinCapacity=2, MaxCapacity=4, Tags={"Owner": "me"}, **VARIANT)
    [target] = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert scaling.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"] == {"Owner": "me"}
    assert set(track(scaling)) == {"High", "Low"}
    assert set(track(scaling, DisableScaleIn=True)) == {"High"}
    assert len(aws("cloudwatch").describe_alarms()["MetricAlarms"]) == 1
    scaling.deregister_scalable_target(**VARIANT)
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []
    assert len(activities(scaling)) == 1


def test_metric_math_is_watched_too(aws: Any, scaling: Any) -> None:
    scaling.register_scalable_target(MinCapacity=1, MaxCapacity=4, **VARIANT)
    metric = {"Metric": {"Namespace": "AWS/SageMaker", "MetricName": "ModelLatency"}, "Stat": "Average"}
    queries = [{"Id": "m", "MetricStat": metric, "ReturnData": False}, {"Id": "e", "Expression": "m / 1000"}]
    scaling.put_scaling_policy(
        PolicyName="math",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 100.0,
            "CustomizedMetricSpecification": {"Metrics": queries},
        },
        **VARIANT,
    )
    high, _ = aws("cloudwatch").describe_alarms()["MetricAlarms"]
    assert [one["Id"] for one in high["Metrics"]] == ["m", "e"]


def test_pages_of_targets(aws: Any, scaling: Any) -> None:
    ecs = aws("ecs")
    ecs.create_cluster(clusterName="web")
    ecs.register_task_definition(family="front", containerDefinitions=[{"name": "front", "image": "i", "memory": 128}])
    names = [f"front-{number}" for number in range(5)]
    for name in names:
        ecs.create_service(cluster="web", serviceName=name, taskDefinition="front", desiredCount=1)
        scaling.register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=f"service/web/{name}",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=2,
            MaxCapacity=3,
        )
    pages = scaling.get_paginator("describe_scalable_targets").paginate(
        ServiceNamespace="ecs", PaginationConfig={"PageSize": 2}
    )
    found = [target["ResourceId"] for page in pages for target in page["ScalableTargets"]]
    assert found == [f"service/web/{name}" for name in names]
    [service] = ecs.describe_services(cluster="web", services=["front-4"])["services"]
    assert service["desiredCount"] == 2


def test_copies_of_inference_components(aws: Any, scaling: Any) -> None:
    aws("sagemaker").create_inference_component(
        InferenceComponentName="base",
        EndpointName="churn",
        Specification={"ModelName": "churn", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}},
        RuntimeConfig={"CopyCount": 1},
    )
    scaling.register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="inference-component/base",
        ScalableDimension="sagemaker:inference-component:DesiredCopyCount",
        MinCapacity=2,
        MaxCapacity=3,
    )
    found = aws("sagemaker").describe_inference_component(InferenceComponentName="base")
    assert found["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
