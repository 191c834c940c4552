"""Verdicts over regions, errors and cut lists; the same snapshot gives the same bytes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from harness import ACCOUNT, IDENTITY, NOW
from readiness import Finding, Findings, Record, Scan, Settings, evidence, practice, resource
from readiness.audit import audit
from readiness.check import Check
from readiness.exam import Domain, Exam, Section, Statement
from readiness.kinds import name_of
from readiness.results import CheckResult, Results, Verdict
from readiness.snapshot import GLOBAL, CallError, Reading, Snapshot
from readiness_reports.json import render

EAST, WEST = "us-east-1", "us-west-2"


@resource("ec2", "DescribeWidgets")
class Widget(Record):
    """Kept per region."""

    name: str
    good: bool = True


@resource("iam", "ListGadgets")
class Gadget(Record):
    """Kept once per account."""

    name: str
    good: bool = True


class Assembly(Record):
    """A widget of the account's, by a name that starts with a letter."""

    name: str

    @classmethod
    def derive(cls, widgets: list[Widget]) -> Iterator[Assembly]:
        for widget in widgets:
            yield cls(name={"a": "anvil", "b": "bolt"}[widget.name[0]])


class Taste(Settings):
    """What counts as good."""

    name: str = "bolt"


def widget_arn(scan: Scan, name: str) -> str:
    return scan.arn("ec2", f"widget/{name}", region=scan.region, account=scan.account)


def gadget_arn(scan: Scan, name: str) -> str:
    return scan.arn("iam", f"gadget/{name}", account=scan.account)


@evidence("1.1-S1")
def widget_seen(widgets: list[Widget], scan: Scan) -> Findings:
    """A widget was made.

    Why: widgets are practice.
    Fix: make one.
    See: https://docs.aws.amazon.com/
    """
    for widget in widgets:
        yield Finding(widget_arn(scan, widget.name), good=widget.good)


@practice("1.1-S1", severity="high")
def widget_good(widgets: list[Widget], scan: Scan) -> Findings:
    """Every widget is good.

    Why: a bad widget breaks.
    Fix: mend it.
    See: https://docs.aws.amazon.com/
    """
    for widget in widgets:
        yield Finding(widget_arn(scan, widget.name), good=widget.good, note="as made")


@practice("1.1-S2")
def gadget_good(gadgets: list[Gadget], scan: Scan) -> Findings:
    """Every gadget is good.

    Why: a bad gadget breaks.
    Fix: mend it.
    See: https://docs.aws.amazon.com/
    """
    for gadget in gadgets:
        yield Finding(gadget_arn(scan, gadget.name), good=gadget.good)


@practice("1.1-S2")
def gadget_goes_with_widgets(gadgets: list[Gadget], widgets: list[Widget], scan: Scan) -> Findings:
    """Every gadget is named by a good widget, wherever there are widgets.

    Why: loose gadgets get lost.
    Fix: name it.
    See: https://docs.aws.amazon.com/
    """
    for gadget in gadgets:
        named = [widget for widget in widgets if widget.name == gadget.name]
        if named:
            yield Finding(gadget_arn(scan, gadget.name), good=all(widget.good for widget in named))


@practice("1.1-S2")
def widget_by_name(widgets: list[Widget]) -> Findings:
    """Every widget is good, told by its bare name.

    Why: not everything has an ARN.
    Fix: mend it.
    See: https://docs.aws.amazon.com/
    """
    for widget in widgets:
        yield Finding(widget.name, good=widget.good)


@evidence("1.1-S2")
def widget_raises(widgets: list[Widget]) -> Findings:
    """A widget is named by a letter that nobody thought of.

    Why: authors err.
    Fix: err less.
    See: https://docs.aws.amazon.com/
    """
    for widget in widgets:
        yield Finding(widget.name, good={"anvil": True}[widget.name])


@evidence("1.1-S2")
def assembly_to_taste(assemblies: list[Assembly], taste: Taste) -> Findings:
    """An assembly is to the user's taste.

    Why: taste differs.
    Fix: assemble one.
    See: https://docs.aws.amazon.com/
    """
    for assembly in assemblies:
        yield Finding(assembly.name, good=assembly.name == taste.name)


