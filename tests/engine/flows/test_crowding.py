"""Many children of one flow end at once: few decisions are made in vain."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import pytest

from tests.core.flow._build import flow, leaf, loop
from tests.engine.flows._mill import TAGS, Mill
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.flows import happen

WIDTH, SLOTS = 60, 16


async def test_a_crowd_decides_one_after_the_other(
    mill: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, decided = 0, happen._decided

    async def counted(*what: Any) -> Any:
        nonlocal made
        made += 1
        return await decided(*what)

    items = f"Array.from({{length: {WIDTH}}}, (_, i) => i)"
    body = leaf("b", v="flow_input.iter.value")
    id = await mill.push(flow(loop("l", body, over=items, parallel=True)), {})
    ask = Ask(mill.worker.id, TAGS, 1)
    (turn,) = await claim(mill.world, ask)
    await mill.work(turn)
    monkeypatch.setattr(happen, "_decided", counted)
    await asyncio.gather(*(_slot(mill, ask) for _ in range(SLOTS)))
    assert (await mill.record(id)).completed
    assert mill.seen == ["b"] * WIDTH
    assert made < 2 * WIDTH


async def _slot(mill: Mill, ask: Ask) -> None:
    while found := deque(await claim(mill.world, ask)):
        while found:
            settled = await mill.work(found.popleft(), ask)
            assert settled.accepted
            found += settled.next
