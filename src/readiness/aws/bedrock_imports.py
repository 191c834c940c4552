"""Bedrock's import of models that were trained elsewhere; the jobs stay listed, so they cost nothing."""

from __future__ import annotations

import datetime

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_IMPORTS = 50
"""How many import jobs are read."""


@resource(
    "bedrock",
    Call(operation="ListModelImportJobs", give={"sortBy": "CreationTime", "sortOrder": "Descending"}),
    newest=NEWEST_IMPORTS,
)
class ModelImportJob(Record, rename="camel"):
    """A model that was brought to Bedrock from files."""

    job_arn: str
    job_name: str
    status: Enumerated
    creation_time: datetime.datetime
