"""From the text of a script to its signature and schema: the table of languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from windmill_lite.core.signature.model import Inferred, Signature, UnknownLanguage
from windmill_lite.core.signature.python.main import read_python
from windmill_lite.core.signature.schema import to_schema

# Text and the name of the entry point in, signature out; fails with SourceError.
Parser: TypeAlias = "Callable[[str, str], Signature]"

# A language joins by a line here and a room beside this file.
PARSERS: Mapping[str, Parser] = MappingProxyType({"python3": read_python})


def infer(language: str, code: str, entrypoint: str | None = None) -> Inferred:
    """What a script takes, without running it; `entrypoint` is `main` unless another is named.

    Fails:   UnknownLanguage; SourceError with line and column when the text cannot be read.
    """
    parser = PARSERS.get(language)
    if parser is None:
        known = ", ".join(sorted(PARSERS))
        raise UnknownLanguage(f"no signature can be read for {language!r}; known are {known}")
    signature = parser(code, entrypoint or "main")
    return Inferred(signature, to_schema(signature))
