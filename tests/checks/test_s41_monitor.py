from __future__ import annotations

import datetime
from typing import Any

import boto3

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value
from readiness.aws.cloudwatch import Dimension, Metric, MetricAlarm, MetricQuery, MetricStat
from readiness.aws.events import Rule, RuleTarget
from readiness.aws.sagemaker.hosting import (
    AsyncInference,
    CaptureOption,
    CaptureSummary,
    Container,
    DataCapture,
    Endpoint,
    EndpointConfig,
    Model,
    ServerlessConfig,
    Variant,
)
from readiness.aws.sagemaker.monitoring import (
    Baseline,
    DataQualityJobDefinition,
    DataQualityRun,
    EndpointInput,
    InlineDefinition,
    LastRun,
    Location,
    ModelBiasJobDefinition,
    ModelBiasRun,
    ModelExplainabilityJobDefinition,
    ModelExplainabilityRun,
    ModelQualityJobDefinition,
    ModelQualityRun,
    MonitoringApplication,
    MonitoringInput,
    MonitoringRun,
    MonitoringSchedule,
    MonitoringScheduleConfig,
    ScheduleConfig,
    ViolationRun,
)
from readiness_mla import s41_monitor as checks

DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
HOURLY = "cron(0 * ? * * *)"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:ml"
ANALYZER = f"156813124566.dkr.ecr.{REGION}.amazonaws.com/sagemaker-model-monitor-analyzer"


def arn(resource: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}"


def variant(name: str = "main", model: str | None = "churn", **given: Any) -> Variant:
    return Variant(variant_name=name, model_name=model, **{"instance_type": "ml.m5.large", **given})


def capture(*modes: str, percentage: int = 100, enabled: bool = True) -> DataCapture:
    return DataCapture(
        enable_capture=enabled,
        initial_sampling_percentage=percentage,
        destination_s3_uri="s3://b/capture",
        capture_options=[CaptureOption(capture_mode=mode) for mode in modes],
    )


def config(*variants: Variant, **given: Any) -> EndpointConfig:
    return EndpointConfig(
        endpoint_config_name="churn",
        endpoint_config_arn=arn("endpoint-config/churn"),
        creation_time=NOW - 30 * DAY,
        production_variants=list(variants) or [variant()],
        **given,
    )


def endpoint(age: datetime.timedelta = 30 * DAY, status: str = "InService", **given: Any) -> Endpoint:
    return Endpoint(
        endpoint_name="churn",
        endpoint_arn=arn("endpoint/churn"),
        endpoint_config_name="churn",
        endpoint_status=status,
        creation_time=NOW - age,
        last_modified_time=NOW,
        **given,
    )


def model(image: str = "xgboost:1.7", mode: str | None = None) -> Model:
    container = Container(image=image, mode=mode)
    return Model(model_name="churn", model_arn=arn("model/churn"), creation_time=NOW, primary_container=container)


def last(status: str, ago: datetime.timedelta = HOUR) -> LastRun:
    return LastRun(monitoring_execution_status=status, scheduled_time=NOW - ago)


def schedule(
    kind: str | None = "DataQuality",
    status: str = "Scheduled",
    expression: str | None = HOURLY,
    inline: InlineDefinition | None = None,
    age: datetime.timedelta = 30 * DAY,
    **given: Any,
) -> MonitoringSchedule:
    return MonitoringSchedule(
        monitoring_schedule_name="watch",
        monitoring_schedule_arn=arn("monitoring-schedule/watch"),
        monitoring_schedule_status=status,
        creation_time=NOW - age,
        last_modified_time=NOW,
        monitoring_type=kind,
        monitoring_schedule_config=MonitoringScheduleConfig(
            schedule_config=ScheduleConfig(schedule_expression=expression) if expression else None,
            monitoring_job_definition=inline,
            monitoring_job_definition_name=None if inline else "how",
        ),
        **{"endpoint_name": "churn", **given},
    )


