"""What objects, declarations and enumerations of a TypeScript file say about a parameter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.signature._expected import (
    ANY,
    BOOLEAN,
    DATE_TIME,
    NUMBER,
    NUMBERS,
    STRING,
    STRINGS,
    choice,
    resource,
    resources,
)
from tests.core.signature._typescript import bare, model, prop, required, schema_of, struct, variant

A = {"type": "string", "enum": ["a"], "originalType": "enum"}
B = {"type": "string", "enum": ["b"], "originalType": "enum"}


@pytest.mark.parametrize("field", ["label", "kind"])
def test_objects_with_a_label_or_kind_are_variants(field: str) -> None:
    found = prop(f'{{ {field}: "a"; x: number }} | {{ {field}: "b"; y: string }}')
    assert found == {
        "type": "object",
        "oneOf": [variant("a", **{field: A}, x=NUMBER), variant("b", **{field: B}, y=STRING)],
    }


def test_any_other_field_that_tells_them_apart_is_named() -> None:
    found = prop('{ type: "a" } | { type: "b" }')
    assert found == {
        "type": "object",
        "oneOf": [variant("a", type=A), variant("b", type=B)],
        "discriminator": {"propertyName": "type"},
    }


def test_variants_that_nothing_tells_apart_are_titled_by_their_fields() -> None:
    found = prop("{ x: number } | { y: number; z: number }")
    assert [one["title"] for one in found["oneOf"]] == ["x", "y, z"]
    assert "discriminator" not in found


def test_variants_may_have_names_be_null_and_stand_in_lists() -> None:
    before = 'interface Cat { kind: "a" }\ntype Dog = { kind: "b" }\ntype Pet = Cat | Dog'
    expected = {"type": "object", "oneOf": [variant("a", kind=A), variant("b", kind=B)]}
    assert prop("Pet", before) == expected
    assert prop("Cat | Dog | null", before) == expected
    assert required("x: Pet | null", before) == []
    assert prop("Pet[]", before) == {"type": "array", "items": expected}
    assert prop("{ pet: Pet }", before) == struct(pet=expected)


@pytest.mark.parametrize(
    ("typ", "expected"),
    [
        ("{ x: number; y?: string }", struct(["x"], x=NUMBER, y=STRING)),
        ("{ x: number, y: string | null }", struct(["x"], x=NUMBER, y=STRING)),
        ("{ x: number\n y: string }", struct(x=NUMBER, y=STRING)),
        ("{ readonly x: { y: { z: boolean } } }", struct(x=struct(y=struct(z=BOOLEAN)))),
        ("{ 'a-b': string; 1: number }", struct(None, **{"a-b": STRING, "1": NUMBER})),
        ("{ x: number; f(): void; (a: string): void; [k: string]: any }", struct(x=NUMBER)),
        ("{ x: string[] }", struct(x=STRINGS)),
        ("{ x: Postgresql }", struct(x=resource("postgresql"))),
        ("{ x: number } & { y: string }", struct(x=NUMBER, y=STRING)),
        ("Partial<{ x: number }>", struct([], x=NUMBER)),
        ("Required<{ x?: number }>", struct(x=NUMBER)),
        ("Readonly<{ x: number }>", struct(x=NUMBER)),
        ('Pick<{ x: number; y: string }, "x">', struct(x=NUMBER)),
        ('Omit<{ x: number; y: string }, "x">', struct(y=STRING)),
        ("NonNullable<string | null>", STRING),
        ('Exclude<"a" | "b" | "c", "a">', choice("b", "c")),
        ('Extract<"a" | "b" | "c", "a" | "b">', choice("a", "b")),
        ("keyof { x: number; y: string }", choice("x", "y")),
        ("{ x: number; y: string }['y']", STRING),
        ("{ x: number; y?: string }['x' | 'y']", {"type": "", "anyOf": [NUMBER, STRING]}),
        ("string[][number]", STRING),
    ],
)
def test_an_object_tells_its_fields(typ: str, expected: dict[str, Any]) -> None:
    assert prop(typ) == expected


DECLARED = """
type Name = string
type Ids = number[]
type When = Date
type Callback = () => void
type Anything = any
type Bag = Record<string, any>
type Nothing = {}
type Pg = { host: string; port?: number }
export interface Base { id: number }
export interface Row extends Base, Partial<Pg> {
  /** What it is
   *  called. */
  name: string
  // not this
  at: When
}
interface Row { more: boolean }
type Both = Base & Pg
type Again = Pg
class Thing { x = 1 }
abstract class Other {}
type Loop = { name: string; next?: Loop; all: Loop[] }
type Box<T, U = string> = { value: T; other: U }
type Maybe<T> = T | null
namespace Shop { export type Price = number; export enum Size { S = "s", L = "l" } }
declare namespace Deep { namespace Er { type X = boolean } }
"""
PG = model("pg", ["host"], host=STRING, port=NUMBER)


@pytest.mark.parametrize(
    ("typ", "expected"),
    [
        ("Name", STRING),
        ("Name[]", STRINGS),
        ("Ids", NUMBERS),
        ("When", DATE_TIME),
        ("Callback", ANY),
        ("Anything", ANY),
        ("Bag", resource("bag")),
        ("Nothing", resource("nothing")),
        ("Pg", PG),
        ("Again", PG),
        ("Pg[]", {
            "type": "array", "format": "resource-pg", "originalType": "record[]",
            "items": {key: value for key, value in PG.items() if key != "format"},
        }),
        ("Row", model(
            "row", ["id", "name", "at", "more"], id=NUMBER, host=STRING, port=NUMBER,
            name={**STRING, "description": "What it is called."}, at=DATE_TIME, more=BOOLEAN,
        )),
        ("Both", model("both", ["id", "host"], id=NUMBER, host=STRING, port=NUMBER)),
        ("Thing", resource("thing")),
        ("Other", resource("other")),
        ("Box<number>", model("box", value=NUMBER, other=STRING)),
        ("Box<Ids, Name>", model("box", value=NUMBERS, other=STRING)),
        ("Box<Box<boolean>>", model(
            "box", value=model("box", value=BOOLEAN, other=STRING), other=STRING)),
        ("Maybe<Pg>", PG),
        ("Shop.Price", NUMBER),
        ("Shop.Size", choice("s", "l")),
        ("Shop.Size.S", choice("s")),
        ("Deep.Er.X", BOOLEAN),
        ("keyof Pg", choice("host", "port")),
        ("Pg['host']", STRING),
        ("Partial<Pg>", struct([], host=STRING, port=NUMBER)),
    ],
)  # fmt: skip
def test_a_type_of_the_file_is_looked_up_wherever_it_stands(
    typ: str, expected: dict[str, Any]
) -> None:
    assert prop(typ, DECLARED) == expected


def test_a_type_within_itself_is_a_resource_type_there() -> None:
    found = prop("Loop", DECLARED)
    assert found["properties"]["next"] == resource("loop")
    assert found["properties"]["all"] == resources("loop")


ENUMS = """
enum Color { Red = "red", Blue = "blue" }
const enum Level { Low, High = 5, Higher, "quoted name" }
declare enum Bits { A = 1 << 0, B = 1 << 1, Both = A | B }
enum Mixed { No = 0, Yes = "yes" }
enum Computed { A = "x".length }
const COLORS = ["red", "green"] as const
const TABLE = { a: "x", b: "y", n: 3 } as const
type Picked = (typeof COLORS)[number]
"""


@pytest.mark.parametrize(
    ("typ", "expected"),
    [
        ("Color", choice("red", "blue")),
        ("Color.Blue", choice("blue")),
        ("Color[]", {
            "type": "array", "items": {"type": "string", "enum": ["red", "blue"]},
            "originalType": "enum[]",
        }),
        ("Level", {
            "type": "integer", "enum": [0, 5, 6, 7],
            "enumLabels": {"0": "Low", "5": "High", "6": "Higher", "7": "quoted name"},
        }),
        ("Bits", {
            "type": "integer", "enum": [1, 2, 3], "enumLabels": {"1": "A", "2": "B", "3": "Both"},
        }),
        ("Mixed", {"type": "", "enum": [0, "yes"], "enumLabels": {"0": "No"}}),
        ("Computed", ANY),
        ("Picked", choice("red", "green")),
        ("(typeof COLORS)[number]", choice("red", "green")),
        ("keyof typeof TABLE", choice("a", "b", "n")),
        ("(typeof TABLE)[keyof typeof TABLE]", {"type": "", "enum": ["x", "y", 3]}),
        ("typeof TABLE.a", STRING),
        ("typeof missing", ANY),
    ],
)  # fmt: skip
def test_an_enumeration_and_a_table_of_constants_are_choices(
    typ: str, expected: dict[str, Any]
) -> None:
    assert prop(typ, ENUMS) == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("<T>(x: T)", ANY),
        ("<T extends string>(x: T)", STRING),
        ("<T = number>(x: T[])", NUMBERS),
        ("<const T extends readonly string[]>(x: T)", STRINGS),
    ],
)
def test_a_type_parameter_is_what_it_extends(parameters: str, expected: dict[str, Any]) -> None:
    found = schema_of(f"export function main{parameters} {{}}")["properties"]["x"]
    assert bare(found) == expected
