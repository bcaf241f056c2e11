"""Steps of a flow that have no lock: which there are, and where a lock is put."""

from __future__ import annotations

from typing import Any

from tests.core.flow._build import flow, leaf, loop
from windmill_lite.core.dependencies.steps import unlocked, with_locks
from windmill_lite.model.openflow import read


def code(id: str, **more: Any) -> Any:
    return {"id": id, "value": leaf(id)["value"] | {"content": f"# {id}", **more}}


def document() -> Any:
    branch: Any = {"id": "one", "value": {"type": "branchone"}}
    branch["value"] |= {
        "branches": [{"expr": "true", "modules": [code("inside")]}],
        "default": [code("locked", lock="six==1.17.0")],
    }
    both = {"id": "all", "value": {"type": "branchall", "branches": [{"modules": [code("x")]}]}}
    return flow(
        code("a", path="f/ops/elsewhere"),
        loop("l", branch, both, over="[1]"),
        failure_module=code("failure"),
        preprocessor_module=code("preprocessor"),
    )


def test_code_without_a_lock_is_found_at_every_depth() -> None:
    found = {each.module.id: each for each in unlocked(read(document()), "f/ops/flow")}
    assert list(found) == ["a", "inside", "x", "failure", "preprocessor"]
    assert (found["a"].path, found["x"].path) == ("f/ops/elsewhere", "f/ops/flow/x")
    assert found["x"].code == "# x"
    # As it runs: its lock is kept under that.
    assert found["preprocessor"].code.endswith("\nmain = preprocessor\n")
    assert unlocked(read(document()), None)[1].path == ""


def test_a_lock_is_put_where_its_step_is() -> None:
    steps = unlocked(read(document()), None)
    before = document()
    made = with_locks(before, {each.module.at: f"of {each.module.id}" for each in steps})
    assert before == document()
    assert unlocked(read(made), None) == []
    inner = made["modules"][1]["value"]["modules"]
    assert inner[0]["value"]["branches"][0]["modules"][0]["value"]["lock"] == "of inside"
    assert inner[0]["value"]["default"][0]["value"]["lock"] == "six==1.17.0"
    assert inner[1]["value"]["branches"][0]["modules"][0]["value"]["lock"] == "of x"
    assert made["preprocessor_module"]["value"]["lock"] == "of preprocessor"
