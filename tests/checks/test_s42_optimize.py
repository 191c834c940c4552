import datetime
import json
from typing import Any

import boto3

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value
from readiness.aws.autoscaling import ScalableTarget
from readiness.aws.budgets import Budget, BudgetNotification, Period
from readiness.aws.cloudtrail import AdvancedSelector, EventSelector, FieldSelector, Trail, TrailEvents, TrailStatus
from readiness.aws.cloudwatch import (
    CompositeAlarm,
    Dashboard,
    Dimension,
    Metric,
    MetricAlarm,
    MetricQuery,
    MetricStat,
)
from readiness.aws.ec2 import Subnet
from readiness.aws.glue import Job
from readiness.aws.logs import LogGroup
from readiness.aws.s3 import Bucket
from readiness.aws.sagemaker.hosting import (
    Alarm,
    AsyncInference,
    AutoRollback,
    DeploymentConfig,
    Endpoint,
    EndpointConfig,
    ManagedInstanceScaling,
    Model,
    ServerlessConfig,
    Variant,
    VariantSummary,
)
from readiness.aws.sagemaker.studio import NotebookInstance
from readiness.aws.sagemaker.training import Output, TrainingJob, VpcConfig
from readiness.aws.sagemaker.training import Tag as JobTag
from readiness.aws.sns import Subscription
from readiness.aws.tagging import SageMakerTag, Tag, TaggedResource
from readiness.results import Verdict
from readiness_mla.s42_optimize import (
    CostTags,
    alarm_actions_delivered,
    budget_with_alert,
    cloudtrail_multi_region_trail,
    cloudwatch_dashboard_ml,
    endpoint_latency_alarms,
    endpoint_multi_instance,
    endpoint_utilization_alarms,
    latency_alarm_made,
    ml_log_retention,
    ml_resources_tagged,
    multi_instance_endpoint_configured,
    utilization_alarm_made,
)

YESTERDAY = NOW - datetime.timedelta(days=2)
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
COMPLETE = ("CostCenter", "Owner")


def sagemaker(resource: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}"


def endpoint(count: int = 2, **more: Any) -> Endpoint:
    settings = {"endpoint_status": "InService", "creation_time": YESTERDAY, "endpoint_config_name": "c"}
    return Endpoint(
        endpoint_name="e",
        endpoint_arn=sagemaker("endpoint/e"),
        last_modified_time=YESTERDAY,
        production_variants=[VariantSummary("v", current_instance_count=count)],
        **{**settings, **more},
    )


def config(variant: dict[str, Any] | None = None, **more: Any) -> EndpointConfig:
    settings = {"model_name": "m", "instance_type": "ml.m5.large", "initial_instance_count": 1}
    return EndpointConfig(
        endpoint_config_name="c",
        endpoint_config_arn=sagemaker("endpoint-config/c"),
        creation_time=YESTERDAY,
        production_variants=[Variant(variant_name="v", **{**settings, **(variant or {})})],
        **more,
    )


SERVERLESS = {"serverless_config": ServerlessConfig(5, 2048), "instance_type": None, "initial_instance_count": None}
WAITING = AsyncInference()


def alarm(metric: str = "ModelLatency", name: str = "a", **more: Any) -> MetricAlarm:
    space = (
        "AWS/SageMaker" if metric in ("ModelLatency", "OverheadLatency", "Invocations") else "/aws/sagemaker/Endpoints"
    )
    settings = {
        "namespace": space,
        "metric_name": metric,
        "dimensions": [Dimension("EndpointName", "e"), Dimension("VariantName", "v")],
        "threshold": 500_000.0,
        "comparison_operator": "GreaterThanThreshold",
        "alarm_actions": [TOPIC],
    }
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"
    return MetricAlarm(alarm_name=name, alarm_arn=arn, **{**settings, **more})


