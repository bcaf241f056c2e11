"""Scripts with packages, run by the one file: the first time, and then without any registry.

uv and bun come out of the file itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests._pythons import OTHERS, another, asking
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
#: A source without a wheel, built by the executable as Python; and compiled wheels for another one.
SOURCE = """
#requirements:
#docopt==0.6.2
import docopt

def main(count: int):
    return docopt.__version__
"""
OTHER = """
#requirements:
#pydantic==2.11.7
import sys
import pydantic

class Order(pydantic.BaseModel):
    count: int

def main(count: int):
    return [Order(count=str(count)).count, sys.version.split()[0]]
"""
#: Nothing of this can be asked.
CUT_OFF = {
    "PIP_CONFIG_FILE": "/dev/null",
    "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
    "npm_config_registry": "http://127.0.0.1:9/",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}


#: For the Pythons of who runs the tests.
HOME = {"HOME": os.environ.get("HOME", "")}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path) as found:
        yield found


def begin(start: Start, **more: str) -> tuple[Process, Client]:
    process = start(program=(str(BUILT),), env=ADMIN | {"PYTHONPATH": ""} | more)
    return process, admin_of(process)


def deploy(client: Client, language: str, **contents: str) -> None:
    """All at once; returns when each has its lock."""
    for name, content in contents.items():
        body = {"path": f"u/ada/{name}", "language": language, "content": content, "summary": ""}
        assert client.post("/api/w/main/scripts/create", body).status == 201

    def locked(path: str) -> bool:
        script = client.get(f"/api/w/main/scripts/get/p/{path}").json
        assert "lock_error_logs" not in script, script["lock_error_logs"]
        return "lock" in script

    for name in contents:
        until(partial(locked, f"u/ada/{name}"), f"{name} has a lock", within_s=150)


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
    deploy(client, "python3", pandas=PYTHON, source=SOURCE)
    deploy(client, "bun", zod=TYPESCRIPT)
    assert run(client, "u/ada/pandas") == python
    assert run(client, "u/ada/zod") == typescript
    assert run(client, "u/ada/source") == "0.6.2"
    assert process.stop() == 0
    _, client = begin(start, **CUT_OFF)
    for _ in range(4):  # soon in a server that has them imported
        assert run(client, "u/ada/pandas") == python
    assert run(client, "u/ada/zod") == typescript
    assert run(client, "u/ada/source") == "0.6.2"


@another
def test_another_python_has_its_own_packages_and_what_is_not_here_is_told_with_the_command(
    start: Start,
) -> None:
    process, client = begin(start, **HOME)
    deploy(client, "python3", other=asking(OTHER))
    assert run(client, "u/ada/other") == [4, OTHERS[0].version]
    assert process.stop() == 0
    _, client = begin(start, WINDMILL_LITE_INSTALL_RUNTIMES="never", **CUT_OFF, **HOME)
    assert run(client, "u/ada/other") == [4, OTHERS[0].version]
    newest = max(PACKS, key=lambda name: (name.startswith("python"), name))
    body = {"language": "python3", "args": {}}
    body["content"] = f"#py: =={PACKS[newest].version}\ndef main(): ..."
    answer = client.post("/api/w/main/jobs/run_wait_result/preview", body)
    assert f"windmill-lite runtime install {newest}" in str(answer.json), answer
    assert "here are 3." in str(answer.json)
