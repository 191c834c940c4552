"""The score: what the verdicts are worth, as an interval, and what each check would add."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from readiness.check import WEIGHTS, Check
from readiness.exam import Domain, Exam, Section, Statement

PRACTISED = 0.6
"""The share of a statement's credit that practice alone earns; the rest is for doing it well."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a check contributes, at worst and at best, each 0 to 1; None where it has nothing to say.

    Evidence that was not found is 0; practice that found nothing to judge is None, and so is the absence of a service
    that AWS has closed. Unknown is 0 at worst and 1 at best. `seen` is False where it was not read or not selected.
    """

    low: float | None
    high: float | None
    seen: bool = True


UNKNOWN = Outcome(0.0, 1.0, seen=False)
PASSED = Outcome(1.0, 1.0)


@dataclasses.dataclass(frozen=True)
class Interval:
    """A score at worst and at best, and the share of its weight that was seen (0 to 1)."""

    low: float
    high: float
    seen: float


@dataclasses.dataclass(frozen=True)
class Score:
    """The scores of everything, by id; what carries no weight is not in the mappings. Credits are 0 to 1."""

    total: Interval
    domains: Mapping[str, Interval]
    sections: Mapping[str, Interval]
    statements: Mapping[str, Interval]


NOTHING = Score(Interval(0.0, 0.0, 0.0), {}, {}, {})


class Scorer:
    """Scores outcomes against an exam.

    Args:
        exam: the exam map.
        checks: every check of the exam, selected or not.
    """

    def __init__(self, exam: Exam, checks: Sequence[Check]) -> None:
        self._exam = exam
        self._by_statement: dict[str, list[Check]] = {}
        for check in checks:
            for statement in check.statements:
                self._by_statement.setdefault(statement, []).append(check)

    def score(self, outcomes: Mapping[str, Outcome]) -> Score:
        """The score of these outcomes, by check id; it does not depend on their order."""
        everything = self._exam.statements()
        return self._scored(outcomes, {statement.id for _, _, statement in everything}, NOTHING)

    def gain(self, outcomes: Mapping[str, Outcome], check: Check, before: Score) -> float:
        """The exact rise of the low end of the total, in points, if this check passed and all else stayed.

        Args:
            outcomes: of all checks.
            check: one of them.
            before: the score of the outcomes.
        """
        after = self._scored({**outcomes, check.id: PASSED}, check.statements, before)
        return after.total.low - before.total.low

    def _scored(self, outcomes: Mapping[str, Outcome], changed: Collection[str], before: Score) -> Score:
        """The score, where only the credits of these statements may differ from one that is known."""
        statements, sections, domains = dict(before.statements), dict(before.sections), dict(before.domains)
        for domain in self._exam.domains:
            touched = [one for one in domain.sections if any(part.id in changed for part in one.statements)]
            for section in touched:
                for statement in section.statements:
                    if statement.id in changed and (credit := self._credit(statement, outcomes)) is not None:
                        statements[statement.id] = credit
                _keep(sections, section, _mean((statements.get(part.id), 1.0) for part in section.statements), 100)
            if touched:
                _keep(domains, domain, _mean((sections.get(part.id), 1.0) for part in domain.sections))
        total = _mean((domains.get(domain.id), domain.weight) for domain in self._exam.domains)
        return Score(total or NOTHING.total, domains, sections, statements)

    def _credit(self, statement: Statement, outcomes: Mapping[str, Outcome]) -> Interval | None:
        speaking = [
            (check, outcome)
            for check in self._by_statement.get(statement.id, ())
            if not ((outcome := outcomes[check.id]).low is None and (check.kind == "evidence" or check.closed))
        ]
        if not speaking:
            return None
        weight = sum(WEIGHTS[check.severity] for check, _ in speaking)
        seen = sum(WEIGHTS[check.severity] for check, outcome in speaking if outcome.seen) / weight
        return Interval(_worth(speaking, "low"), _worth(speaking, "high"), seen)


def _worth(speaking: list[tuple[Check, Outcome]], end: Literal["low", "high"]) -> float:
    """A statement's credit: E x (0.6 + 0.4 Q)."""
    values = [(check, getattr(outcome, end)) for check, outcome in speaking]
    evidence = [(WEIGHTS[check.severity], value) for check, value in values if check.kind == "evidence"]
    quality = [
        (WEIGHTS[check.severity], value) for check, value in values if check.kind == "practice" and value is not None
    ]
    shown = any(value for check, value in values if check.kind == "practice" and not check.by_default)
    practised = _weighted(evidence) if evidence else float(shown)
    well = _weighted(quality) if quality else 1.0
    return practised * (PRACTISED + (1 - PRACTISED) * well)


def _weighted(values: list[tuple[int, float]]) -> float:
    return sum(weight * value for weight, value in values) / sum(weight for weight, _ in values)


def _mean(parts: Iterable[tuple[Interval | None, float]]) -> Interval | None:
    known = [(part, weight) for part, weight in parts if part is not None]
    if not known:
        return None
    whole = sum(weight for _, weight in known)
    return Interval(
        sum(part.low * weight for part, weight in known) / whole,
        sum(part.high * weight for part, weight in known) / whole,
        sum(part.seen * weight for part, weight in known) / whole,
    )


def _keep(scores: dict[str, Interval], part: Section | Domain, mean: Interval | None, scale: float = 1) -> None:
    if mean is not None:
        scores[part.id] = Interval(mean.low * scale, mean.high * scale, mean.seen)
