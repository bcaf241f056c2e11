"""What a cell can import: the standard library and its own files, nothing that we brought along.

From a source tree this holds by itself, because the fork server is started with `-I -S`. A frozen
program carries its own packages where the standard library lies, so they are hidden by name.
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType


class CellFinder(importlib.machinery.PathFinder):
    """Looks for modules that are not of the standard library outside the frozen program only."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is None and fullname not in sys.stdlib_module_names:
            path = [p for p in sys.path if not within_frozen(p)]
        return super().find_spec(fullname, path, target)


def within_frozen(path: str) -> bool:
    frozen = getattr(sys, "_MEIPASS", None)
    return frozen is not None and (path == frozen or path.startswith(f"{frozen}/"))


def _of_python(path: str) -> bool:
    """Whether an entry of sys.path holds Python itself, and not what was installed for us."""
    library = Path(os.__file__).parent
    zipped = f"python{sys.version_info.major}{sys.version_info.minor}.zip"
    return (
        within_frozen(path)
        or path in (str(library), str(library / "lib-dynload"))
        or Path(path).name == zipped
    )


def hide_ours() -> None:
    """In the child, before the cell's first line: forget every module that is not Python's."""
    for name in list(sys.modules):
        if name.partition(".")[0] not in sys.stdlib_module_names and name != "__main__":
            del sys.modules[name]
    sys.path[:] = [path for path in sys.path if _of_python(path)]
    if hasattr(sys, "_MEIPASS"):
        builtin = (importlib.machinery.BuiltinImporter, importlib.machinery.FrozenImporter)
        sys.meta_path[:] = [*builtin, CellFinder]
