"""Flows whose steps have processes that are kept: what their jobs ask for, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.flows._work import deployed, end, play, turn
from tests.api.flows._write import F, body, flow, loop, of_path, raw

J = "/api/w/main/jobs"
PATH = "f/ops/flow"
KEPT = '{"dedicated":true}'


def bash(id: str) -> dict[str, Any]:
    step = raw(id)
    step["value"] |= {"language": "bash", "content": "echo", "tag": "python3"}
    return step


async def cells(api: Api) -> dict[str, str | None]:
    """What each step that ran asked of its cell."""
    found = {}
    while (step := await turn(api)) is not None:
        found[step.job.step_id or ""] = step.job.cell
        await end(api, step, 1)
    return found


async def started(api: Api, path: str = PATH) -> str:
    answer = await api.post(f"{J}/run/f/{path}", json={})
    assert answer.status == 201, answer
    return answer.text


async def test_the_steps_ask_for_kept_processes_where_their_languages_have_them(api: Api) -> None:
    script = {"path": "f/ops/script", "content": "def main(): return 1", "language": "python3"}
    made = await api.post("/api/w/main/scripts/create", json=script | {"network": "none"})
    assert made.status == 201, made
    await deployed(api, "f/ops/inner", raw("plain"))
    await deployed(
        api,
        PATH,
        raw("a"),
        bash("b"),
        of_path("c", "script", "f/ops/script"),
        loop("l", raw("d"), over="[1]"),
        of_path("e", "flow", "f/ops/inner"),
        dedicated_worker=True,
    )
    assert (await api.get(f"{F}/get/{PATH}")).json["dedicated_worker"] is True
    await started(api)
    assert await cells(api) == {
        "a": KEPT,
        "b": None,
        "c": '{"dedicated":true,"network":"none"}',
        "d": KEPT,
        "plain": None,
    }


async def test_a_flow_inside_says_for_its_own_steps_whether_their_processes_are_kept(
    api: Api,
) -> None:
    await deployed(api, "f/ops/inner", raw("a"), dedicated_worker=True)
    await deployed(api, PATH, of_path("e", "flow", "f/ops/inner"), raw("b"))
    await started(api)
    assert await cells(api) == {"a": KEPT, "b": None}


async def test_a_run_that_goes_on_from_a_step_keeps_processes_as_the_first_did(api: Api) -> None:
    await deployed(api, PATH, raw("a"), raw("b"), dedicated_worker=True)
    old = await started(api)
    await play(api)
    again = await api.post(f"{J}/restart/f/{old}", json={"step_id": "b"})
    assert again.status == 201, again
    assert await cells(api) == {"b": KEPT}


async def test_an_update_without_it_ends_it(api: Api) -> None:
    await deployed(api, PATH, raw("a"), dedicated_worker=True)
    updated = await api.post(f"{F}/update/{PATH}", json=body(PATH, raw("b")))
    assert updated.status == 200, updated
    assert "dedicated_worker" not in (await api.get(f"{F}/get/{PATH}")).json
    await started(api)
    assert await cells(api) == {"b": None}


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (flow(raw("a"), same_worker=True), "same_worker"),
        (flow(bash("a")), "no step runs a script or code in python3"),
        (flow(), "no step runs a script"),
    ],
)
async def test_where_no_process_could_be_kept_it_is_refused_by_name(
    api: Api, value: dict[str, Any], words: str
) -> None:
    asked = body() | {"value": value, "dedicated_worker": True}
    answer = await api.post(f"{F}/create", json=asked)
    assert (answer.status, words in answer.text) == (400, True), answer.text
    assert "dedicated_worker is not supported" in answer.text
    assert (await api.post(f"{F}/create", json=asked | {"dedicated_worker": False})).status == 201
