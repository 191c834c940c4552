"""Garbage where a policy should be: what can't be read is unknown, and is never taken for a harmless policy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness import ACCOUNT
from hostile.seeds import LIBRARY, golden
from readiness.audit import Judgement, judge
from readiness.aws import access
from readiness.snapshot import Reading, Snapshot
from readiness.view import View

UNREADABLE = {
    "no JSON": "<html>",
    "cut off": '{"Statement": [{"Effect": "Allow"',
    "a list": '[{"Effect": "Allow", "Action": "*", "Resource": "*"}]',
    "a number": "7",
    "null": "null",
    "an empty text": "",
    "text in text": json.dumps(json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})),
    "1,000 deep": '{"Statement": ' * 1000 + "1" + "}" * 1000,
    "lists 100,000 deep": '{"Statement": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "10 MB of *": "*" * 10_000_000,
}
JUDGED_BY = {
    "iam.Role": (
        "execution-role-no-escalation",
        "execution-role-no-wildcards",
        "execution-role-trust-scoped",
        "no-admin-policies",
        "passrole-scoped",
    ),
    "iam.ManagedPolicy": (
        "execution-role-no-escalation",
        "execution-role-no-wildcards",
        "no-admin-policies",
        "passrole-scoped",
    ),
    "iam.User": ("no-admin-policies", "passrole-scoped"),
    "iam.Group": ("no-admin-policies", "passrole-scoped"),
    "ec2.VpcEndpoint": ("vpc-endpoint-policies-scoped",),
    "s3.BucketPolicy": ("ml-buckets-require-tls",),
}
"""Where a document stands -> the checks that judge it."""


def with_documents(kind: str, document: Any) -> Snapshot:
    """An ordinary account in which every document of a kind is this one; there is at least one of each kind."""
    made = golden()
    inline = [{"PolicyName": "inline", "PolicyDocument": {}}]
    for name, policies in (("User", "UserPolicyList"), ("Group", "GroupPolicyList")):
        arn = f"arn:aws:iam::{ACCOUNT}:{name.lower()}/learner"
        made.readings[f"iam.{name}"]["global"] = Reading([{f"{name}Name": "learner", "Arn": arn, policies: inline}])
    for reading in made.readings[kind].values():
        reading.records = [_replaced(record, document) for record in reading.records]
    return made


def _replaced(value: Any, document: Any) -> Any:
    if isinstance(value, list):
        return [_replaced(one, document) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: document if name.endswith("Document") or name == "Policy" else _replaced(one, document)
        for name, one in value.items()
    }


def judgements(made: Snapshot, names: tuple[str, ...]) -> list[Judgement]:
    """What the real checks of these names say."""
    view = View(made.readings, made.caller, made.scanned_at, {})
    return [judge(check, view, made.regions) for check in LIBRARY.checks if check.name in names]


@pytest.mark.parametrize("kind", JUDGED_BY)
def test_documents_that_can_be_read_are_judged(kind: str) -> None:
    """The same way round with a plain document: none of the checks is unknown for want of anything else."""
    plain = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": "*"}}
    document = json.dumps(plain)
    found = judgements(with_documents(kind, document), JUDGED_BY[kind])
    assert len(found) == len(JUDGED_BY[kind])
    assert [one.check.name for one in found if one.verdict == "unknown"] == []


@pytest.mark.parametrize("garbage", UNREADABLE)
@pytest.mark.parametrize("kind", JUDGED_BY)
def test_what_is_no_document_is_unknown(kind: str, garbage: str) -> None:
    found = judgements(with_documents(kind, UNREADABLE[garbage]), JUDGED_BY[kind])
    assert {one.check.name: one.verdict for one in found} == dict.fromkeys(JUDGED_BY[kind], "unknown")


@pytest.mark.parametrize("action", ["*", "**", "*" * 50_000], ids=["one", "two", "fifty thousand"])
def test_however_many_stars_are_everything(action: str) -> None:
    document = json.dumps({"Statement": {"Effect": "Allow", "Action": action, "Resource": action}})
    assert access.administers(document)
    names = ("execution-role-no-escalation", "execution-role-no-wildcards", "no-admin-policies")
    for kind in ("iam.Role", "iam.ManagedPolicy"):
        for one in judgements(with_documents(kind, document), names):
            assert one.verdict != "passed", one.check.name
            assert not [error for error in one.errors if error.operation.startswith(("check:", "derived."))]
