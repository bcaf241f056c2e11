"""What bounds an expression: time, memory, what it reads and what it gives."""

from __future__ import annotations

import pytest

from tests.expr._engine import WORLD
from windmill_lite.expr import link
from windmill_lite.expr.evaluators import Ask, Evaluators
from windmill_lite.expr.names import Failed, Known
from windmill_lite.model import limits


@pytest.mark.parametrize("size", [10, 1_000, 100_000, 5_000_000])
async def test_a_value_may_be_large(evaluators: Evaluators, size: int) -> None:
    names = Known({"previous_result": {"a": "é" * size, "b": [1] * (size // 10)}})
    assert (
        await evaluators.evaluate("w", Ask("({...previous_result})"), names)
        == names.values["previous_result"]
    )
    told = await evaluators.evaluate("w", Ask("previous_result.a + '!'"), names)
    assert told == "é" * size + "!"


LIMITED: list[tuple[str, str]] = [
    ("while (true) {}", "TimeoutError"),
    ("/(a+)+$/.test('a'.repeat(40) + 'b')", "TimeoutError"),
    ("try { while (true) {} } catch (e) { return 1 }", "TimeoutError"),
    ("await null; while (true) {}", "TimeoutError"),
    ("const f = () => Promise.resolve().then(f); return f()", "TimeoutError"),
    ("const f = () => f() + 1; return f()", "RangeError"),
    ("'x'.repeat(11 * 1024 * 1024)", "ResultTooLarge"),
    ("let s = []; while (true) s.push('x'.repeat(1e6) + s.length)", "InternalError"),
    ("new Array(2 ** 31).fill(0).length", "InternalError"),
    ("JSON.parse('['.repeat(1e6))", "RangeError"),
]


@pytest.mark.parametrize(("source", "name"), LIMITED, ids=[s[0] for s in LIMITED])
async def test_an_expression_has_limits(
    evaluators: Evaluators, monkeypatch: pytest.MonkeyPatch, source: str, name: str
) -> None:
    config = {**link._CONFIG, "cpu_s": 0.5, "engine_bytes": 64 << 20}
    monkeypatch.setattr(link, "_CONFIG", config)
    found = await evaluators.evaluate("w", Ask(source), WORLD)
    assert isinstance(found, Failed)
    assert found.name == name
    assert await evaluators.evaluate("w", Ask("1 + 1"), WORLD) == 2, "the next one is not hurt"


async def test_native_code_that_runs_too_long_is_killed(
    evaluators: Evaluators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EXPRESSION_WALL_S", 1.5)
    found = await evaluators.evaluate("w", Ask("while (true) {}"), WORLD)
    assert found == Failed("TimeoutError", "ran longer than 1.5 s")
    monkeypatch.undo()
    assert await evaluators.evaluate("w", Ask("1 + 1"), WORLD) == 2


async def test_an_expression_may_read_so_much_and_no_more(
    evaluators: Evaluators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EXPRESSION_REQUEST_BYTES_MAX", 1000)
    names = Known({"previous_result": "x" * 2000})
    found = await evaluators.evaluate("w", Ask("previous_result.length + 1"), names)
    assert found == Failed("TooLarge", "it reads more than 1000 bytes")


async def test_an_expression_that_asks_for_ever_ends(evaluators: Evaluators) -> None:
    found = await evaluators.evaluate("w", Ask("wm_settled = '{\"needs\":[]}'; return p"), WORLD)
    assert isinstance(found, Failed)
    forged = "globalThis.wm_settled = 0; return new Promise(() => { wm_settled = '{}' })"
    assert isinstance(await evaluators.evaluate("w", Ask(forged), WORLD), Failed | None)
    counting = Known({}, variables={f"v{n}": n for n in range(1000)})
    source = "let n = 0; while (true) n += variable('v' + n)  + 1 - n"
    found = await evaluators.evaluate("w", Ask(source), counting)
    assert isinstance(found, Failed)
    assert found.name == "TooMuch"
