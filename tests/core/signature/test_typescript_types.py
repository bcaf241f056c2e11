"""What a TypeScript type says about a parameter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.signature._expected import (
    ANY,
    ANYTHINGS,
    BOOLEAN,
    BYTES,
    DATE_TIME,
    DICT,
    INTEGER,
    NUMBER,
    NUMBERS,
    S3,
    STRING,
    STRINGS,
    choice,
    mapping,
    resource,
    resources,
)
from tests.core.signature._typescript import prop, required, struct

EMAIL = {"type": "string", "format": "email"}
SQL = {"type": "string", "format": "sql"}


@pytest.mark.parametrize(
    ("typ", "expected"),
    [
        ("string", STRING),
        ("number", NUMBER),
        ("bigint", INTEGER),
        ("boolean", BOOLEAN),
        ("object", DICT),
        ("{}", DICT),
        ("any", ANY),
        ("unknown", ANY),
        ("never", ANY),
        ("symbol", ANY),
        ("Date", DATE_TIME),
        ("String", STRING),
        ("(string)", STRING),
        ("Promise<string>", STRING),
        ("`a-${string}`", STRING),
        # What JSON cannot carry is anything.
        ("(a: string) => void", ANY),
        ("new () => object", ANY),
        ("Map<string, number>", ANY),
        ("Set<string>", ANY),
        ("RegExp", ANY),
        ("Uint8Array", ANY),
        ("Function", ANY),
        ("A extends B ? string : number", ANY),
        ('import("x").Y', ANY),
    ],
)
def test_a_type_of_the_language(typ: str, expected: dict[str, Any]) -> None:
    assert prop(typ) == expected


@pytest.mark.parametrize(
    ("typ", "expected"),
    [
        ("Postgresql", resource("postgresql")),
        ("RT.Postgresql", resource("postgresql")),
        ("RT.Anthropic", resource("anthropic")),
        ("MyCoolThing", resource("my_cool_thing")),
        ("HTTPServer", resource("http_server")),
        ("my_type", resource("my_type")),
        ("C_3", resource("c_3")),
        ("A.B.Thing", resource("thing")),
        ("Thing<string>", resource("thing")),
        ("z.infer<typeof Shape>", ANY),
        ('wmill.Resource<"my_thing">', resource("my_thing")),
        ('Resource<"c_x">', resource("c_x")),
        ("Postgresql[]", resources("postgresql")),
        ("S3Object", S3),
        ("wmill.S3Object", S3),
        ("RT.S3Object", S3),
        ("S3Object[]", resources("s3_object")),
        ("wmill.Base64", BYTES),
        ("Base64", BYTES),
        ("wmill.Email", EMAIL),
        ("Email", EMAIL),
        ("wmill.Sql", SQL),
        ("Sql", SQL),
        ("DynSelect_foo", {"type": "object", "format": "dynselect-foo"}),
        ("DynSelect_fooBar", {"type": "object", "format": "dynselect-fooBar"}),
        ("DynMultiselect_bar", {"type": "object", "format": "dynmultiselect-bar"}),
    ],
)
def test_a_name_that_the_file_does_not_define_is_windmills(
    typ: str, expected: dict[str, Any]
) -> None:
    assert prop(typ) == expected


def test_windmills_names_keep_their_meaning_when_the_file_defines_them() -> None:
    before = (
        "type Base64 = string\ntype S3Object = { s3: string }\n"
        "export type DynSelect_foo = string\nexport function foo(x: string) { return [] }\n"
    )
    assert prop("Base64", before) == BYTES
    assert prop("S3Object", before) == S3
    assert prop("DynSelect_foo", before) == {"type": "object", "format": "dynselect-foo"}


@pytest.mark.parametrize(
    ("typ", "expected"),
    [
        ("string[]", STRINGS),
        ("Array<string>", STRINGS),
        ("ReadonlyArray<string>", STRINGS),
        ("readonly string[]", STRINGS),
        ("number[]", NUMBERS),
        ("bigint[]", NUMBERS),
        ("any[]", ANYTHINGS),
        ("boolean[]", {"type": "array", "items": BOOLEAN}),
        ("Date[]", {"type": "array", "items": DATE_TIME}),
        ("(string | null)[]", {**STRINGS, "items": {"type": "string", "nullable": True}}),
        ("object[]", {"type": "array", "items": {"type": "object"}, "originalType": "record[]"}),
        ('("a" | "b")[]', {
            "type": "array", "items": {"type": "string", "enum": ["a", "b"]},
            "originalType": "enum[]",
        }),
        ("number[][]", {"type": "array", "items": NUMBERS}),
        ("{ x: number }[]", {
            "type": "array", "items": struct(x=NUMBER), "originalType": "record[]",
        }),
        ("[string, number]", {
            "type": "array", "prefixItems": [STRING, NUMBER], "items": {}, "minItems": 2,
            "maxItems": 2,
        }),
        ("[a: string, b: number]", {
            "type": "array", "prefixItems": [STRING, NUMBER], "items": {}, "minItems": 2,
            "maxItems": 2,
        }),
        ("[string, string?]", STRINGS),
        ("[string, ...string[]]", STRINGS),
        ("Record<string, number>", mapping(NUMBER)),
        ("Record<string, any>", DICT),
        ("{ [key: string]: boolean }", mapping(BOOLEAN)),
        ("{ [key: string]: any }", DICT),
        ('Record<"a" | "b", number>', struct(a=NUMBER, b=NUMBER)),
        ('{ [K in "a" | "b"]?: K }', struct([], a=choice("a"), b=choice("b"))),
        ("{ [K in string]: number }", mapping(NUMBER)),
    ],
)  # fmt: skip
def test_a_container_tells_what_is_in_it(typ: str, expected: dict[str, Any]) -> None:
    found = prop(typ)
    if found.get("items", {}).get("type") == "array":
        found["items"].setdefault("originalType", expected["items"].get("originalType"))
    assert found == expected


@pytest.mark.parametrize(
    ("typ", "expected"),
    [
        ('"a"', choice("a")),
        ('"a" | "b"', choice("a", "b")),
        ('| "a" | "b"', choice("a", "b")),
        ("'a' | \"it's\"", choice("a", "it's")),
        (r'"a\n\u0041\x41\u{1F600}" | "\ud83d\ude00"', choice("a\nAA\U0001f600", "\U0001f600")),
        ("1 | 2", {"type": "integer", "enum": [1, 2]}),
        ("-1 | 1.5", {"type": "number", "enum": [-1, 1.5]}),
        ('"a" | 1', {"type": "", "enum": ["a", 1]}),
        ("true", {"type": "boolean", "enum": [True]}),
        ("true | false", BOOLEAN),
        # Any text is allowed, so the constants are only examples.
        ('"a" | "b" | string', STRING),
        ('"a" | (string & {})', STRING),
        ("string | number", {"type": "", "anyOf": [STRING, NUMBER]}),
        ("string | string[]", {"type": "", "anyOf": [STRING, STRINGS]}),
        ("string | any", ANY),
    ],
)
def test_a_union_of_constants_is_a_choice(typ: str, expected: dict[str, Any]) -> None:
    assert prop(typ) == expected


@pytest.mark.parametrize(
    "typ",
    ["string | null", "string | undefined", "null | string", "string | null | undefined"],
)
def test_what_may_be_null_may_be_left_out(typ: str) -> None:
    assert prop(typ) == STRING
    assert required(f"x: {typ}") == []


def test_every_constant_of_a_thousand_is_allowed() -> None:
    assert prop(" | ".join(f'"{n}"' for n in range(1_000))) == STRING
