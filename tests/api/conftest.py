"""The real application over a real database of either kind, with people to ask as.

`api.ask(who, method, path, ...)` sends one request. Who: `ada` is a super admin and admin of
`main`, `bob` a member, `olga` an operator, `eve` an account in no workspace, None nobody. The
worker is the engine's own verbs (`api.work`): a job is claimed, may log, and ends as told.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientTimeout
from aiohttp.test_utils import TestClient, TestServer
from pydantic import TypeAdapter
from yarl import URL

from windmill_lite.api.app import make_app, table
from windmill_lite.api.middleware.routing import is_ours
from windmill_lite.api.route import Kind, Lane
from windmill_lite.api.router import Router
from windmill_lite.base.clock import SystemClock
from windmill_lite.base.sealed import new_key
from windmill_lite.engine import accounts, logbook, tokens, workspaces
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.finish import Report, finish
from windmill_lite.engine.login import authenticate, enter
from windmill_lite.engine.ping import register
from windmill_lite.engine.values.vault import Vault
from windmill_lite.engine.world import World, open_world
from windmill_lite.model.identity import NewToken
from windmill_lite.model.job import Claim, Finished, Outcome
from windmill_lite.model.worker import Language, Worker
from windmill_lite.store.db.port import Db

WORKER = Worker(
    id=UUID(int=7),
    name="wk-test",
    host="here",
    tags=("python3", "flow"),
    slots=1,
    version="0",
    sandbox="none",
    started_at=0,
    last_seen_at=0,
    languages=(Language("bun", runs=False, note="not installed"),),
)
PEOPLE = ("ada", "bob", "olga", "eve")
MAIN = "def main(name: str, count: int = 1):\n    return name * count\n"


@dataclass(frozen=True)
class Answer:
    """A response that has been read."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        assert self.headers["Content-Type"].startswith("application/json"), self
        return json.loads(self.body)

    @property
    def media(self) -> str:
        return self.headers.get("Content-Type", "").split(";")[0]


ROUTER = Router(table())


def hold_to_its_route(method: str, path: str, answer: Answer) -> None:
    """A good answer has the status, the type and the shape that the table of routes promises."""
    if answer.status >= 300 or method not in ("GET", "POST", "DELETE") or not is_ours(path):
        return
    route = ROUTER.find(path).routes[method]
    if route.lane is Lane.LONG and isinstance(route.reply, Kind):
        return  # the script chose
    assert answer.status == route.status, (route.name, answer)
    if isinstance(route.reply, Kind):
        assert answer.media == route.reply.value, (route.name, answer)
    else:
        TypeAdapter(route.reply).validate_json(answer.body, strict=True)


@dataclass
class Api:
    """A client of one application, and the hands of a worker."""

    world: World
    client: TestClient[Any, Any]
    tokens: dict[str, str] = field(default_factory=dict)

    async def ask(
        self,
        who: str | None,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Answer:
        """`path` is sent as it is written. `json=` and `data=` are the body."""
        sent = dict(headers or {})
        if who is not None:
            sent["Authorization"] = f"Bearer {self.tokens[who]}"
        url = URL(str(self.client.make_url("/")).rstrip("/") + path, encoded=True)
        async with self.client.session.request(
            method, url, headers=sent, allow_redirects=False, **more
        ) as response:
            answer = Answer(response.status, response.headers, await response.read())
        hold_to_its_route(method, path.partition("?")[0], answer)
        return answer

    async def get(self, path: str, who: str | None = "ada", **more: Any) -> Answer:
        return await self.ask(who, "GET", path, **more)

    async def post(self, path: str, who: str | None = "ada", **more: Any) -> Answer:
        return await self.ask(who, "POST", path, **more)

    async def claim(self) -> Claim:
        """The next job, as soon as there is one."""
        with self.world.db.bell.listen("queue") as ear:
            while True:
                found = await claim(self.world, Ask(WORKER.id, WORKER.tags, 1))
                if found:
                    return found[0]
                assert await ear.wait(20), "no job came"

    async def finish(
        self, job: Claim, result: Any = None, *, outcome: Outcome = Outcome.SUCCESS, log: str = ""
    ) -> None:
        text = result if isinstance(result, str) else json.dumps(result)
        finished = Finished(outcome, text, memory_peak_kb=1234, cpu_ms=21, sandbox="none")
        start = await logbook.length(self.world, job.job.id)
        report = Report(job.job.id, job.attempt, WORKER.name, finished, log=log, log_start=start)
        assert (await finish(self.world, report)).accepted

    async def work(self, result: Any = None, **more: Any) -> Claim:
        """The whole life of the next job; `result` as a value, or as JSON text."""
        job = await self.claim()
        await self.finish(job, result, **more)
        return job

    async def deploy(self, path: str = "f/ops/hello", **more: Any) -> str:
        body = {"path": path, "content": MAIN, "language": "python3", "summary": "", **more}
        answer = await self.post("/api/w/main/scripts/create", json=body)
        assert answer.status == 201, answer
        return answer.text

    async def preview(self, who: str = "ada", **args: Any) -> str:
        """A queued job's id."""
        body = {"content": MAIN, "language": "python3", "args": args}
        answer = await self.post("/api/w/main/jobs/run/preview", who, json=body)
        assert answer.status == 201, answer
        return answer.text

    async def token(self, name: str, owner: str = "ada", **limits: Any) -> None:
        """A further token, used by its name as a person is."""
        self.tokens[name] = await tokens.mint(
            self.world, f"{owner}@here.test", NewToken(label=name, **limits)
        )


async def people(world: World) -> dict[str, str]:
    """The accounts without their costly passwords; a token of each by name."""
    found = {}
    for name in PEOPLE:
        email = f"{name}@here.test"
        await accounts.make_account(
            world, email=email, password=None, name=name.title(), super_admin=name == "ada"
        )
        found[name] = await tokens.mint(world, email, NewToken(label="test"))
    await workspaces.make(world, id="main", name="Main", owner="ada@here.test", username="ada")
    ada = await enter(world, await authenticate(world, found["ada"]), "main")
    for name in ("bob", "olga"):
        await workspaces.add_member(
            world,
            ada,
            email=f"{name}@here.test",
            username=name,
            is_admin=False,
            operator=name == "olga",
        )
    return found


@pytest.fixture
async def world(db: Db) -> AsyncIterator[World]:
    vault = Vault(new_key())
    world = await open_world(db, SystemClock(), "http://here.test", vault=vault)
    yield world
    await world.expressions.stop()


@pytest.fixture
def ui() -> Path | None:
    """No UI unless a test brings one."""
    return None


@pytest.fixture
async def api(world: World, ui: Path | None) -> AsyncIterator[Api]:
    server = TestServer(make_app(world, ui=ui))
    async with TestClient(server, timeout=ClientTimeout(total=30)) as client:
        await register(world, WORKER)
        yield Api(world, client, await people(world))
