"""The score's promises as properties over made-up exams, and examples that were worked out by hand."""

from __future__ import annotations

import dataclasses
import datetime
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import ACCOUNT, IDENTITY, NOW, REGION
from readiness import Finding, Findings, Record, resource
from readiness.audit import audit
from readiness.check import Check, Severity
from readiness.exam import Domain, Exam, Section, Statement
from readiness.kinds import name_of
from readiness.results import Results
from readiness.score import PASSED, UNKNOWN, Interval, Outcome, Scorer
from readiness.snapshot import Reading, Snapshot

NOISE = 1e-9
ABSENT = Outcome(None, None)
MISSED = Outcome(0.0, 0.0)

Part = tuple[Literal["evidence", "practice"], Severity, str, Outcome]
"""A check by its kind, severity and words on a closed service, with its outcome."""


@resource("ec2", "DescribeThings")
class Thing(Record):
    """What a check of a made-up exam judges."""

    check: str
    number: int
    good: bool

    @property
    def arn(self) -> str:
        return f"arn:aws:ec2:{REGION}:{ACCOUNT}:{self.check}/{self.number}"


def declared(
    name: str, kind: Literal["evidence", "practice"], statements: Iterable[str], severity: Severity, closed: str
) -> Check:
    """A check that judges the things of its own name."""

    def judge_things(things: list[Thing]) -> Findings:
        """Things are good.

        Why: a bad thing is no use.
        Fix: make it good.
        See: https://docs.aws.amazon.com/
        """
        for thing in things:
            if thing.check == name:
                yield Finding(thing.arn, good=thing.good)

    judge_things.__name__ = name
    return Check(judge_things, kind, tuple(statements), severity, closed, "made")


def exam_of(weights: Mapping[str, float], sections: Mapping[str, Sequence[str]]) -> Exam:
    """An exam by the weights of its domains, and its statements by section; `1.2` belongs to `d1`."""
    return Exam(
        id="MADE",
        name="made",
        title="Made up",
        domains=tuple(
            Domain(
                id=domain,
                title=domain,
                weight=weight,
                sections=tuple(
                    Section(id=section, title=section, statements=tuple(Statement(one, one, "full") for one in ids))
                    for section, ids in sections.items()
                    if section.startswith(domain.removeprefix("d") + ".")
                ),
            )
            for domain, weight in weights.items()
        ),
    )


@dataclasses.dataclass(frozen=True)
class World:
    """An exam with checks, and what they came to."""

    exam: Exam
    checks: tuple[Check, ...]
    outcomes: Mapping[str, Outcome]

    @property
    def total(self) -> Interval:
        return self.with_outcomes(self.outcomes)

    def with_outcomes(self, outcomes: Mapping[str, Outcome]) -> Interval:
        return Scorer(self.exam, self.checks).score(outcomes).total


def known(check: Check) -> st.SearchStrategy[Outcome]:
    """What the engine can make of a check whose data could be read."""
    found = [MISSED, PASSED] if check.kind == "evidence" else [Outcome(n / 3, n / 3) for n in range(4)]
    absent = [ABSENT] if check.kind == "practice" or check.closed else []
    return st.sampled_from([*absent, *found])


def idle(check: Check) -> st.SearchStrategy[Outcome]:
    """What the engine can make of a check in an account in which nobody built anything good."""
    if check.kind == "evidence":
        return st.just(ABSENT if check.closed else MISSED)
    return st.sampled_from([ABSENT, MISSED])


def anything(check: Check) -> st.SearchStrategy[Outcome]:
    return st.one_of(known(check), st.just(UNKNOWN))


@st.composite
def exams(draw: st.DrawFn) -> tuple[Exam, tuple[Check, ...]]:
    weights = draw(st.sampled_from([(100,), (28, 72), (26, 22, 52)]))
    sections = {
        f"{domain}.{section}": [f"{domain}.{section}-S{n}" for n in range(draw(st.integers(1, 3)))]
        for domain in range(1, len(weights) + 1)
        for section in range(1, draw(st.integers(1, 2)) + 1)
    }
    exam = exam_of({f"d{n}": weight for n, weight in enumerate(weights, 1)}, sections)
    ids = [statement.id for _, _, statement in exam.statements()]
    severities: list[Severity] = ["high", "medium", "low"]
    kinds: list[Literal["evidence", "practice"]] = ["evidence", "practice"]
    checks = tuple(
        declared(
            f"check_{n}",
            draw(st.sampled_from(kinds)),
            draw(st.lists(st.sampled_from(ids), min_size=1, max_size=2, unique=True)),
            draw(st.sampled_from(severities)),
            draw(st.sampled_from(["", "", "closed to new customers"])),
        )
        for n in range(draw(st.integers(0, 6)))
    )
    return exam, checks


