"""The warm, single-threaded parent of the cells: one clone per cell.

Started as a process of its own with a control socket (SOCK_SEQPACKET) whose number it is told.
Messages are JSON objects, one per packet.

From the client:
  {"run": [n, slot, limits, sockets, places, directory, mounts, check]}, the members of an `Order`,
  with three descriptors: request (a pipe or a memory file), result (pipe or socket), output (pipe).
  Start a cell; n is never used twice. `places` is null where the network is not a list.
  {"kill": n}. End that cell and all it started, at once; unknown numbers are ignored.
  {"until": t}. The client is trusted until t (guard.py); "run" may say so too, and is then refused
  when t is over. Once it was said, all cells are ended when the latest t is over, and again none is
  started until a later one is told.
  End of file. Kill everything and exit.
To the client:
  {"ready": true, "level", "why", "features"}, first.
  {"listening": n} with the sockets of the cell's places; see listening.py.
  {"broken": n, "detail"}. The cell was not made; its exit follows.
  {"exit": n, "status", "cpu_s", "peak_bytes", "memory", "guard"}. Nothing of the cell is alive any
  more. "memory" and "guard", 1 or 0, say that the watch or the guard killed it; a cell that the
  guard did not let begin has the status of a kill.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from sandbox import namespaces
from sandbox.cell import Level
from sandbox.forks import take_menders
from sandbox.imports import survey
from sandbox.kernel import pages
from sandbox.kernel import syscalls as sc
from sandbox.kernel.descriptors import clear_low, out_of_the_way
from sandbox.packages import preload
from sandbox.room import make_room
from sandbox.server import Server
from sandbox.trial import choose, try_all


def main(control_fd: int, config_json: str) -> int:
    """Be a fork server until the control socket closes; the exit code.

    `config_json` holds "level" (or "best"), "entry" (path of the entry module), "preload" (names of
    modules), "shared" (directories), "held" (descriptors to keep until nothing of any cell is
    alive), "packages" (a directory, or "") with "modules" (names, see packages.py), and "probe" to
    answer with what this machine offers and exit.
    """
    config = json.loads(config_json)
    *held, control_fd = out_of_the_way((*config.get("held", ()), control_fd))
    control = socket.socket(fileno=control_fd)
    clear_low()
    sc.die_with_parent(signal.SIGKILL)
    os.umask(0o022)
    _open_frozen()
    tid_address = sc.thread_id_address()
    found, level = _levels(config)
    if config.get("probe"):
        control.send(json.dumps(found | {"level": level}).encode())
        return 0
    entry = load_entry(Path(config["entry"]))
    if hasattr(entry, "provide"):
        entry.provide()
    room = make_room(level, entry.run, config["shared"], tid_address)
    if packages := config["packages"]:
        runtime = (*room.runtime, packages)
        room = replace(room, runtime=runtime, kept=namespaces.hidden(runtime))
    pages.join_segments()
    if level == "namespaces":
        namespaces.enter_outer(room.runtime, room.shared, held=held)
    else:
        sc.prctl(sc.PR_SET_CHILD_SUBREAPER, 1)
    _warm(config["preload"], entry)
    # What is a link outside leads nowhere in here.
    imports = replace(survey(), executable=room.imports.executable)
    kept = imports.hide()
    imports.look()
    if packages:
        imports = preload(packages, config["modules"], imports)
    room = replace(room, imports=imports, held=tuple(held), menders=take_menders())
    server = Server(control, room)
    os.environ.clear()  # of every cell, too, until it has its own
    filled = _share()
    control.send(json.dumps({"ready": True, "level": level, **found}).encode())
    server.serve()
    del kept, filled
    return 0


def _share() -> list[object]:
    """Leave what there is by now to the cells, as cheap to fork and as seldom copied as it can be:
    it is never collected again, so that their collections touch none of it, and what they allocate
    lies outside of it.
    """
    pages.join_segments()
    gc.collect()
    gc.disable()
    gc.freeze()
    pages.collapse()
    filled = pages.fill_pools()
    pages.fill_gaps()
    return filled


def _warm(names: Sequence[str], entry: ModuleType) -> None:
    for name in names:
        importlib.import_module(name)
    if hasattr(entry, "warm"):
        entry.warm()


def load_entry(path: Path) -> ModuleType:
    """A module beside its siblings: its directory is imported as a package.

    It has `run(request, result_fd)`, called in every cell without a command, and may have
    `provide()` and `warm()`, called once before the first cell: the one while everything of this
    machine can be read, the other in the room of the cells.
    """
    package = path.parent.name
    spec = importlib.util.spec_from_file_location(
        package, path.parent / "__init__.py", submodule_search_locations=[str(path.parent)]
    )
    assert spec is not None, "a path with a .py ending always has a loader"
    sys.modules[package] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"{package}.{path.stem}")


def _levels(config: dict[str, Any]) -> tuple[dict[str, Any], Level]:
    if config["level"] != "best" and not config.get("probe"):
        return {"why": [], "features": {}}, config["level"]
    features = try_all(everything=bool(config.get("probe")))
    level, why = choose(features)
    return {"why": why, "features": features}, level


def _open_frozen() -> None:
    """A frozen program unpacks itself for root alone; the users that cells run as must read it."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is None or os.geteuid() != 0:
        return
    for directory, _, names in os.walk(frozen):
        Path(directory).chmod(0o755)
        for name in names:
            file = Path(directory, name)
            if not file.is_symlink():
                file.chmod(file.stat().st_mode | 0o444)
