"""What everything else stands on: keys, buckets, a private network, roles, and somebody who is told."""

from __future__ import annotations

import dataclasses
from typing import Any

from readiness_mla.accounts.place import Do, Place, allow, policy
from readiness_mla.accounts.ready.roles import Reach, grant

OWNED = [{"Key": "CostCenter", "Value": "ml-lab"}, {"Key": "Owner", "Value": "learner"}]
OWNED_CAMEL = [{"key": tag["Key"], "value": tag["Value"]} for tag in OWNED]
"""The same for services whose members begin small."""

PRIVATE = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
EVERYBODY = {"Principal": {"AWS": "*"}}
REGION_OF_OLD = "us-east-1"
"""The one region in which a bucket is made without saying where."""

REACHED = ("sagemaker.api", "sagemaker.runtime", "bedrock-runtime", "ecr.api", "ecr.dkr", "kms", "logs", "sts")
"""Services that jobs call from within the VPC."""


@dataclasses.dataclass(frozen=True)
class Foundation:
    """Names and ARNs of what was laid.

    Attributes:
        here: the account.
        key: ARN of the customer managed key that encrypts all data of the lab.
        vpc: id of the VPC.
        subnets: ids of its private subnets, one in each of two zones.
        group: id of the security group in which jobs and endpoints run.
        topic: ARN of a topic that has a subscriber.
    """

    here: Place
    key: str
    vpc: str
    subnets: tuple[str, str]
    group: str
    topic: str

    @property
    def vpc_config(self) -> dict[str, list[str]]:
        """What SageMaker's jobs and models take."""
        return {"Subnets": list(self.subnets), "SecurityGroupIds": [self.group]}


def lay(do: Do, here: Place) -> Foundation:
    """Make them."""
    key = _key(do, here)
    _closed_to_the_public(do, here)
    _logs_bucket(do, here)
    _data_bucket(do, here, key)
    vpc, subnets, table = _network(do, here)
    group, doors = _groups(do, here, vpc)
    _endpoints(do, here, vpc, subnets, table, doors)
    grant(do, Reach(here, key, vpc, subnets, group))
    return Foundation(here, key, vpc, subnets, group, _topic(do, here, key))


TRAIL = "account"


def trail(here: Place) -> dict[str, Any]:
    """The condition that it is the account's trail that writes."""
    name = here.arn("cloudtrail", f"trail/{TRAIL}", region=here.region, account=here.account)
    return {"StringEquals": {"aws:SourceArn": name}}


def logs(here: Place) -> str:
    """The bucket to which services write their logs."""
    return here.bucket("ml-logs")


def ours(here: Place) -> dict[str, Any]:
    """The condition that a service acts for this account and for no other."""
    return {"StringEquals": {"aws:SourceAccount": here.account}}


def _key(do: Do, here: Place) -> str:
    """A key that is renewed each year; IAM says who uses it, and services that log or tell may as well."""
    groups = {"kms:EncryptionContext:aws:logs:arn": here.arn("logs", "*", region=here.region, account=here.account)}
    # EventBridge does not say for whom it tells an encrypted topic.
    document = policy(
        {**allow("kms:*", "*"), "Principal": {"AWS": here.arn("iam", "root", account=here.account)}},
        _use("cloudtrail", Condition=trail(here)),
        _use("cloudwatch", "budgets", Condition=ours(here)),
        _use("events"),
        _use(f"logs.{here.region}", Condition={"ArnLike": groups}),
    )
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in OWNED]
    made = do("kms", "CreateKey", Description="All data of the ML lab", Policy=document, Tags=tags)["KeyMetadata"]
    do("kms", "EnableKeyRotation", KeyId=made["KeyId"])
    do("kms", "CreateAlias", AliasName="alias/ml-lab", TargetKeyId=made["KeyId"])
    return str(made["Arn"])


def _use(*services: str, **limit: Any) -> dict[str, Any]:
    """Services encrypt and decrypt by the key."""
    actions = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    return {**allow(actions, "*"), "Principal": {"Service": [f"{name}.amazonaws.com" for name in services]}, **limit}


def _closed_to_the_public(do: Do, here: Place) -> None:
    """No bucket of the account is ever public, whatever its own settings say."""
    do(
        "s3control",
        "PutPublicAccessBlock",
        AccountId=here.account,
        PublicAccessBlockConfiguration=dict.fromkeys(PRIVATE, True),
    )


