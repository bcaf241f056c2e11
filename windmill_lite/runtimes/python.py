"""Python scripts, in warm children of the fork server that runs this very interpreter.

A script that asks for a Python that this one is not runs on another of the machine (pythons.py),
which is started for its job, see wrappers/run_spawned.py.

What a script needs beside the standard library is read from its text (core/dependencies), resolved
to a lock and installed (pypi.py).
"""

from __future__ import annotations

import base64
import json
import re
import sys
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Final

from sandbox.cell import Cell, Mount, Packages
from windmill_lite.base.config import environment
from windmill_lite.base.errors import Invalid, Unavailable
from windmill_lite.core.dependencies.lock import Pin, pins
from windmill_lite.core.dependencies.names import OWN
from windmill_lite.core.dependencies.python import leading
from windmill_lite.core.dependencies.wanted import Wanted, wanted
from windmill_lite.model import limits
from windmill_lite.runtimes import pypi, pythons
from windmill_lite.runtimes.base import Call, Probe, Step
from windmill_lite.runtimes.kept import Kept
from windmill_lite.runtimes.memory import Memory
from windmill_lite.runtimes.packs import Packs
from windmill_lite.runtimes.pythons import Interpreter

#: Imported once by the fork server, so that no job pays for it. Standard library only: whatever is
#: imported here wins over a version that a script might bring.
WARM_MODULES: Final = (
    *("abc", "argparse", "array", "asyncio", "base64", "bisect", "calendar", "collections"),
    *("concurrent.futures", "contextlib", "copy", "csv", "ctypes", "dataclasses", "datetime"),
    *("decimal", "email.message", "enum", "fractions", "functools", "gzip", "hashlib", "heapq"),
    *("hmac", "html", "http.client", "inspect", "io", "ipaddress", "itertools", "json", "locale"),
    *("logging", "math", "mimetypes", "operator", "os", "pathlib", "pickle", "pprint", "queue"),
    *("random", "re", "secrets", "shutil", "signal", "socket", "sqlite3", "ssl", "statistics"),
    *("string", "struct", "subprocess", "tempfile", "textwrap", "threading", "time", "traceback"),
    *("types", "typing", "unicodedata", "urllib.parse", "urllib.request", "uuid", "warnings"),
    *("xml.etree.ElementTree", "zipfile", "zlib", "zoneinfo"),
)
#: Kept small on purpose: the rest of a job's environment is the worker's to give.
_ENV: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONUNBUFFERED": "1",  # for Pythons that the script starts itself
}


_ASKS: Final = re.compile(r"^#[ \t]*(?:py:|requires-python)", re.MULTILINE)
_ASKING: Final = ("py:", "requires-python")
_PLACE: Final = ".python"  # of the wrappers, in the job directory, where no warm child has them
_START: Final = (
    f"import sys; sys.path.insert(0, '{_PLACE}'); from wrappers.run_spawned import main; main()"
)
#: What was read of texts lately, lest every run of a script reads it again.
_REMEMBERED: Final = 500


