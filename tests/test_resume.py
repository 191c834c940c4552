"""Scans that do not end: what is on disk then, and how another goes on from there."""

from __future__ import annotations

import collections
import http.server
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from conftest import Run, decoded
from harness import ACCOUNT, REGION
from readiness.accounts import Doer
from readiness.emulator import serve
from readiness.errors import UsageError
from readiness.snapshot import Snapshot, load
from readiness_mla.accounts import ACCOUNTS

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
ONLY = ("--only", "3.2", "--only", "4.1")


class Stopping(http.server.ThreadingHTTPServer):
    """Passes so many requests on to the emulated account; the others hang until it is told to go on."""

    def __init__(self, target: str, passing: int) -> None:
        self.target = target
        self.passing = passing
        self.asked: collections.Counter[str] = collections.Counter()
        self.go_on = threading.Event()
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Passing)
        self.daemon_threads = True
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Passing(http.server.BaseHTTPRequestHandler):
    server: Stopping

    def do_POST(self) -> None:  # the name that the standard library asks for
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            self.server.passing -= 1
            hangs = self.server.passing < 0
            self.server.asked[f"{self.command} {self.path} {self.headers.get('X-Amz-Target')} {body!r}"] += 1
        if hangs and not self.server.go_on.is_set():
            self.server.go_on.wait(60)
            return
        headers = {name: value for name, value in self.headers.items() if name != "Content-Length"}
        request = urllib.request.Request(self.server.target + self.path, body or None, headers, method=self.command)
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            content = answer.read()
            self.send_response(answer.status)
            for name in ("Content-Type", "X-Amzn-Errortype"):
                if value := answer.headers.get(name):
                    self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815 - likewise

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def account() -> Iterator[str]:
    """The URL of an emulated account that somebody has half filled."""
    with serve("127.0.0.1", 0) as url:
        session = boto3.Session("testing", "testing", region_name=REGION)
        ACCOUNTS["halfway"](Doer(session, url), region=REGION, account=ACCOUNT, partition="aws")
        yield url


@pytest.fixture(scope="module")
def whole(account: str, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """What a scan that nobody stops reads."""
    folder = tmp_path_factory.mktemp("whole")
    command = [str(Path(sys.executable).with_name("readiness")), "scan", *ONLY, "--endpoint-url", account]
    done = subprocess.run(
        [*command, "--snapshot", "whole.json", "-o", "report.json"], cwd=folder, env=environment(folder), check=False
    )
    assert done.returncode == 0
    return load(folder / "whole.json")


def environment(home: Path) -> dict[str, str]:
    return {**KEYS, "HOME": str(home), "PATH": "", "AWS_CONFIG_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true"}


def stopped(server: Stopping, folder: Path, number: int) -> int:
    """The exit code of a scan that gets a signal while calls hang."""
    command = [str(Path(sys.executable).with_name("readiness")), "scan", *ONLY, "--endpoint-url", server.url]
    command += ["--snapshot", "kept.json", "-o", "report.json"]
    with subprocess.Popen(command, cwd=folder, env=environment(folder), stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while server.passing > -3 or len((folder / "kept.json.part").read_bytes().splitlines()) < 3:
            assert time.monotonic() < deadline, "the scan never came so far"
            time.sleep(0.1)
        process.send_signal(number)
        return process.wait(timeout=30)


def verdicts(path: Path) -> dict[str, str]:
    return {check.name: check.verdict for check in decoded(path).checks}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_scan_that_was_stopped_goes_on(
    number: signal.Signals, account: str, whole: Snapshot, run: Run, tmp_path: Path
) -> None:
    with Stopping(account, passing=40) as server:
        _stopped_and_resumed(number, server, whole, run, tmp_path)
        server.shutdown()


def _stopped_and_resumed(number: signal.Signals, server: Stopping, whole: Snapshot, run: Run, tmp_path: Path) -> None:
    code = stopped(server, tmp_path, number)
    killed = number == signal.SIGKILL
    assert code == (-signal.SIGKILL if killed else 130)
    kept = tmp_path / ("kept.json.part" if killed else "kept.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    snapshot = load(kept)
    assert snapshot.interrupted
    read = {
        (kind, region): reading
        for kind, regions in snapshot.readings.items()
        for region, reading in regions.items()
        if not reading.errors
    }
    assert read
    for (kind, region), reading in read.items():
        assert reading.records == whole.readings[kind][region].records, kind
    if not killed:
        assert decoded(tmp_path / "report.json").interrupted

    server.go_on.set()
    server.asked.clear()
    done = run("scan", "--resume", kept, "--endpoint-url", server.url, "-o", "after.json", **KEYS)
    assert done.returncode == 0, done.stderr
    ended = load(tmp_path / "kept.json")
    assert not ended.interrupted
    assert not (tmp_path / "kept.json.part").exists()
    assert {kind: [*regions] for kind, regions in ended.readings.items()} == {
        kind: [*regions] for kind, regions in whole.readings.items()
    }
    assert sum(server.asked.values()) < sum(whole.calls.values()), "what was there is not asked for again"
    audited = run("audit", tmp_path / "kept.json", "-o", "audited.json")
    assert audited.returncode == 0, audited.stderr
    assert verdicts(tmp_path / "after.json") == verdicts(tmp_path / "audited.json")
    assert "unknown" not in verdicts(tmp_path / "after.json").values()


def test_a_checkpoint_is_readable_wherever_it_was_cut(whole: Snapshot, tmp_path: Path) -> None:
    from readiness.checkpoint import Checkpoint

    checkpoint = Checkpoint(tmp_path / "kept.json", whole)
    checkpoint.close()
    content = checkpoint.path.read_bytes()
    head = content.index(b"\n") + 1
    lines = content.count(b"\n")
    cut = tmp_path / "cut.part"
    for end in (head, head + 1, len(content) // 2, len(content) - 1, len(content)):
        cut.write_bytes(content[:end])
        found = load(cut)
        count = sum(len(regions) for regions in found.readings.values())
        assert count == content[:end].count(b"\n") - 1 <= lines - 1
        for kind, regions in found.readings.items():
            assert regions == whole.readings[kind]
    cut.write_bytes(content[: head // 2])
    with pytest.raises(UsageError, match="no snapshot"):
        load(cut)


def test_what_is_not_of_this_account_is_refused(whole: Snapshot, account: str, run: Run, tmp_path: Path) -> None:
    import msgspec

    other = msgspec.structs.replace(whole, caller=msgspec.structs.replace(whole.caller, account="210987654321"))
    (tmp_path / "other.json").write_bytes(other.encode())
    given: dict[str, Any] = {"resume": tmp_path / "other.json"}
    done = run("scan", "--resume", given["resume"], "--endpoint-url", account, "-o", "report.json", **KEYS)
    assert done.returncode == 2
    assert "210987654321" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2  # the account that is read, and the refusal
    assert load(tmp_path / "other.json").caller.account == "210987654321", "the file is as it was"
