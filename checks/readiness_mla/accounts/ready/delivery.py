"""From a commit to what callers get: built and tested, shifted a little at a time, and turned back on alarm."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready.foundation import OWNED, OWNED_CAMEL, Foundation
from readiness_mla.accounts.ready.hosting import LIVE, captured, configure, on_instances
from readiness_mla.accounts.ready.jobs import OWNED_MAP

REPOSITORY = "learner/churn"
FRONT = "churn-front"
TENTH_FIRST = "churn-tenth-first"
GROUPS = {
    "careful": TENTH_FIRST,
    "slow": "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
}
"""Deployment groups, and how each shifts traffic."""

HANDLER = """
import os

import boto3

runtime = boto3.client("sagemaker-runtime")


def handle(event, context):
    answer = runtime.invoke_endpoint(
        EndpointName=os.environ["ENDPOINT"], ContentType="text/csv", Body=event["customer"]
    )
    return {"churn": float(answer["Body"].read())}
"""


def deliver(do: Do, base: Foundation) -> None:
    """A pipeline on the repository, its build, deployments of the function in front, and an update of the endpoint."""
    connection = _connection(do)
    _build(do, base, connection)
    _front(do, base)
    _shift(do, base)
    _pipeline(do, base, connection)
    _update(do, base)


def _connection(do: Do) -> str:
    """A link to the repository; who owns that signs in to it in the console, for which the tag stands here."""
    signed_in = {"Key": "AuthorizedBy", "Value": "learner"}
    tags = [*OWNED, signed_in]
    made = do("codeconnections", "CreateConnection", ProviderType="GitHub", ConnectionName="lab", Tags=tags)
    return str(made["ConnectionArn"])


def _build(do: Do, base: Foundation, connection: str) -> None:
    """Tests and the image, built from the repository on a machine that is clean each time."""
    do(
        "codebuild",
        "CreateProject",
        name="churn-image",
        source={
            "type": "GITHUB",
            "location": f"https://github.com/{REPOSITORY}.git",
            "auth": {"type": "CODECONNECTIONS", "resource": connection},
        },
        artifacts={"type": "S3", "location": base.here.data, "path": "builds", "packaging": "ZIP"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "privilegedMode": True,
        },
        serviceRole=base.here.role("ml-codebuild"),
        encryptionKey=base.key,
        tags=OWNED_CAMEL,
    )
    do("codebuild", "StartBuild", projectName="churn-image")


def _front(do: Do, base: Foundation) -> None:
    """The function that callers know, under an alias that says which version is live, and an alarm on its errors."""
    function = do(
        "lambda",
        "CreateFunction",
        FunctionName=FRONT,
        Runtime="python3.12",
        Role=base.here.role("ml-lambda"),
        Handler="front.handle",
        Code={"ZipFile": _code(1)},
        Environment={"Variables": {"ENDPOINT": LIVE}},
        KMSKeyArn=base.key,
        Publish=True,
        Tags=OWNED_MAP,
    )
    do("lambda", "CreateAlias", FunctionName=FRONT, Name="live", FunctionVersion=function["Version"])
    do(
        "cloudwatch",
        "PutMetricAlarm",
        AlarmName=f"{FRONT}-errors",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": FRONT}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[base.topic],
        Tags=OWNED,
    )


def _code(version: int) -> bytes:
    """The function with the number of its version, the same bytes each time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("front.py"), HANDLER)
        archive.writestr(zipfile.ZipInfo("VERSION"), str(version))
    return packed.getvalue()


