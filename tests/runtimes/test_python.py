"""Python's answers to the four questions."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.cell import Limits
from tests._toolchains import built, toolchains
from windmill_lite.model.script import LANGUAGES
from windmill_lite.runtimes import (
    WARM_MODULES,
    Call,
    Kept,
    Packs,
    Python,
    entry_module,
    runtimes_with,
)
from windmill_lite.runtimes.base import Runtime

CALL = Call(
    job_id="0190",
    code="def main(): return 'ü\ud800'",
    path="u/ada/hello",
    args_json='{"a": [1, 2.50, "ü"]}',
    env={"WM_TOKEN": "t"},
    timeout_s=3,
    limits=Limits(processes=7),
    network="none",
    result_bytes_max=100,
)


def test_it_is_always_there() -> None:
    probe = Python(toolchains(), built()).probe()
    assert (probe.language, probe.available) == ("python3", True)
    assert probe.version.partition(",")[0] == platform.python_version()


def test_there_is_nothing_to_resolve_or_to_install() -> None:
    python: Runtime = Python(toolchains(), built())
    assert python.lock(CALL) == ""
    assert python.prepare(CALL) is None


def test_the_cell_carries_the_call() -> None:
    cell = Python(toolchains(), built()).command(CALL)
    assert (cell.id, cell.argv, cell.timeout_s, cell.network) == ("0190", None, 3, "none")
    assert cell.limits.processes == 7
    assert cell.env["WM_TOKEN"] == "t"
    assert set(cell.env) == {"WM_TOKEN", "PATH", "LANG", "PYTHONUNBUFFERED"}


def test_the_request_is_one_json_object_with_the_arguments_as_they_are() -> None:
    request = Python(toolchains(), built()).command(CALL).request
    assert '"args":{"a": [1, 2.50, "ü"]}' in request.decode()
    assert json.loads(request) == {
        "code": CALL.code,
        "path": "u/ada/hello.py",
        "entry": "main",
        "args": {"a": [1, 2.5, "ü"]},
    }


def test_a_preview_has_a_file_name_too() -> None:
    request = json.loads(Python(toolchains(), built()).command(replace(CALL, path="")).request)
    assert request["path"] == "script.py"


def test_the_ceiling_is_that_of_the_result_without_its_mark() -> None:
    assert Python(toolchains(), built()).command(CALL).result_bytes_max == 101


def test_the_wrapper_is_a_file() -> None:
    assert entry_module().is_file()


@pytest.mark.parametrize("name", WARM_MODULES)
def test_what_is_warm_is_of_the_standard_library(name: str) -> None:
    assert name.partition(".")[0] in sys.stdlib_module_names
    __import__(name)


def test_every_language_is_listed_once(tmp_path: Path) -> None:
    languages = [
        runtime.language for runtime in runtimes_with(Packs.at(tmp_path), Kept.at(tmp_path))
    ]
    assert languages == list(LANGUAGES)
