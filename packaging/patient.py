"""Runs an installer, and again when it fails: what it asks may be out of reach for a moment.

`python packaging/patient.py apt-get update` is how the Makefile and CI install things.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PAUSES_S = (5, 20, 60)  # before the second try, the third and the last
TRY_S = 900  # then a try is given up; who is slow has come to its end by then


def patiently(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    quiet: bool = False,
) -> tuple[int, str]:
    """The exit code of the last try, and what it said when it was told to be `quiet`."""
    code, said = _once(command, env=env, cwd=cwd, quiet=quiet)
    for pause_s in PAUSES_S:
        if code == 0:
            break
        print(f"`{' '.join(command)}` failed ({code}); again in {pause_s} s", flush=True)
        time.sleep(pause_s)
        code, said = _once(command, env=env, cwd=cwd, quiet=quiet)
    return code, said


def _once(
    command: Sequence[str], *, env: Mapping[str, str] | None, cwd: Path | None, quiet: bool
) -> tuple[int, str]:
    pipe = subprocess.PIPE if quiet else None
    try:
        done = subprocess.run(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=subprocess.STDOUT if quiet else None,
            text=True,
            timeout=TRY_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 124, f"no end after {TRY_S} s"
    return done.returncode, done.stdout or ""


if __name__ == "__main__":
    sys.exit(patiently(sys.argv[1:])[0])
