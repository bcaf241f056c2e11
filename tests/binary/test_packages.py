"""Scripts with packages, run by the one file: the first time, and then without any registry.

uv and bun come out of the file itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.binary.test_executable import BUILT
from tests.roles._client import ADMIN, Client, admin_of
from tests.roles._process import Process, until
from tests.roles.conftest import Start, starting
from windmill_lite.runtimes.packs import PACKS

pytestmark = [
    pytest.mark.binary,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not BUILT.exists(), reason="needs dist/windmill-lite: run `make dist`"),
]

PYTHON = """
import httpx
import numpy
import pandas
import psycopg
import pydantic
import wmill


class Order(pydantic.BaseModel):
    count: int = pydantic.Field(gt=0)


def main(count: int):
    frame = pandas.DataFrame({"n": numpy.arange(Order(count=count).count)})
    url = str(httpx.URL("https://here.test", params={"n": count}))
    return [int(frame.n.sum()), url, psycopg.pq.version() > 0, wmill.get_workspace()]
"""
TYPESCRIPT = """
import { z } from "zod@3.23.8";
import axios from "axios";

export function main(count: number) {
  const url = axios.getUri({ url: "https://here.test", params: { n: count } });
  return [z.number().positive().parse(count), url];
}
"""
#: Nothing of this can be asked.
CUT_OFF = {
    "PIP_CONFIG_FILE": "/dev/null",
    "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
    "npm_config_registry": "http://127.0.0.1:9/",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path) as found:
        yield found


def begin(start: Start, **more: str) -> tuple[Process, Client]:
    process = start(program=(str(BUILT),), env=ADMIN | {"PYTHONPATH": ""} | more)
    return process, admin_of(process)


def deploy(client: Client, path: str, language: str, content: str) -> None:
    body = {"path": path, "language": language, "content": content, "summary": ""}
    assert client.post("/api/w/main/scripts/create", body).status == 201

    def locked() -> bool:
        script = client.get(f"/api/w/main/scripts/get/p/{path}").json
        assert "lock_error_logs" not in script, script["lock_error_logs"]
        return "lock" in script

    until(locked, f"{path} has a lock", within_s=150)


def run(client: Client, path: str) -> Any:
    answer = client.post(f"/api/w/main/jobs/run_wait_result/p/{path}", {"count": 4})
    assert answer.status == 200, answer
    return answer.json


def test_typescript_runs_on_the_bun_in_the_file_when_nothing_can_be_fetched(start: Start) -> None:
    _, client = begin(start, WINDMILL_LITE_INSTALL_RUNTIMES="never", **CUT_OFF)
    body = {"language": "bun", "content": "export const main = () => Bun.version", "args": {}}
    answer = client.post("/api/w/main/jobs/run_wait_result/preview", body)
    assert (answer.status, answer.json) == (200, PACKS["bun"].version), answer


def test_packages_are_fetched_once_and_then_there_without_any_registry(start: Start) -> None:
    python = [6, "https://here.test?n=4", True, "main"]
    typescript = [4, "https://here.test?n=4"]
    process, client = begin(start)
    deploy(client, "u/ada/pandas", "python3", PYTHON)
    deploy(client, "u/ada/zod", "bun", TYPESCRIPT)
    assert run(client, "u/ada/pandas") == python
    assert run(client, "u/ada/zod") == typescript
    assert process.stop() == 0
    _, client = begin(start, **CUT_OFF)
    for _ in range(4):  # soon in a server that has them imported
        assert run(client, "u/ada/pandas") == python
    assert run(client, "u/ada/zod") == typescript
