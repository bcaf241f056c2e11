"""A lease: of many one holds it, for a term; what it is worth when clocks misbehave."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from tests.engine.conftest import JumpingClock
from windmill_lite.engine import lease
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.store.db.sqlfile import parse

ANN, BEN = UUID(int=1), UUID(int=2)
SECOND = 1_000_000

Q = parse(
    """
-- name: shift
update lease set expires_at = expires_at + :by
-- name: row
select holder, term, expires_at from lease where name = 'x'
""",
    "here",
)


async def pass_s(world: World, clock: JumpingClock, seconds: float) -> None:
    """Time passes, for the process and in the database."""
    clock.jump(seconds)
    if not world.solo:  # its clock is its own: what it wrote becomes older instead
        by = -int(seconds * SECOND)
        await world.db.write(lambda tx: tx.run(Q["shift"], by=by))


async def test_a_free_lease_is_taken_once_however_many_try(world: World) -> None:
    holders = [UUID(int=number) for number in range(1, 21)]
    taken = await asyncio.gather(*(lease.acquire(world, "x", holder) for holder in holders))
    (held,) = [each for each in taken if each is not None]
    assert held.term == 1
    stranger = UUID(int=99)
    assert 0 < await lease.free_in_s(world, "x", stranger) <= limits.LEASE_S


async def test_an_expired_lease_is_taken_once_with_the_next_term(
    world: World, clock: JumpingClock
) -> None:
    await lease.acquire(world, "x", ANN)
    await pass_s(world, clock, limits.LEASE_S)
    assert await lease.free_in_s(world, "x", BEN) == 0
    holders = [UUID(int=number) for number in range(2, 22)]
    taken = await asyncio.gather(*(lease.acquire(world, "x", holder) for holder in holders))
    assert [each.term for each in taken if each is not None] == [2]


async def test_a_lease_lasts_as_long_as_it_is_renewed(world: World, clock: JumpingClock) -> None:
    held = await lease.acquire(world, "x", ANN)
    for _ in range(5):
        assert held is not None
        await pass_s(world, clock, limits.LEASE_RENEW_S)
        held = await lease.renew(world, held)
        assert await lease.acquire(world, "x", BEN) is None
    assert held is not None
    assert held.term == 1
    assert held.trusted_until_s == clock.monotonic_s() + limits.LEASE_TRUST_S


async def test_one_who_was_frozen_for_too_long_cannot_renew(
    world: World, clock: JumpingClock
) -> None:
    frozen = await lease.acquire(world, "x", ANN)
    assert frozen is not None
    await pass_s(world, clock, limits.LEASE_S + 1)
    assert frozen.trusted_until_s < clock.monotonic_s(), "it knows by itself"
    assert await lease.acquire(world, "x", BEN) is not None
    assert await lease.renew(world, frozen) is None
    await lease.resign(world, frozen)
    assert await lease.free_in_s(world, "x", ANN) > 0, "what is another's is not resigned"


async def test_a_lease_that_expired_and_that_nobody_took_is_renewed(
    world: World, clock: JumpingClock
) -> None:
    held = await lease.acquire(world, "x", ANN)
    assert held is not None
    await pass_s(world, clock, limits.LEASE_S + 1)
    assert await lease.renew(world, held) is not None
    assert await lease.acquire(world, "x", BEN) is None


async def test_one_who_resigns_is_followed_at_once(world: World) -> None:
    held = await lease.acquire(world, "x", ANN)
    assert held is not None
    with world.db.bell.listen(lease.RING) as ear:
        await lease.resign(world, held)
        assert await ear.wait(5)
    following = await lease.acquire(world, "x", BEN)
    assert following is not None
    assert following.term == 2


async def test_trust_ends_before_the_lease_does() -> None:
    assert limits.LEASE_RENEW_S < limits.LEASE_TRUST_S < limits.LEASE_S


async def test_a_clock_that_is_set_back_blocks_a_lease_for_nobody(
    world: World, clock: JumpingClock
) -> None:
    await lease.acquire(world, "x", ANN)
    await pass_s(world, clock, -3600)
    assert await lease.free_in_s(world, "x", BEN) == 0
    assert await lease.acquire(world, "x", BEN) is not None


async def test_one_who_lost_the_answer_takes_what_is_its_own(world: World) -> None:
    first = await lease.acquire(world, "x", ANN)
    assert await lease.free_in_s(world, "x", ANN) == 0
    again = await lease.acquire(world, "x", ANN)
    assert first is not None
    assert again is not None
    assert (first.term, again.term) == (1, 2)
    assert await lease.renew(world, first) is None


async def test_names_do_not_meet(world: World) -> None:
    assert await lease.acquire(world, "x", ANN) is not None
    assert await lease.acquire(world, "y", BEN) is not None


@pytest.mark.parametrize("dialect", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_the_clocks_of_nodes_do_not_matter(world: World, clock: JumpingClock) -> None:
    clock.jump(-10 * 365 * 24 * 3600)
    assert await lease.acquire(world, "x", ANN) is not None
    clock.jump(20 * 365 * 24 * 3600)
    assert await lease.acquire(world, "x", BEN) is None
