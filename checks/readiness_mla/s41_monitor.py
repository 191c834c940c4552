"""4.1 Monitor model inference: captured data, Model Monitor, drift, anomalies, errors, A/B tests."""

from __future__ import annotations

import collections
import datetime
from collections.abc import Iterator, Sequence

from readiness import Finding, Findings, Scan, evidence, practice
from readiness.aws.cloudwatch import Dimension, MetricAlarm
from readiness.aws.events import Rule, RuleTarget
from readiness.aws.sagemaker.hosting import Endpoint, EndpointConfig, Model
from readiness.aws.sagemaker.monitoring import (
    COMPLETED,
    Baseline,
    CompletedRun,
    DataQualityJobDefinition,
    DataQualityRun,
    ModelBiasJobDefinition,
    ModelBiasRun,
    ModelExplainabilityJobDefinition,
    ModelExplainabilityRun,
    ModelQualityJobDefinition,
    ModelQualityRun,
    MonitoringRun,
    MonitoringSchedule,
    ViolationRun,
)

CLOSED = (
    "Amazon SageMaker Model Monitor is closed to new customers since 2026-07-30; accounts that used it before go on."
)
CLARIFY_CLOSED = (
    "Amazon SageMaker Model Monitor and Clarify are closed to new customers since mid-2026; "
    "accounts that used them before go on."
)

SETTLED = datetime.timedelta(days=7)
"""How old an endpoint must be before it ought to be monitored."""

ALARMED = datetime.timedelta(hours=24)
"""How old an endpoint must be before it ought to have alarms."""

DELAY = datetime.timedelta(hours=1)
"""What a run may be late, beyond two periods: it starts up to 20 minutes late, and takes its time."""

NO_DATA = ("no data", "no s3 objects")
"""What the reason of a run says that failed because there was no traffic to look at, in lower case."""

GENERATIVE_IMAGES = ("-tgi-", "djl-inference", "djl-serving", "vllm", "sglang", "lmi")
"""Parts of the names of images that serve language models, which Model Monitor can't compare with a table."""

DRIFT_NAMESPACES = {
    "DataQuality": "data-metrics",
    "ModelQuality": "model-metrics",
    "ModelBias": "bias-metrics",
    "ModelExplainability": "explainability-metrics",
}
"""How the CloudWatch namespaces end in which Model Monitor publishes, by what is monitored."""

RUN_MARKS = ("model-monitoring", "MonitoringSchedule", "ExitMessage")
"""What an event pattern names that picks the runs of Model Monitor among processing jobs."""

ERROR_METRICS = frozenset({"Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors"})
INFERENCE_NAMESPACES = ("aws/sagemaker", "aws/bedrock")
SCALING_ALARMS = "TargetTracking-"
"""How the alarms begin that Application Auto Scaling makes for itself."""


def _hosts_one_model(config: EndpointConfig, models: dict[str, Model]) -> bool:
    """Whether each variant is one model on instances: what data capture and Model Monitor can watch."""
    return config.async_inference_config is None and all(
        variant.serverless_config is None and variant.model_name and not _loads_many(models.get(variant.model_name))
        for variant in config.production_variants
    )


def _loads_many(model: Model | None) -> bool:
    containers = [model.primary_container, *model.containers] if model else []
    return any(container is not None and container.mode == "MultiModel" for container in containers)


def _generates(model: Model | None) -> bool:
    containers = [model.primary_container, *model.containers] if model else []
    images = [container.image or "" for container in containers if container]
    return any(mark in image for image in images for mark in GENERATIVE_IMAGES)


@evidence("4.1-K2", severity="medium")
def data_capture_practised(configs: list[EndpointConfig]) -> Findings:
    r"""Data capture has been switched on for an endpoint.

    Why: What was asked and what was answered, kept in S3, is the raw material of all monitoring of a model.
    Fix:
    aws sagemaker create-endpoint-config --endpoint-config-name NEW \
      --production-variants VariantName=main,ModelName=MODEL,InstanceType=ml.m5.large,InitialInstanceCount=1 \
      --data-capture-config '{"EnableCapture":true,"InitialSamplingPercentage":100,
        "DestinationS3Uri":"s3://BUCKET/capture","CaptureOptions":[{"CaptureMode":"Input"},{"CaptureMode":"Output"}]}'
    aws sagemaker update-endpoint --endpoint-name NAME --endpoint-config-name NEW
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
    Cost: hourly, for the endpoint; capture itself costs the storage.
    Survives: the endpoint configuration is free to keep.
    """
    for config in configs:
        if config.data_capture_config is not None and config.data_capture_config.enable_capture:
            yield Finding(
                config.endpoint_config_arn,
                good=True,
                note=f"captures {config.data_capture_config.initial_sampling_percentage} % of the requests",
            )


