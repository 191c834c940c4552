"""CloudTrail: the event history, event data stores, and what moto says of trails corrected.

- A new trail has AWS's default selector: all management events. moto says it has none, as if it recorded nothing.
- Basic selectors take the place of advanced ones; moto keeps both. Insight selectors replace the old ones.
- Whether a trail has selectors of its own is told; moto says it never has.
- A trail whose bucket is gone tells so in its status, and one that is deleted by its ARN is deleted; not so in moto.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Elsewhere, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.pages import page
from readiness.emulator.references import uuid

SERVICE = "cloudtrail"
MEMBERS = {"EventId", "EventName", "ReadOnly", "EventSource", "Username", "AccessKeyId"}
"""The attributes by which events are looked up that are members of an event, too."""
MOST = 50
"""How many events an answer holds at most, and where nobody says how many."""
HISTORY = datetime.timedelta(days=90)
AT = "@"
"""What stands in a token between the place and the time of the first page."""
TYPES = {
    "bucket": "AWS::S3::Bucket",
    "s3BucketName": "AWS::S3::Bucket",
    "functionName": "AWS::Lambda::Function",
    "roleName": "AWS::IAM::Role",
    "roleArn": "AWS::IAM::Role",
    "executionRoleArn": "AWS::IAM::Role",
    "userName": "AWS::IAM::User",
    "policyArn": "AWS::IAM::Policy",
    "keyId": "AWS::KMS::Key",
    "topicArn": "AWS::SNS::Topic",
    "stackName": "AWS::CloudFormation::Stack",
    "trailName": "AWS::CloudTrail::Trail",
}
"""Parameters of requests -> the type of the resource that they name."""
EVERYTHING = {"ReadWriteType": "All", "IncludeManagementEvents": True}
"""The selector of a trail for which nobody chose one."""
MANAGEMENT = [
    {
        "Name": "Default management events",
        "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
    }
]
"""Those of an event data store for which nobody chose any."""
RETENTION = {"EXTENDABLE_RETENTION_PRICING": 366, "FIXED_RETENTION_PRICING": 2557}
"""Days that are kept where nobody says how many, by the way of paying."""


def _look_up(call: Call) -> Item:
    """The events of the last 90 days, newest first, by at most one attribute."""
    wanted: list[dict[str, str]] = call.parameters.get("LookupAttributes", [])
    if len(wanted) > 1:
        raise Coded("InvalidLookupAttributesException", "You can only specify one lookup attribute at a time.")
    start, end = call.parameters.get("StartTime"), call.parameters.get("EndTime")
    if start and end and start > end:
        raise Coded("InvalidTimeRangeException", "The start time must not be after the end time.")
    # What is asked for while somebody reads page after page must not move the pages.
    token, _, anchor = call.parameters.get("NextToken", "").rpartition(AT)
    try:
        now = datetime.datetime.fromisoformat(anchor) if anchor else utcnow()
    except ValueError as wrong:
        raise Coded("InvalidNextTokenException", "The token is not valid.") from wrong
    # Events of Insights are another category, of which a trail without them has none.
    kept = [] if "EventCategory" in call.parameters else list(call.kept.events)
    events = [
        {**event, "Resources": _resources(event)}
        for event in kept
        if now - HISTORY <= event["EventTime"] <= now
        and _within(event, start, end)
        and all(_is(event, one) for one in wanted)
    ]
    events.sort(key=lambda event: event["EventTime"], reverse=True)
    asked = {**call.parameters, "NextToken": token}
    found = page(dataclasses.replace(call, parameters=asked), events, most=MOST)
    if "NextToken" in found:
        found["NextToken"] += f"{AT}{now.isoformat()}"
    return found


def _within(event: Item, start: datetime.datetime | None, end: datetime.datetime | None) -> bool:
    moment = event["EventTime"].replace(tzinfo=datetime.UTC)
    return (start is None or moment >= _utc(start)) and (end is None or moment <= _utc(end))


def _utc(moment: datetime.datetime) -> datetime.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _is(event: dict[str, Any], wanted: dict[str, str]) -> bool:
    key, value = wanted["AttributeKey"], wanted["AttributeValue"]
    if key in MEMBERS:
        return bool(event[key] == value)
    return any(resource.get(key) == value for resource in _resources(event))


def _resources(event: dict[str, Any]) -> list[dict[str, str]]:
    """What a request names, by its parameters."""
    given = json.loads(event["CloudTrailEvent"]).get("requestParameters") or {}
    return [
        {"ResourceName": value, **({"ResourceType": TYPES[name]} if name in TYPES else {})}
        for name, value in given.items()
        if isinstance(value, str) and name.endswith(("name", "Name", "Arn", "Id", "bucket"))
    ]


def _trail(call: Call, name: str) -> Any:
    """Moto's trail of a name or an ARN, wherever its home is."""
    trails = call.backend(SERVICE).describe_trails(include_shadow_trails=True)
    found = next((trail for trail in trails if name in (trail.trail_name, trail.arn)), None)
    if found is None:
        raise Coded("TrailNotFoundException", f"Unknown trail: {name} for the user: {call.account}")
    return found


