"""Glue's transforms that learn: they find records about the same thing."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

TRANSFORMS = 100
"""How many transforms are asked for at a time: this list comes without a paginator."""


class TransformParameters(Record):
    """What a transform learns; FIND_MATCHES is all there is."""

    transform_type: str


@resource("glue", Call(operation="GetMLTransforms", give={"MaxResults": TRANSFORMS}, take="Transforms[]"))
class MLTransform(Record):
    """A transform; it is ready once labeled examples have taught it."""

    transform_id: str
    name: str = ""
    status: Enumerated | None = None
    label_count: int = 0
    parameters: TransformParameters = TransformParameters(transform_type="")
