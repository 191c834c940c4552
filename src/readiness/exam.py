"""An exam guide as data: domains with weights, sections, statements."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Literal

import msgspec

from readiness.errors import UsageError

Observable = Literal["full", "partial", "none"]


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One bullet of the guide; `limit` says what an account cannot show of it."""

    id: str
    text: str
    observable: Observable
    limit: str = ""

    @property
    def kind(self) -> Literal["knowledge", "skill"]:
        """Which of the section's two lists it is from, by the letter in its id (`3.2-K1`, `3.2-S4`)."""
        return "knowledge" if self.id.partition("-")[2].startswith("K") else "skill"


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section (task statement) of a domain."""

    id: str
    title: str
    statements: tuple[Statement, ...]


class Domain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A domain with its share of the exam's scored content, in percent."""

    id: str
    title: str
    weight: float
    sections: tuple[Section, ...]


class Exam(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole guide; `id` is the exam's code, `name` the pack's short name for it."""

    id: str
    name: str
    title: str
    domains: tuple[Domain, ...]

    def statements(self) -> Iterator[tuple[Domain, Section, Statement]]:
        """Every statement in the guide's order, with where it stands."""
        for domain in self.domains:
            for section in domain.sections:
                for statement in section.statements:
                    yield domain, section, statement


def parse(text: str, origin: str) -> Exam:
    """Read an exam map.

    Raises:
        UsageError: the text is no exam map, an id occurs twice, or the weights do not add up to 100.
    """
    try:
        exam = msgspec.convert(tomllib.loads(text), Exam)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise UsageError(f"{origin} is no exam map: {problem}") from problem
    ids = [statement.id for _, _, statement in exam.statements()]
    ids += [domain.id for domain in exam.domains]
    ids += [section.id for domain in exam.domains for section in domain.sections]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise UsageError(f"{origin} uses the id {twice[0]} twice")
    if abs(sum(domain.weight for domain in exam.domains) - 100) > 1e-9:
        raise UsageError(f"the domain weights of {origin} do not add up to 100")
    return exam
