"""What SageMaker has, wherever it is kept: what all sorts of it have in common, and Search.

Moto's Search knows no order, no pages, no nested filters and only some operators, ends at the first filter for a tag,
and answers whatever moto lost; its lists cut pages before they filter.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any

from botocore.model import Shape

from readiness.emulator.call import Call, Coded, Invalid, Item, NotFound, model_of
from readiness.emulator.door import Extension
from readiness.emulator.resources import Resource, listed

SERVICE = "sagemaker"
INVALID = "ValidationException"


def _as_it_is(_: Call, item: Item) -> Item:
    return item


@dataclasses.dataclass(frozen=True)
class Sort(Resource):
    """A sort of resource of which there is more to tell than the model does.

    Attributes:
        look: what an item looks like at the moment when somebody looks.
        newest_first: whether a list begins with the newest where nobody says how to sort.
        by_name: whether it goes by name there.
        taken: the code of the refusal of a name that is taken, where it is not the model's.
        missing: likewise of one that is not there.
    """

    look: Callable[[Call, Item], Item] = _as_it_is
    newest_first: bool = False
    by_name: bool = False
    taken: str = ""
    missing: str = ""

    def create(self, call: Call) -> Item:
        """Keep a new item, whose name must be free."""
        if self.taken and call.parameters.get(self.key) in self.items(call):
            raise Coded(self.taken, f"{self.noun} {call.parameters[self.key]} already exists.")
        return super().create(call)

    def find(self, call: Call) -> Item:
        """The resource that the request names."""
        try:
            return super().find(call)
        except NotFound as missing:
            if self.missing:
                raise Coded(self.missing, str(missing)) from missing
            raise

    def get(self, call: Call, name: str) -> Item:
        """The resource of a name or an ARN.

        Raises:
            Refused: there is none.
        """
        found = next(
            (item for item in self.items(call).values() if name in (item[self.key], item[self.arn_name])), None
        )
        if found is None:
            message = f"{self.noun} {name} does not exist."
            raise Coded(self.missing, message) if self.missing else NotFound(message)
        return found

    def describe(self, call: Call) -> Item:
        """The item, whole, as it looks now."""
        return self.look(call, self.find(call))

    def list(self, call: Call) -> Item:
        """A page of the items that the request asks for."""
        return self.page(call, self.items(call).values())

    def page(self, call: Call, items: Iterable[Item], **asked: Any) -> Item:
        """A page of some of the items; what is `asked` adds to what the request says, None takes it away."""
        wanted = ordered({**call.parameters, **asked}, newest_first=self.newest_first, by_name=self.by_name)
        looked = (self.look(call, item) for item in items)
        return listed(call, looked, self.key, self.equals, self.status[0], result=self.result, asked=wanted)

    @property
    def arn_name(self) -> str:
        """The member that holds the ARN."""
        return self._arn_member


def ordered(asked: Item, *, newest_first: bool = False, by_name: bool = False) -> Item:
    """The parameters of a list, with the order that AWS gives it where nobody says another."""
    wanted = {name: value for name, value in asked.items() if value is not None}
    if by_name:
        wanted.setdefault("SortBy", "Name")
    if newest_first:
        wanted.setdefault("SortOrder", "Descending")
    return wanted


def caller(call: Call) -> Item:
    """Who calls, as `CreatedBy` and `LastModifiedBy` tell it of somebody outside Studio."""
    principal, arn, _ = call.backend("sts").get_caller_identity(call.access_key, call.region)
    return {"IamIdentity": {"Arn": arn, "PrincipalId": principal}}


def within(call: Call, operation: str, parameters: Item) -> Call:
    """A call that SageMaker makes for the caller in the course of another."""
    return dataclasses.replace(call, service=SERVICE, operation=operation, parameters=parameters)


def utc(moment: datetime.datetime) -> datetime.datetime:
    """A time that knows that it is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def chance(*parts: Any) -> float:
    """A number from 0 up to 1 that looks random, but is the same whenever the parts are."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


SORTS: dict[str, Sort] = {}
"""The sorts that Search finds, by what it calls them: each module adds its own."""

MEMBERS = {"ExperimentTrial": "Trial", "ExperimentTrialComponent": "TrialComponent"}
"""What a result calls something that Search calls otherwise."""

TABLES = {"Endpoint": "endpoints", "Model": "_models"}
"""What moto keeps, and where."""


def _search(call: Call) -> Item:
    """A page of what fits the expression; the last modified first, where nothing is said."""
    resource: str = call.parameters["Resource"]
    record: Any = model_of(SERVICE).operation_model("Search").output_shape
    shapes = record.members["Results"].member.members
    member = MEMBERS.get(resource, resource)
    if member not in shapes:
        raise Invalid(f"{resource} can't be searched for.")
    results = [_trimmed({"Model": one} if member == "Model" else one, shapes[member]) for one in _held(call, resource)]
    expression = call.parameters.get("SearchExpression", {})
    wanted = [one for one in results if _fits(one, expression)]
    wanted.sort(key=lambda one: _sortable(_values(one, call.parameters.get("SortBy", "LastModifiedTime"))))
    if call.parameters.get("SortOrder", "Descending") == "Descending":
        wanted.reverse()
    pages = {name: value for name, value in call.parameters.items() if name in ("MaxResults", "NextToken")}
    found: list[Item] = [{member: one} for one in wanted]
    return listed(call, found, asked=pages)


def _held(call: Call, resource: str) -> list[Item]:
    """All of a sort, by AWS's names: ours as it looks now, and what only moto keeps."""
    if resource == "FeatureMetadata":
        return [feature for group in call.table("FeatureGroup").values() for feature in group["Features"].values()]
    if resource in SORTS:
        return [SORTS[resource].look(call, item) for item in SORTS[resource].items(call).values()]
    motos = getattr(call.backend(SERVICE), TABLES.get(resource, ""), {}).values()
    return [
        *call.table(resource).values(),
        *({**one.gen_response_object(), f"{resource}Arn": one.arn} for one in motos),
    ]


