"""Create, describe, list, update and delete of one sort of resource, derived from botocore's model of the service."""

from __future__ import annotations

import base64
import binascii
import copy
import dataclasses
import datetime
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator
from moto.backends import get_backend
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import utcnow
from moto.utilities.utils import get_partition

Item = dict[str, Any]
PAGE = 10
"""What SageMaker answers where nobody says how many, and the least that makes a list of a few take two pages."""
TABLES = "_readiness_tables"


class Invalid(ServiceException):
    """The request does not fit the model, or asks for what can't be."""

    code = "ValidationException"


class NotFound(ServiceException):
    """There is no such resource."""

    code = "ResourceNotFound"


class InUse(ServiceException):
    """The name is taken."""

    code = "ResourceInUse"


@dataclasses.dataclass(frozen=True)
class Call:
    """One request: who calls, where, and with which parameters, already checked against the model."""

    response: BaseResponse
    service: str
    parameters: Item

    @property
    def backend(self) -> Any:
        """Moto's own state of the service for the account and region; a reset of it clears ours."""
        return get_backend(self.service)[self.response.current_account][self.response.region]  # type: ignore[call-overload]  # a service that moto knows

    def table(self, noun: str) -> dict[str, Item]:
        """The resources of one sort, by key."""
        tables: dict[str, dict[str, Item]] = self.backend.__dict__.setdefault(TABLES, {})
        return tables.setdefault(noun, {})

    def arn(self, resource: str) -> str:
        """An ARN in the partition, region and account of the caller."""
        region = self.response.region
        return f"arn:{get_partition(region)}:{self.service}:{region}:{self.response.current_account}:{resource}"


Handler = Callable[[Call], Item | None]
Hook = Callable[[Call, Item], None]


def _nothing(_: Call, __: Item) -> None:
    return


@dataclasses.dataclass(frozen=True)
class Resource:
    """A sort of resource whose life the model tells: what is created is described, listed, updated and deleted.

    Attributes:
        service: boto3's name of the service.
        noun: as the operations call one (`MonitoringSchedule`); the plural ends in s.
        key: the parameter that names one.
        arn: the resource part of its ARN, with the key as `{}`; members of that name end in `Arn`.
        arn_member: the member that holds the ARN; by default the noun with `Arn`.
        status: the member that holds the status, with the status of one that is there.
        equals: parameter of the list -> member of the item that must equal it; `XEquals` needs no entry.
        created: completes a new item, or refuses it.
        changed: likewise after an update.
    """

    service: str
    noun: str
    key: str
    arn: str
    arn_member: str = ""
    status: tuple[str, str] = ("", "")
    equals: Mapping[str, str] = dataclasses.field(default_factory=dict)
    created: Hook = _nothing
    changed: Hook = _nothing

    def handlers(self) -> dict[str, Handler]:
        """The operations of this resource that the model has, by name."""
        known = set(model_of(self.service).operation_names)
        derived: dict[str, Handler] = {
            f"Create{self.noun}": self.create,
            f"Describe{self.noun}": self.describe,
            f"List{self.noun}s": self.list,
            f"Update{self.noun}": self.update,
            f"Delete{self.noun}": self.delete,
        }
        return {name: handler for name, handler in derived.items() if name in known}

    def find(self, call: Call) -> Item:
        """The resource that the request names, by its key or its ARN.

        Raises:
            NotFound: there is none.
        """
        table = call.table(self.noun)
        name = call.parameters.get(self.key) or call.parameters.get("Arn")
        for item in table.values():
            if name in (item[self.key], item[self._arn_member]):
                return item
        raise NotFound(f"{self.noun} {name} does not exist.")

    def create(self, call: Call) -> Item:
        """Keep a new item, whose name must be free."""
        name = call.parameters[self.key]
        if name in call.table(self.noun):
            raise InUse(f"{self.noun} {name} already exists.")
        now = utcnow()
        item = copy.deepcopy(call.parameters)
        item |= {self._arn_member: call.arn(self.arn.format(name)), "CreationTime": now, "LastModifiedTime": now}
        if self.status[0]:
            item[self.status[0]] = self.status[1]
        self.created(call, item)
        call.table(self.noun)[name] = item
        return item

    def describe(self, call: Call) -> Item:
        """The item, whole."""
        return self.find(call)

    def update(self, call: Call) -> Item:
        """Change what the request names."""
        item = self.find(call)
        item |= copy.deepcopy(call.parameters)
        item["LastModifiedTime"] = utcnow()
        self.changed(call, item)
        return item

    def delete(self, call: Call) -> Item:
        """Forget the item."""
        item = self.find(call)
        del call.table(self.noun)[item[self.key]]
        return item

    def list(self, call: Call) -> Item:
        """A page of the items that the request asks for."""
        return listed(call, f"List{self.noun}s", call.table(self.noun).values(), self.key, self.equals, self.status[0])

    @property
    def _arn_member(self) -> str:
        return self.arn_member or f"{self.noun}Arn"


