"""EventBridge: rules that somebody made, on all event buses, and their targets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

SERVICE_RULES = ("AutoScalingManagedRule", "StepFunctionsGetEventsFor")
"""How the names of rules begin that services make for themselves."""


def _made_by_hand(rule: Mapping[str, Any]) -> bool:
    return not rule.get("ManagedBy") and not str(rule.get("Name", "")).startswith(SERVICE_RULES)


@resource("events", Call(operation="ListEventBuses", give={"Limit": 100}, take="EventBuses[]"))
class EventBus(Record):
    """An event bus; every account has one that is called default."""

    name: str = ""


@resource("events", Call(operation="ListRules", by={"EventBusName": "Name"}), per=EventBus, where=_made_by_hand)
class Rule(Record):
    """A rule on events or on a schedule; those that services manage are left out."""

    event_bus_name: str = ""
    name: str = ""
    arn: str = ""
    state: Enumerated = ""
    event_pattern: str | None = None
    schedule_expression: str | None = None

    @property
    def enabled(self) -> bool:
        """Whether it reacts at the moment."""
        return self.state.startswith("ENABLED")

    @property
    def pattern(self) -> dict[str, Any]:
        """The event pattern, empty where there is none or where it can't be read."""
        try:
            parsed = json.loads(self.event_pattern or "{}")
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}


@resource("events", Call(operation="ListTargetsByRule", by={"Rule": "Name", "EventBusName": "EventBusName"}), per=Rule)
class RuleTarget(Record):
    """What a rule starts or tells; what it passes on is not kept."""

    rule: str
    event_bus_name: str
    id: str
    arn: str
