"""Feature Store's records: the latest of each in the online store, all of them in the offline store.

AWS writes the offline store within about fifteen minutes; here it is written at once. A file there is called and
placed as AWS does it, yet holds a record as a line of JSON: there is nothing here that writes Parquet.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Iterable
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed
from readiness.emulator.services.sagemaker.catalogue import utc
from readiness.emulator.services.sagemaker.features import GROUPS, records

SERVICE = "sagemaker-featurestore-runtime"
UPDATABLE = ("Standard_V2", "InMemory")
"""The types of online store in which single features of a record can be changed."""


def _group(call: Call, name: str) -> Item:
    group = next(
        (one for one in GROUPS.items(call).values() if name in (one["FeatureGroupName"], one["FeatureGroupArn"])), None
    )
    if group is None:
        raise NotFound(f"Feature Group '{name}' does not exist.")
    return group


def _stores(group: Item, asked: list[str] | None) -> set[str]:
    """Where a record goes: to what was asked for, or to every store that the group has."""
    there = {"OnlineStore"} if group.get("OnlineStoreConfig", {}).get("EnableOnlineStore") else set()
    there |= {"OfflineStore"} if "OfflineStoreConfig" in group else set()
    if not set(asked or []) <= there:
        raise Invalid(f"The feature group has no {' and no '.join(sorted(set(asked or []) - there))}.")
    return set(asked or there)


def _online(group: Item) -> None:
    _stores(group, ["OnlineStore"])


def _at(group: Item, value: str) -> datetime.datetime:
    """The time of an event: ISO 8601 in UTC, or seconds since 1970 where the feature is a number."""
    kinds = {one["FeatureName"]: one["FeatureType"] for one in group["FeatureDefinitions"]}
    try:
        if kinds.get(group["EventTimeFeatureName"]) == "Fractional":
            return datetime.datetime.fromtimestamp(float(value), datetime.UTC)
        return utc(datetime.datetime.fromisoformat(value))
    except ValueError:
        raise Invalid(f"{value} is no valid event time.") from None


def _checked(group: Item, given: Iterable[Item]) -> dict[str, Item]:
    """The values of a record by feature, each as its definition wants it."""
    kinds = {one["FeatureName"]: one for one in group["FeatureDefinitions"]}
    values: dict[str, Item] = {}
    for one in given:
        name = one["FeatureName"]
        if name not in kinds:
            raise Invalid(f"Feature {name} is not defined in the feature group.")
        if name in values:
            raise Invalid(f"Feature {name} is given twice.")
        several = "ValueAsStringList" in one
        if several != ("CollectionType" in kinds[name]) or several == ("ValueAsString" in one):
            raise Invalid(f"Feature {name} must be given as {'a list' if not several else 'one value'}.")
        for text in one.get("ValueAsStringList", [one.get("ValueAsString")]):
            _read(name, kinds[name]["FeatureType"], text)
        values[name] = one
    return values


def _read(name: str, kind: str, text: str) -> None:
    try:
        {"Integral": int, "Fractional": float, "String": str}[kind](text)
    except ValueError:
        raise Invalid(f"The value of {name} is not {kind}.") from None


def _put(call: Call, asked: Item) -> None:
    """Write a record: offline always, online if it is newer than what is there."""
    group = _group(call, asked["FeatureGroupName"])
    stores = _stores(group, asked.get("TargetStores"))
    values = _checked(group, asked["Record"])
    for name in (group["RecordIdentifierFeatureName"], group["EventTimeFeatureName"]):
        if not values.get(name, {}).get("ValueAsString"):
            raise Invalid(f"The record has no {name}.")
    key = values[group["RecordIdentifierFeatureName"]]["ValueAsString"]
    at = _at(group, values[group["EventTimeFeatureName"]]["ValueAsString"])
    if "OnlineStore" in stores:
        known = records(call, group).get(key)
        if known is None or at > known["At"] or (at == known["At"] and not known["Deleted"]):
            records(call, group)[key] = {
                "Key": key,
                "At": at,
                "Values": values,
                "Deleted": False,
                "ExpiresAt": _expiry(group, asked.get("TtlDuration"), at),
            }
    if "OfflineStore" in stores:
        _write(call, group, at, values, deleted=False)


def _expiry(group: Item, asked: Item | None, at: datetime.datetime) -> datetime.datetime | None:
    """When a record expires: by its own time to live, or by that of the group."""
    lives = asked or group.get("OnlineStoreConfig", {}).get("TtlDuration")
    if not lives or lives.get("Value") is None:
        return None
    return at + datetime.timedelta(**{lives["Unit"].lower(): lives["Value"]})


def _write(call: Call, group: Item, at: datetime.datetime, values: dict[str, Item], *, deleted: bool) -> None:
    """Add a file to the offline store; a bucket that is not there gets none."""
    now = utc(utcnow())
    bucket, _, prefix = group["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"][5:].partition("/")
    s3 = call.backend("s3")
    if bucket not in s3.buckets:
        return
    row: Item = {name: one.get("ValueAsString", one.get("ValueAsStringList")) for name, one in values.items()}
    row |= {"write_time": now, "api_invocation_time": now, "is_deleted": deleted}
    hour = at.strftime("year=%Y/month=%m/day=%d/hour=%H")
    file = f"{at.strftime('%Y%m%dT%H%M%SZ')}_{uuid.uuid4().hex[:16]}.parquet"
    s3.put_object(bucket, f"{prefix}/{hour}/{file}", (json.dumps(row, default=str) + "\n").encode())


def _put_record(call: Call) -> None:
    _put(call, call.parameters)


def _batch_write(call: Call) -> Item:
    """Write records one by one; what can't be written is told."""
    errors = []
    for entry in call.parameters["Entries"]:
        lives = entry.get("TtlDuration") or call.parameters.get("TtlDuration")
        try:
            _put(call, {**entry, "TtlDuration": lives})
        except (Invalid, NotFound) as wrong:
            errors.append({"Entry": entry, **_told(wrong)})
    return {"Errors": errors, "UnprocessedEntries": []}


