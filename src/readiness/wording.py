"""Scores in words: the same in the terminal and in every report, and never better than they are."""

from __future__ import annotations

import math

from readiness.results import Score


def points(value: float, up: bool = False) -> str:
    """A score to one decimal, rounded so that 'at least' and 'up to' stay true; what is not 0 never reads 0."""
    for digits in (1, 2):
        scaled = round(value * 10**digits, 6)
        rounded = math.ceil(scaled) if up else math.floor(scaled)
        if rounded:
            return f"{rounded / 10**digits:.{digits}f}".removesuffix(".0")
    return "less than 0.01" if value > 0 else "0"


def is_open(score: Score) -> bool:
    """Whether the ends of the score differ."""
    return score.high > score.low


def in_words(score: Score) -> str:
    """The interval of a score as a person says it."""
    if not is_open(score):
        return points(score.low)
    return f"at least {points(score.low)}, up to {points(score.high, up=True)}"


def in_short(score: Score) -> str:
    """The interval of a score where there is little room."""
    low = points(score.low)
    if not is_open(score):
        return low
    return f"{low} \N{EN DASH} {points(score.high, up=True)}"


def percent(share: float) -> str:
    """A share of 1 as percent; 100 and 0 are only said of all and nothing."""
    whole = math.floor(round(share * 100, 6))
    return "under 1 %" if share > 0 and not whole else f"{whole} %"
