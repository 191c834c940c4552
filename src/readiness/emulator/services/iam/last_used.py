"""When roles and services were last used, as the history of the calls tells.

moto notes that a role was used by who assumed it, but not in which Region, and not what services did under a role that
they were given. AWS counts the calls of both.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto.core.utils import utcnow

from readiness.emulator.call import KEPT, Call, Elsewhere, Item, NotFound, model_of
from readiness.emulator.door import Extension
from readiness.emulator.evaluation import Policy, identity_policies, listed
from readiness.emulator.history import is_read
from readiness.emulator.pages import page
from readiness.emulator.references import uuid
from readiness.emulator.routing import SIGNED_AS

SERVICE = "iam"
PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}
"""The source of an event -> the prefix of IAM's actions, where the two differ."""
ROLE = re.compile(r"arn:[\w-]+:iam::\d+:role/[^\"\\]+")
TRACKED = datetime.timedelta(days=400)


def events(account: str) -> Iterator[Item]:
    """All calls of an account in all Regions."""
    for kept in list(KEPT[account].values()):
        yield from kept.events


def _told(event: Item) -> Item:
    told: Item = json.loads(event["CloudTrailEvent"])
    return told


def note_roles(call: Call) -> None:
    """Let moto's roles know when they were last used, and where."""
    roles = {role.arn: role for role in call.backend(SERVICE).roles.values()}
    names = {role.name: role for role in roles.values()}
    for event in events(call.account):
        text: str = event["CloudTrailEvent"]
        used = []
        if ":assumed-role/" in text:
            name = _told(event)["userIdentity"]["arn"].partition(":assumed-role/")[2].partition("/")[0]
            used.append(names.get(name))
        if event["EventSource"] not in ("iam.amazonaws.com", "sts.amazonaws.com") and not is_read(event["EventName"]):
            used += [roles.get(arn) for arn in ROLE.findall(text) if not _told(event).get("errorCode")]
        for role in used:
            if role is not None and (role.last_used_region is None or event["EventTime"] >= role.last_used):
                role.last_used, role.last_used_region = event["EventTime"], _told(event)["awsRegion"]


def _note(call: Call) -> Item:
    note_roles(call)
    raise Elsewhere


def _generate(call: Call) -> Item:
    """A job that is done at once, on what is known now."""
    arn, now = call.parameters["Arn"], utcnow()
    entities = _entities(call, arn)
    granularity = call.parameters.get("Granularity", "SERVICE_LEVEL")
    job = {
        "JobId": uuid(),
        "JobStatus": "COMPLETED",
        "JobType": granularity,
        "JobCreationDate": now,
        "JobCompletionDate": now,
        "services": _services(call, arn, entities, by_action=granularity == "ACTION_LEVEL"),
        "entities": entities,
    }
    call.table("ServiceLastAccessed")[job["JobId"]] = job
    return {"JobId": job["JobId"]}


def _entities(call: Call, arn: str) -> list[Any]:
    """Who makes calls under what the ARN names: itself, or those in a group, or to whom a policy is attached."""
    iam = call.backend(SERVICE)
    everyone = [*iam.users.values(), *iam.roles.values()]
    if ":policy/" in arn:
        if arn not in iam.managed_policies:
            raise NotFound(f"Policy {arn} was not found.")
        return [one for one in everyone if arn in one.managed_policies]
    for group in iam.groups.values():
        if group.arn == arn:
            return list(group.users)
    found = [one for one in everyone if one.arn == arn]
    if not found:
        raise NotFound(f"ARN {arn} does not exist.")
    return found


def _services(call: Call, arn: str, entities: list[Any], *, by_action: bool) -> list[Item]:
    """The services that the policies allow, each with the last call to it."""
    used: dict[str, list[tuple[Item, Any]]] = {}
    callers = {one.arn: one for one in entities}
    sessions = {f":assumed-role/{one.name}/": one for one in entities if ":role/" in one.arn}
    known: set[str] = set()
    now = utcnow()
    for event in events(call.account):
        prefix = _prefix(event)
        known.add(prefix)
        who = _told(event)["userIdentity"]["arn"]
        caller = callers.get(who) or next((one for part, one in sessions.items() if part in who), None)
        if caller is not None and now - event["EventTime"] < TRACKED:
            used.setdefault(prefix, []).append((event, caller))
    allowed = _allowed(call, arn, known) | {*used}
    return [_accessed(prefix, used.get(prefix, []), by_action=by_action) for prefix in sorted(allowed)]


