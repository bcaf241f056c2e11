"""Reads a query string into a model. Unknown parameters are ignored, empty ones count as absent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from windmill_lite.base.clock import to_us
from windmill_lite.base.errors import Invalid
from windmill_lite.model.limits import LINE_CHARS_MAX, PAGE_SIZE_DEFAULT
from windmill_lite.model.page import Page

M = TypeVar("M", bound=BaseModel)

_PAGE_MAX = 1_000_000_000


def no_nul(text: str) -> str:
    """What both databases can hold: Postgres has no NUL in its text."""
    if "\0" in text:
        raise ValueError("holds a NUL character")
    return text


Text = Annotated[str, AfterValidator(no_nul)]
Line = Annotated[str, StringConstraints(max_length=LINE_CHARS_MAX), AfterValidator(no_nul)]


class Query(BaseModel):
    """Base of every query model. `headers` are those that are read besides, with what they mean."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    headers: ClassVar[Mapping[str, str]] = {}


def _clamped(number: int) -> int:
    return max(0, min(number, _PAGE_MAX))


class Paged(Query):
    """1-based; 0 is read as 1. Out of bounds is clamped, not refused."""

    page: Annotated[int, AfterValidator(_clamped)] = 1
    per_page: Annotated[int, AfterValidator(_clamped)] = Field(default=PAGE_SIZE_DEFAULT)

    def as_page(self) -> Page:
        return Page(self.page, self.per_page)


def microseconds(moment: datetime | None) -> int | None:
    """A moment without a zone is UTC."""
    if moment is None:
        return None
    return to_us(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))


def uuid_of(text: str, name: str) -> UUID:
    """Fails: `Invalid`, naming the parameter."""
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(f"{name}: {text[:80]!r} is not a UUID", field=name) from None


def whole_of(text: str, name: str) -> int:
    """A number that counts something. Fails: `Invalid`, naming the parameter."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Invalid(f"{name}: {text[:80]!r} is not a whole number", field=name)
    return int(text)


def read_query(model: type[M], request: web.Request) -> M:
    """Of a repeated parameter the first counts. Fails: `Invalid`, naming the parameter."""
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if value:
            given.setdefault(name, value)
    return validated(model, given)


def validated(model: type[M], value: Any) -> M:
    """Fails: `Invalid`, with the first thing that is wrong and where it is."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise Invalid(f"{place}: {first['msg']}", field=place) from None
