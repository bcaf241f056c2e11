"""Results that scripts tell piece by piece, as lines of their output."""

from __future__ import annotations

import pytest

from tests._toolchains import built, needs, toolchains
from tests.runtimes.conftest import Scripts
from windmill_lite.runtimes import TypeScript


async def test_a_generator_streams_what_it_yields(scripts: Scripts) -> None:
    code = """
    import contextlib, io
    def main():
        print("logged")
        with contextlib.redirect_stdout(io.StringIO()):
            yield "two\\nlines"
            yield {"a": 1}
        return {"b": 2}
    """
    assert await scripts.result(code) == {"b": 2}
    assert scripts.text == 'logged\nWM_STREAM: two\\nlines\nWM_STREAM: {"a":1}\n'


async def test_an_async_generator_streams_too(scripts: Scripts) -> None:
    code = """
    async def main():
        for word in ("once ", "upon"):
            yield word
    """
    assert await scripts.result(code) is None
    assert scripts.text == "WM_STREAM: once \nWM_STREAM: upon\n"


READABLE = """
export const main = () => new ReadableStream({
  start(c) {
    c.enqueue(new TextEncoder().encode('a\\nb'));
    c.enqueue({ x: 1 });
    c.close();
  },
});
"""


@needs("bun")
@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("export function* main() { yield 'a\\nb'; yield { x: 1 }; return { c: 3 } }", {"c": 3}),
        ("export async function* main() { yield 'a\\nb'; yield { x: 1 } }", None),
        (READABLE, None),
    ],
)
async def test_generators_and_streams_stream_what_they_give(
    scripts: Scripts, code: str, result: object
) -> None:
    scripts.runtime = TypeScript("bun", toolchains(), built())
    assert await scripts.result(code) == result
    assert scripts.text == 'WM_STREAM: a\\nb\nWM_STREAM: {"x":1}\n'
