"""Calls AWS for what a plan needs: every list in every region at once, details as soon as their items are known."""

from __future__ import annotations

import asyncio
import contextvars
import datetime
import functools
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import jmespath
import msgspec

from readiness import failures
from readiness.caller import Absent, Caller, CallFailed, taken
from readiness.kinds import Call, Kind, Source, closure, name_of, scope_of, source_of
from readiness.pace import Pace
from readiness.plan import Plan
from readiness.record import Record
from readiness.snapshot import GLOBAL, CallError, Reading
from readiness.view import View, as_record
from readiness.workers import DEADLINE, Overdue, Workers

Progress = Callable[[str, str], None]
"""Called with the kind's name and the region whenever one is done."""
Keep = Callable[[str, str, Reading], None]
"""Called with the kind's name, the region and what was read of it, before anything else is done with it."""


GONE: Any = object()
"""Stands for an item that was listed and is no more."""
FAILED: contextvars.ContextVar[list[CallFailed]] = contextvars.ContextVar("FAILED")
"""Which of the calls for the kind at hand have failed: it can't be whole any more, so the rest need not be made."""


class Gatherer:
    """One scan's gathering; `readings` holds, at any moment, what is complete.

    Args:
        caller: makes the calls.
        plan: what to gather.
        regions: where; what AWS keeps once per account is asked for in the first of them.
        view: gives derived kinds to the children that are listed per one of their records.
        at: the time of the scan.
        readings: filled in place, kind name -> region -> reading; what is whole in it already is not asked for.
        keep: keeps what was read elsewhere, too.
        pace: which operations are limited.
        deadline: how many seconds an attempt of a call may take.
    """

    def __init__(
        self,
        caller: Caller,
        plan: Plan,
        regions: Sequence[str],
        view: View,
        at: datetime.datetime,
        readings: dict[str, dict[str, Reading]],
        keep: Keep = lambda _kind, _region, _reading: None,
        pace: Pace | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self._caller = caller
        self._plan = plan
        self._several = plan.shared
        self._urgency = plan.urgency
        self._regions = regions
        self._view = view
        self._at = at
        self._readings = readings
        self._keep = keep
        self._pace = pace or Pace()
        self._deadline = deadline
        self._shared: dict[str, asyncio.Future[Any]] = {}
        self._tasks: dict[tuple[Kind, str], asyncio.Task[Reading]] = {}
        self._workers: Workers

    def run(self, max_workers: int, progress: Progress) -> bool:
        """Gather everything; returns False where the user interrupted it, and marks what is then missing."""
        try:
            asyncio.run(self._run(max_workers, progress))
        except KeyboardInterrupt:
            for kind, region in self._wanted():
                error = CallError(
                    f"scan:{name_of(kind)}", region, "Interrupted", "the scan was stopped before this was read"
                )
                self._readings.setdefault(name_of(kind), {}).setdefault(region, Reading(errors=[error]))
            return False
        return True

    def _wanted(self) -> Iterable[tuple[Kind, str]]:
        for kind in self._plan.listed:
            for region in (GLOBAL,) if scope_of(kind) == "global" else self._regions:
                yield kind, region

    async def _run(self, max_workers: int, progress: Progress) -> None:
        async with (
            Workers(max_workers, self._caller.sent, self._deadline) as self._workers,
            asyncio.TaskGroup() as group,
        ):
            # Parents come before children in the plan, so a child always finds its parent's task.
            for kind, region in self._wanted():
                self._tasks[kind, region] = group.create_task(self._gather(kind, region, progress))

    async def _gather(self, kind: Kind, region: str, progress: Progress) -> Reading:
        source = source_of(kind)
        if source is None:
            raise TypeError(f"{name_of(kind)} is derived: it is not listed by AWS")
        known = self._readings.get(name_of(kind), {}).get(region)
        if known is not None and not known.errors:
            progress(name_of(kind), region)
            return known
        # The tasks that this one starts are given the same list.
        FAILED.set([])
        try:
            reading = await self._read(kind, source, region)
        except CallFailed as failure:
            reading = Reading(errors=[failure.error])
        except msgspec.ValidationError as problem:
            operation = f"{source.service}:{source.calls[-1].operation}"
            reading = Reading(errors=[CallError(operation, region, "UnexpectedShape", failures.words(problem))])
        # A kind is an author's code: what it raises must cost only the kind.
        except Exception as problem:  # noqa: BLE001
            operation = f"{source.service}:{source.calls[-1].operation}"
            error = CallError(operation, region, failures.code_of(problem), failures.place(problem))
            reading = Reading(errors=[error])
        self._readings.setdefault(name_of(kind), {})[region] = reading
        self._keep(name_of(kind), region, reading)
        progress(name_of(kind), region)
        return reading

    async def _read(self, kind: Kind, source: Source, region: str) -> Reading:
        parents: list[dict[str, Any]] = [{}]
        if source.per is not None:
            parent = await self._parent(source.per, region)
            if parent.errors:
                return Reading(errors=parent.errors)
            parents = [msgspec.to_builtins(record) for record in parent.records]
        requests = await self._requests(source, region, parents)
        lists = await _all(self._list(source, region, parameters) for parameters in requests)
        items = [item for found, _ in lists for item in found]
        for detail in source.details:
            items = await self._detailed(source, region, detail, items)
        records: list[Record] = [as_record(item, kind) for item in items]
        return Reading(records=records, cut=any(cut for _, cut in lists))

    async def _parent(self, kind: Kind, region: str) -> Reading:
        for needed in closure([kind]):
            if source_of(needed) is not None:
                await self._tasks[needed, GLOBAL if scope_of(needed) == "global" else region]
        return self._view.reading(kind, region)

    async def _requests(self, source: Source, region: str, parents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The parameters of each listing call: constants, one of each choice, and what comes from the parent."""
        call = source.listing
        choices = [[(name, value) for value in values] for name, values in call.each.items()]
        by = await self._by(source, region, call) if source.per is not None else dict(call.by)
        unique: dict[str, dict[str, Any]] = {}
        for parent in parents:
            found = {name: jmespath.search(path, parent) for name, path in by.items()}
            if any(value is None for value in found.values()):
                continue
            for choice in itertools.product(*choices):
                request = {**call.constants(self._at), **dict(choice), **found}
                unique.setdefault(_frozen(request), request)
        return list(unique.values())

    async def _list(self, source: Source, region: str, request: dict[str, Any]) -> tuple[list[dict[str, Any]], bool]:
        call = source.listing
        options = {"newest": source.newest} if source.newest else {}
        try:
            if self._is_shared(source, call):
                pages, cut = await self._ask(self._caller.pages, source, region, call, request, options)
                take = self._caller.take(source.service, self._client_region(region), call)
                found = [item for page in pages for item in taken(page, take)]
            else:
                found, cut = await self._ask(self._caller.items, source, region, call, request, options)
        except Absent:
            return [], False
        # The parameters that tell one list from another are fields of its items; they never override what AWS says.
        own = {name: value for name, value in request.items() if name not in call.give}
        items = [{**own, **(item if isinstance(item, dict) else {call.name or "Name": item})} for item in found]
        return [item for item in items if source.where is None or source.where(item)], cut

    async def _detailed(
        self, source: Source, region: str, call: Call, items: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        if not items:
            return []
        by = await self._by(source, region, call)
        if call.batch:
            return await self._batched(source, region, call, by, items)
        asked: dict[str, tuple[dict[str, Any], list[int]]] = {}
        for index, item in enumerate(items):
            found = {name: jmespath.search(path, item) for name, path in by.items()}
            if all(value is not None for value in found.values()):
                request = {**call.constants(self._at), **found}
                asked.setdefault(_frozen(request), (request, []))[1].append(index)
        answers = await _all(self._detail(source, region, call, request) for request, _ in asked.values())
        merged = list(items)
        for answer, (_, places) in zip(answers, asked.values(), strict=True):
            for index in places:
                merged[index] = GONE if answer is GONE else _merged(call, items[index], answer)
        return [item for item in merged if item is not GONE]

    async def _by(self, source: Source, region: str, call: Call) -> dict[str, str]:
        """Parameter -> JMESPath: what the call says, or else what the operation requires."""
        if call.by:
            return dict(call.by)
        place = (source.service, self._client_region(region))
        if not self._caller.has_client(*place):
            await self._workers.run(functools.partial(self._caller.client, *place))
        names = self._caller.required(*place, call.operation)
        return {name: name for name in names if name not in call.give and name not in call.each}

    async def _detail(self, source: Source, region: str, call: Call, request: dict[str, Any]) -> Any:
        try:
            found = await self._ask(self._caller.answer, source, region, call, request, {})
            return GONE if found is None and call.gone else found
        except Absent:
            return GONE if call.gone else None

    async def _batched(
        self, source: Source, region: str, call: Call, by: Mapping[str, str], items: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        [(parameter, path)] = by.items()
        key = call.key or path
        names = list(dict.fromkeys(name for item in items if (name := jmespath.search(path, item)) is not None))
        chunks = [names[start : start + call.batch] for start in range(0, len(names), call.batch)]
        answers = await _all(
            self._detail(source, region, call, {**call.constants(self._at), parameter: chunk}) for chunk in chunks
        )
        found = {jmespath.search(key, answer): answer for part in answers for answer in part or []}
        known = [(item, found.get(jmespath.search(path, item))) for item in items]
        return [_merged(call, item, answer) for item, answer in known if answer is not None]

    async def _ask(
        self,
        ask: Callable[..., Any],
        source: Source,
        region: str,
        call: Call,
        request: dict[str, Any],
        options: dict[str, Any],
    ) -> Any:
        """Make a call in a thread; one that several kinds need is made once, and its answer kept for all."""
        asking = functools.partial(ask, source.service, self._client_region(region), call, request, **options)
        if not self._is_shared(source, call):
            failed = FAILED.get()
            try:
                return await self._answered(functools.partial(_unless, failed, asking), source, region, call)
            except CallFailed as failure:
                failed.append(failure)
                raise
        take = call.take if ask == self._caller.answer else None
        identity = _frozen([source.service, region, call.operation, take, request, options])
        if identity not in self._shared:
            self._shared[identity] = asyncio.ensure_future(self._answered(asking, source, region, call))
        return await self._shared[identity]

    async def _answered(self, asking: Callable[[], Any], source: Source, region: str, call: Call) -> Any:
        place, operation = self._client_region(region), f"{source.service}:{call.operation}"
        narrow = self._pace.narrow(source.service, call.operation, place)
        try:
            return await self._workers.run(asking, self._urgency[operation], narrow)
        except Overdue as late:
            raise CallFailed(CallError(operation, place, failures.code_of(late), failures.words(late))) from late

    def _is_shared(self, source: Source, call: Call) -> bool:
        return f"{source.service}:{call.operation}" in self._several

    def _client_region(self, region: str) -> str:
        return self._regions[0] if region == GLOBAL else region


def _unless(failed: Sequence[CallFailed], asking: Callable[[], Any]) -> Any:
    if failed:
        raise failed[0]
    return asking()


async def _all(coroutines: Iterable[Any]) -> list[Any]:
    """The results of all, after all have ended: the first failure must not leave others running behind it."""
    results = await asyncio.gather(*coroutines, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def _merged(call: Call, item: dict[str, Any], answer: Any) -> dict[str, Any]:
    if answer is None:
        return item
    return {**item, call.into: answer} if call.into else {**item, **answer}


def _frozen(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
