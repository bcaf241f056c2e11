"""What a Python script imports is found, locked and installed."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests._toolchains import built, needs, toolchains
from tests.runtimes.conftest import Scripts
from windmill_lite.base.errors import Invalid, Unavailable
from windmill_lite.core.dependencies.lock import pins
from windmill_lite.runtimes import Call, Kept, Packs, Python, Step, pypi
from windmill_lite.worker.steps import Steps

CODE = """
import six
from dateutil.parser import parse  # pin: python-dateutil==2.9.0


def main(day: str):
    return [six.text_type(parse(day).year), six.__file__.split("/")[-2], parse.__module__]
"""
CALL = Call("job", CODE, "f/ops/hello", '{"day": "2024-02-29"}', {"WM_TOKEN": "secret"})


def steps_of(scripts: Scripts, kept: Kept) -> Steps:
    return Steps(scripts.server, kept)


@needs("uv")
@pytest.mark.timeout(300)
async def test_packages_are_installed_once_and_then_there_without_any_network(
    scripts: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ["2024", ".packages", "dateutil.parser._parser"]
    assert await scripts.result(CODE, day="2024-02-29") == answer
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    scripts.output.clear()
    assert await scripts.result(CODE, day="2024-02-29") == answer
    assert scripts.text == ""
    told = await scripts.error(CODE, day="x")
    assert told["name"] == "ParserError"


@needs("uv")
@pytest.mark.timeout(300)
async def test_a_lock_names_every_package_with_its_version_and_hashes(scripts: Scripts) -> None:
    steps = steps_of(scripts, built())
    ready = await steps.ready(scripts.runtime, CALL, scripts.output.append)
    assert isinstance(ready, Call)
    found = [ready.lock]
    assert found[0].startswith("# py: 3.")
    assert [pin.name for pin in pins(found[0])] == ["python-dateutil", "six"]
    assert re.search(r"^python-dateutil==2\.9\.0 ", found[0], re.MULTILINE)
    assert all("--hash=sha256:" in pin.line for pin in pins(found[0]))


@needs("uv")
@pytest.mark.timeout(300)
async def test_many_jobs_at_once_install_once(scripts: Scripts) -> None:
    nowhere = Kept(built().root / "many")
    runtime = Python(toolchains(), nowhere)
    steps = steps_of(scripts, nowhere)
    logs: list[list[bytes]] = [[] for _ in range(100)]
    call = replace(CALL, lock="six==1.17.0\n")
    try:
        ready = await asyncio.gather(*(steps.ready(runtime, call, log.append) for log in logs))
        assert ready == [call] * 100
        told = [b"".join(log).decode() for log in logs]
        assert told == ["installing six==1.17.0\n"] * 100
        assert len(list(nowhere.root.iterdir())) == 2, "the package, and the set of it alone"
    finally:
        shutil.rmtree(nowhere.root)


@needs("uv")
@pytest.mark.timeout(300)
async def test_a_package_that_is_not_there_is_named(scripts: Scripts) -> None:
    error = await scripts.error("import windmill_lite_no_such_package\n\ndef main(): ...")
    assert error["name"] == "BuildError"
    assert "windmill-lite-no-such-package" in error["message"]


@needs("uv")
@pytest.mark.timeout(300)
async def test_a_file_that_is_not_what_the_lock_says_is_not_installed(scripts: Scripts) -> None:
    call = replace(CALL, lock=f"six==1.17.0 --hash=sha256:{'0' * 64}\n")
    ready = await steps_of(scripts, built()).ready(scripts.runtime, call, scripts.output.append)
    assert not isinstance(ready, Call)
    assert "hash" in ready.error["message"].lower()


@needs("uv")
def test_nothing_of_the_job_is_in_the_cells_that_install() -> None:
    runtime = Python(toolchains(), Kept(Path("/nowhere")))
    steps = (runtime.lock(CALL), runtime.prepare(replace(CALL, lock="six==1.17.0")))
    for step in steps:
        assert isinstance(step, Step)
        assert step.cell is not None
        assert "secret" not in repr(step)
        assert "def main" not in repr(step)
        assert all(mount.read_only for mount in step.cell.mounts)


async def test_scripts_of_the_standard_library_need_nothing(scripts: Scripts) -> None:
    runtime = Python(Packs(Path("/nowhere")), Kept(Path("/nowhere")))
    call = replace(CALL, code="import json\nimport wmill\n")
    assert runtime.needs(call) == ""
    assert runtime.lock(call) == ""
    assert runtime.prepare(call) is None
    assert runtime.command(call).mounts == ()


def test_without_uv_the_remedy_is_told() -> None:
    runtime = Python(Packs(Path("/nowhere/runtimes")), Kept(Path("/nowhere")))
    assert runtime.needs(CALL) == "uv"
    with pytest.raises(Unavailable, match="runtime install uv --data-dir /nowhere"):
        runtime.lock(CALL)


def test_another_python_is_asked_for_in_vain() -> None:
    runtime = Python(toolchains(), built())
    with pytest.raises(Invalid, match=r"asks for Python >=3\.99"):
        runtime.lock(replace(CALL, code="#py: >=3.99\n"))
    assert runtime.lock(replace(CALL, code="#py: >=3.11, <4\n")) == ""


@pytest.mark.parametrize("lock", ["-e .", "x @ file:///etc", "--index-url http://x", "six>=1"])
def test_a_lock_of_anything_but_a_registry_is_refused(lock: str) -> None:
    with pytest.raises(Invalid, match="which is no package==version"):
        Python(toolchains(), built()).prepare(replace(CALL, lock=lock))


@needs("uv")
def test_registries_of_the_machine_are_asked_in_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("UV_INDEX", "company=https://pypi.company.example/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "file:///srv/wheels")
    step = Python(toolchains(), built()).lock(CALL)
    assert isinstance(step, Step)
    assert step.cell is not None
    assert json.loads(step.cell.request)["options"] == [
        *("--index", "https://pypi.company.example/simple/"),
        *("--default-index", "https://pypi.org/simple/"),
    ]


def test_a_set_is_named_by_what_is_in_it() -> None:
    one, other = pins("six==1.17.0\nidna==3.10\n"), pins("idna==3.10 \nsix==1.17.0  # via x\n")
    assert pypi.set_key(one) == pypi.set_key(other)
    assert pypi.set_key(one) != pypi.set_key(pins("six==1.17.0\n"))
