"""The demo account: what a learner half way to the exam may have built, told as the calls that were made.

Some sections were practised well, several carelessly, many not at all. It is made for an emulator, and what a real
account would answer later (metrics of jobs, traffic, costs) is not in it.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from readiness_mla.accounts.place import KMEANS, PYTORCH, SKLEARN, XGBOOST, Do, Place, allow, policy, trust

OWNED = [{"Key": "CostCenter", "Value": "ml-lab"}, {"Key": "Owner", "Value": "learner"}]
PRIVATE = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

SMALL = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
TEN_MINUTES = {"MaxRuntimeInSeconds": 600}
BOOSTING = {"objective": "binary:logistic", "eval_metric": "auc", "num_round": "200"}


def halfway(do: Do, *, region: str, account: str, partition: str) -> None:
    """Build the account, each part on what the parts before it made.

    Args:
        do: makes one call.
        region: where `do` calls; a region in which buckets need no location constraint.
        account: the account's id.
        partition: the region's partition.
    """
    here = Place(region, account, partition)
    topic = _alerts(do)
    _identity(do, here)
    network = _network(do, here)
    _data(do, here)
    _training(do, here)
    _registry(do, here)
    _hosting(do, here)
    _environments(do, here, network)
    _delivery(do, here, topic)
    _monitoring(do, topic)
    _drift(do, here)
    _cost(do, here)


def _alerts(do: Do) -> str:
    """A topic with a subscriber, made by a template: the one thing that was scripted."""
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Alerts": {
                "Type": "AWS::SNS::Topic",
                "Properties": {
                    "TopicName": "ml-alerts",
                    "Subscription": [{"Protocol": "email", "Endpoint": "learner@example.com"}],
                },
            }
        },
        "Outputs": {"Topic": {"Value": {"Ref": "Alerts"}}},
    }
    do("cloudformation", "CreateStack", StackName="ml-alerts", TemplateBody=json.dumps(template))
    [stack] = do("cloudformation", "DescribeStacks", StackName="ml-alerts")["Stacks"]
    return str(stack["Outputs"][0]["OutputValue"])


def _identity(do: Do, here: Place) -> None:
    """A role for training that is limited to its data, and one for experiments that may do anything to SageMaker."""
    ours = {"StringEquals": {"aws:SourceAccount": here.account}}
    objects = here.arn("s3", f"{here.data}/*")
    pass_training = allow("iam:PassRole", here.role("ml-training"))
    do("iam", "CreateRole", RoleName="ml-training", AssumeRolePolicyDocument=trust("sagemaker", Condition=ours))
    do(
        "iam",
        "PutRolePolicy",
        RoleName="ml-training",
        PolicyName="churn-data",
        PolicyDocument=policy(allow(["s3:GetObject", "s3:PutObject"], objects)),
    )
    launch = do("iam", "CreatePolicy", PolicyName="ml-launch", PolicyDocument=policy(pass_training))["Policy"]["Arn"]
    do("iam", "AttachRolePolicy", RoleName="ml-training", PolicyArn=launch)

    anything = allow(["sagemaker:*", "s3:*", "iam:PassRole"], "*")
    do("iam", "CreateRole", RoleName="ml-sandbox", AssumeRolePolicyDocument=trust("sagemaker"))
    do("iam", "PutRolePolicy", RoleName="ml-sandbox", PolicyName="anything", PolicyDocument=policy(anything))
    everything = f"arn:{here.partition}:iam::aws:policy/AmazonSageMakerFullAccess"
    do("iam", "AttachRolePolicy", RoleName="ml-sandbox", PolicyArn=everything)

    for service in ("codebuild", "codepipeline", "glue"):
        do("iam", "CreateRole", RoleName=f"ml-{service}", AssumeRolePolicyDocument=trust(service))


@dataclasses.dataclass(frozen=True)
class Network:
    """The VPC of the account: a subnet, a group that is closed, and one that is open to the world."""

    vpc: str
    subnet: str
    closed: str
    open: str


def _network(do: Do, here: Place) -> Network:
    """A VPC that keeps its way to S3 and to SageMaker's API private, but not the one to its endpoints; and no logs."""
    vpc = do("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = do("ec2", "CreateSubnet", VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    table = do("ec2", "CreateRouteTable", VpcId=vpc)["RouteTable"]["RouteTableId"]
    do("ec2", "AssociateRouteTable", RouteTableId=table, SubnetId=subnet)

    groups = [
        do("ec2", "CreateSecurityGroup", GroupName=name, Description=f"ML {name}", VpcId=vpc)["GroupId"]
        for name in ("ml-endpoints", "ml-notebooks")
    ]
    network = Network(vpc, subnet, *groups)
    _open(do, network.closed, 443, "10.0.0.0/16")
    _open(do, network.open, 8888, "0.0.0.0/0")

    service = f"com.amazonaws.{here.region}"
    do("ec2", "CreateVpcEndpoint", VpcId=vpc, ServiceName=f"{service}.s3", RouteTableIds=[table])
    do(
        "ec2",
        "CreateVpcEndpoint",
        VpcId=vpc,
        VpcEndpointType="Interface",
        ServiceName=f"{service}.sagemaker.api",
        SubnetIds=[subnet],
        SecurityGroupIds=[network.closed],
        PrivateDnsEnabled=True,
    )
    return network


def _open(do: Do, group: str, port: int, cidr: str) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}
    do("ec2", "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[rule])


def _data(do: Do, here: Place) -> None:
    """Two buckets, a catalog with an ETL job, a stream, and a feature group that was never filled."""
    _guarded_bucket(do, here)
    do("s3", "CreateBucket", Bucket=here.bucket("sandbox"))

    do("glue", "CreateDatabase", DatabaseInput={"Name": "churn"})
    parquet = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    described = {
        "Columns": [{"Name": "age", "Type": "int"}, {"Name": "plan", "Type": "string"}],
        "Location": f"s3://{here.data}/customers/",
        "SerdeInfo": {"SerializationLibrary": parquet},
    }
    table = {
        "Name": "customers",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet"},
        "StorageDescriptor": described,
    }
    do("glue", "CreateTable", DatabaseName="churn", TableInput=table)
    for name in ("prepare-customers", "join-clicks"):
        script = {"Name": "glueetl", "ScriptLocation": f"s3://{here.data}/scripts/{name}.py", "PythonVersion": "3"}
        do("glue", "CreateJob", Name=name, Role=here.role("ml-glue"), Command=script, GlueVersion="5.0")
    do("glue", "StartJobRun", JobName="prepare-customers")

    do("kinesis", "CreateStream", StreamName="clicks", ShardCount=1)
    do(
        "sagemaker",
        "CreateFeatureGroup",
        FeatureGroupName="customers",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="event_time",
        FeatureDefinitions=[
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "event_time", "FeatureType": "String"},
            {"FeatureName": "age", "FeatureType": "Integral"},
        ],
        OfflineStoreConfig={"S3StorageConfig": {"S3Uri": f"s3://{here.data}/features"}},
        RoleArn=here.role("ml-training"),
    )


