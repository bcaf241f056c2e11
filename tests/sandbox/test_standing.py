"""Cells that stand by: asked many times, and ended like any other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from dataclasses import replace
from textwrap import dedent

import pytest

from sandbox import Limits, Standing
from tests.sandbox.conftest import EVERY_LEVEL, Cells, Sleeper, cell, until

pytestmark = EVERY_LEVEL

#: `turn(question)` is the answer to each.
LOOP = """
import os, socket, subprocess, sys
link = socket.socket(fileno=os.dup(result_fd))
def read(size):
    data = b""
    while len(data) < size:
        piece = link.recv(size - len(data))
        if not piece:
            os._exit(0)
        data += piece
    return data
def write(data):
    link.sendall(len(data).to_bytes(4, "little") + data)
{turn}
while True:
    write(turn(read(int.from_bytes(read(4), "little"))))
"""
ECHO = """
count = 0
def turn(question):
    global count
    count += 1
    os.write(1, b"heard " + question[:10] + b"\\n")
    return str(count).encode() + question
"""


def stand(cells: Cells, turn: str, **more: object) -> Standing:
    code = LOOP.replace("{turn}", dedent(turn))
    return cells.server.stand(replace(cell(code), **more))  # type: ignore[arg-type]


async def ask(cells: Cells, standing: Standing, question: bytes = b"x") -> bytes | None:
    async with asyncio.timeout(20):
        return await standing.ask(question, cells.output.append)


async def test_one_process_answers_every_question_and_its_output_is_the_askers(
    cells: Cells,
) -> None:
    standing = stand(cells, ECHO)
    assert [await ask(cells, standing, b"a"), await ask(cells, standing, b"b")] == [b"1a", b"2b"]
    assert cells.text == "heard a\nheard b\n"
    end = await standing.close()
    assert end.reason == "canceled"
    assert await ask(cells, standing) is None
    assert await standing.close() == end


async def test_questions_and_answers_of_megabytes_arrive_whole(cells: Cells) -> None:
    standing = stand(cells, ECHO)
    question = os.urandom(3 << 20)
    assert await ask(cells, standing, question) == b"1" + question
    assert await ask(cells, standing) == b"2x"
    await standing.close()


async def test_one_that_ends_instead_of_answering_says_how(cells: Cells) -> None:
    standing = stand(cells, "def turn(question): print('bye', flush=True); os._exit(3)")
    assert await ask(cells, standing) is None
    assert standing.end is not None
    assert (standing.end.reason, standing.end.code, cells.text) == ("exited", 3, "bye\n")
    await standing.close()


async def test_an_answer_is_heard_although_its_writer_ends_after_it(cells: Cells) -> None:
    standing = stand(cells, "def turn(question): write(b'last' * 300_000); os._exit(0)")
    assert await ask(cells, standing) == b"last" * 300_000
    await standing.close()


@pytest.mark.parametrize(
    "turn",
    [
        "def turn(question): write(b'one'); return b'two'",
        "def turn(question): return b'x' * 2_000_000",
    ],
)
async def test_one_that_answers_unasked_or_too_much_is_ended(cells: Cells, turn: str) -> None:
    standing = stand(cells, turn, result_bytes_max=1_000_000)
    first = await ask(cells, standing)
    assert first in (None, b"one")
    await until(lambda: standing.end is not None)
    assert await ask(cells, standing) is None
    await standing.close()
    assert standing.garbled


async def test_a_question_that_nobody_can_hear_is_told_from_one_that_was_not_answered(
    cells: Cells,
) -> None:
    turn = """
    def turn(question):
        write(b"last words")
        os.close(result_fd)
        link.close()
        subprocess.run(["sleep", "60"])
    """
    standing = stand(cells, turn)
    assert await ask(cells, standing) == b"last words"

    async def goes_unheard() -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):  # it may not have closed its end yet
                await standing.ask(b"x", cells.output.append)
        return standing.unheard

    async with asyncio.timeout(20):
        while not await goes_unheard():
            pass
    assert (await standing.close()).reason == "canceled"


async def test_closing_ends_it_with_all_it_started(cells: Cells, sleeper: Sleeper) -> None:
    turn = f"""
    def turn(question):
        subprocess.Popen(["sleep", "{sleeper.seconds}"], start_new_session=True)
        return b"started"
    """
    standing = stand(cells, turn)
    assert await ask(cells, standing) == b"started"
    await sleeper.until(running=True)
    await standing.close()
    assert not sleeper.running


async def test_a_question_that_is_given_up_ends_with_its_process(
    cells: Cells, sleeper: Sleeper
) -> None:
    turn = f"def turn(question): subprocess.run(['sleep', '{sleeper.seconds}'])"
    standing = stand(cells, turn)
    asking = asyncio.ensure_future(ask(cells, standing))
    await sleeper.until(running=True)
    asking.cancel()
    await asyncio.wait([asking])
    await standing.close()
    assert not sleeper.running


async def test_the_guard_ends_it_as_any_cell(cells: Cells, sleeper: Sleeper) -> None:
    standing = stand(cells, f"def turn(question): subprocess.run(['sleep', '{sleeper.seconds}'])")
    asking = asyncio.ensure_future(ask(cells, standing))
    await sleeper.until(running=True)
    cells.server.trust_until(time.clock_gettime(time.CLOCK_BOOTTIME) + 0.2)
    assert await asking is None
    assert standing.end is not None
    assert standing.end.reason == "guard"
    assert not sleeper.running


async def test_its_memory_is_watched_while_it_stands(cells: Cells) -> None:
    turn = "def turn(question): kept.append(bytearray(os.urandom(1) * (200 << 20))); return b'more'"
    limits = Limits(memory_bytes=512 << 20)
    standing = stand(cells, f"kept = []\n{turn}", limits=limits)
    answers = [await ask(cells, standing) for _ in range(4)]
    assert answers[-1] is None
    await standing.close()


async def test_a_killed_fork_server_ends_it(cells: Cells) -> None:
    standing = stand(cells, ECHO)
    assert await ask(cells, standing) == b"1x"
    assert cells.server.pid is not None
    os.kill(cells.server.pid, 9)
    async with asyncio.timeout(20):
        while await standing.ask(b"y", cells.output.append) is not None:
            pass
        end = await standing.close()
    assert end.reason in ("broken", "canceled")
