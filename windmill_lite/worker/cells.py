"""Claims become cells, exits become outcomes: where worker, runtimes and sandbox meet."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sandbox import LEVELS, Cell, Exit, ForkServer, Limits, Packages, Unfit
from windmill_lite.base.codec import dumps, loads
from windmill_lite.base.errors import Unavailable
from windmill_lite.base.frozen import child_env, launcher
from windmill_lite.core.jobs import cell as rules
from windmill_lite.core.jobs import results
from windmill_lite.engine.dependencies import locks
from windmill_lite.model import limits
from windmill_lite.model.job import Claim, Finished, JobKind, NewJob, Outcome
from windmill_lite.model.worker import Language, is_site
from windmill_lite.runtimes import (
    WARM_MODULES,
    Call,
    Failure,
    Kept,
    Packs,
    Python,
    Runtime,
    entry_module,
    outcome_of,
    runtimes_with,
)
from windmill_lite.worker import dedicated
from windmill_lite.worker.folders import Folders
from windmill_lite.worker.network import Networks
from windmill_lite.worker.preparing import Preparing, StepCall, aside
from windmill_lite.worker.runner import Interrupted
from windmill_lite.worker.steps import Locks, Steps
from windmill_lite.worker.toolchains import Toolchains
from windmill_lite.worker.warm import WARM_ENV, WarmSets

log = logging.getLogger(__name__)

Say = Callable[[bytes], None]

JOB_LIMITS = Limits(
    memory_bytes=limits.JOB_MEMORY_BYTES,
    processes=limits.JOB_PROCESSES,
    file_size_bytes=limits.JOB_FILE_BYTES,
    tmp_bytes=limits.JOB_TMP_BYTES,
    open_files=limits.JOB_OPEN_FILES,
)


class CellRunner:
    """Runs claims in cells of one warm fork server; a Service and a slot's Runner."""

    name = "worker.cells"

    def __init__(
        self,
        min_sandbox: str,
        *,
        data_dir: Path,
        folders: Folders | None = None,
        install_runtimes: bool = False,
        cache_bytes_max: int = limits.KEPT_BYTES_MAX,
        warm_sets: int = limits.WARM_SETS_DEFAULT,
        held: Sequence[int] = (),
        networks: Networks | None = None,
        barred: Sequence[tuple[str, int]] = (),
    ) -> None:
        self._min_sandbox = min_sandbox
        self._folders = folders or Folders.at(data_dir, b"")
        self._packs = Packs.at(data_dir)
        self._toolchains = Toolchains(self._packs, may_install=install_runtimes)
        self._kept = Kept.at(data_dir, bytes_max=cache_bytes_max)
        runtimes = runtimes_with(self._packs, self._kept)
        self._runtimes = {runtime.language: runtime for runtime in runtimes}
        self._held = tuple(held)
        self._pythons = [each for each in runtimes if isinstance(each, Python)]
        homes = (home for each in self._pythons for home in each.homes)
        self._server = ForkServer(
            launcher("forkserver", site=False),
            entry_module(),
            preload=WARM_MODULES,
            env=child_env(reuse_extraction=True),
            shared=(*map(str, (self._packs.root, self._kept.root, self._folders.root)), *homes),
            scratch=data_dir / "jobs",
            held=held,
            barred=barred,
        )
        self._networks = networks or Networks()
        self._barred = barred
        self.locks_of: Callable[[NewJob], Locks] | None = None  # the engine's, of a job
        self._preparing = Preparing(self._toolchains, Steps(self._server, self._kept))
        self._warm = WarmSets(self._warm_server, most=warm_sets)
        self._dedicated = dedicated.Dedicated(self._server)
        self._running: dict[UUID, asyncio.Task[Any] | None] = {}  # those that may be canceled

    def _warm_server(self, packages: Packages) -> ForkServer:
        return ForkServer(
            launcher("forkserver", site=False),
            entry_module(),
            LEVELS[0],
            preload=WARM_MODULES,
            env=child_env(reuse_extraction=True) | WARM_ENV,
            held=self._held,
            barred=self._barred,
            packages=packages,
        )

    @property
    def level(self) -> str:
        return self._server.level

    def languages(self) -> tuple[Language, ...]:
        """Which there are, and whether they run; reads the disk."""
        return tuple(map(self._toolchains.language, self._runtimes.values()))

    def when_languages_change(self, call: Callable[[], None]) -> None:
        self._toolchains.changed = call

    async def start(self) -> None:
        """Fails: `Unavailable` when the machine has no sandbox as strong as was asked for."""
        for shared in (self._packs.root, self._kept.root, self._folders.root):
            shared.mkdir(mode=0o755, parents=True, exist_ok=True)
        try:
            await self._server.start()
        except Unfit as unfit:
            raise Unavailable(f"jobs cannot run here: {unfit}") from unfit
        levels = list(LEVELS)
        if levels.index(self._server.level) > levels.index(self._min_sandbox):  # type: ignore[arg-type]
            await self._server.stop()
            why = "; ".join(self._server.why)
            raise Unavailable(
                f"this machine's sandbox is {self._server.level}, weaker than {self._min_sandbox}: "
                f"{why}. To run jobs all the same, trusting everybody who writes them, give "
                f"--min-sandbox {self._server.level}"
            )
        self._toolchains.apart = self._server.level != LEVELS[0] and os.geteuid() == 0
        for python in self._pythons:
            python.apart = self._toolchains.apart
        if self._server.level != LEVELS[0]:
            why = "; ".join(self._server.why)
            log.warning("jobs run in the weaker sandbox %s: %s", self._server.level, why)

    async def stop(self) -> None:
        await self._dedicated.close()
        await self._warm.close()
        await self._server.stop()

    async def run(
        self, claim: Claim, env: dict[str, str], on_output: Callable[[bytes], None]
    ) -> Finished:
        job = claim.job
        if job.kind is JobKind.FLOW_DEPENDENCIES:
            return await self._until_canceled(job.id, self._resolve_flow(claim, env, on_output))
        runtime = self._runtimes.get(job.language or "")
        if runtime is None:
            return _failed({"name": "ExecutionErr", "message": f"no runtime for {job.language}"})
        call = _call_of(claim, env)
        if job.kind is JobKind.DEPENDENCIES:
            because_of = loads(job.args, what="arguments").get(locks.BECAUSE_OF)
            work = self._preparing.resolve(runtime, call, on_output, because_of)
        else:
            kept = self.locks_of(job) if self.locks_of is not None else None
            work = self._work(runtime, call, on_output, kept, claim=claim)
        return await self._until_canceled(job.id, work)

    async def _until_canceled(self, job_id: UUID, work: Coroutine[Any, Any, Finished]) -> Finished:
        task = self._running[job_id] = asyncio.current_task()
        assert task is not None, "there is a loop"
        try:
            return await work
        except asyncio.CancelledError:
            if task.cancelling() > (job_id not in self._running):
                raise  # somebody wants more than the end of this job
            told = dumps({"error": {"name": "Canceled"}})  # whether its cell was there or not
            return Finished(Outcome.CANCELED, told, sandbox=self.level)
        finally:
            if self._running.pop(job_id, None) is None:
                task.uncancel()  # it was for the job

    async def _resolve_flow(self, claim: Claim, env: dict[str, str], say: Say) -> Finished:
        deployed, steps = claim.job.raw_code is None, []
        for each in claim.unlocked:
            job = each.claim.job
            kept = self.locks_of(job) if self.locks_of is not None and deployed else None
            runtime, call = self._runtimes.get(job.language or ""), _call_of(each.claim, env)
            steps.append(StepCall(each, runtime, call, kept))
        return await self._preparing.resolve_flow(steps, claim.job.raw_code, say)

    async def _work(
        self,
        runtime: Runtime,
        call: Call,
        on_output: Callable[[bytes], None],
        kept: Locks | None,
        *,
        claim: Claim,
    ) -> Finished:
        job, asked = claim.job, rules.read(claim.job.cell)
        folder = claim.flow_id if is_site(job.tag) else None
        if folder is not None and (full := await self._folders.full(folder)):
            return _failed({"name": "SharedFolderFull", "message": full})
        if (why := self._networks.refusal(asked.network, self._server.level)) is not None:
            return _failed({"name": "NetworkRefused", "message": why})
        ready = await self._preparing.ready(runtime, call, on_output, kept)
        if isinstance(ready, Finished):
            return ready
        if note := runtime.note(ready):
            on_output(f"{note}\n".encode())

        def cell_of(call: Call) -> Cell:
            cell = self._networks.walled(runtime.command(call), asked.network, call.env)
            return cell if folder is None else self._folders.laid(cell, folder)

        if asked.dedicated and folder is None:
            with self._kept.used(runtime.command(ready).mounts if ready.lock else ()):
                end = await self._dedicated.run(claim, ready, cell_of, on_output)
            if end is not None:
                return _finished(dedicated.as_asked(ready), end)
        packages = None
        if isinstance(runtime, Python) and folder is None:  # warm places have no folders
            packages = await aside(runtime.packages, ready)
        cell = cell_of(ready)
        with self._kept.used(cell.mounts):
            return await self._in_cell(cell, on_output, job.workspace, packages)

    async def _in_cell(
        self, cell: Cell, on_output: Say, workspace: str, packages: Packages | None
    ) -> Finished:
        """In one whose packages are imported already, where there is such a place."""
        if packages is None or self._server.level != LEVELS[0]:
            return _finished(cell, await self._server.run(cell, on_output))
        async with self._warm.server((workspace, packages)) as warm:
            if warm is None:
                return _finished(cell, await self._server.run(cell, on_output))
            return _finished(cell, await warm.run(replace(cell, mounts=()), on_output))

    def cancel(self, job_id: UUID) -> None:
        """Kills the job's whole tree; one whose cell is only being made never starts."""
        task = self._running.pop(job_id, None)
        if task is not None:
            task.cancel()

    def trust_until(self, at_s: float) -> None:
        """Kept by the fork server, which goes on when this process is frozen."""
        self._server.trust_until(at_s)
        self._warm.trust_until(at_s)


