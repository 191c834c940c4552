"""Roles for each kind of work, each limited to the data, keys and logs that the work needs."""

from __future__ import annotations

import dataclasses
from typing import Any

from readiness_mla.accounts.place import Do, Place, allow, policy, trust

Statements = list[dict[str, Any]]

TELLS_NO_ACCOUNT = frozenset({"codedeploy", "databrew", "eks", "glue", "lambda"})
"""Services that do not say for which account they take a role, so that a condition on it would lock them out."""

IMAGES_OF_AWS = "763104351884"
"""The account in which AWS keeps its deep learning containers in most regions."""

USE_KEY = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
WRITE_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
PUSH = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
INTERFACES = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"]


@dataclasses.dataclass(frozen=True)
class Reach:
    """What the roles may reach.

    Attributes:
        here: the account.
        key: ARN of the key of the data.
        vpc: id of the VPC.
        subnets: ids of the subnets in which jobs run.
        group: id of the security group of jobs.
    """

    here: Place
    key: str
    vpc: str
    subnets: tuple[str, str]
    group: str

    def own(self, service: str, *resources: str) -> list[str]:
        """ARNs of things of the account in the region."""
        return [self.here.arn(service, name, region=self.here.region, account=self.here.account) for name in resources]


def grant(do: Do, reach: Reach) -> None:
    """Make the roles: for every kind of work the service that takes the role, and what it may do."""
    job = [*_data(reach), *_logs(reach, "/aws/sagemaker/*"), *_images(reach), *_in_vpc(reach)]
    roles: dict[str, tuple[str, Statements]] = {
        "ml-training": ("sagemaker", [*job, *_features(reach), *_shadow(reach)]),
        "ml-inference": ("sagemaker", [*job, *_tell(reach)]),
        "ml-studio": ("sagemaker", [*job, *_sagemaker(reach, *DEVELOP), _pass(reach, "sagemaker", "ml-training")]),
        "ml-pipeline": (
            "sagemaker",
            [*_data(reach), *_sagemaker(reach, *ORCHESTRATE), _pass(reach, "sagemaker", "ml-training", "ml-inference")],
        ),
        "ml-bedrock": ("bedrock", _data(reach)),
        "ml-glue": ("glue", [*_data(reach), *_logs(reach, "/aws-glue/*"), *_catalog(reach)]),
        "ml-databrew": ("databrew", [*_data(reach), *_logs(reach, "/aws-glue-databrew/*"), *_catalog(reach)]),
        "ml-firehose": ("firehose", [*_data(reach), *_stream(reach), *_catalog(reach)]),
        "ml-flink": ("kinesisanalytics", [*_data(reach), *_logs(reach, "/aws/kinesis-analytics/*"), *_stream(reach)]),
        "ml-comprehend": ("comprehend", _data(reach)),
        "ml-comprehend-medical": ("comprehendmedical", _data(reach)),
        "ml-translate": ("translate", _data(reach)),
        "ml-kendra": ("kendra", [*_data(reach), *_logs(reach, "/aws/kendra/*")]),
        "ml-lex": ("lexv2", [allow("polly:SynthesizeSpeech", "*")]),
        "ml-personalize": ("personalize", _data(reach)),
        "ml-codebuild": ("codebuild", _build(reach)),
        "ml-codepipeline": ("codepipeline", [*_data(reach), *_deliver(reach), *_tell(reach)]),
        "ml-codedeploy": ("codedeploy", [*_data(reach), *_shift(reach)]),
        "ml-lambda": ("lambda", [*_logs(reach, "/aws/lambda/churn-*"), *_sagemaker(reach, "InvokeEndpoint")]),
        "ml-retrain": ("scheduler", _sagemaker(reach, "StartPipelineExecution")),
        "ml-steps": (
            "states",
            [
                *_sagemaker(reach, "AddTags", "CreateTransformJob", "DescribeTransformJob", "StopTransformJob"),
                *_jobs_that_end(reach),
            ],
        ),
        "ml-events": ("events", _sagemaker(reach, "StartPipelineExecution")),
        "ml-tasks": ("ecs-tasks", [*_logs(reach, "/ecs/churn-*"), *_images(reach)]),
        "ml-eks": ("eks", _kubernetes(reach)),
    }
    for name, (service, statements) in roles.items():
        ours = {"StringEquals": {"aws:SourceAccount": reach.here.account}}
        limit = {} if service in TELLS_NO_ACCOUNT else {"Condition": ours}
        do("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=trust(service, **limit))
        do("iam", "PutRolePolicy", RoleName=name, PolicyName="work", PolicyDocument=policy(*statements))


DEVELOP = (
    "AddTags",
    "CreateProcessingJob",
    "CreateTrainingJob",
    "DescribeProcessingJob",
    "DescribeTrainingJob",
    "InvokeEndpoint",
    "StopProcessingJob",
    "StopTrainingJob",
)
"""What somebody calls from a notebook."""

ORCHESTRATE = (
    *DEVELOP,
    "CreateModel",
    "CreateModelPackage",
    "CreateTransformJob",
    "DescribeModel",
    "DescribeModelPackage",
    "DescribeTransformJob",
    "StartPipelineExecution",
)
"""What a workflow calls for its steps."""


def _data(reach: Reach) -> Statements:
    """The objects of the data bucket, and the key that they are encrypted by."""
    here = reach.here
    return [
        allow(["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket"], here.arn("s3", here.data)),
        allow(
            ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            here.arn("s3", f"{here.data}/*"),
        ),
        allow(USE_KEY, reach.key),
        {
            **allow("kms:CreateGrant", reach.key),
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]


def _logs(reach: Reach, groups: str) -> Statements:
    """Log groups of a service, and metrics beside them."""
    metrics = {"StringLike": {"cloudwatch:namespace": ["AWS/SageMaker*", "/aws/sagemaker/*", "Churn"]}}
    return [
        allow(WRITE_LOGS, reach.own("logs", f"log-group:{groups}")),
        {**allow("cloudwatch:PutMetricData", "*"), "Condition": metrics},
    ]


def _images(reach: Reach, *, push: bool = False) -> Statements:
    """Images of the lab's own and of AWS's; the token is for the registry as a whole."""
    theirs = reach.here.arn("ecr", "repository/*", region=reach.here.region, account=IMAGES_OF_AWS)
    return [
        allow("ecr:GetAuthorizationToken", "*"),
        allow(PULL, [*reach.own("ecr", "repository/churn*"), theirs]),
        *([allow(PUSH, reach.own("ecr", "repository/churn*"))] if push else []),
    ]


def _in_vpc(reach: Reach) -> Statements:
    """Network interfaces in the subnets of the lab."""
    places = [f"subnet/{name}" for name in reach.subnets]
    [vpc] = reach.own("ec2", f"vpc/{reach.vpc}")
    seen = ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
    interface = {"ArnEquals": {"ec2:Vpc": vpc}}
    return [
        allow(INTERFACES, reach.own("ec2", *places, f"security-group/{reach.group}", "network-interface/*")),
        {
            **allow("ec2:CreateNetworkInterfacePermission", reach.own("ec2", "network-interface/*")),
            "Condition": interface,
        },
        allow([f"ec2:Describe{name}" for name in seen], "*"),
    ]


def _sagemaker(reach: Reach, *calls: str) -> Statements:
    """Calls to SageMaker on things of the account that belong to the model."""
    return [allow([f"sagemaker:{call}" for call in calls], reach.own("sagemaker", "*/churn*", "*/pipelines-*"))]


def _jobs_that_end(reach: Reach) -> Statements:
    """The rule by which Step Functions learns that a job has ended."""
    [rule] = reach.own("events", "rule/StepFunctionsGetEventsForSageMakerTransformJobsRule")
    return [allow(["events:DescribeRule", "events:PutRule", "events:PutTargets"], rule), allow(USE_KEY, reach.key)]


def _features(reach: Reach) -> Statements:
    calls = [f"sagemaker:{call}" for call in ("BatchGetRecord", "GetRecord", "PutRecord", "DescribeFeatureGroup")]
    return [allow(calls, reach.own("sagemaker", "feature-group/customers*"))]


def _pass(reach: Reach, service: str, *roles: str) -> dict[str, Any]:
    """Named roles may be handed to one service."""
    only = {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}
    return {**allow("iam:PassRole", [reach.here.role(name) for name in roles]), "Condition": only}


def _catalog(reach: Reach) -> Statements:
    """The catalog's database of the lab."""
    calls = [
        f"glue:{call}"
        for call in (
            "BatchCreatePartition",
            "CreateTable",
            "GetDatabase",
            "GetPartitions",
            "GetSchemaVersion",
            "GetTable",
            "GetTableVersions",
            "GetTables",
            "UpdateTable",
        )
    ]
    return [allow(calls, reach.own("glue", "catalog", "database/churn", "table/churn/*", "registry/churn", "schema/*"))]


def _stream(reach: Reach) -> Statements:
    calls = ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
    return [allow(calls, reach.own("kinesis", "stream/clicks"))]


def _shadow(reach: Reach) -> Statements:
    """The endpoint that Clarify puts up, asks and takes down again."""
    calls = [f"sagemaker:{verb}{noun}" for verb in ("Create", "Delete") for noun in ("Endpoint", "EndpointConfig")]
    more = ["sagemaker:AddTags", "sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"]
    places = reach.own("sagemaker", "endpoint/*clarify*", "endpoint-config/*clarify*")
    return [allow([*calls, *more], places), *_sagemaker(reach, "DescribeModel")]


def _tell(reach: Reach) -> Statements:
    return [allow("sns:Publish", reach.own("sns", "ml-alerts"))]


def _kubernetes(reach: Reach) -> Statements:
    """What a control plane needs that has neither load balancers nor volumes to make."""
    seen = ("AvailabilityZones", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
    return [allow([f"ec2:Describe{name}" for name in seen], "*"), allow(USE_KEY, reach.key)]


def _build(reach: Reach) -> Statements:
    """The repository over its connection, the image, and the logs of the build."""
    link = ["codeconnections:GetConnection", "codeconnections:GetConnectionToken", "codeconnections:UseConnection"]
    return [
        *_data(reach),
        *_logs(reach, "/aws/codebuild/*"),
        *_images(reach, push=True),
        allow(link, reach.own("codeconnections", "connection/*")),
    ]


def _deliver(reach: Reach) -> Statements:
    """What the stages of a delivery pipeline start."""
    return [
        allow(["codebuild:BatchGetBuilds", "codebuild:StartBuild"], reach.own("codebuild", "project/churn-*")),
        allow(
            ["codedeploy:CreateDeployment", "codedeploy:GetDeployment", "codedeploy:GetDeploymentConfig"],
            reach.own("codedeploy", "deploymentgroup:churn*/*", "deploymentconfig:*"),
        ),
        allow(
            ["codedeploy:GetApplicationRevision", "codedeploy:RegisterApplicationRevision"],
            reach.own("codedeploy", "application:churn*"),
        ),
        allow("codeconnections:UseConnection", reach.own("codeconnections", "connection/*")),
    ]


def _shift(reach: Reach) -> Statements:
    """Aliases of the functions that are deployed, and the alarms that stop a deployment."""
    functions = reach.own("lambda", "function:churn-*")
    return [
        allow(["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"], functions),
        allow("cloudwatch:DescribeAlarms", "*"),
    ]
