"""Policy documents, snapshots and records of any shape: read, or unknown, and never a crash or good news."""

from __future__ import annotations

import json
import urllib.parse
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import IDENTITY, NOW, REGION
from hostile.seeds import LIBRARY, audited, golden
from hostile.texts import TEXTS
from readiness.audit import judge
from readiness.aws import access
from readiness.errors import UsageError
from readiness.snapshot import CallError, Reading, Snapshot, load
from readiness.view import View
from readiness_reports import html
from readiness_reports import json as report

FUZZ = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
TEXT = st.one_of(st.sampled_from(sorted(TEXTS.values())), st.text(max_size=20))
ANYTHING = st.recursive(
    SCALARS | TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
PATTERNS = st.sampled_from(
    ["*", "*:*", "", ":", "s3:*", "iam:Pass*", "S3:GETOBJECT", "nope:*", "a:b:c", "?", "iam:[a-z]", "*" * 30]
)
ARNS = st.sampled_from(
    ["*", "arn:*", "arn:aws:s3:::*", "arn:aws:iam::*:role/*", "arn:::::", "${aws:username}", "arn:aws:s3:::a/${x", "?"]
)


def one_or_many(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | st.lists(values | ANYTHING, max_size=3)


STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]) | ANYTHING},
    optional={
        "Action": one_or_many(PATTERNS),
        "NotAction": one_or_many(PATTERNS),
        "Resource": one_or_many(ARNS),
        "NotResource": one_or_many(ARNS),
        "Principal": st.just("*") | st.dictionaries(st.sampled_from(["AWS", "Service"]), one_or_many(TEXT)) | ANYTHING,
        "NotPrincipal": ANYTHING,
        "Condition": st.dictionaries(TEXT, st.dictionaries(TEXT, one_or_many(TEXT), max_size=2) | ANYTHING, max_size=2)
        | ANYTHING,
    },
)
DOCUMENTS = (
    st.fixed_dictionaries(
        {"Statement": st.lists(STATEMENTS, max_size=3) | STATEMENTS | ANYTHING},
        optional={"Version": st.sampled_from(["2008-10-17", "2012-10-17", "3000-01-01"]) | ANYTHING},
    )
    | ANYTHING
)


def ways(document: Any) -> list[Any]:
    """A document as a value and as the texts in which AWS hands it out."""
    text = json.dumps(document)
    return [document, text, urllib.parse.quote(text)]


def read(document: Any) -> list[access.Statement] | None:
    """The statements of a document, or nothing where it is refused as it must be."""
    try:
        return access.statements(document)
    except (TypeError, ValueError):
        return None


@FUZZ
@given(DOCUMENTS)
def test_any_document_is_read_the_same_in_any_form(document: Any) -> None:
    if isinstance(document, str):
        read(document)
        return
    plain, text, encoded = (read(one) for one in ways(document))
    assert plain == text == encoded
    assert (plain is not None) == isinstance(document, dict)
    for statement in plain or []:
        assert statement.effect in ("Allow", "Deny")
        assert isinstance(statement.everything, bool)
        assert all(isinstance(action, str) for action in (*statement.actions, *statement.not_actions))


