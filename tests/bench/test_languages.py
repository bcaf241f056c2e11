"""What a job costs in each language: submit to result over HTTP, durable, in the best sandbox here;
of a few languages also in the weaker ones, on machines that offer no more.

The first run of a new script is told apart: it builds, or installs packages. Then one run at a
time, and as many at once as the appliance has room for: by one client, whose connections stay open.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import aiohttp
import pytest

from tests._lesser import environment, open_place, program, python_for_others
from tests._toolchains import lend, needs
from tests.bench._machine import Report, sized
from tests.bench._processes import tree_cpu_s
from tests.bench.test_jobs import appliance, drained, in_parallel

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

AT_ONCE, ALONE = sized(300, 40), sized(150, 15)


async def run(session: aiohttp.ClientSession, x: object) -> float:
    began = time.perf_counter()
    url = "/api/w/main/jobs/run_wait_result/p/f/bench/script"
    async with session.post(url, json={"x": x}) as answer:
        assert answer.status == 200, await answer.text()
    return time.perf_counter() - began


async def enqueue(session: aiohttp.ClientSession, x: object) -> None:
    async with session.post("/api/w/main/jobs/run/p/f/bench/script", json={"x": x}) as answer:
        assert answer.status == 201, await answer.text()


async def used(session: aiohttp.ClientSession) -> str:
    """What the jobs tell of themselves."""
    url = "/api/w/main/jobs/list?success=true&script_path_exact=f/bench/script&per_page=100"
    async with session.get(url) as answer:
        jobs = await answer.json()
    peaks = [job["mem_peak"] for job in jobs if job.get("mem_peak")]
    return f"{statistics.median(peaks) / 1024:.0f} MB, in the sandbox {jobs[0]['sandbox']}"


async def at_once(report: Report, session: aiohttp.ClientSession, pid: int, x: object) -> None:
    before, began = tree_cpu_s(pid), time.perf_counter()
    await in_parallel(AT_ONCE, lambda: run(session, x))
    report.rate("waited for, 32 in flight", AT_ONCE, time.perf_counter() - began)
    report.cpu("processor time of all processes", AT_ONCE, tree_cpu_s(pid) - before)
    before, began = tree_cpu_s(pid), time.perf_counter()
    await in_parallel(AT_ONCE, lambda: enqueue(session, x))
    await drained(session)
    report.rate("enqueued, until the queue is empty", AT_ONCE, time.perf_counter() - began)
    report.cpu("processor time of all processes", AT_ONCE, tree_cpu_s(pid) - before)
    report.fact("memory peak of a job, the median", await used(session))


@pytest.mark.parametrize("name", NAMES)
async def test_jobs_of_a_language(tmp_path: Path, name: str) -> None:
    language, content = SCRIPTS[name]
    lend(tmp_path)
    report = Report(f"no-op jobs over HTTP, SQLite with durable commits: {name}")
    async with appliance(tmp_path, "--install-runtimes", "never") as (session, pid):
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
        times = [await run(session, x) for _ in range(ALONE)]
        report.spread("submit -> result, one at a time", times)
        await at_once(report, session, pid, x)
    report.print()


@pytest.mark.skipif(python_for_others() is None, reason="no Python that other users can read")
@pytest.mark.parametrize("level", ["landlock", "process"])
async def test_jobs_in_weaker_sandboxes(level: str) -> None:
    report = Report(f"no-op jobs over HTTP on a machine whose sandbox is {level}")
    flags = ("--install-runtimes", "never", "--min-sandbox", level)
    there = program(level, python_for_others() or "")
    with open_place() as place:
        lend(place)
        async with appliance(place, *flags, program=there, more_env=environment()) as (session, _):
            for name in ("python3", "python3, a kept process", "bash", "typescript"):
                language, content = SCRIPTS[name]
                script = {
                    "path": "f/bench/script",
                    "content": content,
                    "language": language,
                    "dedicated_worker": name.endswith("a kept process"),
                }
                head = await session.get("/api/w/main/scripts/get/p/f/bench/script")
                if head.status == 200:
                    script["parent_hash"] = (await head.json())["hash"]
                made = await session.post("/api/w/main/scripts/create", json=script)
                assert made.status == 201, await made.text()
                x = "1" if name == "bash" else 1
                for _ in range(5):
                    await run(session, x)
                report.spread(name, [await run(session, x) for _ in range(ALONE // 2)])
                report.fact("memory peak of a job, the median", await used(session))
    report.print()
