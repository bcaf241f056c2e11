"""One word, one meaning: the words of ARCHITECTURE's glossary, and none of the rejected ones.

Only what a program can judge without being wrong is checked: names that we define, spelling, units,
and what must never stand in the tree (paths of the machine it was written on).
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.arch._tree import REPO, Module, modules, plant

#: A rejected word in a name that we define, and ours.
REJECTED: Mapping[str, str] = {
    "cancelled": "canceled",
    "cancelling": "canceling",
    "dag": "flow",
    "executor": "runtime or worker",
    "jail": "cell",
    "organisation": "workspace",
    "organization": "workspace",
    "subworker": "slot",
    "tenant": "workspace",
    "workflow": "flow",
    "workflows": "flows",
}
#: Names that come from outside and keep their spelling.
FOREIGN = frozenset(
    {"ThreadPoolExecutor", "CancelledError", "run_in_executor", "WaitingForExecutor", "_Cancelled"}
)
ROOMS_REJECTED = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager"})
UNITS: Mapping[str, str] = {
    "_seconds": "_s",
    "_secs": "_s",
    "_sec": "_s",
    "_millis": "_ms",
    "_milliseconds": "_ms",
    "_msec": "_ms",
    "_size_mb": "_bytes",
}
#: Words of Windmill's wire that a rule above would reject.
WIRE = frozenset({"seconds"})
#: Written so that this file does not contain what it looks for.
FORBIDDEN_TEXT = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\w.])/" + r"work/",
        r"(?<![\w.])/" + r"farm/",
        r"/tmp/" + r"brief\b",
        r"\b(?i:sub)" + r"agents?\b",
        r"\bshared/" + r"(house|runtime|storage|spec|prototypes)\b",
        r"\b(house|runtime|storage)" + r"\.md\b",
    )
)
SPELLING = re.compile(r"\b[Cc]ancel(?:led|ling)\b(?!\()")  # asyncio's `task.cancel...()` stays
PROSE = (".svelte", ".ts", ".py", ".md", ".html", ".sql")
BINARY = (".png", ".jpg", ".ico", ".woff2", ".woff", ".ttf", ".gz", ".zip", ".pdf")
REGISTRY = "https://registry.npmjs.org/"


def name_faults(root: Path) -> list[str]:
    """Names of ours with a rejected word or a unit spelled another way."""
    return [
        module.fault(line, words)
        for module in modules(root, "windmill_lite", "sandbox", "packaging")
        for name, line, is_value in _defined(module)
        if (words := _judge(name, is_value=is_value))
    ]


def _defined(module: Module) -> Iterator[tuple[str, int, bool]]:
    """Name, line, and whether it holds a value (and so may have a unit)."""
    for node in ast.walk(module.tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node.lineno, False
            case ast.ClassDef(name=name):
                yield name, node.lineno, False
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name, node.lineno, True


def _judge(name: str, *, is_value: bool) -> str:
    if name in FOREIGN or name in WIRE:
        return ""
    for word in _words_of(name):
        if word in REJECTED:
            return f"{name}: say {REJECTED[word]}, not {word}"
    for suffix, unit in UNITS.items():
        if is_value and name.lower().endswith(suffix):
            return f"{name}: the unit is written {unit}"
    return ""


def _words_of(name: str) -> list[str]:
    """`runInExecutor`, `run_in_executor` -> run, in, executor."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [w.lower() for w in spaced.split("_") if w]


def room_faults(root: Path) -> list[str]:
    """Files and folders with a name that says nothing."""
    tops = ("windmill_lite", "sandbox", "packaging", "tests", "bundled_ui/src")
    found = (p for top in tops for p in (root / top).rglob("*") if "__pycache__" not in p.parts)
    return [
        f"{path.relative_to(root)}: this name says nothing"
        for path in found
        if path.name.split(".")[0].strip("_") in ROOMS_REJECTED
    ]


def text_faults(root: Path, files: list[Path]) -> list[str]:
    """Text that must not stand in any file, and words of ours spelled in two ways."""
    return [
        f"{path.relative_to(root)}:{line}: {words!r} must not stand here"
        for path in files
        for line, words in _forbidden_in(path)
    ]


