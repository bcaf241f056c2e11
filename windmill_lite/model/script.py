"""A script: code in one language with a `main`, deployed under a path; versions never change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from windmill_lite.model.retry import RetryPolicy

#: Languages that run; the rest of Windmill's is refused by name.
LANGUAGES = (
    "python3",
    "bash",
    "bun",
    "nativets",
    "deno",
    "go",
    "php",
    "postgresql",
    "mysql",
    "sqlite",
    "duckdb",
)

#: Those whose process can be kept and asked again.
DEDICATED_LANGUAGES = ("python3", "bun", "nativets", "deno")

KINDS = ("script", "trigger", "failure", "command", "approval", "preprocessor")


@dataclass(frozen=True, slots=True)
class HubScript:
    """A script of a hub; its text never changes."""

    content: str
    language: str
    lock: str | None  # None: a run finds one
    schema: str | None  # JSON
    summary: str


@dataclass(frozen=True, slots=True)
class Concurrency:
    """At most `limit` runs of a key at once, and as many starts within the window."""

    limit: int
    window_s: int | None
    key: str | None  # a template; None: the script's own


@dataclass(frozen=True, slots=True)
class Debouncing:
    """Runs of a key that come within the delay become one."""

    delay_s: int
    key: str | None = None  # a template; None: the script's own, with the arguments
    max_total_s: int | None = None
    max_count: int | None = None
    accumulate: tuple[str, ...] = ()


#: "host": the machine's; "none"; or the only places, `host:port`; "": what the worker gives.
Network = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CellRules:
    """What a version asks of the cells of its runs."""

    dedicated: bool = False  # a process that is kept between runs
    network: Network = ""
    prepares: bool = False  # its `preprocessor` runs, for a flow that names it as that
    event: bool = False  # the arguments are an event, of which its `preprocessor` makes main's


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a version asks of its runs besides its tag and its timeout."""

    priority: int = 0
    concurrency: Concurrency | None = None
    debouncing: Debouncing | None = None
    cache_ttl_s: int | None = None
    at_most_once: bool = False  # it fails when its worker is lost, instead of running again
    retry: RetryPolicy | None = None  # of runs that nothing else tries again
    delete_after_s: int | None = None  # 0: as soon as whoever waits has read it
    preprocessed: bool = False  # runs from outside begin with its `preprocessor`
    cell: CellRules = CellRules()


@dataclass(frozen=True, slots=True)
class NewScript:
    """A version to deploy. `schema` None asks for inference; `lock` None asks for resolution."""

    path: str
    content: str
    language: str
    summary: str = ""
    description: str = ""
    kind: str = "script"
    schema: dict[str, Any] | None = None
    lock: str | None = None
    tag: str | None = None
    timeout_s: int | None = None
    parent_hash: str | None = None
    auto_parent: bool = False  # chain on the current head, whatever `parent_hash` says
    deployment_message: str | None = None
    keep_draft: bool = False  # of who deploys; else it goes, since it is deployed
    #: Fields of Windmill's script that are stored and given back unchanged.
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Script:
    """One version as it is stored. `schema` and `options` are JSON text."""

    workspace: str
    hash: str
    path: str
    parent_hash: str | None
    summary: str
    description: str
    content: str
    language: str
    kind: str
    schema: str | None
    lock: str | None
    lock_error: str | None
    tag: str | None
    timeout_s: int | None
    options: str
    created_by: str
    created_at: int
    deployment_message: str | None
    archived: bool
    deleted: bool
    head: bool


@dataclass(frozen=True, slots=True)
class ScriptFilter:
    """Questions of the list; archived versions are listed only when asked for."""

    path: str | None = None
    path_prefix: str | None = None
    created_by: str | None = None
    language: str | None = None
    kinds: tuple[str, ...] | None = None
    show_archived: bool = False
    parent_hash: str | None = None
    oldest_first: bool = False
