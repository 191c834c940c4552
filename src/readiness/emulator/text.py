"""What can be told of a text without a model: patterns of personal data, words that please or don't, its language."""

from __future__ import annotations

import re
from collections.abc import Iterator

PATTERNS: dict[str, re.Pattern[str]] = {
    "EMAIL": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "URL": re.compile(r"https?://\S+"),
    "SSN": re.compile(r"\b\d{3}-\d{2}-\d{4}\b"),
    "CREDIT_DEBIT_NUMBER": re.compile(r"\b\d{4}(?:[ -]?\d{4}){3}\b"),
    "IP_ADDRESS": re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    "DATE_TIME": re.compile(r"\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2,4})\b"),
    "PHONE": re.compile(r"(?<![\w-])(?:\+\d{1,3}[ -]?)?(?:\(\d{3}\) ?|\d{3}[ -])\d{3}[ -]\d{4}\b"),
    "AGE": re.compile(r"\b\d{1,3}(?=[ -]years?[ -]old\b)"),
    "NAME": re.compile(r"(?:(?<=Mr\. )|(?<=Ms\. )|(?<=Mrs\. )|(?<=Dr\. )|(?<=name is ))[A-Z]\w+(?: [A-Z]\w+)*"),
}
"""Types of personal data, as Comprehend calls them; of what overlaps the first counts."""


def _set(told: str) -> frozenset[str]:
    return frozenset(told.split())


PLEASED = _set("good great excellent love loves loved happy best wonderful amazing perfect thanks like nice")
DISPLEASED = _set("bad terrible awful hate hates hated sad worst poor broken angry slow disappointed never")
STOP_WORDS: dict[str, frozenset[str]] = {
    "en": _set("the and is to of in that it you for was with are this have not"),
    "de": _set("der die das und ist nicht ich zu ein eine mit den von es sie auf"),
    "fr": _set("le la les et est un une de des que je pas vous dans pour ce"),
    "es": _set("el los las y es un una de que no en por para con se del"),
    "it": _set("il lo gli e di che un una non per sono con della questo mi si"),
    "pt": _set("o os as e de que um uma não para com do da em se por"),
}


def words(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return re.findall(r"\w+", text.lower())


def personal(text: str) -> Iterator[tuple[str, int, int]]:
    """The personal data in a text: its type, where it begins and where it ends."""
    taken: list[tuple[str, int, int]] = []
    for kind, pattern in PATTERNS.items():
        for match in pattern.finditer(text):
            begin, end = match.span()
            if all(end <= other[1] or begin >= other[2] for other in taken):
                taken.append((kind, begin, end))
    yield from sorted(taken, key=lambda found: found[1])


def sentiment(text: str) -> dict[str, float]:
    """How far a text is positive, negative, neutral and mixed; all of it is 1."""
    said = words(text)
    good = sum(word in PLEASED for word in said)
    bad = sum(word in DISPLEASED for word in said)
    weights = {"Positive": 4.0 * good, "Negative": 4.0 * bad, "Neutral": 1.0, "Mixed": 8.0 * min(good, bad)}
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def languages(text: str) -> dict[str, float]:
    """The languages that a text may be in, the likeliest first; English where nothing tells."""
    said = words(text)
    counts = {code: sum(word in known for word in said) for code, known in STOP_WORDS.items()}
    found = {code: count for code, count in counts.items() if count} or {"en": 1}
    total = sum(found.values())
    return {code: found[code] / total for code in sorted(found, key=lambda code: -found[code])}
