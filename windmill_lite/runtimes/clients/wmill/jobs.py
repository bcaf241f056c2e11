"""Runs: starting them, waiting for them, asking about them."""

from __future__ import annotations

import datetime as dt
import os
import random
import sys
import time
from typing import Any, Literal

from .client import current, within  # noqa: TID252

JobStatus = Literal["RUNNING", "WAITING", "COMPLETED"]
Timeout = dt.timedelta | int | float | None
_PAUSE_S_MIN, _PAUSE_S_MAX = 0.05, 0.5
#: What may follow by position, in the order of the published package.
_WAITING = ("verbose", "cleanup", "assert_result_is_not_none", "tag")
_SYNC = ("verbose", "assert_result_is_not_none", "cleanup", "timeout", "tag")


def run_script_async(
    hash_or_path: str,
    args: dict[str, Any] | None = None,
    scheduled_in_secs: int | None = None,
    tag: str | None = None,
) -> str:
    """Starts a script, by path or by hash; the job's id."""
    if "/" in hash_or_path:
        return run_script_by_path_async(hash_or_path, args, scheduled_in_secs, tag)
    return run_script_by_hash_async(hash_or_path, args, scheduled_in_secs, tag)


def run_script_by_path_async(
    path: str,
    args: dict[str, Any] | None = None,
    scheduled_in_secs: int | None = None,
    tag: str | None = None,
    *,
    retry: dict[str, Any] | None = None,
) -> str:
    asked = {"scheduled_in_secs": scheduled_in_secs, "tag": tag, "retry": retry}
    return _start(f"jobs/run/p/{path}", args, asked | _family())


def run_script_by_hash_async(
    hash_: str,
    args: dict[str, Any] | None = None,
    scheduled_in_secs: int | None = None,
    tag: str | None = None,
    *,
    retry: dict[str, Any] | None = None,
) -> str:
    asked = {"scheduled_in_secs": scheduled_in_secs, "tag": tag, "retry": retry}
    return _start(f"jobs/run/h/{hash_}", args, asked | _family())


def run_flow_async(
    path: str,
    args: dict[str, Any] | None = None,
    scheduled_in_secs: int | None = None,
    do_not_track_in_parent: bool = True,  # noqa: FBT001, FBT002
    *,
    tag: str | None = None,
) -> str:
    """Starts a flow; the job's id. Unless tracked, it goes on when this job is canceled."""
    asked: dict[str, Any] = {"scheduled_in_secs": scheduled_in_secs, "tag": tag}
    family = {} if do_not_track_in_parent else _family()
    return _start(f"jobs/run/f/{path}", args, asked | family)


def run_script(
    path: str | None = None,
    hash_: str | None = None,
    args: dict[str, Any] | None = None,
    timeout: Timeout = None,
    *more: Any,
    **named: Any,
) -> Any:
    """Starts a script and waits for its result. See `wait_job`; `more` are `_WAITING`, in order.

    As a function it wants a result, as a method of a client it takes None, too.
    """
    assert not (path and hash_), "path and hash_ are mutually exclusive"
    if not (path or hash_):
        raise Exception("path or hash_ must be provided")  # noqa: TRY002
    asked = {"assert_result_is_not_none": True, **dict(zip(_WAITING, more, strict=False)), **named}
    tag = asked.pop("tag", None)
    if path:
        return wait_job(run_script_by_path_async(path, args, tag=tag), timeout, **asked)
    return wait_job(run_script_by_hash_async(str(hash_), args, tag=tag), timeout, **asked)


def run_script_by_path(
    path: str,
    args: dict[str, Any] | None = None,
    timeout: Timeout = None,
    *more: Any,
    **named: Any,
) -> Any:
    return run_script(path, None, args, timeout, *more, **named)


def run_script_by_hash(
    hash_: str,
    args: dict[str, Any] | None = None,
    timeout: Timeout = None,
    *more: Any,
    **named: Any,
) -> Any:
    return run_script(None, hash_, args, timeout, *more, **named)


def run_script_sync(hash: str, args: dict[str, Any] | None = None, *more: Any, **named: Any) -> Any:
    return run_script(None, hash, args, **dict(zip(_SYNC, more, strict=False)), **named)


def run_script_by_path_sync(
    path: str, args: dict[str, Any] | None = None, *more: Any, **named: Any
) -> Any:
    return run_script(path, None, args, **dict(zip(_SYNC, more, strict=False)), **named)


def run_inline_script_preview(
    content: str, language: str, args: dict[str, Any] | None = None
) -> Any:
    """The result of code that is not deployed."""
    body = {"content": content, "language": language, "args": args or {}}
    return current().post(within("jobs/run_wait_result/preview"), json=body).json()


