"""Every flow of the corpus ends as it should, on both databases, with one worker and with four.

One after the other with one worker, so that the order of steps and all pauses are certain; and all
at once with four.
"""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.flows._judge import faults_of
from tests.flows._play import Player
from tests.flows.corpus import CASES, SECTIONS, callees


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: each.__name__.rpartition(".")[2])
async def test_each_flow_ends_as_it_should(player: Player, section: ModuleType) -> None:
    await player.hire(1)
    if section is callees:
        await player.stock()
    faults = []
    for case in section.CASES:
        run = await player.begin(case)
        await player.to_the_end([run])
        faults += await faults_of(player, run, alone=True)
    assert not faults, "\n".join(faults)


async def test_all_flows_at_once_end_as_they_should_with_four_workers(player: Player) -> None:
    await player.hire(4)
    await player.stock()
    runs = [await player.begin(case) for case in CASES]
    await player.to_the_end(runs)
    faults = [words for run in runs for words in await faults_of(player, run, alone=False)]
    assert not faults, "\n".join(faults)
