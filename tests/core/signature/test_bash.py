"""A Bash script takes the numbered parameters that it gives names to at the left margin."""

from __future__ import annotations

import pytest

from tests.core.signature._expected import STRING
from windmill_lite.core.signature import Arg, SourceError, infer
from windmill_lite.core.signature.types import Str


def args(code: str) -> list[tuple[str, object, bool]]:
    """Name, default and whether it may be left out, of each parameter in its place."""
    found = infer("bash", code).signature
    assert not found.no_main_func
    assert all(arg.typ == Str() for arg in found.args)
    return [(arg.name, arg.default, arg.has_default) for arg in found.args]


def test_the_schema_of_a_script_is_the_one_that_windmill_writes() -> None:
    schema = infer("bash", 'name="$1"\ngreeting="${2:-Hello}"\necho "$greeting $name"\n').schema
    assert schema["properties"] == {
        "name": {**STRING, "description": "", "default": None},
        "greeting": {**STRING, "description": "", "default": "Hello"},
    }
    assert schema["required"] == ["name"]
    assert schema["order"] == ["name", "greeting"]


def test_lines_may_end_as_on_windows() -> None:
    found = args('name="$1"\r\ngreeting="${2:-Hello}"  # said\r\necho "$name"\r\n')
    assert found == [("name", None, False), ("greeting", "Hello", True)]


@pytest.mark.parametrize(
    "line",
    [
        'a="$1"',
        'a="${1}"',
        "a=$1",
        "a=${1}",
        'a="$1"  # what it is',
        'a="$1"; echo hi',
        'a="$1" || exit 1',
        'export a="$1"',
        'readonly a="$1"',
        'declare -x a="$1"',
        'a="${1:?must be given}"',
        'a="${1?must be given}"',
    ],
)
def test_a_parameter_is_an_assignment_of_its_number(line: str) -> None:
    assert args(f"#!/bin/bash\nset -e\n{line}\n") == [("a", None, False)]


@pytest.mark.parametrize(
    ("value", "default"),
    [
        ('"${1:-hi}"', "hi"),
        ('"${1-hi}"', "hi"),
        ("${1:-hi}", "hi"),
        ('"${1:-}"', ""),
        ('"${1:-two words}"', "two words"),
        ('"${1:-"quoted words"}"', "quoted words"),
        ("${1:-'quoted words'}", "quoted words"),
        ('"${1:-it\'s}"', "it's"),
        (r'"${1:-a\"b}"', 'a"b'),
        (r'"${1:-a\}b}"', "a}b"),
        (r'"${1:-a\db}"', r"a\db"),
        ('"${1:-3}"', "3"),
        ('"${1:-é}"', "é"),
        # To bash the first brace ends it; Windmill reads what the author meant.
        ('"${1:-{}}"', "{}"),
        ('"${1:-default with } brace}"', "default with } brace"),
        # Bash expands these when the argument is missing, so no default is shown.
        ('"${1:-$HOME}"', None),
        ('"${1:-$(date)}"', None),
        ('"${1:-`date`}"', None),
        ('"${1:-${OTHER}}"', None),
    ],
)
def test_what_follows_colon_minus_is_the_default(value: str, default: str | None) -> None:
    assert args(f"a={value}") == [("a", default, True)]


@pytest.mark.parametrize(
    "code",
    [
        "",
        "echo hi",
        '# a="$1"',
        'echo "$1"',
        '  a="$1"',  # in a function or a branch
        'local a="$1"',
        'a = "$1"',
        'a="prefix $1"',
        'a="$1" command',
        'a="$1$2"',
        "a='$1'",
        'a="$11"',  # $1 and the figure 1
        'a="$0"',
        'a="$@"',
        'a="${1:=x}"',  # bash refuses to assign to a place
        '3a="$1"',
        'cat <<EOF\na="$1"\nEOF',
        'cat <<-"EOF" | tr a b\na="$1"\n\tEOF\n',
        "cat <<'A' <<B\na=$1\nA\na=$1\nB\n",
        'text="\na=$1\n"',
        "text='\na=$1\n'",
        'f() {\na="$1"\n}',
        'function f {\na="$1"\n}',
        'function f() {\na="$1"\n}',
        'f() { a="$1"; }',
        'f()\n{\na="$1"\n}',
    ],
)
def test_what_is_no_parameter_of_the_script_is_left_alone(code: str) -> None:
    assert args(code) == []


def test_parameters_after_quotes_documents_and_functions_are_found() -> None:
    code = (
        "cat <<EOF\nit's\nEOF\n# it's\nf() {\n  local x=$1\n}\ng() { echo; }\n"
        'a="$1"\ntext="\nb=$2\n"\nb="$2"\ncat <<< "$a"\nc="$3"\n'
    )
    assert [name for name, _, _ in args(code)] == ["a", "b", "c"]


def test_a_quote_that_nobody_closes_hides_nothing() -> None:
    assert [name for name, _, _ in args('a="$1"\necho it\'s\nb="$2"\nc="$3"')] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('b="$2"\na="$1"', ["a", "b"]),
        ('a="$1"\nc="$3"', ["a"]),  # what stands after a gap cannot be given
        ('b="$2"', []),
        ('a="$1"\nb="$1"', ["b"]),  # as Windmill reads it
        ('a="$1" b="$2"', ["a", "b"]),
        ('a="$1"; b="$2"; c=$3', ["a", "b", "c"]),
        ("".join(f'p{n}="${{{n}}}"\n' for n in range(1, 13)), [f"p{n}" for n in range(1, 13)]),
    ],
)
def test_the_number_is_the_place(code: str, names: list[str]) -> None:
    assert [name for name, _, _ in args(code)] == names


def test_a_comment_on_the_line_says_what_the_parameter_is() -> None:
    found = infer("bash", 'a="$1"   # who  to greet\nb="${2:-x}"; # or not\n').signature
    assert found.args == (
        Arg("a", Str(), description="who to greet"),
        Arg("b", Str(), "x", has_default=True, description="or not"),
    )


@pytest.mark.parametrize(
    ("code", "line", "column", "reason"),
    [
        ('a="$1"\nb="$2"\n a="$3"\na="$3"', 4, 1, "two parameters are named a"),
        ('x=\na="$1"; a="$2"', 2, 9, "two parameters are named a"),
        ("echo\n\0", 2, 1, "null bytes"),
        ("é \ud800", 1, 3, "surrogate"),
        (
            "".join(f'p{n}="${{{n}}}"\n' for n in range(1, 502)),
            501,
            1,
            "at most 500 parameters are read",
        ),
        ("#" * 1_048_577, 1, 1, "at most 1,048,576 are read"),
    ],
)
def test_a_mistake_is_named_with_line_and_column(
    code: str, line: int, column: int, reason: str
) -> None:
    with pytest.raises(SourceError) as caught:
        infer("bash", code)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert reason in caught.value.reason
