"""Processes of TypeScript that are kept between the runs of a version."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests._toolchains import needs
from tests.worker._kept import Runs, runs, step

pytestmark = needs("bun")


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Runs]:
    async with runs(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("language", ["bun", pytest.param("deno", marks=needs("deno"))])
async def test_typescript_is_kept_too(kept: Runs, language: str) -> None:
    code = """
    let count = 0;
    export async function main(x: string, fail = false) {
      console.log("run", process.env.WM_JOB_ID);
      count++;
      await new Promise((done) => setTimeout(done, 1));
      if (fail) throw new TypeError("no");
      return [count, x];
    }
    """
    more: dict[str, Any] = {"language": language}
    assert await kept.result(code, {"x": "a"}, **more) == [1, "a"]
    assert kept.output == [b"run 7\n"]
    error = await kept.error(code, {"x": "a", "fail": True}, **more)
    assert (error["name"], error["message"]) == ("TypeError", "no")
    assert await kept.result(code, {"x": "b"}, **more) == [3, "b"]


@pytest.mark.parametrize(
    ("ending", "name"),
    [
        ("process.exit(3)", "ExecutionErr"),
        (
            "setTimeout(() => { throw new RangeError('late') }); await new Promise(() => {})",
            "RangeError",
        ),
        ("return 'x'.repeat(11_000_000)", "ResultTooLarge"),
    ],
)
async def test_a_typescript_run_that_ends_its_process_is_told_how(
    kept: Runs, ending: str, name: str
) -> None:
    code = f"""
    let count = 0;
    export async function main(end = false) {{
      count++;
      if (end) {{ {ending} }}
      return count;
    }}
    """
    more: dict[str, Any] = {"language": "bun"}
    assert await kept.result(code, **more) == 1
    assert (await kept.error(code, {"end": True}, **more))["name"] == name
    assert await kept.result(code, **more) == (3 if name == "ResultTooLarge" else 1)


@pytest.mark.parametrize("language", ["bun", pytest.param("deno", marks=needs("deno"))])
async def test_the_client_of_the_api_has_the_token_of_the_run_it_is_asked_in(
    kept: Runs, language: str
) -> None:
    code = """
    import * as wmill from "windmill-client";
    export async function main() {
      const paths: (string | null)[] = [];
      const before = globalThis.fetch;
      globalThis.fetch = (async (_: unknown, request: RequestInit) => {
        paths.push(new Headers(request.headers).get("Authorization"));
        return new Response("7", { headers: { "content-type": "application/json" } });
      }) as typeof fetch;
      try { await wmill.getProgress("01a215eb-65f7-76c3-87a6-50341a273dbb") }
      finally { globalThis.fetch = before }
      return paths;
    }
    """
    for token in ("one", "two"):
        env = {"WM_TOKEN": token, "WM_WORKSPACE": "main", "BASE_INTERNAL_URL": "http://127.0.0.1:1"}
        result = await kept.result(code, language=language, env=env)
        assert result == [f"Bearer {token}"]


async def test_steps_of_a_flow_with_the_same_typescript_share_a_process(kept: Runs) -> None:
    code = "let count = 0\nexport const main = () => ++count"
    ids = ("a", "b", "a")
    assert [await kept.result(code, language="bun", **step(id)) for id in ids] == [1, 2, 3]
