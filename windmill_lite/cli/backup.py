"""`backup`: a copy of the database that can be started from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from windmill_lite.base.errors import Invalid
from windmill_lite.cli.options import place_options, settings_at
from windmill_lite.store.db import sqlite_file
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.sqlite import SqliteDb


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@place_options
@click.pass_context
def backup(ctx: click.Context, /, *, file: Path, **place: Any) -> None:
    """Copy the SQLite database to FILE, also while a server runs on it.

    To go back: stop the server, move its database file and the two beside it (-wal, -shm) away, put
    FILE in its place, and start. The secret key is not in it.
    """
    settings = settings_at(ctx, place)
    db = connect(settings.database, settings.data_dir)
    if not isinstance(db, SqliteDb):
        raise Invalid("a Postgres database is copied by pg_dump, also while servers run on it")
    if not db.path.exists():
        raise Invalid(f"there is no database {db.path}")
    count = sqlite_file.copy(db.path, file)
    click.echo(
        f"{file}: {count} bytes, looked through; keep the secret key, too, and apart from it"
    )
