"""Arguments count by their bytes, as they are stored."""

from __future__ import annotations

import pytest

from windmill_lite.base.errors import TooLarge
from windmill_lite.engine import push
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Preview, RunOptions
from windmill_lite.store.people.scope import Scope


async def test_arguments_above_the_cap_are_refused_whatever_their_letters(
    world: World, admin: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ARGS_BYTES_MAX", 100)

    async def run(text: str) -> None:
        preview = Preview("def main(): pass", "python3")
        await push.run_preview(world, admin, preview, args={"a": text}, options=RunOptions())

    await run("x" * 92)
    await run("😀" * 23)
    for too_much in ("x" * 93, "😀" * 24):
        with pytest.raises(TooLarge, match="arguments are larger than 100 bytes"):
            await run(too_much)
