"""What every verb needs: the database, the clock, this instance's key and address."""

from __future__ import annotations

import asyncio
import math
import secrets
from dataclasses import dataclass, field

from windmill_lite.base.clock import Clock, to_us
from windmill_lite.engine.flows.facts.crowding import Crowding
from windmill_lite.engine.flows.facts.definitions import Definitions
from windmill_lite.engine.rules.crowd import Crowd
from windmill_lite.engine.rules.intake import Intake
from windmill_lite.engine.rules.together import Together
from windmill_lite.engine.values.vault import Vault
from windmill_lite.expr.evaluators import Evaluators
from windmill_lite.model.limits import HUB_TURNS, WORKER_LEASE_S
from windmill_lite.model.retention import Keeping
from windmill_lite.store.db.port import Db, Tx
from windmill_lite.store.machine import requests, tokens


@dataclass(slots=True)
class Room:
    """What this process knows of the room the database takes: see engine/keeping/room.py. Moments
    are of the monotonic clock.
    """

    used_bytes: int = 0
    measured_at_s: float = -math.inf
    make_after_s: float = -math.inf  # before, making room again would see and do the same


@dataclass(frozen=True, slots=True)
class Hub:
    """Where hub/... paths come from; `url` None: from nowhere."""

    url: str | None = None  # no trailing slash
    token: str | None = field(default=None, repr=False)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HUB_TURNS))


@dataclass(frozen=True, slots=True)
class World:
    """Passed first to every verb."""

    db: Db
    clock: Clock
    instance_key: bytes = field(repr=False)  # signs job tokens; the same on every node
    base_url: str  # where people reach the API; no trailing slash
    lease_s: float = WORKER_LEASE_S  # a worker silent for longer is taken for dead
    intake: Intake = field(default_factory=Intake)
    crowd: Crowd = field(default_factory=Crowd)
    together: Together = field(default_factory=Together)
    keeping: Keeping = field(default_factory=Keeping)
    vault: Vault = field(default_factory=Vault)
    hub: Hub = field(default_factory=Hub)
    room: Room = field(default_factory=Room)
    expressions: Evaluators = field(default_factory=Evaluators)  # to be stopped by whoever ends
    crowding: Crowding = field(default_factory=Crowding)
    unserved: dict[str, float] = field(default_factory=dict)  # see engine/flows/stranded.py
    definitions: Definitions = field(default_factory=Definitions)
    key_time_from: int = 0  # µs
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    @property
    def solo(self) -> bool:
        """SQLite: one process, which is all there is."""
        return self.db.dialect == "sqlite"

    def now(self) -> int:
        """µs"""
        return to_us(self.clock.now())

    def key_time(self) -> int:
        """µs, by which idempotency keys age where there is one process: it goes on where the newest
        key left it, as long as we run, and no wall clock moves it. Of many nodes the database's
        clock counts instead (`leases.now`).
        """
        return self.key_time_from + int(self.clock.monotonic_s() * 1_000_000)


async def open_world(
    db: Db,
    clock: Clock,
    base_url: str,
    *,
    lease_s: float = WORKER_LEASE_S,
    keeping: Keeping = Keeping(),  # noqa: B008  (it is frozen)
    vault: Vault | None = None,
    hub: Hub | None = None,
) -> World:
    """A world over a migrated database; the instance's key is made by whoever comes first."""

    async def body(tx: Tx) -> str:
        await tokens.set_once(tx, "instance_key", secrets.token_hex(32), now=to_us(clock.now()))
        return str(await tokens.setting(tx, "instance_key"))

    async with db.view() as view:
        key = await tokens.setting(view, "instance_key")
        newest = await requests.newest(view) or 0
    if key is None:
        key = await db.write(body)
    return World(
        db,
        clock,
        bytes.fromhex(key),
        base_url.rstrip("/"),
        lease_s,
        keeping=keeping,
        vault=vault or Vault(),
        key_time_from=newest - int(clock.monotonic_s() * 1_000_000),
        hub=hub or Hub(),
    )
