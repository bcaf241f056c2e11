"""Who may import whom. The house has floors: code looks down, never up, never at its neighbour."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.arch._tree import REPO, Import, Module, cargo, dotted, imports, modules, plant

#: What each room may import of ours, besides itself. A room that is not here has no floor.
MAY_IMPORT: Mapping[str, tuple[str, ...]] = {
    "base": (),
    "model": ("base.errors", "base.ids", "base.codec"),
    "core": ("model", "base.errors", "base.ids", "base.codec"),
    "store": ("model", "base"),
    "runtimes": ("model", "base", "core.signature", "core.dependencies"),
    "expr": ("model", "base"),
    "engine": ("core", "store", "expr", "model", "base"),
    # Of core, the roles use what needs no transaction: rights, a script's form, a result's size.
    "api": (
        "engine",
        "store.people",
        "model",
        "core.access",
        "core.token_scopes",
        "core.signature",
        "base",
    ),
    "scheduler": ("engine", "base", "model"),
    "worker": ("engine", "runtimes", "model", "core.jobs", "base"),
}
TOP_ROOMS = ("cli", "boot", "__main__", "windmill_lite")
QUIET_ROOMS = ("model", "core")

#: Packages from outside, and the only places that may import them.
THIRD_PARTY: Mapping[str, tuple[str, ...]] = {
    "_quickjs": ("windmill_lite/expr/child.py",),
    "aiohttp": ("windmill_lite/api/", "windmill_lite/boot.py"),
    "aiosqlite": ("windmill_lite/store/db/sqlite",),
    "asyncpg": ("windmill_lite/store/db/postgres",),
    "click": ("windmill_lite/cli/",),
    "croniter": ("windmill_lite/core/schedule/cron.py",),
    "nacl": ("windmill_lite/base/sealed.py",),
    "multidict": ("windmill_lite/api/",),  # aiohttp's own
    "pydantic": ("windmill_lite/model/", "windmill_lite/api/"),
    "tree_sitter": ("windmill_lite/core/signature/",),
    "tree_sitter_go": ("windmill_lite/core/signature/grammar.py",),
    "tree_sitter_typescript": ("windmill_lite/core/signature/grammar.py",),
    "uvloop": ("windmill_lite/cli/", "windmill_lite/boot.py"),
}
#: Standard modules with walls around them.
WALLED: Mapping[str, tuple[str, ...]] = {
    "sqlite3": (
        *("windmill_lite/store/db/", "windmill_lite/cli/doctor.py"),
        "windmill_lite/runtimes/sql/languages.py",  # its version, for the list of languages
    ),
    "subprocess": ("sandbox/", "windmill_lite/base/frozen.py"),
    # The executable acting as Python prepares multiprocessing for the program it runs.
    "multiprocessing": ("sandbox/", "windmill_lite/cli/as_python.py"),
    "pty": ("sandbox/",),
}
#: Who may look into the cell's room.
SANDBOX: Mapping[str, tuple[str, ...]] = {
    # The child of expressions is a process of its own, shut in by the sandbox's means.
    "expr": (
        "sandbox.cell",
        "sandbox.client.launch",
        "sandbox.kernel.syscalls",
        "sandbox.policies.pure",
    ),
    "runtimes": ("sandbox.cell",),
    "worker": ("sandbox",),
    "cli": ("sandbox",),
    "boot": ("sandbox",),
}
# fmt: off
LOUD = frozenset((
    "asyncio", "concurrent", "http", "logging", "multiprocessing", "os", "queue", "random",
    "secrets", "select", "selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess",
    "sys", "tempfile", "threading", "time", "urllib.request",
))
LOUD_CALLS = frozenset((
    "date.today", "datetime.datetime.now", "datetime.now", "datetime.today", "datetime.utcnow",
    "input", "open", "print", "uuid.uuid1", "uuid.uuid4", "uuid1", "uuid4",
))
# fmt: on
STARTS_PROCESS = ("asyncio.create_subprocess_", "os.system", "os.popen", "os.exec", "os.spawn")


def floor_faults(root: Path) -> list[str]:
    """Imports that look up or sideways, and rooms without a floor."""
    faults = []
    for module in modules(root, "windmill_lite"):
        if module.room in TOP_ROOMS:
            continue
        allowed = MAY_IMPORT.get(module.room)
        if allowed is None:
            faults.append(module.fault(1, f"the room {module.room!r} has no floor"))
            continue
        own = [f"windmill_lite.{room}" for room in (module.room, *allowed)]
        faults += [
            module.fault(i.line, f"{module.room} may not import {i.name}")
            for i in imports(module)
            if i.top == "windmill_lite"
            and i.name != "windmill_lite.__version__"
            and not any(i.under(prefix) for prefix in own)
        ]
    return faults


def door_faults(root: Path) -> list[str]:
    """The machine's door has no scope: only the engine may go through it."""
    return [
        module.fault(i.line, f"only the engine may import {i.name}")
        for module in modules(root, "windmill_lite")
        for i in imports(module)
        if i.under("windmill_lite.store.machine")
        and not module.name.startswith(("windmill_lite.engine", "windmill_lite.store.machine"))
    ]


def outside_faults(root: Path) -> list[str]:
    """Packages and walled modules outside their places, and strangers."""
    return [
        module.fault(i.line, words)
        for module in modules(root, "windmill_lite")
        for i in imports(module)
        if (words := _outside(module, i))
    ]


