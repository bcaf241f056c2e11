"""Flows that have ended start again in the middle, and end as they should."""

from __future__ import annotations

from collections import deque

from tests.flows._judge import faults_of
from tests.flows._play import Played, Player
from tests.flows.corpus.restarts import RESTARTS, Restart
from windmill_lite.engine.flows.restart import Again, restart
from windmill_lite.model.flow import RestartAt
from windmill_lite.model.job import RunOptions


async def test_a_flow_that_starts_again_ends_as_it_should(player: Player) -> None:
    await player.hire(1)
    faults = []
    for each in RESTARTS:
        first = await player.begin(each.first)
        await player.to_the_end([first])
        faults += await faults_of(player, first, alone=False)
        second = await _again(player, each, first)
        await player.to_the_end([second])
        faults += await faults_of(player, second, alone=True)
    assert not faults, "\n".join(faults)


async def _again(player: Player, each: Restart, first: Played) -> Played:
    """Its steps remember what the first run did."""
    places = tuple(RestartAt(step, body) for step, body in each.places)
    id = await restart(
        player.world, player.scope, Again(first.id, places, args=each.args), RunOptions()
    )
    player.played[id] = Played(id, each.second, deque(), earlier=first.earlier)
    return player.played[id]
