"""How fast calls follow each other, told by a clock that only waiting moves."""

from __future__ import annotations

import collections

import pytest

from readiness.caller import Caller
from readiness.emulator import emulated
from readiness.kinds import Call
from readiness.pace import QUOTAS, SHARE, Pace
from readiness.session import new_session


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.time += seconds


def taken(calls: list[tuple[str, str, str]], max_rps: float | None = None) -> float:
    """The seconds that these calls take, one after the other."""
    clock = Clock()
    pace = Pace(max_rps, clock.now, clock.sleep)
    for call in calls:
        pace.wait(*call)
    return clock.time - 100.0


LOOKUP = ("cloudtrail", "LookupEvents", "eu-west-1")
LIST = ("sagemaker", "ListEndpoints", "eu-west-1")
CASES = [
    ([LIST] * 1000, None, 0.0),
    ([LOOKUP], None, 0.0),
    ([LOOKUP] * 11, None, 10 / (2 * SHARE)),
    ([LOOKUP, ("cloudtrail", "LookupEvents", "us-east-1")], None, 0.0),
    ([LOOKUP, ("cloudtrail", "DescribeTrails", "eu-west-1")] * 2, None, 1 / (2 * SHARE)),
    ([("lambda", "ListFunctions", "r"), ("lambda", "ListAliases", "r")], None, 1 / (15 * SHARE)),
    ([LIST] * 11, 5.0, 2.0),
    ([LIST, ("s3", "ListBuckets", "us-east-1")] * 3, 10.0, 0.5),
    ([LOOKUP] * 3, 1.0, 2.0),
    ([LOOKUP] * 3, 1000.0, 2 / (2 * SHARE)),
]


@pytest.mark.parametrize(("calls", "max_rps", "seconds"), CASES)
def test_calls_keep_their_distance(calls: list[tuple[str, str, str]], max_rps: float | None, seconds: float) -> None:
    assert taken(calls, max_rps) == pytest.approx(seconds)


def test_a_quota_is_of_an_operation_or_a_service_and_leaves_a_part_to_others() -> None:
    kinds = collections.Counter(name.count(":") for name in QUOTAS)
    assert set(kinds) == {0, 1}
    assert 0 < SHARE < 1
    assert all(rate > 0 for rate in QUOTAS.values())


def test_every_call_of_a_scan_goes_by_the_pace_of_its_region() -> None:
    clock = Clock()
    with emulated():
        session = new_session(region="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")
        caller = Caller(session, frozenset({"kinesis:ListStreams"}), None, 1, Pace(None, clock.now, clock.sleep))
        for region in ("eu-west-1", "eu-west-1", "us-east-1"):
            caller.items("kinesis", region, Call(operation="ListStreams", take="StreamNames[]"), {})
    assert clock.time - 100.0 == pytest.approx(1 / (QUOTAS["kinesis:ListStreams"] * SHARE))
