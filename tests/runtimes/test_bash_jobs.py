"""Bash scripts as people write them, run for real."""

from __future__ import annotations

import json

import pytest

from sandbox import Limits
from tests.runtimes.conftest import Scripts
from windmill_lite.runtimes import Bash, Failure, Success
from windmill_lite.runtimes.bash import positional


@pytest.fixture
def bash(scripts: Scripts) -> Scripts:
    scripts.runtime = Bash()
    return scripts


async def test_the_last_line_of_output_is_the_result(bash: Scripts) -> None:
    assert await bash.result("echo one; echo two") == "two"
    assert bash.text == "one\ntwo\n"


async def test_a_line_without_an_end_is_one_and_blank_ones_are_none(bash: Scripts) -> None:
    assert await bash.result("printf 'one\\ntwo'") == "two"
    assert await bash.result("echo one; echo; echo '  '") == "one"


async def test_a_script_that_says_nothing_has_null_for_a_result(bash: Scripts) -> None:
    assert await bash.result("true") is None


async def test_a_last_line_that_looks_like_json_stays_text(bash: Scripts) -> None:
    assert await bash.result("""echo '{"a": 1}'""") == '{"a": 1}'


async def test_result_json_wins_over_the_last_line(bash: Scripts) -> None:
    code = """echo '{"a": [1, "ü"]}' > result.json; echo text > result.out; echo last"""
    assert await bash.result(code) == {"a": [1, "ü"]}
    assert await bash.result("printf 'a\\nb\\n' > ./result.out; echo last") == "a\nb"


async def test_lines_may_end_as_on_windows(bash: Scripts) -> None:
    code = 'name="$1"\r\nif true; then\r\n  echo "$name"\r\nfi\r\n'
    assert await bash.result(code, name="x") == "x"
    assert (await bash.error("set -e\r\nfalse\r\n"))["message"].endswith("line 2: false")


async def test_a_result_json_that_is_none_is_named(bash: Scripts) -> None:
    error = await bash.error("echo '{' > result.json")
    assert error["name"] == "ResultError"
    assert "result.json is not JSON" in error["message"]


@pytest.mark.parametrize("name", ["result.json", "result.out"])
@pytest.mark.parametrize(
    "make", ["mkfifo {0}", "mkdir {0}", "ln -s /dev/zero {0}", "echo 1 > {0}; chmod 000 {0}"]
)
async def test_a_result_that_is_no_file_to_read_is_named(
    bash: Scripts, name: str, make: str
) -> None:
    error = await bash.error(make.format(name))
    assert error["name"] == "ResultError"
    assert f"{name} cannot be read: " in error["message"]


async def test_a_result_that_is_nested_too_deeply_or_too_large_is_refused(bash: Scripts) -> None:
    error = await bash.error("printf '[%.0s' {1..200000} > result.json")
    assert error["name"] == "ResultError"
    assert "result.json is not JSON" in error["message"]
    huge = Limits(memory_bytes=256 << 20)
    end = await bash.run("truncate -s 900M result.json", limits=huge)
    assert isinstance(end, Failure)
    assert end.error["name"] == "ResultTooLarge"


async def test_arguments_come_at_the_places_the_script_gives_them(bash: Scripts) -> None:
    code = """
    name="$1"
    count="${2:-3}"
    flag="$3"
    thing="$4"
    echo "$name|$count|$flag|$thing|$#"
    """
    args = {"flag": True, "thing": {"k": ["v"]}, "name": "a b'\"$x\n", "other": 1}
    assert await bash.result(code, **args) == '|3|true|{"k": ["v"]}|4'
    assert bash.text == 'a b\'"$x\n|3|true|{"k": ["v"]}|4\n'


@pytest.mark.parametrize(
    ("code", "args", "words"),
    [
        ('a="$1"\nb="$2"', {"b": 2}, ["", "2"]),
        ("a=$1\nb=${3-x}", {"a": "x", "b": None}, ["x", "", ""]),
        ('  indented="$1"', {"indented": 1}, []),
        ('a="${1:-${B:-c}}"', {"a": 1.5}, ["1.5"]),
        ('a="${10}"', {"a": "ten"}, [""] * 9 + ["ten"]),
        ('a="$1"', {"a": "\ud800"}, ["\ufffd"]),
        ("echo", {"a": 1}, []),
        ('export a="$1" b="$2"\ncat <<E\nc="$3"\nE', {"a": 1, "b": 2, "c": 3}, ["1", "2"]),
    ],
)
def test_places_are_read_from_the_script(
    code: str, args: dict[str, object], words: list[str]
) -> None:
    assert positional(code, args) == words


