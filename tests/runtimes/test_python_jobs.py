"""Python scripts as people write them, run for real."""

from __future__ import annotations

import asyncio
import base64

from tests.runtimes.conftest import Scripts
from windmill_lite.runtimes import Call, Success, outcome_of


async def test_a_script_gets_its_arguments_and_returns_a_result(scripts: Scripts) -> None:
    code = """
    def main(name: str, times: int = 2):
        print("hello", name)
        return {"greeting": f"hello {name}" * times}
    """
    assert await scripts.result(code, name="ada") == {"greeting": "hello adahello ada"}
    assert scripts.text == "hello ada\n"


async def test_clocks_show_the_zone_that_the_environment_names(scripts: Scripts) -> None:
    code = "import time\ndef main():\n    return time.strftime('%z')\n"
    for zone, shown in (("UTC", "+0000"), ("JST-9", "+0900")):
        call = Call(job_id=zone, code=code, path="", args_json="{}", env={"TZ": zone})
        cell = scripts.runtime.command(call)
        end = await scripts.server.run(cell, scripts.output.append)
        assert outcome_of(cell, end) == Success(f'"{shown}"')


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


async def test_the_environment_is_the_jobs_own(scripts: Scripts) -> None:
    code = """
    import os, pathlib
    def main():
        at_home = os.getcwd() == str(pathlib.Path.home())
        return [os.environ["WM_WORKSPACE"], at_home, sorted(os.environ)]
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
        python = [sys.executable, "-c", "print(6 * 7)"]
        run = subprocess.run(python, capture_output=True, check=True)
        return [run.stdout.decode(), zoneinfo.ZoneInfo("Europe/Vienna").key]
    """
    assert await scripts.result(code) == ["42\n", "Europe/Vienna"]


async def test_two_jobs_share_nothing(scripts: Scripts) -> None:
    code = """
    import json, os, random, secrets, ssl, uuid
    json.planted = getattr(json, "planted", 0) + 1
    def main():
        open("/tmp/planted", "x").close()
        ids = [str(uuid.uuid1()), str(uuid.uuid4())]
        drawn = [random.random(), secrets.token_hex(), ssl.RAND_bytes(16).hex()]
        return [json.planted, *drawn, *ids]
    """
    first, second = await asyncio.gather(scripts.result(code), scripts.result(code))
    assert first[0] == second[0] == 1
    assert not set(first[1:]) & set(second[1:])
