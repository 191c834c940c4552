"""Lambda: what calls functions by itself."""

from __future__ import annotations

import msgspec

from readiness.kinds import resource
from readiness.record import Record


class OnFailure(Record):
    """Where records go that a function could not handle."""

    destination: str | None = None


class DestinationConfig(Record):
    """Where records go afterwards."""

    on_failure: OnFailure | None = None


@resource("lambda", "ListEventSourceMappings")
class EventSourceMapping(Record):
    """A queue or stream whose records Lambda reads and hands to a function; a disabled one costs nothing."""

    uuid: str = msgspec.field(name="UUID")
    event_source_arn: str | None = None
    topics: list[str] = []
    state: str | None = None
    destination_config: DestinationConfig = DestinationConfig()

    @property
    def keeps_failed(self) -> bool:
        """Whether records are kept somewhere that the function could not handle."""
        on_failure = self.destination_config.on_failure
        return bool(on_failure and on_failure.destination)