@st.composite
def worlds(draw: st.DrawFn) -> World:
    exam, checks = draw(exams())
    return World(exam, checks, {check.id: draw(anything(check)) for check in checks})


@st.composite
def worlds_and_check(draw: st.DrawFn) -> tuple[World, Check]:
    world = draw(worlds().filter(lambda world: bool(world.checks)))
    return world, draw(st.sampled_from(world.checks))


@st.composite
def known_worlds_and_check(draw: st.DrawFn) -> tuple[World, Check]:
    world, check = draw(worlds_and_check())
    return dataclasses.replace(world, outcomes={**world.outcomes, check.id: draw(known(check))}), check


@st.composite
def idle_worlds(draw: st.DrawFn) -> World:
    exam, checks = draw(exams())
    return World(exam, checks, {check.id: draw(idle(check)) for check in checks})


@st.composite
def accounts(draw: st.DrawFn) -> tuple[World, list[Thing]]:
    """A world whose outcomes are left to an audit of these things."""
    exam, checks = draw(exams().filter(lambda made: bool(made[1])))
    things = [
        Thing(check=check.function.__name__, number=number, good=draw(st.booleans()))
        for check in checks
        for number in range(draw(st.integers(0, 3)))
    ]
    return World(exam, checks, {}), things


def audited(world: World, things: Iterable[Thing], muted: Iterable[Check] = ()) -> Results:
    reading = Reading(records=[{"Check": one.check, "Number": one.number, "Good": one.good} for one in things])
    snapshot = Snapshot(
        tool="readiness",
        caller=IDENTITY,
        regions=[REGION],
        scanned_at=NOW.astimezone(datetime.UTC),
        readings={name_of(Thing): {REGION: reading}},
        calls={},
        exam="MADE",
    )
    return audit(snapshot, world.exam, world.checks, world.checks, muted=muted)


quick = settings(max_examples=60, deadline=None)


@quick
@given(worlds())
def test_a_score_keeps_its_bounds(world: World) -> None:
    score = Scorer(world.exam, world.checks).score(world.outcomes)
    for part in (score.total, *score.domains.values(), *score.sections.values()):
        assert -NOISE <= part.low <= part.high + NOISE <= 100 + 2 * NOISE
        assert -NOISE <= part.seen <= 1 + NOISE
    for credit in score.statements.values():
        assert -NOISE <= credit.low <= credit.high + NOISE <= 1 + 2 * NOISE


@quick
@given(worlds_and_check())
def test_fixing_never_lowers(made: tuple[World, Check]) -> None:
    world, check = made
    fixed = world.with_outcomes({**world.outcomes, check.id: PASSED})
    assert fixed.low >= world.total.low - NOISE
    assert fixed.high >= world.total.high - NOISE


@quick
@given(worlds(), st.randoms(use_true_random=False))
def test_order_never_matters(world: World, chance: random.Random) -> None:
    checks, outcomes = list(world.checks), list(world.outcomes.items())
    chance.shuffle(checks)
    chance.shuffle(outcomes)
    other = World(world.exam, tuple(checks), dict(outcomes)).total
    assert dataclasses.astuple(other) == pytest.approx(dataclasses.astuple(world.total))


@quick
@given(idle_worlds())
def test_nothing_built_scores_exactly_nothing(world: World) -> None:
    assert (world.total.low, world.total.high) == (0.0, 0.0)


@quick
@given(known_worlds_and_check())
def test_what_is_unknown_only_widens(made: tuple[World, Check]) -> None:
    world, check = made
    blind = world.with_outcomes({**world.outcomes, check.id: UNKNOWN})
    assert blind.low <= world.total.low + NOISE
    assert blind.high >= world.total.high - NOISE
    assert blind.seen <= world.total.seen + NOISE


