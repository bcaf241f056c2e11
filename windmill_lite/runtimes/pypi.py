"""Packages of Python: the cells that resolve and install them, see wrappers/run_uv.py.

Each package is installed once into a folder of its own, with its bytecode, and kept; what a lock
names is joined to one folder, a set, which cells see read-only at the end of `sys.path`. Of a wheel
nothing runs while it is installed. A package without one is built from its source, whose code runs
then: in a cell that installs nothing else. Nothing of a job is in any of these cells.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sandbox.cell import Cell, Limits, Mount
from windmill_lite.core.dependencies.lock import Pin
from windmill_lite.model import limits
from windmill_lite.runtimes.base import Step
from windmill_lite.runtimes.packs import Installed
from windmill_lite.runtimes.packs.indexes import pypi
from windmill_lite.runtimes.pythons import Interpreter, own

UV: Final = "uv"
PACKAGES: Final = ".packages"  # where a cell finds its set, in the job directory
_PROGRAM: Final = f".{UV}"
_FOLDER: Final = "kept"
_TOGETHER: Final = 12  # packages that one cell installs
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
_ENV: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "NO_COLOR": "1"}
_RECIPE: Final = "2"  # changes with what an installation leaves


@dataclass(frozen=True, slots=True)
class Source:
    """What installs, the environment that says from where, and the Python it is for."""

    uv: Installed
    env: Mapping[str, str]
    python: Interpreter = field(default_factory=own)


def part_key(pin: Pin, python: Interpreter | None = None) -> str:
    """For a Python; our own without one."""
    return f"pip-{_digest(pin.line, (python or own()).tag, _RECIPE)}"


def source_key(part: str) -> str:
    """Kept where a package was found to have no wheel."""
    return f"{part}-source"


def set_key(pins: Sequence[Pin], python: Interpreter | None = None) -> str:
    return f"pips-{_digest(*(part_key(pin, python) for pin in pins))}"


def resolving(packages: Sequence[str], source: Source, *, day: str, before: str = "") -> Step:
    """Answers with a lock. What is newest is asked once a day; the result holds for good.

    Versions of the lock `before` stay as long as they fit.
    """
    text = "".join(f"{line}\n" for line in packages)
    key = f"pip-lock-{_digest(text, before, source.python.tag, source.uv.version, day)}"
    files = {"requirements.in": text.encode(), "lock.txt": before.encode()}
    cell = _cell(key, {"do": "lock"}, source, files)
    return Step(key, cell, f"resolving {', '.join(packages)}")


def installing(pins: Sequence[Pin], source: Source) -> Step:
    """Some of the packages that are missing: as many as one cell takes."""
    some = pins[:_TOGETHER]
    keys = tuple(part_key(pin, source.python) for pin in some)
    parts = [[key, pin.line] for key, pin in zip(keys, some, strict=True)]
    order = {"do": "install", "parts": parts}
    key = f"pip-install-{_digest(*keys)}"
    cell = _cell(key, order, source, {})
    found = (*keys, *map(source_key, keys))
    return Step(key, cell, f"installing {', '.join(_shown(pin) for pin in some)}", _FOLDER, found)


def building(pin: Pin, source: Source) -> Step:
    """One that has no wheel."""
    part = part_key(pin, source.python)
    key = f"pip-build-{_digest(part)}"
    cell = _cell(key, {"do": "build", "parts": [[part, pin.line]]}, source, {})
    return Step(key, cell, f"building {_shown(pin)}", _FOLDER, (part,))


def joining(pins: Sequence[Pin], python: Interpreter | None = None) -> Step:
    """All are there: one folder of them."""
    parts = tuple(part_key(pin, python) for pin in pins)
    return Step(set_key(pins, python), None, parts=parts)


def _shown(pin: Pin) -> str:
    return pin.line.partition(" ")[0]


def _options(env: Mapping[str, str]) -> list[str]:
    """Which registries uv asks, in which order: the first that knows a package has it. Folders of
    this machine are no part of a cell.
    """
    asked = [address for address in pypi(env) if address.startswith(("https://", "http://"))]
    options = [word for address in asked[:-1] for word in ("--index", address)]
    return [*options, "--default-index", asked[-1]] if asked else ["--no-index"]


def _cell(
    key: str, order: Mapping[str, object], source: Source, files: Mapping[str, bytes]
) -> Cell:
    proxies = {name: source.env[name] for name in _PROXIES if source.env.get(name)}
    python = source.python
    other = {"python": python.started, "version": python.minor} if python.program else {}
    request = {
        "language": UV,
        **other,
        "program": f"{_PROGRAM}/{source.uv.program}",
        "options": _options(source.env),
        **order,
    }
    return Cell(
        id=f"build-{key}",
        env=_ENV | python.env | proxies,
        request=json.dumps(request).encode(),
        files=files,
        mounts=(Mount(str(source.uv.directory), _PROGRAM), *python.mounts),
        limits=Limits(
            memory_bytes=limits.JOB_MEMORY_BYTES,
            processes=limits.JOB_PROCESSES,
            tmp_bytes=limits.BUILD_TMP_BYTES,
        ),
        timeout_s=limits.BUILD_TIMEOUT_S,
        result_bytes_max=limits.BUILT_BYTES_MAX,
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
