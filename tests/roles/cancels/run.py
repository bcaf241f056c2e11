"""One appliance, some callers who start jobs and cancel them, and a look at what is left."""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.roles._client import ADMIN, EMAIL, PASSWORD
from tests.roles._process import Process, alive

_JOBS = "/api/w/main/jobs"
_CALLERS = 8
_LOOK_S = 0.02
_ANSWER_S = 60.0
_GONE_S = 10.0
_MARK = f"98{os.getpid()}"  # seconds that nobody else's `sleep` sleeps

_SLEEPS = f"import subprocess\ndef main(): subprocess.run(['sleep', '{_MARK}.1'])"
#: It hears no request to end, and what it starts is no child of its any more.
_STUBBORN = f"""
import os, signal, subprocess, time
def main():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for _ in range(3):
        subprocess.Popen(['setsid', 'sleep', '{_MARK}.2'], stdout=subprocess.DEVNULL)
    if os.fork() == 0:
        os.setsid()
        os.execvp('sleep', ['sleep', '{_MARK}.3'])
    while True:
        time.sleep(0.01)
"""
_TALKS = "def main():\n    while True: print('x' * 1000)"
_FAILS = "def main(): raise ValueError('again')"
_RETRY = json.dumps({"constant": {"attempts": 9, "seconds": 600}})

#: By kind: the code, and what is asked for besides.
_KINDS: dict[str, tuple[str, dict[str, str]]] = {
    "sleeps": (_SLEEPS, {}),
    "stubborn": (_STUBBORN, {}),
    "talks": (_TALKS, {}),
    "waits for its time": (_SLEEPS, {"scheduled_in_secs": "600"}),
    "waits for its next try": (_FAILS, {"retry": _RETRY}),
}


@dataclass
class Verdict:
    """`wrong` is empty when every job ended in time, and for good."""

    wrong: list[str] = field(default_factory=list)
    took_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # by kind

    def at_s(self, share: float) -> float:
        """A quantile, of all kinds together."""
        ordered = sorted(each for kind in self.took_s.values() for each in kind)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def __str__(self) -> str:
        lines = [
            f"{kind:<24} {len(took):4} canceled, over after {statistics.median(took):.3f} s, "
            f"at most {max(took):.3f} s"
            for kind, took in sorted(self.took_s.items())
        ]
        lines.append(f"{'all':<24} p99 {self.at_s(0.99):.3f} s")
        return "\n".join([*lines, *(f"WRONG: {each}" for each in self.wrong)])


async def canceled(count: int, home: Path, *, slots: int) -> Verdict:
    flags = ("--data-dir", str(home / "data"), "--listen", "127.0.0.1:0", "--workers", str(slots))
    with Process(home, *flags, env=ADMIN) as process:
        url = await asyncio.to_thread(lambda: process.address)
        verdict = await _all(count, url)
        left = await _left()
        if left:
            verdict.wrong.append(f"processes outlived their jobs: {left}")
        if "Traceback" in process.output:
            verdict.wrong.append(process.output)
        if (code := await asyncio.to_thread(process.stop)) != 0:
            verdict.wrong.append(f"the appliance ended with {code}")
    return verdict


async def _all(count: int, url: str) -> Verdict:
    verdict, numbers = Verdict(), iter(range(count))
    patience = aiohttp.ClientTimeout(total=_ANSWER_S)
    async with aiohttp.ClientSession(url, timeout=patience) as session:
        account = {"email": EMAIL, "password": PASSWORD}
        async with session.post("/api/auth/login", json=account) as login:
            session.headers["Authorization"] = f"Bearer {await login.text()}"

        async def caller() -> None:
            for number in numbers:
                await _one(session, number, verdict)

        async with asyncio.TaskGroup() as callers:
            for _ in range(_CALLERS):
                callers.create_task(caller())
    return verdict


async def _one(session: aiohttp.ClientSession, number: int, verdict: Verdict) -> None:
    """One job from its start to its end; the moment of its cancellation is left to chance."""
    kind = list(_KINDS)[number % len(_KINDS)]
    code, query = _KINDS[kind]
    body = {"content": code, "language": "python3", "args": {}}
    async with session.post(f"{_JOBS}/run/preview", params=query, json=body) as answer:
        job_id = await answer.text()
        assert answer.status == 201, job_id
    await asyncio.sleep(random.choice((0.0, random.uniform(0.0, 1.0))))  # noqa: S311  (no secret)
    path = f"/api/w/main/jobs_u/queue/cancel/{job_id}"
    async with session.post(path, json={"reason": "enough"}) as answer:
        if answer.status != 200:
            verdict.wrong.append(f"{kind}: {answer.status} {await answer.text()}")
            return
    asked = time.monotonic()
    while (job := await _told(session, job_id))["type"] != "CompletedJob":  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_S)
    verdict.took_s[kind].append(time.monotonic() - asked)
    if not job["canceled"]:
        verdict.wrong.append(f"{kind}: {job_id} was not canceled: {job.get('result')}")


async def _told(session: aiohttp.ClientSession, job_id: str) -> dict[str, Any]:
    async with session.get(f"/api/w/main/jobs_u/get/{job_id}") as answer:
        told: dict[str, Any] = await answer.json()
    return told


async def _left() -> list[int]:
    """Processes of jobs that are alive though their jobs are over."""
    deadline = time.monotonic() + _GONE_S
    while (found := _marked()) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_S)
    return found


def _marked() -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:  # it ended just now
            continue
        if any(word.startswith(f"{_MARK}.".encode()) for word in words) and alive(int(entry.name)):
            found.append(int(entry.name))
    return found
