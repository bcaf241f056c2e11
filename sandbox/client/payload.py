"""What a cell is given to work on, on its way through the fork server, which never reads it."""

from __future__ import annotations

import json
import os

from sandbox.cell import Cell


def payload(cell: Cell) -> int:
    """The cell's payload in a memory file, as child.py reads it."""
    files = [[name, len(content)] for name, content in cell.files.items()]
    head = {"env": dict(cell.env), "argv": cell.argv, "files": files}
    fd = os.memfd_create("request", os.MFD_CLOEXEC)
    parts = [json.dumps(head).encode() + b"\n", *cell.files.values(), cell.request]
    data = memoryview(b"".join(parts))
    while data:
        data = data[os.write(fd, data) :]
    return fd
