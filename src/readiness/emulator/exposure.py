"""What the policies of resources let in from outside the account, and what nobody uses any more."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator

from readiness.emulator.call import Call, Item
from readiness.emulator.evaluation import Policy, listed
from readiness.emulator.services.iam.last_used import note_roles

ACCOUNT_KEYS = {
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceowner",
    "aws:principalarn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
}
"""Condition keys that keep strangers out, if they name the account or what is in it."""


def external(call: Call) -> Iterator[Item]:
    """Whom the policies of resources let in from outside the account."""
    blocked = _blocked(call)
    for arn, kind, document in _resource_policies(call):
        for statement in Policy(arn, "resource", document).statements if document else []:
            for sort, name in strangers(statement, call.account):
                if name == "*" and arn in blocked:
                    continue
                actions = listed(statement.get("Action")) or [f"not {one}" for one in listed(statement["NotAction"])]
                details = {
                    "action": actions,
                    "condition": _conditions(statement),
                    "isPublic": name == "*",
                    "principal": {sort: name},
                }
                yield {
                    "resource": arn,
                    "resourceType": kind,
                    "findingType": "ExternalAccess",
                    "details": {"externalAccessDetails": details},
                }


def _resource_policies(call: Call) -> Iterator[tuple[str, str, str]]:
    """ARN, type and policy of what may have one. Roles and buckets are seen from every Region, as by AWS."""
    for role in call.backend("iam").roles.values():
        yield role.arn, "AWS::IAM::Role", role.assume_role_policy_document
    for bucket in call.backend("s3").buckets.values():
        if bucket.region_name == call.region:
            policy = bucket.policy
            text = policy.decode() if isinstance(policy, bytes) else policy
            yield bucket.arn, "AWS::S3::Bucket", text or ""
    for key in call.backend("kms").keys.values():
        if key.key_manager == "CUSTOMER":
            yield key.arn, "AWS::KMS::Key", key.policy
    for topic in call.backend("sns").topics.values():
        yield topic.arn, "AWS::SNS::Topic", json.dumps(topic._policy_json)
    for queue in call.backend("sqs").queues.values():
        yield queue.queue_arn, "AWS::SQS::Queue", json.dumps(queue._policy_json) if queue._policy_json else ""


def _blocked(call: Call) -> set[str]:
    """The buckets that keep the public out, whatever their policies say, by themselves or by the account's setting."""
    account = call.backend("s3control").public_access_block
    return {
        bucket.arn
        for bucket in call.backend("s3").buckets.values()
        if any(block is not None and block.restrict_public_buckets for block in (bucket.public_access_block, account))
    }


def strangers(statement: Item, account: str) -> Iterator[tuple[str, str]]:
    """The principals of an allow that are not of the account, where no condition keeps them out."""
    if statement.get("Effect") != "Allow" or _held_in(statement):
        return
    principal = statement.get("Principal", {})
    for sort, names in (principal if isinstance(principal, dict) else {"AWS": principal}).items():
        for name in listed(names):
            found = re.search(r"\d{12}", name)
            if sort == "AWS" and (name == "*" or (found and found[0] != account)):
                yield sort, name
            if sort == "Federated" and not name.startswith("arn:"):
                yield sort, name


def _held_in(statement: Item) -> bool:
    return any(
        key.lower() in ACCOUNT_KEYS and "Not" not in operator
        for operator, tests in statement.get("Condition", {}).items()
        for key in tests
    )


def _conditions(statement: Item) -> dict[str, str]:
    return {
        key: ", ".join(listed(values))
        for tests in statement.get("Condition", {}).values()
        for key, values in tests.items()
    }


def unused(call: Call, since: datetime.datetime) -> Iterator[Item]:
    """Roles, keys and passwords that are older than that and were not used since."""
    note_roles(call)
    iam = call.backend("iam")
    for role in iam.roles.values():
        if role.path.startswith("/aws-service-role/"):
            continue
        if role.create_date < since and (role.last_used is None or role.last_used < since):
            details = {"unusedIamRoleDetails": {"lastAccessed": role.last_used} if role.last_used else {}}
            yield _unused_by(role.arn, "AWS::IAM::Role", "UnusedIAMRole", details)
    for user in iam.users.values():
        for key in user.access_keys:
            used = getattr(key.last_used, "timestamp", None)
            if key.create_date < since and (used is None or used < since):
                told = {"accessKeyId": key.access_key_id, **({"lastAccessed": used} if used else {})}
                details = {"unusedIamUserAccessKeyDetails": told}
                yield _unused_by(user.arn, "AWS::IAM::User", "UnusedIAMUserAccessKey", details)
        used = user.password_last_used
        if user.password and user.create_date < since and (used is None or used < since):
            details = {"unusedIamUserPasswordDetails": {"lastAccessed": used} if used else {}}
            yield _unused_by(user.arn, "AWS::IAM::User", "UnusedIAMUserPassword", details)


def _unused_by(arn: str, kind: str, finding: str, details: Item) -> Item:
    return {"resource": arn, "resourceType": kind, "findingType": finding, "details": details}
