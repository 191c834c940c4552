"""4.3 Secure AWS resources: what roles may do and who may take them, the root user, networks, notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from readiness import Finding, Findings, Scan, Settings, practice
from readiness.aws.access import Statement, administers, grants, rewrites_itself, statements
from readiness.aws.ec2 import FlowLog, IpPermission, SecurityGroup, Subnet, Vpc
from readiness.aws.iam import (
    AWS_MANAGED,
    AccountSummary,
    AwsPolicy,
    ExecutionRole,
    Group,
    InlinePolicy,
    ManagedPolicy,
    Role,
    User,
)
from readiness.aws.sagemaker.hosting import Model
from readiness.aws.sagemaker.studio import Domain, NotebookInstance
from readiness.aws.sagemaker.training import ProcessingJob, TrainingJob

SHOWN = 3
"""How many names a note lists before it says how many more there are."""

SOURCE_KEYS = {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"}
CALLER_KEYS = {"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths"}
WEB_PORTS = {80, 443}
SERVICE_GROUPS = (
    "security-group-for-inbound-nfs-",
    "security-group-for-outbound-nfs-",
    "eks-cluster-sg-",
    "ElasticMapReduce-",
)
"""Beginnings of names of security groups that Studio, EKS and EMR make for themselves."""


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more


def _inline(policies: Iterable[InlinePolicy]) -> list[Any]:
    return [policy.policy_document for policy in policies]


@practice("4.3-K2", "4.3-S1", severity="high")
def no_admin_policies(
    policies: list[ManagedPolicy], roles: list[Role], users: list[User], groups: list[Group]
) -> Findings:
    """No policy of your own grants everything on everything.

    Why: one policy of `*` on `*` makes every other limit in the account void, and whoever gets at a role that holds it
    has the account; least privilege is the exam's first answer to nearly every question about security.
    Fix: Find who holds it, replace it by what they need, and take the old one off.
        aws iam list-entities-for-policy --policy-arn POLICY_ARN
        aws iam create-policy-version --policy-arn POLICY_ARN --policy-document file://scoped.json --set-as-default
        aws iam detach-role-policy --role-name ROLE --policy-arn POLICY_ARN
    See: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
    Cost: free, IAM has no charge.
    Survives: Policies stay until they are deleted.
    """
    for policy in policies:
        if administers(policy.document):
            note = f"allows everything on everything, and is attached {policy.attachment_count} times"
            yield Finding(policy.arn, good=False, note=note)
        elif not policy.by_console:
            yield Finding(policy.arn, good=True, note="names what it allows")
    holders = [
        *((role.arn, _inline(role.role_policy_list)) for role in roles if not role.by_tools),
        *((user.arn, _inline(user.user_policy_list)) for user in users),
        *((group.arn, _inline(group.group_policy_list)) for group in groups),
    ]
    for arn, documents in holders:
        if documents:
            bad = any(administers(document) for document in documents)
            note = "an inline policy allows everything on everything" if bad else "inline policies name what they allow"
            yield Finding(arn, good=not bad, note=note)
    for role in roles:
        held = {policy.policy_name for policy in role.attached_managed_policies if AWS_MANAGED in policy.policy_arn}
        services = sorted(name for kind, name in _trusted(role) if kind == "Service")
        if "AdministratorAccess" in held and services and not role.by_tools:
            yield Finding(role.arn, good=False, note=f"{_some(services)} may use AdministratorAccess through it")


def _trusted(role: Role) -> set[tuple[str, str]]:
    return {principal for statement in _trust(role) for principal in statement.principals}


def _trust(role: Role) -> list[Statement]:
    return [statement for statement in statements(role.assume_role_policy_document) if statement.effect == "Allow"]


def _full_access(name: str) -> bool:
    """SageMaker's narrower policies are named so too (Canvas, model registry), but reach only what their name says."""
    if name.startswith("AmazonSageMaker"):
        return name == "AmazonSageMakerFullAccess"
    return name.endswith("FullAccess") or name in ("AdministratorAccess", "PowerUserAccess")


