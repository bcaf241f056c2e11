"""Processes that are kept between the runs of one version: started by the first, asked by the next.

A process serves one version for one person's rights, and one run at a time: a run that finds all
of its version's busy gets a further one, and where there is no room a cell of its own, as any run.
One that was asked just now makes no room: else versions that are more than there is room for, and
run one after the other, would each be started for every run and be gone before the next.
What a version is to scripts, its text is to the code that stands in a flow: steps of a flow that
have the same text share. A process ends with a run that is canceled or timed out, with the guard,
with the memory watch, when a script ends it, and after a while without runs.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sandbox import Cell, Exit, ForkServer, Standing
from windmill_lite.base.codec import dumps
from windmill_lite.base.ids import content_hash
from windmill_lite.model import limits
from windmill_lite.model.job import Claim
from windmill_lite.runtimes import Call

_HEAD_BYTES_MAX: Final = 1_000  # of an answer, before the answer proper
_TOO_LARGE: Final = b"!"
Say = Callable[[bytes], None]


@dataclass(slots=True)
class _Process:
    key: str
    standing: Standing
    cpu_s: float = 0.0  # told with earlier runs
    idle: asyncio.TimerHandle | None = None
    idle_at: float = 0.0  # since when, by the loop's clock


@dataclass(slots=True)
class Dedicated:
    """Those of one worker."""

    server: ForkServer
    _idle: dict[str, list[_Process]] = field(default_factory=dict)
    _closing: set[asyncio.Task[Exit]] = field(default_factory=set)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _busy: int = 0

    async def run(
        self, claim: Claim, call: Call, cell_of: Callable[[Call], Cell], on_output: Say
    ) -> Exit | None:
        """How the run ended, as if in a cell of its own; None when there is no room for it."""
        call = _shared(claim, call)
        key = key_of(claim, call)

        def made() -> Cell:
            return cell_of(replace(call, standing=True, args_json=""))

        while (process := self._take(key, made)) is not None:
            self._busy += 1
            try:
                end = await self._ask(process, call, on_output)
            finally:
                self._busy -= 1
            if not process.standing.unheard:  # else it died while it was idle: another is asked
                return end
        return None

    async def close(self) -> None:
        """Ends those that are idle; the others end with their runs."""
        for process in [each for some in self._idle.values() for each in some]:
            self._end_idle(process)
        while self._closing:
            await asyncio.wait(self._closing)

    def _take(self, key: str, cell_of: Callable[[], Cell]) -> _Process | None:
        while idle := self._idle.get(key):
            process = idle[-1]
            if process.standing.end is None and not process.standing.garbled:
                self._leave_idle(process)
                return process
            self._end_idle(process)
        if self._count() >= limits.DEDICATED_MAX and self._idle:
            oldest = next(iter(self._idle.values()))[0]
            if asyncio.get_running_loop().time() - oldest.idle_at >= limits.DEDICATED_STAY_S:
                self._end_idle(oldest)
        if self._count() >= limits.DEDICATED_MAX:
            return None
        made = cell_of()
        cell = replace(
            made,
            id=f"dedicated.{next(self._numbers)}",
            timeout_s=None,
            result_bytes_max=made.result_bytes_max + _HEAD_BYTES_MAX,
        )
        return _Process(key, self.server.stand(cell))

    def _count(self) -> int:
        return self._busy + sum(map(len, self._idle.values()))

    async def _ask(self, process: _Process, call: Call, on_output: Say) -> Exit:
        nonce = secrets.token_hex(8)
        head = dumps({"nonce": nonce, "env": dict(call.env)})
        question = f'{head[:-1]},"args":{call.args_json or "{}"}}}'.encode("utf-8", "surrogatepass")
        try:
            async with asyncio.timeout(call.timeout_s):
                answer = await process.standing.ask(question, on_output)
        except TimeoutError:
            return self._own(process, replace(await process.standing.close(), reason="timeout"))
        except BaseException:
            await process.standing.close()
            raise
        told = _read(answer, nonce, self.server.level) if answer is not None else None
        if told is None:
            garbled = answer is not None or process.standing.garbled
            end = await process.standing.close()
            if garbled:
                end = replace(end, reason="exited", code=0, signal=None, result=b"?")
            return self._own(process, end)
        process.cpu_s += told.end.cpu_s
        if told.over:
            self._close(process)
        else:
            self._wait(process)
        return told.end

    def _own(self, process: _Process, end: Exit) -> Exit:
        """Of what the process has used, what no run was told yet; in which sandbox."""
        level = end.level or self.server.level
        return replace(end, level=level, cpu_s=max(0.0, end.cpu_s - process.cpu_s))

    def _wait(self, process: _Process) -> None:
        loop = asyncio.get_running_loop()
        process.idle_at = loop.time()
        process.idle = loop.call_later(limits.DEDICATED_IDLE_S, self._end_idle, process)
        self._idle.setdefault(process.key, []).append(process)

    def _leave_idle(self, process: _Process) -> None:
        if process.idle is not None:
            process.idle.cancel()
        some = self._idle[process.key]
        some.remove(process)
        if not some:
            del self._idle[process.key]

    def _end_idle(self, process: _Process) -> None:
        self._leave_idle(process)
        self._close(process)

    def _close(self, process: _Process) -> None:
        task = asyncio.ensure_future(process.standing.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _shared(claim: Claim, call: Call) -> Call:
    """The file of a step's code is named after the flow, for it is that of all steps that have the
    same; what it imports may hang on its own place.
    """
    step = f"{claim.flow_path}/{claim.job.step_id}"
    if claim.flow_path is None or call.path != step or call.imported:
        return call
    return replace(call, path=claim.flow_path)


def key_of(claim: Claim, call: Call) -> str:
    """Whose process a run may use: that of its version, or of its text in its flow, as it is built
    by now, for its rights.
    """
    job = claim.job
    text = (claim.flow_path or "", job.language or "", call.path, call.code)
    version = job.script_hash or content_hash(*text)
    built = content_hash(call.lock, repr(sorted(call.imported.items())))
    return f"{job.workspace} {version} {job.permissioned_as} {built}"


def as_asked(call: Call) -> Cell:
    """What the end of a run in a process that is kept is held against."""
    return Cell(
        id=call.job_id,
        env={},
        request=b"",
        limits=call.limits,
        timeout_s=call.timeout_s,
        result_bytes_max=call.result_bytes_max + 1,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    end: Exit
    over: bool


def _read(answer: bytes, nonce: str, level: str) -> _Told | None:
    """Written by a stranger; None: it is no answer to this question."""
    line, _, body = answer.partition(b"\n")
    try:
        head: Any = json.loads(line) if len(line) <= _HEAD_BYTES_MAX else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(head, dict) or head.get("nonce") != nonce:
        return None
    cpu_s, peak = head.get("cpu_s"), head.get("peak_bytes")
    if not isinstance(cpu_s, int | float) or not isinstance(peak, int):
        return None
    if not (0 <= cpu_s < 1e9 and 0 <= peak < 1 << 50):
        return None
    large = body == _TOO_LARGE
    end = Exit(
        reason="exited",
        level=level,
        code=0,
        result=None if large else body,
        result_too_large=large,
        cpu_s=float(cpu_s),
        memory_peak_bytes=peak,
    )
    return _Told(end, bool(head.get("over")))
