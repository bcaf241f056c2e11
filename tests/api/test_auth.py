"""Logging in, the first admin, and the three places a token may be in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.api.conftest import Api
from windmill_lite.api.app import make_app
from windmill_lite.engine import setup
from windmill_lite.engine.world import World

PASSWORD = "correct horse battery"
WHOAMI = "/api/users/whoami"


@pytest.fixture
async def fresh(world: World) -> AsyncIterator[Api]:
    """An instance that nobody has set up yet."""
    async with TestClient(TestServer(make_app(world, ui=None))) as client:
        yield Api(world, client)


async def test_the_setup_link_makes_the_first_admin_and_works_once(fresh: Api) -> None:
    assert (await fresh.get("/api/auth/setup_needed", None)).json == {"needed": True}
    token = await setup.new_setup_token(fresh.world)
    body = {"token": token, "email": "Ada@here.test", "password": PASSWORD, "name": "Ada"}

    made = await fresh.post("/api/auth/setup", None, json=body)
    assert made.status == 201
    assert f"token={made.text};" in made.headers["Set-Cookie"]
    fresh.tokens["ada"] = made.text
    who = (await fresh.get(WHOAMI)).json
    assert (who["email"], who["super_admin"], who["name"]) == ("ada@here.test", True, "Ada")

    again = await fresh.post("/api/auth/setup", None, json=body)
    assert again.status == 401
    assert (await fresh.get("/api/auth/setup_needed", None)).json == {"needed": False}


async def test_logging_in_gives_a_token_and_a_cookie_and_logging_out_ends_both(
    fresh: Api,
) -> None:
    await setup.first_account(fresh.world, email="ada@here.test", password=PASSWORD)
    credentials = {"email": "ada@here.test", "password": PASSWORD}

    answer = await fresh.post("/api/auth/login", None, json=credentials)
    assert (answer.status, answer.media) == (200, "text/plain")
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie

    assert (await fresh.get(WHOAMI, None)).status == 200  # the client keeps the cookie
    out = await fresh.post("/api/auth/logout", None)
    assert (out.status, 'token=""' in out.headers["Set-Cookie"]) == (200, True)
    fresh.tokens["ada"] = answer.text
    assert (await fresh.get(WHOAMI)).status == 401


async def test_a_wrong_password_and_an_unknown_account_look_the_same(fresh: Api) -> None:
    await setup.first_account(fresh.world, email="ada@here.test", password=PASSWORD)
    answers = [
        await fresh.post("/api/auth/login", None, json={"email": email, "password": "wrong"})
        for email in ("ada@here.test", "nobody@here.test")
    ]
    assert [answer.status for answer in answers] == [401, 401]
    assert answers[0].text == answers[1].text


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_too_many_failures_are_told_to_come_back_later(fresh: Api) -> None:
    wrong = {"email": "nobody@here.test", "password": "wrong"}
    answers = [await fresh.post("/api/auth/login", None, json=wrong) for _ in range(11)]
    assert answers[-1].status == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_the_cookie_is_for_https_alone_where_people_use_https(world: World) -> None:
    secure = replace(world, base_url="https://wm.test")
    await setup.first_account(world, email="ada@here.test", password=PASSWORD)
    async with TestClient(TestServer(make_app(secure, ui=None))) as client:
        api = Api(secure, client)
        answer = await api.post(
            "/api/auth/login", None, json={"email": "ada@here.test", "password": PASSWORD}
        )
    assert "Secure" in answer.headers["Set-Cookie"]


async def test_a_token_counts_in_each_of_its_three_places(api: Api) -> None:
    token = api.tokens["bob"]
    places = (
        await api.get(WHOAMI, None, headers={"Authorization": f"Bearer {token}"}),
        await api.get(WHOAMI, None, headers={"Authorization": f"bearer {token} "}),
        await api.get(WHOAMI, None, headers={"Cookie": f"token={token}"}),
        await api.get(f"{WHOAMI}?token={token}", None),
    )
    assert [(place.status, place.json["email"]) for place in places] == [(200, "bob@here.test")] * 4


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer \u00ff\u00fe"},
        {"Cookie": "token="},
        {"Cookie": "token=nonsense"},
        {"Authorization": "Bearer wmj_nonsense.nonsense"},
    ],
)
async def test_without_a_good_token_nothing_is_told(api: Api, headers: dict[str, str]) -> None:
    for path in (WHOAMI, "/api/w/main/scripts/list", "/api/w/nowhere/scripts/list"):
        answer = await api.get(path, None, headers=headers)
        assert answer.status == 401
        assert answer.text.startswith("Not authorized: ")


async def test_a_workspace_is_closed_to_who_is_no_member(api: Api) -> None:
    assert (await api.get("/api/w/main/scripts/list", "eve")).status == 401
    assert (await api.get("/api/w/main/scripts/list", "bob")).status == 200


CHANGE = "/api/w/main/scripts/archive/p/f/ops/hello"
RUNS = "/api/w/main/jobs/run_wait_result/p/f/nothing/there"


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),  # a program with a cookie
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://here.test"}, True),
        ({"Origin": "http://127.0.0.1"}, False),
        ({"Origin": "https://evil.test"}, False),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://here.test"}, False),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_another_sites_page_cannot_use_the_cookie_to_change_or_run(
    api: Api, headers: dict[str, str], *, allowed: bool
) -> None:
    cookie = {"Cookie": f"token={api.tokens['ada']}"}
    for method, path in (("POST", CHANGE), ("GET", RUNS), ("POST", RUNS)):
        answer = await api.ask(None, method, path, headers=cookie | headers)
        assert (answer.status == 403) is not allowed, (method, path, answer)
    read = await api.get("/api/w/main/scripts/list", None, headers=cookie | headers)
    assert read.status == 200
    token = await api.ask("ada", "POST", CHANGE, headers=headers)
    assert token.status != 403, "a token in the header is no cookie"


async def test_our_own_pages_are_known_by_the_host_they_come_from(api: Api) -> None:
    own = str(api.client.make_url("/")).rstrip("/")
    headers = {"Cookie": f"token={api.tokens['ada']}", "Origin": own}
    assert (await api.post(CHANGE, None, headers=headers)).status == 404


@pytest.mark.parametrize("path", ["/api/auth/login", "/api/auth/setup", "/api/auth/logout"])
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_another_site_can_not_log_somebody_in_or_out(api: Api, path: str) -> None:
    answer = await api.post(path, None, headers={"Sec-Fetch-Site": "cross-site"}, json={})
    assert answer.status == 403