@FUZZ
@given(st.lists(DOCUMENTS, max_size=3), st.none() | DOCUMENTS)
def test_what_any_documents_grant_can_be_told(documents: list[Any], boundary: Any) -> None:
    if any(read(one) is None for one in (*documents, *([] if boundary is None else [boundary]))):
        with pytest.raises((TypeError, ValueError)):
            access.grants(documents, boundary)
        return
    found = access.grants(documents, boundary)
    assert found.actions <= access.grants([{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]).actions
    assert {action for action in found.reading if ":" in action} <= found.actions
    access.rewrites_itself(documents, "arn:aws:iam::123456789012:role/a", ["arn:aws:iam::123456789012:policy/b"])


def test_no_effect_but_the_two_of_the_grammar_counts() -> None:
    for effect in ("allow", "ALLOW", "", None, True, ["Allow"], {"Allow": 1}, 1):
        assert access.statements(_document(Effect=effect)) == []


def _document(**changes: Any) -> dict[str, Any]:
    return {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", **changes}}


NOT_READ = {
    "nothing": None,
    "an empty text": "",
    "no JSON": "<html>",
    "a list": "[1]",
    "a number": "7",
    "text in text": json.dumps(json.dumps(_document())),
    "not a number": "NaN",
    "an unending number": "1" * 5000,
    "half of an encoding": "%7B%22Statement%2",
    "controls": "\x00\x1b[31m",
    "nested": "[" * 100_000,
}


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_no_document_is_refused(name: str) -> None:
    for judged_by in (access.statements, access.administers, lambda one: access.grants([one])):
        with pytest.raises((TypeError, ValueError)):
            judged_by(NOT_READ[name])


NOTHING_SAID: dict[str, Any] = {
    "nothing": {},
    "half of a pair": '{"Statement": "\\ud800"}',
    "statements in lists of lists": {"Statement": [[_document()["Statement"]]]},
    "a statement that is a text": {"Statement": "Allow"},
}


@pytest.mark.parametrize("name", NOTHING_SAID)
def test_what_has_no_statement_grants_nothing(name: str) -> None:
    assert access.statements(NOTHING_SAID[name]) == []
    assert not access.administers(NOTHING_SAID[name])
    assert access.grants([NOTHING_SAID[name]]).actions == frozenset()


@pytest.mark.parametrize(
    ("changes", "everything"),
    [
        ({}, True),
        ({"Sid": None}, True),
        ({"Version": 7}, True),
        ({"Action": ["*"]}, True),
        ({"Action": [7, "*", None]}, True),
        ({"Action": {"*": "*"}}, False),
        ({"Action": None, "NotAction": "s3:*"}, True),
        ({"Action": None, "NotAction": ["iam:*"]}, False),
        ({"Resource": None, "NotResource": "arn:aws:s3:::a"}, True),
        ({"Resource": {"*": 1}}, False),
        ({"Effect": "Deny"}, False),
        ({"Condition": "always"}, True),
        ({"Condition": {"StringEquals": "x"}}, True),
        ({"Condition": {"StringEquals": {"aws:ResourceTag/a": "b"}}}, False),
    ],
    ids=str,
)
def test_odd_statements_are_read_for_what_they_say(changes: dict[str, Any], everything: bool) -> None:
    for document in ways(_document(**changes)):
        assert access.administers(document) is everything


def loaded(folder: Path, content: bytes) -> Snapshot | None:
    """The snapshot in a file, or nothing where it is refused as it must be."""
    file = folder / "account.json"
    file.write_bytes(content)
    try:
        return load(file)
    except UsageError:
        return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("snapshots")


@FUZZ
@given(data=st.data())
def test_any_value_in_any_place_is_read_or_refused(data: st.DataObject, folder: Path) -> None:
    plain = json.loads(msgspec.json.encode(golden()))
    place: Any = plain
    for _ in range(data.draw(st.integers(0, 5))):
        inner = [one for one in (place.values() if isinstance(place, dict) else place) if isinstance(one, dict | list)]
        if not inner:
            break
        place = data.draw(st.sampled_from(inner))
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    if keys:
        place[data.draw(st.sampled_from(keys))] = data.draw(ANYTHING)
    try:
        content = json.dumps(plain, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return
    if (made := loaded(folder, content)) is not None:
        judged(made)


def judged(made: Snapshot) -> None:
    """The real checks and both reports over a snapshot."""
    results = audited(made)
    assert 0 <= results.score.low <= results.score.high <= 100
    html.render(results)
    report.render(results)


@FEW
@given(data=st.data())
def test_records_of_any_shape_are_judged_or_unknown(data: st.DataObject) -> None:
    made = golden()
    records = [
        record for by_region in made.readings.values() for reading in by_region.values() for record in reading.records
    ]
    for record in data.draw(st.lists(st.sampled_from([one for one in records if one]), min_size=1, max_size=5)):
        record[data.draw(st.sampled_from(sorted(record)))] = data.draw(ANYTHING | DOCUMENTS)
    judged(made)


@pytest.mark.parametrize("records", [[{}], [None], ["x"], [7], [[]], [{"Nope": 1}], [{"Name": {"Name": {}}}]], ids=str)
def test_records_that_no_kind_has_make_nothing_better(records: list[Any]) -> None:
    before = {check.id: check.measured for check in audited(_empty([])).checks}
    after = audited(_empty(records))
    for check in after.checks:
        if before[check.id] != "passed":
            assert check.measured != "passed" or check.kind == "practice", check
    judged(_empty(records))


def _empty(records: list[Any]) -> Snapshot:
    made = golden()
    for by_region in made.readings.values():
        for region in by_region:
            by_region[region] = Reading(records=list(records))
    return made


@pytest.mark.parametrize("check", LIBRARY.checks, ids=lambda check: check.name)
def test_where_nothing_was_read_nothing_is_said(check: Any) -> None:
    error = CallError("s3:ListBuckets", REGION, "\x1b[31m<b>", "\ud800")
    readings = {
        kind: {region: Reading(errors=[error]) for region in regions} for kind, regions in golden().readings.items()
    }
    for known in (readings, {}):
        assert judge(check, View(known, IDENTITY, NOW, {}), [REGION]).verdict == "unknown"
