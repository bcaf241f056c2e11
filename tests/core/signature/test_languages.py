"""What holds in every language, for every text: an answer that can be kept, or an error that says
where; the same again; and arguments that the schema describes pass its check.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.signature._values import assert_kept, objects
from windmill_lite.core.arguments import check
from windmill_lite.core.signature import PARSERS, SourceError, infer
from windmill_lite.model import limits

quick = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

TYPESCRIPT = """
type Point = { x: number; y?: number; kind: "point" }
enum Color { Red = "red", Blue = "blue" }
/** @param a what it is */
export async function main(
  a: string, b: Point | { kind: "other"; at: Date }, c: ("x" | "y")[], d = Color.Red,
  e: Record<string, boolean> = {}, f?: [string, number],
  { g = 1, h }: { g?: number; h: string } = { h: "" },
) {}
"""
SCRIPTS = {
    "bun": TYPESCRIPT,
    "deno": TYPESCRIPT,
    "nativets": TYPESCRIPT,
    "python3": "def main(a: str, b: int = 3, c: list[str] | None = None): pass",
    "go": """package inner
type Point struct { X float64 `json:"x"`; Y *float64 `json:"y"` }
func main(a string, b []int, c map[string]bool, d Point, e *[]Point, f []byte) (any, error) {
	return nil, nil
}""",
    "bash": 'a="$1"\nb="${2:-x}"\nexport c="$3" d=${4:-}\nf() {\n  local x="$1"\n}\n',
    "php": """<?php
enum Color: string { case Red = 'red'; case Blue = 'blue'; }
/** @param array<string, int> $f */
function main(
  string $a, ?int $b, array $c = ['x', "y"], Color $d = Color::Red, float|string $e = -1.5,
  array $f = [], array $g = ['k' => [1]], bool $h = TRUE, ?DateTime $i = null, int ...$rest,
): array { return []; }
""",
    "postgresql": """-- $1 a (int[]) = [1]
-- $2 b (jsonb) = {"x": 1}
-- %%c%% x/y = x
select $1, $2, $3::timestamp, %%c%%""",
    "mysql": "-- :a (varchar(20)) = x\n-- :b (datetime)\nselect :a, :b",
    "duckdb": "-- $a (double) = 1.5\n-- $b (bool) = true\nselect $a, $b",
    "sqlite": "-- :a (blob)\n-- $b (int) = 0\nselect :a, $b",
}
PIECES = {
    "bun": "export |function main(|a|: |string|=|[|]|{|}|)|&|<|>|,|'|`|${|;|\n|=> |type A |"
    "enum E|/**|*/|...|?|-|1|.|é|\0",
    "go": 'func main(|) {|}|type A struct {|a|int|*|[]|map[|]|`json:"|`|\n|,|.|"|/*|//|:=|...|é|\0',
    "bash": 'a=|"$1"|${2:-|}|"|\'|\n|;| |<<E|E|f() {|$(|)|\\|#|export |$|`|é|\0',
    "php": "<?php |function main(|string |?|int|array |$a|$b| = |[|]|'|\"|=>|,|)|{|}|/**|*/|"
    "@param |#[|<<<X|\n|?>|enum E {|case A|::|...|-|1|.|\\|é|\0",
    "postgresql": "-- |$1|$2| a| (int)| = |3|\n|'|$$|\"|/*|*/|%%t%%|a/b|::|E'|\\|database |[]|é|\0",
    "mysql": "-- |:a|?| b| (json)| = |{}|\n|'|\\|\"|`|/*|*/|%%t%%|/|=|é|\0",
}
PIECES |= {"duckdb": PIECES["postgresql"] + "|$b", "sqlite": PIECES["mysql"] + "|$b"}
# Python has these tests of its own, and the two other names of TypeScript are read by one parser.
READ = [name for name in SCRIPTS if name not in {"python3", "deno", "nativets"}]


def test_every_language_has_a_script_here() -> None:
    assert set(SCRIPTS) == set(PARSERS)


def answered(language: str, text: str) -> dict[str, Any] | None:
    """The schema of a text, or None when it was refused with a place."""
    try:
        found = infer(language, text)
    except SourceError as error:
        refused = error
    else:
        assert infer(language, text) == found, "the same text has the same signature"
        return found.schema
    assert 1 <= refused.line <= text.count("\n") + 1
    assert refused.column >= 1
    assert refused.reason
    return None


@pytest.mark.parametrize("language", SCRIPTS)
@quick
@given(data=st.data())
def test_arguments_made_from_the_schema_pass_its_check(language: str, data: st.DataObject) -> None:
    schema = infer(language, SCRIPTS[language]).schema
    assert_kept(schema)
    assert len(schema["order"]) >= 2
    assert check(schema, data.draw(objects(schema))) == []


@pytest.mark.parametrize("language", READ)
@quick
@given(text=st.text())
def test_any_text_has_an_answer(language: str, text: str) -> None:
    schema = answered(language, text)
    if schema is not None:
        assert_kept(schema)


@pytest.mark.parametrize("language", PIECES)
@quick
@given(data=st.data())
def test_any_jumble_of_the_language_has_an_answer(language: str, data: st.DataObject) -> None:
    pieces = st.sampled_from(PIECES[language].split("|"))
    schema = answered(language, "".join(data.draw(st.lists(pieces, max_size=40))))
    if schema is not None:
        assert_kept(schema)


@pytest.mark.parametrize("language", READ)
@quick
@given(data=st.data())
def test_a_script_with_a_part_missing_or_twice_has_an_answer(
    language: str, data: st.DataObject
) -> None:
    """What an editor sends while somebody types."""
    code = SCRIPTS[language]
    begin, end = sorted(data.draw(st.tuples(*[st.integers(0, len(code))] * 2)))
    for text in (code[:begin] + code[end:], code[:end] + code[begin:]):
        schema = answered(language, text)
        if schema is not None:
            assert_kept(schema)


@pytest.mark.parametrize("language", READ)
@pytest.mark.parametrize("piece", ["(", "[", "{", "<", '"', "'", "`", "$", "\\", "-- ", "/*", "a "])
def test_a_long_text_of_one_piece_has_an_answer(language: str, piece: str) -> None:
    """That it comes soon is shown by the time the whole suite may take."""
    schema = answered(language, piece * (50_000 // len(piece)))
    if schema is not None:
        assert_kept(schema)


@pytest.mark.parametrize("language", SCRIPTS)
def test_more_than_may_be_stored_is_refused_unread(language: str) -> None:
    with pytest.raises(SourceError, match="are read"):
        infer(language, "(" * (limits.CODE_BYTES_MAX + 1))
