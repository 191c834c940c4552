"""Models made better and smaller: varied, imported, pruned, compressed."""

from __future__ import annotations

from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready.foundation import Foundation


def refine(_do: Do, _base: Foundation) -> None:
    """Models made better and smaller."""