@practice("4.1-K2", "4.1-K4", severity="medium")
def data_capture_enabled(endpoints: list[Endpoint], configs: list[EndpointConfig], models: list[Model]) -> Findings:
    r"""Real-time endpoints capture requests and responses alike.

    Why: Drift shows in the requests, model quality in the responses; what was not captured can't be looked at later.
    Fix:
    aws sagemaker create-endpoint-config --endpoint-config-name NEW \
      --production-variants VariantName=main,ModelName=MODEL,InstanceType=ml.m5.large,InitialInstanceCount=1 \
      --data-capture-config '{"EnableCapture":true,"InitialSamplingPercentage":20,
        "DestinationS3Uri":"s3://BUCKET/capture","CaptureOptions":[{"CaptureMode":"Input"},{"CaptureMode":"Output"}]}'
    aws sagemaker update-endpoint --endpoint-name NAME --endpoint-config-name NEW
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
    Cost: cents, for the storage.
    Survives: judged only while the endpoint runs.
    """
    by_name = {model.model_name: model for model in models}
    for endpoint, config in _serving(endpoints, configs):
        if _hosts_one_model(config, by_name):
            fault = _capture_fault(endpoint, config)
            yield Finding(endpoint.endpoint_arn, good=not fault, note=fault or "captures requests and responses")


def _serving(endpoints: list[Endpoint], configs: list[EndpointConfig]) -> Iterator[tuple[Endpoint, EndpointConfig]]:
    by_name = {config.endpoint_config_name: config for config in configs}
    for endpoint in endpoints:
        config = by_name.get(endpoint.endpoint_config_name or "")
        if endpoint.endpoint_status == "InService" and config is not None:
            yield endpoint, config


def _capture_fault(endpoint: Endpoint, config: EndpointConfig) -> str:
    """What is wrong with an endpoint's data capture; empty where nothing is."""
    capture, now = config.data_capture_config, endpoint.data_capture_config
    if capture is None or not capture.enable_capture:
        return "captures nothing"
    modes = {option.capture_mode for option in capture.capture_options}
    if not modes >= {"Input", "Output"} and "InputAndOutput" not in modes:
        return f"captures only {', '.join(sorted(modes)) or 'nothing'}"
    if now is not None and now.capture_status == "Stopped":
        return "capture is switched on, but has stopped"
    sampled = capture.initial_sampling_percentage
    if now is not None and now.current_sampling_percentage is not None:
        sampled = now.current_sampling_percentage
    return "" if sampled > 0 else "captures 0 % of the requests"


def _monitored(kind: str, schedules: list[MonitoringSchedule], runs: Sequence[CompletedRun], scan: Scan) -> Findings:
    """What was monitored of a kind, a finding for each schedule, be it deleted since: good where a run did its work."""
    latest: dict[str, CompletedRun] = {}
    for run in sorted(runs, key=lambda run: run.scheduled_time):
        latest[run.monitoring_schedule_name] = run
    for name, run in latest.items():
        arn = scan.arn("sagemaker", f"monitoring-schedule/{name}", region=scan.region, account=scan.account)
        what = f"endpoint {run.endpoint_name}" if run.endpoint_name else "a batch transform"
        note = f"{what}: last completed run of {run.scheduled_time:%Y-%m-%d}: {run.monitoring_execution_status}"
        yield Finding(arn, good=True, note=note)
    for schedule in schedules:
        if schedule.kind != kind or schedule.monitoring_schedule_name in latest:
            continue
        last = schedule.last_monitoring_execution_summary
        status = last.monitoring_execution_status if last else "none yet"
        yield Finding(
            schedule.monitoring_schedule_arn,
            good=status in COMPLETED,
            note=f"{_watched(schedule)}: {schedule.monitoring_schedule_status}, last run: {status}",
        )


