"""A scan from end to end: who am I, what is needed, gather it, keep it as a snapshot."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import boto3

from readiness import __version__
from readiness.caller import Caller
from readiness.check import Check
from readiness.gather import Gatherer, Progress
from readiness.pace import Pace
from readiness.plan import plan
from readiness.record import Settings
from readiness.snapshot import Caller as Identity
from readiness.snapshot import Reading, Snapshot
from readiness.view import View

MAX_WORKERS = 32


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
    progress: Progress = lambda _kind, _region: None,
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
        progress: called when a kind is done in a region.

    Returns:
        The snapshot, marked `interrupted` where the user stopped it.
    """
    at = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    needed = plan(checks)
    caller = Caller(session, needed.operations, endpoint_url, max_workers, Pace(max_rps))
    readings: dict[str, dict[str, Reading]] = {}
    view = View(readings, identity, at, settings or {})
    whole = Gatherer(caller, needed, regions, view, at, readings).run(max_workers, progress)
    return Snapshot(
        tool=f"readiness {__version__}",
        caller=identity,
        regions=list(regions),
        scanned_at=at,
        readings=readings,
        calls=dict(caller.calls),
        exam=exam,
        only=list(only),
        skip=list(skip),
        interrupted=not whole,
    )
