from __future__ import annotations

import json
from typing import Any

TEMPLATE = json.dumps(
    {
        "Resources": {
            "Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "stack-data"}},
            "Told": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "told"}},
        }
    }
)
EMPTY = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})


def test_stacks_are_listed_newest_first_with_those_deleted(aws: Any) -> None:
    client = aws("cloudformation")
    for name in ("first", "second", "third"):
        client.create_stack(StackName=name, TemplateBody=EMPTY)
    client.delete_stack(StackName="second")
    found = client.list_stacks()["StackSummaries"]
    assert [stack["StackName"] for stack in found] == ["third", "second", "first"]
    [gone] = client.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert gone["CreationTime"] <= gone["DeletionTime"]
    [resource] = client.list_stack_resources(StackName=gone["StackId"])["StackResourceSummaries"]
    assert (resource["ResourceType"], resource["ResourceStatus"]) == ("AWS::SQS::Queue", "DELETE_COMPLETE")
    [resource] = client.list_stack_resources(StackName="first")["StackResourceSummaries"]
    assert resource["ResourceStatus"] == "CREATE_COMPLETE"


def test_the_mark_of_the_cdk_is_a_resource(aws: Any) -> None:
    client = aws("cloudformation")
    mark = {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2"}}
    for call in (client.create_stack, client.update_stack):
        call(
            StackName="app", TemplateBody=json.dumps({"Resources": {"CDKMetadata": mark}, "Description": call.__name__})
        )
    [resource] = client.list_stack_resources(StackName="app")["StackResourceSummaries"]
    assert resource["ResourceType"] == "AWS::CDK::Metadata"
    assert resource["PhysicalResourceId"].startswith("app-CDKMetadata-")
    client.delete_stack(StackName="app")


def test_a_protected_stack_is_not_deleted(aws: Any, refused: Any) -> None:
    client = aws("cloudformation")
    client.create_stack(StackName="kept", TemplateBody=EMPTY, EnableTerminationProtection=True)
    assert refused(client.delete_stack, StackName="kept") == "ValidationError"
    client.update_termination_protection(StackName="kept", EnableTerminationProtection=False)
    client.delete_stack(StackName="kept")
    none = {"StackName": "none", "EnableTerminationProtection": True}
    assert refused(client.update_termination_protection, **none) == "ValidationError"
    assert client.describe_stacks()["Stacks"] == []


def test_what_somebody_deleted_has_drifted(aws: Any, refused: Any) -> None:
    client = aws("cloudformation")
    client.create_stack(StackName="data", TemplateBody=TEMPLATE)

    def drift() -> tuple[str, int]:
        number = client.detect_stack_drift(StackName="data")["StackDriftDetectionId"]
        found = client.describe_stack_drift_detection_status(StackDriftDetectionId=number)
        assert found["DetectionStatus"] == "DETECTION_COMPLETE"
        return found["StackDriftStatus"], found["DriftedStackResourceCount"]

    [stack] = client.describe_stacks()["Stacks"]
    assert stack["DriftInformation"] == {"StackDriftStatus": "NOT_CHECKED"}
    assert drift() == ("IN_SYNC", 0)
    aws("s3").delete_bucket(Bucket="stack-data")
    assert drift() == ("DRIFTED", 1)
    [stack] = client.describe_stacks(StackName="data")["Stacks"]
    assert stack["DriftInformation"]["StackDriftStatus"] == "DRIFTED"
    assert stack["DriftInformation"]["LastCheckTimestamp"] >= stack["CreationTime"]
    drifts = client.describe_stack_resource_drifts(StackName="data", StackResourceDriftStatusFilters=["DELETED"])
    assert [one["LogicalResourceId"] for one in drifts["StackResourceDrifts"]] == ["Data"]
    assert len(client.describe_stack_resource_drifts(StackName="data")["StackResourceDrifts"]) == 2
    assert refused(client.detect_stack_drift, StackName="none") == "ValidationError"
    made_up = {"StackDriftDetectionId": "0" * 36}
    assert refused(client.describe_stack_drift_detection_status, **made_up) == "ValidationError"
