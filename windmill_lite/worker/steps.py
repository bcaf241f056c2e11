"""Building what jobs need before they run: once for all who wait, and kept.

Everybody who waits reads the output of the build. A job that is canceled stops waiting; the build
goes on for the others, within its own time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from sandbox import Cell, Exit
from windmill_lite.base.errors import Invalid, Refusal
from windmill_lite.runtimes import Call, Failure, Kept, Runtime, Step, outcome_of
from windmill_lite.worker.together import Say, Together

_TOLD_BYTES_MAX = 4_000


class Locks(Protocol):
    """Where the lock of a job is kept; `sources` are its text and those that it imports."""

    async def known(self, sources: Sequence[str]) -> str:
        """The one that holds already; "" when there is none."""

    async def keep(self, sources: Sequence[str], lock: str) -> str:
        """One that was found; answers with the one that holds."""


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
        self, runtime: Runtime, call: Call, say: Say, *, locks: Locks | None = None
    ) -> Call | Failure:
        """Returns when `command` can answer: the call with its lock, or why it never will."""
        try:
            if not call.lock:
                locked = await self._locked(runtime, call, say, locks)
                if isinstance(locked, Failure):
                    return locked
                call = replace(call, lock=locked)
            return await self._prepared(runtime, call, say)
        except Invalid as refusal:
            return Failure({"name": "BuildError", "message": str(refusal)})

    async def _locked(
        self, runtime: Runtime, call: Call, say: Say, locks: Locks | None
    ) -> str | Failure:
        found = runtime.lock(call)
        if not isinstance(found, Step):
            return found
        if locks is not None and (known := await locks.known(call.sources)):
            return known
        failure = await self._ensured(found, say)
        if failure is not None:
            return failure
        try:
            lock = self._kept.text(found.key)
        except OSError as error:
            return Failure({"name": "BuildError", "message": f"no lock: {error}"})
        return lock if locks is None else await locks.keep(call.sources, lock)

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
            if step.says:
                say(f"{step.says}\n".encode())
            failure = await self._built(step, say)
            if failure is not None:
                return failure
        return call

    async def _built(self, step: Step, say: Say) -> Failure | None:
        return await self._builds.do(step.key, partial(self._build, step), say)

    async def _build(self, step: Step, say: Say) -> Failure | None:
        if step.cell is None:
            return await self._stored(step, b"")
        told = bytearray()

        def on_output(piece: bytes) -> None:
            told.extend(piece)
            del told[:-_TOLD_BYTES_MAX]
            say(piece)

        end = await self._sandbox.run(step.cell, on_output)
        if end.reason != "exited" or end.code != 0 or end.result is None:
            return _failure(step.cell, end, bytes(told))
        return await self._stored(step, end.result)

    async def _stored(self, step: Step, answer: bytes) -> Failure | None:
        try:
            await asyncio.to_thread(_store, self._kept, step, answer)
        except (Refusal, OSError) as error:
            return Failure({"name": "BuildError", "message": f"it cannot be kept: {error}"})
        return None


def _store(kept: Kept, step: Step, answer: bytes) -> None:
    if step.cell is None:
        kept.join(step.key, step.parts)
    elif step.parts:
        kept.put_parts(step.parts, answer, folder=step.unpack)
    else:
        kept.put(step.key, answer, folder=step.unpack)


def _failure(cell: Cell, end: Exit, told: bytes) -> Failure:
    """A build that says why it failed is the script's failure; other ends have names already."""
    text = told.decode(errors="replace").strip()
    if end.reason == "exited" and end.code and text:
        return Failure({"name": "BuildError", "message": text})
    outcome = outcome_of(cell, end)
    if isinstance(outcome, Failure):
        return outcome
    return Failure({"name": "BuildError", "message": "the build answered with nothing"})
