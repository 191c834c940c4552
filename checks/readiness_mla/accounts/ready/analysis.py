"""Models compared: in the shadow of another, with runs that can be repeated."""

from __future__ import annotations

from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready.foundation import Foundation


def analyze(_do: Do, _base: Foundation) -> None:
    """Models compared."""
