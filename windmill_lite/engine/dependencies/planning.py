"""What follows from a deployment for locks: that of the version, and those of its importers.

A script's packages are those of all it leads to. So when a script is deployed that needs other
packages, or imports other scripts, than before, a job finds the lock of every script that leads to
it anew, in the same transaction; where that changes anything, the importer gets a next version
(versions.py), whose lock keeps the versions that it had. A job of the same transaction finds the
locks of the steps of each flow that lead to it.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass

from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import TooLarge
from windmill_lite.base.ids import dated_id
from windmill_lite.core.dependencies.wants import Wants, wants
from windmill_lite.engine.dependencies import imports, locks
from windmill_lite.engine.dependencies.imports import Text
from windmill_lite.engine.rules.entry import place
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import JobKind, NewJob
from windmill_lite.model.script import NewScript, Script
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import code, links
from windmill_lite.store.machine.links import Importer
from windmill_lite.store.people.scope import Scope


@dataclass(frozen=True, slots=True)
class Plan:
    """`lock` None: a job finds it. `imports` are paths. `touches` says that importers may need
    other packages than before, `changes` that its text is another one.
    """

    lock: str | None
    imports: tuple[str, ...]
    touches: bool
    changes: bool = True


async def plan(world: World, scope: Scope, new: NewScript) -> Plan:
    """Before the transaction. What is imported and not there yet may come.

    Fails: `Invalid`, `TooLarge`, as `locks.needed` and `imports.gather`.
    """
    found = await imports.gather(world, scope, Text(new.language, new.path, new.content))
    lock = new.lock
    if lock is None and not await locks.needed(new.language, [new.content, *found.texts.values()]):
        lock = ""
    async with world.db.view() as view:
        old = await code.head(view, scope.workspace, new.path)
    before = await _wants(Text(old.language, old.path, old.content)) if old else Wants()
    touches = before != await _wants(Text(new.language, new.path, new.content))
    return Plan(lock, found.direct, touches, old is None or old.content != new.content)


async def _wants(text: Text) -> Wants:
    return await asyncio.to_thread(
        wants, text.language, text.code, text.path, sys.stdlib_module_names
    )


async def follow(tx: Tx, scope: Scope, script: Script, found: Plan) -> None:
    """In the transaction that inserts the version. Fails: `TooLarge` with too many importers."""
    await links.put(tx, script.workspace, script.path, found.imports)
    if script.lock is None:
        await place(tx, locks.job_of(scope, script))
    most, importers = limits.IMPORTERS_MAX, list[Importer]()
    if found.touches:
        importers += await links.importers(tx, script.workspace, script.path, most=most + 1)
    if found.changes:
        importers += await links.flow_importers(tx, script.workspace, script.path, most=most + 1)
    if len(importers) > most:
        raise TooLarge(f"more than {most} scripts and flows lead to {script.path}")
    for importer in importers:
        await place(tx, _relock(scope, script, importer))


def _relock(scope: Scope, script: Script, importer: Importer) -> NewJob:
    """What finds the lock of an importer anew, or those of the steps of a flow, with the rights of
    its author. Locks of steps are kept under all that the step leads to, so for a flow any other
    text asks for them, and its version stays.
    """
    is_flow = importer.language is None
    name = f"relock {script.workspace} {script.hash} {importer.hash}"
    tag = None if is_flow and "$" in (importer.tag or "") else importer.tag
    owner = f"u/{importer.created_by}" if importer.email else scope.identity.permissioned_as
    return NewJob(
        id=dated_id(script.created_at, name),
        workspace=script.workspace,
        kind=JobKind.FLOW_DEPENDENCIES if is_flow else locks.KIND,
        created_by=scope.identity.username,
        permissioned_as=owner,
        email=importer.email or scope.identity.email,
        created_at=script.created_at,
        scheduled_for=script.created_at,
        tag=tag or importer.language or script.language,
        args=dumps({locks.BECAUSE_OF: script.path}),
        path=importer.path,
        script_hash=importer.hash,
        language=importer.language,
        timeout_s=limits.BUILD_TIMEOUT_S,
    )