BASELINE = Baseline(constraints_resource=Location(s3_uri="s3://b/constraints.json"))
NAMED: dict[str, Any] = {"job_definition_name": "how", "job_definition_arn": arn("data-quality-job-definition/how")}
BASED = DataQualityJobDefinition(data_quality_baseline_config=BASELINE, **NAMED)
UNBASED = DataQualityJobDefinition(**NAMED)
INLINE = InlineDefinition(
    baseline_config=Baseline(baselining_job_name="baseline"),
    monitoring_inputs=[MonitoringInput(endpoint_input=EndpointInput(endpoint_name="churn"))],
    monitoring_app_specification=MonitoringApplication(image_uri=ANALYZER),
)


def completed(kind: Any, name: str = "watch", status: str = "Completed", endpoint: str | None = "churn") -> Any:
    return kind(
        monitoring_schedule_name=name,
        scheduled_time=NOW - DAY,
        monitoring_execution_status=status,
        endpoint_name=endpoint,
    )


def run(status: str, ago: datetime.timedelta = HOUR, reason: str | None = None) -> MonitoringRun:
    return MonitoringRun(
        monitoring_schedule_name="watch",
        scheduled_time=NOW - ago,
        monitoring_execution_status=status,
        failure_reason=reason,
    )


NO_DATA = "Job inputs had no data"


def dimensions(**values: str) -> list[Dimension]:
    return [Dimension(name=name, value=value) for name, value in values.items()]


def alarm(name: str = "alarm", **given: Any) -> MetricAlarm:
    return MetricAlarm(
        alarm_name=name,
        alarm_arn=f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}",
        **{"alarm_actions": [TOPIC], **given},
    )


def on_errors(name: str = "errors", metric: str = "Invocation5XXErrors", **of: str) -> MetricAlarm:
    values = of or {"EndpointName": "churn", "VariantName": "main"}
    return alarm(name, namespace="AWS/SageMaker", metric_name=metric, dimensions=dimensions(**values))


def on_drift(
    namespace: str = "aws/sagemaker/Endpoints/data-metrics", of: dict[str, str] | None = None, **given: Any
) -> Any:
    values = of or {"Endpoint": "churn", "MonitoringSchedule": "watch"}
    metric = "feature_baseline_drift_age"
    return alarm("drift", namespace=namespace, metric_name=metric, dimensions=dimensions(**values), **given)


def query(expression: str) -> MetricAlarm:
    return alarm("query", metrics=[MetricQuery(id="q", expression=expression)])


def stat(metric: str, namespace: str = "AWS/SageMaker") -> MetricQuery:
    of = dimensions(EndpointName="churn", VariantName="main")
    return MetricQuery(
        id="m", metric_stat=MetricStat(metric=Metric(namespace=namespace, metric_name=metric, dimensions=of))
    )


def banded(namespace: str) -> MetricAlarm:
    band = MetricQuery(id="band", expression="ANOMALY_DETECTION_BAND(m, 2)")
    return alarm("band", metrics=[stat("ModelLatency", namespace), band], threshold_metric_id="band")


def rule(pattern: str) -> list[Any]:
    return [
        Rule(event_bus_name="default", name="r", arn="arn", state="ENABLED", event_pattern=pattern),
        RuleTarget(rule="r", event_bus_name="default", id="1", arn=TOPIC),
    ]


BOTH = capture("Input", "Output")
LIVE = [endpoint(), config(), model()]
SERVERLESS = variant(instance_type=None, serverless_config=ServerlessConfig(max_concurrency=1, memory_size_in_mb=2048))
PRACTISED = [
    (checks.monitor_data_quality_practised, "DataQuality", DataQualityRun),
    (checks.monitor_model_quality_practised, "ModelQuality", ModelQualityRun),
    (checks.monitor_bias_drift_practised, "ModelBias", ModelBiasRun),
    (checks.monitor_attribution_drift_practised, "ModelExplainability", ModelExplainabilityRun),
]

