"""A Go script takes the parameters of its `main`, as `encoding/json` would fill them."""

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
    STRING,
    STRINGS,
    choice,
    mapping,
)
from tests.core.signature._values import assert_kept
from windmill_lite.core.signature import Signature, SourceError, infer

NATURAL = {**INTEGER, "minimum": 0}
DASH = {"-": INTEGER}


def script(parameters: str, before: str = "") -> str:
    main = f"func main({parameters}) (any, error) {{\n\treturn nil, nil\n}}"
    return f"package inner\n\n{before}\n\n{main}\n"


def signature(code: str, entrypoint: str | None = None) -> Signature:
    return infer("go", code, entrypoint).signature


def prop(typ: str, before: str = "") -> dict[str, Any]:
    """The property of one parameter, without what every property has."""
    schema = infer("go", script(f"x {typ}", before)).schema
    assert_kept(schema)
    return bare(schema["properties"]["x"])


def bare(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in schema.items() if key != "default" or value is not None}
    if not kept.get("description"):
        kept.pop("description", None)
    if "properties" in kept:
        kept["properties"] = {name: bare(one) for name, one in kept["properties"].items()}
    return kept


def struct(required: list[str] | None = None, **fields: object) -> dict[str, Any]:
    names = list(fields) if required is None else required
    return {
        "type": "object",
        "properties": fields,
        **({"required": names} if names else {}),
    }


@pytest.mark.parametrize(
    ("typ", "expected"),
    [
        ("string", STRING),
        ("int", INTEGER),
        ("int64", INTEGER),
        ("rune", INTEGER),
        ("uint8", NATURAL),
        ("byte", NATURAL),
        ("float64", NUMBER),
        ("float32", NUMBER),
        ("bool", BOOLEAN),
        ("any", ANY),
        ("interface{}", ANY),
        ("error", ANY),
        ("func(int) string", ANY),
        ("chan int", ANY),
        ("json.RawMessage", ANY),
        ("other.Thing", ANY),
        ("Unknown", ANY),
        ("time.Time", DATE_TIME),
        ("[]byte", BYTES),
        ("[]string", STRINGS),
        ("[]int", NUMBERS),
        ("[3]float64", NUMBERS),
        ("[]bool", {"type": "array", "items": BOOLEAN}),
        ("[]any", ANYTHINGS),
        ("[]map[string]any", {"type": "array", "items": {"type": "object"}}),
        ("map[string]interface{}", DICT),
        ("map[string]any", DICT),
        ("map[string]int", mapping(INTEGER)),
        ("map[int]bool", mapping(BOOLEAN)),
        ("*string", STRING),
        ("**int", INTEGER),
        ("(string)", STRING),
        ("struct{}", DICT),
        ("struct { A string; B int }", struct(A=STRING, B=INTEGER)),
        ("struct { A, B string }", struct(A=STRING, B=STRING)),
        ("struct { A string `json:\"a\"` }", struct(a=STRING)),
        ("struct { A string `json:\"a,omitempty\" yaml:\"b\"` }", struct([], a=STRING)),
        ("struct { A string `json:\",omitempty\"` }", struct([], A=STRING)),
        ("struct { A string \"json:\\\"a\\\"\" }", struct(a=STRING)),
        ("struct { A int `json:\"a,string\"` }", struct(a=STRING)),
        ("struct { A int `json:\"-\"`; B int `json:\"-,\"` }", struct(["-"], **DASH)),
        ("struct { hidden int; B int }", struct(B=INTEGER)),
        ("struct { A *int; B struct {} }", struct(["B"], A=INTEGER, B=DICT)),
    ],
)  # fmt: skip
def test_a_type_is_what_json_fills_it_with(typ: str, expected: dict[str, Any]) -> None:
    found = prop(typ)
    if found["type"] == "array" and found["items"] == {"type": "object"}:
        found.pop("originalType")
    assert found == expected


TYPES = """
import "time"

type Base struct {
	Id int `json:"id"`
}
type Node struct {
	Base
	*Other
	Name string `json:"name"` // what it is called
	// Where it
	// hangs.
	Parent *Node
	Kids   []Node `json:"kids,omitempty"`
	at     time.Time
}
type Alias = Node
type Name string
type Generic[T any] struct{ X T }
"""


def test_named_structs_are_read_with_what_they_embed() -> None:
    expected = struct(
        ["id", "name"],
        id=INTEGER,
        name={**STRING, "description": "what it is called"},
        Parent={**DICT, "description": "Where it hangs."},
        kids={"type": "array", "items": {"type": "object"}, "originalType": "record[]"},
    )
    assert prop("Node", TYPES) == expected
    assert prop("Alias", TYPES) == expected
    assert prop("Name", TYPES) == STRING
    assert prop("Generic[int]", TYPES) == ANY


CONSTANTS = """
type Color string
const (
	Red  Color = "red"
	Blue Color = "blue"
	_    Color = "none"
)
type Level int
const (
	Low Level = iota
	High
)
const Other = 3
type Size int
const Big Size = 10
type Raw string
const R Raw = `a b`
"""


