from __future__ import annotations

import json
from typing import Any

import pytest

from harness import ACCOUNT, REGION

SERVICES = ["codepipeline.amazonaws.com", "codebuild.amazonaws.com"]
SPEC = "version: 0.2\nphases: {build: {commands: [pytest]}}\nreports: {unit: {files: [r.xml]}}\n"


def action(name: str, category: str, provider: str, order: int = 1, **told: str) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, "configuration": told, "runOrder": order}


FETCH = action("fetch", "Source", "CodeCommit", RepositoryName="ml", BranchName="main")
BUILD = action("build", "Build", "CodeBuild", ProjectName="image")
APPROVE = action("ok", "Approval", "Manual")
PUT = action("put", "Deploy", "S3", BucketName="site")


def role(aws: Any, services: list[str] | None = None) -> str:
    allowed = {"Effect": "Allow", "Principal": {"Service": services or SERVICES}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    return str(aws("iam").create_role(RoleName="delivery", AssumeRolePolicyDocument=trust)["Role"]["Arn"])


def declare(arn: str, *stages: dict[str, Any], **given: Any) -> dict[str, Any]:
    named = [{"name": stage["name"].title(), "actions": [stage]} for stage in stages]
    store = {"type": "S3", "location": "artifacts"}
    return {"name": "deliver", "roleArn": arn, "artifactStore": store, "stages": named, **given}


@pytest.fixture
def ready(aws: Any) -> str:
    """An account with a repository, a build project and a bucket; gives the role of a pipeline."""
    arn = role(aws)
    git = aws("codecommit")
    git.create_repository(repositoryName="ml")
    git.put_file(repositoryName="ml", branchName="main", filePath="buildspec.yml", fileContent=SPEC.encode())
    aws("codebuild").create_project(
        name="image",
        source={"type": "CODEPIPELINE"},
        artifacts={"type": "CODEPIPELINE"},
        environment={"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole=arn,
    )
    aws("s3").create_bucket(Bucket="site")
    return arn


def runs(client: Any) -> list[str]:
    summaries = client.list_pipeline_executions(pipelineName="deliver")["pipelineExecutionSummaries"]
    return [summary["status"] for summary in summaries]


def token(client: Any, stage: int) -> str:
    state = client.get_pipeline_state(name="deliver")["stageStates"][stage]
    return str(state["actionStates"][0]["latestExecution"]["token"])


def answer(client: Any, status: str, given: str) -> None:
    client.put_approval_result(
        pipelineName="deliver",
        stageName="Ok",
        actionName="ok",
        result={"summary": "seen", "status": status},
        token=given,
    )


def test_a_new_pipeline_runs_and_builds_indeed(aws: Any, ready: str) -> None:
    client = aws("codepipeline")
    client.create_pipeline(pipeline=declare(ready, FETCH, BUILD, PUT), tags=[{"key": "Owner", "value": "me"}])
    [run] = client.list_pipeline_executions(pipelineName="deliver")["pipelineExecutionSummaries"]
    assert (run["status"], run["trigger"]["triggerType"]) == ("Succeeded", "CreatePipeline")
    tip = aws("codecommit").get_branch(repositoryName="ml", branchName="main")["branch"]["commitId"]
    assert run["sourceRevisions"][0]["revisionId"] == tip
    [identifier] = aws("codebuild").list_builds()["ids"]
    [build] = aws("codebuild").batch_get_builds(ids=[identifier])["builds"]
    assert build["initiator"] == "codepipeline/deliver"
    assert len(aws("codebuild").list_reports()["reports"]) == 1
    actions = client.list_action_executions(pipelineName="deliver")["actionExecutionDetails"]
    done = {one["actionName"]: (one["status"], one["input"]["actionTypeId"]["category"]) for one in actions}
    assert done == {
        name: ("Succeeded", kind)
        for name, kind in zip(("fetch", "build", "put"), ("Source", "Build", "Deploy"), strict=True)
    }
    found = client.get_pipeline_execution(pipelineName="deliver", pipelineExecutionId=run["pipelineExecutionId"])
    assert found["pipelineExecution"]["pipelineVersion"] == 1
    [listed] = client.list_pipelines()["pipelines"]
    assert (listed["pipelineType"], listed["executionMode"]) == ("V1", "SUPERSEDED")
    arn = client.get_pipeline(name="deliver")["metadata"]["pipelineArn"]
    assert arn == f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:deliver"
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "Owner", "value": "me"}]


