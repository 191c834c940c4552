"""Corrects what moto makes of a bucket's policy when objects are read and written.

moto takes a statement whose condition is not met for one that denies, and looks at nobody's principal: under the usual
policy that refuses plain HTTP, nobody could write at all. Here a statement counts for somebody of the bucket's account
who comes by HTTPS, as every client of AWS does by default.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from readiness.emulator.evaluation import Policy, evaluate, listed

CONTEXT = {"aws:securetransport": ("true",)}
RESULTS = {
    "allowed": PermissionResult.PERMITTED,
    "explicitDeny": PermissionResult.DENIED,
    "implicitDeny": PermissionResult.NEUTRAL,
}


@functools.cache
def correct() -> None:
    """Put the correction into moto; more than once does no harm."""
    FakeBucket.get_permission = _permission  # type: ignore[method-assign, assignment]  # that is the correction


def _permission(bucket: Any, action: str, resource: str) -> PermissionResult:
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    document = json.loads(bucket.policy)
    statements = Policy("", "resource", json.dumps(document)).statements
    ours = [statement for statement in statements if _speaks_of(statement, bucket.account_id)]
    policy = Policy("bucket", "resource", json.dumps({**document, "Statement": ours}))
    return RESULTS[evaluate([policy], action, resource, CONTEXT).decision]


def _speaks_of(statement: Mapping[str, Any], account: str) -> bool:
    """Whether a statement is about everybody, or about the account of the bucket."""
    principal = statement.get("Principal", {})
    named = listed(principal.get("AWS") if isinstance(principal, dict) else principal)
    return any(name in ("*", account) or f"::{account}:" in name for name in named)