def _guarded_bucket(do: Do, here: Place) -> None:
    """A bucket with a key of its own, that refuses plain HTTP and the public, and clears away old output."""
    key = do("kms", "CreateKey", Description="churn data")["KeyMetadata"]["Arn"]
    do("s3", "CreateBucket", Bucket=here.data)
    do("s3", "PutBucketTagging", Bucket=here.data, Tagging={"TagSet": OWNED})
    by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    do(
        "s3",
        "PutBucketEncryption",
        Bucket=here.data,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": by_key, "BucketKeyEnabled": True}]
        },
    )
    plain_http = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [here.arn("s3", here.data), here.arn("s3", f"{here.data}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    do("s3", "PutBucketPolicy", Bucket=here.data, Policy=policy(plain_http))
    do(
        "s3",
        "PutPublicAccessBlock",
        Bucket=here.data,
        PublicAccessBlockConfiguration=dict.fromkeys(PRIVATE, True),
    )
    expire = {"ID": "output", "Status": "Enabled", "Filter": {"Prefix": "output/"}, "Expiration": {"Days": 30}}
    do("s3", "PutBucketLifecycleConfiguration", Bucket=here.data, LifecycleConfiguration={"Rules": [expire]})


def _training(do: Do, here: Place) -> None:
    """Jobs that prepare data, train and tune: from a first try in the sandbox to a careful search."""
    do(
        "sagemaker",
        "CreateProcessingJob",
        ProcessingJobName="prepare-churn",
        AppSpecification={"ImageUri": here.image(SKLEARN)},
        RoleArn=here.role("ml-training"),
        ProcessingInputs=[
            {
                "InputName": "customers",
                "S3Input": {
                    "S3Uri": f"s3://{here.data}/customers/",
                    "LocalPath": "/opt/ml/processing/input",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
        ProcessingResources={"ClusterConfig": SMALL},
        Tags=OWNED,
    )
    _train(do, here, "first-try", XGBOOST, here.bucket("sandbox"), {"num_round": "10"}, RoleArn=here.role("ml-sandbox"))
    segments = {"k": "4", "feature_dim": "12"}
    _train(do, here, "segments", KMEANS, here.bucket("sandbox"), segments, RoleArn=here.role("ml-sandbox"))
    regularized = {**BOOSTING, "early_stopping_rounds": "10", "alpha": "0.5"}
    _train(do, here, "churn-1", XGBOOST, here.data, regularized, held_out=True, Tags=OWNED)
    _train(
        do,
        here,
        "churn-spot",
        XGBOOST,
        here.data,
        regularized,
        held_out=True,
        EnableManagedSpotTraining=True,
        StoppingCondition={"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 1200},
        CheckpointConfig={"S3Uri": f"s3://{here.data}/checkpoints/"},
        Tags=OWNED,
    )
    script = {"sagemaker_program": '"train.py"', "epochs": "5", "batch_size": "64", "dropout": "0.2"}
    curves = {"S3OutputPath": f"s3://{here.data}/tensorboard/"}
    _train(do, here, "churn-net", PYTORCH, here.data, script, held_out=True, TensorBoardOutputConfig=curves, Tags=OWNED)

    _tune(do, here, "churn-tune", "validation:auc")
    _tune(do, here, "churn-tune-again", "train:auc", jobs=30)

    do(
        "transcribe",
        "StartTranscriptionJob",
        TranscriptionJobName="support-call",
        LanguageCode="en-US",
        Media={"MediaFileUri": f"s3://{here.bucket('sandbox')}/support-call.mp3"},
    )
    for _ in range(3):  # an emulated job moves on when it is asked for
        do("transcribe", "GetTranscriptionJob", TranscriptionJobName="support-call")


def _train(
    do: Do,
    here: Place,
    name: str,
    image: str,
    bucket: str,
    parameters: dict[str, str],
    *,
    held_out: bool = False,
    **more: Any,
) -> None:
    given: dict[str, Any] = {
        "RoleArn": here.role("ml-training"),
        "ResourceConfig": SMALL,
        "StoppingCondition": TEN_MINUTES,
    }
    do(
        "sagemaker",
        "CreateTrainingJob",
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": here.image(image), "TrainingInputMode": "File"},
        HyperParameters=parameters,
        InputDataConfig=_channels(bucket, held_out=held_out),
        OutputDataConfig={"S3OutputPath": f"s3://{bucket}/output/"},
        **{**given, **more},
    )


def _channels(bucket: str, *, held_out: bool) -> list[dict[str, Any]]:
    return [
        {
            "ChannelName": name,
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/{name}/"}},
        }
        for name in (("train", "validation") if held_out else ("train",))
    ]


def _tune(do: Do, here: Place, name: str, metric: str, jobs: int = 6) -> None:
    learning_rate = {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
    do(
        "sagemaker",
        "CreateHyperParameterTuningJob",
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": metric},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {"ContinuousParameterRanges": [learning_rate]},
        },
        TrainingJobDefinition={
            "AlgorithmSpecification": {"TrainingImage": here.image(XGBOOST), "TrainingInputMode": "File"},
            "RoleArn": here.role("ml-training"),
            "StaticHyperParameters": BOOSTING,
            "InputDataConfig": _channels(here.data, held_out=True),
            "OutputDataConfig": {"S3OutputPath": f"s3://{here.data}/output/"},
            "ResourceConfig": SMALL,
            "StoppingCondition": TEN_MINUTES,
        },
    )


def _registry(do: Do, here: Place) -> None:
    """Two groups of models: one whose newest version was approved for a reason, one waved through on nothing."""
    quality = {"ContentType": "application/json", "S3Uri": f"s3://{here.data}/evaluation.json"}
    measured = {"ModelMetrics": {"ModelQuality": {"Statistics": quality}}}
    reasoned = {"ModelApprovalStatus": "Approved", "ApprovalDescription": "AUC 0.91, baseline 0.88"}
    for group in ("churn", "segments"):
        do("sagemaker", "CreateModelPackageGroup", ModelPackageGroupName=group)
    _version(do, here, "churn")
    approved = _version(do, here, "churn", **measured)
    do("sagemaker", "UpdateModelPackage", ModelPackageArn=approved, **reasoned)
    waved_through = _version(do, here, "segments")
    do("sagemaker", "UpdateModelPackage", ModelPackageArn=waved_through, ModelApprovalStatus="Approved")


def _version(do: Do, here: Place, group: str, **more: Any) -> str:
    container = {"Image": here.image(XGBOOST), "ModelDataUrl": f"s3://{here.data}/output/model.tar.gz"}
    made = do(
        "sagemaker",
        "CreateModelPackage",
        ModelPackageGroupName=group,
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
        ModelApprovalStatus="PendingManualApproval",
        **more,
    )
    return str(made["ModelPackageArn"])


def _hosting(do: Do, here: Place) -> None:
    """An endpoint as it should be, one that was left after a demo, and a batch scored without any."""
    artifact = {"Image": here.image(XGBOOST), "ModelDataUrl": f"s3://{here.data}/output/model.tar.gz"}
    role = here.role("ml-training")
    do("sagemaker", "CreateModel", ModelName="churn", ExecutionRoleArn=role, PrimaryContainer=artifact, Tags=OWNED)
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{here.data}/captured/",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    }
    _serve(do, "churn-live", instances=2, tags=OWNED, DataCaptureConfig=capture)
    _serve(do, "churn-demo", instances=1, tags=[])
    _scale(do, "endpoint/churn-live/variant/main")
    do(
        "sagemaker",
        "CreateTransformJob",
        TransformJobName="score-customers",
        ModelName="churn",
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{here.data}/customers/"}},
            "ContentType": "text/csv",
        },
        TransformOutput={"S3OutputPath": f"s3://{here.data}/output/scores/"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        Tags=OWNED,
    )


def _serve(do: Do, name: str, *, instances: int, tags: list[dict[str, str]], **more: Any) -> None:
    variant = {
        "VariantName": "main",
        "ModelName": "churn",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": instances,
    }
    do("sagemaker", "CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=[variant], Tags=tags, **more)
    do("sagemaker", "CreateEndpoint", EndpointName=name, EndpointConfigName=name, Tags=tags)


def _scale(do: Do, resource: str) -> None:
    scaled = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": resource,
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    do("application-autoscaling", "RegisterScalableTarget", MinCapacity=2, MaxCapacity=4, **scaled)
    do(
        "application-autoscaling",
        "PutScalingPolicy",
        PolicyName="invocations",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 700.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        },
        **scaled,
    )


def _environments(do: Do, here: Place, network: Network) -> None:
    """Studio within the VPC, where Canvas was opened, and a notebook instance as the console made it by default."""
    made = do(
        "sagemaker",
        "CreateDomain",
        DomainName="ml-lab",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": here.role("ml-training"), "SecurityGroups": [network.closed]},
        SubnetIds=[network.subnet],
        VpcId=network.vpc,
        AppNetworkAccessType="VpcOnly",
        Tags=OWNED,
    )
    user = {"DomainId": made["DomainId"], "UserProfileName": "learner"}
    do("sagemaker", "CreateUserProfile", **user, Tags=OWNED)
    do("sagemaker", "CreateApp", **user, AppType="Canvas", AppName="default", Tags=OWNED)
    do(
        "sagemaker",
        "CreateNotebookInstance",
        NotebookInstanceName="scratch",
        InstanceType="ml.t3.medium",
        RoleArn=here.role("ml-sandbox"),
        SubnetId=network.subnet,
        SecurityGroupIds=[network.open],
        DirectInternetAccess="Enabled",
        RootAccess="Enabled",
    )


def _delivery(do: Do, here: Place, topic: str) -> None:
    """A SageMaker pipeline with a gate that runs, an image that is built, and a delivery pipeline without a run."""
    fit = {"Name": "Fit", "Type": "Training"}
    register = {"Name": "Register", "Type": "RegisterModel"}
    gate = {"Name": "GoodEnough", "Type": "Condition", "Arguments": {"IfSteps": [register], "ElseSteps": []}}
    _pipeline(do, here, "churn", fit, gate)
    do(
        "sagemaker",
        "StartPipelineExecution",
        PipelineName="churn",
        ClientRequestToken="first-run-of-the-churn-pipeline-0001",
    )
    _pipeline(do, here, "segments", fit, register)

    do("ecr", "CreateRepository", repositoryName="churn", imageScanningConfiguration={"scanOnPush": True})
    do("ecr", "CreateRepository", repositoryName="scratch")
    do(
        "codebuild",
        "CreateProject",
        name="churn-image",
        source={"type": "S3", "location": f"{here.data}/sources/image.zip"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        serviceRole=here.role("ml-codebuild"),
    )
    do("codebuild", "StartBuild", projectName="churn-image")
    do(
        "codepipeline",
        "CreatePipeline",
        pipeline={
            "name": "churn-delivery",
            "roleArn": here.role("ml-codepipeline"),
            "artifactStore": {"type": "S3", "location": here.data},
            "stages": [
                {
                    "name": "Source",
                    "actions": [_action("fetch", "Source", "S3", S3Bucket=here.data, S3ObjectKey="app.zip")],
                },
                {"name": "Build", "actions": [_action("image", "Build", "CodeBuild", ProjectName="churn-image")]},
            ],
        },
    )

    ended = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Training Job State Change"],
        "detail": {"TrainingJobStatus": ["Failed", "Stopped"]},
    }
    do("events", "PutRule", Name="training-failed", EventPattern=json.dumps(ended))
    do("events", "PutTargets", Rule="training-failed", Targets=[{"Id": "tell", "Arn": topic}])
    approved = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelApprovalStatus": ["Approved"]},
    }
    do("events", "PutRule", Name="model-approved", EventPattern=json.dumps(approved))


def _pipeline(do: Do, here: Place, name: str, *steps: dict[str, Any]) -> None:
    do(
        "sagemaker",
        "CreatePipeline",
        PipelineName=name,
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": steps}),
        ClientRequestToken=f"made-once-for-the-pipeline-of-{name}".ljust(40, "-"),
        RoleArn=here.role("ml-training"),
    )


def _action(name: str, category: str, provider: str, **configuration: str) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, "configuration": configuration, "runOrder": 1}


def _monitoring(do: Do, topic: str) -> None:
    """A dashboard, an alarm on latency that somebody hears, one on errors that nobody does."""
    _alarm(do, "churn-live-latency", "ModelLatency", 500_000.0, "churn-live", AlarmActions=[topic])
    _alarm(do, "churn-demo-errors", "Invocation5XXErrors", 1.0, "churn-demo")
    metric = ["AWS/SageMaker", "Invocations", "EndpointName", "churn-live", "VariantName", "main"]
    widget = {"type": "metric", "properties": {"title": "Invocations", "metrics": [metric]}}
    do("cloudwatch", "PutDashboard", DashboardName="churn", DashboardBody=json.dumps({"widgets": [widget]}))


def _drift(do: Do, here: Place) -> None:
    """A schedule that compares each hour's requests with the training data."""
    do(
        "sagemaker",
        "CreateDataQualityJobDefinition",
        JobDefinitionName="churn-data-quality",
        DataQualityBaselineConfig={"ConstraintsResource": {"S3Uri": f"s3://{here.data}/baseline/constraints.json"}},
        DataQualityAppSpecification={"ImageUri": here.image("sagemaker-model-monitor-analyzer")},
        DataQualityJobInput={"EndpointInput": {"EndpointName": "churn-live", "LocalPath": "/opt/ml/processing/input"}},
        DataQualityJobOutputConfig={
            "MonitoringOutputs": [
                {"S3Output": {"S3Uri": f"s3://{here.data}/reports/", "LocalPath": "/opt/ml/processing/output"}}
            ]
        },
        JobResources={"ClusterConfig": {**SMALL, "VolumeSizeInGB": 20}},
        RoleArn=here.role("ml-training"),
    )
    do(
        "sagemaker",
        "CreateMonitoringSchedule",
        MonitoringScheduleName="churn-data-quality",
        MonitoringScheduleConfig={
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            "MonitoringJobDefinitionName": "churn-data-quality",
            "MonitoringType": "DataQuality",
        },
        Tags=OWNED,
    )


def _alarm(do: Do, name: str, metric: str, threshold: float, endpoint: str, **more: Any) -> None:
    do(
        "cloudwatch",
        "PutMetricAlarm",
        AlarmName=name,
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "main"}],
        Statistic="Sum" if "Errors" in metric else "Average",
        Period=60,
        EvaluationPeriods=5,
        Threshold=threshold,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        **more,
    )


def _cost(do: Do, here: Place) -> None:
    """A budget that speaks up, and a trail that sees one region only."""
    subscribers = [{"SubscriptionType": "EMAIL", "Address": "learner@example.com"}]
    forecast = {"NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    do(
        "budgets",
        "CreateBudget",
        AccountId=here.account,
        Budget={
            "BudgetName": "ml-lab",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "20", "Unit": "USD"},
        },
        NotificationsWithSubscribers=[{"Notification": forecast, "Subscribers": subscribers}],
    )
    logs = f"trail-{here.account}"
    do("s3", "CreateBucket", Bucket=logs)
    do("cloudtrail", "CreateTrail", Name="account", S3BucketName=logs, IsMultiRegionTrail=False)
    do("cloudtrail", "StartLogging", Name="account")
