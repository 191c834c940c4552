"""Data Firehose: delivery streams, what feeds them and what they do to the records on their way."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

MOST_STREAMS = 10_000
"""The largest answer that Firehose gives; its list has no paginator."""

WAF_LOGS = "aws-waf-logs-"
"""The name that a stream must begin with to carry the logs of a web firewall."""


class Processor(Record):
    """A step of processing; its parameters are not kept."""

    type: str


class Processing(Record):
    """What happens to records before they are delivered."""

    enabled: bool = False
    processors: list[Processor] = []


class Switch(Record):
    """Something that is on or off."""

    enabled: bool = False


class FormatConversion(Record):
    """Whether records are written in columns; it is on where nothing else is said."""

    enabled: bool = True


class Delivery(Record):
    """A destination of whichever type."""

    processing_configuration: Processing | None = None
    cloud_watch_logging_options: Switch | None = None


class S3Delivery(Delivery):
    """A destination in S3."""

    bucket_arn: str | None = msgspec.field(name="BucketARN", default=None)
    prefix: str = ""
    compression_format: str | None = None
    data_format_conversion_configuration: FormatConversion | None = None

    @property
    def compact(self) -> str:
        """How it makes what it writes smaller, in words; empty where it does not."""
        if self.data_format_conversion_configuration and self.data_format_conversion_configuration.enabled:
            return "in columns"
        compressed = self.compression_format not in (None, "UNCOMPRESSED")
        return f"compressed by {self.compression_format}" if compressed else ""


class Destination(Record):
    """Where records go: one member is set, according to the type of the destination."""

    extended_s3_destination_description: S3Delivery | None = None
    redshift_destination_description: Delivery | None = None
    elasticsearch_destination_description: Delivery | None = None
    amazonopensearchservice_destination_description: Delivery | None = None
    amazon_open_search_serverless_destination_description: Delivery | None = None
    splunk_destination_description: Delivery | None = None
    http_endpoint_destination_description: Delivery | None = None
    snowflake_destination_description: Delivery | None = None
    iceberg_destination_description: Delivery | None = None


class StreamEncryption(Record):
    """Whether records are encrypted while the stream holds them."""

    status: Enumerated | None = None


@resource(
    "firehose",
    Call(
        operation="ListDeliveryStreams",
        give={"Limit": MOST_STREAMS},
        take="DeliveryStreamNames[]",
        name="DeliveryStreamName",
    ),
    Call(operation="DescribeDeliveryStream", take="DeliveryStreamDescription"),
    where=lambda stream: not stream["DeliveryStreamName"].startswith(WAF_LOGS),
)
class DeliveryStream(Record):
    """A Firehose stream; those for the logs of web firewalls are left out."""

    delivery_stream_name: str
    delivery_stream_arn: str = msgspec.field(name="DeliveryStreamARN")
    delivery_stream_status: Enumerated
    delivery_stream_type: Enumerated | None = None
    delivery_stream_encryption_configuration: StreamEncryption | None = None
    destinations: list[Destination] = []

    @property
    def processors(self) -> Iterator[Processor]:
        """The steps of processing that are switched on, in all destinations."""
        for destination in self.destinations:
            for field in destination.__struct_fields__:
                delivery: Delivery | None = getattr(destination, field)
                if delivery and delivery.processing_configuration and delivery.processing_configuration.enabled:
                    yield from delivery.processing_configuration.processors
