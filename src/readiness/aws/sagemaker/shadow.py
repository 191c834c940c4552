"""Inference experiments: shadow tests that SageMaker plans, runs and ends. Ended ones stay listed, which is free."""

from __future__ import annotations

import datetime

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_EXPERIMENTS = 100
"""How many experiments are read: one page."""


@resource(
    "sagemaker",
    Call(operation="ListInferenceExperiments", give={"SortBy": "CreationTime", "SortOrder": "Descending"}),
    newest=NEWEST_EXPERIMENTS,
)
class InferenceExperiment(Record):
    """A shadow test: another model gets a copy of the requests to an endpoint, and nobody gets its answers."""

    name: str
    type: Enumerated
    status: Enumerated
    creation_time: datetime.datetime
    completion_time: datetime.datetime | None = None
