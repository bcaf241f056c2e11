"""One annotation, one property: every row of Python's types, and the odd spellings of each."""

from __future__ import annotations

import pytest

from tests.core.signature._expected import (
    ANY,
    BOOLEAN,
    BYTES,
    DATE,
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
)
from tests.core.signature._scripts import prop, required


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("str", STRING),
        ("int", INTEGER),
        ("float", NUMBER),
        ("bool", BOOLEAN),
        ("bytes", BYTES),
        ("dict", DICT),
        ("Dict", DICT),
        ("object", ANY),
        ("Any", ANY),
        ("typing.Any", ANY),
        ("Callable[[int], str]", ANY),
        ("complex", ANY),
        ("...", ANY),
        ("3", ANY),
        ("None", ANY),
        ("lambda: 3", ANY),
        ("int if x else str", ANY),
        ("pd.DataFrame", ANY),
    ],
)
def test_a_plain_type_has_its_property(annotation: str, expected: object) -> None:
    assert prop(annotation) == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ('Literal["a", "b"]', choice("a", "b")),
        ('t.Literal["a", "b"]', choice("a", "b")),
        ('Literal["one"]', choice("one")),
        ('Literal["a", "a", "b"]', choice("a", "b")),
        ("Literal[1, 2, -3]", {"type": "integer", "enum": [1, 2, -3]}),
        ("Literal[1, 'a']", {"type": "", "enum": [1, "a"]}),
        ("Literal[1, True]", {"type": "", "enum": [1, True]}),
        ("Literal[1, 2.5]", {"type": "number", "enum": [1, 2.5]}),
        ("Literal[True, False]", BOOLEAN),
        ("Literal[True]", {"type": "boolean", "enum": [True]}),
        ('Literal[Literal["a"], "b"]', choice("a", "b")),
        ('Literal["a"] | Literal["b", "c"]', choice("a", "b", "c")),
        ('Union[Literal["a"], Union[Literal["b"], Literal["c"]]]', choice("a", "b", "c")),
        ('Literal["a"] | str', STRING),
        ("Literal[None]", ANY),
        ("Literal[f'{x}']", ANY),
        ("Literal[b'x', 'a']", choice("eA==", "a")),
    ],
)
def test_literals_become_a_choice(annotation: str, expected: object) -> None:
    assert prop(annotation) == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("datetime", DATE_TIME),
        ("dt.datetime", DATE_TIME),
        ("date", DATE),
        ("dt.date", DATE),
        ("dt.time", {"type": "string", "format": "time"}),
        ("UUID", {"type": "string", "format": "uuid"}),
        ("uuid.UUID", {"type": "string", "format": "uuid"}),
        ("Decimal", NUMBER),
        ("Path", STRING),
        ("EmailStr", {"type": "string", "format": "email"}),
        ("HttpUrl", {"type": "string", "format": "uri"}),
        ("SecretStr", {**STRING, "password": True}),
        ("PositiveInt", {"type": "integer", "exclusiveMinimum": 0}),
        ("conint(ge=1, lt=9)", {"type": "integer", "minimum": 1, "exclusiveMaximum": 9}),
        ("conlist(str, min_length=1)", {**STRINGS, "minItems": 1}),
        ("wmill.Email", {"type": "string", "format": "email"}),
        ("wmill.Sql", {"type": "string", "format": "sql"}),
        ("Sql", {"type": "string", "format": "sql"}),
        ("wmill.Base64", BYTES),
    ],
)
def test_known_classes_become_formats(annotation: str, expected: object) -> None:
    assert prop(annotation) == expected


