"""Data where it comes from: file systems, streams, queries, crawlers, flows."""

from __future__ import annotations

from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready.foundation import Foundation


def collect(_do: Do, _base: Foundation) -> None:
    """Data where it comes from."""
