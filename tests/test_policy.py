from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from moto.core import set_initial_no_auth_action_count

from harness import IDENTITY, REGION
from readiness.audit import audit
from readiness.check import Check
from readiness.emulator import emulated
from readiness.kinds import source_of
from readiness.packs import load
from readiness.policy import POLICY_LIMIT, actions_of, policies
from readiness.results import Results
from readiness.scan import scan
from readiness.session import new_session

DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


def scanned_under(documents: list[dict[str, Any]]) -> Results:
    """The results of a scan by a user who has exactly these policies, in an account in which nothing else is."""
    library = load()
    with emulated():
        iam = boto3.client("iam", region_name=REGION)
        iam.create_user(UserName="scanner")
        for index, document in enumerate(documents):
            made = iam.create_policy(PolicyName=f"readiness-{index}", PolicyDocument=json.dumps(document))
            iam.attach_user_policy(UserName="scanner", PolicyArn=made["Policy"]["Arn"])
        key = iam.create_access_key(UserName="scanner")["AccessKey"]

        @set_initial_no_auth_action_count(0)
        def gather() -> Any:
            session = new_session(
                region=REGION, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
            )
            return scan(session, IDENTITY, [REGION], library.exam.id, library.checks)

        return audit(gather(), library.exam, library.checks, library.checks)


def all_policies() -> list[dict[str, Any]]:
    return policies(operation for check in load().checks for operation in check.operations)


def unknown(results: Results) -> set[str]:
    return {check.name for check in results.checks if check.verdict == "unknown"}


def test_the_policy_is_enough() -> None:
    results = scanned_under(all_policies())
    assert [error for error in results.errors if error.code in DENIED] == []
    assert unknown(results) == set()


def required_actions(check: Check) -> set[str]:
    """What a check can't do without in a region."""
    sources = [source for kind in check.required if (source := source_of(kind))]
    return {action for source in sources for operation in source.operations for action in actions_of(operation)}


@pytest.mark.parametrize(
    "action",
    [
        "cloudwatch:DescribeAlarms",
        "iam:GetAccountAuthorizationDetails",
        "s3:ListAllMyBuckets",
        "sagemaker:ListEndpoints",
        "sagemaker:Search",
        "tag:GetResources",
    ],
)
def test_without_an_action_exactly_its_checks_are_unknown(action: str) -> None:
    documents = all_policies()
    for document in documents:
        [statement] = document["Statement"]
        statement["Action"] = [name for name in statement["Action"] if name != action]
    results = scanned_under(documents)
    needing = {check.name for check in results.checks if action in check.actions}
    assert needing
    # A check that has other sources for what it found does not miss one.
    spared = {check.name for check in results.checks if check.name in needing - unknown(results)}
    assert unknown(results) == needing - spared
    assert spared <= {check.name for check in load().checks if action not in required_actions(check)}
    assert {check.verdict for check in results.checks if check.name in spared} <= {"passed"}
    named = {name.partition("/")[2] for error in results.errors for name in error.checks if action in error.actions}
    assert named == needing


def test_each_policy_fits_and_nothing_is_lost() -> None:
    many = {f"sagemaker:Describe{'Long' * 10}{index}" for index in range(300)}
    documents = policies(many)
    assert len(documents) > 1
    sizes = [len("".join(json.dumps(document).split())) for document in documents]
    assert max(sizes) <= POLICY_LIMIT
    assert {name for document in documents for name in document["Statement"][0]["Action"]} == many
