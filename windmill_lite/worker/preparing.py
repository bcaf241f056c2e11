"""From a call to one that can run: its toolchain, its lock, and everything in it installed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from windmill_lite.base.codec import dumps, loads
from windmill_lite.base.errors import Invalid, TooLarge, Unavailable
from windmill_lite.core.jobs import failed, results
from windmill_lite.engine.dependencies import flows
from windmill_lite.model import limits
from windmill_lite.model.job import Finished, Locking, Outcome, Unlocked
from windmill_lite.runtimes import Call, Failure, Runtime
from windmill_lite.worker.runner import Interrupted
from windmill_lite.worker.steps import Locks, Steps
from windmill_lite.worker.toolchains import Toolchains

Say = Callable[[bytes], None]
T = TypeVar("T")
_INLINE_CHARS: Final = 10_000


@dataclass(frozen=True, slots=True)
class StepCall:
    """A step of a flow whose lock is to be found, as it would run here."""

    of: Unlocked
    runtime: Runtime | None
    call: Call
    kept: Locks | None

    @property
    def id(self) -> str:
        return self.of.claim.job.step_id or ""


@dataclass(frozen=True, slots=True)
class Preparing:
    """What one worker prepares with."""

    toolchains: Toolchains
    steps: Steps

    async def ready(
        self, runtime: Runtime, call: Call, say: Say, locks: Locks | None = None
    ) -> Call | Finished:
        """The call with its lock; else how the job ends. Fails: `Interrupted`."""
        seen: set[str] = set()
        try:
            while (pack := await aside(runtime.needs, call)) not in seen:
                seen.add(pack)
                if problem := await self.toolchains.ready(pack, say):
                    here = f"; here are {runtime.probe().version}" * pack.startswith("python")
                    return _failed("RuntimeMissing", problem + here)
        except Invalid as refusal:
            return _failed("BuildError", str(refusal))
        except Unavailable as missing:
            return _failed("RuntimeMissing", missing.message)
        try:
            ready = await self.steps.ready(runtime, call, say, locks=locks)
        except Unavailable as refusal:
            raise Interrupted(f"its lock could not be kept: {refusal}") from refusal
        if not isinstance(ready, Failure):
            return ready
        if ready.ours:
            raise Interrupted(ready.error["message"])
        return Finished(Outcome.FAILURE, dumps({"error": ready.error}))

    async def resolve(
        self, runtime: Runtime, call: Call, say: Say, because_of: str | None
    ) -> Finished:
        """The lock of a script, and everything in it installed, so that the first run finds it.
        With `because_of` it is found anew, for a next version.
        """
        if because_of is not None:
            call = replace(call, lock="", before=call.lock)
        ready = await self.ready(runtime, call, say)
        if not isinstance(ready, Finished) and len(ready.lock) > limits.CODE_BYTES_MAX:
            ready = _failed("BuildError", f"the lock is larger than {limits.CODE_BYTES_MAX} bytes")
        if isinstance(ready, Finished):
            found = failed.locking_of(ready) if because_of is None else None
            return ready._replace(locking=found)
        told = {"status": "Successful lock file generation", "lock": ready.lock}
        return Finished(
            Outcome.SUCCESS, dumps(told), locking=Locking(ready.lock, because_of=because_of)
        )

    async def resolve_flow(
        self, steps: Sequence[StepCall], document: str | None, say: Say
    ) -> Finished:
        """The locks of a flow's steps, each kept as soon as it is found; those that cannot be are
        named in the failure. With `document` the result has the flow, with all of them in it.

        Fails: `Interrupted`.
        """
        locks: dict[str, str] = {}
        problems: dict[str, str] = {}
        for step in steps:
            say(f"step {step.id}:\n".encode())
            ready = await self._step_ready(step, say)
            if isinstance(ready, Call):
                locks[step.of.at] = ready.lock
            else:
                problems[step.id] = ready
                say(f"{ready}\n".encode())
        if problems:
            named = "; ".join(f"step {id}: {why}" for id, why in problems.items())
            return _failed("BuildError", named[: limits.TEXT_CHARS_MAX])
        text = dumps(flows.found([step.id for step in steps], document, locks))
        if len(text) > limits.RESULT_BYTES_MAX:
            return _failed("ResultTooLarge", "the flow with its locks is too large for a result")
        return Finished(Outcome.SUCCESS, text)

    async def _step_ready(self, step: StepCall, say: Say) -> Call | str:
        """With its lock; else why there is none."""
        if step.of.problem is not None:
            return step.of.problem
        if step.runtime is None:
            return f"no runtime for {step.of.claim.job.language}"
        try:
            ready = await self.ready(step.runtime, step.call, say, step.kept)
        except TooLarge as refusal:
            return str(refusal)
        if isinstance(ready, Call):
            return ready
        return str(loads(ready.result, what="result")["error"]["message"])


async def aside(read: Callable[[Call], T], call: Call) -> T:
    """What a runtime reads of a call's texts, which it remembers: long ones are read in a thread,
    lest they hold up the event loop.
    """
    if sum(map(len, call.sources)) <= _INLINE_CHARS:
        return read(call)
    return await asyncio.to_thread(read, call)


def _failed(name: str, message: str) -> Finished:
    return Finished(Outcome.FAILURE, dumps(results.failed(name, message)))
