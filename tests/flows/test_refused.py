"""A document that is wrong is refused when it is saved, and the refusal names the place."""

from __future__ import annotations

import pytest

from tests.flows._play import Player
from tests.flows._words import flow, put, sub
from tests.flows.corpus.refused import REFUSED
from windmill_lite.base.errors import Invalid, Refusal, TooLarge
from windmill_lite.engine.flows import deploy
from windmill_lite.model import limits
from windmill_lite.model.flow import NewFlow

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])


async def test_what_is_wrong_is_refused_with_its_place(player: Player) -> None:
    faults = []
    for number, (document, place, words) in enumerate(REFUSED):
        try:
            await deploy.create(player.world, player.scope, NewFlow(f"f/bad/c{number}", document))
            faults.append(f"{place}: was taken: {str(document)[:200]}")
        except Refusal as refusal:
            told = str(refusal)
            at = getattr(refusal, "field", None) or ""
            if place not in told or words not in told or not at.startswith(place.split("[")[0]):
                faults.append(f"{place}: {words!r} is not in: {at}: {told[:300]}")
    assert not faults, "\n".join(faults)


async def test_a_flow_that_would_run_itself_is_refused_with_the_place(player: Player) -> None:
    for path, other in (("f/c/one", "f/c/two"), ("f/c/two", "f/c/three")):
        await deploy.create(player.world, player.scope, NewFlow(path, flow(sub("s", other))))
    with pytest.raises(Invalid, match=r"modules\[0\].value.path: flow f/c/three would run itself"):
        await deploy.create(
            player.world, player.scope, NewFlow("f/c/three", flow(sub("s", "f/c/one")))
        )


async def test_a_definition_has_a_size(player: Player) -> None:
    large = flow(put("a", "x" * limits.FLOW_BYTES_MAX))
    with pytest.raises(TooLarge):
        await deploy.create(player.world, player.scope, NewFlow("f/c/large", large))
