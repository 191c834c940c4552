"""Each operation is denied in turn, and nothing but what rests on it changes; what rests on it is unknown."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import msgspec
import pytest

from faults.injector import Fault, Injector, elsewhere, injecting, refuse
from faults.scans import DENIED, WEST, Place, Seen, codes, scanned
from harness import REGION
from readiness import packs
from readiness.audit import Judgement
from readiness.check import Check
from readiness.kinds import Kind, closure, name_of, source_of
from readiness.plan import plan
from readiness.snapshot import Snapshot

CHECKS = packs.load().checks
PLAN = plan(CHECKS)
OPERATIONS = sorted(PLAN.operations)
SERVICES = [list(names) for _, names in itertools.groupby(OPERATIONS, key=lambda name: name.partition(":")[0])]


@pytest.fixture(scope="session", params=["ready", "halfway"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


def resting_on(operation: str) -> list[Kind]:
    """The kinds that can't be known without an operation: those it reads, and those listed per one of them."""
    read = {kind for kind in PLAN.listed if (source := source_of(kind)) and operation in source.operations}
    return [kind for kind in PLAN.listed if read & set(closure([kind]))]


def without(snapshot: Snapshot, kinds: list[Kind]) -> Snapshot:
    """A copy as of a scan that did not come to these kinds: to go on from it asks for them and for nothing else.

    A scan that goes on puts new readings into the tables, so they are copied; it leaves those it finds as they are.
    """
    dropped = {name_of(kind) for kind in kinds}
    kept = {kind: dict(regions) for kind, regions in snapshot.readings.items() if kind not in dropped}
    return msgspec.structs.replace(snapshot, readings=kept, calls={})


def again(place: Place, operation: str, fault: Fault) -> tuple[Seen, Injector]:
    """The account as it is known, but for what an operation reads: that is asked for once more, with a fault."""
    known = without(place.whole.snapshot, resting_on(operation))
    with injecting(place.endpoint, {operation: fault}) as (endpoint, injector):
        return scanned(endpoint, CHECKS, resumed=known), injector


def told(judgements: Mapping[str, Judgement]) -> dict[str, tuple[object, ...]]:
    return {name: (one.verdict, one.reason, one.findings, one.errors) for name, one in judgements.items()}


def changed(place: Place, found: Seen) -> Iterator[str]:
    """The checks that are judged otherwise than without the fault."""
    before, after = told(place.whole.judgements), told(found.judgements)
    yield from (name for name in before if before[name] != after[name])


def required(judgement: Judgement) -> frozenset[str]:
    """The operations without which a check can't be judged in a region; others only add to what these show."""
    sources = [source for kind in judgement.check.required if (source := source_of(kind))]
    return frozenset().union(*(source.operations for source in sources))


def asks_elsewhere(check: Check, operation: str) -> bool:
    """Whether other kinds ask an operation, too: an account may lack what the check's own is asked about."""
    kinds = {kind for kind in PLAN.listed if (source := source_of(kind)) and operation in source.operations}
    return not kinds <= set(check.kinds)


def assert_unknown(judgement: Judgement, operation: str) -> None:
    """One region is scanned: where a check can't be judged there, nothing seen elsewhere can prove it."""
    [error] = judgement.errors
    assert error.operation == operation
    assert error.code in codes(DENIED)
    if operation not in required(judgement):
        # What is not read here may still be shown by another source.
        assert judgement.verdict in ("passed", "unknown")
        return
    assert (judgement.verdict, judgement.findings) == ("unknown", ())
    assert judgement.reason == f"could not read {operation} in {error.region}: {error.code}"


@pytest.mark.parametrize("operations", SERVICES, ids=lambda names: names[0].partition(":")[0])
def test_a_denied_operation_makes_exactly_its_checks_unknown(place: Place, operations: list[str]) -> None:
    for operation in operations:
        found, injector = again(place, operation, refuse(DENIED, 403))
        needed = {name for kind in resting_on(operation) if (source := source_of(kind)) for name in source.operations}
        assert injector.asked.keys() <= needed, "only what is missing is asked for"
        # With an account that lacks what the operation would be asked about it is not asked, and nothing is changed.
        hit = {check.name for check in CHECKS if operation in check.operations} if injector.asked[operation] else set()
        others = {check.name for check in CHECKS if operation in check.operations and asks_elsewhere(check, operation)}
        assert hit - others <= set(changed(place, found)) <= hit, operation
        for name in changed(place, found):
            assert_unknown(found.judgements[name], operation)


@pytest.mark.parametrize("operations", SERVICES, ids=lambda names: names[0].partition(":")[0])
def test_an_operation_that_is_denied_once_leaves_no_half_of_a_list(place: Place, operations: list[str]) -> None:
    """Of several calls only the last is denied; which kinds it is made for is chance where kinds share it."""
    for operation in operations:
        if (calls := place.whole.snapshot.calls.get(operation, 0)) < 2:
            continue
        found, _ = again(place, operation, refuse(DENIED, 403, after=calls - 1))
        hit = set(changed(place, found))
        assert hit, operation
        assert hit <= {check.name for check in CHECKS if operation in check.operations}
        for name in hit:
            assert_unknown(found.judgements[name], operation)


def test_every_operation_is_asked_in_one_of_the_accounts(ready: Place, halfway: Place) -> None:
    assert {*ready.whole.snapshot.calls, *halfway.whole.snapshot.calls} == set(OPERATIONS)


def test_nothing_is_known_where_everything_is_denied(place: Place) -> None:
    with injecting(place.endpoint, {"*": refuse(DENIED, 403)}) as (endpoint, injector):
        found = scanned(endpoint, CHECKS)
    assert {judgement.verdict for judgement in found.judgements.values()} == {"unknown"}
    lists = {name_of(kind): source for kind in PLAN.listed if (source := source_of(kind)) and not source.per}
    assert injector.asked.keys() >= {f"{source.service}:{source.listing.operation}" for source in lists.values()}


def test_what_one_region_shows_is_not_hidden_by_another_that_is_denied(ready: Place) -> None:
    """Evidence that was seen in one region stays proven; practice must be judged everywhere, and is unknown."""
    faults = {"*": elsewhere(WEST, refuse(DENIED, 403))}
    with injecting(ready.endpoint, faults) as (endpoint, _):
        found = scanned(endpoint, CHECKS, (REGION, WEST), resumed=without(ready.whole.snapshot, []))
    for check in CHECKS:
        was, now = ready.whole.judgements[check.name], found.judgements[check.name]
        if check.everywhere:
            assert now == was
        elif check.kind == "evidence":
            assert (now.verdict, now.findings) == (was.verdict, was.findings)
            assert now.errors
        else:
            assert now.verdict == "unknown", check.name
            assert {error.region for error in now.errors} == {WEST}
