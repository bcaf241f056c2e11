"""What a cell can import: the standard library and its own files, nothing that we brought along.

From a source tree this holds by itself, because the fork server is started with `-I -S`. A frozen
program carries its own packages where the standard library lies, so they are hidden by name.
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

_ZONES: Final = "tzdata"  # what zoneinfo reads where the machine has no zones of its own


class CellFinder(importlib.machinery.PathFinder):
    """Looks for modules that are not of the standard library outside the frozen program only."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is None and fullname not in (sys.stdlib_module_names | {_ZONES}):
            path = [p for p in sys.path if not within_frozen(p)]
        return super().find_spec(fullname, path, target)


def within_frozen(path: str) -> bool:
    frozen = getattr(sys, "_MEIPASS", None)
    return frozen is not None and (path == frozen or path.startswith(f"{frozen}/"))


@dataclass(frozen=True, slots=True)
class Imports:
    """What is changed before a cell's first line; found once, before the first fork.

    Whatever a child touches is copied, page by page, so what can be done for all is done before.
    """

    foreign: tuple[str, ...]  # loaded modules that are not Python's own
    path: tuple[str, ...]  # sys.path without what was installed for us
    frozen: bool  # a program of one file
    executable: str  # the interpreter, not a link from a virtual environment that cells do not see

    def hide(self) -> list[ModuleType | None]:
        """Forget every module that is not Python's; to be kept as long as their code runs."""
        return [sys.modules.pop(name, None) for name in self.foreign]

    def look(self) -> None:
        """Be from now on the interpreter that cells are, and import what they would."""
        sys.path[:] = self.path
        sys.executable = self.executable
        if self.frozen:
            builtin = (importlib.machinery.BuiltinImporter, importlib.machinery.FrozenImporter)
            given = [finder for finder in sys.meta_path if getattr(finder, "for_cells", False)]
            sys.meta_path[:] = [*builtin, CellFinder, *given]

    def settle(self, directory: str) -> None:
        """In the child, whose parent had a `look` last: import from `directory` first."""
        sys.path.insert(0, directory)
        if self.frozen:
            sys.executable = _link_python(directory, self.executable)


def _link_python(directory: str, program: str) -> str:
    """A name by which the frozen program behaves as Python, for scripts that start Pythons."""
    place = f"{directory}/.python"
    os.mkdir(place)  # noqa: PTH102 - on the path of every job
    link = f"{place}/python{sys.version_info.major}.{sys.version_info.minor}"
    os.symlink(program, link)  # noqa: PTH211 - the same
    return link


def survey() -> Imports:
    """Look at the modules and paths of this process."""
    own = sys.stdlib_module_names | {"__main__"}
    return Imports(
        foreign=tuple(name for name in sys.modules if name.partition(".")[0] not in own),
        path=tuple(path for path in sys.path if _of_python(path)),
        frozen=hasattr(sys, "_MEIPASS"),
        executable=os.path.realpath(sys.executable),
    )


def _of_python(path: str) -> bool:
    """Whether an entry of sys.path holds Python itself, and not what was installed for us."""
    library = Path(os.__file__).parent
    zipped = f"python{sys.version_info.major}{sys.version_info.minor}.zip"
    own = (str(library), str(library / "lib-dynload"))
    return within_frozen(path) or path in own or Path(path).name == zipped
