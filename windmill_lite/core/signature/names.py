"""How type names become resource type names, the same way Windmill spells them."""

from __future__ import annotations

import re

# A word starts at a capital after a small letter or digit (s3|Object), and at the last capital of
# a run that a small letter follows (HTTP|Server). What is not a letter or digit separates words.
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS = re.compile(r"[\W_]+")


def snake_case(name: str) -> str:
    """S3Object -> s3_object, ABC -> abc, AaBC -> aa_bc, HTTPServer -> http_server."""
    return _SEPARATORS.sub("_", _WORD_START.sub("_", name)).strip("_").lower()


def resource_name(name: str) -> str:
    """The resource type that a Python type name stands for: itself, but for `S3Object`."""
    return "s3_object" if name == "S3Object" else name
