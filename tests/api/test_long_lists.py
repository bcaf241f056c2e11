"""A list that ends before the jobs do says so, and where to go on."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.api.conftest import Api
from windmill_lite.model import limits
from windmill_lite.model.job import Outcome
from windmill_lite.store.people import runs

COMPLETED = "/api/w/main/jobs/completed/list"
FAILED = {"error": {"name": "E", "message": "m"}}


@pytest.fixture(autouse=True)
def short_sighted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list looks at two rows, one at a time."""
    monkeypatch.setattr(limits, "RUNS_LOOKED_MAX", 2)
    monkeypatch.setattr(runs, "_WINDOW_FIRST", 1)
    monkeypatch.setattr(runs, "_WINDOW_SECOND", 1)


async def test_a_list_that_ends_before_the_jobs_do_says_where_to_go_on(api: Api) -> None:
    good = await api.preview(name="good")
    await api.work(1)
    for name in ("bad", "worse"):
        await api.preview(name=name)
        await api.work(FAILED, outcome=Outcome.FAILURE)

    answer = await api.get(f"{COMPLETED}?success=true&per_page=1")
    assert answer.json == []
    mark = quote(answer.headers["X-Searched-Until"])
    answer = await api.get(f"{COMPLETED}?success=true&per_page=1&created_before={mark}")
    assert [job["id"] for job in answer.json] == [good]
    assert "X-Searched-Until" not in answer.headers
