"""When a failed job is tried again."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windmill_lite.core.jobs.retry import pause_us, read, written
from windmill_lite.model.limits import RETRY_PAUSE_S_MAX
from windmill_lite.model.retry import Constant, Exponential, RetryPolicy

JOB = UUID(int=7)
SECOND = 1_000_000
LONGEST = RETRY_PAUSE_S_MAX * SECOND

constants = st.builds(Constant, st.integers(1, 50), st.integers(0, RETRY_PAUSE_S_MAX))
exponentials = st.builds(
    Exponential,
    st.integers(1, 1000),
    st.integers(0, 1_000_000),
    st.integers(1, RETRY_PAUSE_S_MAX),
    st.integers(0, 100),
)
policies = st.builds(RetryPolicy, st.none() | constants, st.none() | exponentials)


def pauses(policy: RetryPolicy, job_id: UUID = JOB) -> list[int | None]:
    return [pause_us(policy, number, job_id) for number in range(1, policy.attempts + 2)]


@pytest.mark.parametrize(
    ("policy", "seconds"),
    [
        (RetryPolicy(Constant(2, 5)), [5, 5]),
        (RetryPolicy(Constant(1, 0)), [0]),
        (RetryPolicy(None, Exponential(3, 2, 3, 0)), [6, 18, 54]),
        (RetryPolicy(Constant(1, 7), Exponential(2, 1, 2, 0)), [7, 4, 8]),
        (RetryPolicy(None, Exponential(2, 1, 21_600, 0)), [21_600, 21_600]),
        (RetryPolicy(), []),
    ],
)
def test_constant_tries_come_first_and_exponential_ones_grow(
    policy: RetryPolicy, seconds: list[int]
) -> None:
    assert pauses(policy) == [*(s * SECOND for s in seconds), None]


@given(policies, st.integers(1, 1100))
def test_a_pause_is_bounded_and_only_there_while_tries_are_left(
    policy: RetryPolicy, number: int
) -> None:
    pause = pause_us(policy, number, JOB)
    assert (pause is None) == (number > policy.attempts)
    assert pause is None or 0 <= pause <= LONGEST


@given(exponentials, st.uuids())
def test_jitter_stays_within_its_share_and_is_the_same_each_time(
    exponential: Exponential, job_id: UUID
) -> None:
    pause = pause_us(RetryPolicy(None, exponential), 1, job_id)
    assert pause == pause_us(RetryPolicy(None, exponential), 1, job_id)
    plain = min(exponential.multiplier * exponential.seconds * SECOND, LONGEST)
    spread = plain * exponential.random_factor // 100
    assert pause is not None
    assert min(plain - spread, LONGEST) <= pause <= min(plain + spread, LONGEST)


def test_jobs_that_fail_together_do_not_come_back_together() -> None:
    policy = RetryPolicy(None, Exponential(1, 1, 100, 50))
    assert len({pause_us(policy, 1, uuid4()) for _ in range(50)}) > 40


@given(policies)
def test_a_policy_is_read_as_it_was_written(policy: RetryPolicy) -> None:
    assert read(written(policy)) == policy
