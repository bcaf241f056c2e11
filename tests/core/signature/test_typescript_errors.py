"""A text that is not TypeScript gets an error that says where; nothing crashes, nothing hangs."""

from __future__ import annotations

import pytest

from tests.core.signature._typescript import script
from windmill_lite.core.signature import SourceError, infer
from windmill_lite.model import limits


def error_of(code: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        infer("bun", code)
    return caught.value


@pytest.mark.parametrize(
    ("code", "line", "column", "reason"),
    [
        ("export function main(a: string {\n  return a\n}", 1, 31, ") is missing"),
        ("export function main(a: string", 1, 21, "( is never closed"),
        ("export function main(a: string) {\n  const x = ;\n}", 2, 11, "unexpected ="),
        ("export function main(a: string) {\n  if (a {\n  }\n}", 2, 8, ") is missing"),
        ("export function main(a: ) {}", 1, 23, "unexpected :"),
        ("export function main(a b) {}", 1, 24, "unexpected b"),
        ("éé; export function main(a: 'x {}", 1, 29, ""),
        ("export function main(a: string) {}\n}", 2, 1, "unexpected }"),
        ("def main(a): pass", 1, 1, ""),
        ("export function main(a: string, a: number) {}", 1, 33, "two parameters are named a"),
        ("export function main(a = '\0') {}", 1, 27, "null bytes"),
        ("export function main(a = '\ud800') {}", 1, 27, "surrogate"),
        ("x" * 150_001, 1, 1, "at most 150,000 are read"),
        ("(" * 1_000, 1, 501, "nested too deeply"),
        ("const a = '((('; // (\n/* ( */ " + "[" * 501, 2, 509, "nested too deeply"),
        (script(", ".join(f"a{n}: string" for n in range(501))), 2, 6918, "more than 500 param"),
    ],
)
def test_a_mistake_is_named_with_line_and_column(
    code: str, line: int, column: int, reason: str
) -> None:
    error = error_of(code)
    assert reason in error.reason
    assert error.line == line
    if reason:  # where even compilers differ, the line is enough
        assert error.column == column


@pytest.mark.parametrize(
    "statement",
    [
        'export type * from "./other"',
        'import defer * as later from "./other"',
        "interface Both<in out T> { x: T }",
        "interface More<A,\n in T extends string = never> { x: T }",
        "export import x = require('./x')",
        "let p: Promise<import('../..').N[]>",
        'import data from "./data.json" with { type: "json" }',
        "using file = open()",
        "enum E { A } ; declare global { interface Window { x: number } }",
        "class A { accessor x = 1; static { run() } #p = 1; has(o: any) { return #p in o } }",
        "const f = <T,>(x: T) => x; const g = <const T>(x: T) => x",
        "type Getters<T> = { [K in keyof T as `get${string & K}`]: () => T[K] }",
        "const x = y satisfies Z; const z = <string>x; w ||= 1; a = b?.[0]!.c",
        "label: for await (const x of y) { break label }",
        "export = foo",
    ],
)
def test_new_and_rare_spellings_are_no_mistakes(statement: str) -> None:
    found = infer("bun", f"{statement}\n{script('a: string')}")
    assert [arg.name for arg in found.signature.args] == ["a"]


def test_a_type_that_the_grammar_does_not_know_is_anything() -> None:
    found = infer("bun", script("a: Array<import('./b').B[]>, c: string")).schema["properties"]
    assert (found["a"]["type"], found["c"]["type"]) == ("", "string")


def test_it_is_a_refusal_of_the_field_content() -> None:
    error = error_of("export function main(")
    assert (error.field, error.status) == ("content", 400)


def test_a_text_that_is_hard_to_read_is_given_up_at_the_same_place_each_time() -> None:
    """So many steps for each character that no script takes them."""
    first, second = error_of("}!" * 3_000), error_of("}!" * 3_000)
    assert "takes too long" in first.reason
    assert (first.line, first.column) == (second.line, second.column)


def test_a_caller_without_patience_gets_an_error() -> None:
    with pytest.raises(SourceError, match="takes too long"):
        infer("bun", "export const x = 1\n" * 2_000, expired=lambda: True)


def test_a_short_script_is_read_even_without_patience() -> None:
    assert infer("go", "func main(a int) {}", expired=lambda: True).signature.args


@pytest.mark.parametrize(
    "code",
    [
        script("a: " + "string[]" + "[]" * 50_000),
        script("a: " + "Array<" * 12_000 + "string" + ">" * 12_000),
        script("a: " + " | ".join(['"x"'] * 20_000)),
        script("a: " + " | ".join(f'"{n}"' for n in range(12_000))),
        script("a: " + " | ".join(f"{{ a: {n} }}" for n in range(9_000))),
        script("a: {" + "; ".join(f"p{n}: string" for n in range(9_000)) + "}"),
        script("a = " + "-" * 90_000 + "1"),
        script("a = " + "1+" * 45_000 + "1"),
        script("a = b" + ".b" * 45_000),
        script("a = c0", "".join(f"const c{n} = [c{n + 1}, c{n + 1}];" for n in range(40))),
        script(
            "a = c0.x",
            "".join(f"const c{n} = {{ x: c{n + 1}.x, y: c{n + 1}.y }};" for n in range(40)),
        ),
        script("a: T0, b: T0", "".join(f"type T{n} = {{ a: T{n + 1}; b: T{n + 1} }};"
                                      for n in range(40))),
        script("a: T0<string>", "".join(f"type T{n}<X> = {{ a: T{n + 1}<X>; b: T{n + 1}<X[]> }};"
                                       for n in range(40))),
        script("a: A", "type A<T = A, U = A> = A<A, A>"),
        script("a: A", "type A = B; type B = A"),
        script("a: A", "interface A extends A, A { x: A }"),
        script("a: E", "enum E {" + ", ".join(f"A{n} = A{max(n - 1, 0)} + 1"
                                              for n in range(6_000)) + "}"),
        script("a: Record<keyof K, K>", "type K = {" + "; ".join(f"p{n}: 1"
                                                                 for n in range(9_000)) + "}"),
    ],
    ids=lambda code: code.strip()[:30],
)  # fmt: skip
def test_a_hostile_script_has_a_small_schema(code: str) -> None:
    assert len(str(infer("bun", code).schema)) < limits.SCHEMA_BYTES_MAX // 10
