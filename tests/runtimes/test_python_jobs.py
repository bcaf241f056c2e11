"""Python scripts as people write them, good and bad, run for real."""

from __future__ import annotations

import asyncio
import base64
from textwrap import dedent

import pytest

from sandbox import Limits
from tests.runtimes.conftest import Scripts
from windmill_lite.runtimes import Failure


async def test_a_script_gets_its_arguments_and_returns_a_result(scripts: Scripts) -> None:
    code = """
    def main(name: str, times: int = 2):
        print("hello", name)
        return {"greeting": f"hello {name}" * times}
    """
    assert await scripts.result(code, name="ada") == {"greeting": "hello adahello ada"}
    assert scripts.text == "hello ada\n"


async def test_an_async_script_is_awaited(scripts: Scripts) -> None:
    code = """
    import asyncio
    async def main(x):
        await asyncio.sleep(0)
        return x + 1
    """
    assert await scripts.result(code, x=1) == 2


async def test_arguments_have_the_types_the_script_asks_for(scripts: Scripts) -> None:
    code = """
    from __future__ import annotations
    from dataclasses import dataclass
    from datetime import date, datetime
    from enum import Enum

    class Color(str, Enum):
        RED = "red"

    @dataclass
    class Order:
        day: date
        color: Color

    def main(order: Order, at: datetime, data: bytes, color: Color = Color.RED):
        return [order.day.year, order.color.name, at.hour, data.decode(), color.name]
    """
    args = {
        "order": {"day": "2024-02-29", "color": "red"},
        "at": "2024-02-29T13:00:00Z",
        "data": base64.b64encode(b"bytes").decode(),
    }
    assert await scripts.result(code, **args) == [2024, "RED", 13, "bytes", "RED"]


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
        ("def main(): yield 1", "NotJsonError", "main returned a generator"),
        ("async def main(): yield 1", "NotJsonError", "main returned a generator"),
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
        ("import os\ndef main(): os.close(4)", "ExecutionErr", "exit code 70 and no result"),
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


@pytest.mark.parametrize("module", ["requests", "numpy", "pydantic", "aiohttp", "windmill_lite"])
async def test_a_package_that_is_not_there_is_named_with_the_reason(
    scripts: Scripts, module: str
) -> None:
    error = await scripts.error(f"import {module}\ndef main(): pass")
    assert error["name"] == "ModuleNotFoundError"
    assert f"{module} is not a part of it" in error["message"]
    assert "line 1, in <module>" in error["stack"]


async def test_a_package_that_is_not_there_can_be_done_without(scripts: Scripts) -> None:
    code = """
    import importlib.util
    try:
        import numpy
    except ImportError:
        numpy = None
    def main():
        return numpy is None and importlib.util.find_spec("pandas") is None
    """
    assert await scripts.result(code) is True


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


async def test_the_main_guard_sleeps(scripts: Scripts) -> None:
    code = """
    called = []
    if __name__ == "__main__":
        called.append("guard")
    def main():
        return called
    """
    assert await scripts.result(code) == []


async def test_dataclasses_pickles_and_sources_know_their_module(scripts: Scripts) -> None:
    code = """
    import inspect, pickle
    from dataclasses import dataclass
    @dataclass
    class Point:
        x: int
    def main():
        return [pickle.loads(pickle.dumps(Point(1))), inspect.getsource(Point).splitlines()[1]]
    """
    assert await scripts.result(code) == [{"x": 1}, "class Point:"]


async def test_a_process_pool_works(scripts: Scripts) -> None:
    code = """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    def square(x):
        return x * x
    def main():
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            return list(pool.map(square, range(4)))
    """
    assert await scripts.result(code) == [0, 1, 4, 9]


