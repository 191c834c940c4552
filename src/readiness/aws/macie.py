"""Macie: jobs that look for sensitive data in buckets, and the discovery that does so by itself."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

OFF = ("AccessDeniedException", "Macie is not enabled")
"""How Macie answers where nobody has switched it on; without that message the code says that the caller may not ask."""


class LastRun(Record, rename="camel"):
    """Whether a job was refused access to an account or a bucket: ERROR or NONE."""

    code: Enumerated | None = None


class Statistics(Record, rename="camel"):
    """How often a job has run."""

    number_of_runs: float = 0


@resource("macie2", Call(operation="ListClassificationJobs", absent=(OFF,)), "DescribeClassificationJob")
class ClassificationJob(Record, rename="camel"):
    """A job that looks for sensitive data; it can't be deleted, and stays listed while Macie is on."""

    job_id: str
    job_arn: str | None = None
    job_status: Enumerated | None = None
    last_run_error_status: LastRun = LastRun()
    statistics: Statistics = Statistics()


@resource("macie2", Call(operation="GetAutomatedDiscoveryConfiguration", absent=(OFF,)))
class AutomatedDiscovery(Record, rename="camel"):
    """Whether Macie samples the buckets by itself, which is switched on besides Macie."""

    status: Enumerated | None = None
