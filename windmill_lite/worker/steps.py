"""Building what jobs need before they run: once for all who wait, and kept.

Everybody who waits reads the output of the build. A job that is canceled stops waiting; the build
goes on for the others, within its own time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

from sandbox import Cell, Exit
from windmill_lite.base.errors import Invalid, Refusal
from windmill_lite.runtimes import Call, Failure, Kept, Runtime, Step, outcome_of
from windmill_lite.worker.together import Say, Together

#: What becomes of a lock that was found: answers with the one that holds.
KeepLock = Callable[[str], Awaitable[str]]
_TOLD_BYTES_MAX = 4_000


class Sandbox(Protocol):
    """What runs cells."""

    async def run(self, cell: Cell, on_output: Say) -> Exit: ...


class Steps:
    """The builds of one worker."""

    def __init__(self, sandbox: Sandbox, kept: Kept) -> None:
        self._sandbox = sandbox
        self._kept = kept
        self._builds = Together[Failure | None]()

    async def ready(
        self, runtime: Runtime, call: Call, say: Say, *, keep_lock: KeepLock | None = None
    ) -> Call | Failure:
        """Returns when `command` can answer: the call with its lock, or why it never will."""
        if not call.lock:
            found = runtime.lock(call)
            if isinstance(found, Step):
                failure = await self._ensured(found, say)
                if failure is not None:
                    return failure
                try:
                    lock = self._kept.text(found.key)
                    found = lock if keep_lock is None else await keep_lock(lock)
                except OSError as error:
                    return Failure({"name": "BuildError", "message": f"no lock: {error}"})
            call = replace(call, lock=found)
        try:
            return await self._prepared(runtime, call, say)
        except Invalid as refusal:
            return Failure({"name": "BuildError", "message": str(refusal)})

    async def _ensured(self, step: Step, say: Say) -> Failure | None:
        if self._kept.find(step.key) is not None:
            return None
        say(f"{step.says}\n".encode())
        return await self._built(step, say)

    async def _prepared(self, runtime: Runtime, call: Call, say: Say) -> Call | Failure:
        done: set[str] = set()
        while (step := runtime.prepare(call)) is not None:
            if step.key in done:
                message = "what was built for it is gone at once: is the disk full?"
                return Failure({"name": "BuildError", "message": message}, ours=True)
            done.add(step.key)
            say(f"{step.says}\n".encode())
            failure = await self._built(step, say)
            if failure is not None:
                return failure
        return call

    async def _built(self, step: Step, say: Say) -> Failure | None:
        return await self._builds.do(step.key, partial(self._build, step), say)

    async def _build(self, step: Step, say: Say) -> Failure | None:
        told = bytearray()

        def on_output(piece: bytes) -> None:
            told.extend(piece)
            del told[:-_TOLD_BYTES_MAX]
            say(piece)

        try:
            end = await self._sandbox.run(step.cell, on_output)
            if end.reason != "exited" or end.code != 0 or end.result is None:
                return _failure(step, end, bytes(told))
            await asyncio.to_thread(self._kept.put, step.key, end.result, folder=step.unpack)
        except (Refusal, OSError) as error:
            return Failure({"name": "BuildError", "message": f"it cannot be kept: {error}"})
        else:
            return None


def _failure(step: Step, end: Exit, told: bytes) -> Failure:
    """A build that says why it failed is the script's failure; other ends have names already."""
    text = told.decode(errors="replace").strip()
    if end.reason == "exited" and end.code and text:
        return Failure({"name": "BuildError", "message": text})
    outcome = outcome_of(step.cell, end)
    if isinstance(outcome, Failure):
        return outcome
    return Failure({"name": "BuildError", "message": "the build answered with nothing"})
