"""Create, describe, list, update and delete of one sort of resource, derived from botocore's model of the service."""

from __future__ import annotations

import base64
import binascii
import copy
import dataclasses
import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.model import Shape
from moto.core.utils import utcnow

from readiness.emulator.call import Call, Handler, InUse, Invalid, Item, NotFound, model_of

PAGE = 10
"""What SageMaker answers where nobody says how many, and the least that makes a list of a few take two pages."""
TOKENS = {"nexttoken", "marker", "paginationtoken", "nextpagetoken", "nextmarker"}
LIMITS = {"maxresults", "maxitems", "limit", "pagesize", "maxrecords", "maxpagesize"}
FILTERS = {"filter", "filters"}
CREATED = ("creat", "submi", "start")
CHANGED = ("lastmodified", "lastupdated", "update", "modified", "end", "complet")
"""How the names of the times begin that say when something was made, and last changed."""

Hook = Callable[[Call, Item], None]


def _nothing(_: Call, __: Item) -> None:
    return


@dataclasses.dataclass(frozen=True)
class Resource:
    """A sort of resource whose life the model tells: what is created is described, listed, updated and deleted.

    A parameter of a create is kept under its own name, so it is answered wherever an answer has a member of that
    name; `created` copies what is called otherwise. Times that say when it was made or changed are set by their names.

    Attributes:
        service: boto3's name of the service.
        noun: as the operations call one (`MonitoringSchedule`).
        key: the member that names one among its like.
        arn: the resource part of its ARN, with the key as `{}`; none where it has no ARN.
        arn_member: the member that holds the ARN; by default the noun with `Arn`.
        plural: where it is not the noun with an s.
        status: the member that holds the status, with the status of one that is there.
        identity: makes the key where AWS does.
        verbs: operations that are not named after the noun: `{"create": "StartSupportJob"}`; of create, describe, list,
            update and delete.
        equals: parameter of the list -> member of the item that must equal it; `XEquals` needs no entry.
        result: the member of the list's answer that holds the items, where it has several lists.
        created: completes a new item, or refuses it.
        changed: likewise after an update.
    """

    service: str
    noun: str
    key: str
    arn: str = ""
    arn_member: str = ""
    plural: str = ""
    status: tuple[str, str] = ("", "")
    identity: Callable[[], str] | None = None
    verbs: Mapping[str, str] = dataclasses.field(default_factory=dict)
    equals: Mapping[str, str] = dataclasses.field(default_factory=dict)
    result: str = ""
    created: Hook = _nothing
    changed: Hook = _nothing

    def handlers(self) -> dict[str, Handler]:
        """The operations of this resource that the model has, by name."""
        plural = self.plural or f"{self.noun}s"
        likely: list[tuple[str, tuple[str, ...], Handler]] = [
            ("create", (f"Create{self.noun}", f"Start{self.noun}", f"Put{self.noun}"), self.create),
            ("describe", (f"Describe{self.noun}", f"Get{self.noun}"), self.describe),
            ("list", (f"List{plural}", f"Describe{plural}", f"Get{plural}"), self.list),
            ("update", (f"Update{self.noun}",), self.update),
            ("delete", (f"Delete{self.noun}",), self.delete),
        ]
        known = set(model_of(self.service).operation_names)
        derived: dict[str, Handler] = {}
        for verb, names, handler in likely:
            given = self.verbs.get(verb)
            derived |= {name: handler for name in ((given,) if given else names) if name in known}
        return derived

    def items(self, call: Call) -> dict[str, Item]:
        """Those of the caller's account and region, by key."""
        return call.table(self.noun, self.service)

    def find(self, call: Call) -> Item:
        """The resource that the request names, by its key, its ARN or its name.

        Raises:
            NotFound: there is none.
        """
        shape = model_of(call.service).operation_model(call.operation).input_shape
        telling = {*(shape.required_members if shape else ()), self.key, self._arn_member}
        named = [str(value) for name, value in call.parameters.items() if name in telling]
        for key, item in self.items(call).items():
            if key in named or item.get(self._arn_member, "") in named or item.get("name") in named:
                return item
        raise NotFound(f"{self.noun} {', '.join(named)} does not exist.")

    def create(self, call: Call) -> Item:
        """Keep a new item, whose name must be free."""
        item = copy.deepcopy(call.parameters)
        if self.identity:
            item[self.key] = self.identity()
        key = item[self.key]
        if key in self.items(call):
            raise InUse(f"{self.noun} {key} already exists.")
        if self.arn:
            item[self._arn_member] = call.arn(self.arn.format(key))
        if self.status[0]:
            item[self.status[0]] = self.status[1]
        item |= dict.fromkeys(self._times((*CREATED, *CHANGED)), utcnow())
        self.created(call, item)
        self.items(call)[key] = item
        return item

    def describe(self, call: Call) -> Item:
        """The item, whole."""
        return self.find(call)

    def update(self, call: Call) -> Item:
        """Change what the request names."""
        item = self.find(call)
        changed = {**item, **copy.deepcopy(call.parameters), **dict.fromkeys(self._times(CHANGED), utcnow())}
        self.changed(call, changed)
        # Only now, so that a change that is refused changes nothing; the same item, as others may hold it.
        item.clear()
        item.update(changed)
        return item

    def delete(self, call: Call) -> Item:
        """Forget the item."""
        item = self.find(call)
        del self.items(call)[item[self.key]]
        return item

    def list(self, call: Call) -> Item:
        """A page of the items that the request asks for."""
        return listed(call, self.items(call).values(), self.key, self.equals, self.status[0], result=self.result)

    @property
    def _arn_member(self) -> str:
        return self.arn_member or f"{self.noun}Arn"

    def _times(self, starts: tuple[str, ...]) -> Iterable[str]:
        """The times of this name that the service's answers about it hold."""
        found: dict[str, None] = {}
        model = model_of(self.service)
        for operation, handler in self.handlers().items():
            if handler in (self.describe, self.list):
                for shape in _structures(model.operation_model(operation).output_shape):
                    for name, member in shape.members.items():
                        if member.type_name == "timestamp" and name.lower().startswith(starts):
                            found[name] = None
        return found


