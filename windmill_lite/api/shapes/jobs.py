"""Jobs: what is asked of them, and what is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, RootModel

from windmill_lite.api.params import Line, Text
from windmill_lite.api.shapes import Body, Reply
from windmill_lite.api.shapes.retry import Retry
from windmill_lite.engine.flows.restart import Again
from windmill_lite.model.flow import RestartAt
from windmill_lite.model.job import FlowPreview as Flow
from windmill_lite.model.job import Preview as Code
from windmill_lite.model.limits import PATH_CHARS_MAX
from windmill_lite.model.target import network


class Args(RootModel[dict[str, Any]]):
    """The arguments of a job, by the names of `main`'s parameters."""


class Preview(Body):
    """Code to run without deploying it."""

    content: str
    language: Line
    args: dict[str, Any] = Field(default_factory=dict)
    path: Text | None = Field(default=None, max_length=PATH_CHARS_MAX)
    lock: Text | None = None
    tag: Line | None = None
    network: str | list[str] | None = None  # as a deployed script asks for it

    def as_code(self) -> Code:
        return Code(
            content=self.content,
            language=self.language,
            path=self.path or None,
            lock=self.lock,
            tag=self.tag or None,
            network=network(self.network),
        )


class Inline(Body):
    args: dict[str, Any] = Field(default_factory=dict)


class Progress(Body):
    """How far a job is. The page of a flow reads it from the step: `flow_job_id` is not needed."""

    percent: int


class RestartedFrom(Body):
    flow_job_id: UUID
    step_id: Line
    branch_or_iteration_n: int | None = Field(default=None, ge=0)
    flow_version: int | None = None


class FlowPreview(Body):
    """A flow to run without deploying it; `value` is OpenFlow."""

    value: dict[str, Any]
    args: dict[str, Any] = Field(default_factory=dict)
    path: Text | None = Field(default=None, max_length=PATH_CHARS_MAX)
    tag: Line | None = None
    restarted_from: RestartedFrom | None = Field(
        default=None, description="a run whose results are taken up to a step of it"
    )

    def as_flow(self) -> Flow:
        return Flow(self.value, self.path or None, self.tag or None)

    def as_again(self, origin: RestartedFrom) -> Again:
        """Without arguments those of that run."""
        place = RestartAt(origin.step_id, origin.branch_or_iteration_n)
        args = self.args if "args" in self.model_fields_set else None
        version, flow = origin.flow_version, self.as_flow()
        return Again(origin.flow_job_id, (place,), args, version=version, edited=flow)


class RawScript(Body):
    raw_code: str
    language: Line
    script_path: Text | None = Field(default=None, max_length=PATH_CHARS_MAX)


class Dependencies(Body):
    """Code whose lock is asked for. The last two are not there yet, and have to be empty."""

    raw_scripts: list[RawScript] = Field(min_length=1, max_length=1)
    entrypoint: Text | None = Field(default=None, description="not used")
    raw_workspace_dependencies: dict[str, Any] | None = Field(default=None, max_length=0)
    temp_script_refs: dict[str, Any] | None = Field(default=None, max_length=0)

    def as_code(self) -> Code:
        script = self.raw_scripts[0]
        return Code(script.raw_code, script.language, script.script_path or None)


class FlowDependencies(Body):
    """A flow of whose steps locks are asked for, where they have none. The last two are not there
    yet, and have to be empty.
    """

    flow_value: dict[str, Any]
    path: Text | None = Field(default=None, max_length=PATH_CHARS_MAX)
    raw_workspace_dependencies: dict[str, Any] | None = Field(default=None, max_length=0)
    temp_script_refs: dict[str, Any] | None = Field(default=None, max_length=0)

    def as_flow(self) -> Flow:
        return Flow(self.flow_value, self.path or None)


class Cancel(Body):
    reason: Text | None = None


class JobIds(RootModel[list[UUID]]):
    """Jobs by id."""

    root: list[UUID] = Field(max_length=1_000)