def _watched(schedule: MonitoringSchedule) -> str:
    return f"endpoint {schedule.endpoint}" if schedule.endpoint else "a batch transform"


@evidence("4.1-K2", "4.1-S1", severity="medium", closed=CLOSED)
def monitor_data_quality_practised(
    schedules: list[MonitoringSchedule], runs: list[DataQualityRun], scan: Scan
) -> Findings:
    r"""The data quality of live traffic has been monitored.

    Why: A model gets worse when its inputs move away from what it was trained on; a data quality monitor compares
    captured requests with statistics and constraints of the training data.
    Fix:
    aws sagemaker create-data-quality-job-definition --cli-input-json file://data-quality.json
    aws sagemaker create-monitoring-schedule --monitoring-schedule-name NAME \
      --monitoring-schedule-config '{"ScheduleConfig":{"ScheduleExpression":"cron(0 * ? * * *)"},
        "MonitoringJobDefinitionName":"DEFINITION","MonitoringType":"DataQuality"}'
    aws sagemaker delete-monitoring-schedule --monitoring-schedule-name NAME
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-quality.html
    Cost: cents, a few minutes of one machine for each run.
    Survives: the history of runs stays when the schedule is deleted.
    """
    yield from _monitored("DataQuality", schedules, runs, scan)


@evidence("4.1-K3", "4.1-S1", severity="medium", closed=CLOSED)
def monitor_model_quality_practised(
    schedules: list[MonitoringSchedule], runs: list[ModelQualityRun], scan: Scan
) -> Findings:
    r"""Model quality has been monitored against the ground truth.

    Why: Only labels that arrive later tell whether predictions were right; a model quality monitor joins them with
    captured predictions and compares accuracy, F1 or error with a baseline.
    Fix:
    aws sagemaker create-model-quality-job-definition --cli-input-json file://model-quality.json
    aws sagemaker create-monitoring-schedule --monitoring-schedule-name NAME \
      --monitoring-schedule-config '{"ScheduleConfig":{"ScheduleExpression":"cron(0 * ? * * *)"},
        "MonitoringJobDefinitionName":"DEFINITION","MonitoringType":"ModelQuality"}'
    aws sagemaker delete-monitoring-schedule --monitoring-schedule-name NAME
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality.html
    Cost: cents, a few minutes of one machine for each run.
    Survives: the history of runs stays when the schedule is deleted.
    """
    yield from _monitored("ModelQuality", schedules, runs, scan)


@evidence("4.1-S1", "4.1-S4", severity="low", closed=CLARIFY_CLOSED)
def monitor_bias_drift_practised(schedules: list[MonitoringSchedule], runs: list[ModelBiasRun], scan: Scan) -> Findings:
    r"""Bias drift has been monitored with Clarify.

    Why: A model that was fair on its training data may treat groups differently on live data; a bias monitor repeats
    Clarify's metrics on captured predictions.
    Fix:
    aws sagemaker create-model-bias-job-definition --cli-input-json file://model-bias.json
    aws sagemaker create-monitoring-schedule --monitoring-schedule-name NAME \
      --monitoring-schedule-config '{"ScheduleConfig":{"ScheduleExpression":"cron(0 0 ? * * *)"},
        "MonitoringJobDefinitionName":"DEFINITION","MonitoringType":"ModelBias"}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift.html
    Cost: cents, a few minutes of one machine for each run.
    Survives: the history of runs stays when the schedule is deleted.
    """
    yield from _monitored("ModelBias", schedules, runs, scan)


