"""The composition root: from settings to running services, and back down again.

Order matters and is kept here: database, world, then the roles' services; they stop in the opposite
order, so that workers still have a heartbeat while they drain and a database while they report.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from windmill_lite import __version__
from windmill_lite.api.server import ApiServer
from windmill_lite.base.address import Address
from windmill_lite.base.clock import SystemClock
from windmill_lite.base.config import ROLES, Settings
from windmill_lite.base.errors import Invalid, Unavailable
from windmill_lite.base.frozen import resource_path, sweep_extractions
from windmill_lite.base.heap import Tidy
from windmill_lite.base.ids import new_id
from windmill_lite.base.service import Service, Ticker
from windmill_lite.engine import rescue, setup
from windmill_lite.engine.dependencies import locks
from windmill_lite.engine.values.vault import Vault, check_keys, vault_with
from windmill_lite.engine.world import Hub, World, open_world
from windmill_lite.model import limits
from windmill_lite.model.retention import Keeping
from windmill_lite.model.worker import Worker
from windmill_lite.scheduler.cleaner import Cleaner
from windmill_lite.scheduler.contact import Contact
from windmill_lite.scheduler.leader import Leader
from windmill_lite.scheduler.periodic import Periodic
from windmill_lite.scheduler.rescuer import Rescuer
from windmill_lite.scheduler.sweeper import Sweeper
from windmill_lite.scheduler.waker import Waker
from windmill_lite.store.db.connect import connect, reached_at
from windmill_lite.store.db.port import Db
from windmill_lite.worker.cells import CellRunner
from windmill_lite.worker.environment import Place
from windmill_lite.worker.folders import FolderKeeper, Folders, site_of
from windmill_lite.worker.heartbeat import Heartbeat
from windmill_lite.worker.heir import Heir
from windmill_lite.worker.loop import ClaimLoop
from windmill_lite.worker.network import Networks
from windmill_lite.worker.roster import Roster
from windmill_lite.worker.seats import Seats
from windmill_lite.worker.slot import Bench

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Appliance:
    """What one process runs. `setup_url` is set on a first start that needs its admin."""

    world: World
    services: list[Service] = field(default_factory=list)
    api_url: str | None = None
    setup_url: str | None = None
    worker: Worker | None = None

    def hurry(self) -> None:
        """A stop that is under way, or comes, waits for no job."""
        for service in self.services:
            if isinstance(service, ClaimLoop):
                service.hurry()


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
    if "worker" in settings.roles and "api" not in settings.roles and not settings.base_url:
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


def _vault(settings: Settings) -> Vault:
    beside = settings.data_dir / "secret.key" if settings.is_sqlite() else None
    return vault_with(settings.secret_key, beside)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[World]:
    """A world without services: what the administration commands work with."""
    db = await open_db(settings)
    try:
        vault = _vault(settings)
        base_url = settings.base_url or settings.listen.url()
        yield await open_world(db, SystemClock(), base_url, vault=vault)
    finally:
        await db.close()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Appliance]:
    """Starts everything the roles ask for; stops it all, in the opposite order, on the way out.

    Whatever fails on the way, each thing that was begun is also ended.
    """
    check(settings)
    sweep_extractions()
    async with AsyncExitStack() as undo:
        db = await open_db(settings)
        undo.push_async_callback(db.close)
        appliance = await _build(settings, db, undo)
        for service in appliance.services:
            undo.push_async_callback(service.stop)
            await service.start()
        yield appliance


async def _world(settings: Settings, db: Db, base_url: str) -> World:
    vault = _vault(settings)
    if set(settings.roles) != {"scheduler"}:
        await check_keys(vault, db)
    return await open_world(
        db,
        SystemClock(),
        base_url,
        lease_s=settings.lease_s,
        keeping=Keeping(settings.retention_days, settings.max_disk_bytes),
        vault=vault,
        hub=Hub(settings.hub_url, settings.hub_token),
    )


async def _build(settings: Settings, db: Db, undo: AsyncExitStack) -> Appliance:
    listen = settings.listen
    sock: socket.socket | None = None
    if "api" in settings.roles:
        sock = ApiServer.bind(listen)
        undo.callback(sock.close)
        listen = Address(listen.host, sock.getsockname()[1])
    base_url = settings.base_url or listen.url()
    world = await _world(settings, db, base_url)
    appliance = Appliance(world)
    appliance.services += [Tidy(), world.expressions]
    if world.solo:
        await _end_of_the_last(Seats(settings.data_dir, world.instance_key))
        lost = await rescue.rescue_after_restart(world)
        if lost:
            log.warning("%d jobs were running when the last process ended; they run again", lost)
    if sock is not None:
        appliance.services.append(ApiServer(world, sock, ui=resource_path("bundled_ui/dist")))
        appliance.api_url = base_url
        appliance.setup_url = await _first_admin(settings, world)
    if "scheduler" in settings.roles:
        contact = Contact()
        chores: list[Ticker] = [Waker(world), Sweeper(world), Cleaner(world)]
        if not world.solo:
            chores.append(Rescuer(world, contact))
        appliance.services += [Periodic(world), Leader(world, chores, contact)]
    if "worker" in settings.roles:
        internal = listen.url() if sock is not None else base_url
        await _add_worker(appliance, settings, Place(base_url, internal), undo)
    return appliance


async def _end_of_the_last(seats: Seats) -> None:
    """Returns when nothing is alive of the process before this one, whose database we have."""
    for _ in range(limits.RESTART_LOOKS):
        found = seats.look()
        for worker_id in found.dead:
            seats.forget(worker_id)
        if not found.alive:
            return
        await asyncio.sleep(limits.RESTART_LOOK_S)
    log.warning("something of the last process is still there: its jobs run again all the same")


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


async def _add_worker(
    appliance: Appliance, settings: Settings, place: Place, undo: AsyncExitStack
) -> None:
    world, worker_id = appliance.world, new_id()
    seats = Seats(settings.data_dir, world.instance_key)
    folders = Folders.at(settings.data_dir, world.instance_key)
    runner = await _open_cells(settings, seats.take(worker_id), folders, undo)
    runner.locks_of = partial(locks.JobLocks, world)
    now = world.now()
    appliance.worker = Worker(
        id=worker_id,
        name=settings.worker_name,
        host=socket.gethostname(),
        tags=settings.tags,
        slots=settings.slots,
        version=__version__,
        sandbox=runner.level,
        started_at=now,
        last_seen_at=now,
        languages=runner.languages(),
        site=site_of(settings.data_dir),
    )
    roster = Roster(appliance.worker)
    bench = Bench(world, roster, runner, place)
    loop = ClaimLoop(bench, drain_s=settings.drain_s)
    heartbeat = Heartbeat(world, roster, runner.trust_until)

    def describe() -> None:
        if (languages := runner.languages()) != roster.worker.languages:
            roster.worker = replace(roster.worker, languages=languages)
            heartbeat.wake()

    runner.when_languages_change(describe)
    if not world.solo:
        appliance.services.append(Heir(world, seats, worker_id))
    appliance.services += [runner, FolderKeeper(world, folders), heartbeat, loop]


async def _open_cells(
    settings: Settings, seat: int, folders: Folders, undo: AsyncExitStack
) -> CellRunner:
    """Started, since the worker's row says in which sandbox it runs."""
    undo.callback(os.close, seat)
    runner = CellRunner(
        settings.min_sandbox,
        folders=folders,
        data_dir=settings.data_dir,
        install_runtimes=settings.install_runtimes,
        cache_bytes_max=settings.max_cache_bytes,
        warm_sets=settings.warm_sets,
        held=(seat,),
        networks=Networks(settings.job_network),
        barred=reached_at(settings.database),
    )
    undo.push_async_callback(runner.stop)
    await runner.start()
    return runner
