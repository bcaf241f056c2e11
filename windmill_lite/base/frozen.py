"""Are we one file? The only module that knows we may be a PyInstaller executable.

The executable is two processes: a *bootloader* that unpacked the files into `_MEI<pid in
hex><random>` under the temporary directory and waits to delete them, and its child, which is
us. What follows from that lives here:

1. Data files lie beside the package in the same places in a checkout, in an installed wheel and
   in the unpacked executable, so `resource_path` is one expression.
2. A child that inherits the bootloader's `_PYI_*` variables reuses our files; without them it
   unpacks its own (five times slower, and 34 MB more). `LD_LIBRARY_PATH` points at our
   libraries and must never reach a stranger's program.
3. A bootloader killed with -9 leaves us running and our files behind. So we ask the kernel to
   tell us (`settle`), and every process that uses the files holds a shared lock on `LOCK_NAME`
   among them. Who gets the exclusive lock knows that nobody uses them any more
   (`sweep_extractions`): no process ids are compared, so it is right across containers.

Every child imports this module before anything else, so it imports little, and the rest where
it is needed.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

LOCK_NAME = ".windmill-lite.lock"
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: What a child may inherit by default: how to find programs, speak, tell the time, and trust
#: certificates.
INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
_LOADER_PREFIX = "_PYI_"
_PR_SET_PDEATHSIG = 1


def is_frozen() -> bool:
    """Whether this process runs from the single executable."""
    return extraction_dir() is not None


def extraction_dir() -> Path | None:
    """Where the executable unpacked itself; None in a checkout or an installed wheel."""
    found = getattr(sys, "_MEIPASS", None)
    return Path(found) if found else None


def program_file() -> Path | None:
    """The executable that runs, even when its name means another file by now; None otherwise."""
    return Path("/proc/self/exe") if is_frozen() else None


def resource_path(relative: str) -> Path:
    """The real file or folder behind a path such as `windmill_lite/store/machine/queue.sql`.

    The path is relative to the folder that holds `windmill_lite`, `sandbox` and `bundled_ui`.
    It may not exist: a checkout whose UI was never built has no `bundled_ui/dist`.
    """
    return (extraction_dir() or Path(__file__).resolve().parents[2]) / relative


def launcher(name: str, *, site: bool = True) -> list[str]:
    """The start of a command that runs the child `name` of `cli/reenter.py` in a new process.

    `site=False` hides installed packages from the child (in a checkout; the executable has no
    site-packages). Start it with `child_env(reuse_extraction=True)`.
    """
    if is_frozen():
        return [sys.executable, "reenter", name]
    flags = ["-I"] if site else ["-I", "-S"]
    return [sys.executable, *flags, str(resource_path("windmill_lite/cli/reenter.py")), name]


def child_env(*, keep: Iterable[str] = (), reuse_extraction: bool = False) -> dict[str, str]:
    """An environment for a child, made from nothing: `INHERITED` and the names in `keep`.

    `reuse_extraction` is for our own executable only: the child runs from our unpacked files.
    """
    env = {name: os.environ[name] for name in (*INHERITED, *keep) if name in os.environ}
    env.setdefault("PATH", DEFAULT_PATH)
    env.setdefault("LANG", "C.UTF-8")
    libraries = _library_path_of_the_system()
    if libraries:
        env["LD_LIBRARY_PATH"] = libraries
    if reuse_extraction:
        env |= {k: v for k, v in os.environ.items() if k.startswith(_LOADER_PREFIX)}
    return env


def settle() -> None:
    """Make this process a good tenant of the unpacked files; nothing to do in a checkout.

    Called once, first thing in every process. Afterwards the process ends when its bootloader
    does, the files stay as long as it lives, and programs it starts do not load our libraries.
    """
    home = extraction_dir()
    if home is None:
        return
    libraries = _library_path_of_the_system()
    os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    if libraries:
        os.environ["LD_LIBRARY_PATH"] = libraries
    _hold(home)
    if _bootloader_pid(home) == os.getppid():
        _end_with_bootloader(home)


def sweep_extractions() -> int:
    """Delete what killed executables left unpacked; how many. Called when a server starts.

    Only our own are touched (they have our lock file), and only those that no process on any
    container uses.
    """
    home = extraction_dir()
    if home is None:
        return 0
    others = (d for d in home.parent.glob("_MEI*") if d != home)
    return sum(_delete_if_unused(d) for d in others)


def _library_path_of_the_system() -> str | None:
    """`LD_LIBRARY_PATH` as whoever started us had it, without what the bootloader put there."""
    if not is_frozen():
        return os.environ.get("LD_LIBRARY_PATH")
    if "LD_LIBRARY_PATH_ORIG" in os.environ:
        return os.environ["LD_LIBRARY_PATH_ORIG"]
    current = os.environ.get("LD_LIBRARY_PATH")
    return None if current == str(extraction_dir()) else current


def _bootloader_pid(home: Path) -> int | None:
    """The process that unpacked `home`: PyInstaller writes its id into the folder's name."""
    try:
        return int(home.name.removeprefix("_MEI")[:8], 16)
    except ValueError:
        return None


def _hold(home: Path) -> None:
    """Take a shared lock on the unpacked files for as long as this process lives.

    The file is locked before it gets its name, so that a sweeper never sees it unlocked while
    we start.
    """
    lock = home / LOCK_NAME
    with contextlib.suppress(
        OSError
    ):  # a read-only or foreign folder: then it is not ours to guard
        if lock.exists():
            fcntl.flock(os.open(lock, os.O_RDONLY), fcntl.LOCK_SH)
            return
        fresh = home / f"{LOCK_NAME}.{os.getpid()}"
        fcntl.flock(os.open(fresh, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o600), fcntl.LOCK_SH)
        fresh.rename(lock)


def _end_with_bootloader(home: Path) -> None:
    """Ask for SIGTERM when the bootloader dies, and then do its work of deleting the files."""
    import ctypes

    owner = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != owner:  # it died before the kernel was asked
        os.kill(os.getpid(), signal.SIGTERM)

    def delete_after_owner() -> None:
        if os.getppid() != owner:
            _delete(home)

    atexit.register(delete_after_owner)


def _delete_if_unused(directory: Path) -> bool:
    try:
        fd = os.open(directory / LOCK_NAME, os.O_RDONLY)
    except OSError:
        return False  # not ours, not readable, or gone already
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False  # somebody lives there
    else:
        return _delete(directory)
    finally:
        os.close(fd)


def _delete(directory: Path) -> bool:
    import shutil

    shutil.rmtree(directory, ignore_errors=True)
    return not directory.exists()
