"""Macie: off until somebody switches it on, classification jobs, and automated discovery.

What moto says, and what AWS does: Macie is on in every account and region, so that each seems to look for sensitive
data. It is off, and whatever is asked of it is refused, until it is enabled.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import After, Call, Coded, Elsewhere, Handler, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.files import files
from readiness.emulator.resources import Resource, listed

SERVICE = "macie2"
CLOSED = ("CANCELLED", "COMPLETE")
"""A job of this status does not change any more."""


def _session(call: Call) -> Item:
    """Macie's session here.

    Raises:
        Coded: there is none.
    """
    found = call.table("Session").get("session")
    if found is None:
        raise Coded("AccessDeniedException", "Macie is not enabled.")
    return found


def _enable(call: Call) -> None:
    """It is enabled once; moto remembers."""
    if "session" in call.table("Session"):
        raise Coded("ConflictException", "Macie has already been enabled.")
    raise Elsewhere


def _enabled(call: Call) -> None:
    """Automated discovery is another thing to be switched on."""
    now = utcnow()
    call.table("Session")["session"] = {
        "createdAt": now,
        "updatedAt": now,
        "findingPublishingFrequency": call.parameters.get("findingPublishingFrequency", "FIFTEEN_MINUTES"),
        "status": call.parameters.get("status", "ENABLED"),
        "serviceRole": call.arn(
            "role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie", service="iam", regional=False
        ),
    }


def _update(call: Call) -> None:
    """Macie is paused, or publishes at another pace."""
    session = _session(call)
    session |= {**call.parameters, "updatedAt": utcnow()}


def _disable(call: Call) -> None:
    """Everything that it knows goes with it; moto's part is moto's to forget."""
    _session(call)
    for noun in ("Session", "ClassificationJob", "Discovery"):
        call.table(noun).clear()
    raise Elsewhere


def _started(call: Call, item: Item) -> None:
    """A job that runs once is done; one that is scheduled waits for its next turn, unless it begins at once."""
    _session(call)
    definition = item["s3JobDefinition"]
    if ("bucketDefinitions" in definition) == ("bucketCriteria" in definition):
        raise Invalid("A job needs either bucketDefinitions or bucketCriteria.")
    once = item["jobType"] == "ONE_TIME"
    if once == ("scheduleFrequency" in item):
        raise Invalid("A job needs a schedule if, and only if, it is scheduled.")
    named = [
        bucket
        for one in definition.get("bucketDefinitions", [])
        if one["accountId"] == call.account
        for bucket in one["buckets"]
    ]
    found = {bucket: files(call, f"s3://{bucket}/") for bucket in named}
    ran = once or item.get("initialRun", False)
    objects = float(sum(len(held or ()) for held in found.values()))
    item |= {
        "jobArn": call.arn(f"classification-job/{item['jobId']}"),
        "createdAt": utcnow(),
        "jobStatus": "COMPLETE" if once else "IDLE",
        "lastRunErrorStatus": {"code": "ERROR" if ran and None in found.values() else "NONE"},
        "statistics": {"approximateNumberOfObjectsToProcess": objects, "numberOfRuns": float(ran)},
    }
    item.setdefault("samplingPercentage", 100)
    item.setdefault("managedDataIdentifierSelector", "RECOMMENDED")
    if ran:
        item["lastRunTime"] = item["createdAt"]
    item |= {name: definition[name] for name in ("bucketDefinitions", "bucketCriteria") if name in definition}


JOBS = Resource(SERVICE, "ClassificationJob", "jobId", identity=lambda: uuid.uuid4().hex, created=_started)


def _needed(handler: Handler) -> Handler:
    """What is answered only where Macie is on."""

    def answer(call: Call) -> Item | None:
        _session(call)
        return handler(call)

    return answer


def _list_jobs(call: Call) -> Item:
    """Those that the criteria take in, and do not leave out."""
    criteria = call.parameters.get("filterCriteria", {})
    found = [
        item
        for item in JOBS.items(call).values()
        if all(_is(item, one) for one in criteria.get("includes", []))
        and not any(_is(item, one) for one in criteria.get("excludes", []))
    ]
    asked = {name: value for name, value in call.parameters.items() if name in ("maxResults", "nextToken")}
    if sort := call.parameters.get("sortCriteria"):
        descends = sort.get("orderBy") == "DESC"
        asked |= {"SortBy": sort.get("attributeName", "createdAt"), "SortOrder": "Descending" if descends else "Asc"}
    return listed(call, found, "jobId", asked=asked)


COMPARISONS: Mapping[str, Callable[[str, list[str]], bool]] = {
    "EQ": lambda value, wanted: value in wanted,
    "NE": lambda value, wanted: value not in wanted,
    "CONTAINS": lambda value, wanted: any(part in value for part in wanted),
    "STARTS_WITH": lambda value, wanted: value.startswith(tuple(wanted)),
    "GT": lambda value, wanted: value > wanted[0],
    "GTE": lambda value, wanted: value >= wanted[0],
    "LT": lambda value, wanted: value < wanted[0],
    "LTE": lambda value, wanted: value <= wanted[0],
}


def _is(item: Item, wanted: Item) -> bool:
    value: Any = item[wanted["key"]]
    text = value if isinstance(value, str) else f"{value.isoformat(timespec='milliseconds')}Z"
    return COMPARISONS[wanted["comparator"]](text, wanted["values"])


def _update_job(call: Call) -> None:
    """A job is cancelled, paused, or goes on."""
    item = JOBS.find(call)
    if item["jobStatus"] in CLOSED:
        raise Invalid(f"The job is {item['jobStatus']}: its status can't be changed.")
    status = call.parameters["jobStatus"]
    item["jobStatus"] = "IDLE" if status == "RUNNING" else status
    item.pop("userPausedDetails", None)
    if status == "USER_PAUSED":
        item["userPausedDetails"] = {"jobPausedAt": utcnow()}


def _discovery(call: Call) -> Item:
    """Automated discovery, off until somebody switches it on."""
    known = call.table("Discovery")
    if not known:
        known["discovery"] = {
            "status": "DISABLED",
            "autoEnableOrganizationMembers": "NONE",
            "classificationScopeId": uuid.uuid4().hex,
            "sensitivityInspectionTemplateId": uuid.uuid4().hex,
        }
    return known["discovery"]


def _discover(call: Call) -> None:
    now = utcnow()
    known = _discovery(call)
    known |= {**call.parameters, "lastUpdatedAt": now}
    if known["status"] == "ENABLED":
        known.setdefault("firstEnabledAt", now)
        known.pop("disabledAt", None)
    else:
        known["disabledAt"] = now


def _tags(call: Call) -> dict[str, str]:
    arn = call.parameters["resourceArn"]
    for item in JOBS.items(call).values():
        if item["jobArn"] == arn:
            found: dict[str, str] = item.setdefault("tags", {})
            return found
    raise Coded("ResourceNotFoundException", f"{arn} does not exist.")


def _tag(call: Call) -> None:
    _tags(call).update(call.parameters["tags"])


def _untag(call: Call) -> None:
    tags = _tags(call)
    for key in call.parameters["tagKeys"]:
        tags.pop(key, None)


ANSWERS: Mapping[str, Handler] = {
    **{name: _needed(handler) for name, handler in JOBS.handlers().items()},
    "ListClassificationJobs": _needed(_list_jobs),
    "UpdateClassificationJob": _needed(_update_job),
    "GetAutomatedDiscoveryConfiguration": _needed(_discovery),
    "UpdateAutomatedDiscoveryConfiguration": _needed(_discover),
    "ListTagsForResource": _needed(lambda call: {"tags": _tags(call)}),
    "TagResource": _needed(_tag),
    "UntagResource": _needed(_untag),
    "EnableMacie": _enable,
    "GetMacieSession": _session,
    "UpdateMacieSession": _update,
    "DisableMacie": _disable,
}
AFTER: Mapping[str, After] = {"EnableMacie": _enabled}

EXTENSION = Extension(SERVICE, ANSWERS, AFTER)
