"""What is new in AWS's enumerations is told from what is known: in every answer by which a check of ours judges."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import botocore.session
import msgspec
import pytest
from botocore.model import OperationModel, ServiceModel, Shape
from werkzeug.wrappers import Response

from faults.conftest import sandbox_of
from faults.injector import Asked, Fault, injecting
from faults.scans import Place, Seen, scanned
from faults.test_denied import CHECKS, PLAN, again, resting_on
from readiness import Enumerated, Record, enumerated
from readiness.audit import Judgement
from readiness.kinds import Kind, name_of, source_of
from readiness.snapshot import CallError

MARKED = [kind for kind in PLAN.listed if enumerated.marks(kind)]
SESSION = botocore.session.get_session()
NOBODYS = "NobodyKnowsThis"
EACH = "each item of a list"
VALUES = "each value of a map"
SHOWN = frozenset(
    {
        "application-autoscaling.ScalingPolicy",
        "bedrock.EvaluationJob",
        "cloudformation.Stack",
        "cloudformation.StackResource",
        "codebuild.Build",
        "codedeploy.Deployment",
        "databrew.JobRun",
        "ec2.FlowLog",
        "ec2.VpcEndpoint",
        "eks.EksCluster",
        "events.Rule",
        "kinesis.Stream",
        "s3.BucketEncryption",
        "s3.LifecycleRule",
        "sagemaker.Endpoint",
        "sagemaker.EndpointConfig",
        "sagemaker.ModelPackage",
        "sagemaker.TrainingJob",
        "scheduler.Schedule",
        "stepfunctions.StateMachineExecution",
    }
)
"""Kinds of every protocol that the account must show: tests of what is sent must not pass for want of it."""


@dataclasses.dataclass(frozen=True)
class Member:
    """A member of a structure: as boto3 calls it, and as it is called in what is sent."""

    name: str
    sent: str


Way = tuple[Member | str, ...]
"""The way through an answer to a value."""


@dataclasses.dataclass(frozen=True)
class Enumeration:
    """A place in an operation's answer that has one of these values."""

    path: Way
    values: tuple[str, ...]


def model(operation: str) -> OperationModel:
    service, _, name = operation.partition(":")
    return SESSION.get_service_model(service).operation_model(name)


def places(operation: str, mark: enumerated.Mark) -> list[Enumeration]:
    """Where in an operation's answer a mark acts, by botocore's model."""
    shape = model(operation).output_shape
    return list(_places(shape, mark, "", ())) if shape else []


def _places(shape: Shape, mark: enumerated.Mark, within: str, above: tuple[str, ...]) -> Iterator[Enumeration]:
    if shape.name in above:
        return
    above = (*above, shape.name)
    inner: list[tuple[Way, Shape, str]] = []
    if shape.type_name == "list":
        inner.append(((EACH,), shape.member, within))
    elif shape.type_name == "map":
        inner.append(((VALUES,), shape.value, within))
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            step = Member(name, member.serialization.get("name", name))
            one = member.member if member.type_name == "list" else member
            if getattr(one, "enum", None) and mark in (("", name), (within, name)):
                yield Enumeration((step, EACH) if one is not member else (step,), tuple(one.enum))
            else:
                inner.append(((step,), member, name))
    for steps, part, name in inner:
        for found in _places(part, mark, name, above):
            yield Enumeration((*steps, *found.path), found.values)


def operations_of(kind: Kind) -> list[str]:
    source = source_of(kind)
    return sorted(source.operations) if source else []


def answer_of(path: Way, value: str) -> Any:
    """The least answer, as botocore parses it, that has the value at this place."""
    if not path:
        return value
    step, *rest = path
    inner = answer_of(tuple(rest), value)
    if isinstance(step, Member):
        return {step.name: inner}
    return [inner] if step == EACH else {"key": inner}


@pytest.mark.parametrize("kind", MARKED, ids=name_of)
def test_each_mark_acts_in_an_answer_about_its_own_kind(kind: Kind) -> None:
    """Every value that the model knows passes, and no other: at each place of which the mark speaks."""
    for mark in enumerated.marks(kind):
        acted = 0
        for operation in operations_of(kind):
            search = enumerated.unheard_of(model(operation), {mark})
            for place in places(operation, mark):
                acted += 1
                for value in place.values:
                    assert search(answer_of(place.path, value)) is None, (operation, value)
                assert search(answer_of(place.path, NOBODYS)) == mark[1], operation
        assert acted, f"{mark} is no enumeration in the answers of {', '.join(operations_of(kind))}"


