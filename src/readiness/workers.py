"""Runs calls in threads: so many at once, those of a limited operation fewer, and none for ever."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import heapq
import itertools
import threading
import time
from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Any, Self

from readiness.failures import Said

DEADLINE = 60.0
"""Seconds that an attempt may take, from its sending to the end of its answer, however slowly that comes in."""
SPARE = 8
"""So many times the threads at work may be lost to answers that never end, before nothing more is asked."""
PREFIX = "call"
"""How the threads' names begin."""
TICK = 0.5
"""Seconds from one look for such answers to the next."""


class Overdue(Said):
    """A call was given up since its answer did not end, or not even made since too many did not."""


class Workers:
    """Threads that make calls; to be used as an asynchronous context.

    A thread can't be stopped: that of a call which is given up is left to itself, and another takes its place.

    Args:
        most: how many calls run at once.
        begun: when the attempt at hand of a thread was sent, by `time.monotonic`, or None where none is under way.
        deadline: how many seconds an attempt may take.
    """

    def __init__(self, most: int, begun: Callable[[int], float | None], deadline: float = DEADLINE) -> None:
        self._most = most
        self._begun = begun
        self._deadline = deadline
        self._lost = 0
        self._running: dict[asyncio.Future[Any], int] = {}
        self._narrow: dict[Hashable, asyncio.Semaphore] = {}
        self._free = _Turns(most)
        self._pool = concurrent.futures.ThreadPoolExecutor(most * (SPARE + 1), thread_name_prefix=PREFIX)

    async def __aenter__(self) -> Self:
        """Begin to watch."""
        self._watch = asyncio.get_running_loop().create_task(self._watched())
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Start no more calls, and wait for none."""
        self._watch.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def run(self, job: Callable[[], Any], urgency: int = 0, narrow: tuple[Hashable, int] | None = None) -> Any:
        """What a job returns or raises, once it is its turn.

        Args:
            job: makes a call.
            urgency: of those that wait, the most urgent is next.
            narrow: what else limits it: a name, and how many jobs of this name run at once.

        Raises:
            Overdue: an attempt of it took too long.
        """
        async with contextlib.AsyncExitStack() as turn:
            if narrow is not None:
                name, most = narrow
                await turn.enter_async_context(self._narrow.setdefault(name, asyncio.Semaphore(most)))
            await self._free.take(urgency)
            turn.callback(self._free.give)
            if self._lost >= self._most * SPARE:
                raise Overdue("not asked: too many calls before it were never answered to the end")
            loop = asyncio.get_running_loop()
            outcome = loop.create_future()

            def work() -> Any:
                self._running[outcome] = threading.get_ident()
                return job()

            def done(made: concurrent.futures.Future[Any]) -> None:
                # The answer to a call that was given up may come when nobody waits any more.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(_settle, outcome, made)

            self._pool.submit(work).add_done_callback(done)
            try:
                return await outcome
            finally:
                self._running.pop(outcome, None)

    async def _watched(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            now = time.monotonic()
            for outcome, thread in list(self._running.items()):
                begun = self._begun(thread)
                if begun is not None and now - begun > self._deadline and not outcome.done():
                    self._lost += 1
                    outcome.set_exception(Overdue(f"the answer did not end within {self._deadline:g} seconds"))


class _Turns:
    """A semaphore that lets the most urgent go first, and of those the one that came first."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._came = itertools.count()

    async def take(self, urgency: int) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (-urgency, next(self._came), turn))
        await turn

    def give(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def lost() -> bool:
    """Whether threads are still at work for calls that nobody waits for."""
    return any(thread.name.startswith(PREFIX) for thread in threading.enumerate())


def _settle(outcome: asyncio.Future[Any], made: concurrent.futures.Future[Any]) -> None:
    if outcome.done() or made.cancelled():
        return
    problem = made.exception()
    if problem is not None:
        outcome.set_exception(problem)
    else:
        outcome.set_result(made.result())
