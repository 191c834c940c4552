"""4.2 Monitor and optimize infrastructure and costs: tags, trails, budgets, alarms, capacity, dashboards, logs."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from readiness import Finding, Findings, Scan, Settings, evidence, practice
from readiness.aws.autoscaling import ScalableTarget
from readiness.aws.budgets import Budget, BudgetNotification
from readiness.aws.cloudtrail import Trail, TrailEvents, TrailStatus
from readiness.aws.cloudwatch import CompositeAlarm, Dashboard, Metric, MetricAlarm
from readiness.aws.ec2 import Subnet
from readiness.aws.logs import LogGroup
from readiness.aws.sagemaker.hosting import Endpoint, EndpointConfig, Model, Variant
from readiness.aws.sagemaker.training import TrainingJob
from readiness.aws.sns import Subscription
from readiness.aws.tagging import CostlyResource, SageMakerTag, TaggedResource

LATENCY_NAMESPACE = "AWS/SageMaker"
LATENCY_METRICS = {"ModelLatency", "OverheadLatency"}
UTILIZATION_NAMESPACE = "/aws/sagemaker/Endpoints"
UTILIZATION_METRICS = {
    "CPUUtilization",
    "CPUUtilizationNormalized",
    "MemoryUtilization",
    "GPUUtilization",
    "GPUMemoryUtilization",
    "DiskUtilization",
}
ML_METRICS = re.compile(r"AWS/SageMaker|/?aws/sagemaker/|AWS/Bedrock", re.IGNORECASE)
"""Namespaces and log groups of SageMaker and Bedrock; names of namespaces vary in case between jobs and endpoints."""

SCALING_ALARM = "TargetTracking-"
"""How the alarms begin that Application Auto Scaling makes for itself."""

PLAUSIBLE_LATENCY = 1_000
DOUBTFUL_LATENCY = 10_000
"""Microseconds: no model answers within the first, and an alarm below the second that is on has a wrong unit."""

GRACE = datetime.timedelta(days=1)
"""How long an endpoint may run before it is asked for alarms: an hour's exercise needs none."""


class CostTags(Settings):
    """The tag keys by which costs are told apart; case, separators and a prefix before a colon do not matter.

    The defaults are the keys for cost allocation and ownership in AWS's whitepaper on tagging:
    https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/building-your-tagging-strategy.html
    """

    keys: list[str] = msgspec.field(default_factory=lambda: ["CostCenter", "Owner"])


@practice("4.2-K13")
def ml_resources_tagged(
    resources: list[CostlyResource],
    tagged: list[TaggedResource],
    further: list[SageMakerTag],
    training: list[TrainingJob],
    wanted: CostTags,
) -> Findings:
    """What costs money carries the tags by which costs are told apart.

    Why: without tags Cost Explorer shows one sum for SageMaker and nobody knows whose endpoint it is; with them a bill
    has names on it. Tags count from the day they are set, and must be activated as cost allocation tags.
    Fix: Tag what the findings name, and activate the keys; the keys that are asked for are set under cost-tags.
        aws sagemaker add-tags --resource-arn ARN --tags Key=CostCenter,Value=ml-lab Key=Owner,Value=me
        aws resourcegroupstaggingapi tag-resources --resource-arn-list ARN --tags CostCenter=ml-lab,Owner=me
        aws ce update-cost-allocation-tags-status --cost-allocation-tags-status TagKey=CostCenter,Status=Active
    See: https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/building-your-tagging-strategy.html
    Cost: free, tags have no charge.
    Survives: Training jobs stay listed with their tags; other tags go with their resource.
    """
    if not wanted.keys:
        return
    keys: dict[str, set[str]] = {}
    for arn, key in [
        *((item.resource_arn, tag.key) for item in tagged for tag in item.tags),
        *((job.training_job_arn, tag.key) for job in training for tag in job.tags),
        *((tag.resource_arn, tag.key) for tag in further),
    ]:
        keys.setdefault(arn, set()).add(_plain(key))
    for resource in resources:
        has = keys.get(resource.resource_arn, set())
        missing = [key for key in wanted.keys if _plain(key) not in has]
        lack = f"{resource.what} without {', '.join(missing)}" if has else f"{resource.what} without any tag"
        note = lack if missing else f"{resource.what} with {', '.join(wanted.keys)}"
        yield Finding(resource.resource_arn, good=not missing, note=note)


