"""Administration without a browser: for whoever owns the machine and its database."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

import click

from windmill_lite import boot
from windmill_lite.base.clock import from_us, to_us
from windmill_lite.base.errors import Invalid, NotFound, Unavailable
from windmill_lite.cli.options import place_options, settings_at
from windmill_lite.engine import accounts, tokens, workspaces
from windmill_lite.engine.setup import FIRST_WORKSPACE, first_account
from windmill_lite.engine.world import World
from windmill_lite.model.identity import NewToken
from windmill_lite.model.limits import PAGE_SIZE_MAX
from windmill_lite.model.page import Page
from windmill_lite.store.db.sqlite_file import InUse

T = TypeVar("T")


async def _every_page(read: Callable[[Page], Awaitable[list[T]]]) -> list[T]:
    found: list[T] = []
    for number in itertools.count(1):
        page = await read(Page(number, PAGE_SIZE_MAX))
        found += page
        if len(page) < PAGE_SIZE_MAX:
            break
    return found


def with_world(
    ctx: click.Context, place: dict[str, Any], work: Callable[[World], Awaitable[T]]
) -> T:
    """What `work` answers, over the database that the settings name."""
    settings = settings_at(ctx, place)

    async def main() -> T:
        try:
            async with boot.opened(settings) as world:
                return await work(world)
        except InUse as busy:
            raise Unavailable(
                f"windmill-lite runs on this database ({busy.path}): do this in the browser or "
                "through its API, or stop it first"
            ) from None

    return asyncio.run(main())


@click.group()
def user() -> None:
    """Accounts of the instance."""


@user.command("create")
@click.argument("email")
@click.option("--superadmin", is_flag=True, help="An admin of the whole instance.")
@click.option("--name", help="How the person is called.")
@click.option("--workspace", "workspace_id", help="Also make it a member of this workspace.")
@click.option("--admin", is_flag=True, help="An admin of that workspace.")
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input instead of asking.",
)
@place_options
@click.pass_context
def user_create(
    ctx: click.Context,
    /,
    *,
    email: str,
    superadmin: bool,
    name: str | None,
    workspace_id: str | None,
    admin: bool,
    password_stdin: bool,
    **place: Any,
) -> None:
    """Make an account for EMAIL. A first one with --superadmin also gets the workspace `main`."""
    if admin and workspace_id is None:
        raise Invalid("--admin is for a workspace: name it with --workspace", field="workspace")
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)

    async def work(world: World) -> None:
        if superadmin and await first_account(world, email=email, password=password, name=name):
            member_of = FIRST_WORKSPACE.id
        else:
            member_of = None
            if workspace_id is not None:
                await _require_workspace(world, workspace_id)
            await accounts.make_account(
                world, email=email, password=password, name=name, super_admin=superadmin
            )
        if workspace_id not in (None, member_of):
            await workspaces.put_member(world, workspace_id, email=email, is_admin=admin)

    with_world(ctx, place, work)
    click.echo(f"made the account {email}")


async def _require_workspace(world: World, workspace_id: str) -> None:
    if not await workspaces.exists(world, workspace_id):
        raise NotFound(f"workspace {workspace_id} does not exist")


@user.command("list")
@place_options
@click.pass_context
def user_list(ctx: click.Context, /, **place: Any) -> None:
    """All accounts."""
    found = with_world(
        ctx, place, lambda world: _every_page(lambda page: accounts.everybody(world, page))
    )
    for account in found:
        marks = [
            word
            for word, true in (("superadmin", account.super_admin), ("disabled", account.disabled))
            if true
        ]
        since = from_us(account.created_at).date().isoformat()
        click.echo("\t".join([account.email, account.name or "", ",".join(marks), since]))


@click.group()
def token() -> None:
    """Tokens for programs."""


@token.command("create")
@click.argument("email")
@click.option("--label", help="What it is for.")
@click.option("--workspace", "workspace_id", help="Opens this workspace only.")
@click.option("--days", type=click.IntRange(1, 3650), help="Expires after so many days.")
@click.option(
    "--scope", "scopes", multiple=True, help="Only this right, such as jobs:run:scripts:f/a/b."
)
@click.option("--read-only", is_flag=True, help="Only reads.")
@place_options
@click.pass_context
def token_create(
    ctx: click.Context,
    /,
    *,
    email: str,
    label: str | None,
    workspace_id: str | None,
    days: int | None,
    scopes: tuple[str, ...],
    read_only: bool,
    **place: Any,
) -> None:
    """Make a token for EMAIL and print it, this once."""

    async def work(world: World) -> str:
        if workspace_id is not None:
            await _require_workspace(world, workspace_id)
        expires = None if days is None else to_us(world.clock.now() + timedelta(days=days))
        new = NewToken(label, expires, workspace_id, scopes or None, read_only)
        return await tokens.mint(world, email.strip().lower(), new)

    click.echo(with_world(ctx, place, work))


@click.group()
def workspace() -> None:
    """Workspaces."""


@workspace.command("create")
@click.argument("workspace_id", metavar="ID")
@click.option("--name", help="How people read it. Default: the id.")
@click.option("--owner", required=True, help="Email of the account that becomes its admin.")
@click.option("--username", help="What the owner is called there.")
@place_options
@click.pass_context
def workspace_create(
    ctx: click.Context,
    /,
    *,
    workspace_id: str,
    name: str | None,
    owner: str,
    username: str | None,
    **place: Any,
) -> None:
    """Make a workspace."""

    async def work(world: World) -> None:
        await workspaces.make(
            world,
            id=workspace_id,
            name=name or workspace_id,
            owner=owner.strip().lower(),
            username=username,
        )

    with_world(ctx, place, work)
    click.echo(f"made the workspace {workspace_id}")


@workspace.command("list")
@place_options
@click.pass_context
def workspace_list(ctx: click.Context, /, **place: Any) -> None:
    """All workspaces."""
    found = with_world(
        ctx, place, lambda world: _every_page(lambda page: workspaces.everything(world, page))
    )
    for space in found:
        click.echo(f"{space.id}\t{space.name}\t{space.owner}")
