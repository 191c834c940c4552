from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from harness import ACCOUNT, REGION
from readiness.emulator import ago

Client = Callable[..., Any]


def names(client: Any, key: str = "", value: str = "", **more: Any) -> list[str]:
    asked = {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]} if key else {}
    pages = client.get_paginator("lookup_events").paginate(**asked, **more)
    return [one["EventName"] for page in pages for one in page["Events"]]


def test_events_are_looked_up_by_one_attribute(aws: Client, refused: Callable[..., str]) -> None:
    client = aws("cloudtrail")
    aws("sagemaker").create_model_package_group(ModelPackageGroupName="churn")
    aws("sagemaker").list_endpoints()
    aws("s3").create_bucket(Bucket="my-own-bucket")
    aws("sagemaker", "eu-west-1").list_models()
    assert names(client, "EventSource", "sagemaker.amazonaws.com") == ["ListEndpoints", "CreateModelPackageGroup"]
    assert names(client, "EventName", "ListEndpoints") == ["ListEndpoints"]
    assert names(client, "ReadOnly", "false") == ["CreateBucket", "CreateModelPackageGroup"]
    assert names(client, "ResourceName", "churn") == ["CreateModelPackageGroup"]
    assert names(client, "ResourceType", "AWS::S3::Bucket") == ["CreateBucket"]
    assert names(client, "EventName", "ListModels") == []
    [event] = client.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateBucket"}])[
        "Events"
    ]
    assert names(client, "EventId", event["EventId"]) == ["CreateBucket"]
    assert names(client, EventCategory="insight") == []
    two = [{"AttributeKey": "ReadOnly", "AttributeValue": "true"}] * 2
    assert refused(client.lookup_events, LookupAttributes=two) == "InvalidLookupAttributesException"


def test_pages_do_not_move_while_they_are_read(aws: Client, refused: Callable[..., str]) -> None:
    client = aws("cloudtrail")
    for _ in range(25):
        aws("sagemaker").list_endpoints()
    events: list[str] = []
    page = client.lookup_events(MaxResults=10)
    while True:
        events += [one["EventId"] for one in page["Events"]]
        if "NextToken" not in page:
            break
        page = client.lookup_events(MaxResults=10, NextToken=page["NextToken"])
    assert len(events) == len(set(events)) == 25
    assert refused(client.lookup_events, NextToken="made-up") == "InvalidNextTokenException"


def test_times(aws: Client, refused: Callable[..., str]) -> None:
    client = aws("cloudtrail")
    for days in (100, 10):
        with ago(datetime.timedelta(days=days)):
            aws("sagemaker").list_endpoints()
    aws("sagemaker").list_models()
    # What is older than 90 days is not kept.
    assert names(client, "EventSource", "sagemaker.amazonaws.com") == ["ListModels", "ListEndpoints"]
    now = datetime.datetime.now(datetime.UTC)
    week = {"StartTime": now - datetime.timedelta(days=7), "EndTime": now}
    assert names(client, "EventSource", "sagemaker.amazonaws.com", **week) == ["ListModels"]
    backwards = {"StartTime": week["EndTime"], "EndTime": week["StartTime"]}
    assert refused(client.lookup_events, **backwards) == "InvalidTimeRangeException"


@pytest.fixture
def trail(aws: Client) -> str:
    aws("s3").create_bucket(Bucket="my-trail-bucket")
    made = aws("cloudtrail").create_trail(Name="main", S3BucketName="my-trail-bucket", IsMultiRegionTrail=True)
    return str(made["TrailARN"])


