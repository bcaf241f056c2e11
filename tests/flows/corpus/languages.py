"""Steps in the languages that only a worker can run. These flows run over HTTP and nowhere else."""

from __future__ import annotations

from tests.flows._case import OK, Case, Error
from tests.flows._words import (
    GO_ON,
    ITEM,
    Doc,
    Static,
    each,
    fail,
    flow,
    handler,
    one,
    put,
    py,
    say,
    together,
    transform,
)


def _step(id: str, language: str, content: str, **inputs: str | Static) -> Doc:
    value = {
        "type": "rawscript",
        "language": language,
        "content": content,
        "input_transforms": {name: transform(what) for name, what in inputs.items()},
    }
    return {"id": id, "value": value}


_GREET = 'who="$1"\necho "hello $who"\n'
_JSON = "echo '{\"n\": [1, 2]}' > result.json\n"
_REFUSE = 'echo "not today" >&2\nexit 3\n'
_TWICE = "export async function main(x: number) {\n  return {twice: x * 2, list: [x, null]};\n}\n"
_THROW = "export function main() {\n  throw new RangeError('too far');\n}\n"

_FILE = "import pathlib\nfile = pathlib.Path('shared/n')\n"
_MORE = 'echo "$(cat ./shared/n)2" > ./shared/n\ncat ./shared/n\n'
_APPEND = "file.write_text(file.read_text().strip() + str(x))\nreturn file.read_text()"

BASH = (
    Case(
        says="steps at the same worker share a folder, in any language, in loops and branches",
        flow=flow(
            py("a", f"{_FILE}file.write_text('1')"),
            _step("b", "bash", _MORE),
            each("l", "[3, 4]", py("c", f"{_FILE}{_APPEND}", x=ITEM)),
            one("o", {"true": [py("d", f"{_FILE}return file.read_text()")]}),
            say("z", "[results.b, results.l, results.o]"),
            same_worker=True,
        ),
        gives=["12", ["123", "1234"], "1234"],
    ),
    Case(
        says="the folder of another flow is another",
        flow=flow(py("a", f"{_FILE}return file.exists()"), same_worker=True),
        gives=False,
    ),
    Case(
        says="a bash step gets its inputs and gives its last line",
        flow=flow(_step("a", "bash", _GREET, who="flow_input.who"), say("b", "results.a + '!'")),
        args={"who": "ada"},
        gives="hello ada!",
        modules={"a": OK},
    ),
    Case(
        says="a bash step gives JSON through result.json",
        flow=flow(_step("a", "bash", _JSON), each("l", "results.a.n", say("b", f"{ITEM} + 1"))),
        gives=[2, 3],
    ),
    Case(
        says="a bash step that fails is a failure like others",
        flow=flow(_step("a", "bash", _REFUSE) | GO_ON, say("b", "error.name")),
        gives="ExecutionErr",
    ),
    Case(
        says="bash and python at once in one loop",
        flow=flow(
            together("l", "['x', 'y']", _step("a", "bash", _GREET, who=ITEM), say("b", "results.a"))
        ),
        gives=["hello x", "hello y"],
        ordered=False,
    ),
    Case(
        says="a bash step in a failure module",
        flow=flow(
            fail("a", "broken"),
            failure_module=_step("failure", "bash", _GREET, who="error.message"),
        ),
        fails="hello broken",
    ),
    Case(
        says="a step that is killed by its time limit is a failure like others",
        flow=flow(
            py("a", "import time\ntime.sleep(60)") | {"timeout": 1, "continue_on_error": True},
            say("b", "typeof error.message"),
        ),
        gives="string",
    ),
    Case(
        says="a step whose process ends without a word is a failure like others, and is handled",
        flow=flow(
            py("a", "import os\nos._exit(3)"),
            failure_module=handler("return x", x="typeof error.message"),
        ),
        fails="string",
    ),
    Case(
        says="a step that says of itself that it failed is a failure like others",
        flow=flow(
            py("a", "return {'wm_failure': 'I say so', 'n': 1}") | GO_ON,
            say("b", "[error.name, error.message, previous_result.n]"),
        ),
        gives=["ManualFailure", "I say so", 1],
    ),
    Case(
        says="a step that prints half a megabyte still gives its result",
        flow=flow(py("a", "print('x' * 500_000)\nreturn 1"), say("b", "results.a")),
        gives=1,
    ),
)

TYPESCRIPT = (
    Case(
        says="a TypeScript step gets its inputs by name",
        flow=flow(_step("a", "bun", _TWICE, x="flow_input.n"), say("b", "results.a")),
        args={"n": 21},
        gives={"twice": 42, "list": [21, None]},
    ),
    Case(
        says="the error of a TypeScript step has the name of what was thrown",
        flow=flow(_step("a", "bun", _THROW), put("b", 1)),
        fails=Error("RangeError", ("too far",)),
    ),
)
