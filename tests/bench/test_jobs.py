"""A job's way through the whole appliance: over HTTP, a process of its own for each, durable."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.bench._machine import Report, sized

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

EMAIL, PASSWORD = "bench@here.test", "a long enough password"
NOOP = "def main():\n    return None\n"
IN_FLIGHT = 32
JOBS = sized(1_000, 100)


@asynccontextmanager
async def appliance(
    data: Path,
    *flags: str,
    program: Sequence[str] = (sys.executable, "-m", "windmill_lite"),
    more_env: Mapping[str, str] | None = None,
) -> AsyncIterator[tuple[aiohttp.ClientSession, int]]:
    """A running windmill-lite and a session that is logged in; with the server's process id."""
    env = (
        os.environ
        | dict(more_env or {})
        | {
            "WINDMILL_LITE_ADMIN_EMAIL": EMAIL,
            "WINDMILL_LITE_ADMIN_PASSWORD": PASSWORD,
            "PYTHONUNBUFFERED": "1",
        }
    )
    command = [*program, "--data-dir", str(data)]
    process = await asyncio.create_subprocess_exec(
        *command,
        *("--listen", "127.0.0.1:0", "--log-level", "warning", *flags),
        stdout=subprocess.PIPE,
        env=env,
    )
    assert process.stdout is not None
    try:
        url = (await process.stdout.readline()).decode().split()[-1]
        async with aiohttp.ClientSession(url) as session:
            login = await session.post(
                "/api/auth/login", json={"email": EMAIL, "password": PASSWORD}
            )
            session.headers["Authorization"] = f"Bearer {await login.text()}"
            script = {"path": "f/bench/noop", "content": NOOP, "language": "python3"}
            made = await session.post("/api/w/main/scripts/create", json=script)
            assert made.status == 201, await made.text()
            yield session, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def run_and_wait(session: aiohttp.ClientSession) -> float:
    began = time.perf_counter()
    url = "/api/w/main/jobs/run_wait_result/p/f/bench/noop"
    async with session.post(url, json={}) as answer:
        assert answer.status == 200, await answer.text()
        await answer.read()
    return time.perf_counter() - began


async def enqueue(session: aiohttp.ClientSession, **query: str) -> None:
    url = "/api/w/main/jobs/run/p/f/bench/noop"
    async with session.post(url, json={}, params=query) as answer:
        assert answer.status == 201, await answer.text()


async def drained(session: aiohttp.ClientSession) -> None:
    url = "/api/w/main/jobs/queue/count"
    while True:
        async with session.get(url) as answer:
            counts = await answer.json()
        if counts["database_length"] == 0:
            return
        await asyncio.sleep(0.02)


async def in_parallel(count: int, work: object) -> None:
    left = iter(range(count))

    async def worker() -> None:
        for _ in left:
            await work()  # type: ignore[operator]

    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))


def memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


async def measure(report: Report, data: Path, *flags: str) -> None:
    async with appliance(data, *flags) as (session, pid):
        for _ in range(20):
            await run_and_wait(session)
        report.fact("memory of the server, idle", f"{memory_mb(pid):.0f} MB")
        alone = [await run_and_wait(session) for _ in range(JOBS // 5)]
        report.spread("submit -> result, one at a time", alone)
        began = time.perf_counter()
        await in_parallel(JOBS, lambda: run_and_wait(session))
        report.rate(f"{JOBS:,} jobs, waited for, 32 in flight", JOBS, time.perf_counter() - began)
        began = time.perf_counter()
        await in_parallel(JOBS, lambda: enqueue(session))
        report.rate(f"{JOBS:,} jobs, enqueued only", JOBS, time.perf_counter() - began)
        await drained(session)
        report.rate(
            f"{JOBS:,} jobs, enqueued until the queue is empty", JOBS, time.perf_counter() - began
        )
        report.fact("memory of the server, after", f"{memory_mb(pid):.0f} MB")


async def test_jobs_on_sqlite(tmp_path: Path) -> None:
    report = Report("no-op Python jobs over HTTP, SQLite with durable commits")
    await measure(report, tmp_path)
    report.print()


async def test_jobs_on_postgres(tmp_path: Path, new_database: object) -> None:
    report = Report("no-op Python jobs over HTTP, Postgres (fsync off), all roles in one process")
    url = new_database("postgres empty")  # type: ignore[operator]
    await measure(report, tmp_path, "--database", url)
    report.print()
