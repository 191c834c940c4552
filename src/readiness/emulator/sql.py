"""Athena's SQL as far as the catalog is concerned: what sort of statement it is, which tables it reads, and makes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

NAME = r'[`"]?\w[\w-]*[`"]?'
PATH = rf"({NAME}(?:\.{NAME}){{0,2}})"
QUIET = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
TEXT = re.compile(r"'(?:[^']|'')*'")
NOT_A_SOURCE = re.compile(r"\b(?:extract|trim|substring|overlay)\s*\([^()]*\)|\bdistinct\s+from\b", re.IGNORECASE)
SOURCE = re.compile(rf"\b(?:from|join)\s+{PATH}(?!\s*\()(?!\w)", re.IGNORECASE)
NOT_AN_ALIAS = r"where|group|order|limit|on|join|left|right|inner|cross|full|union"
ALSO = re.compile(rf"\s*(?:(?:as\s+)?(?!(?:{NOT_AN_ALIAS})\b)\w+)?\s*,\s*{PATH}(?!\s*\()", re.IGNORECASE)
COMMON = re.compile(rf"(?:\bwith|,)\s+(?:recursive\s+)?({NAME})(?:\s*\([^()]*\))?\s+as\s*\(", re.IGNORECASE)
DATABASE = re.compile(rf"^\s*(create|drop)\s+(?:database|schema)\s+(if\s+(?:not\s+)?exists\s+)?{PATH}", re.IGNORECASE)
TABLE = re.compile(rf"^\s*(create|drop)\s+(?:external\s+)?table\s+(if\s+(?:not\s+)?exists\s+)?{PATH}", re.IGNORECASE)
SELECTED = re.compile(r"\bas\s+((?:select|with|\(\s*select)\b.*)$", re.IGNORECASE | re.DOTALL)
STORED = re.compile(r"\bstored\s+as\s+(\w+)", re.IGNORECASE)
OPTION = re.compile(r"\b(format|external_location|table_type|location)\s*=\s*'([^']*)'", re.IGNORECASE)
LOCATION = re.compile(r"\blocation\s+'([^']*)'", re.IGNORECASE)
COMMENT = re.compile(r"\bcomment\b", re.IGNORECASE)
PARTITIONED_AS = re.compile(r"\bpartitioned_by\s*=\s*array\s*\[([^\]]*)\]", re.IGNORECASE)
PARTITIONED = re.compile(r"\bpartitioned\s+by\s*\(", re.IGNORECASE)
SERDES = {"parquet": "parquet", "orc": "orc", "avro": "avro", "json": "json", "opencsv": "csv", "lazysimple": "csv"}
KINDS = {
    "select": "DML",
    "with": "DML",
    "insert": "DML",
    "unload": "DML",
    "merge": "DML",
    "update": "DML",
    "delete": "DML",
    "values": "DML",
    "execute": "DML",
    "show": "UTILITY",
    "describe": "UTILITY",
    "explain": "UTILITY",
    "prepare": "UTILITY",
    "deallocate": "UTILITY",
}
"""The type of a statement, by its first word; whatever else there is changes the catalog."""

Path = tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Change:
    """What a statement does to the catalog.

    Attributes:
        drops: whether it takes away.
        lenient: whether it does not mind that there is none, or one already.
        database: the name of a database that is changed; empty for a table.
        table: the path of the table.
        columns: names and types.
        partitions: names, and types where they are told.
        location: where its files are, if that is told.
        format: how they are written.
        selected: the query that fills it.
    """

    drops: bool
    lenient: bool
    database: str = ""
    table: Path = ()
    columns: tuple[tuple[str, str], ...] = ()
    partitions: tuple[tuple[str, str], ...] = ()
    location: str = ""
    format: str = "csv"
    selected: str = ""


def kind(query: str) -> tuple[str, str]:
    """The type of a statement, and its subtype."""
    words = QUIET.sub(" ", query).strip(" (\n\t;").lower().split()
    first = words[0] if words else ""
    if first in ("with", "values"):
        return "DML", "SELECT"
    if (change := changed(query)) and change.selected:
        return "DDL", "CREATE_TABLE_AS_SELECT"
    if first in KINDS:
        return KINDS[first], first.upper()
    return "DDL", "_".join(word.upper() for word in words[:2])


def read(query: str) -> list[Path]:
    """The tables that a query reads, as it names them: with the database before it, and the catalog before that."""
    text = NOT_A_SOURCE.sub(" ", TEXT.sub("''", QUIET.sub(" ", query)))
    common = {_plain(name) for name in COMMON.findall(text)}
    found: dict[Path, None] = {}
    for match in SOURCE.finditer(text):
        named: re.Match[str] | None = match
        while named:
            path = _path(named.group(1))
            if path[-1] not in common and "information_schema" not in path:
                found[path] = None
            named = ALSO.match(text, named.end())
    return list(found)


def changed(query: str) -> Change | None:
    """What a statement does to the catalog; None where it only reads or alters."""
    text = QUIET.sub(" ", query)
    if found := DATABASE.match(text):
        verb, lenient, path = found.groups()
        return Change(verb.lower() == "drop", bool(lenient), database=_path(path)[-1])
    if not (found := TABLE.match(text)):
        return None
    verb, lenient, path = found.groups()
    if verb.lower() == "drop":
        return Change(drops=True, lenient=bool(lenient), table=_path(path))
    return _created(text[found.end() :], bool(lenient), _path(path))


def _created(text: str, lenient: bool, path: Path) -> Change:
    options = {name.lower(): value for name, value in OPTION.findall(text)}
    if selected := SELECTED.search(text):
        names = [_plain(name.strip(" '")) for name in _one(PARTITIONED_AS, text).split(",") if name.strip()]
        return Change(
            drops=False,
            lenient=lenient,
            table=path,
            partitions=tuple((name, "string") for name in names),
            location=options.get("external_location", options.get("location", "")),
            format=options.get("format", "parquet").lower().replace("textfile", "csv"),
            selected=selected.group(1),
        )
    columns = text.lstrip()
    parted = PARTITIONED.search(text)
    return Change(
        drops=False,
        lenient=lenient,
        table=path,
        columns=tuple(_columns(columns)) if columns.startswith("(") else (),
        partitions=tuple(_columns(text[parted.end() - 1 :])) if parted else (),
        location=_one(LOCATION, text),
        format=_format(text),
    )


def _one(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(1) if found else ""


def _format(text: str) -> str:
    stored = _one(STORED, text).lower()
    return next((name for word, name in SERDES.items() if word in (stored or text.lower())), "csv")


def _columns(text: str) -> Iterator[tuple[str, str]]:
    """The columns in the first brackets of a text; types may have brackets, too."""
    depth, part = 0, ""
    for sign in text:
        depth += (sign in "(<") - (sign in ")>")
        if (sign == "," and depth == 1) or depth == 0:
            name, _, kind = part.strip().partition(" ")
            if name:
                yield _plain(name), "".join(COMMENT.split(kind)[0].split()).lower()
            part = ""
            if depth == 0:
                return
        elif not (sign == "(" and depth == 1):
            part += sign


def _path(text: str) -> Path:
    return tuple(_plain(part) for part in text.split("."))


def _plain(name: str) -> str:
    return name.strip('`"').lower()
