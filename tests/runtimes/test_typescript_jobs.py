"""TypeScript as people write it, run for real."""

from __future__ import annotations

import json

import pytest

from tests._toolchains import built, needs, toolchains
from tests.runtimes.conftest import Scripts
from windmill_lite.base.errors import Unavailable
from windmill_lite.runtimes import Call, Failure, Packs, TypeScript

pytestmark = needs("bun")


@pytest.fixture
def bun(scripts: Scripts) -> Scripts:
    scripts.runtime = TypeScript("bun", toolchains(), built())
    return scripts


async def test_a_script_gets_its_arguments_by_name_and_returns_a_result(bun: Scripts) -> None:
    code = """
    export async function main(name: string, times: number = 2, loud?: boolean) {
      console.log("hello", name);
      return { greeting: `hello ${name}`.repeat(times), loud };
    }
    """
    assert await bun.result(code, times=1, name="ada") == {"greeting": "hello ada", "loud": None}
    assert bun.text == "hello ada\n"


@pytest.mark.parametrize(
    ("parameters", "result"),
    [
        ("a, b", "[a, b]"),
        ("b: string, a: number", "[a, b]"),
        ("a = ',', b: string = \")\" ", "[a, b]"),
        ("/* b, */ a: number, // (\n b: { x: number }[] | Array<string>", "[a, b]"),
        ("a: any = { x: [1, 2], y: (z) => z }, b = `,${'}'}`", "[a, b]"),
        ("...b", "[1, ...b]"),
        ("{ c }: any = { c: 1 }, b: string", "[c, b]"),
    ],
)
async def test_however_main_is_written_each_argument_finds_its_place(
    bun: Scripts, parameters: str, result: str
) -> None:
    code = f"export function main({parameters}) {{ return {result} }}"
    assert await bun.result(code, a=1, b="two", other=3) == [1, "two"]


@pytest.mark.parametrize(
    "code",
    [
        "export const main = async (a: number) => a",
        "export const main = a => a",
        "export const main = async a => a",
        "export const main = function (a: number) { return a }",
        "async function main(a: number) { return a }\nexport { main }",
        "export const main = (a: number) => (a)",
        "export default function main(a: number) { return a }",
        "export default (a: number) => a",
    ],
)
async def test_every_way_to_write_a_function_is_one(bun: Scripts, code: str) -> None:
    assert await bun.result(code, a=7) == 7


async def test_dates_and_bigints_are_made_where_main_asks_for_them(bun: Scripts) -> None:
    code = """
    export function main(at: Date, n: bigint, maybe?: Date, text: string = "2024-02-29") {
      return [at.getUTCFullYear(), n * 2n, maybe instanceof Date, typeof text];
    }
    """
    found = await bun.result(code, at="2024-02-29T13:00:00Z", n=21, text="2024-02-29")
    assert found == [2024, 42, False, "string"]


async def test_values_that_json_does_not_know_have_a_form(bun: Scripts) -> None:
    code = """
    export function main() {
      return {
        nothing: undefined, list: [undefined, NaN, Infinity], date: new Date(0),
        never: new Date(NaN), big: 12n, huge: 2n ** 70n, map: new Map([["k", new Set([1])]]),
        bytes: new Uint8Array([1, 2]),
        buffer: Buffer.from("ab"), half: "\\ud800", error: new RangeError("no"),
      };
    }
    """
    assert await bun.result(code) == {
        "nothing": None,
        "list": [None, None, None],
        "date": "1970-01-01T00:00:00.000Z",
        "never": None,
        "big": 12,
        "huge": str(2**70),
        "map": {"k": [1]},
        "bytes": "AQI=",
        "buffer": "YWI=",
        "half": "\ufffd",
        "error": {"name": "RangeError", "message": "no"},
    }
    assert await bun.result("export function main() {}") is None


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("() => 1", "function"),
        ("Symbol('x')", "symbol"),
    ],
)
async def test_a_result_without_a_form_is_refused(bun: Scripts, result: str, words: str) -> None:
    error = await bun.error(f"export function main() {{ return {result} }}")
    assert (error["name"], words in error["message"]) == ("NotJsonError", True)


async def test_functions_in_a_result_are_left_out(bun: Scripts) -> None:
    code = "export function main() { return { a: 1, b: () => 1, c: [Symbol('x'), print] } }"
    assert await bun.result(f"{code}\nconst print = () => 2") == {"a": 1, "c": [None, None]}


async def test_a_result_that_refers_to_itself_is_refused(bun: Scripts) -> None:
    error = await bun.error("export function main() { const a: any = {}; a.a = a; return a }")
    assert error["name"] == "TypeError"


async def test_an_error_has_its_class_its_message_and_the_lines_of_the_script(
    bun: Scripts,
) -> None:
    code = """
    class Refused extends Error {}
    function inner(n: number): never {
      throw new Refused(`no ${n}`);
    }
    export async function main() {
      await Promise.resolve();
      inner(3);
    }
    """
    error = await bun.error(code)
    assert (error["name"], error["message"]) == ("Refused", "no 3")
    lines = error["stack"].splitlines()
    assert lines[0] == "Refused: no 3"
    assert "inner (f/ops/hello.ts:3:" in lines[1]
    assert "main (f/ops/hello.ts:7:" in lines[2]
    assert len(lines) == 3


