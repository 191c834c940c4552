"""KMS: the keys by which other resources say that they encrypt."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.aws.s3 import BucketEncryption
from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record, Scan

S3_KEY = "alias/aws/s3"
"""The AWS managed key that S3 uses where SSE-KMS names none."""


class NamedKey(Record):
    """A key of this account and region that a bucket names; others can't be described from here."""

    key_id: str

    @classmethod
    def derive(cls, encryptions: list[BucketEncryption], scan: Scan) -> Iterator[NamedKey]:
        """The keys as they are named: by id, ARN or alias."""
        rules = [rule.apply_server_side_encryption_by_default for rule in encryptions]
        for name in sorted({rule.kms_master_key_id for rule in rules if rule and rule.kms_master_key_id}):
            if not name.endswith(S3_KEY) and place_of(name) in ((scan.region, scan.account), None):
                yield cls(key_id=name)


def place_of(key: str) -> tuple[str, str] | None:
    """The region and account that a key's ARN names; None for a key named by id or alias, which is close at hand."""
    parts = key.split(":")
    return (parts[3], parts[4]) if len(parts) > 4 and parts[0] == "arn" else None


@resource(
    "kms",
    Call(
        operation="DescribeKey",
        by={"KeyId": "KeyId"},
        # All but KeyId, which stays as the resource names the key.
        take="KeyMetadata.{Arn: Arn, KeyManager: KeyManager, KeyState: KeyState}",
        absent=("NotFoundException",),
    ),
    per=NamedKey,
)
class Key(Record):
    """A key: whether AWS manages it or the customer does, and whether it can be used; a deleted key has no record."""

    key_id: str
    arn: str
    key_manager: str | None = None
    key_state: Enumerated | None = None
