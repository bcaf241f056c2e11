"""From the sockets of a cell that has only a few places to those places, and back.

A name is looked up when it is connected to, here, by the machine's own means. Whatever it leads to:
a barred address is never connected to, nor is a barred port of this very machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Coroutine, Sequence
from typing import Any, Final

from sandbox.cell import Place

_CONNECTIONS_MAX: Final = 128  # of one cell at once; more are refused
_CONNECT_S_MAX: Final = 20.0
_AGAIN_S: Final = 0.1
_PIECE_BYTES: Final = 64 << 10


class Relay:
    """Of one cell; `barred` are hosts and ports."""

    def __init__(self, places: Sequence[Place], barred: Sequence[tuple[str, int]]) -> None:
        self._places = places
        self._barred = barred
        self._tasks: set[asyncio.Task[None]] = set()
        self._carrying = 0

    def begin(self, fds: Sequence[int]) -> None:
        """With the sockets that listen in the cell, one for each place, in their order."""
        for fd, place in zip(fds, self._places, strict=True):
            listening = socket.socket(fileno=fd)
            listening.setblocking(False)  # noqa: FBT003
            self._spawn(self._accept(listening, place))

    def close(self) -> None:
        """Ends every connection; harmless to repeat."""
        for task in self._tasks:
            task.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listening: socket.socket, place: Place) -> None:
        loop = asyncio.get_running_loop()
        with listening:
            while True:
                try:
                    inner, _ = await loop.sock_accept(listening)
                except OSError:  # no descriptor is left: there may be one soon
                    await asyncio.sleep(_AGAIN_S)
                    continue
                if self._carrying >= _CONNECTIONS_MAX:
                    inner.close()
                else:
                    inner.setblocking(False)  # noqa: FBT003
                    self._carrying += 1
                    self._spawn(self._carry(inner, place))

    async def _carry(self, inner: socket.socket, place: Place) -> None:
        outer: socket.socket | None = None
        try:
            async with asyncio.timeout(_CONNECT_S_MAX):
                outer = await self._reach(place)
            pumps = (_pump(inner, outer), _pump(outer, inner))
            await asyncio.gather(*pumps)
        except (OSError, TimeoutError):
            pass  # the cell sees its connection end
        finally:
            self._carrying -= 1
            inner.close()
            if outer is not None:
                outer.close()

    async def _reach(self, place: Place) -> socket.socket:
        loop = asyncio.get_running_loop()
        barred = await self._barred_addresses()
        found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        last: OSError = OSError(f"{place.host} has no address that may be reached")
        for family, kind, protocol, _, address in found:
            if _is_barred(str(address[0]), place.port, barred):
                continue
            outer = socket.socket(family, kind, protocol)
            outer.setblocking(False)  # noqa: FBT003
            try:
                await loop.sock_connect(outer, address)
            except OSError as error:
                outer.close()
                last = error
            except BaseException:
                outer.close()
                raise
            else:
                return outer
        raise last

    async def _barred_addresses(self) -> set[tuple[str, int]]:
        loop = asyncio.get_running_loop()
        addresses: set[tuple[str, int]] = set()
        for host, port in self._barred:
            with contextlib.suppress(OSError):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                addresses |= {(str(address[0]), port) for *_, address in found}
        return addresses


def _is_barred(address: str, port: int, barred: set[tuple[str, int]]) -> bool:
    if (_plain(address), port) in {(_plain(other), number) for other, number in barred}:
        return True
    ours = any(number == port and _is_own(other) for other, number in barred)
    return ours and _is_own(address)


def _plain(address: str) -> str:
    """An IPv4 address, also where it is written as one of IPv6: both lead to the same machine."""
    found = ipaddress.ip_address(address)
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def _is_own(address: str) -> bool:
    """Whether it is an address of this machine: only such can be listened at."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        try:
            trial.bind((address, 0))
        except OSError:
            return False
    return True


async def _pump(source: socket.socket, target: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    while piece := await loop.sock_recv(source, _PIECE_BYTES):
        await loop.sock_sendall(target, piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
