"""Reading a script's parameters for people who write it: nothing is run, nothing is stored."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from windmill_lite.base.codec import dumps, loads
from windmill_lite.base.errors import Invalid, TooLarge
from windmill_lite.core.signature import Inferred, Signature, SourceError, UnknownLanguage, infer
from windmill_lite.core.signature.bounds import PARSE_S_MAX
from windmill_lite.core.signature.schema import to_schema
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.script import LANGUAGES
from windmill_lite.store.db.port import View
from windmill_lite.store.machine import code
from windmill_lite.store.machine.code import Runnable

__all__ = ["Inferred", "Signature", "SourceError", "look", "read"]  # with the words it answers in

# A script of this length takes a millisecond, and a text that is none, at worst, 0.2 s. More would
# hold up the event loop; beside a thread it goes on, as parsers pause after every hundred steps.
_INLINE_CHARS = 2_000


def check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise Invalid(
            f"language {language!r} does not run here; what does: {', '.join(LANGUAGES)}",
            field="language",
        )


def check_code(content: str) -> None:
    if len(content.encode("utf-8", "surrogatepass")) > limits.CODE_BYTES_MAX:
        raise TooLarge(f"content is larger than {limits.CODE_BYTES_MAX} bytes", field="content")
    if "\0" in content:
        raise Invalid("content holds a NUL character", field="content")


async def read(world: World, language: str, content: str) -> Inferred:
    """The signature and schema of a script that is to run here.

    Fails: `Invalid` when its language does not; `SourceError` with line and column when the script
    does not parse.
    """
    check_language(language)
    check_code(content)
    return await look(world, language, content)


async def look(
    world: World, language: str, content: str, entrypoint: str | None = None
) -> Inferred:
    """The same of any text, as editors ask while somebody types; the language may be one that can
    be read but does not run here. Of one that is run but not read the answer is that of a script
    without parameters, whose schema lets every argument through.

    Fails: `UnknownLanguage`, `SourceError`.
    """
    until_s = world.clock.monotonic_s() + PARSE_S_MAX

    def infer_now() -> Inferred:
        expired = partial(_passed, world, until_s)
        return infer(language, content, entrypoint, expired=expired)

    try:
        if len(content) <= _INLINE_CHARS:
            return infer_now()
        return await asyncio.to_thread(infer_now)
    except UnknownLanguage:
        if language not in LANGUAGES:
            raise
        return Inferred(Signature(), to_schema(Signature()))


async def as_written(world: World, view: View, workspace: str, runnable: Runnable) -> Runnable:
    """With a schema that requires nothing for which the script has a default.

    Windmill's tools require what defaults to `-1`, a name or a tuple, which they do not read; its
    server does not check. The schema that is stored stays theirs.
    """
    script = await code.version(view, workspace, runnable.hash)
    if script is None or runnable.schema is None:
        return runnable
    try:
        found = await look(world, script.language, script.content)
    except SourceError:
        return runnable
    told = {arg.name for arg in found.signature.args if arg.has_default}
    schema = loads(runnable.schema, what="schema")
    required = [name for name in schema.get("required") or () if name not in told]
    return replace(runnable, schema=dumps({**schema, "required": required}))


def _passed(world: World, until_s: float) -> bool:
    return world.clock.monotonic_s() > until_s