CASES = [
    Case(checks.data_capture_practised, "nothing there", [], "absent"),
    Case(checks.data_capture_practised, "configuration kept", [config(data_capture_config=BOTH)], "passed"),
    Case(
        checks.data_capture_practised,
        "switched off",
        [config(data_capture_config=capture("Input", "Output", enabled=False))],
        "absent",
    ),
    Case(checks.data_capture_enabled, "nothing there", [], "absent"),
    Case(checks.data_capture_enabled, "both ways", [endpoint(), config(data_capture_config=BOTH)], "passed"),
    Case(
        checks.data_capture_enabled,
        "both ways in one option",
        [endpoint(), config(data_capture_config=capture("InputAndOutput"))],
        "passed",
    ),
    Case(checks.data_capture_enabled, "nothing captured", LIVE, "failed", bad=["captures nothing"]),
    Case(
        checks.data_capture_enabled,
        "requests only",
        [endpoint(), config(data_capture_config=capture("Input"))],
        "failed",
        bad=["captures only Input"],
    ),
    Case(
        checks.data_capture_enabled,
        "none of the requests",
        [endpoint(), config(data_capture_config=capture("Input", "Output", percentage=0))],
        "failed",
        bad=["0 %"],
    ),
    Case(
        checks.data_capture_enabled,
        "stopped by itself",
        [
            endpoint(data_capture_config=CaptureSummary(capture_status="Stopped", current_sampling_percentage=100)),
            config(data_capture_config=BOTH),
        ],
        "failed",
        bad=["has stopped"],
    ),
    Case(checks.data_capture_enabled, "serverless can't", [endpoint(), config(SERVERLESS)], "absent"),
    Case(
        checks.data_capture_enabled,
        "asynchronous can't",
        [endpoint(), config(async_inference_config=AsyncInference())],
        "absent",
    ),
    Case(checks.data_capture_enabled, "many models", [endpoint(), config(), model(mode="MultiModel")], "absent"),
    Case(checks.data_capture_enabled, "inference components", [endpoint(), config(variant(model=None))], "absent"),
    *(
        case
        for check, kind, completed_run in PRACTISED
        for case in (
            Case(check, "nothing there", [], "absent"),
            Case(check, "ran, and the schedule was deleted", [completed(completed_run)], "passed"),
            Case(
                check,
                "found violations",
                [schedule(kind), completed(completed_run, status="CompletedWithViolations")],
                "passed",
            ),
            Case(check, "on batch transform", [completed(completed_run, endpoint=None)], "passed"),
            Case(
                check,
                "has not run yet",
                [schedule(kind)],
                "failed",
                bad=["endpoint churn: Scheduled, last run: none yet"],
            ),
            Case(
                check,
                "failed whenever it ran",
                [schedule(kind, last_monitoring_execution_summary=last("Failed"))],
                "failed",
                bad=["last run: Failed"],
            ),
            Case(
                check,
                "another kind is monitored",
                [schedule("ModelQuality" if kind != "ModelQuality" else "ModelBias")],
                "absent",
            ),
        )
    ),
    Case(
        checks.monitor_data_quality_practised,
        "definition inside the schedule, no type named",
        [
            schedule(
                None,
                inline=INLINE,
                endpoint_name=None,
                last_monitoring_execution_summary=last("CompletedWithViolations"),
            )
        ],
        "passed",
    ),
    Case(
        checks.monitor_model_quality_practised,
        "definition inside the schedule, no type named",
        [schedule(None, inline=INLINE, last_monitoring_execution_summary=last("Completed"))],
        "absent",
    ),
    Case(
        checks.monitor_bias_drift_practised,
        "type in capitals",
        [schedule("MODEL_BIAS", last_monitoring_execution_summary=last("Completed"))],
        "passed",
    ),
    Case(checks.monitor_covers_endpoints, "nothing there", [], "absent"),
    Case(checks.monitor_covers_endpoints, "never used Model Monitor", LIVE, "absent"),
    Case(checks.monitor_covers_endpoints, "scheduled with baseline", [*LIVE, schedule(), BASED], "passed"),
    Case(
        checks.monitor_covers_endpoints,
        "baseline inside the schedule",
        [*LIVE, schedule(None, inline=INLINE, endpoint_name=None)],
        "passed",
    ),
    *(
        Case(checks.monitor_covers_endpoints, f"{kind} with baseline", [*LIVE, schedule(kind), definition], "passed")
        for kind, definition in (
            ("ModelQuality", ModelQualityJobDefinition(model_quality_baseline_config=BASELINE, **NAMED)),
            ("ModelBias", ModelBiasJobDefinition(model_bias_baseline_config=BASELINE, **NAMED)),
            (
                "ModelExplainability",
                ModelExplainabilityJobDefinition(model_explainability_baseline_config=BASELINE, **NAMED),
            ),
        )
    ),
    Case(
        checks.monitor_covers_endpoints,
        "another kind's definition of the same name has the baseline",
        [*LIVE, schedule("ModelBias"), BASED],
        "failed",
        bad=["ModelBias, hourly, Scheduled, without baseline"],
    ),
    Case(
        checks.monitor_covers_endpoints,
        "no baseline",
        [*LIVE, schedule(), UNBASED],
        "failed",
        bad=["DataQuality, hourly, Scheduled, without baseline"],
    ),
    Case(
        checks.monitor_covers_endpoints,
        "the definition was deleted",
        [*LIVE, schedule()],
        "failed",
        bad=["without baseline"],
    ),
    Case(
        checks.monitor_covers_endpoints,
        "stopped",
        [*LIVE, schedule(status="Stopped"), BASED],
        "failed",
        bad=["Stopped, with baseline"],
    ),
    Case(
        checks.monitor_covers_endpoints,
        "ran once only",
        [*LIVE, schedule(expression="NOW"), BASED],
        "failed",
        bad=["once"],
    ),
    Case(
        checks.monitor_covers_endpoints,
        "another endpoint is monitored",
        [*LIVE, schedule(endpoint_name="other"), BASED],
        "failed",
        bad=["no monitoring schedule"],
    ),
    *(
        Case(checks.monitor_covers_endpoints, title, [*records, BASED], "absent")
        for title, records in (
            ("under a week old", [endpoint(3 * DAY), config()]),
            ("not in service", [endpoint(status="Failed"), config()]),
            ("serverless", [endpoint(), config(SERVERLESS)]),
            ("many models", [endpoint(), config(), model(mode="MultiModel")]),
            ("two variants", [endpoint(), config(variant("a"), variant("b"))]),
            ("a language model", [endpoint(), config(), model("huggingface-pytorch-tgi-inference:2.3")]),
        )
    ),
    Case(checks.monitor_runs_healthy, "nothing there", [], "absent"),
    Case(checks.monitor_runs_healthy, "completed", [schedule(), run("Completed")], "passed"),
    Case(
        checks.monitor_runs_healthy,
        "violations are what it is there to find",
        [schedule(), run("CompletedWithViolations")],
        "passed",
    ),
    Case(
        checks.monitor_runs_healthy,
        "the last one failed",
        [schedule(), run("Failed", reason="no access to s3"), run("Completed", 2 * HOUR)],
        "failed",
        bad=["the last run failed: no access to s3"],
    ),
    Case(
        checks.monitor_runs_healthy,
        "recovered",
        [schedule(), run("Completed"), run("Failed", 2 * HOUR)],
        "passed",
    ),
    Case(
        checks.monitor_runs_healthy,
        "running now, judged by the one before",
        [schedule(), run("InProgress", 0 * HOUR), run("Failed")],
        "failed",
        bad=["failed"],
    ),
    Case(
        checks.monitor_runs_healthy,
        "no traffic in the last hour",
        [schedule(), run("Failed", reason=NO_DATA), run("Completed", 2 * HOUR)],
        "passed",
    ),
    Case(
        checks.monitor_runs_healthy,
        "never any traffic",
        [schedule(), run("Failed", reason=NO_DATA), run("Failed", 2 * HOUR, NO_DATA)],
        "failed",
        bad=["none of its last 2 runs found data"],
    ),
    Case(
        checks.monitor_runs_healthy,
        "late",
        [schedule(), run("Completed", 4 * HOUR)],
        "failed",
        bad=["no run since"],
    ),
    Case(
        checks.monitor_runs_healthy,
        "daily is not late after a day",
        [schedule(expression="cron(0 12 ? * * *)"), run("Completed", 26 * HOUR)],
        "passed",
    ),
    Case(
        checks.monitor_runs_healthy,
        "SageMaker picks the hour",
        [schedule(expression=None), run("Completed", 26 * HOUR)],
        "passed",
    ),
    Case(
        checks.monitor_runs_healthy,
        "every six hours",
        [schedule(expression="cron(0 0/6 ? * * *)"), run("Completed", 12 * HOUR)],
        "passed",
    ),
    Case(
        checks.monitor_runs_healthy,
        "once, long ago",
        [schedule(expression="NOW"), run("Completed", 20 * DAY)],
        "passed",
    ),
    Case(checks.monitor_runs_healthy, "never ran", [schedule()], "failed", bad=["has never run"]),
    Case(checks.monitor_runs_healthy, "too young to have run", [schedule(age=HOUR)], "absent"),
    Case(
        checks.monitor_runs_healthy,
        "the schedule failed",
        [schedule(status="Failed", failure_reason="no such endpoint")],
        "failed",
        bad=["no such endpoint"],
    ),
    Case(
        checks.monitor_runs_healthy,
        "stopped on purpose",
        [schedule(status="Stopped"), run("Failed", 9 * DAY)],
        "absent",
    ),
    Case(
        checks.monitor_runs_healthy, "garbled expression", [schedule(expression="whenever"), run("Completed")], "passed"
    ),
    Case(checks.drift_violation_observed, "nothing there", [], "absent"),
    Case(
        checks.drift_violation_observed,
        "found",
        [completed(ViolationRun, status="CompletedWithViolations")],
        "passed",
    ),
    Case(checks.drift_alarms_set, "nothing there", [], "absent"),
    Case(checks.drift_alarms_set, "nothing monitored", [on_drift()], "absent"),
    Case(checks.drift_alarms_set, "alarm", [schedule(), on_drift()], "passed"),
    Case(
        checks.drift_alarms_set,
        "alarm, namespace with a slash, dimensions named otherwise",
        [
            schedule(),
            on_drift("/aws/sagemaker/Endpoints/data-metrics", {"EndpointName": "churn", "ScheduleName": "watch"}),
        ],
        "passed",
    ),
    Case(checks.drift_alarms_set, "no alarm", [schedule()], "failed", bad=["no alarm on its metrics"]),
    Case(
        checks.drift_alarms_set,
        "tells nobody",
        [schedule(), on_drift(alarm_actions=[])],
        "failed",
        bad=["drift tells nobody"],
    ),
    Case(
        checks.drift_alarms_set,
        "actions switched off",
        [schedule(), on_drift(actions_enabled=False)],
        "failed",
        bad=["tells nobody"],
    ),
    Case(
        checks.drift_alarms_set,
        "alarm on another schedule",
        [schedule(), on_drift(of={"Endpoint": "churn", "MonitoringSchedule": "other"})],
        "failed",
        bad=["no alarm"],
    ),
    Case(
        checks.drift_alarms_set,
        "alarm on another kind of metrics",
        [schedule("ModelQuality"), on_drift()],
        "failed",
        bad=["no alarm"],
    ),
    Case(checks.drift_alarms_set, "stopped", [schedule(status="Stopped")], "absent"),
    Case(
        checks.drift_alarms_set,
        "a rule on monitoring runs",
        [
            schedule(),
            *rule('{"source":["aws.sagemaker"],"detail":{"ProcessingJobName":[{"prefix":"model-monitoring"}]}}'),
        ],
        "passed",
    ),
    Case(
        checks.drift_alarms_set,
        "a rule on training",
        [schedule(), *rule('{"source":["aws.sagemaker"]}')],
        "failed",
        bad=["no alarm"],
    ),
    Case(checks.anomaly_detection_configured, "nothing there", [], "absent"),
    Case(checks.anomaly_detection_configured, "on latency", [banded("AWS/SageMaker")], "passed"),
    Case(checks.anomaly_detection_configured, "on utilization", [banded("/aws/sagemaker/Endpoints")], "passed"),
    Case(checks.anomaly_detection_configured, "not on inference", [banded("AWS/EC2")], "absent"),
    Case(checks.anomaly_detection_configured, "fixed threshold", [on_errors()], "absent"),
    Case(checks.endpoint_error_alarms, "nothing there", [], "absent"),
    Case(checks.endpoint_error_alarms, "alarm", [endpoint(), config(), on_errors()], "passed"),
    Case(
        checks.endpoint_error_alarms,
        "metric math",
        [endpoint(), config(), alarm(metrics=[stat("InvocationModelErrors"), stat("Invocations")])],
        "passed",
    ),
    Case(
        checks.endpoint_error_alarms,
        "query over all endpoints",
        [endpoint(), config(), query('SELECT SUM(Invocation5XXErrors) FROM SCHEMA("AWS/SageMaker", EndpointName)')],
        "passed",
    ),
    Case(
        checks.endpoint_error_alarms,
        "query over another endpoint",
        [
            endpoint(),
            config(),
            query("SELECT SUM(Invocation5XXErrors) FROM \"AWS/SageMaker\" WHERE EndpointName = 'other'"),
        ],
        "failed",
        bad=["variant main"],
    ),
    Case(
        checks.endpoint_error_alarms,
        "no alarm",
        [endpoint(), config()],
        "failed",
        bad=["no error alarm on variant main"],
    ),
    Case(
        checks.endpoint_error_alarms,
        "latency is no error",
        [endpoint(), config(), on_errors(metric="ModelLatency")],
        "failed",
        bad=["variant main"],
    ),
    Case(
        checks.endpoint_error_alarms,
        "one variant of two",
        [endpoint(), config(variant(), variant("new")), on_errors()],
        "failed",
        bad=["on variant new"],
    ),
    Case(
        checks.endpoint_error_alarms,
        "without the variant there is no such metric",
        [endpoint(), config(), on_errors(EndpointName="churn")],
        "failed",
        bad=["variant main"],
    ),
    Case(
        checks.endpoint_error_alarms,
        "scaling makes alarms of its own",
        [endpoint(), config(), on_errors("TargetTracking-endpoint/churn")],
        "failed",
        bad=["variant main"],
    ),
    Case(checks.endpoint_error_alarms, "a few hours old", [endpoint(3 * HOUR), config()], "absent"),
    Case(
        checks.endpoint_error_alarms,
        "asynchronous ones tell by a topic",
        [endpoint(), config(async_inference_config=AsyncInference())],
        "absent",
    ),
    Case(checks.ab_test_practised, "nothing there", [], "absent"),
    Case(checks.ab_test_practised, "two models", [config(variant("a", "old"), variant("b", "new"))], "passed"),
    Case(checks.ab_test_practised, "one variant", [config()], "absent"),
    Case(
        checks.ab_test_practised,
        "one model on two machines",
        [config(variant("a"), variant("b", instance_type="ml.c5.large"))],
        "failed",
        bad=["serve one model"],
    ),
    Case(
        checks.ab_test_practised,
        "no traffic for the second",
        [config(variant("a", "old"), variant("b", "new", initial_variant_weight=0.0))],
        "failed",
        bad=["all traffic goes to one"],
    ),
]


