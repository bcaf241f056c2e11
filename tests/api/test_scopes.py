"""Limited tokens at the real routes; the decision itself is examined in tests/core."""

from __future__ import annotations

import pytest

from tests.api.conftest import MAIN, Api
from windmill_lite.api.app import table
from windmill_lite.api.route import Level
from windmill_lite.core.token_scopes import Action

W = "/api/w/main"
PREVIEW = {"content": MAIN, "language": "python3", "args": {"name": "x"}}
DEPLOY = {"path": "f/ops/new", "content": MAIN, "language": "python3", "summary": ""}
VALUE: dict[str, object] = {"value": "x", "is_secret": False, "resource_type": "any"}
SCHEDULE = {"schedule": "0 0 3 * * *", "timezone": "UTC", "script_path": "f/ops/hello"}
FLOW: dict[str, object] = {"value": {"modules": []}}


@pytest.mark.parametrize(
    ("scopes", "method", "path", "body", "status"),
    [
        (("jobs:run:scripts:f/ops/hello",), "POST", "/jobs/run/p/f/ops/hello", {"name": "x"}, 201),
        (("jobs:run:scripts:f/ops/hello",), "POST", "/jobs/run/p//f/ops/hello", {"name": "x"}, 201),
        (("jobs:run:scripts:f/ops/hello",), "POST", "/jobs/run/p/f/ops/other", {}, 403),
        (("jobs:run:scripts:f/ops/hello",), "POST", "/jobs/run/h/{hash}", {"name": "x"}, 403),
        (("jobs:run:scripts:f/ops/hello",), "POST", "/jobs/run/preview", PREVIEW, 403),
        (("jobs:run:scripts:f/ops/hello",), "POST", "/jobs/run_inline/preview", PREVIEW, 403),
        (("jobs:run:scripts:f/ops/hello",), "GET", "/scripts/get/p/f/ops/hello", None, 403),
        (("jobs:run:scripts",), "POST", "/jobs/run/h/{hash}", {"name": "x"}, 201),
        (("jobs:run:scripts",), "POST", "/jobs/run/preview", PREVIEW, 403),
        (("jobs:run",), "POST", "/jobs/run/preview", PREVIEW, 201),
        (("jobs:read",), "GET", "/jobs/list", None, 200),
        (("jobs:read",), "POST", "/jobs/run/p/f/ops/hello", {"name": "x"}, 403),
        (("jobs:read",), "GET", "/jobs/run_wait_result/p/f/ops/hello", None, 403),
        (("scripts:read:f/ops/*",), "GET", "/scripts/get/p/f/ops/hello", None, 200),
        (("scripts:read:f/ops/*",), "GET", "/scripts/raw/p/f/ops/hello", None, 200),
        (("scripts:read:f/ops/*",), "GET", "/scripts/list", None, 403),
        (("scripts:read:f/ops/*",), "GET", "/scripts/get/h/{hash}", None, 403),
        (("scripts:read",), "GET", "/scripts/get/h/{hash}", None, 200),
        (("scripts:write:f/ops/*",), "POST", "/scripts/create", DEPLOY, 201),
        (("scripts:write:f/other/*",), "POST", "/scripts/create", DEPLOY, 403),
        (("scripts:read",), "POST", "/scripts/create", DEPLOY, 403),
        (("scripts:read",), "POST", "/scripts/archive/p/f/ops/hello", None, 403),
        ((), "GET", "/scripts/list", None, 403),
        (("nonsense",), "GET", "/scripts/list", None, 403),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_scoped_token_reaches_so_far(
    api: Api, scopes: tuple[str, ...], method: str, path: str, body: object, status: int
) -> None:
    hash_ = await api.deploy()
    await api.token("limited", scopes=scopes)
    answer = await api.ask("limited", method, W + path.format(hash=hash_), json=body)
    assert answer.status == status, answer
    if status == 403:
        assert answer.text.startswith("Permission denied: ")


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_no_limited_token_changes_the_account(api: Api) -> None:
    await api.token("scoped", scopes=("users:write", "workspaces:write", "jobs:run"))
    await api.token("reader", read_only=True)
    await api.token("local", workspace="main")
    own = [
        route
        for route in table()
        if route.access.action is Action.OWN and route.access.level is Level.LOGIN
    ]
    assert len(own) >= 5
    for route in own:
        for who in ("scoped", "reader", "local"):
            path = route.path.replace("{token_prefix}", "abcdefghij")
            answer = await api.ask(who, route.method, path, json={})
            assert answer.status == 403, (who, route.path, answer)


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_read_only_token_changes_and_runs_nothing(api: Api) -> None:
    await api.deploy()
    await api.token("reader", read_only=True)
    assert (await api.get(f"{W}/scripts/list", "reader")).status == 200
    for route in table():
        if route.access.action is Action.READ or route.access.level in (Level.PUBLIC, Level.LINK):
            continue
        path = route.path.replace("{workspace}", "main").replace("{path...}", "f/ops/hello")
        path = path.replace("{id}", "6f1d7c4e-3b0a-5d0e-9a53-2f7e0c6b8d11")
        path = path.replace("{hash}", "0123456789abcdef").replace("{token_prefix}", "abc")
        body = VALUE if "/variables/" in path or "/resources/" in path else FLOW
        answer = await api.ask("reader", route.method, path, json=DEPLOY | SCHEDULE | body)
        assert answer.status == 403, (route.path, answer)


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_token_of_one_workspace_opens_no_other(api: Api) -> None:
    await api.post("/api/workspaces/create", json={"id": "lab", "name": "Lab"})
    await api.token("local", workspace="lab")
    assert (await api.get("/api/w/lab/scripts/list", "local")).status == 200
    assert (await api.get("/api/w/main/scripts/list", "local")).status == 401


def test_every_route_of_a_workspace_asks_for_a_member() -> None:
    for route in table():
        inside = route.path.startswith("/api/w/{workspace}/")
        assert inside is (route.access.level in (Level.WORKSPACE, Level.LINK)), route.path


def test_what_a_signed_link_opens_is_this() -> None:
    prefix = "/api/w/{workspace}/jobs_u/"
    opened = {r.path.removeprefix(prefix) for r in table() if r.access.level is Level.LINK}
    at = "{id}/{resume_id}/{signature}"
    by_token = {"flow/approval_info/{id}", "flow/resume_suspended/{id}"}  # or a login
    assert opened == {f"resume/{at}", f"cancel/{at}", f"get_flow/{at}"} | by_token


def test_the_public_routes_are_these() -> None:
    assert {r.path for r in table() if r.access.level is Level.PUBLIC} == {
        "/healthz",
        "/readyz",
        "/api/version",
        "/api/openapi.json",
        "/api/auth/login",
        "/api/auth/logout",
        "/api/auth/setup",
        "/api/auth/setup_needed",
        "/api/auth/is_password_login_disabled",
    }
