"""Who notices: alarms and a dashboard on the endpoints, Model Monitor on what goes through them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from readiness_mla.accounts.place import Do, Place
from readiness_mla.accounts.ready.foundation import OWNED, Foundation
from readiness_mla.accounts.ready.hosting import LIVE, NOW_AND_THEN, QUEUED, SHARED, VARIANT
from readiness_mla.accounts.ready.jobs import COLUMNS, HEADERS

ANALYZER = "sagemaker-model-monitor-analyzer"
CLARIFY = "sagemaker-clarify-processing:1.0"
HALF_A_SECOND = 500_000
"""In microseconds, the unit of ModelLatency."""

HOURLY = "cron(0 * ? * * *)"
DAILY = "cron(0 0 ? * * *)"

DRIFT = {
    "DataQuality": ("data-metrics", "feature_baseline_drift_months", "GreaterThanThreshold", 0.1),
    "ModelQuality": ("model-metrics", "auc", "LessThanThreshold", 0.88),
    "ModelBias": ("bias-metrics", "bias_metric_DPPL_age", "GreaterThanThreshold", 0.1),
    "ModelExplainability": ("explainability-metrics", "feature_attribution_ndcg", "LessThanThreshold", 0.9),
}
"""For each type of monitoring the metric that tells of drift: where it is, its name, and the limit it must keep."""

USUAL = ["42,24,1,79.5\n", "35,6,3,19.9\n", "58,60,0,45.0\n"]
STRANGE = ["-1,,7,9999.0\n"] * 3
"""Age, months, calls and bill: as they were in training, and as they never were."""


def monitor(do: Do, base: Foundation) -> None:
    """Alarms, a dashboard, and a watch on data, quality, bias and attributions, which then sees drift."""
    _alarms(do, base)
    _dashboard(do, base)
    _baselines(do, base)
    _ask(do, USUAL)
    _ask(do, STRANGE)
    _definitions(do, base)
    _schedules(do, base)


def _metric(endpoint: str) -> list[dict[str, str]]:
    return [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": VARIANT}]


def _alarm(do: Do, base: Foundation, name: str, **more: Any) -> None:
    """An alarm that somebody hears, and whose end is told too."""
    given: dict[str, Any] = {
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [base.topic],
        "OKActions": [base.topic],
        "Tags": OWNED,
    }
    do("cloudwatch", "PutMetricAlarm", AlarmName=name, **{**given, **more})


def _alarms(do: Do, base: Foundation) -> None:
    """Errors and latency of what answers at once, memory of what has instances, and traffic that is not as ever."""
    for endpoint in (LIVE, NOW_AND_THEN, SHARED):
        _alarm(
            do,
            base,
            f"{endpoint}-errors",
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Dimensions=_metric(endpoint),
            Statistic="Sum",
            Period=60,
            Threshold=1.0,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
        )
        _alarm(
            do,
            base,
            f"{endpoint}-latency",
            Namespace="AWS/SageMaker",
            MetricName="ModelLatency",
            Dimensions=_metric(endpoint),
            ExtendedStatistic="p90",
            Period=60,
            Threshold=float(HALF_A_SECOND),
            ComparisonOperator="GreaterThanThreshold",
        )
    for endpoint in (LIVE, QUEUED, SHARED):
        _alarm(
            do,
            base,
            f"{endpoint}-memory",
            Namespace="/aws/sagemaker/Endpoints",
            MetricName="MemoryUtilization",
            Dimensions=_metric(endpoint),
            Statistic="Average",
            Period=60,
            Threshold=80.0,
            ComparisonOperator="GreaterThanThreshold",
        )
    requests = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": _metric(LIVE)}
    _alarm(
        do,
        base,
        f"{LIVE}-unusual-traffic",
        ComparisonOperator="LessThanLowerOrGreaterThanUpperThreshold",
        ThresholdMetricId="band",
        Metrics=[
            {"Id": "requests", "MetricStat": {"Metric": requests, "Period": 300, "Stat": "Sum"}, "ReturnData": True},
            {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(requests, 2)", "ReturnData": True},
        ],
    )


def _dashboard(do: Do, base: Foundation) -> None:
    """One page that tells how the endpoint is: requests and errors, latency, and the load of its instances."""
    shown = {
        "Requests and errors": ("AWS/SageMaker", ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors")),
        "Latency": ("AWS/SageMaker", ("ModelLatency", "OverheadLatency")),
        "Instances": ("/aws/sagemaker/Endpoints", ("CPUUtilization", "MemoryUtilization", "DiskUtilization")),
    }
    widgets = [
        {
            "type": "metric",
            "width": 8,
            "height": 6,
            "properties": {"title": title, "region": base.here.region, "metrics": _lines(namespace, names)},
        }
        for title, (namespace, names) in shown.items()
    ]
    do("cloudwatch", "PutDashboard", DashboardName="churn", DashboardBody=json.dumps({"widgets": widgets}))


def _lines(namespace: str, names: Sequence[str]) -> list[list[str]]:
    return [[namespace, name, "EndpointName", LIVE, "VariantName", VARIANT] for name in names]


def _baselines(do: Do, base: Foundation) -> None:
    """What the training data was like, and within which limits live data must stay."""
    columns = HEADERS[1:]
    constraints = {
        "version": 0.0,
        "features": [
            {
                "name": name,
                "inferred_type": "Fractional" if COLUMNS[name] == "double" else "Integral",
                "completeness": 1.0,
                "num_constraints": {"is_non_negative": True},
            }
            for name in columns
        ],
    }
    statistics = {"version": 0.0, "dataset": {"item_count": 7043}, "features": [{"name": name} for name in columns]}
    for name, content in (("constraints", constraints), ("statistics", statistics)):
        body = json.dumps(content).encode()
        do("s3", "PutObject", Bucket=base.here.data, Key=f"baseline/{name}.json", Body=body)


def _ask(do: Do, rows: list[str]) -> None:
    """Send customers through the endpoint, which captures them."""
    for row in rows:
        do("sagemaker-runtime", "InvokeEndpoint", EndpointName=LIVE, ContentType="text/csv", Body=row.encode())


def _definitions(do: Do, base: Foundation) -> None:
    """What each type of monitoring compares with what, all within the VPC and encrypted."""
    here = base.here
    answers = {"InferenceAttribute": "0"}
    labelled = {**answers, "ProbabilityThresholdAttribute": 0.5}
    truth = {"GroundTruthS3Input": {"S3Uri": f"s3://{here.data}/truth/"}}
    clarify = {"ImageUri": here.image(CLARIFY), "ConfigUri": f"s3://{here.data}/monitoring/analysis_config.json"}
    _define(do, base, "DataQuality", {"ImageUri": here.image(ANALYZER)}, {})
    quality = {"ImageUri": here.image(ANALYZER), "ProblemType": "BinaryClassification"}
    _define(do, base, "ModelQuality", quality, labelled, **truth)
    _define(do, base, "ModelBias", clarify, labelled, **truth)
    _define(do, base, "ModelExplainability", clarify, answers)


def _define(
    do: Do, base: Foundation, kind: str, application: dict[str, Any], attributes: dict[str, Any], **more: Any
) -> None:
    local = "/opt/ml/processing"
    based = {"ConstraintsResource": {"S3Uri": _of(base.here, kind, "constraints")}}
    if kind == "DataQuality":
        based["StatisticsResource"] = {"S3Uri": _of(base.here, kind, "statistics")}
    written = {
        "S3Uri": f"s3://{base.here.data}/monitoring/{kind}/",
        "LocalPath": f"{local}/output",
        "S3UploadMode": "EndOfJob",
    }
    machine = {
        "InstanceType": "ml.m5.xlarge",
        "InstanceCount": 1,
        "VolumeSizeInGB": 20,
        "VolumeKmsKeyId": base.key,
    }
    watched = {"EndpointName": LIVE, "LocalPath": f"{local}/input/endpoint", **attributes}
    do(
        "sagemaker",
        f"Create{kind}JobDefinition",
        JobDefinitionName=_name(kind),
        **{
            f"{kind}BaselineConfig": based,
            f"{kind}AppSpecification": application,
            f"{kind}JobInput": {"EndpointInput": watched, **more},
            f"{kind}JobOutputConfig": {"MonitoringOutputs": [{"S3Output": written}], "KmsKeyId": base.key},
        },
        JobResources={"ClusterConfig": machine},
        NetworkConfig={"EnableInterContainerTrafficEncryption": True, "VpcConfig": base.vpc_config},
        RoleArn=base.here.role("ml-training"),
        StoppingCondition={"MaxRuntimeInSeconds": 1800},
        Tags=OWNED,
    )


def _of(here: Place, kind: str, name: str) -> str:
    """Where a baseline is: that of the data is suggested from training data, the others come with the model."""
    return f"s3://{here.data}/baseline/{name if kind == 'DataQuality' else kind}.json"


def _name(kind: str) -> str:
    return f"churn-{kind.lower()}"


def _schedules(do: Do, base: Foundation) -> None:
    """Data each hour, for it needs no labels; the rest once a day; and an alarm on the metric of each."""
    for kind, (namespace, metric, comparison, limit) in DRIFT.items():
        do(
            "sagemaker",
            "CreateMonitoringSchedule",
            MonitoringScheduleName=_name(kind),
            MonitoringScheduleConfig={
                "ScheduleConfig": {"ScheduleExpression": HOURLY if kind == "DataQuality" else DAILY},
                "MonitoringJobDefinitionName": _name(kind),
                "MonitoringType": kind,
            },
            Tags=OWNED,
        )
        _alarm(
            do,
            base,
            f"{_name(kind)}-drift",
            Namespace=f"aws/sagemaker/Endpoints/{namespace}",
            MetricName=metric,
            Dimensions=[{"Name": "Endpoint", "Value": LIVE}, {"Name": "MonitoringSchedule", "Value": _name(kind)}],
            Statistic="Average",
            Period=3600,
            EvaluationPeriods=1,
            DatapointsToAlarm=1,
            Threshold=limit,
            ComparisonOperator=comparison,
        )
