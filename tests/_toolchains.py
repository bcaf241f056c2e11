"""The runtime packs of tests: `packaging/prepare.py bun deno go uv` installs them in build."""

from __future__ import annotations

from pathlib import Path

import pytest

from windmill_lite.runtimes import Kept, Packs, Php

BUILD = Path(__file__).resolve().parent.parent / "build"


def toolchains() -> Packs:
    """Those there are; maybe none."""
    packs = Packs.at(BUILD)
    packs.root.mkdir(mode=0o755, parents=True, exist_ok=True)
    return packs


def built() -> Kept:
    """What was built with them, kept from one run of the tests to the next."""
    kept = Kept.at(BUILD)
    kept.root.mkdir(mode=0o755, parents=True, exist_ok=True)
    return kept


def lend(data_dir: Path) -> None:
    """Let an appliance with this data directory find them installed."""
    (data_dir / "runtimes").symlink_to(toolchains().root)
    (data_dir / "built").symlink_to(built().root)


def needs(name: str) -> pytest.MarkDecorator:
    """For tests that run a toolchain; `make test` has it."""
    missing = not Php().probe().available if name == "php" else toolchains().find(name) is None
    return pytest.mark.skipif(missing, reason=f"run: python packaging/prepare.py {name}")
