"""Folders that steps share: what is in them, how much, and how long."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.core.flow._build import flow, leaf
from tests.worker._shop import Shop
from tests.worker.conftest import Office
from tests.worker.test_flows import push_flow
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.worker.folders import FolderKeeper, Folders, site_of


def test_a_data_directory_has_one_name_for_ever(tmp_path: Path) -> None:
    assert site_of(tmp_path) == site_of(tmp_path)
    assert len(site_of(tmp_path)) == 12
    assert [file.name for file in tmp_path.iterdir()] == ["site"]


async def test_a_folder_that_holds_too_much_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FOLDER_BYTES_MAX", 100)
    folders, id = Folders.at(tmp_path, b"key"), uuid4()
    assert await folders.full(id) == ""
    folder = Path(folders.mount(id).source)
    (folder / "deep").mkdir()
    (folder / "deep" / "file").write_bytes(b"x" * 50)
    assert await folders.full(id) == ""
    (folder / "other").write_bytes(b"x" * 51_000)
    assert "holds more than 100 bytes" in await folders.full(id)


async def test_a_folder_goes_when_its_flow_has_ended(
    world: World, office: Office, tmp_path: Path
) -> None:
    folders = Folders.at(tmp_path, b"key")
    living, gone = await push_flow(world, flow(leaf("a"))), uuid4()
    for id in (living, gone):
        folders.mount(id)
    keeper = FolderKeeper(world, folders)
    assert await keeper.tick() == limits.FOLDER_LOOK_S
    assert folders.flows() == [living]


WRITES = """
from pathlib import Path
def main(word: str):
    with open("shared/words", "a") as file:
        file.write(word)
    return Path("./shared/words").read_text()
"""

KEEPS = """
import wmill
def main(value: str):
    wmill.set_shared_state(value)
    wmill.set_shared_state_pickle(value)
    return wmill.get_shared_state(), wmill.get_shared_state_pickle()
"""


@pytest.mark.asyncio(loop_scope="module")
async def test_steps_find_in_the_folder_what_the_ones_before_have_left(shop: Shop) -> None:
    def step(id: str, language: str, content: str, **inputs: str) -> dict[str, Any]:
        made = leaf(id, **inputs)
        made["value"] |= {"language": language, "content": content}
        return made

    steps = (
        step("a", "python3", WRITES, word="'one '"),
        step("b", "bash", "echo -n two >> ./shared/words"),
        step("c", "python3", WRITES, word="'!'"),
        step("d", "python3", KEEPS, value="results.c"),
    )
    roster, world = shop.crew.roster, shop.office.world
    roster.worker = replace(roster.worker, site="here")
    together = await push_flow(world, flow(*steps, same_worker=True))
    assert (await shop.end(together)).result == ["one two!"] * 2
    apart = await push_flow(world, flow(steps[0]))
    assert (await shop.end(apart)).error["name"] == "FileNotFoundError"
    await world.expressions.stop()
