"""What was read so far, kept on disk while a scan runs: a line per kind and region, readable however the scan ends."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from readiness.encoding import encoded
from readiness.errors import UsageError
from readiness.snapshot import Reading, Snapshot

SUFFIX = ".part"
FORMAT = b'{"format":"readiness-checkpoint"'
"""How the file begins."""


def beside(path: Path) -> Path:
    """Where the checkpoint of a snapshot lies."""
    return path.with_name(path.name + SUFFIX)


class Head(msgspec.Struct):
    """The first line: the scan, without anything that was read."""

    format: Literal["readiness-checkpoint"]
    snapshot: Snapshot


class Entry(msgspec.Struct):
    """Each further line: what was read of one kind in one region."""

    kind: str
    region: str
    reading: Reading


class Checkpoint:
    """Writes the file; only its owner may read it.

    Each line goes to the system whole before the scan goes on, so that the file outlives the process at any moment.

    Args:
        path: of the snapshot that the scan will leave; the checkpoint lies beside it, with `.part` behind its name.
        snapshot: the scan as it begins; what it has been given already is written down, too.

    Raises:
        UsageError: the file can't be written.
    """

    def __init__(self, path: Path, snapshot: Snapshot) -> None:
        self.path = beside(path)
        self._whole = True
        # An older checkpoint, from which this scan may go on, stays until all of it stands in the new one.
        new = self.path.with_name(self.path.name + ".new")
        try:
            self._file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._write(Head("readiness-checkpoint", msgspec.structs.replace(snapshot, readings={}, interrupted=True)))
            for kind, regions in snapshot.readings.items():
                for region, reading in regions.items():
                    if not reading.errors:
                        self._write(Entry(kind, region, reading))
            new.replace(self.path)
        except OSError as problem:
            new.unlink(missing_ok=True)
            raise UsageError(f"can't write {self.path}: {problem.strerror}") from problem

    def add(self, kind: str, region: str, reading: Reading) -> None:
        """Keep what was read of a kind in a region; what failed is asked for again another time."""
        if reading.errors or not self._whole:
            return
        try:
            self._write(Entry(kind, region, reading))
        except OSError:
            # The scan is worth more than its checkpoint, which ends with the last line that was whole.
            self._whole = False

    def close(self) -> None:
        """Write no more; the file stays until the snapshot is written."""
        os.close(self._file)

    def _write(self, line: msgspec.Struct) -> None:
        content = encoded(line) + b"\n"
        while content:
            content = content[os.write(self._file, content) :]


def decoded(content: bytes) -> Snapshot:
    """The snapshot that a checkpoint amounts to; a last line that was not written to its end is left out.

    Raises:
        msgspec.DecodeError: the file is damaged otherwise.
    """
    head, *lines = content.split(b"\n")
    snapshot = msgspec.json.decode(head, type=Head).snapshot
    # What stands behind the last end of a line is a line that was cut short, or nothing.
    for line in lines[:-1]:
        entry = msgspec.json.decode(line, type=Entry)
        snapshot.readings.setdefault(entry.kind, {})[entry.region] = entry.reading
    return snapshot
