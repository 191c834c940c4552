"""Files in the emulated S3: what lies under an address, and its rows where they are text that can be read."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from readiness.emulator.call import Call

Row = dict[str, str | None]
SEPARATORS = {".csv": ",", ".tsv": "\t"}
LINES = (".json", ".jsonl")


def files(call: Call, uri: str) -> list[Any] | None:
    """The objects at an address, or under it; None where there is no such bucket.

    Args:
        call: who asks.
        uri: `s3://bucket/prefix`, in any of Spark's spellings.
    """
    bucket, _, prefix = uri.partition("://")[2].partition("/")
    found = call.backend("s3").buckets.get(bucket)
    if found is None:
        return None
    return [key for name, key in found.keys.items() if name.startswith(prefix) and not name.endswith("/")]


def size(objects: Iterable[Any]) -> int:
    """How many bytes objects hold together."""
    return sum(found.size for found in objects)


def rows(objects: Sequence[Any], columns: Sequence[str] = ()) -> list[Row] | None:
    """The rows of CSV, TSV and JSON lines; None where an object is something else, or where there is none.

    Args:
        objects: the files.
        columns: how the columns of a file without a header are called.
    """
    found: list[Row] = []
    for one in objects:
        text, ending = _text(one)
        if ending in SEPARATORS:
            found += _separated(text, SEPARATORS[ending], columns)
        elif ending in LINES:
            records = [record for line in text.splitlines() if (record := _record(line))]
            found += [{name: _value(value) for name, value in record.items()} for record in records]
        else:
            return None
    return found if objects else None


def _text(one: Any) -> tuple[str, str]:
    """What an object holds, and how its name ends."""
    name: str = one.name.lower()
    value: bytes = one.value
    if name.endswith(".gz"):
        name, value = name.removesuffix(".gz"), gzip.decompress(value)
    return value.decode(errors="replace"), name[name.rfind(".") :] if "." in name else ""


def _separated(text: str, separator: str, columns: Sequence[str]) -> list[Row]:
    """The first line is a header unless names are known and are others."""
    lines = list(csv.reader(io.StringIO(text), delimiter=separator))
    names = [name.strip() for name in lines[0]] if lines else []
    if columns and [name.lower() for name in names] != [name.lower() for name in columns]:
        names = list(columns)
    else:
        lines = lines[1:]
    return [dict(zip(names, (value or None for value in line), strict=False)) for line in lines if line]


def _record(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _value(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
