"""AWS's own managed policies, which moto has but shows only where it was told so at the start.

Without them nobody could attach one. Here each is there as soon as it is asked for; all, where all are listed.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy

from readiness.emulator.call import Call, Elsewhere, Item
from readiness.emulator.door import Extension

SERVICE = "iam"


@functools.cache
def _known() -> dict[str, Any]:
    """What moto knows of each policy, by name."""
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return found


def _provide(call: Call, name: str) -> None:
    """Put a policy among moto's."""
    iam = call.backend(SERVICE)
    data = _known().get(name)
    if data is not None:
        policy = AWSManagedPolicy.from_data(name, call.account, call.region, data)
        if policy.arn not in iam.managed_policies:
            iam.managed_policies[policy.arn] = policy
            iam.aws_managed_policies.append(policy)


def _one(call: Call) -> Item:
    arn = call.parameters.get("PolicyArn") or call.parameters.get("PermissionsBoundary", "")
    if ":iam::aws:policy/" in arn:
        _provide(call, arn.rpartition("/")[2])
    raise Elsewhere


def _all(call: Call) -> Item:
    if call.parameters.get("Scope", "All") != "Local" and not call.parameters.get("OnlyAttached"):
        for name in _known():
            _provide(call, name)
    raise Elsewhere


EXTENSION = Extension(
    SERVICE,
    {
        "AttachGroupPolicy": _one,
        "AttachRolePolicy": _one,
        "AttachUserPolicy": _one,
        "CreateRole": _one,
        "GetPolicy": _one,
        "GetPolicyVersion": _one,
        "ListPolicies": _all,
        "ListPolicyVersions": _one,
        "PutRolePermissionsBoundary": _one,
    },
)
