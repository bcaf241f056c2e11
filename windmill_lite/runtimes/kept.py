"""What was built for jobs and is used again: `<root>/<key>/`, complete or not there.

The key follows from all that went into it, so nothing in it ever changes, and two who build at once
build the same: the second finds the first one's and drops its own. Cells see it mounted read-only.
Number and size are bounded; the time of a directory says when it was last used.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from windmill_lite.model import limits
from windmill_lite.runtimes.packs.unpack import unpack

PROGRAM: Final = "program"
_SIZE: Final = ".size"
_UNFINISHED: Final = ".new-"
_ABANDONED_S: Final = 2.0 * limits.BUILD_TIMEOUT_S
_TOUCHED_S: Final = 3600.0  # a use is noted at most this often


@dataclass(frozen=True, slots=True)
class Kept:
    """The place of one machine; a value, which reads the disk each time it is asked."""

    root: Path

    @classmethod
    def at(cls, data_dir: Path) -> Kept:
        """That of an appliance; links are followed, since cells are shown real places."""
        return cls((data_dir / "built").resolve())

    def find(self, key: str) -> Path | None:
        """The directory of a key, which counts as used now; None when it is not there."""
        found = self.root / key
        try:
            used_at = found.stat().st_mtime
        except OSError:
            return None
        if time.time() - used_at > _TOUCHED_S:
            with contextlib.suppress(OSError):
                os.utime(found)
        return found

    def text(self, key: str) -> str:
        """Of a step that answered with one. Fails: OSError, when it is gone."""
        return (self.root / key / PROGRAM).read_text(encoding="utf-8")

    def put(self, key: str, answer: bytes, *, folder: str = "") -> Path:
        """Keep what a step answered: one program, or with `folder` that part of an archive.

        Blocking, for a thread. Fails: `Invalid`, `TooLarge` for an archive that is none; OSError.
        """
        self.root.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.root))
        try:
            content = fresh / "content"
            content.mkdir(mode=0o755)
            if folder:
                (fresh / "archive").write_bytes(answer)
                unpack(fresh / "archive", content, inside=folder)
            else:
                (content / PROGRAM).write_bytes(answer)
                (content / PROGRAM).chmod(0o755)
            (content / _SIZE).write_text(str(len(answer)))
            os.sync()  # the files before the name
            # Somebody else may have been faster, with the same.
            with contextlib.suppress(OSError):
                content.rename(self.root / key)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        self._sweep()
        return self.root / key

    def _sweep(self) -> None:
        """Beyond the bound the longest unused go, and what a killed process left unfinished."""
        aged: list[tuple[float, Path]] = []
        for entry in self.root.iterdir():
            with contextlib.suppress(OSError):
                aged.append((entry.stat().st_mtime, entry))
        abandoned = time.time() - _ABANDONED_S
        unwanted = [p for at, p in aged if p.name.startswith(_UNFINISHED) and at < abandoned]
        whole = [each for each in aged if not each[1].name.startswith(_UNFINISHED)]
        held_bytes = 0
        for number, (_, path) in enumerate(sorted(whole, reverse=True)):
            held_bytes += _size_of(path)
            if number and (number >= limits.KEPT_MAX or held_bytes > limits.KEPT_BYTES_MAX):
                unwanted.append(path)
        for path in unwanted:
            shutil.rmtree(path, ignore_errors=True)


def _size_of(directory: Path) -> int:
    """What its archive or program had; files of packages take a little more."""
    try:
        return int((directory / _SIZE).read_text())
    except (OSError, ValueError):
        return 0