def test_a_person_approves_and_newer_runs_supersede_older(aws: Any, ready: str, refused: Any) -> None:
    client = aws("codepipeline")
    client.create_pipeline(pipeline=declare(ready, FETCH, APPROVE, PUT))
    for _ in range(2):
        client.start_pipeline_execution(name="deliver")
    assert runs(client) == ["InProgress", "Superseded", "InProgress"]
    state = client.get_pipeline_state(name="deliver")["stageStates"][1]
    assert state["latestExecution"]["pipelineExecutionId"] != state["inboundExecution"]["pipelineExecutionId"]
    first = token(client, 1)
    wrong = {"pipelineName": "deliver", "stageName": "Ok", "result": {"summary": "", "status": "Approved"}}
    approve = client.put_approval_result
    made_up = "00000000-0000-0000-0000-000000000000"
    assert refused(approve, **wrong, actionName="ok", token=made_up) == "InvalidApprovalTokenException"
    assert refused(approve, **wrong, actionName="other", token=first) == "ActionNotFoundException"
    answer(client, "Approved", first)
    assert runs(client) == ["InProgress", "Superseded", "Succeeded"]
    assert refused(approve, **wrong, actionName="ok", token=first) == "ApprovalAlreadyCompletedException"
    answer(client, "Rejected", token(client, 1))
    assert runs(client) == ["Failed", "Superseded", "Succeeded"]


def test_parallel_runs_do_not_wait_for_each_other(aws: Any, ready: str) -> None:
    client = aws("codepipeline")
    declared = declare(ready, FETCH, APPROVE, PUT, pipelineType="V2", executionMode="PARALLEL")
    client.create_pipeline(pipeline=declared)
    client.start_pipeline_execution(name="deliver")
    actions = client.list_action_executions(pipelineName="deliver")["actionExecutionDetails"]
    assert [one["status"] for one in actions if one["actionName"] == "ok"] == ["InProgress", "InProgress"]


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (action("fetch", "Source", "CodeCommit", RepositoryName="none", BranchName="main"), 0),
        (action("fetch", "Source", "CodeStarSourceConnection", ConnectionArn="none"), 0),
        (action("fetch", "Source", "S3", S3Bucket="site", S3ObjectKey="none.zip"), 0),
        (action("build", "Build", "CodeBuild", ProjectName="none"), 1),
        (action("put", "Deploy", "S3", BucketName="none"), 1),
        (action("deploy", "Deploy", "CodeDeploy", ApplicationName="none", DeploymentGroupName="none"), 1),
        (action("call", "Invoke", "Lambda", FunctionName="none"), 1),
        (action("run", "Invoke", "StepFunctions", StateMachineArn="none"), 1),
    ],
)
def test_an_action_fails_whose_object_is_not_there(aws: Any, ready: str, wrong: dict[str, Any], place: int) -> None:
    client = aws("codepipeline")
    client.create_pipeline(pipeline=declare(ready, *((wrong, PUT) if place == 0 else (FETCH, wrong))))
    assert runs(client) == ["Failed"]
    [failed] = [
        one
        for one in client.list_action_executions(pipelineName="deliver")["actionExecutionDetails"]
        if one["status"] == "Failed"
    ]
    assert failed["actionName"] == wrong["name"]
    assert failed["output"]["executionResult"]["errorDetails"]["message"]


