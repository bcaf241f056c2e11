"""Overload is an answer, health checks have their own lane, and bugs are told with a reference."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.api.conftest import Api, people
from windmill_lite.api.app import make_app
from windmill_lite.api.middleware.limits import Bound
from windmill_lite.api.route import Lane
from windmill_lite.engine import accounts
from windmill_lite.engine.world import World

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])
W = "/api/w/main"
PATIENCE_S = 40.0


@pytest.fixture
async def narrow(world: World) -> AsyncIterator[Api]:
    """One request of each kind at a time; one short one may wait for its turn."""
    lanes = {Lane.SHORT: Bound(1, waiting=1, wait_s=PATIENCE_S), Lane.LONG: Bound(1)}
    app = make_app(world, ui=None, lane_max=lanes)
    async with TestClient(TestServer(app)) as client:
        yield Api(world, client, await people(world))


async def test_above_the_bound_the_answer_is_503_and_health_still_answers(narrow: Api) -> None:
    waiting = asyncio.create_task(
        narrow.post(
            f"{W}/jobs/run_wait_result/preview",
            json={"content": "x = 1", "language": "python3", "args": {}},
        )
    )
    with narrow.world.db.bell.listen("queue") as queued:
        assert await queued.wait(PATIENCE_S)
    refused = await narrow.get(f"{W}/jobs/run_wait_result/p/f/a/b")
    assert (refused.status, refused.text.startswith("Unavailable: ")) == (503, True)
    assert int(refused.headers["Retry-After"]) >= 1
    assert (await narrow.get("/healthz", None)).status == 200
    assert (await narrow.get("/readyz", None)).status == 200
    assert (await narrow.get(f"{W}/scripts/list")).status == 200
    waiting.cancel()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set, it lets `GET /api/workspaces/list` answer."""
    release, memberships = asyncio.Event(), accounts.memberships

    async def slowly(*given: Any) -> Any:
        await release.wait()
        return await memberships(*given)

    monkeypatch.setattr(accounts, "memberships", slowly)
    return release


async def test_who_finds_all_busy_waits_for_a_turn_and_who_finds_many_waiting_is_refused(
    narrow: Api, slow: asyncio.Event
) -> None:
    asked = [asyncio.create_task(narrow.get("/api/workspaces/list")) for _ in range(3)]
    [refused], _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    assert refused.result().status == 503
    assert "1 requests are under way already and 1 wait" in refused.result().text
    assert (await narrow.get("/healthz", None)).status == 200
    slow.set()
    assert sorted([(await each).status for each in asked]) == [200, 200, 503]
    assert (await narrow.get(f"{W}/scripts/list")).status == 200


async def test_a_bug_is_told_with_a_reference_that_the_log_has(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("the inner secret")

    monkeypatch.setattr(accounts, "memberships", broken)
    answer = await api.get("/api/workspaces/list")
    assert (answer.status, answer.media) == (500, "text/plain")
    assert "secret" not in answer.text
    reference = answer.text.split("reference ")[1].rstrip(")")
    assert reference in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_the_log_has_a_line_for_each_request_and_no_token(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "windmill_lite.api.access")
    await api.get(f"{W}/scripts/list?token={api.tokens['ada']}", None)
    await api.get("/healthz")
    lines = [r.getMessage() for r in caplog.records if r.name == "windmill_lite.api.access"]
    assert len(lines) == 1
    assert lines[0].startswith(f"GET {W}/scripts/list 200 ")
    assert lines[0].endswith("ada@here.test")
    assert api.tokens["ada"] not in lines[0]
