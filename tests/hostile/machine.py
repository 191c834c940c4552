"""The installed command on a machine of its own, with all that it leaves there and every address that it asks for."""

from __future__ import annotations

import dataclasses
import fcntl
import functools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness import REGION
from readiness.session import new_session

WATCH = """\
import os
import socket
import sys


def tell(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        address = arguments[1] if event == "socket.connect" else arguments[:2]
        with open(os.environ["WATCHED"], "a", encoding="utf-8") as file:
            file.write(f"{address[0]} {address[1]}\\\\n" if isinstance(address, tuple) else f"{address}\\\\n")


sys.addaudithook(tell)
""".replace("\\\\n", "\\n")
"""Python imports a module of this name before all else; the hook sees every address that is connected to."""

Do = Callable[..., dict[str, Any]]
"""Makes one AWS call by boto3's names: `do("sagemaker", "describe_model", ModelName="churn")`."""


@dataclasses.dataclass(frozen=True)
class Left:
    """What a command left behind: all that it wrote, by file or stream, and the addresses that it asked for."""

    code: int
    written: dict[str, bytes]
    modes: dict[str, int]
    addresses: list[str]


def doing(endpoint: str, **keys: str) -> Do:
    """Real calls to an emulated account."""
    session = new_session(region=REGION, **keys)
    client = functools.cache(functools.partial(session.client, endpoint_url=endpoint))

    def do(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(client(service), operation)(**parameters)
        return answer

    return do


def command(base: Path, *arguments: str | Path, **environment: str) -> Left:
    """Run the installed command where nobody has worked before; keyword arguments are environment variables."""
    folders = {name: base / name for name in ("home", "temporary", "work", "watch")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    (folders["watch"] / "sitecustomize.py").write_text(WATCH)
    log = base / "addresses"
    log.touch()
    done = subprocess.run(
        [Path(sys.executable).with_name("readiness"), *arguments],
        cwd=folders["work"],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folders["home"]),
            "TMPDIR": str(folders["temporary"]),
            "PYTHONPATH": str(folders["watch"]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "WATCHED": str(log),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": REGION,
            **environment,
        },
        capture_output=True,
        check=False,
        timeout=300,
    )
    files = {str(file.relative_to(base)): file for file in base.rglob("*") if file.is_file() and file != log}
    files.pop("watch/sitecustomize.py")
    return Left(
        done.returncode,
        {**{name: file.read_bytes() for name, file in files.items()}, "stdout": done.stdout, "stderr": done.stderr},
        {name: file.stat().st_mode & 0o777 for name, file in files.items()},
        sorted(set(log.read_text().splitlines())),
    )


def once(factory: pytest.TempPathFactory, make: Callable[[Path], Any], result: Any) -> Any:
    """What `make` gives, of the type `result`: made by whichever process of a test run needs it first, for all."""
    base = factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = root / f"{make.__module__}.{make.__qualname__}"
    made = folder / "made"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            made.write_bytes(msgspec.msgpack.encode(make(folder / "machine")))
    return msgspec.msgpack.decode(made.read_bytes(), type=result)
