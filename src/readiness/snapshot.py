"""All that was gathered, as plain data: saved as one JSON file, without secrets, and read back as it was."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from readiness.encoding import encoded
from readiness.errors import UsageError

LARGEST = 1 << 29
"""In bytes; the largest accounts come to some tens of millions."""
MOST_REGIONS = 100
MOST_CALLS = 1 << 40
NOTHING_OLDER = datetime.timedelta(days=36_525)
"""What AWS tells of is younger than a century."""
GLOBAL = "global"
"""Stands for the region of what AWS keeps once per account."""


class Caller(msgspec.Struct, frozen=True):
    """Who scanned: the identity as AWS names it."""

    account: str
    arn: str
    partition: str


class CallError(msgspec.Struct, frozen=True, order=True):
    """A call that failed: `operation` as `service:Operation`, AWS's error code, its message in short."""

    operation: str
    region: str
    code: str
    message: str


class Reading(msgspec.Struct, omit_defaults=True):
    """What was read of one kind in one region; records are whole only where `errors` is empty.

    `cut` tells that there are more than the bound of the kind allows to read.
    """

    records: list[Any] = []
    errors: list[CallError] = []
    cut: bool = False


class Snapshot(msgspec.Struct):
    """All that was gathered, with the facts of the scan. `only` and `skip` tell which checks it was gathered for."""

    tool: str
    caller: Caller
    regions: Annotated[list[str], msgspec.Meta(max_length=MOST_REGIONS)]
    scanned_at: Annotated[datetime.datetime, msgspec.Meta(tz=True)]
    readings: dict[str, dict[str, Reading]]
    calls: dict[str, Annotated[int, msgspec.Meta(ge=0, le=MOST_CALLS)]]
    exam: str
    only: list[str] = []
    skip: list[str] = []
    interrupted: bool = False
    format: Literal["readiness-snapshot"] = "readiness-snapshot"
    version: Literal[1] = 1

    def encode(self) -> bytes:
        """The file's content: JSON, keys and kinds in a fixed order."""
        self.readings = {kind: dict(sorted(self.readings[kind].items())) for kind in sorted(self.readings)}
        self.calls = dict(sorted(self.calls.items()))
        return encoded(self) + b"\n"


def load(path: Path) -> Snapshot:
    """Read a snapshot file, or the checkpoint of a scan that did not end.

    Raises:
        UsageError: the file can't be read, or holds something else than a snapshot of this version.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path} is larger than {LARGEST >> 20} MiB: that is no snapshot")
        content = path.read_bytes()
    except OSError as problem:
        raise UsageError(f"can't read {path}: {problem.strerror}") from problem
    # A checkpoint is made of snapshots, so it can only be known from here.
    from readiness import checkpoint

    try:
        if content.startswith(checkpoint.FORMAT):
            snapshot = checkpoint.decoded(content)
        else:
            snapshot = msgspec.json.decode(content, type=Snapshot)
        # A moment at the edge of the calendar is none that anything can be older than.
        snapshot.scanned_at = snapshot.scanned_at.astimezone(datetime.UTC) - NOTHING_OLDER + NOTHING_OLDER
        return snapshot
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as problem:
        raise UsageError(
            f"{path} is no snapshot that this version reads ({problem}): make one with `readiness scan --snapshot FILE`"
        ) from problem