async def test_errors_go_to_the_log_and_not_into_the_result(bash: Scripts) -> None:
    assert await bash.result("echo out; echo err >&2") == "out"
    assert sorted(bash.text.split()) == ["err", "out"]


@pytest.mark.parametrize(
    ("code", "code_number", "line", "command"),
    [
        ("echo a\nexit 3\n", 3, 2, "exit 3"),
        ("set -e\necho a\nfalse\necho b", 1, 3, "false"),
        ("echo a\nls /no-such-place", 2, 2, "ls /no-such-place"),
        ("grep x /dev/null\necho later\nexit 4", 4, 3, "exit 4"),
        ("f() {\n  no-such-program 1\n}\nset -e\nf", 127, 2, "no-such-program 1"),
        ("set -u\necho 1\necho $missing", 1, 3, "missing: unbound variable"),
        ("trap true EXIT\ntrue\nfalse", 1, 3, "false"),
    ],
)
async def test_a_failure_names_its_code_its_line_and_its_command(
    bash: Scripts, code: str, code_number: int, line: int, command: str
) -> None:
    error = await bash.error(code)
    assert error["message"] == f"exit code {code_number} at line {line}: {command}"
    assert error["stack"].startswith(f"f/ops/hello.sh, line {line}\n    {command}")


async def test_a_script_that_cannot_be_read_says_where(bash: Scripts) -> None:
    error = await bash.error("echo a\nif true; then\n")
    assert error["message"].startswith("exit code 2 at line ")
    assert "syntax error" in error["message"]


async def test_what_the_script_complained_about_is_in_the_stack(bash: Scripts) -> None:
    error = await bash.error("echo 'no such customer' >&2\nexit 1")
    assert error["stack"].endswith("\nno such customer")


async def test_a_signal_is_named(bash: Scripts) -> None:
    assert (await bash.error("kill -SEGV $$"))["message"] == (
        "the script was killed by SIGSEGV at line 1: kill -SEGV $$"
    )


async def test_what_the_script_leaves_running_is_not_waited_for(bash: Scripts) -> None:
    assert await bash.result("sleep 600 &\necho started") == "started"


async def test_its_input_is_empty_and_its_environment_its_own(bash: Scripts) -> None:
    code = """cat; env | cut -d= -f1 | sort | tr '\\n' ' '"""
    names = "HOME LANG OLDPWD PATH PWD SHLVL TMPDIR WM_WORKSPACE _"
    assert set((await bash.result(code)).split()) <= set(names.split())
    assert await bash.result("[ $PWD = $HOME ] && echo $WM_WORKSPACE") == "demo"


async def test_an_argument_no_program_can_take_is_refused_by_name(bash: Scripts) -> None:
    too_large = await bash.error('a="$1"', a="x" * (200 << 10))
    assert too_large["name"] == "ArgumentError"
    assert "at most 128 KiB" in too_large["message"]
    assert (await bash.error('a="$1"', a="x\0y"))["name"] == "ArgumentError"


async def test_a_last_line_of_megabytes_is_a_result_or_too_large(bash: Scripts) -> None:
    nine = "head -c 9000000 /dev/zero | tr '\\0' x"
    assert len(await bash.result(nine)) == 9_000_000
    end = await bash.run(nine.replace("9000000", "12000000"))
    assert isinstance(end, Failure)
    assert end.error["name"] == "ResultTooLarge"


async def test_bytes_that_are_no_text_do_no_harm(bash: Scripts) -> None:
    assert await bash.result("printf 'a\\xffb\\n'") == "a\ufffdb"


async def test_much_output_streams_through(bash: Scripts) -> None:
    assert await bash.result("yes line | head -n 500000; echo done") == "done"
    assert len(bash.text) == 500_000 * 5 + 5


async def test_the_version_is_told_without_running_it() -> None:
    probe = Bash().probe()
    assert probe.available
    assert probe.version[0].isdigit()


async def test_a_success_is_json(bash: Scripts) -> None:
    end = await bash.run("echo 'ünï\t\"'")
    assert isinstance(end, Success)
    assert json.loads(end.result_json) == 'ünï\t"'
