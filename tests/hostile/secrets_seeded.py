"""A secret wherever people put one and AWS hands it out again: the calls that put it there, by what returns it."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from harness import ACCOUNT, REGION
from hostile.machine import Do

MARK = "hunter2-do-not-keep"
CODED = base64.b64encode(MARK.encode()).decode()
ROLE = f"arn:aws:iam::{ACCOUNT}:role/training"
CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
DATA = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://learner/train/"}}
OUTPUT = {"S3OutputPath": "s3://learner/models/"}
LIMIT = {"MaxRuntimeInSeconds": 60}
TOKEN = {"TOKEN": MARK}
SECRET = {"epochs": "3", "api_token": MARK, "sagemaker_password": json.dumps(MARK)}
TAGS = [{"Key": "token", "Value": MARK}]
TRAINING: dict[str, Any] = {
    "AlgorithmSpecification": {
        "TrainingImage": "image",
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "validation:error", "Regex": "error=([0-9.]+)"}],
    },
    "RoleArn": ROLE,
    "InputDataConfig": [{"ChannelName": "train", "DataSource": DATA}],
    "OutputDataConfig": OUTPUT,
    "ResourceConfig": CLUSTER,
    "StoppingCondition": LIMIT,
}
FRONT = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:front"
WITH_PASSWORD = f"https://learner:{MARK}@git.example.com/learner/models.git"


def foundation(do: Do) -> None:
    """What the rest is put on."""
    services = ["sagemaker.amazonaws.com", "codepipeline.amazonaws.com"]
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": services}}
    do("iam", "create_role", RoleName="training", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    do("s3", "create_bucket", Bucket="learner")
    do("s3", "put_object", Bucket="learner", Key="train/data.csv", Body=MARK.encode())
    do("sns", "create_topic", Name="told")
    do("ecs", "create_cluster", clusterName="cluster")
    do(
        "ecs",
        "register_task_definition",
        family="task",
        containerDefinitions=[
            {
                "name": "front",
                "image": "image",
                "memory": 128,
                "command": ["run", MARK],
                "entryPoint": ["sh", MARK],
                "environment": [{"name": "TOKEN", "value": MARK}],
                "secrets": [{"name": "PASSWORD", "valueFrom": f"/{MARK}"}],
                "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": MARK}},
                "repositoryCredentials": {"credentialsParameter": f"/{MARK}"},
            }
        ],
    )


def _training_job(do: Do) -> None:
    do(
        "sagemaker",
        "create_training_job",
        TrainingJobName="train",
        HyperParameters=SECRET,
        Environment=TOKEN,
        Tags=TAGS,
        **TRAINING,
    )


def _tuning_job(do: Do) -> None:
    do(
        "sagemaker",
        "create_hyper_parameter_tuning_job",
        HyperParameterTuningJobName="tune",
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "ResourceLimits": {"MaxParallelTrainingJobs": 1},
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:error"},
            "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "depth", "Values": ["3", MARK]}]},
        },
        TrainingJobDefinition={**TRAINING, "StaticHyperParameters": SECRET, "Environment": TOKEN},
    )


def _processing_job(do: Do) -> None:
    do(
        "sagemaker",
        "create_processing_job",
        ProcessingJobName="prepare",
        ProcessingResources={"ClusterConfig": CLUSTER},
        AppSpecification={
            "ImageUri": "image",
            "ContainerEntrypoint": ["run", MARK],
            "ContainerArguments": ["--token", MARK],
        },
        Environment=TOKEN,
        RoleArn=ROLE,
    )


def _model(do: Do) -> None:
    container = {"Image": "image", "ModelDataUrl": "s3://learner/m.tgz", "Environment": TOKEN}
    do("sagemaker", "create_model", ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer=container)


def _endpoint_tags(do: Do) -> None:
    variant = {"VariantName": "main", "ModelName": "model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    do("sagemaker", "create_endpoint_config", EndpointConfigName="live", ProductionVariants=[variant])
    made = do("sagemaker", "create_endpoint", EndpointName="live", EndpointConfigName="live")
    do("sagemaker", "add_tags", ResourceArn=made["EndpointArn"], Tags=TAGS)


def _transform_job(do: Do) -> None:
    do(
        "sagemaker",
        "create_transform_job",
        TransformJobName="transform",
        ModelName="model",
        TransformInput={"DataSource": DATA},
        TransformOutput=OUTPUT,
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        Environment=TOKEN,
    )


def _model_package(do: Do) -> None:
    do("sagemaker", "create_model_package_group", ModelPackageGroupName="group")
    do(
        "sagemaker",
        "create_model_package",
        ModelPackageGroupName="group",
        InferenceSpecification={
            "Containers": [{"Image": "image", "ModelDataUrl": "s3://learner/m.tgz", "Environment": TOKEN}],
            "SupportedContentTypes": ["text/csv"],
        },
        CustomerMetadataProperties={"token": MARK},
    )


def _monitoring() -> dict[str, Any]:
    return {
        "MonitoringInputs": [{"EndpointInput": {"EndpointName": "live", "LocalPath": "/opt/ml/processing/input"}}],
        "MonitoringOutputConfig": {
            "MonitoringOutputs": [
                {"S3Output": {"S3Uri": "s3://learner/monitor/", "LocalPath": "/opt/ml/processing/output"}}
            ]
        },
        "MonitoringResources": {"ClusterConfig": CLUSTER},
        "MonitoringAppSpecification": {"ImageUri": "image", "ContainerArguments": ["--token", MARK]},
        "Environment": TOKEN,
        "RoleArn": ROLE,
    }


def _monitoring_schedule(do: Do) -> None:
    do(
        "sagemaker",
        "create_monitoring_schedule",
        MonitoringScheduleName="watch",
        MonitoringScheduleConfig={
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            "MonitoringJobDefinition": _monitoring(),
        },
    )


def _job_definition(do: Do) -> None:
    do(
        "sagemaker",
        "create_data_quality_job_definition",
        JobDefinitionName="quality",
        DataQualityAppSpecification={"ImageUri": "image", "Environment": TOKEN, "ContainerArguments": [MARK]},
        DataQualityJobInput={
            "EndpointInput": {"EndpointName": "live", "LocalPath": "/opt/ml/processing/input"},
        },
        DataQualityJobOutputConfig=_monitoring()["MonitoringOutputConfig"],
        JobResources={"ClusterConfig": CLUSTER},
        RoleArn=ROLE,
    )


def _notebook(do: Do) -> None:
    script = [{"Content": CODED}]
    name = {"NotebookInstanceLifecycleConfigName": "start"}
    do("sagemaker", "create_notebook_instance_lifecycle_config", OnStart=script, **name)
    do(
        "sagemaker",
        "create_notebook_instance",
        NotebookInstanceName="explore",
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
        LifecycleConfigName="start",
        DefaultCodeRepository=WITH_PASSWORD,
    )


def _studio_config(do: Do) -> None:
    do(
        "sagemaker",
        "create_studio_lifecycle_config",
        StudioLifecycleConfigName="start",
        StudioLifecycleConfigContent=CODED,
        StudioLifecycleConfigAppType="JupyterLab",
    )


def _app_image_config(do: Do) -> None:
    settings = {"ContainerConfig": {"ContainerEnvironmentVariables": TOKEN, "ContainerArguments": [MARK]}}
    do("sagemaker", "create_app_image_config", AppImageConfigName="own", JupyterLabAppImageConfig=settings)


def _pipeline(do: Do) -> None:
    step = {"Name": "train", "Type": "Training", "Arguments": {"Environment": TOKEN, "HyperParameters": SECRET}}
    parameter = {"Name": "Token", "Type": "String", "DefaultValue": MARK}
    do(
        "sagemaker",
        "create_pipeline",
        PipelineName="pipeline",
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Parameters": [parameter], "Steps": [step]}),
        ClientRequestToken="a" * 32,
        RoleArn=ROLE,
    )


def _project(do: Do) -> None:
    do(
        "codebuild",
        "create_project",
        name="build",
        source={
            "type": "GITHUB",
            "location": WITH_PASSWORD,
            "buildspec": f"env: {{variables: {{TOKEN: {MARK}}}}}",
        },
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "image",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "TOKEN", "value": MARK}],
        },
        serviceRole=ROLE,
    )


def _build(do: Do) -> None:
    do(
        "codebuild",
        "start_build",
        projectName="build",
        environmentVariablesOverride=[{"name": "TOKEN", "value": MARK, "type": "PLAINTEXT"}],
    )


def _code_pipeline(do: Do) -> None:
    def action(category: str, provider: str, owner: str, **more: Any) -> dict[str, Any]:
        kind = {"category": category, "owner": owner, "provider": provider, "version": "1"}
        return {"name": category, "actionTypeId": kind, **more}

    source = {"Owner": "learner", "Repo": "models", "Branch": "main", "OAuthToken": MARK}
    variables = json.dumps([{"name": "TOKEN", "value": MARK, "type": "PLAINTEXT"}])
    build = {"ProjectName": "build", "EnvironmentVariables": variables}
    artifact = [{"name": "code"}]
    actions = {
        "Source": action("Source", "GitHub", "ThirdParty", configuration=source, outputArtifacts=artifact),
        "Build": action("Build", "CodeBuild", "AWS", configuration=build, inputArtifacts=artifact),
    }
    do(
        "codepipeline",
        "create_pipeline",
        pipeline={
            "name": "delivery",
            "roleArn": ROLE,
            "artifactStore": {"type": "S3", "location": "learner"},
            "stages": [{"name": name, "actions": [one]} for name, one in actions.items()],
        },
    )


def _glue_job(do: Do) -> None:
    do(
        "glue",
        "create_job",
        Name="etl",
        Role=ROLE,
        Command={"Name": "glueetl"},
        DefaultArguments={"--password": MARK},
        NonOverridableArguments={"--token": MARK},
    )


def _glue_run(do: Do) -> None:
    do("glue", "start_job_run", JobName="etl", Arguments={"--password": MARK})


def _glue_session(do: Do) -> None:
    do(
        "glue",
        "create_session",
        Id="sample",
        Role=ROLE,
        Command={"Name": "glueetl", "PythonVersion": "3"},
        DefaultArguments={"--password": MARK},
    )


def _glue_database(do: Do) -> None:
    do("glue", "create_database", DatabaseInput={"Name": "data", "Parameters": {"password": MARK}})


def _glue_table(do: Do) -> None:
    table = {
        "Name": "orders",
        "Parameters": {"classification": "mysql", "password": MARK},
        "StorageDescriptor": {
            "Columns": [{"Name": "id", "Type": "string"}],
            "Location": "s3://learner/orders/",
            "SerdeInfo": {"Parameters": {"password": MARK}},
            "Parameters": {"token": MARK},
        },
    }
    do("glue", "create_table", DatabaseName="data", TableInput=table)


def _glue_connection(do: Do) -> None:
    # Who asks for a connection without its password gets what else is written there all the same.
    url = f"jdbc:mysql://db.example.com/orders?user=learner&password={MARK}"
    address = {"JDBC_CONNECTION_URL": url, "USERNAME": "learner", "PASSWORD": MARK}
    known = {"Name": "orders", "ConnectionType": "JDBC", "ConnectionProperties": address}
    do("glue", "create_connection", ConnectionInput=known)


def _task(do: Do) -> None:
    override = {"name": "front", "environment": [{"name": "TOKEN", "value": MARK}], "command": ["run", MARK]}
    image = do("ec2", "describe_images", Owners=["amazon"])["Images"][0]["ImageId"]
    [instance] = do("ec2", "run_instances", ImageId=image, MinCount=1, MaxCount=1)["Instances"]
    document = {"instanceId": instance["InstanceId"], "accountId": ACCOUNT, "region": REGION}
    identity = {"instanceIdentityDocument": json.dumps(document), "instanceIdentityDocumentSignature": "signed"}
    do("ecs", "register_container_instance", cluster="cluster", **identity)
    overrides = {"containerOverrides": [override]}
    do("ecs", "run_task", cluster="cluster", taskDefinition="task", count=1, overrides=overrides)


def _task_definition(do: Do) -> None:
    do("ecs", "create_service", cluster="cluster", serviceName="service", taskDefinition="task", desiredCount=1)


def _stack(do: Do) -> None:
    parameters = {"Password": {"Type": "String"}, "Hidden": {"Type": "String", "NoEcho": True}}
    template = {
        "Parameters": parameters,
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}},
        "Outputs": {name: {"Value": {"Ref": name}} for name in parameters},
    }
    given = [{"ParameterKey": name, "ParameterValue": MARK} for name in parameters]
    do(
        "cloudformation",
        "create_stack",
        StackName="stack",
        TemplateBody=json.dumps(template),
        Parameters=given,
        Tags=TAGS,
    )


def _state_machine(do: Do) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createTrainingJob",
        "Parameters": {"Environment": TOKEN, "HyperParameters": SECRET},
        "End": True,
    }
    definition = json.dumps({"StartAt": "Train", "States": {"Train": state}})
    do("stepfunctions", "create_state_machine", name="machine", roleArn=ROLE, definition=definition)


def _state_machine_input(do: Do) -> None:
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:machine"
    do("stepfunctions", "start_execution", stateMachineArn=machine, name="first", input=json.dumps(TOKEN))


def _target(do: Do) -> None:
    do("events", "put_rule", Name="rule", ScheduleExpression="rate(1 day)")
    header = {"HeaderParameters": {"Authorization": f"Bearer {MARK}"}}
    target = {"Id": "1", "Arn": FRONT, "Input": json.dumps(TOKEN), "HttpParameters": header}
    do("events", "put_targets", Rule="rule", Targets=[target])


def _api_destination(do: Do) -> None:
    key = {"ApiKeyAuthParameters": {"ApiKeyName": "key", "ApiKeyValue": MARK}}
    made = do("events", "create_connection", Name="out", AuthorizationType="API_KEY", AuthParameters=key)
    do(
        "events",
        "create_api_destination",
        Name="out",
        ConnectionArn=made["ConnectionArn"],
        InvocationEndpoint=f"https://hooks.example.com/{MARK}",
        HttpMethod="POST",
    )


def _schedule(do: Do) -> None:
    target = {"Arn": FRONT, "RoleArn": ROLE, "Input": json.dumps(TOKEN)}
    window = {"Mode": "OFF"}
    schedule = {"Name": "weekly", "ScheduleExpression": "rate(7 days)", "FlexibleTimeWindow": window}
    do("scheduler", "create_schedule", Target=target, **schedule)


def _subscriptions(do: Do) -> None:
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:told"
    for protocol, address in (("https", f"https://u:{MARK}@hooks.example.com/x"), ("email", f"{MARK}@example.com")):
        do("sns", "subscribe", TopicArn=topic, Protocol=protocol, Endpoint=address)


def _budget(do: Do) -> None:
    limit = {"BudgetLimit": {"Amount": "5", "Unit": "USD"}, "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    over = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    someone = {"SubscriptionType": "EMAIL", "Address": f"{MARK}@example.com"}
    told = [{"Notification": over, "Subscribers": [someone]}]
    budget = {"BudgetName": "ml", **limit}
    do("budgets", "create_budget", AccountId=ACCOUNT, Budget=budget, NotificationsWithSubscribers=told)


def _launch_template(do: Do) -> None:
    image = do("ec2", "describe_images", Owners=["amazon"])["Images"][0]["ImageId"]
    do(
        "ec2",
        "create_launch_template",
        LaunchTemplateName="gpu",
        LaunchTemplateData={"ImageId": image, "UserData": CODED},
    )
    do("ec2", "run_instances", ImageId=image, MinCount=1, MaxCount=1, UserData=MARK)


def _version(do: Do) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("app.py", f"TOKEN = '{MARK}'\n")
    do(
        "lambda",
        "create_function",
        FunctionName="front",
        Runtime="python3.12",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": content.getvalue()},
        Environment={"Variables": TOKEN},
        Publish=True,
    )


def _mapping(do: Do) -> None:
    do("kinesis", "create_stream", StreamName="clicks", ShardCount=1)
    do(
        "lambda",
        "create_event_source_mapping",
        EventSourceArn=f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks",
        FunctionName="front",
        StartingPosition="LATEST",
        FilterCriteria={"Filters": [{"Pattern": json.dumps({"data": {"token": [MARK]}})}]},
    )


def _delivery_stream(do: Do) -> None:
    name = "logs"
    there = {
        "EndpointConfiguration": {"Url": f"https://logs.example.com/{MARK}", "AccessKey": MARK},
        "RequestConfiguration": {"CommonAttributes": [{"AttributeName": "token", "AttributeValue": MARK}]},
        "S3Configuration": {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::learner"},
    }
    do("firehose", "create_delivery_stream", DeliveryStreamName=name, HttpEndpointDestinationConfiguration=there)


def _batch_job(do: Do) -> None:
    container = {
        "image": "image",
        "vcpus": 1,
        "memory": 128,
        "command": ["run", MARK],
        "environment": [{"name": "TOKEN", "value": MARK}],
    }
    do(
        "batch",
        "register_job_definition",
        jobDefinitionName="job",
        type="container",
        containerProperties=container,
    )


def _airflow(do: Do) -> None:
    do(
        "mwaa",
        "create_environment",
        Name="flows",
        ExecutionRoleArn=ROLE,
        SourceBucketArn="arn:aws:s3:::learner",
        DagS3Path="dags",
        NetworkConfiguration={"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]},
        AirflowConfigurationOptions={"smtp.smtp_password": MARK},
    )


def _database(do: Do) -> None:
    do(
        "dms",
        "create_endpoint",
        EndpointIdentifier="orders",
        EndpointType="source",
        EngineName="mysql",
        Username="learner",
        Password=MARK,
        ServerName="db.example.com",
        Port=3306,
        DatabaseName="orders",
    )


def _parameter(do: Do) -> None:
    do("ssm", "put_parameter", Name="/token", Value=MARK, Type="SecureString")
    do("ssm", "put_parameter", Name="/plain", Value=MARK, Type="String")


def _kept_secret(do: Do) -> None:
    do("secretsmanager", "create_secret", Name="token", SecretString=MARK)


def _role_tag(do: Do) -> None:
    do("iam", "tag_role", RoleName="training", Tags=TAGS)


def _network_tag(do: Do) -> None:
    [vpc, *_] = do("ec2", "describe_vpcs")["Vpcs"]
    do("ec2", "create_tags", Resources=[vpc["VpcId"]], Tags=TAGS)


def _bucket_tag(do: Do) -> None:
    do("s3", "put_bucket_tagging", Bucket="learner", Tagging={"TagSet": TAGS})


def _cluster_tag(do: Do) -> None:
    network = {"subnetIds": ["subnet-1", "subnet-2"]}
    do("eks", "create_cluster", name="shop", roleArn=ROLE, resourcesVpcConfig=network, tags={"token": MARK})


PLACES: dict[str, Callable[[Do], None]] = {
    "sagemaker:Search": _training_job,
    "sagemaker:DescribeHyperParameterTuningJob": _tuning_job,
    "sagemaker:DescribeProcessingJob": _processing_job,
    "sagemaker:DescribeModel": _model,
    "sagemaker:DescribeTransformJob": _transform_job,
    "sagemaker:DescribeModelPackage": _model_package,
    "sagemaker:DescribeMonitoringSchedule": _monitoring_schedule,
    "sagemaker:DescribeDataQualityJobDefinition": _job_definition,
    "sagemaker:DescribeNotebookInstance": _notebook,
    "sagemaker:DescribeStudioLifecycleConfig": _studio_config,
    "sagemaker:DescribeAppImageConfig": _app_image_config,
    "sagemaker:DescribePipeline": _pipeline,
    "codebuild:BatchGetProjects": _project,
    "codebuild:BatchGetBuilds": _build,
    "codepipeline:GetPipeline": _code_pipeline,
    "glue:GetJobs": _glue_job,
    "glue:GetJobRuns": _glue_run,
    "glue:ListSessions": _glue_session,
    "glue:GetDatabases": _glue_database,
    "glue:GetTables": _glue_table,
    "glue:GetConnections": _glue_connection,
    "ecs:DescribeTasks": _task,
    "ecs:DescribeTaskDefinition": _task_definition,
    "cloudformation:DescribeStacks": _stack,
    "stepfunctions:DescribeStateMachine": _state_machine,
    "stepfunctions:DescribeExecution": _state_machine_input,
    "events:ListTargetsByRule": _target,
    "events:ListApiDestinations": _api_destination,
    "scheduler:GetSchedule": _schedule,
    "sns:ListSubscriptions": _subscriptions,
    "budgets:DescribeSubscribersForNotification": _budget,
    "ec2:DescribeLaunchTemplateVersions": _launch_template,
    "lambda:ListVersionsByFunction": _version,
    "lambda:ListEventSourceMappings": _mapping,
    "firehose:DescribeDeliveryStream": _delivery_stream,
    "batch:DescribeJobDefinitions": _batch_job,
    "mwaa:GetEnvironment": _airflow,
    "dms:DescribeEndpoints": _database,
    "ssm:GetParametersByPath": _parameter,
    "secretsmanager:GetSecretValue": _kept_secret,
    "iam:GetAccountAuthorizationDetails": _role_tag,
    "ec2:DescribeVpcs": _network_tag,
    "eks:DescribeCluster": _cluster_tag,
    "resourcegroupstaggingapi:GetResources": _bucket_tag,
    "sagemaker:ListTags": _endpoint_tags,
}
"""The operation that returns a secret -> the calls that put it where that finds it; later ones rest on earlier ones."""