test_verdict = by_value(CASES)


def host(variants: int = 1, **given: Any) -> None:
    client = boto3.client("sagemaker", region_name=REGION)
    names = ["old", "new"][:variants]
    for name in names:
        client.create_model(
            ModelName=name,
            ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/sagemaker",
            PrimaryContainer={"Image": "churn:1", "ModelDataUrl": "s3://models/churn.tar.gz"},
        )
    shared = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1, "InitialVariantWeight": 0.5}
    client.create_endpoint_config(
        EndpointConfigName="churn",
        ProductionVariants=[{"VariantName": name, "ModelName": name, **shared} for name in names],
        **given,
    )
    client.create_endpoint(EndpointName="churn", EndpointConfigName="churn")


def host_with_capture(*modes: str) -> None:
    host(
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": "s3://captured/churn",
            "CaptureOptions": [{"CaptureMode": mode} for mode in modes or ("Input", "Output")],
        }
    )


def host_with_requests_captured() -> None:
    host_with_capture("Input")


def host_two_models() -> None:
    host(variants=2)


def learn_the_latency() -> None:
    of = [{"Name": "EndpointName", "Value": "churn"}, {"Name": "VariantName", "Value": "old"}]
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "ModelLatency", "Dimensions": of}
    boto3.client("cloudwatch", region_name=REGION).put_metric_alarm(
        AlarmName="latency-band",
        ComparisonOperator="LessThanLowerOrGreaterThanUpperThreshold",
        EvaluationPeriods=3,
        ThresholdMetricId="band",
        Metrics=[
            {"Id": "m", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Average"}},
            {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m, 2)"},
        ],
    )


def watch_the_data() -> None:
    host_with_capture()
    client = boto3.client("sagemaker", region_name=REGION)
    client.create_data_quality_job_definition(
        JobDefinitionName="churn-data",
        DataQualityBaselineConfig={"ConstraintsResource": {"S3Uri": "s3://captured/baseline/constraints.json"}},
        DataQualityAppSpecification={"ImageUri": "analyzer:1"},
        DataQualityJobInput={"EndpointInput": {"EndpointName": "churn", "LocalPath": "/opt/ml/processing/input"}},
        DataQualityJobOutputConfig={
            "MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://captured/reports", "LocalPath": "/opt/ml/output"}}]
        },
        JobResources={"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}},
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/sagemaker",
    )
    client.create_monitoring_schedule(
        MonitoringScheduleName="churn",
        MonitoringScheduleConfig={
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            "MonitoringJobDefinitionName": "churn-data",
            "MonitoringType": "DataQuality",
        },
    )


