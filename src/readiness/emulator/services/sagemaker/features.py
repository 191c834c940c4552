"""Feature Store: feature groups, and what is told of their features.

Moto needs an offline store and loses the online one, the description and the format of the table; it puts the offline
store into a folder without the service's name, makes no Glue table, and knows neither lists nor changes nor deletion.
"""

from __future__ import annotations

import copy
import datetime
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Handler, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.services.sagemaker.catalogue import SERVICE, SORTS, Sort

DATABASE = "sagemaker_featurestore"
CATALOG = "AwsDataCatalog"
COLUMNS = {"String": "string", "Integral": "bigint", "Fractional": "double"}
"""The type of a feature -> that of its column."""

ADDED = {"write_time": "timestamp", "api_invocation_time": "timestamp", "is_deleted": "boolean"}
"""The columns that Feature Store adds."""


def _create(call: Call, item: Item) -> None:
    """A new group, which needs a store and a feature that names its records."""
    online, offline = item.get("OnlineStoreConfig", {}), item.get("OfflineStoreConfig")
    if not (online.get("EnableOnlineStore") or offline):
        raise Invalid("A feature group needs an online store, an offline store, or both.")
    names = [one["FeatureName"] for one in item["FeatureDefinitions"]]
    if item["RecordIdentifierFeatureName"] not in names:
        raise Invalid(f"{item['RecordIdentifierFeatureName']} is not among the feature definitions.")
    if len(names) != len(set(names)):
        raise Invalid("A feature is defined twice.")
    item.setdefault("ThroughputConfig", {"ThroughputMode": "OnDemand"})
    if online:
        online.setdefault("StorageType", "Standard")
    if offline:
        _store(call, item, offline)
        item["OfflineStoreStatus"] = {"Status": "Active"}
    item["Features"] = {}
    for one in item["FeatureDefinitions"]:
        _define(item, one, item["CreationTime"])
    call.table("Record", SERVICE)[item["FeatureGroupName"]] = {}


def _store(call: Call, item: Item, offline: Item) -> None:
    """The place of the offline store below the one that was given, and the Glue table over it."""
    name, made = item["FeatureGroupName"], int(item["CreationTime"].replace(tzinfo=datetime.UTC).timestamp())
    place = offline["S3StorageConfig"]
    folder = f"{call.account}/sagemaker/{call.region}/offline-store/{name}-{made}/data"
    place["ResolvedOutputS3Uri"] = f"{place['S3Uri'].rstrip('/')}/{folder}"
    offline.setdefault("TableFormat", "Glue")
    if offline.setdefault("DisableGlueTableCreation", False):
        return
    given = offline.get("DataCatalogConfig")
    if given is None:
        table = f"{name.replace('-', '_').lower()}_{made}"
        offline["DataCatalogConfig"] = {"TableName": table, "Catalog": CATALOG, "Database": DATABASE}
        _tabulate(call, item, table, place["ResolvedOutputS3Uri"])


def _tabulate(call: Call, item: Item, table: str, place: str) -> None:
    glue = call.backend("glue")
    if DATABASE not in glue.databases:
        glue.create_database(DATABASE, {"Name": DATABASE})
    types = {one["FeatureName"]: COLUMNS[one["FeatureType"]] for one in item["FeatureDefinitions"]}
    columns = [{"Name": name.lower(), "Type": kind} for name, kind in {**types, **ADDED}.items()]
    parts = [{"Name": name, "Type": "string"} for name in ("year", "month", "day", "hour")]
    described = {
        "Name": table,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet"},
        "PartitionKeys": parts,
        "StorageDescriptor": {"Columns": columns, "Location": place},
    }
    glue.create_table(DATABASE, table, described)


def _define(item: Item, definition: Item, moment: datetime.datetime) -> None:
    """Begin to tell of a feature."""
    item["Features"][definition["FeatureName"]] = {
        "FeatureGroupArn": item["FeatureGroupArn"],
        "FeatureGroupName": item["FeatureGroupName"],
        "FeatureName": definition["FeatureName"],
        "FeatureType": definition["FeatureType"],
        "CreationTime": moment,
        "LastModifiedTime": moment,
    }


