"""What tests of checks share: judge records by value, or an emulated account after real calls."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import pytest

from readiness import Record, Settings
from readiness.audit import Judgement, judge
from readiness.check import Check
from readiness.emulator import emulated
from readiness.kinds import closure, name_of, scope_of, source_of
from readiness.results import Verdict
from readiness.scan import scan
from readiness.session import new_session
from readiness.snapshot import GLOBAL, Caller, CallError, Reading
from readiness.view import View

REGION = "us-east-1"
ACCOUNT = "123456789012"
NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
IDENTITY = Caller(account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/learner", partition="aws")


Seed = Callable[[], object]
"""Makes the calls by which a person would build a situation in an emulated account."""


@dataclasses.dataclass(frozen=True)
class Case:
    """One situation and the verdict that a check must come to.

    Attributes:
        check: the check, as its module names it.
        title: the situation, in words; the test's id.
        records: what AWS lists there; a kind of which there is no record is listed as empty.
        verdict: what the check must say.
        bad: part of the resource or note of each finding that must not be good; none other may be.
        settings: what the user configured.
    """

    check: Any
    title: str
    records: Sequence[Record]
    verdict: Verdict
    bad: Sequence[str] = ()
    settings: Sequence[Settings] = ()

    def __str__(self) -> str:
        return f"{self.check.check.name}: {self.title}"


def judged(
    check: Check,
    records: Iterable[Record] = (),
    unread: Iterable[type[Record]] = (),
    settings: Iterable[Settings] = (),
) -> Judgement:
    """The judgement of the real engine on records by value; `unread` kinds were denied, so their children are too."""
    readings: dict[str, dict[str, Reading]] = {}
    denied = set(unread)
    for kind in check.kinds:
        if (source := source_of(kind)) is not None:
            region = GLOBAL if scope_of(kind) == "global" else REGION
            error = CallError(f"{source.service}:{source.listing.operation}", region, "AccessDenied", "denied")
            reading = Reading(errors=[error]) if denied & set(closure([kind])) else Reading()
            readings[name_of(kind)] = {region: reading}
    for record in records:
        region = GLOBAL if scope_of(type(record)) == "global" else REGION
        # Through plain data and back, so that what a snapshot can't keep can't pass a test either.
        readings[name_of(type(record))][region].records.append(msgspec.to_builtins(record))
    view = View(readings, IDENTITY, NOW, {type(setting): setting for setting in settings})
    return judge(check, view, [REGION])


def verify(case: Case) -> None:
    """Assert that the check judges the case as it says."""
    judgement = judged(case.check.check, case.records, settings=case.settings)
    bad = [finding for finding in judgement.findings if not finding.good]
    assert (judgement.verdict, judgement.reason) == (case.verdict, judgement.reason), judgement
    for part in case.bad:
        assert any(part in f"{finding.resource} {finding.note}" for finding in bad), (part, judgement.findings)
    if case.bad:
        assert len(bad) == len(case.bad), bad


Emulated = tuple[Any, Seed, Verdict]
"""A check, the calls that build a situation, and the verdict that a scan of it must come to."""


def by_value(cases: Sequence[Case]) -> Callable[[Case], None]:
    """The test of a module's cases, to be named `test_...` there."""

    @pytest.mark.parametrize("case", cases, ids=str)
    def test(case: Case) -> None:
        verify(case)

    return test


def by_calls(rows: Sequence[Emulated], **options: Any) -> Callable[[Any, Seed, Verdict], None]:
    """The test of a module's emulated situations, to be named `test_...` there; options are moto's."""

    def test(check: Any, seed: Seed, verdict: Verdict) -> None:
        with emulated(**options):
            seed()
            judgement = scanned(check)
        assert judgement.verdict == verdict, judgement

    names = [f"{check.check.name}: {seed.__name__}" for check, seed, _ in rows]
    mark = pytest.mark.parametrize(("check", "seed", "verdict"), rows, ids=names)
    marked: Callable[[Any, Seed, Verdict], None] = mark(test)
    return marked


def scanned(check: Any, region: str = REGION) -> Judgement:
    """The check's judgement after a real scan; to be used inside `mock_aws`."""
    session = new_session(region=region, aws_access_key_id="testing", aws_secret_access_key="testing")
    snapshot = scan(session, IDENTITY, [region], "test", [check.check])
    view = View(snapshot.readings, snapshot.caller, snapshot.scanned_at, {})
    return judge(check.check, view, [region])
