"""Makes the one file: UI, notices, PyInstaller, packs, a smoke test, a checksum.

    python packaging/build.py               everything
    python packaging/build.py --no-smoke    without running what was built

The result is `dist/windmill-lite`, with `dist/windmill-lite.sha256` and `dist/NOTICES.txt`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import node
import notices
import smoke
import ui

from windmill_lite.base.errors import Refusal
from windmill_lite.runtimes.packs import PACKS, carried, fetch_archive

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
EXECUTABLE = DIST / "windmill-lite"
_BUILD = ROOT / "build"
#: What TypeScript and packages do not go without. Go alone would double the file.
CARRIED = ("bun", "uv")
_OWN = "pydata"  # the section with PyInstaller's archive


def build(*, smoke_test: bool) -> Path:
    """Build everything and return the executable; fails with the step's own error."""
    started = time.perf_counter()
    ui.build()
    _BUILD.mkdir(exist_ok=True)
    text = _BUILD / "NOTICES.txt"
    archives = {
        name: fetch_archive(PACKS[name], _BUILD / "archives", os.environ, print) for name in CARRIED
    }
    of_packs = [
        notices.pack_notice(name, PACKS[name].version, archive)
        for name, archive in archives.items()
    ]
    text.write_text(notices.render([*notices.collect(), *of_packs]), encoding="utf-8")
    _pyinstaller()
    _carry(list(archives.values()))
    shutil.copyfile(text, DIST / text.name)
    if smoke_test:
        smoke.run(EXECUTABLE)
    digest = hashlib.sha256(EXECUTABLE.read_bytes()).hexdigest()
    (DIST / f"{EXECUTABLE.name}.sha256").write_text(f"{digest}  {EXECUTABLE.name}\n")
    size_mb = EXECUTABLE.stat().st_size / 1e6
    print(f"{EXECUTABLE}: {size_mb:.1f} MB in {time.perf_counter() - started:.0f} s, {digest}")
    return EXECUTABLE


def _pyinstaller() -> None:
    options = ["--noconfirm", "--log-level=WARN"]
    places = [f"--distpath={DIST}", f"--workpath={_BUILD / 'pyinstaller'}"]
    command = [sys.executable, "-m", "PyInstaller", *options, *places, str(ROOT / "build.spec")]
    subprocess.run(command, cwd=ROOT, check=True)


def _carry(archives: list[Path]) -> None:
    """Put the packs that the executable brings along into it: a section before PyInstaller's, which
    its loader looks for from the end of the file at every start.
    """
    packs, own = _BUILD / "packs.section", _BUILD / "own.section"
    carried.write_section(archives, packs)
    bare, whole = EXECUTABLE.with_suffix(".bare"), EXECUTABLE.with_suffix(".whole")
    for given, step, made in (
        (EXECUTABLE, ["--dump-section", f"{_OWN}={own}", "--remove-section", _OWN], bare),
        (bare, ["--add-section", f"{carried.SECTION}={packs}"], whole),
        (whole, ["--add-section", f"{_OWN}={own}"], bare),
    ):
        subprocess.run(["objcopy", *step, given, made], check=True)
    bare.replace(EXECUTABLE)
    whole.unlink()


def main() -> int:
    """Build; 1 with the reason when a step fails."""
    parser = argparse.ArgumentParser(description="Build dist/windmill-lite")
    parser.add_argument("--no-smoke", action="store_true", help="do not run what was built")
    chosen = parser.parse_args()
    try:
        build(smoke_test=not chosen.no_smoke)
    except (
        node.NodeMissingError,
        smoke.SmokeError,
        subprocess.CalledProcessError,
        Refusal,
    ) as failed:
        print(f"build failed: {failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
