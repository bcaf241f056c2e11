"""The child that evaluates expressions: it reads a request, answers, and reads the next.

Started with a stream socket whose number it is told. A message is four bytes, big-endian, that say
how many bytes of JSON follow; `evaluator.js` says what is in it. Before the first request the child
gives up every system call but those of a process that only computes (`sandbox/policies/pure.py`),
and says so: `{"ready": true, "why": ""}`; `why` tells what of that the machine does not offer.

Each request has an engine of its own, with limits of processor time, memory and stack. What runs
too long in native code, or ends the child, is the parent's to see.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from typing import Any, NoReturn

import _quickjs  # type: ignore[import-not-found]  # the package around it would start a thread

from sandbox.kernel.syscalls import die_with_parent, prefer_for_oom_kill
from sandbox.policies.pure import only_compute
from windmill_lite.base.frozen import resource_path

_HEAD_BYTES = 4
_STACK_BYTES = 512 * 1024
_FIRST_TO_GO = 900  # before the server, when the machine runs out of memory
_JOBS_MAX = 10_000  # turns of promises; an expression that asks for more never ends


def main(control_fd: int, config_json: str) -> NoReturn:
    """Evaluate until the socket closes, and end without whatever else ends a process: what the
    executable does at its exit needs calls that this one no longer has.

    `config_json` holds "cpu_s" and "engine_bytes" for each expression, and "memory_bytes" for this
    process.
    """
    config = json.loads(config_json)
    control = socket.socket(fileno=control_fd)
    control.set_inheritable(False)
    control.setblocking(True)  # noqa: FBT003
    die_with_parent(signal.SIGKILL)
    prefer_for_oom_kill(_FIRST_TO_GO)
    boot = resource_path("windmill_lite/expr/evaluator.js").read_text(encoding="utf-8")
    _answer(
        config, boot, '{"mode":"check","sources":["1"]}'
    )  # all that is loaded late is loaded now
    fd = control.fileno()
    os.closerange(3, fd)
    os.closerange(fd + 1, 1 << 16)
    why = only_compute(config["memory_bytes"])
    _write(fd, json.dumps({"ready": True, "why": why}))
    while (request := _read(fd)) is not None:
        _write(fd, _answer(config, boot, request))
    os._exit(0)


def _answer(config: dict[str, Any], boot: str, request: str) -> str:
    context = _quickjs.Context()
    context.set_memory_limit(config["engine_bytes"])
    context.set_max_stack_size(_STACK_BYTES)
    context.set_time_limit(config["cpu_s"])
    began = time.process_time()
    try:
        text = context.eval(boot)(request)
        for _ in range(_JOBS_MAX):
            if text and isinstance(text, str):
                return text
            pending = context.execute_pending_job()
            text = context.get("wm_settled")
            if not pending and not text:
                return _failed("Error", "a promise that nothing settles")
        return _failed("TimeoutError", f"more than {_JOBS_MAX} turns of promises")
    except (_quickjs.JSException, MemoryError) as error:
        if time.process_time() - began >= config["cpu_s"]:
            return _failed("TimeoutError", f"ran longer than {config['cpu_s']:g} s")
        return _failed("InternalError", str(error)[:2000])


def _failed(name: str, message: str) -> str:
    error = {"name": name, "message": message, "line": None, "column": None}
    return json.dumps({"error": error})


def _read(fd: int) -> str | None:
    """None: the parent is gone."""
    head = _exactly(fd, _HEAD_BYTES)
    if head is None:
        return None
    body = _exactly(fd, int.from_bytes(head, "big"))
    return None if body is None else body.decode("utf-8")


def _exactly(fd: int, size: int) -> bytes | None:
    parts = []
    while size > 0:
        part = os.read(fd, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _write(fd: int, text: str) -> None:
    body = text.encode("utf-8", "surrogatepass")
    rest = memoryview(len(body).to_bytes(_HEAD_BYTES, "big") + body)
    while rest:
        rest = rest[os.write(fd, rest) :]
