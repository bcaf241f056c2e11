"""A retry policy as callers write it: Windmill's shape."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, Json, model_validator

from windmill_lite.api.shapes import Body
from windmill_lite.model import retry
from windmill_lite.model.limits import (
    RETRY_ATTEMPTS_MAX,
    RETRY_MULTIPLIER_MAX,
    RETRY_PAUSE_S_MAX,
)
from windmill_lite.model.retry import RetryPolicy

Attempts = Annotated[int, Field(ge=0, le=RETRY_ATTEMPTS_MAX)]
Seconds = Annotated[int, Field(ge=0, le=RETRY_PAUSE_S_MAX)]


class Constant(Body):
    attempts: Attempts = 0
    seconds: Seconds = 0


class Exponential(Body):
    """The n-th try of all comes `multiplier * seconds ** n` seconds after the failure before it."""

    attempts: Attempts = 0
    multiplier: Annotated[int, Field(ge=0, le=RETRY_MULTIPLIER_MAX)] = 1
    seconds: Seconds = 0
    random_factor: Annotated[int, Field(ge=0, le=100)] | None = Field(
        default=None, description="percent"
    )

    @model_validator(mode="after")
    def _grows(self) -> Exponential:
        if self.attempts and not self.seconds:
            raise ValueError("exponential.seconds must be at least 1")
        return self


class Retry(Body):
    """`retry_if` would need expressions, which are not evaluated yet: it is refused."""

    constant: Constant | None = None
    exponential: Exponential | None = None
    retry_if: Any = None

    @model_validator(mode="after")
    def _known(self) -> Retry:
        if self.retry_if is not None:
            raise ValueError("retry_if is not supported here")
        return self

    def as_policy(self) -> RetryPolicy | None:
        """None when it asks for no retries."""
        constant, exponential = self.constant, self.exponential
        policy = RetryPolicy(
            retry.Constant(constant.attempts, constant.seconds)
            if constant is not None and constant.attempts
            else None,
            retry.Exponential(
                exponential.attempts,
                exponential.multiplier,
                exponential.seconds,
                exponential.random_factor or 0,
            )
            if exponential is not None and exponential.attempts
            else None,
        )
        return policy if policy.attempts else None


RetryText = Annotated[Json[Retry], Field(description="JSON of a retry policy")]