@practice("4.3-K1", "4.3-K3", "4.3-S1")
def sagemaker_role_not_full_access(execution_roles: list[ExecutionRole]) -> Findings:
    """Execution roles do without AmazonSageMakerFullAccess and other full-access policies.

    Why: quick setup gives a domain AmazonSageMakerFullAccess, so every notebook and job in it may delete any endpoint
    and read any bucket named after SageMaker; a role for each kind of work limits what one bad package can do.
    Fix: Make a role for each kind of work, and take the wide policy off the old one.
        aws iam create-role --role-name ml-training --assume-role-policy-document file://trust.json
        aws iam put-role-policy --role-name ml-training --policy-name training --policy-document file://scoped.json
        aws sagemaker update-domain --domain-id DOMAIN_ID --default-user-settings ExecutionRole=ROLE_ARN
        aws iam detach-role-policy --role-name ROLE --policy-arn POLICY_ARN
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
    Cost: free, IAM has no charge.
    Survives: The role, and the jobs and models that name it, stay listed.
    """
    for used in execution_roles:
        attached = used.role.attached_managed_policies
        full = sorted(p.policy_name for p in attached if AWS_MANAGED in p.policy_arn and _full_access(p.policy_name))
        if full:
            yield Finding(used.role.arn, good=False, note=f"has {_some(full)}, and {used.user} runs under it")
        elif attached or used.role.role_policy_list:
            yield Finding(used.role.arn, good=True, note=f"has no full-access policy; {used.user} runs under it")


class _Documents:
    """The documents of roles' policies, and of their boundaries, by the ARN of the policy."""

    def __init__(self, policies: Iterable[ManagedPolicy], aws_policies: Iterable[AwsPolicy] = ()) -> None:
        self.own = {policy.arn: policy for policy in policies}
        self.known: dict[str, Any] = {arn: policy.document for arn, policy in self.own.items()}
        self.known |= {policy.arn: policy.document for policy in aws_policies}

    def of(self, role: Role) -> list[Any]:
        """What lives in the role and what is attached to it, as far as it is known here."""
        attached = [self.known.get(policy.policy_arn) for policy in role.attached_managed_policies]
        return [*_inline(role.role_policy_list), *(document for document in attached if document is not None)]

    def boundary(self, role: Role) -> Any:
        """The document of the role's permissions boundary, where it has one that is known here."""
        return self.known.get(role.permissions_boundary.permissions_boundary_arn) if role.permissions_boundary else None

    def unlimited(self, role: Role) -> str:
        """What a note must add about a boundary that is not known here."""
        return " (before its permissions boundary)" if role.permissions_boundary and self.boundary(role) is None else ""

    def handmade(self, role: Role) -> bool:
        """Whether somebody wrote one of them: a console's wizard writes policies too, under a path of its own."""
        attached = [self.own[p.policy_arn] for p in role.attached_managed_policies if p.policy_arn in self.own]
        return bool(role.role_policy_list) or any(not policy.by_console for policy in attached)


@practice("4.3-K2", "4.3-S1", severity="high")
def execution_role_no_wildcards(execution_roles: list[ExecutionRole], policies: list[ManagedPolicy]) -> Findings:
    """Your own policies of execution roles name actions and resources.

    Why: code in a notebook or a training container acts with all that the role grants; `s3:*` or kms:Decrypt on every
    resource turns one poisoned package into a leak of every bucket. What is judged is what policies grant: a boundary
    is taken off, a service control policy or a key policy may take more.
    Fix: Name buckets, keys and actions; AWS Access Analyzer tells what is too wide.
        aws accessanalyzer validate-policy --policy-type IDENTITY_POLICY --policy-document file://scoped.json
        aws iam put-role-policy --role-name ROLE --policy-name data --policy-document file://scoped.json
        aws iam create-policy-version --policy-arn POLICY_ARN --policy-document file://scoped.json --set-as-default
    See: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
    Cost: free, IAM and policy validation have no charge.
    Survives: The role, and the jobs and models that name it, stay listed.
    """
    documents = _Documents(policies)
    for used in execution_roles:
        found = documents.of(used.role)
        granted = grants(found, documents.boundary(used.role))
        wide = [
            *(f"{service}:*".replace("*:*", "*") for service in granted.services),
            *(action for action in (*granted.reading, *granted.management) if not _within(action, granted.services)),
        ]
        if wide:
            note = f"grants {_some(wide)} on every resource to {used.user}{documents.unlimited(used.role)}"
            yield Finding(used.role.arn, good=False, note=note)
        elif found and documents.handmade(used.role):
            yield Finding(used.role.arn, good=True, note=f"its policies name what {used.user} may use")


