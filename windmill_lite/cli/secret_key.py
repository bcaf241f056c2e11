"""The key that secrets are sealed with: replaced, or given up when it is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from windmill_lite.base.errors import Invalid
from windmill_lite.base.keyfile import read_key
from windmill_lite.cli.options import place_options
from windmill_lite.cli.people import with_world
from windmill_lite.engine.values import keyring
from windmill_lite.engine.world import World


@click.group("secret-key")
def secret_key() -> None:
    """The key that secrets are sealed with. Stop every process before you replace it."""


@secret_key.command("rotate")
@click.argument("file", type=click.Path(path_type=Path))
@place_options
@click.pass_context
def rotate(ctx: click.Context, /, *, file: Path, **place: Any) -> None:
    """Seal the secrets with the key in FILE from now on, instead of the one there is."""
    new = read_key(file)
    if new is None:
        raise Invalid(f"there is no file {file}; `openssl rand -hex 32` makes what it must hold")

    async def work(world: World) -> int:
        return await keyring.rotate(world, new)

    count = with_world(ctx, place, work)
    click.echo(
        f"the keys of {count} workspaces are sealed with the key in {file} ({new.fingerprint()}): "
        "give it to every process with --secret-key-file, or put it in the place of the old one"
    )


@secret_key.command("forget")
@click.option("--yes", is_flag=True, help="Without a question.")
@place_options
@click.pass_context
def forget(ctx: click.Context, /, *, yes: bool, **place: Any) -> None:
    """Delete every secret variable: when the key is lost, they are."""
    if not yes:
        click.confirm("Delete every secret variable of every workspace?", abort=True)
    gone = with_world(ctx, place, keyring.forget)
    click.echo(f"deleted {gone} secrets; the next one is sealed with the key that is there then")
