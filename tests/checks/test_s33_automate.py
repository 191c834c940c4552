from __future__ import annotations

import datetime
import json
from typing import Any

import boto3

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value
from readiness.aws import codebuild, codedeploy, codepipeline
from readiness.aws.codeconnections import Connection
from readiness.aws.events import EventBus, Rule, RuleTarget
from readiness.aws.sagemaker.hosting import BlueGreen, DeploymentConfig, Endpoint, TrafficRouting
from readiness.aws.sagemaker.pipelines import PipelineDefinition, PipelineExecution
from readiness.aws.scheduler import Schedule, ScheduleTarget
from readiness.aws.stepfunctions import StateMachine, StateMachineExecution
from readiness_mla import s33_automate as checks

ROLE = f"arn:aws:iam::{ACCOUNT}:role/automation"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:ml"
DAY = datetime.timedelta(days=1)
STATUS_CHANGE = "SageMaker Training Job State Change"


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def build(status: str, project: str = "image") -> codebuild.Build:
    return codebuild.Build(
        id=f"{project}:1", arn=arn("codebuild", f"build/{project}:1"), project_name=project, build_status=status
    )


def project(source: str) -> codebuild.Project:
    code = codebuild.ProjectSource(type=source)
    return codebuild.Project(name="image", arn=arn("codebuild", "project/image"), code=code)


def pipeline_run(status: str) -> codepipeline.PipelineExecution:
    return codepipeline.PipelineExecution(pipeline_name="deliver", pipeline_execution_id=status, status=status)


def structure(provider: str, connection: str | None = None) -> codepipeline.PipelineStructure:
    action = codepipeline.Action(
        name="fetch",
        action_type_id=codepipeline.ActionType(category="Source", provider=provider),
        configuration=codepipeline.ActionConfiguration(connection_arn=connection),
    )
    return codepipeline.PipelineStructure(name="deliver", stages=[codepipeline.Stage(name="Source", actions=[action])])


def connection(status: str) -> Connection:
    return Connection(
        connection_name="git",
        connection_arn=arn("codeconnections", "connection/1234"),
        provider_type="GitHub",
        connection_status=status,
    )


def deployment(status: str = "Succeeded", how: str = "CodeDeployDefault.LambdaAllAtOnce", **given: Any) -> Any:
    values = {"deployment_style": codedeploy.DeploymentStyle(deployment_type="BLUE_GREEN"), "creator": "user", **given}
    return codedeploy.Deployment(
        deployment_id="d-1",
        application_name="score",
        deployment_group_name="live",
        deployment_config_name=how,
        status=status,
        **values,
    )


def custom(how: str) -> codedeploy.DeploymentConfig:
    return codedeploy.DeploymentConfig(
        deployment_config_name="Mine", traffic_routing_config=codedeploy.TrafficRouting(type=how)
    )


def group(rollback: bool, *alarms: str) -> codedeploy.DeploymentGroup:
    return codedeploy.DeploymentGroup(
        application_name="score",
        deployment_group_name="live",
        auto_rollback_configuration=codedeploy.Rollback(enabled=rollback, events=["DEPLOYMENT_FAILURE"]),
        alarm_configuration=codedeploy.DeploymentAlarms(
            enabled=bool(alarms), alarms=[codedeploy.DeploymentAlarm(name=name) for name in alarms]
        ),
    )


def endpoint(routing: str | None, status: str = "InService") -> Endpoint:
    policy = BlueGreen(traffic_routing_configuration=TrafficRouting(type=routing)) if routing else None
    return Endpoint(
        endpoint_name="churn",
        endpoint_arn=arn("sagemaker", "endpoint/churn"),
        endpoint_status=status,
        creation_time=NOW - 10 * DAY,
        last_modified_time=NOW,
        last_deployment_config=DeploymentConfig(blue_green_update_policy=policy),
    )