def invented(**members: dict[str, Any]) -> OperationModel:
    """An operation whose answer has these members, of a service that has the shapes that they need."""
    shapes: dict[str, Any] = {
        "Text": {"type": "string"},
        "Status": {"type": "string", "enum": ["Active", "Gone"]},
        "Statuses": {"type": "list", "member": {"shape": "Status"}},
        "Thing": {"type": "structure", "members": {"Status": {"shape": "Status"}, "Name": {"shape": "Text"}}},
        "Things": {"type": "list", "member": {"shape": "Thing"}},
        "Rows": {"type": "list", "member": {"shape": "Things"}},
        "ByName": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Thing"}},
        "ListsByName": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Things"}},
        "Tree": {
            "type": "structure",
            "members": {"Status": {"shape": "Status"}, "Branches": {"shape": "Trees"}, "Leaf": {"shape": "Thing"}},
        },
        "Trees": {"type": "list", "member": {"shape": "Tree"}},
        "Answer": {"type": "structure", "members": members},
    }
    described = {"metadata": {"protocol": "json"}, "operations": {}, "shapes": shapes}
    operation = {"name": "Ask", "http": {}, "output": {"shape": "Answer"}}
    return OperationModel(operation, ServiceModel(described, "invented"), "Ask")


STATUS = ("", "Status")
THING = {"Status": "Active"}
NEW = {"Status": NOBODYS}
UNITS: list[tuple[str, str, enumerated.Mark, Any, bool]] = [
    ("known", "Thing", STATUS, THING, False),
    ("new", "Thing", STATUS, NEW, True),
    ("known, in another case", "Thing", STATUS, {"Status": "ACTIVE"}, False),
    ("empty", "Thing", STATUS, {"Status": ""}, True),
    ("not there", "Thing", STATUS, {"Name": "x"}, False),
    ("null", "Thing", STATUS, {"Status": None}, False),
    ("none of the text that a status is", "Thing", STATUS, {"Status": {"Code": 16}}, True),
    ("marked in its own structure", "Thing", ("It", "Status"), NEW, True),
    ("marked in another structure", "Thing", ("Other", "Status"), NEW, False),
    ("another member marked", "Thing", ("", "Name"), NEW, False),
    ("the last of a list", "Things", STATUS, [THING, THING, NEW], True),
    ("a list of known ones", "Things", STATUS, [THING, THING], False),
    ("an empty list", "Things", STATUS, [], False),
    ("a list in a list", "Rows", STATUS, [[THING], [], [THING, NEW]], True),
    ("a list in a list, marked in the member that has it", "Rows", ("It", "Status"), [[NEW]], True),
    ("in a map", "ByName", STATUS, {"a": THING, "b": NEW}, True),
    ("in a map, marked in the member that has it", "ByName", ("It", "Status"), {"b": NEW}, True),
    ("a map's key is no value", "ByName", STATUS, {NOBODYS: THING}, False),
    ("in lists in a map", "ListsByName", STATUS, {"a": [THING], "b": [THING, NEW]}, True),
    ("an empty map", "ListsByName", STATUS, {}, False),
    ("in what holds itself", "Tree", STATUS, {"Status": NOBODYS, "Branches": []}, True),
    ("beside what holds itself", "Tree", STATUS, {"Branches": [], "Leaf": NEW}, True),
    ("known in what holds itself", "Tree", STATUS, {"Status": "Gone", "Branches": [{"Status": "Active"}]}, False),
]


@pytest.mark.parametrize(("shape", "mark", "value", "new"), [row[1:] for row in UNITS], ids=[row[0] for row in UNITS])
def test_shapes(shape: str, mark: enumerated.Mark, value: Any, new: bool) -> None:
    search = enumerated.unheard_of(invented(It={"shape": shape}, Note={"shape": "Text"}), {mark})
    assert search({"It": value, "Note": NOBODYS}) == ("Status" if new else None)
    assert search({"Note": NOBODYS}) is None


@pytest.mark.parametrize(("values", "new"), [(["Active", "Gone"], False), (["Active", NOBODYS], True), ([], False)])
def test_each_of_a_list_of_values_is_looked_at(values: list[str], new: bool) -> None:
    search = enumerated.unheard_of(invented(States={"shape": "Statuses"}), {("", "States")})
    assert search({"States": values}) == ("States" if new else None)


def test_without_a_mark_or_an_answer_nothing_is_looked_for() -> None:
    assert enumerated.unheard_of(invented(It={"shape": "Thing"}), set())({"It": NEW}) is None
    silent = OperationModel(
        {"name": "Ask", "http": {}}, ServiceModel({"metadata": {}, "shapes": {}}, "invented"), "Ask"
    )
    assert enumerated.unheard_of(silent, {STATUS})({}) is None


class Leaf(Record, rename="camel"):
    last_state: Enumerated | None = None


class Branch(Record):
    leaves: list[Leaf] = msgspec.field(default_factory=list)
    kinds: list[Enumerated] | None = None
    branch: Branch | None = None
    note: str = ""


class Grown(Branch):
    own: Enumerated = msgspec.field(name="OWN", default="")


