"""The Pythons that jobs can run on: the one that runs us, others of the machine, runtime packs.

Another one is a `python3.12` with its library, on PATH or where systems, pyenv and uv put theirs,
that anybody may run. Its version is read from its program: nothing is started to know it. Below
/usr every cell sees it; of one elsewhere cells are shown what Python is made of, and no more.
"""

from __future__ import annotations

import mmap
import os
import platform
import re
import stat
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.cell import Mount
from windmill_lite.base.errors import Invalid
from windmill_lite.core.dependencies.pythons import fits
from windmill_lite.runtimes.packs import Packs

_PLACES: Final = ("/usr/local/bin", "/usr/bin")
_HOMES: Final = (".pyenv/versions", ".local/share/uv/python")  # each has Pythons in folders
_SEEN: Final = Path("/usr")  # the part of the machine in which cells can run programs
SHOWN: Final = ".interpreter"  # the home of one that lies elsewhere, in the job directory
_MADE_OF: Final = ("bin", "lib", "include")
_NAME: Final = re.compile(r"python3\.(\d+)")
_OLDEST: Final = 11  # of 3: what is around a script is written for it
_VERSION: Final = re.compile(rb"(3\.\d+\.\d+)\+?\0")  # of a release
_INSIDE: Final = tuple(bytes([each]) for each in b".0123456789")  # of another number
_ANYBODY: Final = stat.S_IROTH | stat.S_IXOTH
_LOCKED_FOR: Final = re.compile(r"#[ \t]*py:[ \t]*(\d+\.\d+)[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One Python; `program` is "" for the one that runs us, in whose warm children jobs run. `home`
    is the place of one that cells do not see by themselves.
    """

    version: str
    program: str = ""
    home: str = ""

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])

    @property
    def tag(self) -> str:
        """What a wheel is made for, as far as this Python is concerned."""
        kind = self.program or sysconfig.get_config_var("SOABI")
        return f"{self.minor} {kind} {sysconfig.get_platform()}"

    @property
    def started(self) -> str:
        """Its program as cells find it."""
        return f"{SHOWN}/bin/{Path(self.program).name}" if self.home else self.program

    @property
    def mounts(self) -> tuple[Mount, ...]:
        if not self.home:
            return ()
        there = (name for name in _MADE_OF if Path(self.home, name).is_dir())
        return tuple(Mount(f"{self.home}/{name}", f"{SHOWN}/{name}") for name in there)

    def opens(self, *, apart: bool) -> bool:
        """Whether jobs get to it, also those that are users `apart` from ours."""
        if not self.home or not apart:
            return True
        return all(place.stat().st_mode & stat.S_IXOTH for place in Path(self.program).parents)

    @property
    def env(self) -> dict[str, str]:
        """Where its own library is: elsewhere than it was built for."""
        return {"LD_LIBRARY_PATH": "$ORIGIN/../lib"} if self.home else {}

    @property
    def shown(self) -> str:
        return f"{self.version} ({self.program})" if self.program else self.version


def own() -> Interpreter:
    return Interpreter(platform.python_version())


def others(
    path: str, home: str = "", places: Sequence[str] = _PLACES, seen: Path = _SEEN
) -> list[Interpreter]:
    """Those of the machine besides our own; `path` is a PATH, `home` that of the user."""
    found: dict[str, Interpreter] = {}
    users = [each for name in _HOMES if home for each in Path(home, name).glob("*/bin")]
    for program in _programs([*path.split(os.pathsep), *places, *map(str, users)]):
        real = program.resolve()
        if str(real) in found:
            continue
        version = _version(real)
        if version and not _is_own(real):
            place = "" if real.is_relative_to(seen) else str(real.parent.parent)
            found[str(real)] = Interpreter(version, str(real), place)
    return list(found.values())


def packed(packs: Packs) -> list[Interpreter]:
    """Those that are installed as runtime packs."""
    there = filter(None, map(packs.find, filter(_NAME.fullmatch, packs.catalogue)))
    return [
        Interpreter(one.version, f"{one.directory}/{one.program}", str(one.directory))
        for one in there
    ]


def newest_first(found: Iterable[Interpreter]) -> list[Interpreter]:
    return sorted(found, key=lambda one: _order(one.version), reverse=True)


def pack_for(asked: Sequence[str], packs: Packs) -> str:
    """The newest pack that fits all a script says; "" when none does."""
    fitting = [
        Interpreter(pack.version, name)
        for name, pack in packs.catalogue.items()
        if _NAME.fullmatch(name) and all(fits(pack.version, each) for each in asked)
    ]
    return newest_first(fitting)[0].program if fitting else ""


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
            f"python3.{_OLDEST} and newer on PATH, in {' and '.join(_PLACES)}, and among those of "
            "pyenv and uv; `windmill-lite runtime list` names those it can install. What is "
            "installed otherwise is found when the worker starts again"
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
