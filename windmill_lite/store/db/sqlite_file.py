"""A SQLite file below SQL: who may open it, how connections are set up, what error codes mean."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from windmill_lite.base.errors import Bug, Invalid, Unavailable
from windmill_lite.store.db.port import Duplicate
from windmill_lite.store.db.values import row_by_name

log = logging.getLogger(__name__)

BUSY_MS = 10_000  # how long a foreign lock (a sqlite3 shell, a backup) is waited for
STATEMENTS_KEPT = 512  # prepared statements the writer keeps
READS_KEPT = 128  # and each connection that reads: lists with all their filters take 18 KB each
AUTOCHECKPOINT_PAGES = 1_000  # p99 of a write at 10 M rows: 5 ms; with 4,000 pages 36 ms
CHECK_BYTES_MAX = 64 * 1024 * 1024  # above, opening would wait long for `quick_check`
REBUILD_BYTES_MAX = 256 * 1024 * 1024  # above, opening would wait long for `vacuum`
SHRINKS = 2  # `auto_vacuum` of a file whose free pages can be given back
FREE_SHARE = 10  # one of so many pages may lie free: the next rows take it
GIVEN_BACK_PAGES = 500  # at a time: about 10 ms, in which nobody else can write

# On these, locks and shared memory are not what SQLite needs.
_NETWORK = frozenset(("afs", "ceph", "cifs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4"))
_NETWORK_SHARES = frozenset(("smb3", "smbfs", "fuse.glusterfs", "fuse.rclone", "fuse.sshfs"))


class InUse(Unavailable):
    """Another process has the file."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(
            f"{path} is in use by another process ({holder or 'unknown'}): a SQLite database "
            "belongs to one process; stop that one, or use Postgres for several processes"
        )
        self.path = path
        self.holder = holder  # its process id, "" when it is not known


class OwnerLock:
    """A file beside the database that one process at a time holds locked.

    The system frees the lock when its holder dies, however it dies; the file itself stays.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    def take(self) -> None:
        """Fails: `InUse` when another process has it, `Unavailable` when it cannot be made."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be opened: {error.strerror}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise InUse(self._database, holder) from None
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Harmless when not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def prepare(path: Path) -> None:
    """Makes the file, readable by its owner only, where it is not there yet.

    Fails: `Unavailable` for a network file system, a missing folder, a folder without permission.
    """
    kind = file_system(path.parent)
    if kind in _NETWORK | _NETWORK_SHARES:
        raise Unavailable(
            f"{path} lies on a network file system ({kind}), where SQLite is not safe; "
            "use a local disk, or Postgres"
        )
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise Unavailable(f"{path} cannot be opened: {error.strerror}") from None


def file_system(folder: Path) -> str | None:
    """The type of the file system that holds `folder`; None where the system does not tell."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return None
    where = folder.resolve()
    best: tuple[int, str | None] = (-1, None)
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        point = Path(before.split(" ")[4].replace("\\040", " "))
        if where.is_relative_to(point) and len(point.parts) >= best[0]:
            best = (len(point.parts), after.split(" ")[0])  # the last mount covers the earlier
    return best[1]


def connect_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes; for the thread that calls this."""
    connection = sqlite3.connect(
        path, timeout=BUSY_MS / 1000, isolation_level=None, cached_statements=STATEMENTS_KEPT
    )
    connection.row_factory = row_by_name
    for pragma in (
        f"busy_timeout = {BUSY_MS}",  # first: the others may meet a lock
        f"auto_vacuum = {SHRINKS}",  # before the first page is written; later it only asks
        "journal_mode = wal",
        "synchronous = full",
        "foreign_keys = on",
        f"wal_autocheckpoint = {AUTOCHECKPOINT_PAGES}",
        "mmap_size = 0",
        # Some builds blank every page that is freed: 2.1 s for 100 values of 1 MB, not 0.04 s.
        "secure_delete = fast",
        "case_sensitive_like = on",  # as on Postgres
    ):
        connection.execute(f"pragma {pragma}").close()
    return connection


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Reads the schema, and the whole file when it is small. Fails: `Unavailable` when damaged."""
    connection.execute("select count(*) from sqlite_master").close()
    if path.stat().st_size <= CHECK_BYTES_MAX:
        found = connection.execute("pragma quick_check(1)").fetchone()
        if found["quick_check"] != "ok":
            raise _damaged(path)


def make_shrinkable(connection: sqlite3.Connection, path: Path) -> None:
    """A file from before we set `auto_vacuum` is built anew once, unless it is large."""
    if _number(connection, "auto_vacuum") == SHRINKS:
        return
    if path.stat().st_size > REBUILD_BYTES_MAX:
        log.info(
            "%s keeps the space of what is deleted for what comes; to let it shrink, stop and run: "
            "sqlite3 %s 'pragma auto_vacuum = incremental; vacuum'", path, path,
        )  # fmt: skip
        return
    connection.execute(f"pragma auto_vacuum = {SHRINKS}").close()
    try:
        connection.execute("vacuum").close()
    except sqlite3.Error as error:  # no room for the copy, say: the next start tries again
        log.info("%s could not be made to shrink: %s", path, error)


def give_back(connection: sqlite3.Connection) -> bool:
    """Hands some free pages back to the disk, outside of transactions; whether there are more."""
    if _spare_pages(connection) <= 0 or _number(connection, "auto_vacuum") != SHRINKS:
        return False
    # `execute` would free one page: the statement has a step for each and no rows.
    connection.executescript(f"pragma incremental_vacuum({GIVEN_BACK_PAGES})")
    return _spare_pages(connection) > 0


def _spare_pages(connection: sqlite3.Connection) -> int:
    """How many pages are free beyond those that may be."""
    pages, free = _number(connection, "page_count"), _number(connection, "freelist_count")
    return free - max(pages // FREE_SHARE, GIVEN_BACK_PAGES)


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    row = connection.execute(f"pragma {pragma}").fetchone()
    return int(row[pragma])


READER_PRAGMAS = (f"busy_timeout = {BUSY_MS}", "query_only = on", "case_sensitive_like = on")


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads; for the thread that calls this."""
    connection = sqlite3.connect(
        reader_uri(path), uri=True, isolation_level=None, cached_statements=READS_KEPT
    )
    connection.row_factory = row_by_name
    for pragma in READER_PRAGMAS:
        connection.execute(f"pragma {pragma}").close()
    return connection


