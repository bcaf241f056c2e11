"""A way to Postgres that can be cut: nothing passes, nobody is told, as when packets vanish."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_PIECE_BYTES = 1 << 16


class Relay:
    """`address` leads where `target`, a postgresql:// address by a socket's folder, does; while it
    is not cut.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._there = str(Path(parse_qs(parts.query)["host"][0]) / ".s.PGSQL.5432")
        self._door = socket.create_server(("127.0.0.1", 0))
        port = self._door.getsockname()[1]
        self.address = f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}"
        self._open = threading.Event()
        self._open.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._open.clear()

    def heal(self) -> None:
        """What was said meanwhile arrives late."""
        self._open.set()

    def close(self) -> None:
        self._open.set()
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._door.accept()
                threading.Thread(target=self._carry, args=(here,), daemon=True).start()

    def _carry(self, here: socket.socket) -> None:
        with suppress(OSError), here, socket.socket(socket.AF_UNIX) as there:
            there.connect(self._there)
            other = {here: there, there: here}
            while True:
                ready, _, _ = select.select(list(other), [], [])
                self._open.wait()
                for end in ready:
                    piece = end.recv(_PIECE_BYTES)
                    if not piece:
                        return
                    other[end].sendall(piece)
