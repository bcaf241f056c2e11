"""Every language in every sandbox of this machine: it runs, and it is held."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from textwrap import dedent
from typing import Any

import pytest

from sandbox import ForkServer
from tests._pythons import another, asking
from tests._toolchains import built, needs, toolchains
from tests.runtimes.conftest import Scripts
from tests.sandbox.conftest import EVERY_LEVEL, launcher, readable_by_others
from windmill_lite.runtimes import (
    WARM_MODULES,
    Bash,
    Deno,
    Go,
    Php,
    Python,
    Runtime,
    Success,
    TypeScript,
    databases,
    entry_module,
)

pytestmark = [EVERY_LEVEL, pytest.mark.timeout(600)]


def _go(text: str) -> str:
    return f"package inner\n\n{dedent(text)}"


_TYPESCRIPT = """
import { readFileSync, writeFileSync } from "node:fs";
export function main(secret: string) {
  const got: string[] = [];
  try { readFileSync(secret); got.push(secret) } catch {}
  try { writeFileSync("/usr/bin/planted", ""); got.push("planted") } catch {}
  return got;
}
"""
#: Each tries to read a file of the machine's owner and to write where all programs are, and answers
#: with what it got.
HOSTILE: dict[str, str] = {
    "python3": """
    def main(secret: str):
        got = []
        for path, mode in ((secret, "r"), ("/usr/bin/planted", "w")):
            try:
                got.append(open(path, mode).name)
            except OSError:
                pass
        return got
    """,
    "bash": """
    secret="$1"
    got=
    cat "$secret" >/dev/null 2>&1 && got="$got$secret"
    touch /usr/bin/planted 2>/dev/null && got="$got planted"
    [ -z "$got" ] && echo '[]' > result.json || echo "[\\"$got\\"]" > result.json
    """,
    "bun": _TYPESCRIPT,
    "deno": _TYPESCRIPT,
    "php": """<?php
    function main(string $secret): array {
      $got = [];
      if (@file_get_contents($secret) !== false) $got[] = $secret;
      if (@file_put_contents('/usr/bin/planted', '') !== false) $got[] = 'planted';
      return $got;
    }
    """,
    "go": _go(
        """
        import "os"

        func main(secret string) []string {
            got := []string{}
            if _, err := os.ReadFile(secret); err == nil {
                got = append(got, secret)
            }
            if err := os.WriteFile("/usr/bin/planted", nil, 0o600); err == nil {
                got = append(got, "planted")
            }
            return got
        }
        """
    ),
}
LANGUAGES = pytest.mark.parametrize(
    "language",
    ["python3", "bash", *(pytest.param(n, marks=needs(n)) for n in ("bun", "deno", "go", "php"))],
)


def runtime(language: str) -> Runtime:
    packs, kept = toolchains(), built()
    match language:
        case "bash":
            return Bash()
        case "bun":
            return TypeScript("bun", packs, kept)
        case "deno":
            return Deno(packs, kept)
        case "go":
            return Go(packs, kept)
        case "php":
            return Php()
    return Python(toolchains(), built())


@pytest.fixture
async def at_level(level: str) -> AsyncIterator[Scripts]:
    apart = os.geteuid() == 0 and level != "namespaces"
    if apart and not (readable_by_others(toolchains().root) and readable_by_others(built().root)):
        pytest.skip("other users, as jobs are here, cannot enter where the toolchains lie")
    homes = Python(toolchains(), built()).homes
    shared = (str(toolchains().root), str(built().root), *homes)
    server = ForkServer(launcher(level), entry_module(), level, preload=WARM_MODULES, shared=shared)
    try:
        await server.start()
        yield Scripts(server)
    finally:
        await server.stop()


@LANGUAGES
async def test_a_script_is_held(at_level: Scripts, level: str, language: str) -> None:
    at_level.runtime = runtime(language)
    secret = "/etc/shadow" if os.geteuid() == 0 else str(built().root / ".lock")
    found = await at_level.result(HOSTILE[language], secret=secret)
    if level == "process" and os.geteuid() != 0:
        return  # a cell is the worker's own user here
    assert found == []


@another
async def test_a_script_on_another_python_is_held_too(at_level: Scripts, level: str) -> None:
    secret = "/etc/shadow" if os.geteuid() == 0 else str(built().root / ".lock")
    apart = os.geteuid() == 0 and level != "namespaces"
    code = asking(dedent(HOSTILE["python3"]), apart=apart)
    found = await at_level.result(code, secret=secret)
    if level != "process" or os.geteuid() == 0:  # else a cell is the worker's own user
        assert found == []


@needs("bun")
async def test_packages_find_each_other(at_level: Scripts) -> None:
    at_level.runtime = runtime("bun")
    code = 'import isOdd from "is-odd@3.0.1"\nexport function main() { return isOdd(3) }'
    assert await at_level.result(code) is True


@needs("uv")
async def test_duckdb_finds_out_what_the_machine_has(at_level: Scripts) -> None:
    databases_here = databases(toolchains(), built())
    at_level.runtime = next(each for each in databases_here if each.language == "duckdb")
    assert await at_level.result("select 1 as x") == [{"x": 1}]


@LANGUAGES
async def test_a_value_goes_in_and_comes_out(at_level: Scripts, language: str) -> None:
    value: dict[str, Any] = {"ü": [1, 2.5, None, True, "x" * 1000]}
    codes = {
        "python3": "def main(x): return x",
        "bash": 'x="$1"\necho "$x" > result.json',
        "bun": "export function main(x: any) { return x }",
        "deno": "export function main(x: any) { return x }",
        "go": _go("func main(x any) any { return x }"),
        "php": "<?php function main($x) { return $x; }",
    }
    at_level.runtime = runtime(language)
    end = await at_level.run(codes[language], x=value)
    assert isinstance(end, Success), (end, at_level.text)
    assert json.loads(end.result_json) == value
