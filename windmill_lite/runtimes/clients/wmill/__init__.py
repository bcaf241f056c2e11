"""The client of the API that every Python script can import: standard library only, no version.

Its functions have the names and meanings of the published package `wmill`, of which it is a part:
what is not here (object storage, tables, workflows as code) is in that one, which a script gets by
naming it: `import wmill  # pin: wmill==1.850.0`.
"""

from __future__ import annotations

from typing import Any

from .client import HTTPStatusError, Response, Windmill  # noqa: TID252
from .jobs import (  # noqa: TID252
    JobStatus,
    cancel_job,
    cancel_running,
    get_job,
    get_job_status,
    get_progress,
    get_result,
    get_resume_urls,
    get_root_job_id,
    run_flow_async,
    run_inline_script_preview,
    run_script,
    run_script_async,
    run_script_by_hash,
    run_script_by_hash_async,
    run_script_by_path,
    run_script_by_path_async,
    run_script_by_path_sync,
    run_script_sync,
    set_progress,
    wait_job,
    worker_is_draining,
)
from .values import (  # noqa: TID252
    append_to_result_stream,
    get_flow_user_state,
    get_resource,
    get_shared_state,
    get_shared_state_pickle,
    get_state,
    get_state_path,
    get_variable,
    get_version,
    get_workspace,
    list_resources,
    parse_resource_syntax,
    parse_variable_syntax,
    set_flow_user_state,
    set_resource,
    set_shared_state,
    set_shared_state_pickle,
    set_state,
    set_variable,
    stream_result,
    username_to_email,
    whoami,
)

#: For annotations of main: a file, and SQL text.
S3Object = dict[str, Any]
Sql = str

__all__ = [  # noqa: RUF022 - what it is for, before what it is made of
    "append_to_result_stream",
    "cancel_job",
    "cancel_running",
    "get_flow_user_state",
    "get_job",
    "get_job_status",
    "get_progress",
    "get_resource",
    "get_result",
    "get_resume_urls",
    "get_root_job_id",
    "get_shared_state",
    "get_shared_state_pickle",
    "get_state",
    "get_state_path",
    "get_variable",
    "get_version",
    "get_workspace",
    "list_resources",
    "parse_resource_syntax",
    "parse_variable_syntax",
    "run_flow_async",
    "run_inline_script_preview",
    "run_script",
    "run_script_async",
    "run_script_by_hash",
    "run_script_by_hash_async",
    "run_script_by_path",
    "run_script_by_path_async",
    "run_script_by_path_sync",
    "run_script_sync",
    "set_flow_user_state",
    "set_progress",
    "set_resource",
    "set_shared_state",
    "set_shared_state_pickle",
    "set_state",
    "set_variable",
    "stream_result",
    "username_to_email",
    "wait_job",
    "whoami",
    "worker_is_draining",
    "HTTPStatusError",
    "JobStatus",
    "Response",
    "S3Object",
    "Sql",
    "Windmill",
]


def __getattr__(name: str) -> Any:
    raise AttributeError(
        f"wmill has no {name} here; the published package may have it: "
        "import wmill  # pin: wmill==1.850.0"
    )
