"""Objects in S3 that SageMaker's jobs read and write."""

from __future__ import annotations

import datetime
from typing import Any

from readiness.emulator.call import Call


def _split(call: Call, url: str) -> tuple[Any, str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return call.backend("s3"), bucket, key


def read(call: Call, url: str) -> bytes | None:
    """The content of an object, or None where there is none."""
    s3, bucket, key = _split(call, url)
    found = s3.get_object(bucket, key) if bucket in s3.buckets and key else None
    return bytes(found.value) if found else None


def size(call: Call, url: str) -> int:
    """The size of an object in bytes, 0 where there is none."""
    s3, bucket, key = _split(call, url)
    found = s3.get_object(bucket, key) if bucket in s3.buckets and key else None
    return int(found.size) if found else 0


def below(
    call: Call, url: str, since: datetime.datetime | None = None, until: datetime.datetime | None = None
) -> list[bytes]:
    """The contents of the objects whose URLs begin like this, and that were written within a time if one is given."""
    s3, bucket, prefix = _split(call, url)
    names = sorted(s3.buckets[bucket].keys) if bucket in s3.buckets else []
    objects = (s3.get_object(bucket, name) for name in names if name.startswith(prefix))
    return [bytes(found.value) for found in objects if found and _within(found.last_modified, since, until)]


def _within(moment: datetime.datetime, since: datetime.datetime | None, until: datetime.datetime | None) -> bool:
    return (since is None or moment > since) and (until is None or moment <= until)


def write(call: Call, url: str, content: bytes) -> None:
    """Write an object, if its bucket is there."""
    s3, bucket, key = _split(call, url)
    if bucket in s3.buckets:
        s3.put_object(bucket, key, content)
