"""Comprehend Medical: jobs that look for protected health information in documents."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource("comprehendmedical", Call(operation="ListPHIDetectionJobs", take="ComprehendMedicalAsyncJobPropertiesList[]"))
class PhiJob(Record):
    """A job that detects protected health information."""

    job_id: str
    job_status: Enumerated | None = None
