"""What tests of faults share: emulated accounts in processes of their own, and scans of them without faults."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.scans import Place, scanned
from readiness import packs


@contextlib.contextmanager
def sandbox_of(name: str, folder: Path) -> Iterator[str]:
    """The endpoint of an emulated account, as `readiness sandbox` serves it."""
    command = [str(Path(sys.executable).with_name("readiness")), "sandbox", "--account", name, "--port", "0"]
    environment = {"HOME": str(folder), "PYTHONUNBUFFERED": "1", "AWS_CONFIG_FILE": os.devnull}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            if found := re.match(r"export AWS_ENDPOINT_URL=(\S+)", line):
                break
        else:
            pytest.fail("the sandbox does not say where it is")
        yield found[1]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An account in which everything is practised."""
    with sandbox_of("ready", tmp_path_factory.mktemp("sandbox")) as endpoint:
        yield Place(endpoint, scanned(endpoint, packs.load().checks))


@pytest.fixture(scope="session")
def halfway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An account in which some is done well, some badly, and much not at all."""
    with sandbox_of("halfway", tmp_path_factory.mktemp("sandbox")) as endpoint:
        yield Place(endpoint, scanned(endpoint, packs.load().checks))


@pytest.fixture(scope="session")
def account(ready: Place) -> str:
    """The endpoint of the account in which everything is practised."""
    return ready.endpoint
