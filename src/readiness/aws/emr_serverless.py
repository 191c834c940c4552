"""EMR Serverless: applications and the jobs that they ran."""

from __future__ import annotations

import datetime

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource("emr-serverless", "ListApplications")
class Application(Record, rename="camel"):
    """An application, for Spark or Hive; a stopped one costs nothing."""

    id: str
    type: str
    name: str = ""


CANCELLED_STREAM = "[@][?mode == 'STREAMING' && state == 'CANCELLED'].id | [0]"
"""A stream ends by being cancelled: only its description tells whether it ran before."""


@resource(
    "emr-serverless",
    Call(operation="ListJobRuns", by={"applicationId": "id"}),
    Call(
        operation="GetJobRun",
        by={"applicationId": "applicationId", "jobRunId": CANCELLED_STREAM},
        take="jobRun",
        gone=("ResourceNotFoundException",),
    ),
    per=Application,
)
class JobRun(Record, rename="camel"):
    """A run of a job, as a batch or as a stream."""

    application_id: str
    id: str
    arn: str
    state: Enumerated
    type: str | None = None
    mode: str | None = None
    started_at: datetime.datetime | None = None
