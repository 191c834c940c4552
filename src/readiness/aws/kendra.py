"""Kendra: indices, which find passages in documents of one's own."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource("kendra", Call(operation="ListIndices", take="IndexConfigurationSummaryItems[]"))
class Index(Record):
    """An index; it is paid for by the hour."""

    id: str
    status: Enumerated
    name: str = ""