@evidence("4.1-S1", "4.1-S4", severity="low", closed=CLARIFY_CLOSED)
def monitor_attribution_drift_practised(
    schedules: list[MonitoringSchedule], runs: list[ModelExplainabilityRun], scan: Scan
) -> Findings:
    r"""Drift of feature attribution has been monitored with Clarify.

    Why: When the ranking of the features that drive predictions changes, the world has changed, even where the inputs
    look alike; the monitor compares SHAP values of live and training data.
    Fix:
    aws sagemaker create-model-explainability-job-definition --cli-input-json file://model-explainability.json
    aws sagemaker create-monitoring-schedule --monitoring-schedule-name NAME \
      --monitoring-schedule-config '{"ScheduleConfig":{"ScheduleExpression":"cron(0 0 ? * * *)"},
        "MonitoringJobDefinitionName":"DEFINITION","MonitoringType":"ModelExplainability"}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift.html
    Cost: cents, a few minutes of one machine for each run.
    Survives: the history of runs stays when the schedule is deleted.
    """
    yield from _monitored("ModelExplainability", schedules, runs, scan)


@practice("4.1-S1", "4.1-K1", "4.1-K4", severity="medium", closed=CLOSED)
def monitor_covers_endpoints(
    endpoints: list[Endpoint],
    configs: list[EndpointConfig],
    models: list[Model],
    schedules: list[MonitoringSchedule],
    data_quality: list[DataQualityJobDefinition],
    model_quality: list[ModelQualityJobDefinition],
    model_bias: list[ModelBiasJobDefinition],
    explainability: list[ModelExplainabilityJobDefinition],
    scan: Scan,
) -> Findings:
    r"""Every endpoint that can be monitored has a running schedule with a baseline.

    Why: A schedule that is stopped looks at nothing, and one without baseline constraints computes statistics but can
    report no violation.
    Fix:
    aws sagemaker start-monitoring-schedule --monitoring-schedule-name NAME
    aws sagemaker create-monitoring-schedule --monitoring-schedule-name NAME \
      --monitoring-schedule-config '{"ScheduleConfig":{"ScheduleExpression":"cron(0 * ? * * *)"},
        "MonitoringJobDefinitionName":"DEFINITION","MonitoringType":"DataQuality"}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-create-baseline.html
    Cost: cents, a few minutes of one machine for each run.
    Survives: judged only while the endpoint runs.
    """
    baselines: dict[tuple[str, str], Baseline | None] = {
        **{("DataQuality", one.job_definition_name): one.data_quality_baseline_config for one in data_quality},
        **{("ModelQuality", one.job_definition_name): one.model_quality_baseline_config for one in model_quality},
        **{("ModelBias", one.job_definition_name): one.model_bias_baseline_config for one in model_bias},
        **{
            ("ModelExplainability", one.job_definition_name): one.model_explainability_baseline_config
            for one in explainability
        },
    }
    # An account without any trace of Model Monitor may not be able to get it any more.
    if not schedules and not baselines:
        return
    by_name = {model.model_name: model for model in models}
    watching = collections.defaultdict(list)
    for schedule in schedules:
        watching[schedule.endpoint].append(schedule)
    for endpoint, config in _serving(endpoints, configs):
        served = [by_name.get(variant.model_name or "") for variant in config.production_variants]
        if (
            scan.at - endpoint.creation_time < SETTLED
            or len(config.production_variants) != 1
            or not _hosts_one_model(config, by_name)
            or any(_generates(model) for model in served)
        ):
            continue
        good, notes = False, []
        for schedule in watching[endpoint.endpoint_name]:
            based = _has_baseline(schedule, baselines)
            good = good or (schedule.continuous and based)
            notes.append(_described(schedule, based=based))
        yield Finding(endpoint.endpoint_arn, good=good, note="; ".join(sorted(notes)) or "no monitoring schedule")


def _has_baseline(schedule: MonitoringSchedule, baselines: dict[tuple[str, str], Baseline | None]) -> bool:
    config = schedule.monitoring_schedule_config
    if config.monitoring_job_definition is not None:
        baseline = config.monitoring_job_definition.baseline_config
    else:
        baseline = baselines.get((schedule.kind, config.monitoring_job_definition_name or ""))
    return baseline is not None and baseline.constrains


def _described(schedule: MonitoringSchedule, *, based: bool) -> str:
    """A schedule in words: what it monitors, how often, in what state, with a baseline or not."""
    period = schedule.period
    if period is None:
        often = "once"
    else:
        hours = int(period.total_seconds()) // 3600
        often = {1: "hourly", 24: "daily"}.get(hours, f"every {hours} hours")
    kind = schedule.kind or "what it monitors is not said"
    return f"{kind}, {often}, {schedule.monitoring_schedule_status}, {'with' if based else 'without'} baseline"


