"""Captured data against the constraints of a baseline, as Model Monitor's data quality analyzer judges it.

Judged are the columns that are there, how complete they are, their types and their categories. Distributions are not
compared: a drift within the types and categories of the baseline is not found.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Row = dict[str, str | None]
TYPES = {
    "Integral": re.compile(r"[+-]?\d+(\.0+)?$"),
    "Fractional": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"),
}
"""What values of an inferred type look like; of the others every value is one."""


def found(constraints: dict[str, Any], captured: Iterable[bytes]) -> list[dict[str, str]] | None:
    """The violations in the captured data, as the report lists them; None where nothing was captured.

    Args:
        constraints: what the baseline job suggested, as in its `constraints.json`.
        captured: files of captured invocations, a JSON object a line.
    """
    features = constraints.get("features", [])
    names = [str(feature["name"]) for feature in features]
    rows = list(_rows(captured, names))
    if not rows:
        return None
    settings = constraints.get("monitoring_config", {})
    if settings.get("evaluate_constraints") == "Disabled":
        return []
    return [*_columns(names, rows), *(one for feature in features for one in _feature(feature, rows, settings))]


def _rows(captured: Iterable[bytes], names: Sequence[str]) -> Iterator[Row]:
    for content in captured:
        for line in content.decode(errors="replace").splitlines():
            try:
                data = json.loads(line)["captureData"]
            except (ValueError, KeyError, TypeError):
                continue
            yield from _records(data, names)


def _records(data: dict[str, Any], names: Sequence[str]) -> Iterator[Row]:
    """The records of an invocation; where a record of the input lacks columns, the output is before it."""
    inputs, outputs = (_parsed(data.get(side)) for side in ("endpointInput", "endpointOutput"))
    for number, record in enumerate(inputs or outputs):
        output = outputs[number] if inputs and number < len(outputs) else None
        if isinstance(record, dict):
            yield {str(name): _text(value) for name, value in record.items()}
        else:
            values = record
            if isinstance(output, list) and len(record) < len(names):
                values = [*output, *record]
            extra = [f"_extra{place}" for place in range(len(names), len(values))]
            yield dict(zip([*names, *extra], (_text(value) for value in values), strict=False))


def _parsed(side: dict[str, Any] | None) -> list[Any]:
    """The records of a side of an invocation: lists of values, or objects."""
    if not side:
        return []
    text = side.get("data", "")
    if side.get("encoding") == "BASE64":
        text = base64.b64decode(text).decode(errors="replace")
    if side.get("encoding") == "JSON" or "json" in side.get("observedContentType", ""):
        try:
            value = json.loads(text)
        except ValueError:
            return []
        values = value if isinstance(value, list) else [value]
        return values if all(isinstance(one, dict | list) for one in values) else [values]
    return [line.split(",") for line in text.splitlines() if line.strip()]


def _text(value: Any) -> str | None:
    text = "" if value is None else str(value).strip()
    return text or None


def _violation(feature: str, check: str, description: str) -> dict[str, str]:
    return {"feature_name": feature, "constraint_check_type": check, "description": description}


def _columns(names: Sequence[str], rows: Sequence[Row]) -> Iterator[dict[str, str]]:
    there = {name for row in rows for name in row}
    if missing := [name for name in names if name not in there]:
        yield _violation("Missing columns", "missing_column_check", f"The data lacks {', '.join(missing)}.")
    if names and (extra := len(there - set(names))):
        yield _violation("Extra columns", "extra_column_check", f"The data has {extra} more columns than the baseline.")


def _feature(feature: dict[str, Any], rows: Sequence[Row], settings: dict[str, Any]) -> Iterator[dict[str, str]]:
    name = str(feature["name"])
    if not any(name in row for row in rows):
        return
    values = [value for row in rows if (value := row.get(name)) is not None]
    complete = len(values) / len(rows)
    if complete < (least := float(feature.get("completeness", 0))):
        text = f"{complete:.0%} of the values are there; the baseline has {least:.0%}."
        yield _violation(name, "completeness_check", text)
    if not values:
        return
    kind = TYPES.get(feature.get("inferred_type", ""))
    typed = sum(bool(kind is None or kind.match(value)) for value in values) / len(values)
    if typed < float(settings.get("datatype_check_threshold", 1)):
        yield _violation(name, "data_type_check", f"{typed:.0%} of the values are {feature['inferred_type']}.")
    domain = feature.get("string_constraints", {}).get("domains", [])
    known = sum(value in domain for value in values) / len(values)
    if domain and known < float(settings.get("domain_content_threshold", 1)):
        yield _violation(name, "categorical_values_check", f"{known:.0%} of the values are of the baseline.")
