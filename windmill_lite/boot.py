"""The composition root: from settings to running services, and back down again.

Order matters and is kept here: database, world, then the roles' services; they stop in the opposite
order, so that workers still have a heartbeat while they drain and a database while they report.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from windmill_lite import __version__
from windmill_lite.api.server import ApiServer
from windmill_lite.base.clock import SystemClock
from windmill_lite.base.config import ROLES, Settings
from windmill_lite.base.errors import Invalid, Unavailable
from windmill_lite.base.frozen import resource_path, sweep_extractions
from windmill_lite.base.ids import new_id
from windmill_lite.base.service import Service
from windmill_lite.engine import rescue, setup
from windmill_lite.engine.world import World, open_world
from windmill_lite.model.worker import Worker
from windmill_lite.scheduler.rescuer import Rescuer
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Db
from windmill_lite.worker.cells import CellRunner
from windmill_lite.worker.environment import Place
from windmill_lite.worker.heartbeat import Heartbeat
from windmill_lite.worker.loop import ClaimLoop
from windmill_lite.worker.roster import Roster
from windmill_lite.worker.slot import Bench

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Appliance:
    """What one process runs. `setup_url` is set on a first start that needs its admin."""

    world: World
    services: list[Service] = field(default_factory=list)
    api_url: str | None = None
    setup_url: str | None = None


def check(settings: Settings) -> None:
    """What no machine can serve, refused before anything is touched."""
    if settings.is_sqlite() and len(settings.roles) < len(ROLES):
        role = ", ".join(settings.roles)
        raise Invalid(
            f"role {role} alone needs Postgres: a SQLite database belongs to one process, which "
            "has to be all of api, scheduler and worker; give --database postgresql://… "
            "or drop --role",
            field="role",
        )
    if settings.roles == ("worker",) and settings.base_url is None:
        raise Invalid(
            "role worker needs --base-url: jobs call the API, which this process does not serve",
            field="base_url",
        )


async def open_db(settings: Settings) -> Db:
    """The database, connected and migrated; the data directory is made when it is missing."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            f"the data directory {settings.data_dir} cannot be made: {error.strerror}"
        ) from None
    db = connect(settings.database, settings.data_dir)
    await db.open()
    try:
        for name in await db.migrate():
            log.info("migrated the database: %s", name)
    except BaseException:
        await db.close()
        raise
    return db


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[World]:
    """A world without services: what the administration commands work with."""
    db = await open_db(settings)
    try:
        yield await open_world(db, SystemClock(), settings.base_url or settings.listen.url())
    finally:
        await db.close()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Appliance]:
    """Starts everything the roles ask for; stops it all, in the opposite order, on the way out."""
    check(settings)
    sweep_extractions()
    db = await open_db(settings)
    started: list[Service] = []
    try:
        appliance = await _build(settings, db)
        for service in appliance.services:
            started.append(service)
            await service.start()
        yield appliance
    finally:
        for service in reversed(started):
            await service.stop()
        await db.close()


async def _build(settings: Settings, db: Db) -> Appliance:
    api: ApiServer | None = None
    listen = settings.listen
    sock: socket.socket | None = None
    if "api" in settings.roles:
        sock = ApiServer.bind(listen)
        listen = type(listen)(listen.host, sock.getsockname()[1])
    base_url = settings.base_url or listen.url()
    world = await open_world(db, SystemClock(), base_url)
    appliance = Appliance(world)
    if world.solo:
        lost = await rescue.rescue_after_restart(world)
        if lost:
            log.warning("%d jobs were running when the last process ended; they run again", lost)
    if sock is not None:
        api = ApiServer(world, sock, ui=resource_path("bundled_ui/dist"))
        appliance.services.append(api)
        appliance.api_url = base_url
        appliance.setup_url = await _first_admin(settings, world)
    if "scheduler" in settings.roles and not world.solo:
        appliance.services.append(Rescuer(world))
    if "worker" in settings.roles:
        internal = listen.url() if api is not None else base_url
        appliance.services += await _worker(settings, world, Place(base_url, internal))
    return appliance


async def _first_admin(settings: Settings, world: World) -> str | None:
    """The first admin from the environment, or else the link with which a person becomes it."""
    if settings.admin_email and settings.admin_password:
        if await setup.first_account(
            world, email=settings.admin_email, password=settings.admin_password
        ):
            log.info("made the first admin %s", settings.admin_email)
        return None
    token = await setup.new_setup_token(world)
    return f"{world.base_url}/setup?token={token}" if token else None


async def _worker(settings: Settings, world: World, place: Place) -> list[Service]:
    runner = CellRunner(settings.min_sandbox, data_dir=settings.data_dir)
    await runner.start()
    now = world.now()
    worker = Worker(
        id=new_id(),
        name=settings.worker_name,
        host=socket.gethostname(),
        tags=settings.tags,
        slots=settings.slots,
        version=__version__,
        sandbox=runner.level,
        started_at=now,
        last_seen_at=now,
    )
    roster = Roster(worker)
    bench = Bench(world, roster, runner, place)
    return [runner, Heartbeat(world, roster), ClaimLoop(bench, drain_s=settings.drain_s)]


async def until_told() -> str:
    """Returns when the process is asked to end; a second request ends it at once."""
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def on_signal(number: signal.Signals) -> None:
        if told.done():
            log.warning("told to stop again: stopping at once")
            os._exit(1)
        told.set_result(number.name)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal, number)
    return await told
