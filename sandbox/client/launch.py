"""A child of ours as a process, such as the fork server: started, spoken to, stopped.

Start it from the thread that runs the event loop, never from a worker thread: it dies with the
thread that started it (PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.cell import Unfit

ENV: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
_START_S_MAX: Final = 20.0
_STOP_S_MAX: Final = 5.0
_MESSAGE_BYTES_MAX: Final = 1 << 17
_COMPLAINT_BYTES_MAX: Final = 4096
#: After the process: so long may what it leaves behind take to die (it may hang in the kernel).
_DYING_S_MAX: Final = 10.0


class Launch:
    """One process and the socket to it; `name` is for what goes wrong. It is given the descriptors
    `held`, and finds their numbers in its config.
    """

    def __init__(
        self,
        launcher: Sequence[str],
        env: Mapping[str, str] | None,
        config: Mapping[str, Any],
        *,
        kind: socket.SocketKind = socket.SOCK_SEQPACKET,
        name: str = "the fork server",
        held: Sequence[int] = (),
    ) -> None:
        self._name = name
        self.control, theirs = socket.socketpair(socket.AF_UNIX, kind)
        self.control.setblocking(False)  # noqa: FBT003
        # What it complains about goes to memory, and is read when it dies.
        self._complaints = os.memfd_create("complaints", os.MFD_CLOEXEC)
        self._end, their_end = os.pipe2(os.O_CLOEXEC)
        self._over: asyncio.Task[None] | None = None
        keep = [*held, their_end]
        try:
            self._process = subprocess.Popen(
                [*launcher, str(theirs.fileno()), json.dumps({**config, "held": keep})],
                env=dict(ENV if env is None else env),
                pass_fds=[theirs.fileno(), *keep],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            self.control.close()
            os.close(self._complaints)
            os.close(self._end)
            raise Unfit(f"{name} cannot be started: {error}") from error
        finally:
            theirs.close()
            os.close(their_end)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def first_message(self) -> bytes:
        """What it says when it is up; Unfit with its own words when it is not."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_START_S_MAX):
                message = await loop.sock_recv(self.control, _MESSAGE_BYTES_MAX)
        except TimeoutError:
            message = b""
        if not message:
            raise Unfit(f"{self._name} did not start: {self.complaint() or 'it said nothing'}")
        return message

    def complaint(self) -> str:
        """The end of what it wrote to its standard error."""
        size = os.fstat(self._complaints).st_size
        start = max(0, size - _COMPLAINT_BYTES_MAX)
        return (
            os.pread(self._complaints, _COMPLAINT_BYTES_MAX, start).decode(errors="replace").strip()
        )

    def over(self) -> asyncio.Task[None]:
        """Done when nothing is alive of the process, its helpers and its cells: the last of those
        that hold the other end of a pipe has let go.
        """
        if self._over is None:
            self._over = asyncio.get_running_loop().create_task(self._see_the_end())
        return self._over

    async def _see_the_end(self) -> None:
        loop = asyncio.get_running_loop()
        gone = asyncio.Event()
        loop.add_reader(self._end, gone.set)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_DYING_S_MAX):
                    await gone.wait()
        finally:
            loop.remove_reader(self._end)
            os.close(self._end)

    def kill(self) -> None:
        """End it at once; `stop` waits until it is gone."""
        self._process.kill()

    async def stop(self) -> None:
        """Close the socket, which ends it and every cell, and wait until all of it is gone."""
        self.control.close()
        waited = 0.0
        while self._process.poll() is None:
            if waited > _STOP_S_MAX:
                self._process.kill()
            await asyncio.sleep(0.005)
            waited += 0.005
        await asyncio.wait([self.over()])
        with contextlib.suppress(OSError):
            os.close(self._complaints)