def _within(action: str, services: Iterable[str]) -> bool:
    return any(service in ("*", action.partition(":")[0]) for service in services)


@practice("4.3-K1", "4.3-S1", severity="high")
def execution_role_no_escalation(
    execution_roles: list[ExecutionRole], policies: list[ManagedPolicy], aws_policies: list[AwsPolicy]
) -> Findings:
    """Execution roles grant no way to more rights than they were given.

    Why: iam:PassRole on any role together with sagemaker:CreateTrainingJob runs your code under the strongest role that
    SageMaker may use, and a presigned notebook URL opens someone else's notebook with its role. All policies of a role
    are judged together, AWS's own as well, because the halves of such a way often lie in different ones.
    Fix: See what the role may do, and name the roles, functions and notebooks that it needs.
        aws iam simulate-principal-policy --policy-source-arn ROLE_ARN --action-names iam:PassRole
        aws iam put-role-policy --role-name ROLE --policy-name scoped --policy-document file://scoped.json
        aws iam detach-role-policy --role-name ROLE --policy-arn WIDE_POLICY_ARN
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
    Cost: free, IAM has no charge.
    Survives: The role, and the jobs and models that name it, stay listed.
    """
    documents = _Documents(policies, aws_policies)
    for used in execution_roles:
        found = documents.of(used.role)
        own = [p.policy_arn for p in used.role.attached_managed_policies if p.policy_arn in documents.own]
        boundary = documents.boundary(used.role)
        ways = grants(found, boundary).escalations
        itself = rewrites_itself(found, used.role.arn, own) if used.role.permissions_boundary is None else ()
        unknown = sum(policy.policy_arn not in documents.known for policy in used.role.attached_managed_policies)
        if ways or itself:
            listed = _some([*(f"{action} on itself" for action in itself), *ways])
            note = f"grants {listed} to {used.user}{documents.unlimited(used.role)}"
            yield Finding(used.role.arn, good=False, note=note)
        elif found and not unknown and documents.handmade(used.role):
            yield Finding(used.role.arn, good=True, note=f"no known way to more rights for {used.user}")


@practice("4.3-S1", "4.3-K2", severity="high")
def passrole_scoped(
    policies: list[ManagedPolicy], roles: list[Role], users: list[User], groups: list[Group]
) -> Findings:
    """iam:PassRole is limited to named roles, or to the services that may get them.

    Why: whoever may pass any role to SageMaker, Lambda or Glue can run code under the strongest role of the account;
    name the roles, or at least the service in a condition on iam:PassedToService.
    Fix: Name the roles as the resource, or the service in a condition on iam:PassedToService.
        aws iam create-policy-version --policy-arn POLICY_ARN --policy-document file://passrole.json --set-as-default
        aws iam put-role-policy --role-name ROLE --policy-name pass-to-sagemaker --policy-document file://passrole.json
    See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    Cost: free, IAM has no charge.
    Survives: Policies stay until they are deleted.
    """
    held: list[tuple[str, list[Any]]] = [
        *((policy.arn, [policy.document]) for policy in policies if not policy.by_console),
        *((role.arn, _inline(role.role_policy_list)) for role in roles if not role.by_tools),
        *((user.arn, _inline(user.user_policy_list)) for user in users),
        *((group.arn, _inline(group.group_policy_list)) for group in groups),
    ]
    for arn, documents in held:
        if any(administers(document) for document in documents) or not _passes(documents):
            continue
        granted = grants(documents)
        if "iam:PassRole" not in granted.actions:
            yield Finding(arn, good=True, note="passes named roles, or passes them to named services")
            continue
        ways = [way.removeprefix("iam:PassRole + ") for way in granted.escalations if way.startswith("iam:PassRole + ")]
        use = f", and use it by {_some(ways)}" if ways else ""
        yield Finding(arn, good=False, note=f"may pass any role to any service{use}")


