"""Values as JSON, whatever text is in them."""

from __future__ import annotations

from typing import Any

import msgspec


def encoded(value: Any) -> bytes:
    r"""A value as JSON. Half a surrogate pair, which AWS's JSON may hold, has no form in UTF-8: it reads `\ud800`."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_spelled_out(msgspec.to_builtins(value)))


def _spelled_out(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_spelled_out(one) for one in value]
    if isinstance(value, dict):
        return {_spelled_out(name): _spelled_out(one) for name, one in value.items()}
    return value