def _structures(shape: Shape | None) -> Iterable[Any]:
    """A structure, and those right inside it or in its lists."""
    if shape is None:
        return
    yield shape
    for member in shape.members.values():
        inner = member.member if member.type_name == "list" else member
        if inner.type_name == "structure":
            yield inner


def listed(
    call: Call,
    items: Iterable[Item],
    key: str = "",
    equals: Mapping[str, str] | None = None,
    status: str = "",
    *,
    result: str = "",
    asked: Item | None = None,
) -> Item:
    """Filter, sort and page items as the parameters of a list ask.

    Understood are `XEquals`, the pairs of `equals`, `NameContains`, `XAfter` and `XBefore` for times, all of them also
    within a `Filter`; `SortBy` name or a time, `SortOrder`; how many, and the token of the page before. The order is
    that of creation where nothing is said.

    Args:
        call: the list.
        items: whatever of this sort is there.
        key: the member by which they are named.
        equals: parameter -> member that must equal it.
        status: the member of the status.
        result: the member of the answer that holds the list; the only list there by default.
        asked: instead of the parameters of the call, where they are called otherwise.

    Raises:
        Invalid: the token is not one of ours.
    """
    output = model_of(call.service).operation_model(call.operation).output_shape
    asked = _flat(call.parameters if asked is None else asked)
    found = [item for item in items if _wanted(item, asked, key, {"StatusEquals": status, **(equals or {})})]
    if "SortBy" in asked:
        by = str({"Name": key, "Status": status}.get(asked["SortBy"], asked["SortBy"]))
        found.sort(key=lambda item: _rank(item, by))
    if str(asked.get("SortOrder")).startswith("Desc"):
        found.reverse()
    start = _place(next((value for name, value in asked.items() if name.lower() in TOKENS), None))
    limit = next((value for name, value in asked.items() if name.lower() in LIMITS), PAGE)
    end = start + int(limit)
    if not result:
        [result] = [name for name, shape in output.members.items() if shape.type_name == "list"]
    member = output.members[result].member
    page = [fitting(item, member) if member.type_name == "structure" else item[key] for item in found[start:end]]
    [token] = [name for name in output.members if name.lower() in TOKENS] or [""]
    return {result: page, **({token: _token(end)} if token and end < len(found) else {})}


def _flat(parameters: Item) -> Item:
    """The parameters, with those inside a filter, all beginning with a capital."""
    flat: Item = {}
    for name, value in parameters.items():
        if name.lower() in FILTERS and isinstance(value, dict):
            flat |= _flat(value)
        else:
            flat[name[0].upper() + name[1:]] = value
    return flat


def _member(item: Item, name: str) -> Any:
    """A member of an item, in whichever case AWS begins its name."""
    return item.get(name, item.get(name[0].lower() + name[1:]))


def _rank(item: Item, name: str) -> Any:
    """What an item is sorted by; creation, by any of its names, where there is nothing else."""
    value = _member(item, name)
    if value is None:
        value = next((value for name, value in item.items() if name.lower().startswith(CREATED)), "")
    return value.timestamp() if isinstance(value, datetime.datetime) else value


def _wanted(item: Item, asked: Item, key: str, equals: Mapping[str, str]) -> bool:
    for name, value in asked.items():
        member = equals.get(name) or equals.get(name[0].lower() + name[1:])
        member = member or (name.removesuffix("Equals") if name.endswith("Equals") else "")
        if member and _member(item, member) != value:
            return False
        if name == "NameContains" and value.lower() not in item[key].lower():
            return False
        for suffix, sign in (("After", 1), ("Before", -1)):
            moment = _moment(item, name.removesuffix(suffix)) if name.endswith(suffix) else None
            if moment is not None and (moment - _utc(value)).total_seconds() * sign < 0:
                return False
    return True


def _moment(item: Item, name: str) -> datetime.datetime | None:
    """The time that `CreationTime`, or `Created` for short, means."""
    stem = name.lower().removesuffix("ed")
    names = [name, *(known for known in item if known.lower().startswith(stem))]
    found = next((value for name in names if isinstance(value := _member(item, name), datetime.datetime)), None)
    return found and _utc(found)


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
    """The members of an item that a structure of the model has.

    An answer whose one structure holds the item (`{"project": {...}}`) gets it there.
    """
    found = {name: item[name] for name in shape.members if item.get(name) is not None}
    inner = [name for name, member in shape.members.items() if member.type_name == "structure"]
    if not found and len(inner) == 1:
        return {inner[0]: fitting(item, shape.members[inner[0]])}
    return found
