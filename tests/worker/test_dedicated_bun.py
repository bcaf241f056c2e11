"""Processes of TypeScript that are kept between the runs of a version."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests._toolchains import needs
from tests.worker._kept import Runs, runs

pytestmark = needs("bun")


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Runs]:
    async with runs(tmp_path) as opened:
        yield opened


async def test_typescript_is_kept_too(kept: Runs) -> None:
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
    more: dict[str, Any] = {"language": "bun"}
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
