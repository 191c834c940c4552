from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import REGION

BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
SSE_S3 = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
PUBLIC = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}],
}


@pytest.fixture
def s3(aws: Client) -> Any:
    """S3 with a bucket `data`."""
    client = aws("s3")
    client.create_bucket(Bucket="data")
    return client


def encryption(client: Any, bucket: str = "data") -> list[Any]:
    rules: list[Any] = client.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    return rules


def test_a_new_bucket_has_the_defaults_of_aws(s3: Any) -> None:
    assert encryption(s3) == [SSE_S3]
    assert s3.get_public_access_block(Bucket="data")["PublicAccessBlockConfiguration"] == BLOCKED
    owned = s3.get_bucket_ownership_controls(Bucket="data")["OwnershipControls"]["Rules"]
    assert owned == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    s3.put_object(Bucket="data", Key="one", Body=b"1")
    assert s3.head_object(Bucket="data", Key="one")["ServerSideEncryption"] == "AES256"


def test_a_bucket_of_a_stack_has_them_too(aws: Client) -> None:
    template = {"Resources": {"Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "stacked"}}}}
    aws("cloudformation").create_stack(StackName="data", TemplateBody=json.dumps(template))
    assert encryption(aws("s3"), "stacked") == [SSE_S3]


def test_defaults_are_changed_deleted_and_not_restored(s3: Any, refused: Refused) -> None:
    kms = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/ml"}
    rule = {"ApplyServerSideEncryptionByDefault": kms, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket="data", ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert encryption(s3) == [rule]
    s3.delete_public_access_block(Bucket="data")
    s3.delete_bucket_ownership_controls(Bucket="data")
    s3.create_bucket(Bucket="data")
    assert encryption(s3) == [rule]
    assert refused(s3.get_public_access_block, Bucket="data") == "NoSuchPublicAccessBlockConfiguration"
    assert refused(s3.get_bucket_ownership_controls, Bucket="data") == "OwnershipControlsNotFoundError"
    s3.delete_bucket_encryption(Bucket="data")
    assert encryption(s3) == [SSE_S3]
    s3.delete_bucket(Bucket="data")
    assert refused(s3.get_bucket_encryption, Bucket="data") == "NoSuchBucket"
    s3.create_bucket(Bucket="data")
    assert s3.get_public_access_block(Bucket="data")["PublicAccessBlockConfiguration"] == BLOCKED


def test_what_is_not_configured_keeps_its_own_error(s3: Any, refused: Refused) -> None:
    assert refused(s3.get_bucket_policy, Bucket="data") == "NoSuchBucketPolicy"
    assert refused(s3.get_bucket_policy_status, Bucket="data") == "NoSuchBucketPolicy"
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket="data") == "NoSuchLifecycleConfiguration"
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket="other") == "NoSuchBucket"
    assert refused(s3.get_bucket_replication, Bucket="data") == "ReplicationConfigurationNotFoundError"
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket="data")


def test_what_is_blocked_is_refused(s3: Any, refused: Refused) -> None:
    assert refused(s3.put_bucket_policy, Bucket="data", Policy=json.dumps(PUBLIC)) == "AccessDenied"
    assert refused(s3.put_bucket_acl, Bucket="data", ACL="public-read") == "AccessControlListNotSupported"
    s3.delete_public_access_block(Bucket="data")
    s3.put_bucket_policy(Bucket="data", Policy=json.dumps(PUBLIC))
    assert s3.get_bucket_policy_status(Bucket="data")["PolicyStatus"]["IsPublic"]
    s3.create_bucket(Bucket="shared", ObjectOwnership="ObjectWriter")
    s3.put_bucket_acl(Bucket="shared", ACL="private")


def test_buckets_are_listed_by_pages(s3: Any, aws: Client, refused: Refused) -> None:
    for number in range(4):
        s3.create_bucket(Bucket=f"logs-{number}")
    west = {"LocationConstraint": "eu-west-1"}
    aws("s3", "eu-west-1").create_bucket(Bucket="west", CreateBucketConfiguration=west)
    whole = s3.list_buckets()
    assert [bucket["Name"] for bucket in whole["Buckets"]] == ["data", *(f"logs-{n}" for n in range(4)), "west"]
    assert "BucketRegion" not in whole["Buckets"][0]
    pages = list(s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 4}))
    assert [len(page["Buckets"]) for page in pages] == [4, 2]
    assert {bucket["Name"]: bucket["BucketRegion"] for bucket in pages[1]["Buckets"]} == {
        "logs-3": REGION,
        "west": "eu-west-1",
    }
    assert len(s3.list_buckets(Prefix="logs-")["Buckets"]) == 4
    assert [bucket["Name"] for bucket in s3.list_buckets(BucketRegion="eu-west-1")["Buckets"]] == ["west"]
    assert refused(s3.list_buckets, ContinuationToken="?") == "InvalidArgument"
    assert s3.list_directory_buckets()["Buckets"] == []


def test_intelligent_tiering(s3: Any, refused: Refused) -> None:
    configuration = {"Id": "old", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}
    given = {"Bucket": "data", "Id": "old"}
    s3.put_bucket_intelligent_tiering_configuration(**given, IntelligentTieringConfiguration=configuration)
    listed = s3.list_bucket_intelligent_tiering_configurations(Bucket="data")
    assert listed["IntelligentTieringConfigurationList"] == [configuration]
    got = s3.get_bucket_intelligent_tiering_configuration(**given)
    assert got["IntelligentTieringConfiguration"] == configuration
    other = {**configuration, "Id": "new"}
    put = s3.put_bucket_intelligent_tiering_configuration
    assert refused(put, **given, IntelligentTieringConfiguration=other) == "InvalidArgument"
    s3.delete_bucket_intelligent_tiering_configuration(**given)
    assert refused(s3.get_bucket_intelligent_tiering_configuration, **given) == "NoSuchConfiguration"
    assert refused(s3.list_bucket_intelligent_tiering_configurations, Bucket="other") == "NoSuchBucket"


def test_lifecycle_rules_are_kept_whole(s3: Any, refused: Refused) -> None:
    rules: list[dict[str, Any]] = [
        {
            "ID": "old",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "models/", "ObjectSizeGreaterThan": 500}},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 2},
            "Transitions": [{"Days": 30, "StorageClass": "INTELLIGENT_TIERING"}],
        },
        {"Status": "Enabled", "Filter": {"ObjectSizeLessThan": 10}, "Expiration": {"Days": 3}},
    ]
    s3.put_bucket_lifecycle_configuration(Bucket="data", LifecycleConfiguration={"Rules": rules})
    found = s3.get_bucket_lifecycle_configuration(Bucket="data")["Rules"]
    assert found[0] == rules[0]
    assert found[1] == {**rules[1], "ID": found[1]["ID"]}
    s3.delete_bucket_lifecycle(Bucket="data")
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket="data") == "NoSuchLifecycleConfiguration"


def test_notifications_tell_eventbridge(s3: Any, aws: Client) -> None:
    queue = aws("sqs").create_queue(QueueName="new")["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rules = [{"Name": "prefix", "Value": "raw/"}]
    told = {
        "Id": "new",
        "QueueArn": arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }
    s3.put_bucket_notification_configuration(
        Bucket="data", NotificationConfiguration={"EventBridgeConfiguration": {}, "QueueConfigurations": [told]}
    )
    found = s3.get_bucket_notification_configuration(Bucket="data")
    assert found["EventBridgeConfiguration"] == {}
    assert found["QueueConfigurations"][0]["QueueArn"] == arn
