"""Kinesis Data Streams: the streams."""

from __future__ import annotations

import msgspec

from readiness.aws.history import Event, events
from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource("kinesis", Call(operation="ListStreams", take="StreamSummaries[]"))
class Stream(Record):
    """A data stream."""

    stream_name: str
    stream_arn: str = msgspec.field(name="StreamARN")
    stream_status: Enumerated


@resource(
    "kinesis",
    Call(
        operation="DescribeStreamSummary",
        by={"StreamARN": "StreamARN"},
        # All but the ARN, which stays as the stream was asked for.
        take="StreamDescriptionSummary.{EncryptionType: EncryptionType}",
        absent=("ResourceNotFoundException",),
    ),
    per=Stream,
)
class StreamEncryption(Record):
    """By what a stream's records are encrypted: NONE, or KMS."""

    stream_arn: str = msgspec.field(name="StreamARN")
    encryption_type: Enumerated | None = None


@events("kinesis", "CreateStream")
class StreamEvent(Event):
    """Somebody made a data stream."""
