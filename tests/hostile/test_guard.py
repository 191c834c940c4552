"""The guard: of every service in use, whatever no check declares is refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import Shape

from harness import REGION
from readiness import packs
from readiness.caller import CREDENTIALS, Caller, RefusedCall
from readiness.plan import plan
from readiness.session import new_session

DECLARED = plan(packs.load().checks).operations
SERVICES = sorted({operation.partition(":")[0] for operation in DECLARED | CREDENTIALS} - {"signin"})
"""botocore has a model of each but `signin`, whose one operation its login provider signs itself."""
NOWHERE = "http://127.0.0.1:9"


class Sent(Exception):
    """A request was about to leave for the network."""


def stop(**_: object) -> None:
    raise Sent


@pytest.fixture(scope="module")
def guarded() -> Caller:
    """A caller whose requests end where the network would begin."""
    session = new_session(region=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")
    session.events.register_first("before-send", stop)
    return Caller(session, DECLARED, NOWHERE, 1)


def least(shape: Shape | None, depth: int = 0) -> Any:
    """A value that the shape takes, with no more in it than must be."""
    if shape is None:
        return {}
    if shape.type_name == "structure":
        names = list(shape.members)[:1] if shape.is_tagged_union else shape.required_members
        return {name: least(shape.members[name], depth + 1) for name in names if depth < 8}
    if shape.type_name == "list":
        return [least(shape.member, depth + 1)] * max(1, shape.metadata.get("min", 1))
    if shape.type_name == "map":
        return {least(shape.key, depth + 1): least(shape.value, depth + 1)}
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "a" * max(3, shape.metadata.get("min", 3))
    values = {"boolean": False, "blob": b"a", "timestamp": "2026-11-23T12:00:00Z", "float": 1.0, "double": 1.0}
    return values.get(shape.type_name, max(1, shape.metadata.get("min", 1)))


def outcome(client: Any, operation: str) -> str:
    """What became of a call: the name of the exception that ended it."""
    try:
        client._make_api_call(operation, least(client.meta.service_model.operation_model(operation).input_shape))
    # Which one it was is what the test is about.
    except Exception as problem:  # noqa: BLE001
        return type(problem).__name__
    return "answered"


@pytest.mark.parametrize("service", SERVICES)
def test_only_what_is_declared_is_sent(service: str, guarded: Caller) -> None:
    client = guarded.client(service, REGION)
    allowed = DECLARED | CREDENTIALS
    wrong = {}
    for operation in client.meta.service_model.operation_names:
        wanted = Sent.__name__ if f"{service}:{operation}" in allowed else RefusedCall.__name__
        if (was := outcome(client, operation)) != wanted:
            wrong[operation] = (was, wanted)
    assert wrong == {}


def test_a_refused_call_is_not_counted(guarded: Caller) -> None:
    before = guarded.calls.copy()
    with pytest.raises(RefusedCall, match="s3:DeleteBucket is not declared"):
        guarded.client("s3", REGION).delete_bucket(Bucket="learner")
    assert guarded.calls == before


def test_the_guard_stays_for_clients_that_others_make_of_the_session() -> None:
    session = new_session(region=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")
    session.events.register_first("before-send", stop)
    Caller(session, frozenset(), NOWHERE, 1)
    for client in (session.client("iam"), session.resource("iam").meta.client):
        with pytest.raises(RefusedCall):
            client.delete_user(UserName="learner")
    with pytest.raises(RefusedCall):
        list(session.resource("s3").buckets.all())


def test_no_declared_operation_is_named_as_if_it_changed_anything() -> None:
    reading = ("Batch", "Describe", "Get", "List", "Lookup", "Search", "Query", "Select")
    assert {name for name in DECLARED if not name.partition(":")[2].startswith(reading)} == set()
