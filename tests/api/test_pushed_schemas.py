"""Schemas that Windmill's own tools made, and what they get wrong."""

from __future__ import annotations

from tests.api.conftest import Api

S = "/api/w/main/scripts"


async def test_what_the_script_has_a_default_for_may_be_left_out_whatever_its_schema_says(
    api: Api,
) -> None:
    """Windmill's own tools do not read the default of `count`, and then call it required."""
    kinds = {"count": {"type": "integer"}, "name": {"type": "string"}}
    schema = {"type": "object", "properties": kinds, "required": ["name", "count"]}
    await api.deploy(content="def main(name: str, count: int = -1): ...", schema=schema)
    run = "/api/w/main/jobs/run/p/f/ops/hello"
    assert (await api.post(run, json={"name": "x"})).status == 201
    refused = await api.post(run, json={"count": 1})
    assert (refused.status, "name: is required" in refused.text) == (400, True)
    wrong = await api.post(run, json={"name": "x", "count": "many"})
    assert (wrong.status, "count: expected an integer" in wrong.text) == (400, True)
    every = {"path": "f/ops/often", "schedule": "0 0 0 * * *", "timezone": "UTC", "is_flow": False}
    body = {**every, "script_path": "f/ops/hello", "args": {"name": "x"}}
    assert (await api.post("/api/w/main/schedules/create", json=body)).status in (200, 201)
    due = await api.post("/api/w/main/schedules/run_now/f/ops/often")
    assert due.status in (200, 201), due.text
    assert (await api.get(f"{S}/get/p/f/ops/hello")).json["schema"] == schema