@evidence("1.1-S3")
def made_somehow(widgets: list[Widget], scan: Scan, gadgets: Sequence[Gadget] = ()) -> Findings:
    """A widget was made, or a gadget, which needs one.

    Why: either shows it.
    Fix: make one.
    See: https://docs.aws.amazon.com/
    """
    for gadget in gadgets:
        yield Finding(gadget_arn(scan, gadget.name), good=gadget.good)
    for widget in widgets:
        yield Finding(widget_arn(scan, widget.name), good=widget.good)


@evidence("1.1-S3", closed="closed to new customers")
def gadget_of_old(gadgets: list[Gadget], scan: Scan) -> Findings:
    """A gadget of a service that nobody can start with any more.

    Why: it was asked for once.
    Fix: nothing.
    See: https://docs.aws.amazon.com/
    """
    for gadget in gadgets:
        if gadget.name == "old":
            yield Finding(gadget_arn(scan, gadget.name), good=True)


def declared(function: Any) -> Check:
    """The check that a decorator left on a function."""
    check: Check = function.check
    return check


CHECKS = tuple(
    declared(function)
    for function in (
        widget_seen,
        widget_good,
        gadget_good,
        gadget_goes_with_widgets,
        widget_by_name,
        widget_raises,
        assembly_to_taste,
        gadget_of_old,
    )
)

STATEMENTS = [
    Statement("1.1-S1", "Make widgets", "full"),
    Statement("1.1-S2", "Make gadgets", "full"),
    Statement("1.1-S3", "Make gadgets of old", "full"),
    Statement("1.1-S4", "Think of widgets", "none", limit="thoughts do not show"),
    Statement("1.1-S5", "Make gizmos", "partial"),
]
EXAM = Exam(
    "MADE", "made", "Made up", (Domain("d1", "Making", 100, (Section("1.1", "Making things", tuple(STATEMENTS)),)),)
)

DENIED_GADGETS = CallError("iam:ListGadgets", GLOBAL, "AccessDenied", "denied")
DENIED = CallError("ec2:DescribeWidgets", WEST, "AccessDenied", "denied")


def read(*names: str, bad: Sequence[str] = (), cut: bool = False) -> Reading:
    """A list as a snapshot keeps it."""
    records = [{"Name": name, "Good": good} for group, good in ((names, True), (bad, False)) for name in group]
    return Reading(records=records, cut=cut)


def unread(error: CallError = DENIED) -> Reading:
    return Reading(errors=[error])


def snapshot(
    widgets: Mapping[str, Reading] | None = None, gadgets: Reading | None = None, interrupted: bool = False
) -> Snapshot:
    """Two regions; what is not given was listed and is empty."""
    return Snapshot(
        tool="readiness",
        caller=IDENTITY,
        regions=[EAST, WEST],
        scanned_at=NOW,
        readings={
            name_of(Widget): {EAST: read(), WEST: read(), **(widgets or {})},
            name_of(Gadget): {GLOBAL: gadgets or read()},
        },
        calls={"ec2:DescribeWidgets": 2, "iam:ListGadgets": 1},
        exam="MADE",
        interrupted=interrupted,
    )


def audited(made: Snapshot, selected: Sequence[Check] = CHECKS, **more: Any) -> Results:
    return audit(made, EXAM, CHECKS, selected, **more)


def result_of(function: Any, results: Results) -> CheckResult:
    [found] = [one for one in results.checks if one.name == declared(function).name]
    return found


