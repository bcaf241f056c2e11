"""Go: compiled once for each text of a script, then started for every job: see wrappers/run_go.go.

A script is a package with a function main that takes any parameters and returns a value, an
error, or both. Nothing of a build is shared with other builds but what our own first one left: the
compiled standard library, which is mounted read-only and linked into a cache that vanishes with the
cell. A cache that scripts could write would let one put code into another's program.
Modules that a script imports come as a vendor folder, see gomod.py.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Final

from sandbox.cell import Cell, Limits, Mount
from windmill_lite.base.config import environment
from windmill_lite.base.errors import Unavailable
from windmill_lite.core.dependencies import golang
from windmill_lite.core.signature import infer
from windmill_lite.model import limits
from windmill_lite.runtimes import gomod
from windmill_lite.runtimes.base import Call, Probe, Step
from windmill_lite.runtimes.kept import PROGRAM, Kept
from windmill_lite.runtimes.packs import Installed, Packs

_GO: Final = ".go"
_SEED: Final = ".seed"
_BUILT: Final = ".program"
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
_ENV: Final = {"PATH": _PATH, "LANG": "C.UTF-8"}
_BUILD_ENV: Final = _ENV | {
    "CGO_ENABLED": "0",
    "GOFLAGS": "-buildvcs=false",
    "GOPROXY": "off",
    "GOTELEMETRY": "off",
    "GOTOOLCHAIN": "local",
}
_COMPILE: Final = f'{_GO}/bin/go build -trimpath -ldflags "-s -w"'
_BUILD: Final = f"""set -e
export GOCACHE="$TMPDIR/cache" GOPATH="$TMPDIR/path"
mkdir "$GOCACHE"
cp -rs "$PWD/{_SEED}/." "$GOCACHE"
if ! {_COMPILE} -o out . 2>complaints; then
  sed -e '/^# windmill/d' -e 's|^\\./||' complaints >&2
  exit 1
