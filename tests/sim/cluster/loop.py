"""An event loop with its own time, on which several processes live that can be frozen or killed.

What belongs to which process is told by a context variable, which tasks and callbacks inherit. A
process runs its callbacks in the order in which they came, as asyncio promises; whose turn it is
among the processes is drawn. When nobody has anything to do, the time is what the next timer says:
an hour costs what happens in it. The process `kernel` is everything outside: the machine, the
network, the database server; it never stops.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from enum import StrEnum
from random import Random
from typing import Any, TypeVar, cast

T = TypeVar("T")

STEPS_MAX = 150_000  # of one run: a loop that never rests is a fault, not a long run


class Condition(StrEnum):
    RUNNING = "running"
    FROZEN = "frozen"
    DEAD = "dead"


class Process:
    """What is stopped, and killed, as a whole."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.condition = Condition.RUNNING
        self.ready: deque[asyncio.Handle] = deque()
        self.tasks: list[
            asyncio.Task[Any]
        ] = []  # kept, so that nothing of a dead one is cleaned up


_process: ContextVar[Process] = ContextVar("process")


class SimLoop(asyncio.AbstractEventLoop):
    """The part of an event loop that code without files and sockets needs."""

    def __init__(self, rng: Random) -> None:
        self.failures: list[str] = []  # what asyncio would have logged
        self.steps = 0
        self._rng = rng
        self._now_s = 0.0
        self._order = itertools.count()
        self._timers: list[tuple[float, int, asyncio.TimerHandle, Process]] = []
        self._runnable: list[Process] = []
        self.kernel = Process("kernel")
        self._processes = [self.kernel]
        self._ended = False

    # ---- what asyncio asks of a loop -----------------------------------------------------------

    def time(self) -> float:
        return self._now_s

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return self._ended

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._enqueue(self._of(context), handle)
        return handle

    def call_later(  # type: ignore[override]
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now_s + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        if not self._ended:
            heapq.heappush(self._timers, (when, next(self._order), handle, self._of(context)))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Asked by `TimerHandle.cancel`; such a timer is left out when its time comes."""

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        self._of(context).tasks.append(task)
        return task

    def run_in_executor(  # type: ignore[override]
        self, executor: object, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """What another thread would do is done at once."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  (whoever waits for it hears of it)
            done.set_exception(error)
        return done

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if not self._ended:
            self.failures.append(f"{context.get('message')}: {context.get('exception')!r}")

    # ---- processes -----------------------------------------------------------------------------

    def spawn(self, process: Process, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task in a process, started from outside."""
        context = copy_context()
        context.run(_process.set, process)
        if process not in self._processes:
            self._processes.append(process)
        return self.create_task(work, context=context)

    def deliver(self, process: Process, callback: Callable[..., object], *args: Any) -> None:
        """Has a process run something, from outside."""
        context = copy_context()
        context.run(_process.set, process)
        self.call_soon(callback, *args, context=context)

    def kill(self, process: Process) -> None:
        process.condition = Condition.DEAD
        process.ready.clear()
        if process in self._runnable:
            self._runnable.remove(process)

    def freeze(self, process: Process) -> None:
        if process.condition is Condition.RUNNING:
            process.condition = Condition.FROZEN
            if process in self._runnable:
                self._runnable.remove(process)

    def thaw(self, process: Process) -> None:
        if process.condition is Condition.FROZEN:
            process.condition = Condition.RUNNING
            if process.ready:
                self._runnable.append(process)

    # ---- running -------------------------------------------------------------------------------

    def run_until(self, done: Callable[[], bool], *, at_most_s: float) -> bool:
        """Runs until the condition holds, the time has come or something has failed. True when it
        holds; it is asked when nobody has anything to do.
        """
        asyncio._set_running_loop(self)
        try:
            while not self.failures:
                if self._runnable:
                    self._step()
                elif done():
                    return True
                elif not self._advance(at_most_s):
                    break
            return False
        finally:
            asyncio._set_running_loop(None)

    def end(self) -> None:
        """Nothing runs any more, and nothing is said about what has not ended."""
        self._ended = True
        self._timers.clear()
        for process in self._processes:
            self.kill(process)
            for task in process.tasks:
                if not task.done():
                    cast("Any", task)._log_destroy_pending = False
                    _close(task)
            process.tasks.clear()

    def _of(self, context: Context | None) -> Process:
        if context is None:
            return _process.get(self.kernel)
        return context.get(_process, self.kernel)

    def _enqueue(self, process: Process, handle: asyncio.Handle) -> None:
        if self._ended or process.condition is Condition.DEAD:
            return
        if not process.ready and process.condition is Condition.RUNNING:
            self._runnable.append(process)
        process.ready.append(handle)

    def _step(self) -> None:
        self.steps += 1
        if self.steps > STEPS_MAX:
            self.failures.append(f"{STEPS_MAX} steps, and it is {self._now_s:.3f} s only")
        index = self._rng.randrange(len(self._runnable)) if len(self._runnable) > 1 else 0
        process = self._runnable[index]
        handle = process.ready.popleft()
        if not process.ready:
            self._runnable[index] = self._runnable[-1]
            self._runnable.pop()
        if not handle.cancelled():
            handle._run()

    def _advance(self, at_most_s: float) -> bool:
        """To the next moment at which something happens; False when that is too late."""
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        if not self._timers or self._timers[0][0] > at_most_s:
            self._now_s = max(self._now_s, at_most_s)
            return False
        self._now_s = max(self._now_s, self._timers[0][0])
        while self._timers and self._timers[0][0] <= self._now_s:
            _, _, handle, process = heapq.heappop(self._timers)
            if not handle.cancelled():
                self._enqueue(process, handle)
        return True


def _close(task: asyncio.Task[Any]) -> None:
    """Ends a coroutine whose process is gone; what it does on its way out goes nowhere."""
    coroutine = task.get_coro()
    if coroutine is not None:
        with suppress(Exception):
            coroutine.close()
