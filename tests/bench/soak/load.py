"""The users. Each repeats what it does until it is told to stop, and remembers what went wrong."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

SCRIPTS = {
    "f/soak/add": "def main(a: int, b: int): return a + b",
    "f/soak/fail": "def main(): raise ValueError('on purpose')",
    "f/soak/sleep": "import time\ndef main(s: float): time.sleep(s)",
    "f/soak/talk": "def main(lines: int):\n    for n in range(lines): print(n, 'x' * 100)",
    "f/soak/large": "def main(of: str, size: int): return [of] * (size // len(of))",
}
#: Each number of a list that is not 0, and one more: with an expression that takes the engine.
FLOW = {
    "path": "f/soak/flow",
    "summary": "",
    "value": {
        "modules": [
            {
                "id": "each",
                "value": {
                    "type": "forloopflow",
                    "iterator": {
                        "type": "javascript",
                        "expr": "flow_input.of.filter((n) => n !== 0)",
                    },
                    "skip_failures": False,
                    "modules": [
                        {
                            "id": "add",
                            "value": {
                                "type": "script",
                                "path": "f/soak/add",
                                "input_transforms": {
                                    "a": {"type": "javascript", "expr": "flow_input.iter.value"},
                                    "b": {"type": "static", "value": 1},
                                },
                            },
                        }
                    ],
                },
            }
        ]
    },
}
SCHEDULE = {
    "path": "f/soak/add",
    "schedule": "*/2 * * * * *",
    "timezone": "UTC",
    "script_path": "f/soak/add",
    "is_flow": False,
    "args": {"a": 1, "b": 1},
    "enabled": True,
}
LISTS = (
    "jobs/list?per_page=30",
    "jobs/list?per_page=100&success=false",
    "jobs/list?script_path_exact=f/soak/add",
    "jobs/list?script_path_start=f/soak",
    "jobs/list?running=true",
    "jobs/completed/list?per_page=30",
    "jobs/queue/count",
    "schedules/list",
    "scripts/list",
)
FILTERS = (
    "created_by=ada",
    "has_null_parent=true",
    "job_kinds=script,flow",
    "label=none",
    "order_desc=false",
    "script_path_exact=f/soak/add",
    "success=true",
    "tag=python3",
    "trigger_kind=webhook",
    "worker=solo",
)
LINES = 20_000  # of a long log: 2 MB
RECENT = 200  # jobs that are looked at again
_ANSWER_S = 60.0


@dataclass
class Users:
    """Their connections, and what they saw."""

    session: aiohttp.ClientSession
    answers: Counter[str] = field(default_factory=Counter)  # by what was done
    wrong: list[str] = field(default_factory=list)
    recent: list[str] = field(default_factory=list)
    chance: random.Random = field(default_factory=random.Random)

    async def ask(self, method: str, path: str, body: Any = None) -> str:
        """The answer's text, whatever its status: one of 5xx is wrong."""
        more = {} if body is None else {"json": body}
        url = path if path.startswith("/") else f"/api/w/main/{path}"
        async with self.session.request(method, url, **more) as answer:
            text = await answer.text()
        if answer.status >= 500:
            self.wrong.append(f"{method} {path}: {answer.status} {text[:200]}")
        return text

    async def run(self, path: str, query: str = "", **args: Any) -> str:
        job_id = await self.ask("POST", f"jobs/run/p/{path}{query}", args)
        self.recent = [*self.recent[-RECENT:], job_id]
        return job_id

    def expect(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.wrong.append(f"{what}: {found!r:.200} instead of {wanted!r:.200}")

    async def prepare(self) -> None:
        for path, content in SCRIPTS.items():
            script = {"path": path, "content": content, "language": "python3"}
            await self.ask("POST", "scripts/create", script)
        await self.ask("POST", "flows/create", FLOW)
        await self.ask("POST", "schedules/create", SCHEDULE)

    # ---- what they do --------------------------------------------------------------------------

    async def wait_for_a_result(self) -> None:
        a, b = self.chance.randrange(1000), self.chance.randrange(1000)
        text = await self.ask("POST", "jobs/run_wait_result/p/f/soak/add", {"a": a, "b": b})
        self.expect("a sum", json.loads(text), a + b)

    async def wait_for_a_failure(self) -> None:
        text = await self.ask("POST", "jobs/run_wait_result/p/f/soak/fail", {})
        self.expect("a failure", json.loads(text)["error"]["message"], "on purpose")

    async def carry_much(self) -> None:
        size = self.chance.choice((1_000, 100_000, 2_000_000))
        args = {"of": "y" * 100, "size": size}
        text = await self.ask("POST", "jobs/run_wait_result/p/f/soak/large", args)
        self.expect("a large result", len(json.loads(text)), size // 100)

    async def run_later(self) -> None:
        await self.run("f/soak/add", "?scheduled_in_secs=2", a=1, b=2)

    async def look_around(self) -> None:
        await self.ask("GET", self.chance.choice(LISTS))
        if self.recent:
            job_id = self.chance.choice(self.recent)
            await self.ask("GET", f"jobs_u/get/{job_id}")
            await self.ask("GET", f"jobs_u/get_logs/{job_id}")

    async def search(self) -> None:
        some = self.chance.sample(FILTERS, self.chance.randrange(1, len(FILTERS)))
        await self.ask("GET", f"jobs/list?{'&'.join(some)}")

    async def run_a_flow(self) -> None:
        numbers = [self.chance.randrange(3) for _ in range(4)]
        args = {"of": numbers, "ballast": ["z" * 100] * self.chance.choice((1, 5_000))}
        text = await self.ask("POST", "jobs/run_wait_result/f/f/soak/flow", args)
        self.expect("a flow", json.loads(text), [n + 1 for n in numbers if n])

    async def cancel_a_flow(self) -> None:
        numbers = list(range(1, 1_000))
        job_id = await self.ask("POST", "jobs/run/f/f/soak/flow", {"of": numbers})
        await asyncio.sleep(self.chance.uniform(0, 1))
        await self.ask("POST", f"jobs_u/queue/cancel/{job_id}", {"reason": "enough"})
        await self._end_of(job_id)

    async def cancel(self) -> None:
        job_id = await self.run("f/soak/sleep", s=30)
        await asyncio.sleep(self.chance.uniform(0, 0.3))
        await self.ask("POST", f"jobs_u/queue/cancel/{job_id}", {"reason": "enough"})
        ended = await self._end_of(job_id)
        self.expect(f"who canceled {job_id}", ended.get("canceled_by"), "ada")

    async def read_a_long_log(self) -> None:
        job_id = await self.run("f/soak/talk", lines=LINES)
        await self._end_of(job_id)
        log = await self.ask("GET", f"jobs_u/get_logs/{job_id}")
        self.expect("lines of a log", sum(" xxx" in line for line in log.splitlines()), LINES)

    async def listen_and_vanish(self) -> None:
        job_id = await self.run("f/soak/sleep", s=0.5)
        stream = f"/api/w/main/jobs_u/getupdate_sse/{job_id}?running=false&log_offset=0"
        async with self.session.get(stream) as answer:
            self.expect("a stream", answer.status, 200)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.chance.uniform(0, 0.5)):
                    await answer.content.read(10)
            answer.close()  # without a good-bye

    async def edit_the_schedule(self) -> None:
        for enabled in (False, True):
            await self.ask("POST", "schedules/setenabled/f/soak/add", {"enabled": enabled})
            await asyncio.sleep(1)

    async def _end_of(self, job_id: str) -> dict[str, Any]:
        while True:
            job: dict[str, Any] = json.loads(await self.ask("GET", f"jobs_u/get/{job_id}"))
            if job["type"] == "CompletedJob":
                return job
            await asyncio.sleep(0.2)


Habit = Callable[[Users], Awaitable[None]]
#: What is done, by how many users, with which pause (s).
HABITS: tuple[tuple[Habit, int, float], ...] = (
    (Users.wait_for_a_result, 2, 0.1),
    (Users.wait_for_a_failure, 1, 1.0),
    (Users.carry_much, 1, 1.0),
    (Users.run_later, 1, 0.5),
    (Users.look_around, 2, 0.1),
    (Users.search, 1, 0.5),
    (Users.run_a_flow, 1, 0.5),
    (Users.cancel_a_flow, 1, 3.0),
    (Users.cancel, 1, 0.5),
    (Users.read_a_long_log, 1, 2.0),
    (Users.listen_and_vanish, 2, 1.0),
    (Users.edit_the_schedule, 1, 5.0),
)


async def live(users: Users, until: asyncio.Event) -> None:
    """Everything at once, until the event; then what is under way ends."""

    async def repeat(habit: Habit, pause_s: float) -> None:
        while not until.is_set():
            await habit(users)
            users.answers[habit.__name__] += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await until.wait()

    async with asyncio.TaskGroup() as group:
        for habit, count, pause_s in HABITS:
            for _ in range(count):
                group.create_task(repeat(habit, pause_s))


@asynccontextmanager
async def arrived(url: str, email: str, password: str) -> AsyncIterator[Users]:
    """Users with one session, logged in; on the way out their connections are closed."""
    patience = aiohttp.ClientTimeout(total=_ANSWER_S)
    async with aiohttp.ClientSession(url, timeout=patience) as session:
        account = {"email": email, "password": password}
        async with session.post("/api/auth/login", json=account) as login:
            session.headers["Authorization"] = f"Bearer {await login.text()}"
        yield Users(session)
