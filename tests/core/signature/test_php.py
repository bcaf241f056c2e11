"""A PHP script takes the parameters of its main, in PHP's own types and those of its comments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.signature._expected import STRING
from windmill_lite.core.signature import SourceError, infer


def schema(parameters: str, before: str = "") -> dict[str, Any]:
    return infer("php", f"<?php\n{before}\nfunction main({parameters}) {{}}\n").schema


def one(parameter: str, before: str = "") -> dict[str, Any]:
    """The property of the only parameter, without the words that every one has."""
    found = schema(parameter, before)
    (told,) = found["properties"].values()
    return {k: v for k, v in told.items() if k not in ("description", "default", "originalType")}


def test_parameters_become_a_form() -> None:
    found = schema("string $x, int $n = 3, ?array $list = null, ?string $maybe, $any = true")
    assert found["properties"]["x"] == {**STRING, "description": "", "default": None}
    assert found["properties"]["n"] == {"type": "integer", "description": "", "default": 3}
    assert found["required"] == ["x"]
    assert found["order"] == ["x", "n", "list", "maybe", "any"]


@pytest.mark.parametrize(
    ("parameter", "told"),
    [
        ("float $a", {"type": "number"}),
        ("bool $a", {"type": "boolean"}),
        ("mixed $a", {"type": ""}),
        ("$a", {"type": ""}),
        ("object $a", {"type": "object", "properties": {}}),
        ("\\DateTimeImmutable $a", {"type": "string", "format": "date-time"}),
        ("Postgresql $a", {"type": "object", "format": "resource-postgresql"}),
        ("App\\MyThing $a", {"type": "object", "format": "resource-my_thing"}),
        ("?int $a", {"type": "integer", "nullable": True}),
        ("int|null $a", {"type": "integer", "nullable": True}),
        ("null|false|bool $a", {"type": "boolean", "nullable": True}),
        ("int ...$a", {"type": "array", "items": {"type": "number"}}),
        ("#[SensitiveParameter] int &$a", {"type": "integer"}),
        ("array $a = ['k' => 1]", {"type": "object", "properties": {}}),
    ],
)
def test_a_type_is_what_php_means(parameter: str, told: dict[str, Any]) -> None:
    assert one(parameter) == told


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("'it\\'s'", "it's"),
        ('"a\\tb $"', "a\tb $"),
        ('"a $b"', None),
        ("0x1F", 31),
        ("1_000", 1000),
        ("-2.5e3", -2500.0),
        ("017", 15),
        ("FALSE", False),
        ("null", None),
        ("[1, 'a', [true]]", [1, "a", [True]]),
        ("array('k' => ['n' => 1.5], 2 => 'x',)", {"k": {"n": 1.5}, "2": "x"}),
        ("[1, 'k' => 2]", None),
        ("PHP_INT_MAX", None),
        ("1 + 2", None),
        ("new Thing(1, [2])", None),
        ("[strlen('x'), 1]", None),
        ("<<<'X'\n  text\n  X", None),
        ("Color::Red", "red"),
        ("Suit::Hearts", "Hearts"),
    ],
)
def test_a_default_is_shown_where_it_is_a_constant(written: str, value: Any) -> None:
    enums = "enum Color: string { case Red = 'red'; }\nenum Suit { case Hearts; case Spades; }"
    found = schema(f"$a = {written}, int $b", enums)
    assert found["properties"]["a"]["default"] == value
    assert found["required"] == ["b"]


def test_an_enum_is_a_choice() -> None:
    text = "enum Color: string implements X { case Red = 'red'; case Blue = 'blue'; const A = 1; }"
    assert one("Color $a", text) == {"type": "string", "enum": ["red", "blue"]}


def test_a_comment_says_what_an_array_holds_and_what_all_is_for() -> None:
    before = """
    /**
     * Greets somebody.
     * @param string[] $tags - what it is about
     * @param array<string, int> $counts
     * @param list<array<string>> $rows   the rows
     * @param int $n how   often
     */"""
    found = infer(
        "php",
        f"<?php{before}\nfunction main(array $tags, array $counts, ?array $rows, int $n) {{}}",
    )
    told = found.schema["properties"]
    assert found.signature.summary == "Greets somebody."
    assert (told["tags"]["items"]["type"], told["tags"]["description"]) == (
        *("string", "what it is about"),
    )
    assert (told["counts"]["type"], told["counts"]["additionalProperties"]["type"]) == (
        *("object", "integer"),
    )
    assert (told["rows"]["items"]["type"], told["rows"]["description"]) == ("array", "the rows")
    assert (told["n"]["type"], told["n"]["description"]) == ("integer", "how often")


@pytest.mark.parametrize(
    "text",
    [
        "echo 1; function main(int $html) {}",
        "<?php class A { function main(int $a) {} }",
        "<?php // function main(int $a) {}\n# function main(int $a) {}\n/* function main($a) {} */",
        "<?php $x = 'function main(int $a) {}'; $y = <<<E\nfunction main($a) {}\nE;",
        "<?php function other(int $a) {} ?> function main($a) {}",
    ],
)
def test_what_is_no_main_is_none(text: str) -> None:
    assert infer("php", text).signature.no_main_func


@pytest.mark.parametrize(
    "text",
    [
        "<html><?php\nnamespace App;\nfunction main(int $a) {}",
        "<?php namespace App { function main(int $a) {} }",
        "<?PHP declare(strict_types=1); FUNCTION Main(int $a) {}",
        "x ?> <?php ?> y <?php function main (/* string $b, */ int $a) {}",
    ],
)
def test_main_is_found_wherever_functions_are(text: str) -> None:
    assert infer("php", text).schema["order"] == ["a"]


@pytest.mark.parametrize(
    ("parameters", "column", "words"),
    [
        ("int", 18, "the name of a parameter"),
        ("int $a int $b", 22, "a comma or )"),
        ("int $a, $a", 25, "two parameters are named a"),
        ("? $a", 17, "a type is expected"),
    ],
)
def test_a_mistake_among_the_parameters_has_its_place(
    parameters: str, column: int, words: str
) -> None:
    with pytest.raises(SourceError) as caught:
        infer("php", f"<?php\nfunction main({parameters}) {{}}")
    assert (caught.value.line, words in caught.value.reason) == (2, True), caught.value
    assert abs(caught.value.column - column) <= 1
