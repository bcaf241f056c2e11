"""What a fork server leaves out of its forks, and what the forks of a cell still do."""

from __future__ import annotations

import logging
import os
import random
import threading
from collections.abc import Iterator

import pytest

from sandbox.forks import Hooks, give_back, take_menders
from tests.sandbox.conftest import EVERY_LEVEL, Cells

#: In a cell: a thread holds a lock of `logging` for ever, and a child of a fork logs all the same.
FORK_BESIDE_A_THREAD = """
import logging, os, threading
handler = logging.StreamHandler()
held = threading.Event()
def hold():
    handler.acquire()
    held.set()
    threading.Event().wait()
threading.Thread(target=hold, daemon=True).start()
held.wait()
child = os.fork()
if child == 0:
    handler.acquire()
    os._exit(threading.active_count())
answer(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os._exit(0)
"""


@pytest.fixture
def taken() -> Iterator[tuple[Hooks, ...]]:
    hooks = take_menders()
    yield hooks
    give_back(hooks)


def test_the_menders_of_threads_and_loggers_are_taken(taken: tuple[Hooks, ...]) -> None:
    mended = {getattr(hook, "__module__", None) for _, own in taken for hook in own}
    assert {random.__name__, threading.__name__, logging.__name__} <= mended
    assert take_menders() == ()


def test_what_is_given_back_can_be_taken_again_in_the_same_order(taken: tuple[Hooks, ...]) -> None:
    give_back(taken)
    assert take_menders() == taken


def test_half_of_a_pair_of_random_numbers_is_forgotten() -> None:
    random.gauss(0, 1)
    give_back(take_menders())
    *_, other_half = random.getstate()
    assert other_half is None


def test_other_functions_stay(taken: tuple[Hooks, ...]) -> None:
    calls: list[str] = []
    os.register_at_fork(after_in_child=lambda: calls.append("called"))
    assert take_menders() == ()
    child = os.fork()
    if child == 0:
        os._exit(len(calls))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


@EVERY_LEVEL
async def test_a_fork_of_a_cell_mends_what_its_threads_held(cells: Cells) -> None:
    assert await cells.answer(FORK_BESIDE_A_THREAD) == "1"
