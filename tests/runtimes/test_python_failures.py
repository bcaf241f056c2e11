"""Python scripts that go wrong, run for real: each fails with an error its author understands."""

from __future__ import annotations

from textwrap import dedent

import pytest

from sandbox import Limits
from tests.runtimes.conftest import Scripts
from windmill_lite.runtimes import Failure


async def test_the_stack_of_a_failure_has_the_users_lines_only(scripts: Scripts) -> None:
    code = """
    def main(x):
        return inner(x)

    def inner(x):
        raise ValueError(f"bad {x}")
    """
    error = await scripts.error(code, x="é")
    assert (error["name"], error["message"]) == ("ValueError", "bad é")
    assert "\n".join(line for line in error["stack"].splitlines() if "^" not in line) == dedent(
        """\
        Traceback (most recent call last):
          File "f/ops/hello.py", line 2, in main
            return inner(x)
          File "f/ops/hello.py", line 5, in inner
            raise ValueError(f"bad {x}")
        ValueError: bad é"""
    )


async def test_the_stack_of_an_async_failure_has_no_loop_in_it(scripts: Scripts) -> None:
    code = """
    async def main():
        return 1 / 0
    """
    error = await scripts.error(code)
    assert error["name"] == "ZeroDivisionError"
    assert error["stack"].startswith(
        'Traceback (most recent call last):\n  File "f/ops/hello.py", line 2, in main\n'
    )
    assert "asyncio" not in error["stack"]


async def test_the_cause_of_a_failure_is_in_its_stack(scripts: Scripts) -> None:
    code = """
    def main():
        try:
            {}["key"]
        except KeyError as error:
            raise RuntimeError("second") from error
    """
    error = await scripts.error(code)
    assert "KeyError: 'key'" in error["stack"]
    assert "direct cause" in error["stack"]
    assert "wrappers" not in error["stack"]


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        (
            "def main(:\n    pass",
            "SyntaxError",
            "invalid syntax (f/ops/hello.py, line 1, column 10)",
        ),
        (
            "def main():\n\tif 1:\n        pass",
            "TabError",
            "inconsistent use of tabs and spaces in indentation",
        ),
        ("def main():\n    return '\0'", "SyntaxError", "null bytes"),
        ("x = 1", "MainNotFoundError", "f/ops/hello.py has no function named main"),
        ("", "MainNotFoundError", "f/ops/hello.py has no function named main"),
        ("main = 3", "MainNotFoundError", "f/ops/hello.py has no function named main"),
        ("def main(x): pass", "TypeError", "main() is missing the required argument 'x'"),
        ("def main(): return object()", "NotJsonError", "object at $ of the result"),
        ("import sys\ndef main(): sys.exit()", "SystemExit", "before main returned a result"),
        ("import sys\ndef main(): sys.exit(0)", "SystemExit", "before main returned a result"),
        ("def main(): exit(3)", "SystemExit", "the script ended itself with exit code 3"),
        ("import sys\ndef main(): sys.exit('no luck')", "SystemExit", "no luck"),
        ("def main(): raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("def main(): return main()", "RecursionError", "maximum recursion depth"),
        ("import os\ndef main(): os._exit(3)", "ExecutionErr", "exit code 3 and no result"),
        ("import os\ndef main(): os._exit(0)", "ExecutionErr", "exit code 0 and no result"),
        ("import os\ndef main(): os.abort()", "ExecutionErr", "the process was killed by SIG"),
        ("import os\ndef main(): os.write(4, b'x')", "ExecutionErr", "file descriptor 4"),
        ("import os\ndef main(): os.close(4)", "ExecutionErr", "exit code 1 and no result"),
        (
            "class Odd(Exception):\n    def __str__(self): return 1 / 0\ndef main(): raise Odd",
            "Odd",
            "its message cannot be shown",
        ),
        ("def main(): raise ValueError('x' * 10**7)", "ValueError", "characters left out"),
    ],
)  # fmt: skip
async def test_a_bad_script_fails_with_a_clear_error(
    scripts: Scripts, code: str, name: str, message: str
) -> None:
    error = await scripts.error(code)
    assert error["name"] == name
    assert message in error["message"]
    assert len(str(error)) < 100_000


NO_PACKAGES = "# /// script\n# dependencies = []\n# ///\n"


@pytest.mark.parametrize("module", ["requests", "numpy", "pydantic", "aiohttp", "windmill_lite"])
async def test_a_package_that_is_not_there_is_named_with_the_reason(
    scripts: Scripts, module: str
) -> None:
    error = await scripts.error(f"{NO_PACKAGES}import {module}\ndef main(): pass")
    assert error["name"] == "ModuleNotFoundError"
    told = f"no package that was locked with the script has a module {module}"
    assert told in error["message"]
    assert "line 4, in <module>" in error["stack"]


async def test_a_package_that_is_not_there_can_be_done_without(scripts: Scripts) -> None:
    code = """import importlib.util
try:
    import numpy
except ImportError:
    numpy = None
def main():
    return numpy is None and importlib.util.find_spec("pandas") is None
"""
    assert await scripts.result(f"{NO_PACKAGES}{code}") is True


async def test_a_module_missing_in_the_standard_library_gets_no_such_hint(
    scripts: Scripts,
) -> None:
    error = await scripts.error("import json.nothing\ndef main(): pass")
    assert error["message"] == "No module named 'json.nothing'"


async def test_too_much_memory_names_the_limit_and_the_line(scripts: Scripts) -> None:
    code = "def main():\n    return len(bytearray(1 << 30))"
    end = await scripts.run(code, limits=Limits(memory_bytes=256 << 20))
    assert isinstance(end, Failure)
    assert end.error["name"] == "OutOfMemory"
    assert "its limit of 256 MiB" in end.error["message"]
    assert "line 2, in main" in end.error["stack"]


async def test_a_result_above_the_ceiling_fails_the_job(scripts: Scripts) -> None:
    error = await scripts.error("def main(): return 'x' * (11 << 20)")
    assert error["name"] == "ResultTooLarge"
    assert "10 MiB" in error["message"]
