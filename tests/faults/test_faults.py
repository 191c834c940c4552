"""Whatever AWS or the network does to a scan, no verdict is wrong: it is that of a scan without faults, or unknown."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from conftest import Run, decoded
from faults.injector import (
    Fault,
    bucket,
    change,
    close,
    drip,
    elsewhere,
    empty_first,
    expire,
    hang,
    injecting,
    refuse,
    reset,
    rewrite,
    say,
    saying,
    trickle,
    truncate,
)
from faults.scans import DENIED, WEST, Seen, codes, scanned
from faults.test_denied import required
from harness import REGION
from readiness import packs
from readiness.accounts import KEYS
from readiness.caller import ATTEMPTS
from readiness.check import Check
from readiness.select import select
from readiness.workers import DEADLINE

SOON = 2.0
"""Seconds that an attempt may take where answers are to take longer."""
ONLY = (
    "alarm-actions-delivered",
    "cloudformation-ml-stack-practised",
    "codebuild-builds-succeed",
    "eks-deployment-practised",
    "kinesis-streaming-in-use",
    "lambda-stream-transform",
    "ml-buckets-public-access-blocked",
    "ml-buckets-require-tls",
    "no-admin-policies",
    "registry-approvals-justified",
    "security-groups-not-open",
)
"""Checks that between them use every protocol, lists per parent, details, batches and joins."""


@functools.cache
def chosen(only: tuple[str, ...]) -> tuple[Check, ...]:
    library = packs.load()
    return tuple(select(library.checks, library.exam, only, ()))


@pytest.fixture(scope="session")
def sound(account: str) -> Mapping[tuple[str, ...], Seen]:
    """A scan without faults, by the regions that it looked at."""
    places: list[tuple[str, ...]] = [(REGION,), (REGION, WEST)]
    found = {regions: scanned(account, chosen(ONLY), regions) for regions in places}
    assert {judgement.verdict for judgement in found[REGION,].judgements.values()} == {"passed"}
    return found


THROTTLED = {"*": "ThrottlingException", "query": "Throttling", "ec2": "RequestLimitExceeded", "rest-xml": "SlowDown"}
UNRECOGNIZED = {"*": "UnrecognizedClientException", "query": "InvalidClientTokenId", "ec2": "AuthFailure"}
GONE = {"*": "ResourceNotFoundException", "query": "ValidationError", "rest-xml": "NoSuchKey"}
EVERY_PROTOCOL = (
    "kinesis:ListStreams",
    "eks:ListClusters",
    "cloudformation:ListStacks",
    "ec2:DescribeSecurityGroups",
    "s3:ListBuckets",
)
DETAILS = (
    "firehose:DescribeDeliveryStream",
    "eks:DescribeCluster",
    "cloudformation:ListStackResources",
    "s3:GetBucketPolicy",
    "sagemaker:DescribeModelPackage",
    "codebuild:BatchGetBuilds",
)
REPEATED = ("cloudformation:ListStackResources", "sagemaker:DescribeEndpoint", "sagemaker:DescribeModelPackage")
XML = ("cloudformation:ListStacks", "ec2:DescribeSecurityGroups", "s3:ListBuckets", "s3:GetPublicAccessBlock")
JSON = ("kinesis:ListStreams", "eks:ListClusters", "sagemaker:ListModelPackageGroups", "cloudwatch:DescribeAlarms")
GROUPS = "ModelPackageGroupSummaryList"
ANY_CODE = frozenset({"*"})
PAGE = b"<html><head><title>Sign in</title></head><body>Sign in</body></html>"


@dataclasses.dataclass(frozen=True)
class Case:
    """Faults, and with which error codes they show; with none the scan gets over them."""

    title: str
    faults: Mapping[str, Fault]
    codes: frozenset[str] = frozenset()
    regions: tuple[str, ...] = (REGION,)
    deadline: float = DEADLINE

    def __str__(self) -> str:
        return self.title


def on(operations: Sequence[str], fault: Fault) -> dict[str, Fault]:
    return dict.fromkeys(operations, fault)


def again(answer: Any) -> None:
    answer.update(NextToken="again")


def unheard_of(answer: Any) -> None:
    for stream in answer["StreamSummaries"]:
        stream.update(StreamModeDetails={"StreamMode": "TELEPATHIC"})


def without(name: str) -> Callable[[Any], None]:
    def edit(answer: Any) -> None:
        del answer[name]

    return edit


def modeless(answer: Any) -> None:
    for stream in answer["StreamSummaries"]:
        del stream["StreamModeDetails"]


def nameless(answer: Any) -> None:
    for group in answer[GROUPS]:
        del group["ModelPackageGroupName"]


ONE_STACK = {"cloudformation:ListStackResources": bucket(THROTTLED, 1, 0)}


def cases() -> list[Case]:
    both = (*EVERY_PROTOCOL, *DETAILS)
    return [
        Case("throttled once", on(both, refuse(THROTTLED, 400, times=1))),
        Case("lists throttled for good", on(EVERY_PROTOCOL, refuse(THROTTLED)), codes(THROTTLED)),
        Case("details throttled for good", on(DETAILS, refuse(THROTTLED)) | ONE_STACK, codes(THROTTLED)),
        Case("a bucket of one token that fills quickly", {"*": bucket(THROTTLED, 1, 100)}),
        Case("unavailable once", on(both, refuse("ServiceUnavailable", 503, times=1))),
        Case("unavailable for good", on(both, refuse("ServiceUnavailable", 503)), codes("ServiceUnavailable")),
        Case("internal error for good", on(DETAILS, refuse("InternalFailure", 500)), codes("InternalFailure")),
        Case("an error page of a proxy", on(both, say(b"<html>Bad Gateway</html>", 502)), codes("502")),
        Case("reset once", on(both, reset(times=1))),
        Case("reset for good", on(both, reset()), codes("ConnectionClosedError")),
        Case("closed once", on(both, close(times=1))),
        Case("closed for good", on(both, close()), codes("ConnectionClosedError")),
        Case("XML cut off", on(XML, truncate()), codes("UnreadableAnswer", "500")),
        Case(
            "XML that is none",
            on(XML, say(b"<html>Sign in<br></html>")),
            codes("ResponseParserError", "UnreadableAnswer", "500"),
        ),
        Case("JSON cut off", on(JSON, truncate()), codes("UnreadableAnswer")),
        Case("JSON that is none", on(JSON, say(b"<html>Sign in</html>")), codes("UnreadableAnswer")),
        Case("no body", on(JSON, say(b"")), codes("UnreadableAnswer")),
        Case("JSON that is no object", on(JSON, say(b"[]")), codes("UnreadableAnswer")),
        Case("no answer once", {"eks:ListClusters": hang(times=1)}),
        Case("lists without an answer", on(EVERY_PROTOCOL, hang()), codes("Overdue"), deadline=SOON),
        Case("details without an answer", on(DETAILS, hang()), codes("Overdue"), deadline=SOON),
        Case("lists without an end", on(EVERY_PROTOCOL, drip()), codes("Overdue"), deadline=SOON),
        Case("details without an end", on(DETAILS, drip()), codes("Overdue"), deadline=SOON),
        Case("slow bodies", on(both, trickle(pieces=5, pause=0.2))),
        Case("denied lists", on(EVERY_PROTOCOL, refuse(DENIED, 403)), codes(DENIED)),
        Case("denied details", on(DETAILS, refuse(DENIED, 403)), codes(DENIED)),
        Case("denied after the first", on(REPEATED, refuse(DENIED, 403, after=1)), codes(DENIED)),
        Case("expired at once", {"*": expire(0)}, codes("ExpiredTokenException")),
        Case("expired in the middle", {"*": expire(12)}, codes("ExpiredTokenException")),
        # Of stacks that are gone the catalogue says so: there this code is an answer.
        Case("deleted since it was listed", on([*DETAILS[:2], *DETAILS[3:]], refuse(GONE, 404)), codes(GONE)),
        Case("an older server", on(both, refuse("UnknownOperationException")), codes("UnknownOperationException")),
        Case("a token that comes again", {"cloudwatch:DescribeAlarms": change(again)}, codes("PaginationError")),
        Case("an empty page with a token", {"cloudwatch:DescribeAlarms": empty_first("MetricAlarms")}),
        Case("an empty first page of a parent", {"sagemaker:ListModelPackageGroups": empty_first(GROUPS)}),
        Case("values of an enum that nobody knows", {"kinesis:ListStreams": change(unheard_of)}),
        Case("a field that may be missing", {"kinesis:ListStreams": change(modeless)}),
        Case(
            "a field that must be there",
            {"firehose:DescribeDeliveryStream": change(without("DeliveryStreamDescription"))},
            codes("UnexpectedShape"),
        ),
        Case(
            "a name that must be there",
            {"sagemaker:ListModelPackageGroups": change(nameless)},
            codes("UnexpectedShape"),
        ),
        Case(
            "a name that must be there, in XML",
            {"s3:ListBuckets": rewrite("<Name>[^<]*</Name>", "")},
            codes("UnexpectedShape"),
        ),
        Case(
            "a region that is off",
            {"*": elsewhere(WEST, refuse(UNRECOGNIZED, 403))},
            codes(UNRECOGNIZED),
            (REGION, WEST),
        ),
    ]


@pytest.mark.parametrize("case", cases(), ids=str)
def test_no_fault_makes_a_verdict_wrong(account: str, sound: Mapping[tuple[str, ...], Seen], case: Case) -> None:
    with injecting(account, case.faults) as (endpoint, injector):
        found = scanned(endpoint, chosen(ONLY), case.regions, deadline=case.deadline)
    verify(case, sound[case.regions], found)
    calls = sound[case.regions].snapshot.calls
    assert {name for name, asked in injector.asked.items() if asked > ATTEMPTS * calls[name]} == set()


OF_SOMETHING_ELSE = [
    Case("a page of XML", on([*XML, "iam:GetAccountAuthorizationDetails"], say(PAGE)), ANY_CODE),
    Case("an object of JSON", on([*JSON[1:], "codebuild:ListBuilds"], say(b'{"message": "Sign in"}')), ANY_CODE),
]


@pytest.mark.parametrize("case", OF_SOMETHING_ELSE, ids=str)
def test_an_answer_of_something_else_is_no_answer(
    account: str, sound: Mapping[tuple[str, ...], Seen], case: Case
) -> None:
    """One after the other, for what has a list that is unknown is not judged by what else it needs."""
    for operation, fault in case.faults.items():
        one = dataclasses.replace(case, faults={operation: fault})
        with injecting(account, one.faults) as (endpoint, _):
            found = scanned(endpoint, chosen(ONLY))
        verify(one, sound[REGION,], found)


def verify(case: Case, sound: Seen, found: Seen) -> None:
    for check in chosen(ONLY):
        was, now = sound.judgements[check.name], found.judgements[check.name]
        for error in now.errors:
            assert error.operation in case.faults or "*" in case.faults, (check.name, error)
            assert case.codes in (ANY_CODE, case.codes | {error.code}), (check.name, error)
        if now.verdict == "unknown":
            assert now.errors[0].operation in now.reason
            continue
        assert now.verdict == was.verdict, (check.name, now)
        assert now.errors or now.findings == was.findings, check.name
        if case.codes and len(case.regions) == 1:
            hit = required(now) & case.faults.keys() & found.snapshot.calls.keys()
            assert not hit, f"{check.name} was judged {now.verdict} without {hit}"
    unknown = [name for name, judgement in found.judgements.items() if judgement.verdict == "unknown"]
    assert bool(unknown) == bool(case.codes), unknown


def test_an_endpoint_that_is_none_costs_its_service_only(account: str, run: Run, tmp_path: Path) -> None:
    lost = {
        "eks-deployment-practised": ("eks:ListClusters", "EndpointConnectionError"),
        "codebuild-builds-succeed": ("codebuild:ListBuilds", "ConnectionClosedError"),
        "cloudformation-ml-stack-practised": ("cloudformation:ListStacks", "ConnectionClosedError"),
    }
    names = ("kinesis-streaming-in-use", "no-admin-policies", *lost)
    keys = {name.upper(): value for name, value in KEYS.items()} | {"AWS_REGION": REGION}
    only = [option for name in names for option in ("--only", name)]
    with saying(b"") as closed, saying(b"SSH-2.0-OpenSSH_9.6\r\n") as other:
        endpoints = {
            "AWS_ENDPOINT_URL": account,
            "AWS_ENDPOINT_URL_EKS": "http://eks.invalid",
            "AWS_ENDPOINT_URL_CODEBUILD": closed,
            "AWS_ENDPOINT_URL_CLOUDFORMATION": other,
        }
        done = run("scan", *only, "-o", "report.json", **keys, **endpoints)
    assert done.returncode == 0, done.stderr
    report = decoded(tmp_path / "report.json")
    assert report.partial
    assert {check.name: check.verdict for check in report.checks if check.verdict != "skipped"} == {
        name: "unknown" if name in lost else "passed" for name in names
    }
    assert {(error.operation, error.code) for error in report.errors} == set(lost.values())


def test_credentials_that_expire_in_the_middle_leave_a_partial_report(account: str, run: Run, tmp_path: Path) -> None:
    only = [option for name in ONLY for option in ("--only", name)]
    keys = {name.upper(): value for name, value in KEYS.items()} | {"AWS_REGION": REGION}
    with injecting(account, {"*": expire(12)}) as (endpoint, _):
        done = run("scan", *only, "--endpoint-url", endpoint, "-o", "report.json", **keys)
    assert done.returncode in (0, 3), done.stderr
    assert "Traceback" not in done.stderr
    report = decoded(tmp_path / "report.json")
    assert report.partial
    assert {error.code for error in report.errors} == {"ExpiredTokenException"}
    verdicts = {check.verdict for check in report.checks if check.verdict != "skipped"}
    assert {"unknown"} <= verdicts <= {"passed", "unknown"}, "which calls come before the end is chance"
