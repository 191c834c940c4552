"""KMS: the keys that AWS manages are AWS's, and the rotation of the others is told whole.

What moto says, and what AWS does: the key behind `alias/aws/s3` and its like is the customer's, never rotates and can
be deleted, so that what it encrypts would seem to be encrypted with a key of one's own. It is AWS's, rotates every year
and can't be changed. How often a customer's key rotates is forgotten.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from moto.core.utils import utcnow

from readiness.emulator.call import After, Call, Coded, Elsewhere, Handler, Item
from readiness.emulator.door import Extension

SERVICE = "kms"
AWS_ALIAS = "alias/aws/"
YEAR = 365


def _claim(call: Call) -> str:
    """Give AWS its keys, and find the one that is named; moto makes one for an alias of AWS's when it is asked."""
    backend = call.backend(SERVICE)
    named = backend.get_alias_name(call.parameters["KeyId"])
    found = backend.get_key_id_from_alias(named) if named.startswith("alias/") else backend.get_key_id(named)
    for key in backend.keys.values():
        if any(alias.startswith(AWS_ALIAS) for alias in key.aliases):
            key.key_manager, key.key_rotation_status = "AWS", True
    return found or ""


def _look(call: Call) -> None:
    """Moto describes it."""
    _claim(call)
    raise Elsewhere


def _change(call: Call) -> None:
    """What AWS manages nobody else changes; moto changes the rest."""
    key = call.backend(SERVICE).keys.get(_claim(call))
    if key is not None and key.key_manager == "AWS":
        raise Coded("AccessDeniedException", f"{key.arn} is managed by AWS: it can't be changed.")
    raise Elsewhere


def _rotates(call: Call) -> None:
    """A customer's key rotates as often as was asked for, from now on."""
    period = call.parameters.get("RotationPeriodInDays", YEAR)
    call.table("Rotation")[_claim(call)] = {"RotationPeriodInDays": period, "Since": utcnow()}


def _rotation(call: Call) -> Item:
    """Whether a key rotates, and when it does next; moto refuses what is not there."""
    key = call.backend(SERVICE).keys.get(_claim(call))
    if key is None:
        raise Elsewhere
    told: Item = {"KeyId": key.arn, "KeyRotationEnabled": key.key_rotation_status}
    known = call.table("Rotation").get(key.id)
    if known and key.key_rotation_status and key.key_manager != "AWS":
        period = known["RotationPeriodInDays"]
        told["RotationPeriodInDays"] = period
        told["NextRotationDate"] = known["Since"] + datetime.timedelta(days=period)
    return told


CHANGES = ("DisableKey", "DisableKeyRotation", "EnableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion")
ANSWERS: Mapping[str, Handler] = {
    **dict.fromkeys(CHANGES, _change),
    "DescribeKey": _look,
    "GetKeyRotationStatus": _rotation,
}
AFTER: Mapping[str, After] = {"EnableKeyRotation": _rotates}

EXTENSION = Extension(SERVICE, ANSWERS, AFTER)
