"""The network of code that is not deployed: of a preview, and of the inline steps of flows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.flows._work import deployed, turn
from tests.api.flows._write import F, body, flow, loop, raw

RUN = "/api/w/main/jobs/run"
WANTED = [
    ("none", '"none"'),
    (["A.example:443", "10.0.0.1:80"], '["a.example:443","10.0.0.1:80"]'),
]
WRONG = ("some", ["*.example:443"], ["a.example"], 3, {"a": 1})


def step(network: Any, id: str = "a") -> dict[str, Any]:
    made = raw(id)
    made["value"]["network"] = network
    return made


@pytest.mark.parametrize(("network", "told"), WANTED)
async def test_a_preview_may_ask_for_less_network(api: Api, network: Any, told: str) -> None:
    code = {"content": "def main(): ...", "language": "python3", "args": {}}
    given: tuple[Any, ...] = (network, None, [])
    asked = [code | {"network": each} for each in given]
    for each in asked:
        answer = await api.post(f"{RUN}/preview?cache_ttl=60", json=each)
        assert answer.status == 201, answer
    jobs = [(await api.work()).job for _ in asked]
    assert [job.cell for job in jobs] == [f'{{"network":{told}}}', None, None]
    assert jobs[0].cache_key != jobs[1].cache_key


@pytest.mark.parametrize("network", WRONG)
async def test_what_is_no_network_of_a_preview_is_refused(api: Api, network: Any) -> None:
    code = {"content": "def main(): ...", "language": "python3", "network": network}
    answer = await api.post(f"{RUN}/preview", json=code)
    assert (answer.status, "network" in answer.text) == (400, True), answer


@pytest.mark.parametrize(("network", "told"), WANTED)
async def test_an_inline_step_may_ask_for_less_network(api: Api, network: Any, told: str) -> None:
    await deployed(api, "f/ops/flow", step(network), step(None, "b"))
    value = (await api.get(f"{F}/get/f/ops/flow")).json["value"]
    assert value["modules"][0]["value"]["network"] == network
    for start, asked in (("f/f/ops/flow", {}), ("preview_flow", {"value": flow(step(network))})):
        answer = await api.post(f"{RUN}/{start}", json=asked)
        assert answer.status == 201, answer
        first = await turn(api)
        assert first is not None
        assert first.job.cell == f'{{"network":{told}}}'
        await api.finish(first)
    second = await turn(api)
    assert second is None or second.job.cell is None


@pytest.mark.parametrize("network", WRONG)
async def test_what_is_no_network_of_a_step_is_refused_with_its_place(
    api: Api, network: Any
) -> None:
    asked = body("f/ops/flow", loop("l", step(network)))
    answer = await api.post(f"{F}/create", json=asked)
    place = "modules[0].value.modules[0].value.network"
    assert (answer.status, place in answer.text) == (400, True), answer
