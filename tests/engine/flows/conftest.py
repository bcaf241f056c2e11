"""A mill for every test of the room."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.engine.conftest import worker_named
from tests.engine.flows._mill import TAGS, Mill, fail
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.expr import evaluators as expr
from windmill_lite.store.people.scope import Scope


@pytest.fixture
async def mill(world: World, admin: Scope) -> AsyncIterator[Mill]:
    worker = replace(worker_named("one", now=world.now()), tags=TAGS)
    await register(world, worker)
    made = expr.Evaluators()
    yield Mill(world, admin, worker, made, {"bad": fail}, [])
    await made.stop()
