from __future__ import annotations

import datetime
from typing import Any

from emulator.conftest import Client
from harness import ACCOUNT


def total(cloudwatch: Any, namespace: str, metric: str, dimension: str, name: str) -> float:
    now = datetime.datetime.now(datetime.UTC)
    points = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": dimension, "Value": name}],
        StartTime=now - datetime.timedelta(hours=1),
        EndTime=now + datetime.timedelta(hours=1),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


def test_records_that_come_in_are_counted(aws: Client) -> None:
    aws("s3").create_bucket(Bucket="data")
    firehose = aws("firehose")
    place = {"RoleARN": f"arn:aws:iam::{ACCOUNT}:role/ml-firehose", "BucketARN": "arn:aws:s3:::data"}
    firehose.create_delivery_stream(DeliveryStreamName="clicks", ExtendedS3DestinationConfiguration=place)
    firehose.put_record(DeliveryStreamName="clicks", Record={"Data": b"1"})
    firehose.put_record_batch(DeliveryStreamName="clicks", Records=[{"Data": b"1"}, {"Data": b"2"}])
    assert total(aws("cloudwatch"), "AWS/Firehose", "IncomingRecords", "DeliveryStreamName", "clicks") == 3


def test_a_stream_that_was_made_with_encryption_says_so(aws: Client) -> None:
    aws("s3").create_bucket(Bucket="data")
    firehose = aws("firehose")
    place = {"RoleARN": f"arn:aws:iam::{ACCOUNT}:role/ml-firehose", "BucketARN": "arn:aws:s3:::data"}
    own = {"KeyType": "AWS_OWNED_CMK"}
    for name, more in (("plain", {}), ("encrypted", {"DeliveryStreamEncryptionConfigurationInput": own})):
        firehose.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=place, **more)
        told = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
        status = told.get("DeliveryStreamEncryptionConfiguration", {}).get("Status")
        assert status == ("ENABLED" if more else None)
