"""What a job costs in each language: submit to result over HTTP, durable, in the best sandbox here.

The first run of a new script is told apart: it builds, or installs packages.
"""

from __future__ import annotations

import time
from pathlib import Path

import aiohttp
import pytest

from tests._toolchains import lend, needs
from tests.bench._machine import Report
from tests.bench.test_jobs import appliance

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

SCRIPTS: dict[str, tuple[str, str]] = {
    "python3": ("python3", "def main(x: int): return x\n"),
    "python3, a kept process": ("python3", "def main(x: int): return x\n"),
    "bash": ("bash", 'x="$1"\necho "$x"\n'),
    "typescript": ("bun", "export async function main(x: number) { return x }\n"),
    "typescript, a kept process": ("bun", "export const main = (x: number) => x\n"),
    "typescript with zod": (
        "bun",
        'import { z } from "zod@3.23.8"\nexport const main = (x: number) => z.number().parse(x)\n',
    ),
    "go": ("go", "package inner\n\nfunc main(x int) int { return x }\n"),
}
NAMES = [
    *("python3", "python3, a kept process", "bash"),
    pytest.param("typescript", marks=needs("bun")),
    pytest.param("typescript, a kept process", marks=needs("bun")),
    pytest.param("typescript with zod", marks=needs("bun")),
    pytest.param("go", marks=needs("go")),
]


async def run(session: aiohttp.ClientSession, x: object) -> float:
    began = time.perf_counter()
    url = "/api/w/main/jobs/run_wait_result/p/f/bench/script"
    async with session.post(url, json={"x": x}) as answer:
        assert answer.status == 200, await answer.text()
    return time.perf_counter() - began


@pytest.mark.parametrize("name", NAMES)
async def test_jobs_of_a_language(tmp_path: Path, name: str) -> None:
    language, content = SCRIPTS[name]
    lend(tmp_path)
    report = Report(f"no-op jobs over HTTP, SQLite with durable commits: {name}")
    async with appliance(tmp_path, "--install-runtimes", "never") as (session, _):
        script = {
            "path": "f/bench/script",
            "content": content,
            "language": language,
            "dedicated_worker": name.endswith("a kept process"),
        }
        made = await session.post("/api/w/main/scripts/create", json=script)
        assert made.status == 201, await made.text()
        x = "1" if name == "bash" else 1
        report.fact("the first run", f"{await run(session, x) * 1000:.0f} ms")
        for _ in range(10):
            await run(session, x)
        times = [await run(session, x) for _ in range(150)]
        report.spread("submit -> result, one at a time", times)
    report.print()
