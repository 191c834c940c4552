"""A snapshot from someone else is data: read as what it is, or refused by the installed command in one line."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conftest import Run
from hostile.seeds import golden
from hostile.texts import TEXTS

PLAIN: dict[str, Any] = json.loads(msgspec.json.encode(golden()))
WHOLE = json.dumps(PLAIN)


class Command:
    """What unpickles into a command that is run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, ("touch hacked",))


def changed(**fields: Any) -> bytes:
    return json.dumps({**PLAIN, **fields}).encode()


def within(after: str, text: str) -> bytes:
    """The snapshot with a text behind the first place where another stands."""
    assert after in WHOLE
    return WHOLE.replace(after, after + text, 1).encode()


def reading(value: Any) -> bytes:
    return changed(readings={"s3.Bucket": {"global": value}})


REFUSED = {
    "nothing": b"",
    "binary": bytes(range(256)) * 20,
    "a program": b"\x7fELF\x02\x01\x01" + b"\x00" * 1000,
    "pickle": pickle.dumps(Command()),
    "pickle as text": pickle.dumps(Command(), protocol=0),
    "python": b"__import__('os').system('touch hacked')",
    "yaml": b"!!python/object/apply:os.system ['touch hacked']",
    "100 MB of nesting": b"[" * 100_000_000,
    "nesting in a record": within('"records": [', "[" * 100_000 + "]" * 100_000 + ","),
    "nesting of objects": within('"records": [', '{"a":' * 100_000 + "1" + "}" * 100_000 + ","),
    "another coding": WHOLE.encode("utf-16"),
    "a mark of order": b"\xef\xbb\xbf" + WHOLE.encode(),
    "half of a pair": within('"account": "', "\\ud800"),
    "a bare control": within('"account": "', "\x1b"),
    "two snapshots": (WHOLE + WHOLE).encode(),
    "a comment": b"// a\n" + WHOLE.encode(),
    "NaN": within('"calls": {', '"a": NaN,'),
    "infinity": within('"calls": {', '"a": Infinity,'),
    "a number too large": within('"calls": {', '"a": 1e999,'),
    "a number of 100,000 digits": within('"records": [', "9" * 100_000 + ","),
    "part of a call": changed(calls={"s3:ListBuckets": 1.5}),
    "calls beyond count": within('"calls": {', f'"a": {10**400},'),
    "less than no calls": within('"calls": {', '"a": -5,'),
    "text that is not UTF-8": WHOLE.replace('"exam": "', '"exam": "\udcff').encode("utf-8", "surrogateescape"),
    "a moment before all others": changed(scanned_at="0001-01-01T00:00:00+14:00"),
    "a moment after all others": changed(scanned_at="9999-12-31T23:59:59-14:00"),
    "a moment nobody knows where": changed(scanned_at="2026-11-23T12:00:00"),
    "more regions than there are": changed(regions=[f"r-{number}" for number in range(3000)]),
    "calls in a list": changed(calls=["s3:ListBuckets"]),
    "no date": changed(scanned_at="today"),
    "no caller": changed(caller=None),
    "a caller that is a text": changed(caller="arn:aws:iam::123456789012:root"),
    "regions that are numbers": changed(regions=[1]),
    "a region that is a text": changed(regions="us-east-1"),
    "readings in a list": changed(readings=[]),
    "a kind that is a list": changed(readings={"s3.Bucket": []}),
    "a reading that is a list": reading([]),
    "records that are an object": reading({"records": {}}),
    "records that are a text": reading({"records": "all good"}),
    "an error that is a text": reading({"errors": ["AccessDenied"]}),
    "an error without a code": reading({"errors": [{"operation": "s3:ListBuckets", "region": "global"}]}),
    "a cut that is a number": reading({"cut": 1}),
    "a version that is true": changed(version=True),
    "a later version": changed(version=2),
    "an exam that nobody has": changed(exam="x\n\x1b[31m<b>"),
    "checks that nobody has": changed(only=["\x1b[31m\nx"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_snapshot_is_refused_in_one_line(name: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "evil.json").write_bytes(REFUSED[name])
    done = run("audit", "evil.json", "-o", "report.json")
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("readiness: ")
    assert len(done.stderr) < 1000
    assert "\x1b" not in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["evil.json"]


KEPT = {
    "as it was": WHOLE.encode(),
    "a kind that nobody knows": within('"readings": {', '"nope.Nope": {"us-east-1": {"records": [{"a": 1}]}},'),
    "a field that nobody knows": changed(more={"__class__": "os.system"}),
    "the same key twice": WHOLE.replace("{", '{"tool": "another",', 1).encode(),
    "spaces": WHOLE.encode() + b" " * 1_000_000,
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_beside_the_point_changes_no_score(name: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_bytes(KEPT[name])
    done = run("audit", "odd.json", "-o", "report.json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads((tmp_path / "report.json").read_bytes())
    wanted = json.loads((Path(__file__).parents[1] / "golden" / "report.json").read_bytes())
    assert (found["score"], found["checks"]) == (wanted["score"], wanted["checks"])


SHAPES: dict[str, Any] = {
    "nothing": None,
    "a text": "x",
    "a number": 7,
    "a list": [],
    "wrong fields": {"Name": {"Name": 1}, "Arn": [], "name": 0, "Tags": "x"},
    "deep": json.loads("[" * 500 + "]" * 500),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_record_of_the_wrong_shape_is_unknown_and_not_missing(shape: str, run: Run, tmp_path: Path) -> None:
    readings = {
        kind: {region: {"records": [SHAPES[shape]]} for region in regions}
        for kind, regions in PLAIN["readings"].items()
    }
    (tmp_path / "odd.json").write_bytes(changed(readings=readings))
    done = run("audit", "odd.json", "-o", "report.json", "-o", "report.html")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["partial"] is True
    if shape != "wrong fields":
        # Some kinds ask for so little that an odd record is one of theirs; what is no object at all is none's.
        assert {check["measured"] for check in report["checks"]} == {"unknown"}


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if "\0" not in text and text.isprintable()])
def test_a_name_of_a_file_is_told_as_text(name: str, run: Run) -> None:
    done = run("audit", TEXTS[name][:200].replace("/", "_") + ".json")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