def _outside(module: Module, found: Import) -> str:
    top = found.top
    if top == "windmill_lite":
        return ""
    if top == "sandbox":
        places = SANDBOX.get(module.room, ())
        good = any(found.under(p) for p in places)
        return "" if good else f"{module.room} may not import {found.name}"
    if top in sys.stdlib_module_names and top not in WALLED:
        return ""
    places = THIRD_PARTY.get(top, WALLED.get(top, ()))
    if module.path.startswith(places) and places:
        return ""
    return f"{found.name} belongs in {' or '.join(places)}" if places else f"a stranger: {top}"


def quiet_faults(root: Path) -> list[str]:
    """Rooms that decide have no clock, no chance, no await and nothing of the outside world."""
    return [
        module.fault(line, f"{module.room} is quiet: {what}")
        for module in modules(root, "windmill_lite")
        if module.room in QUIET_ROOMS
        for line, what in _noises(module)
    ]


def _noises(module: Module) -> Iterator[tuple[int, str]]:
    for i in imports(module):
        if any(i.under(loud) for loud in LOUD):
            yield i.line, f"no {i.name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield node.lineno, "no await"
        elif isinstance(node, ast.Call) and dotted(node.func) in LOUD_CALLS:
            yield node.lineno, f"no {dotted(node.func)}()"


def process_faults(root: Path) -> list[str]:
    """A process is started by the sandbox and by nobody else."""
    return [
        module.fault(node.lineno, f"{dotted(node)} is for the sandbox")
        for module in modules(root, "windmill_lite")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and (dotted(node).startswith(STARTS_PROCESS) or dotted(node) in ("os.fork", "os.forkpty"))
    ]


def island_faults(root: Path) -> list[str]:
    """The sandbox, and what travels into jobs, use the standard library alone."""
    found: list[tuple[Module, tuple[str, ...]]]
    found = [(m, ("sandbox",)) for m in modules(root, "sandbox")]
    wrapped = ("windmill_lite.runtimes.wrappers", "windmill_lite.runtimes.clients")
    found += [(m, wrapped) for m in cargo(root)]
    return [
        module.fault(i.line, f"{module.path.split('/')[0]} is an island: no {i.name}")
        for module, own in found
        for i in imports(module)
        if i.top not in sys.stdlib_module_names and not any(i.under(prefix) for prefix in own)
    ]


RULES = (floor_faults, door_faults, outside_faults, quiet_faults, process_faults, island_faults)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_floors(rule: object) -> None:
    assert callable(rule)
    faults = rule(REPO)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("path", "line", "found"),
    [
        ("core/x.py", "from windmill_lite.store.db import port", "core may not import"),
        ("core/x.py", "from ..store import db", "core may not import windmill_lite.store.db"),
        ("api/x.py", "from windmill_lite.worker import loop", "api may not import"),
        ("api/x.py", "import windmill_lite.store.db.port", "api may not import"),
        ("store/x.py", "from windmill_lite import engine", "store may not import"),
        ("base/x.py", "import windmill_lite.model", "base may not import"),
        ("helpers/x.py", "", "has no floor"),
        ("api/x.py", "from windmill_lite.store import machine", "only the engine"),
        ("boot.py", "from windmill_lite.store.machine.queue import take", "only the engine"),
        ("store/people/x.py", "import windmill_lite.store.machine", "only the engine"),
        ("store/db/port.py", "import asyncpg", "belongs in windmill_lite/store/db/postgres"),
        ("engine/x.py", "import sqlite3", "belongs in"),
        ("engine/x.py", "import requests", "a stranger: requests"),
        ("worker/x.py", "import subprocess", "belongs in sandbox/"),
        ("engine/x.py", "import sandbox", "engine may not import sandbox"),
        ("runtimes/x.py", "from sandbox.best import best", "runtimes may not import"),
        ("core/x.py", "import asyncio", "core is quiet: no asyncio"),
        ("core/x.py", "from os import environ", "core is quiet: no os.environ"),
        ("model/x.py", "async def f() -> None: ...", "model is quiet: no await"),
        ("model/x.py", "t = datetime.now(UTC)", "model is quiet: no datetime.now()"),
        ("core/x.py", "def f():\n    import random", "core is quiet: no random"),
        ("worker/x.py", "import os\nos.fork()", "os.fork is for the sandbox"),
        ("worker/x.py", "asyncio.create_subprocess_exec('x')", "is for the sandbox"),
        ("../sandbox/x.py", "import windmill_lite", "sandbox is an island"),
        ("../sandbox/x.py", "import aiohttp", "sandbox is an island"),
        ("runtimes/wrappers/x.py", "import pydantic", "is an island"),
        ("runtimes/wrappers/x.py", "from windmill_lite import base", "is an island"),
    ],
)
def test_a_planted_fault_is_found(tmp_path: Path, path: str, line: str, found: str) -> None:
    plant(tmp_path, f"windmill_lite/{path}", line)
    faults = [fault for rule in RULES for fault in rule(tmp_path)]
    assert any(found in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("core/x.py", "from windmill_lite.model.job import NewJob\nfrom uuid import uuid5"),
        ("engine/x.py", "from windmill_lite.store.machine import queue"),
        ("api/x.py", "from windmill_lite.store.people import jobs\nimport aiohttp"),
        ("store/db/postgres.py", "import asyncpg, asyncio"),
        ("runtimes/x.py", "from sandbox.cell import Cell\nimport os"),
        ("boot.py", "from windmill_lite import api, worker, sandbox\nimport sandbox"),
        ("base/x.py", "from windmill_lite import __version__\nimport asyncio"),
    ],
)
def test_what_is_allowed_is_not_a_fault(tmp_path: Path, path: str, line: str) -> None:
    plant(tmp_path, f"windmill_lite/{path}", line)
    assert [fault for rule in RULES for fault in rule(tmp_path)] == []
