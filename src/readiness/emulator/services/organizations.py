"""Organizations: an account that is in none is told so; moto says that it has no policies."""

from __future__ import annotations

from readiness.emulator.call import Call, Coded, Elsewhere, Item
from readiness.emulator.door import Extension

SERVICE = "organizations"


def _policies(call: Call) -> Item:
    if call.backend(SERVICE).org is None:
        raise Coded("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    raise Elsewhere


EXTENSION = Extension(SERVICE, {"ListPolicies": _policies})
