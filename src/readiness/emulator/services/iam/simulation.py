"""IAM's policy simulator: what policies would decide, by the same rules by which calls are authorized."""

from __future__ import annotations

import re
from typing import Any

from readiness.emulator.call import Call, Coded, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.evaluation import Context, Policy, evaluate, identity_policies, listed
from readiness.emulator.pages import page

SERVICE = "iam"


def _identity(call: Call) -> tuple[list[Policy], list[Policy]]:
    arn = call.parameters["PolicySourceArn"]
    try:
        return identity_policies(call.backend(SERVICE), arn)
    except (KeyError, IndexError) as unknown:
        raise NotFound(f"The entity {arn} does not exist.") from unknown


def _given(call: Call, member: str) -> list[Policy]:
    """The policies that the request brings along."""
    documents = call.parameters.get(member, [])
    return [Policy(f"{member}.{place}", "none", text) for place, text in enumerate(documents, start=1)]


def _context(call: Call) -> Context:
    known = {
        entry["ContextKeyName"].lower(): tuple(entry.get("ContextKeyValues", ()))
        for entry in call.parameters.get("ContextEntries", [])
    }
    caller = call.parameters.get("CallerArn") or call.parameters.get("PolicySourceArn", "")
    sort, _, name = caller.rpartition(":")[2].partition("/")
    if caller:
        known.setdefault("aws:principalarn", (caller,))
        known.setdefault("aws:principalaccount", (caller.split(":")[4],))
    if sort == "user":
        known.setdefault("aws:username", (name.rpartition("/")[2],))
    return known


def _principal(call: Call) -> Item:
    policies, boundary = _identity(call)
    # A boundary that is given takes the place of the entity's own.
    return _simulated(call, [*policies, *_given(call, "PolicyInputList")], boundary)


def _custom(call: Call) -> Item:
    return _simulated(call, _given(call, "PolicyInputList"), [])


def _simulated(call: Call, policies: list[Policy], boundary: list[Policy]) -> Item:
    """The decision on each action and each resource."""
    boundary = _given(call, "PermissionsBoundaryPolicyInputList") or boundary
    context = _context(call)
    actions: list[str] = call.parameters["ActionNames"]
    for action in actions:
        if not re.fullmatch(r"[\w-]+:[\w*?]+", action):
            raise Coded("InvalidInput", f"Invalid action: {action}")
    try:
        results = [
            _result(action, resource, policies, boundary, context)
            for action in actions
            for resource in call.parameters.get("ResourceArns", ["*"])
        ]
    except (ValueError, KeyError, AttributeError) as wrong:
        raise Coded("InvalidInput", f"A policy can not be read: {wrong}") from wrong
    found = page(call, results)
    return {**found, "IsTruncated": "Marker" in found}


def _result(action: str, resource: str, policies: list[Policy], boundary: list[Policy], context: Context) -> Item:
    found = evaluate(policies, action, resource, context)
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": found.decision,
        "MatchedStatements": [{"SourcePolicyId": one.name, "SourcePolicyType": one.kind} for one in found.matched],
        "MissingContextValues": list(found.missing),
    }
    if boundary:
        limit = evaluate(boundary, action, resource, context)
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": limit.decision == "allowed"}
        if limit.decision != "allowed" and found.decision == "allowed":
            result |= {"EvalDecision": limit.decision, "MatchedStatements": []}
    return result


def _keys(policies: list[Policy]) -> Item:
    keys: dict[str, None] = {}
    for policy in policies:
        for statement in policy.statements:
            for tests in statement.get("Condition", {}).values():
                keys |= dict.fromkeys(tests)
            for member in ("Resource", "NotResource"):
                for text in listed(statement.get(member)):
                    keys |= dict.fromkeys(re.findall(r"\$\{([\w:/-]+)", text))
    return {"ContextKeyNames": list(keys)}


def _principal_keys(call: Call) -> Item:
    return _keys([*_identity(call)[0], *_given(call, "PolicyInputList")])


def _custom_keys(call: Call) -> Item:
    return _keys(_given(call, "PolicyInputList"))


EXTENSION = Extension(
    SERVICE,
    {
        "SimulatePrincipalPolicy": _principal,
        "SimulateCustomPolicy": _custom,
        "GetContextKeysForPrincipalPolicy": _principal_keys,
        "GetContextKeysForCustomPolicy": _custom_keys,
    },
)
