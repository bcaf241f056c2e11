"""What a client is told of locks that are being found."""

from __future__ import annotations

from tests.api.conftest import Api

S = "/api/w/main/scripts"


async def test_a_script_with_packages_is_told_before_and_after_its_lock_is_found(api: Api) -> None:
    await api.deploy(content="import pandas\ndef main(): ...", lock=None)
    assert "lock" not in (await api.get(f"{S}/get/p/f/ops/hello")).json
    listed = (await api.get("/api/w/main/jobs/list?job_kinds=dependencies")).json
    assert [(job["script_path"], job["job_kind"]) for job in listed] == [
        ("f/ops/hello", "dependencies")
    ]
    body = {"raw_scripts": [{"raw_code": "import six", "language": "python3", "script_path": ""}]}
    asked = await api.post("/api/w/main/jobs/run/dependencies_async", json=body)
    assert asked.status == 201
    job = (await api.get(f"/api/w/main/jobs_u/get/{asked.text}")).json
    assert (job["job_kind"], job["raw_code"]) == ("dependencies", "import six")
    refused = await api.post(
        "/api/w/main/jobs/run/dependencies_async",
        json=body | {"raw_workspace_dependencies": {"requirements.in": "x"}},
    )
    assert refused.status == 400
    assert "raw_workspace_dependencies" in refused.text


async def test_a_flow_tells_of_the_job_that_finds_the_locks_of_its_steps(api: Api) -> None:
    code = {"type": "rawscript", "language": "python3", "content": "import pandas"}
    value = {"modules": [{"id": "a", "value": code}]}
    body = {"path": "f/ops/flow", "summary": "", "value": value}
    assert (await api.post("/api/w/main/flows/create", json=body)).status == 201
    (job,) = (await api.get("/api/w/main/jobs/list?job_kinds=flowdependencies")).json
    assert (job["script_path"], job["job_kind"]) == ("f/ops/flow", "flowdependencies")
    told = (await api.get("/api/w/main/flows/deployment_status/p/f/ops/flow")).json
    assert told == {"job_id": job["id"]}
    asked = await api.post(
        "/api/w/main/jobs/run/flow_dependencies_async",
        json={"flow_value": value, "path": "f/ops/flow"},
    )
    assert asked.status == 201
    job = (await api.get(f"/api/w/main/jobs_u/get/{asked.text}")).json
    assert (job["job_kind"], job["raw_flow"]) == ("flowdependencies", value)
