"""Scripts of Deno, run for real: on Deno, and on bun where it is not installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox import Limits
from tests._toolchains import built, needs, toolchains
from tests.runtimes.conftest import Scripts
from tests.runtimes.packs._registry import serving
from windmill_lite.base.errors import Invalid, Unavailable
from windmill_lite.core.dependencies import typescript
from windmill_lite.runtimes import Call, Deno, Failure, Packs, Success, npm, outcome_of
from windmill_lite.worker.steps import Steps

pytestmark = needs("deno")

BUN_LOCK = json.dumps({"dependencies": {"is-odd": "3.0.1"}}) + npm.SPLIT + "{}"


FORGOTTEN = """
export async function main() {
  Promise.reject(new RangeError("alone"));
  await new Promise(() => {});
}
"""


@pytest.fixture
def deno(scripts: Scripts) -> Scripts:
    scripts.runtime = Deno(toolchains(), built())
    return scripts


async def test_a_script_has_what_deno_has_and_is_told_in_its_own_lines(deno: Scripts) -> None:
    code = """
    import { createHash } from "node:crypto";
    import { join } from "path";
    class Refused extends Error {}
    export async function main(at: Date, n: bigint, fail = false) {
      console.log("on", Deno.build.os);
      process.stdout.write("streamed\\n");
      if (fail) throw new Refused(`no ${n}`);
      await Deno.writeTextFile("kept", "x");
      const child = new Deno.Command("echo", { args: ["child"] }).outputSync();
      const said = new TextDecoder().decode(child.stdout);
      const hash = createHash("sha1").update("").digest("hex").slice(0, 4);
      const kept = await Deno.readTextFile("kept");
      return [at.getUTCFullYear(), n * 2n, kept, said, hash, join("a", "b")];
    }
    """
    given = {"at": "2024-02-29T13:00:00Z", "n": 21}
    assert await deno.result(code, **given) == [2024, 42, "x", "child\n", "da39", "a/b"]
    assert deno.text == "on linux\nstreamed\n"
    error = await deno.error(code, **given, fail=True)
    assert (error["name"], error["message"]) == ("Refused", "no 21")
    lines = error["stack"].splitlines()
    assert (lines[0], len(lines)) == ("Refused: no 21", 2)
    assert "main (f/ops/hello.ts:7:" in lines[1]


@pytest.mark.parametrize(
    ("code", "name", "words"),
    [
        ("export function main() {\n  let x: = 1\n}", "SyntaxError", "(f/ops/hello.ts:2:10)"),
        ("import { z } from './z'", "ModuleNotFoundError", '"f/ops/z.ts"'),
        ("import { z } from 'node:z'", "ModuleNotFoundError", "node:z (f/ops/hello.ts:1:19)"),
        ("export const x = 1", "MainNotFoundError", "exports no function named main"),
        ("export function main() { Deno.exit(3) }", "ExecutionErr", "exit code 3"),
        ("export function main() { throw null }", "Error", "null"),
        ("export function main() { return Symbol('x') }", "NotJsonError", "symbol"),
        (FORGOTTEN, "RangeError", "alone"),
        ("export function main() { return 'x'.repeat(11 << 20) }", "ResultTooLarge", "10 MiB"),
    ],
)
async def test_every_kind_of_failure_is_named(
    deno: Scripts, code: str, name: str, words: str
) -> None:
    error = await deno.error(code)
    assert (error["name"], words in error["message"]) == (name, True), error


async def test_a_generator_is_streamed(deno: Scripts) -> None:
    code = "export async function* main() { yield 'a'; yield { b: 1 }; return 3 }"
    assert await deno.result(code) == 3
    assert deno.text == 'WM_STREAM: a\nWM_STREAM: {"b":1}\n'


async def test_memory_that_runs_out_ends_the_script_and_says_so(deno: Scripts) -> None:
    code = """
    export function main() {
      const held: number[][] = [];
      while (true) held.push(new Array(1 << 20).fill(held.length));
    }
    """
    end = await deno.run(code, limits=Limits(memory_bytes=1 << 30))
    assert isinstance(end, Failure)
    assert "memory" in end.error["message"], end


async def test_the_machine_is_not_seen(deno: Scripts) -> None:
    code = """
    export function main(secret: string) {
      const denied: string[] = [];
      for (const path of [Deno.execPath(), "/usr/bin/planted"]) {
        try { Deno.writeTextFileSync(path, "x", { append: true }) } catch { denied.push(path) }
      }
      try { Deno.readTextFileSync(secret) } catch (error) { denied.push(error.name) }
      return denied.length;
    }
    """
    assert await deno.result(code, secret=str(toolchains().root / ".lock")) == 3


PACKAGES = """
import { z } from "zod@3.23.8";
import isOdd from "npm:is-odd@3";
import * as wmill from "windmill-client";
export function main(x: unknown) {
  return [z.number().parse(x), isOdd(3), typeof wmill.getVariable];
}
"""


@pytest.mark.timeout(300)
async def test_packages_are_fetched_once_and_then_there(deno: Scripts) -> None:
    assert await deno.result(PACKAGES, x=4) == [4, True, "function"]
    deno.output.clear()
    refused = await deno.error(PACKAGES, x="four")
    assert (refused["name"], deno.text) == ("ZodError", "")
    assert "f/ops/hello.ts:" in refused["stack"]
    assert ".fetched" not in refused["stack"]


async def test_addresses_are_locked_by_what_was_found_there(deno: Scripts) -> None:
    with serving() as shelf:
        kind = "application/javascript"
        shelf.put("/a.js", b'import { b } from "./b.js"; export const a = b + 1', kind)
        shelf.put("/b.js", b"export const b = 41", kind)
        shelf.put("/data.json", b'{"k": [1]}', "application/json")
        code = f"""
        import {{ a }} from "{shelf.url}/a.js";
        import data from "{shelf.url}/data.json" with {{ type: "json" }};
        export function main() {{ return [a, data] }}
        """
        call = Call("1", code, "f/x", "{}", {}, day="2024-02-29")
        steps = Steps(deno.server, built())
        ready = await steps.ready(deno.runtime, call, deno.output.append)
        assert isinstance(ready, Call), (ready, deno.text)
        assert set(json.loads(ready.lock)["remote"]) == {
            f"{shelf.url}/{name}" for name in ("a.js", "b.js", "data.json")
        }
        cell = deno.runtime.command(ready)
        end = outcome_of(cell, await deno.server.run(cell, deno.output.append))
        assert end == Success('[42,{"k":[1]}]'), (end, deno.text)
        shelf.put("/b.js", b"export const b = 0", kind)
        other = Call("1", code + "\n", "f/x", "{}", {}, lock=ready.lock.replace(" ", "  ", 1))
        changed = await steps.ready(deno.runtime, other, deno.output.append)
        assert isinstance(changed, Failure)
        assert "b.js" in changed.error["message"]


def test_the_cells_that_fetch_have_the_imports_and_nothing_else_of_the_job() -> None:
    runtime = Deno(toolchains(), built())
    call = Call("1", PACKAGES, "f/x", '{"x": "argument"}', {"WM_TOKEN": "secret"})
    step = runtime.lock(call)
    assert not isinstance(step, str)
    assert step.cell is not None
    assert step.cell.files["wanted.mjs"].decode().split("\n")[1:] == [
        'import "npm:windmill-client";',
        'import "npm:zod@3.23.8";',
        "",
    ]
    assert not any(word in repr(step) for word in ("secret", "argument", "getVariable"))


def test_a_registry_is_told_to_scripts_without_its_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "npmrc"
    file.write_text("@a:registry=https://me:pw@npm.example/\n//npm.example/:_authToken=abc\n")
    monkeypatch.setenv("npm_config_userconfig", str(file))
    cell = Deno(toolchains(), built()).command(Call("1", "", "", "{}", {}))
    told = cell.files[".npmrc"].decode()
    assert "@a:registry=https://npm.example/" in told
    assert not any(secret in told for secret in ("abc", "pw"))


def test_a_lock_that_is_none_is_refused() -> None:
    for text in ("zod@3", "[]", '{"dependencies": {}}'):
        with pytest.raises(Invalid, match=r"deno\.lock"):
            Deno(toolchains(), built()).prepare(Call("1", PACKAGES, "", "{}", {}, lock=text))


def test_imports_are_written_as_deno_has_them() -> None:
    code = """
    import a from "a"; import fs from "fs";
    import b from "@s/b@^1.2/deep"; import c from "npm:c@1";
    import { d } from "/f/ops/d"; import e from "jsr:@s/e@1"; import f from "https://x.example/f.ts";
    """
    spelled = typescript.denos(code, "f/ops/x")
    for text in ("npm:a", "node:fs", "npm:@s/b@^1.2/deep", "npm:c@1", "./d.ts", "jsr:@s/e@1"):
        assert f'"{text}"' in spelled
    assert typescript.distant(code) == [
        *("https://x.example/f.ts", "jsr:@s/e@1", "npm:@s/b@^1.2/deep", "npm:a", "npm:c@1"),
    ]


def test_what_runs_a_script_follows_from_its_lock_and_from_what_is_there() -> None:
    call = Call("1", "export function main() {}", "", "{}", {})
    locked = Call("1", call.code, "", "{}", {}, lock=BUN_LOCK)
    both, none = Deno(toolchains(), built()), Deno(Packs(Path("/nowhere")), built())
    assert (both.pack, both.needs(call), both.note(call)) == ("deno", "deno", "")
    assert both.probe().version.startswith("deno 2.")
    assert both.needs(locked) == "bun"
    assert "its lock was made for bun" in both.note(locked)
    assert (none.pack, none.needs(call)) == ("bun", "bun")
    assert "run it on Deno: windmill-lite runtime install deno" in none.note(call)
    of_deno = Call("1", call.code, "", "{}", {}, lock='{"version": "5"}')
    assert none.needs(of_deno) == "deno"
    with pytest.raises(Unavailable, match="runtime install deno"):
        none.command(of_deno)


@pytest.mark.parametrize(
    "code",
    [
        "export function main() { return Deno.build.os }",
        'import { join } from "jsr:@std/path";\nexport const main = () => join("a")',
        'import x from "https://deno.land/x.ts";\nexport const main = () => x',
    ],
)
async def test_what_only_deno_has_names_the_command_that_installs_it(
    deno: Scripts, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(Deno, "_found", lambda _: None)
    error = await deno.error(code)
    assert "to run it on Deno: windmill-lite runtime install deno" in error["message"]
