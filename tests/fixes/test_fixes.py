"""Fixes are run by the real AWS CLI in an emulated account, and turn the verdict as they promise."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from fixes.trying import Try, commands, tried
from readiness import packs

CHECKS = {check.name: check for check in packs.load().checks}
SECTIONS = sorted(path.stem for path in Path(__file__).parent.glob("s[0-9][0-9].py"))
TRIES: list[Try] = [case for name in SECTIONS for case in importlib.import_module(f"fixes.{name}").TRIES]
BY_CHECK = {case.check: case for case in TRIES}


def test_every_check_of_these_sections_has_its_try() -> None:
    assert len(BY_CHECK) == len(TRIES), "one is there twice"
    theirs = {
        name
        for name, check in CHECKS.items()
        if check.function.__module__.rpartition(".")[2].partition("_")[0] in SECTIONS
    }
    assert sorted(BY_CHECK) == sorted(theirs)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_what_a_fix_tells_to_run_can_be_read(name: str) -> None:
    for arguments in commands(CHECKS[name].docs.fix):
        assert arguments[0] == "aws"
        # What one shell knows another does not; to write into a file is known to all.
        assert not {"&&", ";", "<"}.intersection(arguments)
        assert "|" not in arguments or name not in BY_CHECK or BY_CHECK[name].cannot
        assert ">" not in arguments[:-2]


@pytest.mark.parametrize("case", [case for case in TRIES if not case.cannot], ids=str)
def test_a_fix_does_what_it_promises(case: Try, tmp_path: Path) -> None:
    tried(CHECKS[case.check], case, tmp_path)


@pytest.mark.parametrize("case", [case for case in TRIES if case.cannot], ids=str)
def test_what_can_not_be_tried_says_why(case: Try) -> None:
    assert len(case.cannot.split()) > 3
