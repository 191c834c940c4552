"""What the extension knows, a module a service (SageMaker: one a part of it), each with its `EXTENSION`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from readiness.emulator.door import Extension


def extensions() -> Iterator[Extension]:
    """Those of all modules here; a module may give several as `EXTENSIONS`."""
    for found in pkgutil.walk_packages(__path__, f"{__name__}."):
        if not found.ispkg:
            module = importlib.import_module(found.name)
            yield from getattr(module, "EXTENSIONS", None) or [module.EXTENSION]
