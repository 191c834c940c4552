"""A check: a pure function of records that yields findings, and what its docstring says about it."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Literal, TypeVar

import msgspec

from readiness.kinds import Kind, closure, scope_of, source_of
from readiness.signature import Asks

Severity = Literal["high", "medium", "low"]
WEIGHTS: dict[Severity, int] = {"high": 3, "medium": 2, "low": 1}


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One resource, good or not, with a note that a person understands."""

    resource: str
    good: bool
    note: str = ""


Findings = Iterator[Finding]
F = TypeVar("F", bound=Callable[..., Findings])

PARTS = ("Why", "Fix", "See", "Cost", "Survives")
REQUIRED_PARTS = ("Why", "Fix", "See")


@dataclasses.dataclass(frozen=True)
class Docs:
    """The docstring of a check, taken apart.

    `cost` is what practising costs (free, cents, hourly, with a word on it), `survives` how the evidence outlives the
    resource.
    """

    title: str
    why: str
    fix: str
    see: str
    cost: str
    survives: str

    @classmethod
    def of(cls, function: Callable[..., Findings]) -> Docs:
        """Read the docstring: a title line, then paragraphs that open with a part's name and a colon.

        Raises:
            TypeError: there is no title, or one of Why, Fix and See is missing.
        """
        text = inspect.getdoc(function) or ""
        title, _, rest = text.partition("\n")
        pieces = re.split(rf"^({'|'.join(PARTS)}):\s*", rest, flags=re.MULTILINE)
        parts = {name: inspect.cleandoc(body) for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}
        if missing := [part for part in REQUIRED_PARTS if not parts.get(part)]:
            raise TypeError(f"its docstring lacks {', '.join(missing)}")
        if not title.strip():
            raise TypeError("its docstring has no title in the first line")
        texts = {name: re.sub(r"\s*\n\s*", " ", body) for name, body in parts.items() if name != "Fix"}
        return cls(
            title=title.strip().removesuffix("."),
            why=_sentence(texts["Why"]),
            fix=parts["Fix"],
            see=texts["See"],
            cost=texts.get("Cost", "").removesuffix("."),
            survives=_sentence(texts.get("Survives", "")),
        )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


@dataclasses.dataclass(frozen=True)
class Check:
    """A check as its pack declares it; `pack` is filled in by the loader."""

    function: Callable[..., Findings]
    kind: Literal["evidence", "practice"]
    statements: tuple[str, ...]
    severity: Severity
    closed: str
    pack: str = ""
    by_default: bool = False

    @property
    def name(self) -> str:
        """The function's name in kebab case."""
        return self.function.__name__.replace("_", "-")

    @property
    def id(self) -> str:
        """The name with its pack: unique among all that is installed."""
        return f"{self.pack}/{self.name}"

    @functools.cached_property
    def docs(self) -> Docs:
        """Title, reasons and remedy, from the docstring."""
        return Docs.of(self.function)

    @functools.cached_property
    def asks(self) -> Asks:
        """What its signature asks for."""
        return Asks.of(self.function)

    @functools.cached_property
    def kinds(self) -> list[Kind]:
        """Every kind it needs, derived ones and parents included, each after what it rests on."""
        return closure(self.asks.kinds.values())

    @functools.cached_property
    def required(self) -> list[Kind]:
        """The kinds without which it has no verdict in a region; the others can only add to what these show."""
        return closure(kind for name, kind in self.asks.kinds.items() if name not in self.asks.further)

    @property
    def operations(self) -> frozenset[str]:
        """Every operation it needs, as `service:Operation`, less those that read a user's files."""
        sources = [source for kind in self.kinds if (source := source_of(kind)) and not source.artifacts]
        return frozenset().union(*(source.operations for source in sources))

    @property
    def everywhere(self) -> bool:
        """Whether one run holds for all regions, because all that it asks for is global."""
        return all(scope_of(kind) == "global" for kind in self.asks.kinds.values())


def evidence(*statements: str, severity: Severity = "medium", closed: str = "") -> Callable[[F], F]:
    """Declare a check of practice: was it done here at all? One good finding suffices.

    Of several sources of a trace, those that can only add to what the others show are parameters with a default
    (`events: Sequence[StreamEvent] = ()`): where one can't be read the rest may still pass; else the check is unknown.

    Args:
        statements: the exam's statements that it speaks for.
        severity: its weight among the checks of a statement: high 3, medium 2, low 1.
        closed: set where AWS has closed the service to new customers: says so in words. A trace then earns credit,
            and absence carries no weight.
    """
    return _declare("evidence", statements, severity, closed)


def practice(
    *statements: str, severity: Severity = "medium", closed: str = "", by_default: bool = False
) -> Callable[[F], F]:
    """Declare a check of quality: is what was built done well? Every finding counts.

    Args:
        statements: as for `evidence`.
        severity: as for `evidence`.
        closed: as for `evidence`.
        by_default: whether AWS's own default is good already, so that a good finding is no evidence of practice.
    """
    return _declare("practice", statements, severity, closed, by_default=by_default)


def _declare(
    kind: Literal["evidence", "practice"],
    statements: tuple[str, ...],
    severity: Severity,
    closed: str,
    *,
    by_default: bool = False,
) -> Callable[[F], F]:
    def mark(function: F) -> F:
        function.__dict__["check"] = Check(function, kind, statements, severity, closed, by_default=by_default)
        return function

    return mark
