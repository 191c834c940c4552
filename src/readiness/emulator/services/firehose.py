"""Firehose: what is put into a stream is counted in CloudWatch; with moto it would seem to carry nothing.

Nor does moto tell of a stream that was made with encryption that it is on.
"""

from __future__ import annotations

from readiness.emulator.call import Call
from readiness.emulator.door import Extension
from readiness.emulator.metrics import note


def _count(call: Call) -> None:
    """How many records came in, and how many bytes."""
    asked = call.parameters
    records = asked["Records"] if "Records" in asked else [asked["Record"]]
    dimensions = {"DeliveryStreamName": asked["DeliveryStreamName"]}
    note(call, "AWS/Firehose", "IncomingRecords", dimensions, float(len(records)))
    held = float(sum(len(record["Data"]) for record in records))
    note(call, "AWS/Firehose", "IncomingBytes", dimensions, held, "Bytes")


def _encrypted(call: Call) -> None:
    """Encryption is on as soon as the stream is there."""
    stream = call.backend("firehose").delivery_streams[call.parameters["DeliveryStreamName"]]
    if given := stream.delivery_stream_encryption_configuration:
        given.setdefault("Status", "ENABLED")


EXTENSION = Extension(
    "firehose", {}, {"CreateDeliveryStream": _encrypted, "PutRecord": _count, "PutRecordBatch": _count}
)
