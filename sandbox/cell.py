"""What to run and what it may touch; what came out.

Values only: nothing here starts a process. A Cell is made by a runtime, run by a ForkServer, and
answered with an Exit. A Cell that fails, is killed or runs out of memory is an ordinary Exit; only
a fork server that cannot be started raises (`Unfit`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

#: From strongest to weakest; THREATS.md says what each one promises.
Level = Literal["namespaces", "landlock", "process"]
LEVELS: tuple[Level, ...] = ("namespaces", "landlock", "process")

#: "host": the network of the machine. "none": no socket but unix sockets inside the cell.
#: "unneeded": "none" where the level can take the network away, "host" where it cannot.
#: "places": nothing but `Cell.places`; at level "namespaces" only.
Network = Literal["host", "none", "unneeded", "places"]

PLACES_MAX = 50  # of one cell

#: exited: by itself, see `code`. killed: by a signal we did not send, see `signal`.
#: broken: never ran to its end for a reason of ours (the fork server died, a mount is missing).
#: guard: the client was not trusted any more, see `ForkServer.trust_until`.
Reason = Literal["exited", "killed", "timeout", "canceled", "memory", "broken", "guard"]


#: What a pipe holds: a request no larger needs no file.
PIPE_BYTES = 64 << 10


class Unfit(Exception):  # noqa: N818 - a refusal is a plain word
    """The fork server cannot run here; the message says why and what to do."""


class Limits(NamedTuple):
    """Ceilings of one cell; sizes in bytes."""

    memory_bytes: int = 2 << 30  # per process by the kernel, for the whole tree by the watch
    processes: int = 256  # processes and threads together
    file_size_bytes: int = 1 << 30  # largest single file
    tmp_bytes: int = 512 << 20  # all files together; level "namespaces" only
    open_files: int = 1024
    cpu_s: int | None = None  # processor seconds, None is no limit


@dataclass(frozen=True, slots=True)
class Mount:
    """A directory of the machine that the cell may see.

    `source` lies inside one of the fork server's `shared` directories. `target` is a name inside
    the job directory. At level "process" only the files' own permissions keep it read-only.
    """

    source: str
    target: str
    read_only: bool = True


@dataclass(frozen=True, slots=True)
class Packages:
    """A directory of packages for all cells of a fork server, and the modules of it that these find
    imported. Level "namespaces" only.
    """

    directory: str
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cell may connect to (TCP): a name or an IPv4 address, and a port. `address` is what
    it is reached at inside the cell: the same for an address, one of 127.0.0.0/8 for a name.
    """

    host: str
    port: int
    address: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One sandboxed execution.

    `files` are laid in the job directory, which is the working directory; names are relative and
    stay inside it. With `argv` None the entry module's `run(request, result_fd)` is called in the
    warm child; otherwise `argv` is executed with `request` on its standard input. Both write the
    result to file descriptor 4 and their output to 1 and 2.
    """

    id: str
    env: Mapping[str, str]
    request: bytes
    limits: Limits = field(default_factory=Limits)
    timeout_s: float | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    argv: tuple[str, ...] | None = None
    mounts: tuple[Mount, ...] = ()
    network: Network = "host"
    places: tuple[Place, ...] = ()
    result_bytes_max: int = 10 << 20


@dataclass(frozen=True, slots=True)
class Exit:
    """How a cell ended.

    `result` is what was written to descriptor 4, None when nothing was or when it was too large.
    `cpu_s` and `memory_peak_bytes` count the processes that were waited for; the peak is that of
    the largest single process.
    """

    reason: Reason
    level: str
    code: int | None = None
    signal: int | None = None
    result: bytes | None = None
    result_too_large: bool = False
    cpu_s: float = 0.0
    memory_peak_bytes: int = 0
    detail: str = ""  # a sentence for a person, empty when there is nothing to add
