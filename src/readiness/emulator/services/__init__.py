"""What the extension knows, a module a service (SageMaker: one a part of it), each with its `EXTENSION`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from readiness.emulator.door import Extension


def told() -> Iterator[tuple[ModuleType, Extension]]:
    """Each module here with its extension; one may give several as `EXTENSIONS`, or none if others build on it."""
    for found in pkgutil.walk_packages(__path__, f"{__name__}."):
        module = importlib.import_module(found.name)
        if extension := getattr(module, "EXTENSION", None):
            yield module, extension
        yield from ((module, one) for one in getattr(module, "EXTENSIONS", ()))
