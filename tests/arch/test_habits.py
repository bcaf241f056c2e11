"""Habits that a linter does not know: where errors end, where state lives, who may wait."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.arch._tree import REPO, Module, dotted, modules, plant

#: Where an unknown error may end, and what becomes of it there.
CATCHES_ALL: Mapping[str, str] = {
    "windmill_lite/base/service.py": "the ticker logs it and tries later, with a limit",
    "windmill_lite/worker/slot.py": "becomes the outcome of the job",
    "windmill_lite/api/middleware/errors.py": "becomes the answer 500",
    "windmill_lite/cli/as_python.py": "printed, as Python does",
    "windmill_lite/store/db/sqlite_reader.py": "carried to the caller who waits",
    "windmill_lite/store/db/sqlite_tx.py": "carried to the caller who waits",
    "windmill_lite/store/db/sqlite_writer.py": "carried to the caller who waits",
    "sandbox/child.py": "told to the parent, then the child ends",
    "sandbox/client/pipes.py": "told to whoever waits for the cell",
    "sandbox/trial.py": "is the answer to what was tried",
}
TICKER = "windmill_lite/base/service.py"
_MUTABLE_CALLS = frozenset({"list", "dict", "set", "defaultdict", "deque", "Counter", "bytearray"})
_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_CHANGES = frozenset(
    ("append", "add", "update", "pop", "setdefault", "clear", "extend", "remove", "discard")
)


def swallowed(root: Path) -> list[str]:
    """`except Exception` that does not raise again, outside the places named above."""
    return [
        module.fault(node.lineno, "an unknown error may not end here")
        for module in modules(root, "windmill_lite", "sandbox")
        if module.path not in CATCHES_ALL
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and _catches_all(node) and not _raises(node)
    ]


def _catches_all(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(k is None or dotted(k) in ("Exception", "BaseException") for k in kinds)


def _raises(handler: ast.ExceptHandler) -> bool:
    """Whether the last thing it does is to raise (the same, or what it means)."""
    return isinstance(handler.body[-1], ast.Raise)


def read_errors(root: Path) -> list[str]:
    """Errors recognised by their text: `"..." in str(error)`."""
    return [
        module.fault(node.lineno, "an error is known by its type or code, not by its text")
        for module in modules(root, "windmill_lite", "sandbox")
        for handler in ast.walk(module.tree)
        if isinstance(handler, ast.ExceptHandler) and handler.name
        for node in ast.walk(handler)
        if isinstance(node, ast.Compare)
        and any(isinstance(op, ast.In | ast.NotIn) for op in node.ops)
        and any(_is_text_of(side, handler.name) for side in node.comparators)
    ]


def _is_text_of(node: ast.expr, error: str) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[ast.Name(id=name)]):
            return name == error
    return False


def state(root: Path) -> list[str]:
    """Module-level values that change. A constant table is upper case, filled, and left alone."""
    return [
        module.fault(line, f"{name}: no state at module level; pass it, or make it constant")
        for module in modules(root, "windmill_lite", "sandbox")
        for name, line in _state_of(module)
    ]


def _state_of(module: Module) -> Iterator[tuple[str, int]]:
    tables = set()
    for node in module.tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not _is_mutable(node.value):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        tables |= {dotted(t) for t in targets}
        for name in map(dotted, targets):
            if name != "__all__" and (not name.isupper() or _is_empty(node.value)):
                yield name, node.lineno
    for found in ast.walk(module.tree):
        if (changed := _changed(found)) in tables:
            yield changed, getattr(found, "lineno", 1)


def _is_mutable(value: ast.expr | None) -> bool:
    return isinstance(value, _MUTABLE) or _makes_mutable(value)


def _makes_mutable(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and dotted(value.func).split(".")[-1] in _MUTABLE_CALLS


def _is_empty(value: ast.expr | None) -> bool:
    match value:
        case ast.Dict(keys=[]) | ast.List(elts=[]):
            return True
        case ast.Call(args=args):
            return not args or dotted(value.func).endswith("defaultdict")
    return False


def _changed(node: ast.AST) -> str:
    """The name of what a statement changes in place; "" for other statements."""
    match node:
        case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=verb)):
            return name if verb in _CHANGES else ""
    return ""


def dynamic_imports(root: Path) -> list[str]:
    """Imports that the packager cannot see."""
    return [
        module.fault(node.lineno, f"no {dotted(node.func)}: the executable must see every import")
        for module in modules(root, "windmill_lite")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and dotted(node.func) in ("importlib.import_module", "import_module", "__import__")
    ]


def waiting_loops(root: Path) -> list[str]:
    """`while True: ... sleep` anywhere but in the ticker."""
    return [
        module.fault(node.lineno, "what repeats is a Ticker")
        for module in modules(root, "windmill_lite")
        if module.path != TICKER
        for node in ast.walk(module.tree)
        if isinstance(node, ast.While) and any(_sleeps(module, node))
    ]


def _sleeps(_module: Module, loop: ast.While) -> Iterator[bool]:
    for node in ast.walk(loop):
        if isinstance(node, ast.Call) and dotted(node.func) in ("asyncio.sleep", "time.sleep"):
            yield True


Rule = Callable[[Path], list[str]]
RULES: tuple[Rule, ...] = (swallowed, read_errors, state, dynamic_imports, waiting_loops)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_habits(rule: Rule) -> None:
    faults = rule(REPO)
    assert not faults, "\n".join(faults)


def test_every_exception_to_the_habits_is_still_needed(tmp_path: Path) -> None:
    for path in CATCHES_ALL:
        if (REPO / path).exists():
            plant(tmp_path, path, (REPO / path).read_text(encoding="utf-8"))
    found = [
        module.path
        for module in modules(tmp_path, "windmill_lite", "sandbox")
        if any(isinstance(n, ast.ExceptHandler) and _catches_all(n) for n in ast.walk(module.tree))
    ]
    assert [path for path in CATCHES_ALL if (REPO / path).exists() and path not in found] == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (swallowed, "try: f()\nexcept Exception: pass"),
        (swallowed, "try: f()\nexcept: log()"),
        (swallowed, "try: f()\nexcept (ValueError, BaseException) as e: log(e)"),
        (read_errors, "try: f()\nexcept OSError as e:\n  if 'gone' in str(e): pass"),
        (state, "CACHE = {}"),
        (state, "seen: set[str] = set()"),
        (state, "import collections\nx = collections.deque()"),
        (state, "names = {'a': 1}"),
        (state, "NAMES = {'a': 1}\ndef f():\n  NAMES['b'] = 2"),
        (state, "NAMES = ['a']\ndef f():\n  NAMES.append('b')"),
        (dynamic_imports, "import importlib\nimportlib.import_module('x')"),
        (waiting_loops, "async def f():\n  while True:\n    await asyncio.sleep(1)"),
    ],
)
def test_a_planted_habit_is_found(tmp_path: Path, rule: Rule, text: str) -> None:
    plant(tmp_path, "windmill_lite/engine/x.py", text)
    assert len(rule(tmp_path)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "try: f()\nexcept Exception:\n  undo()\n  raise",
        "try: f()\nexcept Exception as e: raise Busy('x') from e",
        "try: f()\nexcept OSError as e: log(str(e))",
        "NAMES: Mapping[str, int] = {'a': 1}\nL = [1]\n__all__ = ['NAMES']\nT = (1, 2)",
        "def f():\n  cache = {}",
        "async def f():\n  for _ in range(3):\n    await asyncio.sleep(1)",
    ],
)
def test_a_good_habit_is_no_fault(tmp_path: Path, text: str) -> None:
    plant(tmp_path, "windmill_lite/engine/x.py", text)
    assert [fault for rule in RULES for fault in rule(tmp_path)] == []
