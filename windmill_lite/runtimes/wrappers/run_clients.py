"""Packages that every Python script can import without asking: they lie beside these wrappers.

They come last: a package of the same name that a script is locked with is found before. Their files
are read before the room is entered, where they are not, and compiled once for all children.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import CodeType, ModuleType


class Clients(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules among the texts it was made of; a package is named by its `__init__`."""

    for_cells = True  # survives what a cell forgets of its fork server

    def __init__(self, codes: Mapping[str, CodeType], packages: frozenset[str]) -> None:
        self._codes = codes
        self._packages = packages

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._codes:
            return None
        # Not the parts of a package of the same name that was found elsewhere.
        parent = sys.modules.get(fullname.partition(".")[0])
        if parent is not None and getattr(parent, "__loader__", None) is not self:
            return None
        package = fullname in self._packages
        return importlib.util.spec_from_loader(fullname, self, is_package=package)

    def exec_module(self, module: ModuleType) -> None:
        exec(self._codes[module.__name__], module.__dict__)  # noqa: S102 - our own text


def provide() -> None:
    """Once in the fork server."""
    root = Path(__file__).parent.parent / "clients"
    codes: dict[str, CodeType] = {}
    packages: set[str] = set()
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
            packages.add(".".join(parts))
        shown = "/".join(file.relative_to(root).parts)
        codes[".".join(parts)] = compile(file.read_text(encoding="utf-8"), shown, "exec")
    sys.meta_path.append(Clients(codes, frozenset(packages)))
