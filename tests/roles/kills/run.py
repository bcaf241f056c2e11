"""One trial from the start to the verdict."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path

from tests.roles.kills.fleet import Fleet, assembled, integrity, orphans, orphans_come_here
from tests.roles.kills.judge import Evidence, Facts, Verdict, judge, read
from tests.roles.kills.load import Load
from tests.roles.kills.plan import Trial, steps
from tests.roles.kills.recorder import Recorder

_THROUGH = 0.97  # the share of jobs that have started when the faults end
_ORPHANS_S = 10.0
_LOOK_S = 0.1
_BUG = "Traceback"
_LOCKED = "database is locked"
_BUG_CHARS = 3_000


async def run(trial: Trial, home: Path) -> Verdict:
    """What came of it; the marks lie in `home`."""
    with orphans_come_here():
        async with Recorder(home / "marks.txt") as recorder, assembled(trial, home) as fleet:
            load = Load(trial, fleet.url, recorder)
            await load.prepare()
            began = time.monotonic()
            witness = asyncio.create_task(load.witness())
            await _storm(fleet, load)
            stormed_s = time.monotonic() - began
            settled_s = await _calm(fleet, load)
            witness.cancel()
            with suppress(asyncio.CancelledError):
                await witness
            badly = await fleet.stop()
            left = await _orphans(fleet)
            verdict = judge(_evidence(fleet, load, await read(fleet.database)))
    verdict.find("processes did not stop well", badly)
    verdict.find("processes outlived the others", left)
    verdict.find("damages were found", fleet.damages)
    verdict.find("locks were met", [text for text in fleet.output if _LOCKED in text])
    verdict.find("bugs were logged", [_bug(text) for text in fleet.output if _BUG in text])
    if trial.database == "sqlite" and (word := integrity(fleet.database)) != "ok":
        verdict.wrong.append(f"the file is damaged: {word}")
    if settled_s >= trial.quiet_s:
        verdict.wrong.append(f"jobs still waited {settled_s:.0f} s after the last fault")
    verdict.facts |= {
        "completed jobs looked at": len(load.seen),
        "slowest start": f"{max(fleet.ready_s):.1f} s",
        "usual start": f"{statistics.median(fleet.ready_s):.1f} s",
        "times the file was inspected": fleet.inspections,
        "faults went on for": f"{stormed_s:.0f} s",
        "calm after": f"{settled_s:.1f} s",
    }
    return verdict


def _evidence(fleet: Fleet, load: Load, facts: Facts) -> Evidence:
    recorder = load.recorder
    return Evidence(
        trial=fleet.trial,
        faults=fleet.faults,
        promised=load.promised,
        answers=load.answers,
        broken=load.broken,
        marks=recorder.marks,
        overlaps=recorder.overlaps,
        facts=facts,
    )


async def _storm(fleet: Fleet, load: Load) -> None:
    """Jobs are submitted and processes are struck, until the jobs are nearly through."""
    enough = int(_THROUGH * fleet.trial.jobs * fleet.trial.steps)
    submitting = asyncio.create_task(load.submit())
    for step in islice(steps(fleet.trial), fleet.trial.faults_max):
        await fleet.await_turn(step)
        if len(load.recorder.started) >= enough:
            break
        await fleet.strike(step)
    await submitting


async def _calm(fleet: Fleet, load: Load) -> float:
    """Until every job is completed, or for as long as that may take: seconds."""
    began = time.monotonic()
    await fleet.settle()
    while (took_s := time.monotonic() - began) < fleet.trial.quiet_s:
        if await load.nothing_waits():
            break
        await asyncio.sleep(_LOOK_S)
    return took_s


async def _orphans(fleet: Fleet) -> list[int]:
    """Processes that are still there some time after everything has stopped."""
    deadline = time.monotonic() + _ORPHANS_S
    while (left := orphans(fleet.strangers)) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_S)
    return left


def _bug(output: str) -> str:
    return output[output.index(_BUG) :][:_BUG_CHARS]
