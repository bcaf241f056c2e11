"""What makes a language runnable: four questions, answered without starting a process.

`probe`: is the toolchain here. `lock`: which dependencies does this code need. `prepare`: what must
be built before it can run. `command`: run it. The last three answer with a Cell (or with nothing to
do); the worker runs it in the sandbox and reads the Exit with `outcome_of`.

The wrapper protocol, the same for every language -------------------------------------------------
A wrapper runs inside the cell and surrounds the user's main(). The working directory is the job
directory, the environment is the Cell's and nothing else.

Request. Bytes, all of them: in a warm Python child the argument of `run(request, result_fd)`, for a
command its standard input to the end. One JSON object in UTF-8:

  language  absent in requests to Python and to commands; a warm child that is asked for another
          language ("bash") starts that language's own program, see the wrapper for its further keys
  code    the script's text
  path    the file name shown in stacks, such as "f/ops/hello.py"; not a file that exists
  entry   the function to call, usually "main"
  args    an object: argument name to JSON value
  compiled  may be there for Python: the text as bytecode (marshal, in base64)

"compiling": true is there instead of entry and args where a text is only to be compiled: nothing of
it is run, and the answer is "+" and the bytecode, or none and an exit code other than 0.

Output. File descriptors 1 and 2, one pipe, in the order written. UTF-8 by custom; any byte is
allowed.

Answer. File descriptor 4, once, when the script is done. The first byte says how:

  "+" 0x2B   main returned; the rest is its result, one JSON value "-" 0x2D   the script failed; the
  rest is one JSON object {"name", "message", "stack"}, all strings:
             the class of the exception, its message, and the user's own lines; "stack" may be empty

The JSON is strict (no NaN, no Infinity, nothing after the value), in UTF-8 without lone surrogates.
A process that is kept (a dedicated one) has "standing": true in its request, no args, and
"result_bytes_max". Its descriptor 4 is a stream socket with frames (sandbox/client/standing.py). A
question is one JSON object: "nonce", "env" (names to set) and "args". An answer is one line of JSON
{"nonce", "cpu_s", "peak_bytes", "over"}, a newline, and the answer as above, or "!" 0x21 for a
result that is too large. "over" says that the process ends now, as the script wanted it.

No byte at all means that the script ended the process itself. The wrapper exits with code 0 in both
cases; every other way to end is told by the code or the signal, and overrules an answer that was
already written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.cell import Cell, Limits, Network


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether a language can be run on this machine."""

    language: str
    available: bool
    version: str  # of the toolchain, empty when there is none
    why: str = ""  # why it is not available, and the remedy


@dataclass(frozen=True, slots=True)
class Call:
    """One run of one script, as the worker asks for it."""

    job_id: str
    code: str
    path: str  # of the script, "" for code that was never deployed
    args_json: str  # a JSON object
    env: Mapping[str, str]  # all the job sees beside HOME, PATH, PWD, TMPDIR and the locale
    entry: str = "main"
    timeout_s: float | None = None
    limits: Limits = field(default_factory=Limits)
    network: Network = "host"
    result_bytes_max: int = 10 << 20
    lock: str = ""  # of the script's version, or found by `lock`
    standing: bool = False  # the process is kept, and `args_json` comes with each question
    day: str = ""  # today in UTC, "2024-02-29": what is newest is asked once a day
    imported: Mapping[str, str] = field(default_factory=dict)  # workspace scripts: path to text
    compiled: bytes = b""  # its text, if it was compiled before: see `Python.compiling`
    before: str = ""  # the lock whose versions are to stay, where they fit

    @property
    def sources(self) -> tuple[str, ...]:
        """Its own text, and those of the scripts that it imports."""
        return (self.code, *(self.imported[path] for path in sorted(self.imported)))


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is built once, in a cell, and kept (see kept.py) for every later job.

    `key` names it and follows from all that goes into it. What the cell writes to descriptor 4 is
    the file "program", or with `unpack` a tar archive of which that folder is kept; with `parts`
    those of these folders that are in it, each under its own name. A cell that ends with another
    code than 0 has said on its output why. Without a cell the step joins `parts` to a set.
    """

    key: str
    cell: Cell | None
    says: str = ""  # in the log of the jobs that wait
    unpack: str = ""
    parts: tuple[str, ...] = ()


class Runtime(Protocol):
    """One language; stateless."""

    @property
    def language(self) -> str: ...

    @property
    def pack(self) -> str:
        """The runtime pack without which no job of it can run; "" for what is always there."""
        ...

    def needs(self, call: Call) -> str:
        """The pack without which the other answers about this call cannot be given, or ""."""
        ...

    def note(self, call: Call) -> str:
        """What a job's log should say first; "" mostly."""
        ...

    def probe(self) -> Probe: ...

    def lock(self, call: Call) -> Step | str:
        """The lock itself where it needs no resolving, else what answers with it. Asked only while
        `call.lock` is empty; an answer that holds for good is written to the script's version.
        """

    def prepare(self, call: Call) -> Step | None:
        """The next thing to build before `command` can answer; None when all is there."""

    def command(self, call: Call) -> Cell: ...
