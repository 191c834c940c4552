"""Data that can be trusted: encrypted stores, masked and searched, validated, balanced, in one region."""

from __future__ import annotations

from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready.foundation import Foundation


def examine(_do: Do, _base: Foundation) -> None:
    """Data that can be trusted."""
