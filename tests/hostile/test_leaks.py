"""No secret leaves an account by a way of its own: any answer, credentials, addresses, packs that crash over it."""

from __future__ import annotations

import dataclasses
import json
import threading
import urllib.request
from pathlib import Path

import msgspec
import pytest
from werkzeug.wrappers import Response

from faults.injector import Asked, Fault, injecting, refusal
from harness import ACCOUNT, IDENTITY, REGION
from hostile.machine import Left, command, doing, once
from hostile.secrets_seeded import CODED, MARK, PLACES, foundation
from readiness import packs
from readiness.audit import audit
from readiness.emulator import emulated, serve
from readiness.plan import plan
from readiness.results import Results
from readiness.scan import scan
from readiness.session import new_session

BACKWARDS = MARK[::-1]
"""A name that a bucket may have, and that says nothing to who does not turn it round."""
DECLARED = plan(packs.load().checks).operations
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": f"key-{MARK}", "aws_session_token": f"of-{MARK}"}
ENVIRONMENT = {name.upper(): value for name, value in KEYS.items()}

PACK = '''
"""Checks and kinds whose own errors repeat what they were given."""

from collections.abc import Iterator
from typing import Literal

from readiness import Finding, Findings, Record, evidence, practice, resource
from readiness.aws.s3 import Bucket


@resource("sns", "ListSubscriptions")
class Listed(Record):
    endpoint: Literal["nobody"]


@resource("sns", "ListSubscriptions")
class Refused(Record):
    endpoint: str

    def __post_init__(self) -> None:
        raise ValueError(f"Expected the address of a queue, got {self.endpoint}")


@resource("sns", "ListSubscriptions")
class Unmade(Record):
    endpoint: str

    def __post_init__(self) -> None:
        raise KeyError(self.endpoint)


@resource("sns", "ListSubscriptions", where=lambda item: {}[item["Endpoint"]])
class Filtered(Record):
    topic_arn: str


class Joined(Record):
    name: str

    @classmethod
    def derive(cls, buckets: list[Bucket]) -> "Iterator[Joined]":
        for bucket in buckets:
            raise LookupError(bucket.name[::-1])
            yield


DOCS = """What it looks at.

    Why: because.
    Fix: do.
    See: https://docs.aws.amazon.com/
    """


def raising(buckets: list[Bucket]) -> Findings:
    for bucket in buckets:
        raise ValueError(bucket.name[::-1])
        yield


def odd(buckets: list[Bucket]) -> Findings:
    for bucket in buckets:
        yield bucket.name[::-1]


def bare(buckets: list[Bucket]) -> Findings:
    for bucket in buckets:
        yield Finding(None, good=True, note=7)


def listed(found: list[Listed]) -> Findings:
    yield from ()


def refused(found: list[Refused]) -> Findings:
    yield from ()


def unmade(found: list[Unmade]) -> Findings:
    yield from ()


def filtered(found: list[Filtered]) -> Findings:
    yield from ()


def joined(found: list[Joined]) -> Findings:
    yield from ()


for function in (raising, odd, bare, listed, refused, unmade, filtered, joined):
    function.__doc__ = DOCS
    practice("1.1-K1")(function)
del function
'''
BROKEN = ("raising", "odd", "bare", "listed", "refused", "unmade", "filtered", "joined")
"""Checks of the pack; each ends in an error that repeats what must not be shown."""


BY_THE_WAY = frozenset({"cloudtrail:LookupEvents", "sagemaker:ListNotebookInstances"})
"""Operations that return what was put there for others: the history of the very calls, what lists tell beforehand."""


@dataclasses.dataclass(frozen=True)
class Scanned:
    """What a scan left behind, and the operations in whose answers the secret came."""

    left: Left
    marked: list[str]


def without_endpoints(whole: Response) -> Response:
    """The Tagging API does not know everything yet: what it does not show is asked about one by one."""
    answer = json.loads(whole.get_data())
    known = [one for one in answer["ResourceTagMappingList"] if ":endpoint/" not in one["ResourceARN"]]
    return Response(json.dumps({**answer, "ResourceTagMappingList": known}), whole.status_code, whole.headers)


