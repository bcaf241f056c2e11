"""Flows through the whole appliance, over HTTP, durable; every step in a process of its own, or in
one that is kept.

`FLOW_TURNS` in the environment says how long the long loop is.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.bench._machine import Report, sized
from tests.bench.test_jobs import appliance, memory_mb

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

TURNS = int(os.environ.get("FLOW_TURNS", sized(1_000, 50)))
ROUNDS = sized(7, 2)  # after some to warm up
FIBO = (
    "def main(n: int):\n"
    "    def fibo(n):\n"
    "        return n if n < 2 else fibo(n - 1) + fibo(n - 2)\n"
    "    return fibo(n)\n"
)


def step(id: str, n: int) -> dict[str, Any]:
    transforms = {"n": {"type": "static", "value": n}}
    value = {"type": "rawscript", "language": "python3", "content": FIBO}
    return {"id": id, "value": value | {"input_transforms": transforms}}


def row(count: int, n: int) -> dict[str, Any]:
    return {"modules": [step(f"s{i}", n) for i in range(count)]}


def turns(count: int, *, parallel: bool) -> dict[str, Any]:
    iterator = {"type": "javascript", "expr": f"Array.from({{length: {count}}}, (_, i) => i)"}
    value = {"type": "forloopflow", "modules": [step("b", 1)], "iterator": iterator}
    return {"modules": [{"id": "l", "value": value | {"parallel": parallel}}]}


async def run(session: aiohttp.ClientSession, flow: dict[str, Any]) -> float:
    """Seconds until the caller has the result."""
    return await asked(session, "preview_flow", {"value": flow, "args": {}})


async def asked(session: aiohttp.ClientSession, what: str, body: dict[str, Any]) -> float:
    began = time.perf_counter()
    url = f"/api/w/main/jobs/run_wait_result/{what}"
    async with session.post(url, json=body) as answer:
        assert answer.status == 200, await answer.text()
        await answer.read()
    return time.perf_counter() - began


async def kept(session: aiohttp.ClientSession, path: str, flow: dict[str, Any]) -> list[float]:
    """Seconds a step, deployed with `dedicated_worker`."""
    new = {"path": path, "summary": "", "value": flow, "dedicated_worker": True}
    made = await session.post("/api/w/main/flows/create", json=new)
    assert made.status == 201, await made.text()
    took = [await asked(session, f"f/{path}", {}) for _ in range(3 + ROUNDS)]
    return [seconds / len(flow["modules"]) for seconds in took[3:]]


def unlike(flow: dict[str, Any]) -> dict[str, Any]:
    """No step has the text of another."""
    for i, module in enumerate(flow["modules"]):
        module["value"]["content"] += f"# {i}\n"
    return flow


async def measure(report: Report, data: Path, *flags: str) -> None:
    async with appliance(data, *flags) as (session, pid):
        for _ in range(3):
            await run(session, row(5, 10))
        took = [await run(session, row(40, 10)) / 40 for _ in range(ROUNDS)]
        report.spread("a step of 40 x fibo(10)", took)
        alike = await kept(session, "f/bench/alike", row(40, 10))
        report.spread("the same, in one kept process", alike)
        others = await kept(session, "f/bench/unlike", unlike(row(30, 10)))
        report.spread("a step of 30, each in a kept process", others)
        report.rate("10 x fibo(25)", 10, await run(session, row(10, 25)))
        few = [await run(session, turns(10, parallel=False)) / 10 for _ in range(ROUNDS)]
        report.spread("a turn of a loop of 10", few)
        report.rate(f"a loop of {TURNS}", TURNS, await run(session, turns(TURNS, parallel=False)))
        report.rate(
            f"a loop of {TURNS} at once", TURNS, await run(session, turns(TURNS, parallel=True))
        )
        report.fact("memory of the server, after", f"{memory_mb(pid):.0f} MB")


async def test_flows_on_sqlite(tmp_path: Path) -> None:
    report = Report("flows over HTTP, SQLite with durable commits")
    await measure(report, tmp_path)
    report.print()


async def test_flows_on_postgres(tmp_path: Path, new_database: object) -> None:
    report = Report("flows over HTTP, Postgres (fsync off), all roles in one process")
    url = new_database("postgres empty")  # type: ignore[operator]
    await measure(report, tmp_path, "--database", url)
    report.print()
