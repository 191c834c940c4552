"""Kinesis Data Streams: how many consumers a stream has is in its summary, where moto has none."""

from __future__ import annotations

from readiness.emulator.call import Call, Item
from readiness.emulator.door import Extension


def _summary(call: Call) -> Item:
    """A stream with the number of its consumers; moto refuses what is not there."""
    asked, backend = call.parameters, call.backend("kinesis")
    stream = backend.describe_stream(asked.get("StreamARN"), asked.get("StreamName"))
    told: Item = stream.to_json_summary()["StreamDescriptionSummary"]
    known = {name: value for name, value in told.items() if value is not None}
    return {"StreamDescriptionSummary": {**known, "ConsumerCount": len(stream.consumers)}}


EXTENSION = Extension("kinesis", {"DescribeStreamSummary": _summary})
