"""Python: executes a script's module and calls its main(), in a warm child of the fork server.

Runs inside the cell, with the standard library only. The request and the answer are written down in
runtimes/base.py. A request of another language that uses the warm child goes to its own file.
"""

from __future__ import annotations

import _thread
import asyncio
import atexit
import contextlib
import gc
import inspect
import io
import json
import linecache
import logging
import marshal
import os
import site
import sys
import threading
import time
from binascii import a2b_base64
from collections.abc import AsyncGenerator, Callable, Generator
from types import CodeType, ModuleType
from typing import Any, Final

# Relative: the fork server loads this directory by its path, as a package of its own.
from . import run_bash, run_clients, run_sql, run_standing, run_uv  # noqa: TID252
from .run_arguments import bind  # noqa: TID252
from .run_failures import MainNotFoundError, ScriptSyntaxError, describe, exit_code  # noqa: TID252
from .run_results import encode  # noqa: TID252

#: The name of a script's module: not "__main__", so that its `if __name__ == ...` sleeps.
MODULE: Final = "script"
_SUCCESS: Final = b"+"
_FAILURE: Final = b"-"
_DATABASES: Final = ("postgresql", "mysql", "sqlite", "duckdb")
#: The interpreter makes code that has run so often faster, in place: once, and not in every child.
_REHEARSALS: Final = 64
#: What `os.environ` knows by.
_ENVIRONMENT: Final[dict[bytes, bytes]] = os.environ._data  # type: ignore[attr-defined]  # noqa: SLF001
_ZONE: Final = b"UTC"  # of nearly all scripts, whose file is read once
_READ: Final = json.JSONDecoder().raw_decode
#: Results that nothing has to be awaited or asked for.
_SETTLED: Final = frozenset((dict, list, str, int, float, bool, type(None)))


def provide() -> None:
    """Once in the fork server, while the files beside this one can be read."""
    run_clients.provide()


def warm() -> None:
    """Once in the fork server: do what every script would have to do for the first time."""
    os.environb[b"TZ"] = _ZONE
    time.tzset()
    site.setquit()
    site.sethelper()
    pose()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for code in ("def main(x: int): return x", "def main(x: 'int', *more): return x"):
        order = {"code": code, "path": "", "entry": "main", "args": {"x": 1}}
        for _ in range(_REHEARSALS):
            run(json.dumps(order).encode(), nowhere)
    os.close(nowhere)
    del sys.modules[MODULE], linecache.cache[""]


def pose() -> None:
    """Look as a Python that was started for the script does."""
    sys.modules["__main__"] = ModuleType("__main__")
    sys.argv = [MODULE]
    _make_streams()


def run(request: bytes, result_fd: int) -> None:
    """Answer one request; never raises for what the script does."""
    born_as = os.getpid()
    _settle_in()
    order: dict[str, Any] = _READ(request.decode("utf-8", "surrogatepass"))[0]
    del request
    if order.get("language") == "bash":
        succeeded, told = run_bash.answer(order)
        _write(result_fd, (_SUCCESS if succeeded else _FAILURE) + told.encode())
        return
    if order.get("language") in _DATABASES:
        succeeded, told = run_sql.answer(order)
        _flush()
        _write(result_fd, (_SUCCESS if succeeded else _FAILURE) + told.encode())
        return
    if order.get("language") == "uv":
        os._exit(run_uv.answer(order, result_fd))
    if order.get("compiling"):
        _answer_compiled(order, result_fd)
        return
    if "packages" in order:
        sys.path.append(f"{os.environ['PWD']}/{order['packages']}")
    if order.get("standing"):
        _stand(order, result_fd)
        return
    failure: BaseException | None = None
    try:
        answer = _SUCCESS + encode(_call(order))
    except BaseException as error:  # noqa: BLE001 - whatever ends a script is its outcome
        failure = error
        answer = _FAILURE + encode(describe(error, order["path"]))
    if os.getpid() != born_as:
        # A child the script forked came back here: it is not the one that answers.
        _flush()
        os._exit(exit_code(failure))
    _leave()
    _write(result_fd, answer)


def _write(fd: int, answer: bytes) -> None:
    try:
        view = memoryview(answer)
        while view:
            view = view[os.write(fd, view) :]
    except OSError as error:  # the script closed what was not its own
        os.write(2, f"the result cannot be written to descriptor {fd}: {error}\n".encode())
        os._exit(1)


def _stand(order: dict[str, Any], result_fd: int) -> None:
    """Answers many times; what the script does asynchronously shares one event loop."""
    with asyncio.Runner() as runner:
        script = run_standing.Script(
            path=order["path"],
            load=lambda: _load(order["code"], order["path"], order["entry"]),
            call=lambda function, args: _called(function, args, runner.run),
            flush=_flush,
            result_bytes_max=order["result_bytes_max"],
        )
        run_standing.serve(result_fd, script)
    _leave()


