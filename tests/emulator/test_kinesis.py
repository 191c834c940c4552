from __future__ import annotations

from emulator.conftest import Client, Refused


def test_a_summary_counts_consumers(aws: Client, refused: Refused) -> None:
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    summary = kinesis.describe_stream_summary(StreamName="clicks")["StreamDescriptionSummary"]
    assert (summary["ConsumerCount"], summary["EncryptionType"]) == (0, "NONE")
    kinesis.register_stream_consumer(StreamARN=summary["StreamARN"], ConsumerName="flink")
    found = kinesis.describe_stream_summary(StreamARN=summary["StreamARN"])["StreamDescriptionSummary"]
    assert found["ConsumerCount"] == 1
    assert refused(kinesis.describe_stream_summary, StreamName="lost") == "ResourceNotFoundException"
