"""Schedules over HTTP, as Windmill's clients and its command line use them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.conftest import Api
from windmill_lite.api.shapes.schedules import Schedule, ScheduleTick, ScheduleWithJobs
from windmill_lite.engine import schedule as engine

S = "/api/w/main/schedules"
PATH = "f/ops/nightly"

#: What the command line pushes from a file that Windmill wrote: nulls included.
PUSHED: dict[str, Any] = {
    "schedule": "0 0 3 * * *",
    "timezone": "Europe/Paris",
    "script_path": "f/ops/hello",
    "is_flow": False,
    "args": {"name": "Ada", "count": 2},
    "enabled": True,
    "summary": "Every night",
    "description": "",
    "tag": None,
    "on_failure": None,
    "on_failure_times": None,
    "on_failure_exact": None,
    "on_failure_extra_args": None,
    "on_recovery": None,
    "on_recovery_times": None,
    "on_recovery_extra_args": None,
    "on_success": None,
    "on_success_extra_args": None,
    "ws_error_handler_muted": False,
    "retry": None,
    "no_flow_overlap": False,
    "paused_until": None,
    "cron_version": "v2",
    "dynamic_skip": None,
    "labels": ["a", "b"],
}


async def make(api: Api, path: str = PATH, who: str = "ada", **more: Any) -> None:
    body = {**PUSHED, "path": path, **more}
    answer = await api.post(f"{S}/create", who, json=body)
    assert (answer.status, answer.media, answer.text) == (201, "text/plain", path)


@pytest.fixture(autouse=True)
async def _script(api: Api) -> None:
    await api.deploy()


async def test_what_is_pushed_is_given_back_unchanged(api: Api) -> None:
    await make(api)
    answer = await api.get(f"{S}/get/{PATH}", "bob")
    assert answer.status == 200
    found = answer.json
    Schedule.model_validate(found)
    assert {name: found[name] for name in PUSHED} == PUSHED
    assert (found["path"], found["workspace_id"], found["extra_perms"]) == (PATH, "main", {})
    assert (found["edited_by"], found["permissioned_as"]) == ("ada", "u/ada")
    assert found["email"] == "ada@here.test"
    assert datetime.fromisoformat(found["next_at"]) > datetime.now(UTC)
    assert (await api.get(f"{S}/list")).json == [found]
    assert (await api.get(f"{S}/get//{PATH}")).json == found


async def test_what_is_not_pushed_is_absent(api: Api) -> None:
    short = {name: PUSHED[name] for name in ("schedule", "timezone", "script_path", "is_flow")}
    body = {**short, "path": PATH, "args": None, "something_new": 1}
    assert (await api.post(f"{S}/create", json=body)).status == 201
    found = (await api.get(f"{S}/get/{PATH}")).json
    assert found["args"] is None
    assert found["enabled"] is False
    assert not found.keys() & {"on_failure", "summary", "tag", "something_new", "next_at", "error"}


async def test_a_push_over_a_schedule_updates_it_and_then_says_whether_it_is_enabled(
    api: Api,
) -> None:
    await make(api)
    await api.deploy("f/ops/other")
    file = PUSHED | {"schedule": "0 30 3 * * *", "args": {"name": "Bob"}, "summary": None}
    file |= {"script_path": "f/ops/other", "is_flow": True, "enabled": False}
    updated = await api.post(f"{S}/update/{PATH}", json=file)
    assert (updated.status, updated.media) == (200, "text/plain")
    found = (await api.get(f"{S}/get/{PATH}")).json
    assert (found["schedule"], found["args"]) == ("0 30 3 * * *", {"name": "Bob"})
    assert found["summary"] is None
    unchanged = ("f/ops/hello", False, True)
    assert (found["script_path"], found["is_flow"], found["enabled"]) == unchanged
    turned = await api.post(f"{S}/setenabled/{PATH}", json={"enabled": False, "force": True})
    assert turned.status == 200
    found = (await api.get(f"{S}/get/{PATH}")).json
    assert found["enabled"] is False
    assert "next_at" not in found


async def test_a_schedule_is_deleted_and_gone(api: Api) -> None:
    await make(api)
    assert (await api.get(f"{S}/exists/{PATH}")).json is True
    assert (await api.ask("ada", "DELETE", f"{S}/delete/{PATH}")).status == 200
    assert (await api.get(f"{S}/exists/{PATH}")).json is False
    assert (await api.get(f"{S}/list")).json == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"on_failure": "script/f/ops/hello"}, "on_failure"),
        ({"on_recovery": "script/f/ops/hello"}, "on_recovery"),
        ({"on_success": "script/f/ops/hello"}, "on_success"),
        ({"retry": {"constant": {"attempts": 2, "seconds": 1}}}, "retry"),
        ({"dynamic_skip": "f/ops/hello"}, "dynamic_skip"),
        ({"schedule": "0 25 * * *"}, "'0 25 * * *' is not a cron expression (hour 25)"),
        ({"timezone": "Mars/Olympus"}, "'Mars/Olympus' is not a time zone"),
        ({"cron_version": "v1", "schedule": "0 0 3 * * 1"}, "cron_version v1"),
        ({"args": {"count": 1}}, "arguments of f/ops/hello: name"),
        ({"args": [1]}, "args"),
        ({"paused_until": "tomorrow"}, "paused_until"),
        ({"path": "nightly"}, "path 'nightly'"),
        ({"schedule": None}, "schedule"),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_what_would_not_work_is_refused_by_name(
    api: Api, change: dict[str, Any], field: str
) -> None:
    answer = await api.post(f"{S}/create", json={**PUSHED, "path": PATH, **change})
    assert (answer.status, answer.media) == (400, "text/plain")
    assert answer.text.startswith("Bad request: ")
    assert field in answer.text
    assert (await api.get(f"{S}/list")).json == []


async def test_a_taken_path_is_not_overwritten(api: Api) -> None:
    await make(api)
    answer = await api.post(f"{S}/create", json={**PUSHED, "path": PATH})
    assert (answer.status, PATH in answer.text) == (400, True)


async def test_a_script_that_is_not_there_cannot_be_scheduled(api: Api) -> None:
    answer = await api.post(
        f"{S}/create", json={**PUSHED, "path": PATH, "script_path": "f/no/thing"}
    )
    assert (answer.status, "f/no/thing" in answer.text) == (404, True)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"get/{PATH}", None),
        ("GET", f"ticks/{PATH}", None),
        ("POST", f"update/{PATH}", PUSHED),
        ("POST", f"setenabled/{PATH}", {"enabled": True}),
        ("POST", f"run_now/{PATH}", None),
        ("DELETE", f"delete/{PATH}", None),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_what_is_not_there_is_404_in_text(
    api: Api, method: str, path: str, body: object
) -> None:
    answer = await api.ask("ada", method, f"{S}/{path}", json=body)
    assert (answer.status, answer.media) == (404, "text/plain")
    assert answer.text == f"Not found: schedule not found at name {PATH}"


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_others_schedules_are_not_there_and_operators_write_none(api: Api) -> None:
    await make(api, "u/ada/mine")
    assert (await api.get(f"{S}/get/u/ada/mine", "bob")).status == 404
    assert (await api.get(f"{S}/exists/u/ada/mine", "bob")).json is False
    assert (await api.get(f"{S}/ticks/u/ada/mine", "bob")).status == 404
    assert (await api.get(f"{S}/list", "bob")).json == []
    assert (await api.post(f"{S}/run_now/u/ada/mine", "bob")).status == 404
    await make(api)
    for method, path, body in (
        ("POST", "create", {**PUSHED, "path": "f/ops/mine"}),
        ("POST", f"update/{PATH}", PUSHED),
        ("POST", f"setenabled/{PATH}", {"enabled": False}),
        ("DELETE", f"delete/{PATH}", None),
    ):
        assert (await api.ask("olga", method, f"{S}/{path}", json=body)).status == 403
    assert (await api.post(f"{S}/run_now/{PATH}", "olga")).status == 201


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_limited_token_reaches_so_far(api: Api) -> None:
    await api.token("writer", scopes=("schedules:write:f/ops/*",))
    await make(api, who="writer")
    other = {**PUSHED, "path": "f/lab/x"}
    assert (await api.post(f"{S}/create", "writer", json=other)).status == 403
    assert (await api.get(f"{S}/get/{PATH}", "writer")).status == 200
    assert (await api.get(f"{S}/list", "writer")).status == 403
    assert (await api.post(f"{S}/run_now/{PATH}", "writer")).status == 403


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_an_admin_pushes_for_somebody_else(api: Api) -> None:
    await make(api, preserve_permissioned_as=True, permissioned_as="u/bob")
    found = (await api.get(f"{S}/get/{PATH}")).json
    assert (found["permissioned_as"], found["email"]) == ("u/bob", "bob@here.test")
    body = PUSHED | {"preserve_permissioned_as": True, "permissioned_as": "u/ada"}
    assert (await api.post(f"{S}/update/{PATH}", "bob", json=body)).status == 403
    ignored = body | {"preserve_permissioned_as": False}
    assert (await api.post(f"{S}/update/{PATH}", "bob", json=ignored)).status == 200


async def test_the_list_has_pages_and_filters(api: Api) -> None:
    await api.deploy("f/lab/report")
    await make(api, "f/ops/a", summary="Clean up", description="old files")
    await make(api, "f/ops/b")
    await make(api, "f/lab/c", script_path="f/lab/report")

    async def paths(query: str) -> list[str]:
        return [found["path"] for found in (await api.get(f"{S}/list?{query}")).json]

    assert await paths("") == ["f/lab/c", "f/ops/b", "f/ops/a"]
    assert await paths("page=2&per_page=2") == ["f/ops/a"]
    assert await paths("path=f/lab/report") == ["f/lab/c"]
    assert await paths("path_start=f/ops/") == ["f/ops/b", "f/ops/a"]
    assert await paths("schedule_path=f/ops/b") == ["f/ops/b"]
    assert await paths("summary=clean") == ["f/ops/a"]
    assert await paths("description=FILES") == ["f/ops/a"]
    assert await paths("broad_filter=REPORT") == ["f/lab/c"]
    assert await paths("is_flow=true") == []
    assert len(await paths("is_flow=false&include_draft_only=true&something_new=1")) == 3
    refused = await api.get(f"{S}/list?label=x")
    assert (refused.status, "label" in refused.text) == (400, True)


async def test_the_next_fires_are_shown_before_anything_is_saved(api: Api) -> None:
    asked = {"schedule": "0 30 12 * * 1", "timezone": "Europe/Paris", "cron_version": "v2"}
    answer = await api.post("/api/schedules/preview", "eve", json=asked)
    assert answer.status == 200
    fires = [datetime.fromisoformat(moment) for moment in answer.json]
    assert len(fires) == 5
    assert {(fire.isoweekday(), fire.minute, fire.tzinfo) for fire in fires} == {(1, 30, UTC)}
    refused = await api.post("/api/schedules/preview", json=asked | {"schedule": "0 0 30 2 *"})
    assert (refused.status, "never comes" in refused.text) == (400, True)
    assert (await api.post("/api/schedules/preview", None, json=asked)).status == 401


async def test_a_run_now_is_a_run_with_the_schedules_arguments(api: Api) -> None:
    await make(api, enabled=False)
    answer = await api.post(f"{S}/run_now/{PATH}", "bob")
    assert (answer.status, answer.media) == (201, "text/plain")
    job = (await api.get(f"/api/w/main/jobs_u/get/{answer.text}")).json
    assert (job["args"], job["created_by"]) == (PUSHED["args"], "bob")
    assert job["schedule_path"] == PATH
    listed = (await api.get(f"/api/w/main/jobs/list?schedule_path={PATH}")).json
    assert [found["id"] for found in listed] == [answer.text]
    other = await api.preview(name="x")
    for works in (0, 2):
        for _ in range(works):
            await api.work()
        listed = (await api.get("/api/w/main/jobs/list?is_not_schedule=true")).json
        assert [found["id"] for found in listed] == [other]


async def test_the_runs_of_the_ticks_are_told_with_the_schedule(api: Api) -> None:
    await make(api, schedule="* * * * * *")
    with api.world.db.bell.listen("queue") as ear:
        while not await engine.tick(api.world):
            await ear.wait((await engine.next_tick_s(api.world) or 0) + 0.001)
    await api.post(f"{S}/setenabled/{PATH}", json={"enabled": False})
    job = await api.work(42)
    [listed] = (await api.get(f"{S}/list_with_jobs")).json
    ScheduleWithJobs.model_validate(listed)
    assert [(run["id"], run["success"]) for run in listed["jobs"]] == [(str(job.job.id), True)]
    ticks = (await api.get(f"{S}/ticks/{PATH}")).json
    ScheduleTick.model_validate(ticks[0])
    assert ticks[-1]["job_id"] == str(job.job.id)
    assert ticks[-1].keys() == {"at", "job_id"}
    assert job.job.trigger_kind == "schedule"
