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


@pytest.mark.skipif(
    not CLI.exists() or shutil.which("node") is None,
    reason="run: python packaging/prepare.py node windmill",
)
def test_the_command_line_pushes_lists_and_runs_a_flow(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "f" / "ops" / "count.flow"
    folder.mkdir(parents=True)
    (folder / "flow.yaml").write_text(FLOW)
    (folder / "a.inline_script.py").write_text("def main(n: int):\n    return list(range(n))\n")
    (folder / "b.inline_script.py").write_text("def main(x: int):\n    return x * 21\n")

    def wmill(*words: str) -> str:
        who = ("--base-url", client.url, "--token", client.token, "--workspace", "main")
        done = subprocess.run(
            ["node", str(CLI), *who, *words],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    push = ("flow", "push", "f/ops/count.flow", "f/ops/count")
    assert "Creating new flow" in wmill(*push)
    assert "is up to date" in wmill(*push), "what was pushed is given back as it was"
    assert "f/ops/count" in wmill("flow", "list")
    ran = wmill("flow", "run", "f/ops/count", "-d", '{"n": 3}')
    assert "Flow ran to completion" in ran
    assert ran.rstrip().splitlines()[-2].strip() == "42"


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
