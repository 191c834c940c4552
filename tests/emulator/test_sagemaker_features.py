from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION
from sagemaker_jobs import ROLE

FEATURES = [
    {"FeatureName": "id", "FeatureType": "String"},
    {"FeatureName": "at", "FeatureType": "String"},
    {"FeatureName": "age", "FeatureType": "Integral"},
    {"FeatureName": "bill", "FeatureType": "Fractional"},
]
ONLINE: dict[str, Any] = {"EnableOnlineStore": True}
OFFLINE = {"S3StorageConfig": {"S3Uri": "s3://lab/features", "KmsKeyId": "alias/lab"}, "TableFormat": "Iceberg"}


def group(client: Any, name: str = "customers", **given: Any) -> dict[str, Any]:
    stores = {} if given else {"OnlineStoreConfig": ONLINE, "OfflineStoreConfig": OFFLINE}
    client.create_feature_group(
        **{
            "FeatureGroupName": name,
            "RecordIdentifierFeatureName": "id",
            "EventTimeFeatureName": "at",
            "FeatureDefinitions": FEATURES,
            "RoleArn": ROLE,
            **stores,
            **given,
        }
    )
    found: dict[str, Any] = client.describe_feature_group(FeatureGroupName=name)
    return found


@pytest.fixture
def sagemaker(aws: Client) -> Any:
    aws("s3").create_bucket(Bucket="lab")
    return aws("sagemaker")


