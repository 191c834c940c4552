"""The Tagging API: it shows what the extension keeps, too, and moto's pages, which forget their filters, are ours.

AWS also shows what once had tags and lost them; that is known neither to moto nor here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from botocore.model import Shape
from moto.core.resource_tagging import iter_taggable_backends, make_tag_matcher, match_resource_type

from readiness.emulator.call import KEPT, Call, Coded, Invalid, Item, model_of
from readiness.emulator.door import Extension
from readiness.emulator.pages import page

SERVICE = "resourcegroupstaggingapi"
TAGS = ("Tags", "tags", "TagList", "ResourceTags")
"""What services call the tags of a resource."""
MOST_PER_PAGE = 100


class Tagged:
    """A resource with an ARN and tags, wherever it is kept."""

    def __init__(self, arn: str, kind: str, tags: dict[str, str], put: Callable[[dict[str, str]], None]) -> None:
        self.arn = arn
        self.kind = kind
        self.tags = tags
        self.put = put


def everything(account: str, region: str) -> Iterator[Tagged]:
    """What moto and the extension keep in an account and region, with tags or without."""
    for backend in iter_taggable_backends(account, region):
        for found in backend.iter_tagged_resources():
            yield Tagged(found.arn, found.resource_type, found.tags, _into_moto(backend, found.arn, found.tags))
    for (service, _), table in KEPT[account][region].tables.items():
        for key, item in table.items():
            if isinstance(item, dict) and (arn := _own_arn(service, key, item)):
                yield Tagged(arn, _kind(arn), _tags_of(item), _into_table(service, item))


def _into_moto(backend: Any, arn: str, before: dict[str, str]) -> Callable[[dict[str, str]], None]:
    def put(tags: dict[str, str]) -> None:
        gone = [key for key in before if key not in tags]
        if gone:
            backend.untag_resource(arn, gone)
        if tags:
            backend.tag_resource(arn, tags)

    return put


def _into_table(service: str, item: Item) -> Callable[[dict[str, str]], None]:
    def put(tags: dict[str, str]) -> None:
        member, shape = _form(service)
        if shape.type_name == "map":
            item[member] = tags
        else:
            key, value = shape.member.members
            item[member] = [{key: name, value: told} for name, told in tags.items()]

    return put


def _form(service: str) -> tuple[str, Any]:
    """How a service calls and shapes the tags that it is given."""
    model = model_of(service)
    for operation in ("TagResource", "AddTags", "AddTagsToResource", "CreateTags"):
        if operation in model.operation_names:
            members: dict[str, Shape] = model.operation_model(operation).input_shape.members
            for name in TAGS:
                if name in members:
                    return name, members[name]
    raise Coded("InvalidParameterException", f"Resources of {service} have no tags.")


def _own_arn(service: str, key: str, item: Item) -> str:
    """The ARN of an item among those that it mentions: of its service, and with its key in it."""
    name = model_of(service).signing_name
    mentioned = [value for value in item.values() if isinstance(value, str) and value.startswith("arn:")]
    own = [value for value in mentioned if value.split(":")[2] == name and value.endswith(str(key).rpartition("/")[2])]
    return own[0] if own else ""


def _kind(arn: str) -> str:
    parts = arn.split(":", 5)
    return f"{parts[2]}:{parts[5].partition('/')[0].partition(':')[0]}"


def _tags_of(item: Item) -> dict[str, str]:
    tags: Any = next((item[name] for name in TAGS if item.get(name)), {})
    if isinstance(tags, dict):
        return dict(tags)
    return {str(key): str(value or "") for key, value in (_pair(tag) for tag in tags)}


def _pair(tag: Item) -> tuple[Any, Any]:
    told = {name.lower().removeprefix("tag"): value for name, value in tag.items()}
    return told["key"], told.get("value")


def _resources(call: Call) -> Item:
    """A page of what has tags and meets the filters."""
    asked = call.parameters
    if asked.get("ResourceARNList") and (asked.get("TagFilters") or asked.get("ResourceTypeFilters")):
        raise Invalid("ResourceARNList can not be combined with filters.")
    size = asked.get("ResourcesPerPage", MOST_PER_PAGE)
    if not 1 <= size <= MOST_PER_PAGE:
        raise Invalid("ResourcesPerPage must be between 1 and 100.")
    meets = make_tag_matcher(asked.get("TagFilters"))
    found = [
        {"ResourceARN": one.arn, "Tags": [{"Key": key, "Value": value} for key, value in one.tags.items()]}
        for one in everything(call.account, call.region)
        if one.tags
        and meets(one.tags)
        and match_resource_type(one.kind, asked.get("ResourceTypeFilters"))
        and one.arn in (asked.get("ResourceARNList") or [one.arn])
    ]
    return {"PaginationToken": "", **page(call, found, most=size)}


def _names(call: Call, found: Iterable[str], result: str) -> Item:
    names = [{"Name": name} for name in dict.fromkeys(found)]
    return {"PaginationToken": "", **page(call, names, "Name", result=result)}


def _keys(call: Call) -> Item:
    return _names(call, (key for one in everything(call.account, call.region) for key in one.tags), "TagKeys")


def _values(call: Call) -> Item:
    key = call.parameters["Key"]
    told = (one.tags[key] for one in everything(call.account, call.region) if key in one.tags)
    return _names(call, told, "TagValues")


def _change(call: Call, change: Callable[[dict[str, str]], dict[str, str]]) -> Item:
    """Change the tags of each resource that is named; those that are not there are told."""
    known = {one.arn: one for one in everything(call.account, call.region)}
    failed: Item = {}
    for arn in call.parameters["ResourceARNList"]:
        try:
            known[arn].put(change(known[arn].tags))
        # Nobody has that ARN, or moto has no way to tag what its service keeps.
        except (KeyError, NotImplementedError):
            failed[arn] = {
                "StatusCode": 400,
                "ErrorCode": "InvalidParameterException",
                "ErrorMessage": f"The resource {arn} does not exist, or its service does not support this call.",
            }
    return {"FailedResourcesMap": failed}


def _tag(call: Call) -> Item:
    return _change(call, lambda tags: {**tags, **call.parameters["Tags"]})


def _untag(call: Call) -> Item:
    gone = call.parameters["TagKeys"]
    return _change(call, lambda tags: {key: value for key, value in tags.items() if key not in gone})


EXTENSION = Extension(
    SERVICE,
    {
        "GetResources": _resources,
        "GetTagKeys": _keys,
        "GetTagValues": _values,
        "TagResources": _tag,
        "UntagResources": _untag,
    },
)