def math_alarm() -> MetricAlarm:
    metric = Metric("AWS/SageMaker", "ModelLatency", [Dimension("EndpointName", "e")])
    queries = [MetricQuery("m", MetricStat(metric)), MetricQuery("ms", expression="m/1000")]
    return alarm(metric_name=None, namespace=None, dimensions=[], metrics=queries, threshold=500.0)


def composite(rule: str) -> CompositeAlarm:
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:all"
    return CompositeAlarm(alarm_name="all", alarm_arn=arn, alarm_rule=rule, alarm_actions=[TOPIC])


def subscription(arn: str = f"{TOPIC}:1", topic: str = TOPIC) -> Subscription:
    return Subscription(topic_arn=topic, subscription_arn=arn, protocol="email")


def trail(**more: Any) -> Trail:
    arn = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/t"
    return Trail(**{"name": "t", "trail_arn": arn, "is_multi_region_trail": True, **more})


def status(of: Trail, **more: Any) -> TrailStatus:
    return TrailStatus(name=of.trail_arn, **{"is_logging": True, **more})


def records(of: Trail, *selectors: EventSelector, advanced: Any = ()) -> TrailEvents:
    listed = [
        AdvancedSelector([FieldSelector(field, equals) for field, equals in selector.items()]) for selector in advanced
    ]
    return TrailEvents(trail_name=of.trail_arn, event_selectors=list(selectors), advanced_event_selectors=listed)


def trailed(verdict: Verdict, title: str, *selectors: EventSelector, advanced: Any = (), **more: Any) -> Case:
    """A case of cloudtrail_multi_region_trail: one trail with these settings and selectors."""
    made = trail(**{key: value for key, value in more.items() if key in Trail.__struct_fields__})
    state = {key: value for key, value in more.items() if key in TrailStatus.__struct_fields__}
    found = [made, status(made, **state), records(made, *selectors, advanced=advanced)]
    return Case(cloudtrail_multi_region_trail, title, found, verdict)


def budget(**more: Any) -> Budget:
    return Budget(**{"account_id": ACCOUNT, "budget_name": "ml", "budget_type": "COST", **more})


def job(name: str = "train", *keys: str, **more: Any) -> TrainingJob:
    return TrainingJob(
        training_job_name=name,
        training_job_arn=sagemaker(f"training-job/{name}"),
        training_job_status="Completed",
        creation_time=more.pop("creation_time", NOW),
        tags=[JobTag(key) for key in keys],
        **more,
    )


def tagged(arn: str, *keys: str) -> TaggedResource:
    return TaggedResource(resource_arn=arn, tags=[Tag(key) for key in keys])


def dashboard(body: Any, name: str = "d") -> Dashboard:
    text = body if isinstance(body, str) else json.dumps(body)
    arn = f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{name}"
    return Dashboard(dashboard_name=name, dashboard_arn=arn, dashboard_body=text)


def shows(kind: str, **properties: Any) -> Dashboard:
    return dashboard({"widgets": [{"type": kind, "properties": properties}]})


def log_group(**more: Any) -> LogGroup:
    name = "/aws/sagemaker/TrainingJobs"
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"
    return LogGroup(**{"log_group_name": name, "arn": arn, "stored_bytes": 100, **more})


def model(*subnets: str) -> Model:
    network = VpcConfig(list(subnets), ["sg-1"])
    return Model(model_name="m", model_arn=sagemaker("model/m"), creation_time=NOW, vpc_config=network)


