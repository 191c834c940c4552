import json
import urllib.parse
from typing import Any

import boto3
import pytest

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value
from readiness.aws.access import administers, grants, rewrites_itself, statements
from readiness.aws.ec2 import FlowLog, IpPermission, IpRange, Ipv6Range, SecurityGroup, Subnet, Vpc
from readiness.aws.iam import (
    AccountSummary,
    AttachedPolicy,
    AwsPolicy,
    Boundary,
    Group,
    InlinePolicy,
    ManagedPolicy,
    PolicyVersion,
    Role,
    User,
)
from readiness.aws.sagemaker.hosting import Model
from readiness.aws.sagemaker.studio import Domain, MetadataService, NotebookInstance, UserSettings
from readiness.aws.sagemaker.training import TrainingJob, VpcConfig
from readiness.results import Verdict
from readiness_mla.s43_secure import (
    NotebookPlatforms,
    dev_environments_private,
    execution_role_no_escalation,
    execution_role_no_wildcards,
    execution_role_trust_scoped,
    no_admin_policies,
    notebook_hardened,
    passrole_scoped,
    root_user_protected,
    sagemaker_role_not_full_access,
    security_groups_not_open,
    vpc_flow_logs,
)

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
OWN = f"arn:aws:iam::{ACCOUNT}:policy"
AWS = "arn:aws:iam::aws:policy"


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def document(*found: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(found)}


def trust(principal: Any, **more: Any) -> dict[str, Any]:
    return document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more})


