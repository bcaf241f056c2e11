"""From an exception to the error of a failed job: name, message, the user's own lines."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType
from typing import Final

_TEXT_MAX: Final = 20_000  # characters of a message or a stack


class MainNotFoundError(Exception):
    """The script does not define what is to be called."""


class ScriptSyntaxError(Exception):
    """The script cannot be compiled; `cause` is the compiler's own error."""

    def __init__(self, cause: SyntaxError | ValueError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def describe(error: BaseException, path: str) -> dict[str, str]:
    """The error object; its stack begins at the first line of the script at `path`."""
    if isinstance(error, ScriptSyntaxError):
        return _syntax(error.cause, path)
    own = _from_script(error.__traceback__, path)
    stack = ""
    if own is not None:
        stack = "".join(traceback.TracebackException(type(error), error, own).format())
    return {
        "name": type(error).__name__,
        "message": _shortened(_message(error)),
        "stack": _shortened(stack),
    }


def exit_code(error: BaseException | None) -> int:
    """What a Python process that ended with this exception would exit with."""
    if error is None:
        return 0
    if isinstance(error, SystemExit):
        return error.code & 0xFF if isinstance(error.code, int) else int(error.code is not None)
    return 1


def _syntax(error: SyntaxError | ValueError, path: str) -> dict[str, str]:
    if not isinstance(error, SyntaxError):  # a NUL or a lone surrogate in the text
        return {"name": "SyntaxError", "message": f"{path}: {error}", "stack": ""}
    where = f"{path}, line {error.lineno}, column {error.offset}"
    stack = "".join(traceback.format_exception_only(type(error), error))
    return {
        "name": type(error).__name__,
        "message": _shortened(f"{error.msg} ({where})"),
        "stack": _shortened(stack),
    }


def _from_script(tb: TracebackType | None, path: str) -> TracebackType | None:
    """Without the frames of this wrapper and of the event loop above the script."""
    while tb is not None and tb.tb_frame.f_code.co_filename != path:
        tb = tb.tb_next
    return tb


def _message(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return _exit_message(error.code)
    try:
        text = str(error)
    except Exception as second:  # noqa: BLE001 - the script's own __str__
        return f"(its message cannot be shown: {type(second).__name__})"
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        if package not in sys.stdlib_module_names:
            return (
                f"{text}: no package that was locked with the script has a module {package}; name "
                f"the one that has, where it is imported: import {package}  # pin: package==1.0"
            )
    return text


def _exit_message(code: object) -> str:
    if code is None or code == 0:
        return "the script ended itself with sys.exit() before main returned a result"
    if isinstance(code, int):
        return f"the script ended itself with exit code {code}"
    return str(code)


def _shortened(text: str) -> str:
    if len(text) <= _TEXT_MAX:
        return text
    half = _TEXT_MAX // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters left out ...]\n{text[-half:]}"