def _plain(key: str) -> str:
    """A key for comparing: `example-inc:cost-allocation:CostCenter`, `cost-center` and `CostCenter` are one."""
    name = key if key.startswith(("aws:", "sagemaker:")) else key.rpartition(":")[2]
    return re.sub(r"[-_ ./]", "", name).lower()


@practice("4.2-K8", "4.2-S3", "4.3-S4", severity="high")
def cloudtrail_multi_region_trail(
    trails: list[Trail], statuses: list[TrailStatus], events: list[TrailEvents], scan: Scan
) -> Findings:
    """A trail of the account records all management events of all Regions.

    Why: the event history forgets after 90 days and is kept per Region; a trail is what an audit, an investigation and
    rules on API calls rest on.
    Fix: Make one trail of all Regions, and start it.
        aws cloudtrail create-trail --name account --s3-bucket-name BUCKET --is-multi-region-trail
        aws cloudtrail start-logging --name account
    See: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-a-trail.html
    Cost: cents, the first copy of management events is free and its storage in S3 is not.
    Survives: Keep it: what it records is evidence that outlives everything else.
    """
    status = {item.name: item for item in statuses}
    recorded = {item.trail_name: item for item in events}
    # An organization's trail covers its members, but is nobody's work in a member.
    own = [trail for trail in trails if f":{scan.account}:" in trail.trail_arn]
    found = [
        (trail.trail_arn, _trail_lacks(trail, status.get(trail.trail_arn), recorded.get(trail.trail_arn)))
        for trail in own
    ]
    # One such trail is enough: others may record data events only, or one Region.
    enough = any(not lacks for _, lacks in found)
    for arn, lacks in found:
        if not lacks:
            yield Finding(arn, good=True, note="records all management events of all Regions")
        elif not enough:
            yield Finding(arn, good=False, note=", ".join(lacks))


def _trail_lacks(trail: Trail, status: TrailStatus | None, events: TrailEvents | None) -> list[str]:
    return [
        *([] if trail.is_multi_region_trail else ["is of one Region"]),
        *([] if status and status.is_logging else ["does not log"]),
        *([f"cannot deliver: {status.latest_delivery_error}"] if status and status.latest_delivery_error else []),
        *([] if events and _all_management(events) else ["does not record all management events"]),
    ]


def _all_management(events: TrailEvents) -> bool:
    """Reads and writes, in one selector or in two; without any selector AWS records all management events."""
    if not events.event_selectors and not events.advanced_event_selectors:
        return True
    simple = {item.read_write_type for item in events.event_selectors if item.include_management_events}
    for advanced in events.advanced_event_selectors:
        tests = {item.field: item.equals for item in advanced.field_selectors}
        if tests.get("eventCategory") == ["Management"]:
            simple.add({"true": "ReadOnly", "false": "WriteOnly"}.get("".join(tests.get("readOnly", [])), "All"))
    return "All" in simple or {"ReadOnly", "WriteOnly"} <= simple


@practice("4.2-K11")
def budget_with_alert(budgets: list[Budget], notifications: list[BudgetNotification], scan: Scan) -> Findings:
    """A budget of cost or usage tells someone before the money is gone.

    Why: an endpoint that nobody deleted costs hundreds a month; a budget with a threshold is the cheapest way to hear of
    it in time, on actual or on forecasted cost.
    Fix: Make a budget with a notification.
        aws budgets create-budget --account-id ACCOUNT --budget 'BudgetName=ml,BudgetType=COST,TimeUnit=MONTHLY,BudgetLimit={Amount=20,Unit=USD}' --notifications-with-subscribers 'Notification={NotificationType=FORECASTED,ComparisonOperator=GREATER_THAN,Threshold=80},Subscribers=[{SubscriptionType=EMAIL,Address=YOU@EXAMPLE.COM}]'
    See: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
    Cost: free, budgets without actions have no charge.
    Survives: Keep it, it is free.
    """  # noqa: E501
    told = {notification.budget_name for notification in notifications}
    for budget in budgets:
        if budget.budget_type not in ("COST", "USAGE"):
            continue
        over = budget.time_period.end is not None and budget.time_period.end <= scan.at
        problems = [*(["is over"] if over else []), *([] if budget.budget_name in told else ["tells nobody"])]
        arn = scan.arn("budgets", f"budget/{budget.budget_name}", account=scan.account)
        yield Finding(arn, good=not problems, note=" and ".join(problems) or "tells someone at a threshold")


