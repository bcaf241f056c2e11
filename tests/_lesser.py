"""A machine that offers less: `python -m tests._lesser landlock COMMAND...` runs the command where
nobody may make a namespace, as in a container with the usual seccomp filter; with `process` the
kernel has no Landlock either. What the command finds there it finds by trying.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sandbox.kernel import syscalls as sc
from sandbox.policies import bpf
from sandbox.policies.bpf import JEQ, JGE, JGT, JSET, REFUSE

REPO: Final = Path(__file__).parents[1]
_UNSHARE: Final = {"x86_64": 272, "aarch64": 97}
_MOUNT: Final = {"x86_64": 165, "aarch64": 40}
_CLONE3: Final = 435
_LANDLOCK: Final = (444, 446)  # from, to


def filter_code(*, landlock: bool) -> bytes:
    """Refuses what makes namespaces; without `landlock` that is unknown, as to an older kernel."""
    clone, namespace = sc.NUMBERS[sc.MACHINE]["clone"], (JSET, 0, 1, sc.NEW_ANY)
    unknown = bpf.answer(errno.ENOSYS)
    code = [
        *bpf.opening(),
        *((JEQ, 0, 1, _CLONE3), unknown),
        *bpf.when(clone, bpf.AT_FIRST, [namespace, REFUSE]),
        *bpf.when(_UNSHARE[sc.MACHINE], bpf.AT_FIRST, [namespace, REFUSE]),
    ]
    if not landlock:
        first, last = _LANDLOCK
        code += [(JGE, 0, 2, first), (JGT, 1, 0, last), unknown]
    return bpf.assembled([*code, *bpf.refuse_all([_MOUNT[sc.MACHINE]])])


def program(level: str, python: str) -> tuple[str, ...]:
    """`windmill-lite` on such a machine, before its arguments."""
    return (python, "-m", "tests._lesser", level, python, "-m", "windmill_lite")


def python_for_others() -> str | None:
    """A Python like this one that the users of root's cells can read; None: there is none."""
    if os.geteuid() != 0 or _readable(Path(sys.executable)):
        return sys.executable
    system = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if system is None or not _readable(Path(system)):
        return None
    asked = [system, "-c", "import sysconfig; print(sysconfig.get_config_var('SOABI'))"]
    same = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return system if same == sysconfig.get_config_var("SOABI") else None


def environment() -> dict[str, str]:
    """Where such a Python finds everything."""
    packages = [path for path in sys.path if path.endswith("-packages")]
    return {"PYTHONPATH": ":".join([str(REPO), *packages])}


@contextmanager
def open_place() -> Iterator[Path]:
    """A directory that the users of root's cells can enter; those of pytest they cannot."""
    with tempfile.TemporaryDirectory(prefix="lesser-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _readable(path: Path) -> bool:
    return all(each.stat().st_mode & 0o005 == 0o005 for each in path.resolve().parents)


def main(level: str, *command: str) -> None:
    sc.no_new_privileges()
    sc.Filter(filter_code(landlock=level == "landlock")).install()
    os.execvp(command[0], command)  # noqa: S606 - a test's own


if __name__ == "__main__":
    main(*sys.argv[1:])
