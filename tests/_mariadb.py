"""A throw-away MariaDB for the tests of MySQL scripts: on a port of this machine, in a new folder,
without passwords but for the roles that a test makes. It dies with the process that started it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from sandbox.kernel import syscalls
from tests._certificate import written

_START_S = 60.0
_FIRST = "create database if not exists mysql;\nuse mysql;\n"
_THEN = """
create database shop;
insert into global_priv values ('127.0.0.1', 'trusted', '{"access":18446744073709551615}');
"""


def find_server() -> Path | None:
    """The server's program, on PATH or where Debian has it."""
    found = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


class MariaServer:
    """Started when it is made, with a database `shop` and a role `trusted`, who may do anything."""

    def __init__(self) -> None:
        program = find_server()
        assert program is not None, "python packaging/prepare.py mariadb"
        share = program.resolve().parent.parent / "share" / "mysql"
        self._folder = Path(tempfile.mkdtemp(prefix="mariadb-"))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        user = ["--user=root"] if os.geteuid() == 0 else []
        files = [f"--datadir={self._folder}", f"--lc-messages-dir={share}", "--skip-name-resolve"]
        certificate, key = written(self._folder)
        files += [f"--ssl-cert={certificate}", f"--ssl-key={key}"]
        command = [str(program), "--no-defaults", *user, *files, "--innodb-log-file-size=4M"]
        self._fill([*command, "--bootstrap"], share)
        place = [f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={self._folder}/s"]
        self._process = subprocess.Popen(
            [*command, *place, "--innodb-flush-log-at-trx-commit=0"],
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: syscalls.die_with_parent(signal.SIGKILL),  # noqa: PLW1509  one thread
        )
        self._wait()

    def _fill(self, command: list[str], share: Path) -> None:
        (self._folder / "mysql").mkdir()
        names = ("mysql_system_tables.sql", "mysql_system_tables_data.sql")
        script = _FIRST + "".join((share / name).read_text() for name in names) + _THEN
        done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1.0).close()
            except OSError:
                assert time.monotonic() < deadline, "MariaDB does not start"
                assert self._process.poll() is None, "MariaDB ended"
                time.sleep(0.05)
            else:
                return

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder)
