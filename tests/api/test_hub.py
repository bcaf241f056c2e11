"""Scripts of a hub: fetched once, kept, run by their path, and told to others."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.api.conftest import Api
from tests.api.flows._work import deployed, play, turn
from tests.api.flows._write import F, body, of_path, raw
from windmill_lite.api.app import make_app
from windmill_lite.engine.world import Hub, World
from windmill_lite.model import limits

PATH = "hub/7/tools/double"
CODE = "def main(n: int):\n    return n * 2\n"
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
GOOD: dict[str, Any] = {
    "content": CODE,
    "lockfile": "wheel==1.0",
    "schema": SCHEMA,
    "language": "python3",
    "summary": "Twice",
}
RUN, GET_FULL = "/api/w/main/jobs/run", "/api/scripts/hub/get_full"


@dataclass
class Hubs:
    """What the hub answers, and what it was asked."""

    url: str = ""
    status: int = 200
    told: Any = field(default_factory=lambda: dict(GOOD))
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, request.headers.get("Authorization")))
        text = self.told if isinstance(self.told, str) else json.dumps(self.told)
        return web.Response(status=self.status, text=text, headers=self.headers)


@pytest.fixture
async def hub() -> AsyncIterator[Hubs]:
    hub = Hubs()
    app = web.Application()
    app.router.add_get("/{rest:.*}", hub.answer)
    async with TestServer(app) as server:
        hub.url = str(server.make_url("/")).rstrip("/")
        yield hub


@pytest.fixture
async def world(world: World, hub: Hubs, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("no_proxy", "*")
    return replace(world, hub=Hub(hub.url, "secret"))


async def test_a_script_of_the_hub_runs_by_its_path(api: Api, hub: Hubs) -> None:
    started = await api.post(f"{RUN}/p/{PATH}", json={"n": 3})
    assert started.status == 201, started
    claim = await api.work(6)
    assert (claim.code, claim.lock, claim.job.language) == (CODE, "wheel==1.0", "python3")
    job = (await api.get(f"/api/w/main/jobs_u/get/{started.text}")).json
    assert (job["job_kind"], job["script_path"], job["result"]) == ("script_hub", PATH, 6)
    assert hub.asked == [(f"{GET_FULL}/{PATH}", "Bearer secret")]
    assert (await api.post(f"{RUN}/p/{PATH}", json={"n": "x"})).status == 400, "not an integer"
    assert (await api.post(f"{RUN}/p/{PATH}", "olga", json={"n": 3})).status == 403, "operator"


async def test_what_was_fetched_once_runs_without_the_hub_and_never_changes(
    api: Api, hub: Hubs
) -> None:
    await deployed(api, "f/ops/flow", of_path("a", "script", PATH))
    hub.status, hub.told = 500, ""
    run = (await api.post(f"{RUN}/f/f/ops/flow", json={})).text
    step = await turn(api)
    assert step is not None
    assert (step.code, step.job.kind.value, step.job.path) == (CODE, "script_hub", "f/ops/flow/a")
    hub.status, hub.told = 200, GOOD | {"content": "def main(): ..."}
    assert (await api.get(f"/api/scripts/hub/get/{PATH}")).text == CODE
    assert (await api.get(f"/api/w/main/jobs_u/get/{run}", "bob")).status == 200
    assert (await api.get(f"/api/w/main/jobs_u/get/{step.job.id}", "bob")).status == 200
    assert len(hub.asked) == 1


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    ("status", "told", "words"),
    [
        (404, "", "has no script hub/7"),
        (200, GOOD | {"language": "cobol"}, "cobol"),
        (200, GOOD | {"content": "x" * (limits.CODE_BYTES_MAX + 1)}, "larger than"),
        (200, " " * (limits.HUB_BYTES + 1), "larger than"),
    ],
)
async def test_what_the_hub_has_not_or_cannot_run_is_refused_at_save(
    api: Api, hub: Hubs, status: int, told: Any, words: str
) -> None:
    hub.status, hub.told = status, told
    steps = body("f/ops/flow", raw("a"), of_path("b", "script", PATH))
    answer = await api.post(f"{F}/create", json=steps)
    assert answer.status == 400, answer
    assert "modules[1].value.path" in answer.text
    assert words in answer.text


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    ("status", "told", "words"),
    [
        (500, "", "answers 500"),
        (302, "", "answers 302"),
        (200, "<html>", "what is no JSON"),
        (200, [], "something that is no script"),
        (200, {"content": 1, "language": "bash"}, "something that is no script"),
    ],
)
async def test_a_hub_that_does_not_answer_fails_the_step_and_not_the_deployment(
    api: Api, hub: Hubs, status: int, told: Any, words: str
) -> None:
    hub.status, hub.told = status, told
    hub.headers["Location"] = f"{hub.url}/elsewhere"
    await deployed(api, "f/ops/flow", of_path("a", "script", PATH))
    run = (await api.post(f"{RUN}/f/f/ops/flow", json={})).text
    assert await play(api) == []
    error = (await api.get(f"/api/w/main/jobs_u/get/{run}")).json["result"]["error"]
    assert (error["name"], error["step_id"]) == ("Unavailable", "a")
    assert words in error["message"], error
    assert all(path == f"{GET_FULL}/{PATH}" for path, _ in hub.asked), "it stays at one address"
    assert (await api.get(f"{GET_FULL}/{PATH}")).status == 503


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    "path", ["hub/x/y", "hub/7/../x", "hub/", "hub/1234567890123/a", "hub/7/a b"]
)
async def test_only_paths_of_a_hub_are_asked_for(api: Api, hub: Hubs, path: str) -> None:
    answer = await api.post(f"{F}/create", json=body("f/ops/flow", of_path("a", "script", path)))
    assert (answer.status, "modules[0].value.path" in answer.text) == (400, True), answer
    assert hub.asked == []


async def test_a_server_is_the_hub_of_another_one(api: Api, world: World, hub: Hubs) -> None:
    url = str(api.client.make_url("/")).rstrip("/")
    other = replace(world, hub=Hub(url, api.tokens["bob"]))
    async with TestClient(TestServer(make_app(other, ui=None))) as client:
        further = replace(api, world=other, client=client)
        got = await further.get(f"{GET_FULL}/{PATH}")
        assert got.json == GOOD
        assert (await further.get(f"{GET_FULL}/{PATH}", None)).status == 401
        assert (await further.get("/api/settings/global/hub_base_url")).json == url
    assert len(hub.asked) == 1


async def test_without_a_hub_the_setting_is_named(api: Api, world: World) -> None:
    other = replace(world, hub=Hub())
    async with TestClient(TestServer(make_app(other, ui=None))) as client:
        further = replace(api, world=other, client=client)
        run = await further.post(f"{RUN}/p/{PATH}", json={})
        assert (run.status, "--hub-url" in run.text) == (400, True)
        saved = await further.post(f"{F}/create", json=body("f/o/w", of_path("a", "script", PATH)))
        assert (saved.status, "--hub-url" in saved.text) == (400, True), saved