def rule(pattern: object = None, state: str = "ENABLED", **given: Any) -> Rule:
    text = pattern if isinstance(pattern, str) else json.dumps(pattern)
    values = {"event_pattern": text if pattern else None, **given}
    return Rule(event_bus_name="default", name="r", arn=arn("events", "rule/r"), state=state, **values)


def target(to: str = TOPIC) -> RuleTarget:
    return RuleTarget(rule="r", event_bus_name="default", id="1", arn=to)


ON_TRAINING = {"source": ["aws.sagemaker"], "detail-type": [STATUS_CHANGE]}


def on_status(*matchers: object, key: str = "TrainingJobStatus") -> dict[str, object]:
    return {**ON_TRAINING, "detail": {key: list(matchers)}}


FIT = {"Name": "Fit", "Type": "Training", "Arguments": {"Environment": {"TOKEN": "secret"}}}
REGISTER = {"Name": "Register", "Type": "RegisterModel"}
GATED = {"Name": "Good", "Type": "Condition", "Arguments": {"Conditions": [], "IfSteps": [REGISTER], "ElseSteps": []}}
NOTEBOOK = {"Name": "Nb", "Type": "Training", "Arguments": {"Environment": {"SM_INPUT_NOTEBOOK_NAME": "a.ipynb"}}}
REPACK = {"Name": "Churn-RepackModel-0", "Type": "Training"}
PIPELINE = arn("sagemaker", "pipeline/train")
MACHINE = arn("states", "stateMachine:Train")


def definition(*steps: object, text: str = "") -> PipelineDefinition:
    return PipelineDefinition(
        pipeline_name="train",
        pipeline_arn=PIPELINE,
        pipeline_definition=text or json.dumps({"Version": "2020-12-01", "Steps": steps}),
    )


def execution(days_ago: int, status: str = "Succeeded") -> PipelineExecution:
    return PipelineExecution(
        pipeline_name="train",
        pipeline_execution_arn=f"{PIPELINE}/execution/{days_ago}",
        pipeline_execution_status=status,
        start_time=NOW - days_ago * DAY,
    )


def schedule(to: str = PIPELINE, state: str = "ENABLED") -> Schedule:
    return Schedule(
        arn=arn("scheduler", "schedule/default/weekly"),
        name="weekly",
        group_name="default",
        state=state,
        target=ScheduleTarget(arn=to),
    )


def machine(call: str = "sagemaker:createTrainingJob.sync") -> StateMachine:
    states = {"Fit": {"Type": "Task", "Resource": f"arn:aws:states:::{call}", "Parameters": {"Token": "secret"}}}
    return StateMachine(
        state_machine_arn=MACHINE, name="Train", type="STANDARD", definition=json.dumps({"States": states})
    )


def machine_run(days_ago: int, status: str = "SUCCEEDED") -> StateMachineExecution:
    return StateMachineExecution(
        state_machine_arn=MACHINE,
        execution_arn=arn("states", f"execution:Train:{days_ago}"),
        status=status,
        start_date=NOW - days_ago * DAY,
    )


WEEKLY = [schedule(), definition(FIT)]
DELIVER = codepipeline.Pipeline(name="deliver")
OLD_CONNECTION = "arn:aws:codestar-connections:us-east-1:123456789012:connection/1234"

