"""A worker with one endless cell, for a test to kill or stop; told on its standard input.

It says "up" when the cell speaks, and how it ended, each in a line of its own. "trust_s" is how
long it is trusted. With "deaf_after" it orders as many cells more, once the first one speaks, and
reads nothing any more. "locks" are files that it and its fork server hold locked.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import sys
import time
from pathlib import Path

from sandbox import Cell, ForkServer


def a_cell(number: int, code: str) -> Cell:
    return Cell(id=str(number), env={"PATH": "/usr/bin:/bin"}, request=code.encode())


async def work() -> None:
    order = json.load(sys.stdin)
    entry = Path(__file__).parent / "entry" / "run.py"
    held = [locked(path) for path in order.get("locks", ())]
    server = ForkServer(order["launcher"], entry, order["level"], held=held)
    await server.start()
    if "trust_s" in order:
        server.trust_until(time.clock_gettime(time.CLOCK_BOOTTIME) + order["trust_s"])

    def heard(_: bytes) -> None:
        sys.stdout.write("up\n")
        sys.stdout.flush()
        if "deaf_after" in order:
            overwhelm(server, order["deaf_after"])

    run = asyncio.create_task(server.run(a_cell(0, order["code"] + "time.sleep(600)"), heard))
    sys.stdout.write(f"\n{(await run).reason}\n")


def locked(path: str) -> int:
    """A descriptor of the file, which is locked."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(fd, fcntl.LOCK_EX)
    return fd


def overwhelm(server: ForkServer, count: int) -> None:
    """Orders without descriptors: each cell breaks at once, and its end is told."""
    session = server._session
    assert session is not None
    order = {"run": 0, "slot": 0, "limits": [], "sockets": False, "directory": "", "mounts": []}
    message = json.dumps(order | {"check": False}).encode()
    sent = 0
    while sent < count:
        sent += session._send(message)
        time.sleep(0.001)
    time.sleep(600)


asyncio.run(work())