VERDICTS: list[tuple[str, Any, Snapshot, Verdict, str]] = [
    ("evidence: nothing", widget_seen, snapshot(), "absent", "no trace of it"),
    ("evidence: one good", widget_seen, snapshot({EAST: read("a", bad=["b"])}), "passed", "seen in 1 resource"),
    ("evidence: in both regions", widget_seen, snapshot({EAST: read("a"), WEST: read("a")}), "passed", "2 resources"),
    (
        "evidence: tried",
        widget_seen,
        snapshot({EAST: read(bad=["a"])}),
        "failed",
        "tried in 1 resource, but none counts",
    ),
    (
        "evidence: good here, denied there",
        widget_seen,
        snapshot({EAST: read("a"), WEST: unread()}),
        "passed",
        "seen in 1",
    ),
    (
        "evidence: nothing here, denied there",
        widget_seen,
        snapshot({WEST: unread()}),
        "unknown",
        "could not read ec2:DescribeWidgets in us-west-2: AccessDenied",
    ),
    ("evidence: bad here, denied there", widget_seen, snapshot({EAST: read(bad=["a"]), WEST: unread()}), "unknown", ""),
    (
        "evidence: nothing among the newest",
        widget_seen,
        snapshot({EAST: read(cut=True)}),
        "unknown",
        "more than were read",
    ),
    ("evidence: bad among the newest", widget_seen, snapshot({EAST: read(bad=["a"], cut=True)}), "unknown", "newest"),
    ("evidence: good among the newest", widget_seen, snapshot({EAST: read("a", cut=True)}), "passed", "seen in 1"),
    ("practice: nothing", widget_good, snapshot(), "absent", "nothing there"),
    ("practice: all good", widget_good, snapshot({EAST: read("a"), WEST: read("b")}), "passed", "2 of 2 good"),
    ("practice: some good", widget_good, snapshot({EAST: read("a"), WEST: read(bad=["b"])}), "partial", "1 of 2 good"),
    ("practice: none good", widget_good, snapshot({EAST: read(bad=["a", "b"])}), "failed", "0 of 2 good"),
    (
        "practice: good here, denied there",
        widget_good,
        snapshot({EAST: read("a"), WEST: unread()}),
        "unknown",
        "AccessDenied",
    ),
    ("practice: bad here, denied there", widget_good, snapshot({EAST: read(bad=["a"]), WEST: unread()}), "unknown", ""),
    (
        "practice: denied in both",
        widget_good,
        snapshot({EAST: unread(CallError("ec2:DescribeWidgets", EAST, "Throttling", "slow")), WEST: unread()}),
        "unknown",
        "Throttling, and 1 more",
    ),
    (
        "practice: good among the newest",
        widget_good,
        snapshot({EAST: read("a", cut=True)}),
        "passed",
        "1 of 1 good, among the newest that were read",
    ),
    (
        "practice: nothing among the newest",
        widget_good,
        snapshot({EAST: read(cut=True)}),
        "unknown",
        "more than were read",
    ),
    ("not in the snapshot", widget_good, snapshot({WEST: Reading()}), "absent", "nothing there"),
    (
        "a field of another type",
        widget_good,
        snapshot({EAST: Reading(records=[{"Name": 7}])}),
        "unknown",
        "could not read snapshot:ec2.Widget in us-east-1: UnexpectedShape",
    ),
    ("global: judged once", gadget_good, snapshot(gadgets=read("a")), "passed", "1 of 1 good"),
    ("global: a region that is denied is no matter", gadget_good, snapshot({WEST: unread()}, read("a")), "passed", ""),
    (
        "global, good in two regions",
        gadget_goes_with_widgets,
        snapshot({EAST: read("a"), WEST: read("a")}, read("a")),
        "passed",
        "1 of 1 good",
    ),
    (
        "global, bad in one of two regions",
        gadget_goes_with_widgets,
        snapshot({EAST: read("a"), WEST: read(bad=["a"])}, read("a")),
        "failed",
        "0 of 1 good",
    ),
    (
        "global, seen in one region only",
        gadget_goes_with_widgets,
        snapshot({WEST: read("a", "b")}, read("b", "c")),
        "passed",
        "1 of 1 good",
    ),
    (
        "two regions' own, of one name",
        widget_by_name,
        snapshot({EAST: read("a"), WEST: read(bad=["a"])}),
        "partial",
        "1 of 2 good",
    ),
    (
        "a check that raises",
        widget_raises,
        snapshot({EAST: read("bolt")}),
        "unknown",
        "could not read check:/widget-raises in us-east-1: KeyError",
    ),
    (
        "a check that raises in one region",
        widget_raises,
        snapshot({EAST: read("b"), WEST: read("anvil")}),
        "passed",
        "",
    ),
    (
        "a derivation that raises",
        assembly_to_taste,
        snapshot({EAST: read("crank")}),
        "unknown",
        "could not read derived.Assembly in us-east-1: DerivationFailed",
    ),
    ("a derived kind of what was denied", assembly_to_taste, snapshot({WEST: unread()}), "unknown", "AccessDenied"),
    ("a derived kind of a cut list", assembly_to_taste, snapshot({EAST: read("a", cut=True)}), "unknown", "newest"),
    ("settings by default", assembly_to_taste, snapshot({EAST: read("a")}), "failed", "tried in 1"),
    ("a closed service without a trace", gadget_of_old, snapshot(), "absent", "no trace of it"),
    ("a closed service with a trace", gadget_of_old, snapshot(gadgets=read("old")), "passed", "seen in 1"),
]


