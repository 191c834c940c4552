"""One snapshot to both reports, compared whole; `make golden` writes them anew after a change that is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Run

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("suffix", ["json", "html"])
def test_the_golden_snapshot_gives_the_golden_report(run: Run, tmp_path: Path, suffix: str) -> None:
    done = run("audit", GOLDEN / "snapshot.json", "-o", f"report.{suffix}")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"report.{suffix}").read_text("utf-8") == (GOLDEN / f"report.{suffix}").read_text("utf-8")
