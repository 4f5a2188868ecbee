"""Trio driven from synchronous code, in the same thread and in virtual time.

Theory of operation: Trio runs as a guest of a loop that is nothing but a queue, and
that turns only while somebody waits for the outcome of a call. Between two calls
nothing moves, so an example is the same each time it runs.
"""

from __future__ import annotations

import math
import queue
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import trio
import trio.testing

if TYPE_CHECKING:
    from outcome import Outcome

T = TypeVar("T")
#: What is to be run, and where its result goes, or the error that it has raised.
_Request = tuple[Callable[[], Awaitable[Any]], list[tuple[Any, Exception | None]]]

#: How long a turn of the loop may take, in seconds of real time.
_PATIENCE = 30


class TrioPump:
    """A Trio run that moves while ``call`` waits."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._outcome: Outcome[None] | None = None
        self._requests, self._incoming = trio.open_memory_channel[_Request](math.inf)
        self._nursery: trio.Nursery | None = None
        trio.lowlevel.start_guest_run(
            self._main,
            clock=trio.testing.MockClock(autojump_threshold=0),
            run_sync_soon_threadsafe=self._queue.put,
            run_sync_soon_not_threadsafe=self._queue.put,
            done_callback=self._done,
        )
        while self._nursery is None:
            self._turn()

    def start_soon(self, function: Callable[[], Awaitable[object]]) -> None:
        """Run *function* as a task in the background."""
        assert self._nursery is not None
        self._nursery.start_soon(function)

    def call(self, function: Callable[[], Awaitable[T]]) -> T:
        """Run *function* to its end; give what it returns, or raise what it raises."""
        cell: list[tuple[Any, Exception | None]] = []
        self._requests.send_nowait((function, cell))
        while not cell and self._outcome is None:
            self._turn()
        if not cell:
            self.close()
        value, error = cell[0]
        if error is not None:
            raise error
        result: T = value
        return result

    def close(self) -> None:
        """End all tasks, and raise what one of them has raised."""
        self._requests.close()
        while self._outcome is None:
            self._turn()
        self._outcome.unwrap()

    def _turn(self) -> None:
        self._queue.get(timeout=_PATIENCE)()

    def _done(self, result: Outcome[None]) -> None:
        self._outcome = result

    async def _main(self) -> None:
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            async for function, cell in self._incoming:
                try:
                    cell.append((await function(), None))
                except Exception as error:
                    cell.append((None, error))
            nursery.cancel_scope.cancel()


async def settle() -> None:
    """Wait until all other tasks wait for something, threads included."""
    await trio.testing.wait_all_tasks_blocked()
    threads = trio.to_thread.current_default_thread_limiter()
    while threads.borrowed_tokens:
        # Without a pause of ours, because with one virtual time would jump.
        while threads.borrowed_tokens:
            await trio.lowlevel.checkpoint()
        await trio.testing.wait_all_tasks_blocked()