ZONES = [
    Subnet(subnet_id=name, vpc_id="vpc-1", availability_zone=f"{REGION}{zone}")
    for name, zone in [("s1", "a"), ("s2", "b"), ("s3", "a")]
]
FLOOR = ScalableTarget(
    service_namespace="sagemaker",
    resource_id="endpoint/e/variant/v",
    scalable_dimension="sagemaker:variant:DesiredInstanceCount",
    min_capacity=2,
    max_capacity=4,
)
NOTEBOOK = NotebookInstance(notebook_instance_name="n", notebook_instance_arn=sagemaker("notebook-instance/n"))
STORING = job("train", *COMPLETE, output_data_config=Output(s3_output_path="s3://models/out"))
CHILD = job("tune-001", tuning_job_arn=sagemaker("hyper-parameter-tuning-job/tune"))
OLD = [job(f"old{index}", creation_time=YESTERDAY) for index in range(3)]
NEW = [job(f"new{index}", *COMPLETE) for index in range(20)]
ETL = f"arn:aws:glue:{REGION}:{ACCOUNT}:job/etl"
MANAGEMENT = {"eventCategory": ["Management"]}
DATA = {"eventCategory": ["Data"], "resources.type": ["AWS::S3::Object"]}
ELSEWHERE = f"arn:aws:cloudtrail:{REGION}:999999999999:trail/org"
METRIC = ["AWS/SageMaker", "Invocations", "EndpointName", "e"]
ROLLBACK = DeploymentConfig(auto_rollback_configuration=AutoRollback([Alarm("a")]))

