"""Kinesis Data Streams: the streams."""

from __future__ import annotations

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource("kinesis", Call(operation="ListStreams", take="StreamSummaries[]"))
class Stream(Record):
    """A data stream."""

    stream_name: str
    stream_arn: str = msgspec.field(name="StreamARN")
    stream_status: Enumerated
