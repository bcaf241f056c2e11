"""The parameters of `main` become a signature and a JSON Schema: text in, schema out.

No script is ever executed here.
"""

from __future__ import annotations

from windmill_lite.core.signature.infer import PARSERS, infer
from windmill_lite.core.signature.model import (
    FUNCTION_CALL,
    Arg,
    Inferred,
    Signature,
    SourceError,
    UnknownLanguage,
)

__all__ = [
    "FUNCTION_CALL",
    "PARSERS",
    "Arg",
    "Inferred",
    "Signature",
    "SourceError",
    "UnknownLanguage",
    "infer",
]
