"""Scans of an emulated account for tests of faults, and the error codes in which AWS's protocols tell one thing."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness import IDENTITY, REGION
from readiness.accounts import KEYS
from readiness.audit import Judgement, judge
from readiness.check import Check
from readiness.scan import scan
from readiness.session import new_session
from readiness.snapshot import Snapshot
from readiness.view import View

ENOUGH = 300
"""Seconds after which a scan counts as one that never ends."""
WEST = "us-west-2"
DENIED = {"*": "AccessDeniedException", "query": "AccessDenied", "ec2": "UnauthorizedOperation"}
DENIED |= {"rest-xml": "AccessDenied"}


@dataclasses.dataclass(frozen=True)
class Seen:
    """A scan and what it led to, by check."""

    snapshot: Snapshot
    judgements: Mapping[str, Judgement]


@dataclasses.dataclass(frozen=True)
class Place:
    """An emulated account: where it is, and what a scan for all checks sees there without faults."""

    endpoint: str
    whole: Seen


def scanned(endpoint: str, checks: Sequence[Check], regions: Sequence[str] = (REGION,), **options: Any) -> Seen:
    """Scan, and judge what was gathered; a scan that does not end by itself fails the test.

    Args:
        endpoint: where AWS is.
        checks: what to scan for, and to judge.
        regions: which regions to scan.
        options: those of `scan`.
    """
    made: list[Snapshot] = []

    def gather() -> None:
        session = new_session(region=regions[0], **KEYS)
        found = scan(session, IDENTITY, regions, "test", checks, endpoint_url=endpoint, **options)
        made.append(found)

    in_time(gather)
    [snapshot] = made
    view = View(snapshot.readings, snapshot.caller, snapshot.scanned_at, {})
    return Seen(snapshot, {check.name: judge(check, view, regions) for check in checks})


def in_time(gather: Callable[[], None]) -> None:
    """Run a scan in a thread, so that one without an end can be told from one that takes long."""
    problems: list[BaseException] = []

    def run() -> None:
        try:
            gather()
        except BaseException as problem:  # noqa: BLE001 - it belongs to the test and is raised there
            problems.append(problem)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(ENOUGH)
    assert not thread.is_alive(), "the scan does not end"
    for problem in problems:
        raise problem


def codes(*names: str | Mapping[str, str]) -> frozenset[str]:
    """All of these error codes, whatever the protocol."""
    return frozenset().union(*({name} if isinstance(name, str) else name.values() for name in names))
