"""3.3 Automate ML workflows: CI/CD, deployment strategies, events, pipelines, retraining."""

from __future__ import annotations

import collections
import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from readiness import Finding, Findings, Record, Scan, evidence, practice
from readiness.aws import codebuild, codedeploy, codepipeline
from readiness.aws.codeconnections import Connection
from readiness.aws.events import Rule, RuleTarget
from readiness.aws.sagemaker.hosting import Endpoint
from readiness.aws.sagemaker.pipelines import PipelineDefinition, PipelineExecution
from readiness.aws.scheduler import Schedule
from readiness.aws.stepfunctions import StateMachine, StateMachineExecution

STUDIO_BUILDS = "sagemaker-studio-image-build"
"""How the projects are named that Studio's image build command makes."""

ROLLED_BACK_BY = "codeDeployRollback"
"""The creator of deployments that CodeDeploy starts to undo others."""

CONNECTION_PROVIDER = "CodeStarSourceConnection"
GIT_PROVIDERS = frozenset({CONNECTION_PROVIDER, "CodeCommit", "GitHub"})
GIT_SOURCES = frozenset(
    {"BITBUCKET", "CODECOMMIT", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED"},
)

TRAINING_CALLS = (
    ":createtrainingjob",
    ":createhyperparametertuningjob",
    ":createautomljob",
    ":startpipelineexecution",
)
GATES = frozenset({"Callback", "ClarifyCheck", "Lambda", "QualityCheck"})
"""Steps, other than conditions, that can keep a model from being registered."""

RUNS_TO_SHOW = 2
"""On how many days retraining must have succeeded: the first training is no retraining."""

ENDED = frozenset({"COMPLETEDWITHFAILURES", "FAILED", "SUCCEEDED", "TIMED_OUT"})
"""How a run ends that nobody stopped, in capitals."""

ROUTINGS = {"ALL_AT_ONCE": "all at once", "CANARY": "canary", "LINEAR": "linear"}


@evidence("3.3-K1", "3.3-S1", severity="high")
def codepipeline_executed(
    pipelines: list[codepipeline.Pipeline], executions: list[codepipeline.PipelineExecution], scan: Scan
) -> Findings:
    """A CodePipeline pipeline has run to success.

    Why: CodePipeline carries a change from its source through build and test to deployment, the same way every time.
    Fix:
    aws codepipeline create-pipeline --cli-input-json file://pipeline.json
    aws codepipeline start-pipeline-execution --name NAME
    See: https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines.html
    Cost: cents, a V2 pipeline is paid by the minute of its actions.
    Survives: executions are listed for twelve months while the pipeline exists.
    """
    statuses = collections.defaultdict(list)
    for execution in executions:
        statuses[execution.pipeline_name].append(execution.status)
    for pipeline in pipelines:
        runs = statuses[pipeline.name]
        good = runs.count("Succeeded")
        yield Finding(
            _codepipeline_arn(scan, pipeline.name),
            good=good > 0,
            note=f"{good} of {len(runs)} executions succeeded" if runs else "never run",
        )


def _codepipeline_arn(scan: Scan, name: str) -> str:
    return scan.arn("codepipeline", name, region=scan.region, account=scan.account)


@evidence("3.3-K2", "3.3-S1", severity="high")
def codebuild_builds_succeed(builds: list[codebuild.Build]) -> Findings:
    """A CodeBuild project has built successfully.

    Why: CodeBuild tests code and builds images in a clean environment that nobody has to keep running.
    Fix:
    aws codebuild create-project --cli-input-json file://project.json
    aws codebuild start-build --project-name NAME
    See: https://docs.aws.amazon.com/codebuild/latest/userguide/welcome.html
    Cost: cents, for the minutes of the build.
    Survives: build records are kept for a year.
    """
    projects = collections.defaultdict(list)
    for build in builds:
        projects[build.project_name].append(build)
    for name, runs in projects.items():
        good = [build for build in runs if build.build_status == "SUCCEEDED"]
        note = f"project {name}: {len(good)} of {len(runs)} builds succeeded"
        if name.startswith(STUDIO_BUILDS):
            yield Finding(runs[0].arn, good=False, note=f"project {name} was made by Studio's image build command")
        else:
            yield Finding((good or runs)[0].arn, good=bool(good), note=note)


@evidence("3.3-K3", "3.3-S1", severity="medium")
def codedeploy_deployment_succeeded(deployments: list[codedeploy.Deployment], scan: Scan) -> Findings:
    r"""CodeDeploy has deployed successfully.

    Why: CodeDeploy replaces a Lambda function, an ECS service or a fleet step by step and can turn back.
    Fix:
    aws deploy create-application --application-name NAME --compute-platform Lambda
    aws deploy create-deployment-group --application-name NAME --deployment-group-name GROUP \
      --service-role-arn ROLE_ARN --deployment-config-name CodeDeployDefault.LambdaCanary10Percent5Minutes \
      --deployment-style deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL
    aws deploy create-deployment --application-name NAME --deployment-group-name GROUP \
      --s3-location bucket=BUCKET,key=appspec.yaml,bundleType=YAML
    See: https://docs.aws.amazon.com/codedeploy/latest/userguide/welcome.html
    Cost: free, on Lambda and ECS.
    Survives: deployments stay listed while their application exists.
    """
    for deployment in deployments:
        if deployment.creator != ROLLED_BACK_BY:
            yield Finding(
                _group_arn(scan, deployment.application_name, deployment.deployment_group_name),
                good=deployment.status == "Succeeded",
                note=f"deployment {deployment.deployment_id} is {deployment.status}",
            )


def _group_arn(scan: Scan, application: str, group: str) -> str:
    return scan.arn("codedeploy", f"deploymentgroup:{application}/{group}", region=scan.region, account=scan.account)


@practice("3.1-K2", "3.3-K3", severity="medium")
def codedeploy_safe_deployment(groups: list[codedeploy.DeploymentGroup], scan: Scan) -> Findings:
    r"""CodeDeploy deployments are stopped by alarms and rolled back by themselves.

    Why: Without alarms CodeDeploy can't see that the new version is worse, and without automatic rollback somebody has
    to be awake to undo it.
    Fix:
    aws deploy update-deployment-group --application-name NAME --current-deployment-group-name GROUP \
      --alarm-configuration enabled=true,alarms=[{name=ALARM}] \
      --auto-rollback-configuration enabled=true,events=DEPLOYMENT_FAILURE,DEPLOYMENT_STOP_ON_ALARM
    See: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html
    Cost: free, but for the alarm (ten are free).
    Survives: deployment groups are free to keep.
    """
    for group in groups:
        lacks = []
        if not group.auto_rollback_configuration.enabled:
            lacks.append("automatic rollback")
        if not group.alarm_configuration.enabled or not group.alarm_configuration.alarms:
            lacks.append("an alarm that stops it")
        yield Finding(
            _group_arn(scan, group.application_name, group.deployment_group_name),
            good=not lacks,
            note=f"lacks {' and '.join(lacks)}" if lacks else "rolls back by itself, and on alarms",
        )


@evidence("3.3-K4", "3.3-S1", severity="medium")
def git_source_connected(
    connections: list[Connection],
    pipelines: list[codepipeline.PipelineStructure],
    projects: list[codebuild.Project],
    scan: Scan,
) -> Findings:
    """Pipelines or builds take their code from a Git repository.

    Why: What is deployed can be traced to a commit only where the pipeline itself fetches it from version control.
    Fix:
    aws codeconnections create-connection --provider-type GitHub --connection-name NAME
    aws codepipeline update-pipeline --cli-input-json file://pipeline.json
    See: https://docs.aws.amazon.com/dtconsole/latest/userguide/welcome-connections.html
    Cost: free, AWS charges nothing for it.
    Survives: connections, pipelines and projects are free or nearly free to keep.
    """
    # The same connection may be named under the service's former prefix; its id stays.
    statuses = {_id(connection.connection_arn): connection.connection_status for connection in connections}
    used = set()
    for pipeline in pipelines:
        for action in (action for stage in pipeline.stages for action in stage.actions):
            provider = action.action_type_id.provider
            if action.action_type_id.category != "Source" or provider not in GIT_PROVIDERS:
                continue
            link = _id(action.configuration.connection_arn or "")
            used.add(link)
            status = statuses.get(link, "AVAILABLE" if provider != CONNECTION_PROVIDER else "gone")
            yield Finding(
                _codepipeline_arn(scan, pipeline.name),
                good=status == "AVAILABLE",
                note=f"source {action.name} by {provider}"
                + ("" if status == "AVAILABLE" else f", connection {status}"),
            )
    for project in projects:
        if project.code is not None and project.code.type in GIT_SOURCES:
            yield Finding(project.arn, good=True, note=f"source {project.code.type}")
    for connection in connections:
        if _id(connection.connection_arn) not in used:
            note = f"{connection.provider_type} connection, {connection.connection_status}, used by no pipeline"
            yield Finding(connection.connection_arn, good=False, note=note)


def _id(arn: str) -> str:
    return arn.rpartition("/")[2]


class TrafficShift(Record):
    """A deployment that put a new fleet beside the old one, of a SageMaker endpoint or by CodeDeploy."""

    resource: str
    blue_green: bool
    routing: str
    done: bool
    note: str

    @classmethod
    def derive(
        cls,
        endpoints: list[Endpoint],
        deployments: list[codedeploy.Deployment],
        configs: list[codedeploy.DeploymentConfig],
        scan: Scan,
    ) -> Iterator[TrafficShift]:
        """The last deployment of each endpoint, and all of CodeDeploy's that are no rollbacks."""
        for endpoint in endpoints:
            policy = (
                endpoint.last_deployment_config.blue_green_update_policy if endpoint.last_deployment_config else None
            )
            if policy is not None:
                routing = policy.traffic_routing_configuration.type
                yield cls(
                    resource=endpoint.endpoint_arn,
                    blue_green=True,
                    routing=routing,
                    done=endpoint.endpoint_status == "InService",
                    note=f"last update {ROUTINGS.get(routing, routing)}, the endpoint is {endpoint.endpoint_status}",
                )
        custom = {config.deployment_config_name: config.traffic_routing_config.type for config in configs}
        for deployment in deployments:
            if deployment.creator == ROLLED_BACK_BY:
                continue
            name = deployment.deployment_config_name
            # AWS's own configurations tell in their names what they do.
            how = custom.get(name, name if name.startswith(codedeploy.PREDEFINED) else "")
            yield cls(
                resource=_group_arn(scan, deployment.application_name, deployment.deployment_group_name),
                blue_green=deployment.deployment_style.deployment_type == "BLUE_GREEN",
                routing="CANARY" if "Canary" in how else "LINEAR" if "Linear" in how else "ALL_AT_ONCE",
                done=deployment.status == "Succeeded",
                note=f"deployment {deployment.deployment_id} with {name} is {deployment.status}",
            )


def _shifted(shifts: Iterable[TrafficShift]) -> Findings:
    for shift in shifts:
        yield Finding(shift.resource, good=shift.done, note=shift.note)


@evidence("3.3-K6", severity="medium")
def bluegreen_deployment_practised(shifts: list[TrafficShift]) -> Findings:
    r"""A blue/green deployment has been carried out.

    Why: A new fleet beside the old one takes over only when it works, and the old one is there to go back to.
    Fix:
    aws sagemaker update-endpoint --endpoint-name NAME --endpoint-config-name NEW \
      --deployment-config '{"BlueGreenUpdatePolicy":{"TrafficRoutingConfiguration":{"Type":"ALL_AT_ONCE",
        "WaitIntervalInSeconds":300}}}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
    Cost: hourly, two fleets for as long as the update takes; free with CodeDeploy on Lambda.
    Survives: CodeDeploy's deployments stay listed; an endpoint shows its last one only while it exists.
    """
    yield from _shifted(shift for shift in shifts if shift.blue_green)


@evidence("3.3-K7", severity="medium")
def canary_deployment_practised(shifts: list[TrafficShift]) -> Findings:
    r"""A canary deployment has been carried out.

    Why: A canary sends a small share of the traffic to the new version first, so that a bad one harms few.
    Fix:
    aws deploy create-deployment --application-name NAME --deployment-group-name GROUP \
      --deployment-config-name CodeDeployDefault.LambdaCanary10Percent5Minutes \
      --s3-location bucket=BUCKET,key=appspec.yaml,bundleType=YAML
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green-canary.html
    Cost: free with CodeDeploy on Lambda; hourly on an endpoint.
    Survives: CodeDeploy's deployments stay listed; an endpoint shows its last one only while it exists.
    """
    yield from _shifted(shift for shift in shifts if shift.routing == "CANARY")


@evidence("3.3-K8", severity="medium")
def linear_deployment_practised(shifts: list[TrafficShift]) -> Findings:
    r"""A linear deployment has been carried out.

    Why: Linear shifting moves traffic in equal steps with a pause after each, the slowest and safest of the three.
    Fix:
    aws deploy create-deployment --application-name NAME --deployment-group-name GROUP \
      --deployment-config-name CodeDeployDefault.LambdaLinear10PercentEvery1Minute \
      --s3-location bucket=BUCKET,key=appspec.yaml,bundleType=YAML
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green-linear.html
    Cost: free with CodeDeploy on Lambda; hourly on an endpoint.
    Survives: CodeDeploy's deployments stay listed; an endpoint shows its last one only while it exists.
    """
    yield from _shifted(shift for shift in shifts if shift.routing == "LINEAR")


@practice("3.3-S3", "4.2-S6", severity="high")
def eventbridge_sagemaker_rules(rules: list[Rule], targets: list[RuleTarget]) -> Findings:
    r"""EventBridge rules react to what happens in SageMaker.

    Why: SageMaker tells EventBridge of every change of a job, an endpoint, a pipeline or a model package; a rule turns
    that into the next step without anybody polling.
    Fix:
    aws events put-rule --name NAME \
      --event-pattern '{"source":["aws.sagemaker"],"detail-type":["SageMaker Training Job State Change"]}'
    aws events put-targets --rule NAME --targets Id=tell,Arn=TOPIC_ARN
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
    Cost: free, AWS charges nothing for it.
    Survives: rules are free to keep.
    """
    led = {(target.event_bus_name, target.rule) for target in targets}
    for rule in rules:
        if on_sagemaker(rule.pattern):
            yield _reacts(rule, led)


@practice("4.1-S3", severity="medium")
def failure_events_handled(rules: list[Rule], targets: list[RuleTarget]) -> Findings:
    r"""An EventBridge rule tells of jobs, pipelines or endpoints that fail.

    Why: A failed training or monitoring job is silent unless something reacts to the event.
    Fix:
    aws events put-rule --name NAME \
      --event-pattern '{"source":["aws.sagemaker"],"detail-type":["SageMaker Training Job State Change"],
        "detail":{"TrainingJobStatus":["Failed"]}}'
    aws events put-targets --rule NAME --targets Id=tell,Arn=TOPIC_ARN
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
    Cost: free, AWS charges nothing for it.
    Survives: rules are free to keep.
    """
    led = {(target.event_bus_name, target.rule) for target in targets}
    for rule in rules:
        if on_sagemaker(rule.pattern) and _on_failure(rule.pattern):
            yield _reacts(rule, led)


def _reacts(rule: Rule, led: set[tuple[str, str]]) -> Finding:
    """Whether a rule is switched on and leads somewhere."""
    kinds = ", ".join(text for text in _listed(rule.pattern.get("detail-type")) if isinstance(text, str))
    if not rule.enabled:
        note = f"the rule is {rule.state}"
    else:
        note = f"on {kinds or 'events of SageMaker'}" if (rule.event_bus_name, rule.name) in led else "it has no target"
    return Finding(rule.arn, good=rule.enabled and (rule.event_bus_name, rule.name) in led, note=note)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def on_sagemaker(pattern: dict[str, Any]) -> bool:
    """Whether an event pattern asks for SageMaker's own events, or for calls to SageMaker that CloudTrail records."""
    detail = pattern.get("detail")
    called = _listed(detail.get("eventSource")) if isinstance(detail, dict) else []
    if any(_admits(one, "sagemaker.amazonaws.com") for one in called):
        return True
    if "source" in pattern:
        return any(_admits(one, "aws.sagemaker") for one in _listed(pattern["source"]))
    return any(str(kind).startswith("SageMaker") for kind in _listed(pattern.get("detail-type")))


def _admits(matcher: Any, value: str) -> bool:
    """Whether one matcher of an event pattern lets a value through; what only excludes asks for nothing."""
    if isinstance(matcher, dict):
        prefix = matcher.get("prefix", matcher.get("wildcard"))
        return isinstance(prefix, str) and len(prefix) > len("aws.") and value.startswith(prefix.rstrip("*"))
    return bool(matcher == value)


def _on_failure(pattern: dict[str, Any]) -> bool:
    """Whether a pattern lets failures through: it names a failed status, or does not ask for a status at all."""
    detail = pattern.get("detail")
    if not isinstance(detail, dict):
        return detail is None
    if "eventSource" in detail:
        return "errorCode" in detail
    asked = [matcher for key, value in detail.items() if key.lower().endswith("status") for matcher in _listed(value)]
    return not asked or any(_may_fail(matcher) for matcher in asked)


def _may_fail(matcher: Any) -> bool:
    if isinstance(matcher, dict):
        excluded = matcher.get("anything-but")
        return excluded is not None and not any("fail" in str(one).lower() for one in (_listed(excluded) or [excluded]))
    return "fail" in str(matcher).lower()


@practice("3.3-K5", "3.3-S4", severity="medium")
def sagemaker_pipeline_gated(definitions: list[PipelineDefinition]) -> Findings:
    """Pipelines that train register the model, and only if it is good enough.

    Why: A condition on the evaluation, between training and registration, is the quality gate of a model: without it
    every retraining goes to the registry, the bad ones too.
    Fix:
    aws sagemaker update-pipeline --pipeline-name NAME --pipeline-definition file://pipeline.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps.html
    Cost: free, AWS charges nothing for it.
    Survives: pipelines are free to keep.
    """
    for definition in definitions:
        if not definition.trains:
            continue
        registering = [step for step in definition.steps if step.type == "RegisterModel"]
        gated = all(step.gated for step in registering) or any(step.type in GATES for step in definition.steps)
        if registering:
            note = "registers behind a gate" if gated else "registers every model, good or bad"
        else:
            note = "trains, but registers no model"
        yield Finding(definition.pipeline_arn, good=bool(registering) and gated, note=note)


class Retraining(Record):
    """A rule or schedule that starts a workflow which trains, and how that workflow has run."""

    trigger: str
    enabled: bool
    target: str
    days: int
    recent: list[str]

    @classmethod
    def derive(
        cls,
        rules: list[Rule],
        targets: list[RuleTarget],
        schedules: list[Schedule],
        definitions: list[PipelineDefinition],
        executions: list[PipelineExecution],
        machines: list[StateMachine],
        runs: list[StateMachineExecution],
    ) -> Iterator[Retraining]:
        """Every pair of trigger and training workflow."""
        history = _training_history(definitions, executions, machines, runs)
        made = {(rule.event_bus_name, rule.name): rule for rule in rules}
        triggers = [
            (rule.arn, rule.enabled, target.arn)
            for target in targets
            if (rule := made.get((target.event_bus_name, target.rule)))
        ]
        triggers += [(plan.arn, plan.state == "ENABLED", plan.target.arn) for plan in schedules if plan.target]
        for trigger, enabled, target in triggers:
            if (past := history.get(_workflow(target))) is not None:
                ended = sorted((when, status.upper()) for when, status in past if when is not None)
                days = {when.date() for when, status in ended if status == "SUCCEEDED"}
                recent = [status for _, status in ended if status in ENDED][-RUNS_TO_SHOW:]
                yield cls(trigger=trigger, enabled=enabled, target=target, days=len(days), recent=recent)


def _workflow(arn: str) -> str:
    """A workflow's ARN without version or alias; SageMaker writes the names of pipelines in lower case."""
    return ":".join(arn.split(":")[:7]).lower()


def _training_history(
    definitions: list[PipelineDefinition],
    executions: list[PipelineExecution],
    machines: list[StateMachine],
    runs: list[StateMachineExecution],
) -> dict[str, list[tuple[datetime.datetime | None, str]]]:
    """The workflows that train, and when they ran with what result."""
    arns = {definition.pipeline_name: definition.pipeline_arn for definition in definitions}
    history: dict[str, list[tuple[datetime.datetime | None, str]]] = {}
    for definition in definitions:
        if definition.trains:
            history[_workflow(definition.pipeline_arn)] = []
    for machine in machines:
        if any(call in integration.lower() for integration in machine.integrations for call in TRAINING_CALLS):
            history[_workflow(machine.state_machine_arn)] = []
    for execution in executions:
        workflow = _workflow(arns.get(execution.pipeline_name, ""))
        if workflow in history:
            history[workflow].append((execution.start_time, execution.pipeline_execution_status))
    for run in runs:
        if _workflow(run.state_machine_arn) in history:
            history[_workflow(run.state_machine_arn)].append((run.start_date, run.status))
    return history


@evidence("3.3-S5", severity="high")
def retraining_mechanism(retrainings: list[Retraining]) -> Findings:
    r"""A rule or schedule starts retraining, and it has run on more than one day.

    Why: Data drifts, so a model that is trained once grows stale; a schedule, new data or a drift event must start
    the next training without a person. What a Lambda function in between does can't be seen and is not counted.
    Fix:
    aws scheduler create-schedule --name NAME --schedule-expression 'rate(7 days)' --flexible-time-window Mode=OFF \
      --target 'Arn=PIPELINE_ARN,RoleArn=ROLE_ARN,SageMakerPipelineParameters={PipelineParameterList=[]}'
    aws scheduler get-schedule --name NAME
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/pipeline-eventbridge.html
    Cost: cents, for the training jobs.
    Survives: a schedule that is switched off still counts, and so do the past runs of its pipeline.
    """
    for retraining in retrainings:
        days = "one day" if retraining.days == 1 else f"{retraining.days} days"
        yield Finding(
            retraining.trigger,
            good=retraining.days >= RUNS_TO_SHOW,
            note=f"starts {_id(retraining.target) or retraining.target}, which succeeded on {days}",
        )


@practice("3.3-S5", severity="medium")
def retraining_runs_succeed(retrainings: list[Retraining]) -> Findings:
    """Retraining that is switched on keeps succeeding.

    Why: Automatic retraining that fails again and again leaves a stale model in place without anybody noticing.
    Fix:
    aws sagemaker list-pipeline-executions --pipeline-name NAME --max-results 5
    aws sagemaker list-pipeline-execution-steps --pipeline-execution-arn EXECUTION_ARN
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/pipeline-eventbridge.html
    Cost: cents, for the training jobs.
    Survives: judged only while the rule or schedule is switched on.
    """
    for retraining in retrainings:
        if retraining.enabled and retraining.recent:
            good = "SUCCEEDED" in retraining.recent
            note = f"its last {len(retraining.recent)} runs: {', '.join(retraining.recent).lower()}"
            yield Finding(retraining.trigger, good=good, note=note)
