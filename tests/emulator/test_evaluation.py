from __future__ import annotations

import json
from typing import Any

import pytest

from readiness.emulator.evaluation import Policy, evaluate

OWN = "arn:aws:s3:::own/data.csv"


def allow(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **more}


def policy(*statements: dict[str, Any]) -> Policy:
    return Policy("one", "user", json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


@pytest.mark.parametrize(
    ("statement", "decision"),
    [
        (allow(), "allowed"),
        (allow(Action=["s3:List*", "S3:getobject"]), "allowed"),
        (allow(Action="s3:Get?bject"), "allowed"),
        (allow(Action="s3:Get?"), "implicitDeny"),
        (allow(Action="*"), "allowed"),
        (allow(Resource="arn:aws:s3:::own/*"), "allowed"),
        (allow(Resource=["arn:aws:s3:::other/*", "arn:aws:s3:::OWN/*"]), "implicitDeny"),
        (allow(Effect="Deny"), "explicitDeny"),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "allowed"),
        ({"Effect": "Allow", "NotAction": ["s3:*"], "Resource": "*"}, "implicitDeny"),
        ({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::own/*"}, "implicitDeny"),
        ({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::other/*"}, "allowed"),
        (allow(Resource="arn:aws:s3:::${aws:username}/*"), "allowed"),
    ],
)
def test_statements(statement: dict[str, Any], decision: str) -> None:
    context = {"aws:username": ("own",)}
    assert evaluate([policy(statement)], "s3:GetObject", OWN, context).decision == decision


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}, True),
        ({"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}, False),
        ({"StringLike": {"aws:requestedregion": "eu-*"}}, True),
        ({"StringNotLike": {"aws:RequestedRegion": "eu-*"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"Null": {"aws:PrincipalOrgID": "true"}}, True),
        ({"Null": {"aws:RequestedRegion": True}}, False),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}}, False),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, True),
        ({"NumericGreaterThanEquals": {"s3:max-keys": 6}}, False),
        ({"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}, True),
        ({"DateGreaterThan": {"aws:CurrentTime": "2027-01-01"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ml-*"}}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "project"]}}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}, False),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}, True),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["cost"]}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}, "Bool": {"aws:SecureTransport": "false"}}, False),
    ],
)
def test_conditions(condition: dict[str, Any], holds: bool) -> None:
    context = {
        "aws:currenttime": ("2026-06-01T12:00:00Z",),
        "aws:principalarn": ("arn:aws:iam::123456789012:role/ml-train",),
        "aws:requestedregion": ("eu-west-1",),
        "aws:securetransport": ("true",),
        "aws:sourceip": ("10.1.2.3",),
        "aws:tagkeys": ("team", "project"),
        "s3:max-keys": ("5",),
    }
    found = evaluate([policy(allow(Condition=condition))], "s3:GetObject", OWN, context)
    assert (found.decision == "allowed") is holds


def test_a_deny_wins_and_one_that_does_not_hold_is_none() -> None:
    elsewhere = allow(Effect="Deny", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})
    both = [policy(allow()), policy(elsewhere)]
    assert evaluate(both, "s3:GetObject", OWN, {"aws:requestedregion": ("eu-west-1",)}).decision == "explicitDeny"
    found = evaluate(both, "s3:GetObject", OWN)
    assert found.decision == "allowed"
    assert found.matched == (both[0],)
    assert found.missing == ("aws:RequestedRegion",)


def test_an_operator_that_iam_lacks_is_told() -> None:
    with pytest.raises(ValueError, match="StringMatches"):
        evaluate([policy(allow(Condition={"StringMatches": {"aws:x": "y"}}))], "s3:GetObject", OWN)