def test_selectors(aws: Client, trail: str, refused: Callable[..., str]) -> None:
    client = aws("cloudtrail")
    assert client.get_event_selectors(TrailName=trail)["EventSelectors"] == [
        {"ReadWriteType": "All", "IncludeManagementEvents": True}
    ]
    assert client.get_trail(Name="main")["Trail"]["HasCustomEventSelectors"] is False
    only_data = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]
    client.put_event_selectors(TrailName="main", AdvancedEventSelectors=only_data)
    found = client.get_event_selectors(TrailName="main")
    assert found["AdvancedEventSelectors"] == only_data
    assert "EventSelectors" not in found
    client.put_event_selectors(TrailName=trail, EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    found = client.get_event_selectors(TrailName=trail)
    assert found["EventSelectors"] == [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    assert "AdvancedEventSelectors" not in found
    assert client.describe_trails()["trailList"][0]["HasCustomEventSelectors"] is True
    assert refused(client.put_event_selectors, TrailName=trail) == "InvalidEventSelectorsException"
    assert refused(client.get_insight_selectors, TrailName=trail) == "InsightNotEnabledException"
    for _ in range(2):
        client.put_insight_selectors(TrailName=trail, InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
    assert len(client.get_insight_selectors(TrailName=trail)["InsightSelectors"]) == 1


def test_trails(aws: Client, trail: str, refused: Callable[..., str]) -> None:
    client, elsewhere = aws("cloudtrail"), aws("cloudtrail", "eu-west-1")
    client.start_logging(Name=trail)
    assert elsewhere.describe_trails()["trailList"][0]["HomeRegion"] == REGION
    assert elsewhere.describe_trails(includeShadowTrails=False)["trailList"] == []
    status = elsewhere.get_trail_status(Name=trail)
    assert status["IsLogging"]
    assert "LatestDeliveryError" not in status
    aws("s3").delete_bucket(Bucket="my-trail-bucket")
    assert client.get_trail_status(Name="main")["LatestDeliveryError"] == "NoSuchBucket"
    client.stop_logging(Name="main")
    assert client.get_trail_status(Name="main")["IsLogging"] is False
    again = {"Name": "main", "S3BucketName": "my-trail-bucket"}
    assert refused(client.create_trail, **again) == "TrailAlreadyExistsException"
    assert refused(elsewhere.delete_trail, Name=trail) == "InvalidHomeRegionException"
    client.delete_trail(Name=trail)
    assert client.describe_trails()["trailList"] == []
    assert refused(client.get_trail_status, Name=trail) == "TrailNotFoundException"


def test_event_data_stores(aws: Client, refused: Callable[..., str]) -> None:
    client = aws("cloudtrail")
    tags = [{"Key": "team", "Value": "ml"}]
    made = client.create_event_data_store(Name="lake", TagsList=tags)
    arn = made["EventDataStoreArn"]
    assert arn.startswith(f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:eventdatastore/")
    assert (made["Status"], made["RetentionPeriod"], made["TerminationProtectionEnabled"]) == ("ENABLED", 366, True)
    assert client.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == tags
    assert refused(client.create_event_data_store, Name="lake") == "EventDataStoreAlreadyExistsException"
    store = {"EventDataStore": arn}
    assert refused(client.delete_event_data_store, **store) == "EventDataStoreTerminationProtectedException"
    client.stop_event_data_store_ingestion(**store)
    assert client.get_event_data_store(**store)["Status"] == "STOPPED_INGESTION"
    assert refused(client.stop_event_data_store_ingestion, **store) == "InvalidEventDataStoreStatusException"
    client.start_event_data_store_ingestion(**store)
    client.update_event_data_store(**store, TerminationProtectionEnabled=False, RetentionPeriod=30)
    client.delete_event_data_store(**store)
    [listed] = client.list_event_data_stores()["EventDataStores"]
    assert (listed["Name"], listed["Status"]) == ("lake", "PENDING_DELETION")
    assert refused(client.update_event_data_store, **store, Name="other") == "InactiveEventDataStoreException"
    assert client.restore_event_data_store(**store)["Status"] == "ENABLED"
    client.create_event_data_store(Name="other", StartIngestion=False)
    first = client.list_event_data_stores(MaxResults=1)
    rest = client.list_event_data_stores(MaxResults=1, NextToken=first["NextToken"])
    assert [one["Name"] for one in first["EventDataStores"] + rest["EventDataStores"]] == ["lake", "other"]
    missing = {"EventDataStore": f"{arn}-none"}
    assert refused(client.get_event_data_store, **missing) == "EventDataStoreNotFoundException"
