"""Windmill's own clients, unchanged, against us: flows are pushed, listed, run and approved."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.roles._client import Client, admin_of
from tests.roles._process import REPO, until
from tests.roles.conftest import starting

CLI = REPO / "build" / "windmill" / "node_modules" / "windmill-cli" / "esm" / "main.js"
FLOW = """\
summary: Count
description: ''
value:
  modules:
    - id: a
      value:
        type: rawscript
        content: '!inline a.inline_script.py'
        language: python3
        input_transforms:
          n: {type: javascript, expr: flow_input.n}
    - id: l
      value:
        type: forloopflow
        iterator: {type: javascript, expr: results.a}
        skip_failures: false
        modules:
          - id: b
            value:
              type: rawscript
              content: '!inline b.inline_script.py'
              language: python3
              input_transforms:
                x: {type: javascript, expr: flow_input.iter.value}
schema:
  $schema: https://json-schema.org/draft/2020-12/schema
  type: object
  order: [n]
  properties:
    n: {type: integer}
  required: [n]
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with starting(tmp_path_factory.mktemp("official")) as start:
        yield admin_of(start("--install-runtimes", "never"))


official = pytest.mark.skipif(
    not CLI.exists() or shutil.which("node") is None,
    reason="run: python packaging/prepare.py node windmill",
)


def wmill(client: Client, folder: Path, *words: str) -> str:
    who = ("--base-url", client.url, "--token", client.token, "--workspace", "main")
    done = subprocess.run(
        ["node", str(CLI), *who, *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@official
def test_a_workspace_is_kept_in_a_folder_and_pushed_back(client: Client, tmp_path: Path) -> None:
    secret = {"path": "f/sync/token", "value": "hidden", "is_secret": True, "description": ""}
    db = {"path": "f/sync/db", "value": {"host": "here"}, "resource_type": "postgresql"}
    code = {"path": "f/sync/add", "language": "bash", "content": "echo $1", "summary": ""}
    for path, body in (("variables", secret), ("resources", db), ("scripts", code)):
        assert client.post(f"/api/w/main/{path}/create", body).status == 201
    (tmp_path / "wmill.yaml").write_text("includes: [f/sync/**]\nskipSecrets: false\n")
    assert "changes applied locally" in wmill(client, tmp_path, "sync", "pull", "--yes")
    assert "hidden" not in (tmp_path / "f/sync/token.variable.yaml").read_text()
    assert " 0 changes" in wmill(client, tmp_path, "sync", "pull", "--yes")
    assert " 0 changes" in wmill(client, tmp_path, "sync", "push", "--yes")
    (tmp_path / "f/sync/db.resource.yaml").write_text(
        "resource_type: postgresql\nvalue: {host: there}\n"
    )
    (tmp_path / "f/sync/made.variable.yaml").write_text(
        "value: new\nis_secret: false\ndescription: ''\n"
    )
    (tmp_path / "f/sync/add.sh").unlink()
    (tmp_path / "f/sync/add.script.yaml").unlink()
    assert "3 changes pushed" in wmill(client, tmp_path, "sync", "push", "--yes")
    value = "/api/w/main/variables/get_value/f/sync"
    assert client.get("/api/w/main/resources/get_value/f/sync/db").json == {"host": "there"}
    assert (client.get(f"{value}/made").json, client.get(f"{value}/token").json) == (
        *("new", "hidden"),
    )
    assert client.get("/api/w/main/scripts/get/p/f/sync/add").json["archived"] is True


@official
def test_the_command_line_pushes_lists_and_runs_a_flow(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "f" / "ops" / "count.flow"
    folder.mkdir(parents=True)
    (folder / "flow.yaml").write_text(FLOW)
    (folder / "a.inline_script.py").write_text("def main(n: int):\n    return list(range(n))\n")
    (folder / "b.inline_script.py").write_text("def main(x: int):\n    return x * 21\n")

    def asked(*words: str) -> str:
        return wmill(client, tmp_path, *words)

    push = ("flow", "push", "f/ops/count.flow", "f/ops/count")
    assert "Creating new flow" in asked(*push)
    assert "is up to date" in asked(*push), "what was pushed is given back as it was"
    assert "f/ops/count" in asked("flow", "list")
    ran = asked("flow", "run", "f/ops/count", "-d", '{"n": 3}')
    assert "Flow ran to completion" in ran
    assert ran.rstrip().splitlines()[-2].strip() == "42"
    [first] = client.get("/api/w/main/jobs/list?script_path_exact=f/ops/count").json
    again = asked("job", "rerun", first["id"]).strip()
    assert client.done(again)["result"] == [0, 21, 42]
    assert "Worker Group: default (1 workers)" in asked("workers")
    assert "python3" in asked("queues", "main")


def test_a_step_asks_people_with_the_client_for_python(client: Client) -> None:
    asks = "import wmill\ndef main():\n    return wmill.get_resume_urls('ann')\n"
    asking = {"type": "rawscript", "language": "python3", "content": asks, "input_transforms": {}}
    expr = {"r": {"type": "javascript", "expr": "[resume, approvers]"}}
    told = "def main(r):\n    return r\n"
    telling = {"type": "rawscript", "language": "python3", "content": told}
    modules = [
        {"id": "a", "value": asking, "suspend": {"required_events": 1}},
        {"id": "b", "value": telling | {"input_transforms": expr}},
    ]
    asked = {"value": {"modules": modules}}
    id = client.post("/api/w/main/jobs/run/preview_flow", asked).body
    until(lambda: client.job(id).get("suspend"), "the flow waits for people")
    urls = client.get(f"/api/w/main/jobs/result_by_id/{id}/a").json
    assert urls["approvalPage"].startswith(f"{client.url}/approve/main/")
    stranger = Client(client.url)
    answer = stranger.post(urls["resume"].removeprefix(client.url), {"ok": True})
    assert answer.status == 201, answer
    assert client.done(id)["result"] == [{"ok": True}, ["ann"]]
