"""The emulated account of `readiness demo`: moto in this process, filled by the exam pack; nothing is sent anywhere."""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore import xform_name

from readiness.errors import UsageError
from readiness.packs import Library
from readiness.session import new_session
from readiness.snapshot import Caller

REGION = "us-east-1"
NOWHERE = "http://127.0.0.1:9"
"""The discard port of this machine: what moto does not answer ends here and not at AWS."""


@contextlib.contextmanager
def account(library: Library) -> Iterator[tuple[boto3.Session, Caller, tuple[str, ...]]]:
    """A session on the pack's demo account, as `scan` takes it.

    Raises:
        UsageError: moto is not installed, or the exam's pack has no demo account.
    """
    try:
        from readiness.emulator import emulated
    except ImportError as problem:
        raise UsageError("the demo needs moto: install it with `pip install 'readiness[demo]'`") from problem
    fill = _filler(library)
    _seal_environment()
    with emulated():
        session = new_session(region=REGION, aws_access_key_id="demo", aws_secret_access_key="demo")  # noqa: S106  # moto takes any
        identity = session.client("sts").get_caller_identity()
        caller = Caller(account=identity["Account"], arn=identity["Arn"], partition="aws")
        fill(_doer(session), region=REGION, account=caller.account, partition=caller.partition)
        yield session, caller, (REGION,)


def _filler(library: Library) -> Callable[..., None]:
    """The function that fills the account: `halfway` in the module `accounts` of the pack that holds the exam."""
    for pack in library.packs:
        if pack.exam is library.exam and pack.module:
            with contextlib.suppress(ModuleNotFoundError):
                fill: Callable[..., None] = importlib.import_module(f"{pack.module}.accounts").halfway
                return fill
    raise UsageError(f"the pack of {library.exam.id} has no demo account")


def _doer(session: boto3.Session) -> Callable[..., dict[str, Any]]:
    clients: dict[str, Any] = {}

    def do(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if service not in clients:
            clients[service] = session.client(service)
        answer: dict[str, Any] = getattr(clients[service], xform_name(operation))(**parameters)
        return answer

    return do


def _seal_environment() -> None:
    """Keep the user's own AWS settings out, and everything that is not emulated in."""
    for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["HTTP_PROXY"] = os.environ["HTTPS_PROXY"] = NOWHERE