def test_marks_are_called_as_aws_calls_them() -> None:
    found = {("", "OWN"), ("", "Kinds"), ("Leaves", "lastState")}
    assert enumerated.marks(Grown) == found | {("Branch", "Kinds")}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An account in which everything is practised, in a process of its own."""
    with sandbox_of("ready", tmp_path_factory.mktemp("enumerated")) as endpoint:
        whole = scanned(endpoint, CHECKS)
        assert failed(whole) == {}
        yield Place(endpoint, whole)


def put(found: Sequence[Enumeration], values: Callable[[Enumeration], Iterator[str]], hits: list[str]) -> Fault:
    """Put other values, one after the other, at these places of an answer; `hits` gets those that were there."""
    others = {one.path: values(one) for one in found}

    def fault(asked: Asked) -> Response:
        whole = asked.forward(asked.body)
        if whole.status_code < 300:
            edit = _in_json if "json" in asked.model.service_model.resolved_protocol else _in_xml
            whole.set_data(edit(whole.get_data(as_text=True), others, hits))
        return whole

    return fault


def _in_xml(text: str, others: Mapping[Way, Iterator[str]], hits: list[str]) -> str:
    """The names of members with an enumeration are unlike enough, so that the last of each way tells it."""
    tags = {step.sent: values for way, values in others.items() for step in way[-1:] if isinstance(step, Member)}

    def replace(found: re.Match[str]) -> str:
        hits.append(found[2])
        return f"<{found[1]}>{next(tags[found[1]])}<"

    return re.sub(rf"<({'|'.join(tags)})>([^<]+)<", replace, text)


def _in_json(text: str, others: Mapping[Way, Iterator[str]], hits: list[str]) -> str:
    answer = json.loads(text)
    for way, values in others.items():
        _edit(answer, way, values, hits)
    return json.dumps(answer)


def _edit(part: Any, way: Way, values: Iterator[str], hits: list[str]) -> None:
    step, *rest = way
    if isinstance(step, Member):
        keys: Any = [step.sent] if part.get(step.sent) is not None else []
    else:
        keys = range(len(part)) if step == EACH else list(part)
    for key in keys:
        if rest:
            _edit(part[key], tuple(rest), values, hits)
        else:
            hits.append(part[key])
            part[key] = next(values)


def failed(found: Seen) -> dict[str, list[CallError]]:
    """The kinds that could not be read, with what they tell."""
    return {
        kind: [error for reading in by_region.values() for error in reading.errors]
        for kind, by_region in found.snapshot.readings.items()
        if any(reading.errors for reading in by_region.values())
    }


def told(judgement: Judgement) -> tuple[object, ...]:
    return judgement.verdict, judgement.reason, judgement.findings, judgement.errors


def praised(judgement: Judgement) -> set[str]:
    return {finding.resource for finding in judgement.findings if finding.good}


@pytest.mark.parametrize("kind", MARKED, ids=name_of)
def test_a_value_that_nobody_knows_blinds_what_rests_on_it_and_nothing_else(place: Place, kind: Kind) -> None:
    shown = 0
    for operation, mark in itertools.product(operations_of(kind), sorted(enumerated.marks(kind))):
        if found := places(operation, mark):
            hits: list[str] = []
            seen, _ = again(place, operation, put(found, lambda _: itertools.repeat(NOBODYS), hits))
            shown += len(hits)
            assert_blind(place, seen, operation, mark[1] if hits else "")
    assert shown or name_of(kind) not in SHOWN


def assert_blind(place: Place, seen: Seen, operation: str, member: str) -> None:
    """What could not be read is so for this member of the operation's answers, or nothing where that is empty."""
    unread = failed(seen)
    # What several kinds ask for in several ways need not be there for each of them.
    assert bool(unread) == bool(member), (operation, member)
    assert unread.keys() <= {name_of(one) for one in resting_on(operation)}
    for errors in unread.values():
        assert {(error.operation, error.code) for error in errors} == {(operation, "UnknownValue")}
        assert all(error.message.startswith(f"{member} has a value") for error in errors)
    for check in CHECKS:
        was, now = place.whole.judgements[check.name], seen.judgements[check.name]
        if any(name_of(one) in unread for one in check.required):
            assert (now.verdict, now.findings) == ("unknown", ()), check.name
            assert {error.code for error in now.errors} == {"UnknownValue"}, check.name
        elif any(name_of(one) in unread for one in check.kinds):
            assert now.verdict in (was.verdict, "unknown"), check.name
            assert praised(now) <= praised(was), check.name
        else:
            assert told(now) == told(was), check.name


def test_values_that_the_model_knows_blind_nothing(place: Place) -> None:
    """Each value in turn, in every answer of one scan."""
    hits: dict[str, list[str]] = {}
    faults = {
        operation: put(
            [one for mark in sorted(marks) for one in places(operation, mark)],
            lambda one: itertools.cycle(one.values),
            hits.setdefault(operation, []),
        )
        for operation, marks in PLAN.judged.items()
    }
    with injecting(place.endpoint, faults) as (endpoint, _):
        seen = scanned(endpoint, CHECKS)
    assert failed(seen) == {}
    assert all(judgement.verdict != "unknown" for judgement in seen.judgements.values())
    changed = {
        name for name, judgement in seen.judgements.items() if told(judgement) != told(place.whole.judgements[name])
    }
    assert changed <= {check.name for check in CHECKS if any(hits.get(one) for one in check.operations)}
    for kind in MARKED:
        assert any(hits[one] for one in operations_of(kind)) or name_of(kind) not in SHOWN, name_of(kind)
