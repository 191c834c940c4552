"""Features made: recipes step by step, Spark, streams, Data Wrangler, labels."""

from __future__ import annotations

from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready.foundation import Foundation


def transform(_do: Do, _base: Foundation) -> None:
    """Features made."""
