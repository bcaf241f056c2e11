"""Saving what a person is writing; who saves over what they have not seen is told so."""

from __future__ import annotations

from windmill_lite.base.codec import Json, dumps
from windmill_lite.base.errors import Busy, Invalid, NotFound, TooLarge
from windmill_lite.core import access
from windmill_lite.core.access import Action
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.draft import KINDS, Draft, DraftAt
from windmill_lite.model.paths import check_path
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import accounts
from windmill_lite.store.machine.library import drafts
from windmill_lite.store.people.scope import Scope


def at(kind: str, path: str) -> DraftAt:
    """Fails: `Invalid`, naming what is wrong."""
    if kind not in KINDS:
        raise Invalid(f"there are no drafts of kind {kind[:40]!r}", field="kind")
    return DraftAt(kind, check_path(path))


async def save(
    world: World, scope: Scope, at: DraftAt, value: Json, *, seen_at: int | None, force: bool
) -> int | None:
    """When it was saved (µs); None when another session of this person saved meanwhile, and the
    caller has seen only the draft of `seen_at`. A value of None is no draft any more.
    """
    access.require(scope.identity, Action.WRITE, at.path, what=at.kind)
    draft = _draft(at, value, world.now())
    email = scope.identity.email

    async def body(tx: Tx) -> int | None:
        known = await drafts.saved_at(tx, scope.workspace, email, at)
        if known is not None and not force and (seen_at is None or seen_at < known):
            return None
        if value is None:
            await drafts.delete(tx, scope.workspace, email, at)
            return draft.saved_at
        if known is None:
            await _require_few(tx, scope)
        await drafts.put(tx, scope.workspace, email, draft)
        return draft.saved_at

    return await world.db.write(body)


def _draft(at: DraftAt, value: Json, now: int) -> Draft:
    text = dumps(value)
    if len(text) > limits.FLOW_BYTES_MAX or len(text.encode()) > limits.FLOW_BYTES_MAX:
        raise TooLarge(f"a draft is at most {limits.FLOW_BYTES_MAX} bytes", field="value")
    told = value if isinstance(value, dict) else {}
    return Draft(at, text, _line(told.get("summary")), _line(told.get("draft_path")), now)


def _line(value: Json) -> str | None:
    good = isinstance(value, str) and value and value.isprintable()
    return value[: limits.LINE_CHARS_MAX] if good else None


async def _require_few(tx: Tx, scope: Scope) -> None:
    if await drafts.count(tx, scope.workspace, scope.identity.email) >= limits.DRAFTS_MAX:
        raise Busy(f"{scope.identity.username} has {limits.DRAFTS_MAX} drafts; delete some first")


async def delete(world: World, scope: Scope, at: DraftAt, *, whose: str | None) -> None:
    """One's own, or as an admin that of a member. Fails: `NotFound`, `Denied`."""
    if whose is not None and whose != scope.identity.username:
        access.require_admin(scope.identity)

    async def body(tx: Tx) -> None:
        email: str | None = scope.identity.email
        if whose is not None and whose != scope.identity.username:
            member = await accounts.member_by_username(tx, scope.workspace, whose)
            email = member.email if member is not None else None
        if email is None or not await drafts.delete(tx, scope.workspace, email, at):
            raise NotFound(f"there is no draft of {at.kind} {at.path}")

    await world.db.write(body)


async def move(world: World, scope: Scope, at: DraftAt, to_path: str) -> None:
    """One's own, to a path where one has none. Fails: `NotFound`, `Invalid`."""
    there = DraftAt(at.kind, check_path(to_path))
    access.require(scope.identity, Action.WRITE, to_path, what=at.kind)
    email = scope.identity.email

    async def body(tx: Tx) -> None:
        if await drafts.saved_at(tx, scope.workspace, email, at) is None:
            raise NotFound(f"there is no draft of {at.kind} {at.path}")
        if at == there:
            return
        if await drafts.saved_at(tx, scope.workspace, email, there) is not None:
            raise Invalid(f"there is a draft of {at.kind} {to_path} already", field="new_path")
        await drafts.move(tx, scope.workspace, email, at, to_path=to_path)

    await world.db.write(body)
