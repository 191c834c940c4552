"""The report as JSON: the results as they are, keys in a fixed order; `readiness schema` describes it."""

from __future__ import annotations

from typing import Any

import msgspec

from readiness.results import Results


def render(results: Results) -> bytes:
    r"""The file's content. Half a surrogate pair has no form in UTF-8, so it is spelled out as `\ud800`."""
    try:
        content = msgspec.json.encode(results)
    except UnicodeEncodeError:
        content = msgspec.json.encode(_encodable(msgspec.to_builtins(results)))
    return msgspec.json.format(content, indent=2) + b"\n"


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_encodable(one) for one in value]
    if isinstance(value, dict):
        return {_encodable(name): _encodable(one) for name, one in value.items()}
    return value
