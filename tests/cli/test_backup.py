"""`backup`: what it refuses, and that it leaves nothing then."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli._command import Command


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "data" / "windmill-lite.db"
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("create table word(word text)")
        connection.executemany("insert into word values (?)", [("w" * 1000,)] * 100)
        connection.commit()
    return file


@pytest.mark.parametrize("left", [False, True], ids=["new", "after-one-that-was-killed"])
def test_a_copy_is_made_whoever_was_killed_before(
    command: Command, database: Path, tmp_path: Path, *, left: bool
) -> None:
    if left:
        (tmp_path / "copy.db.part").write_bytes(b"half of one")
    done = command("backup", str(tmp_path / "copy.db"), "--data-dir", str(database.parent))
    assert (done.code, done.err) == (0, "")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        assert connection.execute("select count(*) from word").fetchone() == (100,)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "data"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("backup", "there.db"), "there.db is there already: name a new file"),
        (("backup", "no/where.db"), "no/where.db cannot be written: No such file or directory"),
        (("backup", "x.db", "--data-dir", "none"), "there is no database none/windmill-lite.db"),
        (("backup", "x.db", "--database", "postgresql://here/x"), "is copied by pg_dump"),
    ],
    ids=["there", "nowhere", "nothing", "cluster"],
)
def test_what_cannot_be_copied_is_refused_with_the_reason(
    command: Command,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    told: str,
) -> None:
    home = database.parent.parent
    monkeypatch.chdir(home)
    (home / "there.db").write_text("mine")
    done = command(*words[:2], *(words[2:] or ("--data-dir", "data")))
    assert (done.code != 0, done.out) == (True, "")
    assert told in done.err
    assert sorted(path.name for path in home.iterdir()) == ["data", "there.db"]
    assert (home / "there.db").read_text() == "mine"


def test_a_damaged_database_is_not_copied(command: Command, database: Path, tmp_path: Path) -> None:
    with database.open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xff" * 3 * 4096)
    done = command("backup", str(tmp_path / "copy.db"), "--data-dir", str(database.parent))
    assert (done.code != 0, done.out) == (True, "")
    assert "damaged" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
