"""The nouns of a flow's definition. `at` is a module's place in its document:
`modules[3].value.branches[1].modules[0]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from windmill_lite.base.codec import Json
from windmill_lite.model.limits import SUSPEND_S_DEFAULT
from windmill_lite.model.retry import RetryPolicy
from windmill_lite.model.script import Network


@dataclass(frozen=True, slots=True)
class Static:
    """An argument that is passed as it stands; `$var:` and `$res:` in it are for the job."""

    value: Json = None


@dataclass(frozen=True, slots=True)
class Javascript:
    source: str


@dataclass(frozen=True, slots=True)
class FilledByModel:
    """`{"type": "ai"}`: what a language model fills in, in the tools of an agent."""


Transform = Static | Javascript | FilledByModel
Inputs = Mapping[str, Transform]


@dataclass(frozen=True, slots=True)
class Concurrency:
    """At most `limit` at once (or within `window_s`) of those with the same key."""

    limit: int
    key: str | None = None
    window_s: int | None = None


@dataclass(frozen=True, slots=True)
class RawScript:
    content: str
    language: str
    inputs: Inputs
    path: str | None = None
    lock: str | None = None
    tag: str | None = None
    concurrency: Concurrency | None = None
    network: Network = ""


@dataclass(frozen=True, slots=True)
class Script:
    path: str
    inputs: Inputs
    hash: str | None = None  # None: the latest version
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class SubFlow:
    path: str
    inputs: Inputs


@dataclass(frozen=True, slots=True)
class ForLoop:
    modules: tuple[Module, ...]
    iterator: Transform
    parallel: bool = False
    parallelism: Transform | None = None
    skip_failures: bool = False
    squash: bool = False


@dataclass(frozen=True, slots=True)
class WhileLoop:
    modules: tuple[Module, ...]
    skip_failures: bool = False
    squash: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    modules: tuple[Module, ...]
    condition: Javascript | None = None  # of a branchone
    skip_failure: bool = False  # of a branchall


@dataclass(frozen=True, slots=True)
class BranchOne:
    branches: tuple[Branch, ...]
    default: tuple[Module, ...]


@dataclass(frozen=True, slots=True)
class BranchAll:
    branches: tuple[Branch, ...]
    parallel: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    pass


@dataclass(frozen=True, slots=True)
class AiAgent:
    """Kept as it is written; a step of this kind fails when it is run."""

    inputs: Inputs


Kind = (
    RawScript | Script | SubFlow | ForLoop | WhileLoop | BranchOne | BranchAll | Identity | AiAgent
)


@dataclass(frozen=True, slots=True)
class Stop:
    """`stop_after_if` and `stop_after_all_iters_if`. A message makes the stop a failure."""

    condition: Javascript
    skip: bool = False  # the flow counts as skipped
    message: str | None = None
    include_result: bool = False


@dataclass(frozen=True, slots=True)
class Suspend:
    """Who and what must say yes before the next module starts."""

    events: int
    timeout_s: float = SUSPEND_S_DEFAULT
    groups: Transform | None = None
    login: bool = False  # only people who are logged in
    others: bool = False  # not the person who started the flow
    go_on: bool = False  # after a no, or after the time


@dataclass(frozen=True, slots=True)
class Retry:
    policy: RetryPolicy
    condition: Javascript | None = None


@dataclass(frozen=True, slots=True)
class Mock:
    value: Json = None


@dataclass(frozen=True, slots=True)
class Module:
    id: str
    at: str
    kind: Kind
    summary: str | None = None
    stop_after: Stop | None = None
    stop_after_all: Stop | None = None
    skip_if: Javascript | None = None
    sleep: Transform | None = None
    suspend: Suspend | None = None
    retry: Retry | None = None
    continue_on_error: bool = False
    timeout: Transform | None = None
    cache_s: int | None = None
    mock: Mock | None = None  # only when it is enabled
    priority: int | None = None
    delete_after_s: int | None = None  # 0: when the root flow ends


@dataclass(frozen=True, slots=True)
class Debounce:
    delay_s: int
    key: str | None = None
    accumulate: tuple[str, ...] = ()
    total_s_max: int | None = None
    count_max: int | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    document: Mapping[str, Json]  # the truth, and what is stored
    modules: tuple[Module, ...]
    failure: Module | None = None
    preprocessor: Module | None = None
    same_worker: bool = False
    skip_if: Javascript | None = None
    env: Mapping[str, Json] | None = None  # None: that of the flow around it
    early_return: str | None = None
    cache_s: int | None = None
    priority: int | None = None
    concurrency: Concurrency | None = None
    debounce: Debounce | None = None
    preserve_step_tags: bool = False
    ids: frozenset[str] = field(default=frozenset())  # of all modules at all depths
