"""A worker's seat on its machine: a file that is locked until nothing of the worker is alive.

`<data directory>/workers/<worker id>`. The worker holds the lock together with the processes that
end its cells (they inherit the open file), so it becomes free when the last of them is gone,
however they ended: who finds it free knows that the worker and all its jobs are dead, and need not
wait until its silence has lasted for a lease. Names and process ids decide nothing.

A lock says so only on the machine that keeps it, since a data directory may be shared by several.
So the file holds the id of the machine's boot, and seats of another boot are left to the lease; and
the instance, since one directory may serve workers of several.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from windmill_lite.base.errors import Unavailable

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_BYTES_MAX = 200  # of a file


@dataclass(frozen=True, slots=True)
class Looks:
    """The seats of this boot and instance, by their workers."""

    dead: tuple[UUID, ...]
    alive: tuple[UUID, ...]


class Seats:
    """All seats below a data directory; `key` is the secret of the instance."""

    def __init__(self, data_dir: Path, key: bytes, *, boot_id: Path = _BOOT_ID) -> None:
        self._directory = data_dir / "workers"
        instance = hashlib.sha256(b"worker seats of " + key).hexdigest()[:16]
        try:
            boot = boot_id.read_text().strip()
        except OSError:
            boot = str(uuid4())  # a machine that does not tell: nobody is known to be dead
        self._mark = f"{boot} {instance}\n".encode()

    def take(self, worker_id: UUID) -> int:
        """A descriptor with the lock; whoever inherits it holds it, too. It ends with all of them,
        and the file stays for whoever comes next.

        Fails: `Unavailable` when the file cannot be made.
        """
        fresh = self._directory / f".{worker_id}"
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.write(fd, self._mark)
            fresh.rename(self._directory / str(worker_id))  # locked before anybody sees it
        except OSError as error:
            raise Unavailable(f"{fresh} cannot be made: {error.strerror}") from None
        return fd

    def look(self, *, but: UUID | None = None) -> Looks:
        """Who is dead and who is not; `but` is who looks."""
        dead, alive = list[UUID](), list[UUID]()
        for path in self._directory.glob("*-*-*-*-*"):
            with contextlib.suppress(ValueError, FileNotFoundError, PermissionError):
                worker_id = UUID(path.name)
                if worker_id != but and (free := self._is_free(path)) is not None:
                    (dead if free else alive).append(worker_id)
        return Looks(tuple(dead), tuple(alive))

    def forget(self, worker_id: UUID) -> None:
        """Of one who is dead."""
        (self._directory / str(worker_id)).unlink(missing_ok=True)

    def _is_free(self, path: Path) -> bool | None:
        """None for a seat of another boot or instance, about which nothing is known."""
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            if os.read(fd, _BYTES_MAX) != self._mark:
                return None
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            return True
        finally:
            os.close(fd)