def _told(wrong: Exception) -> Item:
    code = "ResourceNotFound" if isinstance(wrong, NotFound) else "ValidationError"
    return {"ErrorCode": code, "ErrorMessage": str(wrong)}


def _live(call: Call, group: Item) -> dict[str, Item]:
    """The records that are neither deleted nor expired."""
    now = utc(utcnow())
    kept = records(call, group).items()
    return {
        key: one for key, one in kept if not one["Deleted"] and (one["ExpiresAt"] is None or one["ExpiresAt"] > now)
    }


def _answer(call: Call, group: Item, key: str, names: list[str] | None) -> Item | None:
    """A record as it is read, with the features that were asked for."""
    for name in names or []:
        if name not in group["Features"]:
            raise Invalid(f"Feature {name} is not defined in the feature group.")
    found = _live(call, group).get(key)
    if found is None:
        return None
    values = [one for name, one in found["Values"].items() if name in (names or found["Values"])]
    expires = found["ExpiresAt"]
    told = call.parameters.get("ExpirationTimeResponse") == "Enabled" and expires
    return {"Record": values, **({"ExpiresAt": expires.strftime("%Y-%m-%dT%H:%M:%SZ")} if told else {})}


def _get(call: Call) -> Item:
    group = _group(call, call.parameters["FeatureGroupName"])
    _online(group)
    key: str = call.parameters["RecordIdentifierValueAsString"]
    return _answer(call, group, key, call.parameters.get("FeatureNames")) or {}


def _batch_get(call: Call) -> Item:
    """Records of several groups; those that are not there are left out, and what can't be read is told."""
    found, errors = [], []
    for asked in call.parameters["Identifiers"]:
        for key in asked["RecordIdentifiersValueAsString"]:
            named = {"FeatureGroupName": asked["FeatureGroupName"], "RecordIdentifierValueAsString": key}
            try:
                group = _group(call, asked["FeatureGroupName"])
                _online(group)
                if answer := _answer(call, group, key, asked.get("FeatureNames")):
                    found.append({**named, **answer})
            except (Invalid, NotFound) as wrong:
                errors.append({**named, **_told(wrong)})
    return {"Records": found, "Errors": errors, "UnprocessedIdentifiers": []}


def _delete(call: Call) -> None:
    """Delete a record; one that is newer than the deletion stays, where it is deleted softly."""
    asked = call.parameters
    group = _group(call, asked["FeatureGroupName"])
    stores = _stores(group, asked.get("TargetStores"))
    key, at = asked["RecordIdentifierValueAsString"], _at(group, asked["EventTime"])
    hard = asked.get("DeletionMode") == "HardDelete"
    if "OnlineStore" in stores:
        kept = records(call, group)
        newer = key in kept and kept[key]["At"] >= at
        if hard and newer:
            raise Invalid("EventTime must be later than that of the record.")
        if hard:
            kept.pop(key, None)
        elif not newer:
            kept[key] = {"Key": key, "At": at, "Values": {}, "Deleted": True, "ExpiresAt": None}
    if "OfflineStore" in stores:
        marker = {
            group["RecordIdentifierFeatureName"]: {"ValueAsString": key},
            group["EventTimeFeatureName"]: {"ValueAsString": asked["EventTime"]},
        }
        _write(call, group, at, marker, deleted=True)


def _update(call: Call) -> None:
    """Change some features of a record that is there."""
    asked = call.parameters
    group = _group(call, asked["FeatureGroupName"])
    stores = _stores(group, asked.get("TargetStores"))
    if group.get("OnlineStoreConfig", {}).get("StorageType") not in UPDATABLE:
        raise Invalid("The online store of the feature group does not support UpdateRecord.")
    key = asked["RecordIdentifierValueAsString"]
    known: Any = _live(call, group).get(key)
    if known is None:
        raise NotFound(f"Record {key} does not exist.")
    changes = _checked(group, asked["Features"])
    event = changes.get(group["EventTimeFeatureName"])
    if event is None and "TtlDuration" in asked:
        raise Invalid("TtlDuration needs an event time.")
    at = _at(group, event["ValueAsString"]) if event else known["At"]
    if at < known["At"]:
        raise Coded("ConflictException", "The event time is older than that of the record.")
    known |= {"At": at, "Values": {**known["Values"], **changes}}
    if event:
        known["ExpiresAt"] = _expiry(group, asked.get("TtlDuration"), at)
    if "OfflineStore" in stores:
        _write(call, group, at, known["Values"], deleted=False)


def _list(call: Call) -> Item:
    """What names the records of a group."""
    group = _group(call, call.parameters["FeatureGroupName"])
    _online(group)
    softly = call.parameters.get("IncludeSoftDeletedRecords", False)
    found = records(call, group) if softly else _live(call, group)
    return listed(call, found.values(), "Key")


EXTENSION = Extension(
    SERVICE,
    {
        "PutRecord": _put_record,
        "BatchWriteRecord": _batch_write,
        "GetRecord": _get,
        "BatchGetRecord": _batch_get,
        "DeleteRecord": _delete,
        "UpdateRecord": _update,
        "ListRecords": _list,
    },
)
