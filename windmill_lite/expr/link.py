"""One child that evaluates: started, asked, ended."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Mapping

from sandbox.cell import Unfit
from sandbox.client.launch import Launch
from windmill_lite.base.codec import Json, dumps
from windmill_lite.base.errors import Unavailable
from windmill_lite.base.frozen import child_env, launcher
from windmill_lite.model import limits

log = logging.getLogger(__name__)
_HEAD_BYTES = 4
_ANSWER_BYTES_MAX = 4 * limits.RESULT_BYTES_MAX  # three bytes for a character, and some more
_CONFIG: Mapping[str, Json] = {
    "cpu_s": limits.EXPRESSION_CPU_S,
    "engine_bytes": limits.EXPRESSION_ENGINE_BYTES,
    "memory_bytes": limits.EXPRESSION_PROCESS_BYTES,
}


class Died(Exception):  # noqa: N818 - it tells what happened
    """The child ended, or spoke nonsense, while it was asked."""


class TooSlow(Exception):  # noqa: N818 - the same
    """No answer in `EXPRESSION_WALL_S`."""


class Link:
    """The parent's side; after any error, or a canceled `ask`, only `close` is left to do."""

    def __init__(self, workspace: str) -> None:
        self.workspace = workspace
        self.uses = 0
        self.whole = False  # it is up, and nothing went wrong so far
        self.idle_at_s = 0.0  # of the loop: when it was given back
        self._launch: Launch | None = None

    async def open(self) -> None:
        """Fails: `Unavailable` when the child does not come up."""
        try:
            self._launch = Launch(
                launcher("expressions"),
                child_env(reuse_extraction=True),
                _CONFIG,
                kind=socket.SOCK_STREAM,
                name="the process for expressions",
            )
            first = await self._first_answer()
        except (Unfit, Died) as error:
            raise Unavailable(f"expressions cannot be evaluated: {error}") from error
        self.whole = True
        if first["why"]:
            log.warning("expressions are evaluated without a filter of calls: %s", first["why"])

    async def _first_answer(self) -> Json:
        try:
            async with asyncio.timeout(limits.EXPRESSION_WALL_S):
                return json.loads(await self._read())
        except (TimeoutError, Died) as error:
            assert self._launch is not None, "it was just made"
            raise Died(self._launch.complaint() or "it said nothing") from error

    async def ask(self, request: Json) -> Json:
        """The answer. Fails: `Died`, `TooSlow`."""
        body = dumps(request).encode()
        self.uses += 1
        whole, self.whole = self.whole, False
        try:
            async with asyncio.timeout(limits.EXPRESSION_WALL_S):
                await self._write(len(body).to_bytes(_HEAD_BYTES, "big") + body)
                answer = await self._read()
        except TimeoutError:
            raise TooSlow from None
        except (OSError, Died) as error:
            assert self._launch is not None, "a link is opened before it is used"
            why = self._launch.complaint() or str(error)
            log.warning("a process for expressions ended: %s", why)
            raise Died(why) from None
        self.whole = whole
        return _parsed(answer)

    def kill(self) -> None:
        """Whoever waits for an answer hears that it `Died`."""
        self.whole = False
        if self._launch is not None:
            self._launch.kill()

    async def close(self) -> None:
        if self._launch is not None:
            self._launch.kill()
            await self._launch.stop()
            self._launch = None

    async def _write(self, data: bytes) -> None:
        assert self._launch is not None, "a link is opened before it is used"
        await asyncio.get_running_loop().sock_sendall(self._launch.control, data)

    async def _read(self) -> bytes:
        size = int.from_bytes(await self._exactly(_HEAD_BYTES), "big")
        if size > _ANSWER_BYTES_MAX:
            raise Died(f"an answer of {size} bytes")
        return await self._exactly(size)

    async def _exactly(self, size: int) -> bytes:
        assert self._launch is not None, "a link is opened before it is used"
        loop, parts = asyncio.get_running_loop(), []
        while size > 0:
            part = await loop.sock_recv(self._launch.control, min(size, 1 << 18))
            if not part:
                raise Died("it ended")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def _parsed(answer: bytes) -> Json:
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise Died("an answer that is no JSON") from error
    if not isinstance(value, dict):
        raise Died("an answer that is no object")
    return value
