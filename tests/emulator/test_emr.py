from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml-emr"
GOOD, LOST = "s3://data/etl.py", "s3://no-such-bucket/etl.py"


@pytest.fixture(autouse=True)
def bucket(aws: Client) -> None:
    aws("s3").create_bucket(Bucket="data")


def step(script: str = GOOD, otherwise: str = "CONTINUE") -> dict[str, Any]:
    arguments = ["spark-submit", "--deploy-mode", "cluster", script, "s3://elsewhere/output/"]
    jar = {"Jar": "command-runner.jar", "Args": arguments}
    return {"Name": script, "ActionOnFailure": otherwise, "HadoopJarStep": jar}


def cluster(client: Any, *steps: dict[str, Any], alive: bool = True, name: str = "spark") -> str:
    made = client.run_job_flow(
        Name=name,
        ReleaseLabel="emr-7.1.0",
        Applications=[{"Name": "Spark"}],
        Instances={"InstanceCount": 1, "MasterInstanceType": "m5.xlarge", "KeepJobFlowAliveWhenNoSteps": alive},
        JobFlowRole="EMR_EC2",
        ServiceRole="EMR",
        Steps=list(steps),
    )
    found: str = made["JobFlowId"]
    return found


def states(client: Any, name: str) -> tuple[str, list[str]]:
    state = client.describe_cluster(ClusterId=name)["Cluster"]["Status"]["State"]
    steps = client.list_steps(ClusterId=name)["Steps"]
    return state, sorted(one["Status"]["State"] for one in steps)


@pytest.mark.parametrize(
    ("steps", "alive", "state", "done"),
    [
        ([step()], True, "WAITING", ["COMPLETED"]),
        ([step(), step()], False, "TERMINATED", ["COMPLETED", "COMPLETED"]),
        ([step(LOST), step()], True, "WAITING", ["COMPLETED", "FAILED"]),
        ([step(LOST, "CANCEL_AND_WAIT"), step()], True, "WAITING", ["CANCELLED", "FAILED"]),
        ([step(LOST, "TERMINATE_CLUSTER"), step()], True, "TERMINATED_WITH_ERRORS", ["CANCELLED", "FAILED"]),
        ([], True, "WAITING", []),
        ([], False, "TERMINATED", []),
    ],
)
def test_steps_end(aws: Client, steps: list[dict[str, Any]], alive: bool, state: str, done: list[str]) -> None:
    emr = aws("emr")
    assert states(emr, cluster(emr, *steps, alive=alive)) == (state, done)


def test_a_cluster_goes_on_until_it_ends(aws: Client, refused: Refused) -> None:
    emr = aws("emr")
    name = cluster(emr)
    emr.add_job_flow_steps(JobFlowId=name, Steps=[step()])
    [found] = emr.list_steps(ClusterId=name)["Steps"]
    times = found["Status"]["Timeline"]
    assert times["CreationDateTime"] <= times["StartDateTime"] < times["EndDateTime"]
    emr.terminate_job_flows(JobFlowIds=[name])
    assert refused(emr.add_job_flow_steps, JobFlowId=name, Steps=[step()]) == "ValidationException"
    assert refused(emr.add_job_flow_steps, JobFlowId="j-OTHER", Steps=[step()]) == "InvalidRequestException"


def test_clusters_are_listed_newest_first(aws: Client) -> None:
    emr = aws("emr")
    names = [cluster(emr, *([step()] if number % 2 else []), alive=number != 1) for number in range(3)]
    found = emr.list_clusters()["Clusters"]
    assert [one["Id"] for one in found] == names[::-1]
    assert found[1]["Status"]["StateChangeReason"] == {"Code": "ALL_STEPS_COMPLETED", "Message": "Steps completed"}
    emr.terminate_job_flows(JobFlowIds=[names[0]])
    ended = emr.list_clusters(ClusterStates=["TERMINATED"])["Clusters"]
    assert [one["Status"]["StateChangeReason"]["Code"] for one in ended] == ["ALL_STEPS_COMPLETED", "USER_REQUEST"]
    late = found[0]["Status"]["Timeline"]["CreationDateTime"].replace(year=2099)
    assert emr.list_clusters(CreatedAfter=late)["Clusters"] == []