CASES = [
    Case(checks.codepipeline_executed, "nothing there", [], "absent"),
    Case(
        checks.codepipeline_executed,
        "succeeded once",
        [DELIVER, pipeline_run("Failed"), pipeline_run("Succeeded")],
        "passed",
    ),
    Case(checks.codepipeline_executed, "never run", [DELIVER], "failed", bad=["never run"]),
    Case(checks.codepipeline_executed, "failed", [DELIVER, pipeline_run("Failed")], "failed", bad=["0 of 1"]),
    Case(checks.codebuild_builds_succeed, "nothing there", [], "absent"),
    Case(checks.codebuild_builds_succeed, "succeeded", [build("FAILED"), build("SUCCEEDED")], "passed"),
    Case(checks.codebuild_builds_succeed, "failed", [build("FAILED")], "failed", bad=["0 of 1"]),
    Case(
        checks.codebuild_builds_succeed,
        "Studio's own",
        [build("SUCCEEDED", "sagemaker-studio-image-build-d-1")],
        "failed",
        bad=["Studio"],
    ),
    Case(checks.codedeploy_deployment_succeeded, "nothing there", [], "absent"),
    Case(checks.codedeploy_deployment_succeeded, "succeeded", [deployment()], "passed"),
    Case(checks.codedeploy_deployment_succeeded, "failed", [deployment("Failed")], "failed", bad=["is Failed"]),
    Case(checks.codedeploy_deployment_succeeded, "a rollback", [deployment(creator="codeDeployRollback")], "absent"),
    Case(checks.codedeploy_safe_deployment, "nothing there", [], "absent"),
    Case(checks.codedeploy_safe_deployment, "rollback and alarm", [group(True, "errors")], "passed"),
    Case(checks.codedeploy_safe_deployment, "no alarm", [group(True)], "failed", bad=["lacks an alarm"]),
    Case(checks.codedeploy_safe_deployment, "no rollback", [group(False, "errors")], "failed", bad=["rollback"]),
    Case(checks.git_source_connected, "nothing there", [], "absent"),
    Case(
        checks.git_source_connected,
        "connection in use",
        [connection("AVAILABLE"), structure("CodeStarSourceConnection", connection("").connection_arn)],
        "passed",
    ),
    Case(
        checks.git_source_connected,
        "connection in use under its former prefix",
        [connection("AVAILABLE"), structure("CodeStarSourceConnection", OLD_CONNECTION)],
        "passed",
    ),
    Case(
        checks.git_source_connected,
        "never authorised",
        [connection("PENDING"), structure("CodeStarSourceConnection", OLD_CONNECTION)],
        "failed",
        bad=["PENDING"],
    ),
    Case(checks.git_source_connected, "unused", [connection("AVAILABLE")], "failed", bad=["used by no pipeline"]),
    Case(checks.git_source_connected, "CodeCommit", [structure("CodeCommit")], "passed"),
    Case(checks.git_source_connected, "a bucket is no Git", [structure("S3"), project("S3")], "absent"),
    Case(checks.git_source_connected, "build from GitHub", [project("GITHUB")], "passed"),
    Case(checks.bluegreen_deployment_practised, "nothing there", [], "absent"),
    Case(checks.bluegreen_deployment_practised, "endpoint", [endpoint("ALL_AT_ONCE")], "passed"),
    Case(checks.bluegreen_deployment_practised, "Lambda", [deployment()], "passed"),
    Case(checks.bluegreen_deployment_practised, "plain update", [endpoint(None)], "absent"),
    Case(checks.bluegreen_deployment_practised, "failed", [deployment("Failed")], "failed", bad=["is Failed"]),
    Case(
        checks.bluegreen_deployment_practised,
        "in place",
        [deployment(deployment_style=codedeploy.DeploymentStyle(deployment_type="IN_PLACE"))],
        "absent",
    ),
    Case(checks.canary_deployment_practised, "nothing there", [], "absent"),
    Case(checks.canary_deployment_practised, "endpoint", [endpoint("CANARY")], "passed"),
    Case(
        checks.canary_deployment_practised,
        "Lambda",
        [deployment(how="CodeDeployDefault.LambdaCanary10Percent5Minutes")],
        "passed",
    ),
    Case(
        checks.canary_deployment_practised,
        "own configuration",
        [deployment(how="Mine"), custom("TimeBasedCanary")],
        "passed",
    ),
    Case(checks.canary_deployment_practised, "a name proves nothing", [deployment(how="CanaryIsh")], "absent"),
    Case(checks.canary_deployment_practised, "linear", [endpoint("LINEAR")], "absent"),
    Case(
        checks.canary_deployment_practised,
        "still shifting",
        [endpoint("CANARY", "Updating")],
        "failed",
        bad=["the endpoint is Updating"],
    ),
    Case(checks.linear_deployment_practised, "nothing there", [], "absent"),
    Case(checks.linear_deployment_practised, "endpoint", [endpoint("LINEAR")], "passed"),
    Case(
        checks.linear_deployment_practised,
        "own configuration",
        [deployment(how="Mine"), custom("TimeBasedLinear")],
        "passed",
    ),
    Case(checks.linear_deployment_practised, "all at once", [deployment(), endpoint("ALL_AT_ONCE")], "absent"),
    Case(checks.linear_deployment_practised, "a rollback", [deployment(creator="codeDeployRollback")], "absent"),
    Case(checks.eventbridge_sagemaker_rules, "nothing but the default bus", [EventBus(name="default")], "absent"),
    Case(checks.eventbridge_sagemaker_rules, "with a target", [rule(ON_TRAINING), target()], "passed"),
    Case(checks.eventbridge_sagemaker_rules, "no target", [rule(ON_TRAINING)], "failed", bad=["no target"]),
    Case(
        checks.eventbridge_sagemaker_rules,
        "switched off",
        [rule(ON_TRAINING, "DISABLED"), target()],
        "failed",
        bad=["DISABLED"],
    ),
    Case(
        checks.eventbridge_sagemaker_rules,
        "by detail type alone",
        [rule({"detail-type": [STATUS_CHANGE]}), target()],
        "passed",
    ),
    Case(
        checks.eventbridge_sagemaker_rules,
        "calls in CloudTrail",
        [rule({"detail": {"eventSource": ["sagemaker.amazonaws.com"]}}), target()],
        "passed",
    ),
    Case(
        checks.eventbridge_sagemaker_rules,
        "by prefix",
        [rule({"source": [{"prefix": "aws.sagemaker"}]}), target()],
        "passed",
    ),
    Case(
        checks.eventbridge_sagemaker_rules,
        "other services, schedules, garbage",
        [rule({"source": ["aws.ec2"]}), rule("not JSON"), rule("[1]"), rule(), rule({"source": [{"prefix": ""}]})],
        "absent",
    ),
    Case(checks.failure_events_handled, "nothing there", [], "absent"),
    Case(checks.failure_events_handled, "on failures", [rule(on_status("Failed", "Stopped")), target()], "passed"),
    Case(checks.failure_events_handled, "on every state", [rule(ON_TRAINING), target()], "passed"),
    Case(
        checks.failure_events_handled,
        "on all but success",
        [rule(on_status({"anything-but": ["Completed"]})), target()],
        "passed",
    ),
    Case(
        checks.failure_events_handled,
        "pipelines",
        [rule(on_status("Failed", key="currentPipelineExecutionStatus")), target()],
        "passed",
    ),
    Case(checks.failure_events_handled, "on success only", [rule(on_status("Completed")), target()], "absent"),
    Case(
        checks.failure_events_handled,
        "on approval only",
        [rule(on_status("Approved", key="ModelApprovalStatus")), target()],
        "absent",
    ),
    Case(checks.failure_events_handled, "no target", [rule(on_status("Failed"))], "failed", bad=["no target"]),
    Case(checks.sagemaker_pipeline_gated, "nothing there", [], "absent"),
    Case(checks.sagemaker_pipeline_gated, "behind a condition", [definition(FIT, GATED)], "passed"),
    Case(checks.sagemaker_pipeline_gated, "no gate", [definition(FIT, REGISTER)], "failed", bad=["every model"]),
    Case(checks.sagemaker_pipeline_gated, "registers nothing", [definition(FIT)], "failed", bad=["no model"]),
    Case(
        checks.sagemaker_pipeline_gated,
        "a quality check is a gate",
        [definition(FIT, {"Name": "q", "Type": "QualityCheck"}, REGISTER)],
        "passed",
    ),
    Case(
        checks.sagemaker_pipeline_gated,
        "no training: data, notebooks, repacking, garbage",
        [
            definition({"Name": "p", "Type": "Processing"}),
            definition(NOTEBOOK),
            definition(REPACK),
            definition(text="garbage"),
            definition(text="7"),
            definition("text", None),
        ],
        "absent",
    ),
    Case(checks.retraining_mechanism, "nothing there", [], "absent"),
    Case(checks.retraining_mechanism, "schedule, two days", [*WEEKLY, execution(1), execution(8)], "passed"),
    Case(
        checks.retraining_mechanism,
        "switched off after two runs",
        [schedule(state="DISABLED"), definition(FIT), execution(1), execution(8)],
        "passed",
    ),
    Case(checks.retraining_mechanism, "one day", [*WEEKLY, execution(1)], "failed", bad=["on one day"]),
    Case(
        checks.retraining_mechanism,
        "the second failed",
        [*WEEKLY, execution(8), execution(1, "Failed")],
        "failed",
        bad=["on one day"],
    ),
    Case(checks.retraining_mechanism, "started by hand", [definition(FIT), execution(1), execution(8)], "absent"),
    Case(
        checks.retraining_mechanism,
        "the pipeline does not train",
        [schedule(), definition({"Name": "p", "Type": "Processing"}), execution(1), execution(8)],
        "absent",
    ),
    Case(
        checks.retraining_mechanism,
        "new data starts a state machine's alias",
        [
            rule({"source": ["aws.s3"]}),
            target(f"{MACHINE}:live"),
            machine(),
            machine_run(1),
            machine_run(3),
        ],
        "passed",
    ),
    Case(
        checks.retraining_mechanism,
        "the state machine does not train",
        [rule({"source": ["aws.s3"]}), target(MACHINE), machine("sns:publish"), machine_run(1), machine_run(3)],
        "absent",
    ),
    Case(checks.retraining_mechanism, "a topic is no workflow", [rule(ON_TRAINING), target()], "absent"),
    Case(checks.retraining_runs_succeed, "nothing there", [], "absent"),
    Case(checks.retraining_runs_succeed, "succeeds", [*WEEKLY, execution(1)], "passed"),
    Case(
        checks.retraining_runs_succeed,
        "failed twice in a row",
        [*WEEKLY, execution(15), execution(8, "Failed"), execution(1, "Failed")],
        "failed",
        bad=["failed, failed"],
    ),
    Case(
        checks.retraining_runs_succeed,
        "still running",
        [*WEEKLY, execution(8), execution(0, "Executing")],
        "passed",
    ),
    Case(
        checks.retraining_runs_succeed,
        "switched off",
        [schedule(state="DISABLED"), definition(FIT), execution(1, "Failed")],
        "absent",
    ),
]


