"""Folders that the steps of a flow share (`same_worker`): `./shared` of each of them.

`<data directory>/folders/<instance>/<flow>`. A flow's folder is made for its first step, and goes
when the flow has ended. Its steps run where the folder is: the site of a worker, named by a file in
the data directory, so that a worker that starts again is at the same site. What the folder holds is
bounded from step to step.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from sandbox import Cell, Mount
from windmill_lite.base.errors import Unavailable
from windmill_lite.base.ids import secret_token
from windmill_lite.base.service import Ticker
from windmill_lite.engine.flows.stranded import alive
from windmill_lite.engine.world import World
from windmill_lite.model import limits

NAME = "shared"


def site_of(data_dir: Path) -> str:
    """The name of this data directory. Fails: `Unavailable` when it cannot be written."""
    file = data_dir / "site"
    try:
        fresh = data_dir / f".site.{os.getpid()}"
        fresh.write_text(secret_token()[:12])
        try:
            os.link(fresh, file)  # whoever comes first names it
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        return file.read_text().strip()
    except OSError as error:
        raise Unavailable(f"{file} cannot be made: {error.strerror}") from None


@dataclass(frozen=True, slots=True)
class Folders:
    root: Path

    @classmethod
    def at(cls, data_dir: Path, key: bytes) -> Folders:
        """`key` is the secret of the instance: a directory may serve workers of several."""
        instance = hashlib.sha256(b"folders of " + key).hexdigest()[:16]
        return cls(data_dir / "folders" / instance)

    def mount(self, flow: UUID) -> Mount:
        """Made when it is not there; jobs may be other users here."""
        folder = self.root / str(flow)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o777)
        return Mount(str(folder), NAME, read_only=False)

    def laid(self, cell: Cell, flow: UUID) -> Cell:
        """The cell with the folder in it."""
        return replace(cell, mounts=(*cell.mounts, self.mount(flow)))

    async def full(self, flow: UUID) -> str:
        """Why no further step may run with it, or nothing."""
        if not await asyncio.to_thread(self._is_full, flow):
            return ""
        most, files = limits.FOLDER_BYTES_MAX, limits.FOLDER_FILES_MAX
        return f"./{NAME} of the flow's steps holds more than {most} bytes, or {files} files"

    def _is_full(self, flow: UUID) -> bool:
        if not (self.root / str(flow)).is_dir():
            return False
        left = limits.FOLDER_BYTES_MAX
        for seen, size in enumerate(_sizes(self.root / str(flow))):
            left -= size
            if left < 0 or seen >= limits.FOLDER_FILES_MAX:
                return True
        return False

    def flows(self) -> list[UUID]:
        """Those that have one."""
        if not self.root.is_dir():
            return []
        return [UUID(folder.name) for folder in self.root.iterdir()]

    def remove(self, flow: UUID) -> None:
        shutil.rmtree(self.root / str(flow), ignore_errors=True)


def _sizes(folder: Path) -> Iterator[int]:
    """Of all there is in it; other steps may be adding and removing meanwhile."""
    left = [os.fspath(folder)]
    while left:
        with contextlib.suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    left.append(entry.path)
                yield entry.stat(follow_symlinks=False).st_size if _is_file(entry) else 0


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False)


class FolderKeeper(Ticker):
    """Removes the folders of flows that have ended; without folders it does nothing."""

    name = "worker.folders"

    def __init__(self, world: World, folders: Folders) -> None:
        super().__init__()
        self._world = world
        self._folders = folders

    async def tick(self) -> float:
        flows = self._folders.flows()
        living = await alive(self._world, flows) if flows else set()
        for flow in flows:
            if flow not in living:
                self._folders.remove(flow)
        return limits.FOLDER_LOOK_S
