"""DataBrew: jobs and their runs."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource("databrew", "ListJobs")
class Job(Record):
    """A recipe job, which transforms a dataset, or a profile job, which describes it."""

    name: str
    type: Enumerated | None = None
    resource_arn: str | None = None


@resource("databrew", Call(operation="ListJobRuns", by={"Name": "Name"}), per=Job)
class JobRun(Record):
    """A run of a job; `name` is the job's."""

    name: str
    run_id: str | None = None
    state: Enumerated | None = None
