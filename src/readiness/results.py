"""The report's data: versioned, stable, the only thing that a renderer knows; `readiness schema` prints its schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from readiness.check import Severity
from readiness.exam import Observable

Verdict = Literal["passed", "partial", "failed", "absent", "unknown", "muted", "skipped"]
State = Literal[
    "practised", "partial", "not_practised", "unknown", "skipped", "closed", "not_observable", "not_covered"
]
Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Score(msgspec.Struct, frozen=True):
    """Points at worst and at best, and the share of the weight that was seen."""

    low: Percent
    high: Percent
    seen: Share


class Credit(msgspec.Struct, frozen=True):
    """What a statement earns, at worst and at best, of 1."""

    low: Share
    high: Share


class StatementResult(msgspec.Struct, frozen=True):
    """A statement of the guide. `credit` is null where it carries no weight; `limit` says what no account shows."""

    id: str
    text: str
    kind: Literal["knowledge", "skill"]
    observable: Observable
    limit: str
    state: State
    credit: Credit | None
    checks: list[str]


class SectionResult(msgspec.Struct, frozen=True):
    """A section; `score` is null where no statement of it carries weight."""

    id: str
    title: str
    score: Score | None
    statements: list[StatementResult]


class DomainResult(msgspec.Struct, frozen=True):
    """A domain; `weight` is its share of the exam in percent."""

    id: str
    title: str
    weight: float
    score: Score | None
    sections: list[SectionResult]


class FindingResult(msgspec.Struct, frozen=True):
    """One resource that a check judged; `region` is `global` for what AWS keeps once per account."""

    resource: str
    region: str
    good: bool
    note: str


class CheckResult(msgspec.Struct, frozen=True):
    """A check's verdict on the account. `gain` is what the total would rise by, in points, if it passed.

    `measured` is the verdict that a muted check has all the same; a mute silences advice and changes no score.
    """

    id: str
    name: str
    kind: Literal["evidence", "practice"]
    severity: Severity
    title: str
    statements: list[str]
    verdict: Verdict
    measured: Verdict
    reason: str
    gain: float
    why: str
    fix: str
    see: str
    cost: str
    survives: str
    closed: str
    actions: list[str]
    findings: list[FindingResult]


class ErrorResult(msgspec.Struct, frozen=True):
    """A call that failed, and the checks that asked for it. `actions` are what it needs."""

    operation: str
    region: str
    code: str
    message: str
    actions: list[str]
    checks: list[str]


class ExamResult(msgspec.Struct, frozen=True):
    """The exam, with how many of its statements can be observed at all, and how many of those have a check."""

    id: str
    title: str
    statements: int
    observable: int
    covered: int


class Account(msgspec.Struct, frozen=True):
    """The account that was scanned, and as whom."""

    id: str
    partition: str
    regions: list[str]
    caller: str


class Results(msgspec.Struct, frozen=True):
    """A scan's report. `partial` is true where something that a selected check needs was not read."""

    tool: str
    exam: ExamResult
    account: Account
    scanned_at: str
    partial: bool
    interrupted: bool
    score: Score
    domains: list[DomainResult]
    checks: list[CheckResult]
    calls: dict[str, int]
    errors: list[ErrorResult]
    schema_version: Literal["1"] = "1"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a report."""
    described = msgspec.json.schema(Results)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "readiness report", **described}
