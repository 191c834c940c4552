"""Tags of what the extension keeps: the three operations of a service, derived from its model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from readiness.emulator.call import Call, Elsewhere, Handler, Item, NotFound, model_of


@dataclasses.dataclass(frozen=True)
class Tagging:
    """`TagResource`, `UntagResource` and `ListTagsForResource` of a service, for resources that are kept in tables.

    The tags of an item are its member `Tags` or `tags`, as the operations call it, in the form of the service: pairs in
    a list, or a map.

    Attributes:
        service: boto3's name of it.
        arns: table -> member of its items that holds their own ARN.
        elsewhere: whether moto keeps taggable resources of the service as well.
    """

    service: str
    arns: Mapping[str, str]
    elsewhere: bool = False

    def handlers(self) -> dict[str, Handler]:
        """The three operations, by name."""
        return {"TagResource": self._tag, "UntagResource": self._untag, "ListTagsForResource": self._list}

    def _tag(self, call: Call) -> None:
        item, tags = self._find(call), call.parameters[self._member]
        self._set(item, {**self._map(item.get(self._member)), **self._map(tags)})

    def _untag(self, call: Call) -> None:
        [keys] = [value for value in call.parameters.values() if isinstance(value, list)]
        item = self._find(call)
        tags = self._map(item.get(self._member))
        self._set(item, {key: value for key, value in tags.items() if key not in keys})

    def _list(self, call: Call) -> Item:
        item = self._find(call)
        self._set(item, self._map(item.get(self._member)))
        return {self._member: item[self._member]}

    def _find(self, call: Call) -> Item:
        [arn] = [value for value in call.parameters.values() if isinstance(value, str)]
        for noun, member in self.arns.items():
            for item in call.table(noun, self.service).values():
                if item.get(member) == arn:
                    return item
        if self.elsewhere:
            raise Elsewhere
        raise NotFound(f"The resource {arn} does not exist.")

    @property
    def _member(self) -> str:
        return next(name for name in self._given if name in ("Tags", "tags"))

    @property
    def _given(self) -> Mapping[str, Any]:
        """The members of the request that sets tags."""
        shape = model_of(self.service).operation_model("TagResource").input_shape
        members: Mapping[str, Any] = shape.members
        return members

    def _map(self, tags: Any) -> dict[str, str]:
        if isinstance(tags, list):
            return {tag[self._pair[0]]: tag.get(self._pair[1], "") for tag in tags}
        return dict(tags or {})

    def _set(self, item: Item, tags: dict[str, str]) -> None:
        mapped = self._given[self._member].type_name == "map"
        key, value = ("", "") if mapped else self._pair
        item[self._member] = tags if mapped else [{key: name, value: told} for name, told in tags.items()]

    @property
    def _pair(self) -> tuple[str, str]:
        """How a tag of a list calls its key and its value."""
        key, value = self._given[self._member].member.members
        return key, value
