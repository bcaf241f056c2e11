"""Every language over HTTP: deployed under a path, run with arguments, its result and its error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests._toolchains import lend, needs
from tests.roles._client import Client, admin_of
from tests.roles._process import until
from tests.roles.conftest import starting

RUN = "/api/w/main/jobs/run_wait_result/p"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("languages")
    (home / "solo" / "data").mkdir(parents=True)
    lend(home / "solo" / "data")
    with starting(home) as start:
        yield admin_of(start("--install-runtimes", "never"))


def deploy(client: Client, path: str, language: str, content: str) -> None:
    body = {"path": path, "language": language, "content": content, "summary": ""}
    answer = client.post("/api/w/main/scripts/create", body)
    assert answer.status == 201, answer


def test_a_bash_script_is_deployed_and_run(client: Client) -> None:
    code = 'who="${1:-}"\n[ "$who" != nobody ] || exit 7\necho "hello ${who:-you}"\n'
    deploy(client, "u/ada/greet", "bash", code)
    assert client.post(f"{RUN}/u/ada/greet", {"who": "ada"}).json == "hello ada"
    refused = client.post(f"{RUN}/u/ada/greet", {"who": "nobody"})
    assert (refused.status, refused.json["error"]["name"]) == (422, "ExecutionErr")
    assert "exit code 7 at line 2" in refused.json["error"]["message"]
    job_id = client.post("/api/w/main/jobs/run/p/u/ada/greet", {}).body
    job = client.done(job_id)
    assert (job["language"], job["tag"], job["result"]) == ("bash", "bash", "hello you")


def test_a_python_script_has_the_client_of_the_api(client: Client) -> None:
    deploy(client, "u/ada/other", "python3", "def main(n: int): return n + 1\n")
    code = """import os
import wmill

def main():
    wmill.set_variable("u/ada/seen", "one", is_secret=True)
    wmill.set_variable("u/ada/seen", "two")
    wmill.set_resource("u/ada/box", {"key": "$var:u/ada/seen"})
    count = (wmill.get_state() or 0) + 1
    wmill.set_state(count)
    wmill.set_progress(50)
    job_id = wmill.run_script_async("u/ada/other", {"n": 1})
    return {
        "variable": wmill.get_variable("u/ada/seen"),
        "resource": wmill.get_resource("u/ada/box"),
        "count": count,
        "other": wmill.wait_job(job_id),
        "parent": wmill.get_job(job_id)["parent_job"] == os.environ["WM_JOB_ID"],
        "status": wmill.get_job_status(job_id),
        "result": wmill.get_result(job_id),
        "root": wmill.get_root_job_id() == os.environ["WM_JOB_ID"],
        "who": wmill.whoami()["email"],
    }
"""
    deploy(client, "u/ada/client", "python3", code)
    expected = {
        "variable": "two",
        "resource": {"key": "two"},
        "count": 1,
        "other": 2,
        "parent": True,
        "status": "COMPLETED",
        "result": 2,
        "root": True,
        "who": "ada@here.test",
    }
    assert client.post(f"{RUN}/u/ada/client", {}).json == expected
    assert client.post(f"{RUN}/u/ada/client", {}).json == expected | {"count": 2}


@needs("bun")
def test_a_typescript_script_is_deployed_and_run(client: Client) -> None:
    code = """
    export async function main(who: string, times: number = 2) {
      if (who === "nobody") throw new RangeError("nobody is there");
      return { greeting: `hello ${who} `.repeat(times).trim() };
    }
    """
    deploy(client, "u/ada/greet_ts", "bun", code)
    answer = client.post(f"{RUN}/u/ada/greet_ts", {"who": "ada"})
    assert answer.json == {"greeting": "hello ada hello ada"}
    refused = client.post(f"{RUN}/u/ada/greet_ts", {"who": "nobody"})
    assert (refused.status, refused.json["error"]["name"]) == (422, "RangeError")
    assert "u/ada/greet_ts.ts:3:" in refused.json["error"]["stack"]


@needs("bun")
@pytest.mark.timeout(300)
def test_a_version_has_the_lock_that_was_found_for_it(client: Client) -> None:
    code = """
    import { z } from "zod@3.23.8";
    import * as wmill from "windmill-client";
    export function main(n: number) {
      return [z.number().parse(n), typeof wmill.getResource];
    }
    """
    deploy(client, "u/ada/packages", "bun", code)
    job_id = client.post("/api/w/main/jobs/run/p/u/ada/packages", {"n": 3}).body
    until(lambda: client.job(job_id)["type"] == "CompletedJob", "it is installed", within_s=250)
    assert client.job(job_id)["result"] == [3, "function"], client.log(job_id)
    lock = client.get("/api/w/main/scripts/get/p/u/ada/packages").json["lock"]
    assert '"zod@3.23.8"' in lock.partition("//bun.lock")[2]
    again = client.post(f"{RUN}/u/ada/packages", {"n": 4})
    assert again.json == [4, "function"]


@needs("go")
@pytest.mark.timeout(600)
def test_a_go_script_is_deployed_and_run(client: Client) -> None:
    code = """package inner

import "fmt"

func main(who string, times int) (any, error) {
	if times < 1 {
		return nil, fmt.Errorf("%d times", times)
	}
	return map[string]any{"who": who, "times": times}, nil
}
"""
    deploy(client, "u/ada/greet_go", "go", code)
    job_id = client.post("/api/w/main/jobs/run/p/u/ada/greet_go", {"who": "ada", "times": 1}).body
    until(lambda: client.job(job_id)["type"] == "CompletedJob", "it is built", within_s=500)
    assert client.job(job_id)["result"] == {"who": "ada", "times": 1}
    refused = client.post(f"{RUN}/u/ada/greet_go", {"who": "ada", "times": 0})
    assert (refused.status, refused.json["error"]["message"]) == (422, "0 times")