@functools.cache
def model_of(service: str) -> ServiceModel:
    """Botocore's model of a service."""
    return botocore.session.get_session().get_service_model(service)


def listed(
    call: Call, operation: str, items: Iterable[Item], key: str, equals: Mapping[str, str], status: str = ""
) -> Item:
    """Filter, sort and page items as the parameters of a list ask.

    Understood are `XEquals`, the pairs of `equals`, `NameContains`, `XAfter` and `XBefore` for times, `SortBy` name or
    a time, `SortOrder`, `MaxResults` and `NextToken`; the order is that of creation where nothing is said.

    Raises:
        Invalid: the token is not one of ours.
    """
    asked = call.parameters
    found = [item for item in items if _wanted(item, asked, key, {"StatusEquals": status, **equals})]
    asked_order: str = asked.get("SortBy") or "CreationTime"
    by = {"Name": key, "Status": status}.get(asked_order, asked_order)

    def rank(item: Item) -> Any:
        return item.get(by, item["CreationTime"])

    found.sort(key=rank, reverse=asked.get("SortOrder") == "Descending")
    start = _place(asked.get("NextToken"))
    end = start + int(asked.get("MaxResults", PAGE))
    output = model_of(call.service).operation_model(operation).output_shape
    [member] = [name for name, shape in output.members.items() if shape.type_name == "list"]
    page = {member: [fitting(item, output.members[member].member) for item in found[start:end]]}
    return {**page, **({"NextToken": _token(end)} if end < len(found) else {})}


def _wanted(item: Item, asked: Item, key: str, equals: Mapping[str, str]) -> bool:
    for name, value in asked.items():
        member = equals.get(name) or (name.removesuffix("Equals") if name.endswith("Equals") else "")
        if member and item.get(member) != value:
            return False
        if name == "NameContains" and value.lower() not in item[key].lower():
            return False
        for suffix, sign in (("After", 1), ("Before", -1)):
            member = {"Created": "CreationTime"}.get(name.removesuffix(suffix), name.removesuffix(suffix))
            moment = item.get(member) if name.endswith(suffix) else None
            if moment is not None and (_utc(moment) - _utc(value)).total_seconds() * sign < 0:
                return False
    return True


def _utc(moment: datetime.datetime) -> datetime.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(f"after {place}".encode()).decode()


def _place(token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, place = base64.urlsafe_b64decode(token.encode()).decode().split()
        if word == "after":
            return int(place)
    except (ValueError, binascii.Error):
        pass
    raise Invalid("The pagination token is not valid.")


def fitting(item: Mapping[str, Any], shape: Shape) -> Item:
    """The members of an item that a structure of the model has."""
    return {name: item[name] for name in shape.members if item.get(name) is not None}


def install(service: str, response: type[BaseResponse], handlers: Mapping[str, Handler]) -> None:
    """Make a service of moto answer these operations.

    Args:
        service: boto3's name of the service.
        response: moto's class that answers for it.
        handlers: operation -> what gives its answer.
    """
    for name, handler in handlers.items():
        setattr(response, xform_name(name), _method(service, model_of(service).operation_model(name), handler))


def _method(service: str, operation: OperationModel, handler: Handler) -> Callable[[BaseResponse], ActionResult]:
    def answer(self: BaseResponse) -> ActionResult:
        parameters = dict(self.params)
        report = ParamValidator().validate(parameters, operation.input_shape)
        if report.has_errors():
            raise Invalid(report.generate_report())
        found = handler(Call(self, service, parameters))
        if operation.output_shape is None or found is None:
            return EmptyResult()
        result = fitting(found, operation.output_shape)
        wrong = ParamValidator().validate(result, operation.output_shape)
        if wrong.has_errors():
            raise AssertionError(f"{operation.name} would answer what AWS never does: {wrong.generate_report()}")
        return ActionResult(result)

    return answer