def _passes(documents: Iterable[Any]) -> bool:
    return any(
        statement.effect == "Allow"
        and statement.names("iam:PassRole")
        and (statement.resources or statement.not_resources)
        for document in documents
        for statement in statements(document)
    )


@practice("4.3-K1")
def execution_role_trust_scoped(execution_roles: list[ExecutionRole], scan: Scan) -> Findings:
    """Execution roles are trusted to SageMaker for this account only, and to no strangers.

    Why: a service that acts for many customers is a deputy that can be confused; aws:SourceAccount in the trust policy
    makes sure that it takes the role for your account. A trust in everyone, or in a foreign account without an external
    ID, needs no confusion at all.
    Fix: Add the condition StringEquals aws:SourceAccount ACCOUNT to the trust policy.
        aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument > trust.json
        aws iam update-assume-role-policy --role-name ROLE --policy-document file://trust.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    Cost: free, IAM has no charge.
    Survives: The role, and the jobs and models that name it, stay listed.
    """
    for used in execution_roles:
        problems = sorted({problem for statement in _trust(used.role) for problem in _strange(statement, scan)})
        note = "; ".join(problems) or "taken by SageMaker for this account only"
        yield Finding(used.role.arn, good=not problems, note=note)


def _strange(statement: Statement, scan: Scan) -> Iterable[str]:
    for kind, name in statement.principals:
        if kind == "Service" and name.startswith("sagemaker.") and not _tests(statement, SOURCE_KEYS, scan.account):
            yield f"{name} may take it without aws:SourceAccount {scan.account}"
        if kind == "AWS" and not _tests(statement, CALLER_KEYS):
            account = name.split(":")[4] if name.count(":") >= 5 else name
            if name == "*":
                yield "anyone may take it"
            elif account.isdigit() and account != scan.account and not _tests(statement, {"sts:externalid"}):
                yield f"account {account} may take it without an external ID"


def _tests(statement: Statement, keys: set[str], account: str = "") -> bool:
    """Whether a condition limits one of the keys, to this account where the key names accounts."""
    return any(
        condition.key in keys
        and not condition.negated
        and condition.values
        and all(value.strip("*") for value in condition.values)
        and (account in " ".join(condition.values) or "org" in condition.key)
        for condition in statement.conditions
    )


@practice("4.3-S2", severity="high")
def root_user_protected(summaries: list[AccountSummary], scan: Scan) -> Findings:
    """The root user has MFA and no access keys.

    Why: no policy limits the root user, so a leaked password or key of it is the whole account; it is for the few tasks
    that nothing else can do.
    Fix: As the root user, in the console: Security credentials, assign an MFA device, delete the access keys.
        aws iam get-account-summary --query 'SummaryMap.[AccountMFAEnabled,AccountAccessKeysPresent]'
    See: https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
    Cost: free, an authenticator app will do.
    Survives: A setting of the account.
    """
    root = scan.arn("iam", "root", account=scan.account)
    for summary in summaries:
        if summary.account_access_keys_present:
            yield Finding(root, good=False, note="has access keys")
        elif summary.account_mfa_enabled:
            yield Finding(root, good=True, note="has MFA and no access keys")
        # An organization that manages root centrally leaves its members' root without a password: nothing to protect.
        elif summary.account_password_present:
            yield Finding(root, good=False, note="has no MFA")