def wait_job(job_id: str, timeout: Timeout = None, *more: Any, **named: Any) -> Any:
    """The result of a job, once it has ended; Exception with the error in words when it failed.

    A job that takes longer than `timeout` (seconds), or that nobody waits for any more, is
    canceled; with `cleanup` False the latter is not. `assert_result_is_not_none`: None is an error.
    """
    asked = {"cleanup": True, **dict(zip(_WAITING, more, strict=False)), **named}
    seconds = timeout.total_seconds() if isinstance(timeout, dt.timedelta) else timeout
    until = time.monotonic() + seconds if seconds else None
    try:
        told = _ended(job_id, until, verbose=bool(asked.get("verbose")))
    except (KeyboardInterrupt, SystemExit):
        if asked["cleanup"]:
            cancel_job(job_id, "parent script canceled")
        raise
    if not told["success"]:
        raise Exception(  # noqa: TRY002
            f"Job {job_id} was not successful: {told['result']['error']}"
        )
    if told["result"] is None and asked.get("assert_result_is_not_none"):
        raise Exception("Result was none")  # noqa: TRY002
    return told["result"]


def _ended(job_id: str, until: float | None, *, verbose: bool) -> dict[str, Any]:
    pause_s = _PAUSE_S_MIN
    while not (told := _maybe(job_id))["completed"]:
        if until is not None and time.monotonic() > until:
            cancel_job(job_id, "reached timeout")
            raise TimeoutError("reached timeout")
        if verbose:
            state = "running" if told["started"] else "waiting"
            sys.stdout.write(f"job {job_id} is {state}\n")
        time.sleep(pause_s)
        pause_s = min(_PAUSE_S_MAX, pause_s * 1.5)
    return told


def get_job(job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = current().get(within(f"jobs_u/get/{job_id}")).json()
    return found


def get_job_status(job_id: str) -> JobStatus:
    job = get_job(job_id)
    if job["type"] == "CompletedJob":
        return "COMPLETED"
    return "RUNNING" if job.get("running") else "WAITING"


def get_result(job_id: str, assert_result_is_not_none: bool = True) -> Any:  # noqa: ARG001, FBT001, FBT002
    """Of a job that has ended; HTTPStatusError (404) before. None is a result, whatever is asked:
    so it is in the published package.
    """
    return current().get(within(f"jobs_u/completed/get_result/{job_id}")).json()


def get_root_job_id(job_id: str | None = None) -> str:
    """Of the flow that a job belongs to; its own when it belongs to none."""
    asked = job_id or own_job()
    return str(current().get(within(f"jobs_u/get_root_job_id/{asked}")).json())


def cancel_job(job_id: str, reason: str | None = None) -> str:
    body = {"reason": reason or "canceled via cancel_job method"}
    return current().post(within(f"jobs_u/queue/cancel/{job_id}"), json=body).text


def cancel_running() -> dict[str, str]:
    """Cancels the other runs of this script; the answer of each."""
    asked = {"running": True, "script_path_exact": os.environ.get("WM_JOB_PATH", "")}
    jobs = current().get(within("jobs/list"), params=asked).json()
    others = [job["id"] for job in jobs if job["id"] != own_job()]
    return {each: cancel_job(each, "killed by `cancel_running` method") for each in others}


def get_resume_urls(approver: str | None = None, flow_level: bool | None = None) -> dict[str, str]:  # noqa: FBT001
    """Addresses that resume or cancel the flow that waits after this step."""
    nonce = random.SystemRandom().randrange(1 << 32)
    asked = {"approver": approver or "", "flow_level": flow_level}
    found: dict[str, str]
    found = current().get(within(f"jobs/resume_urls/{own_job()}/{nonce}"), params=asked).json()
    return found


def set_progress(value: int, job_id: str | None = None) -> None:
    """How far a job is, in percent."""
    asked = job_id or own_job()
    flow = get_job(asked).get("parent_job") if job_id else os.environ.get("WM_FLOW_JOB_ID")
    body = {"percent": value, "flow_job_id": flow or None}
    current().post(within(f"job_metrics/set_progress/{asked}"), json=body)


def get_progress(job_id: str | None = None) -> int | None:
    told: int | None = (
        current().get(within(f"job_metrics/get_progress/{job_id or own_job()}")).json()
    )
    return told


def worker_is_draining(job_id: str | None = None) -> bool:
    """Whether the worker of a job waits for it only to stop: then it may end early."""
    asked = job_id or own_job()
    return bool(current().get(within(f"jobs/worker_is_draining/{asked}")).json())


def own_job() -> str:
    return os.environ.get("WM_JOB_ID", "")


def _start(endpoint: str, args: dict[str, Any] | None, asked: dict[str, Any]) -> str:
    return current().post(within(endpoint), json=args or {}, params=asked).text


def _family() -> dict[str, str]:
    """Who asks: a run belongs to the run that starts it, and ends with it."""
    told = {
        "parent_job": os.environ.get("WM_JOB_ID"),
        "root_job": os.environ.get("WM_ROOT_FLOW_JOB_ID"),
    }
    return {name: value for name, value in told.items() if value}


def _maybe(job_id: str) -> dict[str, Any]:
    asked = {"get_started": True}
    endpoint = within(f"jobs_u/completed/get_result_maybe/{job_id}")
    found: dict[str, Any] = current().get(endpoint, params=asked).json()
    return found
