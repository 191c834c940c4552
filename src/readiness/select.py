"""Chooses checks by name, statement, section, domain or glob."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence

from readiness.check import Check
from readiness.errors import UsageError, closest
from readiness.exam import Exam


def select(
    checks: Sequence[Check], exam: Exam, only: Iterable[str] = (), skip: Iterable[str] = ()
) -> tuple[Check, ...]:
    """The checks that some pattern of `only` names (all, where there is none) and no pattern of `skip`.

    Raises:
        UsageError: a pattern names nothing.
    """
    wanted = [matching(checks, exam, pattern) for pattern in only]
    unwanted = [matching(checks, exam, pattern) for pattern in skip]
    chosen = {check.id for group in wanted for check in group} if wanted else {check.id for check in checks}
    chosen -= {check.id for group in unwanted for check in group}
    return tuple(check for check in checks if check.id in chosen)


def matching(checks: Sequence[Check], exam: Exam, pattern: str) -> list[Check]:
    """The checks that one pattern names.

    A pattern is a check's name or id, a glob over either, a statement (`3.2-S1`), a section (`3.2`) or a domain (`d3`).

    Raises:
        UsageError: it names none.
    """
    areas: dict[str, set[str]] = {}
    for domain, section, statement in exam.statements():
        for area in (domain.id, section.id, statement.id):
            areas.setdefault(area, set()).add(statement.id)
    if pattern in areas:
        return [check for check in checks if areas[pattern] & set(check.statements)]
    found = [
        check for check in checks if fnmatch.fnmatchcase(check.name, pattern) or fnmatch.fnmatchcase(check.id, pattern)
    ]
    if not found:
        near = closest(pattern, [*areas, *(check.name for check in checks), *(check.id for check in checks)])
        raise UsageError(f"no check, section or domain is named {pattern!r}{near}: `readiness checks` lists them")
    return found
