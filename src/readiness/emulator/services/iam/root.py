"""The second factor of the root user, which moto has always without.

In AWS the root user sets it up in the console, and no API does it. The console calls the virtual device
`root-account-mfa-device`; here whoever enables a device of that name stands in for the root user.
"""

from __future__ import annotations

from readiness.emulator.call import Call, Elsewhere, NotFound
from readiness.emulator.door import Extension

SERVICE = "iam"
DEVICE = ":mfa/root-account-mfa-device"


def _enable(call: Call) -> None:
    number = call.parameters["SerialNumber"]
    if not number.endswith(DEVICE):
        raise Elsewhere
    backend = call.backend(SERVICE)
    if number not in backend.virtual_mfa_devices:
        raise NotFound(f"VirtualMFADevice with serial number {number} does not exist.")
    backend.account_summary._account_mfa_enabled = 1


EXTENSION = Extension(SERVICE, {"EnableMFADevice": _enable})
