"""What Windmill's clients ask of jobs besides the jobs themselves."""

from __future__ import annotations

from tests.api.conftest import Api

J = "/api/w/main/jobs"


async def test_a_job_asks_whether_its_worker_stops(api: Api) -> None:
    job_id = await api.preview(name="x")
    await api.claim()
    assert (await api.get(f"{J}/worker_is_draining/{job_id}")).json is False
    assert (await api.get(f"{J}/worker_is_draining/{job_id}", "bob")).status == 404
