"""Scripts of Deno: on Deno where its pack is installed, else on bun, without Deno's own names.

What a script imports (npm, JSR, addresses) Deno itself finds and locks: the lock is a `deno.lock`,
and what it names is fetched once, into the part of a cache that cells see read-only. A version that
was locked for bun stays on bun. The cell is the box, so the script may do all that Deno can. Like
the cells of bun's packages those that fetch hold nothing of any job; Deno runs nothing there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from sandbox.cell import Cell, Mount
from windmill_lite.base.config import environment
from windmill_lite.base.errors import Invalid, Unavailable
from windmill_lite.core.dependencies import typescript
from windmill_lite.runtimes import npm
from windmill_lite.runtimes.base import Call, Probe, Step
from windmill_lite.runtimes.kept import Kept
from windmill_lite.runtimes.packs import Installed, Packs
from windmill_lite.runtimes.packs.indexes import npmrc
from windmill_lite.runtimes.typescript import WRAPPER, TypeScript

_AT: Final = ".deno"
_FETCHED: Final = ".fetched"
_ENV: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "NO_COLOR": "1",
    "DO_NOT_TRACK": "1",
    "DENO_NO_UPDATE_CHECK": "1",
    "DENO_TLS_CA_STORE": "mozilla,system",
}
_PLAIN: Final = "--no-config --node-modules-dir=none"
_FETCH: Final = f"""set -e
export DENO_DIR="$TMPDIR/cache" DENO_NO_UPDATE_CHECK=1 DENO_TLS_CA_STORE=mozilla,system
mkdir "$DENO_DIR"
{_AT}/deno install --quiet {_PLAIN} --allow-import --lock=deno.lock $FROZEN --entrypoint wanted.mjs
"""
_RESOLVE: Final = f"FROZEN=\n{_FETCH}cat deno.lock >&4\n"
_INSTALL: Final = f"""FROZEN=--frozen
{_FETCH}cd "$DENO_DIR"
mkdir -p npm remote
tar --transform 's,^,cache/,' -cf - npm remote >&4
"""
#: Of a script's memory, for V8, which says what is missing; the kernel would end it without a word.
_HEAP: Final = 0.75


class Deno:
    """The language "deno"."""

    language: Final = "deno"

    def __init__(self, packs: Packs, kept: Kept) -> None:
        self._packs = packs
        self._kept = kept
        self._bun = TypeScript(self.language, packs, kept)

    @property
    def pack(self) -> str:
        return _AT[1:] if self._found() is not None else self._bun.pack

    def _found(self) -> Installed | None:
        return self._packs.find(_AT[1:])

    def _on_bun(self, call: Call) -> bool:
        return npm.SPLIT in call.lock if call.lock else self._found() is None

    def needs(self, call: Call) -> str:
        return self._bun.pack if self._on_bun(call) else _AT[1:]

    def note(self, call: Call) -> str:
        if not self._on_bun(call):
            return ""
        by = f"this deno script is run by {self._bun.probe().version}, without the names of Deno"
        if self._found() is not None:
            return f"{by}: its lock was made for bun, and the next version will have Deno's"
        return f"{by}; to run it on Deno: {self._packs.remedy(_AT[1:])}"

    def probe(self) -> Probe:
        found = self._found()
        if found is None:
            return replace(self._bun.probe(), language=self.language)
        return Probe(self.language, available=True, version=f"deno {found.version}")

    def lock(self, call: Call) -> Step | str:
        if self._on_bun(call):
            return self._bun.lock(call)
        if not (wanted := _wanted(call)):
            return ""
        place, before = self._place(), "" if npm.SPLIT in call.before else call.before
        key = npm.digest(*wanted, before, place.tool.version, call.day)
        files = _files(wanted, before)
        cell = npm.build_cell(f"deno-lock-{key}", _RESOLVE, place, files)
        return Step(f"deno-lock-{key}", cell, f"resolving {', '.join(wanted)}")

    def prepare(self, call: Call) -> Step | None:
        """Fails: `Invalid` for a lock that is none of Deno's."""
        if self._on_bun(call):
            return self._bun.prepare(call)
        if not call.lock or self._cache(call) is not None:
            return None
        _check(call.lock)
        key, files = self._key(call), _files(_wanted(call), call.lock)
        cell = npm.build_cell(key, _INSTALL, self._place(), files)
        return Step(key, cell, "fetching what the lock names", unpack="cache")

    def command(self, call: Call) -> Cell:
        """Fails: `Unavailable` when what `prepare` asks for was not done."""
        if self._on_bun(call):
            cell, note = self._bun.command(call), json.dumps({"note": self.note(call)})
            return replace(cell, request=note[:-1].encode() + b"," + cell.request[1:])
        found = self._installed()
        argv = [f"{_AT}/{found.program}", "run", "-A", *_PLAIN.split()]
        heap_mb = int(call.limits.memory_bytes * _HEAP) >> 20
        argv.append(f"--v8-flags=--max-old-space-size={heap_mb}")
        mounts = [Mount(str(found.directory), _AT)]
        env, files = dict(_ENV), {".npmrc": _registries(environment()).encode()}
        if call.lock:
            cache = self._cache(call)
            if cache is None:
                raise Unavailable("what the script imports is not fetched")
            mounts.append(Mount(str(cache), _FETCHED))
            env["DENO_DIR"] = _FETCHED
            files["deno.lock"] = call.lock.encode("utf-8", "surrogatepass")
            argv += ["--cached-only", "--lock=deno.lock", "--frozen"]
        else:
            argv.append("--no-lock")
        cell = self._bun.laid(call, typescript.denos, streams=False, client=_client(call))
        return replace(
            cell,
            env=env | dict(call.env),
            argv=(*argv, WRAPPER),
            files={**files, **cell.files},
            mounts=tuple(mounts),
        )

    def _key(self, call: Call) -> str:
        where = (self._installed().version, _registries(environment()))
        return f"deno-{npm.digest(*_wanted(call), call.lock, _INSTALL, *where)}"

    def _cache(self, call: Call) -> Path | None:
        return self._kept.find(self._key(call))

    def _place(self) -> npm.Place:
        return npm.Place(self._installed(), environment(), _AT)

    def _installed(self) -> Installed:
        found = self._found()
        if found is None:
            raise Unavailable(f"Deno is not installed: {self._packs.remedy(_AT[1:])}")
        return found


