"""A new version of a script, and the end of old ones."""

from __future__ import annotations

from dataclasses import replace

from windmill_lite.base.codec import Json, dumps
from windmill_lite.base.errors import AlreadyExists, Conflict, Invalid, NotFound
from windmill_lite.core import access, arguments
from windmill_lite.core.access import Action
from windmill_lite.core.jobs import entry, settings
from windmill_lite.engine import signature
from windmill_lite.engine.dependencies import planning, versions
from windmill_lite.engine.signature import check_code, check_language
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.draft import DraftAt
from windmill_lite.model.paths import check_path
from windmill_lite.model.script import KINDS, NewScript, Script
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import code
from windmill_lite.store.machine.library import drafts
from windmill_lite.store.people.scope import Scope


async def create_script(
    world: World, scope: Scope, new: NewScript, *, skip_if_noop: bool = False
) -> str:
    """Deploys a version and answers with its hash. Its schema is inferred when none is given; its
    lock is found by a job that enters the queue with it.

    Fails: `AlreadyExists` when the path has a version that `parent_hash` does not name, so that
    nobody overwrites what they have not seen; the message says what to do.
    """
    new = await _preprocessed(world, new)
    _check(new)
    access.require(scope.identity, Action.WRITE, new.path, what="script")
    schema = new.schema
    if schema is None:
        schema = (await signature.read(world, new.language, new.content)).schema
    plan = await planning.plan(world, scope, new)
    draft = replace(_draft(scope, new, schema, world.now()), lock=plan.lock)

    async def body(tx: Tx) -> str:
        head = await code.head(tx, scope.workspace, new.path)
        if skip_if_noop and head is not None and not head.archived and _same(head, draft):
            return head.hash
        parent = await _parent(tx, scope, new, head)
        script = replace(draft, parent_hash=parent.hash if parent else None)
        script = replace(script, hash=versions.hash_of(script))
        if parent is not None and parent.path != new.path:
            await code.archive_path(tx, scope.workspace, parent.path)
        await code.insert(tx, script)
        await planning.follow(tx, scope, script, plan)
        if not new.keep_draft:
            at = DraftAt("script", new.path)
            await drafts.delete(tx, scope.workspace, scope.identity.email, at)
        return script.hash

    return await world.db.write(body)


async def _preprocessed(world: World, new: NewScript) -> NewScript:
    """Whether it has a preprocessor says its text, unless whoever deploys it does.

    Fails: `Invalid` when they say so of a script that has none.
    """
    told = new.options.get("has_preprocessor")
    if told is False or (told is None and "preprocessor" not in new.content):
        return new
    check_language(new.language)
    check_code(new.content)
    try:
        found = (await signature.look(world, new.language, new.content)).signature.has_preprocessor
    except signature.SourceError:
        found = told is True and "preprocessor" in new.content
    has = found and entry.preparing(new.language, "") is not None
    if told is True and not has:
        words = "there is no function preprocessor in the script, or none that can run"
        raise Invalid(f"has_preprocessor: {words}", field="has_preprocessor")
    return replace(new, options=new.options | {"has_preprocessor": True}) if has else new


def _draft(scope: Scope, new: NewScript, schema: Json, now: int) -> Script:
    """The version to be, before it knows its parent and its hash."""
    return Script(
        workspace=scope.workspace,
        hash="",
        path=new.path,
        parent_hash=None,
        summary=new.summary,
        description=new.description,
        content=new.content,
        language=new.language,
        kind=new.kind,
        schema=dumps(schema),
        lock=new.lock,
        lock_error=None,
        tag=new.tag,
        timeout_s=new.timeout_s,
        options=dumps(new.options),
        created_by=scope.identity.username,
        created_at=now,
        deployment_message=new.deployment_message,
        archived=False,
        deleted=False,
        head=True,
    )


def _check(new: NewScript) -> None:
    check_path(new.path)
    check_language(new.language)
    check_code(new.content)
    settings.refuse_unsupported(new.options)
    settings.refuse_unfit(settings.read(new.options), new.language, new.tag)
    if new.kind not in KINDS:
        raise Invalid(f"kind {new.kind!r} is none of {', '.join(KINDS)}", field="kind")
    texts = (
        ("summary", new.summary, limits.LINE_CHARS_MAX),
        ("description", new.description, limits.TEXT_CHARS_MAX),
        ("tag", new.tag or "", 50),
        ("deployment_message", new.deployment_message or "", limits.LINE_CHARS_MAX),
        ("lock", new.lock or "", limits.CODE_BYTES_MAX),
    )
    for field, text, most in texts:
        if len(text) > most:
            raise Invalid(f"{field} is longer than {most} characters", field=field)
        if "\0" in text:
            raise Invalid(f"{field} holds a NUL character", field=field)
    if new.schema is not None:
        problems = arguments.schema_problems(new.schema)
        if problems:
            raise Invalid(f"schema: {problems[0]}", field="schema")
    if new.timeout_s is not None and not 0 < new.timeout_s <= limits.JOB_TIMEOUT_S_MAX:
        raise Invalid(f"timeout is not within 1 and {limits.JOB_TIMEOUT_S_MAX}", field="timeout")


