"""Alarms: composite ones, and states that follow from the data.

A new alarm of moto's is OK although nobody looked; AWS says INSUFFICIENT_DATA until there is data. Here the alarms are
evaluated whenever they are asked for; a state that somebody set stays until there is newer data.
"""

from __future__ import annotations

import datetime
import operator
import re
from collections.abc import Callable
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Elsewhere, Item
from readiness.emulator.door import Extension

SERVICE = "cloudwatch"
UNCHECKED = "Unchecked: Initial alarm creation"
NO_DATA = "INSUFFICIENT_DATA"
BREACHES: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Average": lambda values: sum(values) / len(values),
    "Maximum": max,
    "Minimum": min,
    "SampleCount": len,
    "Sum": sum,
}
WORD = re.compile(
    r'\s*(AND|OR|NOT|TRUE|FALSE|\(|\)|(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"[^"]+"|[^)\s]+)\s*\))', re.I
)


def _unchecked(call: Call) -> None:
    """Nobody has looked yet."""
    alarm = call.backend(SERVICE).alarms[call.parameters["AlarmName"]]
    alarm.state_value = NO_DATA


def _put_composite(call: Call) -> None:
    """An alarm on the states of others, which must be there."""
    asked, backend = call.parameters, call.backend(SERVICE)
    _Rule(backend.alarms, asked["AlarmRule"]).holds()
    plain = dict.fromkeys(
        ("namespace", "metric_name", "comparison_operator", "evaluation_periods", "period", "threshold", "statistic")
    )
    backend.put_metric_alarm(
        **plain,
        name=asked["AlarmName"],
        rule=asked["AlarmRule"],
        description=asked.get("AlarmDescription"),
        dimensions=[],
        actions_enabled=asked.get("ActionsEnabled", True),
        alarm_actions=asked.get("AlarmActions", []),
        ok_actions=asked.get("OKActions", []),
        insufficient_data_actions=asked.get("InsufficientDataActions", []),
        tags=asked.get("Tags", []),
    )
    _unchecked(call)


def _look(call: Call) -> Item:
    """Evaluate all alarms, those on the states of others last."""
    backend = call.backend(SERVICE)
    for alarm in sorted(backend.alarms.values(), key=lambda one: one.rule is not None):
        if alarm.rule is not None:
            state: str | None = "ALARM" if _Rule(backend.alarms, alarm.rule).holds(missing=False) else "OK"
        else:
            state = _state(alarm, backend.metric_data)
        if state and state != alarm.state_value:
            alarm.update_state("Evaluated", "{}", state)
    raise Elsewhere


def _state(alarm: Any, data: list[Any]) -> str | None:
    """What the newest data make of an alarm on one metric; nothing where there is none that is newer than its state."""
    statistic = STATISTICS.get(alarm.statistic)
    breaches = BREACHES.get(alarm.comparison_operator)
    if not (alarm.metric_name and statistic and breaches):
        return None
    dimensions = [{"Name": one.name, "Value": one.value} for one in alarm.dimensions]
    period = datetime.timedelta(seconds=int(alarm.period))
    count = int(alarm.evaluation_periods)
    now = utcnow()
    newest: dict[int, list[float]] = {}
    fresh = alarm.state_reason == UNCHECKED
    for datum in data:
        age = now - datum.timestamp.replace(tzinfo=None)
        place = age // period
        if (
            0 <= place < count
            and datum.filter(alarm.namespace, alarm.metric_name, dimensions)
            and hasattr(datum, "value")
        ):
            newest.setdefault(place, []).append(datum.value)
            fresh = fresh or datum.timestamp.replace(tzinfo=None) > alarm.state_updated_timestamp
    if not fresh:
        return None
    treated = alarm.treat_missing_data or "missing"
    wrong = sum(breaches(statistic(values), float(alarm.threshold)) for values in newest.values())
    if treated == "breaching":
        wrong += count - len(newest)
    if not newest and treated in ("missing", "ignore"):
        return None
    return "ALARM" if wrong >= int(alarm.datapoints_to_alarm or count) else "OK"


class _Rule:
    """The rule of a composite alarm: states of alarms, joined by AND, OR, NOT and parentheses."""

    def __init__(self, alarms: dict[str, Any], text: str) -> None:
        self._alarms = alarms
        self._words: list[str] = []
        place = 0
        while text[place:].strip():
            found = WORD.match(text, place)
            if found is None:
                raise _wrong(f"AlarmRule can not be read from: {text[place:]}")
            self._words.append(found[1])
            place = found.end()

    def holds(self, *, missing: bool = True) -> bool:
        """Whether it is true now.

        Args:
            missing: whether an alarm that is not there is an error; else it has no data.
        """
        words = list(reversed(self._words))
        value = self._any(words, missing)
        if words:
            raise _wrong("AlarmRule does not end where it should.")
        return value

    def _any(self, words: list[str], missing: bool) -> bool:
        value = self._all(words, missing)
        while words and words[-1].upper() == "OR":
            words.pop()
            value = self._all(words, missing) or value
        return value

    def _all(self, words: list[str], missing: bool) -> bool:
        value = self._one(words, missing)
        while words and words[-1].upper() == "AND":
            words.pop()
            value = self._one(words, missing) and value
        return value

    def _one(self, words: list[str], missing: bool) -> bool:
        if not words:
            raise _wrong("AlarmRule ends too early.")
        word = words.pop()
        if word.upper() == "NOT":
            return not self._one(words, missing)
        if word == "(":
            value = self._any(words, missing)
            if not words or words.pop() != ")":
                raise _wrong("AlarmRule has a parenthesis that is not closed.")
            return value
        if word.upper() in ("TRUE", "FALSE"):
            return word.upper() == "TRUE"
        state, _, name = word.rstrip(") ").partition("(")
        wanted = name.strip().strip('"').rpartition(":alarm:")[2]
        if wanted not in self._alarms:
            if missing:
                raise _wrong(f"AlarmRule names an alarm that does not exist: {wanted}")
            return state.strip().upper() == NO_DATA
        return bool(self._alarms[wanted].state_value == state.strip().upper())


def _wrong(message: str) -> Coded:
    return Coded("ValidationError", message)


EXTENSION = Extension(
    SERVICE,
    {"PutCompositeAlarm": _put_composite, "DescribeAlarms": _look},
    after={"PutMetricAlarm": _unchecked},
)
