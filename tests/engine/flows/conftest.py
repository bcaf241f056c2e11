"""A mill for every test of the room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.conftest import worker_named
from tests.engine.flows._mill import TAGS, Mill, fail
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.store.people.scope import Scope


@pytest.fixture
async def mill(world: World, admin: Scope) -> Mill:
    worker = replace(worker_named("one", now=world.now()), tags=TAGS)
    await register(world, worker)
    return Mill(world, admin, worker, {"bad": fail}, [])