class Job(Reply):
    """A job, queued or completed; `running` is told of the queued, `success` of the completed."""

    type: Literal["QueuedJob", "CompletedJob"]
    id: UUID
    workspace_id: str
    parent_job: UUID | None = None
    root_job: UUID | None = None
    created_by: str
    created_at: datetime
    started_at: datetime | None = None
    scheduled_for: datetime | None = None
    completed_at: datetime | None = None
    last_ping: datetime | None = None
    duration_ms: int | None = None
    script_path: str | None = None
    script_hash: str | None = None
    args: dict[str, Any] | None = None
    logs: str | None = None
    raw_code: str | None = None
    running: bool | None = None
    success: bool | None = None
    result: Any = None
    canceled: bool
    canceled_by: str | None = None
    canceled_reason: str | None = None
    is_skipped: bool | None = None
    deleted: bool | None = None
    suspend: int | None = None
    job_kind: str
    schedule_path: str | None = None
    permissioned_as: str
    is_flow_step: bool
    flow_step_id: str | None = None
    flow_status: dict[str, Any] | None = Field(default=None, description="of a flow")
    raw_flow: dict[str, Any] | None = Field(default=None, description="the definition of a flow")
    language: str | None = None
    email: str
    visible_to_owner: bool
    mem_peak: int | None = Field(default=None, description="kB")
    cpu_ms: int | None = Field(default=None, description="processor time of its processes")
    tag: str
    priority: int | None = None
    timeout: int | None = Field(default=None, description="seconds")
    labels: list[str] | None = None
    trigger_kind: str | None = None
    worker: str | None = None
    sandbox: str | None = None
    attempt: int | None = Field(default=None, description="starts so far, when more than one")
    retries: int | None = Field(default=None, description="failures that were tried again")
    retry: Retry | None = None
    on_worker_loss: Literal["fail"] | None = Field(
        default=None, description="it is started at most once"
    )
    concurrency_key: str | None = None
    preprocessed: bool | None = Field(
        default=None, description="the arguments are what a preprocessor made of the request"
    )
    from_cache: bool | None = Field(default=None, description="it did not run itself")
    cached_from: UUID | None = Field(default=None, description="the job whose result it is")
    blocked: bool | None = Field(default=None, description="it waits for its concurrency key")


class Attempt(Reply):
    """One start of a job, and how it ended."""

    number: int = Field(description="that of an attempt handed back is given again")
    worker: str | None = None
    started_at: datetime | None = Field(
        default=None, description="absent: its worker never heard of it"
    )
    ended_at: datetime | None = None
    ended: (
        Literal["lost", "failed", "handed_back", "success", "failure", "canceled", "skipped"] | None
    ) = Field(
        default=None,
        description="absent while it runs; `failed`: to be tried again; "
        "the last one of a completed job ends with the job's outcome",
    )
    reason: str | None = None


class JobUpdate(Reply):
    """What is new since the offsets of the question."""

    running: bool | None = None
    completed: bool | None = None
    new_logs: str | None = None
    log_offset: int | None = None
    new_result_stream: str | None = Field(default=None, description="of the streamed result")
    stream_offset: int | None = None
    mem_peak: int | None = None
    progress: int | None = None
    flow_status: dict[str, Any] | None = Field(default=None, description="of a flow")


class JobEvent(JobUpdate):
    """One `data:` line of a stream; `update` tells what changed, with the job when it completed."""

    type: Literal["update", "error", "notfound", "timeout", "ping"]
    error: str | None = None
    job: Job | None = None
    only_result: Any = None


class MaybeResult(Reply):
    """Always all four members."""

    started: bool | None
    completed: bool
    success: bool | None
    result: Any


class Timing(Reply):
    created_at: datetime
    started_at: datetime | None = None
    duration_ms: int | None = None


class QueueCount(Reply):
    database_length: int
    suspended: int | None = None


class TagCount(Reply):
    tag: str
    count: int


class KeyCount(Reply):
    concurrency_key: str
    total_running: int


class Position(Reply):
    position: int | None = None


class WorkerGroup(Reply):
    name: str
    config: dict[str, Any]


class WorkerLanguage(Reply):
    name: str
    runs: bool
    version: str = Field(description="of its toolchain; empty until that is installed")
    note: str = Field(description="what happens first, or why it does not run and what to do")


class Worker(Reply):
    worker: str
    worker_instance: str
    worker_group: str
    ip: str
    started_at: datetime
    last_ping: int = Field(description="seconds ago")
    alive: bool = Field(description="heard of within a lease; else its jobs go to others")
    jobs_executed: int
    custom_tags: list[str]
    wm_version: str
    memory_usage: int | None = Field(default=None, description="bytes")
    job_isolation: str
    slots: int
    languages: list[WorkerLanguage]
