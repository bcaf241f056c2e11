"""How a process that serves is asked to end."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import signal
import time

from windmill_lite.boot import Appliance

log = logging.getLogger(__name__)


class Stopping:
    """SIGTERM and SIGINT, heard from the moment this is made: in a running loop.

    The first one asks the process to end, the second to end without waiting for jobs, the third
    ends it where it stands. The executable hears one press of Ctrl-C twice, from the terminal and
    from its bootloader, and a supervisor's signal too: within `ECHO_S` it is the same one.
    """

    ECHO_S = 0.5

    def __init__(self) -> None:
        self.appliance: Appliance | None = None  # once there is one
        self._asked: list[str] = []
        self._told = asyncio.Event()
        self._heard_at = -math.inf
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._hear, number)

    async def wait(self) -> str:
        """Returns when the process is asked to end: how."""
        await self._told.wait()
        return self._asked[0]

    def _hear(self, number: signal.Signals) -> None:
        now = time.monotonic()
        if now - self._heard_at < self.ECHO_S:
            return
        self._heard_at = now
        self._asked.append(number.name)
        self._told.set()
        if len(self._asked) == 2 and self.appliance is not None:
            log.warning("%s again: running jobs are handed back at once", number.name)
            self.appliance.hurry()
        elif len(self._asked) > 2:
            log.warning("%s once more: ended", number.name)
            os._exit(1)
