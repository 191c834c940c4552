"""S3: buckets and what guards them."""

from __future__ import annotations

from readiness.record import Record
from readiness.resource import Call, resource


@resource("s3", "ListBuckets")
class Bucket(Record):
    """A bucket of the account, in any region."""

    name: str


@resource(
    "s3", Call(operation="GetBucketPolicy", by={"Bucket": "Name"}, absent=("NoSuchBucketPolicy", "NoSuchBucket")), per=Bucket
)
class BucketPolicy(Record):
    """A bucket's resource policy, as the JSON text that S3 keeps; a bucket without one has no record."""

    bucket: str
    policy: str
