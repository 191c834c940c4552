"""A scan from end to end: who am I, what is needed, gather it, keep it as a snapshot."""

from __future__ import annotations

import collections
import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

import boto3

from readiness import __version__
from readiness.caller import Caller
from readiness.check import Check
from readiness.checkpoint import Checkpoint
from readiness.errors import UsageError
from readiness.gather import Gatherer, Progress
from readiness.kinds import name_of, source_of
from readiness.pace import Pace
from readiness.plan import Plan, plan
from readiness.record import Settings
from readiness.snapshot import GLOBAL, Reading, Snapshot
from readiness.snapshot import Caller as Identity
from readiness.view import View
from readiness.workers import DEADLINE

MAX_WORKERS = 32


@dataclasses.dataclass(frozen=True)
class Prepared:
    """What a scan can do before it knows whose account it is: what to ask for, and the clients for what has no parents.

    Making clients is a good part of a small scan. One thread makes them sooner than many that wait for each other.
    """

    plan: Plan
    pace: Pace
    caller: Caller

    @classmethod
    def of(
        cls,
        session: boto3.Session,
        regions: Sequence[str],
        checks: Sequence[Check],
        *,
        endpoint_url: str | None = None,
        max_workers: int = MAX_WORKERS,
        max_rps: float | None = None,
        artifacts: bool = False,
        resumed: Snapshot | None = None,
    ) -> Prepared:
        """Prepare a scan; the arguments are those of `scan`."""
        needed = plan(checks, artifacts=artifacts)
        pace = Pace(max_rps)
        caller = Caller(session, needed.operations, endpoint_url, max_workers, pace, needed.judged)
        for kind in needed.listed:
            source = source_of(kind)
            if source is not None and source.per is None:
                known = resumed.readings.get(name_of(kind), {}) if resumed else {}
                for region in regions if source.scope == "region" else regions[:1]:
                    reading = known.get(region if source.scope == "region" else GLOBAL)
                    if reading is None or reading.errors:
                        caller.client(source.service, region)
        return cls(needed, pace, caller)


def scan(
    session: boto3.Session,
    identity: Identity,
    regions: Sequence[str],
    exam: str,
    checks: Sequence[Check],
    *,
    settings: Mapping[type[Settings], Settings] | None = None,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    endpoint_url: str | None = None,
    max_workers: int = MAX_WORKERS,
    max_rps: float | None = None,
    artifacts: bool = False,
    deadline: float = DEADLINE,
    progress: Progress = lambda _kind, _region: None,
    resumed: Snapshot | None = None,
    kept_at: Path | None = None,
    prepared: Prepared | None = None,
) -> Snapshot:
    """Gather what the checks need.

    Args:
        session: with credentials; the read-only guard stays on its event hooks.
        identity: whose credentials they are.
        regions: at least one.
        exam: the exam's id, kept in the snapshot.
        checks: the selected checks.
        settings: what the user configured, for kinds that are derived from others.
        only: the patterns that led to the selection, kept in the snapshot.
        skip: likewise.
        endpoint_url: an emulator's endpoint, or None for AWS.
        max_workers: how many calls run at once.
        max_rps: how many calls may be made per second in all, or None where only AWS's own quotas hold.
        artifacts: whether the user's files may be read, of the kinds that declare so.
        deadline: how many seconds an attempt of a call may take, from its sending to the end of its answer.
        progress: called when a kind is done in a region.
        resumed: what an earlier scan of the same account read; only what is missing in it is asked for.
        prepared: what was made ready before, for the same session, regions, checks, endpoint and limits.
        kept_at: where the snapshot will be kept: until the scan ends a checkpoint lies beside it.

    Returns:
        The snapshot, marked `interrupted` where the user stopped it.

    Raises:
        UsageError: the earlier scan was of another account or exam, or the checkpoint can't be written.
    """
    if resumed is not None and (resumed.caller.account, resumed.exam) != (identity.account, exam):
        raise UsageError(
            f"can't go on: the snapshot is of account {resumed.caller.account} and exam {resumed.exam}, "
            f"and this is {identity.account} and {exam}"
        )
    # Ages are told from the scan's one moment, so a scan that goes on keeps that of its beginning.
    at = resumed.scanned_at if resumed else datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    ready = prepared or Prepared.of(
        session,
        regions,
        checks,
        endpoint_url=endpoint_url,
        max_workers=max_workers,
        max_rps=max_rps,
        artifacts=artifacts,
        resumed=resumed,
    )
    snapshot = Snapshot(
        tool=f"readiness {__version__}",
        caller=identity,
        regions=list(regions),
        scanned_at=at,
        readings=resumed.readings if resumed else {},
        calls={},
        exam=exam,
        only=list(only),
        skip=list(skip),
    )
    view = View(snapshot.readings, identity, at, settings or {})
    checkpoint = Checkpoint(kept_at, snapshot) if kept_at else None
    keep = checkpoint.add if checkpoint else _forget
    gatherer = Gatherer(ready.caller, ready.plan, regions, view, at, snapshot.readings, keep, ready.pace, deadline)
    try:
        snapshot.interrupted = not gatherer.run(max_workers, progress)
    finally:
        if checkpoint:
            checkpoint.close()
    snapshot.calls = dict(
        collections.Counter(ready.caller.calls) + collections.Counter(resumed.calls if resumed else {})
    )
    return snapshot


def _forget(_kind: str, _region: str, _reading: Reading) -> None:
    return
