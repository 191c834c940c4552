"""CloudTrail's event history: what people did in the last 90 days, of which nothing else may be left."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from readiness.kinds import Call, resource
from readiness.record import Record

DAYS = 90
"""How long the history of management events reaches back."""
NEWEST = 50
"""How many events of a name are read: one page, for the account may be asked twice a second only."""
OF_SERVICES = ":role/aws-service-role/"
"""In the ARN of a role that is linked to a service: nobody else can take it."""
K = TypeVar("K", bound=type[Record])


class Event(Record):
    """A management event of the history: who asked for it is not kept, nor with which parameters."""

    event_id: str
    event_name: str
    event_time: datetime.datetime
    event_source: str

    @property
    def title(self) -> str:
        """How a report names it."""
        return f"{self.event_name} on {self.event_time:%Y-%m-%d} ({self.event_source})"


def events(source: str, *names: str) -> Callable[[K], K]:
    """Declare a kind of events by the names of operations that show practice.

    They are looked up by name and never by source: the scan's own calls are in the history of their service. What
    failed does not count, nor what AWS's services did on somebody's behalf.

    Args:
        source: the service in whose history they are, as the first part of its domain.
        names: operations, of which one call each finds the newest.
    """
    attributes = [[{"AttributeKey": "EventName", "AttributeValue": name}] for name in names]
    # No end is named: it would be told in whole seconds, and leave out what happened in the second of the scan.
    window = {"StartTime": datetime.timedelta(days=DAYS)}

    def counts(event: Mapping[str, Any]) -> bool:
        return event.get("EventSource") == f"{source}.amazonaws.com" and _is_somebodys(event)

    return resource(
        "cloudtrail",
        Call(operation="LookupEvents", each={"LookupAttributes": attributes}, give=window),
        newest=NEWEST,
        where=counts,
    )


def _is_somebodys(event: Mapping[str, Any]) -> bool:
    try:
        whole = json.loads(event["CloudTrailEvent"])
        who = whole["userIdentity"]
        issuer = str(((who.get("sessionContext") or {}).get("sessionIssuer") or {}).get("arn"))
        by_service = "invokedBy" in who or who.get("type") == "AWSService" or OF_SERVICES in issuer
        return "errorCode" not in whole and not by_service
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
