"""What the extension knows, a module a service (SageMaker: one a part of it), each with its `EXTENSION`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from readiness.emulator.door import Extension


def extensions() -> Iterator[Extension]:
    """Those of all modules here; one may give several as `EXTENSIONS`, or none if others build on it."""
    for found in pkgutil.walk_packages(__path__, f"{__name__}."):
        module = importlib.import_module(found.name)
        if extension := getattr(module, "EXTENSION", None):
            yield extension
        yield from getattr(module, "EXTENSIONS", ())