def _scanned(base: Path) -> Scanned:
    marked: set[str] = set()
    lock = threading.Lock()

    def note(asked: Asked) -> Response:
        whole = asked.forward(asked.body)
        if MARK in whole.get_data(as_text=True) or CODED in whole.get_data(as_text=True):
            with lock:
                marked.add(asked.operation)
        return without_endpoints(whole) if asked.operation.endswith(":GetResources") else whole

    with serve("127.0.0.1", 0) as endpoint:
        # What other tests of this process left there.
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).close()
        do = doing(endpoint, **KEYS)
        foundation(do)
        for place in PLACES.values():
            place(do)
        with injecting(endpoint, {"*": note}) as (proxy, _):
            left = command(
                base,
                "scan",
                *("--snapshot", "kept.json", "-o", "report.html", "-o", "report.json"),
                *("--endpoint-url", proxy.replace("//", f"//learner:{MARK}@")),
                PYTHONDEVMODE="1",
                **ENVIRONMENT,
            )
    return Scanned(left, sorted(marked))


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    found: Scanned = once(tmp_path_factory, _scanned, Scanned)
    assert found.left.code == 0, found.left.written["stderr"]
    return found


@pytest.fixture(scope="module")
def report(scanned: Scanned) -> Results:
    return msgspec.json.decode(scanned.left.written["work/report.json"], type=Results)


def places_of(content: str) -> list[str]:
    """What stands before each secret."""
    return [content[max(0, at - 200) : at] for at in range(len(content)) if content.startswith((MARK, CODED), at)]


WRITTEN = ("work/kept.json", "work/report.html", "work/report.json", "stdout", "stderr")


@pytest.mark.parametrize("name", WRITTEN)
def test_no_secret_of_any_place_leaves_a_scan(name: str, scanned: Scanned) -> None:
    assert places_of(scanned.left.written[name].decode()) == []


def test_nothing_is_written_but_what_is_named(scanned: Scanned) -> None:
    assert set(scanned.left.modes) == {name for name in WRITTEN if "/" in name}


@pytest.mark.parametrize("operation", PLACES)
def test_what_holds_a_secret_is_read_or_not_asked_for(operation: str, scanned: Scanned, report: Results) -> None:
    if operation in DECLARED:
        assert operation in scanned.marked
    else:
        assert operation not in report.calls


def test_every_answer_that_held_a_secret_has_a_place_here(scanned: Scanned) -> None:
    assert set(scanned.marked) <= PLACES.keys() | BY_THE_WAY


@pytest.mark.parametrize("name", BROKEN)
def test_a_crash_of_a_pack_costs_only_its_checks(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "module.py").write_text(PACK)
    library = packs.load([folder])
    checks = [check for check in library.checks if check.id in (f"pack/{name}", "mla/s3-ml-data-source")]
    with emulated():
        session = new_session(region=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")
        session.client("s3").create_bucket(Bucket=BACKWARDS)
        topic = session.client("sns").create_topic(Name="told")["TopicArn"]
        session.client("sns").subscribe(TopicArn=topic, Protocol="https", Endpoint=f"https://hooks.example.com/{MARK}")
        snapshot = scan(session, IDENTITY, [REGION], library.exam.id, checks)
    results = audit(snapshot, library.exam, checks, checks)
    assert {check.id: check.verdict for check in results.checks} == {
        f"pack/{name}": "unknown",
        "mla/s3-ml-data-source": "absent",
    }
    assert places_of(snapshot.encode().decode()) == []
    assert places_of(msgspec.json.encode(results).decode()) == []


def denied(asked: Asked) -> Response:
    """A refusal that repeats what it must not."""
    return refusal(asked, "AccessDenied", 403, f"{MARK} is not authorized with an explicit deny")


ENDED: dict[str, Fault] = {"sts:GetCallerIdentity": denied, "sts:AssumeRole": denied}
NOWHERE = "@127.0.0.1:9"
ENTRANCES = {
    "a key that is not known": (),
    "a role that is not for us": ("--role-arn", f"arn:aws:iam::{ACCOUNT}:role/other", "--external-id", MARK),
    "a password that ends in a path": ("--endpoint-url", f"http://learner:{MARK}/x{NOWHERE}"),
    "a password with a bracket": ("--endpoint-url", f"http://learner:{MARK}[x{NOWHERE}"),
}


@pytest.mark.parametrize("name", ENTRANCES)
def test_no_secret_is_told_where_there_is_no_way_in(name: str, tmp_path: Path) -> None:
    with serve("127.0.0.1", 0) as endpoint, injecting(endpoint, ENDED) as (proxy, _):
        address = () if "--endpoint-url" in ENTRANCES[name] else ("--endpoint-url", proxy)
        left = command(tmp_path, "scan", *ENTRANCES[name], *address, **ENVIRONMENT)
    assert left.code == 3, left.written
    assert not left.modes
    assert len(left.written["stderr"].splitlines()) == 1
    assert places_of(left.written["stdout"].decode() + left.written["stderr"].decode()) == []
