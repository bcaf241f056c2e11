"""Scripts with a preprocessor, asked for from outside: the event becomes the arguments of main."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from tests._toolchains import needs
from tests.worker._shop import Shop
from tests.worker._stage import Stage
from tests.worker.conftest import ADA, Hiring, Office
from windmill_lite.base.codec import Json
from windmill_lite.core.jobs import cell
from windmill_lite.engine import deploy, push
from windmill_lite.model.job import Finished, Outcome, RunOptions
from windmill_lite.model.script import CellRules, NewScript

EVENT: Mapping[str, Json] = {"event": {"kind": "webhook", "body": {"n": 20}, "query": {}}}
PYTHON = """
import os
seen = []
def preprocessor(event):
    print("before", event["kind"])
    seen.append(event)
    return {"n": event["body"]["n"] + 1}

def main(n: int, double: bool = True):
    print("main", n)
    return [n * 2 if double else n, os.environ["WM_JOB_ID"]]
"""
TYPESCRIPT = """
export async function preprocessor(event: { kind: string; body: { n: number } }) {
  console.log("before", event.kind);
  return { n: event.body.n + 1 };
}
export async function main(n: number, double = true) {
  console.log("main", n);
  return [double ? n * 2 : n, process.env.WM_JOB_ID];
}
"""


async def asked(office: Office, code: str, language: str = "python3", **options: Any) -> UUID:
    new = NewScript("f/ops/hook", code, language, lock="", auto_parent=True, options=options)
    await deploy.create_script(office.world, ADA, new)

    async def event() -> Mapping[str, Json]:
        return EVENT

    return await push.run_path(
        office.world, ADA, "f/ops/hook", args={"n": "no"}, options=RunOptions(), event=event
    )


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("python3", PYTHON),
        pytest.param("bun", TYPESCRIPT, marks=needs("bun")),
        pytest.param("nativets", TYPESCRIPT, marks=needs("bun")),
        pytest.param("deno", TYPESCRIPT, marks=needs("deno")),
    ],
)
async def test_a_preprocessor_makes_the_arguments_of_main(
    shop: Shop, language: str, code: str
) -> None:
    ended = await shop.end(await asked(shop.office, code, language))
    assert ended.result == [42, str(ended.record.id)]
    assert ended.log == "before webhook\nmain 21\n"
    assert json.loads(ended.record.args or "") == {"n": 21}


async def test_the_two_share_the_time_and_tell_their_needs_together(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await asked(office, PYTHON, dedicated_worker=True)
    first = await stage.next()
    assert first.claim.code.endswith("\nmain = preprocessor\n")
    assert json.loads(first.claim.job.args) == EVENT
    assert cell.read(first.claim.job.cell) == CellRules(prepares=True)
    first.finish(Finished(Outcome.SUCCESS, '{"n": 1}', memory_peak_kb=9, cpu_ms=5))
    second = await stage.next()
    assert second.claim.code == PYTHON
    assert cell.read(second.claim.job.cell) == CellRules(dedicated=True)
    assert json.loads(second.claim.job.args) == {"n": 1}
    second.finish(Finished(Outcome.SUCCESS, "2", memory_peak_kb=4, cpu_ms=6))
    record = await office.done(job_id)
    assert (record.memory_peak_kb, record.cpu_ms, record.result) == (9, 11, "2")
    assert record.args == '{"n":1}'


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ('{"n": "x"}', "what the preprocessor gives: n"),
        ("[1]", "what the preprocessor gives: n"),
        ("null", "what the preprocessor gives: n"),
    ],
)
async def test_what_main_does_not_take_fails_the_run_before_it(
    hire: Hiring, office: Office, stage: Stage, made: str, words: str
) -> None:
    await hire()
    job_id = await asked(office, PYTHON)
    (await stage.next()).finish(Finished(Outcome.SUCCESS, made))
    record = await office.done(job_id)
    error = json.loads(record.result or "")["error"]
    assert (error["name"], words in error["message"]) == ("PreprocessorError", True), error
    assert json.loads(record.args or "") == EVENT


async def test_a_preprocessor_that_fails_ends_the_run_and_a_next_try_has_the_event(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await asked(office, PYTHON, retry={"constant": {"attempts": 1, "seconds": 0}})
    (await stage.next()).finish(Finished(Outcome.SUCCESS, '{"n": 1}'))
    failure = Finished(Outcome.FAILURE, '{"error": {"name": "ValueError"}}')
    (await stage.next()).finish(failure)
    again = await stage.next()
    assert json.loads(again.claim.job.args) == EVENT
    again.finish(failure)
    record = await office.done(job_id)
    assert (record.outcome, json.loads(record.args or "")) == (Outcome.FAILURE, EVENT)


async def test_a_run_that_begins_with_main_is_the_callers_to_choose(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    await asked(office, PYTHON)
    (await stage.next()).succeed({"n": 1})
    (await stage.next()).succeed()
    options = RunOptions()
    await push.run_path(office.world, ADA, "f/ops/hook", args={"n": 1}, options=options)
    act = await stage.next()
    assert (act.claim.code, act.claim.job.cell) == (PYTHON, None)
    act.succeed()
