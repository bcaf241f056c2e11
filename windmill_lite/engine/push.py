"""A new job: find what runs, ask whether one may, check the arguments, insert, ring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from windmill_lite.base.codec import Json, canonical, dumps, loads
from windmill_lite.base.errors import Invalid, NotFound, TooLarge
from windmill_lite.base.ids import content_hash, new_id
from windmill_lite.core import access, arguments
from windmill_lite.core.access import Action
from windmill_lite.core.jobs import cell, keys, retry
from windmill_lite.core.jobs.cache import cache_key
from windmill_lite.core.jobs.settings import with_settings
from windmill_lite.engine import signature
from windmill_lite.engine.hub import scripts as hub
from windmill_lite.engine.keeping import room
from windmill_lite.engine.rules.entry import Entry, earlier, enter
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import JobKind, NewJob, Preview, RunOptions
from windmill_lite.model.paths import check_path
from windmill_lite.model.request import Request
from windmill_lite.model.script import CellRules
from windmill_lite.store.machine import code
from windmill_lite.store.machine.code import Runnable, runnable_of
from windmill_lite.store.people.scope import Scope

Args = Mapping[str, Json]
#: Makes the arguments of a preprocessor of what was asked for.
Event = Callable[[], Awaitable[Args]]


async def run_path(
    world: World,
    scope: Scope,
    path: str,
    *,
    args: Args,
    options: RunOptions,
    event: Event | None = None,
) -> UUID:
    """A run of the version that is deployed under a path, or of a script of the hub. With `event`,
    a script that has a preprocessor begins with it.
    """
    if hub.is_hub(path):
        return await _run_hub(world, scope, path, args=args, options=options)
    access.require(scope.identity, Action.RUN, path, what="script")
    request = request_of(scope, options, args, "path", path)
    if (known := await known_job(world, request)) is not None:
        return known
    asked = ("script", scope.workspace, path)
    runnable = await world.together.read(
        asked, lambda: _deployed(world, scope.workspace, path), world.db.changes
    )
    job = await _asked(world, scope, runnable, args, options=options, event=event)
    return await push(world, job, options, request)


async def _deployed(world: World, workspace: str, path: str) -> Runnable:
    async with world.db.view() as view:
        runnable = await code.deployed(view, workspace, path)
        broken = await code.head(view, workspace, path) if runnable is None else None
    if runnable is not None:
        return runnable
    why = f": {broken.lock_error}" if broken is not None and broken.lock_error else ""
    raise NotFound(f"deployed script not found at name {path}{why}")


async def _run_hub(
    world: World, scope: Scope, path: str, *, args: Args, options: RunOptions
) -> UUID:
    """Nobody deployed it here, so it is not for operators. Fails: as `hub.find`."""
    access.require_author(scope.identity)
    request = request_of(scope, options, args, "hub", path)
    if (known := await known_job(world, request)) is not None:
        return known
    found = await hub.find(world, path)
    if found.schema is not None:
        _fit(loads(found.schema, what="schema"), args, path, language=found.language)
    job = new_job(world, scope, JobKind.SCRIPT_HUB, args=args, options=options)
    tag = keys.tag(options.tag or found.language, scope.workspace, args)
    return await push(world, hub.job_of(job, path, found)._replace(tag=tag), options, request)


async def run_hash(
    world: World,
    scope: Scope,
    hash_: str,
    *,
    args: Args,
    options: RunOptions,
    event: Event | None = None,
) -> UUID:
    """A run of one version, be it the newest or not; `event` as above."""
    request = request_of(scope, options, args, "hash", hash_)
    if (known := await known_job(world, request)) is not None:
        return known
    async with world.db.view() as view:
        script = await code.version(view, scope.workspace, hash_)
    if script is None or not access.may(scope.identity, Action.READ, script.path):
        raise NotFound(f"script not found with hash {hash_}")
    if script.deleted:
        raise NotFound(f"deployed script not found with hash {hash_}")
    if script.lock_error is not None:
        raise NotFound(f"script {script.path} {hash_} has no lock: {script.lock_error}")
    access.require(scope.identity, Action.RUN, script.path, what="script")
    job = await _asked(world, scope, runnable_of(script), args, options=options, event=event)
    return await push(world, job, options, request)


async def _asked(
    world: World,
    scope: Scope,
    runnable: Runnable,
    args: Args,
    *,
    options: RunOptions,
    event: Event | None,
) -> NewJob:
    if event is not None and world.definitions.script(runnable).settings.preprocessed:
        args, options = await event(), options._replace(prepares=True)
    try:
        return script_job(world, scope, runnable, args=args, options=options)
    except Invalid:
        async with world.db.view() as view:
            again = await signature.as_written(world, view, scope.workspace, runnable)
        return script_job(world, scope, again, args=args, options=options)


async def run_preview(
    world: World, scope: Scope, preview: Preview, *, args: Args, options: RunOptions
) -> UUID:
    """A run of code that is not deployed: writing code, so not for operators."""
    access.require_author(scope.identity)
    signature.check_language(preview.language)
    signature.check_code(preview.content)
    path = check_path(preview.path) if preview.path else None
    request = request_of(scope, options, args, "preview", preview.language, preview.content)
    if (known := await known_job(world, request)) is not None:
        return known
    await _check_preview(world, preview, args)
    job = new_job(world, scope, JobKind.PREVIEW, args=args, options=options)
    job = job._replace(
        path=path,
        language=preview.language,
        tag=keys.tag(options.tag or preview.tag or preview.language, scope.workspace, args),
        raw_code=preview.content,
        raw_lock=preview.lock,
        cache_ttl_s=options.cache_ttl_s or None,
        cell=cell.written(CellRules(network=preview.network)),
    )
    if options.cache_ttl_s:
        lock, asked = preview.lock or "", job.cell or ""
        version = content_hash(preview.language, preview.content, lock, asked)
        job = job._replace(cache_key=cache_key(version, job.permissioned_as, args))
    return await push(world, job, options, request)


async def _check_preview(world: World, preview: Preview, args: Args) -> None:
    """Fails: `Invalid`, naming the argument that the code's own signature does not take. Code that
    cannot be read is run all the same: its language says better what is wrong with it.
    """
    try:
        found = await signature.look(world, preview.language, preview.content)
    except signature.SourceError:
        return
    _fit(found.schema, args, preview.path or "the preview", language=preview.language)


def _fit(schema: Json, args: Args, what: str, *, language: str) -> None:
    problems = arguments.check(arguments.taken(language, schema), dict(args))
    if problems:
        told = "; ".join(str(problem) for problem in problems)
        raise Invalid(f"arguments of {what}: {told}", field=problems[0].path)


async def run_dependencies(
    world: World, scope: Scope, preview: Preview, *, options: RunOptions
) -> UUID:
    """A job that finds the lock of code that is not deployed; its result is `{"lock": ...}`."""
    access.require_author(scope.identity)
    signature.check_language(preview.language)
    signature.check_code(preview.content)
    request = request_of(scope, options, {}, "dependencies", preview.language, preview.content)
    job = new_job(world, scope, JobKind.DEPENDENCIES, args={}, options=options)
    job = job._replace(
        path=check_path(preview.path) if preview.path else None,
        language=preview.language,
        tag=preview.tag or preview.language,
        raw_code=preview.content,
        timeout_s=limits.BUILD_TIMEOUT_S,
    )
    return await push(world, job, options, request)


def script_job(
    world: World, scope: Scope, runnable: Runnable, *, args: Args, options: RunOptions
) -> NewJob:
    """What a run of this version is. Fails: `Invalid`, naming the argument that does not fit."""
    version = world.definitions.script(runnable)
    if version.schema is not None and not options.prepares:
        _fit(version.schema, args, runnable.path, language=runnable.language)
    job = new_job(
        world,
        scope,
        JobKind.SCRIPT,
        args=args,
        options=options,
        path=runnable.path,
        script_hash=runnable.hash,
        language=runnable.language,
        tag=options.tag or runnable.tag or runnable.language,
        timeout_s=options.timeout_s or runnable.timeout_s,
    )
    asked = version.settings
    if options.prepares:
        asked = replace(asked, cell=replace(asked.cell, event=True))
    job = with_settings(job, asked, args)
    return job if options.priority is None else job._replace(priority=options.priority)


def new_job(
    world: World, scope: Scope, kind: JobKind, *, args: Args, options: RunOptions, **facts: Any
) -> NewJob:
    """The facts that every kind shares, and those that the caller knows."""
    text = dumps(dict(args))
    if len(text) > limits.ARGS_BYTES_MAX or len(text.encode()) > limits.ARGS_BYTES_MAX:
        raise TooLarge(f"arguments are larger than {limits.ARGS_BYTES_MAX} bytes", field="args")
    now = world.now()
    due = options.scheduled_for if options.scheduled_for is not None else now
    if due > now + limits.QUEUE_DELAY_S_MAX * 1_000_000:
        raise Invalid("scheduled_for is more than a year away", field="scheduled_for")
    timeout_s = options.timeout_s
    if timeout_s is not None and not 0 < timeout_s <= limits.JOB_TIMEOUT_S_MAX:
        raise Invalid(
            f"timeout must lie between 1 and {limits.JOB_TIMEOUT_S_MAX} seconds", field="timeout"
        )
    shared: dict[str, Any] = {"tag": "", "timeout_s": timeout_s}
    return NewJob(
        id=options.job_id or options.fresh_id or new_id(now),
        workspace=scope.workspace,
        kind=kind,
        created_by=scope.identity.username,
        permissioned_as=scope.identity.permissioned_as,
        email=scope.identity.email,
        created_at=now,
        scheduled_for=due,
        args=text,
        priority=options.priority or 0,
        cache_ttl_s=options.cache_ttl_s,
        parent_id=options.parent_id,
        root_id=options.root_id,
        schedule_path=options.schedule_path,
        trigger_kind=options.trigger_kind,
        visible_to_owner=options.visible_to_owner,
        max_attempts=1 if options.at_most_once else limits.JOB_ATTEMPTS_DEFAULT,
        retry=retry.written(options.retry) if options.retry is not None else None,
        **(shared | facts),
    )


async def push(world: World, job: NewJob, options: RunOptions, request: Request | None) -> UUID:
    await room.require(world)
    await world.crowd.admit(world.db, job.workspace, world.clock.monotonic_s())
    alone = request is None and options.job_id is None and options.queue_limit is None
    if alone and await world.intake.enter(world.db, job):
        return job.id
    wanted = Entry(job, request, world.key_time(), queue_limit=options.queue_limit)
    return await world.db.write(lambda tx: enter(tx, wanted))


def request_of(scope: Scope, options: RunOptions, args: Args, *what: str) -> Request | None:
    """What is asked, when it was sent with a key. What runs and its arguments count; when and where
    it runs does not, so that `scheduled_in_secs` can be sent again.
    """
    if options.idempotency_key is None:
        return None
    fingerprint = content_hash(*what, canonical(dict(args)))
    username = scope.identity.username
    return Request(scope.workspace, username, options.idempotency_key, fingerprint)


async def known_job(world: World, request: Request | None) -> UUID | None:
    """Before anything else is looked at: what is asked may have changed or gone since."""
    if request is None:
        return None
    async with world.db.view() as view:
        return await earlier(view, request)
