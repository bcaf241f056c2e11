"""A job whose toolchain is not on the machine: told what to do, or served by one installation."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests._toolchains import built, needs
from tests.runtimes.packs._registry import pack, serving, tar
from tests.worker._shop import Shop
from tests.worker.conftest import ADA
from windmill_lite.engine import cancel
from windmill_lite.model.job import Outcome
from windmill_lite.runtimes import Packs, TypeScript
from windmill_lite.worker.toolchains import Toolchains

MODULE = pytest.mark.asyncio(loop_scope="module")


class Toy(TypeScript):
    """A language that needs the toy pack."""

    pack = "tool"  # type: ignore[misc]


@pytest.fixture
def packs(tmp_path: Path) -> Packs:
    return Packs(tmp_path / "data" / "runtimes", {"tool": pack(tar())})


async def test_what_is_missing_is_told_with_its_remedy(packs: Packs) -> None:
    toolchains = Toolchains(packs, may_install=False)
    problem = await toolchains.ready("tool", lambda _: None)
    assert f"windmill-lite runtime install tool --data-dir {packs.root.parent}" in problem


async def test_all_who_wait_are_served_by_one_installation_and_read_of_it(
    packs: Packs, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs: list[list[bytes]] = [[] for _ in range(5)]
    with serving() as shelf:
        shelf.npm(tar())
        monkeypatch.setenv("npm_config_registry", f"{shelf.url}/npm")
        toolchains = Toolchains(packs, may_install=True)
        says: list[Callable[[bytes], None]] = [log.append for log in logs]
        problems = await asyncio.gather(*(toolchains.ready("tool", say) for say in says))
        assert problems == [""] * 5
        assert shelf.asked.count("/npm/files/tool.tgz") == 1
    text = b"".join(logs[0]).decode()
    assert text.startswith("fetching @toys/tool 1.2.3 from 127.0.0.1")
    assert logs == [logs[0]] * 5


async def test_an_installation_that_fails_is_told_and_tried_again_by_the_next(
    packs: Packs, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolchains = Toolchains(packs, may_install=True)
    with serving() as shelf:
        monkeypatch.setenv("npm_config_registry", f"{shelf.url}/npm")
        problem = await toolchains.ready("tool", lambda _: None)
        assert "the runtime tool cannot be installed" in problem
        assert "answers 404" in problem
        shelf.npm(tar())
        assert await toolchains.ready("tool", lambda _: None) == ""


async def test_who_stops_waiting_does_not_stop_the_others(
    packs: Packs, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as shelf:
        shelf.npm(tar())
        monkeypatch.setenv("npm_config_registry", f"{shelf.url}/npm")
        toolchains = Toolchains(packs, may_install=True)
        first = asyncio.create_task(toolchains.ready("tool", lambda _: None))
        second = asyncio.create_task(toolchains.ready("tool", lambda _: None))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await second == ""


async def test_a_language_is_described_as_it_is_and_anew_when_its_pack_has_come(
    packs: Packs, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = Toy("toy", packs, built())
    strict, willing = (Toolchains(packs, may_install=may) for may in (False, True))
    changes: list[str] = []
    willing.changed = lambda: changes.append(willing.language(toy).version)
    assert not strict.language(toy).runs
    assert "runtime install" in strict.language(toy).note
    before = willing.language(toy)
    assert (before.runs, before.note) == (True, "the first job installs tool (1 MB)")
    with serving() as shelf:
        shelf.npm(tar())
        monkeypatch.setenv("npm_config_registry", f"{shelf.url}/npm")
        for _ in range(2):
            assert await willing.ready("tool", lambda _: None) == ""
    assert changes == ["bun 1.2.3"]


async def test_a_place_that_jobs_cannot_enter_is_named(packs: Packs) -> None:
    directory = packs.root / "tool" / "1.2.3" / "bin"
    directory.mkdir(parents=True)
    (directory / "tool").touch()
    packs.root.parent.chmod(0o700)
    toolchains = Toolchains(packs, may_install=False)
    assert await toolchains.ready("tool", lambda _: None) == ""
    toolchains.apart = True
    problem = await toolchains.ready("tool", lambda _: None)
    assert f"chmod o+x {packs.root.parent}" in problem
    assert replace(packs).find("tool") is not None


@needs("bun")
@MODULE
@pytest.mark.parametrize("language", ["bun", "nativets", pytest.param("deno", marks=needs("deno"))])
async def test_a_typescript_job_runs_like_any_other(shop: Shop, language: str) -> None:
    if os.geteuid() == 0 and shop.crew.runner.level != "namespaces":  # type: ignore[attr-defined]
        pytest.skip("the packs of the tests cannot be entered by other users")
    code = "export async function main() { console.log('here'); return process.env.WM_JOB_ID }"
    ended = await shop.run(code, language=language)
    assert ended.result == str(ended.record.id)
    assert ended.log == "here\n"


@needs("bun")
@MODULE
async def test_a_deno_script_says_that_bun_runs_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = Packs.find
    monkeypatch.setattr(
        Packs, "find", lambda packs, name: None if name == "deno" else find(packs, name)
    )
    ended = await shop.run("export function main() { return 1 }", language="deno")
    assert ended.result == 1
    assert ended.log.startswith("this deno script is run by bun 1.")
    assert "runtime install deno" in ended.log


@needs("bun")
@MODULE
async def test_a_typescript_job_can_be_canceled(shop: Shop) -> None:
    job_id = await shop.start(
        "export function main() { console.log('up'); while (true) {} }", language="bun"
    )
    await shop.office.has_logged(job_id, "up")
    assert await cancel.cancel(shop.office.world, ADA, job_id, reason="enough", force=False)
    assert (await shop.end(job_id)).record.outcome is Outcome.CANCELED
