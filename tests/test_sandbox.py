from __future__ import annotations

import socket
from pathlib import Path

import boto3
import pytest

from conftest import Run, decoded


def test_what_is_practised_in_a_sandbox_a_scan_sees(sandbox: dict[str, str], run: Run, tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert set(sandbox) == {"AWS_ENDPOINT_URL", *keys, "AWS_DEFAULT_REGION", "AWS_DISABLE_HOST_PREFIX_INJECTION"}
    only = ("--only", "kinesis-streaming-in-use", "--only", "endpoint-autoscaling-registered")
    before = run("scan", *only, "-o", "before.json", **sandbox)
    assert before.returncode == 0, before.stderr
    boto3.client(
        "kinesis",
        endpoint_url=sandbox["AWS_ENDPOINT_URL"],
        region_name=sandbox["AWS_DEFAULT_REGION"],
        aws_access_key_id=sandbox["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=sandbox["AWS_SECRET_ACCESS_KEY"],
    ).create_stream(StreamName="clicks", ShardCount=1)
    after = run("scan", *only, "-o", "after.json", **sandbox)
    assert after.returncode == 0, after.stderr
    verdicts = [
        {check.name: check.verdict for check in report.checks if check.verdict != "skipped"}
        for report in (decoded(tmp_path / "before.json"), decoded(tmp_path / "after.json"))
    ]
    assert verdicts == [
        {"kinesis-streaming-in-use": "absent", "endpoint-autoscaling-registered": "absent"},
        {"kinesis-streaming-in-use": "passed", "endpoint-autoscaling-registered": "absent"},
    ]


@pytest.mark.parametrize("command", ["sandbox", "demo"])
def test_an_account_that_is_not_there(run: Run, command: str) -> None:
    done = run(command, "--account", "halfwya")
    assert done.returncode == 2
    assert "did you mean halfway?" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_that_is_taken(run: Run) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        done = run("sandbox", "--account", "fresh", "--port", str(holder.getsockname()[1]))
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_demo_of_who_is_ready(run: Run, tmp_path: Path) -> None:
    done = run("demo", "--account", "ready", "-o", "report.json")
    assert done.returncode == 0, done.stderr
    report = decoded(tmp_path / "report.json")
    assert (report.score.low, report.score.high) == (100.0, 100.0)
    assert report.errors == []


def test_a_demo_of_an_account_in_which_nothing_was_built(run: Run, tmp_path: Path) -> None:
    done = run("demo", "--account", "fresh", "-o", "report.json")
    assert done.returncode == 0, done.stderr
    report = decoded(tmp_path / "report.json")
    assert report.score.low == 0
    assert not any(check.verdict == "passed" for check in report.checks)
