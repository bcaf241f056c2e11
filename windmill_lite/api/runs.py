"""What a caller may say about a run besides its arguments: the reserved query parameters."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from windmill_lite.api import args
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Query, Text, microseconds
from windmill_lite.api.shapes.retry import RetryText
from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid
from windmill_lite.engine.push import Event
from windmill_lite.model.identity import TokenKind
from windmill_lite.model.job import RunOptions
from windmill_lite.model.limits import (
    CACHE_TTL_S_MAX,
    IDEMPOTENCY_KEY_CHARS_MAX,
    PRIORITY_MAX,
    QUEUE_DELAY_S_MAX,
)

#: What asked for the run, as the runs page shows it.
_TRIGGERS: Mapping[TokenKind, str | None] = {
    TokenKind.SESSION: "ui",
    TokenKind.USER: "webhook",
    TokenKind.JOB: None,
}


IDEMPOTENCY_KEY = "Idempotency-Key"


def trigger_of(call: Call) -> str | None:
    return _TRIGGERS[call.login.kind]


def _idempotency_key(call: Call) -> str | None:
    key = call.request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return None
    if not 0 < len(key) <= IDEMPOTENCY_KEY_CHARS_MAX or not key.isprintable():
        raise Invalid(
            f"{IDEMPOTENCY_KEY} must be 1 to {IDEMPOTENCY_KEY_CHARS_MAX} printable characters",
            field=IDEMPOTENCY_KEY,
        )
    return key


def _refused(_value: str) -> str:
    raise ValueError("is not supported here")


class Keyed(Query):
    """Of whatever makes a job, and can say nothing else about it."""

    headers: ClassVar[Mapping[str, str]] = {
        IDEMPOTENCY_KEY: "for a day, the same key of the same caller is the same job"
    }

    def options(self, call: Call) -> RunOptions:
        return RunOptions(trigger_kind=trigger_of(call), idempotency_key=_idempotency_key(call))


class RunQuery(Keyed):
    """`suspended_mode` would change what a run means, so it is refused, not ignored."""

    job_id: UUID | None = None
    scheduled_for: datetime | None = None
    scheduled_in_s: Annotated[
        Annotated[int, Field(ge=0, le=QUEUE_DELAY_S_MAX)] | None, Field(alias="scheduled_in_secs")
    ] = None
    tag: Line | None = None
    timeout: int | None = None
    parent_job: UUID | None = None
    root_job: UUID | None = None
    invisible_to_owner: bool = False
    queue_limit: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    raw: bool = False
    wrap_body: bool = False
    include_header: Text | None = None
    include_query: Text | None = None
    retry: RetryText | None = None
    priority: Annotated[int, Field(ge=0, le=PRIORITY_MAX)] | None = None
    cache_ttl: Annotated[int, Field(ge=0, le=CACHE_TTL_S_MAX)] | None = None
    on_worker_loss: Literal["fail"] | None = None  # whatever its script says
    skip_preprocessor: bool = False  # the body is the arguments, and no event
    suspended_mode: Annotated[str, AfterValidator(_refused)] | None = None

    def asked(self) -> args.ArgsOptions:
        return args.ArgsOptions(
            raw=self.raw,
            wrap_body=self.wrap_body,
            include_header=self.include_header,
            include_query=self.include_query,
        )

    async def args(self, call: Call) -> dict[str, Json]:
        """The arguments in the request's body, headers and query."""
        return await args.read_args(call.request, self.asked())

    def event(self, call: Call) -> Event | None:
        """For a preprocessor, if there is one: the request as it came."""
        return None if self.skip_preprocessor else partial(args.read_event, call.request)

    def options(self, call: Call) -> RunOptions:
        due = microseconds(self.scheduled_for)
        if due is None and self.scheduled_in_s is not None:
            due = call.world.now() + self.scheduled_in_s * 1_000_000
        return RunOptions(
            job_id=self.job_id,
            scheduled_for=due,
            tag=self.tag,
            timeout_s=self.timeout,
            parent_id=self.parent_job,
            root_id=self.root_job,
            visible_to_owner=not self.invisible_to_owner,
            priority=self.priority,
            cache_ttl_s=self.cache_ttl,
            retry=self.retry.as_policy() if self.retry is not None else None,
            trigger_kind=trigger_of(call),
            queue_limit=self.queue_limit,
            at_most_once=self.on_worker_loss == "fail",
            idempotency_key=_idempotency_key(call),
        )


class PayloadQuery(RunQuery):
    """Of a GET that runs: the arguments are in `payload`, JSON in base64."""

    payload: Text | None = None

    async def args(self, call: Call) -> dict[str, Json]:
        found = args.args_of_payload(self.payload) if self.payload else {}
        return found | await super().args(call)


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that is still to be pushed. `push(options=...)` does it; its answer is the id."""

    push: Callable[..., Coroutine[Any, Any, UUID]]
    options: RunOptions

    def pushing(self) -> Coroutine[Any, Any, UUID]:
        return self.push(options=self.options)


async def asked(call: Call, run: Callable[..., Coroutine[Any, Any, UUID]], *what: object) -> Asked:
    """A run of what `run` finds by `what`, with the arguments and options of the request."""
    query = call.query(RunQuery)
    given, event = await query.args(call), query.event(call)
    pushing = partial(run, call.world, call.scope, *what, args=given, event=event)
    return Asked(pushing, query.options(call))