async def test_a_cause_is_told_with_its_error(bun: Scripts) -> None:
    code = """
    export function main() {
      try { null!.x } catch (cause) { throw new Error("outer", { cause }) }
    }
    """
    assert "Caused by TypeError" in (await bun.error(code))["stack"]


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("export function main() { throw 'text' }", "Error", "text"),
        ("export function main() { throw { code: 1 } }", "Error", '{"code":1}'),
        ("export function main() { throw null }", "Error", "null"),
        ("throw new TypeError('early')", "TypeError", "early"),
        (
            "export const x = 1",
            "MainNotFoundError",
            "f/ops/hello.ts exports no function named main",
        ),
        (
            "export function main() {\n  let x: = 1\n}",
            "SyntaxError",
            "Unexpected = (f/ops/hello.ts:2:10)",
        ),
    ],
)
async def test_every_kind_of_failure_is_named(
    bun: Scripts, code: str, name: str, message: str
) -> None:
    error = await bun.error(code)
    assert (error["name"], error["message"]) == (name, message)


async def test_a_module_that_is_not_there_is_named(bun: Scripts) -> None:
    error = await bun.error("import { z } from './z'\nexport function main() { return z }")
    assert (error["name"], "'./z.ts'" in error["message"]) == ("ModuleNotFoundError", True)


async def test_a_promise_that_nobody_awaits_fails_the_job(bun: Scripts) -> None:
    code = """
    export async function main() {
      Promise.reject(new RangeError("alone"));
      await new Promise((resolve) => setTimeout(resolve, 5_000));
    }
    """
    assert (await bun.error(code))["name"] == "RangeError"


async def test_a_script_that_ends_its_process_is_told_by_its_code(bun: Scripts) -> None:
    error = await bun.error("export function main() { process.exit(3) }")
    assert "exit code 3" in error["message"]


async def test_output_of_every_kind_keeps_its_order_and_is_whole(bun: Scripts) -> None:
    code = """
    export async function main() {
      console.log("a".repeat(3 << 20));
      process.stdout.write("b".repeat(3 << 20) + "\\n");
      console.error("c");
      process.stderr.write("d\\n");
      console.log("e");
      process.stdout.write("f\\n");
    }
    """
    assert await bun.result(code) is None
    assert bun.text.replace("a" * (3 << 20), "A").replace("b" * (3 << 20), "B").split() == [
        *"ABcdef"
    ]


async def test_console_alone_is_whole_too(bun: Scripts) -> None:
    code = "export function main() { for (let n = 0; n < 20_000; n++) console.log(n, 'line') }"
    assert await bun.result(code) is None
    assert bun.text.count("\n") == 20_000


async def test_arguments_and_results_of_megabytes_arrive(bun: Scripts) -> None:
    code = "export function main(x: string) { return x.length }"
    assert await bun.result(code, x="ü" * (5 << 20)) == 5 << 20
    nine = "export function main() { return 'x'.repeat(9 << 20) }"
    assert len(await bun.result(nine)) == 9 << 20
    end = await bun.run(nine.replace("9", "11"))
    assert isinstance(end, Failure)
    assert end.error["name"] == "ResultTooLarge"


async def test_odd_arguments_survive_the_way(bun: Scripts) -> None:
    value = ["a\x00ü😀", {"__proto__": 1, "k": [None, True, 1.5]}]
    assert await bun.result("export function main(x: any) { return x }", x=value) == value


async def test_what_bun_brings_along_is_there(bun: Scripts) -> None:
    code = """
    import { createHash } from "node:crypto";
    import { readFileSync, writeFileSync } from "node:fs";
    import { Database } from "bun:sqlite";
    export async function main() {
      writeFileSync("x", "kept");
      const sum = new Database(":memory:").query("select 1 + 1 as n").get();
      const hash = createHash("sha1").update("").digest("hex");
      return [hash.slice(0, 4), readFileSync("x", "utf8"), sum];
    }
    """
    assert await bun.result(code) == ["da39", "kept", {"n": 2}]


async def test_its_environment_is_its_own(bun: Scripts) -> None:
    code = "export function main() { return [process.env.WM_WORKSPACE, Object.keys(process.env)] }"
    workspace, names = await bun.result(code)
    assert workspace == "demo"
    assert set(names) <= {
        *("BUN_RUNTIME_TRANSPILER_CACHE_PATH", "DO_NOT_TRACK", "HOME", "LANG", "NO_COLOR"),
        *("PATH", "PWD", "TMPDIR", "WM_WORKSPACE"),
    }


async def test_the_toolchain_cannot_be_changed_and_the_machine_not_seen(bun: Scripts) -> None:
    code = """
    import { appendFileSync, existsSync, readdirSync } from "node:fs";
    export function main(secret: string) {
      const denied: string[] = [];
      for (const path of [process.execPath, "/usr/bin/planted", "/etc/passwd"]) {
        try { appendFileSync(path, "x") } catch (error: any) { denied.push(error.code) }
      }
      return [denied.length, existsSync(secret)];
    }
    """
    assert await bun.result(code, secret=str(toolchains().root / ".lock")) == [3, False]


async def test_a_process_that_script_starts_works_and_dies_with_it(bun: Scripts) -> None:
    code = """
    export async function main() {
      Bun.spawn(["sleep", "600"]);
      return await new Response(Bun.spawn(["echo", "child"]).stdout).text();
    }
    """
    assert await bun.result(code) == "child\n"


async def test_without_bun_the_command_that_installs_it_is_named() -> None:
    packs = Packs.at(toolchains().root / "nowhere")
    runtime = TypeScript("bun", packs, built())
    probe = runtime.probe()
    assert not probe.available
    assert f"windmill-lite runtime install bun --data-dir {packs.root.parent}" in probe.why
    with pytest.raises(Unavailable, match="runtime install bun"):
        runtime.command(Call("1", "", "", json.dumps({}), {}))