def bucket(do: Do, here: Place, name: str, encryption: dict[str, Any], *statements: dict[str, Any]) -> None:
    """A bucket that keeps versions, says by what it encrypts, and refuses the public and plain HTTP."""
    where = {} if here.region == REGION_OF_OLD else {"LocationConstraint": here.region}
    do("s3", "CreateBucket", Bucket=name, **({"CreateBucketConfiguration": where} if where else {}))
    do("s3", "PutBucketTagging", Bucket=name, Tagging={"TagSet": OWNED})
    do("s3", "PutBucketVersioning", Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {"ApplyServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": True}
    do("s3", "PutBucketEncryption", Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    do(
        "s3",
        "PutPublicAccessBlock",
        Bucket=name,
        PublicAccessBlockConfiguration=dict.fromkeys(PRIVATE, True),
    )
    plain_http = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        **EVERYBODY,
        "Action": "s3:*",
        "Resource": [here.arn("s3", name), here.arn("s3", f"{name}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    do("s3", "PutBucketPolicy", Bucket=name, Policy=policy(plain_http, *statements))


def _logs_bucket(do: Do, here: Place) -> None:
    """Where trails, flow logs and S3's access logs are written, each by its service; S3's own need S3's own keys."""
    name = logs(here)
    writers = {
        "cloudtrail": (f"AWSLogs/{here.account}/*", trail(here)),
        "delivery.logs": (f"AWSLogs/{here.account}/*", ours(here)),
        "logging.s3": ("s3/*", ours(here)),
    }
    statements = []
    for service, (keys, limit) in writers.items():
        who = {"Principal": {"Service": f"{service}.amazonaws.com"}, "Condition": limit}
        statements.append({**allow("s3:GetBucketAcl", here.arn("s3", name)), **who})
        statements.append({**allow("s3:PutObject", here.arn("s3", f"{name}/{keys}")), **who})
    bucket(do, here, name, {"SSEAlgorithm": "AES256"}, *statements)
    year = {"ID": "a-year", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 365}}
    do("s3", "PutBucketLifecycleConfiguration", Bucket=name, LifecycleConfiguration={"Rules": [year]})


def _data_bucket(do: Do, here: Place, key: str) -> None:
    """Where data, features and models are; what nobody reads gets cheap by itself, and what is derived goes."""
    bucket(do, here, here.data, {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key})
    target = {"TargetBucket": logs(here), "TargetPrefix": "s3/"}
    do("s3", "PutBucketLogging", Bucket=here.data, BucketLoggingStatus={"LoggingEnabled": target})
    tiered = {
        "ID": "tiered",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Transitions": [{"Days": 0, "StorageClass": "INTELLIGENT_TIERING"}],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
    captured = {
        "ID": "captured",
        "Status": "Enabled",
        "Filter": {"Prefix": "captured/"},
        "Expiration": {"Days": 90},
    }
    rules = {"Rules": [tiered, captured]}
    do("s3", "PutBucketLifecycleConfiguration", Bucket=here.data, LifecycleConfiguration=rules)


def _named(kind: str, name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [*OWNED, {"Key": "Name", "Value": name}]}]


def _network(do: Do, here: Place) -> tuple[str, tuple[str, str], str]:
    """A VPC without a way to the internet: two private subnets in two zones, one route table, and flow logs."""
    made = do("ec2", "CreateVpc", CidrBlock="10.0.0.0/16", TagSpecifications=_named("vpc", "ml-lab"))
    vpc = str(made["Vpc"]["VpcId"])
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        do("ec2", "ModifyVpcAttribute", VpcId=vpc, **{attribute: {"Value": True}})
    table = do("ec2", "CreateRouteTable", VpcId=vpc, TagSpecifications=_named("route-table", "ml-private"))
    routes = str(table["RouteTable"]["RouteTableId"])
    offered = do("ec2", "DescribeAvailabilityZones", Filters=[{"Name": "state", "Values": ["available"]}])
    zones = [zone["ZoneName"] for zone in offered["AvailabilityZones"] if zone.get("ZoneType") != "local-zone"]
    first, second = (
        do(
            "ec2",
            "CreateSubnet",
            VpcId=vpc,
            CidrBlock=f"10.0.{number}.0/24",
            AvailabilityZone=zone,
            TagSpecifications=_named("subnet", f"ml-private-{zone}"),
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate(zones[:2], start=1)
    )
    for subnet in (first, second):
        do("ec2", "AssociateRouteTable", RouteTableId=routes, SubnetId=subnet)
    do(
        "ec2",
        "CreateFlowLogs",
        ResourceType="VPC",
        ResourceIds=[vpc],
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=here.arn("s3", logs(here)),
        TagSpecifications=_named("vpc-flow-log", "ml-lab"),
    )
    return vpc, (first, second), routes


def _groups(do: Do, here: Place, vpc: str) -> tuple[str, str]:
    """A group for jobs, which talk to each other, to endpoints and to S3 only; and one for the endpoints' doors."""
    group, doors = (
        str(
            do(
                "ec2",
                "CreateSecurityGroup",
                GroupName=name,
                Description=described,
                VpcId=vpc,
                TagSpecifications=_named("security-group", name),
            )["GroupId"]
        )
        for name, described in (
            ("ml-jobs", "Jobs, models and notebooks"),
            ("ml-endpoints", "Interface endpoints of AWS services"),
        )
    )
    anywhere = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    for opened in (group, doors):
        do("ec2", "RevokeSecurityGroupEgress", GroupId=opened, IpPermissions=[anywhere])
    each_other = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    to_doors = {**https, "UserIdGroupPairs": [{"GroupId": doors}]}
    from_jobs = {**https, "UserIdGroupPairs": [{"GroupId": group}]}
    to_s3 = {**https, "PrefixListIds": [{"PrefixListId": _addresses_of_s3(do, here)}]}
    do("ec2", "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[each_other])
    do("ec2", "AuthorizeSecurityGroupEgress", GroupId=group, IpPermissions=[each_other, to_doors, to_s3])
    do("ec2", "AuthorizeSecurityGroupIngress", GroupId=doors, IpPermissions=[from_jobs])
    return group, doors


def _addresses_of_s3(do: Do, here: Place) -> str:
    by_name = [{"Name": "prefix-list-name", "Values": [f"com.amazonaws.{here.region}.s3"]}]
    [found] = do("ec2", "DescribeManagedPrefixLists", Filters=by_name)["PrefixLists"]
    return str(found["PrefixListId"])


def _endpoints(do: Do, here: Place, vpc: str, subnets: tuple[str, str], table: str, doors: str) -> None:
    """Ways to AWS that stay in its network, open to principals of this account only; ECR keeps its layers in S3."""
    own = {
        **allow("*", "*"),
        **EVERYBODY,
        "Condition": {"StringEquals": {"aws:PrincipalAccount": here.account}},
    }
    layers = here.arn("s3", f"prod-{here.region}-starport-layer-bucket/*")
    service = f"com.amazonaws.{here.region}"
    do(
        "ec2",
        "CreateVpcEndpoint",
        VpcId=vpc,
        VpcEndpointType="Gateway",
        ServiceName=f"{service}.s3",
        RouteTableIds=[table],
        PolicyDocument=policy(own, {**allow("s3:GetObject", layers), **EVERYBODY}),
        TagSpecifications=_named("vpc-endpoint", "s3"),
    )
    for name in REACHED:
        do(
            "ec2",
            "CreateVpcEndpoint",
            VpcId=vpc,
            VpcEndpointType="Interface",
            ServiceName=f"{service}.{name}",
            SubnetIds=list(subnets),
            SecurityGroupIds=[doors],
            PrivateDnsEnabled=True,
            PolicyDocument=policy(own),
            TagSpecifications=_named("vpc-endpoint", name),
        )


def _topic(do: Do, here: Place, key: str) -> str:
    """Where alarms, events and budgets are told, encrypted, with a subscriber who has confirmed."""
    name = here.arn("sns", "ml-alerts", region=here.region, account=here.account)
    services = [f"{service}.amazonaws.com" for service in ("budgets", "cloudwatch", "events")]
    publish = {**allow("sns:Publish", name), "Principal": {"Service": services}, "Condition": ours(here)}
    attributes = {"KmsMasterKeyId": key, "Policy": policy(publish)}
    topic = str(do("sns", "CreateTopic", Name="ml-alerts", Attributes=attributes, Tags=OWNED)["TopicArn"])
    do("sns", "Subscribe", TopicArn=topic, Protocol="email", Endpoint="learner@example.com")
    return topic
