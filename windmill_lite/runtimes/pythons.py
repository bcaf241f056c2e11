"""The Pythons of this machine that jobs can run on: the one that runs us, and others cells see.

Another one is a `python3.12` on PATH, in /usr/local/bin or in /usr/bin that lies below /usr, which
every level of the sandbox shows, with its library, and that anybody may run. Its version is read
from its program: nothing is started to know it.
"""

from __future__ import annotations

import mmap
import os
import platform
import re
import stat
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from windmill_lite.base.errors import Invalid
from windmill_lite.core.dependencies.pythons import fits

_PLACES: Final = ("/usr/local/bin", "/usr/bin")
_SEEN: Final = Path("/usr")  # the part of the machine in which cells can run programs
_NAME: Final = re.compile(r"python3\.(\d+)")
_OLDEST: Final = 11  # of 3: what is around a script is written for it
_VERSION: Final = re.compile(rb"(3\.\d+\.\d+)\+?\0")  # of a release
_INSIDE: Final = tuple(bytes([each]) for each in b".0123456789")  # of another number
_ANYBODY: Final = stat.S_IROTH | stat.S_IXOTH
_LOCKED_FOR: Final = re.compile(r"#[ \t]*py:[ \t]*(\d+\.\d+)[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One Python; `program` is "" for the one that runs us, in whose warm children jobs run."""

    version: str
    program: str = ""

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])

    @property
    def tag(self) -> str:
        """What a wheel is made for, as far as this Python is concerned."""
        kind = self.program or sysconfig.get_config_var("SOABI")
        return f"{self.minor} {kind} {sysconfig.get_platform()}"

    @property
    def shown(self) -> str:
        return f"{self.version} ({self.program})" if self.program else self.version


def own() -> Interpreter:
    return Interpreter(platform.python_version())


def others(path: str, places: Sequence[str] = _PLACES, seen: Path = _SEEN) -> list[Interpreter]:
    """Those besides our own, the newest first; `path` is a PATH."""
    found: dict[str, Interpreter] = {}
    for program in _programs([*path.split(os.pathsep), *places]):
        real = program.resolve()
        if str(real) in found or not real.is_relative_to(seen):
            continue
        version = _version(real)
        if version and not _is_own(real):
            found[str(real)] = Interpreter(version, str(real))
    return sorted(found.values(), key=lambda one: _order(one.version), reverse=True)


def chosen(asked: Sequence[str], there: Sequence[Interpreter], lock: str) -> Interpreter:
    """The one for a script that asks for Pythons: of those that fit all it says, the one that its
    lock was made for, else the first. Fails: `Invalid`, with those that are there.
    """
    fitting = [one for one in there if all(fits(one.version, each) for each in asked)]
    if not fitting:
        wanted = ", ".join(asked)
        have = ", ".join(one.shown for one in there)
        raise Invalid(
            f"the script asks for Python {wanted}, and jobs can run on {have} here; looked for "
            f"python3.{_OLDEST} and newer on PATH, in {' and '.join(_PLACES)}, of which cells see "
            f"what lies below {_SEEN}: install one there, as the system's package python3.X does, "
            "and start the worker again"
        )
    locked = _LOCKED_FOR.match(lock)
    same = [one for one in fitting if locked is not None and one.minor == locked[1]]
    return (same or fitting)[0]


def _programs(places: Sequence[str]) -> Iterator[Path]:
    for place in dict.fromkeys(filter(os.path.isabs, places)):
        try:
            names = sorted(os.listdir(place))  # noqa: PTH208 - of thousands, a few are looked at
        except OSError:
            continue
        for name in names:
            found = _NAME.fullmatch(name)
            if found is not None and int(found[1]) >= _OLDEST:
                yield Path(place, name)


def _version(program: Path) -> str:
    """Of a whole Python that anybody may run; "" for what is none."""
    try:
        mode = program.stat().st_mode
        name = _NAME.fullmatch(program.name)
        if not stat.S_ISREG(mode) or mode & _ANYBODY != _ANYBODY or name is None:
            return ""
        home = program.parent.parent
        libraries = [home / lib for lib in ("lib", "lib64")]
        if not any((lib / name[0] / "ssl.py").is_file() for lib in libraries):
            return ""
        shared = [lib / f"lib{name[0]}.so.1.0" for lib in libraries]
        for file in (program, *filter(Path.is_file, shared)):
            version = _written_in(file, name[1])
            if version:
                return version
    except OSError:
        return ""
    return ""


def _written_in(file: Path, minor: str) -> str:
    """A linker may have made it the end of a longer text; "" when it is not the only one."""
    found: set[str] = set()
    beginning = f"3.{minor}.".encode()
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as text:
        at = text.find(beginning)
        while at >= 0:
            version = _VERSION.match(text, at)
            if version is not None and text[max(at - 1, 0) : at] not in _INSIDE:
                found.add(version[1].decode())
            at = text.find(beginning, at + 1)
    return found.pop() if len(found) == 1 else ""


def _is_own(program: Path) -> bool:
    return program == Path(sys.executable).resolve()


def _order(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
