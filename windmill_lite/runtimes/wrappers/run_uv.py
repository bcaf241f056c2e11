"""Packages of Python: uv resolves and installs them, in a cell that has nothing of any job.

The request has "program" (uv), "options" (which registries), and "do":
  "lock"     the packages of requirements.in become a lock, which is the answer; versions that stand
             in lock.txt stay as long as they fit
  "install"  each of "parts" ([name of a folder, line of a lock]) is installed into kept/<folder>;
             the answer is a tar archive of kept
The exit code is 0, or else the output says why not.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import re
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

_QUIET: Final = ("--no-config", "--no-progress", "--color", "never", "--system-certs")
_AT_ONCE: Final = 4
#: A package's tests are not imported by scripts; their bytecode would take a third of the time.
_UNCOMPILED: Final = re.compile(r"[/\\](?:tests?|testing)[/\\]")


def answer(order: dict[str, Any], result_fd: int) -> int:
    """The exit code."""
    failed = (_lock if order["do"] == "lock" else _install)(order, result_fd)
    sys.stdout.flush()
    return failed


def _lock(order: dict[str, Any], result_fd: int) -> int:
    failed = _uv(order, "compile", "requirements.in", *_LOCKING)
    if not failed:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        text = f"# py: {version}\n" + Path("lock.txt").read_text()
        with os.fdopen(result_fd, "w", closefd=False) as result:
            result.write(text)
    return failed


_LOCKING: Final = (
    *("--generate-hashes", "--no-header", "--no-annotate"),
    *("-o", "lock.txt", "--no-emit-index-url"),
)


def _install(order: dict[str, Any], result_fd: int) -> int:
    Path("kept").mkdir()
    parts = order["parts"]
    for name, line in parts:
        Path(f"{name}.txt").write_text(f"{line}\n")
    # The first one alone: it finds out what the others need to know about this Python.
    names = [name for name, _ in parts]
    failed = _one(order, names[0])
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        failed = max([failed, *threads.map(lambda name: _one(order, name), names[1:])])
    if failed:
        return failed
    compileall.compile_dir(
        "kept",
        maxlevels=100,
        quiet=2,
        rx=_UNCOMPILED,
        # Nothing changes in what is kept, and its times are not.
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    with (
        os.fdopen(result_fd, "wb", closefd=False) as result,
        tarfile.open(fileobj=result, mode="w|") as archive,
    ):
        archive.add("kept", filter=_plain)
    return 0


def _one(order: dict[str, Any], name: str) -> int:
    into = f"kept/{name}"
    Path(into).mkdir()
    return _uv(order, "install", "--quiet", "--no-deps", "--target", into, "-r", f"{name}.txt")


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """What uv notes for itself does not go along."""
    return None if member.name.endswith("/.lock") else member


def _uv(order: dict[str, Any], command: str, *words: str) -> int:
    """The code with which uv ended; what it says goes to the output."""
    place = os.environ["TMPDIR"]
    line = [order["program"], "pip", command, *words, *order["options"], *_QUIET]
    line += ["--only-binary", ":all:", "--cache-dir", f"{place}/cache", "--python", sys.executable]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    return 1 if done.returncode else 0
