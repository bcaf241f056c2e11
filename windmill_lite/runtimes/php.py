"""PHP, on the machine's own, started for every job: see wrappers/run_php.php.

Of the machine's configuration a cell knows the extensions, no more: it is not shown /etc/php.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Final

from sandbox.cell import Cell
from windmill_lite.base.errors import Invalid, Unavailable
from windmill_lite.runtimes.base import Call, Probe

_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
_WRAPPER: Final = ".run.php"
_INI: Final = ".php.ini"
_ENV: Final = {"PATH": _PATH, "LANG": "C.UTF-8", "PHP_INI_SCAN_DIR": ""}
_OPTIONS: Final = "display_errors=stderr\nhtml_errors=0\nlog_errors=0\nzend.assertions=1\n"
_MEMORY: Final = 0.9  # of a script's, for PHP, which says what is missing
_VERSION: Final = re.compile(rb"X-Powered-By: PHP/(\d+\.\d+\.\d+)")
#: Debian's, Fedora's and Alpine's places of files that name extensions, and of PHP's own builds.
_PLACES: Final = ("php/{}/cli/conf.d", "php.d", "php{}/conf.d", "../usr/local/etc/php/conf.d")
_EXTENSION: Final = re.compile(r"^[ \t]*extension[ \t]*=[ \t]*[\"']?([\w./-]+)", re.MULTILINE)
#: As Windmill reads it: `// require:` and a line for each package of Composer.
_PACKAGES: Final = re.compile(r"^//[ \t]*require:[ \t]*\n//[ \t]*([\w-]+/[\w.-]+)", re.MULTILINE)


class Php:
    """The language "php"."""

    language: Final = "php"
    pack: Final = ""

    def needs(self, call: Call) -> str:
        """Fails: `Unavailable` without PHP, `Invalid` for a script that needs packages."""
        self._program()
        found = _PACKAGES.search(call.code)
        if found is not None:
            raise Invalid(f"packages of Composer are not installed here: {found[1]}")
        return self.pack

    def note(self, call: Call) -> str:
        return ""

    def probe(self) -> Probe:
        try:
            program = self._program()
        except Unavailable as missing:
            return Probe(self.language, available=False, version="", why=missing.message)
        return Probe(self.language, available=True, version=_version(program))

    def lock(self, call: Call) -> str:
        """Nothing to resolve."""
        return ""

    def prepare(self, call: Call) -> None:
        """Nothing to build."""

    def command(self, call: Call) -> Cell:
        path = f"{call.path}.php" if call.path else "script.php"
        head = json.dumps({"path": path, "entry": call.entry})
        request = f'{head[:-1]},"args":{call.args_json or "{}"}}}'
        memory = f"memory_limit={int(call.limits.memory_bytes * _MEMORY)}\n"
        extensions = "".join(f"extension={name}\n" for name in _extensions(self._program()))
        return Cell(
            id=call.job_id,
            env=_ENV | dict(call.env),
            request=request.encode("utf-8", "surrogatepass"),
            argv=("php", "-c", _INI, _WRAPPER),
            files={
                path: call.code.encode("utf-8", "surrogatepass"),
                _WRAPPER: self._wrapper,
                _INI: (_OPTIONS + memory + extensions).encode(),
            },
            limits=call.limits,
            timeout_s=call.timeout_s,
            network=call.network,
            result_bytes_max=call.result_bytes_max
            + 1,  # the answer's first byte is not the result's
        )

    def _program(self) -> Path:
        program = shutil.which("php", path=_PATH)
        if program is None:
            remedy = "install PHP 8 for the command line, on Debian the package `php-cli`"
            raise Unavailable(f"there is no php in {_PATH}: {remedy}")
        return Path(program)

    @cached_property
    def _wrapper(self) -> bytes:
        return (resources.files("windmill_lite.runtimes") / "wrappers" / "run_php.php").read_bytes()


def _version(program: Path) -> str:
    """What it would print, without starting it."""
    found = _VERSION.search(program.read_bytes())
    return found[1].decode() if found else ""


def _extensions(program: Path) -> Iterator[str]:
    name = program.resolve().name.removeprefix("php")  # "8.2", "83" or nothing
    for place in _PLACES:
        for file in sorted(Path("/etc", place.format(name)).glob("*.ini")):
            yield from _EXTENSION.findall(file.read_text(errors="replace"))
