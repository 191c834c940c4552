"""The benchmark runs, on the small account; what it counts is asserted, what it times is not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parent.parent / "benchmarks" / "run.py"


@pytest.fixture(scope="module")
def rows() -> dict[str, float]:
    """The figures of one run by their names."""
    command = [sys.executable, str(RUN), "--size", "small", "--latency", "0.001", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return {row["figure"]: row["value"] for row in json.loads(done.stdout)}


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("small: identical calls", 0),
        ("small: calls that the server did not know", 0),
        ("clients made / services asked", 1),
    ],
)
def test_counts_that_are_known(rows: dict[str, float], figure: str, value: float) -> None:
    assert rows[figure] == value


def test_no_more_calls_than_lists_pages_and_details_need(rows: dict[str, float]) -> None:
    assert 0 < rows["small: calls / most that lists, pages and details need"] <= 1
