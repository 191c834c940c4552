"""CloudTrail's operations that moto lacks: the event history."""

from __future__ import annotations

from typing import Any

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed

MEMBERS = {"EventId", "EventName", "ReadOnly", "EventSource", "Username", "AccessKeyId"}
"""The attributes by which events are looked up that are members of an event, too."""
MOST = 50
"""How many events an answer holds at most, and where nobody says how many."""


def _look_up(call: Call) -> Item:
    """The events of the last 90 days, newest first, by at most one attribute."""
    wanted: list[dict[str, str]] = call.parameters.get("LookupAttributes", [])
    if len(wanted) > 1:
        raise Invalid("You can only specify one lookup attribute at a time.")
    events = [event for event in reversed(call.kept.events) if all(_is(event, one) for one in wanted)]
    asked = {**call.parameters, "MaxResults": call.parameters.get("MaxResults", MOST)}
    times = {"EventTimeAfter": asked.pop("StartTime", None), "EventTimeBefore": asked.pop("EndTime", None)}
    asked |= {name: value for name, value in times.items() if value is not None}
    return listed(call, events, asked=asked)


def _is(event: dict[str, Any], wanted: dict[str, str]) -> bool:
    key, value = wanted["AttributeKey"], wanted["AttributeValue"]
    if key in MEMBERS:
        return bool(event[key] == value)
    member = {"ResourceType": "ResourceType", "ResourceName": "ResourceName"}[key]
    return any(resource.get(member) == value for resource in event["Resources"])


EXTENSION = Extension("cloudtrail", {"LookupEvents": _look_up})