def _told(trail: Any) -> Item:
    """A trail as AWS describes it."""
    told = trail.description(include_region=True)
    told["HasCustomEventSelectors"] = bool(trail.event_selectors or trail.advanced_event_selectors)
    told["HasInsightSelectors"] = bool(trail.insight_selectors)
    return {name: value for name, value in told.items() if value not in (None, "")}


def _describe(call: Call) -> Item:
    shadows = call.parameters.get("includeShadowTrails", True)
    names = call.parameters.get("trailNameList")
    trails = call.backend(SERVICE).describe_trails(include_shadow_trails=shadows)
    wanted = [trail for trail in trails if not names or trail.trail_name in names or trail.arn in names]
    return {"trailList": [_told(trail) for trail in wanted]}


def _get(call: Call) -> Item:
    return {"Trail": _told(_trail(call, call.parameters["Name"]))}


def _create(call: Call) -> Item:
    name = call.parameters["Name"]
    if name in call.backend(SERVICE).trails:
        raise Coded("TrailAlreadyExistsException", f"Trail {name} already exists for customer: {call.account}")
    raise Elsewhere


def _delete(call: Call) -> None:
    trail = _trail(call, call.parameters["Name"])
    if trail.region_name != call.region:
        raise Coded("InvalidHomeRegionException", f"The home Region of the trail is {trail.region_name}.")
    del call.backend(SERVICE).trails[trail.trail_name]


def _status(call: Call) -> Item:
    trail = _trail(call, call.parameters["Name"])
    told = trail.status.description()
    moments = {"StartLoggingTime": trail.status.started, "StopLoggingTime": trail.status.stopped}
    told |= {name: moment for name, moment in moments.items() if moment is not None}
    if "LatestDeliveryTime" in told:
        told["LatestDeliveryTime"] = utcnow() if trail.status.is_logging else trail.status.stopped
    if trail.status.is_logging and trail.bucket_name not in call.backend("s3").buckets:
        told["LatestDeliveryError"] = "NoSuchBucket"
    return {name: value for name, value in told.items() if value is not None}


def _selectors(call: Call) -> Item:
    trail = _trail(call, call.parameters["TrailName"])
    if trail.advanced_event_selectors:
        return {"TrailARN": trail.arn, "AdvancedEventSelectors": trail.advanced_event_selectors}
    return {"TrailARN": trail.arn, "EventSelectors": trail.event_selectors or [EVERYTHING]}


def _put_selectors(call: Call) -> Item:
    trail = _trail(call, call.parameters["TrailName"])
    basic = call.parameters.get("EventSelectors", [])
    advanced = call.parameters.get("AdvancedEventSelectors", [])
    if bool(basic) == bool(advanced):
        raise Coded("InvalidEventSelectorsException", "Either event selectors or advanced ones must be given.")
    trail.event_selectors = [{**EVERYTHING, **one} for one in basic]
    trail.advanced_event_selectors = advanced
    return _selectors(call)


def _insights(call: Call) -> Item:
    trail = _trail(call, call.parameters.get("TrailName", ""))
    if not trail.insight_selectors:
        raise Coded("InsightNotEnabledException", f"Insights are not enabled on the trail {trail.arn}.")
    return {"TrailARN": trail.arn, "InsightSelectors": trail.insight_selectors}


