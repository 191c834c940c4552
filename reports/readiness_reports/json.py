"""The report as JSON: the results as they are, keys in a fixed order; `readiness schema` describes it."""

from __future__ import annotations

import msgspec

from readiness.encoding import encoded
from readiness.results import Results


def render(results: Results) -> bytes:
    """The file's content."""
    return msgspec.json.format(encoded(results), indent=2) + b"\n"
