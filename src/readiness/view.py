"""What a check sees of a snapshot: the lists of one region and the global ones, derived kinds computed once."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import msgspec

from readiness import failures
from readiness.kinds import Kind, derivation_of, name_of, parents_of, reads_files, scope_of
from readiness.record import Record, Scan, Settings
from readiness.signature import Asks
from readiness.snapshot import GLOBAL, Caller, CallError, Reading


class View:
    """Readings by kind and region, as typed records.

    Args:
        readings: kind name -> region -> what was read; may still grow while a scan runs.
        caller: whose account it is.
        at: the time of the scan.
        settings: what the user configured; classes that are not in it get their defaults.
    """

    def __init__(
        self,
        readings: Mapping[str, Mapping[str, Reading]],
        caller: Caller,
        at: datetime.datetime,
        settings: Mapping[type[Settings], Settings],
    ) -> None:
        self._readings = readings
        self._caller = caller
        self._at = at
        self._settings = settings
        self._seen: dict[tuple[Kind, str], Reading] = {}

    def reading(self, kind: Kind, region: str) -> Reading:
        """What is known of a kind in a region: its records, or the errors that keep them from being whole."""
        region = GLOBAL if scope_of(kind) == "global" else region
        if (kind, region) not in self._seen:
            derived = derivation_of(kind)
            self._seen[kind, region] = (
                self._listed(kind, region) if derived is None else self._derived(kind, derived, region)
            )
        return self._seen[kind, region]

    def errors(self, kinds: list[Kind], region: str) -> list[CallError]:
        """Why some of these kinds are not known in a region; empty where all are."""
        return sorted({error for kind in kinds for error in self.reading(kind, region).errors})

    def arguments(self, asks: Asks, region: str) -> dict[str, Any]:
        """The values for a function's parameters; only to be used where `errors` has none for its kinds.

        A further source that could not be read is empty.
        """
        scan = Scan(account=self._caller.account, partition=self._caller.partition, region=region, at=self._at)
        return {
            **{name: self._records(kind, region) for name, kind in asks.kinds.items()},
            **{name: self._settings.get(setting) or setting() for name, setting in asks.settings.items()},
            **dict.fromkeys(asks.scans, scan),
        }

    def _records(self, kind: Kind, region: str) -> list[Record]:
        reading = self.reading(kind, region)
        return [] if reading.errors else list(reading.records)

    def _listed(self, kind: Kind, region: str) -> Reading:
        found = self._readings.get(name_of(kind), {}).get(region)
        if found is None and reads_files(kind):
            # Nobody asked for it to be read.
            return Reading()
        if found is None:
            error = CallError(f"snapshot:{name_of(kind)}", region, "NotGathered", "the snapshot was made without it")
            return Reading(errors=[error])
        if found.errors:
            return found
        try:
            records = [as_record(item, kind) for item in found.records]
        except msgspec.ValidationError as problem:
            words = failures.words(problem)
            return Reading(errors=[CallError(f"snapshot:{name_of(kind)}", region, "UnexpectedShape", words)])
        return Reading(records=records, cut=found.cut)

    def _derived(self, kind: Kind, asks: Asks, region: str) -> Reading:
        parents = list(parents_of(kind))
        if errors := self.errors(parents, region):
            return Reading(errors=errors)
        cut = any(self.reading(parent, region).cut for parent in parents)
        try:
            return Reading(records=list(kind.derive(**self.arguments(asks, region))), cut=cut)  # type: ignore[attr-defined]
        # A derivation is an author's code: what it raises must cost only the checks that need the kind.
        except Exception as problem:  # noqa: BLE001
            message = f"{type(problem).__name__} {failures.place(problem)}"
            return Reading(errors=[CallError(name_of(kind), region, "DerivationFailed", message)])


def as_record(item: Any, kind: Kind) -> Record:
    """An item of a snapshot, or of AWS's answer, as the typed record of its kind."""
    return item if isinstance(item, kind) else msgspec.convert(item, kind)
