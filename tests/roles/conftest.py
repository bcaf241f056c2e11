"""Processes that a test, or a module of tests, starts; none of them outlives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.roles._client import ADMIN, Door
from tests.roles._process import Process

Start = Callable[..., Process]


@contextmanager
def starting(home: Path) -> Iterator[Start]:
    """`start("--role", "api", place="a")` is a process on a free port, in a directory of its own
    below `home`, with the admin in its environment unless `env` says otherwise.
    """
    with ExitStack() as undo:

        def started(*arguments: str, place: str = "solo", **more: Any) -> Process:
            directory = home / place
            listen = () if "--listen" in arguments else ("--listen", "127.0.0.1:0")
            data = () if "--data-dir" in arguments else ("--data-dir", str(directory / "data"))
            more.setdefault("env", ADMIN)
            return undo.enter_context(Process(directory, *listen, *data, *arguments, **more))

        yield started


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path) as found:
        yield found


@pytest.fixture
def door() -> Iterator[Door]:
    found = Door()
    yield found
    found.close()