SAGEMAKER = {"Service": "sagemaker.amazonaws.com"}
OURS = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
EVERYTHING = document(allow("*"))
SCOPED = document(allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::ml-data/*"), allow("ecr:GetAuthorizationToken"))
PASS_ANY = allow("iam:PassRole")
PASS_NAMED = allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/ml-*")
PASS_TO = allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}})


def role(*inline: Any, name: str = "ml", trusts: Any = None, attached: Any = (), boundary: str = "") -> Role:
    return Role(
        role_name=name,
        role_id="AROA",
        arn=f"arn:aws:iam::{ACCOUNT}:role/{name}",
        path="/",
        create_date=NOW,
        assume_role_policy_document=trusts or trust(SAGEMAKER, Condition=OURS),
        role_policy_list=[InlinePolicy(f"p{index}", found) for index, found in enumerate(inline)],
        attached_managed_policies=[AttachedPolicy(arn.rpartition("/")[2], arn) for arn in attached],
        permissions_boundary=Boundary(boundary) if boundary else None,
    )


def policy(found: Any, name: str = "own") -> ManagedPolicy:
    old = PolicyVersion("v1", EVERYTHING)
    return ManagedPolicy(
        policy_name=name.rpartition("/")[2],
        arn=f"{OWN}/{name}",
        default_version_id="v2",
        policy_version_list=[old, PolicyVersion("v2", found, is_default_version=True)],
    )


def aws_policy(name: str, found: Any) -> AwsPolicy:
    return AwsPolicy(arn=f"{AWS}/{name}", document=found)


def job(name: str = "train", role_arn: str = ROLE, **more: Any) -> TrainingJob:
    return TrainingJob(
        training_job_name=name,
        training_job_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{name}",
        training_job_status="Completed",
        creation_time=NOW,
        role_arn=role_arn,
        **more,
    )


def notebook(**more: Any) -> NotebookInstance:
    settings = {
        "root_access": "Disabled",
        "direct_internet_access": "Disabled",
        "subnet_id": "subnet-1",
        "platform_identifier": "notebook-al2023-v1",
        "instance_metadata_service_configuration": MetadataService("2"),
    }
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/nb"
    return NotebookInstance(notebook_instance_name="nb", notebook_instance_arn=arn, **{**settings, **more})


def domain(**more: Any) -> Domain:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:domain/d-1"
    return Domain(domain_id="d-1", domain_arn=arn, domain_name="lab", **more)


def group(*rules: IpPermission, name: str = "web") -> SecurityGroup:
    return SecurityGroup(group_id="sg-1", group_name=name, vpc_id="vpc-1", ip_permissions=list(rules))


def rule(low: int | None, high: int | None = None, protocol: str = "tcp", world: str = "0.0.0.0/0") -> IpPermission:
    ranges = {"ipv6_ranges": [Ipv6Range(world)]} if ":" in world else {"ip_ranges": [IpRange(world)]}
    return IpPermission(ip_protocol=protocol, from_port=low, to_port=low if high is None else high, **ranges)


def flow_log(resource: str, **more: Any) -> FlowLog:
    settings = {"flow_log_status": "ACTIVE", "deliver_logs_status": "SUCCESS", "traffic_type": "ALL"}
    return FlowLog(flow_log_id="fl-1", resource_id=resource, **{**settings, **more})


def subnet(name: str, vpc: str = "vpc-1") -> Subnet:
    return Subnet(subnet_id=name, vpc_id=vpc, availability_zone=f"{REGION}a")


def model(**more: Any) -> Model:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/m"
    return Model(model_name="m", model_arn=arn, creation_time=NOW, **more)


BUILT = Vpc(vpc_id="vpc-1")
DEFAULT = Vpc(vpc_id="vpc-0", is_default=True)
USER = User(user_name="me", arn=f"arn:aws:iam::{ACCOUNT}:user/me", user_policy_list=[InlinePolicy("p", EVERYTHING)])
TEAM = Group(group_name="ml", arn=f"arn:aws:iam::{ACCOUNT}:group/ml", group_policy_list=[InlinePolicy("p", SCOPED)])
CDK = "cdk-hnb659fds-cfn-exec-role-123456789012-us-east-1"


def ways(verdict: Verdict, title: str, *found: Any, **more: Any) -> Case:
    """A case of execution_role_no_escalation: a role with inline statements that a training job runs under."""
    return Case(execution_role_no_escalation, title, [role(document(*found), **more), job()], verdict)


def wide(verdict: Verdict, title: str, *found: Any) -> Case:
    return Case(execution_role_no_wildcards, title, [role(document(*found)), job()], verdict)


def trusted(verdict: Verdict, title: str, found: Any) -> Case:
    return Case(execution_role_trust_scoped, title, [role(trusts=found), job()], verdict)


def passing(verdict: Verdict, title: str, *found: Any) -> Case:
    return Case(passrole_scoped, title, [policy(document(*found))], verdict)


def opened(verdict: Verdict, title: str, *rules: IpPermission, name: str = "web") -> Case:
    return Case(security_groups_not_open, title, [group(*rules, name=name)], verdict)


CASES = [
    Case(no_admin_policies, "nothing there", [], "absent"),
    Case(no_admin_policies, "a policy that names what it allows; an old version did not", [policy(SCOPED)], "passed"),
    Case(no_admin_policies, "everything on everything", [policy(EVERYTHING)], "failed"),
    Case(no_admin_policies, "one of two", [policy(EVERYTHING), policy(SCOPED, "b")], "partial", ["own"]),
    Case(no_admin_policies, "a statement that is no list", [policy({"Statement": allow(["*:*"], ["*"])})], "failed"),
    Case(no_admin_policies, "URL-encoded", [policy(urllib.parse.quote(json.dumps(EVERYTHING)))], "failed"),
    Case(no_admin_policies, "text that is no policy", [policy("{garbage")], "unknown"),
    Case(
        no_admin_policies,
        "NotAction in disguise",
        [policy(document({"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"}))],
        "failed",
    ),
    Case(
        no_admin_policies,
        "NotAction that keeps IAM out",
        [policy(document({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}))],
        "passed",
    ),
    Case(
        no_admin_policies,
        "MFA does not make it less",
        [policy(document(allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})))],
        "failed",
    ),
    Case(no_admin_policies, "all actions on one bucket", [policy(document(allow("*", "arn:aws:s3:::b/*")))], "passed"),
    Case(no_admin_policies, "what a wizard wrote earns nothing", [policy(SCOPED, "service-role/Lambda-1")], "absent"),
    Case(no_admin_policies, "inline in a user", [USER, TEAM], "partial", ["user/me"]),
    Case(
        no_admin_policies,
        "a service may take AdministratorAccess",
        [role(attached=[f"{AWS}/AdministratorAccess"], trusts=trust({"Service": ["lambda.amazonaws.com"]}))],
        "failed",
    ),
    Case(
        no_admin_policies,
        "a person's role may have it",
        [role(attached=[f"{AWS}/AdministratorAccess"], trusts=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))],
        "absent",
    ),
    Case(
        no_admin_policies,
        "the role that cdk bootstrap makes",
        [
            role(SCOPED, name="cdk-hnb659fds-deploy-role-123456789012-us-east-1"),
            role(name=CDK, attached=[f"{AWS}/AdministratorAccess"], trusts=trust(SAGEMAKER)),
        ],
        "absent",
    ),
    Case(sagemaker_role_not_full_access, "nothing there", [], "absent"),
    Case(sagemaker_role_not_full_access, "a role of one's own", [role(SCOPED), job()], "passed"),
    Case(
        sagemaker_role_not_full_access,
        "full access",
        [role(attached=[f"{AWS}/AmazonSageMakerFullAccess"]), job()],
        "failed",
        ["AmazonSageMakerFullAccess"],
    ),
    Case(
        sagemaker_role_not_full_access,
        "full access to S3, by a domain",
        [
            role(attached=[f"{AWS}/AmazonS3FullAccess"]),
            domain(default_user_settings=UserSettings(execution_role=ROLE)),
        ],
        "failed",
        ["domain lab"],
    ),
    Case(
        sagemaker_role_not_full_access,
        "narrower policies of SageMaker",
        [role(attached=[f"{AWS}/AmazonSageMakerCanvasFullAccess"]), model(execution_role_arn=ROLE)],
        "passed",
    ),
    Case(
        sagemaker_role_not_full_access,
        "no work runs under it",
        [role(attached=[f"{AWS}/AmazonSageMakerFullAccess"])],
        "absent",
    ),
    Case(sagemaker_role_not_full_access, "the role of an old job is gone", [job()], "absent"),
    Case(sagemaker_role_not_full_access, "a role without any policy", [role(), notebook(role_arn=ROLE)], "absent"),
    Case(execution_role_no_wildcards, "nothing there", [], "absent"),
    wide(
        "passed", "names buckets, and what takes no resource", *SCOPED["Statement"], allow("cloudwatch:PutMetricData")
    ),
    wide("passed", "all of S3 on named buckets", allow("s3:*", ["arn:aws:s3:::ml-data", "arn:aws:s3:::ml-data/*"])),
    wide("failed", "all of S3", allow("s3:*")),
    wide("failed", "all of S3, spelled as an ARN", allow("S3:*", "arn:aws:s3:::*")),
    wide("failed", "reads any object", allow("s3:Get*")),
    wide("failed", "decrypts by any key", allow("kms:Decrypt", "arn:aws:kms:*:*:key/*")),
    wide(
        "failed", "all but one bucket", {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b/*"}
    ),
    wide(
        "failed",
        "a condition on transport names nothing",
        allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}}),
    ),
    wide(
        "passed",
        "a condition on tags does",
        allow("s3:GetObject", Condition={"StringEquals": {"s3:ExistingObjectTag/ml": "yes"}}),
    ),
    wide(
        "failed",
        "a condition that everything meets",
        allow("s3:GetObject", Condition={"StringLike": {"aws:ResourceAccount": "*"}}),
    ),
    wide(
        "failed", "a deny of one bucket takes back one", allow("s3:GetObject"), deny("s3:GetObject", "arn:aws:s3:::b/*")
    ),
    wide(
        "failed",
        "a deny of plain HTTP takes back nothing",
        allow("s3:GetObject"),
        deny("*", Condition={"Bool": {"aws:SecureTransport": "false"}}),
    ),
    wide("passed", "a deny of all", allow("s3:GetObject"), deny("s3:GetObject")),
    wide(
        "passed",
        "a deny of all but one bucket",
        allow("s3:GetObject"),
        {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/*"},
    ),
    wide("passed", "lists and describes", allow(["s3:List*", "ec2:Describe*", "logs:CreateLogGroup"])),
    wide("passed", "garbage", allow(["foo", "foo:*", "s3*", "a:b:c"], ["garbage"]), {"Effect": "Allow"}, "x", None),
    Case(
        execution_role_no_wildcards,
        "a managed policy of one's own",
        [role(attached=[f"{OWN}/own"]), policy(document(allow("s3:*"))), job()],
        "failed",
        ["s3:*"],
    ),
    Case(
        execution_role_no_wildcards,
        "only AWS's and a wizard's policies",
        [
            role(attached=[f"{AWS}/AmazonSageMakerFullAccess", f"{OWN}/service-role/AmazonSageMaker-1"]),
            policy(SCOPED, "service-role/AmazonSageMaker-1"),
            job(),
        ],
        "absent",
    ),
    Case(
        execution_role_no_wildcards,
        "a boundary takes back what the role grants",
        [role(document(allow("s3:*")), boundary=f"{OWN}/own"), policy(document(allow("logs:PutLogEvents"))), job()],
        "passed",
    ),
    Case(
        execution_role_no_wildcards,
        "a boundary that is not known",
        [role(document(allow("s3:*")), boundary=f"{AWS}/PowerUserAccess"), job()],
        "failed",
        ["before its permissions boundary"],
    ),
    Case(execution_role_no_escalation, "nothing there", [], "absent"),
    ways("passed", "names buckets", *SCOPED["Statement"]),
    ways("failed", "passes any role to a job", PASS_ANY, allow("sagemaker:CreateTrainingJob")),
    ways(
        "failed", "passes role/* to a job", allow("iam:PassRole", "arn:aws:iam::*:role/*"), allow("sagemaker:Create*")
    ),
    ways("passed", "passes named roles to a job", PASS_NAMED, allow("sagemaker:CreateTrainingJob")),
    ways("passed", "passes any role to SageMaker only", PASS_TO, allow("sagemaker:CreateTrainingJob")),
    ways(
        "passed",
        "passes to SageMaker only, by a deny",
        PASS_ANY,
        deny("iam:PassRole", Condition={"StringNotEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}),
        allow("sagemaker:CreateTrainingJob"),
    ),
    ways(
        "failed", "a wildcard in a name that is its own", allow("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/m*")
    ),
    ways("passed", "rewrites other roles by name", allow("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/other")),
    Case(
        execution_role_no_escalation,
        "two halves in two policies",
        [
            role(document(PASS_ANY), attached=[f"{OWN}/own"]),
            policy(document(allow("sagemaker:CreateProcessingJob"))),
            job(),
        ],
        "failed",
        ["sagemaker:CreateProcessingJob"],
    ),
    Case(
        execution_role_no_escalation,
        "a half in a policy of AWS's",
        [
            role(document(PASS_ANY), attached=[f"{AWS}/Jobs"]),
            aws_policy("Jobs", document(allow("sagemaker:CreateTrainingJob"))),
            job(),
        ],
        "failed",
    ),
    Case(
        execution_role_no_escalation,
        "may rewrite the policy that is attached to it",
        [
            role(attached=[f"{OWN}/own"]),
            policy(document(allow("iam:CreatePolicyVersion", f"{OWN}/own"))),
            job(),
        ],
        "failed",
        ["iam:CreatePolicyVersion on itself"],
    ),
    Case(
        execution_role_no_escalation,
        "a policy that could not be seen earns nothing",
        [role(SCOPED, attached=[f"{AWS}/New"]), job()],
        "absent",
    ),
    Case(
        execution_role_no_escalation,
        "only AWS's policies earn nothing",
        [role(attached=[f"{AWS}/Jobs"]), aws_policy("Jobs", SCOPED), job()],
        "absent",
    ),
    Case(passrole_scoped, "nothing there", [], "absent"),
    passing("absent", "no PassRole", *SCOPED["Statement"]),
    passing("passed", "named roles", PASS_NAMED),
    passing("passed", "to a service", PASS_TO),
    passing("failed", "any role", PASS_ANY),
    passing("failed", "any role, by all of IAM", allow("iam:*")),
    passing("failed", "to any service", allow("iam:PassRole", Condition={"StringLike": {"iam:PassedToService": "*"}})),
    passing(
        "failed",
        "to all services but one",
        allow("iam:PassRole", Condition={"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
    ),
    passing("absent", "administrators are told elsewhere", allow("*")),
    Case(passrole_scoped, "the deploy role of cdk", [role(document(PASS_NAMED), name=CDK)], "absent"),
    Case(
        passrole_scoped,
        "in a role, with the use of it",
        [role(document(PASS_ANY, allow("lambda:*")))],
        "failed",
        ["lambda:CreateFunction"],
    ),
    Case(execution_role_trust_scoped, "nothing there", [], "absent"),
    Case(execution_role_trust_scoped, "no work runs under it", [role(trusts=trust({"AWS": "*"}))], "absent"),
    trusted("passed", "for this account only", trust(SAGEMAKER, Condition=OURS)),
    trusted("failed", "for any account", trust(SAGEMAKER)),
    trusted(
        "failed",
        "for another account",
        trust(SAGEMAKER, Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}}),
    ),
    trusted(
        "passed",
        "by ARN",
        trust(SAGEMAKER, Condition={"ArnLike": {"AWS:SourceArn": f"arn:aws:sagemaker:*:{ACCOUNT}:*"}}),
    ),
    trusted(
        "failed",
        "by an ARN of anyone",
        trust(SAGEMAKER, Condition={"ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:*:*:*"}}),
    ),
    trusted("failed", "anyone", trust("*")),
    trusted("failed", "anyone with an ID", trust("*", Condition={"StringEquals": {"sts:ExternalId": "x"}})),
    trusted(
        "passed", "anyone of the organization", trust("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    ),
    trusted("failed", "a stranger", trust({"AWS": "arn:aws:iam::999999999999:root"})),
    trusted("failed", "a stranger by number", trust({"AWS": "999999999999"})),
    trusted(
        "passed",
        "a stranger with an external ID",
        trust({"AWS": "999999999999"}, Condition={"StringEquals": {"sts:ExternalId": "x"}}),
    ),
    trusted("passed", "this account's own people", trust({"AWS": [f"arn:aws:iam::{ACCOUNT}:root", "AROADELETED"]})),
    trusted("passed", "a service that sends no source", trust({"Service": "ec2.amazonaws.com"})),
    trusted("unknown", "text that is no policy", "{garbage"),
    Case(root_user_protected, "nothing there", [], "absent"),
    Case(root_user_protected, "MFA", [AccountSummary(account_mfa_enabled=1)], "passed"),
    Case(root_user_protected, "no MFA", [AccountSummary()], "failed", ["no MFA"]),
    Case(
        root_user_protected,
        "access keys",
        [AccountSummary(account_mfa_enabled=1, account_access_keys_present=1)],
        "failed",
        ["access keys"],
    ),
    Case(root_user_protected, "an organization keeps it", [AccountSummary(account_password_present=0)], "absent"),
    Case(security_groups_not_open, "nothing there", [], "absent"),
    opened("absent", "what comes with a VPC", name="default"),
    opened("absent", "what Studio makes", rule(2049, world="10.0.0.0/16"), name="security-group-for-inbound-nfs-d-1"),
    opened("failed", "the default one, opened", rule(22), name="default"),
    opened("passed", "web ports", rule(443), rule(80)),
    opened("passed", "closed"),
    opened("passed", "a network of one's own", rule(22, world="10.0.0.0/8")),
    opened("failed", "SSH", rule(22)),
    opened("failed", "Jupyter, IPv6", rule(8888, world="::/0")),
    opened("failed", "a range with web ports in it", rule(80, 443)),
    opened("failed", "everything", rule(None, protocol="-1")),
    opened("passed", "ping", rule(8, -1, protocol="icmp")),
    Case(vpc_flow_logs, "nothing there", [], "absent"),
    Case(vpc_flow_logs, "the default VPC, untouched", [DEFAULT, subnet("s", "vpc-0"), flow_log("vpc-0")], "absent"),
    Case(vpc_flow_logs, "a log", [BUILT, flow_log("vpc-1")], "passed"),
    Case(vpc_flow_logs, "no log", [BUILT, DEFAULT], "failed", ["vpc-1"]),
    Case(
        vpc_flow_logs,
        "a log of all its subnets",
        [BUILT, subnet("a"), subnet("b"), flow_log("a"), flow_log("b")],
        "passed",
    ),
    Case(
        vpc_flow_logs, "a log of one subnet", [BUILT, subnet("a"), subnet("b"), flow_log("a")], "failed", ["not of all"]
    ),
    Case(
        vpc_flow_logs, "a log that cannot deliver", [BUILT, flow_log("vpc-1", deliver_logs_status="FAILED")], "failed"
    ),
    Case(vpc_flow_logs, "a log of what was accepted", [BUILT, flow_log("vpc-1", traffic_type="ACCEPT")], "failed"),
    Case(
        vpc_flow_logs,
        "one of two logs works",
        [BUILT, flow_log("vpc-1"), flow_log("vpc-1", deliver_logs_status="FAILED")],
        "passed",
    ),
    Case(vpc_flow_logs, "a domain in the default VPC", [DEFAULT, domain(vpc_id="vpc-0")], "failed", ["vpc-0"]),
    Case(
        vpc_flow_logs,
        "a job in the default VPC",
        [DEFAULT, subnet("s", "vpc-0"), job(vpc_config=VpcConfig(["s", "gone"], [])), flow_log("vpc-0")],
        "passed",
    ),
    Case(notebook_hardened, "nothing there", [], "absent"),
    Case(notebook_hardened, "hardened", [notebook()], "passed"),
    Case(notebook_hardened, "root", [notebook(root_access="Enabled")], "failed", ["root access is on"]),
    Case(
        notebook_hardened,
        "the old metadata service",
        [notebook(instance_metadata_service_configuration=MetadataService("1"))],
        "failed",
        ["metadata"],
    ),
    Case(notebook_hardened, "an old platform", [notebook(platform_identifier="notebook-al1-v1")], "failed", ["al1"]),
    Case(
        notebook_hardened,
        "a platform that the user says is supported",
        [notebook(platform_identifier="notebook-al2027-v1")],
        "passed",
        settings=[NotebookPlatforms(supported=["notebook-al2027-v1"])],
    ),
    Case(dev_environments_private, "nothing there", [], "absent"),
    Case(dev_environments_private, "private", [notebook(), domain(app_network_access_type="VpcOnly")], "passed"),
    Case(dev_environments_private, "direct access", [notebook(direct_internet_access="Enabled")], "failed"),
    Case(dev_environments_private, "no subnet", [notebook(subnet_id=None)], "failed", ["no subnet"]),
    Case(
        dev_environments_private,
        "a domain in a VPC that goes past it",
        [domain(vpc_id="vpc-1", app_network_access_type="PublicInternetOnly")],
        "failed",
    ),
]


test_verdict = by_value(CASES)


NO_DOCUMENT: list[Any] = ["", "x", "{", "[]", "null", "7", None, 7, [], "[" * 100_000]
GARBAGE: list[Any] = [
    {},
    {"Statement": None},
    {"Statement": ["x", {}, {"Effect": "Allow"}]},
]


@pytest.mark.parametrize(
    "found", [*GARBAGE, document(allow(None, None)), document(allow({"a": 1}, [{}], Condition="x"))]
)
def test_no_statement_breaks_the_analysis(found: Any) -> None:
    assert not administers(found)
    assert not grants([found]).actions
    assert not rewrites_itself([found], ROLE, [])


@pytest.mark.parametrize("found", NO_DOCUMENT, ids=lambda found: repr(found)[:9])
def test_what_is_no_document_is_refused(found: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        statements(found)


def test_a_document_means_the_same_in_every_shape() -> None:
    text = json.dumps(EVERYTHING)
    assert statements(EVERYTHING) == statements(text) == statements(urllib.parse.quote(text)) != []


def work(role_arn: str) -> None:
    boto3.client("sagemaker", REGION).create_training_job(
        TrainingJobName="train",
        AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
        RoleArn=role_arn,
        OutputDataConfig={"S3OutputPath": "s3://ml-data/models"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )


def least_privilege_role() -> None:
    iam = boto3.client("iam", REGION)
    arn = iam.create_role(
        RoleName="ml-training", AssumeRolePolicyDocument=json.dumps(trust(SAGEMAKER, Condition=OURS))
    )["Role"]["Arn"]
    iam.put_role_policy(RoleName="ml-training", PolicyName="data", PolicyDocument=json.dumps(SCOPED))
    launch = iam.create_policy(PolicyName="ml-launch", PolicyDocument=json.dumps(document(PASS_NAMED)))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="ml-training", PolicyArn=launch)
    work(arn)


def powerful_role() -> None:
    iam = boto3.client("iam", REGION)
    arn = iam.create_role(RoleName="ml-anything", AssumeRolePolicyDocument=json.dumps(trust(SAGEMAKER)))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="ml-anything", PolicyArn=f"{AWS}/AmazonSageMakerFullAccess")
    wide_open = json.dumps(document(PASS_ANY, allow("s3:*")))
    iam.put_role_policy(RoleName="ml-anything", PolicyName="wide", PolicyDocument=wide_open)
    everything = iam.create_policy(PolicyName="everything", PolicyDocument=json.dumps(EVERYTHING))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="ml-anything", PolicyArn=everything)
    work(arn)


def nothing() -> None:
    pass


def network(*, port: int, logged: bool) -> None:
    ec2 = boto3.client("ec2", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_security_group(GroupName="notebooks", Description="notebooks", VpcId=vpc)["GroupId"]
    rules = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=rules)
    if logged:
        boto3.client("s3", REGION).create_bucket(Bucket="flow-logs")
        ec2.create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination="arn:aws:s3:::flow-logs",
        )


def careful_network() -> None:
    network(port=443, logged=True)


def careless_network() -> None:
    network(port=8888, logged=False)


def environments(*, internet: str, root: str, access: str, metadata: str) -> None:
    sagemaker = boto3.client("sagemaker", REGION)
    sagemaker.create_notebook_instance(
        NotebookInstanceName="lab",
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
        SubnetId="subnet-1",
        SecurityGroupIds=["sg-1"],
        DirectInternetAccess=internet,
        RootAccess=root,
        InstanceMetadataServiceConfiguration={"MinimumInstanceMetadataServiceVersion": metadata},
    )
    sagemaker.create_domain(
        DomainName="lab",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        SubnetIds=["subnet-1"],
        VpcId="vpc-1",
        AppNetworkAccessType=access,
    )


def private_environments() -> None:
    environments(internet="Disabled", root="Disabled", access="VpcOnly", metadata="2")


def public_environments() -> None:
    environments(internet="Enabled", root="Enabled", access="PublicInternetOnly", metadata="1")


EMULATED: list[Emulated] = [
    (no_admin_policies, least_privilege_role, "passed"),
    (no_admin_policies, powerful_role, "partial"),
    (sagemaker_role_not_full_access, least_privilege_role, "passed"),
    (sagemaker_role_not_full_access, powerful_role, "failed"),
    (execution_role_no_wildcards, least_privilege_role, "passed"),
    (execution_role_no_wildcards, powerful_role, "failed"),
    (execution_role_no_escalation, least_privilege_role, "passed"),
    (execution_role_no_escalation, powerful_role, "failed"),
    (passrole_scoped, least_privilege_role, "passed"),
    (passrole_scoped, powerful_role, "failed"),
    (execution_role_trust_scoped, least_privilege_role, "passed"),
    (execution_role_trust_scoped, powerful_role, "failed"),
    (root_user_protected, nothing, "failed"),
    (security_groups_not_open, careful_network, "passed"),
    (security_groups_not_open, careless_network, "failed"),
    (security_groups_not_open, nothing, "absent"),
    (vpc_flow_logs, careful_network, "passed"),
    (vpc_flow_logs, careless_network, "failed"),
    (vpc_flow_logs, nothing, "absent"),
    (notebook_hardened, private_environments, "passed"),
    (notebook_hardened, public_environments, "failed"),
    (dev_environments_private, private_environments, "passed"),
    (dev_environments_private, public_environments, "failed"),
]


test_emulated = by_calls(EMULATED, config={"iam": {"load_aws_managed_policies": True}})