def _prefix(event: Item) -> str:
    source = str(event["EventSource"]).removesuffix(".amazonaws.com")
    return PREFIXES.get(source, source)


def _allowed(call: Call, arn: str, known: set[str]) -> set[str]:
    """The services of which a policy allows anything; of a `*`, those that anybody has called here."""
    iam = call.backend(SERVICE)
    if ":policy/" in arn:
        documents = [version.document for version in iam.managed_policies[arn].versions if version.is_default]
        policies = [Policy("", "", document) for document in documents]
    else:
        policies, _ = identity_policies(iam, arn)
    found: set[str] = set()
    for statement in (one for policy in policies for one in policy.statements if one["Effect"] == "Allow"):
        for action in listed(statement.get("Action")):
            prefix = action.partition(":")[0].lower()
            found |= known if "*" in prefix else {prefix}
        if "NotAction" in statement:
            found |= known
    return found


def _accessed(prefix: str, calls: list[tuple[Item, Any]], *, by_action: bool) -> Item:
    item: Item = {"ServiceName": _full_name(prefix), "ServiceNamespace": prefix, "TotalAuthenticatedEntities": 0}
    if calls:
        event, caller = max(calls, key=lambda one: one[0]["EventTime"])
        item |= {
            "LastAuthenticated": event["EventTime"],
            "LastAuthenticatedEntity": caller.arn,
            "LastAuthenticatedRegion": _told(event)["awsRegion"],
            "TotalAuthenticatedEntities": len({one.arn for _, one in calls}),
        }
        if by_action:
            newest = {event["EventName"]: (event, caller) for event, caller in calls}
            item["TrackedActionsLastAccessed"] = [
                {
                    "ActionName": name,
                    "LastAccessedEntity": caller.arn,
                    "LastAccessedTime": event["EventTime"],
                    "LastAccessedRegion": _told(event)["awsRegion"],
                }
                for name, (event, caller) in newest.items()
            ]
    return item


def _full_name(prefix: str) -> str:
    """What AWS calls a service in words, where its prefix tells which it is."""
    signed = {value: key for key, value in PREFIXES.items()}.get(prefix, prefix)
    for service in (signed, *SIGNED_AS.get(signed, ())):
        with contextlib.suppress(UnknownServiceError):
            return str(model_of(service).metadata["serviceFullName"])
    return prefix


def _job(call: Call) -> Item:
    found = call.table("ServiceLastAccessed").get(call.parameters["JobId"])
    if found is None:
        raise NotFound(f"The job {call.parameters['JobId']} does not exist.")
    return found


def _page(call: Call, items: list[Item], result: str) -> Item:
    found = page(call, items, result=result)
    return {**found, "IsTruncated": "Marker" in found}


def _details(call: Call) -> Item:
    job = _job(call)
    return {**job, **_page(call, job["services"], "ServicesLastAccessed")}


def _by_entity(call: Call) -> Item:
    """Who could use a service, and when each last did."""
    job, wanted = _job(call), call.parameters["ServiceNamespace"]
    found = []
    for one in job["entities"]:
        sort = one.arn.split(":", 5)[5].partition("/")[0]
        info = {"Arn": one.arn, "Name": one.name, "Type": sort.upper(), "Id": one.id, "Path": one.path}
        services = {each["ServiceNamespace"]: each for each in _services(call, one.arn, [one], by_action=False)}
        last = services.get(wanted, {}).get("LastAuthenticated")
        found.append({"EntityInfo": info, **({"LastAuthenticated": last} if last else {})})
    return {**job, **_page(call, found, "EntityDetailsList")}


EXTENSION = Extension(
    SERVICE,
    {
        "GetRole": _note,
        "GetAccountAuthorizationDetails": _note,
        "GenerateServiceLastAccessedDetails": _generate,
        "GetServiceLastAccessedDetails": _details,
        "GetServiceLastAccessedDetailsWithEntities": _by_entity,
    },
)