def _wanted(call: Call) -> list[str]:
    return sorted({text for source in call.sources for text in typescript.distant(source)})


def _client(call: Call) -> str:
    """How the script names windmill-client, of which there may be several versions; "" if not."""
    return next((text for text in _wanted(call) if text.startswith("npm:windmill-client")), "")


def _files(wanted: Sequence[str], lock: str) -> dict[str, bytes]:
    """A module that imports the same, and says nothing else."""
    kinds = {text: ' with { type: "json" }' if text.endswith(".json") else "" for text in wanted}
    lines = [f"import {json.dumps(text)}{kind};\n" for text, kind in kinds.items()]
    files = {"wanted.mjs": "".join(lines).encode()}
    return files | ({"deno.lock": lock.encode("utf-8", "surrogatepass")} if lock else {})


def _check(lock: str) -> None:
    try:
        known = "version" in json.loads(lock)
    except (ValueError, TypeError):
        known = False
    if not known:
        raise Invalid("the lock is not a deno.lock", field="lock")


def _registries(env: Mapping[str, str]) -> str:
    """Those that the cache is sorted by, without their tokens and passwords."""
    lines = [line.partition("=") for line in npmrc(env).splitlines()]
    told = {name: urlsplit(value) for name, _, value in lines if not name.endswith("_authToken")}
    bare = {name: url._replace(netloc=url.netloc.rpartition("@")[2]) for name, url in told.items()}
    return "".join(f"{name}={urlunsplit(url)}\n" for name, url in bare.items())
