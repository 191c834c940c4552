from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest

from harness import ACCOUNT, REGION
from readiness.emulator import ago

Client = Callable[..., Any]
OTHER = "999999999999"


def statement(principal: Any, action: str, resource: str = "", **more: Any) -> str:
    one = {"Effect": "Allow", "Principal": principal, "Action": action, **({"Resource": resource} if resource else {})}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**one, **more}]})


def analyzer(client: Any, kind: str = "ACCOUNT", **more: Any) -> str:
    made = client.create_analyzer(analyzerName=kind.lower(), type=kind, **more)
    return str(made["arn"])


def shown(client: Any, arn: str, **asked: Any) -> set[tuple[str, str]]:
    """The resources of the findings, with their statuses."""
    pages = client.get_paginator("list_findings_v2").paginate(analyzerArn=arn, **asked)
    return {(one["resource"], one["status"]) for page in pages for one in page["findings"]}


@pytest.fixture
def strangers(aws: Client) -> dict[str, str]:
    """Things that let strangers in, and others of the same sorts that do not."""
    iam, s3, kms, sns, sqs = (aws(name) for name in ("iam", "s3", "kms", "sns", "sqs"))
    root = {"AWS": f"arn:aws:iam::{OTHER}:root"}
    own = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    service = {"Service": "sagemaker.amazonaws.com"}
    for name, principal in {"open": root, "own": own, "service": service}.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=statement(principal, "sts:AssumeRole"))
    for name in ("public", "private", "blocked"):
        s3.create_bucket(Bucket=name)
        # A new bucket takes no public policy.
        s3.delete_public_access_block(Bucket=name)
    s3.put_bucket_policy(Bucket="public", Policy=statement("*", "s3:GetObject", "arn:aws:s3:::public/*"))
    inside = {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
    text = statement("*", "s3:GetObject", "arn:aws:s3:::private/*", Condition=inside)
    s3.put_bucket_policy(Bucket="private", Policy=text)
    s3.put_bucket_policy(Bucket="blocked", Policy=statement("*", "s3:GetObject", "arn:aws:s3:::blocked/*"))
    block = {"RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket="blocked", PublicAccessBlockConfiguration=block)
    key = kms.create_key(Policy=statement(root, "kms:Decrypt", "*"))["KeyMetadata"]["Arn"]
    kms.create_key()
    topic = sns.create_topic(Name="open", Attributes={"Policy": statement(root, "sns:Publish", "*")})["TopicArn"]
    sns.create_topic(Name="own")
    sqs.create_queue(QueueName="open", Attributes={"Policy": statement("*", "sqs:SendMessage", "*")})
    sqs.create_queue(QueueName="own")
    return {
        "role": f"arn:aws:iam::{ACCOUNT}:role/open",
        "bucket": "arn:aws:s3:::public",
        "key": key,
        "topic": topic,
        "queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:open",
    }


def test_findings_follow_from_the_policies_of_the_account(aws: Client, strangers: dict[str, str]) -> None:
    client = aws("accessanalyzer")
    arn = analyzer(client, tags={"team": "ml"})
    assert shown(client, arn) == {(one, "ACTIVE") for one in strangers.values()}
    aws("s3").delete_bucket_policy(Bucket="public")
    aws("iam").delete_role(RoleName="open")
    gone = {strangers["bucket"], strangers["role"]}
    assert shown(client, arn, filter={"status": {"eq": ["RESOLVED"]}}) == {(one, "RESOLVED") for one in gone}
    [found] = client.list_analyzers(type="ACCOUNT")["analyzers"]
    assert (found["name"], found["status"], found["tags"]) == ("account", "ACTIVE", {"team": "ml"})
    assert found["lastResourceAnalyzedAt"]


def test_a_public_bucket_is_shut_by_the_account_too(aws: Client, strangers: dict[str, str]) -> None:
    client = aws("accessanalyzer")
    arn = analyzer(client)
    aws("s3control").put_public_access_block(
        AccountId=ACCOUNT, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    assert (strangers["bucket"], "ACTIVE") not in shown(client, arn)


def test_findings_are_told_archived_and_taken_back(
    aws: Client, strangers: dict[str, str], refused: Callable[..., str]
) -> None:
    client = aws("accessanalyzer")
    arn = analyzer(client)
    [one] = client.list_findings_v2(
        analyzerArn=arn, filter={"isPublic": {"eq": ["true"]}, "resourceType": {"eq": ["AWS::S3::Bucket"]}}
    )["findings"]
    details = client.get_finding_v2(analyzerArn=arn, id=one["id"])["findingDetails"][0]["externalAccessDetails"]
    assert (details["isPublic"], details["principal"], details["action"]) == (True, {"AWS": "*"}, ["s3:GetObject"])
    old = client.get_finding(analyzerArn=arn, id=one["id"])["finding"]
    assert (old["resource"], old["isPublic"]) == (strangers["bucket"], True)
    client.update_findings(analyzerArn=arn, status="ARCHIVED", ids=[one["id"]])
    assert shown(client, arn, filter={"status": {"eq": ["ARCHIVED"]}}) == {(strangers["bucket"], "ARCHIVED")}
    client.update_findings(analyzerArn=arn, status="ACTIVE", resourceArn=strangers["bucket"])
    assert (strangers["bucket"], "ACTIVE") in shown(client, arn)
    missing = {"analyzerArn": arn, "id": "none"}
    assert refused(client.get_finding_v2, **missing) == "ResourceNotFoundException"
    assert refused(client.list_findings_v2, analyzerArn=f"{arn}-none") == "ResourceNotFoundException"
    assert refused(client.update_findings, analyzerArn=arn, status="ARCHIVED") == "ValidationException"


def test_an_archive_rule_archives(aws: Client, strangers: dict[str, str], refused: Callable[..., str]) -> None:
    client = aws("accessanalyzer")
    arn = analyzer(client)
    rule = {"analyzerName": "account", "ruleName": "roles"}
    client.create_archive_rule(**rule, filter={"resourceType": {"eq": ["AWS::IAM::Role"]}})
    assert (strangers["role"], "ARCHIVED") in shown(client, arn)
    assert [one["ruleName"] for one in client.list_archive_rules(analyzerName="account")["archiveRules"]] == ["roles"]
    assert refused(client.create_archive_rule, **rule, filter={}) == "ConflictException"
    client.update_archive_rule(**rule, filter={"resource": {"contains": ["nothing"]}})
    assert client.get_archive_rule(**rule)["archiveRule"]["filter"]["resource"] == {"contains": ["nothing"]}
    client.apply_archive_rule(analyzerArn=arn, ruleName="roles")
    client.delete_archive_rule(**rule)
    assert refused(client.get_archive_rule, **rule) == "ResourceNotFoundException"


def test_pages(aws: Client, strangers: dict[str, str]) -> None:
    client = aws("accessanalyzer")
    arn = analyzer(client)
    first = client.list_findings_v2(analyzerArn=arn, maxResults=2)
    assert len(first["findings"]) == 2
    assert len(shown(client, arn, PaginationConfig={"PageSize": 2})) == len(strangers)


def test_unused_access(aws: Client) -> None:
    iam, client = aws("iam"), aws("accessanalyzer")
    trust = statement({"Service": "sagemaker.amazonaws.com"}, "sts:AssumeRole")
    with ago(datetime.timedelta(days=120)):
        old, used = (
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"] for name in ("old", "used")
        )
        user = iam.create_user(UserName="learner")["User"]["Arn"]
        iam.create_access_key(UserName="learner")
        iam.create_login_profile(UserName="learner", Password="Pass-word-1")
    iam.create_role(RoleName="new", AssumeRolePolicyDocument=trust)
    aws("sagemaker").create_model(ModelName="m", ExecutionRoleArn=used, PrimaryContainer={"Image": "i"})
    arn = analyzer(client, "ACCOUNT_UNUSED_ACCESS")
    found = {(one["resource"], one["findingType"]) for one in client.list_findings_v2(analyzerArn=arn)["findings"]}
    assert found == {(old, "UnusedIAMRole"), (user, "UnusedIAMUserAccessKey"), (user, "UnusedIAMUserPassword")}
    client.update_analyzer(
        analyzerName="account_unused_access", configuration={"unusedAccess": {"unusedAccessAge": 180}}
    )
    assert {status for _, status in shown(client, arn)} == {"RESOLVED"}


def test_analyzers(aws: Client, refused: Callable[..., str]) -> None:
    client = aws("accessanalyzer")
    arn = analyzer(client, archiveRules=[{"ruleName": "r", "filter": {"isPublic": {"eq": ["false"]}}}])
    assert arn == f"arn:aws:access-analyzer:{REGION}:{ACCOUNT}:analyzer/account"
    again = {"analyzerName": "account", "type": "ACCOUNT"}
    assert refused(client.create_analyzer, **again) == "ConflictException"
    assert refused(client.create_analyzer, **{**again, "analyzerName": "b"}) == "ServiceQuotaExceededException"
    organization = {"analyzerName": "o", "type": "ORGANIZATION"}
    assert refused(client.create_analyzer, **organization) == "ValidationException"
    client.tag_resource(resourceArn=arn, tags={"team": "ml"})
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "ml"}
    client.delete_analyzer(analyzerName="account")
    assert client.list_analyzers()["analyzers"] == []
    assert refused(client.get_analyzer, analyzerName="account") == "ResourceNotFoundException"


PASS_ROLE = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (json.dumps({"Version": "2012-10-17", "Statement": [PASS_ROLE]}), ["PASS_ROLE_WITH_STAR_IN_RESOURCE"]),
        (json.dumps({"Version": "2012-10-17", "Statement": {**PASS_ROLE, "Action": "s3:GetObject"}}), []),
        ("{", ["JSON_SYNTAX_ERROR"]),
        (
            json.dumps({"Statement": [{"Effect": "Permit", "Resource": "*"}]}),
            ["MISSING_VERSION", "INVALID_EFFECT", "MISSING_ACTION"],
        ),
    ],
)
def test_policies_are_validated(aws: Client, text: str, codes: list[str]) -> None:
    found = aws("accessanalyzer").validate_policy(policyDocument=text, policyType="IDENTITY_POLICY")["findings"]
    assert [one["issueCode"] for one in found] == codes


def test_checks_of_what_a_policy_would_grant(aws: Client) -> None:
    client = aws("accessanalyzer")
    wide, narrow = (
        json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
        for action in ("s3:*", "s3:GetObject")
    )
    new = client.check_no_new_access
    assert new(newPolicyDocument=wide, existingPolicyDocument=narrow, policyType="IDENTITY_POLICY")["result"] == "FAIL"
    assert new(newPolicyDocument=narrow, existingPolicyDocument=wide, policyType="IDENTITY_POLICY")["result"] == "PASS"
    asked = {"policyDocument": narrow, "policyType": "IDENTITY_POLICY"}
    granted = client.check_access_not_granted
    assert granted(**asked, access=[{"actions": ["s3:GetObject"]}])["result"] == "FAIL"
    assert granted(**asked, access=[{"actions": ["s3:PutObject"]}])["result"] == "PASS"
    public = statement("*", "s3:GetObject", "*")
    assert client.check_no_public_access(policyDocument=public, resourceType="AWS::S3::Bucket")["result"] == "FAIL"
