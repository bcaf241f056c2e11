"""A player on a fresh database of either kind."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.engine.conftest import JumpingClock, admin, cheap_passwords, clock, world  # noqa: F401
from tests.flows._play import Player
from windmill_lite.engine.world import World
from windmill_lite.expr.evaluators import Evaluators
from windmill_lite.store.people.scope import Scope


@pytest.fixture
async def player(world: World, admin: Scope, clock: JumpingClock) -> AsyncIterator[Player]:  # noqa: F811
    evaluators = Evaluators()
    await evaluators.start()
    yield Player(world, admin, clock, evaluators)
    await evaluators.stop()
