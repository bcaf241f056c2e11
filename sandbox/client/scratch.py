"""Job directories on disk, for the levels whose cells have no /tmp of their own.

One directory per fork server, locked while it is used; what a killed predecessor left behind is not
locked, and is removed.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_PREFIX: Final = "cells-"


class Scratch:
    """Made by `open`, gone after `close`; both harmless to repeat.

    A `parent` that the users of cells cannot enter is exchanged for the system's own.
    """

    def __init__(self, parent: Path | None) -> None:
        self._parent = parent or Path(tempfile.gettempdir())
        self._path: Path | None = None
        self._lock = -1

    def open(self) -> None:
        if self._path is not None:
            return
        self._parent.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0 and not _enterable(self._parent):
            self._parent = Path(tempfile.gettempdir())
        for old in self._parent.glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError):
                _remove_unlocked(old)
        # Locked before it has the name by which others sweep.
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=self._parent))
        fresh.chmod(0o711)  # cells enter by name and see no neighbours
        self._lock = _lock(fresh)
        self._path = fresh.rename(self._parent / f"{_PREFIX}{fresh.name.removeprefix('.new-')}")

    def close(self) -> None:
        if self._path is not None:
            shutil.rmtree(self._path, ignore_errors=True)
            os.close(self._lock)
            self._path = None

    def directory(self, number: int) -> str:
        """The job directory of one cell; the cell makes it."""
        assert self._path is not None, "a scratch is opened before it is used"
        return str(self._path / str(number))

    async def remove(self, directory: str) -> None:
        """Whatever the cell left there; links are not followed."""
        await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)


def _enterable(directory: Path) -> bool:
    """Whether the users of cells, who are not us, get there."""
    return all(p.stat().st_mode & 0o001 for p in (directory, *directory.resolve().parents))


def _lock(path: Path) -> int:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise
    return fd


def _remove_unlocked(path: Path) -> None:
    fd = _lock(path)
    try:
        if os.fstat(fd).st_uid == os.geteuid():
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(fd)
