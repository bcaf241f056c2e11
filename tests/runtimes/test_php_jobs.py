"""PHP scripts as people write them, run for real on the machine's PHP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox import Limits
from tests._toolchains import needs
from tests.runtimes.conftest import Scripts
from windmill_lite.base.errors import Invalid, Unavailable
from windmill_lite.runtimes import Call, Failure, Php
from windmill_lite.runtimes import php as module

pytestmark = needs("php")


@pytest.fixture
def php(scripts: Scripts) -> Scripts:
    scripts.runtime = Php()
    return scripts


async def test_arguments_go_to_their_parameters_and_the_result_comes_back(php: Scripts) -> None:
    code = """<?php
    $greeting = 'hello';
    function main(string $name, int $times = 2, ?array $list = null, bool ...$flags) {
      global $greeting;
      echo "$greeting $name\\n";
      fwrite(STDERR, "aside\\n");
      return ['greeting' => str_repeat($name, $times), 'list' => $list, 'flags' => $flags];
    }
    """
    given = {"name": "ada", "list": {"k": [1, {"x": None}]}, "flags": [True], "other": 1}
    assert await php.result(code, **given) == {
        "greeting": "adaada",
        "list": {"k": [1, {"x": None}]},
        "flags": [True],
    }
    assert php.text == "hello ada\naside\n"


async def test_values_are_made_what_main_asks_for(php: Scripts) -> None:
    code = """<?php
    namespace App;
    enum Color: string { case Red = 'red'; }
    enum Suit { case Hearts; }
    class Postgresql { public string $host; public int $port = 5432; }
    class Point { function __construct(public int $x, public int $y = 2) {} }
    function main(
      \\DateTimeImmutable $at, Color $color, Suit|null $suit, Postgresql $db, Point $point,
      object $thing, array $map, int|string $either, float $f, ?string $none, $n = PHP_OS_FAMILY,
    ) {
      return [
        $at->format('Y'), $color, $suit->name, $db->host . $db->port, $point->x + $point->y,
        $thing->a->b, $map['a']['b'], $either, $f, $none, $n, new \\DateTime('2024-02-29T00:00Z'),
      ];
    }
    """
    given: dict[str, Any] = {"at": "2024-02-29T13:00:00Z", "color": "red", "suit": "Hearts"}
    given |= {"db": {"host": "h"}, "point": {"x": 1}, "thing": {"a": {"b": 1}}}
    given |= {"map": {"a": {"b": 2}}, "either": "text", "f": 1, "n": "<function call>"}
    found = await php.result(code, **given)
    assert found == [
        *("2024", "red", "Hearts", "h5432", 3, 1, 2, "text", 1.0, None, "Linux"),
        "2024-02-29T00:00:00.000+00:00",
    ]


async def test_an_error_has_its_class_its_message_and_the_lines_of_the_script(php: Scripts) -> None:
    code = """<?php
    class Refused extends RuntimeException {}
    function inner(int $n) {
      try { intdiv(1, 0); } catch (Error $e) { throw new Refused("no $n", 1, $e); }
    }
    function main() { inner(3); }
    """
    error = await php.error(code)
    assert (error["name"], error["message"]) == ("Refused", "no 3")
    assert error["stack"].splitlines() == [
        "Refused: no 3",
        "    at inner (f/ops/hello.php:4)",
        "    at main (f/ops/hello.php:6)",
        "Caused by DivisionByZeroError: Division by zero",
        "    at intdiv (f/ops/hello.php:4)",
        "    at inner (f/ops/hello.php:4)",
        "    at main (f/ops/hello.php:6)",
    ]


@pytest.mark.parametrize(
    ("code", "name", "words"),
    [
        ("function main() { return 1 }", "SyntaxError", 'unexpected token "}"'),
        ("function main(int $x) { }", "ArgumentCountError", "main needs an argument x"),
        ("function main(int $x = null) { exit(3); }", "ExecutionErr", "exit code 3"),
        ("$x = 1;", "MainNotFoundError", "f/ops/hello.php has no function named main"),
        ("function main() { return fn() => 1; }", "NotJsonError", "Closure"),
        ("function main() { none(); }", "Error", "undefined function none()"),
        ("function main(): int { return 'x'; }", "TypeError", "must be of type int"),
        ("require 'gone.php';", "Error", "gone.php"),
        ("function main() { return str_repeat('x', 11 << 20); }", "ResultTooLarge", "10 MiB"),
        ("class A extends Gone {}", "Error", 'Class "Gone" not found'),
        ("interface I { function f(); } class A implements I {}", "FatalError", "abstract method"),
    ],
)
async def test_every_kind_of_failure_is_named(
    php: Scripts, code: str, name: str, words: str
) -> None:
    error = await php.error(f"<?php\n{code}")
    assert (error["name"], words in error["message"]) == (name, True), error
    if name in ("SyntaxError", "FatalError"):
        assert "f/ops/hello.php:2" in error["stack"]


async def test_memory_that_runs_out_is_named_with_its_limit(php: Scripts) -> None:
    code = "<?php function main() { $x = []; while (true) $x[] = str_repeat('x', 1 << 20); }"
    end = await php.run(code, limits=Limits(memory_bytes=128 << 20))
    assert isinstance(end, Failure)
    assert end.error["name"] == "OutOfMemory"
    assert "128 MiB" in end.error["message"]


async def test_a_generator_is_streamed_and_output_is_whole(php: Scripts) -> None:
    code = """<?php
    function main() {
      ob_start();
      echo str_repeat('a', 1 << 20), "\\n";
      yield "b\\nc";
      yield ['d' => 1.0];
      return INF;
    }
    """
    assert await php.result(code) is None
    assert php.text == "a" * (1 << 20) + '\nWM_STREAM: b\\nc\nWM_STREAM: {"d":1.0}\n'


async def test_odd_values_survive_the_way_and_extensions_are_there(php: Scripts) -> None:
    value = ["a\x00ü😀", {"k": [None, True, 1.5, 2**53]}, "x" * (2 << 20)]
    code = "<?php function main($x) { return [$x, ctype_digit('1'), getenv('WM_WORKSPACE')]; }"
    assert await php.result(code, x=value) == [value, True, "demo"]


def test_packages_of_composer_are_refused_by_name() -> None:
    code = "<?php\n// require:\n// monolog/monolog@3.6.0\nfunction main() {}"
    with pytest.raises(Invalid, match="monolog/monolog"):
        Php().needs(Call("1", code, "", json.dumps({}), {}))


def test_without_php_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Php().probe().version.startswith("8.")
    monkeypatch.setattr(module, "_PATH", "/nowhere")
    assert "php-cli" in Php().probe().why
    with pytest.raises(Unavailable, match="php-cli"):
        Php().needs(Call("1", "", "", "{}", {}))