@practice("4.3-S9", "4.3-K4", severity="high")
def security_groups_not_open(groups: list[SecurityGroup], scan: Scan) -> Findings:
    """No security group opens more than web ports to the world.

    Why: a Jupyter server, a database or SSH on 0.0.0.0/0 is found by scanners within minutes; reach notebooks through
    presigned URLs or Session Manager, and let groups name each other.
    Fix: Take the rule away, and let groups name each other instead.
        aws ec2 revoke-security-group-ingress --group-id GROUP_ID --protocol tcp --port 22 --cidr 0.0.0.0/0
        aws ec2 authorize-security-group-ingress --group-id GROUP_ID --protocol tcp --port 443 --source-group OTHER_ID
    See: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
    Cost: free, security groups have no charge.
    Survives: A group stays until it is deleted.
    """
    for group in groups:
        arn = group.security_group_arn or scan.arn(
            "ec2", f"security-group/{group.group_id}", region=scan.region, account=scan.account
        )
        open_ports = sorted({ports for rule in group.ip_permissions if (ports := _opened(rule))})
        if open_ports:
            yield Finding(arn, good=False, note=f"{group.group_name} is open to the world on {_some(open_ports)}")
        elif group.group_name != "default" and not group.group_name.startswith(SERVICE_GROUPS):
            yield Finding(arn, good=True, note=f"{group.group_name} opens no more than web ports to the world")


def _opened(rule: IpPermission) -> str:
    """The ports that a rule opens to the world, beyond those of the web."""
    world = [*(item.cidr_ip for item in rule.ip_ranges), *(item.cidr_ipv6 for item in rule.ipv6_ranges)]
    if not any(cidr.endswith("/0") for cidr in world):
        return ""
    if rule.ip_protocol == "-1":
        return "all ports"
    if rule.ip_protocol not in ("tcp", "udp", "6", "17") or rule.from_port is None or rule.to_port is None:
        return ""
    if rule.from_port == rule.to_port:
        return "" if rule.from_port in WEB_PORTS else f"port {rule.from_port}"
    return f"ports {rule.from_port} to {rule.to_port}"


@practice("4.3-S7", "4.3-S5")
def vpc_flow_logs(
    vpcs: list[Vpc],
    subnets: list[Subnet],
    flow_logs: list[FlowLog],
    training: list[TrainingJob],
    processing: list[ProcessingJob],
    models: list[Model],
    notebooks: list[NotebookInstance],
    domains: list[Domain],
    scan: Scan,
) -> Findings:
    """VPCs that were built, or that ML work uses, have flow logs.

    Why: a flow log tells which connections were refused, so it is where one looks when a job in a VPC hangs on S3 and
    when something in it talks to where it should not.
    Fix: Make a flow log for the VPC.
        aws ec2 create-flow-logs --resource-type VPC --resource-ids VPC_ID --traffic-type ALL --log-destination-type s3 --log-destination BUCKET_ARN
    See: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html
    Cost: cents, by the gigabyte of logs.
    Survives: The log group or the prefix in S3 stays.
    """  # noqa: E501
    home = {subnet.subnet_id: subnet.vpc_id for subnet in subnets}
    named = [
        *(job.vpc_config.subnets for job in training if job.vpc_config),
        *(job.network_config.vpc_config.subnets for job in processing if job.network_config.vpc_config),
        *(model.vpc_config.subnets for model in models if model.vpc_config),
        *([notebook.subnet_id] for notebook in notebooks if notebook.subnet_id),
        *(domain.subnet_ids for domain in domains),
    ]
    used = {home.get(subnet) for names in named for subnet in names} | {domain.vpc_id for domain in domains}
    works = {log.resource_id: _works(log) for log in sorted(flow_logs, key=_works)}
    for vpc in vpcs:
        if vpc.is_default and vpc.vpc_id not in used:
            continue
        inner = [subnet for subnet, where in home.items() if where == vpc.vpc_id]
        covered = works.get(vpc.vpc_id, False) or (bool(inner) and all(works.get(subnet, False) for subnet in inner))
        broken = not covered and any(item in works for item in (vpc.vpc_id, *inner))
        note = "has a flow log" if covered else "has no flow log"
        arn = scan.arn("ec2", f"vpc/{vpc.vpc_id}", region=scan.region, account=scan.account)
        yield Finding(
            arn, good=covered, note="has flow logs, but not of all of it, or none that works" if broken else note
        )


