"""One appliance, and clients of every kind that come again as soon as they have their answer."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.roles._client import ADMIN, EMAIL, PASSWORD
from tests.roles._process import Process

_J = "/api/w/main/jobs"
_SCRIPT = {
    "path": "f/load/noop",
    "content": "def main(n: int = 0): return n",
    "language": "python3",
}
_GOOD = frozenset((200, 201, 429, 503))
_BUSY_S = 0.05  # of who is told that it is too much
_ANSWER_S = 600.0  # who waits for a run waits behind all that was promised before it
_SETTLE_S = 600.0
_AHEAD = 2_000  # promised jobs of one client that may wait; then it looks instead


@dataclass
class Verdict:
    """`wrong` is empty when only good answers came and every promised job was done."""

    wrong: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)  # by status
    took_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # by kind
    promised: list[str] = field(default_factory=list)
    settled_s: float = 0.0

    def __str__(self) -> str:
        lines = [f"{'answers':<24} {dict(self.answers)}"]
        for kind, took in sorted(self.took_s.items()):
            p50, p99 = (_at(took, share) * 1000 for share in (0.5, 0.99))
            lines.append(f"{kind:<24} {len(took):6} times, p50 {p50:.0f} ms, p99 {p99:.0f} ms")
        lines.append(f"{'promised':<24} {len(self.promised)}, done {self.settled_s:.1f} s after")
        return "\n".join([*lines, *(f"WRONG: {each}" for each in self.wrong)])


def _at(took: list[float], share: float) -> float:
    ordered = sorted(took)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass
class Client:
    """Somebody with a session of their own."""

    session: aiohttp.ClientSession
    verdict: Verdict
    mine: int = 0  # promised jobs, and those that were waited for since

    async def ask(self, kind: str, method: str, path: str, body: Any = None) -> tuple[int, str]:
        more = {} if body is None else {"json": body}
        began = time.monotonic()
        async with self.session.request(method, path, **more) as answer:
            text = await answer.text()
        self.verdict.took_s[kind].append(time.monotonic() - began)
        self.verdict.answers[answer.status] += 1
        if answer.status not in _GOOD:
            self.verdict.wrong.append(f"{kind}: {answer.status} {text[:200]}")
        if answer.status in (429, 503):
            await asyncio.sleep(_BUSY_S)
        return answer.status, text

    async def enqueue(self) -> None:
        status, text = await self.ask("enqueue", "POST", f"{_J}/run/p/f/load/noop", {"n": 1})
        if status == 201:
            self.verdict.promised.append(text)
            self.mine += 1

    async def wait(self) -> None:
        body = {"n": 7}
        path = f"{_J}/run_wait_result/p/f/load/noop"
        status, text = await self.ask("run and wait", "POST", path, body)
        if status == 200 and text != "7":
            self.verdict.wrong.append(f"7 became {text[:200]}")

    async def look(self) -> None:
        await self.ask("list", "GET", f"{_J}/list?per_page=30")
        if self.verdict.promised:
            job_id = random.choice(self.verdict.promised)  # noqa: S311  (no secret)
            await self.ask("look at a job", "GET", f"{_J}_u/get/{job_id}")


async def overload(clients: int, seconds: float, home: Path) -> Verdict:
    verdict = Verdict()
    flags = ("--data-dir", str(home / "data"), "--listen", "127.0.0.1:0")
    with Process(home, *flags, env=ADMIN) as process:
        url = await asyncio.to_thread(lambda: process.address)
        patience = aiohttp.ClientTimeout(total=_ANSWER_S)
        async with aiohttp.ClientSession(url, timeout=patience) as session:
            account = {"email": EMAIL, "password": PASSWORD}
            async with session.post("/api/auth/login", json=account) as login:
                session.headers["Authorization"] = f"Bearer {await login.text()}"
            async with session.post("/api/w/main/scripts/create", json=_SCRIPT) as made:
                assert made.status == 201, await made.text()
            await _storm(session, verdict, clients, seconds)
            await _settle(session, verdict)
        if "Traceback" in process.output:
            verdict.wrong.append(process.output)
        if (code := await asyncio.to_thread(process.stop)) != 0:
            verdict.wrong.append(f"the appliance ended with {code}")
    return verdict


async def _storm(
    session: aiohttp.ClientSession, verdict: Verdict, clients: int, seconds: float
) -> None:
    until = time.monotonic() + seconds

    async def repeat(habit: Callable[[Client], Awaitable[None]]) -> None:
        client = Client(session, verdict)
        while time.monotonic() < until:
            full = client.mine >= _AHEAD
            await (Client.look if full else habit)(client)

    habits = (Client.enqueue, Client.wait, Client.look)
    async with asyncio.TaskGroup() as group:
        for number in range(clients):
            group.create_task(repeat(habits[number % len(habits)]))


async def _settle(session: aiohttp.ClientSession, verdict: Verdict) -> None:
    """Until nothing waits; then every promised job is looked at."""
    began = time.monotonic()
    async with asyncio.timeout(_SETTLE_S):
        while await _waiting(session):  # noqa: ASYNC110  (nobody announces it)
            await asyncio.sleep(0.1)
    verdict.settled_s = time.monotonic() - began
    for job_id in verdict.promised:
        async with session.get(f"/api/w/main/jobs_u/completed/get_result/{job_id}") as answer:
            if (await answer.text()) != "1":
                verdict.wrong.append(f"{job_id} answered {answer.status} {await answer.text()}")


async def _waiting(session: aiohttp.ClientSession) -> bool:
    async with session.get(f"{_J}/queue/list?per_page=1") as answer:
        return bool(await answer.json())
