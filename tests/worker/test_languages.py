"""What a worker says of its languages, on either database."""

from __future__ import annotations

from dataclasses import replace

from tests.worker._stage import Stage, eventually
from tests.worker.conftest import ADA, Hiring, Office
from windmill_lite.model.identity import Login, TokenKind
from windmill_lite.model.page import Page
from windmill_lite.model.worker import Language
from windmill_lite.store.people import workers

BASH = Language("bash", runs=True, version="5.2")
MISSING = Language("bun", runs=True, note="the first job installs bun")


async def told(office: Office) -> tuple[Language, ...]:
    login = Login(ADA.identity.email, TokenKind.SESSION, "none")
    async with office.world.db.view() as view:
        (found,) = await workers.list_workers(view, login, Page(1, 10))
    return found.languages


async def test_a_worker_says_its_languages_and_anew_when_they_change(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    crew = await hire()
    assert await told(office) == ()
    crew.roster.worker = replace(crew.roster.worker, languages=(BASH, MISSING))
    crew.heartbeat.wake()

    async def both() -> bool:
        return await told(office) == (BASH, MISSING)

    await eventually(both)
