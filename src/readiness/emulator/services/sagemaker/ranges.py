"""The ranges of hyperparameters that tuning searches."""

from __future__ import annotations

import dataclasses
import math

from readiness.emulator.call import Invalid, Item

LOGARITHMIC_FROM = 1000
"""How many times its least value a range must span for `Auto` to mean a logarithmic scale."""


@dataclasses.dataclass(frozen=True)
class Range:
    """What one hyperparameter may be.

    Attributes:
        name: the hyperparameter.
        low: the least value of a number.
        high: the greatest.
        scale: how values are spread in between.
        whole: whether the number is an integer.
        values: instead of numbers, the values to choose from.
    """

    name: str
    low: float = 0.0
    high: float = 0.0
    scale: str = "Linear"
    whole: bool = False
    values: tuple[str, ...] = ()

    def at(self, place: float) -> str:
        """The value at a place between 0 and 1."""
        if self.values:
            return self.values[min(int(place * len(self.values)), len(self.values) - 1)]
        low, high = self.low, self.high
        if self.scale == "Logarithmic":
            value = math.exp(math.log(low) + place * (math.log(high) - math.log(low)))
        elif self.scale == "ReverseLogarithmic":
            value = 1 - math.exp(math.log(1 - low) + place * (math.log(1 - high) - math.log(1 - low)))
        else:
            value = low + place * (high - low)
        value = min(max(value, low), high)
        return str(round(value)) if self.whole else repr(value)

    def place(self, text: str) -> float:
        """Where between 0 and 1 a value is."""
        if self.values:
            return (self.values.index(text) + 0.5) / len(self.values)
        value, low, high = float(text), self.low, self.high
        if self.scale == "Logarithmic":
            value, low, high = math.log(value), math.log(low), math.log(high)
        elif self.scale == "ReverseLogarithmic":
            value, low, high = -math.log(1 - value), -math.log(1 - low), -math.log(1 - high)
        return (value - low) / (high - low) if high > low else 0.5


def ranges(given: Item) -> list[Range]:
    """The ranges that a request gives.

    Raises:
        Invalid: one can't be.
    """
    found = [Range(one["Name"], values=tuple(one["Values"])) for one in given.get("CategoricalParameterRanges", [])]
    for kind in ("Integer", "Continuous"):
        found += [_number(one, whole=kind == "Integer") for one in given.get(f"{kind}ParameterRanges", [])]
    found += [_automatic(one) for one in given.get("AutoParameters", [])]
    return found


def _number(given: Item, *, whole: bool) -> Range:
    low, high = float(given["MinValue"]), float(given["MaxValue"])
    scale = given.get("ScalingType", "Auto")
    if scale == "Auto":
        scale = "Logarithmic" if low > 0 and high / low >= LOGARITHMIC_FROM else "Linear"
    if low > high:
        raise Invalid(f"The range of {given['Name']} ends before it begins.")
    if (scale == "Logarithmic" and low <= 0) or (scale == "ReverseLogarithmic" and not 0 <= low <= high < 1):
        raise Invalid(f"{scale} scaling does not fit the range of {given['Name']}.")
    return Range(given["Name"], low, high, scale, whole)


def _automatic(given: Item) -> Range:
    """A hyperparameter for which SageMaker chooses the range: around the hint that it is given."""
    name, hint = given["Name"], given["ValueHint"]
    try:
        value = float(hint)
    except ValueError:
        return Range(name, values=(hint,))
    low, high = sorted((value / 10, value * 10))
    whole = value == int(value) and "." not in hint
    return Range(name, math.ceil(low) if whole else low, high, "Linear", whole)
