"""Serving: start what the roles ask for, say where it is, stop when told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import click

from windmill_lite import boot
from windmill_lite.base import descriptors, heap
from windmill_lite.base.config import Settings
from windmill_lite.base.logsetup import configure
from windmill_lite.cli.options import settings_of
from windmill_lite.cli.stopping import Stopping
from windmill_lite.model.limits import OPEN_FILES_MAX

log = logging.getLogger(__name__)


def serve(values: dict[str, Any]) -> None:
    """Runs until SIGTERM or SIGINT."""
    settings = settings_of(values)
    boot.check(settings)
    configure(settings.log_format, settings.log_level)
    descriptors.allow(OPEN_FILES_MAX)
    heap.give_back_freed()

    async def main() -> None:
        stopping = Stopping()
        async with boot.running(settings) as appliance:
            stopping.appliance = appliance
            announce(appliance, settings)
            why = await stopping.wait()
            log.info("%s: stopping", why)
        log.info("stopped")

    run(main())


def run(main: Coroutine[Any, Any, None]) -> None:
    """On uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


def announce(appliance: boot.Appliance, settings: Settings) -> None:
    """On standard output, for the person who started it: from here on everything works."""
    if appliance.worker is not None:
        worker = appliance.worker
        log.info(
            "worker %s runs up to %d jobs of %s at once, sandbox: %s",
            worker.name,
            worker.slots,
            ", ".join(worker.tags),
            worker.sandbox,
        )
    if appliance.api_url is not None:
        click.echo(f"windmill-lite serves {appliance.api_url}")
    else:
        click.echo(f"windmill-lite runs as {' and '.join(settings.roles)}")
    if appliance.setup_url is not None:
        click.echo("")
        click.echo("There is no account yet. Become the first admin (once, within a day):")
        click.echo(f"  {appliance.setup_url}")
        click.echo("")