@practice("4.2-S2", "4.3-S3", severity="high")
def alarm_actions_delivered(
    alarms: list[MetricAlarm],
    composites: list[CompositeAlarm],
    endpoints: list[Endpoint],
    subscriptions: list[Subscription],
    scan: Scan,
) -> Findings:
    """Alarms do something, and where they send a message somebody gets it.

    Why: an alarm without an action, or with a topic whose subscription was never confirmed, goes off unheard; that is
    found out on the day it was made for.
    Fix: Subscribe to the topic, confirm by the link in the message, and give the alarm the topic as its action.
        aws sns subscribe --topic-arn TOPIC_ARN --protocol email --notification-endpoint YOU@EXAMPLE.COM
        aws sns list-subscriptions-by-topic --topic-arn TOPIC_ARN
        aws cloudwatch enable-alarm-actions --alarm-names ALARM
    See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    Cost: free, ten alarms and a thousand messages by e-mail a month have no charge.
    Survives: Alarms and topics stay when the endpoint is gone.
    """
    listening = {subscription.topic_arn for subscription in subscriptions if subscription.confirmed}
    deployments = [endpoint.last_deployment_config for endpoint in endpoints if endpoint.last_deployment_config]
    rollbacks = [deployment.auto_rollback_configuration for deployment in deployments]
    feeding = {alarm.alarm_name for rollback in rollbacks if rollback for alarm in rollback.alarms}
    rules = " ".join(composite.alarm_rule for composite in composites)
    every: list[MetricAlarm | CompositeAlarm] = [*alarms, *composites]
    for alarm in every:
        if alarm.alarm_name.startswith(SCALING_ALARM):
            continue
        actions = [action for action in alarm.alarm_actions if ":autoscaling:" not in action]
        # What only scales, or only feeds a composite alarm or a rollback, need tell nobody.
        if not actions and (alarm.alarm_actions or alarm.alarm_name in feeding or _in_rule(alarm, rules)):
            continue
        if not actions:
            yield Finding(alarm.alarm_arn, good=False, note="has no action")
        elif not alarm.actions_enabled:
            yield Finding(alarm.alarm_arn, good=False, note="its actions are switched off")
        else:
            yield from _delivered(alarm.alarm_arn, actions, listening, scan)


def _delivered(arn: str, actions: list[str], listening: set[str], scan: Scan) -> Findings:
    topics = [action for action in actions if ":sns:" in action]
    if len(topics) < len(actions) or listening & set(topics):
        yield Finding(arn, good=True, note="its action reaches someone")
    # The subscribers of another account's topic are not for us to see.
    elif all(f":{scan.account}:" in topic for topic in topics):
        yield Finding(arn, good=False, note="its topic has no confirmed subscriber, or is gone")


def _in_rule(alarm: MetricAlarm | CompositeAlarm, rules: str) -> bool:
    names = f"{re.escape(alarm.alarm_name)}|{re.escape(alarm.alarm_arn)}"
    return re.search(rf"\(\s*[\"']?({names})[\"']?\s*\)", rules) is not None


def _metrics(alarm: MetricAlarm) -> Iterator[Metric]:
    """The metrics that an alarm watches, those inside of metric math included."""
    yield Metric(namespace=alarm.namespace, metric_name=alarm.metric_name, dimensions=alarm.dimensions)
    for query in alarm.metrics:
        if query.metric_stat:
            yield query.metric_stat.metric


def _watching(alarms: Iterable[MetricAlarm], namespace: str, metrics: set[str]) -> list[tuple[MetricAlarm, str | None]]:
    """The alarms on some metrics, each with the endpoint that it is about; those that only scale are left out."""
    return [
        (alarm, next((item.value for item in metric.dimensions if item.name == "EndpointName"), None))
        for alarm in alarms
        if not alarm.alarm_name.startswith(SCALING_ALARM)
        for metric in _metrics(alarm)
        if str(metric.namespace).lower() == namespace.lower() and metric.metric_name in metrics
    ]


def _live(
    endpoints: Iterable[Endpoint], configs: Iterable[EndpointConfig]
) -> Iterator[tuple[Endpoint, EndpointConfig]]:
    """Endpoints in service that answer at once, with their configurations."""
    by_name = {config.endpoint_config_name: config for config in configs}
    for endpoint in endpoints:
        config = by_name.get(endpoint.endpoint_config_name or "")
        if endpoint.endpoint_status == "InService" and config and not config.async_inference_config:
            yield endpoint, config