def reader_uri(path: Path) -> str:
    """The address under which a connection can only read."""
    return f"file:{quote(str(path.absolute()))}?mode=ro"


def copy(path: Path, target: Path) -> int:
    """The database as it is when this begins, whoever writes meanwhile: whole, looked through, and
    on the disk before it has its name. How many bytes it has.

    Fails: `Invalid` for a target that is there, `Unavailable`; then there is nothing new.
    """
    draft = target.with_name(target.name + ".part")
    at = draft
    if target.exists():
        raise Invalid(f"{target} is there already: name a new file", field="file")
    try:
        draft.unlink(missing_ok=True)  # of somebody who was killed
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL, 0o600))
        at = path
        with closing(sqlite3.connect(f"{reader_uri(path)[:-2]}rw", uri=True)) as source:
            source.isolation_level = None
            source.execute(f"pragma busy_timeout = {BUSY_MS}").close()
            source.execute("vacuum into ?", (str(draft),)).close()
        at = draft
        with closing(sqlite3.connect(draft)) as made:
            if (word := made.execute("pragma integrity_check(1)").fetchone()[0]) != "ok":
                raise Unavailable(f"the copy of {path} is damaged: {word}")
        _to_disk(draft)
        draft.rename(target)
        _to_disk(target.parent)
    except sqlite3.Error as error:
        raise translated(error, at) from error
    except OSError as error:
        raise Unavailable(f"{target} cannot be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
    return target.stat().st_size


def _to_disk(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def translated(error: sqlite3.Error, path: Path) -> Exception:
    """The error of the port for an error of the driver, by its code."""
    extended = getattr(error, "sqlite_errorcode", None)
    if extended is None:  # raised by the module, not by SQLite: wrong use
        return Bug(f"wrong use of SQLite: {error}")
    if extended in _UNIQUE:
        return Duplicate(_table(error))
    code = extended & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(path)
    if (reason := _UNAVAILABLE.get(code)) is not None:
        return Unavailable(f"{path} {reason}")
    return Bug(f"SQLite refused a statement: {error} ({error.sqlite_errorname})")


_UNIQUE = frozenset(
    (
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_ROWID,
    )
)
_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY: f"is locked by another program for longer than {BUSY_MS // 1000} s",
    sqlite3.SQLITE_LOCKED: "is locked by another program",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_READONLY: "cannot be written: it is read-only",
    sqlite3.SQLITE_PERM: "cannot be used: permission denied",
    sqlite3.SQLITE_NOMEM: "needs more memory than there is",
    sqlite3.SQLITE_INTERRUPT: "took too long to answer",
}


def _table(error: sqlite3.Error) -> str | None:
    """From "UNIQUE constraint failed: table.column, ...", for a message; nothing depends on it."""
    place = str(error).rpartition(": ")[2].split(",")[0]
    return place.partition(".")[0] if "." in place else None


def _damaged(path: Path) -> Unavailable:
    return Unavailable(f"{path} is damaged or not a SQLite database; restore it from a backup")
