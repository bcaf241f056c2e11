"""References in arguments: what the cell gets, what is stored, what the log shows."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from tests.core.flow._build import flow, leaf
from tests.worker._stage import Stage
from tests.worker.conftest import ADA, Hiring, Office
from windmill_lite.engine import cancel, deploy, push
from windmill_lite.engine.flows import deploy as deploy_flow
from windmill_lite.engine.flows.deployed import run_path
from windmill_lite.engine.values import resources, variables
from windmill_lite.model.flow import NewFlow
from windmill_lite.model.job import Finished, Outcome, Preview, RunOptions
from windmill_lite.model.resource import NewResource
from windmill_lite.model.script import NewScript
from windmill_lite.model.variable import NewVariable
from windmill_lite.worker.runner import Interrupted

SECRET = "hush-hush-9"


@pytest.fixture(autouse=True)
async def kept(office: Office) -> None:
    world = office.world
    await variables.create(world, ADA, NewVariable("f/ops/token", SECRET, is_secret=True))
    await variables.create(world, ADA, NewVariable("f/ops/city", "Bern", is_secret=False))
    value = json.dumps({"host": "h", "password": "$var:f/ops/token"})
    await resources.create(world, ADA, NewResource("f/ops/db", value, "postgresql"))


async def ask(office: Office, **args: Any) -> UUID:
    preview = Preview("def main(): pass", "python3")
    return await push.run_preview(office.world, ADA, preview, args=args, options=RunOptions())


async def test_a_cell_gets_values_and_the_job_keeps_references(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    args = {"db": "$res:f/ops/db", "list": ["$var:f/ops/city"], "job": "$WM_JOB_ID", "n": 1}
    job_id = await ask(office, **args)
    act = await stage.next()
    assert json.loads(act.claim.job.args) == {
        "db": {"host": "h", "password": SECRET},
        "list": ["Bern"],
        "job": str(job_id),
        "n": 1,
    }
    act.succeed()
    record = await office.done(job_id)
    assert json.loads(record.args or "") == args


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("$var:f/ops/none", "filled in: x: Variable not found at name f/ops/none"),
        ("$res:f/ops/none", "filled in: x: Resource not found at name f/ops/none"),
        ("$encrypted:AAAA", "filled in: x: value is not encrypted with the key of this workspace"),
    ],
)
async def test_what_cannot_be_read_fails_the_job_and_is_named(
    hire: Hiring, office: Office, stage: Stage, *, reference: str, says: str
) -> None:
    await hire()
    job_id = await ask(office, a="$var:f/ops/city", x={"deep": [reference]})
    record = await office.done(job_id)
    assert record.outcome is Outcome.FAILURE
    error = json.loads(record.result or "")["error"]
    assert error["name"] == "ArgumentError"
    assert says in error["message"]
    assert not stage.playing


async def test_a_secret_that_is_printed_is_masked(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await ask(office, db="$res:f/ops/db")
    act = await stage.next()
    act.say(f"connecting with {SECRET[:4]}".encode())
    act.say(f"{SECRET[4:]} ...\nhus".encode())
    act.finish(
        Finished(Outcome.FAILURE, json.dumps({"error": {"name": "E", "message": f"no {SECRET}"}}))
    )
    record = await office.done(job_id)
    assert await office.log(job_id) == "connecting with **** ...\nhus"
    assert json.loads(record.result or "")["error"]["message"] == "no ****"


async def test_a_result_is_what_the_script_says(hire: Hiring, office: Office, stage: Stage) -> None:
    await hire()
    job_id = await ask(office, x="$var:f/ops/token")
    (await stage.next()).succeed({"told": SECRET})
    record = await office.done(job_id)
    assert json.loads(record.result or "") == {"told": SECRET}


async def test_a_value_is_read_when_the_job_starts(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire(slots=1)
    first = await office.push()
    act = await stage.next()
    second = await ask(office, x="$var:f/ops/city")
    await variables.delete(office.world, ADA, "f/ops/city")
    await variables.create(office.world, ADA, NewVariable("f/ops/city", "Biel", is_secret=False))
    act.succeed()
    await office.done(first)
    act = await stage.next()
    assert json.loads(act.claim.job.args) == {"x": "Biel"}
    act.succeed()
    await office.done(second)


async def test_a_job_with_references_is_canceled_like_any_other(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await ask(office, x="$var:f/ops/city")
    await stage.next()
    await cancel.cancel(office.world, ADA, job_id, reason="enough", force=False)
    assert (await office.done(job_id)).outcome is Outcome.CANCELED


async def test_the_resource_that_a_sql_script_names_is_its_connection(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push("-- database f/ops/db\nselect 1", "postgresql")
    act = await stage.next()
    assert json.loads(act.claim.job.args) == {"database": {"host": "h", "password": SECRET}}
    act.succeed()
    assert (await office.done(job_id)).args == "{}"


async def test_what_an_attempt_said_before_it_was_lost_is_kept(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await ask(office, x="$var:f/ops/token")
    act = await stage.next()
    act.say(f"before {SECRET[:5]}".encode())
    act.fail(Interrupted("the fork server died"))
    (await stage.next()).succeed()
    await office.done(job_id)
    assert (await office.log(job_id)).startswith(f"before {SECRET[:5]}")


async def test_the_text_of_a_script_begins_at_its_preprocessor_where_a_flow_says_so(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    world, text = office.world, "def preprocessor(n): return {'n': n}\n\ndef main(): ..."
    new = NewScript(path="f/ops/prepare", content=text, language="python3")
    await deploy.create_script(world, ADA, new)
    value = {"type": "script", "path": "f/ops/prepare", "input_transforms": {}}
    document = flow(leaf("a"), preprocessor_module={"id": "preprocessor", "value": value})
    await deploy_flow.create(world, ADA, NewFlow("f/ops/flow", document))
    options = RunOptions(prepares=True)
    await run_path(world, ADA, "f/ops/flow", args={"n": 1}, options=options)
    act = await stage.next()
    assert act.claim.code == f"{text}\n\nmain = preprocessor\n"
    assert json.loads(act.claim.job.args) == {"n": 1}
