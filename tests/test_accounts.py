"""The emulated accounts, scanned by every check: what each shows, and that every operation is answered from state."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import pytest

from harness import ACCOUNT, IDENTITY, REGION
from readiness import packs
from readiness.accounts import Doer
from readiness.audit import audit
from readiness.emulator import emulated
from readiness.plan import plan
from readiness.results import Results
from readiness.scan import scan
from readiness.session import new_session
from readiness_mla.accounts import ACCOUNTS

VERDICTS = ["passed", "partial", "failed", "absent"]


@dataclasses.dataclass(frozen=True)
class Scanned:
    """What a scan of an account came to, and what each operation answered on the way."""

    results: Results
    answers: Mapping[str, list[dict[str, Any]]]


@functools.cache
def scanned(name: str) -> Scanned:
    library = packs.load()
    answers: dict[str, list[dict[str, Any]]] = {}

    def note(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
        answers.setdefault(f"{model.service_model.service_name}:{model.name}", []).append(answer)

    with emulated():
        session = new_session(region=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")
        ACCOUNTS[name](Doer(session), region=REGION, account=ACCOUNT, partition=IDENTITY.partition)
        session.events.register("after-call", note)
        snapshot = scan(session, IDENTITY, [REGION], library.exam.id, library.checks)
    return Scanned(audit(snapshot, library.exam, library.checks, library.checks), answers)


OPERATIONS = sorted(plan(packs.load().checks).operations)
ALWAYS_EMPTY = {"sagemaker:ListTags": "asked only of what the Tagging API shows no tags of"}
"""Operations that a scan asks where there is nothing to tell, with the reason; their own tests make them tell."""


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_answered_from_what_is_there(operation: str) -> None:
    accounts = [scanned(name).answers.get(operation, []) for name in ACCOUNTS]
    assert any(accounts), "never asked"
    if operation in ALWAYS_EMPTY:
        return
    assert any(_holds(answer) for answers in accounts for answer in answers), "no account has any of it"
    told = [answer for answers in accounts for answer in answers]
    assert any(answer != told[0] for answer in told) or not scanned("fresh").answers.get(operation), "a constant"


def _holds(answer: dict[str, Any]) -> bool:
    return any(value for value in answer.values() if not isinstance(value, bool))


@pytest.mark.parametrize("name", ACCOUNTS)
def test_all_of_an_account_is_read(name: str) -> None:
    results = scanned(name).results
    assert [(error.code, error.message) for error in results.errors] == []
    assert [check.name for check in results.checks if check.verdict == "unknown"] == []
    assert results.score.low == results.score.high


def test_an_account_where_nothing_was_built_scores_nothing() -> None:
    results = scanned("fresh").results
    assert results.score.low == 0.0
    assert not [check.id for check in results.checks if check.verdict in ("passed", "partial")]
    good = [(check.id, finding) for check in results.checks for finding in check.findings if finding.good]
    assert not good
    assert {check.name for check in results.checks if check.verdict != "absent"} <= {"root-user-protected"}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_account_of_somebody_half_way_shows_every_verdict(verdict: str) -> None:
    assert verdict in {check.verdict for check in scanned("halfway").results.checks}


def test_something_was_tried_in_every_section_half_way() -> None:
    results = scanned("halfway").results
    assert 0 < results.score.low < 100
    for section in (section for domain in results.domains for section in domain.sections):
        assert section.score is not None, section.id
        assert section.score.low > 0, section.id


def test_who_is_ready_has_all_points() -> None:
    results = scanned("ready").results
    flaws = {
        check.name: [finding.note for finding in check.findings if not finding.good] or check.verdict
        for check in results.checks
        if check.verdict != "passed"
    }
    assert flaws == {}
    assert results.score.low == 100.0
