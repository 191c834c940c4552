"""Lambda: what calls functions by itself."""

from __future__ import annotations

import msgspec

from readiness.kinds import resource
from readiness.record import Record


@resource("lambda", "ListEventSourceMappings")
class EventSourceMapping(Record):
    """A queue or stream whose records Lambda reads and hands to a function; a disabled one costs nothing."""

    uuid: str = msgspec.field(name="UUID")
    event_source_arn: str | None = None
    topics: list[str] = []
    state: str | None = None
