"""What holds for every text and every signature: no crash, valid JSON, arguments that fit."""

from __future__ import annotations

import json
import keyword

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.core.signature._scripts import script
from tests.core.signature._values import objects
from windmill_lite.core.arguments import check, schema_problems
from windmill_lite.core.signature import SourceError, infer

quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

BEFORE = """
class Color(str, Enum):
    RED = "red"
    BLUE = "blue"
class Level(IntEnum):
    LOW = 1
    HIGH = auto()
class Point(BaseModel):
    x: float
    y: float = Field(0, ge=-5, le=5)
    tags: list[str] = []
class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int
class Dog(BaseModel):
    kind: Literal["dog"]
    at: "Point | None" = None
"""

pieces = st.sampled_from(
    [
        "def main(",
        "a",
        ": ",
        "int",
        "list[",
        "]",
        ")",
        ":\n",
        "    pass",
        "\n",
        "=",
        "'",
        '"""',
        "#",
        "class A(",
        "Enum",
        "lambda",
        "|",
        "None",
        "*",
        "**",
        "\\",
        "\0",
        "\ud800",
        "é",
        "f'{",
        "}",
        "@",
        "-",
        "Literal[",
        "Field(",
        "auto()",
        "Optional[",
        ",",
        "type ",
        "if 1:",
        "(",
        "...",
        "\ufeff",
        "await ",
    ]
)

leaves = st.sampled_from(
    [
        "str",
        "int",
        "float",
        "bool",
        "dict",
        "list",
        "bytes",
        "date",
        "datetime",
        "Any",
        "UUID",
        "Color",
        "Level",
        "Point",
        "Cat | Dog",
        "postgresql",
        "S3Object",
        "wmill.Email",
        "wmill.Sql",
        'Literal["a", "b"]',
        "Literal[1, 2]",
        "DynSelect_x",
        "tuple[int, str]",
        "Later",
        '"Point"',
    ]
)
spelled: st.SearchStrategy[str] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(lambda one: f"list[{one}]"),
        inner.map(lambda one: f"dict[str, {one}]"),
        inner.map(lambda one: f"Optional[{one}]"),
        inner.map(lambda one: f"set[{one}]"),
        inner.map(lambda one: f"Annotated[{one}, 'said']"),
        st.tuples(inner, inner).map(" | ".join),
    ),
    max_leaves=5,
)
names = st.from_regex(r"[a-zé_][a-z0-9_]{0,6}", fullmatch=True).filter(
    lambda name: not keyword.iskeyword(name)
)


@quick
@given(st.text())
@example("def main(a: 'b' = " + "(" * 90 + ")" * 90 + "): pass")
@example("\x0c")
@example("\r")
def test_any_text_has_a_schema_or_an_error_that_says_where(text: str) -> None:
    _inferred_or_refused(text)


@quick
@given(st.lists(pieces, max_size=30).map("".join))
def test_any_jumble_of_python_has_a_schema_or_an_error_that_says_where(text: str) -> None:
    _inferred_or_refused(text)


def _inferred_or_refused(text: str) -> None:
    try:
        found = infer("python3", text, None)
    except SourceError as error:
        where = (error.line, error.column)
    else:
        json.dumps(found.schema, allow_nan=False).encode()
        return
    assert where >= (1, 0)


@quick
@given(st.lists(st.tuples(names, spelled), max_size=6, unique_by=lambda pair: pair[0]), st.data())
def test_arguments_made_from_an_inferred_schema_pass_its_check(
    parameters: list[tuple[str, str]], data: st.DataObject
) -> None:
    code = script(", ".join(f"{name}: {annotation}" for name, annotation in parameters), BEFORE)
    schema = infer("python3", code, None).schema
    assert schema["order"] == [name for name, _ in parameters]
    assert schema_problems(schema) == []
    assert json.loads(json.dumps(schema)) == schema
    args = data.draw(objects(schema))
    assert check(schema, args) == []
    assert check(schema, {name: f"$res:f/a/{name}" for name, _ in parameters}) == []


simple = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
)
literals = st.recursive(
    simple,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=5),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@quick
@given(literals)
def test_every_literal_comes_back_as_the_default(value: object) -> None:
    found = infer("python3", f"def main(x={value!r}): pass", None).schema
    assert found["properties"]["x"]["default"] == value
    assert found["required"] == []
    assert check(found, {"x": value}) == []
