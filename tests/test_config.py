from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness import Finding, Findings, Record, Settings, config, evidence, resource
from readiness.check import Check
from readiness.config import Config
from readiness.errors import UsageError


class CostTags(Settings):
    """Which tags tell who pays."""

    keys: tuple[str, ...] = ("project",)
    max_age_days: int = 30


class Room(Settings):
    """How much is enough."""

    floors: int = 1


@resource("s3", "ListBuckets")
class Bucket(Record):
    name: str


class Roomy(Record):
    """A bucket with room."""

    name: str

    @classmethod
    def derive(cls, buckets: list[Bucket], room: Room) -> Iterator[Roomy]:
        for bucket in buckets:
            yield cls(name=bucket.name * room.floors)


@evidence("1.1-S1")
def bucket_tagged(roomy: list[Roomy], tags: CostTags) -> Findings:
    """A bucket is tagged.

    Why: somebody pays.
    Fix: tag it.
    See: https://docs.aws.amazon.com/
    """
    for bucket in roomy:
        yield Finding(bucket.name, good=bool(tags.keys))


def declared(function: Any) -> Check:
    check: Check = function.check
    return check


CHECKS = [declared(bucket_tagged)]

FILES: list[tuple[str, dict[str, str], Config]] = [
    ("no file", {}, Config()),
    ("an empty file", {"readiness.toml": ""}, Config(origin="readiness.toml")),
    (
        "readiness.toml",
        {
            "readiness.toml": 'checks = ["mine"]\nonly = ["d1"]\nskip = ["1.1"]\nmute = ["x"]\n'
            '[cost-tags]\nkeys = ["a"]\n'
        },
        Config(["mine"], ["d1"], ["1.1"], ["x"], {"cost-tags": {"keys": ["a"]}}, "readiness.toml"),
    ),
    (
        "pyproject.toml",
        {"pyproject.toml": '[tool.readiness]\nonly = ["d1"]\n[tool.readiness.cost-tags]\nkeys = ["a"]\n'},
        Config(only=["d1"], tables={"cost-tags": {"keys": ["a"]}}, origin="pyproject.toml"),
    ),
    ("somebody else's pyproject.toml", {"pyproject.toml": '[project]\nname = "x"\n[tool.ruff]\n'}, Config()),
    (
        "both: readiness.toml goes before",
        {"readiness.toml": 'skip = ["d2"]', "pyproject.toml": '[tool.readiness]\nonly = ["d1"]'},
        Config(skip=["d2"], origin="readiness.toml"),
    ),
    (
        "both, readiness.toml empty: it still goes before",
        {"readiness.toml": "", "pyproject.toml": '[tool.readiness]\nonly = ["d1"]'},
        Config(origin="readiness.toml"),
    ),
]


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(("files", "wanted"), [row[1:] for row in FILES], ids=[row[0] for row in FILES])
def test_a_folder_is_read(files: dict[str, str], wanted: Config, tmp_path: Path) -> None:
    assert config.load(written(tmp_path, files)) == wanted


BROKEN = [
    ("no TOML", "readiness.toml", "only = [", "can't read readiness.toml"),
    ("not UTF-8", "readiness.toml", b"only = ['\xff']", "can't read readiness.toml"),
    ("an unknown key", "readiness.toml", "onyl = ['d1']", "unknown key 'onyl' (did you mean only?)"),
    ("a value of another type", "readiness.toml", "only = 'd1'", "Expected `array`"),
    ("an item of another type", "readiness.toml", "only = [1]", "Expected `str`"),
    ("a key that is not the user's", "readiness.toml", "origin = 'elsewhere'", "unknown key 'origin'"),
    ("no TOML in pyproject.toml", "pyproject.toml", "[tool", "can't read pyproject.toml"),
    ("a key of pyproject.toml", "pyproject.toml", "[tool.readiness]\nonyl = []", "pyproject.toml: unknown key 'onyl'"),
    ("tool is no table", "pyproject.toml", "tool = 1", "pyproject.toml"),
    ("tool.readiness is no table", "pyproject.toml", "[tool]\nreadiness = 1", "pyproject.toml"),
]


@pytest.mark.parametrize(("name", "text", "told"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_file_is_told_in_one_line(name: str, text: str | bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError) as caught:
        config.load(tmp_path)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


TABLES: list[tuple[str, dict[str, dict[str, Any]], dict[type[Settings], Settings]]] = [
    ("none", {}, {}),
    (
        "a check's",
        {"cost-tags": {"keys": ["team"], "max-age-days": 7}},
        {CostTags: CostTags(keys=("team",), max_age_days=7)},
    ),
    (
        "part of one: the rest keeps its default",
        {"cost-tags": {"max-age-days": 7}},
        {CostTags: CostTags(max_age_days=7)},
    ),
    ("that of a kind that a check rests on", {"room": {"floors": 2}}, {Room: Room(floors=2)}),
]


@pytest.mark.parametrize(("tables", "wanted"), [row[1:] for row in TABLES], ids=[row[0] for row in TABLES])
def test_tables_become_settings(tables: dict[str, dict[str, Any]], wanted: dict[type[Settings], Settings]) -> None:
    assert config.settings(Config(tables=tables), CHECKS) == wanted


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({"cost-tag": {}}, "no check has settings named 'cost-tag' (did you mean cost-tags?)"),
        ({"cost-tags": {"key": ["a"]}}, "[cost-tags]: Object contains unknown field `key`"),
        ({"cost-tags": {"keys": "a"}}, "[cost-tags]: Expected `array`"),
        ({"room": {"floors": "two"}}, "[room]: Expected `int`"),
    ],
)
def test_tables_that_do_not_fit(tables: dict[str, dict[str, Any]], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        config.settings(Config(tables=tables, origin="readiness.toml"), CHECKS)
    assert str(caught.value).startswith("readiness.toml: ")
    assert told in str(caught.value)


@pytest.mark.parametrize(("setting", "name"), [(CostTags, "cost-tags"), (Room, "room")])
def test_a_table_is_named_by_its_class(setting: type[Settings], name: str) -> None:
    assert config.table_name(setting) == name
