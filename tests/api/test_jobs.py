"""Reading jobs: the object, the result, the logs, lists; and canceling."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import MAIN, Api
from windmill_lite.api.shapes.jobs import Job
from windmill_lite.model.job import Outcome

J = "/api/w/main/jobs"
U = "/api/w/main/jobs_u"
FAILED = {"error": {"name": "ValueError", "message": "no"}}


async def job_of(api: Api, job_id: str, query: str = "", who: str = "ada") -> dict[str, Any]:
    answer = await api.get(f"{U}/get/{job_id}{query}", who)
    assert answer.status == 200, answer
    Job.model_validate(answer.json)
    found: dict[str, Any] = answer.json
    return found


async def test_a_job_is_told_from_its_queueing_to_its_end(api: Api) -> None:
    job_id = await api.preview(name="x")
    queued = await job_of(api, job_id)
    assert (queued["type"], queued["running"], queued["job_kind"]) == (
        "QueuedJob",
        False,
        "preview",
    )
    assert (queued["args"], queued["raw_code"], queued["logs"]) == ({"name": "x"}, MAIN, "")
    assert {"success", "result", "completed_at", "started_at", "worker"}.isdisjoint(queued)
    assert (queued["created_by"], queued["permissioned_as"]) == ("ada", "u/ada")

    claimed = await api.claim()
    running = await job_of(api, job_id)
    assert (running["type"], running["running"]) == ("QueuedJob", True)
    assert running["started_at"] >= running["created_at"]
    assert running["worker"] == "wk-test"

    await api.finish(claimed, {"a": [1]}, log="hello\n")
    done = await job_of(api, job_id)
    assert (done["type"], done["success"], done["result"]) == ("CompletedJob", True, {"a": [1]})
    assert (done["logs"], done["mem_peak"], done["cpu_ms"]) == ("hello\n", 1234, 21)
    assert {"running", "canceled_by", "schedule_path"}.isdisjoint(done)
    assert (await api.get(f"{U}/completed/get/{job_id}")).json == done
    assert (await api.get(f"{J}/completed/get/{job_id}")).json == done


async def test_logs_and_code_are_left_out_on_request(api: Api) -> None:
    job_id = await api.preview(name="x")
    found = await job_of(api, job_id, "?no_logs=true&no_code=true")
    assert {"logs", "raw_code"}.isdisjoint(found)


async def test_a_large_result_is_read_alone(api: Api) -> None:
    job_id = await api.preview(name="x")
    await api.work(f'"{"x" * 90_001}"')
    assert (await job_of(api, job_id))["result"] == "WINDMILL_TOO_BIG"
    assert (await api.get(f"{U}/completed/get_result/{job_id}")).json == "x" * 90_001
    maybe = (await api.get(f"{U}/completed/get_result_maybe/{job_id}")).json
    assert maybe["result"] == "x" * 90_001


async def test_a_result_is_404_until_there_is_one(api: Api) -> None:
    job_id = await api.preview(name="x")
    assert (await api.get(f"{U}/completed/get_result/{job_id}")).status == 404
    assert (await api.get(f"{U}/completed/get/{job_id}")).status == 404
    assert (await api.get(f"{U}/completed/get_timing/{job_id}")).status == 404
    await api.work({"a": {"b": [1, {"c": None}]}})
    result = await api.get(f"{U}/completed/get_result/{job_id}")
    assert (result.status, result.headers["Content-Security-Policy"]) == (200, "sandbox")
    for path, value in (("a.b.0", 1), ("a.b.1.c", None), ("a.x", None), ("a.b.9", None)):
        part = await api.get(f"{U}/completed/get_result/{job_id}?json_path={path}")
        assert part.json == value, path
    timing = (await api.get(f"{U}/completed/get_timing/{job_id}")).json
    assert timing.keys() == {"created_at", "started_at", "duration_ms"}


async def test_a_maybe_result_always_has_four_members(api: Api) -> None:
    job_id = await api.preview(name="x")
    maybe = f"{U}/completed/get_result_maybe"
    nothing = {"started": None, "completed": False, "success": None, "result": None}
    assert (await api.get(f"{maybe}/{job_id}")).json == nothing
    assert (await api.get(f"{maybe}/{job_id}?get_started=false")).json == nothing
    assert (await api.get(f"{maybe}/{job_id}?get_started=true")).json["started"] is False
    assert (await api.get(f"{maybe}/{uuid4()}")).json == nothing
    claimed = await api.claim()
    assert (await api.get(f"{maybe}/{job_id}?get_started=true")).json["started"] is True
    await api.finish(claimed, FAILED, outcome=Outcome.FAILURE)
    ended = (await api.get(f"{maybe}/{job_id}?get_started=true")).json
    assert ended == {"started": True, "completed": True, "success": False, "result": FAILED}


async def test_logs_are_text(api: Api) -> None:
    job_id = await api.preview(name="x")
    text = "\x1b[31m<b>é</b>\x1b[0m\n" * 2_000
    await api.work(log=text)
    logs = await api.get(f"{U}/get_logs/{job_id}")
    assert (logs.media, logs.text) == ("text/plain", text)
    assert (await job_of(api, job_id))["logs"] == text[-20_000:]
    assert (await api.get(f"{U}/get_completed_logs_tail/{job_id}")).text == text[-20_000:]


async def test_a_root_job_is_its_own_root(api: Api) -> None:
    job_id = await api.preview(name="x")
    assert (await api.get(f"{U}/get_root_job_id/{job_id}")).json == job_id
    assert (await api.get(f"{U}/get_args/{job_id}")).json == {"name": "x"}


READS = (
    "get/{id}",
    "get_args/{id}",
    "get_logs/{id}",
    "get_completed_logs_tail/{id}",
    "get_root_job_id/{id}",
    "getupdate/{id}",
    "completed/get/{id}",
    "completed/get_result/{id}",
    "completed/get_timing/{id}",
)


@pytest.mark.parametrize("path", READS)
async def test_a_uuid_is_no_permission(api: Api, path: str) -> None:
    job_id = await api.preview(name="x")
    await api.work({"secret": 1})
    assert (await api.get(f"{U}/{path.format(id=job_id)}")).status == 200
    assert (await api.get(f"{U}/{path.format(id=job_id)}", "bob")).status == 404
    assert (await api.get(f"{U}/{path.format(id=job_id)}", None)).status == 401
    assert (await api.get(f"{U}/{path.format(id=uuid4())}")).status == 404
    bad = await api.get(f"{U}/{path.format(id='not-an-id')}")
    assert (bad.status, bad.text.startswith("Bad request: id:")) == (400, True)


async def test_a_queued_job_is_canceled_at_once(api: Api) -> None:
    job_id = await api.preview(name="x")
    answer = await api.post(f"{U}/queue/cancel/{job_id}", json={"reason": "enough"})
    assert (answer.status, answer.text, answer.media) == (200, job_id, "text/plain")
    done = await job_of(api, job_id)
    assert (done["success"], done["canceled"], done["canceled_by"]) == (False, True, "ada")
    assert done["result"]["error"]["name"] == "Canceled"
    assert done["canceled_reason"] == done["result"]["error"]["reason"] == "enough"
    again = await api.post(f"{U}/queue/cancel/{job_id}", json={})
    assert (again.status, again.text) == (200, f"queued job id {job_id} is already completed")


@pytest.mark.parametrize("body", [{}, {"reason": None}, {"reason": ""}, {"other": 1}])
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_reason_is_optional(api: Api, body: dict[str, object]) -> None:
    job_id = await api.preview(name="x")
    assert (await api.post(f"{U}/queue/cancel/{job_id}", json=body)).status == 200
    assert (await job_of(api, job_id))["canceled_reason"] == "unexplicited reasons"


async def test_a_running_job_is_marked_or_ended_by_force(api: Api) -> None:
    first, second = await api.preview(name="x"), await api.preview(name="y")
    await api.claim()
    await api.claim()
    await api.post(f"{U}/queue/cancel/{first}", json={"reason": "stop"})
    assert (await job_of(api, first))["running"] is True
    await api.post(f"{U}/queue/force_cancel/{second}", json={"reason": "now"})
    assert (await job_of(api, second))["type"] == "CompletedJob"


async def test_several_jobs_are_canceled_together(api: Api) -> None:
    mine, other = await api.preview(name="x"), await api.preview("bob", name="y")
    answer = await api.post(f"{J}/queue/cancel_selection", "bob", json=[mine, other, str(uuid4())])
    assert answer.json == [other]
    wrong = await api.post(f"{J}/queue/cancel_selection", json=["x"])
    assert (wrong.status, wrong.text.startswith("Bad request: 0:")) == (400, True)


async def test_cancel_of_what_is_not_there_is_404(api: Api) -> None:
    job_id = await api.preview(name="x")
    assert (await api.post(f"{U}/queue/cancel/{uuid4()}", json={})).status == 404
    assert (await api.post(f"{U}/queue/cancel/{job_id}", "bob", json={})).status == 404


async def test_the_queue_is_counted_and_has_places(api: Api) -> None:
    ids = [await api.preview(name=str(number)) for number in range(3)]
    assert (await api.get(f"{J}/queue/count")).json["database_length"] == 3
    later = (await api.get("/api/jobs/db_clock")).json + 60_000
    assert (await api.get(f"{J}/queue/position/{later}")).json == {"position": 4}
    assert (await api.get(f"{J}/queue/position/0")).json == {"position": 1}
    for wrong in ("x", "-1", "9" * 30):
        assert (await api.get(f"{J}/queue/position/{wrong}")).status == 400
    assert len(ids) == 3


@pytest.fixture
async def five(api: Api) -> dict[str, str]:
    """Jobs in every state, by name."""
    await api.deploy("f/ops/hello")
    await api.deploy("f/lab/test")
    found = {}
    for name, ending in (("good", Outcome.SUCCESS), ("bad", Outcome.FAILURE)):
        answer = await api.post(f"{J}/run/p/f/ops/hello", json={"name": name})
        found[name] = answer.text
        await api.work({} if ending is Outcome.SUCCESS else FAILED, outcome=ending)
    found["canceled"] = await api.preview(name="c")
    await api.post(f"{U}/queue/cancel/{found['canceled']}", json={})
    found["running"] = (await api.post(f"{J}/run/p/f/lab/test", "bob", json={"name": "r"})).text
    await api.claim()
    found["queued"] = await api.preview(name="q")
    return found


LISTS = (
    ("list", "", "queued running canceled bad good"),
    ("list", "success=true", "good"),
    ("list", "success=false", "canceled bad"),
    ("list", "status=canceled", "canceled"),
    ("list", "status=success&success=false", ""),
    ("list", "is_skipped=true", ""),
    ("list", "running=true", "running"),
    ("list", "script_path_exact=f/ops/hello", "bad good"),
    ("list", "script_path_start=f/", "running bad good"),
    ("list", "job_kinds=preview", "queued canceled"),
    ("list", "job_kinds=script,flow,singlestepflow&has_null_parent=true", "running bad good"),
    ("list", "created_by=bob", "running"),
    ("list", "created_after=2099-01-01T00:00:00Z", ""),
    ("list", "created_before=2099-01-01", "queued running canceled bad good"),
    ("list", "completed_after=2020-01-01T00:00:00%2B02:00", "canceled bad good"),
    ("list", "has_null_parent=false", ""),
    ("list", "worker=wk-test&running=true", "running"),
    ("list", "tag=other", ""),
    ("list", "page=0&per_page=2", "queued running"),
    ("list", "page=2&per_page=2", "canceled bad"),
    ("list", "page=99999999999999999999", ""),
    ("list", "per_page=99999999999", "queued running canceled bad good"),
    ("list", "order_desc=false&per_page=2", "good bad"),
    ("list", "args=&is_not_schedule=false&surprise=1", "queued running canceled bad good"),
    ("queue/list", "", "queued running"),
    ("queue/list", "running=false", "queued"),
    ("queue/list", "scheduled_for_before_now=true", "queued running"),
    ("completed/list", "", "canceled bad good"),
    ("completed/list", "is_skipped=false&success=true", "good"),
    ("completed/list", "job_kinds=dependencies&created_after=2020-01-01T00:00:00Z", ""),
)


async def test_lists_answer_what_they_are_asked(api: Api, five: dict[str, str]) -> None:
    names = {job_id: name for name, job_id in five.items()}
    wrong = {}
    for path, query, expected in LISTS:
        answer = await api.get(f"{J}/{path}?{query}")
        found = (
            " ".join(names[job["id"]] for job in answer.json) if answer.status == 200 else answer
        )
        if found != expected:
            wrong[f"{path}?{query}"] = found
    assert wrong == {}


async def test_a_list_has_jobs_without_what_is_large(api: Api, five: dict[str, str]) -> None:
    for job in (await api.get(f"{J}/list")).json:
        Job.model_validate(job)
        assert {"args", "result", "logs", "raw_code"}.isdisjoint(job)
        assert isinstance(job.get("running"), bool) is (job["type"] == "QueuedJob")


async def test_a_member_lists_no_previews_of_others(api: Api, five: dict[str, str]) -> None:
    listed = {job["id"] for job in (await api.get(f"{J}/list", "bob")).json}
    assert listed == {five["running"], five["good"], five["bad"]}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("args=%7B%7D", "args"),
        ("result=1", "result"),
        ("all_workspaces=true", "all_workspaces"),
        ("status=maybe", "status"),
        ("success=perhaps", "success"),
        ("parent_job=1", "parent_job"),
        ("created_after=soon", "created_after"),
        ("page=one", "page"),
        ("tag=%00", "tag"),
        ("created_by=a%00b", "created_by"),
        ("script_path_exact=%00", "script_path_exact"),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_filter_works_or_is_refused_by_name(api: Api, query: str, field: str) -> None:
    answer = await api.get(f"{J}/list?{query}")
    assert (answer.status, field in answer.text) == (400, True), answer


async def test_reading_does_not_wait_for_writing(api: Api) -> None:
    ids = await asyncio.gather(*(api.preview(name=str(number)) for number in range(20)))
    answers = await asyncio.gather(*(api.get(f"{U}/get/{job_id}") for job_id in ids))
    assert {answer.status for answer in answers} == {200}
