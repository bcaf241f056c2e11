"""What a TypeScript or JavaScript script imports.

An import may name its version, `from "zod@3.22.4"`, or Deno's way, `from "npm:zod@3"`; without one
it is the newest when the script is locked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

#: `import ... from "x"`, `export ... from "x"`, `import "x"`, `import("x")`, `require("x")`; what
#: is imported for its types only is gone when the script runs. These expressions read in the worker
#: what strangers wrote: each takes time in proportion to the text.
_IMPORT: Final = re.compile(
    r"""(?:^|[;}\n])[ \t]*(?:import|export)\b(?!\s+type\s+[\w{*])"""
    r"""(?:(?!\b(?:import|export)\b)[\w$\s{},*])*?\bfrom\s*(['"])(?P<a>[^'"\n]+)\1"""
    r"""|(?:^|[;}\n])[ \t]*import\s*(['"])(?P<b>[^'"\n]+)\3"""
    r"""|\b(?:import|require)\s*\(\s*(['"])(?P<c>[^'"\n]+)\5\s*\)"""
)
_NAME: Final = r"(?:@[a-zA-Z0-9~-][\w.~-]*/)?[a-zA-Z0-9~-][\w.~-]*"
_SPECIFIER: Final = re.compile(
    rf"(?:npm:)?(?P<name>{_NAME})(?:@(?P<version>[\^~]?[\w.+-]+))?(?P<below>/[^@]*)?"
)
_BUILT_IN: Final = frozenset(
    (
        *("assert", "async_hooks", "buffer", "bun", "child_process", "cluster", "console"),
        *("constants", "crypto", "dgram", "diagnostics_channel", "dns", "domain", "events"),
        *("fs", "http", "http2", "https", "inspector", "module", "net", "os", "path"),
        *("perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream"),
        *("string_decoder", "sys", "timers", "tls", "trace_events", "tty", "url", "util", "v8"),
        *("vm", "wasi", "worker_threads", "zlib"),
    )
)


def packages(code: str) -> dict[str, str]:
    """Name to version of what the script imports from npm; "latest" where it says none."""
    found: dict[str, str] = {}
    for _, specifier in _specifiers(code):
        known = found.get(specifier["name"], "latest")
        if known == "latest":
            found[specifier["name"]] = specifier["version"] or "latest"
    return dict(sorted(found.items()))


def bare(code: str) -> str:
    """The script with its imports as bun finds them in a folder: without versions."""
    pieces: list[str] = []
    at = 0
    for start, specifier in _specifiers(code):
        pieces += (code[at:start], specifier["name"], specifier["below"] or "")
        at = start + len(specifier[0])
    return "".join([*pieces, code[at:]])


def _specifiers(code: str) -> Iterator[tuple[int, re.Match[str]]]:
    for found in _IMPORT.finditer(code):
        which = found.lastgroup
        assert which is not None, "each alternative has a group of its own"
        specifier = _SPECIFIER.fullmatch(found[which])
        if specifier is not None and specifier["name"] not in _BUILT_IN:
            yield found.start(which), specifier
