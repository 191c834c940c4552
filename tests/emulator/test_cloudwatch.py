from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
LATENCY = {"Namespace": "AWS/SageMaker", "MetricName": "ModelLatency", "Stat": "Average"}


@pytest.fixture
def cloudwatch(aws: Client) -> Any:
    return aws("cloudwatch")


def test_anomaly_detectors(cloudwatch: Any, refused: Callable[..., str]) -> None:
    dimensions = [{"Name": "EndpointName", "Value": "churn"}, {"Name": "VariantName", "Value": "main"}]
    single = {**LATENCY, "Dimensions": dimensions}
    made = cloudwatch.put_anomaly_detector(SingleMetricAnomalyDetector=single)["AnomalyDetectorId"]
    zone = {"MetricTimezone": "UTC"}
    # The same metric said otherwise is the same detector.
    again = {**LATENCY, "Dimensions": dimensions[::-1], "Configuration": zone}
    assert cloudwatch.put_anomaly_detector(**again)["AnomalyDetectorId"] == made
    [found] = cloudwatch.describe_anomaly_detectors(Namespace="AWS/SageMaker")["AnomalyDetectors"]
    assert found["SingleMetricAnomalyDetector"] == single
    assert (found["Configuration"], found["StateValue"]) == (zone, "TRAINED_INSUFFICIENT_DATA")
    datum = {"MetricName": "ModelLatency", "Dimensions": dimensions, "Value": 1.0}
    cloudwatch.put_metric_data(Namespace="AWS/SageMaker", MetricData=[datum])
    [found] = cloudwatch.describe_anomaly_detectors(AnomalyDetectorIds=[made])["AnomalyDetectors"]
    assert found["StateValue"] == "TRAINED"
    for other in ({"MetricName": "Other"}, {"Dimensions": [{"Name": "EndpointName", "Value": "b"}]}):
        assert cloudwatch.describe_anomaly_detectors(**other)["AnomalyDetectors"] == []
    query = {"Id": "m1", "MetricStat": {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "Sum"}}
    cloudwatch.put_anomaly_detector(MetricMathAnomalyDetector={"MetricDataQueries": [query]})
    describe = cloudwatch.describe_anomaly_detectors
    assert len(describe()["AnomalyDetectors"]) == 1
    assert len(describe(AnomalyDetectorTypes=["METRIC_MATH"])["AnomalyDetectors"]) == 1
    cloudwatch.delete_anomaly_detector(SingleMetricAnomalyDetector=single)
    assert describe()["AnomalyDetectors"] == []
    delete = cloudwatch.delete_anomaly_detector
    assert refused(delete, SingleMetricAnomalyDetector=single) == "ResourceNotFoundException"
    put = cloudwatch.put_anomaly_detector
    assert refused(put, Namespace="N", MetricName="M") == "MissingParameter"
    assert refused(put, **LATENCY, SingleMetricAnomalyDetector=single) == "InvalidParameterCombination"


def alarm(cloudwatch: Any, name: str = "slow", **more: Any) -> None:
    wanted: dict[str, Any] = {
        "Namespace": "N",
        "MetricName": "M",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    cloudwatch.put_metric_alarm(AlarmName=name, **{**wanted, **more})


def states(cloudwatch: Any) -> dict[str, str]:
    found = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return {one["AlarmName"]: one["StateValue"] for one in found["MetricAlarms"] + found["CompositeAlarms"]}


def put(cloudwatch: Any, value: float) -> None:
    cloudwatch.put_metric_data(Namespace="N", MetricData=[{"MetricName": "M", "Value": value}])


def test_states_follow_from_the_data(cloudwatch: Any) -> None:
    alarm(cloudwatch)
    alarm(cloudwatch, "twice", EvaluationPeriods=2, DatapointsToAlarm=2)
    alarm(cloudwatch, "silent", MetricName="Never", TreatMissingData="breaching")
    cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule='ALARM("slow") AND NOT (OK(twice) OR FALSE)')
    before = states(cloudwatch)
    assert before == {"slow": "INSUFFICIENT_DATA", "twice": "INSUFFICIENT_DATA", "silent": "ALARM", "both": "OK"}
    put(cloudwatch, 9.0)
    assert states(cloudwatch) == {"slow": "ALARM", "twice": "OK", "silent": "ALARM", "both": "OK"}
    cloudwatch.set_alarm_state(AlarmName="slow", StateValue="OK", StateReason="by hand")
    assert states(cloudwatch)["slow"] == "OK"
    put(cloudwatch, 9.0)
    assert states(cloudwatch)["slow"] == "ALARM"
    cloudwatch.set_alarm_state(AlarmName="twice", StateValue="ALARM", StateReason="by hand")
    assert states(cloudwatch)["both"] == "ALARM"


@pytest.mark.parametrize(
    "rule", ["ALARM(none)", "ALARM(slow) AND", "BROKEN(slow)", "(ALARM(slow)", "ALARM(slow) OK(slow)"]
)
def test_a_rule_must_be_readable_and_name_alarms_that_are_there(
    cloudwatch: Any, refused: Callable[..., str], rule: str
) -> None:
    alarm(cloudwatch)
    assert refused(cloudwatch.put_composite_alarm, AlarmName="both", AlarmRule=rule) == "ValidationError"
