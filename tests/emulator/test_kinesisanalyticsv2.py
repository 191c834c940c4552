from __future__ import annotations

import datetime
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml-flink"
CODE = {
    "CodeContentType": "ZIPFILE",
    "CodeContent": {"S3ContentLocation": {"BucketARN": "arn:aws:s3:::data", "FileKey": "flink.zip"}},
}


@pytest.fixture
def flink(aws: Client) -> Any:
    """Flink with an application `clicks`, whose code is not there yet."""
    aws("s3").create_bucket(Bucket="data")
    client = aws("kinesisanalyticsv2")
    client.create_application(
        ApplicationName="clicks",
        RuntimeEnvironment="FLINK-1_20",
        ServiceExecutionRole=ROLE,
        ApplicationConfiguration={"ApplicationCodeConfiguration": CODE},
        Tags=[{"Key": "Owner", "Value": "me"}],
    )
    return client


def detail(client: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.describe_application(ApplicationName="clicks")["ApplicationDetail"]
    return found


def test_an_application_starts_and_stops(flink: Any, aws: Client, refused: Refused) -> None:
    name = {"ApplicationName": "clicks"}
    assert detail(flink)["ApplicationStatus"] == "READY"
    failed = flink.start_application(**name)["OperationId"]
    assert detail(flink)["ApplicationStatus"] == "READY"
    told = flink.describe_application_operation(**name, OperationId=failed)["ApplicationOperationInfoDetails"]
    assert told["OperationStatus"] == "FAILED"
    aws("s3").put_object(Bucket="data", Key="flink.zip", Body=b"PK")
    flink.start_application(**name)
    found = detail(flink)
    code = found["ApplicationConfigurationDescription"]["ApplicationCodeConfigurationDescription"]
    assert code["CodeContentDescription"]["CodeSize"] == 2
    assert found["ApplicationStatus"] == "RUNNING"
    assert "RunConfigurationDescription" in found["ApplicationConfigurationDescription"]
    assert refused(flink.start_application, **name) == "ResourceInUseException"
    flink.create_application_snapshot(**name, SnapshotName="one")
    assert refused(flink.create_application_snapshot, **name, SnapshotName="one") == "ResourceInUseException"
    flink.stop_application(**name)
    assert refused(flink.stop_application, **name) == "ResourceInUseException"
    assert refused(flink.create_application_snapshot, **name, SnapshotName="two") == "InvalidRequestException"
    assert len(flink.list_application_snapshots(**name)["SnapshotSummaries"]) == 2
    snapshot = flink.describe_application_snapshot(**name, SnapshotName="one")["SnapshotDetails"]
    at = snapshot["SnapshotCreationTimestamp"]
    flink.delete_application_snapshot(**name, SnapshotName="one", SnapshotCreationTimestamp=at)
    assert refused(flink.describe_application_snapshot, **name, SnapshotName="one") == "ResourceNotFoundException"
    operations = flink.list_application_operations(**name)["ApplicationOperationInfoList"]
    assert [(one["Operation"], one["OperationStatus"]) for one in operations] == [
        ("StopApplication", "SUCCESSFUL"),
        ("StartApplication", "SUCCESSFUL"),
        ("StartApplication", "FAILED"),
    ]
    assert all(one["StartTime"] <= one["EndTime"] for one in operations)
    only = flink.list_application_operations(**name, OperationStatus="FAILED")["ApplicationOperationInfoList"]
    assert [one["OperationId"] for one in only] == [failed]
    first = flink.list_application_operations(**name, Limit=2)
    rest = flink.list_application_operations(**name, NextToken=first["NextToken"])
    assert len(rest["ApplicationOperationInfoList"]) == 1


def test_an_application_changes_by_versions(flink: Any, refused: Refused) -> None:
    group = {"PropertyGroupId": "flink", "PropertyMap": {"stream": "clicks"}}
    update = {
        "EnvironmentPropertyUpdates": {"PropertyGroups": [group]},
        "ApplicationSnapshotConfigurationUpdate": {"SnapshotsEnabledUpdate": False},
    }
    name = {"ApplicationName": "clicks"}
    changed = flink.update_application(
        **name,
        CurrentApplicationVersionId=1,
        ApplicationConfigurationUpdate=update,
        ServiceExecutionRoleUpdate=f"{ROLE}-2",
    )["ApplicationDetail"]
    assert (changed["ApplicationVersionId"], changed["ApplicationVersionUpdatedFrom"]) == (2, 1)
    described = changed["ApplicationConfigurationDescription"]
    assert described["EnvironmentPropertyDescriptions"]["PropertyGroupDescriptions"] == [group]
    assert described["ApplicationSnapshotConfigurationDescription"] == {"SnapshotsEnabled": False}
    versions = flink.list_application_versions(**name)["ApplicationVersionSummaries"]
    assert [one["ApplicationVersionId"] for one in versions] == [2, 1]
    stale = {**name, "CurrentApplicationVersionId": 1}
    assert refused(flink.update_application, **stale) == "ConcurrentModificationException"
    vpc = {"VpcConfigurationUpdates": [{"VpcConfigurationId": "1.1"}]}
    assert refused(flink.update_application, **name, ApplicationConfigurationUpdate=vpc) == "InvalidArgumentException"


def test_an_application_is_deleted_by_who_knows_it(flink: Any, refused: Refused) -> None:
    name = {"ApplicationName": "clicks"}
    found = detail(flink)
    assert found["ApplicationARN"] == f"arn:aws:kinesisanalytics:{REGION}:{ACCOUNT}:application/clicks"
    create = flink.create_application
    given = {"RuntimeEnvironment": "FLINK-1_20", "ServiceExecutionRole": ROLE}
    assert refused(create, **name, **given) == "ResourceInUseException"
    create(ApplicationName="bare", **given)
    assert refused(flink.start_application, ApplicationName="bare") == "InvalidApplicationConfigurationException"
    assert len(flink.list_applications()["ApplicationSummaries"]) == 2
    assert len(flink.list_applications(Limit=1)["ApplicationSummaries"]) == 1
    flink.untag_resource(ResourceARN=found["ApplicationARN"], TagKeys=["Owner"])
    assert flink.list_tags_for_resource(ResourceARN=found["ApplicationARN"])["Tags"] == []
    wrong = found["CreateTimestamp"] - datetime.timedelta(days=1)
    assert refused(flink.delete_application, **name, CreateTimestamp=wrong) == "InvalidArgumentException"
    flink.delete_application(**name, CreateTimestamp=found["CreateTimestamp"])
    assert refused(flink.describe_application, **name) == "ResourceNotFoundException"
    assert refused(flink.list_application_operations, **name) == "ResourceNotFoundException"


def test_the_network_is_that_of_the_subnets(flink: Any, aws: Client, refused: Refused) -> None:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    given = {"ApplicationName": "inside", "RuntimeEnvironment": "FLINK-1_20", "ServiceExecutionRole": ROLE}
    network = {"SubnetIds": [subnet], "SecurityGroupIds": ["sg-1"]}
    flink.create_application(**given, ApplicationConfiguration={"VpcConfigurations": [network]})
    found = flink.describe_application(ApplicationName="inside")["ApplicationDetail"]
    [described] = found["ApplicationConfigurationDescription"]["VpcConfigurationDescriptions"]
    assert described["VpcId"] == vpc
    lost = {"VpcConfigurations": [{**network, "SubnetIds": ["subnet-0"]}]}
    given["ApplicationName"] = "outside"
    refusal = refused(flink.create_application, **given, ApplicationConfiguration=lost)
    assert refusal == "InvalidApplicationConfigurationException"


def test_a_partition_of_its_own(aws: Client) -> None:
    client = aws("kinesisanalyticsv2", "cn-north-1")
    client.create_application(
        ApplicationName="clicks",
        RuntimeEnvironment="FLINK-1_20",
        ServiceExecutionRole=ROLE,
        Tags=[{"Key": "Owner", "Value": "me"}],
    )
    arn = client.list_applications()["ApplicationSummaries"][0]["ApplicationARN"]
    assert arn.startswith("arn:aws-cn:")
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "Owner", "Value": "me"}]
