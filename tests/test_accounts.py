"""The demo account, scanned by every check, and the account in which nobody built anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore import xform_name

from harness import ACCOUNT, IDENTITY, REGION
from readiness import packs
from readiness.audit import audit
from readiness.emulator import emulated
from readiness.results import Results
from readiness.scan import scan
from readiness.session import new_session
from readiness.snapshot import Snapshot
from readiness_mla.accounts.halfway import halfway

Fill = Callable[..., None]

NOT_EMULATED = {"NotImplementedError", "404", "501"}
"""How moto says that it lacks an operation, or a whole service."""


def nothing(*_: Any, **__: str) -> None:
    pass


def gathered(fill: Fill) -> Snapshot:
    library = packs.load()
    with emulated():
        session = new_session(region=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")
        fill(_doer(session), region=REGION, account=ACCOUNT, partition=IDENTITY.partition)
        return scan(session, IDENTITY, [REGION], library.exam.id, library.checks)


def results(fill: Fill) -> Results:
    library = packs.load()
    return audit(gathered(fill), library.exam, library.checks, library.checks)


def _doer(session: boto3.Session) -> Callable[..., dict[str, Any]]:
    def do(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        client: Any = session.client(service)
        answer: dict[str, Any] = getattr(client, xform_name(operation))(**parameters)
        return answer

    return do


@pytest.fixture(scope="module")
def half() -> Results:
    return results(halfway)


@pytest.fixture(scope="module")
def empty() -> Results:
    return results(nothing)


@pytest.mark.parametrize("verdict", ["passed", "partial", "failed", "absent", "unknown"])
def test_the_account_shows_every_verdict(half: Results, verdict: str) -> None:
    assert verdict in {check.verdict for check in half.checks}


def test_the_account_is_half_way(half: Results) -> None:
    assert 0 < half.score.low < half.score.high < 100


def test_something_was_tried_in_every_section(half: Results) -> None:
    sections = [section for domain in half.domains for section in domain.sections]
    for section in sections:
        assert section.score is not None, section.id
        assert section.score.low > 0, section.id


@pytest.mark.parametrize("account", ["half", "empty"])
def test_only_what_the_emulator_lacks_is_not_read(account: str, request: pytest.FixtureRequest) -> None:
    found: Results = request.getfixturevalue(account)
    others = [error for error in found.errors if error.code not in NOT_EMULATED]
    assert not others


def test_an_account_where_nothing_was_built_earns_nothing(empty: Results) -> None:
    assert empty.score.low == 0.0
    assert not [check.id for check in empty.checks if check.verdict in ("passed", "partial")]
    good = [(check.id, finding) for check in empty.checks for finding in check.findings if finding.good]
    assert not good
    judged = {check.name for check in empty.checks if check.verdict not in ("absent", "unknown")}
    assert judged <= {"root-user-protected"}


def test_where_nothing_was_built_and_all_was_read_the_score_is_exactly_0(empty: Results) -> None:
    library = packs.load()
    unread = {check.id for check in empty.checks if check.verdict == "unknown"}
    read = [check for check in library.checks if check.id not in unread]
    assert len(read) > len(library.checks) / 2
    score = audit(gathered(nothing), library.exam, read, read).score
    assert (score.low, score.high, score.seen) == (0.0, 0.0, 1.0)
