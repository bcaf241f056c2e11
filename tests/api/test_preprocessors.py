"""Scripts with a preprocessor over HTTP: what is noticed, and what it gets."""

from __future__ import annotations

import json

from tests.api.conftest import Api

S = "/api/w/main/scripts"
HOOK = (
    "def preprocessor(event):\n    return event['body']\n\ndef main(name: str):\n    return name\n"
)


async def test_a_preprocessor_is_noticed_and_gets_the_request_as_it_came(api: Api) -> None:
    body = {"path": "f/ops/hook", "content": HOOK, "language": "python3"}
    hash_ = (await api.post(f"{S}/create", json=body)).text
    assert (await api.get(f"{S}/get/p/f/ops/hook")).json["has_preprocessor"] is True
    run = "/api/w/main/jobs/run"
    for at in ("p/f/ops/hook", f"h/{hash_}"):
        url = f"{run}/{at}?q=1&token={api.tokens['ada']}"
        answer = await api.post(url, None, json={"name": 3}, headers={"X-Sign": "s"})
        assert answer.status == 201, answer
        job = (await api.work()).job
        assert job.cell == '{"event":true}'
        event = json.loads(job.args)["event"]
        assert (event["kind"], event["body"], event["query"]) == (
            "webhook",
            {"name": 3},
            {"q": "1"},
        )
        assert event["headers"]["x-sign"] == "s"
        assert json.loads(event["raw_string"]) == {"name": 3}
        plain = await api.post(f"{run}/{at}?skip_preprocessor=true", json={"name": "x"})
        assert plain.status == 201, plain
        job = (await api.work()).job
        assert (job.cell, job.args) == (None, '{"name":"x"}')
    refused = await api.post(f"{run}/p/f/ops/hook?skip_preprocessor=true", json={"name": 3})
    assert refused.status == 400


async def test_a_preprocessor_may_be_left_alone_and_its_arguments_name_nothing(api: Api) -> None:
    body = {"path": "f/ops/hook", "content": HOOK, "language": "python3"}
    await api.post(f"{S}/create", json=body | {"has_preprocessor": False})
    assert (await api.get(f"{S}/get/p/f/ops/hook")).json["has_preprocessor"] is False
    for more in (
        {"tag": "t-$args[x]"},
        {"concurrent_limit": 1, "concurrency_key": "$args[x]"},
        {"debounce_delay_s": 1, "debounce_key": "k-$args[x]"},
    ):
        answer = await api.post(f"{S}/create", json=body | {"path": "f/ops/other"} | more)
        assert (answer.status, "cannot name arguments" in answer.text) == (400, True), answer
        assert list(more)[-1] in answer.text
    go = {"language": "go", "content": "package inner\nfunc preprocessor() {}\nfunc main() {}"}
    answer = await api.post(f"{S}/create", json=body | go | {"has_preprocessor": True})
    assert (answer.status, "has_preprocessor" in answer.text) == (400, True), answer


async def test_a_flow_is_asked_for_again_by_its_body_whatever_else_the_request_says(
    api: Api,
) -> None:
    made = {"type": "rawscript", "language": "python3", "content": HOOK, "input_transforms": {}}
    value = {
        "preprocessor_module": {"id": "preprocessor", "value": made},
        "modules": [{"id": "a", "value": {"type": "identity"}}],
    }
    await api.post("/api/w/main/flows/create", json={"path": "f/ops/hooked", "value": value})
    key = {"Idempotency-Key": "order-7"}
    run = "/api/w/main/jobs/run/f/f/ops/hooked"
    first = await api.post(run, json={"name": "x"}, headers=key | {"X-Trace": "1"})
    again = await api.post(run, json={"name": "x"}, headers=key | {"X-Trace": "2"})
    assert (first.status, again.text) == (201, first.text)
    other = await api.post(run, json={"name": "y"}, headers=key)
    assert other.status == 409
    told = (await api.get(f"/api/w/main/jobs_u/get/{first.text}")).json["args"]["event"]
    assert (told["body"], told["headers"]["x-trace"]) == ({"name": "x"}, "1")
