"""The short form of `python -m tests.bench.queue`."""

from __future__ import annotations

from dataclasses import replace

import pytest
import uvloop

from tests.bench._machine import sized
from tests.bench.queue.measure import QUICK, measure
from tests.bench.queue.place import site
from windmill_lite.store.db.port import Dialect

SIZE = replace(QUICK, jobs=sized(QUICK.jobs, 100), in_earnest=sized(QUICK.in_earnest, 15))

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    "dialect", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def test_the_queue_and_the_floor_below_it(dialect: Dialect) -> None:
    with site(dialect) as here:
        uvloop.run(measure(here, SIZE))
