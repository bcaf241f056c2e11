"""Who of this machine's workers is dead, and who is not known to be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from windmill_lite.base.errors import Unavailable
from windmill_lite.worker.seats import Looks, Seats

ADA, BOB = UUID(int=1), UUID(int=2)
KEY = b"the key of the instance"


@pytest.fixture
def seats(tmp_path: Path) -> Seats:
    return Seats(tmp_path, KEY)


def test_a_worker_is_dead_when_its_process_has_let_go(seats: Seats) -> None:
    seat = seats.take(ADA)
    assert seats.look() == Looks(dead=(), alive=(ADA,))
    os.close(seat)
    assert seats.look() == Looks(dead=(ADA,), alive=())
    assert seats.look() == Looks(dead=(ADA,), alive=()), "looking changes nothing"
    seats.forget(ADA)
    seats.forget(ADA)
    assert seats.look() == Looks(dead=(), alive=())


def test_nobody_looks_at_himself(seats: Seats) -> None:
    mine, others = seats.take(ADA), seats.take(BOB)
    assert seats.look(but=ADA) == Looks(dead=(), alive=(BOB,))
    os.close(mine)
    os.close(others)


def test_a_worker_is_alive_as_long_as_a_process_that_inherited_its_seat(seats: Seats) -> None:
    seat = seats.take(ADA)
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[seat]) as helper:
        os.close(seat)
        assert seats.look().alive == (ADA,)
        helper.kill()
    assert seats.look().dead == (ADA,)


def test_of_another_boot_or_machine_nothing_is_known(tmp_path: Path) -> None:
    boot_id = tmp_path / "boot_id"
    boot_id.write_text(str(uuid4()))
    there = Seats(tmp_path, KEY, boot_id=boot_id)
    os.close(there.take(ADA))
    assert there.look().dead == (ADA,)
    assert Seats(tmp_path, KEY).look() == Looks(dead=(), alive=())


def test_of_a_machine_that_does_not_name_its_boot_nothing_is_known(tmp_path: Path) -> None:
    for _ in range(2):
        seats = Seats(tmp_path, KEY, boot_id=tmp_path / "missing")
        assert seats.look() == Looks(dead=(), alive=())
        os.close(seats.take(uuid4()))


def test_workers_of_another_instance_are_its_own_business(tmp_path: Path) -> None:
    os.close(Seats(tmp_path, b"another key").take(ADA))
    assert Seats(tmp_path, KEY).look() == Looks(dead=(), alive=())


def test_files_that_are_no_seats_are_left_alone(seats: Seats, tmp_path: Path) -> None:
    os.close(seats.take(ADA))
    for name in ("notes.txt", "a-b-c-d-e", f".{BOB}"):
        (tmp_path / "workers" / name).write_text("")
    assert seats.look() == Looks(dead=(ADA,), alive=())


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "workers").write_text("in the way")
    with pytest.raises(Unavailable, match="workers"):
        Seats(tmp_path, KEY).take(ADA)
