"""How long runs are kept, said over HTTP; and what a caller hears when there is no room left."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tests.api.conftest import Api
from windmill_lite.engine.world import Room, World
from windmill_lite.model.retention import Keeping

RETENTION = "/api/w/main/workspaces/retention"


async def test_an_admin_says_how_long_runs_are_kept(api: Api) -> None:
    assert (await api.get(RETENTION)).json == {"default_days": 30, "paths": []}
    rules = [{"path": "f/ops/*", "days": 7}, {"path": "u/ada/x", "days": 0}]
    told = await api.post(RETENTION, json={"days": 90, "paths": rules})
    assert (told.status, told.text) == (200, "updated the retention of workspace main")
    assert (await api.get(RETENTION)).json == {"days": 90, "default_days": 30, "paths": rules}
    await api.post(RETENTION, json={})
    assert (await api.get(RETENTION)).json == {"default_days": 30, "paths": []}


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_others_neither_read_nor_write_it(api: Api) -> None:
    assert (await api.get(RETENTION, "bob")).status == 403
    assert (await api.post(RETENTION, "bob", json={"days": 1})).status == 403
    assert (await api.get(RETENTION, None)).status == 401


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    "body",
    [
        {"days": -1},
        {"days": "many"},
        {"paths": [{"path": "f/ops/x"}]},
        {"paths": [{"path": "nowhere", "days": 1}]},
        {"paths": [{"path": "f/ops/x", "days": 1}, {"path": "f/ops/x", "days": 2}]},
    ],
)
async def test_what_means_nothing_is_refused(api: Api, body: object) -> None:
    assert (await api.post(RETENTION, json=body)).status == 400


class TestFull:
    """An appliance whose disk budget is used up."""

    @pytest.fixture
    def world(self, world: World) -> World:
        full = Room(used_bytes=2, measured_at_s=math.inf)
        return replace(world, keeping=Keeping(30, 1), room=full)

    async def test_an_admin_sees_the_budget(self, api: Api) -> None:
        assert (await api.get(RETENTION)).json["max_disk_bytes"] == 1

    async def test_a_caller_is_told_why_and_when_to_come_again(self, api: Api) -> None:
        refused = await api.post("/api/w/main/jobs/run/preview", json=PREVIEW)
        assert refused.status == 503
        assert refused.text.startswith("Unavailable: the disk budget of 1 B is used up")
        assert refused.headers["Retry-After"] == "30"
        assert (await api.get("/api/w/main/jobs/list")).json == []
        assert (await api.get("/readyz", None)).status == 200


PREVIEW = {"content": "def main(): pass", "language": "python3", "args": {}}
