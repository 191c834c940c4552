"""Runs checks over a snapshot and scores them: pure, so the same snapshot gives the same results."""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Iterable, Mapping, Sequence

from readiness import failures
from readiness.check import Check, Finding
from readiness.exam import Exam, Section, Statement
from readiness.policy import actions_of
from readiness.record import Settings
from readiness.results import (
    Account,
    CheckResult,
    Credit,
    DomainResult,
    ErrorResult,
    ExamResult,
    FindingResult,
    Results,
    Score,
    SectionResult,
    State,
    StatementResult,
    Verdict,
)
from readiness.score import UNKNOWN, Interval, Outcome, Scorer
from readiness.score import Score as ScoreTree
from readiness.snapshot import GLOBAL, CallError, Snapshot
from readiness.view import View

NOISE = 1e-9
"""Ends of a score that differ by less are one number."""


@dataclasses.dataclass(frozen=True)
class Judgement:
    """A check's verdict with what led to it."""

    check: Check
    verdict: Verdict
    reason: str
    findings: tuple[FindingResult, ...] = ()
    errors: tuple[CallError, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """What the verdict is worth to the score."""
        if self.verdict in ("unknown", "skipped"):
            return UNKNOWN
        if self.verdict == "absent" and (self.check.kind == "practice" or self.check.closed):
            return Outcome(None, None)
        if self.check.kind == "evidence":
            value = 1.0 if self.verdict == "passed" else 0.0
        else:
            value = sum(finding.good for finding in self.findings) / len(self.findings)
        return Outcome(value, value)


def audit(
    snapshot: Snapshot,
    exam: Exam,
    checks: Sequence[Check],
    selected: Iterable[Check],
    settings: Mapping[type[Settings], Settings] | None = None,
    muted: Iterable[Check] = (),
) -> Results:
    """Judge and score a snapshot.

    Args:
        snapshot: what was gathered.
        exam: the exam map.
        checks: every check of the exam.
        selected: those to run; the others are `skipped`, and count as not seen.
        settings: what the user configured.
        muted: checks that the user does not want advice about; their score stays as measured.
    """
    view = View(snapshot.readings, snapshot.caller, snapshot.scanned_at, settings or {})
    chosen = {check.id for check in selected}
    judgements = [
        judge(check, view, snapshot.regions) if check.id in chosen else Judgement(check, "skipped", "not selected")
        for check in checks
    ]
    scorer = Scorer(exam, checks)
    outcomes = {judgement.check.id: judgement.outcome for judgement in judgements}
    scores = scorer.score(outcomes)
    quiet = {check.id for check in muted}
    return Results(
        tool=snapshot.tool,
        exam=_exam(exam, checks),
        account=Account(snapshot.caller.account, snapshot.caller.partition, snapshot.regions, snapshot.caller.arn),
        scanned_at=snapshot.scanned_at.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        partial=snapshot.interrupted or any(judgement.errors for judgement in judgements),
        interrupted=snapshot.interrupted,
        score=_points(scores.total),
        domains=_domains(exam, judgements, scores),
        checks=[_result(judgement, scorer, outcomes, scores, quiet) for judgement in judgements],
        calls=dict(sorted(snapshot.calls.items())),
        errors=_errors(judgements),
    )


def judge(check: Check, view: View, regions: Sequence[str]) -> Judgement:
    """A check's verdict over all regions: what could not be read somewhere is never taken for absent or good."""
    found: dict[tuple[str, str], dict[str, list[FindingResult]]] = {}
    errors: list[CallError] = []
    cut = False
    kinds = list(check.asks.kinds.values())
    further = [kind for name, kind in check.asks.kinds.items() if name in check.asks.further]
    required = [kind for kind in kinds if kind not in further]
    for region in (GLOBAL,) if check.everywhere else regions:
        if missing := view.errors(required, region):
            errors += missing
            continue
        errors += view.errors(further, region)
        cut = cut or any(view.reading(kind, region).cut for kind in kinds)
        # A check is an author's code: what it raises makes this check unknown, and nothing else. What it had seen by
        # then it has seen.
        try:
            for finding in (_found(one, region) for one in check.function(**view.arguments(check.asks, region))):
                found.setdefault((finding.resource, finding.region), {}).setdefault(region, []).append(finding)
        except Exception as problem:  # noqa: BLE001
            errors.append(CallError(f"check:{check.id}", region, type(problem).__name__, failures.place(problem)))
    findings = [finding for by_region in found.values() for finding in _once(by_region)]
    findings = sorted(set(findings), key=lambda finding: (finding.good, finding.region, finding.resource, finding.note))
    verdict, reason = _verdict(check, findings, errors, cut)
    return Judgement(check, verdict, reason, tuple(findings), tuple(sorted(set(errors))))


def _found(finding: Finding, region: str) -> FindingResult:
    """The region that the resource's ARN names, or the one that was scanned."""
    parts = finding.resource.split(":", 5)
    own = parts[3] or GLOBAL if len(parts) == 6 and parts[0] == "arn" else region
    return FindingResult(finding.resource, own, finding.good, finding.note)


def _once(by_region: Mapping[str, list[FindingResult]]) -> list[FindingResult]:
    """A resource that several regions judged counts once, as the worst of them says."""
    return max(by_region.values(), key=lambda findings: sum(not finding.good for finding in findings))


def _verdict(
    check: Check, findings: Sequence[FindingResult], errors: Sequence[CallError], cut: bool
) -> tuple[Verdict, str]:
    good = sum(finding.good for finding in findings)
    if check.kind == "evidence" and good:
        return "passed", f"seen in {good} {_plural('resource', good)}"
    if errors:
        first = errors[0]
        more = f", and {len(set(errors)) - 1} more" if len(set(errors)) > 1 else ""
        return "unknown", f"could not read {first.operation} in {first.region}: {first.code}{more}"
    if not findings or check.kind == "evidence":
        if cut:
            return "unknown", "not among the newest resources, and there are more than were read"
        if findings:
            return "failed", f"tried in {len(findings)} {_plural('resource', len(findings))}, but none counts"
        return "absent", "nothing there" if check.kind == "practice" else "no trace of it"
    of = f"{good} of {len(findings)} good" + (", among the newest that were read" if cut else "")
    if good == len(findings):
        return "passed", of
    return ("partial" if good else "failed"), of


def _plural(word: str, count: int) -> str:
    return word if count == 1 else word + "s"


def _result(
    judgement: Judgement, scorer: Scorer, outcomes: Mapping[str, Outcome], scores: ScoreTree, muted: set[str]
) -> CheckResult:
    check, docs = judgement.check, judgement.check.docs
    gain = 0.0 if judgement.verdict == "skipped" else max(0.0, round(scorer.gain(outcomes, check, scores), 6))
    return CheckResult(
        id=check.id,
        name=check.name,
        kind=check.kind,
        severity=check.severity,
        title=docs.title,
        statements=list(check.statements),
        verdict="muted" if check.id in muted and judgement.verdict != "skipped" else judgement.verdict,
        measured=judgement.verdict,
        reason=judgement.reason,
        gain=gain,
        why=docs.why,
        fix=docs.fix,
        see=docs.see,
        cost=docs.cost,
        survives=docs.survives,
        closed=check.closed,
        actions=sorted({action for operation in check.operations for action in actions_of(operation)}),
        findings=list(judgement.findings),
    )


def _errors(judgements: Sequence[Judgement]) -> list[ErrorResult]:
    checks: dict[CallError, list[str]] = {}
    for judgement in judgements:
        for error in judgement.errors:
            checks.setdefault(error, []).append(judgement.check.id)
    return [
        ErrorResult(
            operation=error.operation,
            region=error.region,
            code=error.code,
            message=error.message,
            actions=list(actions_of(error.operation)) if error.operation in _declared(judgements) else [],
            checks=names,
        )
        for error, names in sorted(checks.items())
    ]


def _declared(judgements: Sequence[Judgement]) -> frozenset[str]:
    return frozenset().union(*(judgement.check.operations for judgement in judgements))


def _exam(exam: Exam, checks: Sequence[Check]) -> ExamResult:
    statements = [statement for _, _, statement in exam.statements()]
    spoken = {statement for check in checks for statement in check.statements}
    observable = [statement for statement in statements if statement.observable != "none"]
    covered = sum(statement.id in spoken for statement in observable)
    return ExamResult(exam.id, exam.title, len(statements), len(observable), covered)


def _domains(exam: Exam, judgements: Sequence[Judgement], scores: ScoreTree) -> list[DomainResult]:
    speaking: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        for statement in judgement.check.statements:
            speaking.setdefault(statement, []).append(judgement)

    def section(part: Section) -> SectionResult:
        statements = [_statement(one, speaking.get(one.id, []), scores) for one in part.statements]
        return SectionResult(part.id, part.title, _part_points(scores.sections, part.id), statements)

    return [
        DomainResult(
            domain.id,
            domain.title,
            domain.weight,
            _part_points(scores.domains, domain.id),
            [section(part) for part in domain.sections],
        )
        for domain in exam.domains
    ]


def _statement(statement: Statement, judgements: Sequence[Judgement], scores: ScoreTree) -> StatementResult:
    credit = scores.statements.get(statement.id)
    return StatementResult(
        id=statement.id,
        text=statement.text,
        kind=statement.kind,
        observable=statement.observable,
        limit=statement.limit,
        state=_state(statement, judgements, credit),
        credit=Credit(*_ends(credit, 4)) if credit else None,
        checks=[judgement.check.id for judgement in judgements],
    )


def _state(statement: Statement, judgements: Sequence[Judgement], credit: Interval | None) -> State:
    if statement.observable == "none":
        return "not_observable"
    if not judgements:
        return "not_covered"
    if credit is None:
        return "closed"
    if all(judgement.verdict == "skipped" for judgement in judgements):
        return "skipped"
    if credit.low >= 1:
        return "practised"
    if credit.low > 0:
        return "partial"
    return "unknown" if credit.high > 0 else "not_practised"


def _points(interval: Interval) -> Score:
    return Score(*_ends(interval, 2), _down(interval.seen, 4))


def _ends(interval: Interval, digits: int) -> tuple[float, float]:
    """Both ends, rounded outwards; what differs by a float's noise is one number."""
    if interval.high - interval.low < NOISE:
        return round(interval.low, digits), round(interval.low, digits)
    return _down(interval.low, digits), _up(interval.high, digits)


def _part_points(intervals: Mapping[str, Interval], part: str) -> Score | None:
    return _points(intervals[part]) if part in intervals else None


def _down(value: float, digits: int) -> float:
    """Rounded so that 'at least' stays true; what is a float's noise away from a round number is that number."""
    scale = 10.0**digits
    return math.floor(round(value * scale, 6)) / scale


def _up(value: float, digits: int) -> float:
    scale = 10.0**digits
    return math.ceil(round(value * scale, 6)) / scale