@quick
@given(worlds_and_check())
def test_gain_is_the_difference_of_two_scores(made: tuple[World, Check]) -> None:
    world, check = made
    fixed = world.with_outcomes({**world.outcomes, check.id: PASSED})
    scorer = Scorer(world.exam, world.checks)
    gain = scorer.gain(world.outcomes, check, scorer.score(world.outcomes))
    assert gain == pytest.approx(fixed.low - world.total.low, abs=NOISE)


@quick
@given(accounts(), st.data())
def test_gain_is_what_the_next_scan_shows_once_the_check_passes(
    made: tuple[World, list[Thing]], data: st.DataObject
) -> None:
    world, things = made
    before = audited(world, things)
    number = data.draw(st.integers(0, len(world.checks) - 1))
    name = world.checks[number].function.__name__
    fixed = [*(thing for thing in things if thing.check != name), Thing(check=name, number=0, good=True)]
    after = audited(world, fixed)
    # Each of the two scores is rounded to hundredths.
    assert after.score.low - before.score.low == pytest.approx(before.checks[number].gain, abs=0.011)
    assert after.checks[number].gain == 0


@quick
@given(accounts(), st.data())
def test_muting_never_raises(made: tuple[World, list[Thing]], data: st.DataObject) -> None:
    world, things = made
    muted = data.draw(st.lists(st.sampled_from(world.checks), unique_by=lambda check: check.id))
    loud, quiet = audited(world, things), audited(world, things, muted)
    assert quiet.score == loud.score
    assert quiet.domains == loud.domains
    assert {one.id for one in quiet.checks if one.verdict == "muted"} == {check.id for check in muted}
    assert [one.measured for one in quiet.checks] == [one.verdict for one in loud.checks]


HALF = Outcome(0.5, 0.5)
CLOSED = "closed to new customers"

CREDITS: list[tuple[str, list[Part], tuple[float, float, float] | None]] = [
    ("no check speaks", [], None),
    ("evidence found", [("evidence", "low", "", PASSED)], (1, 1, 1)),
    ("evidence missing", [("evidence", "high", "", MISSED)], (0, 0, 1)),
    (
        "the graver evidence found: 3 of 4",
        [("evidence", "high", "", PASSED), ("evidence", "low", "", MISSED)],
        (0.75, 0.75, 1),
    ),
    ("practice only, half good: 0.6 + 0.4 / 2", [("practice", "medium", "", HALF)], (0.8, 0.8, 1)),
    ("practice only, none good", [("practice", "medium", "", MISSED)], (0, 0, 1)),
    ("practice only, nothing to judge", [("practice", "medium", "", ABSENT)], (0, 0, 1)),
    (
        "practice only, one of two good: any good finding is practice",
        [("practice", "high", "", PASSED), ("practice", "low", "", MISSED)],
        (0.9, 0.9, 1),
    ),
    (
        "practised, but badly",
        [("evidence", "medium", "", PASSED), ("practice", "medium", "", MISSED)],
        (0.6, 0.6, 1),
    ),
    (
        "practised, and nothing left to judge",
        [("evidence", "medium", "", PASSED), ("practice", "medium", "", ABSENT)],
        (1, 1, 1),
    ),
    (
        "not practised: quality alone earns nothing where there is evidence to find",
        [("evidence", "medium", "", MISSED), ("practice", "medium", "", PASSED)],
        (0, 0, 1),
    ),
    (
        "all together: E = 3/4, Q = (2 * 0.5 + 1) / 3",
        [
            ("evidence", "high", "", PASSED),
            ("evidence", "low", "", MISSED),
            ("practice", "medium", "", HALF),
            ("practice", "low", "", PASSED),
        ],
        (0.65, 0.65, 1),
    ),
    ("evidence unknown", [("evidence", "medium", "", UNKNOWN)], (0, 1, 0)),
    (
        "quality unknown; 3 of 4 of the weight was seen",
        [("evidence", "high", "", PASSED), ("practice", "low", "", UNKNOWN)],
        (0.6, 1, 0.75),
    ),
    (
        "practice only, one failed and one unknown",
        [("practice", "medium", "", MISSED), ("practice", "medium", "", UNKNOWN)],
        (0, 0.8, 0.5),
    ),
    ("a closed service without a trace", [("evidence", "high", CLOSED, ABSENT)], None),
    ("a closed service with a trace", [("evidence", "high", CLOSED, PASSED)], (1, 1, 1)),
    ("a closed service that can't be read", [("evidence", "high", CLOSED, UNKNOWN)], (0, 1, 0)),
    (
        "a closed service drops out of the mean",
        [("evidence", "high", CLOSED, ABSENT), ("evidence", "low", "", PASSED)],
        (1, 1, 1),
    ),
    ("practice on a closed service, nothing to judge", [("practice", "high", CLOSED, ABSENT)], None),
]