class Records:
    """The records of the group `customers`."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def put(self, name: str, at: str = "2026-01-01T00:00:00Z", more: Any = None, **values: Any) -> None:
        told = {"id": name, "at": at, **values}
        record = [{"FeatureName": key, "ValueAsString": str(value)} for key, value in told.items()]
        self.client.put_record(FeatureGroupName="customers", Record=record, **(more or {}))

    def get(self, name: str, **asked: Any) -> dict[str, str]:
        found = self.client.get_record(FeatureGroupName="customers", RecordIdentifierValueAsString=name, **asked)
        return {one["FeatureName"]: one["ValueAsString"] for one in found.get("Record", [])}

    def delete(self, name: str, at: str, **more: Any) -> None:
        self.client.delete_record(
            FeatureGroupName="customers", RecordIdentifierValueAsString=name, EventTime=at, **more
        )


@pytest.fixture
def records(aws: Client, sagemaker: Any) -> Records:
    group(sagemaker)
    return Records(aws("sagemaker-featurestore-runtime"))


def test_a_group_tells_its_stores_and_has_a_table(aws: Client, sagemaker: Any) -> None:
    found = group(sagemaker, Description="who", OnlineStoreConfig=ONLINE, OfflineStoreConfig=OFFLINE)
    assert found["FeatureGroupArn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:feature-group/customers"
    assert (found["FeatureGroupStatus"], found["Description"]) == ("Created", "who")
    assert found["OnlineStoreConfig"] == {"EnableOnlineStore": True, "StorageType": "Standard"}
    assert found["OfflineStoreStatus"] == {"Status": "Active"}
    store = found["OfflineStoreConfig"]
    assert (store["TableFormat"], store["S3StorageConfig"]["KmsKeyId"]) == ("Iceberg", "alias/lab")
    place = store["S3StorageConfig"]["ResolvedOutputS3Uri"]
    assert place.startswith(f"s3://lab/features/{ACCOUNT}/sagemaker/{REGION}/offline-store/customers-")
    catalog = store["DataCatalogConfig"]
    table = aws("glue").get_table(DatabaseName=catalog["Database"], Name=catalog["TableName"])["Table"]
    columns = {one["Name"]: one["Type"] for one in table["StorageDescriptor"]["Columns"]}
    assert columns.items() >= {"id": "string", "age": "bigint", "bill": "double", "is_deleted": "boolean"}.items()
    assert table["StorageDescriptor"]["Location"] == place
    sagemaker.delete_feature_group(FeatureGroupName="customers")
    assert aws("glue").get_table(DatabaseName=catalog["Database"], Name=catalog["TableName"])
    alone = group(sagemaker, "alone", OnlineStoreConfig=ONLINE)
    assert "OfflineStoreConfig" not in alone
    bare = {**OFFLINE, "DisableGlueTableCreation": True}
    assert "DataCatalogConfig" not in group(sagemaker, "bare", OfflineStoreConfig=bare)["OfflineStoreConfig"]


def test_groups_are_listed_and_refused(sagemaker: Any, refused: Refused) -> None:
    for number in range(11):
        group(sagemaker, f"group-{number:02}")
    group(sagemaker, "alone", OnlineStoreConfig=ONLINE)

    def names(**asked: Any) -> list[str]:
        found = sagemaker.list_feature_groups(**asked)["FeatureGroupSummaries"]
        return [one["FeatureGroupName"] for one in found]

    assert len(names()) == 10
    assert names(NameContains="alone") == ["alone"]
    assert names(SortBy="Name", SortOrder="Descending", MaxResults=2) == ["group-10", "group-09"]
    assert "alone" not in names(OfflineStoreStatusEquals="Active", MaxResults=100)
    assert names(FeatureGroupStatusEquals="CreateFailed") == []
    assert names(SortBy="OfflineStoreStatus", MaxResults=1) == ["alone"]
    results = sagemaker.search(Resource="FeatureGroup", MaxResults=100)["Results"]
    assert len(results) == 12
    assert refused(group, client=sagemaker, name="alone") == "ResourceInUse"
    assert refused(group, client=sagemaker, name="a", OnlineStoreConfig={}) == "ValidationException"
    lost = {"RecordIdentifierFeatureName": "none", "OnlineStoreConfig": ONLINE}
    assert refused(group, client=sagemaker, name="a", **lost) == "ValidationException"
    twice = {"FeatureDefinitions": [*FEATURES, FEATURES[0]], "OnlineStoreConfig": ONLINE}
    assert refused(group, client=sagemaker, name="a", **twice) == "ValidationException"
    assert refused(sagemaker.describe_feature_group, FeatureGroupName="none") == "ResourceNotFound"
    assert refused(sagemaker.delete_feature_group, FeatureGroupName="none") == "ResourceNotFound"


def test_features_are_added_and_described(sagemaker: Any, refused: Refused) -> None:
    group(sagemaker)
    named = {"FeatureGroupName": "customers"}
    update = sagemaker.update_feature_group
    update(FeatureAdditions=[{"FeatureName": "calls", "FeatureType": "Integral"}], **named)
    found = sagemaker.describe_feature_group(**named)
    assert found["FeatureDefinitions"][-1]["FeatureName"] == "calls"
    assert found["LastUpdateStatus"] == {"Status": "Successful"}
    assert refused(update, FeatureAdditions=[FEATURES[0]], **named) == "ValidationException"
    assert refused(update, **named) == "ValidationException"
    lives = {"TtlDuration": {"Unit": "Days", "Value": 1}}
    update(OnlineStoreConfig=lives, **named)
    store = sagemaker.describe_feature_group(**named)["OnlineStoreConfig"]
    assert store == {"EnableOnlineStore": True, "StorageType": "Standard", **lives}
    feature = {**named, "FeatureName": "calls"}
    told = [{"Key": "team", "Value": "one"}, {"Key": "pii", "Value": "no"}]
    sagemaker.update_feature_metadata(Description="calls to us", ParameterAdditions=told, **feature)
    sagemaker.update_feature_metadata(ParameterRemovals=["pii"], **feature)
    described = sagemaker.describe_feature_metadata(**feature)
    assert (described["Description"], described["Parameters"]) == ("calls to us", told[:1])
    assert (described["FeatureType"], described["FeatureGroupName"]) == ("Integral", "customers")
    assert refused(sagemaker.describe_feature_metadata, FeatureName="none", **named) == "ResourceNotFound"
    wanted = {"Filters": [{"Name": "Description", "Operator": "Contains", "Value": "calls"}]}
    [result] = sagemaker.search(Resource="FeatureMetadata", SearchExpression=wanted)["Results"]
    assert result["FeatureMetadata"]["FeatureName"] == "calls"


def test_the_online_store_has_the_latest(records: Records, sagemaker: Any) -> None:
    records.put("c-1", "2026-01-02T00:00:00Z", age=34)
    records.put("c-1", "2026-01-01T00:00:00Z", age=33)
    assert records.get("c-1") == {"id": "c-1", "at": "2026-01-02T00:00:00Z", "age": "34"}
    records.put("c-1", "2026-01-03T00:00:00.5Z", age=35, bill=9.5)
    assert records.get("c-1", FeatureNames=["age", "bill"]) == {"age": "35", "bill": "9.5"}
    assert records.get("c-2") == {}
    size = sagemaker.describe_feature_group(FeatureGroupName="customers")["OnlineStoreTotalSizeBytes"]
    assert size > 0


def test_the_offline_store_has_all(aws: Client, records: Records, sagemaker: Any) -> None:
    for day in ("2026-01-02", "2026-01-01"):
        records.put("c-1", f"{day}T05:00:00Z", age=34)
    records.put("c-2", more={"TargetStores": ["OnlineStore"]})
    records.delete("c-1", "2026-01-03T00:00:00Z")
    place = sagemaker.describe_feature_group(FeatureGroupName="customers")["OfflineStoreConfig"]["S3StorageConfig"]
    prefix = place["ResolvedOutputS3Uri"].removeprefix("s3://lab/")
    keys = [one["Key"] for one in aws("s3").list_objects_v2(Bucket="lab", Prefix=prefix)["Contents"]]
    assert len(keys) == 3
    assert f"{prefix}/year=2026/month=01/day=01/hour=05/20260101T050000Z_" in keys[0]
    rows = [json.loads(aws("s3").get_object(Bucket="lab", Key=key)["Body"].read()) for key in keys]
    assert [row["is_deleted"] for row in rows] == [False, False, True]
    assert rows[0]["id"] == "c-1"


def test_records_are_deleted_softly_or_for_good(records: Records, refused: Refused) -> None:
    records.put("c-1", "2026-01-02T00:00:00Z")
    records.delete("c-1", "2026-01-01T00:00:00Z")
    assert records.get("c-1")
    hard = {"DeletionMode": "HardDelete"}
    assert refused(records.delete, name="c-1", at="2026-01-01T00:00:00Z", **hard) == "ValidationError"
    records.delete("c-1", "2026-01-03T00:00:00Z")
    assert records.get("c-1") == {}
    records.put("c-1", "2026-01-02T12:00:00Z")
    assert records.get("c-1") == {}

    def listed(**asked: Any) -> list[str]:
        found: list[str] = records.client.list_records(FeatureGroupName="customers", **asked)["RecordIdentifiers"]
        return found

    assert (listed(), listed(IncludeSoftDeletedRecords=True)) == ([], ["c-1"])
    records.put("c-1", "2026-01-04T00:00:00Z")
    assert listed() == ["c-1"]
    records.delete("c-1", "2026-01-05T00:00:00Z", **hard)
    assert listed(IncludeSoftDeletedRecords=True) == []


def test_records_expire(records: Records) -> None:
    records.put("old", more={"TtlDuration": {"Unit": "Hours", "Value": 1}})
    assert records.get("old") == {}
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    records.put("new", now, more={"TtlDuration": {"Unit": "Days", "Value": 1}})
    found = records.client.get_record(
        FeatureGroupName="customers", RecordIdentifierValueAsString="new", ExpirationTimeResponse="Enabled"
    )
    assert found["ExpiresAt"] > now


@pytest.mark.parametrize(
    "given",
    [
        {"other": "1"},
        {"age": "young"},
        {"bill": "much"},
        {"at": "yesterday"},
        {"at": ""},
        {"name": ""},
    ],
    ids=str,
)
def test_records_fit_their_definitions(records: Records, refused: Refused, given: dict[str, str]) -> None:
    assert refused(records.put, **{"name": "c-1", **given}) == "ValidationError"


def test_many_records_at_once(sagemaker: Any, records: Records, refused: Refused) -> None:
    def entry(name: str, age: str, groups: str = "customers") -> dict[str, Any]:
        told = {"id": name, "at": "2026-01-01T00:00:00Z", "age": age}
        record = [{"FeatureName": key, "ValueAsString": value} for key, value in told.items()]
        return {"FeatureGroupName": groups, "Record": record}

    entries = [entry("a", "1"), entry("b", "x"), entry("c", "3"), entry("d", "4", "none")]
    errors = records.client.batch_write_record(Entries=entries)["Errors"]
    assert [one["ErrorCode"] for one in errors] == ["ValidationError", "ResourceNotFound"]
    group(sagemaker, "cold", OfflineStoreConfig=OFFLINE)
    asked = [
        {"FeatureGroupName": name, "RecordIdentifiersValueAsString": ["a", "b", "c"], "FeatureNames": ["age"]}
        for name in ("customers", "cold")
    ]
    found = records.client.batch_get_record(Identifiers=asked)
    assert [one["RecordIdentifierValueAsString"] for one in found["Records"]] == ["a", "c"]
    assert found["Records"][1]["Record"] == [{"FeatureName": "age", "ValueAsString": "3"}]
    assert [one["FeatureGroupName"] for one in found["Errors"]] == ["cold"] * 3
    get = records.client.get_record
    assert refused(get, FeatureGroupName="cold", RecordIdentifierValueAsString="a") == "ValidationError"
    assert refused(get, FeatureGroupName="none", RecordIdentifierValueAsString="a") == "ResourceNotFound"
    asked_of = {"FeatureGroupName": "customers", "RecordIdentifierValueAsString": "a"}
    assert refused(get, FeatureNames=["none"], **asked_of) == "ValidationError"


def test_single_features_are_updated_where_the_store_can(aws: Client, sagemaker: Any, refused: Refused) -> None:
    group(sagemaker, OnlineStoreConfig={**ONLINE, "StorageType": "InMemory"})
    records = Records(aws("sagemaker-featurestore-runtime"))
    records.put("a", "2026-01-02T00:00:00Z", age=1, bill=2)

    def update(name: str = "a", groups: str = "customers", **values: str) -> None:
        features = [{"FeatureName": key, "ValueAsString": value} for key, value in values.items()]
        records.client.update_record(FeatureGroupName=groups, RecordIdentifierValueAsString=name, Features=features)

    update(age="5")
    assert records.get("a", FeatureNames=["age", "bill"]) == {"age": "5", "bill": "2"}
    assert refused(update, at="2026-01-01T00:00:00Z") == "ConflictException"
    assert refused(update, name="none", age="1") == "ResourceNotFound"
    group(sagemaker, "standard", OnlineStoreConfig=ONLINE)
    assert refused(update, groups="standard", age="1") == "ValidationError"


def test_lists_are_values_of_collections(aws: Client, sagemaker: Any, refused: Refused) -> None:
    several = [*FEATURES, {"FeatureName": "seen", "FeatureType": "Integral", "CollectionType": "List"}]
    group(sagemaker, OnlineStoreConfig={**ONLINE, "StorageType": "InMemory"}, FeatureDefinitions=several)
    client = aws("sagemaker-featurestore-runtime")
    record = [
        {"FeatureName": "id", "ValueAsString": "a"},
        {"FeatureName": "at", "ValueAsString": "2026-01-01T00:00:00Z"},
    ]
    whole = [*record, {"FeatureName": "seen", "ValueAsStringList": ["1", "2"]}]
    client.put_record(FeatureGroupName="customers", Record=whole)
    found = client.get_record(FeatureGroupName="customers", RecordIdentifierValueAsString="a")["Record"]
    assert found[-1]["ValueAsStringList"] == ["1", "2"]
    for wrong in ({"ValueAsString": "1"}, {"ValueAsStringList": ["x"]}):
        asked = [*record, {"FeatureName": "seen", **wrong}]
        assert refused(client.put_record, FeatureGroupName="customers", Record=asked) == "ValidationError"
