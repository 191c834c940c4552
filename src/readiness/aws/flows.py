"""Data Wrangler's flows, which it keeps as files in S3."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from readiness.aws.s3 import Bucket
from readiness.kinds import Call, resource
from readiness.record import Record, Scan

FOLDERS = ("data_wrangler_flows/", "Canvas/")
"""Where the bucket holds flows: those of Studio, and what users of Canvas keep, each in a folder."""
MOST_FILES = 1000
"""How many files of a folder are looked at."""


class FlowPlace(Record):
    """A folder in which Data Wrangler keeps flows by default, in SageMaker's default bucket."""

    bucket: str
    prefix: str

    @classmethod
    def derive(cls, buckets: list[Bucket], scan: Scan) -> Iterator[FlowPlace]:
        """The folders in the default buckets of all regions that are this account's.

        Their names can be guessed, and so be taken by somebody else.
        """
        default = re.compile(rf"sagemaker-[a-z]+(-[a-z]+)+-\d-{scan.account}")
        for bucket in buckets:
            for folder in FOLDERS if default.fullmatch(bucket.name) else ():
                yield cls(bucket=bucket.name, prefix=folder)


def _is_flow(file: Mapping[str, Any]) -> bool:
    return str(file.get("Key")).endswith(".flow")


@resource(
    "s3",
    Call(
        operation="ListObjectsV2",
        by={"Bucket": "Bucket", "Prefix": "Prefix"},
        take="Contents[]",
        absent=("NoSuchBucket",),
    ),
    per=FlowPlace,
    newest=MOST_FILES,
    where=_is_flow,
)
class FlowFile(Record):
    """A flow, by the name of its file."""

    bucket: str
    prefix: str
    key: str