@practice("4.1-S1", severity="medium", closed=CLOSED)
def monitor_runs_healthy(schedules: list[MonitoringSchedule], runs: list[MonitoringRun], scan: Scan) -> Findings:
    r"""The runs of monitoring schedules complete, and on time.

    Why: A monitor whose runs fail, or don't start, looks like a model without drift.
    Fix:
    aws sagemaker list-monitoring-executions --monitoring-schedule-name NAME --sort-by ScheduledTime --max-results 5
    aws sagemaker update-monitoring-schedule --monitoring-schedule-name NAME \
      --monitoring-schedule-config file://schedule.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-status.html
    Cost: cents, a few minutes of one machine for each run.
    Survives: judged only while the schedule runs.
    """
    history = collections.defaultdict(list)
    for run in sorted(runs, key=lambda run: run.scheduled_time, reverse=True):
        history[run.monitoring_schedule_name].append(run)
    for schedule in schedules:
        fault, praise = _health(schedule, history[schedule.monitoring_schedule_name], scan.at)
        if fault or praise:
            note = f"{_watched(schedule)}, {schedule.kind or 'monitoring'}: {fault or praise}"
            yield Finding(schedule.monitoring_schedule_arn, good=not fault, note=note)


def _health(schedule: MonitoringSchedule, runs: list[MonitoringRun], at: datetime.datetime) -> tuple[str, str]:
    """What is wrong with a schedule's runs (newest first), or else what is right; neither where it is too early."""
    if schedule.monitoring_schedule_status == "Failed":
        return f"the schedule failed: {schedule.failure_reason or 'no reason given'}", ""
    if schedule.monitoring_schedule_status != "Scheduled":
        return "", ""
    started = runs[0].scheduled_time if runs else schedule.creation_time
    if schedule.period is not None and at - started > 2 * schedule.period + DELAY:
        return (f"no run since {started:%Y-%m-%d %H:%M}" if runs else "has never run"), ""
    ended = [run for run in runs if run.monitoring_execution_status in (*COMPLETED, "Failed")]
    useful = [run for run in ended if not _found_no_data(run)]
    if not useful:
        return (f"none of its last {len(ended)} runs found data to look at" if ended else ""), ""
    if useful[0].monitoring_execution_status == "Failed":
        return f"the last run failed: {useful[0].failure_reason or 'no reason given'}", ""
    return "", f"last run of {useful[0].scheduled_time:%Y-%m-%d %H:%M}: {useful[0].monitoring_execution_status}"


def _found_no_data(run: MonitoringRun) -> bool:
    reason = (run.failure_reason or "").lower()
    return run.monitoring_execution_status == "Failed" and any(mark in reason for mark in NO_DATA)


@evidence("4.1-K1", "4.1-S4", severity="medium", closed=CLOSED)
def drift_violation_observed(runs: list[ViolationRun], scan: Scan) -> Findings:
    r"""Model Monitor has found a violation of a baseline.

    Why: A monitor that was never seen to find anything is not known to work; sending skewed data through the endpoint
    once shows the whole way from drift to report.
    Fix:
    aws sagemaker-runtime invoke-endpoint --endpoint-name NAME --content-type text/csv --body fileb://skewed.csv \
      out.json
    aws sagemaker list-monitoring-executions --status-equals CompletedWithViolations
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-violations.html
    Cost: cents, a few minutes of one machine for each run.
    Survives: the history of runs stays when schedule and endpoint are deleted.
    """
    for run in runs:
        arn = scan.arn(
            "sagemaker",
            f"monitoring-schedule/{run.monitoring_schedule_name}",
            region=scan.region,
            account=scan.account,
        )
        yield Finding(arn, good=True, note=f"violations found on {run.scheduled_time:%Y-%m-%d}")


