"""Administration of a SQLite database that a running server owns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli._command import Command
from windmill_lite.store.db.sqlite_file import OwnerLock


@pytest.mark.parametrize(
    "words",
    [
        ("user", "list"),
        ("user", "create", "bob@here.test", "--password-stdin"),
        ("token", "create", "bob@here.test"),
        ("workspace", "list"),
        ("workspace", "create", "lab", "--owner", "bob@here.test"),
    ],
    ids=lambda words: "-".join(words[:2]),
)
def test_it_is_refused_with_what_to_do_instead(
    command: Command, tmp_path: Path, words: tuple[str, ...]
) -> None:
    database = tmp_path / "windmill-lite.db"
    lock = OwnerLock(database)
    lock.take()
    try:
        done = command(*words, "--data-dir", str(tmp_path), stdin="correct horse battery\n")
    finally:
        lock.release()
    assert (done.code, done.out) == (6, "")
    assert done.err == (
        f"windmill-lite: windmill-lite runs on this database ({database}): do this in the browser "
        "or through its API, or stop it first\n"
    )
