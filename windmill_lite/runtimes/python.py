"""Python scripts, in warm children of the fork server that runs this very interpreter.

The standard library only: a script's own dependencies come with dependency locking.
"""

from __future__ import annotations

import json
import platform
from importlib import resources
from pathlib import Path
from typing import Final

from sandbox.cell import Cell
from windmill_lite.runtimes.base import Call, Probe

#: Imported once by the fork server, so that no job pays for it. Standard library only: whatever is
#: imported here wins over a version that a script might bring.
WARM_MODULES: Final = (
    *("abc", "argparse", "array", "asyncio", "base64", "bisect", "calendar", "collections"),
    *("concurrent.futures", "contextlib", "copy", "csv", "ctypes", "dataclasses", "datetime"),
    *("decimal", "email.message", "enum", "fractions", "functools", "gzip", "hashlib", "heapq"),
    *("hmac", "html", "http.client", "inspect", "io", "ipaddress", "itertools", "json", "locale"),
    *("logging", "math", "mimetypes", "operator", "os", "pathlib", "pickle", "pprint", "queue"),
    *("random", "re", "secrets", "shutil", "signal", "socket", "sqlite3", "ssl", "statistics"),
    *("string", "struct", "subprocess", "tempfile", "textwrap", "threading", "time", "traceback"),
    *("types", "typing", "unicodedata", "urllib.parse", "urllib.request", "uuid", "warnings"),
    *("xml.etree.ElementTree", "zipfile", "zlib", "zoneinfo"),
)
#: Kept small on purpose: the rest of a job's environment is the worker's to give.
_ENV: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONUNBUFFERED": "1",  # for Pythons that the script starts itself
}


class Python:
    """The language "python3"."""

    language: Final = "python3"
    pack: Final = ""

    def note(self) -> str:
        return ""

    def probe(self) -> Probe:
        return Probe(self.language, available=True, version=platform.python_version())

    def lock(self, call: Call) -> str:
        """Nothing to resolve: the standard library only."""
        return ""

    def prepare(self, call: Call) -> None:
        """Nothing to build."""

    def command(self, call: Call) -> Cell:
        return Cell(
            id=call.job_id,
            env=_ENV | dict(call.env),
            request=_request(call),
            limits=call.limits,
            timeout_s=call.timeout_s,
            network=call.network,
            result_bytes_max=call.result_bytes_max
            + 1,  # the answer's first byte is not the result's
        )


def entry_module() -> Path:
    """The file of the wrapper, for the fork server to load."""
    return Path(str(resources.files("windmill_lite.runtimes"))) / "wrappers" / "run.py"


def _request(call: Call) -> bytes:
    # The arguments are put in as the text they are: they may be megabytes, and were checked before.
    head = {"code": call.code, "path": shown_path(call.path), "entry": call.entry}
    text = json.dumps(head)
    return f'{text[:-1]},"args":{call.args_json or "{}"}}}'.encode("utf-8", "surrogatepass")


def shown_path(path: str) -> str:
    """The file name a person reads in a stack."""
    return f"{path}.py" if path else "script.py"
