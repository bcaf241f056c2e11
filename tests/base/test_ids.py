"""Identifiers keep their promises."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from windmill_lite.base.ids import content_hash, dated_id, derived_id, new_id

MOMENTS = st.integers(min_value=0, max_value=2**47 * 1000)


@given(MOMENTS, MOMENTS)
def test_ids_are_ordered_like_the_microseconds_they_were_made_in(first: int, second: int) -> None:
    if first < second:
        assert new_id(first) < new_id(second)
    assert new_id(first) != new_id(first)


@given(MOMENTS)
def test_an_id_is_a_uuid_of_version_7(moment: int) -> None:
    made = new_id(moment)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == moment // 1000


@given(MOMENTS, MOMENTS)
def test_a_dated_id_is_the_same_every_time_and_takes_its_place_in_time(
    first: int, second: int
) -> None:
    assert dated_id(first, "a") == dated_id(first, "a") != dated_id(first, "b")
    assert dated_id(first, "a").version == 7
    if first < second:
        assert dated_id(first, "a") < new_id(second)
        assert new_id(first) < dated_id(second, "a")


def test_a_derived_id_is_the_same_every_time_and_differs_by_name() -> None:
    parent = UUID(int=1)
    assert derived_id(parent, "a/0/1") == derived_id(parent, "a/0/1")
    assert derived_id(parent, "a/0/1") != derived_id(parent, "a/0/2")


def test_a_content_hash_does_not_confuse_where_one_part_ends() -> None:
    assert content_hash("ab", "c") != content_hash("a", "bc")
    assert len(content_hash("x")) == 16
    assert int(content_hash("x"), 16) < 2**63
