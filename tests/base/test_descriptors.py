"""A process may have many connections, though its system began with few."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from windmill_lite.base import descriptors


@pytest.fixture
def hard() -> Iterator[int]:
    """The limit that stays; the other one is put back after the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_limit_is_raised_as_far_as_asked(hard: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    assert descriptors.allow(300) == 300
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (300, hard)


def test_the_limit_is_raised_no_further_than_the_system_allows(hard: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    assert descriptors.allow(hard + 1) == hard


def test_a_limit_that_is_higher_already_stays(hard: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (400, hard))
    assert descriptors.allow(300) == 400
