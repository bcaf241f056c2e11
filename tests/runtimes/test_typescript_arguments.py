"""What the signature of a TypeScript script says, its run keeps."""

from __future__ import annotations

import pytest

from sandbox import Limits
from tests._toolchains import built, needs, toolchains
from tests.runtimes.conftest import Scripts
from windmill_lite.core.signature import infer
from windmill_lite.runtimes import Failure, TypeScript
from windmill_lite.runtimes.typescript import made_values

pytestmark = needs("bun")


@pytest.fixture
def bun(scripts: Scripts) -> Scripts:
    scripts.runtime = TypeScript("bun", toolchains(), built())
    return scripts


async def test_a_parameter_that_is_a_date_gets_one(bun: Scripts) -> None:
    code = """
    type When = Date | null
    export function main(a: Date, b: When, c: string, d = new Date(0), e?: Date) {
      return [a, b, c, d, e].map((x) => x instanceof Date ? x.getTime() : x);
    }
    """
    day, text = "1970-01-02T00:00:00Z", "1970-01-03"
    assert await bun.result(code, a=day, b=day, c=text, e=None) == [
        86_400_000,
        86_400_000,
        text,
        0,
        None,
    ]


async def test_every_argument_of_the_form_arrives(bun: Scripts) -> None:
    code = """
    enum Color { Red = "red" }
    export default async (a: string, { b, c = 2 }: { b: number; c?: number }, [d]: string[],
      e: Color = Color.Red, ...rest: number[]) => [a, b, c, d, e, rest];
    """
    names = infer("bun", code).schema["order"]
    assert names == ["a", "anon1", "anon2", "e"]
    given = {"a": "x", "anon1": {"b": 1}, "anon2": ["y"]}
    assert await bun.result(code, **given) == ["x", 1, 2, "y", "red", []]


def test_a_text_that_cannot_be_read_has_nothing_to_be_made() -> None:
    assert made_values("export function main(a: Date", "main") == {}


async def test_memory_that_runs_out_is_named_with_its_limit(bun: Scripts) -> None:
    code = """
    export function main() {
      const held: Uint8Array[] = [];
      while (true) held.push(new Uint8Array(1 << 26).fill(1));
    }
    """
    end = await bun.run(code, limits=Limits(memory_bytes=400 << 20))
    assert isinstance(end, Failure)
    assert end.error["name"] in {"OutOfMemory", "ExecutionErr"}  # it may crash before it can say so
    assert "400 MiB" in end.error["message"]
