"""The report as one HTML file: it asks for nothing, reads without scripts, and is safe whatever an account holds."""

from __future__ import annotations

import base64
import collections
import dataclasses
import datetime
import hashlib
import importlib.resources
import math
import re
from collections.abc import Iterable
from typing import get_args

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from readiness.plain import visible
from readiness.results import (
    CheckResult,
    Credit,
    DomainResult,
    ErrorResult,
    FindingResult,
    Results,
    SectionResult,
    State,
    StatementResult,
)
from readiness.wording import in_short, in_words, is_open, percent, points

TOP = 10
"""So much advice is shown; the rest is folded."""
FINDINGS = 50
"""So many findings of a check are shown; a page with a thousand buckets helps nobody."""
ERRORS = 100
"""So many failed calls are shown: with every region and nothing allowed there are thousands."""
WORDS: dict[str, str] = {
    "practised": "practised",
    "partial": "partly",
    "not_practised": "not yet",
    "unknown": "unknown",
    "skipped": "not selected",
    "closed": "closed service",
    "not_observable": "not observable",
    "not_covered": "no check yet",
}
"""The states of a statement, as the reader sees them. Verdicts of checks are shown by their own names."""

RANK = {"high": 0, "medium": 1, "low": 2}
DENIED = re.compile(r"denied|unauthori[sz]ed|notauthorized|forbidden|authorizationerror", re.IGNORECASE)
LINK = re.compile(r"https://[A-Za-z0-9.-]+(?:[/?#][A-Za-z0-9._~:/?#!$&'()*+,;=%@-]*)?")


def render(results: Results) -> bytes:
    """The file's content: the same results give the same bytes."""
    style, script = _source("style.css"), _source("script.js")
    template = _environment().get_template("report.html.jinja")
    page = template.render(
        results=results,
        digest=Digest.of(results),
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704 - our own file, and its hash is in the policy
        script=Markup(script),  # noqa: S704
    )
    return page.encode()


@dataclasses.dataclass(frozen=True)
class Digest:
    """What the page tells across the whole of the results.

    Attributes:
        advice: checks worth practising, the most points first.
        unread: checks that are unknown, the most points first.
        closed: checks of services that can't be had any more, so that nobody is sent after them.
        muted: checks about which the reader wants no advice.
        skipped: checks that were not selected.
        denied: IAM actions that the scan lacked.
        other: error codes of calls that failed for another reason than a missing permission.
        tally: each state that occurs among the statements, with its number.
        checks: every check by id.
        home: check id -> id of the statement where it is shown in full: the first that it speaks for.
        statements: every statement by id.
    """

    advice: list[CheckResult]
    unread: list[CheckResult]
    closed: list[CheckResult]
    muted: list[CheckResult]
    skipped: list[CheckResult]
    denied: list[str]
    other: list[str]
    tally: list[tuple[State, int]]
    checks: dict[str, CheckResult]
    home: dict[str, str]
    statements: dict[str, StatementResult]

    @classmethod
    def of(cls, results: Results) -> Digest:
        """Read the results."""
        statements = [one for domain in results.domains for part in domain.sections for one in part.statements]
        ranked = sorted(results.checks, key=lambda check: (-check.gain, RANK[check.severity], check.id))
        closed = [check for check in ranked if check.closed and check.verdict == "absent"]
        advised = ("partial", "failed", "absent")
        home: dict[str, str] = {}
        for statement in statements:
            for check in statement.checks:
                home.setdefault(check, statement.id)
        states = collections.Counter(statement.state for statement in statements)
        return cls(
            advice=[check for check in ranked if check.verdict in advised and check not in closed],
            unread=[check for check in ranked if check.verdict == "unknown"],
            closed=closed,
            muted=[check for check in ranked if check.verdict == "muted"],
            skipped=[check for check in ranked if check.verdict == "skipped"],
            denied=_distinct(action for error in results.errors if _denied(error) for action in error.actions),
            other=_distinct(error.code for error in results.errors if not _denied(error)),
            tally=[(state, states[state]) for state in get_args(State) if states[state]],
            checks={check.id: check for check in results.checks},
            home=home,
            statements={statement.id: statement for statement in statements},
        )


def shown(value: object) -> object:
    """What the page makes of every value: text is neutralised, markup of our own and numbers stay."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)


def anchor(name: str) -> str:
    """A name as part of an element's id: whatever could end the attribute or the fragment is spelled out."""
    return re.sub(r"[^A-Za-z0-9._/-]", lambda found: f"~{ord(found[0]):x}~", name)


def is_link(text: str) -> bool:
    """Whether a text may become a link: an address that starts with https://, a plain host, and nothing odd behind."""
    return LINK.fullmatch(text) is not None


def unscored(part: DomainResult | SectionResult) -> str:
    """Why a part of the exam has no score."""
    sections = part.sections if isinstance(part, DomainResult) else [part]
    spoken = any(statement.checks for section in sections for statement in section.statements)
    return "nothing to score" if spoken else "no checks yet"


def earned(credit: Credit) -> str:
    """What a statement earns, in percent."""
    low, high = math.floor(round(credit.low * 100, 6)), math.ceil(round(credit.high * 100, 6))
    if credit.low == credit.high:
        return f"{low} %"
    return f"{low}\N{EN DASH}{high} %"


def figure(value: float) -> str:
    """A number for the pictures: to two digits, and without those that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def moment(text: str) -> str:
    """A time as a person reads it; a text that is no time stays as it is."""
    try:
        at = datetime.datetime.fromisoformat(text)
        return f"{at.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC" if at.tzinfo else f"{at:%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return text


def worst_first(findings: list[FindingResult]) -> list[FindingResult]:
    """The findings with what is to be mended in front."""
    return sorted(findings, key=lambda finding: finding.good)


def _environment() -> Environment:
    # `finalize` sees every value that the templates print, so no place in them can forget it.
    environment = Environment(
        loader=PackageLoader("readiness_reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "anchor": anchor,
        "earned": earned,
        "figure": figure,
        "in_short": in_short,
        "in_words": in_words,
        "moment": moment,
        "percent": percent,
        "points": points,
        "unscored": unscored,
        "worst_first": worst_first,
    }
    environment.tests |= {"link": is_link, "open": is_open}
    environment.globals |= {"WORDS": WORDS, "TOP": TOP, "FINDINGS": FINDINGS, "ERRORS": ERRORS}
    return environment


def _source(name: str) -> str:
    return (importlib.resources.files("readiness_reports") / "templates" / name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    """The Content-Security-Policy: nothing is loaded, and only our own style and script, by their hash, count."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _denied(error: ErrorResult) -> bool:
    return bool(error.actions) and DENIED.search(error.code) is not None


def _distinct(values: Iterable[str]) -> list[str]:
    return sorted(set(values))
