"""Lists of jobs with flows in them."""

from __future__ import annotations

from tests.api.conftest import Api
from tests.api.flows._work import deployed, play, turn
from tests.api.flows._write import raw
from tests.api.flows.test_running import PATH, J, started


async def test_lists_tell_flows_by_their_kind_and_version(api: Api) -> None:
    version = await deployed(api)
    id = await started(api)
    await play(api)
    for query in (
        "job_kinds=flow",
        f"script_path_exact={PATH}",
        f"script_hash={version}",
        "job_kinds=script,flow,singlestepflow&has_null_parent=true",
    ):
        found = (await api.get(f"{J}/list?{query}")).json
        assert [each["id"] for each in found] == [id], query
    assert (await api.get(f"{J}/completed/list?job_kinds=flowpreview")).json == []


async def test_what_runs_is_listed_though_no_worker_holds_it(api: Api) -> None:
    sleeps = raw("a") | {"sleep": {"type": "static", "value": 60}}
    asks = raw("a") | {"suspend": {"required_events": 1}}
    ids = {}
    for name, first in (("sleeps", sleeps), ("asks", asks), ("plain", raw("a"))):
        await deployed(api, f"f/ops/{name}", first, raw("b"))
        ids[name] = await started(api, f"f/ops/{name}")
        if name != "plain":
            await play(api)
    step = await turn(api)
    waits = await started(api, "f/ops/plain")

    async def listed(query: str) -> set[str]:
        return {each["id"] for each in (await api.get(f"{J}/list?{query}")).json}

    assert step is not None
    assert await listed("running=true&has_null_parent=true") == set(ids.values())
    assert await listed("running=true&script_path_exact=f/ops/sleeps") == {ids["sleeps"]}
    assert await listed("running=true") == {*ids.values(), str(step.job.id)}
    assert await listed("running=false&has_null_parent=true") == {waits}
    assert await listed("suspended=true") == {ids["asks"]}
    assert len(await listed("suspended=false&has_null_parent=true")) == 4
    queue = (await api.get(f"{J}/queue/list?suspended=true")).json
    counted = (await api.get(f"{J}/queue/count")).json
    assert counted == {"database_length": 1, "suspended": 1}, "one runs, one sleeps"
    assert [(each["script_path"], each["suspend"]) for each in queue] == [("f/ops/asks", 1)]
