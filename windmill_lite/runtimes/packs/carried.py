"""Packs that travel inside the executable, as their registries made them.

They lie in a section of their own of the ELF file, `SECTION`, before the one with PyInstaller's
archive, which is looked for from the end of the file. So nothing of them is read or unpacked at a
start; a pack is taken out when it is first needed, and checked by the hash in the catalogue like
one that was fetched. The section, from its beginning:

    length of the index, 4 bytes, little-endian | index | archive ... archive

`index` is JSON: the name of each archive's file, where it begins (counted from the end of the
index) and how many bytes it has.
"""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

SECTION: Final = "wmlpacks"

_LENGTH: Final = struct.Struct("<I")
_INDEX_BYTES_MAX: Final = 1 << 16
_ELF64_LITTLE: Final = b"\x7fELF\x02\x01"
_HEADER: Final = struct.Struct("<40xQ10xHHH")  # section headers: place, size, count, names' number
_SECTION: Final = struct.Struct("<I20xQQ24x")  # name, place, bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """Where something lies in the executable, in bytes."""

    at: int
    size: int


def carried(program: Path) -> Mapping[str, Piece]:
    """The archives in an executable, by the names of their files; none in any other file."""
    with program.open("rb") as file:
        found = _section(file)
        if found is None:
            return {}
        file.seek(found.at)
        (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
        index = json.loads(file.read(min(length, _INDEX_BYTES_MAX)))
        first = file.tell()
    return {name: Piece(first + at, size) for name, (at, size) in index.items()}


def take_out(program: Path, piece: Piece, target: Path) -> None:
    """Copy an archive from the executable to a file of its own."""
    left = piece.size
    with program.open("rb") as file, target.open("wb") as out:
        file.seek(piece.at)
        while left and (some := file.read(min(left, 1 << 20))):
            out.write(some)
            left -= len(some)


def write_section(archives: Sequence[Path], target: Path) -> None:
    """Write what the section holds."""
    index, at = {}, 0
    for archive in archives:
        index[archive.name] = at, archive.stat().st_size
        at += archive.stat().st_size
    text = json.dumps(index).encode()
    with target.open("wb") as out:
        out.write(_LENGTH.pack(len(text)) + text)
        for archive in archives:
            with archive.open("rb") as content:
                shutil.copyfileobj(content, out)


def _section(file: IO[bytes]) -> Piece | None:
    """Where the section of this name lies; None when there is none, or no such file."""
    header = file.read(64)
    if len(header) < 64 or not header.startswith(_ELF64_LITTLE):
        return None
    table, size, count, names_at = _HEADER.unpack(header)
    file.seek(table)
    rows = file.read(size * count)
    if size != _SECTION.size or len(rows) < size * count or names_at >= count:
        return None
    sections = list(_SECTION.iter_unpack(rows))
    _, place, length = sections[names_at]
    file.seek(place)
    names = file.read(length)
    wanted = SECTION.encode() + b"\0"
    return next((Piece(at, n) for name, at, n in sections if names.startswith(wanted, name)), None)