def _put_insights(call: Call) -> Item:
    trail = _trail(call, call.parameters.get("TrailName", ""))
    trail.insight_selectors = call.parameters["InsightSelectors"]
    return {"TrailARN": trail.arn, "InsightSelectors": trail.insight_selectors}


def _stores(call: Call) -> dict[str, Item]:
    return call.table("EventDataStore")


def _store(call: Call) -> Item:
    wanted = call.parameters["EventDataStore"]
    for store in _stores(call).values():
        if wanted in (store["EventDataStoreArn"], store["EventDataStoreArn"].rpartition("/")[2]):
            return store
    raise NotFound(f"The event data store {wanted} does not exist.")


def _create_store(call: Call) -> Item:
    """A store that takes in events at once, of every Region, and that is protected, unless it is said otherwise."""
    asked = call.parameters
    if any(one["Name"] == asked["Name"] and one["Status"] != "PENDING_DELETION" for one in _stores(call).values()):
        message = f"An event data store {asked['Name']} already exists."
        raise Coded("EventDataStoreAlreadyExistsException", message)
    billing = asked.get("BillingMode", "EXTENDABLE_RETENTION_PRICING")
    now = utcnow()
    store = {
        "EventDataStoreArn": call.arn(f"eventdatastore/{uuid()}"),
        "MultiRegionEnabled": True,
        "OrganizationEnabled": False,
        "RetentionPeriod": RETENTION[billing],
        "TerminationProtectionEnabled": True,
        "AdvancedEventSelectors": MANAGEMENT,
        "BillingMode": billing,
        **{name: value for name, value in asked.items() if name not in ("StartIngestion", "TagsList")},
        "Status": "ENABLED" if asked.get("StartIngestion", True) else "STOPPED_INGESTION",
        "CreatedTimestamp": now,
        "UpdatedTimestamp": now,
    }
    _stores(call)[store["EventDataStoreArn"]] = store
    tags = asked.get("TagsList", [])
    call.backend(SERVICE).tagging_service.tag_resource(store["EventDataStoreArn"], tags)
    return {**store, "TagsList": tags}


def _list_stores(call: Call) -> Item:
    return page(call, _stores(call).values(), most=1000)


def _update_store(call: Call) -> Item:
    store = _active(call)
    store |= {name: value for name, value in call.parameters.items() if name != "EventDataStore"}
    store["UpdatedTimestamp"] = utcnow()
    return store


def _active(call: Call) -> Item:
    store = _store(call)
    if store["Status"] == "PENDING_DELETION":
        raise Coded("InactiveEventDataStoreException", "The event data store is pending deletion.")
    return store


def _delete_store(call: Call) -> None:
    """A store that is deleted can be seen, and restored, for a week."""
    store = _active(call)
    if store["TerminationProtectionEnabled"]:
        message = "The event data store has termination protection enabled."
        raise Coded("EventDataStoreTerminationProtectedException", message)
    store |= {"Status": "PENDING_DELETION", "UpdatedTimestamp": utcnow()}


def _becomes(status: str, *before: str) -> Any:
    """What changes the status of a store, if it is one of those."""

    def change(call: Call) -> Item:
        store = _store(call)
        if store["Status"] not in before:
            raise Coded("InvalidEventDataStoreStatusException", f"The event data store is {store['Status']}.")
        store |= {"Status": status, "UpdatedTimestamp": utcnow()}
        return store

    return change


EXTENSION = Extension(
    SERVICE,
    {
        "CreateEventDataStore": _create_store,
        "CreateTrail": _create,
        "DeleteEventDataStore": _delete_store,
        "DeleteTrail": _delete,
        "DescribeTrails": _describe,
        "GetEventDataStore": _store,
        "GetEventSelectors": _selectors,
        "GetInsightSelectors": _insights,
        "GetTrail": _get,
        "GetTrailStatus": _status,
        "ListEventDataStores": _list_stores,
        "LookupEvents": _look_up,
        "PutEventSelectors": _put_selectors,
        "PutInsightSelectors": _put_insights,
        "RestoreEventDataStore": _becomes("ENABLED", "PENDING_DELETION"),
        "StartEventDataStoreIngestion": _becomes("ENABLED", "STOPPED_INGESTION"),
        "StopEventDataStoreIngestion": _becomes("STOPPED_INGESTION", "ENABLED"),
        "UpdateEventDataStore": _update_store,
    },
)
