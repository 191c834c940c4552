from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT
from readiness.emulator import ago
from readiness.emulator.services.sagemaker import violations

DAY = datetime.timedelta(days=1)

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
CONSTRAINTS = {
    "version": 0.0,
    "features": [
        {"name": "age", "inferred_type": "Integral", "completeness": 1.0},
        {"name": "plan", "inferred_type": "String", "completeness": 0.5, "string_constraints": {"domains": ["a", "b"]}},
    ],
    "monitoring_config": {"evaluate_constraints": "Enabled"},
}
CLUSTER = {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}}
OUTPUT = {"MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://data/reports", "LocalPath": "/opt/ml/output"}}]}
INPUT = {"EndpointInput": {"EndpointName": "churn", "LocalPath": "/opt/ml/processing/input"}}
HOURLY = {"ScheduleExpression": "cron(0 * ? * * *)"}


def captured(text: str, output: str = "") -> bytes:
    sides = {"endpointInput": {"observedContentType": "text/csv", "data": text, "encoding": "CSV"}}
    if output:
        sides["endpointOutput"] = {"observedContentType": "text/csv", "data": output, "encoding": "CSV"}
    return json.dumps({"captureData": sides}).encode()


@pytest.fixture
def s3(aws: Client) -> Any:
    """S3 with the constraints of a baseline."""
    client = aws("s3")
    client.create_bucket(Bucket="data")
    client.put_object(Bucket="data", Key="baseline/constraints.json", Body=json.dumps(CONSTRAINTS).encode())
    return client


