"""Packages that have no wheel are built from their source, each in a cell of its own."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

import pytest

from tests._toolchains import built, needs, toolchains
from tests.runtimes.conftest import Scripts
from tests.runtimes.packs._registry import Shelf, serving, tar
from windmill_lite.core.dependencies.lock import pins
from windmill_lite.runtimes import Call, Failure, Kept, Python, pypi
from windmill_lite.runtimes.wrappers import run_uv
from windmill_lite.worker.steps import Steps

#: Builds itself, without any requirement; what it does while it is built comes before.
BACKEND = """
import sys, zipfile

def get_requires_for_build_wheel(config_settings=None):
    return []

def prepare_metadata_for_build_wheel(place, config_settings=None):
    import os
    os.makedirs(f"{place}/toy-1.0.dist-info")
    open(f"{place}/toy-1.0.dist-info/METADATA", "w").write(METADATA)
    open(f"{place}/toy-1.0.dist-info/WHEEL", "w").write(WHEEL)
    return "toy-1.0.dist-info"

METADATA = "Metadata-Version: 2.1\\nName: toy\\nVersion: 1.0\\n"
WHEEL = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"

def build_wheel(place, config_settings=None, metadata_directory=None):
    meanwhile()
    with zipfile.ZipFile(f"{place}/toy-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("toy.py", f"built_by = {sys.version_info[:2]}")
        wheel.writestr("toy-1.0.dist-info/METADATA", METADATA)
        wheel.writestr("toy-1.0.dist-info/WHEEL", WHEEL)
        wheel.writestr("toy-1.0.dist-info/RECORD", "toy.py,,\\n")
    return "toy-1.0-py3-none-any.whl"

def meanwhile():
"""
CODE = """
# /// script
# dependencies = ["toy"]
# ///
import toy

def main():
    return [toy.__name__, toy.built_by]
"""
CALL = Call("job", CODE, "f/ops/hello", "{}", {})


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with serving() as found:
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{found.url}/simple")
        yield found


@dataclass
class Builder:
    """Prepares scripts with packages in a place that is empty at first."""

    scripts: Scripts
    kept: Kept

    async def ready(self, call: Call = CALL) -> Call | Failure:
        steps = Steps(self.scripts.server, self.kept)
        runtime = Python(toolchains(), self.kept)
        return await steps.ready(runtime, call, self.scripts.output.append)


@pytest.fixture
def builder(scripts: Scripts) -> Iterator[Builder]:
    place = built().root / "sources"
    yield Builder(scripts, Kept(place))
    shutil.rmtree(place, ignore_errors=True)


def offer(shelf: Shelf, meanwhile: str = "pass") -> None:
    """A source of toy 1.0, and nothing else."""
    project = '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n'
    project += '[project]\nname = "toy"\nversion = "1.0"\n'
    info = "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n"
    backend = BACKEND + "".join(f"    {row}\n" for row in dedent(meanwhile).strip().splitlines())
    told = {"pyproject.toml": project, "PKG-INFO": info, "b.py": backend}
    archive = tar({f"toy-1.0/{name}": (text.encode(), 0o644) for name, text in told.items()})
    shelf.put("/files/toy-1.0.tar.gz", archive)
    page = {"meta": {"api-version": "1.0"}, "name": "toy"}
    file = {"filename": "toy-1.0.tar.gz", "url": "/files/toy-1.0.tar.gz", "hashes": {}}
    told_page = json.dumps(page | {"files": [file]}).encode()
    shelf.put("/simple/toy/", told_page, "application/vnd.pypi.simple.v1+json")


@needs("uv")
@pytest.mark.timeout(120)
async def test_it_is_built_once_locked_by_the_hash_of_its_source_and_kept(
    builder: Builder, shelf: Shelf
) -> None:
    offer(shelf)
    ready = await builder.ready()
    assert isinstance(ready, Call), ready
    assert re.fullmatch(r"toy==1\.0 --hash=sha256:\w{64}", pins(ready.lock)[0].line)
    told = builder.scripts.text
    assert "toy has no wheel for Python 3" in told
    assert "building toy==1.0\n" in told
    assert "Built toy==1.0" in told
    builder.scripts.output.clear()
    asked = len(shelf.asked)
    assert await builder.ready(ready) == ready
    assert (builder.scripts.text, len(shelf.asked)) == ("", asked)


@needs("uv")
@pytest.mark.timeout(120)
async def test_what_its_code_leaves_beside_it_is_kept_for_nobody(
    builder: Builder, shelf: Shelf
) -> None:
    pin = pins("six==1.17.0\n")[0]
    other = pypi.part_key(pin)
    offer(
        shelf,
        f"""
        import os
        os.makedirs(os.environ["PWD"] + "/kept/{other}")
        open(os.environ["PWD"] + "/kept/{other}/six.py", "w").write("stolen = True")
        """,
    )
    ready = await builder.ready()
    assert isinstance(ready, Call), ready
    toy = pypi.part_key(pins(ready.lock)[0])
    there = {entry.name for entry in builder.kept.root.iterdir()}
    assert {toy, pypi.source_key(toy)} < there
    assert other not in there
    cell = Python(toolchains(), builder.kept).command(ready)
    end = await builder.scripts.server.run(cell, builder.scripts.output.append)
    assert end.result == f'+["toy",[{",".join(map(str, sys.version_info[:2]))}]]'.encode()


@needs("uv")
@pytest.mark.timeout(120)
async def test_a_build_without_a_compiler_names_it_and_the_package(
    builder: Builder, shelf: Shelf
) -> None:
    offer(shelf, 'raise FileNotFoundError(2, "No such file or directory", "gcc")')
    ready = await builder.ready()
    assert isinstance(ready, Failure)
    last = ready.error["message"].splitlines()[-1]
    assert last.startswith("toy==1.0 has no wheel for Python 3.")
    assert "cannot be built without gcc, which is not on this machine: install it" in last


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("error: command 'x86_64-linux-gnu-gcc' failed: No such file", "without x86_64-linux-gnu-"),
        ("error: [Errno 2] No such file or directory: 'cc'", "without cc, which is not"),
        ("Could not find cmake executable", "told above"),
        ("error: can't find Rust compiler; `cargo` not found", "without cargo"),
        ("toy.c:1:10: fatal error: Python.h: No such file or directory", "Python's headers"),
        ("NameError: name 'long' is not defined", "ask for a version that has a wheel"),
    ],
)
def test_why_a_source_cannot_be_built_is_told_in_a_sentence(said: str, why: str) -> None:
    assert why in run_uv._why(said)