@practice("4.1-K1", "4.1-K4", "4.1-S2", severity="medium", closed=CLOSED)
def drift_alarms_set(
    schedules: list[MonitoringSchedule], alarms: list[MetricAlarm], rules: list[Rule], targets: list[RuleTarget]
) -> Findings:
    r"""Drift raises an alarm that somebody receives.

    Why: A violation report in S3 is read by nobody; an alarm on the monitor's metric, or a rule on its runs, tells.
    Fix:
    aws cloudwatch put-metric-alarm --alarm-name drift-FEATURE --namespace aws/sagemaker/Endpoints/data-metrics \
      --metric-name feature_baseline_drift_FEATURE --dimensions Name=Endpoint,Value=ENDPOINT \
      Name=MonitoringSchedule,Value=NAME --statistic Average --period 3600 --evaluation-periods 1 --threshold 0.1 \
      --comparison-operator GreaterThanThreshold --alarm-actions TOPIC_ARN
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-cloudwatch.html
    Cost: free, for up to ten alarms.
    Survives: judged only while the schedule runs.
    """
    led = {(target.event_bus_name, target.rule) for target in targets}
    told = [
        rule.name
        for rule in rules
        if rule.enabled
        and (rule.event_bus_name, rule.name) in led
        and any(mark in (rule.event_pattern or "") for mark in RUN_MARKS)
    ]
    for schedule in schedules:
        if schedule.monitoring_schedule_status != "Scheduled":
            continue
        watching = [alarm for alarm in alarms if _watches_drift(alarm, schedule)]
        sounding = [alarm.alarm_name for alarm in watching if alarm.actions_enabled and alarm.alarm_actions]
        if sounding or told:
            note = f"told by {', '.join(sorted([*sounding, *told]))}"
        else:
            note = f"{watching[0].alarm_name} tells nobody" if watching else "no alarm on its metrics"
        note = f"{_watched(schedule)}, {schedule.kind or 'monitoring'}: {note}"
        yield Finding(schedule.monitoring_schedule_arn, good=bool(sounding or told), note=note)


def _watches_drift(alarm: MetricAlarm, schedule: MonitoringSchedule) -> bool:
    ending = DRIFT_NAMESPACES.get(schedule.kind)
    endings = (ending,) if ending else tuple(DRIFT_NAMESPACES.values())
    for namespace, _, dimensions in _metrics(alarm):
        # The dimensions are not named alike in all of AWS's containers; where one tells the schedule, it decides.
        of_schedule = [one.value for one in dimensions if "schedule" in one.name.lower()]
        values = of_schedule or [one.value for one in dimensions]
        wanted = schedule.monitoring_schedule_name if of_schedule else schedule.endpoint
        if namespace.lower().endswith(endings) and wanted in values:
            return True
    return False


def _metrics(alarm: MetricAlarm) -> Iterator[tuple[str, str, list[Dimension]]]:
    """Namespace, name and dimensions of each metric that an alarm looks at, metric math included."""
    if alarm.metric_name:
        yield alarm.namespace or "", alarm.metric_name, alarm.dimensions
    for query in alarm.metrics:
        if query.metric_stat is not None:
            metric = query.metric_stat.metric
            yield metric.namespace or "", metric.metric_name or "", metric.dimensions


@evidence("4.1-S2", severity="low")
def anomaly_detection_configured(alarms: list[MetricAlarm]) -> Findings:
    """An alarm uses anomaly detection on a metric of inference.

    Why: Traffic and latency have rhythms that a fixed threshold can't follow; anomaly detection learns a band and
    sounds outside of it.
    Fix:
    aws cloudwatch put-metric-alarm --cli-input-json file://anomaly-alarm.json
    See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html
    Cost: cents, an alarm with anomaly detection is charged as three.
    Survives: alarms outlive the endpoint.
    """
    for alarm in alarms:
        banded = any("ANOMALY_DETECTION_BAND" in (query.expression or "").upper() for query in alarm.metrics)
        names = [
            name
            for namespace, name, _ in _metrics(alarm)
            if namespace.lower().lstrip("/").startswith(INFERENCE_NAMESPACES)
        ]
        if alarm.threshold_metric_id and banded and names:
            yield Finding(alarm.alarm_arn, good=True, note=f"anomaly detection on {', '.join(sorted(set(names)))}")