def application(client: Any, **given: Any) -> str:
    made = client.create_application(name="spark", type="SPARK", releaseLabel="emr-7.1.0", **given)
    found: str = made["applicationId"]
    return found


def submit(client: Any, within: str, script: str = GOOD, **given: Any) -> str:
    driver = {"sparkSubmit": {"entryPoint": script}}
    made = client.start_job_run(applicationId=within, executionRoleArn=ROLE, jobDriver=driver, **given)
    found: str = made["jobRunId"]
    return found


def test_serverless_runs_end_and_streams_go_on(aws: Client, refused: Refused) -> None:
    client = aws("emr-serverless")
    name = application(client)
    assert client.get_application(applicationId=name)["application"]["state"] == "CREATED"
    assert client.list_job_runs(applicationId=name)["jobRuns"] == []
    batch = submit(client, name, name="etl", retryPolicy={"maxAttempts": 2})
    assert client.get_application(applicationId=name)["application"]["state"] == "STARTED"
    lost = submit(client, name, LOST)
    stream = submit(client, name, mode="STREAMING")
    runs = client.list_job_runs(applicationId=name)["jobRuns"]
    assert [(one["id"], one["state"], one["mode"]) for one in runs] == [
        (stream, "RUNNING", "STREAMING"),
        (lost, "FAILED", "BATCH"),
        (batch, "SUCCESS", "BATCH"),
    ]
    found = client.get_job_run(applicationId=name, jobRunId=batch)["jobRun"]
    assert (found["endedAt"] - found["startedAt"]).total_seconds() == found["totalExecutionDurationSeconds"]
    assert found["billedResourceUtilization"]["vCPUHour"] > 0
    assert found["retryPolicy"] == {"maxAttempts": 2}
    assert [one["id"] for one in client.list_job_runs(applicationId=name, mode="STREAMING")["jobRuns"]] == [stream]
    assert [one["id"] for one in client.list_job_runs(applicationId=name, states=["FAILED"])["jobRuns"]] == [lost]
    late = found["createdAt"].replace(year=2099)
    assert client.list_job_runs(applicationId=name, createdAtAfter=late)["jobRuns"] == []
    assert len(client.list_job_runs(applicationId=name, createdAtBefore=late, maxResults=2)["jobRuns"]) == 2
    client.cancel_job_run(applicationId=name, jobRunId=stream)
    cancelled = client.get_job_run(applicationId=name, jobRunId=stream)["jobRun"]
    assert (cancelled["state"], "endedAt" in cancelled) == ("CANCELLED", True)
    assert refused(client.cancel_job_run, applicationId=name, jobRunId=batch) == "ValidationException"
    assert refused(client.get_job_run, applicationId=name, jobRunId="other") == "ResourceNotFoundException"
    assert refused(client.list_job_runs, applicationId="other") == "ResourceNotFoundException"
    manual = application(client, autoStartConfiguration={"enabled": False})
    assert refused(lambda: submit(client, manual)) == "ValidationException"


def test_runs_on_eks_end(aws: Client) -> None:
    client = aws("emr-containers")
    provider = {"type": "EKS", "id": "eks", "info": {"eksInfo": {"namespace": "spark"}}}
    name = client.create_virtual_cluster(name="spark", containerProvider=provider)["id"]
    for script in (GOOD, LOST):
        client.start_job_run(
            virtualClusterId=name,
            name=script,
            executionRoleArn=ROLE,
            releaseLabel="emr-6.3.0-latest",
            jobDriver={"sparkSubmitJobDriver": {"entryPoint": script}},
        )
    runs = client.list_job_runs(virtualClusterId=name)["jobRuns"]
    assert [one["state"] for one in runs] == ["FAILED", "COMPLETED"]
    assert all(one["createdAt"] < one["finishedAt"] for one in runs)
    [cluster] = client.list_virtual_clusters()["virtualClusters"]
    assert cluster["createdAt"] <= runs[1]["createdAt"]
