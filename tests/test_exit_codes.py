"""How the command ends: each documented exit code, by the installed command in an emulated account."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from conftest import Run
from faults.injector import Fault, injecting, refuse
from readiness.emulator import serve

HERE = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1"}
ONLY = ("--only", "alarm-actions-delivered", "--only", "root-user-protected")
REFUSED = {"sts:GetCallerIdentity": refuse("InvalidClientTokenId", 403)}
DENIED = {"cloudwatch:DescribeAlarms": refuse("AccessDenied", 403)}


@dataclasses.dataclass(frozen=True)
class Ending:
    """A scan that goes as it goes, and how it ends."""

    title: str
    code: int
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] = dataclasses.field(default_factory=lambda: HERE)
    faults: Mapping[str, Fault] = dataclasses.field(default_factory=dict)
    reports: bool = True

    def __str__(self) -> str:
        return self.title


ENDINGS = [
    Ending("all was read", 0),
    Ending("something was denied, and nobody minds", 0, faults=DENIED),
    Ending("a score that suffices", 0, ("--fail-under", "0")),
    Ending("a score that does not", 1, ("--fail-under", "70")),
    Ending("a required check that failed", 1, ("--require", "root-user-protected")),
    Ending("a gate not passed, and too much unknown", 1, ("--fail-under", "70", "--max-unknown", "0"), faults=DENIED),
    Ending("an option that there is not", 2, ("--regoin", "us-east-1"), reports=False),
    Ending("no credentials", 3, environment={"AWS_REGION": "us-east-1"}, reports=False),
    Ending("credentials that are not accepted", 3, faults=REFUSED, reports=False),
    Ending("less unknown than allowed", 0, ("--max-unknown", "1"), faults=DENIED),
    Ending("more unknown than allowed", 4, ("--max-unknown", "0"), faults=DENIED),
]


@pytest.fixture(scope="module")
def account() -> Iterator[str]:
    with serve("127.0.0.1", 0) as endpoint:
        yield endpoint


@pytest.mark.parametrize("ending", ENDINGS, ids=str)
def test_a_scan_ends_with_the_code_that_is_documented(account: str, run: Run, tmp_path: Path, ending: Ending) -> None:
    with injecting(account, ending.faults) as (endpoint, _):
        done = run("scan", *ONLY, "--endpoint-url", endpoint, *ending.options, **ending.environment)
    assert done.returncode == ending.code, done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.glob("readiness-report.*")) == (
        ["readiness-report.html", "readiness-report.json"] if ending.reports else []
    )
    told = [line for line in done.stderr.splitlines() if line.startswith("readiness: ")]
    assert bool(told) == (ending.code != 0), "who is not content says why"


def test_every_code_is_documented_and_has_its_ending(run: Run) -> None:
    """130 is that of a scan which is interrupted: `test_resume.py` and `test_cli.py` stop some."""
    told = {int(code) for code in re.findall(r"^ +(\d+)  ", run("--help").stdout, re.MULTILINE)}
    assert told == {ending.code for ending in ENDINGS} | {130}