def _on_instances(config: EndpointConfig) -> list[Variant]:
    return [variant for variant in config.production_variants if not variant.serverless_config]


@evidence("4.2-S9", "3.1-S3")
def latency_alarm_made(alarms: list[MetricAlarm]) -> Findings:
    """An alarm watches the latency of an endpoint.

    Why: ModelLatency is the model's own time and OverheadLatency that of SageMaker around it; looking at both tells where
    a slow answer comes from.
    Fix: Make an alarm on a percentile of the model's latency, which is counted in microseconds.
        aws cloudwatch put-metric-alarm --alarm-name ENDPOINT-latency --namespace AWS/SageMaker --metric-name ModelLatency --dimensions Name=EndpointName,Value=ENDPOINT Name=VariantName,Value=AllTraffic --extended-statistic p90 --period 60 --evaluation-periods 5 --threshold 500000 --comparison-operator GreaterThanThreshold --alarm-actions TOPIC_ARN
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
    Cost: free, up to ten alarms.
    Survives: The alarm stays when the endpoint is gone.
    """  # noqa: E501
    for alarm, endpoint in _watching(alarms, LATENCY_NAMESPACE, LATENCY_METRICS):
        yield Finding(alarm.alarm_arn, good=True, note=f"watches the latency of {endpoint or 'endpoints'}")


@practice("4.2-S9", "3.1-S3", "4.2-S2")
def endpoint_latency_alarms(
    endpoints: list[Endpoint], configs: list[EndpointConfig], alarms: list[MetricAlarm], scan: Scan
) -> Findings:
    """Every endpoint that answers at once has an alarm on its latency.

    Why: users notice slow answers before anybody reads a graph. The metrics are in microseconds, so a threshold of 500
    means half a millisecond and is always exceeded.
    Fix: Make an alarm on a percentile of the model's latency, which is counted in microseconds.
        aws cloudwatch put-metric-alarm --alarm-name ENDPOINT-latency --namespace AWS/SageMaker --metric-name ModelLatency --dimensions Name=EndpointName,Value=ENDPOINT Name=VariantName,Value=AllTraffic --extended-statistic p90 --period 60 --evaluation-periods 5 --threshold 500000 --comparison-operator GreaterThanThreshold --alarm-actions TOPIC_ARN
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
    Cost: hourly while the endpoint runs, up to ten alarms are free.
    Survives: The alarm stays when the endpoint is gone.
    """  # noqa: E501
    watching = _watching(alarms, LATENCY_NAMESPACE, LATENCY_METRICS)
    for endpoint, _ in _live(endpoints, configs):
        found = [alarm for alarm, name in watching if name == endpoint.endpoint_name]
        wrong = [alarm for alarm in found if _milliseconds(alarm)]
        if not found and scan.at - endpoint.creation_time < GRACE:
            continue
        if found and len(wrong) == len(found):
            note = f"{wrong[0].alarm_name} goes off at {wrong[0].threshold:g} microseconds, as if in milliseconds"
        else:
            note = f"{len(found)} alarms on its latency" if found else "no alarm on its latency"
        yield Finding(endpoint.endpoint_arn, good=len(found) > len(wrong), note=note)


def _milliseconds(alarm: MetricAlarm) -> bool:
    """Whether a threshold was plainly thought in milliseconds; metric math may turn the unit, so it is let be."""
    if alarm.threshold is None or alarm.metrics or not str(alarm.comparison_operator).startswith("Greater"):
        return False
    always = alarm.threshold < DOUBTFUL_LATENCY and alarm.state_value == "ALARM"
    return alarm.metric_name == "ModelLatency" and (always or alarm.threshold < PLAUSIBLE_LATENCY)


