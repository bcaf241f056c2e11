"""Reading a script's parameters for people who write it: nothing is run, nothing is stored."""

from __future__ import annotations

import asyncio

from windmill_lite.core.signature import Inferred, Signature, SourceError, UnknownLanguage, infer
from windmill_lite.core.signature.schema import to_schema
from windmill_lite.engine.push import check_code, check_language

__all__ = ["Inferred", "Signature", "SourceError", "read"]  # with the words it answers in

_INLINE_CHARS = 50_000  # about 20 ms of parsing; more would hold up the event loop


async def read(language: str, content: str, entrypoint: str | None = None) -> Inferred:
    """The signature and schema of a script; of a language that is run but not read, those of a
    script without parameters, whose schema lets every argument through.

    Fails: `SourceError` with line and column when the script does not parse.
    """
    check_language(language)
    check_code(content)
    try:
        if len(content) <= _INLINE_CHARS:
            return infer(language, content, entrypoint)
        return await asyncio.to_thread(infer, language, content, entrypoint)
    except UnknownLanguage:
        return Inferred(Signature(), to_schema(Signature()))
