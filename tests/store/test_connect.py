"""Which addresses are accepted, and that none is repeated in a message."""

from __future__ import annotations

import socket
import traceback
from pathlib import Path

import pytest

from windmill_lite.base.errors import Invalid, Unavailable
from windmill_lite.store.db.connect import FILE, connect
from windmill_lite.store.db.deadlines import Deadlines
from windmill_lite.store.db.postgres import PostgresDb
from windmill_lite.store.db.postgres_link import Server, described, keep_alive
from windmill_lite.store.db.sqlite import SqliteDb


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///there.db", "there.db"),
        ("sqlite:///data/there.db", "data/there.db"),
        ("sqlite:////var/lib/there.db", "/var/lib/there.db"),
        ("sqlite:///a%20b.db", "a b.db"),
        (None, f"data/{FILE}"),
        ("", f"data/{FILE}"),
    ],
)
def test_a_sqlite_address_names_a_file(url: str | None, path: str) -> None:
    db = connect(url, Path("data"))
    assert isinstance(db, SqliteDb)
    assert db.path == Path(path)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_both_names_of_postgres_are_accepted(scheme: str) -> None:
    assert isinstance(connect(f"{scheme}://u:p@h/d", Path()), PostgresDb)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:secret@h/d",
        "secret",
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite://host/secret",
    ],
)
def test_another_address_is_refused_with_what_is_accepted(url: str) -> None:
    with pytest.raises(Invalid, match=r"sqlite:///relative.*postgresql://user") as refusal:
        connect(url, Path())
    assert "secret" not in refusal.value.message


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(Invalid, match="in memory"):
        connect("sqlite:///:memory:", Path())


@pytest.mark.parametrize(
    ("dsn", "words"),
    [
        ("postgresql://u:secret@db.example:5433/app", "Postgres at db.example:5433, database app,"),
        ("postgresql://u@/app?host=/run/pg", "Postgres at /run/pg, database app,"),
        ("postgresql:///app?password=secret", "Postgres at localhost, database app,"),
        ("postgresql://u:sec/ret@h/app", "Postgres"),
        ("postgresql://u:sec#ret@h/app", "Postgres"),
        ("postgresql://u:sec?ret@h/app", "Postgres"),
        ("postgresql://u:secret@h:port/app", "Postgres"),
        ("postgresql://u:sec@ret@h/app", "Postgres at h, database app,"),
        ("postgresql://u:secret@[h/app", "Postgres"),
    ],
)
def test_a_server_is_described_without_its_password(dsn: str, words: str) -> None:
    assert described(dsn) == words
    assert "sec" not in repr(Server(dsn, Deadlines()))


def test_a_connection_over_the_network_is_kept_alive() -> None:
    with socket.socket(socket.AF_INET) as end:
        keep_alive(end)
        assert end.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    with socket.socket(socket.AF_UNIX) as end:
        keep_alive(end)  # not known there, and not wanted


@pytest.mark.parametrize(
    ("dsn", "reason"),
    [
        ("postgresql://u:secret@127.0.0.1:1/app", "nothing listens there"),
        ("postgresql://u:secret@/app?host=/nowhere", "nothing listens there"),
        ("postgresql://u:secret@no-such-host.invalid/app", "the name of its host is not known"),
        ("postgresql://u:secret@h:port/app", "the address cannot be read"),
        ("postgresql://u:secret@h/app?sslmode=nonsense", "the address cannot be read"),
    ],
)
async def test_a_server_that_cannot_be_reached_is_named_with_the_reason(
    dsn: str, reason: str
) -> None:
    db = connect(dsn, Path())
    with pytest.raises(Unavailable, match=reason) as refusal:
        await db.open()
    assert "secret" not in "".join(traceback.format_exception(refusal.value))
    await db.close()