def test_constants_of_a_type_are_its_choices() -> None:
    assert prop("Color", CONSTANTS) == choice("red", "blue")
    levels = {"type": "integer", "enum": [0, 1], "enumLabels": {"0": "Low", "1": "High"}}
    assert prop("Level", CONSTANTS) == levels
    assert prop("Size", CONSTANTS) == {"type": "integer", "enum": [10], "enumLabels": {"10": "Big"}}
    assert prop("Raw", CONSTANTS) == choice("a b")
    assert prop("[]Color", CONSTANTS)["items"] == {"type": "string", "enum": ["red", "blue"]}


@pytest.mark.parametrize(
    ("parameters", "names", "required"),
    [
        ("", [], []),
        ("x string", ["x"], ["x"]),
        ("x, y string, n int", ["x", "y", "n"], ["x", "y", "n"]),
        ("x string, n *int", ["x", "n"], ["x"]),
        ("é int", ["é"], ["é"]),
    ],
)
def test_parameters_keep_their_order_and_pointers_may_be_left_out(
    parameters: str, names: list[str], required: list[str]
) -> None:
    schema = infer("go", script(parameters)).schema
    assert schema["order"] == names
    assert schema["required"] == required


def test_the_rest_of_the_parameters_is_noticed() -> None:
    found = signature(script("x string, rest ...int"))
    assert found.star_args
    assert [arg.name for arg in found.args] == ["x"]


@pytest.mark.parametrize(
    "code",
    [
        "",
        "package inner\n",
        "package inner\nfunc Main(x string) {}",
        "package inner\nfunc (t T) main(x string) {}",
        "package inner\nvar main = 3",
    ],
)
def test_a_script_without_main_has_an_empty_schema(code: str) -> None:
    found = infer("go", code)
    assert found.signature.no_main_func
    assert found.schema["properties"] == {}


def test_another_entry_point_can_be_named_and_a_preprocessor_is_noticed() -> None:
    code = "func main(a int) {}\nfunc preprocessor(b int) {}"
    assert signature(code).has_preprocessor
    assert [arg.name for arg in signature(code, "preprocessor").args] == ["b"]
    assert signature(code, "missing").no_main_func


def test_new_of_a_value_is_no_mistake() -> None:
    body = 'a := new(42); b := new("x"); c := new([]int); d := new(time.Now()); e := new(T)'
    assert [arg.name for arg in signature(f"func main(x int) {{ {body} }}").args] == ["x"]


def test_the_comment_above_main_is_its_summary() -> None:
    code = "package inner\n\n// not this\n\n// main greets.\n// Often.\nfunc main() {}"
    assert signature(code).summary == "main greets. Often."


@pytest.mark.parametrize(
    ("code", "line", "column", "reason"),
    [
        ("package inner\nfunc main(string, int) {}", 2, 11, "the parameter string has no name"),
        ("package inner\nfunc main(a int, a string) {}", 2, 18, "two parameters are named a"),
        ('var é = "é"; func main(x 3) {}', 1, 26, "unexpected 3"),
        ("package inner\nfunc main(x string) {\n\tbroken(\n}", 3, 8, "unexpected ("),
        ("package inner\nfunc main(x string {\n}", 2, 19, ") is missing"),
        ("func main(\0) {}", 1, 11, "null bytes"),
        ("func main('\ud800') {}", 1, 12, "surrogate"),
        ("(" * 100_000, 1, 501, "nested too deeply"),
        (" " * 150_001, 1, 1, "at most 150,000 are read"),
        (
            "func main(" + ", ".join(f"a{n} int" for n in range(501)) + ") {}",
            1,
            4901,
            "more than 500 parameters",
        ),
    ],
)
def test_a_mistake_is_named_with_line_and_column(
    code: str, line: int, column: int, reason: str
) -> None:
    with pytest.raises(SourceError) as caught:
        infer("go", code)
    assert reason in caught.value.reason
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "code",
    [
        "func main(a " + "[]" * 50_000 + "int) {}",
        "func main(a " + "*" * 100_000 + "int) {}",
        "".join(f"type T{n} struct {{ A T{n + 1}; B T{n + 1} }}\n" for n in range(40))
        + "type T40 int\nfunc main(a T0, b T0) {}",
        "".join(f"type T{n} [2]T{n + 1}\n" for n in range(60)) + "func main(a T0) {}",
        "type A B\ntype B A\nfunc main(a A) {}",
        "type A struct { A; *A; B }\ntype B struct { A }\nfunc main(a A) {}",
        "// a\n" * 25_000 + "func main() {}",
    ],
    ids=["slices", "pointers", "structs", "names", "circle", "embedded", "comments"],
)
def test_a_hostile_script_has_a_small_schema(code: str) -> None:
    assert len(str(infer("go", code).schema)) < 100_000
