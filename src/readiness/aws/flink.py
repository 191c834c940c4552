"""Managed Service for Apache Flink: applications, and whether they have ever run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from readiness.aws.history import Event, events
from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

RUNNING = frozenset({"RUNNING", "UPDATING", "AUTOSCALING", "STOPPING", "FORCE_STOPPING"})
"""States of an application that has started."""


def _is_flink(application: Mapping[str, Any]) -> bool:
    return "FLINK" in str(application.get("RuntimeEnvironment"))


@resource("kinesisanalyticsv2", Call(operation="ListApplications", take="ApplicationSummaries[]"), where=_is_flink)
class Application(Record):
    """An application or a notebook on Flink; those in SQL, which have no Flink, are left out."""

    application_name: str
    application_arn: str = msgspec.field(name="ApplicationARN")
    application_status: Enumerated
    runtime_environment: str


@resource(
    "kinesisanalyticsv2",
    Call(
        operation="ListApplicationOperations",
        by={"ApplicationName": "ApplicationName"},
        give={"Operation": "StartApplication"},
        take="ApplicationOperationInfoList[]",
    ),
    per=Application,
)
class ApplicationStart(Record):
    """That an application was started, and how that ended."""

    application_name: str
    operation_status: Enumerated | None = None


class FlinkApplication(Record):
    """An application, and whether it has ever run."""

    arn: str
    runtime: str
    ran: bool

    @classmethod
    def derive(cls, applications: list[Application], starts: list[ApplicationStart]) -> Iterator[FlinkApplication]:
        """Each application with its starts."""
        started = {start.application_name for start in starts if start.operation_status == "SUCCESSFUL"}
        for application in applications:
            running = application.application_status in RUNNING
            yield cls(
                arn=application.application_arn,
                runtime=application.runtime_environment,
                ran=running or application.application_name in started,
            )


@events("kinesisanalytics", "StartApplication")
class FlinkStart(Event):
    """Somebody started an application."""
