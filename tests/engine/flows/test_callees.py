"""Steps that run what is deployed: scripts, other flows; and answers that are known already."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.core.flow._build import flow, leaf, loop, sub
from tests.engine.conftest import deploy_script
from tests.engine.flows._mill import Mill, fail
from windmill_lite.base.errors import Invalid
from windmill_lite.core.flow.refs import child_id
from windmill_lite.engine import accounts, workspaces
from windmill_lite.engine.flows import deploy
from windmill_lite.engine.values import references, resources, variables
from windmill_lite.model import limits
from windmill_lite.model.flow import NewFlow
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import JobRecord
from windmill_lite.model.resource import NewResource
from windmill_lite.model.variable import NewVariable
from windmill_lite.store.people.scope import Scope

BOB = "bob@here.test"


def script(id: str, path: str, **more: Any) -> Any:
    value = {**leaf(id)["value"], "type": "script", "path": path, **more}
    value.pop("content", None)
    value.pop("language", None)
    return {"id": id, "value": value}


async def deployed(mill: Mill, path: str, *modules: Any, **more: Any) -> None:
    await deploy.create(mill.world, mill.scope, NewFlow(path, flow(*modules, **more)))


async def played(mill: Mill, *modules: Any, **more: Any) -> JobRecord:
    id = await mill.push(flow(*modules, **more), {"n": 1})
    await mill.play()
    return await mill.record(id)


def value_of(record: JobRecord) -> Any:
    assert record.completed, "it waits"
    return json.loads(record.result or "")


async def test_a_step_runs_the_newest_version_of_a_script_as_it_asks(mill: Mill) -> None:
    await deploy_script(mill.world, mill.scope)
    newest = await deploy_script(
        mill.world,
        mill.scope,
        content="def main(): return 2",
        auto_parent=True,
        timeout_s=7,
        tag="python3",
        options={"priority": 5},
    )
    id = await mill.push(flow(script("a", "f/ops/hello")), {})
    await mill.play()
    step = await mill.record(child_id(id, "a/0"))
    assert (step.script_hash, step.path, step.timeout_s) == (newest, "f/ops/hello", 7)
    assert (step.priority, step.kind, step.step_id) == (5, "script", "a")
    assert value_of(await mill.record(id)) == {}


async def test_a_step_may_name_an_older_version(mill: Mill) -> None:
    older = await deploy_script(mill.world, mill.scope)
    await deploy_script(mill.world, mill.scope, content="def main(): return 2", auto_parent=True)
    id = await mill.push(flow(script("a", "f/ops/hello", hash=older)), {})
    await mill.play()
    assert (await mill.record(child_id(id, "a/0"))).script_hash == older


@pytest.mark.parametrize(
    ("module", "name", "words"),
    [
        (script("a", "f/no/where"), "NotFound", "no script is deployed at f/no/where"),
        (script("a", "hub/1/slack"), "Invalid", "no hub is set here; --hub-url names one"),
        (script("a", "f/ops/hello", hash="0" * 16), "NotFound", "has no version 0000000000000000"),
        (sub("a", "f/no/where"), "NotFound", "no flow is deployed at f/no/where"),
    ],
)
async def test_a_step_that_names_what_is_not_there_fails_and_says_so(
    mill: Mill, module: Any, name: str, words: str
) -> None:
    handler = leaf("failure", told="error.message", step="error.step_id")
    record = await played(mill, module, failure_module=handler)
    told = value_of(record)
    assert words in told["told"]
    assert told["step"] == "a"
    assert record.outcome == "failure"
    record = await played(mill, module)
    assert value_of(record)["error"]["name"] == name


async def test_a_step_may_not_run_what_its_owner_may_not_see(mill: Mill) -> None:
    world = mill.world
    await deploy_script(world, mill.scope, path="u/ada/own")
    await deployed(mill, "u/ada/flow", leaf("x"))
    await accounts.make_account(world, email=BOB, password=None, name=None, super_admin=False)
    await workspaces.put_member(world, "main", email=BOB, is_admin=False)
    mill.scope = Scope(Identity("main", "bob", BOB))
    for step in (script("a", "u/ada/own"), sub("a", "u/ada/flow")):
        error = value_of(await played(mill, step))["error"]
        assert error["name"] == "NotFound"
        assert "bob, as whom the flow runs, sees no" in error["message"]


async def test_a_flow_runs_a_flow_with_its_arguments_alone(mill: Mill) -> None:
    await deployed(
        mill, "f/ops/inner", leaf("b", all="flow_input"), leaf("c", b="results.b", a="results.a")
    )
    record = await played(mill, leaf("a", n="flow_input.n"), sub("s", "f/ops/inner", x="results.a"))
    assert value_of(record) == {"b": {"all": {"x": {"n": 1}}}, "a": None}
    inner = await mill.record(child_id(record.id, "s/0"))
    assert (inner.kind, inner.path, inner.step_id) == ("flow", "f/ops/inner", "s")
    assert inner.script_hash is not None
    assert inner.raw_code is None


async def test_a_flow_inside_has_its_own_constants_or_those_around(mill: Mill) -> None:
    await deployed(mill, "f/ops/poor", leaf("b", e="flow_env.k"))
    await deployed(mill, "f/ops/rich", leaf("b", e="flow_env.k"), flow_env={"k": "own"})
    steps = sub("p", "f/ops/poor"), sub("r", "f/ops/rich"), leaf("z", p="results.p", r="results.r")
    record = await played(mill, *steps, flow_env={"k": "outer"})
    assert value_of(record) == {"p": {"e": "outer"}, "r": {"e": "own"}}


async def test_what_fails_in_a_flow_inside_is_handled_by_both(mill: Mill) -> None:
    await deployed(mill, "f/ops/bad", leaf("bad"), failure_module=leaf("failure", inner="1"))
    record = await played(mill, sub("s", "f/ops/bad"), failure_module=leaf("failure", outer="2"))
    assert value_of(record) == {"outer": 2}
    assert mill.seen == ["bad", "failure", "failure"]


async def test_a_circle_of_flows_is_told_with_its_paths(mill: Mill) -> None:
    await deployed(mill, "f/ops/b", leaf("x"))
    await deployed(mill, "f/ops/a", sub("s", "f/ops/b"))
    id = await mill.push(flow(sub("s", "f/ops/a")), {}, path="f/ops/b")
    await mill.play()
    error = value_of(await mill.record(id))["error"]
    assert error["name"] == "FlowCycle"
    assert "f/ops/b → f/ops/a → f/ops/b" in error["message"]


async def test_flows_in_flows_end_somewhere(mill: Mill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FLOW_NESTING_MAX", 2)
    await deployed(mill, "f/ops/c", leaf("x"))
    await deployed(mill, "f/ops/b", sub("s", "f/ops/c"))
    assert value_of(await played(mill, sub("s", "f/ops/c"))) == {}
    error = value_of(await played(mill, sub("s", "f/ops/b")))["error"]
    assert error["name"] == "TooDeep"


async def test_an_answer_that_is_known_is_not_asked_for_again(mill: Mill) -> None:
    body = leaf("b", v="flow_input.iter.value") | {"cache_ttl": 60}
    record = await played(mill, loop("l", body, over="[1, 1, 2, 1]"))
    assert value_of(record) == [{"v": 1}, {"v": 1}, {"v": 2}, {"v": 1}]
    assert mill.seen == ["b", "b"]
    first, second = [child_id(child_id(record.id, f"l/0/{n}"), "b/0") for n in (0, 1)]
    assert (await mill.record(second)).cached_from == first
    again = leaf("c", v="2") | {"cache_ttl": 60}
    assert value_of(await played(mill, again, leaf("z", c="results.c"))) == {"c": {"v": 2}}
    assert mill.seen == ["b", "b", "z"]


async def test_expressions_read_what_the_workspace_keeps(mill: Mill) -> None:
    world, scope = mill.world, mill.scope
    await variables.create(world, scope, NewVariable("f/ops/word", "s3cret", is_secret=True))
    await resources.create(world, scope, NewResource("f/ops/db", '{"p": "$var:f/ops/word"}', "any"))
    record = await played(
        mill,
        leaf(
            "a",
            v="variable('f/ops/word') + '!'",
            r="resource('f/ops/db').p",
            e="(() => { try { return variable('f/no/where') } catch (e) { return e.message } })()",
        ),
    )
    told = value_of(record)
    assert (told["v"], told["r"]) == ("s3cret!", "s3cret")
    assert "f/no/where" in told["e"]


async def test_what_an_expression_makes_of_a_secret_is_stored_sealed(mill: Mill) -> None:
    world, scope = mill.world, mill.scope
    await variables.create(world, scope, NewVariable("f/ops/word", "s3cret", is_secret=True))
    await variables.create(world, scope, NewVariable("f/ops/city", "Ulm", is_secret=False))
    asks = leaf(
        "a",
        head="'Bearer ' + variable('f/ops/word')",
        whole="({list: [variable('f/ops/word').length, 1], city: variable('f/ops/city')})",
        city="variable('f/ops/city') + '!'",
    )
    tried = asks | {"retry": {"constant": {"attempts": 1}}}
    mill.code["a"] = fails_once()
    given = {"head": "Bearer s3cret", "whole": {"list": [6, 1], "city": "Ulm"}, "city": "Ulm!"}
    record = await played(mill, tried)
    assert value_of(record) == given, "also of a try that has the arguments of the one before"
    jobs = [await mill.record(child_id(record.id, f"a/{attempt}")) for attempt in (0, 1)]
    for job in jobs:
        assert job.args is not None
        stored = json.loads(job.args)
        assert stored["city"] == "Ulm!"
        assert stored["head"].startswith("$sealed:")
        assert stored["whole"].startswith("$sealed:")
        assert "s3cret" not in job.args
        filled = await references.fill(world, scope, stored)
        assert "Bearer s3cret" in filled.secrets, "what a log must not show"
    assert jobs[0].args == jobs[1].args
    other = Scope(replace(scope.identity, username="eve"))
    with pytest.raises(Invalid, match="not for u/eve"):
        await references.fill(world, other, json.loads(jobs[0].args or "{}"))


async def test_a_failing_expression_does_not_tell_the_secret_it_read(mill: Mill) -> None:
    new = NewVariable("f/ops/word", "s3cret", is_secret=True)
    await variables.create(mill.world, mill.scope, new)
    throws = "(() => { throw new Error('not ' + variable('f/ops/word')) })()"
    error = value_of(await played(mill, leaf("a", x=throws)))["error"]
    assert (error["step_id"], "s3cret" in error["message"]) == ("a", False)
    assert "not ****" in error["message"]


def fails_once() -> Callable[..., Any]:
    calls = []

    def code(**args: Any) -> Any:
        calls.append(args)
        return fail() if len(calls) == 1 else args

    return code


async def test_an_answer_of_a_flow_inside_is_known_to_the_next_turn(mill: Mill) -> None:
    await deployed(mill, "f/ops/inner", leaf("b", x="flow_input.x"), cache_ttl=60)
    record = await played(mill, loop("l", sub("s", "f/ops/inner", x="1"), over="[1, 2, 3]"))
    assert value_of(record) == [{"x": 1}] * 3
    assert mill.seen == ["b"]
