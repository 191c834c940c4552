"""Emulated accounts, filled by the exam pack: in this process for a demo, or on loopback to practise in."""

from __future__ import annotations

import contextlib
import datetime
import importlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

import boto3
from botocore import xform_name

from readiness.errors import UsageError, closest
from readiness.packs import ACCOUNTS, Library
from readiness.session import new_session
from readiness.snapshot import Caller

REGION = "us-east-1"
LOOPBACK = "127.0.0.1"
KEYS = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
"""The emulator takes any credentials."""
NOWHERE = "http://127.0.0.1:9"
"""The discard port of this machine: what moto does not answer ends here and not at AWS."""

Fill = Callable[..., None]
"""Makes the calls that build an account; see the pack's module `accounts`."""


@contextlib.contextmanager
def in_process(library: Library, name: str) -> Iterator[tuple[boto3.Session, Caller, tuple[str, ...]]]:
    """A session on an emulated account, as `scan` takes it; nothing leaves this process.

    Args:
        library: the packs; that of the exam has the accounts.
        name: which of them.

    Raises:
        UsageError: moto is not installed, or there is no such account.
    """
    fill = _filler(library, name)
    emulator = _emulator()
    _seal_environment()
    with emulator.emulated():
        session = new_session(region=REGION, **KEYS)
        caller = _identity(session.client("sts"))
        fill(Doer(session), region=REGION, account=caller.account, partition=caller.partition)
        yield session, caller, (REGION,)


@contextlib.contextmanager
def served(library: Library, name: str, port: int) -> Iterator[dict[str, str]]:
    """Serve an emulated account on loopback: gives the environment that points any AWS client at it.

    Args:
        library: the packs; that of the exam has the accounts.
        name: which of them.
        port: where to listen, or 0 for any free port.

    Raises:
        UsageError: moto is not installed, there is no such account, or the port is taken.
    """
    fill = _filler(library, name)
    emulator = _emulator()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with contextlib.ExitStack() as stack:
        try:
            endpoint = stack.enter_context(emulator.serve(LOOPBACK, port))
        except OSError as problem:
            raise UsageError(f"can't listen on {LOOPBACK}:{port}: {problem.strerror}; name another --port") from problem
        session = new_session(region=REGION, **KEYS)
        caller = _identity(session.client("sts", endpoint_url=endpoint))
        fill(Doer(session, endpoint), region=REGION, account=caller.account, partition=caller.partition)
        yield {
            "AWS_ENDPOINT_URL": endpoint,
            **{name.upper(): value for name, value in KEYS.items()},
            "AWS_DEFAULT_REGION": REGION,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        }


def known(library: Library) -> dict[str, Fill]:
    """The emulated accounts by name: `ACCOUNTS` in the module `accounts` of the pack that holds the exam."""
    for pack in library.packs:
        if pack.exam is library.exam:
            with contextlib.suppress(ModuleNotFoundError):
                found: dict[str, Fill] = importlib.import_module(f"{pack.module}.{ACCOUNTS}").ACCOUNTS
                return found
    return {}


def _filler(library: Library, name: str) -> Fill:
    names = known(library)
    if name not in names:
        there = ", ".join(names) or "none"
        raise UsageError(f"{library.exam.id} has no emulated account {name!r}{closest(name, names)}; there is {there}")
    return names[name]


def _emulator() -> ModuleType:
    try:
        return importlib.import_module("readiness.emulator")
    except ModuleNotFoundError as problem:
        raise UsageError("an emulated account needs moto: install it with `pip install 'readiness[demo]'`") from problem


def _identity(sts: Any) -> Caller:
    identity = sts.get_caller_identity()
    return Caller(account=identity["Account"], arn=identity["Arn"], partition=identity["Arn"].split(":")[1])


class Doer:
    """Makes calls to an emulated AWS, by AWS's names of service and operation, at the time that is wanted."""

    def __init__(self, session: boto3.Session, endpoint_url: str | None = None) -> None:
        self._session = session
        self._endpoint_url = endpoint_url
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """The answer of one call, as boto3 gives it."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service, endpoint_url=self._endpoint_url)
        answer: dict[str, Any] = getattr(self._clients[service], xform_name(operation))(**parameters)
        return answer

    def ago(self, **since: float) -> AbstractContextManager[object]:
        """Within it calls are made as of then, in this process and what it serves: `with do.ago(days=8): ...`."""
        found: AbstractContextManager[object] = _emulator().ago(datetime.timedelta(**since))
        return found


def _seal_environment() -> None:
    """Keep the user's own AWS settings out, and everything that is not emulated in."""
    for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["HTTP_PROXY"] = os.environ["HTTPS_PROXY"] = NOWHERE
