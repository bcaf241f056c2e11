"""Unpacking an archive that may be hostile: plain files below one folder, nothing else.

Names that lead out, links, devices, and more than the bounds are refused; owners and every right
but "may be run" are forgotten.
"""

from __future__ import annotations

import stat
import tarfile
import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from windmill_lite.base.errors import Invalid, TooLarge
from windmill_lite.model import limits

_PIECE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    content: IO[bytes]
    runnable: bool


def unpack(archive: Path, target: Path, *, inside: str, links: bool = False) -> int:
    """Write what lies in the archive's folder `inside` below `target`; how many files. With `links`
    those that a tar archive has are left out.

    Fails: `Invalid` for an archive that is none or that would do more, `TooLarge`.
    """
    count, left = 0, limits.PACK_UNPACKED_BYTES_MAX
    try:
        with _members(archive, links=links) as members:
            for member in members:
                below = _below(member.name, inside)
                if below is None:
                    continue
                count += 1
                if count > limits.PACK_FILES_MAX:
                    raise TooLarge(f"{archive.name} has more than {limits.PACK_FILES_MAX} files")
                left -= _write(member, target / below, left)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise Invalid(f"{archive.name} cannot be unpacked: {error}") from None
    if count == 0:
        raise Invalid(f"{archive.name} has no files in {inside}/")
    return count


def _write(member: _Member, path: Path, bytes_max: int) -> int:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    size = 0
    with path.open("xb") as file:
        while piece := member.content.read(_PIECE_BYTES):
            size += len(piece)
            if size > bytes_max:
                most = limits.PACK_UNPACKED_BYTES_MAX
                raise TooLarge(f"the archive holds more than {most} bytes")
            file.write(piece)
    path.chmod(0o755 if member.runnable else 0o644)
    return size


def _below(name: str, inside: str) -> PurePosixPath | None:
    """The place below `inside`; None for what lies elsewhere."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise Invalid(f"the archive has a file {name!r}, which leads out of its place")
    folder = PurePosixPath(inside)
    return path.relative_to(folder) if folder in path.parents else None


@contextmanager
def _members(archive: Path, *, links: bool) -> Iterator[Iterator[_Member]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened, closing(_of_zip(opened)) as members:
            yield members
        return
    with tarfile.open(archive, "r:*") as opened_tar, closing(_of_tar(opened_tar, links)) as members:
        yield members


def _of_zip(archive: zipfile.ZipFile) -> Generator[_Member, None, None]:
    for info in archive.infolist():
        mode = info.external_attr >> 16
        if info.is_dir():
            continue
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise Invalid(f"the archive has {info.filename!r}, which is no plain file")
        with archive.open(info) as content:
            yield _Member(info.filename, content, bool(mode & 0o111))


def _of_tar(archive: tarfile.TarFile, links: bool) -> Generator[_Member, None, None]:  # noqa: FBT001
    for info in archive:
        if info.isdir() or (links and (info.issym() or info.islnk())):
            continue
        content = archive.extractfile(info) if info.isreg() else None
        if content is None:
            raise Invalid(f"the archive has {info.name!r}, which is no plain file")
        with content:
            yield _Member(info.name, content, bool(info.mode & 0o111))
