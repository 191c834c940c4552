"""CloudWatch: alarms, dashboards and metric data."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


class Dimension(Record):
    """A dimension of a metric."""

    name: str
    value: str


class Metric(Record):
    """A metric by its name and dimensions."""

    namespace: str | None = None
    metric_name: str | None = None
    dimensions: list[Dimension] = []


class MetricStat(Record):
    """A metric inside metric math."""

    metric: Metric


class MetricQuery(Record):
    """A part of an alarm on metric math."""

    id: str
    metric_stat: MetricStat | None = None
    expression: str | None = None


@resource(
    "cloudwatch",
    Call(operation="DescribeAlarms", give={"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}, take="MetricAlarms[]"),
)
class MetricAlarm(Record):
    """An alarm on a metric; thresholds are in the metric's own unit, the period in seconds."""

    alarm_name: str
    alarm_arn: str
    actions_enabled: bool = True
    alarm_actions: list[str] = []
    namespace: str | None = None
    metric_name: str | None = None
    dimensions: list[Dimension] = []
    metrics: list[MetricQuery] = []
    statistic: Enumerated | None = None
    extended_statistic: str | None = None
    period: int | None = None
    threshold: float | None = None
    comparison_operator: Enumerated | None = None
    threshold_metric_id: str | None = None
    state_value: Enumerated | None = None


@resource(
    "cloudwatch",
    Call(operation="DescribeAlarms", give={"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}, take="CompositeAlarms[]"),
)
class CompositeAlarm(Record):
    """An alarm on the states of other alarms."""

    alarm_name: str
    alarm_arn: str
    alarm_rule: str = ""
    actions_enabled: bool = True
    alarm_actions: list[str] = []


@resource("cloudwatch", "ListDashboards", "GetDashboard", scope="global")
class Dashboard(Record):
    """A dashboard that somebody made, with its body as JSON text; AWS's automatic ones are not listed."""

    dashboard_name: str
    dashboard_arn: str
    dashboard_body: str = ""
