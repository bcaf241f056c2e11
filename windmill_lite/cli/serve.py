"""Serving: start what the roles ask for, say where it is, stop when told."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import click

from windmill_lite import boot
from windmill_lite.base.logsetup import configure
from windmill_lite.cli.options import settings_of

log = logging.getLogger(__name__)


def serve(values: dict[str, Any]) -> None:
    """Runs until SIGTERM or SIGINT."""
    settings = settings_of(values)
    boot.check(settings)
    configure(settings.log_format, settings.log_level)

    async def main() -> None:
        async with boot.running(settings) as appliance:
            announce(appliance)
            why = await boot.until_told()
            log.info("%s: stopping", why)
        log.info("stopped")

    run(main())


def run(main: Any) -> None:
    """On uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


def announce(appliance: boot.Appliance) -> None:
    """On standard output, for the person who started it."""
    if appliance.api_url is not None:
        click.echo(f"windmill-lite serves {appliance.api_url}")
    if appliance.setup_url is not None:
        click.echo("")
        click.echo("There is no account yet. Become the first admin (once, within a day):")
        click.echo(f"  {appliance.setup_url}")
        click.echo("")
