"""A request that is answered is gone at once, with its body, however long it waited."""

from __future__ import annotations

import asyncio

from tests._garbage import circles
from tests.api.conftest import Api

J = "/api/w/main/jobs"


async def test_a_request_leaves_nothing_to_the_collector(api: Api) -> None:
    await api.deploy()
    job_id = await api.preview(name="a")
    await api.work({"a": 1})

    async def look() -> None:
        assert (await api.get(f"/api/w/main/jobs_u/get/{job_id}")).status == 200
        assert (await api.get(f"{J}/list?per_page=30")).status == 200
        assert (await api.get("/api/w/main/scripts/get/p/f/no/where")).status == 404
        assert (await api.get("/api/version", None)).status == 200

    async def run() -> None:
        url = f"{J}/run_wait_result/p/f/ops/hello"
        waiting = asyncio.ensure_future(api.post(url, json={"name": "x" * 10_000}))
        await api.work({"x": 1})
        assert (await waiting).status == 200

    assert await circles(look) == {}
    assert await circles(run) == {}
