"""The exam map of the pack, held against the guide's text, and maps that are none."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest

from readiness import exam as exam_map
from readiness import packs
from readiness.errors import UsageError

GUIDE = (Path(__file__).parent / "data" / "exam-guide.md").read_text("utf-8")
EXAM = packs.load().exam


class Item(typing.NamedTuple):
    """One thing that a section of the guide lists, with the words that came before its brackets."""

    section: str
    kind: str
    text: str
    context: str


def items_of_list(text: str) -> list[tuple[str, str]]:
    """The items of a comma-separated list and what stands before them: brackets are lists of their own."""
    items: list[tuple[str, str]] = []
    for part in re.findall(r"(?:[^,(]|\([^)]*\))+", text.rstrip(".")):
        head, _, inner = part.strip().partition("(")
        if not inner:
            items.append((head, ""))
            continue
        items.extend((one.strip(), head) for one in inner.rstrip(") ").split(","))
    return items


def guide() -> list[Item]:
    items: list[Item] = []
    for number, body in re.findall(r"^## (\d\.\d) [^\n]+\n(.*?)(?=^#|\Z)", GUIDE, re.MULTILINE | re.DOTALL):
        for kind, listed in re.findall(r"(Knowledge|Skills): (.*?)(?=\n\n|\Z)", body, re.DOTALL):
            for text, context in items_of_list(" ".join(listed.split()).replace("\\*", "*")):
                items.append(Item(number, kind.removesuffix("s").lower(), text, context))
    return items


SMALL = frozenset({"a", "an", "and", "at", "by", "for", "in", "into", "of", "on", "or", "the", "to", "via", "with"})
SMALL |= {"amazon", "aws", "behind", "core", "versus", "vs"}

SAME = {
    "infra": "infrastructure",
    "async": "asynchronous",
    "e2e": "end-to-end",
    "env": "environment",
    "tf": "tensorflow",
    "over/underfitting": "overfitting/underfitting",
    "built-ins": "built-in",
    "tradeoff performance": "trade off performance",
    "a/b": "ab",
    "ci/cd": "cicd",
    "blue/green": "bluegreen",
    "l1/l2": "l1 l2",
    "pii/phi": "pii phi",
    "add automated": "automated",
    "apply best": "best",
}
"""How the map writes what the guide writes in short."""


def plain(text: str) -> str:
    """The text in the map's spelling, in lower case."""
    lower = text.lower()
    for short, long in SAME.items():
        lower = re.sub(rf"(?<![\w-]){re.escape(short)}(?![\w-])", long, lower)
    return lower


def words(text: str) -> frozenset[str]:
    """The words that count, without their endings: 'alarms' is 'alarm', 'monitoring' is 'monitor'."""
    found = re.findall(r"[a-z0-9*]+", plain(text))
    return frozenset(re.sub(r"(ing|ed|es|s|e)$", "", word) or word for word in found if word not in SMALL)


def pieces() -> list[tuple[Item, frozenset[str]]]:
    """What must be in the text of a statement: each item, where it names several things each of them."""
    found: list[tuple[Item, frozenset[str]]] = []
    for item in guide():
        *before, last = re.split(r" ?/ ?", plain(item.context))
        found += [(item._replace(context=""), words(one)) for one in before]
        for part in re.split(r" ?/ ?| & | and ", plain(item.text)):
            found.append((item._replace(context=last), words(part)))
    return found


PIECES = pieces()


def uncovered(without: str = "") -> list[tuple[Item, frozenset[str]]]:
    """The pieces that no statement of their list has in its text."""
    texts: dict[tuple[str, str], list[frozenset[str]]] = {}
    for _, section, statement in EXAM.statements():
        if statement.id != without:
            texts.setdefault((section.id, statement.kind), []).append(words(statement.text))
    return [
        (item, piece)
        for item, piece in PIECES
        if not any(piece | words(item.context) <= text for text in texts.get((item.section, item.kind), []))
    ]