@pytest.fixture
def sagemaker(aws: Client, s3: Any) -> Any:  # noqa: ARG001 - the bucket must be there
    """SageMaker with an endpoint that captures, and a schedule that watches it."""
    client = aws("sagemaker")
    client.create_model(ModelName="churn", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "churn:1"})
    variant = {"VariantName": "main", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    client.create_endpoint_config(
        EndpointConfigName="churn",
        ProductionVariants=[variant],
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": "s3://data/captured",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        },
    )
    client.create_endpoint(EndpointName="churn", EndpointConfigName="churn")
    definition = {
        "BaselineConfig": {"ConstraintsResource": {"S3Uri": "s3://data/baseline/constraints.json"}},
        "MonitoringInputs": [INPUT],
        "MonitoringOutputConfig": OUTPUT,
        "MonitoringResources": CLUSTER,
        "MonitoringAppSpecification": {"ImageUri": "analyzer:1"},
        "RoleArn": ROLE,
    }
    client.create_monitoring_schedule(
        MonitoringScheduleName="watch",
        MonitoringScheduleConfig={"ScheduleConfig": HOURLY, "MonitoringJobDefinition": definition},
    )
    return client


def run(client: Any, s3: Any, text: str = "") -> Any:
    """Capture a request, and let the schedule run."""
    if text:
        s3.put_object(Bucket="data", Key="captured/churn/main/2026/01/01/00/a.jsonl", Body=captured(text))
    client.start_monitoring_schedule(MonitoringScheduleName="watch")
    return client.describe_monitoring_schedule(MonitoringScheduleName="watch")["LastMonitoringExecutionSummary"]


def alert(client: Any) -> Any:
    [found] = client.list_monitoring_alerts(MonitoringScheduleName="watch")["MonitoringAlertSummaries"]
    return found


def test_data_that_fits_the_baseline_is_no_violation(sagemaker: Any, s3: Any) -> None:
    assert run(sagemaker, s3, "31,a")["MonitoringExecutionStatus"] == "Completed"
    assert alert(sagemaker)["AlertStatus"] == "OK"


def test_data_that_does_not_is_one_until_it_does(sagemaker: Any, s3: Any) -> None:
    last = run(sagemaker, s3, "old,c")
    assert last["MonitoringExecutionStatus"] == "CompletedWithViolations"
    assert last["FailureReason"].startswith("CompletedWithViolations: ")
    found = sagemaker.list_monitoring_executions(
        StatusEquals="CompletedWithViolations", MonitoringTypeEquals="DataQuality", SortBy="ScheduledTime"
    )["MonitoringExecutionSummaries"]
    assert [one["MonitoringScheduleName"] for one in found] == ["watch"]
    hour = f"{last['ScheduledTime']:%Y/%m/%d/%H}"
    key = f"reports/churn/watch/{hour}/constraint_violations.json"
    report = json.loads(s3.get_object(Bucket="data", Key=key)["Body"].read())
    assert [one["constraint_check_type"] for one in report["violations"]] == [
        "data_type_check",
        "categorical_values_check",
    ]
    assert alert(sagemaker)["AlertStatus"] == "InAlert"
    assert run(sagemaker, s3)["MonitoringExecutionStatus"] == "Completed"
    assert alert(sagemaker)["AlertStatus"] == "OK"
    history = sagemaker.list_monitoring_alert_history(MonitoringScheduleName="watch", SortOrder="Descending")
    assert [one["AlertStatus"] for one in history["MonitoringAlertHistory"]] == ["OK", "InAlert"]
    raised = sagemaker.list_monitoring_alert_history(StatusEquals="InAlert")["MonitoringAlertHistory"]
    assert len(raised) == 1


def test_an_alert_counts_as_it_is_told_to(sagemaker: Any, s3: Any, refused: Refused) -> None:
    named = {"MonitoringScheduleName": "watch", "MonitoringAlertName": alert(sagemaker)["MonitoringAlertName"]}
    update = sagemaker.update_monitoring_alert
    made = update(**named, DatapointsToAlert=2, EvaluationPeriod=3)
    assert made["MonitoringScheduleArn"].endswith("monitoring-schedule/watch")
    states = []
    for text in ("old,a", "31,a", "old,b", "31,b"):
        run(sagemaker, s3, text)
        states.append(alert(sagemaker)["AlertStatus"])
    assert states == ["OK", "OK", "InAlert", "OK"]
    update(**named, DatapointsToAlert=1, EvaluationPeriod=3)
    assert alert(sagemaker)["AlertStatus"] == "InAlert"
    assert refused(update, **named, DatapointsToAlert=3, EvaluationPeriod=2) == "ValidationException"
    other = {**named, "MonitoringAlertName": "none"}
    assert refused(update, **other, DatapointsToAlert=1, EvaluationPeriod=1) == "ResourceNotFound"


def test_history_outlives_a_schedule(sagemaker: Any, s3: Any, refused: Refused) -> None:
    run(sagemaker, s3, "old,a")
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="watch")
    assert refused(sagemaker.list_monitoring_alerts, MonitoringScheduleName="watch") == "ResourceNotFound"
    assert len(sagemaker.list_monitoring_alert_history()["MonitoringAlertHistory"]) == 1


