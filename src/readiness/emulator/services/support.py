"""AWS Support: the account has the Basic Support plan, which has no use of this API.

moto answers with checks and cases whatever the plan, so an account would seem to have one that it must pay for.
"""

from __future__ import annotations

from readiness.emulator.call import Call, Coded, Item, model_of
from readiness.emulator.door import Extension

SERVICE = "support"


def _refuse(_: Call) -> Item:
    message = "Amazon Web Services Premium Support Subscription is required to use this service."
    raise Coded("SubscriptionRequiredException", message)


EXTENSION = Extension(SERVICE, dict.fromkeys(model_of(SERVICE).operation_names, _refuse))
