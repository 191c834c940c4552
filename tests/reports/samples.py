"""Results made by hand, so that a test of a renderer can say exactly what must be on the page."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from readiness import exam as exam_map
from readiness.exam import Exam, Section, Statement
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

S = TypeVar("S", bound=msgspec.Struct)

EXAM = Path(__file__).parents[2] / "checks" / "readiness_mla" / "exam.toml"
CALLER = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_ReadOnly_0123456789abcdef/learner"


def finding(
    resource: str = "arn:aws:s3:::models", good: bool = True, note: str = "", region: str = "global"
) -> FindingResult:
    return FindingResult(resource=resource, region=region, good=good, note=note)


def check(name: str = "endpoint-scales", verdict: Verdict = "passed", **changes: Any) -> CheckResult:
    """A check with a text in every field; `changes` are fields."""
    made = CheckResult(
        id=f"mla/{name}",
        name=name,
        kind="practice",
        severity="medium",
        title=f"Title of {name}",
        statements=["3.2-S1"],
        verdict=verdict,
        measured=verdict,
        reason=f"reason of {name}",
        gain=0.0 if verdict in ("passed", "skipped") else 1.0,
        why=f"why {name}",
        fix=f"aws fix {name} \\\n  --now",
        see=f"https://docs.aws.amazon.com/{name}.html",
        cost="cents",
        survives="for 90 days",
        closed="",
        actions=["sagemaker:ListEndpoints"],
        findings=[],
    )
    return msgspec.structs.replace(made, **changes)


def statement(
    name: str = "3.2-S1", state: State = "practised", checks: Sequence[str] = (), **changes: Any
) -> StatementResult:
    earned = {
        "practised": Credit(1, 1),
        "partial": Credit(0.6, 0.6),
        "unknown": Credit(0, 1),
        "not_practised": Credit(0, 0),
    }
    made = StatementResult(
        id=name,
        text=f"Text of {name}",
        kind="knowledge" if "-K" in name else "skill",
        observable="none" if state == "not_observable" else "full",
        limit="",
        state=state,
        credit=earned.get(state),
        checks=list(checks),
    )
    return msgspec.structs.replace(made, **changes)


def error(
    operation: str = "sagemaker:ListEndpoints", code: str = "AccessDeniedException", **changes: Any
) -> ErrorResult:
    made = ErrorResult(
        operation=operation,
        region="eu-central-1",
        code=code,
        message="User is not authorized",
        actions=[operation],
        checks=["mla/endpoint-scales"],
    )
    return msgspec.structs.replace(made, **changes)


def results(
    checks: Sequence[CheckResult] = (), statements: Sequence[StatementResult] | None = None, **changes: Any
) -> Results:
    """An exam of one domain and one section; without statements, one for each that the checks speak for."""
    if statements is None:
        spoken = dict.fromkeys(one for check in checks for one in check.statements)
        statements = [
            statement(one, checks=[check.id for check in checks if one in check.statements]) for one in spoken
        ]
    score = Score(50, 50, 1)
    section = SectionResult("3.2", "Create and script infrastructure", score, list(statements))
    made = Results(
        tool="readiness 0.1.0",
        exam=ExamResult("MLA-C01", "An exam", len(statements), len(statements), len(statements)),
        account=Account("123456789012", "aws", ["eu-central-1", "us-east-1"], CALLER),
        scanned_at="2026-11-23T18:04:00+00:00",
        partial=False,
        interrupted=False,
        score=score,
        domains=[DomainResult("d3", "Deployment", 100, score, [section])],
        checks=list(checks),
        calls={"sagemaker:ListEndpoints": 2, "s3:ListBuckets": 1},
        errors=[],
    )
    return msgspec.structs.replace(made, **changes)


def everything() -> Results:
    """Every verdict and every state once, findings of both sorts, and errors."""
    verdicts = typing.get_args(Verdict)
    found = [finding(good=True, note="fine"), finding(CALLER, good=False, note="not fine")]
    both = ["3.2-S1", "3.2-K1"]
    checks = [
        check(f"is-{verdict}", verdict, measured="failed", statements=both, findings=found) for verdict in verdicts
    ]
    checks.append(check("is-closed", "absent", closed="closed in 2026", statements=["3.2-S1"]))
    names = [one.id for one in checks]
    statements = [
        statement(f"3.2-K{number}", state, checks=names[:-1] if number == 1 else [], limit=f"limit of {state}")
        for number, state in enumerate(typing.get_args(State), 1)
    ]
    statements.append(statement("3.2-S1", "partial", checks=names))
    unread = [error(checks=["mla/is-unknown"]), error("s3:ListBuckets", "SlowDown", checks=["mla/is-unknown"])]
    made = results(checks, statements, errors=unread, partial=True, score=Score(54.32, 61.07, 0.8831))
    [domain] = made.domains
    unscored = SectionResult("3.3", "Automate", None, [statement("3.3-K1", "not_covered")])
    sections = [msgspec.structs.replace(domain.sections[0], score=Score(54.32, 61.07, 0.8831)), unscored]
    return msgspec.structs.replace(made, domains=[msgspec.structs.replace(domain, sections=sections)])


def whole_exam(checks: int = 60, findings: int = 2) -> Results:
    """The real exam's tree with checks of an ordinary length, each for two statements in turn."""
    exam = exam_of_the_pack()
    names = [one.id for _, _, one in exam.statements() if one.observable != "none"]
    verdicts = itertools.cycle(typing.get_args(Verdict))
    arn = "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/churn"
    made = [
        check(
            f"a-thing-that-was-built-{number}",
            verdict,
            title=f"Every variant of a real-time endpoint scales with its load, number {number}",
            statements=[names[(3 * number) % len(names)], names[(3 * number + 1) % len(names)]],
            why="a fixed fleet is either idle, and paid for, or overloaded, and slow for those who wait for it",
            fix="aws application-autoscaling register-scalable-target \\\n  --service-namespace sagemaker \\\n" * 3,
            findings=[
                finding(f"{arn}-{one}", one % 2 == 0, "1 of 2 variants scale")
                for one in range(findings if verdict in ("passed", "partial", "failed") else 0)
            ],
        )
        for number, verdict in zip(range(checks), verdicts, strict=False)
    ]
    score = Score(54.32, 61.07, 0.8831)

    def judged(one: Statement) -> StatementResult:
        speaking = [check.id for check in made if one.id in check.statements]
        credit = Credit(0.6, 1) if speaking else None
        return statement(
            one.id,
            "partial" if speaking else "not_covered",
            speaking,
            text=one.text,
            observable=one.observable,
            limit=one.limit,
            credit=credit,
        )

    def section(part: Section) -> SectionResult:
        return SectionResult(part.id, part.title, score, [judged(one) for one in part.statements])

    domains = [
        DomainResult(domain.id, domain.title, domain.weight, score, [section(part) for part in domain.sections])
        for domain in exam.domains
    ]
    counts = ExamResult(exam.id, exam.title, len(list(exam.statements())), len(names), 2 * checks)
    return results(
        made, [], domains=domains, exam=counts, score=score, partial=True, errors=[error(checks=[made[4].id])]
    )


def exam_of_the_pack() -> Exam:
    return exam_map.parse(EXAM.read_text("utf-8"), "exam.toml")


def with_texts(made: S, change: Callable[[str], str]) -> S:
    """The same with every free text changed, wherever it stands; equal texts stay equal, so references hold."""
    return typing.cast("S", _changed(made, type(made), change))


def _changed(value: Any, declared: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, msgspec.Struct):
        hints = typing.get_type_hints(type(value))
        return type(value)(**{name: _changed(getattr(value, name), hint, change) for name, hint in hints.items()})
    if declared is str:
        return change(value)
    if isinstance(value, list):
        [item] = typing.get_args(declared)
        return [_changed(one, item, change) for one in value]
    if isinstance(value, dict):
        return {change(key): number for key, number in value.items()}
    return value