async def test_threads_and_exit_functions_finish_before_the_job_does(scripts: Scripts) -> None:
    code = """
    import atexit, threading
    def main():
        atexit.register(print, "exit function")
        threading.Thread(target=print, args=("thread",)).start()
        return 1
    """
    assert await scripts.result(code) == 1
    assert sorted(scripts.text.split("\n")) == ["", "exit function", "thread"]


async def test_a_forked_child_that_returns_does_not_answer(scripts: Scripts) -> None:
    code = """
    import os
    def main():
        if os.fork() == 0:
            return "child"
        return os.wait()[1]
    """
    assert await scripts.result(code) == 0


async def test_output_of_both_kinds_keeps_its_order(scripts: Scripts) -> None:
    code = r"""
    import sys, logging
    logging.basicConfig(level="INFO", format="%(message)s")
    def main():
        for n in range(3):
            print("out", n)
            logging.info("err %d", n)
        print("\ud800", end="")
    """
    assert await scripts.result(code) is None
    assert scripts.text == "out 0\nerr 0\nout 1\nerr 1\nout 2\nerr 2\n\\ud800"


async def test_a_closed_output_does_not_fail_the_job(scripts: Scripts) -> None:
    code = """
    import os, sys
    def main():
        sys.stdout.close()
        os.close(1)
        os.close(2)
        return "quiet"
    """
    assert await scripts.result(code) == "quiet"


async def test_odd_values_survive_the_way(scripts: Scripts) -> None:
    code = r"""
    def main(text):
        return [text, "\x00", "\ud800", float("nan"), 2**64]
    """
    assert await scripts.result(code, text="a\x00ü😀") == [
        "a\x00ü😀",
        "\x00",
        "\ufffd",
        None,
        2**64,
    ]


async def test_a_result_of_megabytes_arrives(scripts: Scripts) -> None:
    assert len(await scripts.result("def main(): return 'x' * (9 << 20)")) == 9 << 20


async def test_arguments_of_megabytes_arrive(scripts: Scripts) -> None:
    assert await scripts.result("def main(x): return len(x)", x="x" * (20 << 20)) == 20 << 20


async def test_a_result_above_the_ceiling_fails_the_job(scripts: Scripts) -> None:
    error = await scripts.error("def main(): return 'x' * (11 << 20)")
    assert error["name"] == "ResultTooLarge"
    assert "10 MiB" in error["message"]


async def test_the_environment_is_the_jobs_own(scripts: Scripts) -> None:
    code = """
    import os, pathlib
    def main():
        return [os.environ["WM_WORKSPACE"], os.getcwd() == str(pathlib.Path.home()), sorted(os.environ)]
    """
    workspace, at_home, names = await scripts.result(code)
    assert (workspace, at_home) == ("demo", True)
    assert names == ["HOME", "LANG", "PATH", "PWD", "PYTHONUNBUFFERED", "TMPDIR", "WM_WORKSPACE"]


async def test_the_standard_library_is_whole(scripts: Scripts) -> None:
    code = """
    import subprocess, sqlite3, ssl, sys, zoneinfo, ctypes, decimal, tempfile, lzma, bz2
    def main():
        with tempfile.NamedTemporaryFile() as file:
            sqlite3.connect(file.name).execute("create table t (a)")
        ssl.create_default_context()
        run = subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, check=True)
        return [run.stdout.decode(), zoneinfo.ZoneInfo("Europe/Vienna").key]
    """
    assert await scripts.result(code) == ["42\n", "Europe/Vienna"]


async def test_two_jobs_share_nothing(scripts: Scripts) -> None:
    code = """
    import json, os, random, secrets, uuid
    json.planted = getattr(json, "planted", 0) + 1
    def main():
        open("/tmp/planted", "x").close()
        return [json.planted, random.random(), secrets.token_hex(), str(uuid.uuid1()), str(uuid.uuid4())]
    """
    first, second = await asyncio.gather(scripts.result(code), scripts.result(code))
    assert first[0] == second[0] == 1
    assert not set(first[1:]) & set(second[1:])
