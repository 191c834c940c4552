"""EventBridge Scheduler: schedules and what they start."""

from __future__ import annotations

from readiness.kinds import resource
from readiness.record import Enumerated, Record


class ScheduleTarget(Record):
    """What a schedule starts."""

    arn: str


@resource("scheduler", "ListSchedules")
class Schedule(Record):
    """A schedule: free to keep; what it passes on is not read."""

    arn: str = ""
    name: str = ""
    group_name: str = ""
    state: Enumerated = ""
    target: ScheduleTarget | None = None
