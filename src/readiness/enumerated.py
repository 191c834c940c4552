"""Finds values of enumerations that are newer than the client: what they mean is unknown, so nothing rests on them."""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any

import msgspec
from botocore.model import OperationModel, Shape

from readiness.record import ENUMERATED, Record

Mark = tuple[str, str]
"""A member of an answer: the name of the member that it is in (empty for an item's own), and its own name."""
Search = Callable[[Any], "str | None"]
"""Finds the name of a member of an answer whose value the model does not know, or nothing."""


def marks(kind: type[Record]) -> frozenset[Mark]:
    """The fields of a kind by whose values checks judge, in the records within it too."""
    return frozenset(_marks(kind, "", ()))


def unheard_of(operation: OperationModel, judged: Set[Mark]) -> Search:
    """What looks through an answer of an operation for such values of these members."""
    found = _search(operation.output_shape, judged, "", ()) if operation.output_shape and judged else None
    return found or (lambda _answer: None)


def _marks(record: type[msgspec.Struct], within: str, above: tuple[type, ...]) -> Iterator[Mark]:
    if record in above:
        return
    for field in msgspec.structs.fields(record):
        for part in _parts(field.type):
            if part is ENUMERATED:
                yield within, field.encode_name
            elif isinstance(part, type) and issubclass(part, msgspec.Struct):
                yield from _marks(part, field.encode_name, (*above, record))


def _parts(hint: Any) -> Iterator[Any]:
    """All that an annotation is made of."""
    if typing.get_origin(hint) is None:
        yield hint
    for part in (*typing.get_args(hint), *getattr(hint, "__metadata__", ())):
        yield from _parts(part)


def _search(shape: Shape, judged: Set[Mark], within: str, above: tuple[str, ...]) -> Search | None:
    if shape.name in above:
        return None
    path = (*above, shape.name)
    if shape.type_name == "list":
        return _in_each(lambda answer: answer, _search(shape.member, judged, within, path))
    if shape.type_name == "map":
        return _in_each(lambda answer: answer.values(), _search(shape.value, judged, within, path))
    if shape.type_name != "structure":
        return None
    parts: list[tuple[str, Search]] = []
    for name, member in shape.members.items():
        value = member.member if member.type_name == "list" else member
        if getattr(value, "enum", None) and not judged.isdisjoint({("", name), (within, name)}):
            # Case differs between model and answer: EC2's says `Available`, and EC2 `available`.
            known = functools.partial(_unknown, name, frozenset(one.casefold() for one in value.enum))
            parts.append((name, known if value is member else _each(known)))
        elif (inner := _search(member, judged, name, path)) is not None:
            parts.append((name, inner))
    return functools.partial(_in_members, parts) if parts else None


def _unknown(name: str, known: Set[str], value: Any) -> str | None:
    return None if str(value).casefold() in known else name


def _each(search: Search) -> Search:
    return lambda answer: next(filter(None, map(search, answer)), None)


def _in_each(items: Callable[[Any], Iterable[Any]], search: Search | None) -> Search | None:
    return None if search is None else lambda answer: next(filter(None, map(search, items(answer))), None)


def _in_members(parts: Iterable[tuple[str, Search]], answer: Mapping[str, Any]) -> str | None:
    for name, search in parts:
        value = answer.get(name)
        if value is not None and (found := search(value)):
            return found
    return None
