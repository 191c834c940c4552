"""Gates and exit codes, by the installed command on a snapshot that is kept."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import msgspec
import pytest

from conftest import Run, decoded
from readiness.snapshot import CallError, Reading, Snapshot, load

GOLDEN = Path(__file__).parent / "golden" / "snapshot.json"


@dataclasses.dataclass(frozen=True)
class Gate:
    """Options, and how the command ends: its code, and what it says of why."""

    options: tuple[str, ...]
    code: int
    says: str = ""

    def __str__(self) -> str:
        return " ".join(self.options) or "none"


GATES = [
    Gate((), 0),
    Gate(("--fail-under", "30"), 0),
    Gate(("--fail-under", "0"), 0),
    Gate(("--fail-under", "70"), 1, "total: 35."),
    Gate(("--fail-under", "3.2=20", "--fail-under", "d1=10"), 0),
    Gate(("--fail-under", "3.2=60"), 1, "3.2: 27.7"),
    Gate(("--fail-under", "d2=90", "--fail-under", "10"), 1, "d2: "),
    Gate(("--require", "endpoint-autoscaling-registered"), 1, "is required and is partial"),
    Gate(("--require", "avro-data"), 1, "is required and is absent"),
    Gate(("--require", "budget-with-*"), 0),
    Gate(("--max-unknown", "0"), 0),
    Gate(("--fail-under", "3.9=60"), 2, "did you mean 3."),
    Gate(("--fail-under", "much"), 2, "a score from 0 to 100"),
    Gate(("--fail-under", "101"), 2, "a score from 0 to 100"),
    Gate(("--fail-under", "nan"), 2, "a score from 0 to 100"),
    Gate(("--require", "endpoint-autoscaling-registred"), 2, "did you mean"),
    Gate(("--only", "1.1", "--require", "avro-data"), 1, "is required and is absent"),
    Gate(("--only", "1.2", "--require", "avro-data"), 2, "is not selected"),
    Gate(("--max-unknown", "-1"), 2, "max-unknown"),
]


@pytest.mark.parametrize("gate", GATES, ids=str)
def test_gate(gate: Gate, run: Run, tmp_path: Path) -> None:
    done = run("audit", GOLDEN, "-o", "report.json", *gate.options)
    assert done.returncode == gate.code, done.stderr
    assert gate.says in done.stderr
    assert (tmp_path / "report.json").exists() == (gate.code in (0, 1))


def without_sagemaker(snapshot: Snapshot) -> Snapshot:
    """As if SageMaker's lists had been denied."""
    error = CallError("sagemaker:ListEndpoints", "us-east-1", "AccessDeniedException", "no")
    denied = {"us-east-1": Reading(errors=[error])}
    readings = {kind: denied if kind.startswith("sagemaker.") else found for kind, found in snapshot.readings.items()}
    return msgspec.structs.replace(snapshot, readings=readings)


UNREAD = [
    Gate((), 0),
    Gate(("--max-unknown", "200"), 0),
    Gate(("--max-unknown", "3"), 4, "3 may be"),
    Gate(("--require", "endpoint-autoscaling-registered"), 1, "is required and is unknown"),
    Gate(("--max-unknown", "3", "--fail-under", "90"), 1, "though it may be up to"),
]


@pytest.mark.parametrize("gate", UNREAD, ids=str)
def test_what_was_not_read_passes_no_gate(gate: Gate, run: Run, tmp_path: Path) -> None:
    (tmp_path / "denied.json").write_bytes(without_sagemaker(load(GOLDEN)).encode())
    done = run("audit", "denied.json", "-o", "report.json", *gate.options)
    assert done.returncode == gate.code, done.stderr
    assert gate.says in done.stderr
    assert decoded(tmp_path / "report.json").score.low < decoded(tmp_path / "report.json").score.high


def test_a_mute_opens_no_gate(run: Run) -> None:
    done = run("audit", GOLDEN, "-o", "report.json", "--mute", "avro-data", "--require", "avro-data")
    assert done.returncode == 1
    assert "is required and is absent" in done.stderr
