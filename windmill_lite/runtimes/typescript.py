"""TypeScript and JavaScript, on bun, started for every job: see wrappers/run_bun.mjs.

`nativets` scripts run on bun as well; those of Deno do where Deno is not installed, see deno.py.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Final

from sandbox.cell import Cell, Mount
from windmill_lite.base.config import environment
from windmill_lite.base.errors import Unavailable
from windmill_lite.core.dependencies import typescript
from windmill_lite.core.signature import SourceError, infer
from windmill_lite.core.signature.types import Int, Nullable, Refined, Str, Typ
from windmill_lite.runtimes import npm
from windmill_lite.runtimes.base import Call, Probe, Step
from windmill_lite.runtimes.kept import Kept
from windmill_lite.runtimes.packs import Installed, Packs

WRAPPER: Final = ".run.mjs"  # in the job directory
_SOURCE: Final = "run_bun.mjs"
#: What may write to the process's own streams and not to the console only: those who name them, and
#: packages.
_USES_STREAMS: Final = re.compile(
    r"""std(?:out|err)|(?:from|import|require)\s*(?:\(\s*)?["'](?!node:|bun\b|\.)"""
)
_READING_S: Final = 0.5  # a script takes a millisecond
#: No parameter needs to be made where none of these words stands.
_MADE: Final = re.compile(r"\b(?:Date|bigint)\b")
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

    def __init__(self, language: str, packs: Packs, kept: Kept) -> None:
        self.language = language
        self._packs = packs
        self._kept = kept

    def needs(self, call: Call) -> str:
        return self.pack

    def note(self, call: Call) -> str:
        return ""

    def probe(self) -> Probe:
        found = self._packs.find(self.pack)
        if found is None:
            why = f"bun is not installed: {self._packs.remedy(self.pack)}"
            return Probe(self.language, available=False, version="", why=why)
        return Probe(self.language, available=True, version=f"bun {found.version}")

    def lock(self, call: Call) -> Step | str:
        wanted: dict[str, str] = {}
        for source in call.sources:
            for name, version in typescript.packages(source).items():
                wanted[name] = version if wanted.get(name, "latest") == "latest" else wanted[name]
        if not wanted:
            return ""
        told = dict(sorted(wanted.items()))
        return npm.resolving(told, self._place(), day=call.day, before=call.before)

    def prepare(self, call: Call) -> Step | None:
        if not call.lock or self._modules(call) is not None:
            return None
        return npm.installing(call.lock, self._place())

    def _modules(self, call: Call) -> Path | None:
        return self._kept.find(npm.modules_key(call.lock, self._installed()))

    def _place(self) -> npm.Place:
        return npm.Place(self._installed(), environment())

    def _installed(self) -> Installed:
        found = self._packs.find(self.pack)
        if found is None:
            raise Unavailable(self.probe().why)
        return found

    def command(self, call: Call) -> Cell:
        """Fails: `Unavailable` when bun, or what `prepare` asks for, is not there."""
        found = self._installed()
        mounts = [Mount(str(found.directory), npm.BUN)]
        if call.lock:
            modules = self._modules(call)
            if modules is None:
                raise Unavailable("the packages of the script are not installed")
            # Where mounts are links, packages look for each other from where they really lie.
            mounts.append(Mount(str(modules), npm.KEPT))
            mounts.append(Mount(str(modules / npm.MODULES), npm.MODULES))
        streams = bool(call.lock) or _USES_STREAMS.search(call.code) is not None
        return replace(
            self.laid(call, typescript.bare, streams=streams, client="windmill-client"),
            env=_ENV | dict(call.env),
            argv=(f"{npm.BUN}/{found.program}", "--no-install", WRAPPER),
            mounts=tuple(mounts),
        )

    def laid(
        self, call: Call, spelled: Callable[[str, str], str], *, streams: bool, client: str
    ) -> Cell:
        """Of a script whose imports are written as its runtime finds them, without what runs it.

        `streams`: the wrapper replaces the process's own; `client`: how it names ours.
        """
        path = f"{call.path}.ts" if call.path else "script.ts"
        made = made_values(call.code, call.entry)
        asked = {"path": path, "entry": call.entry, "streams": streams, "made": made}
        if call.standing:
            told = {"standing": True, "client": client}
            asked |= told | {"result_bytes_max": call.result_bytes_max + 1}
        head = json.dumps(asked)
        request = f'{head[:-1]},"args":{call.args_json or "{}"}}}'
        texts = {f"{other}.ts": spelled(text, other) for other, text in call.imported.items()}
        texts[path] = spelled(call.code, call.path)
        files = {name: text.encode("utf-8", "surrogatepass") for name, text in texts.items()}
        return Cell(
            id=call.job_id,
            env=call.env,
            request=request.encode("utf-8", "surrogatepass"),
            files={**files, WRAPPER: self._wrapper},
            limits=call.limits,
            timeout_s=call.timeout_s,
            network=call.network,
            result_bytes_max=call.result_bytes_max
            + 1,  # the answer's first byte is not the result's
        )

    @cached_property
    def _wrapper(self) -> bytes:
        return (resources.files("windmill_lite.runtimes") / "wrappers" / _SOURCE).read_bytes()


def made_values(code: str, entry: str) -> dict[str, str]:
    """Parameters whose values JSON cannot carry: name to "date" or "bigint"; none of a text that
    cannot be read, which bun says better.
    """
    if _MADE.search(code) is None:
        return {}
    until_s = time.monotonic() + _READING_S
    try:
        found = infer("bun", code, entry, expired=lambda: time.monotonic() > until_s)
    except SourceError:
        return {}
    kinds = {arg.name: _made(arg.typ) for arg in found.signature.args}
    return {name: kind for name, kind in kinds.items() if kind}


def _made(typ: Typ) -> str:
    match typ:
        case Nullable(of) | Refined(of):
            return _made(of)
        case Str(format="date-time"):
            return "date"
        case Int():
            return "bigint"
    return ""