test_verdict = by_value(CASES)


def test_definitions_keep_no_secret() -> None:
    kept = [definition(FIT, GATED).pipeline_definition, machine().definition]
    assert not any("secret" in text or "TOKEN" in text for text in kept)
    assert [(step.name, step.gated) for step in definition(FIT, GATED).steps] == [
        ("Fit", False),
        ("Good", False),
        ("Register", True),
    ]


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def make_role() -> str:
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "codepipeline.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    trust = {"Version": "2012-10-17", "Statement": [allowed]}
    role = client("iam").create_role(RoleName="automation", AssumeRolePolicyDocument=json.dumps(trust))
    return str(role["Role"]["Arn"])


def action(name: str, category: str, provider: str, **configuration: str) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, "configuration": configuration, "runOrder": 1}


def make_codepipeline(source: str = "CodeCommit") -> None:
    client("codepipeline").create_pipeline(
        pipeline={
            "name": "deliver",
            "roleArn": make_role(),
            "artifactStore": {"type": "S3", "location": "artifacts"},
            "stages": [
                {"name": "Source", "actions": [action("fetch", "Source", source, RepositoryName="ml")]},
                {"name": "Build", "actions": [action("image", "Build", "CodeBuild", ProjectName="image")]},
            ],
        }
    )


def run_codepipeline() -> None:
    git = client("codecommit")
    git.create_repository(repositoryName="ml")
    git.put_file(
        repositoryName="ml", branchName="main", filePath="buildspec.yml", fileContent=b"version: 0.2\nphases: {}\n"
    )
    make_project()
    make_codepipeline()
    client("codepipeline").start_pipeline_execution(name="deliver")


