"""A worker that runs one endless cell, so that a test can kill it; told on its standard input."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from sandbox import Cell, ForkServer


async def work() -> None:
    order = json.load(sys.stdin)
    entry = Path(__file__).parent / "entry" / "run.py"
    server = ForkServer(order["launcher"], entry, order["level"])
    await server.start()
    code = order["code"] + "time.sleep(600)"
    await server.run(Cell(id="1", env={"PATH": "/usr/bin:/bin"}, request=code.encode()), print)


asyncio.run(work())
