"""Guardrails: a draft that is changed, and numbered versions of it that are not."""

from __future__ import annotations

import copy
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier
from readiness.emulator.resources import listed
from readiness.emulator.services.bedrock import SERVICE

DRAFT = "DRAFT"
POLICIES = (
    "topicPolicyConfig",
    "contentPolicyConfig",
    "wordPolicyConfig",
    "sensitiveInformationPolicyConfig",
    "contextualGroundingPolicyConfig",
    "automatedReasoningPolicyConfig",
)

TOLD = ("name", "description", "blockedInputMessaging", "blockedOutputsMessaging")
"""What is answered as it was given."""


def _told(value: Any) -> Any:
    """A policy as it is answered: AWS calls the parts of a request `XConfig`, and those of an answer `X`."""
    if isinstance(value, list):
        return [_told(one) for one in value]
    if isinstance(value, dict):
        return {name.removesuffix("Config"): _told(one) for name, one in value.items()}
    return value


def _written(call: Call) -> Item:
    """What a request says of a guardrail, as it is answered."""
    given = copy.deepcopy(call.parameters)
    written: Item = {name: given[name] for name in TOLD if name in given}
    policies = {name.removesuffix("Config"): _told(given[name]) for name in POLICIES if name in given}
    if not policies:
        raise Invalid("A guardrail needs at least one policy.")
    if key := given.get("kmsKeyId"):
        written["kmsKeyArn"] = key if key.startswith("arn:") else call.arn(f"key/{key}", service="kms")
    if across := given.get("crossRegionConfig"):
        name = across["guardrailProfileIdentifier"].rpartition("/")[2]
        arn = call.arn(f"guardrail-profile/{name}")
        written["crossRegionDetails"] = {"guardrailProfileId": name, "guardrailProfileArn": arn}
    return {**written, **policies, "updatedAt": utcnow()}


def _guardrails(call: Call) -> dict[str, Item]:
    """The drafts, by id; each holds its versions by number."""
    return call.table("Guardrail")


def find(call: Call, name: str, version: str = DRAFT) -> Item:
    """A version of the guardrail of an id or an ARN.

    Raises:
        NotFound: there is none.
    """
    for key, draft in _guardrails(call).items():
        if name in (key, draft["guardrailArn"]):
            if version == DRAFT:
                return draft
            if version in draft["versions"]:
                return {**draft, **draft["versions"][version]}
    raise NotFound(f"The guardrail {name} with version {version} does not exist.")


def _create(call: Call) -> Item:
    if any(draft["name"] == call.parameters["name"] for draft in _guardrails(call).values()):
        raise InUse(f"Another guardrail has the name {call.parameters['name']}.")
    key = identifier()
    item = {
        **_written(call),
        "guardrailId": key,
        "id": key,
        "guardrailArn": (arn := call.arn(f"guardrail/{key}")),
        "arn": arn,
        "version": DRAFT,
        "status": "READY",
        "createdAt": utcnow(),
        "tags": call.parameters.get("tags", []),
        "versions": {},
    }
    _guardrails(call)[key] = item
    return item


def _get(call: Call) -> Item:
    return find(call, call.parameters["guardrailIdentifier"], call.parameters.get("guardrailVersion", DRAFT))


def _list(call: Call) -> Item:
    """The drafts of all, or all versions of one."""
    asked = dict(call.parameters)
    name = asked.pop("guardrailIdentifier", None)
    found = list(_guardrails(call).values())
    if name is not None:
        draft = find(call, name)
        found = [draft, *({**draft, **version} for version in draft["versions"].values())]
    return listed(call, found, asked=asked)


def _update(call: Call) -> Item:
    """The draft becomes what the request says, whole."""
    item = find(call, call.parameters["guardrailIdentifier"])
    written = _written(call)
    for name in (*(policy.removesuffix("Config") for policy in POLICIES), "description", "kmsKeyArn"):
        item.pop(name, None)
    item |= written
    return item


def _version(call: Call) -> Item:
    """The draft as it is now, under the next number; a number is not used again."""
    item = find(call, call.parameters["guardrailIdentifier"])
    item["last"] = item.get("last", 0) + 1
    kept = {name: value for name, value in item.items() if name not in ("versions", "last", "tags")}
    number = str(item["last"])
    version = copy.deepcopy(kept) | {"version": number, "createdAt": utcnow()}
    if "description" in call.parameters:
        version["description"] = call.parameters["description"]
    item["versions"][number] = version
    return version


def _delete(call: Call) -> None:
    """One version, or where none is named all of the guardrail."""
    item = find(call, call.parameters["guardrailIdentifier"])
    version = call.parameters.get("guardrailVersion")
    if version is None:
        del _guardrails(call)[item["guardrailId"]]
    elif version in item["versions"]:
        del item["versions"][version]
    else:
        raise NotFound(f"The guardrail has no version {version}.")


EXTENSION = Extension(
    SERVICE,
    {
        "CreateGuardrail": _create,
        "GetGuardrail": _get,
        "ListGuardrails": _list,
        "UpdateGuardrail": _update,
        "CreateGuardrailVersion": _version,
        "DeleteGuardrail": _delete,
    },
)
