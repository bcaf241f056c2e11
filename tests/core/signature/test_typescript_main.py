"""Which function of a TypeScript script is the entry point, what it takes, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.signature._expected import (
    ANY,
    ANYTHINGS,
    BOOLEAN,
    DATE_TIME,
    DICT,
    INTEGER,
    NUMBER,
    NUMBERS,
    STRING,
    STRINGS,
    choice,
)
from tests.core.signature._typescript import (
    bare,
    model,
    required,
    schema_of,
    script,
    shown,
    struct,
)
from windmill_lite.core.signature import PARSERS, Signature, infer


def signature(code: str, entrypoint: str | None = None) -> Signature:
    return infer("bun", code, entrypoint).signature


def names(code: str, entrypoint: str | None = None) -> list[str]:
    return [arg.name for arg in signature(code, entrypoint).args]


@pytest.mark.parametrize(
    "code",
    [
        "export function main(a: string) {}",
        "export async function main(a: string) {}",
        "export async function* main(a: string) {}",
        "function main(a: string) {}",
        "export const main = (a: string) => a",
        "export const main = async (a: string): Promise<string> => a",
        "export const main = async a => a",
        "export const main = function (a: string) {}",
        "export let main: Main = (async (a: string) => a) satisfies Main",
        "const f = (a: string) => a\nexport const main = f",
        "const f = (a: string) => a\nexport { f as main }",
        "export default function main(a: string) {}",
        "export default async function (a: string) {}",
        "export default (a: string) => a",
        "export default main\nfunction main(a: string) {}",
        "function run(a: string) {}\nexport default run",
        "function run(a: string) {}\nexport { run as default }",
        "export function main(a: string): void\nexport function main(a: any) {}",
        "\ufeff#!/usr/bin/env bun\nexport function main(a: string) {}",
        "export function main(this: Window, a: string) {}",
        "export function main(a: string,) {}\r\n",
        "function main(z: number) {}\nfunction main(a: number) {}",
    ],
)
def test_main_is_found_however_it_is_written(code: str) -> None:
    assert names(code) == ["a"]
    assert not signature(code).no_main_func


@pytest.mark.parametrize(
    "code",
    [
        "",
        "// nothing\n",
        "export const x = 1",
        "export function other(a: string) {}",
        "class A { main(a: string) {} }",
        "function outer() { function main(a: string) {} }",
        "export const main = 3",
        "const main = main",
        "export const main = wrap((a: string) => a)",
        "export { main } from './other'",
        "export * from './other'",
        "import { main } from './other'",
        "export default 3",
        "export default class { main(a: string) {} }",
        "declare function main(a: string): void",
    ],
)
def test_a_script_without_main_has_an_empty_schema(code: str) -> None:
    found = infer("bun", code)
    assert found.signature.no_main_func
    assert found.schema["properties"] == {}
    assert found.schema["required"] == []


def test_the_three_runtimes_read_the_same() -> None:
    code = script("a: string, b?: number")
    assert infer("deno", code) == infer("nativets", code) == infer("bun", code)
    assert {"bun", "deno", "nativets"} <= set(PARSERS)


def test_another_entry_point_can_be_named_and_is_not_the_default_export() -> None:
    code = "export default (a: string) => a\nexport function options(b: string, c: number) {}"
    assert names(code, "options") == ["b", "c"]
    assert signature(code, "missing").no_main_func


def test_a_preprocessor_is_noticed() -> None:
    code = "export async function preprocessor(event: any) {}\nexport function main(a: string) {}"
    assert signature(code).has_preprocessor
    assert names(code) == ["a"]
    assert not signature("export default (a: string) => a").has_preprocessor


def test_the_rest_of_the_parameters_is_noticed() -> None:
    found = signature(script("a: string, ...more: string[]"))
    assert found.star_args
    assert [arg.name for arg in found.args] == ["a"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("a: string, b: number", ["a", "b"]),
        ("a: string, b?: number", ["a"]),
        ("a: string, b = 3", ["a"]),
        ("a: string, b: number = foo()", ["a"]),
        ("a: string | null, b: number | undefined", []),
        ("a, b: any", ["a", "b"]),
    ],
)
def test_what_has_no_default_and_may_not_be_null_is_required(
    parameters: str, expected: list[str]
) -> None:
    assert required(parameters) == expected


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ("3", {**INTEGER, "default": 3}),
        ("-3", {**INTEGER, "default": -3}),
        ("1.0", {**INTEGER, "default": 1}),
        ("1.5", {**NUMBER, "default": 1.5}),
        ("1e3", {**INTEGER, "default": 1000}),
        ("0xff", {**INTEGER, "default": 255}),
        ("1_000", {**INTEGER, "default": 1000}),
        ("10n", {**INTEGER, "default": 10}),
        ("60 * 60", {**INTEGER, "default": 3600}),
        ("7 / 2", {**NUMBER, "default": 3.5}),
        ("2 ** 10", {**INTEGER, "default": 1024}),
        ("true", {**BOOLEAN, "default": True}),
        ("!true", {**BOOLEAN, "default": False}),
        ('"it\'s"', {**STRING, "default": "it's"}),
        ('"a" + "b"', {**STRING, "default": "ab"}),
        ("`abc`", {**STRING, "default": "abc"}),
        ("[1, 2]", {**NUMBERS, "default": [1, 2]}),
        ("[1, 2.5]", {**NUMBERS, "default": [1, 2.5]}),
        ('["a"]', {**STRINGS, "default": ["a"]}),
        ("[]", {**ANYTHINGS, "default": []}),
        ('[1, "a"]', {**ANYTHINGS, "default": [1, "a"]}),
        ("{}", {**DICT, "default": {}}),
        ('{a: 1, "b-c": [true], d}', {
            **struct([], **{"a": INTEGER, "b-c": {"type": "array", "items": BOOLEAN}, "d": STRING}),
            "default": {"a": 1, "b-c": [True], "d": "x"},
        }),
        ("new Date()", DATE_TIME),
        ("Color.Red", {**choice("red", "blue"), "default": "red"}),
        ('Color["Blue"]', {**choice("red", "blue"), "default": "blue"}),
        ('"a" as "a" | "b"', {**choice("a", "b"), "default": "a"}),
        ("d", {**STRING, "default": "x"}),
        ("TABLE.a", {**INTEGER, "default": 1}),
        ("(3)!", {**INTEGER, "default": 3}),
        ("<number>3", {**INTEGER, "default": 3}),
        # Not known, and not required either.
        ("null", ANY),
        ("undefined", ANY),
        ("foo()", ANY),
        ("await foo()", ANY),
        ("`a${d}`", ANY),
        ("[...d]", ANY),
        ("[1, , 2]", ANY),
        ("{...d}", ANY),
        ("{[d]: 1}", ANY),
        ("missing", ANY),
        ("loop", ANY),
        ("1 / 0", ANY),
        ("2 ** 5000", ANY),
        ("1 + 'a'", ANY),
        ('"\\ud800"', ANY),
        ('"\\0"', ANY),
        ("a ? 1 : 2", ANY),
        ("/x/g", ANY),
        ("1" + "0" * 400, ANY),
    ],
)  # fmt: skip
def test_a_default_says_the_type_and_the_value(default: str, expected: dict[str, Any]) -> None:
    before = (
        'enum Color { Red = "red", Blue = "blue" }\n'
        'const d = "x"\nconst TABLE = { a: 1 }\nconst loop = loop2\nconst loop2 = loop\n'
    )
    assert shown(default, before) == expected
    assert required(f"x = {default}", before) == []


def test_a_default_beside_a_type_changes_only_the_default() -> None:
    schema = schema_of(script('a: number = 1, b: any = { x: 1 }, c: "p" | "q" = "q"'))
    assert {name: bare(one) for name, one in schema["properties"].items()} == {
        "a": {**NUMBER, "default": 1},
        "b": {**ANY, "default": {"x": 1}},
        "c": {**choice("p", "q"), "default": "q"},
    }


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ("{a, b}: {a: string, b: number}", struct(a=STRING, b=NUMBER)),
        ("{a = 1, b}: {a?: number, b: string}", struct(
            ["b"], a={**NUMBER, "default": 1}, b=STRING)),
        ("{a: renamed = 1}: {a: number}", struct([], a={**NUMBER, "default": 1})),
        ("{a, b = 2, c: {d}, ...rest}", struct(
            ["a", "c"], a=ANY, b={**INTEGER, "default": 2}, c=ANY)),
        ("{a}: Row", model("row", a=NUMBER)),
        ("{a}: any", ANY),
        ("[a, b]: string[]", STRINGS),
        ("[a, b]", ANYTHINGS),
    ],
)  # fmt: skip
def test_a_parameter_that_is_taken_apart_is_one_object(
    parameter: str, expected: dict[str, Any]
) -> None:
    schema = schema_of(script(f"x: string, {parameter}, {{ z }}: {{ z: string }}",
                              "type Row = { a: number }"))  # fmt: skip
    assert schema["order"] == ["x", "anon1", "anon2"]
    assert bare(schema["properties"]["anon1"]) == expected


def test_the_default_of_the_whole_stands_beside_those_of_the_parts() -> None:
    schema = schema_of(script('{ a = 1, b }: { a?: number; b: string } = { b: "x" }'))
    assert schema["required"] == []
    assert schema["properties"]["anon1"]["default"] == {"b": "x"}
    assert schema["properties"]["anon1"]["properties"]["a"]["default"] == 1


DOCUMENTED = """
// not this
/**
 * Greets somebody.
 *
 * As often as
 * one likes.
 *
 * @param {string} name - whom
 *   to greet
 * @param [times=3] how often
 * @returns nothing
 */
export async function main(name: string, times = 3, /** aside */ other: string, bare: string) {}
"""


def test_jsdoc_describes_the_function_and_its_parameters() -> None:
    found = signature(DOCUMENTED)
    assert (found.summary, found.description) == ("Greets somebody.", "As often as\none likes.")
    said = {arg.name: arg.description for arg in found.args}
    assert said == {"name": "whom to greet", "times": "how often", "other": "aside", "bare": ""}


def test_the_comment_of_another_statement_is_not_that_of_main() -> None:
    assert (
        signature("/** other */\nconst x = 1\n\nexport function main(a: string) {}").summary == ""
    )


def test_a_comment_that_is_no_jsdoc_says_nothing() -> None:
    assert signature("/* a */\nexport function main(a: string) {}").summary == ""
    assert signature("/** @type {x} */\nexport default (a: string) => a").summary == ""