def _call(order: dict[str, Any]) -> object:
    compiled = order.get("compiled", "")
    function = _load(order["code"], order["path"], order["entry"], compiled=compiled)
    return _called(function, order["args"], asyncio.run)


def _called(
    function: Callable[..., object], args: dict[str, Any], complete: Callable[[Any], object]
) -> object:
    positional, named = bind(function, args)
    result = function(*positional, **named)
    if type(result) in _SETTLED:
        return result
    if inspect.iscoroutine(result):
        result = complete(result)
    elif inspect.isawaitable(result):
        result = complete(_await(result))
    if inspect.isgenerator(result):
        return _tell_all(result)
    if inspect.isasyncgen(result):
        return complete(_tell_all_of(result))
    return result


def _tell_all(pieces: Generator[object, Any, object]) -> object:
    """Streams what a generator yields; what it returns is left."""
    while True:
        try:
            _tell(next(pieces))
        except StopIteration as end:
            return end.value


async def _tell_all_of(pieces: AsyncGenerator[object, Any]) -> None:
    async for piece in pieces:
        _tell(piece)


def _tell(piece: object) -> None:
    """One line of the stream, wherever the script has sent its own output."""
    text = piece if isinstance(piece, str) else encode(piece).decode()
    _flush()
    line = f"WM_STREAM: {text}".replace("\n", "\\n")
    _write(1, f"{line}\n".encode("utf-8", "replace"))


async def _await(awaitable: Any) -> object:
    return await awaitable


def _answer_compiled(order: dict[str, Any], result_fd: int) -> None:
    """Bytecode; a text that has none says why when it is run."""
    try:
        compiled = marshal.dumps(_compiled(order["code"], order["path"]))
    except Exception:  # noqa: BLE001 - the parser has many
        os._exit(1)
    _flush()
    _write(result_fd, _SUCCESS + compiled)


def _compiled(code: str, path: str) -> CodeType:
    return compile(code, path, "exec", dont_inherit=True)


def _loaded(compiled: str) -> CodeType:
    """Made of the same text, by a cell that ran nothing."""
    code: CodeType = marshal.loads(a2b_base64(compiled))  # noqa: S302 - see above
    return code


def _load(code: str, path: str, entry: str, *, compiled: str = "") -> Callable[..., object]:
    """The function; `compiled` is the code once more."""
    # Before compiling, so that even a syntax error shows its line.
    linecache.cache[path] = (len(code), None, code.splitlines(keepends=True), path)
    try:
        body = _loaded(compiled) if compiled else _compiled(code, path)
    except (SyntaxError, ValueError) as error:
        raise ScriptSyntaxError(error) from error
    module = ModuleType(MODULE)
    module.__file__ = path
    if "/" in path:  # `from .near import x`: scripts that are imported lie below, by their paths
        module.__package__ = path.rpartition("/")[0].replace("/", ".")
    sys.modules[MODULE] = module
    exec(body, module.__dict__)  # noqa: S102 - running the script is what we are for
    function = module.__dict__.get(entry)
    if not callable(function):
        raise MainNotFoundError(f"{path} has no function named {entry}")
    return function  # type: ignore[no-any-return]


def _settle_in() -> None:
    """Undo what a fork shares and should not: collector, randomness, time zone."""
    gc.enable()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
    if _ENVIRONMENT.get(b"TZ") != _ZONE:
        time.tzset()


def _make_streams() -> None:
    """Standard output and error of every cell, made while 1 and 2 are what they are there: pipes,
    in which nobody can seek.
    """
    read_end, write_end = os.pipe()
    kept = {fd: os.dup(fd) for fd in (1, 2)}
    for fd in kept:
        os.dup2(write_end, fd)
    sys.stdout = sys.__stdout__ = _stream(1)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2)  # type: ignore[misc]
    for fd, own in kept.items():
        os.dup2(own, fd)
    for fd in (read_end, write_end, *kept.values()):
        os.close(fd)


def _stream(fd: int) -> io.TextIOWrapper:
    """By the line, so that the two keep their order; whatever is printed can be written."""
    raw = io.BufferedWriter(io.FileIO(fd, "w", closefd=False))
    return io.TextIOWrapper(raw, "utf-8", errors="backslashreplace", line_buffering=True)


def _leave() -> None:
    """What the interpreter would do at its end: wait for threads, exit functions, flush. Where the
    script has made none of these there is nothing to do, and looking for it costs ninety pages.
    """
    if _thread._count():  # noqa: SLF001 - as multiprocessing does
        with contextlib.suppress(BaseException):
            threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - the same
    # One of each is there from the beginning: of `logging`, for when nothing else is set up.
    if atexit._ncallbacks() > 1 or len(logging._handlerList) > 1:  # type: ignore[attr-defined]  # noqa: SLF001
        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()  # noqa: SLF001 - the same
    _flush()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105 - `suppress` is nine pages
            stream.flush()
        except BaseException:  # noqa: BLE001, S110 - the script may have closed or replaced it
            pass
