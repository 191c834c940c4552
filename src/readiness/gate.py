"""Gates for CI: what a report must hold to, judged on the low end of the score and on what was seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from readiness.check import Check
from readiness.errors import UsageError, closest
from readiness.exam import Exam
from readiness.results import Results, Score

TOTAL = "total"


@dataclasses.dataclass(frozen=True)
class Gates:
    """What is demanded.

    Attributes:
        floors: the total, or the id of a domain or section -> the least score, 0 to 100.
        required: ids of checks that must have passed.
        max_unknown: how many checks may be unknown, or None for any number.
    """

    floors: dict[str, float] = dataclasses.field(default_factory=dict)
    required: tuple[str, ...] = ()
    max_unknown: int | None = None

    def broken(self, results: Results) -> list[str]:
        """Why the report does not pass, in a line each: the score or a required check."""
        return [*self._under(results), *self._not_passed(results)]

    def unread(self, results: Results) -> str:
        """Why too little was read, or nothing; a muted check counts as it was measured, for a mute opens no gate."""
        count = sum(check.measured == "unknown" for check in results.checks)
        if self.max_unknown is None or count <= self.max_unknown:
            return ""
        return f"{count} checks are unknown, {self.max_unknown} may be"

    def _under(self, results: Results) -> Iterator[str]:
        scores: dict[str, Score | None] = {TOTAL: results.score}
        for domain in results.domains:
            scores[domain.id] = domain.score
            scores |= {section.id: section.score for section in domain.sections}
        for place, least in self.floors.items():
            score = scores[place]
            if score is None:
                yield f"{place}: no check speaks for it, so it can't reach {least:g}"
            elif score.low < least:
                up = f", though it may be up to {score.high:g}" if score.high > score.low else ""
                yield f"{place}: {score.low:g} is under {least:g}{up}"

    def _not_passed(self, results: Results) -> Iterator[str]:
        verdicts = {check.id: check.measured for check in results.checks}
        for name in self.required:
            if verdicts[name] != "passed":
                yield f"{name} is required and is {verdicts[name]}"


def floors(texts: Sequence[str], exam: Exam) -> dict[str, float]:
    """The floors that `70` and `3.2=60` ask for.

    Raises:
        UsageError: a text is neither, or the exam has no such domain or section.
    """
    known = [place for domain in exam.domains for place in (domain.id, *(section.id for section in domain.sections))]
    found: dict[str, float] = {}
    for text in texts:
        place, _, number = text.rpartition("=")
        if place and place not in known:
            raise UsageError(f"--fail-under {text}: the exam has no domain or section {place!r}{closest(place, known)}")
        try:
            least = float(number)
        except ValueError:
            least = -1.0
        if not 0 <= least <= 100:
            raise UsageError(f"--fail-under {text}: give a score from 0 to 100, or a section and a score as in 3.2=60")
        found[place or TOTAL] = least
    return found


def required(checks: Sequence[Check], selected: Sequence[Check]) -> tuple[str, ...]:
    """The ids of checks that must have passed.

    Raises:
        UsageError: one of them is not selected, so that it could never pass.
    """
    ids = {check.id for check in selected}
    for check in checks:
        if check.id not in ids:
            raise UsageError(f"--require {check.name}: the check is not selected, so it can't pass")
    return tuple(dict.fromkeys(check.id for check in checks))