class Python:
    """The language "python3"."""

    language: Final = "python3"
    pack: Final = ""

    def __init__(self, packs: Packs, kept: Kept) -> None:
        self._packs = packs
        self._kept = kept
        self._own = pythons.own()
        self.apart = False  # jobs are other users here, and must be able to enter
        self._wanted = Memory[Wanted](_REMEMBERED)
        self._pins = Memory[list[Pin]](_REMEMBERED)
        self._leading = Memory[tuple[str, ...]](_REMEMBERED)

    def needs(self, call: Call) -> str:
        """The Python it asks for, when a pack would fit and none that is here; then uv, where there
        is something to resolve or to install.
        """
        if (asked := self._asked(call)) and pythons.pack_for(asked, self._packs):
            try:
                self._python(call)
            except Invalid:
                return pythons.pack_for(asked, self._packs)
        if not call.lock:
            return pypi.UV if self._read(call).packages else ""
        return "" if self._set(call) is not None else pypi.UV

    def note(self, call: Call) -> str:
        return ""

    def probe(self) -> Probe:
        """Its version has ours first, then those of other Pythons with their programs."""
        version = ", ".join(one.shown for one in self._pythons)
        return Probe(self.language, available=True, version=version)

    def lock(self, call: Call) -> Step | str:
        """Fails: `Invalid` when the script asks for a Python that is not here, or for what is no
        package.
        """
        python = self._python(call)
        packages = self._read(call).packages
        if not packages:
            return ""
        return pypi.resolving(packages, self._source(python), day=call.day, before=call.before)

    def prepare(self, call: Call) -> Step | None:
        """Fails: `Invalid`, as `lock`."""
        python = self._python(call)
        if not call.lock or self._set(call) is not None:
            return None
        pinned = self._pinned(call)
        missing = {pypi.part_key(pin, python): pin for pin in pinned}
        missing = {key: pin for key, pin in missing.items() if self._kept.find(key) is None}
        if not missing:
            return pypi.joining(pinned, python)
        find = self._kept.find
        wheels = [pin for key, pin in missing.items() if find(pypi.source_key(key)) is None]
        if wheels:
            return pypi.installing(wheels, self._source(python))
        return pypi.building(next(iter(missing.values())), self._source(python))

    def command(self, call: Call) -> Cell:
        """Fails: `Unavailable` when what `prepare` asks for was not done."""
        python = self._python(call)
        files = {shown_path(path): encoded(text) for path, text in call.imported.items()}
        argv = None
        if python.program:
            argv = (python.started, "-I", "-S", "-B", "-c", _START)
            files |= self._wrappers
        mounts = python.mounts
        if call.lock and self._pinned(call):
            packages = self._set(call)
            if packages is None:
                raise Unavailable("the packages of the script are not installed")
            mounts += (Mount(str(packages), pypi.PACKAGES),)
        return Cell(
            id=call.job_id,
            env=_ENV | python.env | dict(call.env),
            request=_request(call, packages=bool(mounts[len(python.mounts) :])),
            argv=argv,
            files=files,
            mounts=mounts,
            limits=call.limits,
            timeout_s=call.timeout_s,
            network=call.network,
            result_bytes_max=call.result_bytes_max
            + 1,  # the answer's first byte is not the result's
        )

    def compiles(self, call: Call) -> bool:
        """Whether to keep its bytecode is of use: of a long text that runs in a warm child."""
        if call.standing or len(call.code) < limits.COMPILED_CHARS_MIN:
            return False
        return not self._python(call).program

    def compiling(self, call: Call) -> Cell:
        """Makes bytecode of its text. Nothing of it is run, and nothing else is in the cell: so
        what it answers is worth what the text is.
        """
        head = {"code": call.code, "path": shown_path(call.path), "compiling": True}
        return Cell(
            id=f"{call.job_id}.compiled",
            env=_ENV,
            request=json.dumps(head).encode(),
            limits=call.limits,
            timeout_s=limits.COMPILING_S,
            network="unneeded",
        )

    def packages(self, call: Call) -> Packages | None:
        """Those that it imports at once, for a fork server whose cells find them imported; None
        when it imports none, or when they are not installed.
        """
        if not call.lock or not self._pinned(call) or (place := self._set(call)) is None:
            return None
        if self._python(call).program:
            return None
        modules = self._leading.of(
            call.code, lambda: leading(call.code, sys.stdlib_module_names | OWN)
        )
        return Packages(str(place), modules) if modules else None

    @property
    def homes(self) -> tuple[str, ...]:
        """Places that its cells are shown parts of, beside the packs."""
        return tuple(one.home for one in self._found if one.home)

    @cached_property
    def _found(self) -> list[Interpreter]:
        """On the machine: looked for once."""
        env = environment()
        return pythons.others(env.get("PATH", ""), env.get("HOME", ""))

    @property
    def _pythons(self) -> list[Interpreter]:
        """Our own, and then the others."""
        found = [*self._found, *pythons.packed(self._packs)]
        return [
            self._own,
            *pythons.newest_first(one for one in found if one.opens(apart=self.apart)),
        ]

    def _asked(self, call: Call) -> tuple[str, ...]:
        """Asked several times for each job: most texts are found not to ask by a glance."""
        suspect = [text for text in call.sources if any(word in text for word in _ASKING)]
        return self._read(call).pythons if any(map(_ASKS.search, suspect)) else ()

    def _python(self, call: Call) -> Interpreter:
        """Fails: `Invalid` when the script asks for one that is not here."""
        asked = self._asked(call)
        return pythons.chosen(asked, self._pythons, call.lock) if asked else self._own

    @cached_property
    def _wrappers(self) -> dict[str, bytes]:
        """What is around a script, for a Python that does not have it in memory."""
        root = Path(str(resources.files("windmill_lite.runtimes")))
        found = [*(root / "wrappers").glob("*.py"), *(root / "clients").rglob("*.py")]
        return {f"{_PLACE}/{file.relative_to(root)}": file.read_bytes() for file in found}

    def _read(self, call: Call) -> Wanted:
        text = "\0".join(call.sources)
        return self._wanted.of(text, lambda: wanted(call.sources, sys.stdlib_module_names))

    def _pinned(self, call: Call) -> list[Pin]:
        return self._pins.of(call.lock, lambda: pins(call.lock))

    def _set(self, call: Call) -> Path | None:
        """Where its packages are; the place itself when the lock names none."""
        pinned = self._pinned(call)
        if not pinned:
            return self._kept.root
        return self._kept.find(pypi.set_key(pinned, self._python(call)))

    def _source(self, python: Interpreter) -> pypi.Source:
        found = self._packs.find(pypi.UV)
        if found is None:
            raise Unavailable(f"uv is not installed: {self._packs.remedy(pypi.UV)}")
        return pypi.Source(found, environment(), python)


def entry_module() -> Path:
    """The file of the wrapper, for the fork server to load."""
    return Path(str(resources.files("windmill_lite.runtimes"))) / "wrappers" / "run.py"


def _request(call: Call, *, packages: bool) -> bytes:
    # The arguments are put in as the text they are: they may be megabytes, and were checked before.
    head: dict[str, object] = {
        "code": call.code,
        "path": shown_path(call.path),
        "entry": call.entry,
    }
    if packages:
        head["packages"] = pypi.PACKAGES
    if call.compiled and not call.standing:
        head["compiled"] = base64.b64encode(call.compiled).decode()
    if call.standing:
        head |= {"standing": True, "result_bytes_max": call.result_bytes_max + 1}
    text = json.dumps(head)
    return f'{text[:-1]},"args":{call.args_json or "{}"}}}'.encode("utf-8", "surrogatepass")


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def shown_path(path: str) -> str:
    """The file name a person reads in a stack."""
    return f"{path}.py" if path else "script.py"