def _shift(do: Do, base: Foundation) -> None:
    """A version that a tenth of the calls get first, and one that gets a tenth more each minute."""
    do(
        "codedeploy",
        "CreateDeploymentConfig",
        deploymentConfigName=TENTH_FIRST,
        computePlatform="Lambda",
        trafficRoutingConfig={
            "type": "TimeBasedCanary",
            "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 20},
        },
    )
    do("codedeploy", "CreateApplication", applicationName=FRONT, computePlatform="Lambda", tags=OWNED)
    for number, (group, config) in enumerate(GROUPS.items(), start=1):
        do(
            "codedeploy",
            "CreateDeploymentGroup",
            applicationName=FRONT,
            deploymentGroupName=group,
            serviceRoleArn=base.here.role("ml-codedeploy"),
            deploymentConfigName=config,
            deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            alarmConfiguration={"enabled": True, "alarms": [{"name": f"{FRONT}-errors"}]},
            autoRollbackConfiguration={
                "enabled": True,
                "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
            },
            tags=OWNED,
        )
        do("lambda", "UpdateFunctionCode", FunctionName=FRONT, ZipFile=_code(number + 1), Publish=True)
        do(
            "codedeploy",
            "CreateDeployment",
            applicationName=FRONT,
            deploymentGroupName=group,
            deploymentConfigName=config,
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": _versions(number, number + 1)}},
            description=f"Version {number + 1}, {group}",
        )


def _versions(old: int, new: int) -> str:
    properties = {"Name": FRONT, "Alias": "live", "CurrentVersion": str(old), "TargetVersion": str(new)}
    return json.dumps(
        {"version": 0.0, "Resources": [{"front": {"Type": "AWS::Lambda::Function", "Properties": properties}}]}
    )


def _action(category: str, provider: str, gives: str = "", takes: str = "", **configuration: str) -> dict[str, Any]:
    return {
        "name": category,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
        "configuration": configuration,
        "inputArtifacts": [{"name": takes}] if takes else [],
        "outputArtifacts": [{"name": gives}] if gives else [],
        "runOrder": 1,
    }


def _pipeline(do: Do, base: Foundation, connection: str) -> None:
    """Each commit is fetched, tested and built, looked at by a person, and deployed."""
    source = {"ConnectionArn": connection, "FullRepositoryId": REPOSITORY, "BranchName": "main"}
    deploy = {"ApplicationName": FRONT, "DeploymentGroupName": "careful"}
    stages = {
        "Source": _action("Source", "CodeStarSourceConnection", gives="code", **source),
        "Build": _action("Build", "CodeBuild", takes="code", gives="built", ProjectName="churn-image"),
        "Approve": _action("Approval", "Manual", NotificationArn=base.topic),
        "Deploy": _action("Deploy", "CodeDeploy", takes="built", **deploy),
    }
    do(
        "codepipeline",
        "CreatePipeline",
        pipeline={
            "name": "churn-delivery",
            "pipelineType": "V2",
            "roleArn": base.here.role("ml-codepipeline"),
            "artifactStore": {
                "type": "S3",
                "location": base.here.data,
                "encryptionKey": {"id": base.key, "type": "KMS"},
            },
            "stages": [{"name": name, "actions": [action]} for name, action in stages.items()],
        },
        tags=OWNED_CAMEL,
    )
    _approve(do, "churn-delivery", "Approve", "Approval")


def _approve(do: Do, pipeline: str, stage: str, action: str) -> None:
    """Somebody looks at what was built, and lets it go on; the first run began with the pipeline itself."""
    states = do("codepipeline", "GetPipelineState", name=pipeline)["stageStates"]
    [waiting] = [one for state in states if state["stageName"] == stage for one in state["actionStates"]]
    do(
        "codepipeline",
        "PutApprovalResult",
        pipelineName=pipeline,
        stageName=stage,
        actionName=action,
        result={"summary": "Scores as the version before on last month's customers", "status": "Approved"},
        token=waiting["latestExecution"]["token"],
    )


def _update(do: Do, base: Foundation) -> None:
    """The approved model goes live beside the old one, and back if callers see errors or have to wait."""
    name = f"{LIVE}-2"
    configure(do, base, name, on_instances("churn-2"), DataCaptureConfig=captured(base))
    do(
        "sagemaker",
        "UpdateEndpoint",
        EndpointName=LIVE,
        EndpointConfigName=name,
        DeploymentConfig={
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "CANARY",
                    "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
                    "WaitIntervalInSeconds": 600,
                },
                "TerminationWaitInSeconds": 300,
                "MaximumExecutionTimeoutInSeconds": 3600,
            },
            "AutoRollbackConfiguration": {
                "Alarms": [{"AlarmName": f"{LIVE}-errors"}, {"AlarmName": f"{LIVE}-latency"}]
            },
        },
    )
