"""The vocabulary of an author of checks: kinds of records, checks over them, and what they yield."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readiness.check import Finding, Findings, evidence, practice
    from readiness.kinds import Call, resource
    from readiness.record import Enumerated, Record, Scan, Settings

__all__ = [
    "Call",
    "Enumerated",
    "Finding",
    "Findings",
    "Record",
    "Scan",
    "Settings",
    "evidence",
    "practice",
    "resource",
]
__version__ = "0.1.0"

_HOMES = {
    **dict.fromkeys(("Finding", "Findings", "evidence", "practice"), "readiness.check"),
    **dict.fromkeys(("Call", "resource"), "readiness.kinds"),
    **dict.fromkeys(("Enumerated", "Record", "Scan", "Settings"), "readiness.record"),
}


def __getattr__(name: str) -> Any:
    """Import a name's module when it is first asked for: `readiness --help` must not wait for what it doesn't use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found
