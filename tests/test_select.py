from __future__ import annotations

import pytest

from readiness import packs
from readiness.errors import UsageError
from readiness.select import matching, select

LIBRARY = packs.load()
ALL = {check.name for check in LIBRARY.checks}


def named(only: list[str], skip: list[str]) -> set[str]:
    return {check.name for check in select(LIBRARY.checks, LIBRARY.exam, only, skip)}


def speaking(*prefixes: str) -> set[str]:
    """The names of the checks that speak for a statement whose id begins so."""
    return {check.name for check in LIBRARY.checks if any(one.startswith(prefixes) for one in check.statements)}


SELECTIONS: list[tuple[str, list[str], list[str], set[str]]] = [
    ("nothing said", [], [], ALL),
    ("a name", ["csv-or-json-data"], [], {"csv-or-json-data"}),
    ("an id", ["mla/csv-or-json-data"], [], {"csv-or-json-data"}),
    ("a glob over names", ["*-data"], [], {name for name in ALL if name.endswith("-data")}),
    ("a glob over ids", ["mla/*"], [], ALL),
    ("a statement", ["4.2-S2"], [], {check.name for check in LIBRARY.checks if "4.2-S2" in check.statements}),
    ("a section", ["2.4"], [], speaking("2.4-")),
    ("a domain", ["d1"], [], speaking("1.")),
    ("two patterns", ["2.4", "csv-or-json-data"], [], speaking("2.4-") | {"csv-or-json-data"}),
    ("all but a section", [], ["2.4"], ALL - speaking("2.4-")),
    ("a domain but a section", ["d1"], ["1.3"], speaking("1.") - speaking("1.3-")),
    ("skip goes before only", ["csv-or-json-data"], ["d1"], set()),
]


@pytest.mark.parametrize(("only", "skip", "names"), [row[1:] for row in SELECTIONS], ids=[row[0] for row in SELECTIONS])
def test_selection(only: list[str], skip: list[str], names: set[str]) -> None:
    assert named(only, skip) == names


def test_a_statement_is_not_taken_for_another_that_it_begins() -> None:
    longer = {check.name for check in matching(LIBRARY.checks, LIBRARY.exam, "4.2-S1")}
    assert longer == {check.name for check in LIBRARY.checks if "4.2-S1" in check.statements}
    assert longer != speaking("4.2-S1")


def test_the_order_is_that_of_the_checks() -> None:
    forth = select(LIBRARY.checks, LIBRARY.exam, ["d4", "d1"])
    assert forth == select(LIBRARY.checks, LIBRARY.exam, ["d1", "d4"])
    assert list(forth) == [check for check in LIBRARY.checks if check in forth]


@pytest.mark.parametrize("only", [True, False], ids=["only", "skip"])
@pytest.mark.parametrize(
    ("pattern", "near"),
    [
        ("csv-or-jsn-data", "did you mean csv-or-json-data?"),
        ("4.2-S22", "did you mean 4.2-S2?"),
        ("d9", "d9"),
        ("zzz*", "zzz*"),
        ("", "''"),
        ("CSV-OR-JSON-DATA", "CSV-OR-JSON-DATA"),
    ],
)
def test_a_pattern_that_names_nothing(pattern: str, near: str, only: bool) -> None:
    with pytest.raises(UsageError) as caught:
        named([pattern] if only else [], [] if only else [pattern])
    assert near in str(caught.value)
    assert "\n" not in str(caught.value)
