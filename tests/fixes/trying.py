"""Runs what a check's `Fix` tells to run, by the real AWS CLI, in an emulated account."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import awscli
import awscli.clidriver
import boto3

from harness import ACCOUNT, REGION, Seed, scanned
from readiness.check import Check
from readiness.emulator import emulated
from readiness.results import Verdict

PLACEHOLDER = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b")
SERVICE_ROLE = "practice"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_PAGER": "",
    "AWS_DATA_PATH": str(Path(awscli.__file__).parent / "data"),
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
COMMON = {
    "ACCOUNT": ACCOUNT,
    "BUCKET": "practice",
    "REGION": REGION,
    "ROLE": SERVICE_ROLE,
    "ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/{SERVICE_ROLE}",
}
"""What stands for the placeholders that many fixes have; the bucket and the role are there from the start."""


@dataclasses.dataclass(frozen=True)
class Try:
    """How a check's fix is tried.

    Attributes:
        check: the check's name.
        before: makes what the fix starts from.
        was: the verdict there.
        values: placeholder -> what a learner would put there, or a function that finds it once `before` has run.
        files: name -> content of the files that the commands read (`file://NAME`, or a plain path).
        verdict: what the fix promises.
        after: what time does after the commands, such as a job that ends, or what a user does in an application.
        cannot: why the commands can't be run here, or why the verdict can't turn; empty where all is tried.
    """

    check: str
    before: Seed = lambda: None
    was: Verdict = "absent"
    values: Mapping[str, str | Callable[[], str]] = dataclasses.field(default_factory=dict)
    files: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    verdict: Verdict = "passed"
    after: Seed = lambda: None
    cannot: str = ""

    def __str__(self) -> str:
        return self.check


def client(service: str) -> Any:
    """A client of the emulated account."""
    return boto3.client(service, region_name=REGION)


def commands(fix: str) -> list[list[str]]:
    """The commands of a fix, each as its arguments; one goes on over several lines as a shell would read it."""
    found: list[list[str]] = []
    pending = ""
    for line in fix.splitlines():
        if not pending and not line.lstrip().startswith("aws "):
            continue
        pending += line.lstrip() if not pending else "\n" + line
        if pending.endswith("\\"):
            pending = pending[:-1].rstrip() + " "
            continue
        try:
            found.append(shlex.split(pending))
        except ValueError:
            continue
        pending = ""
    if pending:
        raise ValueError(f"a command has no end: {pending}")
    return found


def filled(word: str, values: Mapping[str, str | Callable[[], str]]) -> str:
    """A word of a command with its placeholders replaced; longer names first, for some are parts of others."""
    for name in sorted(values, key=len, reverse=True):
        if re.search(rf"(?<![A-Za-z0-9_]){name}(?![A-Za-z0-9_])", word):
            value = values[name]
            text = value if isinstance(value, str) else value()
            word = re.sub(rf"(?<![A-Za-z0-9_]){name}(?![A-Za-z0-9_])", lambda _, text=text: text, word)  # type: ignore[misc]
    return word


@contextlib.contextmanager
def account() -> Iterator[None]:
    """An emulated account with a bucket, and a role that AWS's services may take."""
    before = dict(os.environ)
    os.environ.update(ENVIRONMENT)
    try:
        with emulated():
            client("s3").create_bucket(Bucket=COMMON["BUCKET"])
            trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}}
            document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
            client("iam").create_role(RoleName=SERVICE_ROLE, AssumeRolePolicyDocument=document)
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def run(arguments: list[str]) -> None:
    """Run one command of the AWS CLI, in this process but as the command itself starts; it must succeed.

    What it says goes into a file where a shell would write it there (`> FILE`).
    """
    file = None
    if ">" in arguments:
        *arguments, _, file = arguments
    said, problems = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(problems):
        try:
            code = awscli.clidriver.create_clidriver().main(arguments[1:])
        except SystemExit as leaving:
            code = leaving.code
    if file:
        Path(file).write_text(said.getvalue())
    assert code == 0, f"{shlex.join(arguments)}: {problems.getvalue().strip() or said.getvalue().strip()}"


def tried(check: Check, case: Try, folder: Path) -> None:
    """Do what the fix says, and see that the check's verdict is then what it promises."""
    values = {**COMMON, **case.values}
    with account(), contextlib.chdir(folder):
        case.before()
        assert scanned(check.function).verdict == case.was
        for name, content in case.files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / name).write_text(filled(text, values))
        for arguments in commands(check.docs.fix):
            run([filled(word, values) for word in arguments])
        case.after()
        judgement = scanned(check.function)
        assert judgement.verdict == case.verdict, judgement
