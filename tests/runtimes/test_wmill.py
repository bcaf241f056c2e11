"""Every Python script can import wmill, and it asks the API what Windmill's own client asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from textwrap import dedent
from threading import Thread
from typing import Any

import pytest

from tests.runtimes.conftest import Scripts

ID = "01a20000-0000-7000-8000-000000000001"


@dataclass
class Desk:
    """Answers what it was told to, and remembers what it was asked."""

    answers: dict[str, Any] = field(default_factory=dict)  # by method and address
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def prelude(self) -> str:
        told = {
            "BASE_INTERNAL_URL": f"http://127.0.0.1:{self.port}",
            "WM_TOKEN": "t0ken",
            "WM_JOB_ID": ID,
            "WM_STATE_PATH": "f/ops/hello/user",
        }
        return f"import os\nos.environ.update({told!r})\nimport wmill\n"


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            line = f"{self.command} {self.path}"
            desk.asked.append(f"{line} {body}".strip())
            known = self.headers["Authorization"] == "Bearer t0ken" and line in desk.answers
            value = desk.answers[line] if known else f"Not found: {self.path}"
            data = (value if isinstance(value, str) else json.dumps(value)).encode()
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    desk.port = server.server_port
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield desk
    server.shutdown()
    thread.join()
    server.server_close()


async def result(scripts: Scripts, desk: Desk, body: str) -> Any:
    return await scripts.result(desk.prelude() + dedent(body).lstrip("\n"))


W = "/api/w/demo"


async def test_variables_and_resources_are_read_and_written(scripts: Scripts, desk: Desk) -> None:
    desk.answers = {
        f"GET {W}/variables/get_value/u/ada/x": '"secret"',
        f"GET {W}/variables/exists/u/ada/x": True,
        f"GET {W}/variables/exists/u/ada/new": False,
        f"POST {W}/variables/update/u/ada/x": "",
        f"POST {W}/variables/create": "",
        f"GET {W}/resources/get_value_interpolated/f/db/main?job_id={ID}": {"host": "h"},
    }
    code = """
    def main():
        wmill.set_variable("u/ada/x", "1")
        wmill.set_variable("u/ada/new", "2", is_secret=True)
        missing = wmill.get_resource("f/db/none", none_if_undefined=True)
        return [wmill.get_variable("u/ada/x"), wmill.get_resource("$res:f/db/main"), missing]
    """
    assert await result(scripts, desk, code) == ["secret", {"host": "h"}, None]
    assert f'POST {W}/variables/update/u/ada/x {{"value": "1"}}' in desk.asked
    created = next(line for line in desk.asked if "/variables/create" in line)
    assert json.loads(created.partition("create ")[2]) == {
        "path": "u/ada/new",
        "value": "2",
        "is_secret": True,
        "description": "",
    }


async def test_a_state_is_a_resource_at_the_jobs_path(scripts: Scripts, desk: Desk) -> None:
    path = "f/ops/hello/user"
    desk.answers = {
        f"GET {W}/resources/exists/{path}": False,
        f"POST {W}/resources/create": "",
    }
    code = """
    def main():
        before = wmill.get_state()
        wmill.set_state({"n": 1})
        return before
    """
    assert await result(scripts, desk, code) is None
    assert '"resource_type": "state"' in desk.asked[-1]


async def test_a_run_is_started_below_this_one_and_waited_for(scripts: Scripts, desk: Desk) -> None:
    maybe = f"GET {W}/jobs_u/completed/get_result_maybe/{ID}?get_started=true"
    desk.answers = {
        f"POST {W}/jobs/run/p/f/ops/other?tag=gpu&parent_job={ID}": ID,
        maybe: {"started": True, "completed": True, "success": True, "result": [1]},
    }
    code = 'def main(): return wmill.run_script_by_path("f/ops/other", {"a": 1}, tag="gpu")'
    assert await result(scripts, desk, code) == [1]
    assert desk.asked[0].endswith('{"a": 1}')
    error = {"error": {"name": "ValueError", "message": "no"}}
    desk.answers[maybe] = {"started": True, "completed": True, "success": False, "result": error}
    failed = await scripts.error(desk.prelude() + code)
    assert failed["message"] == f"Job {ID} was not successful: {error['error']}"
    desk.answers[maybe] = {"started": True, "completed": True, "success": True, "result": None}
    assert (await scripts.error(desk.prelude() + code))["message"] == "Result was none"
    assert await result(scripts, desk, code.replace("wmill.run", "wmill.Windmill().run")) is None


async def test_arguments_may_stand_where_the_published_package_has_them(
    scripts: Scripts, desk: Desk
) -> None:
    maybe = f"GET {W}/jobs_u/completed/get_result_maybe/{ID}?get_started=true"
    waiting = {"started": False, "completed": False, "success": None, "result": None}
    desk.answers = {
        f"POST {W}/jobs/run/p/f/ops/other?parent_job={ID}": ID,
        f"POST {W}/jobs/run/h/abc?parent_job={ID}": ID,
        maybe: {"started": True, "completed": True, "success": True, "result": 1},
        f"GET {W}/resources/exists/f/db/main": True,
        f"POST {W}/resources/update_value/f/db/main": "",
        f"POST {W}/jobs_u/queue/cancel/{ID}": ID,
    }
    code = """
    def main():
        client = wmill.Windmill()
        client.set_resource({"host": "h"}, "res://f/db/main", "any")
        return [
            wmill.run_script("f/ops/other", None, {}, 5, False, True, True),
            wmill.run_script_by_path_sync("f/ops/other", {}, False, True, True, 5),
            wmill.run_script_sync("abc", {}, False, True),
            client.run_script_async(hash_="abc"),
            client.state_path,
        ]
    """
    assert await result(scripts, desk, code) == [1, 1, 1, ID, "f/ops/hello/user"]
    desk.answers[maybe] = waiting
    code = 'def main(): return wmill.run_script("f/ops/other", timeout=0.01)'
    late = await scripts.error(desk.prelude() + code)
    assert (late["name"], late["message"]) == ("TimeoutError", "reached timeout")
    assert desk.asked[-1].endswith('{"reason": "reached timeout"}')


async def test_states_of_a_flow_are_kept_nowhere_outside_of_one(
    scripts: Scripts, desk: Desk
) -> None:
    desk.answers = {f"GET {W}/jobs_u/get_root_job_id/{ID}": json.dumps(ID)}
    code = "def main(): return wmill.set_flow_user_state('k', 1), wmill.get_flow_user_state('k')"
    assert await result(scripts, desk, code) == [None, None]
    assert scripts.text == f"Job {ID} does not exist or is not a flow\n" * 2


async def test_every_function_is_a_method_of_a_client(scripts: Scripts, desk: Desk) -> None:
    desk.answers = {
        "GET /api/w/other/variables/get_value/u/ada/x": '"there"',
        "GET /api/version": "CE v1",
    }
    code = """
    def main():
        client = wmill.Windmill(workspace="other")
        return [client.get_variable("u/ada/x"), client.get("version").text, wmill.get_workspace()]
    """
    assert await result(scripts, desk, code) == ["there", "CE v1", "demo"]


async def test_a_refusal_of_the_api_is_told_in_its_words(scripts: Scripts, desk: Desk) -> None:
    error = await scripts.error(desk.prelude() + 'def main(): wmill.get_variable("u/ada/none")')
    assert error["name"] == "HTTPStatusError"
    place = f"http://127.0.0.1:{desk.port}{W}/variables/get_value/u/ada/none"
    assert error["message"].startswith(f"{place}: 404, Not found: ")


async def test_names_of_the_published_package_that_are_not_here_say_how_to_get_it(
    scripts: Scripts,
) -> None:
    error = await scripts.error("import wmill\n\ndef main(): wmill.load_s3_file('x')")
    assert "pin: wmill==" in error["message"]
    annotated = "import wmill\n\ndef main(x: wmill.S3Object = None): return x"
    assert await scripts.result(annotated) is None


async def test_a_module_of_the_same_name_that_a_script_brings_is_found_first(
    scripts: Scripts,
) -> None:
    code = """
    import importlib, pathlib
    pathlib.Path("wmill").mkdir()
    pathlib.Path("wmill/__init__.py").write_text("mine = 1")
    import wmill

    def main():
        try:
            importlib.import_module("wmill.jobs")
        except ImportError:
            return wmill.mine
    """
    assert await scripts.result(code) == 1


async def test_what_is_added_to_the_stream_is_one_line(scripts: Scripts) -> None:
    await scripts.result("import wmill\n\ndef main(): wmill.stream_result(['a\\nb', 2])")
    assert scripts.text == "WM_STREAM: a\\nb\nWM_STREAM: 2\n"
