"""A value of an enumeration that nobody here has heard of makes what is judged by it unknown, and nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.session
import msgspec
import pytest
from botocore.model import OperationModel

from faults.injector import Fault, change, injecting, rewrite
from faults.scans import Seen, scanned
from readiness import Enumerated, Record, enumerated, packs
from readiness.check import Check
from readiness.kinds import Kind, source_of
from readiness.plan import plan

CHECKS = packs.load().checks
PLAN = plan(CHECKS)
MARKED = [kind for kind in PLAN.listed if enumerated.marks(kind)]
SESSION = botocore.session.get_session()
NOBODYS = "NeverHeardOf"


def model(operation: str) -> OperationModel:
    service, _, name = operation.partition(":")
    return SESSION.get_service_model(service).operation_model(name)


def members(shape: Any, within: str = "", above: tuple[str, ...] = ()) -> Iterator[enumerated.Mark]:
    """All members of an answer that have an enumeration, each by itself and by what it is in."""
    if shape.name in above:
        return
    above = (*above, shape.name)
    if shape.type_name == "list":
        yield from members(shape.member, within, above)
    elif shape.type_name == "map":
        yield from members(shape.value, within, above)
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            value = member.member if member.type_name == "list" else member
            if getattr(value, "enum", None):
                yield from (("", name), (within, name))
            yield from members(member, name, above)


def marking() -> dict[enumerated.Mark, list[Kind]]:
    """Each mark with the kinds that have it; what several have in common need not be in all of their answers."""
    found: dict[enumerated.Mark, list[Kind]] = {}
    for kind in MARKED:
        for mark in enumerated.marks(kind):
            found.setdefault(mark, []).append(kind)
    return found


@pytest.mark.parametrize(("mark", "kinds"), sorted(marking().items()), ids=str)
def test_no_mark_is_idle(mark: enumerated.Mark, kinds: list[Kind]) -> None:
    operations = {operation for kind in kinds if (source := source_of(kind)) for operation in source.operations}
    shapes = [model(operation).output_shape for operation in operations]
    assert mark in {known for shape in shapes if shape for known in members(shape)}


class Inner(Record):
    mode: Enumerated | None = None
    note: str = ""


class Outer(Record):
    status: Enumerated
    events: list[Enumerated] = msgspec.field(default_factory=list)
    inner: Inner | None = None
    by_name: dict[str, Inner] = msgspec.field(default_factory=dict)
    name: str = ""


def test_marks_are_found_at_every_depth() -> None:
    assert enumerated.marks(Outer) == {("", "Status"), ("", "Events"), ("Inner", "Mode"), ("ByName", "Mode")}


ROUTES = {"RouteTables": [{"Routes": [{"State": "Active"}, {"State": "blackhole"}]}]}
ANSWERS: list[tuple[str, str, set[enumerated.Mark], dict[str, Any], str | None]] = [
    ("known", "sagemaker:DescribeEndpoint", {("", "EndpointStatus")}, {"EndpointStatus": "InService"}, None),
    ("new", "sagemaker:DescribeEndpoint", {("", "EndpointStatus")}, {"EndpointStatus": NOBODYS}, "EndpointStatus"),
    ("known in another case", "ec2:DescribeRouteTables", {("Routes", "State")}, ROUTES, None),
    ("not there", "sagemaker:DescribeEndpoint", {("", "EndpointStatus")}, {}, None),
    ("not marked", "sagemaker:DescribeEndpoint", {("", "EndpointName")}, {"EndpointStatus": NOBODYS}, None),
    (
        "in a list",
        "sagemaker:ListEndpoints",
        {("", "EndpointStatus")},
        {"Endpoints": [{"EndpointStatus": "InService"}, {"EndpointStatus": NOBODYS}]},
        "EndpointStatus",
    ),
    (
        "one of a list of values",
        "codedeploy:GetDeploymentGroup",
        {("autoRollbackConfiguration", "events")},
        {"deploymentGroupInfo": {"autoRollbackConfiguration": {"events": ["DEPLOYMENT_FAILURE", NOBODYS]}}},
        "events",
    ),
    (
        "in another member than the one that is marked",
        "codebuild:BatchGetProjects",
        {("source", "type")},
        {"projects": [{"source": {"type": "GITHUB"}, "environment": {"type": NOBODYS}}]},
        None,
    ),
]


@pytest.mark.parametrize(
    ("operation", "judged", "answer", "found"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_what_is_new_is_found(
    operation: str, judged: set[enumerated.Mark], answer: dict[str, Any], found: str | None
) -> None:
    assert enumerated.unheard_of(model(operation), judged)(answer) == found


def test_a_shape_that_holds_itself_is_looked_through_once() -> None:
    search = enumerated.unheard_of(model("ce:GetCostCategories"), {("", "Key")})
    assert search({"CostCategoryNames": []}) is None


@dataclasses.dataclass(frozen=True)
class Case:
    """A member of an answer that is given a value that nobody has heard of."""

    operation: str
    fault: Fault

    def __str__(self) -> str:
        return self.operation


def put(*path: str) -> Fault:
    """Put the value at this path of a JSON answer, in each item of a list that is on it."""

    def edit(answer: Any, rest: tuple[str, ...] = path) -> None:
        if isinstance(answer, list):
            for item in answer:
                edit(item, rest)
        elif len(rest) == 1:
            assert rest[0] in answer, (rest, list(answer))
            answer[rest[0]] = NOBODYS
        else:
            edit(answer[rest[0]], rest[1:])

    return change(edit)


CASES = [
    Case("sagemaker:DescribeEndpoint", put("EndpointStatus")),
    Case("kinesis:ListStreams", put("StreamSummaries", "StreamStatus")),
    Case("glue:GetJobRuns", put("JobRuns", "JobRunState")),
    Case("eks:DescribeCluster", put("cluster", "status")),
    Case("codebuild:BatchGetBuilds", put("builds", "buildStatus")),
    Case("bedrock:ListModelInvocationJobs", put("invocationJobSummaries", "status")),
    Case("cloudformation:ListStacks", rewrite("<StackStatus>[^<]*<", f"<StackStatus>{NOBODYS}<")),
    Case("ec2:DescribeVpcEndpoints", rewrite("<state>[^<]*<", f"<state>{NOBODYS}<")),
    Case("s3:GetBucketLifecycleConfiguration", rewrite("<Status>[^<]*<", f"<Status>{NOBODYS}<")),
]


def judging(operation: str) -> tuple[Check, ...]:
    """The checks whose kinds of this operation are judged by such values."""
    kinds = {kind for kind in MARKED if (source := source_of(kind)) is not None and operation in source.operations}
    return tuple(check for check in CHECKS if kinds.intersection(check.kinds))


@pytest.fixture(scope="module")
def sound(account: str) -> Mapping[str, Seen]:
    return {str(case): scanned(account, judging(case.operation)) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_judged_by_a_new_value_is_unknown(account: str, sound: Mapping[str, Seen], case: Case) -> None:
    checks = judging(case.operation)
    assert checks
    with injecting(account, {case.operation: case.fault}) as (endpoint, _):
        found = scanned(endpoint, checks)
    for check in checks:
        assert sound[str(case)].judgements[check.name].verdict != "unknown"
        judgement = found.judgements[check.name]
        assert judgement.verdict == "unknown", check.name
        assert {error.code for error in judgement.errors} == {"UnknownValue"}
        assert "a newer one may" in judgement.errors[0].message
