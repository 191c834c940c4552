"""CloudWatch: alarms, dashboards and metric data."""

from __future__ import annotations

import json
from typing import Any

import msgspec

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
    statistic: str | None = None
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

    def __post_init__(self) -> None:
        """Keep what the widgets measure, without what people wrote beside it."""
        try:
            body = json.loads(self.dashboard_body)
        except (ValueError, RecursionError):
            body = None
        widgets = body.get("widgets") if isinstance(body, dict) else None
        measured = [
            {"type": widget.get("type"), "properties": _without_words(widget.get("properties"))}
            for widget in (widgets if isinstance(widgets, list) else ())
            if isinstance(widget, dict) and widget.get("type") != "text"
        ]
        msgspec.structs.force_setattr(self, "dashboard_body", json.dumps({"widgets": measured}))


def _without_words(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_words(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_words(item) for name, item in value.items() if name not in ("title", "label")}
    return value