def _trimmed(value: Any, shape: Shape) -> Any:
    """What the model knows of a value; a part of which moto keeps less than must be told is left out."""
    if shape.type_name == "structure" and isinstance(value, dict):
        known = {name: inner for name, inner in value.items() if name in shape.members and inner is not None}
        told = {name: _trimmed(inner, shape.members[name]) for name, inner in known.items()}
        return {name: inner for name, inner in told.items() if _whole(inner, shape.members[name])}
    if shape.type_name == "list" and isinstance(value, list):
        return [_trimmed(inner, shape.member) for inner in value]
    return value


def _whole(value: Any, shape: Shape) -> bool:
    return shape.type_name != "structure" or all(name in value for name in shape.required_members)


def _fits(item: Item, expression: Item) -> bool:
    told = [_holds(item, one) for one in expression.get("Filters", [])]
    for nested in expression.get("NestedFilters", []):
        property_name = nested["NestedPropertyName"]
        prefix = f"{property_name}."
        inner = [{**one, "Name": one["Name"].removeprefix(prefix)} for one in nested["Filters"]]
        told.append(any(all(_holds(one, wanted) for wanted in inner) for one in _values(item, property_name)))
    told += [_fits(item, one) for one in expression.get("SubExpressions", [])]
    return any(told) if expression.get("Operator") == "Or" and told else all(told)


def _values(item: Any, path: str) -> list[Any]:
    """What a property such as `ResourceConfig.InstanceType`, `Tags.Owner` or `HyperParameters.eta` holds."""
    if path.startswith("Tags."):
        return [tag["Value"] for tag in item.get("Tags") or [] if tag["Key"] == path.removeprefix("Tags.")]
    # A metric is asked for by its name: `Metrics.validation:auc` in AWS's own examples.
    if path.startswith("Metrics.") and "Metrics" not in item:
        name = path.removeprefix("Metrics.")
        return [one["Value"] for one in item.get("FinalMetricDataList") or [] if one["MetricName"] == name]
    here = [item]
    for name in path.split("."):
        inner = [one[name] for one in here if isinstance(one, dict) and name in one]
        here = [value for one in inner for value in (one if isinstance(one, list) else [one])]
    return here


def _sortable(values: list[Any]) -> tuple[int, float, str]:
    """What has no such property comes first; numbers and times before texts."""
    if not values:
        return (0, 0.0, "")
    number = _number(values[0])
    return (1, number, "") if number is not None else (2, 0.0, str(values[0]))


def _number(value: Any) -> float | None:
    if isinstance(value, datetime.datetime):
        return utc(value).timestamp()
    for read in (float, _moment):
        try:
            return read(value)
        except (TypeError, ValueError):
            continue
    return None


def _moment(text: str) -> float:
    return utc(datetime.datetime.fromisoformat(text)).timestamp()


COMPARED: dict[str, Callable[[float, float], bool]] = {
    "GreaterThan": lambda one, other: one > other,
    "GreaterThanOrEqualTo": lambda one, other: one >= other,
    "LessThan": lambda one, other: one < other,
    "LessThanOrEqualTo": lambda one, other: one <= other,
}


def _holds(item: Any, wanted: dict[str, str]) -> bool:
    """Whether one filter holds; what is told of a list holds where it does of any of it."""
    values = _values(item, wanted["Name"])
    operator, other = wanted.get("Operator", "Equals"), wanted.get("Value", "")
    if operator in ("Exists", "NotExists"):
        return bool(values) == (operator == "Exists")
    if operator == "NotEquals":
        return not any(_same(value, other) for value in values)
    if operator == "Equals":
        return any(_same(value, other) for value in values)
    if operator == "Contains":
        return any(other in str(value) for value in values)
    if operator == "In":
        return any(_same(value, one) for value in values for one in other.split(","))
    compare = COMPARED[operator]
    numbers = [(one, limit) for value in values if (one := _number(value)) is not None and (limit := _number(other))]
    return any(compare(one, limit) for one, limit in numbers)


def _same(value: Any, text: str) -> bool:
    if isinstance(value, bool):
        return str(value).lower() == text.lower()
    number = None if isinstance(value, str) else _number(value)
    return str(value) == text or (number is not None and number == _number(text))


EXTENSION = Extension(SERVICE, {"Search": _search})