@pytest.mark.parametrize(
    ("function", "made", "verdict", "reason"), [row[1:] for row in VERDICTS], ids=[row[0] for row in VERDICTS]
)
def test_verdict(function: Any, made: Snapshot, verdict: Verdict, reason: str) -> None:
    result = result_of(function, audited(made))
    assert (result.verdict, result.measured) == (verdict, verdict), result.reason
    assert reason in result.reason


FURTHER: list[tuple[str, Snapshot, Verdict, str]] = [
    ("a further source shows it", snapshot(gadgets=read("a")), "passed", "seen in 1"),
    (
        "a further source is denied, the others show it",
        snapshot({EAST: read("a")}, unread(DENIED_GADGETS)),
        "passed",
        "seen in 1",
    ),
    (
        "a further source is denied, the others show nothing",
        snapshot(gadgets=unread(DENIED_GADGETS)),
        "unknown",
        "could not read iam:ListGadgets in global: AccessDenied",
    ),
    (
        "a further source is denied, the others show what does not count",
        snapshot({EAST: read(bad=["a"])}, unread(DENIED_GADGETS)),
        "unknown",
        "iam:ListGadgets",
    ),
    ("all sources are read and empty", snapshot(), "absent", "no trace of it"),
    (
        "a required source is denied, and a further one would show it",
        snapshot({EAST: unread(), WEST: unread()}, read("a")),
        "unknown",
        "ec2:DescribeWidgets",
    ),
]


@pytest.mark.parametrize(("made", "verdict", "reason"), [row[1:] for row in FURTHER], ids=[row[0] for row in FURTHER])
def test_a_further_source_only_adds(made: Snapshot, verdict: Verdict, reason: str) -> None:
    checks = (declared(made_somehow),)
    result = result_of(made_somehow, audit(made, EXAM, checks, checks))
    assert result.verdict == verdict
    assert reason in result.reason


def test_a_list_that_is_not_in_the_snapshot_is_unknown() -> None:
    made = snapshot({EAST: read("a")})
    del made.readings[name_of(Widget)][WEST]
    assert result_of(widget_good, audited(made)).reason.endswith("in us-west-2: NotGathered")


def test_settings_reach_the_checks() -> None:
    made = audited(snapshot({EAST: read("a")}), settings={Taste: Taste(name="anvil")})
    assert result_of(assembly_to_taste, made).verdict == "passed"


def test_findings_name_their_region() -> None:
    results = audited(snapshot({EAST: read("a"), WEST: read("b")}, read("a", "b")))
    regions = {
        function: [(finding.resource, finding.region) for finding in result_of(function, results).findings]
        for function in (widget_by_name, gadget_good, widget_good)
    }
    assert regions[widget_by_name] == [("a", EAST), ("b", WEST)]
    assert regions[gadget_good] == [(f"arn:aws:iam::{ACCOUNT}:gadget/{name}", GLOBAL) for name in ("a", "b")]
    assert regions[widget_good] == [
        (f"arn:aws:ec2:{EAST}:{ACCOUNT}:widget/a", EAST),
        (f"arn:aws:ec2:{WEST}:{ACCOUNT}:widget/b", WEST),
    ]


def test_bad_findings_come_first() -> None:
    findings = result_of(
        widget_good, audited(snapshot({EAST: read("a", bad=["z"]), WEST: read("b", bad=["y"])}))
    ).findings
    assert [(finding.resource.rpartition("/")[2], finding.good) for finding in findings] == [
        ("z", False),
        ("y", False),
        ("a", True),
        ("b", True),
    ]