@pytest.mark.parametrize(
    "before",
    [
        "from datetime import datetime as D",
        "import datetime\nD = datetime.datetime",
        "import datetime as any_name\nD = any_name.datetime",
        "if TYPE_CHECKING:\n    from datetime import datetime as D\nelse:\n    D = object",
        "try:\n    from datetime import datetime as D\nexcept ImportError:\n    D = None",
    ],
)
def test_a_type_is_found_through_any_import(before: str) -> None:
    assert prop("D", before) == DATE_TIME


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("Optional[int]", INTEGER),
        ("int | None", INTEGER),
        ("None | int", INTEGER),
        ("Union[int, None]", INTEGER),
        ("Union[None, str]", STRING),
        ("typing.Optional[list[int]]", NUMBERS),
        ("Optional[S3Object]", S3),
        ('Optional["int"]', INTEGER),
        ('"int | None"', INTEGER),
        ('Literal["a", None]', choice("a")),
        ("Optional[Any]", ANY),
        ("Annotated[Optional[int], 'why']", {**INTEGER, "description": "why"}),
    ],
)
def test_what_may_be_none_is_not_required(annotation: str, expected: object) -> None:
    assert prop(annotation) == expected
    assert required(f"x: {annotation}") == []


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("int | float", NUMBER),
        ("int | int", INTEGER),
        ("Union[str, datetime]", STRING),
        ("int | str", {"type": "", "anyOf": [INTEGER, STRING]}),
        ("Union[list[str], str]", {"type": "", "anyOf": [STRINGS, STRING]}),
        ("int | Any", ANY),
    ],
)
def test_a_union_is_the_widest_of_its_types(annotation: str, expected: object) -> None:
    assert prop(annotation) == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ('"int"', INTEGER),
        ('"list[int]"', NUMBERS),
        ("\"'int'\"", INTEGER),
        ('list["int"]', NUMBERS),
        ('"Later"', STRING),
        ("Later", STRING),
        ('"not a type("', ANY),
        ('""', ANY),
    ],
)
def test_quoted_annotations_and_forward_references_are_read(
    annotation: str, expected: object
) -> None:
    assert prop(annotation, "Later = str") == expected


@pytest.mark.parametrize(
    ("before", "annotation", "expected"),
    [
        ("postgresql = dict", "postgresql", resource("postgresql")),
        ("postgresql = Dict[str, Any]", "postgresql", resource("postgresql")),
        ("class postgresql(dict): pass", "postgresql", resource("postgresql")),
        ("class Plain: pass", "Plain", resource("Plain")),
        ("", "MyType", resource("MyType")),
        ("from f.shared.types import Thing", "Thing", resource("Thing")),
        ("", "c_openai", resource("c_openai")),
        ("", "wmill.Foo", resource("Foo")),
        ("", "RT.Anthropic", resource("Anthropic")),
        ("", "S3Object", S3),
        ("", "wmill.S3Object", S3),
        ("S3Object = dict", "S3Object", S3),
        ("class S3Object(TypedDict):\n    s3: str", "S3Object", S3),
        ("pg = namedtuple('pg', 'a b')", "pg", resource("pg")),
    ],
)
def test_other_names_are_resource_types_in_their_own_case(
    before: str, annotation: str, expected: object
) -> None:
    assert prop(annotation, before) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ('X = Literal["q", "w"]', choice("q", "w")),
        ("X = list[int]", NUMBERS),
        ("X = int", INTEGER),
        ("X: TypeAlias = list[int]", NUMBERS),
        ("Y = int\nX = Y", INTEGER),
        ("X = Optional[int]", INTEGER),
        ('X = NewType("X", int)', INTEGER),
        ("X = dict[str, int]", mapping(INTEGER)),
        ('X = TypeVar("X")', ANY),
        ("X = Any", ANY),
        ("X = Annotated[int, Field(ge=3)]", {**INTEGER, "minimum": 3}),
        ("X = Y\nY = X", ANY),
        ('X = "X"', ANY),
    ],
)
def test_an_alias_is_what_it_stands_for(before: str, expected: object) -> None:
    assert prop("X", before) == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("DynSelect_foo", {"type": "object", "format": "dynselect-foo"}),
        ("DynMultiselect_bar", {"type": "object", "format": "dynmultiselect-bar"}),
    ],
)
def test_a_dynamic_select_names_its_function(annotation: str, expected: object) -> None:
    before = "DynSelect_foo = str\nDynMultiselect_bar = list[str]\ndef foo(x): return []"
    assert prop(annotation, before) == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("Annotated[int, Field(ge=1, le=5)]", {**INTEGER, "minimum": 1, "maximum": 5}),
        ("Annotated[str, Field(pattern='^a')]", {**STRING, "pattern": "^a"}),
        ("Annotated[str, 'who it is for']", {**STRING, "description": "who it is for"}),
        ("Annotated[str, Doc('who')]", {**STRING, "description": "who"}),
        ("Annotated[int, Ge(1), Lt(-LOW)]", {**INTEGER, "minimum": 1, "exclusiveMaximum": 4}),
        ("Annotated[list[str], Len(1, 3)]", {**STRINGS, "minItems": 1, "maxItems": 3}),
        ("Annotated[str, StringConstraints(min_length=2)]", {**STRING, "minLength": 2}),
        ("Annotated[int, Unrelated(3), 4]", INTEGER),
        ("Annotated[int, Field(ge=unknown)]", INTEGER),
        ("Annotated[int, Field(ge='x', min_length=-1, pattern=3)]", INTEGER),
    ],
)
def test_annotated_adds_constraints(annotation: str, expected: object) -> None:
    assert prop(annotation, "LOW = -4") == expected