def test_a_stage_is_retried_and_an_execution_stopped(aws: Any, ready: str, refused: Any) -> None:
    client = aws("codepipeline")
    missing = action("put", "Deploy", "S3", BucketName="later")
    client.create_pipeline(pipeline=declare(ready, FETCH, missing, APPROVE))
    [run] = client.list_pipeline_executions(pipelineName="deliver")["pipelineExecutionSummaries"]
    aws("s3").create_bucket(Bucket="later")
    place = {"pipelineName": "deliver", "pipelineExecutionId": run["pipelineExecutionId"]}
    retry = {**place, "retryMode": "FAILED_ACTIONS"}
    assert refused(client.retry_stage_execution, **retry, stageName="Fetch") == "StageNotRetryableException"
    client.retry_stage_execution(**retry, stageName="Put")
    assert runs(client) == ["InProgress"]
    client.stop_pipeline_execution(**place, reason="enough")
    assert runs(client) == ["Stopped"]
    assert refused(client.stop_pipeline_execution, **place) == "PipelineExecutionNotStoppableException"


def test_a_transition_that_is_shut_holds_executions(aws: Any, ready: str) -> None:
    client = aws("codepipeline")
    client.create_pipeline(pipeline=declare(ready, FETCH, PUT))
    place = {"pipelineName": "deliver", "stageName": "Put", "transitionType": "Inbound"}
    client.disable_stage_transition(**place, reason="freeze")
    client.start_pipeline_execution(name="deliver")
    assert runs(client) == ["InProgress", "Succeeded"]
    state = client.get_pipeline_state(name="deliver")["stageStates"][1]["inboundTransitionState"]
    assert (state["enabled"], state["disabledReason"]) == (False, "freeze")
    client.enable_stage_transition(**place)
    assert runs(client) == ["Succeeded", "Succeeded"]


def test_commits_start_pipelines(aws: Any, ready: str) -> None:
    client, git = aws("codepipeline"), aws("codecommit")
    client.create_pipeline(pipeline=declare(ready, FETCH, PUT))

    def commit(text: str) -> str:
        parent = git.get_branch(repositoryName="ml", branchName="main")["branch"]["commitId"]
        place = {"repositoryName": "ml", "branchName": "main", "filePath": "a", "parentCommitId": parent}
        git.put_file(**place, fileContent=text.encode())
        [newest] = client.list_pipeline_executions(pipelineName="deliver", maxResults=1)["pipelineExecutionSummaries"]
        return str(newest["trigger"]["triggerType"])

    assert commit("1") == "PollForSourceChanges"
    quiet = {**FETCH, "configuration": {**FETCH["configuration"], "PollForSourceChanges": "false"}}
    client.update_pipeline(pipeline=declare(ready, quiet, PUT))
    commit("2")
    assert len(runs(client)) == 2
    pattern = {"source": ["aws.codecommit"], "detail": {"referenceName": ["main"]}}
    arn = client.get_pipeline(name="deliver")["metadata"]["pipelineArn"]
    aws("events").put_rule(Name="pushed", EventPattern=json.dumps(pattern))
    aws("events").put_targets(Rule="pushed", Targets=[{"Id": "1", "Arn": arn, "RoleArn": ready}])
    assert commit("3") == "CloudWatchEvent"


def test_declarations_that_are_none(aws: Any, ready: str, refused: Any) -> None:
    client = aws("codepipeline")
    create = client.create_pipeline
    for declared in (
        declare(ready, FETCH),
        declare(ready, PUT, FETCH),
        declare(ready, FETCH, FETCH),
        declare(f"arn:aws:iam::{ACCOUNT}:role/none", FETCH, PUT),
        declare(ready, FETCH, PUT, variables=[{"name": "stage"}]),
    ):
        assert refused(create, pipeline=declared) == "InvalidStructureException"
    create(
        pipeline=declare(ready, FETCH, PUT, pipelineType="V2", variables=[{"name": "stage", "defaultValue": "test"}])
    )
    assert refused(create, pipeline=declare(ready, FETCH, PUT)) == "PipelineNameInUseException"
    run = client.start_pipeline_execution(name="deliver", variables=[{"name": "stage", "value": "prod"}])
    found = client.get_pipeline_execution(pipelineName="deliver", **{k: v for k, v in run.items() if k[0] == "p"})
    assert found["pipelineExecution"]["variables"] == [{"name": "stage", "resolvedValue": "prod"}]
    client.delete_pipeline(name="deliver")
    assert client.list_pipelines()["pipelines"] == []
    assert refused(client.list_action_executions, pipelineName="deliver") == "PipelineNotFoundException"
