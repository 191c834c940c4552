"""Sorts of resource that several parts of SageMaker have."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Handler, Invalid, Item
from readiness.emulator.resources import Resource, listed

SERVICE = "sagemaker"
PLACE = "Place"
"""The member that holds where a nested resource is; no answer has one of this name."""

Hook = Callable[[Call, Item], None]


def _nowhere(_: Item) -> str:
    return ""


def _nothing(_: Call, __: Item) -> None:
    return


@dataclasses.dataclass(frozen=True)
class Nested(Resource):
    """A sort whose name is one of its kind only within another resource; its key is `PLACE`.

    Attributes:
        name: the member that names one within.
        place: from the members that name one, what its ARN says of them.
    """

    name: str = ""
    place: Callable[[Item], str] = _nowhere

    def create(self, call: Call) -> Item:
        """Keep a new item, whose name must be free where it is."""
        parameters = {**call.parameters, PLACE: self.place(call.parameters)}
        return super().create(dataclasses.replace(call, parameters=parameters))

    def find(self, call: Call) -> Item:
        """The resource that the request names, with all that it is within."""
        return super().find(dataclasses.replace(call, parameters={PLACE: self.place(call.parameters)}))

    def list(self, call: Call) -> Item:
        """A page of the items that the request asks for."""
        asked = dict(call.parameters)
        if (part := asked.pop(f"{self.name}Contains", None)) is not None:
            asked["NameContains"] = part
        items = self.items(call).values()
        return listed(call, items, self.name, self.equals, self.status[0], result=self.result, asked=asked)


@dataclasses.dataclass(frozen=True)
class Job(Resource):
    """A sort of job that runs until somebody looks, and is done then; before that it can be stopped.

    Attributes:
        ended: the member that tells when it ended, if one does.
        stopped: the status of one that was stopped.
        finished: gives a job its last status, and its results.
    """

    ended: str = ""
    stopped: str = ""
    finished: Hook = _nothing

    def handlers(self) -> dict[str, Handler]:
        """The operations of this sort of job that the model has, by name."""
        return {**super().handlers(), f"Stop{self.noun}": self.stop}

    def create(self, call: Call) -> Item:
        """Start a job."""
        item = super().create(call)
        item.pop(self.ended, None)
        return item

    def describe(self, call: Call) -> Item:
        """The job, which is done by now."""
        item = super().describe(call)
        self._look(call, item)
        return item

    def list(self, call: Call) -> Item:
        """A page of the jobs that the request asks for; all of them are done by now."""
        for item in self.items(call).values():
            self._look(call, item)
        return super().list(call)

    def stop(self, call: Call) -> Item:
        """End a job that nobody has looked at yet; it has no results."""
        item = self.find(call)
        if not self._runs(item):
            raise Invalid(f"{self.noun} {item[self.key]} is {item[self.status[0]]} and can't be stopped.")
        self._end(item)
        item[self.status[0]] = self.stopped
        return item

    def _look(self, call: Call, item: Item) -> None:
        if self._runs(item):
            self._end(item)
            self.finished(call, item)

    def _runs(self, item: Item) -> bool:
        return bool(item[self.status[0]] == self.status[1])

    def _end(self, item: Item) -> None:
        item["LastModifiedTime"] = utcnow()
        if self.ended:
            item[self.ended] = item["LastModifiedTime"]
