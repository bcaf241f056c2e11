"""Go scripts as people write them, compiled and run for real."""

from __future__ import annotations

import asyncio

import pytest

from tests._toolchains import built, needs, toolchains
from tests.runtimes.conftest import Scripts
from windmill_lite.runtimes import Call, Failure, Go, Kept, Packs, Success
from windmill_lite.worker.steps import Steps

# The first build of a machine compiles the standard library.
pytestmark = [needs("go"), pytest.mark.timeout(600)]

ORDER = """
package inner

import (
	"errors"
	"fmt"
)

type Line struct {
	Product string  `json:"product"`
	Price   float64 `json:"price"`
}

type Refused struct{ Code int }

func (r Refused) Error() string { return fmt.Sprintf("refused with %d", r.Code) }

func main(lines []Line, note *string, deep struct {
	Ways map[string]int `json:"ways"`
}, way string) (any, error) {
	fmt.Println("way", way)
	switch way {
	case "plain":
		return nil, fmt.Errorf("around: %w", errors.New("plain"))
	case "typed":
		return nil, Refused{Code: 7}
	case "panic":
		return lines[len(lines)].Product, nil
	case "channel":
		return make(chan int), nil
	}
	return map[string]any{"lines": lines, "none": note == nil, "ways": deep.Ways}, nil
}
"""


@pytest.fixture
def go(scripts: Scripts) -> Scripts:
    scripts.runtime = Go(toolchains(), built())
    return scripts


async def test_a_script_gets_its_arguments_and_returns_a_result(go: Scripts) -> None:
    lines = [{"product": "ü<1>", "price": 2.5}]
    result = await go.result(ORDER, lines=lines, deep={"ways": {"a": 1}}, way="", other=1)
    assert result == {"lines": lines, "none": True, "ways": {"a": 1}}
    assert go.text.endswith("way \n")
    assert await go.result(ORDER) == {"lines": None, "none": True, "ways": None}


async def test_every_kind_of_failure_is_named(go: Scripts) -> None:
    plain = await go.error(ORDER, way="plain")
    assert (plain["name"], plain["message"]) == ("Error", "around: plain")
    typed = await go.error(ORDER, way="typed")
    assert (typed["name"], typed["message"]) == ("Refused", "refused with 7")
    assert (await go.error(ORDER, way="channel"))["name"] == "NotJsonError"
    wrong = await go.error(ORDER, lines="many")
    assert (wrong["name"], wrong["message"].startswith("argument lines: ")) == (
        "ArgumentError",
        True,
    )


async def test_a_panic_has_the_lines_of_the_script(go: Scripts) -> None:
    error = await go.error(ORDER, way="panic", lines=[])
    assert error["name"] == "RuntimeError"
    line = 1 + ORDER.lstrip("\n").splitlines().index("\t\treturn lines[len(lines)].Product, nil")
    assert error["stack"].splitlines()[1:] == [f"    at main (f/ops/hello.go:{line})"]


async def test_what_does_not_compile_is_told_with_its_lines(go: Scripts) -> None:
    error = await go.error("package inner\n\nfunc main() int {\n\treturn missing\n}\n")
    assert error == {"name": "BuildError", "message": "f/ops/hello.go:4:9: undefined: missing"}
    assert "undefined: missing" in go.text
    module = await go.error('package inner\n\nimport "example.org/x"\n\nfunc main() { x.Y() }\n')
    assert "example.org/x" in module["message"]


async def test_a_package_of_any_name_and_a_main_without_results_are_fine(go: Scripts) -> None:
    code = "// A comment.\n/* and\n another */ package main\n\nfunc main(names ...string) {}\n"
    assert await go.result(code) is None


async def test_many_who_come_at_once_wait_for_one_build(go: Scripts) -> None:
    code = 'package inner\n\nfunc main() string { return "once, and once %s" }\n'
    runs: list[str] = []

    class Counted:
        async def run(self, cell: object, on_output: object) -> object:
            runs.append(cell.id)  # type: ignore[attr-defined]
            return await go.server.run(cell, on_output)  # type: ignore[arg-type]

    kept = Kept(built().root)
    runtime = Go(toolchains(), kept)
    call = Call("1", code % id(go), "f/ops/many", "{}", {})
    await Steps(go.server, kept).ready(Go(toolchains(), kept), call, lambda _: None)
    again = Call("2", code % (id(go) + 1), "f/ops/many", "{}", {})
    steps = Steps(Counted(), kept)  # type: ignore[arg-type]
    said: list[bytes] = []
    await asyncio.gather(*(steps.ready(runtime, again, said.append) for _ in range(20)))
    assert len(runs) == 1
    assert said == [b"compiling f/ops/many.go\n"] * 20
    assert runtime.prepare(again) is None


async def test_the_program_of_another_text_is_another(go: Scripts) -> None:
    code = "package inner\n\nfunc main() int { return %d }\n"
    assert [await go.result(code % n) for n in (1, 2, 1)] == [1, 2, 1]


async def test_a_build_sees_nothing_of_the_job_and_cannot_change_what_is_shared(
    go: Scripts,
) -> None:
    call = Call("1", "package inner\n\nfunc main() {}\n", "f/ops/x", "{}", {"WM_TOKEN": "secret"})
    await Steps(go.server, built()).ready(go.runtime, call, lambda _: None)
    fresh = Go(toolchains(), Kept(built().root / "nowhere"))
    step = fresh.prepare(call)
    assert step is not None
    assert step.cell is not None
    assert "secret" not in repr(step)
    assert step.cell.network == "unneeded"
    assert step.cell.env["GOPROXY"] == "off", "where the network cannot be taken away"
    assert all(mount.read_only for mount in step.cell.mounts)


async def test_without_go_the_command_that_installs_it_is_named() -> None:
    runtime = Go(Packs(toolchains().root / "nowhere"), built())
    assert "windmill-lite runtime install go" in runtime.probe().why


async def test_a_program_that_ends_itself_is_told_by_its_code(go: Scripts) -> None:
    end = await go.run('package inner\n\nimport "os"\n\nfunc main() { os.Exit(3) }\n')
    assert not isinstance(end, Success)
    assert isinstance(end, Failure)
    assert "exit code 3" in end.error["message"]
