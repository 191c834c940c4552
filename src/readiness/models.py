"""Loads botocore's models of services: as quickly as can be, and no more of them than is declared."""

from __future__ import annotations

import gzip
import os
from collections.abc import Set
from pathlib import Path
from typing import Any

import botocore.loaders
import botocore.session
import msgspec


class Files(botocore.loaders.JSONFileLoader):  # type: ignore[misc]  # botocore has no types
    """Reads the files of models with msgspec: making clients is mostly the parsing of them."""

    def load_file(self, file_path: str) -> Any:
        """The content of a file, named without its extension, or None where there is no such file."""
        for extension, opened in ((".json", open), (".json.gz", gzip.open)):
            path = Path(file_path + extension)
            if path.is_file():
                with opened(path, "rb") as file:
                    return msgspec.json.decode(file.read())
        return None


class Models(botocore.loaders.Loader):  # type: ignore[misc]  # botocore has no types
    """The models, with the operations that may be called: others can't be, and cost a method and its text each.

    Args:
        search_path: where else than in botocore models are, as `AWS_DATA_PATH` says it.
        operations: as `service:Operation`, or None for all.
    """

    def __init__(self, search_path: str | None, operations: Set[str] | None = None) -> None:
        paths = [Path(os.path.expandvars(path)).expanduser() for path in (search_path or "").split(os.pathsep) if path]
        super().__init__(extra_search_paths=[str(path) for path in paths], file_loader=Files())
        self._operations = operations

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """A model of a service; `type_name` says of what: `service-2` is that of its operations."""
        model = super().load_service_model(service_name, type_name, api_version)
        if type_name != "service-2" or self._operations is None:
            return model
        operations = {
            name: operation
            for name, operation in model["operations"].items()
            if f"{service_name}:{name}" in self._operations
        }
        return {**model, "operations": operations}


def use(session: botocore.session.Session, operations: Set[str] | None = None) -> None:
    """Make a session load models this way; to be called before it has loaded any."""
    session.register_component("data_loader", Models(session.get_config_variable("data_path"), operations))
