"""Model Monitor: schedules, their runs, and the job definitions with their baselines."""

from __future__ import annotations

import datetime
import re

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

MONITORING_TYPES = ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")
COMPLETED = ("Completed", "CompletedWithViolations")
"""How a run ends that did its work; violations are what it is there to find."""

NEWEST_RUNS = 24
"""How many runs of a schedule are read: a day of an hourly one."""

NEWEST_COMPLETED = 10
"""How many completed runs of a type are read: one is enough to show that it was practised."""

ANALYZER_IMAGE = "model-monitor-analyzer"
HOURS = re.compile(r"cron\(\S+\s+(?P<hour>\*|\d+)(?:/(?P<step>\d+))?\s")


class Location(Record):
    """An object in S3."""

    s3_uri: str | None = None


class Baseline(Record):
    """What live data is compared with: without constraints a run can find no violation."""

    baselining_job_name: str | None = None
    constraints_resource: Location | None = None

    @property
    def constrains(self) -> bool:
        """Whether there are constraints, given by place or by the job that suggested them."""
        return bool(self.baselining_job_name or (self.constraints_resource and self.constraints_resource.s3_uri))


class EndpointInput(Record):
    """The endpoint whose captured data is analysed."""

    endpoint_name: str


class MonitoringInput(Record):
    """What a run analyses; without an endpoint it is the captured data of a batch transform."""

    endpoint_input: EndpointInput | None = None


class MonitoringApplication(Record):
    """The container that analyses; neither its environment nor its arguments are kept."""

    image_uri: str


class InlineDefinition(Record):
    """A job definition that lives in its schedule."""

    monitoring_inputs: list[MonitoringInput]
    monitoring_app_specification: MonitoringApplication
    baseline_config: Baseline | None = None


class ScheduleConfig(Record):
    """When runs start: every hour, every so many hours, once a day, or NOW (once)."""

    schedule_expression: str


class MonitoringScheduleConfig(Record):
    """What a schedule runs, and when."""

    schedule_config: ScheduleConfig | None = None
    monitoring_job_definition: InlineDefinition | None = None
    monitoring_job_definition_name: str | None = None
    monitoring_type: Enumerated | None = None


class LastRun(Record):
    """The latest run of a schedule and how it ended."""

    monitoring_execution_status: Enumerated
    scheduled_time: datetime.datetime
    failure_reason: str | None = None


@resource("sagemaker", "ListMonitoringSchedules", "DescribeMonitoringSchedule")
class MonitoringSchedule(Record):
    """A schedule by which an endpoint's (or a batch transform's) captured data is analysed."""

    monitoring_schedule_name: str
    monitoring_schedule_arn: str
    monitoring_schedule_status: Enumerated
    creation_time: datetime.datetime
    last_modified_time: datetime.datetime
    monitoring_schedule_config: MonitoringScheduleConfig
    monitoring_type: Enumerated | None = None
    endpoint_name: str | None = None
    failure_reason: str | None = None
    last_monitoring_execution_summary: LastRun | None = None

    @property
    def kind(self) -> str:
        """What it monitors, one of `MONITORING_TYPES`, or nothing where that can't be told.

        Schedules with a definition of their own may name no type; then the image tells.
        """
        config = self.monitoring_schedule_config
        named = (self.monitoring_type or config.monitoring_type or "").replace("_", "").lower()
        for kind in MONITORING_TYPES:
            if kind.lower() == named:
                return kind
        inline = config.monitoring_job_definition
        return "DataQuality" if inline and ANALYZER_IMAGE in inline.monitoring_app_specification.image_uri else ""

    @property
    def endpoint(self) -> str:
        """The endpoint that is monitored, or nothing for a batch transform."""
        inline = self.monitoring_schedule_config.monitoring_job_definition
        inputs = [part.endpoint_input for part in inline.monitoring_inputs] if inline else []
        return self.endpoint_name or next((part.endpoint_name for part in inputs if part), "")

    @property
    def period(self) -> datetime.timedelta | None:
        """The time between two runs, or None for a schedule that runs once or that can't be read."""
        config = self.monitoring_schedule_config.schedule_config
        if config is None:
            return datetime.timedelta(days=1)
        found = HOURS.match(config.schedule_expression)
        if found is None:
            return None
        if found["step"]:
            return datetime.timedelta(hours=int(found["step"]) or 1)
        return datetime.timedelta(hours=1 if found["hour"] == "*" else 24)

    @property
    def continuous(self) -> bool:
        """Whether it runs again and again, and is switched on."""
        return self.monitoring_schedule_status == "Scheduled" and self.period is not None


