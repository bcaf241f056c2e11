"""Pydantic models, dataclasses, TypedDicts and NamedTuples become objects with properties."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.signature._scripts import prop

ADDRESS = "class Address(BaseModel):\n    city: str\n    zip: int = 0\n"


def fields(annotation: str, before: str) -> dict[str, Any]:
    """Field name to property, without the descriptions that are empty."""
    found = prop(annotation, before)
    properties: dict[str, Any] = found.get("properties", found.get("items", {}).get("properties"))
    return {
        name: {key: value for key, value in one.items() if value != ""}
        for name, one in properties.items()
    }


def test_a_model_is_an_object_with_its_name_as_format() -> None:
    assert prop("Address", ADDRESS) == {
        "type": "object",
        "format": "resource-Address",
        "properties": {
            "city": {"type": "string", "originalType": "string", "description": ""},
            "zip": {"type": "integer", "description": "", "default": 0},
        },
        "required": ["city"],
        "order": ["city", "zip"],
    }


@pytest.mark.parametrize(
    ("definition", "required"),
    [
        ("class X(BaseModel):\n    a: int\n    b: int = 1\n    c: int | None", ["a"]),
        (
            "class X(pydantic.BaseModel):\n    a: int\n    b: int = Field(1)\n    c: int = None",
            ["a"],
        ),
        (
            "class X(BaseModel):\n    a: int = Field(...)\n    b: int = ...\n    c: int = 1",
            ["a", "b"],
        ),
        ("@dataclass\nclass X:\n    a: int\n    b: int = 1\n    c: int = field(default=2)", ["a"]),
        (
            (
                "@dataclass(frozen=True)\nclass X:\n    a: int\n"
                "    b: list = field(default_factory=list)\n    c: int = 1"
            ),
            ["a"],
        ),
        ("class X(TypedDict):\n    a: int\n    b: NotRequired[int]\n    c: Optional[int]", ["a"]),
        ("class X(TypedDict, total=False):\n    a: Required[int]\n    b: int\n    c: int", ["a"]),
        ("class X(NamedTuple):\n    a: int\n    b: int = 1\n    c: int = 2", ["a"]),
        ("X = TypedDict('X', {'a': int, 'b': Optional[int], 'c': int | None})", ["a"]),
        ("class X(Base):\n    a: int\n    b: int = 1\n    c: int = 2", ["a"]),
    ],
)
def test_a_field_without_default_is_required(definition: str, required: list[str]) -> None:
    found = prop("X", "import pydantic\nclass Base(BaseModel):\n    pass\n" + definition)
    assert found["format"] == "resource-X"
    assert found["order"] == ["a", "b", "c"]
    assert found["required"] == required


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("x: Literal['a', 'b']", {"type": "string", "enum": ["a", "b"], "originalType": "enum"}),
        ("x: dict", {"type": "object", "properties": {}}),
        ("x: Optional[int] = None", {"type": "integer"}),
        ("x: int = -3", {"type": "integer", "default": -3}),
        ("x: int = Field(default=3)", {"type": "integer", "default": 3}),
        (
            "x: Color = Color.RED",
            {"type": "string", "enum": ["r"], "originalType": "enum", "default": "r"},
        ),
        (
            "x: int = Field(ge=1, gt=0, le=9, lt=10, multiple_of=2)",
            {
                "type": "integer",
                "minimum": 1,
                "exclusiveMinimum": 0,
                "maximum": 9,
                "exclusiveMaximum": 10,
                "multipleOf": 2,
            },
        ),
        (
            "x: str = Field(min_length=1, max_length=9, pattern='^a')",
            {
                "type": "string",
                "originalType": "string",
                "minLength": 1,
                "maxLength": 9,
                "pattern": "^a",
            },
        ),
        (
            "x: list[str] = Field(min_length=1)",
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
        ),
        (
            "x: int = Field(description='How many', title='N')",
            {"type": "integer", "description": "How many", "title": "N"},
        ),
        ("x: int\n    'How many.'", {"type": "integer", "description": "How many."}),
        ("x: Annotated[int, Field(ge=1)] = 4", {"type": "integer", "minimum": 1, "default": 4}),
        ("x: Annotated[int, Field(default=2)]", {"type": "integer", "default": 2}),
        (
            "x: list[int] = Field(default_factory=lambda: [1])",
            {
                "type": "array",
                "items": {"type": "number"},
                "originalType": "number[]",
                "default": [1],
            },
        ),
        (
            "x: datetime = Field(default_factory=datetime.now)",
            {"type": "string", "format": "date-time"},
        ),
        (
            "x: 'list[int]'",
            {"type": "array", "items": {"type": "number"}, "originalType": "number[]"},
        ),
    ],
)
def test_a_field_keeps_its_type_constraints_and_default(field: str, expected: object) -> None:
    before = f"class Color(Enum):\n    RED = 'r'\nclass X(BaseModel):\n    {field}"
    assert fields("X", before) == {"x": expected}


@pytest.mark.parametrize(
    "alias", ["Field(alias='class')", "Field(1, alias='class')", "Field(validation_alias='class')"]
)
def test_an_alias_is_the_name_in_json(alias: str) -> None:
    assert list(fields("X", f"class X(BaseModel):\n    kind: int = {alias}")) == ["class"]


@pytest.mark.parametrize(
    "member",
    [
        "limit: ClassVar[int] = 3",
        "_secret: int = 3",
        "model_config = ConfigDict(frozen=True)",
        "cache: int = field(init=False)",
        "_: KW_ONLY",
        "def method(self): pass",
    ],
)
def test_what_is_no_field_is_left_out(member: str) -> None:
    before = f"from dataclasses import KW_ONLY\n@dataclass\nclass X:\n    a: int\n    {member}"
    assert list(fields("X", before)) == ["a"]


def test_a_subclass_has_the_fields_of_its_bases_first() -> None:
    before = ADDRESS + "class Home(Address):\n    door: str\n    city: str = 'Bern'"
    found = prop("Home", before)
    assert found["order"] == ["city", "zip", "door"]
    assert found["required"] == ["door"]


def test_models_nest_by_name_by_quotes_and_by_class() -> None:
    before = (
        "class X(BaseModel):\n    class Inner(BaseModel):\n        z: float\n"
        "    a: Inner\n    b: 'Address'\n    c: list[Address]\n" + ADDRESS
    )
    found = fields("X", before)
    assert list(found["a"]["properties"]) == ["z"]
    assert found["b"]["format"] == "resource-Address"
    assert found["c"]["format"] == "resource-Address"
    assert list(found["c"]["items"]["properties"]) == ["city", "zip"]
    assert list(fields("X.Inner", before)) == ["z"]


def test_a_list_of_models_has_the_format_and_its_items_the_properties() -> None:
    found = prop("list[Address]", ADDRESS)
    assert (found["type"], found["format"]) == ("array", "resource-Address")
    assert found["items"]["type"] == "object"
    assert found["items"]["required"] == ["city"]
    assert "format" not in found["items"]


def test_a_docstring_of_a_class_describes_its_fields() -> None:
    before = (
        "@dataclass\nclass X:\n    '''Thing.\n\n    Attributes:\n        a: how many\n    '''\n"
        "    a: int"
    )
    assert fields("X", before)["a"]["description"] == "how many"


def test_what_a_field_says_of_itself_counts_before_a_docstring() -> None:
    said = "'Thing.\\n\\nAttributes:\\n    a: far\\n    b: far'"
    own = "a: str | None = Field(None, description='near')"
    found = fields("M", f"class M(BaseModel):\n    {said}\n    {own}\n    b: str")
    assert (found["a"]["description"], found["b"]["description"]) == ("near", "far")


@pytest.mark.parametrize(
    ("annotation", "before"),
    [
        (
            "Node",
            "class Node(BaseModel):\n    next: 'Node | None' = None\n    all: list['Node'] = []",
        ),
        ("A", "class A(BaseModel):\n    b: 'B'\nclass B(BaseModel):\n    a: 'A'"),
        ("A", "class A(A, BaseModel):\n    x: int"),
        ("A", "class A(B, BaseModel):\n    x: int\nclass B(A):\n    y: int"),
    ],
)
def test_a_model_within_itself_ends_as_a_name(annotation: str, before: str) -> None:
    assert prop(annotation, before)["format"] == f"resource-{annotation}"


def test_models_are_read_ten_deep_and_no_deeper() -> None:
    chain = "".join(f"class M{n}(BaseModel):\n    m: M{n + 1}\n" for n in range(15))
    found, depth = prop("M0", chain + "class M15(BaseModel):\n    x: int"), 0
    while "properties" in found:
        found, depth = found["properties"]["m"], depth + 1
    assert depth == 10


def test_a_parameter_has_at_most_two_hundred_fields() -> None:
    wide = "class X(BaseModel):\n" + "".join(f"    f{n}: int\n" for n in range(300))
    assert len(prop("X", wide)["properties"]) == 200
    pair = wide + "class Y(BaseModel):\n    a: X\n    b: X"
    assert len(prop("Y", pair)["properties"]["a"]["properties"]) == 199


def test_a_root_model_is_its_root() -> None:
    numbers = {"type": "array", "items": {"type": "number"}, "originalType": "number[]"}
    assert prop("X", "import pydantic\nclass X(pydantic.RootModel[list[int]]): pass") == numbers
    assert (
        prop("X", "import pydantic\nclass X(pydantic.RootModel):\n    root: list[int]") == numbers
    )


def test_a_generic_model_is_read_without_its_variables() -> None:
    before = "T = TypeVar('T')\nclass Page(BaseModel, Generic[T]):\n    items: list[T]\n    n: int"
    assert fields("Page[int]", before)["items"] == {"type": "array", "items": {}}


CATS_AND_DOGS = (
    "class Cat(BaseModel):\n    {name}: Literal['cat']\n    lives: int\n"
    "class Dog(BaseModel):\n    {name}: Literal['dog']\n    breed: str\n"
)


@pytest.mark.parametrize(
    "annotation",
    ["Cat | Dog", "Union[Cat, Dog]", "Optional[Cat | Dog]", "'Cat | Dog'", "Cat | (Dog | Cat)"],
)
@pytest.mark.parametrize("name", ["label", "kind"])
def test_a_union_of_models_is_one_of_them(annotation: str, name: str) -> None:
    found = prop(annotation, CATS_AND_DOGS.format(name=name))
    assert found["type"] == "object"
    assert [variant["title"] for variant in found["oneOf"]] == ["cat", "dog"]
    first = found["oneOf"][0]["properties"]
    assert first[name] == {
        "type": "string",
        "enum": ["cat"],
        "originalType": "enum",
        "description": "",
    }
    assert "discriminator" not in found


def test_another_discriminator_is_named() -> None:
    found = prop("Cat | Dog", CATS_AND_DOGS.format(name="animal"))
    assert found["discriminator"] == {"propertyName": "animal"}


def test_models_without_discriminator_are_told_by_class_name() -> None:
    before = "class A(BaseModel):\n    x: int\nclass B(BaseModel):\n    y: int"
    assert [variant["title"] for variant in prop("A | B", before)["oneOf"]] == ["A", "B"]


def test_a_list_may_hold_one_of_several_models() -> None:
    found = prop("list[Cat | Dog]", CATS_AND_DOGS.format(name="kind"))
    assert [variant["title"] for variant in found["items"]["oneOf"]] == ["cat", "dog"]


def test_a_model_or_a_text_is_either() -> None:
    found = prop("Address | str", ADDRESS)
    assert [option["type"] for option in found["anyOf"]] == ["object", "string"]


def test_a_class_that_extends_a_scalar_is_the_scalar() -> None:
    assert prop("X", "class X(str):\n    pass")["type"] == "string"
