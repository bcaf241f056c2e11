"""Builds the browser UI into `bundled_ui/dist`, unless it is newer than everything it is made from.

`python packaging/ui.py [npm script]` runs another script of `bundled_ui/package.json` instead
(`test`, `check`), with the same Node.js and the same installed packages.

`python packaging/ui.py types` writes the types of the API from its OpenAPI document; with
`--check` it only says whether the committed ones are still true.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import node
from patient import patiently

UI = Path(__file__).resolve().parent.parent / "bundled_ui"
DIST = UI / "dist"
_TYPES = UI / "src" / "lib" / "api" / "schema.d.ts"
_LOCK = UI / "package-lock.json"
_STAMP = UI / "node_modules" / ".installed"  # an install by npm begins with emptying this folder
_NOT_SOURCE = frozenset({"dist", "node_modules", "tests", "test-results", "screenshot.png"})


def build() -> bool:
    """Build if needed; whether it was."""
    index = DIST / "index.html"
    if index.exists() and index.stat().st_mtime >= _newest(_sources()):
        return False
    began = time.time()
    _install()
    _npm("run", "build")
    os.utime(index, (began, began))  # what changes while it builds is newer
    return True


def run(script: str, *arguments: str) -> None:
    """Run an npm script; fails with `CalledProcessError`."""
    _install()
    rest = ["--", *arguments] if arguments else []
    _npm("run", script, *rest)


def types(*, check: bool) -> bool:
    """Whether the committed types say what the API document says; without `check` they do then."""
    sys.path.insert(0, str(UI.parent))
    from windmill_lite.api import openapi  # noqa: PLC0415  only this command needs the product
    from windmill_lite.api.app import table  # noqa: PLC0415

    _install()
    with tempfile.TemporaryDirectory(dir=UI / "node_modules") as folder:
        document, made = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        document.write_text(openapi.document(table()), encoding="utf-8")
        flags = ("--default-non-nullable", "false", "--output", str(made))
        _npm("exec", "--", "openapi-typescript", str(document), *flags)
        made_types = made.read_text(encoding="utf-8")
    same = _TYPES.exists() and _TYPES.read_text(encoding="utf-8") == made_types
    if not check and not same:
        _TYPES.write_text(made_types, encoding="utf-8")
    return same or not check


def _install() -> None:
    """Install exactly what the lock file says, unless it is installed."""
    if _STAMP.exists() and _STAMP.stat().st_mtime >= _LOCK.stat().st_mtime:
        return
    command = [*node.npm(), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    code, _ = patiently(command, env=node.environment(), cwd=UI)
    if code != 0:
        raise subprocess.CalledProcessError(code, command)
    _STAMP.touch()


def _npm(*arguments: str) -> None:
    subprocess.run([*node.npm(), *arguments], cwd=UI, env=node.environment(), check=True)


def _sources() -> Iterator[Path]:
    for top in UI.iterdir():
        if top.name in _NOT_SOURCE:
            continue
        yield from (p for p in top.rglob("*") if p.is_file()) if top.is_dir() else [top]


def _newest(paths: Iterator[Path] | list[Path]) -> float:
    return max((p.stat().st_mtime for p in paths), default=0.0)


def main(argv: list[str]) -> int:
    """Build, or run the named npm script."""
    try:
        if argv[:1] == ["types"]:
            if not types(check="--check" in argv):
                print("the UI's types of the API are old: run `make types`", file=sys.stderr)
                return 1
        elif argv:
            run(*argv)
        elif not build():
            print("the UI is up to date")
    except node.NodeMissingError as missing:
        print(missing, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