CASES = [
    Case(ml_resources_tagged, "nothing there", [], "absent"),
    Case(ml_resources_tagged, "all keys", [endpoint(), tagged(sagemaker("endpoint/e"), *COMPLETE)], "passed"),
    Case(
        ml_resources_tagged,
        "keys with a prefix and in another case",
        [endpoint(), tagged(sagemaker("endpoint/e"), "example-inc:cost-allocation:CostCenter", "owner")],
        "passed",
    ),
    Case(
        ml_resources_tagged,
        "one key",
        [endpoint(), tagged(sagemaker("endpoint/e"), "Owner")],
        "failed",
        ["without CostCenter"],
    ),
    Case(ml_resources_tagged, "never tagged, so not in the Tagging API", [endpoint()], "failed", ["without any tag"]),
    Case(
        ml_resources_tagged,
        "not in the Tagging API and yet tagged",
        [NOTEBOOK, *(SageMakerTag(sagemaker("notebook-instance/n"), key) for key in COMPLETE)],
        "passed",
    ),
    Case(
        ml_resources_tagged,
        "tags of AWS's own",
        [endpoint(), tagged(sagemaker("endpoint/e"), "aws:CostCenter", "sagemaker:Owner")],
        "failed",
    ),
    Case(
        ml_resources_tagged,
        "keys that the user set",
        [endpoint(), tagged(sagemaker("endpoint/e"), "project")],
        "passed",
        settings=[CostTags(keys=["Project"])],
    ),
    Case(ml_resources_tagged, "no keys are asked for", [endpoint()], "absent", settings=[CostTags(keys=[])]),
    Case(ml_resources_tagged, "a job tells its tags", [job("train", *COMPLETE)], "passed"),
    Case(ml_resources_tagged, "a job of a tuning job", [CHILD], "absent"),
    Case(ml_resources_tagged, "what ran long ago", [*OLD, *NEW], "passed"),
    Case(
        ml_resources_tagged, "a bucket of models", [STORING, Bucket("models"), Bucket("other")], "partial", ["models"]
    ),
    Case(
        ml_resources_tagged,
        "a bucket of models, tagged",
        [STORING, Bucket("models"), tagged("arn:aws:s3:::models", *COMPLETE)],
        "passed",
    ),
    Case(ml_resources_tagged, "an ETL job", [Job("etl"), tagged(ETL, *COMPLETE)], "passed"),
    Case(ml_resources_tagged, "an ETL job, untagged", [Job("etl")], "failed", [ETL]),
    Case(ml_resources_tagged, "tags of what costs nothing", [tagged(sagemaker("model/m"), *COMPLETE)], "absent"),
    Case(cloudtrail_multi_region_trail, "nothing there", [], "absent"),
    trailed("passed", "without selectors, which is the default"),
    trailed("passed", "all management events", EventSelector()),
    trailed("failed", "writes only", EventSelector("WriteOnly")),
    trailed("passed", "reads and writes apart", EventSelector("WriteOnly"), EventSelector("ReadOnly")),
    trailed("failed", "data events only", EventSelector(include_management_events=False)),
    trailed("passed", "an advanced selector", advanced=[DATA, MANAGEMENT]),
    trailed("failed", "an advanced selector of reads", advanced=[{**MANAGEMENT, "readOnly": ["true"]}]),
    trailed("failed", "an advanced selector of data", advanced=[DATA]),
    trailed("failed", "one Region", is_multi_region_trail=False),
    trailed("failed", "stopped", is_logging=False),
    trailed("failed", "its bucket is gone", latest_delivery_error="NoSuchBucket"),
    trailed("absent", "the organization's", trail_arn=ELSEWHERE, is_organization_trail=True),
    trailed("passed", "the organization's, in its own account", is_organization_trail=True),
    Case(
        cloudtrail_multi_region_trail,
        "one for data next to the one that counts",
        [
            *(made := [trail(), trail(trail_arn=f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/data")]),
            *(status(one) for one in made),
            records(made[0]),
            records(made[1], EventSelector(include_management_events=False)),
        ],
        "passed",
    ),
    Case(budget_with_alert, "nothing there", [], "absent"),
    Case(budget_with_alert, "an alert", [budget(), BudgetNotification("ml", "ACTUAL", 80)], "passed"),
    Case(budget_with_alert, "no alert", [budget()], "failed", ["tells nobody"]),
    Case(
        budget_with_alert,
        "over",
        [budget(time_period=Period(YESTERDAY)), BudgetNotification("ml", "ACTUAL", 80)],
        "failed",
        ["is over"],
    ),
    Case(budget_with_alert, "of Savings Plans", [budget(budget_type="SAVINGS_PLANS_COVERAGE")], "absent"),
    Case(alarm_actions_delivered, "nothing there", [], "absent"),
    Case(alarm_actions_delivered, "someone gets it", [alarm(), subscription()], "passed"),
    Case(alarm_actions_delivered, "no action", [alarm(alarm_actions=[])], "failed", ["no action"]),
    Case(alarm_actions_delivered, "switched off", [alarm(actions_enabled=False), subscription()], "failed"),
    Case(
        alarm_actions_delivered,
        "nobody confirmed",
        [alarm(), subscription("PendingConfirmation")],
        "failed",
        ["no confirmed subscriber"],
    ),
    Case(alarm_actions_delivered, "nobody subscribed", [alarm(), subscription(topic=f"{TOPIC}2")], "failed"),
    Case(alarm_actions_delivered, "of target tracking", [alarm(name="TargetTracking-x", alarm_actions=[])], "absent"),
    Case(
        alarm_actions_delivered,
        "of step scaling",
        [alarm(alarm_actions=[f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:1"])],
        "absent",
    ),
    Case(
        alarm_actions_delivered,
        "a Lambda function",
        [alarm(alarm_actions=[f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"])],
        "passed",
    ),
    Case(
        alarm_actions_delivered,
        "a topic of another account",
        [alarm(alarm_actions=[f"arn:aws:sns:{REGION}:999999999999:t"])],
        "absent",
    ),
    Case(
        alarm_actions_delivered,
        "inside of a composite alarm",
        [alarm(alarm_actions=[]), composite('ALARM("a") OR ALARM(b)'), subscription()],
        "passed",
    ),
    Case(
        alarm_actions_delivered,
        "a composite alarm of others",
        [alarm(alarm_actions=[]), composite("ALARM(ab)"), subscription()],
        "partial",
        ["alarm:a "],
    ),
    Case(
        alarm_actions_delivered,
        "of a rollback",
        [alarm(alarm_actions=[]), endpoint(last_deployment_config=ROLLBACK)],
        "absent",
    ),
    Case(latency_alarm_made, "nothing there", [], "absent"),
    Case(latency_alarm_made, "its endpoint is gone", [alarm()], "passed"),
    Case(latency_alarm_made, "another metric", [alarm("Invocations")], "absent"),
    Case(endpoint_latency_alarms, "nothing there", [], "absent"),
    Case(endpoint_latency_alarms, "an alarm", [endpoint(), config(), alarm()], "passed"),
    Case(endpoint_latency_alarms, "an alarm on overhead", [endpoint(), config(), alarm("OverheadLatency")], "passed"),
    Case(endpoint_latency_alarms, "metric math", [endpoint(), config(), math_alarm()], "passed"),
    Case(endpoint_latency_alarms, "no alarm", [endpoint(), config(), alarm("Invocations")], "failed"),
    Case(
        endpoint_latency_alarms,
        "an alarm of another endpoint",
        [endpoint(), config(), alarm(dimensions=[Dimension("EndpointName", "other")])],
        "failed",
    ),
    Case(endpoint_latency_alarms, "milliseconds", [endpoint(), config(), alarm(threshold=500.0)], "failed", ["500"]),
    Case(
        endpoint_latency_alarms,
        "milliseconds, always on",
        [endpoint(), config(), alarm(threshold=2000.0, state_value="ALARM")],
        "failed",
    ),
    Case(
        endpoint_latency_alarms,
        "two milliseconds of a small model",
        [endpoint(), config(), alarm(threshold=2000.0, state_value="OK")],
        "passed",
    ),
    Case(endpoint_latency_alarms, "asynchronous", [endpoint(), config(async_inference_config=WAITING)], "absent"),
    Case(endpoint_latency_alarms, "an exercise", [endpoint(creation_time=NOW), config()], "absent"),
    Case(endpoint_latency_alarms, "failed", [endpoint(endpoint_status="Failed"), config()], "absent"),
    Case(utilization_alarm_made, "nothing there", [], "absent"),
    Case(utilization_alarm_made, "its endpoint is gone", [alarm("MemoryUtilization")], "passed"),
    Case(
        utilization_alarm_made,
        "of target tracking",
        [alarm("CPUUtilization", "TargetTracking-endpoint/e/variant/v-AlarmHigh-1")],
        "absent",
    ),
    Case(endpoint_utilization_alarms, "nothing there", [], "absent"),
    Case(endpoint_utilization_alarms, "an alarm", [endpoint(), config(), alarm("GPUUtilization")], "passed"),
    Case(endpoint_utilization_alarms, "no alarm", [endpoint(), config(), alarm()], "failed"),
    Case(endpoint_utilization_alarms, "serverless", [endpoint(), config(SERVERLESS)], "absent"),
    Case(endpoint_utilization_alarms, "an exercise", [endpoint(creation_time=NOW), config()], "absent"),
    Case(multi_instance_endpoint_configured, "nothing there", [], "absent"),
    Case(multi_instance_endpoint_configured, "one", [config()], "absent"),
    Case(multi_instance_endpoint_configured, "two", [config({"initial_instance_count": 2})], "passed"),
    Case(
        multi_instance_endpoint_configured,
        "two at least, by managed scaling",
        [config({"managed_instance_scaling": ManagedInstanceScaling("ENABLED", 2, 4)})],
        "passed",
    ),
    Case(endpoint_multi_instance, "nothing there", [], "absent"),
    Case(endpoint_multi_instance, "two", [endpoint(), config()], "passed"),
    Case(endpoint_multi_instance, "one", [endpoint(1), config()], "failed", ["one instance"]),
    Case(endpoint_multi_instance, "one that scales to two", [endpoint(1), config(), FLOOR], "passed"),
    Case(endpoint_multi_instance, "serverless", [endpoint(0), config(SERVERLESS)], "absent"),
    Case(endpoint_multi_instance, "asynchronous", [endpoint(1), config(async_inference_config=WAITING)], "absent"),
    Case(endpoint_multi_instance, "two zones", [endpoint(), config(), model("s1", "s2"), *ZONES], "passed"),
    Case(
        endpoint_multi_instance, "one zone", [endpoint(), config(), model("s1", "s3"), *ZONES], "failed", ["one zone"]
    ),
    Case(endpoint_multi_instance, "a configuration that nothing uses", [config()], "absent"),
    Case(cloudwatch_dashboard_ml, "nothing there", [], "absent"),
    Case(cloudwatch_dashboard_ml, "metrics", [shows("metric", metrics=[METRIC])], "passed"),
    Case(
        cloudwatch_dashboard_ml,
        "a search",
        [
            shows(
                "metric", metrics=[[{"expression": "SEARCH('{/aws/sagemaker/Endpoints,EndpointName} CPU', 'Average')"}]]
            )
        ],
        "passed",
    ),
    Case(
        cloudwatch_dashboard_ml,
        "logs",
        [shows("log", query="SOURCE '/aws/sagemaker/Endpoints/e' | fields @message")],
        "passed",
    ),
    Case(cloudwatch_dashboard_ml, "another service", [shows("metric", metrics=[["AWS/EC2", "CPU"]])], "failed"),
    Case(cloudwatch_dashboard_ml, "words", [shows("text", markdown="see AWS/SageMaker")], "failed"),
    Case(cloudwatch_dashboard_ml, "a title", [shows("metric", title="AWS/SageMaker", metrics=[])], "failed"),
    *(
        Case(cloudwatch_dashboard_ml, f"odd text {body!r}", [dashboard(body)], "failed")
        for body in ("", "{", "[]", {"widgets": 7}, {"widgets": ["AWS/SageMaker", {"type": "metric"}]})
    ),
    Case(ml_log_retention, "nothing there", [], "absent"),
    Case(ml_log_retention, "kept for 90 days", [log_group(retention_in_days=90)], "passed"),
    Case(ml_log_retention, "kept for ever", [log_group()], "failed"),
    Case(ml_log_retention, "empty", [log_group(stored_bytes=0)], "absent"),
    Case(ml_log_retention, "for delivery", [log_group(log_group_class="DELIVERY")], "absent"),
]


test_verdict = by_value(CASES)


TAGS = [{"Key": "CostCenter", "Value": "ml-lab"}, {"Key": "Owner", "Value": "me"}]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"


def resources(tags: list[dict[str, str]]) -> None:
    s3 = boto3.client("s3", REGION)
    s3.create_bucket(Bucket="ml-models")
    if tags:
        s3.put_bucket_tagging(Bucket="ml-models", Tagging={"TagSet": tags})
    sagemaker_client = boto3.client("sagemaker", REGION)
    sagemaker_client.create_training_job(
        TrainingJobName="train",
        AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
        RoleArn=ROLE,
        OutputDataConfig={"S3OutputPath": "s3://ml-models/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
        Tags=tags,
    )
    sagemaker_client.create_notebook_instance(
        NotebookInstanceName="lab",
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
        Tags=tags,
    )
    serve(2, tags)


def serve(instances: int, tags: list[dict[str, str]]) -> None:
    client = boto3.client("sagemaker", REGION)
    client.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"})
    client.create_endpoint_config(
        EndpointConfigName="c",
        ProductionVariants=[
            {
                "VariantName": "v",
                "ModelName": "m",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": instances,
            }
        ],
    )
    client.create_endpoint(EndpointName="e", EndpointConfigName="c", Tags=tags)


def tagged_resources() -> None:
    resources(TAGS)


def untagged_resources() -> None:
    resources([])


def two_instances() -> None:
    serve(2, [])


def one_instance() -> None:
    serve(1, [])


def make_trail(*, everywhere: bool) -> None:
    boto3.client("s3", REGION).create_bucket(Bucket="trail-logs")
    client = boto3.client("cloudtrail", REGION)
    client.create_trail(Name="account", S3BucketName="trail-logs", IsMultiRegionTrail=everywhere)
    client.start_logging(Name="account")


def trail_of_all_regions() -> None:
    make_trail(everywhere=True)


def trail_of_one_region() -> None:
    make_trail(everywhere=False)


def budget_that_tells() -> None:
    boto3.client("budgets", REGION).create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": "ml",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "20", "Unit": "USD"},
        },
        NotificationsWithSubscribers=[
            {
                "Notification": {
                    "NotificationType": "FORECASTED",
                    "ComparisonOperator": "GREATER_THAN",
                    "Threshold": 80,
                },
                "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "me@example.com"}],
            }
        ],
    )


def silent_budget() -> None:
    boto3.client("budgets", REGION).create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": "ml",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "20", "Unit": "USD"},
        },
    )


def watch(actions: list[str]) -> None:
    serve(1, [])
    client = boto3.client("cloudwatch", REGION)
    for namespace, metric, threshold in [
        ("AWS/SageMaker", "ModelLatency", 500_000),
        ("/aws/sagemaker/Endpoints", "MemoryUtilization", 80),
    ]:
        client.put_metric_alarm(
            AlarmName=f"e-{metric}",
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "v"}],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=5,
            Threshold=threshold,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=actions,
        )


def alarms_that_tell() -> None:
    client = boto3.client("sns", REGION)
    topic = client.create_topic(Name="alerts")["TopicArn"]
    client.subscribe(TopicArn=topic, Protocol="email", Endpoint="me@example.com")
    watch([topic])


def alarms_unheard() -> None:
    watch([boto3.client("sns", REGION).create_topic(Name="alerts")["TopicArn"]])


def ml_dashboard() -> None:
    widget = {"type": "metric", "properties": {"region": REGION, "title": "Invocations", "metrics": [METRIC]}}
    body = json.dumps({"widgets": [widget]})
    boto3.client("cloudwatch", REGION).put_dashboard(DashboardName="ml", DashboardBody=body)


def other_dashboard() -> None:
    boto3.client("cloudwatch", REGION).put_dashboard(DashboardName="other", DashboardBody='{"widgets": []}')


def logs(days: int) -> None:
    client = boto3.client("logs", REGION)
    name = "/aws/sagemaker/TrainingJobs"
    client.create_log_group(logGroupName=name)
    client.create_log_stream(logGroupName=name, logStreamName="train/algo-1")
    moment = int(datetime.datetime.now(datetime.UTC).timestamp() * 1000)
    client.put_log_events(
        logGroupName=name, logStreamName="train/algo-1", logEvents=[{"timestamp": moment, "message": "loss=0.1"}]
    )
    if days:
        client.put_retention_policy(logGroupName=name, retentionInDays=days)


def logs_for_a_time() -> None:
    logs(90)


def logs_for_ever() -> None:
    logs(0)


EMULATED: list[Emulated] = [
    (ml_resources_tagged, tagged_resources, "passed"),
    (ml_resources_tagged, untagged_resources, "failed"),
    (cloudtrail_multi_region_trail, trail_of_all_regions, "passed"),
    (cloudtrail_multi_region_trail, trail_of_one_region, "failed"),
    (budget_with_alert, budget_that_tells, "passed"),
    (budget_with_alert, silent_budget, "failed"),
    (alarm_actions_delivered, alarms_that_tell, "passed"),
    (alarm_actions_delivered, alarms_unheard, "failed"),
    (latency_alarm_made, alarms_that_tell, "passed"),
    (endpoint_latency_alarms, alarms_that_tell, "passed"),
    (utilization_alarm_made, alarms_that_tell, "passed"),
    (endpoint_utilization_alarms, alarms_that_tell, "passed"),
    (multi_instance_endpoint_configured, two_instances, "passed"),
    (multi_instance_endpoint_configured, one_instance, "absent"),
    (endpoint_multi_instance, two_instances, "passed"),
    (endpoint_multi_instance, one_instance, "failed"),
    (cloudwatch_dashboard_ml, ml_dashboard, "passed"),
    (cloudwatch_dashboard_ml, other_dashboard, "failed"),
    (ml_log_retention, logs_for_a_time, "passed"),
    (ml_log_retention, logs_for_ever, "failed"),
]


test_emulated = by_calls(EMULATED)
