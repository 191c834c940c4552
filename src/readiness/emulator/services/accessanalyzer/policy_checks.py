"""Checks of policies that are not in use yet: validation, and what they would grant."""

from __future__ import annotations

import json
from collections.abc import Iterator

from readiness.emulator.call import Call, Item
from readiness.emulator.door import Extension
from readiness.emulator.evaluation import Policy, evaluate, listed, pattern
from readiness.emulator.exposure import strangers
from readiness.emulator.pages import page

SERVICE = "accessanalyzer"
LEARN_MORE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"
EMPTY_SPAN = {
    "start": {"line": 1, "column": 0, "offset": 0},
    "end": {"line": 1, "column": 0, "offset": 0},
}


def _validate(call: Call) -> Item:
    """What is wrong with a policy, or unwise: a few of AWS's many checks."""
    text = call.parameters["policyDocument"]
    found = [
        {
            "findingDetails": details,
            "findingType": kind,
            "issueCode": code,
            "learnMoreLink": LEARN_MORE,
            "locations": [{"path": [{"value": part} for part in path], "span": EMPTY_SPAN}],
        }
        for kind, code, details, path in _issues(text, call.parameters["policyType"])
    ]
    return page(call, found)


def _issues(text: str, kind: str) -> Iterator[tuple[str, str, str, list[str]]]:
    try:
        document = json.loads(text)
    except ValueError:
        yield "ERROR", "JSON_SYNTAX_ERROR", "The policy is not valid JSON.", []
        return
    if document.get("Version") != "2012-10-17":
        yield "WARNING", "MISSING_VERSION", "The policy should have the Version 2012-10-17.", ["Version"]
    if not document.get("Statement"):
        yield "ERROR", "MISSING_STATEMENT", "The policy has no Statement.", []
    for statement in Policy("", "", text).statements:
        if statement.get("Effect") not in ("Allow", "Deny"):
            yield "ERROR", "INVALID_EFFECT", "The Effect must be Allow or Deny.", ["Statement", "Effect"]
        if "Action" not in statement and "NotAction" not in statement:
            yield "ERROR", "MISSING_ACTION", "A statement needs an Action or a NotAction.", ["Statement"]
        if kind == "IDENTITY_POLICY" and "Principal" in statement:
            details = "An identity policy has no Principal."
            yield "ERROR", "UNSUPPORTED_PRINCIPAL", details, ["Statement", "Principal"]
        if kind == "IDENTITY_POLICY" and "Resource" not in statement and "NotResource" not in statement:
            yield "ERROR", "MISSING_RESOURCE", "A statement needs a Resource or a NotResource.", ["Statement"]
        allows = statement.get("Effect") == "Allow"
        passes = any(pattern(one.lower()).fullmatch("iam:passrole") for one in listed(statement.get("Action")))
        if allows and passes and "*" in listed(statement.get("Resource")):
            details = "iam:PassRole with * as resource lets any role be passed to any service."
            yield "SECURITY_WARNING", "PASS_ROLE_WITH_STAR_IN_RESOURCE", details, ["Statement", "Resource"]
        if allows and "NotAction" in statement and "*" in listed(statement.get("Resource")):
            details = "Allow with NotAction and * as resource grants more than is named."
            yield "SECURITY_WARNING", "ALLOW_WITH_NOT_ACTION", details, ["Statement", "NotAction"]


def _not_granted(call: Call) -> Item:
    """Whether a policy grants none of some actions on some resources."""
    document = Policy("", "", call.parameters["policyDocument"])
    granted = [
        action
        for access in call.parameters["access"]
        for action in access.get("actions", [])
        for resource in access.get("resources", ["*"])
        if evaluate([document], action, resource).decision == "allowed"
    ]
    return _verdict(not granted, f"The policy grants {', '.join(granted)}.")


def _no_new(call: Call) -> Item:
    """Whether every action that a policy names was granted by another, on the same resources."""
    before = [Policy("", "", call.parameters["existingPolicyDocument"])]
    new = [
        action
        for statement in Policy("", "", call.parameters["newPolicyDocument"]).statements
        if statement["Effect"] == "Allow"
        for action in listed(statement.get("Action")) or ["*"]
        for resource in listed(statement.get("Resource")) or ["*"]
        if evaluate(before, action, resource).decision != "allowed"
    ]
    return _verdict(not new, f"The new policy grants {', '.join(new)}.")


def _no_public(call: Call) -> Item:
    statements = Policy("", "", call.parameters["policyDocument"]).statements
    public = any(name == "*" for statement in statements for _, name in strangers(statement, ""))
    return _verdict(not public, "The policy grants public access.")


def _verdict(passed: bool, reason: str) -> Item:
    if passed:
        return {"result": "PASS", "message": "The policy passed the check.", "reasons": []}
    return {"result": "FAIL", "message": "The policy failed the check.", "reasons": [{"description": reason}]}


EXTENSION = Extension(
    SERVICE,
    {
        "CheckAccessNotGranted": _not_granted,
        "CheckNoNewAccess": _no_new,
        "CheckNoPublicAccess": _no_public,
        "ValidatePolicy": _validate,
    },
)
