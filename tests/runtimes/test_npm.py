"""What a script imports from npm is found, locked and installed."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from tests._toolchains import built, needs, toolchains
from tests.runtimes.conftest import Scripts
from windmill_lite.base.errors import Invalid
from windmill_lite.core.dependencies import typescript
from windmill_lite.runtimes import Call, Packs, TypeScript, npm

CODE = """
import { z } from "zod@3.23.8";
import isOdd from "npm:is-odd@3";
import type { Ghost } from "only-types";
import { readFileSync } from "node:fs";
import path from "path";
import "./local";

export function main(x: unknown) {
  return [z.number().parse(x), isOdd(3), typeof readFileSync, path.sep];
}
"""


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('import a from "a"', {"a": "latest"}),
        ("import * as a from 'a/deep/x.js';export { b } from \"@s/b@^1.2\"", None),
        ('import "side-effect"', {"side-effect": "latest"}),
        ("const a = await import('a'), b = require(\"b@2.0.0\")", {"a": "latest", "b": "2.0.0"}),
        ('import {\n  one,\n  two as three,\n} from "many"', {"many": "latest"}),
        ('import d, { e } from "npm:@s/d@1.0.0/sub"', {"@s/d": "1.0.0"}),
        ('import a from "a"\nimport { b } from "a@2"', {"a": "2"}),
        ('import type { T } from "t"\nexport type { U } from "u"', {}),
        ('import { type T } from "t"\nimport d, { type U } from "d"', {"d": "latest"}),
        ('import x from "f/ops/tools"\nimport y from "f/sub"', {"f": "latest"}),
        ('import fs from "fs"\nimport { x } from "node:x"\nimport { y } from "bun:y"', {}),
        ('import a from "./a"\nimport b from "/b"\nimport c from "https://c"', {}),
        ('import a from "a@file:/etc"\nimport b from "b@git+ssh://x"', {}),
        ("const important = from('a'); // import x from b", {}),
    ],
)
def test_imports_are_read(code: str, found: dict[str, str] | None) -> None:
    assert typescript.packages(code) == (
        {"@s/b": "^1.2", "a": "latest"} if found is None else found
    )


def test_versions_are_taken_out_and_nothing_else_changes() -> None:
    plain = typescript.bare(CODE)
    assert 'from "zod";' in plain
    assert 'from "is-odd";' in plain
    assert plain.count("\n") == CODE.count("\n")
    assert typescript.bare(plain) == plain
    assert typescript.bare("import x from '@s/d@1.0.0/sub'") == "import x from '@s/d/sub'"


def lock(dependencies: object, packages: Sequence[object] = ()) -> str:
    return json.dumps({"dependencies": dependencies}) + npm.SPLIT + json.dumps(list(packages))


@pytest.mark.parametrize(
    "text",
    [
        "zod@3",
        "{}" + npm.SPLIT,
        json.dumps({"dependencies": {}, "workspaces": ["."]}) + npm.SPLIT,
        lock({"x": "file:."}),
        lock({"x": "./x"}),
        lock({"x": "https://elsewhere.example/x.tgz"}),
        lock({"x": "1.0.0"}, ["x@file:../home"]),
        lock({"x": "1.0.0"}, ["x@./home"]),
        lock({"x": "1.0.0"}, ["x@git+ssh://elsewhere.example/x"]),
        lock({"x": "1.0.0"}, ["x@1.0.0", "https://elsewhere.example/x.tgz"]),
    ],
)
def test_a_lock_of_anything_but_a_registry_is_refused(text: str) -> None:
    bun = Packs(toolchains().root).find("bun") or pytest.skip("needs bun")
    with pytest.raises(Invalid, match="the lock "):
        npm.installing(text, npm.Place(bun, {"npm_config_userconfig": "/dev/null"}))


@pytest.fixture
def bun(scripts: Scripts) -> Scripts:
    scripts.runtime = TypeScript("bun", toolchains(), built())
    return scripts


@needs("bun")
@pytest.mark.timeout(300)
async def test_packages_are_installed_once_and_then_there_without_any_network(
    bun: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await bun.result(CODE.replace('import "./local";', ""), x=4) == [
        4,
        True,
        "function",
        "/",
    ]
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    bun.output.clear()
    refused = await bun.error(CODE.replace('import "./local";', ""), x="four")
    assert refused["name"] == "ZodError"
    assert "resolving" not in bun.text
    assert "f/ops/hello.ts:" in refused["stack"]


@needs("bun")
@pytest.mark.timeout(300)
async def test_what_is_not_in_the_registry_is_named(bun: Scripts) -> None:
    error = await bun.error('import x from "windmill-lite-no-such-package@9.9.9"')
    assert error["name"] == "BuildError"
    assert "windmill-lite-no-such-package" in error["message"]


@needs("bun")
def test_nothing_of_the_job_is_in_the_cells_that_install(bun: Scripts) -> None:
    call = Call("1", CODE, "f/x", '{"x": "argument"}', {"WM_TOKEN": "secret"}, day="2024-02-29")
    step = bun.runtime.lock(call)
    assert not isinstance(step, str)
    assert step.cell is not None
    assert "secret" not in repr(step)
    assert "argument" not in repr(step)
    assert "--ignore-scripts" in step.cell.argv[-1]  # type: ignore[index]
