"""Compilation jobs of SageMaker Neo: they stay listed, so they are evidence that costs nothing."""

from __future__ import annotations

import datetime

from readiness.kinds import resource
from readiness.record import Enumerated, Record


@resource("sagemaker", "ListCompilationJobs")
class CompilationJob(Record):
    """A model compiled for a device or a platform."""

    compilation_job_name: str
    compilation_job_arn: str
    compilation_job_status: Enumerated
    creation_time: datetime.datetime
    compilation_target_device: str | None = None
    compilation_target_platform_os: str | None = None
