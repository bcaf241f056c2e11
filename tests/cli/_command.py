"""The command line in this process: arguments in, exit code and output out."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from windmill_lite.base.config import OPTIONS
from windmill_lite.cli.main import cli


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Command = Callable[..., Done]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """`command("user", "list", env={...}, stdin="...")`; none of our own settings is in its
    environment.
    """
    for option in OPTIONS:
        monkeypatch.delenv(option.env, raising=False)

    def run(*arguments: str, env: Mapping[str, str] | None = None, stdin: str = "") -> Done:
        with monkeypatch.context() as place:
            place.setattr(sys, "argv", ["windmill-lite", *arguments])
            place.setattr(sys, "stdin", io.StringIO(stdin))
            for name, value in (env or {}).items():
                place.setenv(name, value)
            try:
                cli()
                code: object = 0
            except SystemExit as end:
                code = end.code
        said = capfd.readouterr()
        return Done(code if isinstance(code, int) else 0, said.out, said.err)

    return run
