"""Flows that wait for people: by link, by owner, with forms and rules."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from tests.api.conftest import Answer, Api
from tests.api.flows._work import deployed, end, play, turn
from tests.api.flows._write import F, raw

J, U = "/api/w/main/jobs", "/api/w/main/jobs_u"
PATH = "f/ops/flow"
AFTER = raw("b", "({resume, resumes, approvers})")
FORM = {
    "schema": {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
    }
}


class Gated:
    """A flow whose step a asks people, waiting for them."""

    def __init__(self, api: Api, id: str, asks: str) -> None:
        self.api, self.id, self.asks = api, id, asks

    async def urls(self, number: int = 1, query: str = "", job: str = "") -> dict[str, str]:
        answer = await self.api.get(f"{J}/resume_urls/{job or self.asks}/{number}{query}")
        assert answer.status == 200, answer
        return {name: url.removeprefix("http://here.test") for name, url in answer.json.items()}

    async def resume(self, number: int = 1, who: str | None = None, **more: Any) -> Answer:
        return await self.api.post((await self.urls(number))["resume"], who, **more)

    async def job(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.api.get(f"{U}/get/{self.id}")).json
        return found

    async def result(self) -> Any:
        await play(self.api)
        return (await self.job()).get("result", "waits")


async def gated(api: Api, who: str = "ada", **suspend: Any) -> Gated:
    """Started by `who`."""
    asks = raw("a", "({default_args: {n: 3}, enums: {c: ['x']}})")
    asks["suspend"] = {"required_events": 1, **suspend}
    if (await api.get(f"{F}/exists/{PATH}")).json:
        await api.ask("ada", "DELETE", f"{F}/delete/{PATH}")
    await deployed(api, PATH, asks, AFTER)
    id = (await api.post(f"{J}/run/f/{PATH}", who, json={})).text
    assert await play(api) == ["a"]
    job = (await api.get(f"{U}/get/{id}")).json
    waits = job["flow_status"]["modules"][1]
    assert (waits["type"], waits["count"]) == (
        "WaitingForEvents",
        suspend.get("required_events", 1),
    )
    assert (job["running"], job["suspend"]) == (True, suspend.get("required_events", 1))
    return Gated(api, id, waits["job"])


async def test_a_link_lets_the_flow_go_on_without_a_login(api: Api) -> None:
    waits = await gated(api)
    urls = await waits.urls(7)
    assert urls["approvalPage"].startswith(f"/approve/main/{waits.asks}/7/")
    answer = await api.post(urls["resume"], None, json={"n": 1})
    assert (answer.status, answer.media) == (201, "text/plain")
    expected = {"resume": {"n": 1}, "resumes": [{"n": 1}], "approvers": ["anonymous"]}
    assert await waits.result() == expected
    module = (await waits.job())["flow_status"]["modules"][0]
    assert [said["resume_id"] for said in module["approvers"]] == [7]


async def test_a_flow_that_is_canceled_while_it_waits_says_since_when_it_ran(api: Api) -> None:
    waits = await gated(api)
    began = (await waits.job())["started_at"]
    await api.post(f"{U}/queue/cancel/{waits.id}", json={})
    job = await waits.job()
    assert (job["canceled"], job["started_at"], "suspend" in job) == (True, began, False)


async def test_a_link_can_be_opened_with_its_payload_in_the_address(api: Api) -> None:
    waits = await gated(api)
    urls = await waits.urls(1, "?approver=Grace+Hopper")
    payload = base64.b64encode(json.dumps("yes").encode()).decode()
    answer = await api.get(f"{urls['resume']}&payload={payload}", None)
    assert answer.status == 201
    result = await waits.result()
    assert (result["resume"], result["approvers"]) == ("yes", ["Grace Hopper"])


async def test_nobody_approves_with_a_signature_of_something_else(api: Api) -> None:
    waits = await gated(api)
    urls = await waits.urls(1, "?approver=ann")
    good = urls["resume"]
    for bad in (
        good.replace("approver=ann", "approver=bob"),
        good.split("?")[0],
        good.replace("/1/", "/2/"),
        good.replace(waits.asks, waits.id),
        good[:-30] + "0" * 20,
    ):
        answer = await api.post(bad, None, json=1)
        assert answer.status in (403, 404), bad
    signature = await api.get(f"{J}/job_signature/{waits.asks}/1?approver=ann")
    assert signature.text in good
    assert await waits.result() == "waits"
    stranger = await api.get(f"{J}/resume_urls/{waits.asks}/1", "eve")
    assert stranger.status == 401


async def test_the_same_link_counts_once_and_several_are_needed(api: Api) -> None:
    waits = await gated(api, required_events=2)
    for _ in range(3):
        assert (await waits.resume(1, json="one")).status == 201
    assert await waits.result() == "waits"
    assert (await waits.job())["suspend"] == 1
    opposite = await api.post((await waits.urls(1))["cancel"], None)
    assert (opposite.status, "approve before" in opposite.text) == (409, True)
    assert (await waits.resume(2, json="two")).status == 201
    assert (await waits.result())["resumes"] == ["one", "two"]


async def test_a_late_word_is_told_that_it_is_late(api: Api) -> None:
    waits = await gated(api)
    assert (await waits.resume(1)).status == 201
    assert (await waits.resume(1)).text == "approved already"
    await waits.result()
    late = await waits.resume(2)
    assert (late.status, "has ended" in late.text) == (409, True)
    assert (await waits.resume(1)).text == "approved already"
    page = (await api.get((await waits.urls(1))["resume"].replace("resume", "get_flow", 1))).json
    assert (page["moment"], page["can_approve"]) == ("over", False)


async def test_a_no_fails_the_flow_and_says_whose_it_was(api: Api) -> None:
    waits = await gated(api)
    urls = await waits.urls(1, "?approver=ann")
    assert (await api.get(urls["cancel"], None)).status == 201
    error = (await waits.result())["error"]
    assert (error["name"], error["message"]) == ("SuspendedDisapproved", "Disapproved by ann")


async def test_what_is_filled_in_must_fit_the_form(api: Api) -> None:
    waits = await gated(api, resume_form=FORM)
    for payload in (None, {}, {"n": "many"}, [1]):
        answer = await waits.resume(1, json=payload)
        assert answer.status == 400, payload
    assert (await waits.resume(1, json={"n": 4})).status == 201
    assert (await waits.result())["resume"] == {"n": 4}


async def test_the_page_of_a_link_tells_what_is_asked(api: Api) -> None:
    waits = await gated(api, resume_form=FORM, hide_cancel=True, required_events=2)
    await waits.resume(5, json={"n": 1})
    await play(api)
    shown = (await waits.urls(1))["resume"].replace("resume", "get_flow", 1)
    page = (await api.get(shown, None)).json
    assert page["job"]["id"] == waits.id
    assert page["job"]["flow_status"]["modules"][1]["type"] == "WaitingForEvents"
    assert (page["form"], page["default_args"], page["enums"]) == (
        FORM["schema"],
        {"n": 3},
        {"c": ["x"]},
    )
    assert (page["moment"], page["can_approve"], page["hide_cancel"]) == ("waits", True, True)
    assert page["approvers"] == [{"resume_id": 5, "approver": "anonymous"}]
    assert (await api.get(shown[:-5] + "00000", None)).status == 403


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"user_auth_required": True}, {None: 401, "eve": 401, "olga": 201}),
        ({"self_approval_disabled": True}, {None: 401, "bob": 403, "olga": 201}),
        (
            {"user_groups_required": {"type": "static", "value": ["ops"]}},
            {None: 401, "bob": 403, "ada": 201},
        ),
        ({"user_groups_required": {"type": "javascript", "expr": "['all']"}}, {"olga": 201}),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_step_says_who_may_approve_it(
    api: Api, rules: dict[str, Any], said: dict[str | None, int]
) -> None:
    waits = await gated(api, "bob", **rules)
    shown = (await waits.urls(1))["resume"].replace("resume", "get_flow", 1)
    for who, status in said.items():
        can = (await api.get(shown, who)).json["can_approve"]
        answer = await waits.resume(1, who)
        assert (answer.status, can) == (status, status == 201), who
    assert (await waits.result())["approvers"] == [list(said)[-1]]


async def test_an_owner_needs_no_link(api: Api) -> None:
    waits = await gated(api, required_events=2)
    script = await api.preview(name="x")
    assert (await api.post(f"{J}/flow/resume/{script}", json=1)).status == 404
    await api.work()
    assert (await api.post(f"{J}/flow/resume/{waits.id}", "olga", json=1)).status == 403
    for _ in range(2):
        answer = await api.post(f"{J}/flow/resume/{waits.id}", json={"by": "ada"})
        assert answer.status == 201, answer
        await play(api)
    assert await waits.result() == "waits", "a person counts once"
    assert (await api.post(f"{J}/flow/resume/{waits.id}", "bob", json={"by": "bob"})).status == 201
    result = await waits.result()
    assert (result["approvers"], result["resume"]) == (["ada", "bob"], {"by": "bob"})
    assert (await api.post(f"{J}/flow/resume/{waits.id}", json=1)).status == 409


async def test_a_word_before_the_flow_waits_counts(api: Api) -> None:
    asks = raw("a") | {"suspend": {"required_events": 1}}
    await deployed(api, PATH, asks, AFTER)
    id = (await api.post(f"{J}/run/f/{PATH}", json={})).text
    answers: list[int] = []

    async def early() -> None:
        job = (await api.get(f"{U}/get/{id}")).json["flow_status"]["modules"][0]["job"]
        waits = Gated(api, id, job)
        answers.append((await waits.resume(1, json="early")).status)

    step = await turn(api)
    assert step is not None
    await early()
    await end(api, step, 1)
    await play(api)
    assert answers == [201]
    assert (await api.get(f"{U}/get/{id}")).json["result"]["resume"] == "early"


async def test_a_flow_can_be_approved_before_it_asks(api: Api) -> None:
    asks = raw("a") | {"suspend": {"required_events": 1}}
    await deployed(api, PATH, raw("first"), asks, AFTER)
    id = (await api.post(f"{J}/run/f/{PATH}", json={})).text
    step = await turn(api)
    assert step is not None
    waits = Gated(api, id, id)
    urls = await waits.urls(3, "?flow_level=true", job=str(step.job.id))
    assert id in urls["resume"]
    assert (await api.post(urls["resume"], None, json="all")).status == 201
    await end(api, step, 1)
    assert (await waits.result())["resume"] == "all"


async def test_a_step_that_takes_no_job_is_approved_through_its_flow(api: Api) -> None:
    gate = {"id": "a", "value": {"type": "identity"}, "suspend": {"required_events": 1}}
    await deployed(api, PATH, gate, AFTER)
    id = (await api.post(f"{J}/run/f/{PATH}", json={})).text
    await play(api)
    asks = (await api.get(f"{U}/get/{id}")).json["flow_status"]["modules"][1]["job"]
    assert asks == id
    waits = Gated(api, id, asks)
    assert (await waits.resume(json={"n": 2})).status == 201
    assert (await waits.result())["resume"] == {"n": 2}


async def test_a_wait_inside_of_a_loop_is_found_from_the_whole_flow(api: Api) -> None:
    asks = raw("a") | {"suspend": {"required_events": 1}}
    value = {"type": "forloopflow", "iterator": {"type": "static", "value": [1]}}
    body = {"id": "l", "value": value | {"modules": [asks, AFTER], "skip_failures": False}}
    await deployed(api, PATH, body)
    id = (await api.post(f"{J}/run/f/{PATH}", json={})).text
    await play(api)
    assert (await api.post(f"{J}/flow/resume/{id}", json="in")).status == 201
    await play(api)
    assert (await api.get(f"{U}/get/{id}")).json["result"][0]["resume"] == "in"


async def test_all_who_speak_at_the_same_moment_are_heard(api: Api) -> None:
    waits = await gated(api, required_events=8)
    links = [(await waits.urls(number))["resume"] for number in range(8)]
    asked = [api.post(link, None, json=n) for n, link in enumerate(links) for _ in range(2)]
    answers = await asyncio.gather(*asked)
    assert {answer.status for answer in answers} == {201}
    assert sorted((await waits.result())["resumes"]) == list(range(8))