def _forbidden_in(path: Path) -> Iterator[tuple[int, str]]:
    patterns = [*FORBIDDEN_TEXT, *([SPELLING] if path.suffix in PROSE else [])]
    if path.name == Path(__file__).name:
        patterns = list(FORBIDDEN_TEXT)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for pattern in patterns:
            found = pattern.search(line)
            if found and not any(word in line for word in FOREIGN):
                yield number, found[0]


def tree(root: Path) -> list[Path]:
    """The text files under version control, or, where git is not, those of our folders."""
    asked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=False,
    )
    names = asked.stdout.decode().split("\0") if asked.returncode == 0 else []
    found = [root / name for name in names if name] or [p for p in root.rglob("*") if p.is_file()]
    return [p for p in found if p.is_file() and p.suffix not in BINARY and _is_ours(p)]


def _is_ours(path: Path) -> bool:
    """Lock files are written by tools; caches are no part of the tree."""
    return path.name != "package-lock.json" and not {"node_modules", ".venv"} & set(path.parts)


def lock_faults(lock: Path) -> list[str]:
    """Download addresses of any registry but npm's own would break an install elsewhere."""
    packages = json.loads(lock.read_text(encoding="utf-8")).get("packages", {})
    return [
        f"{lock.name}: {name} comes from {address}"
        for name, package in packages.items()
        if (address := package.get("resolved", "")).startswith("http")
        and not address.startswith(REGISTRY)
    ]


def test_our_names_use_our_words() -> None:
    faults = name_faults(REPO)
    assert not faults, "\n".join(faults)


def test_every_file_has_a_name_that_says_something() -> None:
    faults = room_faults(REPO)
    assert not faults, "\n".join(faults)


def test_the_tree_names_no_machine_and_spells_one_way() -> None:
    faults = text_faults(REPO, tree(REPO))
    assert not faults, "\n".join(faults)


def test_the_ui_installs_from_anywhere() -> None:
    lock = REPO / "bundled_ui" / "package-lock.json"
    faults = lock_faults(lock)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("class WorkflowRun: ...", "say flow"),
        ("def is_cancelled(): ...", "say canceled"),
        ("def f(executor): ...", "say runtime"),
        ("timeout_seconds = 1", "written _s"),
        ("def f(): wait_millis: int = 1", "written _ms"),
        ("from asyncio import CancelledError\nworkflow_free = 1", "say flow"),
        ("from asyncio import CancelledError\nloop.run_in_executor(None, f)", ""),
        ("is_canceled = flow = timeout_s = 1", ""),
        ("def parse_seconds(): ...", ""),
    ],
)
def test_a_planted_word_is_found(tmp_path: Path, text: str, found: str) -> None:
    plant(tmp_path, "windmill_lite/engine/x.py", text)
    assert [found in fault for fault in name_faults(tmp_path)] == ([True] if found else [])


@pytest.mark.parametrize("name", ["utils.py", "helpers/x.py", "_common.py", "manager.sql"])
def test_a_planted_room_is_found(tmp_path: Path, name: str) -> None:
    plant(tmp_path, f"windmill_lite/engine/{name}", "")
    assert len(room_faults(tmp_path)) == 1


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("# see /" + "work/main", 1),
        ("# as a sub" + "agent said", 1),
        ("# shared/" + "spec", 1),
        ("# house" + ".md", 1),
        ("# a job was cancel" + "led", 1),
        ("task.cancel" + "led() or task.cancel" + "ling()", 0),
        ("except asyncio.CancelledError:  # the await was cancel" + "led", 0),
        ("# a network/work/day of a canceled agent", 0),
    ],
)
def test_planted_text_is_found(tmp_path: Path, text: str, faults: int) -> None:
    plant(tmp_path, "windmill_lite/x.py", text)
    assert len(text_faults(tmp_path, tree(tmp_path))) == faults


def test_a_planted_download_address_is_found(tmp_path: Path) -> None:
    packages = {
        "": {},
        "a": {"resolved": REGISTRY + "a/-/a.tgz"},
        "b": {"resolved": "http://mirror/b.tgz"},
    }
    plant(tmp_path, "package-lock.json", json.dumps({"packages": packages}))
    assert [f.split()[1] for f in lock_faults(tmp_path / "package-lock.json")] == ["b"]
