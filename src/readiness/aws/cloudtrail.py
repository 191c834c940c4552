"""CloudTrail: trails, whether they log, and what they record."""

from __future__ import annotations

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource("cloudtrail", Call(operation="DescribeTrails", take="trailList[]"))
class Trail(Record):
    """A trail; one of several Regions shows in each of them, and one of the organization in each member."""

    name: str
    trail_arn: str = msgspec.field(name="TrailARN")
    home_region: str | None = None
    is_multi_region_trail: bool = False
    is_organization_trail: bool = False


@resource("cloudtrail", Call(operation="GetTrailStatus", by={"Name": "TrailARN"}), per=Trail)
class TrailStatus(Record):
    """Whether a trail logs, and what kept its last delivery from its bucket; `name` is the trail's ARN."""

    name: str
    is_logging: bool = False
    latest_delivery_error: str | None = None


class EventSelector(Record):
    """Which events a trail records: ReadWriteType is ReadOnly, WriteOnly or All."""

    read_write_type: Enumerated = "All"
    include_management_events: bool = True


class FieldSelector(Record):
    """A test of an advanced selector."""

    field: str
    equals: list[str] = []


class AdvancedSelector(Record):
    """Tests that an event must meet together."""

    field_selectors: list[FieldSelector] = []


@resource("cloudtrail", Call(operation="GetEventSelectors", by={"TrailName": "TrailARN"}), per=Trail)
class TrailEvents(Record):
    """What a trail records; no selectors at all mean the default, which is all management events."""

    trail_name: str
    event_selectors: list[EventSelector] = []
    advanced_event_selectors: list[AdvancedSelector] = []