@evidence("4.2-K1", severity="low")
def utilization_alarm_made(alarms: list[MetricAlarm]) -> Findings:
    """An alarm watches how far an endpoint's instances are used.

    Why: use of processor, memory, GPU and disk says whether an instance type fits: near the limit is too small, and idle
    is too large.
    Fix: Make an alarm on a metric of the instances.
        aws cloudwatch put-metric-alarm --alarm-name ENDPOINT-memory --namespace /aws/sagemaker/Endpoints --metric-name MemoryUtilization --dimensions Name=EndpointName,Value=ENDPOINT Name=VariantName,Value=AllTraffic --statistic Average --period 60 --evaluation-periods 5 --threshold 80 --comparison-operator GreaterThanThreshold --alarm-actions TOPIC_ARN
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
    Cost: free, up to ten alarms.
    Survives: The alarm stays when the endpoint is gone.
    """  # noqa: E501
    for alarm, endpoint in _watching(alarms, UTILIZATION_NAMESPACE, UTILIZATION_METRICS):
        yield Finding(alarm.alarm_arn, good=True, note=f"watches the instances of {endpoint or 'endpoints'}")


@practice("4.2-K1", "4.2-S2", severity="low")
def endpoint_utilization_alarms(
    endpoints: list[Endpoint], configs: list[EndpointConfig], alarms: list[MetricAlarm], scan: Scan
) -> Findings:
    """Every endpoint on instances has an alarm on processor, memory, GPU or disk.

    Why: a model server that runs out of memory restarts and answers with errors; the alarm comes before. The alarms that
    target tracking makes scale, and tell nobody.
    Fix: Make an alarm on a metric of the instances.
        aws cloudwatch put-metric-alarm --alarm-name ENDPOINT-memory --namespace /aws/sagemaker/Endpoints --metric-name MemoryUtilization --dimensions Name=EndpointName,Value=ENDPOINT Name=VariantName,Value=AllTraffic --statistic Average --period 60 --evaluation-periods 5 --threshold 80 --comparison-operator GreaterThanThreshold --alarm-actions TOPIC_ARN
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
    Cost: hourly while the endpoint runs, up to ten alarms are free.
    Survives: The alarm stays when the endpoint is gone.
    """  # noqa: E501
    watched = {name for _, name in _watching(alarms, UTILIZATION_NAMESPACE, UTILIZATION_METRICS)}
    for endpoint, config in _live(endpoints, configs):
        good = endpoint.endpoint_name in watched
        if _on_instances(config) and (good or scan.at - endpoint.creation_time >= GRACE):
            note = "an alarm on its instances" if good else "no alarm on its instances"
            yield Finding(endpoint.endpoint_arn, good=good, note=note)


@evidence("4.2-K4")
def multi_instance_endpoint_configured(configs: list[EndpointConfig]) -> Findings:
    """An endpoint was configured to run on two or more instances.

    Why: SageMaker spreads the instances of a variant over Availability Zones, so from two on a zone may fail.
    Fix: Configure two instances, run the endpoint for an hour, delete it and keep the configuration.
        aws sagemaker create-endpoint-config --endpoint-config-name two --production-variants VariantName=AllTraffic,ModelName=MODEL,InstanceType=ml.t2.medium,InitialInstanceCount=2
        aws sagemaker create-endpoint --endpoint-name two --endpoint-config-name two
        aws sagemaker delete-endpoint --endpoint-name two
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-best-practices.html
    Cost: hourly while the endpoint runs, the configuration is free to keep.
    Survives: The endpoint configuration stays when the endpoint is gone.
    """  # noqa: E501
    for config in configs:
        counts = [_least(variant) for variant in _on_instances(config)]
        if max(counts, default=0) >= 2 and not config.async_inference_config:
            yield Finding(config.endpoint_config_arn, good=True, note=f"a variant on {max(counts)} instances")


def _least(variant: Variant) -> int:
    scaling = variant.managed_instance_scaling
    managed = scaling.min_instance_count if scaling and scaling.status == "ENABLED" else None
    return managed if managed is not None else variant.initial_instance_count or 0