STATEMENTS = {statement.id: statement for _, _, statement in EXAM.statements()}

SHARED = {
    "3.2-K5": "containers are in the texts on EKS and ECS too",
    "4.2-S1": "CloudWatch is in the text on its alarms too",
    "4.2-S4": "dashboards are in the text on QuickSight too",
}
"""Statements whose words are in another's text too, so that only the counts tell that they are there."""


def test_the_guide_is_read_whole() -> None:
    assert len(PIECES) > 200
    assert {item.section for item, _ in PIECES} == {section.id for _, section, _ in EXAM.statements()}


def test_every_item_of_the_guide_is_in_a_statement_of_its_list() -> None:
    assert uncovered() == []


@pytest.mark.parametrize("statement", [name for name in STATEMENTS if name not in SHARED])
def test_no_statement_could_be_dropped(statement: str) -> None:
    assert uncovered(without=statement) != []


def test_statements_are_numbered_without_a_gap() -> None:
    assert len(STATEMENTS) == 221
    for domain in EXAM.domains:
        for section in domain.sections:
            for letter, kind in (("K", "knowledge"), ("S", "skill")):
                ids = [statement.id for statement in section.statements if statement.kind == kind]
                assert ids == [f"{section.id}-{letter}{number}" for number in range(1, len(ids) + 1)]


def test_domains_and_sections_are_those_of_the_guide() -> None:
    domains = re.findall(r"^# Domain (\d): (.+) \((\d+)%\)$", GUIDE, re.MULTILINE)
    assert [(domain.id, domain.title, domain.weight) for domain in EXAM.domains] == [
        (f"d{number}", title, float(weight)) for number, title, weight in domains
    ]
    sections = re.findall(r"^## (\d\.\d) (.+)$", GUIDE, re.MULTILINE)
    assert [(section.id, section.title) for domain in EXAM.domains for section in domain.sections] == sections
    assert all(section.id[0] == domain.id[1] for domain in EXAM.domains for section in domain.sections)


def test_what_is_not_observable_says_why() -> None:
    silent = [statement for statement in STATEMENTS.values() if statement.observable == "none"]
    assert [statement.id for statement in silent] == ["2.4-K1"]
    assert all(statement.limit for statement in silent)


MAP = """
id = "X"
name = "x"
title = "An exam"
[[domains]]
id = "d1"
title = "All of it"
weight = 100
[[domains.sections]]
id = "1.1"
title = "Part"
statements = [
  { id = "1.1-K1", text = "Know", observable = "full" },
  { id = "1.1-S1", text = "Do", observable = "none", limit = "thoughts do not show" },
]
"""

BROKEN = [
    ("no TOML", MAP, "id = [", "is no exam map"),
    ("a field that is not there", 'title = "An exam"', "", "missing required field `title`"),
    ("a field that nobody knows", 'title = "An exam"', 'title = "An exam"\nsubtitle = "x"', "unknown field `subtitle`"),
    ("a word for observable", '"full"', '"yes"', "Invalid enum value 'yes'"),
    ("a statement twice", '"1.1-S1"', '"1.1-K1"', "uses the id 1.1-K1 twice"),
    ("a section as a domain", 'id = "1.1"', 'id = "d1"', "uses the id d1 twice"),
    ("weights that do not add up", "weight = 100", "weight = 99", "do not add up to 100"),
]


def test_a_map_is_parsed() -> None:
    exam = exam_map.parse(MAP, "exam.toml")
    assert [(domain.id, section.id, one.id, one.kind) for domain, section, one in exam.statements()] == [
        ("d1", "1.1", "1.1-K1", "knowledge"),
        ("d1", "1.1", "1.1-S1", "skill"),
    ]


@pytest.mark.parametrize(("old", "new", "told"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_map_is_told_in_one_line(old: str, new: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        exam_map.parse(MAP.replace(old, new), "exam.toml")
    assert str(caught.value).startswith("exam.toml ") or "of exam.toml" in str(caught.value)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
