"""Modules that a Go script imports are found, locked and fetched; from a proxy of our own."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests._toolchains import built, needs, toolchains
from tests.runtimes.conftest import Scripts
from windmill_lite.runtimes import Call, Go, Kept, Step
from windmill_lite.worker.steps import Steps

pytestmark = [needs("go"), pytest.mark.timeout(600)]

NAME = "words.test/hello"
CODE = f"""package inner

import (
	"{NAME}"
	"strings"
)

func main(who string) (string, error) {{
	return strings.ToUpper(hello.To(who)), nil
}}
"""
CALL = Call("1", CODE, "f/ops/hello", '{"who": "ada"}', {"WM_TOKEN": "secret"}, timeout_s=60)


def _files() -> dict[str, bytes]:
    """What a module proxy answers, by address."""
    mod = f"module {NAME}\n\ngo 1.21\n".encode()
    code = b'package hello\n\nfunc To(who string) string { return "hello " + who }\n'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{NAME}@v1.2.0/go.mod", mod)
        archive.writestr(f"{NAME}@v1.2.0/hello.go", code)
    told = json.dumps({"Version": "v1.2.0", "Time": "2024-02-29T00:00:00Z"}).encode()
    return {
        f"/{NAME}/@v/list": b"v1.2.0\n",
        f"/{NAME}/@latest": told,
        f"/{NAME}/@v/v1.2.0.info": told,
        f"/{NAME}/@v/v1.2.0.mod": mod,
        f"/{NAME}/@v/v1.2.0.zip": buffer.getvalue(),
    }


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What it was asked."""
    files, asked = _files(), list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            data = files.get(self.path)
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("GOPROXY", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("GOSUMDB", "off")
    yield asked
    server.shutdown()
    thread.join()
    server.server_close()


async def test_modules_are_fetched_once_and_then_there_without_any_network(
    scripts: Scripts, proxy: list[str], tmp_path: Path
) -> None:
    scripts.runtime = Go(toolchains(), built())
    assert await scripts.result(CODE, who="ada") == "HELLO ADA"
    asked = len(proxy)
    assert await scripts.result(CODE, who="bob") == "HELLO BOB"
    assert len(proxy) == asked


async def test_a_lock_names_modules_in_their_versions(scripts: Scripts, proxy: list[str]) -> None:
    steps = Steps(scripts.server, built())
    ready = await steps.ready(Go(toolchains(), built()), CALL, scripts.output.append)
    assert isinstance(ready, Call), ready
    mod, split, sums = ready.lock.partition("\n//go.sum\n")
    assert split
    assert f"require {NAME} v1.2.0" in mod
    assert sums.count("h1:") == 2


async def test_a_module_that_is_not_there_is_named(scripts: Scripts, proxy: list[str]) -> None:
    scripts.runtime = Go(toolchains(), built())
    error = await scripts.error(CODE.replace(NAME, "words.test/none"))
    assert error["name"] == "BuildError"
    assert "words.test/none" in error["message"]


def test_nothing_of_the_job_is_in_the_cells_that_fetch(tmp_path: Path) -> None:
    runtime = Go(toolchains(), Kept(tmp_path))
    step = runtime.lock(CALL)
    assert isinstance(step, Step)
    assert "secret" not in repr(step)
    assert "ToUpper" not in repr(step)
    assert runtime.lock(replace(CALL, code='package inner\nimport "fmt"\n')) == ""
