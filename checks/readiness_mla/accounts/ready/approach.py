"""What was tried before a model was chosen: AI services, foundation models, profiles of the data."""

from __future__ import annotations

from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready.foundation import Foundation


def choose(_do: Do, _base: Foundation) -> None:
    """What was tried before a model was chosen."""
