"""What tests of faults share: an emulated account in a process of its own, and scans of it through an injector."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of an emulated account in which everything is practised, as `readiness sandbox` serves it."""
    folder = tmp_path_factory.mktemp("sandbox")
    command = [str(Path(sys.executable).with_name("readiness")), "sandbox", "--account", "ready", "--port", "0"]
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
