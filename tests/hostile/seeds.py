"""A snapshot of an ordinary account into whose texts something else is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from readiness import packs
from readiness.audit import audit
from readiness.results import Results
from readiness.snapshot import CallError, Reading, Snapshot

GOLDEN = Path(__file__).parents[1] / "golden" / "snapshot.json"
FREE = ("Name", "name", "Arn", "ARN", "arn", "Id", "Description", "Key", "Value", "Reason", "Message", "Document")
"""How the fields end whose text people choose, or that carry such a text."""
LIBRARY = packs.load()


def golden() -> Snapshot:
    """The snapshot that the golden report is made of, fresh each time."""
    return msgspec.json.decode(GOLDEN.read_bytes(), type=Snapshot)


def rewritten(change: Callable[[str], str]) -> Snapshot:
    """The golden snapshot with the free texts of its records changed, and a failed call for every tenth kind."""
    made = golden()
    made.tool = change(made.tool)
    made.caller = msgspec.structs.replace(made.caller, account=change("123456789012"), arn=change(made.caller.arn))
    # The regions are the keys of the readings too: changed in both, so that what was read is still found.
    regions = {region: change(region) for region in made.regions}
    made.regions = list(regions.values())
    for number, by_region in enumerate(made.readings.values()):
        for region, reading in list(by_region.items()):
            records = [_changed(record, "", change) for record in reading.records]
            failed = [CallError("sagemaker:ListEndpoints", region, change("AccessDenied"), change("not allowed"))]
            del by_region[region]
            by_region[regions.get(region, region)] = Reading(records=records, errors=[] if number % 10 else failed)
    made.calls = {change(name): count for name, count in made.calls.items()}
    return made


def audited(made: Snapshot) -> Results:
    """What the real checks and the real exam make of it."""
    return audit(made, LIBRARY.exam, LIBRARY.checks, LIBRARY.checks)


def _changed(value: Any, field: str, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: _changed(one, name, change) for name, one in value.items()}
    if isinstance(value, list):
        return [_changed(one, field, change) for one in value]
    return change(value) if isinstance(value, str) and field.endswith(FREE) else value
