"""Sets of packages that run often are kept imported, within bounds."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import cast

import pytest

from sandbox import Cell, Exit, ForkServer, Packages, Unfit
from tests.worker._stage import eventually
from windmill_lite.core.dependencies.python import leading
from windmill_lite.model import limits
from windmill_lite.worker.warm import Key, WarmSets

CELL = Cell("1", {}, b"")


@dataclass
class Toy:
    """Stands in for a fork server."""

    packages: Packages
    fails: bool = False
    reason: str = "exited"
    began: bool = False
    ended: bool = False
    pid: int | None = None  # of a process as large as one wants
    until: list[float] = field(default_factory=list)

    async def start(self) -> None:
        if self.fails:
            raise Unfit("no")
        self.began = True

    async def stop(self) -> None:
        self.ended = True

    def trust_until(self, at_s: float) -> None:
        self.until.append(at_s)

    async def run(self, cell: Cell, on_output: Callable[[bytes], None]) -> Exit:
        return Exit(self.reason, "namespaces")  # type: ignore[arg-type]


@dataclass
class Stock:
    """Sets, and the servers that were made for them."""

    most: int = 2
    fails: bool = False
    pid: int | None = None
    made: list[Toy] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sets = WarmSets(self.make, most=self.most)

    def make(self, packages: Packages) -> ForkServer:
        self.made.append(Toy(packages, self.fails, pid=self.pid))
        return cast("ForkServer", self.made[-1])

    async def use(self, name: str) -> bool:
        """A run; whether it was in a warm server."""
        async with self.sets.server(key(name)) as warm:
            if warm is not None:
                await warm.run(CELL, lambda _: None)
            return warm is not None

    async def warmed(self, name: str) -> Toy:
        await self.use(name)
        await self.use(name)

        async def there() -> bool:
            return await self.use(name)

        await eventually(there)
        while self.sets._ending:  # noqa: ASYNC110 - who made room for it
            await asyncio.sleep(0)
        return next(toy for toy in self.made if toy.packages.directory == name and not toy.ended)


def key(name: str, workspace: str = "main") -> Key:
    return workspace, Packages(name, ("x",))


@pytest.fixture
async def stock() -> AsyncIterator[Stock]:
    stock = Stock()
    yield stock
    await stock.sets.close()


async def test_the_second_run_begins_one_and_later_runs_are_in_it(stock: Stock) -> None:
    assert not await stock.use("pandas")
    await asyncio.sleep(0)
    assert stock.made == []
    assert not await stock.use("pandas"), "nobody waits for it"
    toy = await stock.warmed("pandas")
    assert (len(stock.made), toy.began) == (1, True)


async def test_workspaces_do_not_share_one(stock: Stock) -> None:
    await stock.warmed("pandas")
    async with stock.sets.server(key("pandas", "other")) as warm:
        assert warm is None


async def test_the_one_that_was_used_the_longest_ago_makes_room(stock: Stock) -> None:
    first, second = await stock.warmed("a"), await stock.warmed("b")
    assert await stock.use("a")
    await stock.warmed("c")
    assert (first.ended, second.ended) == (False, True)


async def test_one_that_is_busy_does_not_make_room(stock: Stock) -> None:
    first = await stock.warmed("a")
    async with stock.sets.server(key("a")):
        second = await stock.warmed("b")
        await stock.warmed("c")
        assert (first.ended, second.ended) == (False, True)


async def test_one_that_cannot_be_started_is_not_tried_again(stock: Stock) -> None:
    stock.fails = True
    for _ in range(5):
        assert not await stock.use("threads")
        await asyncio.sleep(0)
    assert len(stock.made) == 1
    assert stock.made[0].ended


async def test_one_that_breaks_is_not_used_again(stock: Stock) -> None:
    toy = await stock.warmed("a")
    toy.reason = "broken"
    assert await stock.use("a")
    assert not await stock.use("a")
    await asyncio.sleep(0)
    assert toy.ended


async def test_one_that_nobody_uses_ends(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WARM_IDLE_S", 0.0)
    await stock.use("a")
    await stock.use("a")

    async def ended() -> bool:
        return bool(stock.made) and stock.made[0].ended

    await eventually(ended)


async def test_one_that_is_too_large_is_not_kept(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WARM_BYTES_MAX", 1)
    stock.pid = os.getpid()
    await stock.use("a")
    await stock.use("a")

    async def ended() -> bool:
        return bool(stock.made) and stock.made[0].ended

    await eventually(ended)
    assert not await stock.use("a")


async def test_trust_is_told_to_all_and_to_those_that_come(stock: Stock) -> None:
    stock.sets.trust_until(1.0)
    toy = await stock.warmed("a")
    stock.sets.trust_until(2.0)
    assert toy.until == [1.0, 2.0]


async def test_none_is_kept_where_none_may_be() -> None:
    stock = Stock(most=0)
    for _ in range(4):
        assert not await stock.use("a")
    assert stock.made == []


async def test_all_end_with_the_worker(stock: Stock) -> None:
    toys = [await stock.warmed("a"), await stock.warmed("b")]
    await stock.sets.close()
    assert all(toy.ended for toy in toys)


def test_only_what_a_script_imports_first_is_imported_before_it() -> None:
    code = '"""Doc."""\nimport os\nimport six as s\nfrom dateutil import parser\n'
    more = "import wmill\nfrom f.a.b import c\nimport yaml\n"
    standard = frozenset({"os", "wmill"})
    assert leading(code + more, standard) == ("six", "dateutil", "dateutil.parser")
    assert leading(code + "x = 1\nimport yaml\n", standard) == leading(code, standard)
    assert leading("os.environ['X'] = '1'\nimport numpy\n", standard) == ()
    assert leading("no python", standard) == ()