@pytest.mark.parametrize(("parts", "credit"), [row[1:] for row in CREDITS], ids=[row[0] for row in CREDITS])
def test_credit_of_a_statement(parts: list[Part], credit: tuple[float, float, float] | None) -> None:
    checks = [
        declared(f"check_{number}", kind, ["1.1-S1"], severity, closed)
        for number, (kind, severity, closed, _) in enumerate(parts)
    ]
    outcomes = {check.id: part[3] for check, part in zip(checks, parts, strict=True)}
    score = Scorer(exam_of({"d1": 100}, {"1.1": ["1.1-S1"]}), checks).score(outcomes)
    if credit is None:
        assert score.statements == {}
        assert score.total == Interval(0, 0, 0)
    else:
        low, high, seen = credit
        assert dataclasses.astuple(score.statements["1.1-S1"]) == pytest.approx(credit)
        assert dataclasses.astuple(score.total) == pytest.approx((100 * low, 100 * high, seen))


SECTIONS = {"1.1": ["1.1-K1", "1.1-K2", "1.1-K3"], "1.2": ["1.2-S1"], "2.1": ["2.1-K1"]}

TOTALS = [
    # 1.1 is the mean of 1 and 0, for K3 has no check; 1.2 is 0.8; d1 their mean, 65.
    ("a domain without weight leaves the others all of it", ABSENT, (65, 65, 1)),
    ("a domain that is done", PASSED, (0.75 * 65 + 25, 0.75 * 65 + 25, 1)),
    ("a domain that can't be read", UNKNOWN, (0.75 * 65, 0.75 * 65 + 25, 0.75)),
]


@pytest.mark.parametrize(("last", "total"), [row[1:] for row in TOTALS], ids=[row[0] for row in TOTALS])
def test_total_is_the_mean_of_domains_by_weight(last: Outcome, total: tuple[float, float, float]) -> None:
    checks = [
        declared("first", "evidence", ["1.1-K1"], "medium", ""),
        declared("second", "evidence", ["1.1-K2"], "high", ""),
        declared("third", "practice", ["1.2-S1"], "low", ""),
        declared("fourth", "evidence", ["2.1-K1"], "low", CLOSED),
    ]
    outcomes = {"made/first": PASSED, "made/second": MISSED, "made/third": HALF, "made/fourth": last}
    score = Scorer(exam_of({"d1": 75, "d2": 25}, SECTIONS), checks).score(outcomes)
    assert dataclasses.astuple(score.total) == pytest.approx(total)
    assert {name: part.low for name, part in score.sections.items() if name != "2.1"} == pytest.approx(
        {"1.1": 50, "1.2": 80}
    )


@pytest.mark.parametrize(
    ("other", "credit"),
    [(None, 0.0), (Outcome(None, None), 0.0), (MISSED, 0.0), (PASSED, 1.0)],
    ids=["alone", "beside nothing", "beside what is bad", "beside what is good"],
)
def test_what_is_good_by_default_is_no_practice(other: Outcome | None, credit: float) -> None:
    checks = [dataclasses.replace(declared("default", "practice", ["1.1-K1"], "high", ""), by_default=True)]
    outcomes = {"made/default": PASSED}
    if other is not None:
        checks.append(declared("other", "practice", ["1.1-K1"], "high", ""))
        outcomes["made/other"] = other
    score = Scorer(exam_of({"d1": 100}, {"1.1": ["1.1-K1"]}), checks).score(outcomes)
    assert score.statements["1.1-K1"].low == score.statements["1.1-K1"].high == credit
