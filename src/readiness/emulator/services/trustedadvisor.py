"""Trusted Advisor: the account has the Basic Support plan, which has no use of this API, so each call is refused.

The core checks that every plan has are to be seen in the console only.
"""

from __future__ import annotations

from readiness.emulator.call import Call, Coded, Item, model_of
from readiness.emulator.door import Extension

SERVICE = "trustedadvisor"


def _refuse(_: Call) -> Item:
    raise Coded("AccessDeniedException", "Access denied due to support level")


EXTENSION = Extension(SERVICE, dict.fromkeys(model_of(SERVICE).operation_names, _refuse))
