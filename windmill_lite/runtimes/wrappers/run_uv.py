"""Packages of Python: uv resolves and installs them, in a cell that has nothing of any job.

The request has "program" (uv), "options" (which registries), for another Python than this one its
"python" (the program) and "version" ("3.12"), and "do":
  "lock"     the packages of requirements.in become a lock, which is the answer; versions that stand
             in lock.txt stay as long as they fit
  "install"  of "parts" ([name of a folder, line of a lock]) the first ones are installed, each into
             kept/<folder>; the answer is a tar archive of these, with a file .installed in each
The exit code is 0, or else the output says why not.
"""

from __future__ import annotations

import compileall
import gzip
import os
import py_compile
import re
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, Final

_QUIET: Final = ("--no-config", "--no-progress", "--color", "never", "--system-certs")
_AT_ONCE: Final = 4
_ENOUGH_BYTES: Final = 120 << 20  # that were installed: no more are begun
_MOST_BYTES: Final = 230 << 20  # of an answer, with room to its bound
_MARK: Final = ".installed"
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
        own = f"{sys.version_info.major}.{sys.version_info.minor}"
        version = order.get("version", own)
        text = f"# py: {version}\n" + Path("lock.txt").read_text()
        with os.fdopen(result_fd, "w", closefd=False) as result:
            result.write(text)
    return failed


_LOCKING: Final = (
    *("--generate-hashes", "--no-header", "--no-annotate"),
    *("-o", "lock.txt", "--no-emit-index-url"),
)


def _install(order: dict[str, Any], result_fd: int) -> int:
    """As many of the parts as make an answer of some size; the rest is asked for again."""
    Path("kept").mkdir()
    lines = dict(order["parts"])
    for name, line in lines.items():
        Path(f"{name}.txt").write_text(f"{line}\n")
    left, done = list(lines), list[str]()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        # The first one alone: it finds out what the others need to know about this Python.
        while left and _bytes_of(done) < _ENOUGH_BYTES:
            wave = left[: _AT_ONCE if done else 1]
            failed = max(threads.map(lambda name: _one(order, name), wave))
            if failed:
                return failed
            done += wave
            del left[: len(wave)]
    _compile(order.get("python"))
    _answer_with(_fitting(done), result_fd)
    return 0


def _fitting(names: list[str]) -> list[str]:
    """The first ones that are small enough together; at least one."""
    fitting = [names[0]]
    for name in names[1:]:
        if _bytes_of([*fitting, name]) > _MOST_BYTES:
            break
        fitting.append(name)
    return fitting


def _compile(python: str | None) -> None:
    if python is not None:  # bytecode is for one Python
        line = [
            python,
            "-I",
            "-S",
            "-m",
            "compileall",
            "-qq",
            "-r",
            "100",
            "-x",
            _UNCOMPILED.pattern,
        ]
        line += ["--invalidation-mode", "unchecked-hash", "kept"]
        subprocess.run(line, stdin=subprocess.DEVNULL, check=False)
        return
    compileall.compile_dir(
        "kept",
        maxlevels=100,
        quiet=2,
        rx=_UNCOMPILED,
        # Nothing changes in what is kept, and its times are not.
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def _answer_with(names: list[str], result_fd: int) -> None:
    with os.fdopen(result_fd, "wb", closefd=False) as result:
        if _bytes_of(names) <= _MOST_BYTES:
            _write(names, result)
            return
        # One that is too large for an answer by itself.
        with gzip.GzipFile(fileobj=result, mode="wb", compresslevel=1) as smaller:
            _write(names, smaller)


def _write(names: list[str], result: IO[bytes] | gzip.GzipFile) -> None:
    with tarfile.open(fileobj=result, mode="w|") as archive:
        for name in names:
            Path(f"kept/{name}/{_MARK}").touch()
            archive.add(f"kept/{name}", filter=_plain)


def _bytes_of(names: list[str]) -> int:
    files = (path for name in names for path in Path(f"kept/{name}").rglob("*"))
    return sum(path.stat().st_size for path in files if path.is_file())


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
    line += ["--only-binary", ":all:", "--cache-dir", f"{place}/cache", "--python"]
    line.append(order.get("python", sys.executable))
    done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    return 1 if done.returncode else 0