def make_project() -> None:
    client("codebuild").create_project(
        name="image",
        source={"type": "S3", "location": "sources/ml.zip"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        serviceRole=ROLE,
    )


def build_an_image() -> None:
    make_project()
    client("codebuild").start_build(projectName="image")


def make_deployment_group(**given: Any) -> None:
    client("codedeploy").create_application(applicationName="score", computePlatform="Lambda")
    client("codedeploy").create_deployment_group(
        applicationName="score", deploymentGroupName="live", serviceRoleArn=ROLE, **given
    )


def make_safe_deployment_group() -> None:
    make_deployment_group(
        autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]},
        alarmConfiguration={"enabled": True, "alarms": [{"name": "score-errors"}]},
    )


def deploy() -> None:
    make_safe_deployment_group()
    content = json.dumps({"version": 0.0, "Resources": []})
    client("codedeploy").create_deployment(
        applicationName="score",
        deploymentGroupName="live",
        deploymentConfigName="CodeDeployDefault.LambdaCanary10Percent5Minutes",
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": content}},
    )


def make_rule(pattern: object = ON_TRAINING) -> None:
    client("events").put_rule(Name="training", EventPattern=json.dumps(pattern))


def tell_of_training(pattern: object = ON_TRAINING) -> None:
    make_rule(pattern)
    client("events").put_targets(Rule="training", Targets=[{"Id": "tell", "Arn": TOPIC}])