@practice("4.1-S3", severity="high")
def endpoint_error_alarms(
    endpoints: list[Endpoint], configs: list[EndpointConfig], alarms: list[MetricAlarm], scan: Scan
) -> Findings:
    r"""Every variant of a serving endpoint has an alarm on invocation errors.

    Why: Errors of the model reach the callers first; the alarm is how the team learns of them before the users write.
    Fix:
    aws cloudwatch put-metric-alarm --alarm-name NAME-errors --namespace AWS/SageMaker \
      --metric-name Invocation5XXErrors --dimensions Name=EndpointName,Value=NAME Name=VariantName,Value=main \
      --statistic Sum --period 60 --evaluation-periods 1 --threshold 1 \
      --comparison-operator GreaterThanOrEqualToThreshold --treat-missing-data notBreaching \
      --alarm-actions TOPIC_ARN
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
    Cost: free, for up to ten alarms.
    Survives: alarms outlive the endpoint, but are judged only while it runs.
    """
    watched = [alarm for alarm in alarms if not alarm.alarm_name.startswith(SCALING_ALARMS)]
    for endpoint, config in _serving(endpoints, configs):
        # Asynchronous endpoints tell of errors by a topic; a variant without a model hosts inference components.
        variants = [variant.variant_name for variant in config.production_variants if variant.model_name]
        young = scan.at - endpoint.creation_time < ALARMED
        if young or config.async_inference_config is not None or not variants:
            continue
        missing = [
            name
            for name in variants
            if not any(_watches_errors(alarm, endpoint.endpoint_name, name) for alarm in watched)
        ]
        note = (
            f"no error alarm on variant {', '.join(missing)}" if missing else "errors of every variant raise an alarm"
        )
        yield Finding(endpoint.endpoint_arn, good=not missing, note=note)


def _watches_errors(alarm: MetricAlarm, endpoint: str, variant: str) -> bool:
    for namespace, name, dimensions in _metrics(alarm):
        # SageMaker publishes by endpoint and variant together: an alarm on less never gets data.
        exact = {("EndpointName", endpoint), ("VariantName", variant)} <= {(one.name, one.value) for one in dimensions}
        if namespace == "AWS/SageMaker" and name in ERROR_METRICS and exact:
            return True
    queries = [query.expression or "" for query in alarm.metrics]
    return any(_selects_errors(query, endpoint) for query in queries)


def _selects_errors(query: str, endpoint: str) -> bool:
    """Whether a Metrics Insights query looks at errors of the endpoint, by name or of all endpoints at once."""
    selects = query.lstrip().upper().startswith("SELECT") and "AWS/SageMaker" in query
    everywhere = " WHERE " not in f" {' '.join(query.split()).upper()} "
    return selects and any(metric in query for metric in ERROR_METRICS) and (everywhere or f"'{endpoint}'" in query)


@evidence("4.1-S5", severity="medium")
def ab_test_practised(configs: list[EndpointConfig]) -> Findings:
    r"""Two models have shared the traffic of one endpoint.

    Why: Production variants with weights are how SageMaker tests a new model against the old one on live traffic.
    Fix:
    aws sagemaker create-endpoint-config --endpoint-config-name NAME \
      --production-variants VariantName=a,ModelName=OLD,InstanceType=ml.t2.medium,InitialInstanceCount=1,
        InitialVariantWeight=0.9 \
      VariantName=b,ModelName=NEW,InstanceType=ml.t2.medium,InitialInstanceCount=1,InitialVariantWeight=0.1
    aws sagemaker create-endpoint --endpoint-name NAME --endpoint-config-name NAME
    aws sagemaker update-endpoint-weights-and-capacities --endpoint-name NAME \
      --desired-weights-and-capacities VariantName=b,DesiredWeight=0.5
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-ab-testing.html
    Cost: hourly, two machines until the endpoint is deleted.
    Survives: the endpoint configuration is free to keep.
    """
    for config in configs:
        if len(config.production_variants) < 2:
            continue
        # A weight that is not given is 1.
        weighted = [one for one in config.production_variants if one.initial_variant_weight != 0]
        models = {one.model_name for one in weighted if one.model_name}
        if len(models) > 1:
            note = f"traffic is shared by {', '.join(sorted(models))}"
        else:
            note = "its variants serve one model" if len(weighted) > 1 else "all traffic goes to one variant"
        yield Finding(config.endpoint_config_arn, good=len(models) > 1, note=note)
