"""What the tests of commands share: an emulated AWS on loopback, and the installed command as a user runs it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from readiness.emulator import install
from readiness.results import Results

pytest.register_assert_rewrite("harness")
# All tests of a process see the same emulator, in whichever order they run.
install()

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def _no_account_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def emulator() -> Iterator[str]:
    """The URL of a moto server, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Path(sys.executable).with_name("moto_server")
    quiet = subprocess.DEVNULL
    with subprocess.Popen([server, "-H", "127.0.0.1", "-p", str(port)], stdout=quiet, stderr=quiet) as process:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, "moto_server did not start"
                assert time.monotonic() < deadline, "moto_server does not listen"
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the installed command in an empty folder, with keyword arguments as environment variables."""

    def call(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        command = Path(sys.executable).with_name("readiness")
        settings = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        settings |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        settings |= {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path), **environment}
        return subprocess.run(
            [command, *arguments], cwd=tmp_path, env=settings, capture_output=True, text=True, check=False, timeout=300
        )

    return call


def decoded(path: Path) -> Results:
    """A JSON report, read back."""
    return msgspec.json.decode(path.read_bytes(), type=Results)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment that `readiness sandbox` prints, while it runs; it must end well when it is interrupted."""
    command = [str(Path(sys.executable).with_name("readiness")), "sandbox", "--account", "fresh", "--port", "0"]
    pipe = subprocess.PIPE
    environment = {"HOME": str(tmp_path), "PYTHONUNBUFFERED": "1", "AWS_CONFIG_FILE": os.devnull}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(8)]
        found = dict(re.findall(r"^export (\w+)=(\S+)$", "".join(lines), re.MULTILINE))
        yield found
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert process.stderr
        assert process.stderr.read() == ""
