"""Groups of a workspace: who is in one, and who may change it.

Everybody sees them. Admins make them and change every one; a group's owners change it, too. Who is
in a group is read when it is asked, so whoever is taken out of it approves nothing any more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from windmill_lite.base.errors import AlreadyExists, Denied, Invalid, NotFound, TooLarge
from windmill_lite.core.access import owns, require_admin
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import EVERYBODY, Identity
from windmill_lite.model.page import Page
from windmill_lite.model.workspace import Group, check_group_name
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.machine import accounts
from windmill_lite.store.people.scope import Scope

Edit = Callable[[Tx, Group], Awaitable[None]]
Change = Callable[[Group], Group]


async def listed(world: World, scope: Scope, page: Page) -> list[Group]:
    """By name, with members. The group of everybody comes first, on the first page, besides."""
    async with world.db.view() as view:
        found = await accounts.groups(view, scope.workspace, page)
        return [await _everybody(view, scope), *found] if page.offset == 0 else found


async def names(world: World, scope: Scope, *, own: bool) -> list[str]:
    async with world.db.view() as view:
        if own:
            return await names_of(view, scope.identity)
        everything = Page(size=limits.GROUPS_MAX)
        found = await accounts.groups(view, scope.workspace, everything)
    return [EVERYBODY, *(group.name for group in found)]


async def names_of(view: View, who: Identity) -> list[str]:
    """The groups that somebody is in, that of everybody first."""
    found = await accounts.groups_of(view, who.workspace, who.username)
    return [EVERYBODY, *found.get(who.username, ())]


async def names_by_member(world: World, scope: Scope) -> dict[str, list[str]]:
    """The groups of each member that is in more than that of everybody."""
    async with world.db.view() as view:
        found = await accounts.groups_of(view, scope.workspace)
    return {username: [EVERYBODY, *inside] for username, inside in found.items()}


async def get(world: World, scope: Scope, name: str) -> Group:
    """Fails: `NotFound`."""
    async with world.db.view() as view:
        if name == EVERYBODY:
            return await _everybody(view, scope)
        found = await accounts.group(view, scope.workspace, name)
    if found is None:
        raise _missing(name)
    return found


async def _everybody(view: View, scope: Scope) -> Group:
    found = await accounts.members(view, scope.workspace)
    usernames = tuple(member.username for member in found)
    return Group(EVERYBODY, "Everybody in this workspace", usernames)


async def create(world: World, scope: Scope, name: str, summary: str) -> None:
    """A group that its maker is in and owns. Fails: `AlreadyExists`, `TooLarge`, `Denied`."""
    require_admin(scope.identity)
    check_group_name(name)
    _check_summary(summary)
    me, now = scope.identity, world.now()
    new = Group(name, summary, extra_perms={me.permissioned_as: True})

    async def body(tx: Tx) -> None:
        if await accounts.count_groups(tx, scope.workspace) >= limits.GROUPS_MAX:
            raise TooLarge(f"workspace {scope.workspace} has {limits.GROUPS_MAX} groups already")
        if not await accounts.insert_group(tx, scope.workspace, new, now=now):
            raise AlreadyExists(f"group {name} exists already", field="name")
        if await accounts.member_by_username(tx, scope.workspace, me.username) is not None:
            await accounts.insert_group_member(tx, scope.workspace, name, me.username)

    await world.db.write(body)


async def update(world: World, scope: Scope, name: str, summary: str | None) -> None:
    """Says something else about it; None leaves it as it is."""
    _check_summary(summary or "")

    def change(group: Group) -> Group:
        return group if summary is None else replace(group, summary=summary)

    await _edit(world, scope, name, change)


async def delete(world: World, scope: Scope, name: str) -> None:
    """What only this group could approve, admins can."""

    async def body(tx: Tx, _: Group) -> None:
        await accounts.delete_group(tx, scope.workspace, name)

    await _change(world, scope, name, body)


async def add_user(world: World, scope: Scope, name: str, username: str) -> None:
    """Fails: `NotFound` for somebody who is no member, `TooLarge`."""

    async def body(tx: Tx, group: Group) -> None:
        if await accounts.member_by_username(tx, scope.workspace, username) is None:
            raise NotFound(f"{username} is no member of workspace {scope.workspace}")
        if len(group.members) >= limits.GROUP_MEMBERS_MAX:
            raise TooLarge(f"group {name} has {limits.GROUP_MEMBERS_MAX} members already")
        await accounts.insert_group_member(tx, scope.workspace, name, username)

    await _change(world, scope, name, body)


async def remove_user(world: World, scope: Scope, name: str, username: str) -> None:
    """Fails: `NotFound` for somebody who is not in it."""

    async def body(tx: Tx, group: Group) -> None:
        if username not in group.members:
            raise NotFound(f"{username} is not in group {name}")
        await accounts.delete_group_member(tx, scope.workspace, name, username)

    await _change(world, scope, name, body)


async def permit(world: World, scope: Scope, name: str, *, owner: str, write: bool | None) -> None:
    """Makes `u/<username>` or `g/<group>` an owner of the group; None takes the entry away."""
    if not owner.startswith(("u/", "g/")) or len(owner) > limits.LINE_CHARS_MAX:
        raise Invalid(f"owner {owner!r} is not u/<username> or g/<group>", field="owner")

    def change(group: Group) -> Group:
        perms = {each: rights for each, rights in group.extra_perms.items() if each != owner}
        if write is not None:
            perms[owner] = write
        if len(perms) > limits.GROUP_MEMBERS_MAX:
            raise TooLarge(f"group {name} has {limits.GROUP_MEMBERS_MAX} owners already")
        return replace(group, extra_perms=perms)

    await _edit(world, scope, name, change)


async def _edit(world: World, scope: Scope, name: str, change: Change) -> None:
    async def body(tx: Tx, group: Group) -> None:
        await accounts.edit_group(tx, scope.workspace, change(group))

    await _change(world, scope, name, body)


async def _change(world: World, scope: Scope, name: str, edit: Edit) -> None:
    """Fails: `Invalid` for the group of everybody, `NotFound`, `Denied`."""
    who = scope.identity
    if name == EVERYBODY:
        raise Invalid(f"group {EVERYBODY} is everybody: it cannot be changed", field="name")
    now = world.now()

    async def body(tx: Tx) -> None:
        group = await accounts.hold_group(tx, scope.workspace, name, now=now)
        if group is None:
            raise _missing(name)
        if not owns(who, group.extra_perms, await names_of(tx, who)):
            raise Denied(f"{who.username} is no admin and owns no group {name}")
        await edit(tx, group)

    await world.db.write(body)


def _check_summary(summary: str) -> None:
    if len(summary) > limits.LINE_CHARS_MAX:
        most = limits.LINE_CHARS_MAX
        raise Invalid(f"summary is longer than {most} characters", field="summary")


def _missing(name: str) -> NotFound:
    return NotFound(f"group not found at name {name}")