@practice("4.2-K4")
def endpoint_multi_instance(
    endpoints: list[Endpoint],
    configs: list[EndpointConfig],
    models: list[Model],
    subnets: list[Subnet],
    targets: list[ScalableTarget],
) -> Findings:
    """Variants of endpoints run on two or more instances, over two or more zones.

    Why: with one instance the endpoint is down whenever that instance or its zone is. Serverless and asynchronous
    endpoints are left out: SageMaker spreads the former, and a queue waits for the latter.
    Fix: Raise the count, and the lower bound of auto scaling with it; an hour is enough to see it.
        aws sagemaker update-endpoint-weights-and-capacities --endpoint-name ENDPOINT --desired-weights-and-capacities VariantName=AllTraffic,DesiredInstanceCount=2
        aws application-autoscaling register-scalable-target --service-namespace sagemaker --resource-id endpoint/ENDPOINT/variant/AllTraffic --scalable-dimension sagemaker:variant:DesiredInstanceCount --min-capacity 2 --max-capacity 4
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-best-practices.html
    Cost: hourly for each instance.
    Survives: The endpoint configuration stays when the endpoint is gone.
    """  # noqa: E501
    zones = {subnet.subnet_id: subnet.availability_zone for subnet in subnets}
    networks = {model.model_name: model.vpc_config for model in models}
    floors = {
        target.resource_id: target.min_capacity
        for target in targets
        if target.scalable_dimension == "sagemaker:variant:DesiredInstanceCount"
    }
    for endpoint, config in _live(endpoints, configs):
        running = {
            variant.variant_name: variant.current_instance_count or 0 for variant in endpoint.production_variants
        }
        problems: list[str] = []
        for variant in _on_instances(config):
            floor = floors.get(f"endpoint/{endpoint.endpoint_name}/variant/{variant.variant_name}", 0)
            if max(running.get(variant.variant_name, 0), floor) < 2:
                problems.append(f"{variant.variant_name} runs on one instance")
            network = networks.get(variant.model_name or "") or config.vpc_config
            if network and network.subnets and len({zones.get(subnet, subnet) for subnet in network.subnets}) < 2:
                problems.append(f"{variant.variant_name} is in one zone only")
        if _on_instances(config):
            note = ", ".join(problems) or "two or more instances for each variant"
            yield Finding(endpoint.endpoint_arn, good=not problems, note=note)


@evidence("4.2-S4", "4.2-S1")
def cloudwatch_dashboard_ml(dashboards: list[Dashboard]) -> Findings:
    """A dashboard shows metrics, logs or alarms of SageMaker or Bedrock.

    Why: one page with invocations, errors, latency and use of the instances is how an endpoint is watched, and where a
    troubleshooting starts.
    Fix: Put a dashboard with a widget of an endpoint's metrics.
        aws cloudwatch put-dashboard --dashboard-name ml --dashboard-body '{"widgets":[{"type":"metric","width":12,"height":6,"properties":{"region":"REGION","title":"Invocations","metrics":[["AWS/SageMaker","Invocations","EndpointName","ENDPOINT","VariantName","AllTraffic"]]}}]}'
    See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html
    Cost: free, up to three dashboards.
    Survives: The dashboard stays when the endpoint is gone.
    """  # noqa: E501
    for dashboard in dashboards:
        good = any(ML_METRICS.search(text) for widget in _widgets(dashboard) for text in _texts(widget))
        note = "shows SageMaker or Bedrock" if good else "shows nothing of SageMaker or Bedrock"
        yield Finding(dashboard.dashboard_arn, good=good, note=note)


def _widgets(dashboard: Dashboard) -> list[Any]:
    """The widgets that show something measured; a text widget may speak of anything."""
    try:
        body = json.loads(dashboard.dashboard_body)
    except ValueError:
        return []
    widgets = body.get("widgets") if isinstance(body, dict) else None
    shown = [widget for widget in widgets if isinstance(widget, dict)] if isinstance(widgets, list) else []
    return [widget.get("properties") for widget in shown if widget.get("type") != "text"]


def _texts(value: Any) -> Iterator[str]:
    """Every text inside of a widget but its title, which anyone may write."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("title", "label"):
                yield from _texts(item)


@practice("4.2-K6", "4.2-S1", severity="low")
def ml_log_retention(log_groups: list[LogGroup]) -> Findings:
    """Log groups of ML work keep their events for a set time.

    Why: SageMaker makes its log groups without an end, so what a job printed years ago is stored, paid for and perhaps
    should have been forgotten.
    Fix: Set how many days the events are kept.
        aws logs put-retention-policy --log-group-name /aws/sagemaker/TrainingJobs --retention-in-days 90
    See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
    Cost: free, it saves storage.
    Survives: Log groups outlive the jobs and endpoints that wrote them.
    """
    for group in log_groups:
        if group.log_group_class == "DELIVERY":
            continue
        if group.retention_in_days:
            yield Finding(group.arn, good=True, note=f"keeps events for {group.retention_in_days} days")
        elif group.stored_bytes:
            yield Finding(group.arn, good=False, note="keeps events for ever")
