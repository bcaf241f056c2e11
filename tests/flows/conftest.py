"""A player on a fresh database of either kind."""

from __future__ import annotations

import pytest

from tests.engine.conftest import JumpingClock, admin, cheap_passwords, clock, world  # noqa: F401
from tests.flows._play import Player
from windmill_lite.engine.world import World
from windmill_lite.store.people.scope import Scope


@pytest.fixture
def player(world: World, admin: Scope, clock: JumpingClock) -> Player:  # noqa: F811
    return Player(world, admin, clock)