def _works(log: FlowLog) -> bool:
    return log.flow_log_status == "ACTIVE" and log.deliver_logs_status != "FAILED" and log.traffic_type != "ACCEPT"


class NotebookPlatforms(Settings):
    """Which platforms of notebook instances are supported.

    Security Hub's control SageMaker.8 names them:
    https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html
    """

    supported: list[str] = msgspec.field(default_factory=lambda: ["notebook-al2023-v1", "notebook-al2023-v2"])


@practice("4.3-K3")
def notebook_hardened(notebooks: list[NotebookInstance], platforms: NotebookPlatforms) -> Findings:
    """Notebook instances deny root, require IMDSv2 and run a supported platform.

    Why: with root anyone in the notebook can change what the instance runs at its next start; version 1 of the metadata
    service hands the role's credentials to any forged request; an old platform gets no patches.
    Fix: Stop it and update it; a newer platform may need a new instance.
        aws sagemaker stop-notebook-instance --notebook-instance-name NAME
        aws sagemaker update-notebook-instance --notebook-instance-name NAME --root-access Disabled --instance-metadata-service-configuration MinimumInstanceMetadataServiceVersion=2
        aws sagemaker create-notebook-instance --notebook-instance-name NEW --instance-type ml.t3.medium --role-arn ROLE_ARN --root-access Disabled --platform-identifier notebook-al2023-v1
    See: https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html
    Cost: hourly while it runs, cents for the volume of a stopped one.
    Survives: The settings of a stopped instance stay visible.
    """  # noqa: E501
    for notebook in notebooks:
        metadata = notebook.instance_metadata_service_configuration.minimum_instance_metadata_service_version
        platform = notebook.platform_identifier
        problems = [
            *(["root access is on"] if notebook.root_access == "Enabled" else []),
            *(["version 1 of the metadata service is allowed"] if metadata == "1" else []),
            *([f"{platform} is not supported any more"] if platform and platform not in platforms.supported else []),
        ]
        note = "; ".join(problems) or "no root access, and nothing outdated"
        yield Finding(notebook.notebook_instance_arn, good=not problems, note=note)


@practice("4.3-K3", "4.3-K4", severity="high")
def dev_environments_private(notebooks: list[NotebookInstance], domains: list[Domain]) -> Findings:
    """Notebook instances and Studio domains reach the internet only through your VPC.

    Why: by default SageMaker gives them a way to the internet that no security group, flow log or endpoint policy of
    yours sees; through your VPC you decide what leaves it.
    Fix: A notebook instance must be made anew in a subnet, a domain can be changed.
        aws sagemaker create-notebook-instance --notebook-instance-name NAME --instance-type ml.t3.medium --role-arn ROLE_ARN --subnet-id SUBNET_ID --security-group-ids GROUP_ID --direct-internet-access Disabled
        aws sagemaker update-domain --domain-id DOMAIN_ID --app-network-access-type VpcOnly
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/infrastructure-connect-to-resources.html
    Cost: hourly for the interface endpoints that Studio then needs, the setting itself is free.
    Survives: The settings of a stopped notebook instance stay visible, and it costs only its volume.
    """  # noqa: E501
    for notebook in notebooks:
        problems = [
            *(["has a way to the internet past your VPC"] if notebook.direct_internet_access == "Enabled" else []),
            *([] if notebook.subnet_id else ["is in no subnet of yours"]),
        ]
        note = " and ".join(problems) or "reaches the internet only through your VPC"
        yield Finding(notebook.notebook_instance_arn, good=not problems, note=note)
    for domain in domains:
        private = domain.app_network_access_type == "VpcOnly"
        note = "reaches the internet only through your VPC" if private else "has a way to the internet past your VPC"
        yield Finding(domain.domain_arn, good=private, note=note)
