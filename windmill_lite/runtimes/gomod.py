"""Modules of Go: the cells that resolve them and fetch what a script needs of them.

What is fetched is kept as a vendor folder, which builds see read-only; they have no network.
Nothing of a job is in these cells: for its text stands a file with the same imports.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.cell import Cell, Limits, Mount
from windmill_lite.core.dependencies import golang
from windmill_lite.model import limits
from windmill_lite.runtimes.base import Step
from windmill_lite.runtimes.packs import Installed

VENDOR: Final = "vendor"
MODULE: Final = b"module windmill\n\ngo 1.21\n"
_GO: Final = ".go"
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
#: What says from where, in the environment of the worker, and where nothing says so.
_TOLD: Final = (
    *("GOPROXY", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
_ENV: Final = {
    "PATH": _PATH,
    "LANG": "C.UTF-8",
    "CGO_ENABLED": "0",
    "GOFLAGS": "-mod=mod",
    "GOPROXY": "https://proxy.golang.org",
    "GOTELEMETRY": "off",
    "GOTOOLCHAIN": "local",
    "GOVCS": "*:off",
}
_PREPARED: Final = f"""set -e
export GOCACHE="$TMPDIR/cache" GOPATH="$TMPDIR/path" GOMODCACHE="$TMPDIR/modules"
go() {{ if ! {_GO}/bin/go "$@" 2>complaints; then cat complaints >&2; exit 1; fi; }}
"""
_RESOLVE: Final = f"""{_PREPARED}
go mod tidy
cat go.mod >&4
printf '\\n//go.sum\\n' >&4
[ ! -f go.sum ] || cat go.sum >&4
"""
_FETCH: Final = f"""{_PREPARED}
go mod vendor
tar -cf - {VENDOR} >&4
"""


@dataclass(frozen=True, slots=True)
class Place:
    """What resolves and fetches, and the environment that says from where."""

    go: Installed
    env: Mapping[str, str]


def resolving(packages: Sequence[str], place: Place, *, day: str, before: str = "") -> Step:
    """Answers with a lock. What is newest is asked once a day; the result holds for good.

    Versions of the lock `before` stay as long as they fit.
    """
    files = {"go.mod": MODULE, "main.go": _imports(packages)}
    if before:
        mod, sums = golang.parts(before)
        files |= {"go.mod": mod.encode(), "go.sum": sums.encode()}
    key = f"go-lock-{_digest(*packages, before, place.go.version, day)}"
    return Step(key, _cell(key, _RESOLVE, place, files), f"resolving {', '.join(packages)}")


def vendor_key(packages: Sequence[str], lock: str, go: Installed) -> str:
    return f"go-vendor-{_digest(*packages, lock, _FETCH, go.version)}"


def fetching(packages: Sequence[str], lock: str, place: Place) -> Step:
    """Answers with the vendor folder. Fails: `Invalid`, see `golang.parts`."""
    mod, sums = golang.parts(lock)
    files = {"go.mod": mod.encode(), "go.sum": sums.encode(), "main.go": _imports(packages)}
    key = vendor_key(packages, lock, place.go)
    cell = _cell(key, _FETCH, place, files)
    return Step(key, cell, "fetching the modules of the lock", unpack=VENDOR)


def _imports(packages: Sequence[str]) -> bytes:
    lines = "".join(f"import _ {json.dumps(name)}\n" for name in packages)
    return f"package main\n\n{lines}\nfunc main() {{}}\n".encode()


def _cell(key: str, script: str, place: Place, files: Mapping[str, bytes]) -> Cell:
    told = {name: place.env[name] for name in _TOLD if place.env.get(name)}
    return Cell(
        id=f"build-{key}",
        env=_ENV | told,
        request=b"",
        argv=("sh", "-c", script),
        files=files,
        mounts=(Mount(str(place.go.directory), _GO),),
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