fi
cat out >&4
"""
_MAKE_SEED: Final = f"""set -e
export GOCACHE="$TMPDIR/cache" GOPATH="$TMPDIR/path"
{_COMPILE} -o out .
tar -C "$TMPDIR" -cf - cache >&4
"""
_MAIN: Final = b'package main\n\nimport "windmill/inner"\n\nfunc main() { inner.WindmillRun() }\n'
#: Compiled by the first build, for all: with what these need, most of the standard library.
_COMMON: Final = (
    *("bufio", "compress/gzip", "context", "crypto/rand", "crypto/sha256", "database/sql"),
    *("encoding/base64", "encoding/csv", "encoding/hex", "encoding/xml", "html/template"),
    *("log/slog", "maps", "math/big", "math/rand/v2", "net/http", "net/smtp", "os/exec"),
    *("path/filepath", "regexp", "slices", "text/template", "time"),
)
#: A package named main cannot be a part of another program. No comment can be read in two ways, so
#: that a text of comments takes no longer than others.
_PACKAGE: Final = re.compile(r"\A((?:\s|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*package[ \t]+)\w+")


class Go:
    """The language "go"."""

    language: Final = "go"
    pack: Final = "go"

    def __init__(self, packs: Packs, kept: Kept) -> None:
        self._packs = packs
        self._kept = kept

    def needs(self, call: Call) -> str:
        return self.pack

    def note(self, call: Call) -> str:
        return ""

    def probe(self) -> Probe:
        found = self._packs.find(self.pack)
        if found is None:
            why = f"Go is not installed: {self._packs.remedy(self.pack)}"
            return Probe(self.language, available=False, version="", why=why)
        return Probe(self.language, available=True, version=found.version)

    def lock(self, call: Call) -> Step | str:
        packages = golang.packages(call.code)
        if not packages:
            return ""
        return gomod.resolving(packages, self._place(), day=call.day, before=call.before)

    def prepare(self, call: Call) -> Step | None:
        """Fails: `Invalid` for a lock that names anything but modules."""
        found = self._installed()
        seed = self._kept.find(self._seed_key(found))
        if seed is None:
            return self._seed(found)
        key = self._key(call, found)
        if self._kept.find(key) is not None:
            return None
        if call.lock and self._vendor(call, found) is None:
            return gomod.fetching(golang.packages(call.code), call.lock, self._place())
        path = _shown_path(call)
        # The name that compiler errors and stacks show; the code keeps its lines.
        code = f"//line ../{path}:1:1\n" + renamed(call.code)
        files = {
            "go.mod": gomod.MODULE,
            "main.go": _MAIN,
            "inner/run.go": self._wrapper,
            "inner/script.go": code.encode("utf-8", "replace"),
        }
        mounts = [Mount(str(found.directory), _GO), Mount(str(seed), _SEED)]
        if call.lock and (vendor := self._vendor(call, found)) is not None:
            mod, sums = golang.parts(call.lock)
            files |= {"go.mod": mod.encode(), "go.sum": sums.encode()}
            mounts.append(Mount(str(vendor), gomod.VENDOR))
        return Step(key, _build_cell(key, _BUILD, files, tuple(mounts)), f"compiling {path}")

    def _vendor(self, call: Call, found: Installed) -> Path | None:
        return self._kept.find(gomod.vendor_key(golang.packages(call.code), call.lock, found))

    def _place(self) -> gomod.Place:
        return gomod.Place(self._installed(), environment())

    def command(self, call: Call) -> Cell:
        """Fails: `Unavailable` when what `prepare` asks for was not done."""
        built = self._kept.find(self._key(call, self._installed()))
        if built is None:
            raise Unavailable("the script is not compiled")
        names = [arg.name for arg in infer(self.language, call.code, call.entry).signature.args]
        head = json.dumps({"names": names, "path": _shown_path(call)})
        request = f'{head[:-1]},"args":{call.args_json or "{}"}}}'
        return Cell(
            id=call.job_id,
            env=_ENV | dict(call.env),
            request=request.encode("utf-8", "surrogatepass"),
            argv=(f"{_BUILT}/{PROGRAM}",),
            mounts=(Mount(str(built), _BUILT),),
            limits=call.limits,
            timeout_s=call.timeout_s,
            network=call.network,
            result_bytes_max=call.result_bytes_max
            + 1,  # the answer's first byte is not the result's
        )

    def _installed(self) -> Installed:
        found = self._packs.find(self.pack)
        if found is None:
            raise Unavailable(self.probe().why)
        return found

    def _seed_key(self, found: Installed) -> str:
        return f"go-seed-{_digest(found.version, _MAKE_SEED, self._wrapper.decode(), *_COMMON)}"

    def _key(self, call: Call, found: Installed) -> str:
        wrapper = self._wrapper.decode()
        return (
            f"go-{_digest(found.version, _BUILD, wrapper, _shown_path(call), call.code, call.lock)}"
        )

    def _seed(self, found: Installed) -> Step:
        imports = "".join(f'import _ "{name}"\n' for name in _COMMON)
        files = {
            "go.mod": gomod.MODULE,
            "main.go": _MAIN,
            "inner/run.go": self._wrapper,
            "inner/script.go": f"package inner\n\n{imports}\nfunc main() {{}}\n".encode(),
        }
        key = self._seed_key(found)
        cell = _build_cell(key, _MAKE_SEED, files, (Mount(str(found.directory), _GO),))
        says = "the first Go script here: compiling the standard library, about half a minute"
        return Step(key, cell, says, unpack="cache")

    @cached_property
    def _wrapper(self) -> bytes:
        return (resources.files("windmill_lite.runtimes") / "wrappers" / "run_go.go").read_bytes()


def renamed(code: str) -> str:
    """The script as a part of our program: its package is called inner, its lines stay."""
    return _PACKAGE.sub(r"\1inner", code, count=1)


def _digest(*parts: str) -> str:
    """As long as nobody can make two scripts with the same one."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _shown_path(call: Call) -> str:
    return f"{call.path}.go" if call.path else "script.go"


def _build_cell(key: str, script: str, files: dict[str, bytes], mounts: tuple[Mount, ...]) -> Cell:
    """Nothing of the job goes in: no environment, no arguments, no network where it can be taken
    away.
    """
    return Cell(
        id=f"build-{key}",
        env=_BUILD_ENV,
        request=b"",
        argv=("sh", "-c", script),
        files=files,
        mounts=mounts,
        limits=Limits(
            memory_bytes=limits.JOB_MEMORY_BYTES,
            processes=limits.JOB_PROCESSES,
            tmp_bytes=limits.BUILD_TMP_BYTES,
        ),
        timeout_s=limits.BUILD_TIMEOUT_S,
        network="unneeded",  # there is no proxy either: GOPROXY
        result_bytes_max=limits.BUILT_BYTES_MAX,
    )
