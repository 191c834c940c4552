from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
ROLLBACK = {"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]}
CANARY = "CodeDeployDefault.LambdaCanary10Percent5Minutes"


def package(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("front.py", text)
    return packed.getvalue()


@pytest.fixture
def front(aws: Any) -> Any:
    """CodeDeploy with a group `live` of a function `front`, which has three versions and an alias on the first."""
    role = aws("iam").create_role(
        RoleName="front", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    )
    functions = aws("lambda")
    functions.create_function(
        FunctionName="front",
        Runtime="python3.12",
        Role=role["Role"]["Arn"],
        Handler="front.handle",
        Code={"ZipFile": package("1")},
        Publish=True,
    )
    functions.create_alias(FunctionName="front", Name="live", FunctionVersion="1")
    for text in "23":
        functions.update_function_code(FunctionName="front", ZipFile=package(text), Publish=True)
    client = aws("codedeploy")
    client.create_application(applicationName="front", computePlatform="Lambda", tags=[{"Key": "Owner", "Value": "me"}])
    client.create_deployment_group(
        applicationName="front",
        deploymentGroupName="live",
        serviceRoleArn=ROLE,
        deploymentConfigName=CANARY,
        alarmConfiguration={"enabled": True, "alarms": [{"name": "errors"}]},
        autoRollbackConfiguration=ROLLBACK,
    )
    return client


def deploy(client: Any, old: int, new: int, **given: Any) -> dict[str, Any]:
    properties = {"Name": "front", "Alias": "live", "CurrentVersion": str(old), "TargetVersion": str(new)}
    resource = {"front": {"Type": "AWS::Lambda::Function", "Properties": properties}}
    content = json.dumps({"version": 0.0, "Resources": [resource], **given})
    made = client.create_deployment(
        applicationName="front",
        deploymentGroupName="live",
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": content}},
    )
    found: dict[str, Any] = client.get_deployment(deploymentId=made["deploymentId"])["deploymentInfo"]
    return found


def test_a_deployment_moves_the_alias(aws: Any, front: Any) -> None:
    found = deploy(front, 1, 2)
    assert (found["status"], found["deploymentConfigName"], found["creator"]) == ("Succeeded", CANARY, "user")
    assert (found["completeTime"] - found["startTime"]).total_seconds() == 300
    assert aws("lambda").get_alias(FunctionName="front", Name="live")["FunctionVersion"] == "2"
    group = front.get_deployment_group(applicationName="front", deploymentGroupName="live")["deploymentGroupInfo"]
    assert group["lastSuccessfulDeployment"]["deploymentId"] == found["deploymentId"]
    assert group["targetRevision"] == found["revision"]
    assert group["alarmConfiguration"]["alarms"] == [{"name": "errors"}]


@pytest.mark.parametrize(
    ("old", "new", "given", "code"),
    [
        (1, 9, {}, "INVALID_LAMBDA_CONFIGURATION"),
        (2, 3, {}, "INVALID_LAMBDA_CONFIGURATION"),
        (1, 2, {"Resources": []}, "INVALID_REVISION"),
        (1, 2, {"Hooks": [{"AfterAllowTraffic": "arn:aws:lambda:x:1:function:none"}]}, "HOOK_EXECUTION_FAILURE"),
    ],
)
def test_what_is_not_there_fails(front: Any, old: int, new: int, given: dict[str, Any], code: str) -> None:
    found = deploy(front, old, new, **given)
    assert (found["status"], found["errorInformation"]["code"]) == ("Failed", code)
    assert "rollbackDeploymentId" not in found["rollbackInfo"]


def test_an_alarm_stops_a_deployment_and_rolls_it_back(aws: Any, front: Any, refused: Any) -> None:
    well = deploy(front, 1, 2)
    alarms = aws("cloudwatch")
    alarms.put_metric_alarm(
        AlarmName="errors",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    alarms.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    stopped = deploy(front, 2, 3)
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert aws("lambda").get_alias(FunctionName="front", Name="live")["FunctionVersion"] == "2"
    back = stopped["rollbackInfo"]["rollbackDeploymentId"]
    newest = front.list_deployments(applicationName="front", deploymentGroupName="live")["deployments"]
    assert newest == [back, stopped["deploymentId"], well["deploymentId"]]
    [undone] = front.batch_get_deployments(deploymentIds=[back])["deploymentsInfo"]
    assert (undone["creator"], undone["status"]) == ("codeDeployRollback", "Succeeded")
    assert undone["revision"] == well["revision"]
    assert front.list_deployments(includeOnlyStatuses=["Stopped"])["deployments"] == [stopped["deploymentId"]]
    assert refused(front.stop_deployment, deploymentId=back) == "DeploymentAlreadyCompletedException"


def test_groups_are_changed_and_deleted(front: Any, refused: Any) -> None:
    of = {"applicationName": "front"}
    group = {**of, "deploymentGroupName": "live", "serviceRoleArn": ROLE}
    assert refused(front.create_deployment_group, **group) == "DeploymentGroupAlreadyExistsException"
    other = {**group, "deploymentGroupName": "other"}
    in_place = {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}
    for given, code in (
        ({"deploymentConfigName": "none"}, "DeploymentConfigDoesNotExistException"),
        ({"deploymentConfigName": "CodeDeployDefault.OneAtATime"}, "InvalidDeploymentConfigNameException"),
        ({"deploymentStyle": in_place}, "InvalidDeploymentStyleException"),
        ({"alarmConfiguration": {"enabled": True}}, "InvalidAlarmConfigException"),
        ({"autoRollbackConfiguration": {"enabled": True}}, "InvalidAutoRollbackConfigException"),
    ):
        assert refused(front.create_deployment_group, **other, **given) == code
    front.update_deployment_group(
        **of,
        currentDeploymentGroupName="live",
        newDeploymentGroupName="prod",
        autoRollbackConfiguration={"enabled": False, "events": []},
    )
    found = front.batch_get_deployment_groups(**of, deploymentGroupNames=["prod", "live"])
    assert "live" in found["errorMessage"]
    assert found["deploymentGroupsInfo"][0]["autoRollbackConfiguration"]["enabled"] is False
    assert found["deploymentGroupsInfo"][0]["deploymentConfigName"] == CANARY
    front.update_application(applicationName="front", newApplicationName="edge")
    assert front.list_deployment_groups(applicationName="edge")["deploymentGroups"] == ["prod"]
    front.delete_deployment_group(applicationName="edge", deploymentGroupName="prod")
    get = {"applicationName": "edge", "deploymentGroupName": "prod"}
    assert refused(front.get_deployment_group, **get) == "DeploymentGroupDoesNotExistException"
    arn = f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:application:edge"
    front.tag_resource(ResourceArn=arn, Tags=[{"Key": "Cost", "Value": "one"}])
    assert {tag["Key"] for tag in front.list_tags_for_resource(ResourceArn=arn)["Tags"]} == {"Owner", "Cost"}
    front.delete_application(applicationName="edge")
    assert front.list_applications()["applications"] == []
    assert refused(front.list_tags_for_resource, ResourceArn=arn) == "ApplicationDoesNotExistException"


def test_configurations(aws: Any, refused: Any) -> None:
    client = aws("codedeploy")
    names = client.list_deployment_configs()["deploymentConfigsList"]
    assert {CANARY, "CodeDeployDefault.AllAtOnce", "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"} < set(names)
    info = client.get_deployment_config(deploymentConfigName=CANARY)["deploymentConfigInfo"]
    assert info["trafficRoutingConfig"]["timeBasedCanary"] == {"canaryPercentage": 10, "canaryInterval": 5}
    linear = {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 20, "linearInterval": 1}}
    create = client.create_deployment_config
    assert refused(create, deploymentConfigName="own") == "InvalidMinimumHealthyHostValueException"
    lacking = refused(create, deploymentConfigName="own", computePlatform="Lambda")
    assert lacking == "InvalidTrafficRoutingConfigurationException"
    assert refused(create, deploymentConfigName="CodeDeployDefault.Mine") == "InvalidDeploymentConfigNameException"
    create(deploymentConfigName="own", computePlatform="Lambda", trafficRoutingConfig=linear)
    again = {"deploymentConfigName": "own", "computePlatform": "Lambda", "trafficRoutingConfig": linear}
    assert refused(create, **again) == "DeploymentConfigAlreadyExistsException"
    client.create_application(applicationName="front", computePlatform="Lambda")
    client.create_deployment_group(
        applicationName="front", deploymentGroupName="live", serviceRoleArn=ROLE, deploymentConfigName="own"
    )
    assert refused(client.delete_deployment_config, deploymentConfigName="own") == "DeploymentConfigInUseException"
    client.delete_application(applicationName="front")
    client.delete_deployment_config(deploymentConfigName="own")
    assert refused(client.get_deployment_config, deploymentConfigName="own") == "DeploymentConfigDoesNotExistException"
    assert refused(client.delete_deployment_config, deploymentConfigName=CANARY) == "InvalidOperationException"


def test_servers_are_reached_by_their_tags(aws: Any) -> None:
    client, ec2 = aws("codedeploy"), aws("ec2")
    client.create_application(applicationName="web")
    tag = {"Key": "Stage", "Value": "prod"}
    client.create_deployment_group(
        applicationName="web",
        deploymentGroupName="prod",
        serviceRoleArn=ROLE,
        ec2TagFilters=[{**tag, "Type": "KEY_AND_VALUE"}],
    )
    commit = {"repository": "learner/web", "commitId": "1" * 40}
    given = {
        "applicationName": "web",
        "deploymentGroupName": "prod",
        "revision": {"revisionType": "GitHub", "gitHubLocation": commit},
    }
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    reached = []
    for _ in range(2):
        number = client.create_deployment(**given)["deploymentId"]
        info = client.get_deployment(deploymentId=number)["deploymentInfo"]
        reached.append((info["status"], info["deploymentOverview"]["Succeeded"]))
        tags = [{"ResourceType": "instance", "Tags": [tag]}]
        ec2.run_instances(ImageId=image, MinCount=2, MaxCount=2, TagSpecifications=tags)
    assert reached == [("Failed", 0), ("Succeeded", 2)]


def test_an_ecs_service_gets_its_new_task_definition(aws: Any, refused: Any) -> None:
    client, ecs = aws("codedeploy"), aws("ecs")
    client.create_application(applicationName="web", computePlatform="ECS")
    group = {
        "applicationName": "web",
        "deploymentGroupName": "prod",
        "serviceRoleArn": ROLE,
        "ecsServices": [{"clusterName": "web", "serviceName": "front"}],
    }
    assert refused(client.create_deployment_group, **group) == "InvalidECSServiceException"
    ecs.create_cluster(clusterName="web")
    container = {"name": "front", "image": "front:1", "memory": 128}
    arns = [
        ecs.register_task_definition(family="front", containerDefinitions=[container])["taskDefinition"][
            "taskDefinitionArn"
        ]
        for _ in range(2)
    ]
    ecs.create_service(cluster="web", serviceName="front", taskDefinition=arns[0], desiredCount=1)
    client.create_deployment_group(**group)
    spec = {
        "version": 0.0,
        "Resources": [{"front": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": arns[1]}}}],
    }
    number = client.create_deployment(
        applicationName="web",
        deploymentGroupName="prod",
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(spec)}},
    )["deploymentId"]
    assert client.get_deployment(deploymentId=number)["deploymentInfo"]["status"] == "Succeeded"
    [service] = ecs.describe_services(cluster="web", services=["front"])["services"]
    assert service["taskDefinition"] == arns[1]
