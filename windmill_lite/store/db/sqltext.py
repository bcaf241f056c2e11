"""SQL text cut into tokens: what is code, what is a string or a comment.

No grammar of SQL: only enough that a `:name`, a type's name or a `;` inside a string or a comment
is never taken for one outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "comment", "cast", "param", "word", "newline", "end", "other"]

# The first alternative that matches wins; the last two take whatever is left, so nothing is lost.
_TOKEN = re.compile(
    r"""
      (?P<string>  '(?:[^']|'')*' | "(?:[^"]|"")*" )
    | (?P<comment> --[^\n]* | /\*.*?\*/ )
    | (?P<cast>    :: )
    | (?P<param>   :[A-Za-z_][A-Za-z0-9_]* )
    | (?P<word>    [A-Za-z_][A-Za-z0-9_]* )
    | (?P<newline> \n )
    | (?P<end>     ; )
    | (?P<other>   [0-9]+ | [^\S\n]+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)


#: Tables of what comes and goes with jobs, and of who is there to run them.
PASSING = frozenset(
    ("job", "job_queue", "job_done", "job_log", "job_label", "job_attempt", "job_progress",
     "job_stream", "key_holder", "key_start", "key_wake", "result_cache", "idempotency",
     "flow_run", "flow_item", "flow_letter", "flow_result", "flow_count", "worker", "lease")
)  # fmt: skip
_WRITTEN = re.compile(
    r"\b(?:insert(?:\s+or\s+\w+)?\s+into|replace\s+into|delete\s+from|update(?:\s+or\s+\w+)?)"
    r"\s+(?!set\b)(\S+)",
    re.IGNORECASE,
)


def lasts(sql: str) -> bool:
    """Whether a statement may write to other tables; none of ours has triggers or cascades."""
    return any(table.partition("(")[0] not in PASSING for table in _WRITTEN.findall(sql))


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str


def tokens(sql: str) -> Iterator[Token]:
    """The whole text: joined again, the tokens are the input."""
    for match in _TOKEN.finditer(sql):
        kind = match.lastgroup
        assert kind is not None, "every alternative of the pattern is named"
        yield Token(kind, match.group())  # type: ignore[arg-type]  # the names are those of Kind


def lines(sql: str) -> Iterator[list[Token]]:
    """The tokens line by line, without the line ends; what spans lines belongs to its first."""
    line: list[Token] = []
    for token in tokens(sql):
        if token.kind == "newline":
            yield line
            line = []
        else:
            line.append(token)
    yield line


def statements(sql: str) -> Iterator[str]:
    """The statements of a script, without comments, without their `;`, without the empty ones."""
    statement: list[str] = []
    for token in tokens(sql):
        if token.kind == "end":
            if text := "".join(statement).strip():
                yield text
            statement = []
        elif token.kind != "comment":
            statement.append(token.text)
    if text := "".join(statement).strip():
        yield text