def _look(call: Call, item: Item) -> Item:
    """The group with the size of its online store; where it has one."""
    looked = {**item, "NextToken": ""}
    if item.get("OnlineStoreConfig", {}).get("EnableOnlineStore"):
        looked["OnlineStoreTotalSizeBytes"] = sum(size(one) for one in records(call, item).values())
    return looked


def records(call: Call, group: Item) -> dict[str, Item]:
    """The records in the online store of a group, by what names them."""
    return call.table("Record", SERVICE)[group["FeatureGroupName"]]


def size(record: Item) -> int:
    """How many bytes a record takes: its names and its values."""
    return sum(
        len(str(one.get("ValueAsString", one.get("ValueAsStringList")))) + len(name)
        for name, one in record["Values"].items()
    )


GROUPS = Sort(
    SERVICE,
    "FeatureGroup",
    "FeatureGroupName",
    "feature-group/{}",
    status=("FeatureGroupStatus", "Created"),
    created=_create,
    look=_look,
)
SORTS["FeatureGroup"] = GROUPS


def _list(call: Call) -> Item:
    """Also by the state of the offline store."""
    wanted = call.parameters.get("OfflineStoreStatusEquals")
    items = GROUPS.items(call).values()
    found = [one for one in items if wanted in (None, one.get("OfflineStoreStatus", {}).get("Status"))]
    if call.parameters.get("SortBy") == "OfflineStoreStatus":
        found.sort(key=lambda one: str(one.get("OfflineStoreStatus", {}).get("Status", "")))
        return GROUPS.page(call, found, OfflineStoreStatusEquals=None, SortBy=None)
    return GROUPS.page(call, found, OfflineStoreStatusEquals=None)


def _update(call: Call) -> Item:
    """Add features, which can never be taken away, or change the online store; one of it at a time."""
    item, asked = GROUPS.find(call), copy.deepcopy(call.parameters)
    changes = [name for name in ("FeatureAdditions", "OnlineStoreConfig", "ThroughputConfig") if name in asked]
    if len(changes) != 1:
        raise Invalid("One of FeatureAdditions, OnlineStoreConfig and ThroughputConfig must be specified.")
    now = utcnow()
    for one in asked.get("FeatureAdditions", []):
        if one["FeatureName"] in item["Features"]:
            raise Invalid(f"{one['FeatureName']} is there already.")
        item["FeatureDefinitions"].append(one)
        _define(item, one, now)
    for name in changes[-1:] if changes[0] != "FeatureAdditions" else []:
        item[name] = {**item.get(name, {}), **asked[name]}
    item |= {"LastModifiedTime": now, "LastUpdateStatus": {"Status": "Successful"}}
    return item


def _feature(call: Call) -> Item:
    features: dict[str, Item] = GROUPS.get(call, call.parameters["FeatureGroupName"])["Features"]
    if call.parameters["FeatureName"] not in features:
        raise NotFound(f"Feature {call.parameters['FeatureName']} does not exist.")
    return features[call.parameters["FeatureName"]]


def _update_feature(call: Call) -> None:
    """Tell more of a feature."""
    feature, asked = _feature(call), call.parameters
    told: dict[str, Any] = {one["Key"]: one["Value"] for one in feature.get("Parameters", [])}
    told |= {one["Key"]: one["Value"] for one in asked.get("ParameterAdditions", [])}
    gone = asked.get("ParameterRemovals", [])
    feature["Parameters"] = [{"Key": key, "Value": value} for key, value in told.items() if key not in gone]
    if "Description" in asked:
        feature["Description"] = asked["Description"]
    feature["LastModifiedTime"] = utcnow()


def _delete(call: Call) -> None:
    """The records online go with the group; the offline store and its table stay."""
    item = GROUPS.delete(call)
    del call.table("Record", SERVICE)[item["FeatureGroupName"]]


HANDLERS: dict[str, Handler] = {
    **GROUPS.handlers(),
    "ListFeatureGroups": _list,
    "UpdateFeatureGroup": _update,
    "DeleteFeatureGroup": _delete,
    "DescribeFeatureMetadata": _feature,
    "UpdateFeatureMetadata": _update_feature,
}

EXTENSION = Extension(SERVICE, HANDLERS)
