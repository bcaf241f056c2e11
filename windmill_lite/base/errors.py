"""The one family of refusals, and the bug.

An *outcome* of a job (the user's code failed, was canceled) is a value and never raised. A
*refusal* below is what a caller did that we will not do: each has a stable `code`, a sentence for a
person that names the thing and the remedy, and how it looks at the two doors (HTTP status, exit
code). A `Bug` is a broken invariant: the one job or request dies loudly, the process lives.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):  # noqa: N818  the words of this family name what happened
    """Base of the family. `message` is one or two sentences for a person."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400  # HTTP
    exit_code: ClassVar[int] = 2  # CLI
    title: ClassVar[str] = "Bad request"  # how Windmill's clients see the text body begin

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return self.message


class Invalid(Refusal):
    """The request has the wrong shape; `field` names the part of it."""

    code = "invalid"


class Unauthenticated(Refusal):
    """No identity, or one that is no longer good."""

    code = "unauthenticated"
    status = 401
    exit_code = 3
    title = "Not authorized"


class Denied(Refusal):
    """Known and visible, but not allowed."""

    code = "denied"
    status = 403
    exit_code = 3
    title = "Permission denied"


class NotFound(Refusal):
    """Not there, or not for you: the two look the same."""

    code = "not_found"
    status = 404
    exit_code = 4
    title = "Not found"


class Conflict(Refusal):
    """It moved or exists already. Windmill's clients expect 400 for duplicates of a create."""

    code = "conflict"
    status = 409
    exit_code = 5
    title = "Conflict"


class AlreadyExists(Conflict):
    """A create that names something that is there: 400, as Windmill answers."""

    code = "already_exists"
    status = 400
    title = "Bad request"


class TooLarge(Refusal):
    """Above a ceiling of `model/limits.py`; the message names the ceiling."""

    code = "too_large"
    status = 413
    title = "Too large"


class Unsupported(Refusal):
    """A body in a format that is not read here."""

    code = "unsupported"
    status = 415
    title = "Unsupported media type"


class Busy(Refusal):
    """Lock, rate or full queue; `retry_after_s` says when another try makes sense."""

    code = "busy"
    status = 429
    exit_code = 6
    title = "Too many requests"

    def __init__(self, message: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(Refusal):
    """The database or a toolchain is missing; trying again later makes sense."""

    code = "unavailable"
    status = 503
    exit_code = 6
    title = "Unavailable"

    def __init__(self, message: str, *, retry_after_s: float = 2.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Bug(Exception):  # noqa: N818  as above
    """A broken invariant. Never caught to be ignored; the message names the invariant."""
