"""The API as a service: binds an address, and stops without breaking what is under way."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from pathlib import Path

from aiohttp import web

from windmill_lite.api.app import make_app
from windmill_lite.api.call import DOOR
from windmill_lite.base.address import Address
from windmill_lite.base.errors import Unavailable
from windmill_lite.engine.world import World
from windmill_lite.model.limits import HEADER_BYTES_MAX

log = logging.getLogger(__name__)

STOP_S = 8.0  # requests under way have this long to end
KEEP_ALIVE_S = 620.0  # longer than what load balancers keep, so that they hang up and not we
BACKLOG = 1_024


class ApiServer:
    """Serves from `start` to `stop`; both may be repeated, but what has stopped stays stopped.

    The socket is bound before anything else is built, since with port 0 the address of the world is
    known only then. `stop` closes it.
    """

    name = "api"

    def __init__(self, world: World, sock: socket.socket, *, ui: Path | None = None) -> None:
        self._world = world
        self._sock = sock
        self._ui = ui
        self._runner: web.AppRunner | None = None

    @staticmethod
    def bind(listen: Address) -> socket.socket:
        """A socket at the address. Fails: `Unavailable` when it cannot be had, saying why."""
        try:
            found = socket.getaddrinfo(
                listen.host or None,
                listen.port,
                type=socket.SOCK_STREAM,
                flags=socket.AI_PASSIVE,
            )
            family, _, _, _, place = found[0]
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            raise Unavailable(_refusal(listen, error)) from None
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(place)
            sock.listen(BACKLOG)  # so that a second server is refused here and not later
        except OSError as error:
            sock.close()
            raise Unavailable(_refusal(listen, error)) from None
        sock.settimeout(0)
        return sock

    @property
    def port(self) -> int:
        """The bound port; with port 0 the system chose it."""
        return int(self._sock.getsockname()[1])

    async def start(self) -> None:
        if self._runner is not None:
            return
        if self._sock.fileno() < 0:
            raise Unavailable("the API has been stopped and its address given up")
        runner = web.AppRunner(
            make_app(self._world, ui=self._ui),
            handler_cancellation=True,  # who waits for a job ends with its client
            access_log=None,
            shutdown_timeout=STOP_S,
            keepalive_timeout=KEEP_ALIVE_S,
            max_line_size=HEADER_BYTES_MAX,
            max_field_size=HEADER_BYTES_MAX,
        )
        self._runner = runner
        await runner.setup()
        await web.SockSite(runner, self._sock, backlog=BACKLOG).start()
        log.info("listening on %s port %d", self._sock.getsockname()[0], self.port)

    async def stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            door = runner.app[DOOR]
            await runner.cleanup()
            if door.tasks:
                await asyncio.wait(door.tasks, timeout=STOP_S)
        self._sock.close()


def _refusal(listen: Address, error: OSError) -> str:
    place = f"{listen.host} port {listen.port}"
    if error.errno == errno.EADDRINUSE:
        return f"cannot listen on {place}: another program does already; choose another port"
    if error.errno == errno.EACCES:
        return f"cannot listen on {place}: ports below 1024 need more rights"
    return f"cannot listen on {place}: {error.strerror or error}"