def _call_of(claim: Claim, env: dict[str, str]) -> Call:
    job = claim.job
    return Call(
        job_id=f"{job.id}.{claim.attempt}",
        code=claim.code,
        path=job.path or "",
        args_json=job.args,
        env=env,
        timeout_s=float(job.timeout_s or limits.JOB_TIMEOUT_S_DEFAULT),
        limits=JOB_LIMITS,
        result_bytes_max=limits.RESULT_BYTES_MAX,
        lock=claim.lock or "",
        day=datetime.now(UTC).date().isoformat(),
        imported=claim.imported,
    )


def _finished(cell: Cell, end: Exit) -> Finished:
    outcome, labels = outcome_of(cell, end), tuple[str, ...]()
    if isinstance(outcome, Failure):
        if outcome.ours:
            raise Interrupted(outcome.error["message"])
        kind = Outcome.CANCELED if end.reason == "canceled" else Outcome.FAILURE
        text = _failed(outcome.error).result
    else:
        text = outcome.result_json
        labels, failure = results.labels_of(text), results.declared_failure(text)
        kind, text = (Outcome.SUCCESS, text) if failure is None else (Outcome.FAILURE, failure)
    peak_kb = end.memory_peak_bytes // 1024 or None
    return Finished(kind, text, peak_kb, end.level, labels, round(end.cpu_s * 1000))


def _failed(error: dict[str, str]) -> Finished:
    return Finished(Outcome.FAILURE, dumps({"error": error}))