@resource(
    "sagemaker",
    Call(
        operation="ListMonitoringExecutions",
        by={"MonitoringScheduleName": "MonitoringScheduleName"},
        give={"SortBy": "ScheduledTime", "SortOrder": "Descending"},
    ),
    per=MonitoringSchedule,
    newest=NEWEST_RUNS,
)
class MonitoringRun(Record):
    """A run of a schedule that exists."""

    monitoring_schedule_name: str
    scheduled_time: datetime.datetime
    monitoring_execution_status: Enumerated
    failure_reason: str | None = None


def _completed(monitoring_type: str) -> Call:
    """The newest completed runs of a type; they stay listed when the schedule is deleted."""
    return Call(
        operation="ListMonitoringExecutions",
        give={"MonitoringTypeEquals": monitoring_type, "SortBy": "ScheduledTime", "SortOrder": "Descending"},
        each={"StatusEquals": COMPLETED},
    )


class CompletedRun(Record):
    """A run that did its work, of a schedule that may be gone."""

    monitoring_schedule_name: str
    scheduled_time: datetime.datetime
    monitoring_execution_status: str
    endpoint_name: str | None = None


@resource("sagemaker", _completed("DataQuality"), newest=NEWEST_COMPLETED)
class DataQualityRun(CompletedRun):
    """A completed run that compared live data with a baseline."""


@resource("sagemaker", _completed("ModelQuality"), newest=NEWEST_COMPLETED)
class ModelQualityRun(CompletedRun):
    """A completed run that compared predictions with the ground truth."""


@resource("sagemaker", _completed("ModelBias"), newest=NEWEST_COMPLETED)
class ModelBiasRun(CompletedRun):
    """A completed run that measured the bias of predictions."""


@resource("sagemaker", _completed("ModelExplainability"), newest=NEWEST_COMPLETED)
class ModelExplainabilityRun(CompletedRun):
    """A completed run that measured what features contribute to predictions."""


@resource(
    "sagemaker",
    Call(
        operation="ListMonitoringExecutions",
        give={"StatusEquals": "CompletedWithViolations", "SortBy": "ScheduledTime", "SortOrder": "Descending"},
    ),
    newest=NEWEST_COMPLETED,
)
class ViolationRun(CompletedRun):
    """A completed run, of whatever type, that found violations of its baseline."""


class JobDefinition(Record):
    """A job definition that schedules refer to by name: free to keep."""

    job_definition_name: str
    job_definition_arn: str


def _described(operation: str) -> Call:
    return Call(operation=operation, by={"JobDefinitionName": "MonitoringJobDefinitionName"})


@resource("sagemaker", "ListDataQualityJobDefinitions", _described("DescribeDataQualityJobDefinition"))
class DataQualityJobDefinition(JobDefinition):
    """How data quality is monitored."""

    data_quality_baseline_config: Baseline | None = None


@resource("sagemaker", "ListModelQualityJobDefinitions", _described("DescribeModelQualityJobDefinition"))
class ModelQualityJobDefinition(JobDefinition):
    """How model quality is monitored."""

    model_quality_baseline_config: Baseline | None = None


@resource("sagemaker", "ListModelBiasJobDefinitions", _described("DescribeModelBiasJobDefinition"))
class ModelBiasJobDefinition(JobDefinition):
    """How bias is monitored."""

    model_bias_baseline_config: Baseline | None = None


@resource("sagemaker", "ListModelExplainabilityJobDefinitions", _described("DescribeModelExplainabilityJobDefinition"))
class ModelExplainabilityJobDefinition(JobDefinition):
    """How feature attribution is monitored."""

    model_explainability_baseline_config: Baseline | None = None
