"""What a check or a derived kind asks for, read from the annotations of its parameters."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable, Sequence
from typing import Any

from readiness.record import Record, Scan, Settings


@dataclasses.dataclass(frozen=True)
class Asks:
    """The parameters of a function, by what they want: lists of kinds, settings, the facts of the scan.

    `further` names the lists that have a default: sources that can only add to what the others show.
    """

    kinds: dict[str, type[Record]]
    settings: dict[str, type[Settings]]
    scans: tuple[str, ...]
    further: frozenset[str]

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Asks:
        """Read the signature.

        Raises:
            TypeError: a parameter is annotated with something else than `list[Kind]`, a `Settings` class or `Scan`, or
                `Sequence[Kind] = ()` for a further source.
        """
        hints = typing.get_type_hints(function)
        kinds: dict[str, type[Record]] = {}
        settings: dict[str, type[Settings]] = {}
        scans: list[str] = []
        further: set[str] = set()
        for name, parameter in inspect.signature(function).parameters.items():
            hint = hints.get(name)
            origin, item = typing.get_origin(hint), (typing.get_args(hint) or (None,))[0]
            optional = parameter.default is not inspect.Parameter.empty
            if origin is (Sequence if optional else list) and isinstance(item, type) and issubclass(item, Record):
                kinds[name] = item
                if optional:
                    further.add(name)
            elif isinstance(hint, type) and issubclass(hint, Settings):
                settings[name] = hint
            elif hint is Scan:
                scans.append(name)
            else:
                raise TypeError(
                    f"parameter {name!r} must be a list of a kind (a further source: Sequence[Kind] = ()), "
                    f"a Settings class or Scan, not {hint!r}"
                )
        return cls(kinds, settings, tuple(scans), frozenset(further))
