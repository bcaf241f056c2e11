"""Building what jobs need before they run: once for all who wait, and kept.

Everybody who waits reads the output of the build. A job that is canceled stops waiting; the build
goes on for the others, within its own time.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from sandbox import Cell, Exit
from windmill_lite.base.errors import Invalid, Refusal
from windmill_lite.model import limits
from windmill_lite.runtimes import Call, Failure, Kept, Python, Runtime, Step, outcome_of
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
        self._compiled = Compiled(sandbox)

    async def ready(
        self, runtime: Runtime, call: Call, say: Say, *, locks: Locks | None = None
    ) -> Call | Failure:
        """Returns when `command` can answer: the call with its lock, or why it never will."""
        try:
            if not call.lock:
                locked = await self._locked(runtime, call, say, locks)
                if isinstance(locked, Failure):
                    return locked
                call = replace(call, lock=locked) if locked else call
            ready = await self._prepared(runtime, call, say)
            return ready if isinstance(ready, Failure) else await self._compiled.of(runtime, ready)
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


class Compiled:
    """Bytecode of the scripts of Python that ran lately, in memory.

    It is made when a text runs for the second time, by a cell that compiles it and runs nothing of
    it: never here, where its parser could be broken, and never by a cell that runs a script, which
    could answer with anything. So the worst that a text can do by it is to become other code than
    it says, for jobs of the same text.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._known: OrderedDict[bytes, bytes | None] = OrderedDict()  # None: it ran once
        self._bytes = 0

    async def of(self, runtime: Runtime, call: Call) -> Call:
        """With its bytecode, where there is some."""
        if not isinstance(runtime, Python) or not runtime.compiles(call):
            return call
        text = f"{call.path}\0{call.code}".encode("utf-8", "surrogatepass")
        key = hashlib.sha256(text).digest()
        if key not in self._known:
            self._keep(key, None)
            return call
        self._known.move_to_end(key)
        if self._known[key] is None:
            self._known[key] = b""  # others need not wait for it
            made: bytes | None = None  # canceled, it is made by the next run
            try:
                made = await self._made(runtime.compiling(call))
            finally:
                self._keep(key, made)
        return replace(call, compiled=self._known.get(key) or b"")

    async def _made(self, cell: Cell) -> bytes | None:
        """None if it could not be tried. Empty for a text with an error, or with a warning: each of
        its runs shows it.
        """
        told = bytearray()
        end = await self._sandbox.run(cell, told.extend)
        if end.reason in ("broken", "guard", "canceled"):
            return None
        good = end.reason == "exited" and end.code == 0 and not told
        return end.result[1:] if good and end.result else b""

    def _keep(self, key: bytes, code: bytes | None) -> None:
        self._bytes += len(code or b"") - len(self._known.get(key) or b"")
        self._known[key] = code
        while len(self._known) > limits.COMPILED_MAX or self._bytes > limits.COMPILED_BYTES_MAX:
            self._bytes -= len(self._known.popitem(last=False)[1] or b"")


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
