"""What was built for jobs and is used again: `<root>/<key>/`, complete or not there.

The key follows from all that went into it, so nothing in it ever changes, and two who build at once
build the same: the second finds the first one's and drops its own. Cells see it mounted read-only.
Number and size are bounded; the time of a directory says when it was last used. What is in use, in
whichever process, is locked by it (shared) and stays; what goes gets another name first, so that
nobody finds half of it.

A *set* is made of other things that are kept, by hard links: its files are theirs, and take no room
of their own. It names them in `.parts`; a use of the set is one of theirs, and it goes with the
first of them that goes.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.cell import Mount
from windmill_lite.model import limits
from windmill_lite.runtimes.packs.unpack import unpack

PROGRAM: Final = "program"
_SIZE: Final = ".size"
_PARTS: Final = ".parts"
_OURS: Final = (_SIZE, _PARTS)
_UNFINISHED: Final = ".new-"
_ABANDONED_S: Final = 2.0 * limits.BUILD_TIMEOUT_S
_TOUCHED_S: Final = 300.0  # a use is noted at most this often


@dataclass(frozen=True, slots=True)
class Kept:
    """The place of one machine; a value, which reads the disk each time it is asked."""

    root: Path
    bytes_max: int = limits.KEPT_BYTES_MAX

    @classmethod
    def at(cls, data_dir: Path, *, bytes_max: int = limits.KEPT_BYTES_MAX) -> Kept:
        """That of an appliance; links are followed, since cells are shown real places."""
        return cls((data_dir / "built").resolve(), bytes_max)

    def find(self, key: str) -> Path | None:
        """The directory of a key, which counts as used now; None when it is not there."""
        found = self.root / key
        try:
            used_at = found.stat().st_mtime
        except OSError:
            return None
        if time.time() - used_at > _TOUCHED_S:
            for path in (found, *(self.root / part for part in _parts_of(found))):
                with contextlib.suppress(OSError):
                    os.utime(path)
        return found

    @contextlib.contextmanager
    def used(self, mounts: Iterable[Mount]) -> Iterator[None]:
        """Those of their sources that are kept here stay, whatever the bounds."""
        held: list[int] = []
        try:
            for path in (mount.source for mount in mounts):
                with contextlib.suppress(OSError):
                    locked = Path(path).parent != self.root
                    while not locked:  # again, when another one was put there meanwhile
                        held.append(os.open(path, os.O_RDONLY | os.O_DIRECTORY))
                        fcntl.flock(held[-1], fcntl.LOCK_SH)
                        locked = os.path.samestat(os.fstat(held[-1]), os.stat(path))  # noqa: PTH116
            yield
        finally:
            for fd in held:
                os.close(fd)

    def text(self, key: str) -> str:
        """Of a step that answered with one. Fails: OSError, when it is gone."""
        return (self.root / key / PROGRAM).read_text(encoding="utf-8")

    def put(self, key: str, answer: bytes, *, folder: str = "") -> Path:
        """Keep what a step answered: one program, or with `folder` that part of an archive.

        Blocking, for a thread. Fails: `Invalid`, `TooLarge` for an archive that is none; OSError.
        """
        with self._fresh() as fresh:
            content = fresh / key
            content.mkdir(mode=0o755)
            if folder:
                (fresh / "archive").write_bytes(answer)
                unpack(fresh / "archive", content, inside=folder)
            else:
                (content / PROGRAM).write_bytes(answer)
                (content / PROGRAM).chmod(0o755)
            self._name({content: len(answer)})
        return self.root / key

    def put_parts(self, keys: Sequence[str], answer: bytes, *, folder: str) -> None:
        """Keep each of the folders `keys` that an archive has in its folder, under its name; it
        may have some of them only. Blocking, and fails, as `put`.
        """
        with self._fresh() as fresh:
            (fresh / "archive").write_bytes(answer)
            content = fresh / "content"
            content.mkdir(mode=0o755)
            unpack(fresh / "archive", content, inside=folder)
            there = [content / key for key in keys if (content / key).is_dir()]
            self._name({path: _bytes_below(path) for path in there})

    def join(self, key: str, parts: Sequence[str]) -> Path:
        """Make a set of parts that are there. Where two have the same file, the first is right.

        Blocking, for a thread. Fails: OSError, also when a part is gone.
        """
        with self._fresh() as fresh:
            content = fresh / key
            content.mkdir(mode=0o755)
            for part in parts:
                _link(self.root / part, content)
            (content / _PARTS).write_text("\n".join(parts))
            self._name({content: 0})
        return self.root / key

    @contextlib.contextmanager
    def _fresh(self) -> Iterator[Path]:
        """A place beside the others, for what is not finished; then there is room to be made."""
        self.root.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.root))
        try:
            yield fresh
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        self._sweep()

    def _name(self, sizes: Mapping[Path, int]) -> None:
        """From here on these folders are there, whole, under their names."""
        for content, size_bytes in sizes.items():
            (content / _SIZE).write_text(str(size_bytes))
        os.sync()  # the files before the names
        for content in sizes:
            # Somebody else may have been faster, with the same.
            with contextlib.suppress(OSError):
                content.rename(self.root / content.name)

    def _sweep(self) -> None:
        """Beyond the bound the longest unused go, and what a killed process left unfinished."""
        aged: list[tuple[float, Path]] = []
        for entry in self.root.iterdir():
            with contextlib.suppress(OSError):
                aged.append((entry.stat().st_mtime, entry))
        now = time.time()
        abandoned, young = now - _ABANDONED_S, now - limits.KEPT_YOUNG_S
        unwanted = [p for at, p in aged if p.name.startswith(_UNFINISHED) and at < abandoned]
        whole = [each for each in aged if not each[1].name.startswith(_UNFINISHED)]
        held_bytes, gone = 0, set[str]()
        for number, (at, path) in enumerate(sorted(whole, reverse=True)):
            held_bytes += _size_of(path)
            bytes_max = self.bytes_max + (limits.KEPT_YOUNG_BYTES_MAX if at > young else 0)
            if number and (number >= limits.KEPT_MAX or held_bytes > bytes_max):
                gone.add(path.name)
        sets = {p.name: parts for _, p in whole if (parts := _parts_of(p))} if gone else {}
        for name, parts in sets.items():
            if gone.intersection(parts) and _is_used(self.root / name):
                gone.difference_update(parts)
        gone.update(name for name, parts in sets.items() if gone.intersection(parts))
        for path in [*unwanted, *(self.root / name for name in gone)]:
            self._remove(path)

    def _remove(self, path: Path) -> None:
        """Unless somebody uses it."""
        left = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.root))
        try:
            with contextlib.suppress(OSError), _alone(path):
                path.rename(left / path.name)
        finally:
            shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody uses it meanwhile. Fails: BlockingIOError when somebody does."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(fd)


def _is_used(path: Path) -> bool:
    try:
        with _alone(path):
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False


def _link(source: Path, target: Path) -> None:
    for folder, _, names in os.walk(source, onerror=_fail):
        below = target / Path(folder).relative_to(source)
        below.mkdir(mode=0o755, exist_ok=True)
        for name in names:
            if below == target and name in _OURS:
                continue
            with contextlib.suppress(FileExistsError):
                os.link(f"{folder}/{name}", f"{below}/{name}")


def _fail(error: OSError) -> None:
    raise error


def _parts_of(directory: Path) -> list[str]:
    """The keys a set is made of; none of what is no set."""
    try:
        return (directory / _PARTS).read_text().split("\n")
    except OSError:
        return []


def _bytes_below(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def _size_of(directory: Path) -> int:
    """What its archive or program had; files of packages take a little more."""
    try:
        return int((directory / _SIZE).read_text())
    except (OSError, ValueError):
        return 0
