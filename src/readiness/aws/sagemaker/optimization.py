"""Inference optimization jobs: they stay listed, so they are evidence that costs nothing."""

from __future__ import annotations

import datetime

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_OPTIMIZATIONS = 50
"""How many optimization jobs are read."""


@resource(
    "sagemaker",
    Call(operation="ListOptimizationJobs", give={"SortBy": "CreationTime", "SortOrder": "Descending"}),
    newest=NEWEST_OPTIMIZATIONS,
)
class OptimizationJob(Record):
    """A model made quicker or smaller: quantized, compiled, sharded, or with speculative decoding."""

    optimization_job_name: str
    optimization_job_arn: str
    optimization_job_status: Enumerated
    creation_time: datetime.datetime
    optimization_types: list[str] = []
