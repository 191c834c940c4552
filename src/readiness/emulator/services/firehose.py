"""Firehose: what is put into a stream is counted in CloudWatch; with moto it would seem to carry nothing."""

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


EXTENSION = Extension("firehose", {}, {"PutRecord": _count, "PutRecordBatch": _count})