def test_a_definition_of_its_own_and_the_baseline_of_a_job(sagemaker: Any, s3: Any) -> None:
    sagemaker.create_processing_job(
        ProcessingJobName="baseline",
        RoleArn=ROLE,
        AppSpecification={"ImageUri": "analyzer:1"},
        ProcessingResources=CLUSTER,
        ProcessingOutputConfig={
            "Outputs": [
                {
                    "OutputName": "constraints",
                    "S3Output": {
                        "S3Uri": "s3://data/baseline",
                        "LocalPath": "/opt/ml/output",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
    )
    sagemaker.create_data_quality_job_definition(
        JobDefinitionName="quality",
        DataQualityBaselineConfig={"BaseliningJobName": "baseline"},
        DataQualityAppSpecification={"ImageUri": "analyzer:1"},
        DataQualityJobInput=INPUT,
        DataQualityJobOutputConfig=OUTPUT,
        JobResources=CLUSTER,
        RoleArn=ROLE,
    )
    s3.put_object(Bucket="data", Key="captured/churn/main/1.jsonl", Body=captured("old,a"))
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="named",
        MonitoringScheduleConfig={
            "ScheduleConfig": HOURLY,
            "MonitoringJobDefinitionName": "quality",
            "MonitoringType": "DataQuality",
        },
    )
    found = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="named")
    assert found["EndpointName"] == "churn"
    assert found["LastMonitoringExecutionSummary"]["MonitoringExecutionStatus"] == "CompletedWithViolations"


def test_a_schedule_runs_whenever_it_is_due(sagemaker: Any, s3: Any) -> None:
    list_runs, named = sagemaker.list_monitoring_executions, {"MonitoringScheduleName": "watch"}
    known = len(list_runs(**named, MaxResults=100)["MonitoringExecutionSummaries"])
    s3.put_object(Bucket="data", Key="captured/churn/main/late.jsonl", Body=captured("old,a"))
    with ago(-DAY):
        runs = list_runs(**named, MaxResults=100, SortBy="ScheduledTime")["MonitoringExecutionSummaries"]
        assert len(runs) == known + 24
        assert {one["ScheduledTime"].minute for one in runs} == {0}
        violated = list_runs(StatusEquals="CompletedWithViolations")["MonitoringExecutionSummaries"]
        assert len(violated) == 1
        history = sagemaker.list_monitoring_alert_history()["MonitoringAlertHistory"]
        assert [one["AlertStatus"] for one in history] == ["InAlert", "OK"]
        sagemaker.stop_monitoring_schedule(**named)
    with ago(-2 * DAY):
        assert len(list_runs(**named, MaxResults=100)["MonitoringExecutionSummaries"]) == known + 24


@pytest.mark.parametrize(("hours", "count"), [("12", 2), ("0/6", 8), ("*", 48)])
def test_the_hours_of_a_schedule(sagemaker: Any, hours: str, count: int) -> None:
    found = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="watch")["MonitoringScheduleConfig"]
    config = {**found, "ScheduleConfig": {"ScheduleExpression": f"cron(0 {hours} ? * * *)"}}
    sagemaker.create_monitoring_schedule(MonitoringScheduleName="other", MonitoringScheduleConfig=config)
    with ago(-2 * DAY):
        runs = sagemaker.list_monitoring_executions(MonitoringScheduleName="other", MaxResults=100)
    assert len(runs["MonitoringExecutionSummaries"]) == 1 + count


JSON = {"captureData": {"endpointInput": {"encoding": "JSON", "data": '[{"age": 3, "plan": null}, {"age": "x"}]'}}}
CHECKS: dict[str, tuple[list[bytes], list[str] | None]] = {
    "nothing": ([b"", b"no json", b"{}"], None),
    "fits": ([captured("31,a\n32,")], []),
    "incomplete": ([captured(",a\n32,b")], ["completeness_check"]),
    "no values": ([captured("31,\n32,")], ["completeness_check"]),
    "type": ([captured("31.5,a")], ["data_type_check"]),
    "whole numbers may have a point": ([captured("31.0,a")], []),
    "category": ([captured("31,c")], ["categorical_values_check"]),
    "too few": ([captured("31")], ["missing_column_check"]),
    "too many": ([captured("31,a,b")], ["extra_column_check"]),
    "the output is the first column": ([captured("a", "31")], []),
    "objects": ([json.dumps(JSON).encode()], ["completeness_check", "data_type_check"]),
}


@pytest.mark.parametrize(("files", "expected"), CHECKS.values(), ids=CHECKS)
def test_violations(files: list[bytes], expected: list[str] | None) -> None:
    found = violations.found(CONSTRAINTS, files)
    checks = None if found is None else [one["constraint_check_type"] for one in found]
    if expected == ["completeness_check", "data_type_check"]:
        assert sorted(checks or []) == ["completeness_check", "data_type_check"]
    else:
        assert checks == expected


def test_a_baseline_may_be_switched_off() -> None:
    off = {**CONSTRAINTS, "monitoring_config": {"evaluate_constraints": "Disabled"}}
    assert violations.found(off, [captured("x,y")]) == []
