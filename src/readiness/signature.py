"""What a check or a derived kind asks for, read from the annotations of its parameters."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable
from typing import Any

from readiness.record import Record, Scan, Settings


@dataclasses.dataclass(frozen=True)
class Asks:
    """The parameters of a function, by what they want: lists of kinds, settings, the facts of the scan."""

    kinds: dict[str, type[Record]]
    settings: dict[str, type[Settings]]
    scans: tuple[str, ...]

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Asks:
        """Read the signature.

        Raises:
            TypeError: a parameter is annotated with something else than `list[Kind]`, a `Settings` class or `Scan`.
        """
        hints = typing.get_type_hints(function)
        kinds: dict[str, type[Record]] = {}
        settings: dict[str, type[Settings]] = {}
        scans: list[str] = []
        for name in inspect.signature(function).parameters:
            hint = hints.get(name)
            item = (typing.get_args(hint) or (None,))[0]
            if typing.get_origin(hint) is list and isinstance(item, type) and issubclass(item, Record):
                kinds[name] = item
            elif isinstance(hint, type) and issubclass(hint, Settings):
                settings[name] = hint
            elif hint is Scan:
                scans.append(name)
            else:
                raise TypeError(f"parameter {name!r} must be a list of a kind, a Settings class or Scan, not {hint!r}")
        return cls(kinds, settings, tuple(scans))