def watch_and_delete_the_schedule() -> None:
    watch_the_data()
    boto3.client("sagemaker", region_name=REGION).delete_monitoring_schedule(MonitoringScheduleName="churn")


EMULATED: list[Emulated] = [
    (checks.monitor_data_quality_practised, host_with_capture, "absent"),
    (checks.monitor_data_quality_practised, watch_the_data, "passed"),
    (checks.monitor_data_quality_practised, watch_and_delete_the_schedule, "passed"),
    (checks.monitor_model_quality_practised, watch_the_data, "absent"),
    (checks.monitor_runs_healthy, watch_the_data, "passed"),
    (checks.monitor_runs_healthy, watch_and_delete_the_schedule, "absent"),
    (checks.data_capture_practised, host_with_capture, "passed"),
    (checks.data_capture_practised, host, "absent"),
    (checks.data_capture_enabled, host_with_capture, "passed"),
    (checks.data_capture_enabled, host_with_requests_captured, "failed"),
    (checks.data_capture_enabled, host, "failed"),
    (checks.anomaly_detection_configured, learn_the_latency, "passed"),
    (checks.endpoint_error_alarms, host, "absent"),
    (checks.ab_test_practised, host_two_models, "passed"),
    (checks.ab_test_practised, host, "absent"),
]


test_emulated = by_calls(EMULATED)
