"""What a TypeScript or JavaScript script imports.

An import may name its version, `from "zod@3.22.4"`, or Deno's way, `from "npm:zod@3"`; without one
it is the newest when the script is locked. Scripts of the workspace are imported by their path,
`from "/f/ops/tools"` or `from "f/ops/tools"`, or from beside, `from "./tools.ts"`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Final

from windmill_lite.base.errors import Invalid

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


#: What is looked for in the workspace, the end that it may have, and what a script's path is.
_WORKSPACE: Final = re.compile(r"\.{1,2}/|/[fu]/|[fu]/[\w.+-]+/")
_ENDING: Final = re.compile(r"\.(?:ts|js|mjs|tsx)\Z")
_PATH: Final = re.compile(r"[fu]/[\w.+-]+(?:/[\w.+-]+)+")
_DISTANT: Final = re.compile(r"(?:npm|jsr|https?):\S+\Z")


def packages(code: str) -> dict[str, str]:
    """Name to version of what the script imports from npm; "latest" where it says none."""
    found: dict[str, str] = {}
    for specifier in _specifiers(code):
        known = found.get(specifier["name"], "latest")
        if known == "latest":
            found[specifier["name"]] = specifier["version"] or "latest"
    return dict(sorted(found.items()))


def bare(code: str, path: str = "") -> str:
    """The script, which lies at `path`, with its imports as bun finds them in folders: packages
    without versions, scripts as files from where it lies.
    """
    return _spelled(code, lambda text: _bare(text, path))


def denos(code: str, path: str = "") -> str:
    """The same for Deno, for which packages and what is built in have words before them."""
    return _spelled(code, lambda text: _denos(text, path))


def _spelled(code: str, name: Callable[[str], str]) -> str:
    """The script, whose imports are named otherwise; no line of it moves."""
    pieces: list[str] = []
    at = 0
    for start, text in _told(code):
        pieces += (code[at:start], name(text))
        at = start + len(text)
    return "".join([*pieces, code[at:]])


def distant(code: str) -> list[str]:
    """What Deno would fetch for the script, as it writes it: packages of npm and JSR, addresses."""
    found = {_denos(text, "") for _, text in _told(code)}
    return sorted(text for text in found if _DISTANT.match(text))


def scripts(code: str, importer: str) -> list[str]:
    """The paths of the scripts it imports. Fails: `Invalid` for one that leads out of them."""
    found = [_script(text, importer) for _, text in _told(code) if _WORKSPACE.match(text)]
    return list(dict.fromkeys(path for path in found if path))


def _bare(text: str, importer: str) -> str:
    if _WORKSPACE.match(text):
        path = None if text.startswith(".") and "/" not in importer else _script(text, importer)
        if path is None:
            return text
        near = posixpath.relpath(path, posixpath.dirname(importer) or ".")
        return f"{near}.ts" if near.startswith("../") else f"./{near}.ts"
    found = _package(text)
    return text if found is None else found["name"] + (found["below"] or "")


def _denos(text: str, importer: str) -> str:
    if text in _BUILT_IN:
        return f"node:{text}"
    if (found := _package(text)) is None:
        return _bare(text, importer)
    version = f"@{found['version']}" if found["version"] else ""
    return f"npm:{found['name']}{version}{found['below'] or ''}"


def _script(text: str, importer: str) -> str | None:
    """None for what is no script's path: a file, which nobody has laid there."""
    folder = posixpath.dirname(importer)
    if text.startswith(".") and not folder:
        raise Invalid(f"a script without a path cannot import {text!r}", field="content")
    near = folder if text.startswith(".") else ""
    path = posixpath.normpath(posixpath.join("/", near, text)).lstrip("/")
    path = _ENDING.sub("", path)
    return path if _PATH.fullmatch(path) else None


def _specifiers(code: str) -> Iterator[re.Match[str]]:
    for _, text in _told(code):
        found = _package(text)
        if found is not None:
            yield found


def _package(text: str) -> re.Match[str] | None:
    if _WORKSPACE.match(text):
        return None
    found = _SPECIFIER.fullmatch(text)
    return found if found is not None and found["name"] not in _BUILT_IN else None


def _told(code: str) -> Iterator[tuple[int, str]]:
    """Where each import names what, and the text it names it by."""
    for found in _IMPORT.finditer(code):
        which = found.lastgroup
        assert which is not None, "each alternative has a group of its own"
        if not _of_types(found[0]):
            yield found.start(which), found[which]


def _of_types(statement: str) -> bool:
    """Whether each name is a type, as in `import { type A, type B } from "x"`."""
    before, brace, rest = statement.partition("{")
    names = [name.strip() for name in rest.partition("}")[0].split(",") if name.strip()]
    alone = bool(brace) and before.strip(" \t\n;}") in ("import", "export")
    return alone and bool(names) and all(name.startswith("type ") for name in names)
