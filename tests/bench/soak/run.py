"""A fleet, its users, and what became of both."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.soak.load import Users, arrived, live
from tests.bench.soak.watch import Watch
from tests.roles._client import EMAIL, PASSWORD
from tests.roles.kills.fleet import Fleet, assembled, integrity
from tests.roles.kills.plan import Trial

LOOKS = 200  # at each process, in the whole time
SETTLE_S = 90.0  # for what still runs, and for connections that nobody uses
FILES_SPARE = 20  # more than at the beginning: what the pools of connections keep
SIGNS = ("Traceback", "database is locked", "Exception ignored", " ERROR ")


@dataclass
class Outcome:
    """`wrong` is empty when all went well; the rest is to be read."""

    wrong: list[str] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        facts = [f"{name:<24} {value}" for name, value in self.facts.items()]
        return "\n".join([*facts, *(f"WRONG: {each}" for each in self.wrong)])


async def soak(database: str, seconds: float, home: Path) -> Outcome:
    outcome = Outcome()
    async with assembled(
        Trial(database, 0, 0, slots=4 if database == "sqlite" else 2, lease_s=10.0), home
    ) as fleet:
        watch = Watch({name: process.pid for name, process in fleet.processes.items()})
        async with arrived(fleet.url, EMAIL, PASSWORD) as users:
            await users.prepare()
            await users.wait_for_a_result()
            watch.look()
            await _live(users, watch, seconds)
            outcome.wrong += await _settled(users)
        outcome.wrong += users.wrong + await _files_closed(watch)
        outcome.facts |= {"done": dict(users.answers), **watch.told()}
        outcome.wrong += await fleet.stop()
    outcome.wrong += _signs(fleet)
    if database == "sqlite":
        file = home / "solo" / "data" / "windmill-lite.db"
        outcome.facts["database"] = f"{file.stat().st_size / 2**20:.0f} MB"
        if (word := integrity(fleet.database)) != "ok":
            outcome.wrong.append(word)
    return outcome


async def _live(users: Users, watch: Watch, seconds: float) -> None:
    looking = asyncio.create_task(watch.keep_looking(max(0.5, seconds / LOOKS)))
    enough = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, enough.set)
    await live(users, enough)
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking


async def _settled(users: Users) -> list[str]:
    """Once nobody asks for more, everything ends."""
    await users.ask("POST", "schedules/setenabled/f/soak/add", {"enabled": False})
    deadline = time.monotonic() + SETTLE_S
    while left := json.loads(await users.ask("GET", "jobs/queue/list")):
        if time.monotonic() > deadline:
            return [f"{len(left)} jobs still wait after {SETTLE_S:.0f} s: {left[0]}"]
        await asyncio.sleep(0.2)
    ticks = json.loads(await users.ask("GET", "schedules/ticks/f/soak/add?per_page=1000"))
    if not any("job_id" in tick for tick in ticks):
        return ["the schedule started no job"]
    return []


async def _files_closed(watch: Watch) -> list[str]:
    """Connections of users who are gone do not stay open."""
    deadline = time.monotonic() + SETTLE_S
    while found := _still_open(watch):
        if time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.5)
    return found


def _still_open(watch: Watch) -> list[str]:
    watch.look()
    return [
        f"{name} had {looks[0].files} files open and has {looks[-1].files}"
        for name, looks in watch.looks.items()
        if looks[-1].files > looks[0].files + FILES_SPARE
    ]


def _signs(fleet: Fleet) -> list[str]:
    """What a process should not have said, with the lines around."""
    found = []
    for output in fleet.output:
        lines = output.splitlines()
        for number, line in enumerate(lines):
            if any(sign in line for sign in SIGNS):
                found.append("\n".join(lines[max(0, number - 3) : number + 40]))
                break  # one of each process is enough to begin with
    return found
