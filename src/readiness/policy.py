"""IAM's names of the operations that kinds declare, and the least policy that allows them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

PREFIXES = {
    "application-autoscaling": "application-autoscaling",
    "bedrock-agent": "bedrock",
    "codeconnections": "codeconnections",
    "efs": "elasticfilesystem",
    "emr": "elasticmapreduce",
    "kinesisanalyticsv2": "kinesisanalytics",
    "lexv2-models": "lex",
    "mwaa": "airflow",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "stepfunctions": "states",
}
"""boto3's service name -> the prefix of its IAM actions, where the two differ."""

ACTIONS = {
    "budgets:DescribeBudgets": ("budgets:ViewBudget",),
    "budgets:DescribeNotificationsForBudget": ("budgets:ViewBudget",),
    "budgets:DescribeSubscribersForNotification": ("budgets:ViewBudget",),
    "s3:GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "s3:GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "s3:GetBucketNotificationConfiguration": ("s3:GetBucketNotification",),
    "s3:GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "s3:GetBucketReplication": ("s3:GetReplicationConfiguration",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:ListBucketIntelligentTieringConfigurations": ("s3:GetIntelligentTieringConfiguration",),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3control:GetPublicAccessBlock": ("s3:GetAccountPublicAccessBlock",),
}
"""Operations whose IAM action has another name than the operation, from the Service Authorization Reference."""

POLICY_LIMIT = 6144
"""Characters, white space not counted, that IAM allows in one managed policy."""


def actions_of(operation: str) -> tuple[str, ...]:
    """The IAM actions that `service:Operation` needs."""
    service, _, name = operation.partition(":")
    return ACTIONS.get(operation) or (f"{PREFIXES.get(service, service)}:{name}",)


def policies(operations: Iterable[str]) -> list[dict[str, Any]]:
    """The least identity policies that allow the operations: one document, or several where IAM's limit asks for it.

    Read actions of listings and descriptions are granted on every resource, because what exists is not known before.
    """
    actions = sorted({action for operation in operations for action in actions_of(operation)})
    documents: list[dict[str, Any]] = []
    start = 0
    while start < len(actions):
        end = len(actions)
        while len(json.dumps(_document(actions[start:end]), separators=(",", ":"))) > POLICY_LIMIT:
            end -= 1
        documents.append(_document(actions[start:end]))
        start = end
    return documents


def _document(actions: list[str]) -> dict[str, Any]:
    statement = {"Sid": "ReadinessScan", "Effect": "Allow", "Action": actions, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}
