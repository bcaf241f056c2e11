"""Runs before everything else in the executable: modules come from the file we were started from.

PyInstaller opens the executable again, by its name, for every module that is imported later. If the
file was replaced (an upgrade) or removed meanwhile, or a job's view of the disk does not have it,
the import fails. A memory map stays what it was: nothing is read ahead, and nothing is copied.
"""

from __future__ import annotations

import mmap
from types import TracebackType
from typing import Self

import pyimod01_archive  # type: ignore[import-not-found]  # PyInstaller's, inside the executable
import pyimod02_importers  # type: ignore[import-not-found]


class Reader:
    """What `ZlibArchiveReader` needs of an open file."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Nothing to close: the map is shared."""

    def seek(self, at: int) -> None:
        self._at = at

    def read(self, size: int) -> bytes:
        return self._data[self._at : self._at + size]


def pin() -> None:
    archive = pyimod02_importers.pyz_archive
    with open(archive._filename, "rb") as file:  # noqa: PTH123, SLF001
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    pyimod01_archive.open = lambda _name, _mode: Reader(data)


pin()