def tell_of_failures() -> None:
    tell_of_training(on_status("Failed"))


def tell_of_success() -> None:
    tell_of_training(on_status("Completed"))


def make_pipeline(*steps: object) -> str:
    made = client("sagemaker").create_pipeline(
        PipelineName="train",
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": steps}),
        ClientRequestToken="t" * 32,
        RoleArn=ROLE,
    )
    return str(made["PipelineArn"])


def gate_a_pipeline() -> None:
    make_pipeline(FIT, GATED)


def register_everything() -> None:
    make_pipeline(FIT, REGISTER)


def retrain_weekly() -> None:
    """A weekly schedule on a pipeline; in an emulator both runs fall on one day."""
    client("scheduler").create_schedule(
        Name="weekly",
        ScheduleExpression="rate(7 days)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": make_pipeline(FIT, GATED), "RoleArn": ROLE},
    )
    for token in ("a", "b"):
        client("sagemaker").start_pipeline_execution(PipelineName="train", ClientRequestToken=token * 32)


EMULATED: list[Emulated] = [
    (checks.codepipeline_executed, run_codepipeline, "passed"),
    (checks.codepipeline_executed, make_codepipeline, "failed"),
    (checks.codebuild_builds_succeed, build_an_image, "passed"),
    (checks.codebuild_builds_succeed, make_project, "absent"),
    (checks.codedeploy_deployment_succeeded, deploy, "failed"),
    (checks.codedeploy_safe_deployment, make_deployment_group, "failed"),
    (checks.eventbridge_sagemaker_rules, tell_of_training, "passed"),
    (checks.eventbridge_sagemaker_rules, make_rule, "failed"),
    (checks.failure_events_handled, tell_of_failures, "passed"),
    (checks.failure_events_handled, tell_of_success, "absent"),
    (checks.sagemaker_pipeline_gated, gate_a_pipeline, "passed"),
    (checks.sagemaker_pipeline_gated, register_everything, "failed"),
    (checks.retraining_mechanism, retrain_weekly, "failed"),
    (checks.retraining_mechanism, gate_a_pipeline, "absent"),
    (checks.retraining_runs_succeed, retrain_weekly, "passed"),
]


test_emulated = by_calls(EMULATED)
