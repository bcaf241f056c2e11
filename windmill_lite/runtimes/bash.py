"""Bash scripts, in a warm child that starts bash: see wrappers/run_bash.py.

A script says what it takes in lines such as `name="$1"` and `count="${2:-3}"`: the argument of that
name goes to that place. Strings go as they are, everything else as JSON, null and what is missing
as an empty string, for which `:-` puts its default.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any, Final

from sandbox.cell import Cell
from windmill_lite.core.signature.bash.main import places
from windmill_lite.core.signature.bounds import PARAMETERS_MAX
from windmill_lite.runtimes.base import Call, Probe

_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
_ENV: Final = {"PATH": _PATH, "LANG": "C.UTF-8"}
_VERSION: Final = re.compile(rb"@\(#\)Bash version (\d+\.\d+\.\d+)")


class Bash:
    """The language "bash"."""

    language: Final = "bash"
    pack: Final = ""

    def needs(self, call: Call) -> str:
        return self.pack

    def note(self, call: Call) -> str:
        return ""

    def probe(self) -> Probe:
        program = shutil.which("bash", path=_PATH)
        if program is None:
            why = f"there is no bash in {_PATH}: install the system's package `bash`"
            return Probe(self.language, available=False, version="", why=why)
        # What it would print, without starting it.
        found = _VERSION.search(Path(program).read_bytes())
        return Probe(self.language, available=True, version=found[1].decode() if found else "")

    def lock(self, call: Call) -> str:
        """Nothing to resolve: the programs of the machine."""
        return ""

    def prepare(self, call: Call) -> None:
        """Nothing to build."""

    def command(self, call: Call) -> Cell:
        path = f"{call.path}.sh" if call.path else "script.sh"
        code = call.code.replace("\r\n", "\n")  # where it was written; bash would take it for words
        request = {
            "language": self.language,
            "code": code,
            "path": path,
            "args": positional(call.code, json.loads(call.args_json or "{}")),
            "result_bytes_max": call.result_bytes_max + 1,
        }
        return Cell(
            id=call.job_id,
            env=_ENV | dict(call.env),
            request=json.dumps(request).encode(),
            files={path: code.encode("utf-8", "surrogatepass")},
            limits=call.limits,
            timeout_s=call.timeout_s,
            network=call.network,
            result_bytes_max=call.result_bytes_max
            + 1,  # the answer's first byte is not the result's
        )


def positional(code: str, args: dict[str, Any]) -> list[str]:
    """The arguments by the places at which the script reads them; what it does not read is left
    out, and a place that nothing fills is empty.
    """
    names = places(code)
    last = max((place for place in names if place <= PARAMETERS_MAX), default=0)
    return [_word(args.get(names.get(place, ""))) for place in range(1, last + 1)]


def _word(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # no half characters
