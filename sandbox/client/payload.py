"""What a cell reads when its walls are up: through a pipe when it fits into one, else from a memory
file. A pipe costs a tenth; a command's request is its standard input, and begins in the middle.
"""

from __future__ import annotations

import json
import os
from dataclasses import fields
from operator import attrgetter
from typing import Final

from sandbox.cell import PIPE_BYTES, Cell, Mount, Place

#: In the order of an order's members; `astuple` would look for records inside of records.
_MOUNT: Final = attrgetter(*(each.name for each in fields(Mount)))
_PLACE: Final = attrgetter(*(each.name for each in fields(Place)))


def mounts(cell: Cell) -> list[object]:
    """What an order says of what a cell sees."""
    return [_MOUNT(mount) for mount in cell.mounts]


def places(cell: Cell) -> list[object] | None:
    """What an order says of whom a cell reaches."""
    return [_PLACE(place) for place in cell.places] if cell.network == "places" else None


def payload(cell: Cell) -> int:
    """The cell's payload as child.py reads it: a descriptor."""
    files = [[name, len(content)] for name, content in cell.files.items()]
    head = {"env": dict(cell.env), "argv": cell.argv, "files": files}
    data = b"".join((json.dumps(head).encode(), b"\n", *cell.files.values(), cell.request))
    if cell.argv is None and len(data) < PIPE_BYTES and (fd := _piped(data)) is not None:
        return fd
    fd = os.memfd_create("request", os.MFD_CLOEXEC)
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _piped(data: bytes) -> int | None:
    """All of it, and the other end closed; None when this user may fill no further pipe."""
    fd, write_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if os.write(write_end, data) == len(data):
            return fd
    except BlockingIOError:
        pass
    finally:
        os.close(write_end)
    os.close(fd)
    return None
