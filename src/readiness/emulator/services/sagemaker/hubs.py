"""Hubs of the account, what is in them, and references to models of AWS's public hub.

AWS's own hub is listed beside those of the account, as AWS does; what it holds is not known here.
"""

from __future__ import annotations

import dataclasses
import datetime

from readiness.emulator.call import Call, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.resources import Resource, listed
from readiness.emulator.services.sagemaker.kinds import PLACE, SERVICE, Nested

PUBLIC = "SageMakerPublicHub"
SINCE = datetime.datetime(2022, 11, 30, tzinfo=datetime.UTC)
"""When the public hub was there."""
FIRST = "1.0.0"
"""The version of a content whose import names none."""
REFERENCE = "ModelReference"

HUBS = Resource(SERVICE, "Hub", "HubName", "hub/{}", status=("HubStatus", "InService"))


def _public(call: Call) -> Item:
    return {
        "HubName": PUBLIC,
        "HubArn": f"arn:{call.partition}:sagemaker:{call.region}:aws:hub/{PUBLIC}",
        "HubStatus": "InService",
        "CreationTime": SINCE,
        "LastModifiedTime": SINCE,
    }


def _list_hubs(call: Call) -> Item:
    found = [_public(call), *HUBS.items(call).values()]
    return listed(call, found, HUBS.key, status=HUBS.status[0])


def _create_hub(call: Call) -> Item:
    if call.parameters["HubName"] == PUBLIC:
        raise InUse(f"Hub {PUBLIC} already exists.")
    return HUBS.create(call)


def _describe_hub(call: Call) -> Item:
    return _public(call) if call.parameters["HubName"] == PUBLIC else HUBS.find(call)


def _delete_hub(call: Call) -> None:
    hub = HUBS.find(call)
    if any(content["HubName"] == hub["HubName"] for content in CONTENTS.items(call).values()):
        raise InUse(f"Hub {hub['HubName']} has contents.")
    HUBS.delete(call)


def _hub(call: Call) -> Item:
    """The hub that the request names, by name or ARN."""
    named = call.parameters["HubName"]
    for hub in (_public(call), *HUBS.items(call).values()):
        if named in (hub["HubName"], hub["HubArn"]):
            return hub
    raise NotFound(f"Hub {named} does not exist.")


def _import(call: Call, item: Item) -> None:
    hub = _hub(call)
    item |= {"HubName": hub["HubName"], "HubArn": hub["HubArn"]}
    item.setdefault("SupportStatus", "Supported")
    item["OriginalCreationTime"] = item["CreationTime"]


CONTENTS = Nested(
    SERVICE,
    "HubContent",
    PLACE,
    "hub-content/{}",
    verbs={"create": "ImportHubContent"},
    status=("HubContentStatus", "Available"),
    created=_import,
    name="HubContentName",
    place=lambda named: "/".join(
        (named["HubName"], named["HubContentType"], named["HubContentName"], named["HubContentVersion"])
    ),
)


def _versions(call: Call) -> list[Item]:
    """The versions of the contents of a hub that are of the type and, if one is named, the name; oldest first."""
    hub = _hub(call)["HubName"]
    asked = call.parameters
    found = [
        content
        for content in CONTENTS.items(call).values()
        if content["HubName"] == hub
        and content["HubContentType"] == asked["HubContentType"]
        and content["HubContentName"] == asked.get("HubContentName", content["HubContentName"])
    ]
    return sorted(found, key=lambda content: _number(content["HubContentVersion"]))


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def _with(call: Call, **more: str) -> Call:
    return dataclasses.replace(call, parameters={**call.parameters, **more})


def _import_content(call: Call) -> Item:
    version = call.parameters.get("HubContentVersion", FIRST)
    return CONTENTS.create(_with(call, HubName=_hub(call)["HubName"], HubContentVersion=version))


def _describe_content(call: Call) -> Item:
    """A version of a content, the newest where none is named."""
    wanted = call.parameters.get("HubContentVersion")
    found = [one for one in _versions(call) if wanted in (None, one["HubContentVersion"])]
    if not found:
        raise NotFound(f"HubContent {call.parameters['HubContentName']} does not exist.")
    return found[-1]


def _update_content(call: Call) -> Item:
    return CONTENTS.update(_with(call, HubName=_hub(call)["HubName"]))


def _delete_content(call: Call) -> None:
    CONTENTS.delete(_with(call, HubName=_hub(call)["HubName"]))


def _list_contents(call: Call) -> Item:
    """Each content by its newest version."""
    newest = {content["HubContentName"]: content for content in _versions(call)}
    return listed(call, newest.values(), CONTENTS.name, status=CONTENTS.status[0])


def _list_versions(call: Call) -> Item:
    least = _number(call.parameters.get("MinVersion", "0"))
    found = [one for one in _versions(call) if _number(one["HubContentVersion"]) >= least]
    return listed(call, found, CONTENTS.name, status=CONTENTS.status[0])


def _refer(call: Call) -> Item:
    """Let a model of the public hub be found in a hub of the account."""
    public = call.parameters["SageMakerPublicHubContentArn"]
    parts = public.partition(":hub-content/")[2].split("/")
    if len(parts) < 3 or parts[0] != PUBLIC or parts[1] != "Model":
        raise Invalid(f"{public} is no model of {PUBLIC}.")
    content = {
        "HubName": _hub(call)["HubName"],
        "HubContentType": REFERENCE,
        "HubContentName": call.parameters.get("HubContentName", parts[2]),
        "HubContentVersion": parts[3] if len(parts) > 3 else call.parameters.get("MinVersion", FIRST),
        "DocumentSchemaVersion": FIRST,
        "HubContentDocument": "{}",
        "ReferenceMinVersion": call.parameters.get("MinVersion", ""),
    }
    same = (
        one["HubContentName"] == content["HubContentName"] for one in _versions(_with(call, HubContentType=REFERENCE))
    )
    if any(same):
        raise InUse(f"Hub {content['HubName']} refers to {content['HubContentName']} already.")
    return CONTENTS.create(_with(call, **content))


def _reference(call: Call) -> Item:
    call = _with(call, HubContentType=REFERENCE)
    return _describe_content(call)


def _update_reference(call: Call) -> Item:
    item = _reference(call)
    item["ReferenceMinVersion"] = call.parameters.get("MinVersion", item["ReferenceMinVersion"])
    return item


def _delete_reference(call: Call) -> None:
    del CONTENTS.items(call)[_reference(call)[PLACE]]


EXTENSION = Extension(
    SERVICE,
    {
        **HUBS.handlers(),
        "CreateHub": _create_hub,
        "DescribeHub": _describe_hub,
        "ListHubs": _list_hubs,
        "DeleteHub": _delete_hub,
        "ImportHubContent": _import_content,
        "DescribeHubContent": _describe_content,
        "UpdateHubContent": _update_content,
        "DeleteHubContent": _delete_content,
        "ListHubContents": _list_contents,
        "ListHubContentVersions": _list_versions,
        "CreateHubContentReference": _refer,
        "UpdateHubContentReference": _update_reference,
        "DeleteHubContentReference": _delete_reference,
    },
)
