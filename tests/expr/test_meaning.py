"""What expressions mean, and how they fail."""

from __future__ import annotations

from typing import Any

import pytest

from tests.expr._engine import WORLD
from windmill_lite.expr.evaluators import Ask, Evaluators
from windmill_lite.expr.names import Failed

MEANINGS: list[tuple[str, Any]] = [
    # both forms, and what leaves
    ("1 + 1", 2),
    ("  flow_input.x\n", 5),
    ("{a: 1}", {"a": 1}),
    ("{a: 1};", {"a": 1}),
    ("results.a;", {"b": [1, 2, {"c": "d"}]}),
    ("let y = flow_input.x * 2; return y + 1", 11),
    ("if (results.none) { return 1 } else { return 2 }", 2),
    ("try { return nope.x } catch (e) { return e.name }", "ReferenceError"),
    ("const f = (x) => x + 1; return f(1)", 2),
    ("let y = 1", None),
    ("undefined", None),
    ("NaN", None),
    ("1 / 0", None),
    ("[undefined, NaN, () => 1]", [None, None, None]),
    ("({a: undefined})", {}),
    ("() => 1", None),
    ("new Date(0)", "1970-01-01T00:00:00.000Z"),
    ("1704067200000", 1704067200000),
    ("Date.UTC(2024, 0, 1)", 1704067200000),
    ("0.1 + 0.2", 0.30000000000000004),
    ("new Map([[1, 2]])", {}),
    ("'a' + String.fromCharCode(0xe9)", "aé"),
    ("'\\ud83d\\ude00'", "\U0001f600"),
    ("'\\ud83d'", "\ud83d"),
    ("1 // one", 1),
    ("/* a */ 1", 1),
    ("`${flow_input.x} results.c $ {x}`", "5 results.c $ {x}"),
    ("'results.a' + \"variable('x')\"", "results.avariable('x')"),
    ("/a+/.test('caat') ? flow_input.x ?? 1 : 2", 5),
    ("[...flow_input.xs, ...[9]]", [3, 1, 9]),
    ("flow_input.xs.sort()", [1, 3]),
    # real names
    ("results.zz", None),
    ("results.toString", None),
    ("results.constructor", None),
    ("results['a']['b'][0]", 1),
    ("results?.zz?.b", None),
    ("results.zz ?? 7", 7),
    ("'c' in results", True),
    ("'zz' in results", False),
    ("const {a, zz} = results; return [a.b[1], zz]", [2, None]),
    ("['a', 'c', 'zz'].map(i => results[i])", [{"b": [1, 2, {"c": "d"}]}, 0, None]),
    ("Object.keys(results)", ["a", "c", "none"]),
    ("Object.entries(flow_env)", [["URL", "https://x"]]),
    ("JSON.stringify(flow_env)", '{"URL":"https://x"}'),
    ("results['a' + '']", {"b": [1, 2, {"c": "d"}]}),
    ("eval('res' + 'ults.c')", 0),
    ("({...flow_input, x: 6}).x", 6),
    ("flow_input", {"x": 5, "xs": [3, 1], "iter": {"index": 2, "value": "v"}, "off": None}),
    ("flow_input.hasOwnProperty('x')", True),
    ("flow_input.zz === undefined", True),
    ("flow_input.toString()", "[object Object]"),
    ("flow_input.x = 6; return Object.keys(flow_input)", ["x", "xs", "iter", "off"]),
    ("delete flow_input.x; return 'x' in flow_input", False),
    ("let results = 3; return results", 3),
    ("previous_result.map(x => x * flow_input.iter.index)", [2, 4]),
    ("error.name + ': ' + error.message + resumes.length + approvers[0]", "Busy: later1ann"),
    ("typeof resume.ok + typeof nobody", "booleanundefined"),
    ("Object.keys(globalThis).includes('results')", False),
    # functions
    ("variable('u/a/v')", "secret"),
    ('variable("u/a/it\'s")', 1),
    ("variable('u/' + 'a/v')", "secret"),
    ("await variable('u/a/v') + '!'", "secret!"),
    ("(await (async () => flow_input.x)()) + 1", 6),
    ("(await Promise.resolve(2)) * 2;", 4),
    ("const a = await (async (v) => v)(3); return a", 3),
    ("'we await (you)'", "we await (you)"),
    ("let p = await resource('f/x/db'); return p.port", 5432),
    ("resource('f/x/db').host", "h"),
    ("Promise.all(['u/a/v'].map(variable))", ["secret"]),
    ("try { return variable('no') } catch (e) { return e.message }", "there is no variable no"),
    ("(async () => { await null; return 3 })()", 3),
]


@pytest.mark.parametrize(("source", "value"), MEANINGS, ids=[m[0] for m in MEANINGS])
async def test_an_expression_means(evaluators: Evaluators, source: str, value: Any) -> None:
    found = await evaluators.evaluate("w", Ask(source), WORLD)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("[]", True),
        ("({})", True),
        ("''", False),
        ("0", False),
        ("null", False),
        ("results.c", False),
        ("results.zz", False),
        ("flow_input.xs", True),
        ("flow_input.x > 4 && 'yes'", True),
        ("NaN", False),
    ],
)
async def test_a_condition_is_what_is_truthy(
    evaluators: Evaluators, source: str, value: Any
) -> None:
    assert await evaluators.evaluate("w", Ask(source, truth=True), WORLD) is value


FAILURES: list[tuple[str, Failed]] = [
    ("nope.x", Failed("ReferenceError", "nope is not defined", 1, 1)),
    ("1 +\n results.zz.y", Failed("TypeError", "cannot read property 'y' of null", 2, 2)),
    ("results.zz.y", Failed("TypeError", "cannot read property 'y' of null", 1, 1)),
    ("let a;\nreturn a.b", Failed("TypeError", "cannot read property 'b' of undefined", 2, 8)),
    ("1 +", Failed("SyntaxError", "unexpected token in expression: ')'", 1, 4)),
    ("throw {a: 1}", Failed("Error", '{"a":1}')),
    ("variable('no') + 1", Failed("Error", "there is no variable no", 1, 1)),
    ("await Promise.reject(new TypeError('t'))", Failed("TypeError", "t", 1, 26)),
    ("new Promise(() => {})", Failed("Error", "a promise that nothing settles")),
    ("let a = {}; a.a = a; return a", Failed("TypeError", "circular reference")),
]


@pytest.mark.parametrize(("source", "failure"), FAILURES, ids=[f[0] for f in FAILURES])
async def test_an_expression_fails_and_says_where(
    evaluators: Evaluators, source: str, failure: Failed
) -> None:
    found = await evaluators.evaluate("w", Ask(source), WORLD)
    assert isinstance(found, Failed)
    assert found == failure


def test_a_failure_is_told_in_one_line_with_the_field_and_the_expression() -> None:
    failed = Failed("TypeError", "cannot read property 'y' of null", 2, 3)
    told = failed.told(field="input_transforms.x", source="1 +\n  results.zz.y")
    assert told == (
        "input_transforms.x: TypeError: cannot read property 'y' of null "
        "at line 2, column 3 of `1 + results.zz.y`"
    )
    assert len(failed.told(field="f", source="x" * 10_000)) < 400