def test_what_was_not_selected_is_skipped_and_not_seen() -> None:
    results = audited(snapshot({EAST: read("a")}, read("a")), selected=[CHECKS[0], CHECKS[1]])
    verdicts = {one.name: (one.verdict, one.reason, one.gain) for one in results.checks}
    assert verdicts["gadget-good"] == ("skipped", "not selected", 0)
    assert verdicts["widget-seen"][0] == "passed"
    # Of three statements with checks, one is whole, one is not seen at all, and so is the closed one.
    assert (results.score.low, results.score.high) == (33.33, 100)
    assert results.score.seen == pytest.approx(1 / 3, abs=1e-4)
    states = [statement.state for statement in results.domains[0].sections[0].statements]
    assert states == ["practised", "skipped", "skipped", "not_observable", "not_covered"]


def test_a_mute_silences_advice_and_changes_no_score() -> None:
    made = snapshot({EAST: read("a", bad=["b"])}, read("a"))
    loud, quiet = audited(made), audited(made, muted=[declared(widget_good)])
    muted = result_of(widget_good, quiet)
    assert (muted.verdict, muted.measured) == ("muted", "partial")
    assert (quiet.score, quiet.domains) == (loud.score, loud.domains)
    skipped = audited(made, selected=[], muted=[declared(widget_good)])
    assert result_of(widget_good, skipped).verdict == "skipped"


def test_errors_tell_which_checks_they_concern_and_what_they_would_have_needed() -> None:
    results = audited(snapshot({EAST: read("bolt"), WEST: unread()}, read("a")))
    denied, raised = results.errors[1], results.errors[0]
    assert (denied.operation, denied.region, denied.code, denied.actions) == (
        "ec2:DescribeWidgets",
        WEST,
        "AccessDenied",
        ["ec2:DescribeWidgets"],
    )
    assert {name.removeprefix("/") for name in denied.checks} == {
        "widget-seen",
        "widget-good",
        "gadget-goes-with-widgets",
        "widget-by-name",
        "widget-raises",
        "assembly-to-taste",
    }
    assert (raised.operation, raised.region, raised.checks) == ("check:/widget-raises", EAST, ["/widget-raises"])
    assert raised.actions == []
    assert len(results.errors) == 2
    assert results.partial
    assert not results.interrupted


@pytest.mark.parametrize(
    ("made", "partial", "interrupted"),
    [
        (snapshot({EAST: read("anvil")}), False, False),
        (snapshot({EAST: read("anvil")}, interrupted=True), True, True),
        (snapshot({EAST: read("anvil"), WEST: unread()}), True, False),
    ],
    ids=["whole", "interrupted", "denied"],
)
def test_a_report_tells_whether_it_is_whole(made: Snapshot, partial: bool, interrupted: bool) -> None:
    results = audited(made)
    assert (results.partial, results.interrupted) == (partial, interrupted)


def test_gain_is_what_passing_would_add() -> None:
    results = audited(snapshot({EAST: read(bad=["a", "b"])}, read("a")))
    # Two statements carry weight, 50 points each: the closed one has no trace. Widgets were tried, and none counts.
    assert result_of(widget_seen, results).gain == pytest.approx(30)
    assert result_of(widget_good, results).gain == 0
    better = audited(snapshot({EAST: read("a", bad=["b"])}, read("a")))
    assert result_of(widget_good, better).gain == pytest.approx(50 * 0.4 / 2)


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    made = snapshot({EAST: read("anvil", "b", bad=["bolt"]), WEST: unread()}, read("a", "b"))
    assert render(audited(made)) == render(audited(made))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_the_order_of_arrival_never_shows(order: tuple[int, ...]) -> None:
    def arrived(indices: Sequence[int]) -> bytes:
        widgets = [{"Name": name, "Good": name != "bolt"} for name in ("anvil", "axle", "bolt")]
        gadgets = [{"Name": name, "Good": name == "anvil"} for name in ("anvil", "bolt", "crank")]
        here, there = (Reading([widgets[n] for n in indices]) for _ in range(2))
        made = snapshot({EAST: here, WEST: there}, Reading([gadgets[n] for n in indices]))
        if indices[0]:
            made.readings = {kind: dict(reversed(regions.items())) for kind, regions in reversed(made.readings.items())}
            made.calls = dict(reversed(made.calls.items()))
        # What a check raises tells of the record that came first, so that one is left out.
        return render(audited(made, [check for check in CHECKS if check != declared(widget_raises)]))

    assert arrived(order) == arrived(range(3))
