"""Packages of npm: the cells that resolve and install what a TypeScript script imports.

The lock is Windmill's: package.json, a line, bun.lock. Nothing that is installed runs its own
scripts, and nothing of a job is in these cells.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.cell import Cell, Limits, Mount
from windmill_lite.base.errors import Invalid
from windmill_lite.model import limits
from windmill_lite.runtimes.base import Step
from windmill_lite.runtimes.packs import Installed
from windmill_lite.runtimes.packs.indexes import npmrc, registries

BUN: Final = ".bun"
MODULES: Final = "node_modules"
KEPT: Final = ".packages"  # the folder around it
SPLIT: Final = "\n//bun.lock\n"
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
_ENV: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "NO_COLOR": "1"}
_QUIET: Final = "--ignore-scripts --no-progress --no-summary"
_RESOLVE: Final = f"""set -e
export BUN_INSTALL_CACHE_DIR="$TMPDIR/cache"
{BUN}/bin/bun install --lockfile-only --save-text-lockfile {_QUIET}
cat package.json >&4
printf '\\n//bun.lock\\n' >&4
cat bun.lock >&4
"""
_INSTALL: Final = f"""set -e
export BUN_INSTALL_CACHE_DIR="$TMPDIR/cache"
{BUN}/bin/bun install --frozen-lockfile --linker hoisted --backend copyfile --production {_QUIET}
mkdir -p kept {MODULES}
mv {MODULES} kept
tar --exclude .bin -cf - kept >&4
"""
#: `"x@file:..."`, `"x@git+ssh://..."`, `"x@./y"`: what is not of a registry.
_FOREIGN: Final = re.compile(r'"[^"\n]*@(?!npm:)(?:[a-z][a-z+]*:|[./~])')
_ADDRESS: Final = re.compile(r'"(https?://[^"\n]+)"')
_VERSION: Final = re.compile(r"[\w.^~<>=|* +-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """What resolves and installs, the environment that says from where, and the tool's place."""

    tool: Installed
    env: Mapping[str, str]
    at: str = BUN


def resolving(wanted: Mapping[str, str], place: Place, *, day: str, before: str = "") -> Step:
    """Answers with a lock. What is newest is asked once a day; the result holds for good.

    Versions of the lock `before` stay as long as they fit.
    """
    manifest = json.dumps({"dependencies": dict(wanted)}, indent=2)
    _, split, locked = before.partition(SPLIT)
    key = f"npm-lock-{digest(manifest, locked, place.tool.version, day)}"
    files = {"package.json": manifest.encode()}
    if split:
        files["bun.lock"] = locked.encode()
    cell = build_cell(key, _RESOLVE, place, files)
    return Step(key, cell, f"resolving {', '.join(wanted)}")


def modules_key(lock: str, bun: Installed) -> str:
    return f"npm-{digest(lock, _INSTALL, bun.version)}"


def installing(lock: str, place: Place) -> Step:
    """Answers with node_modules, as the lock says to the last byte.

    Fails: `Invalid`, see `_checked`.
    """
    _checked(lock, place.env)
    manifest, _, locked = lock.partition(SPLIT)
    files = {"package.json": manifest.encode(), "bun.lock": locked.encode()}
    key = modules_key(lock, place.tool)
    cell = build_cell(key, _INSTALL, place, files)
    return Step(key, cell, "installing the packages of the lock", unpack="kept")


def _checked(lock: str, env: Mapping[str, str]) -> None:
    """Fails: `Invalid` for a lock that names anything but packages of the registries asked here.

    Whoever deploys a script may write its lock; a file of the cell, such as the one with the
    registry's token, would else be installed like a package, or the token shown elsewhere.
    """
    manifest, split, locked = lock.partition(SPLIT)
    try:
        told = json.loads(manifest)
        versions = list(told["dependencies"].values())
        good = list(told) == ["dependencies"] and all(map(_VERSION.fullmatch, versions))
    except (ValueError, TypeError, KeyError, AttributeError):
        good = False
    if not good or not split or _FOREIGN.search(locked) is not None:
        raise Invalid("the lock is not one of packages from a registry", field="lock")
    known = tuple(registries(env))
    for address in _ADDRESS.findall(locked):
        if not address.startswith(known):
            raise Invalid(f"the lock names {address}, which is not of {known[0]}", field="lock")


def build_cell(key: str, script: str, place: Place, files: Mapping[str, bytes]) -> Cell:
    """A networked one, with the registries of the environment; nothing of a job is in it."""
    proxies = {name: place.env[name] for name in _PROXIES if place.env.get(name)}
    return Cell(
        id=f"build-{key}",
        env=_ENV | proxies,
        request=b"",
        argv=("sh", "-c", script),
        files={**files, ".npmrc": npmrc(place.env).encode()},
        mounts=(Mount(str(place.tool.directory), place.at),),
        limits=Limits(
            memory_bytes=limits.JOB_MEMORY_BYTES,
            processes=limits.JOB_PROCESSES,
            tmp_bytes=limits.BUILD_TMP_BYTES,
        ),
        timeout_s=limits.BUILD_TIMEOUT_S,
        result_bytes_max=limits.BUILT_BYTES_MAX,
    )


def digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
