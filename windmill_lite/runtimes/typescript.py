"""TypeScript and JavaScript, on bun, started for every job: see wrappers/run_bun.mjs.

Windmill's three languages are one here: `nativets` and `deno` scripts run on bun as well, those of
Deno without its own names, and their log says so.
"""

from __future__ import annotations

import json
import re
import time
from functools import cached_property
from importlib import resources
from typing import Final

from sandbox.cell import Cell, Mount
from windmill_lite.base.errors import Unavailable
from windmill_lite.core.signature import SourceError, infer
from windmill_lite.core.signature.types import Str
from windmill_lite.runtimes.base import Call, Probe
from windmill_lite.runtimes.packs import Packs

LANGUAGES: Final = ("bun", "nativets", "deno")
_MOUNT: Final = ".bun"
_WRAPPER: Final = ".bun-run.mjs"  # in the job directory
_SOURCE: Final = "run_bun.mjs"
#: What may write to the process's own streams and not to the console only: those who name them, and
#: packages.
_USES_STREAMS: Final = re.compile(
    r"""std(?:out|err)|(?:from|import|require)\s*\(?\s*["'](?!node:|bun\b|\.)"""
)
_READING_S: Final = 0.5  # a script takes a millisecond
_ENV: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "NO_COLOR": "1",
    "DO_NOT_TRACK": "1",
    "BUN_RUNTIME_TRANSPILER_CACHE_PATH": "0",  # a cell is gone before a cache would be read
}


class TypeScript:
    """One of the languages, run by the pack "bun"."""

    pack: Final = "bun"

    def __init__(self, language: str, packs: Packs) -> None:
        self.language = language
        self._packs = packs

    def note(self) -> str:
        found = self._packs.find(self.pack)
        if self.language != "deno" or found is None:
            return ""
        return f"this deno script is run by bun {found.version}, without the names of Deno"

    def probe(self) -> Probe:
        found = self._packs.find(self.pack)
        if found is None:
            why = f"bun is not installed: {self._packs.remedy(self.pack)}"
            return Probe(self.language, available=False, version="", why=why)
        return Probe(self.language, available=True, version=f"bun {found.version}")

    def lock(self, code: str) -> str:
        """Nothing to resolve: what bun brings along."""
        return ""

    def prepare(self, call: Call) -> None:
        """Nothing to build."""

    def command(self, call: Call) -> Cell:
        """Fails: `Unavailable` when bun is not installed."""
        found = self._packs.find(self.pack)
        if found is None:
            raise Unavailable(self.probe().why)
        path = f"{call.path}.ts" if call.path else "script.ts"
        streams = _USES_STREAMS.search(call.code) is not None
        order = {"path": path, "entry": call.entry, "streams": streams}
        if "Date" in call.code:
            order["dates"] = dates(call.code, call.entry)
        head = json.dumps(order)
        request = f'{head[:-1]},"args":{call.args_json or "{}"}}}'
        return Cell(
            id=call.job_id,
            env=_ENV | dict(call.env),
            request=request.encode("utf-8", "surrogatepass"),
            argv=(f"{_MOUNT}/{found.program}", "--no-install", _WRAPPER),
            files={path: call.code.encode("utf-8", "surrogatepass"), _WRAPPER: self._wrapper},
            mounts=(Mount(str(found.directory), _MOUNT),),
            limits=call.limits,
            timeout_s=call.timeout_s,
            network=call.network,
            result_bytes_max=call.result_bytes_max
            + 1,  # the answer's first byte is not the result's
        )

    @cached_property
    def _wrapper(self) -> bytes:
        return (resources.files("windmill_lite.runtimes") / "wrappers" / _SOURCE).read_bytes()


def dates(code: str, entry: str) -> list[str]:
    """The parameters that are declared as a `Date`, and come as text; none of a text that cannot be
    read, which bun says better.
    """
    until_s = time.monotonic() + _READING_S
    try:
        found = infer("bun", code, entry, expired=lambda: time.monotonic() > until_s)
    except SourceError:
        return []
    return [arg.name for arg in found.signature.args if arg.typ == Str("date-time")]
