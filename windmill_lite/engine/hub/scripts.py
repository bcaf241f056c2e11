"""A script of the hub, found by its path.

What was fetched once is kept in the database under the hub's address and the script's number, and
is what this path means from then on, whether the hub can be reached or not. Two who fetch the same
at once get what the first of them keeps. Fetching is done outside of every transaction.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from windmill_lite.base.errors import Bug, Invalid, Refusal, Unavailable
from windmill_lite.core.flow.named import Use
from windmill_lite.engine.hub.fetch import fetch
from windmill_lite.engine.world import World
from windmill_lite.model.job import JobKind, NewJob
from windmill_lite.model.paths import hub_number
from windmill_lite.model.script import HubScript
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine.library import hub as store

log = logging.getLogger(__name__)


async def find(world: World, path: str) -> HubScript:
    """Fails: `Invalid` for a path that is none, or where no hub is set; and as `fetch`."""
    number, hub = hub_number(path), world.hub
    if hub.url is None:
        raise Invalid(f"{path}: no hub is set here; --hub-url names one", field="path")
    url = hub.url
    async with world.db.view() as view:
        found = await store.script(view, url, number)
    if found is not None:
        return found
    async with hub.turns:
        fetched = await asyncio.to_thread(fetch, url, path, hub.token)

    async def body(tx: Tx) -> HubScript:
        await store.keep(tx, url, number, fetched, now=world.now())
        kept = await store.script(tx, url, number)
        if kept is None:
            raise Bug(f"script {number} of hub {url} was kept and is not there")
        return kept

    return await world.db.write(body)


async def check(world: World, named: Iterable[Use]) -> None:
    """Fetches what a definition names, so that its runs find it.

    Fails: `Invalid`, with the place, for what the hub has not, or what cannot run here. A hub that
    cannot be reached refuses nothing: then the first run fetches.
    """
    for use in named:
        if not is_hub(use.path) or use.kind != "script":
            continue
        try:
            await find(world, use.path)
        except Unavailable as missing:
            log.warning("flow deployed without its hub: %s", missing)
            return
        except Refusal as refusal:
            raise Invalid(f"{use.at}: {refusal}", field=use.at) from None


def is_hub(path: str) -> bool:
    return path.startswith("hub/")


def job_of(job: NewJob, path: str, found: HubScript) -> NewJob:
    """The job that runs it; its tag is the caller's to set."""
    return job._replace(
        kind=JobKind.SCRIPT_HUB,
        path=path,
        language=found.language,
        raw_code=found.content,
        raw_lock=found.lock,
    )
