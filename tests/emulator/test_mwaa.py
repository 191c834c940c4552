from __future__ import annotations

from typing import Any

from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/airflow"
ENVIRONMENT = {
    "ExecutionRoleArn": ROLE,
    "SourceBucketArn": "arn:aws:s3:::dags",
    "DagS3Path": "dags",
    "NetworkConfiguration": {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]},
}
PLACE = {"Bucket": "dags", "ObjectKey": "train.yaml"}


def test_environments(aws: Any, refused: Any) -> None:
    client = aws("mwaa")
    arn = client.create_environment(Name="flows", Tags={"Owner": "me"}, **ENVIRONMENT)["Arn"]
    assert arn == f"arn:aws:airflow:{REGION}:{ACCOUNT}:environment/flows"
    found = client.get_environment(Name="flows")["Environment"]
    assert (found["Status"], found["EnvironmentClass"]) == ("AVAILABLE", "mw1.small")
    assert found["LoggingConfiguration"]["TaskLogs"]["CloudWatchLogGroupArn"].endswith("airflow-flows-Task")
    assert client.list_environments()["Environments"] == ["flows"]
    client.update_environment(Name="flows", MaxWorkers=3, NetworkConfiguration={"SecurityGroupIds": ["sg-2"]})
    found = client.get_environment(Name="flows")["Environment"]
    assert (found["MaxWorkers"], found["LastUpdate"]["Status"]) == (3, "SUCCESS")
    assert found["NetworkConfiguration"] == {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-2"]}
    client.tag_resource(ResourceArn=arn, Tags={"Cost": "one"})
    client.untag_resource(ResourceArn=arn, tagKeys=["Owner"])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"Cost": "one"}
    assert refused(client.create_environment, Name="flows", **ENVIRONMENT) == "ValidationException"
    none = {**ENVIRONMENT, "NetworkConfiguration": {"SecurityGroupIds": ["sg-1"]}}
    assert refused(client.create_environment, Name="other", **none) == "ValidationException"
    client.delete_environment(Name="flows")
    assert refused(client.get_environment, Name="flows") == "ResourceNotFoundException"
    assert client.list_environments()["Environments"] == []


def test_workflows_have_versions_and_runs(aws: Any, refused: Any) -> None:
    client, s3 = aws("mwaa-serverless"), aws("s3")
    given = {"Name": "train", "DefinitionS3Location": PLACE, "RoleArn": ROLE}
    assert refused(client.create_workflow, **given) == "ValidationException"
    s3.create_bucket(Bucket="dags")
    s3.put_object(Bucket="dags", Key="train.yaml", Body=b"train: {}")
    made = client.create_workflow(**given, Tags={"Owner": "me"})
    arn, first = made["WorkflowArn"], made["WorkflowVersion"]
    assert (made["WorkflowStatus"], made["IsLatestVersion"]) == ("READY", True)
    assert refused(client.create_workflow, **given) == "ConflictException"
    second = client.update_workflow(WorkflowArn=arn, DefinitionS3Location=PLACE, RoleArn=ROLE)["WorkflowVersion"]
    versions = client.list_workflow_versions(WorkflowArn=arn)["WorkflowVersions"]
    assert [(one["WorkflowVersion"], one["IsLatestVersion"]) for one in versions] == [(second, True), (first, False)]
    found = client.get_workflow(WorkflowArn=arn, WorkflowVersion=first)
    assert (found["WorkflowVersion"], found["WorkflowDefinition"]) == (first, "train: {}")
    [workflow] = client.list_workflows()["Workflows"]
    assert (workflow["Name"], workflow["WorkflowVersion"]) == ("train", second)
    started = client.start_workflow_run(WorkflowArn=arn)
    run = client.get_workflow_run(WorkflowArn=arn, RunId=started["RunId"])["RunDetail"]
    assert (run["RunState"], run["WorkflowVersion"]) == ("SUCCESS", second)
    assert run["StartedOn"] < run["CompletedOn"]
    [told] = client.list_workflow_runs(WorkflowArn=arn)["WorkflowRuns"]
    assert told["RunDetailSummary"]["Status"] == "SUCCESS"
    place = {"WorkflowArn": arn, "RunId": started["RunId"]}
    assert refused(client.stop_workflow_run, **place) == "ValidationException"
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"Owner": "me"}
    client.delete_workflow(WorkflowArn=arn, WorkflowVersion=second)
    assert client.get_workflow(WorkflowArn=arn)["WorkflowVersion"] == first
    client.delete_workflow(WorkflowArn=arn)
    assert client.list_workflows()["Workflows"] == []
    assert refused(client.get_workflow, WorkflowArn=arn) == "ResourceNotFoundException"