async def _parent(tx: Tx, scope: Scope, new: NewScript, head: Script | None) -> Script | None:
    """The version this one follows: the head it names, of this path or of the one it is moved
    from.
    """
    if new.auto_parent and head is not None:
        return head
    if new.parent_hash is None or new.auto_parent:
        if head is not None and not head.archived:
            raise AlreadyExists(
                f"Path conflict for {new.path} with non-archived hash {head.hash}; "
                "give it as parent_hash to deploy a new version over it",
                field="parent_hash",
            )
        return head
    parent = await code.version(tx, scope.workspace, new.parent_hash)
    if parent is None or parent.deleted:
        raise NotFound(f"parent_hash {new.parent_hash} is no version of a script here")
    access.require(scope.identity, Action.WRITE, parent.path, what="script")
    if not parent.head:
        raise AlreadyExists(
            f"parent_hash {parent.hash} is not the newest version of {parent.path}: "
            "somebody deployed another meanwhile; read it and try again",
            field="parent_hash",
        )
    if parent.path != new.path and head is not None and not head.archived:
        raise AlreadyExists(f"{new.path} exists already; archive it first", field="path")
    return parent


def _same(head: Script, draft: Script) -> bool:
    """Nothing that a deployment could change is different."""
    blank = {
        "hash": "",
        "parent_hash": None,
        "created_by": "",
        "created_at": 0,
        "deployment_message": None,
    }
    if not draft.lock:
        blank["lock"] = None  # the head's was found
    return replace(head, **blank) == replace(draft, **blank)  # type: ignore[arg-type]


async def archive_path(world: World, scope: Scope, path: str) -> None:
    """All versions disappear from lists; the path can still be run."""
    access.require(scope.identity, Action.WRITE, path, what="script")

    async def body(tx: Tx) -> None:
        if await code.head(tx, scope.workspace, path) is None:
            raise NotFound(f"script not found at name {path}")
        await code.archive_path(tx, scope.workspace, path)

    await world.db.write(body)


async def archive_hash(world: World, scope: Scope, hash_: str) -> Script:
    async def body(tx: Tx) -> Script:
        script = await _own_version(tx, scope, hash_)
        await code.archive_version(tx, scope.workspace, hash_)
        return replace(script, archived=True)

    return await world.db.write(body)


async def delete_path(world: World, scope: Scope, path: str) -> None:
    """Every version's code is gone for good; refused while runs need it."""
    access.require(scope.identity, Action.WRITE, path, what="script")

    async def body(tx: Tx) -> None:
        await _require_idle(tx, scope, path)
        if not await code.delete_path(tx, scope.workspace, path):
            raise NotFound(f"script not found at name {path}")

    await world.db.write(body)


async def delete_hash(world: World, scope: Scope, hash_: str) -> Script:
    """The code of one version is gone for good; the newest one left takes its place."""

    async def body(tx: Tx) -> Script:
        script = await _own_version(tx, scope, hash_)
        await _require_idle(tx, scope, script.path)
        await code.delete_version(tx, script)
        return replace(script, content="", archived=True, deleted=True, head=False)

    return await world.db.write(body)


async def describe(world: World, scope: Scope, hash_: str, message: str) -> None:
    """Says of a version afterwards what it was deployed for."""
    if len(message) > limits.LINE_CHARS_MAX:
        most = limits.LINE_CHARS_MAX
        raise Invalid(f"deployment_msg is longer than {most} characters", field="deployment_msg")

    async def body(tx: Tx) -> None:
        script = await _own_version(tx, scope, hash_)
        await code.describe(tx, scope.workspace, script.hash, message)

    await world.db.write(body)


async def _own_version(tx: Tx, scope: Scope, hash_: str) -> Script:
    script = await code.version(tx, scope.workspace, hash_)
    if script is None or not access.may(scope.identity, Action.READ, script.path):
        raise NotFound(f"script not found with hash {hash_}")
    access.require(scope.identity, Action.WRITE, script.path, what="script")
    return script


async def _require_idle(tx: Tx, scope: Scope, path: str) -> None:
    if await code.has_live_runs(tx, scope.workspace, path):
        raise Conflict(f"runs of {path} are queued or running; cancel them or wait for their end")
