"""Whatever is sent, the answer is never 5xx, never HTML, and comes.

The requests are drawn from the table of routes: values of the right kind, of the wrong kind and of
no kind, in paths, queries and bodies.
"""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from tests.api.conftest import MAIN, WORKER, Answer, Api, people
from tests.conftest import NewDatabase
from windmill_lite.api import events
from windmill_lite.api.app import make_app, table
from windmill_lite.api.middleware.limits import Bound
from windmill_lite.api.route import Kind, Lane, RouteDef
from windmill_lite.base.clock import SystemClock
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import open_world
from windmill_lite.store.db.connect import connect

# What waits for a worker, and what would end the tokens that ask, is examined elsewhere.
ROUTES = [
    route
    for route in table()
    if not ("run_wait_result" in route.path or "run_inline" in route.path)
    and route.reply is not Kind.EVENTS
    and route.name not in ("logout", "deleteToken", "login", "setup", "setPassword")
]
LANES = {Lane.SHORT: Bound(1_000), Lane.LONG: Bound(1_000)}

ODD_TEXT = st.one_of(
    st.sampled_from(
        [
            "f/ops/hello",
            "u/ada/x",
            "u/ada/../bob/x",
            "..",
            ".",
            "%",
            "\0",
            "a\0b",
            "\u202e",
            "é" * 300,
            "x" * 3_000,
            "'; drop table job; --",
            "0",
            "-1",
            "9" * 40,
            "1e400",
            "true",
            "null",
            "2026-01-01T00:00:00Z",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "Infinity",
            "python3",
            "6f1d7c4e-3b0a-5d0e-9a53-2f7e0c6b8d11",
        ]
    ),
    st.text(max_size=20),
)
ODD_JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.integers(min_value=2**62, max_value=2**70),
        st.floats(allow_nan=True, allow_infinity=True),
        ODD_TEXT,
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD_TEXT, inner, max_size=3),
    max_leaves=8,
)
MEDIA = st.sampled_from(
    [
        "application/json",
        "application/json",
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/cloudevents+json",
        "application/octet-stream",
        "",
    ]
)


def _fields(route: RouteDef, part: str) -> list[str]:
    model = route.query if part == "query" else route.body
    fields = {} if model is None else model.model_fields
    return [field.alias or name for name, field in fields.items()] or ["x"]


@st.composite
def requests(draw: st.DrawFn) -> tuple[RouteDef, str, bytes, str]:
    """A route, an address, a body and its media type."""
    route = draw(st.sampled_from(ROUTES))
    parts = []
    for segment in route.path.split("/"):
        if segment == "{workspace}":
            parts.append(draw(st.sampled_from(["main"] * 8 + ["nowhere", "%00", "a%2Fb"])))
        elif segment.startswith("{"):
            parts.append(_encoded(draw(ODD_TEXT)))
        else:
            parts.append(segment)
    names = st.sampled_from(_fields(route, "query")) | ODD_TEXT
    query = draw(st.lists(st.tuples(names, ODD_TEXT), max_size=3))
    pairs = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in query)
    address = "/".join(parts) + (f"?{pairs}" if pairs else "")
    return route, address, draw(_bodies(route)), draw(MEDIA)


def _encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="/")


def _bodies(route: RouteDef) -> st.SearchStrategy[bytes]:
    good: dict[str, Any] = {
        "path": "f/ops/fuzz",
        "content": MAIN,
        "language": "python3",
        "summary": "",
        "args": {},
        "email": "x@here.test",
        "id": "w1",
        "name": "x",
    }
    fields = st.sampled_from(_fields(route, "body"))
    near = st.dictionaries(fields, ODD_JSON, max_size=3).map(lambda odd: good | odd)
    values = st.one_of(near, ODD_JSON)
    return st.one_of(
        values.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
        values.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")),
        st.binary(max_size=30),
        st.just(b""),
    )


class Harness:
    """One application and one event loop for all examples of a run."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.api = self.loop.run_until_complete(self._open(url))

    async def _open(self, url: str) -> Api:
        self.db = connect(url, Path())
        await self.db.open()
        world = await open_world(self.db, SystemClock(), "http://here.test")
        client = TestClient(TestServer(make_app(world, ui=None, lane_max=LANES)))
        await client.start_server()
        await register(world, WORKER)
        api = Api(world, client, await people(world))
        await api.deploy()
        return api

    def ask(self, method: str, address: str, body: bytes, media: str) -> Answer:
        return self.loop.run_until_complete(self._ask(method, address, body, media))

    async def _ask(self, method: str, address: str, body: bytes, media: str) -> Answer:
        URL(address, encoded=True)
        async with asyncio.timeout(20):
            return await self.api.ask(
                "ada", method, address, data=io.BytesIO(body), headers={"Content-Type": media}
            )

    def close(self) -> None:
        self.loop.run_until_complete(self.api.client.close())
        self.loop.run_until_complete(self.db.close())
        self.loop.close()


@pytest.mark.timeout(240)
def test_whatever_is_sent_gets_a_proper_answer(
    new_database: NewDatabase, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "UPDATE_HOLD_S", 0.0)
    harness = Harness(new_database(dialect))

    @settings(
        max_examples=150,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(requests())
    def examine(request: tuple[RouteDef, str, bytes, str]) -> None:
        route, address, body, media = request
        answer = harness.ask(route.method, address, body, media)
        assert answer.status < 500, (route.method, address, body, answer)
        proper = {"application/json", "text/plain"}
        if answer.status == 200 and route.reply is Kind.ARCHIVE:
            proper = {Kind.ARCHIVE.value}
        assert answer.media in proper, answer
        if answer.status >= 400:
            assert answer.media == "text/plain"
            assert answer.text.split(": ")[1]

    try:
        examine()
    finally:
        harness.close()


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("kind", ["truncated", "slow header", "no http", "two lengths"])
async def test_broken_http_is_refused_without_harm(api: Api, kind: str) -> None:
    lines = {
        "truncated": b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{",
        "slow header": b"GET /api/version HTTP/1.1\r\nHost: x\r\n",
        "no http": b"\x16\x03\x01\x02\x00 hello\r\n\r\n",
        "two lengths": b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    }
    address = api.client.make_url("/")
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(lines[kind])
    await writer.drain()
    if kind in ("no http", "two lengths"):
        status = await reader.readline()
        assert status.split()[1:2] == [b"400"]
    writer.close()
    await writer.wait_closed()
    assert (await api.get("/healthz", None)).status == 200
    assert (await api.get(f"/api/w/main/jobs_u/get/{uuid4()}")).status == 404
