"""A network in which only a few places are: each is a socket that listens here and leads there.

The cell has an empty network of its own. For every place that it may reach a socket listens in it,
at an address that the place's name has in the cell's own /etc/hosts, or at the place's own address.
The sockets are sent to the client, which accepts what comes and carries it to the real place
(client/relay.py). So the cell needs no proxy and no words for it, and there is no other way out:
no packet leaves its network, and what is not on the list does not exist.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sandbox.cell import Place
from sandbox.kernel import syscalls as sc

_SET_FLAGS: Final = 0x8914
_SET_ADDRESS: Final = 0x8916
_SET_MASK: Final = 0x891C
_UP_AND_RUNNING: Final = 0x1 | 0x40
_BACKLOG: Final = 64
_HOSTS: Final = "/tmp/.hosts"  # noqa: S108 - the private /tmp of a cell


def listen(places: Sequence[Place], number: int, control_fd: int) -> None:
    """Make the network of this fresh child, and tell the client; needs its capabilities."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        fcntl.ioctl(link, _SET_FLAGS, struct.pack("16sH22x", b"lo", _UP_AND_RUNNING))
        for index, address in enumerate(sorted({place.address for place in places})):
            if not address.startswith("127."):
                _add(link, f"lo:{index + 1}", address)
    listening = [_listening(place) for place in places]
    _name(places)
    with socket.socket(fileno=os.dup(control_fd)) as control:
        message = json.dumps({"listening": number}).encode()
        socket.send_fds(control, [message], [each.fileno() for each in listening])
    for each in listening:
        each.close()


def _add(link: socket.socket, name: str, address: str) -> None:
    for call, value in ((_SET_ADDRESS, address), (_SET_MASK, "255.255.255.255")):
        packed = socket.inet_aton(value)
        fcntl.ioctl(
            link, call, struct.pack("16sHH4s8x8x", name.encode(), socket.AF_INET, 0, packed)
        )


def _listening(place: Place) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((place.address, place.port))
    made.listen(_BACKLOG)
    return made


def _name(places: Sequence[Place]) -> None:
    lines = ["127.0.0.1 localhost", *(f"{place.address} {place.host}" for place in places)]
    Path(_HOSTS).write_text("\n".join([*dict.fromkeys(lines), ""]))
    sc.bind(_HOSTS, "/etc/hosts", read_only=True)
    Path(_HOSTS).unlink()
