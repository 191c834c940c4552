"""The user's configuration: `readiness.toml`, or `[tool.readiness]` in `pyproject.toml`, in the current folder."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from readiness.check import Check
from readiness.errors import UsageError, closest
from readiness.kinds import derivation_of
from readiness.record import Settings


class Config(msgspec.Struct, frozen=True):
    """What may be set for the engine; `tables` holds the settings of checks, by table name."""

    checks: list[str] = []
    only: list[str] = []
    skip: list[str] = []
    mute: list[str] = []
    tables: dict[str, dict[str, Any]] = {}
    origin: str = ""


def load(folder: Path) -> Config:
    """Read the configuration of a folder; `readiness.toml` goes before `pyproject.toml`.

    Raises:
        UsageError: the file is no TOML, or a value is of the wrong type.
    """
    for name, inside in (("readiness.toml", ()), ("pyproject.toml", ("tool", "readiness"))):
        file = folder / name
        if not file.is_file():
            continue
        try:
            table: Any = tomllib.loads(file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
            raise UsageError(f"can't read {name}: {problem}") from problem
        for key in inside:
            table = table.get(key, {})
            if not isinstance(table, dict):
                raise UsageError(f"{name}: {key} is no table")
        if table or name == "readiness.toml":
            return _config(table, name)
    return Config()


def _config(table: Mapping[str, Any], origin: str) -> Config:
    tables = {name: value for name, value in table.items() if isinstance(value, dict)}
    own = {name: value for name, value in table.items() if name not in tables}
    known = [name for name in Config.__struct_fields__ if name not in ("tables", "origin")]
    for name in own:
        if name not in known:
            raise UsageError(f"{origin}: unknown key {name!r}{closest(name, known)}")
    try:
        return msgspec.convert({**own, "tables": tables, "origin": origin}, Config)
    except msgspec.ValidationError as problem:
        raise UsageError(f"{origin}: {problem}") from problem


def table_name(setting: type[Settings]) -> str:
    """The table of a settings class: `cost-tags` for `CostTags`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", setting.__name__).lower()


def settings(config: Config, checks: Iterable[Check]) -> dict[type[Settings], Settings]:
    """The configured settings of all these checks.

    Raises:
        UsageError: a table belongs to no check, or does not fit the settings that it names.
    """
    known: dict[str, type[Settings]] = {}
    for check in checks:
        asks = [check.asks, *(asked for kind in check.kinds if (asked := derivation_of(kind)))]
        for setting in (setting for asked in asks for setting in asked.settings.values()):
            known[table_name(setting)] = setting
    found: dict[type[Settings], Settings] = {}
    for name, values in config.tables.items():
        if name not in known:
            raise UsageError(f"{config.origin}: no check has settings named {name!r}{closest(name, known)}")
        try:
            found[known[name]] = msgspec.convert(values, known[name])
        except msgspec.ValidationError as problem:
            raise UsageError(f"{config.origin}: [{name}]: {problem}") from problem
    return found
