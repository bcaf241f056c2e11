"""Packs are fetched whole, checked, and there or not there."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.runtimes.packs._registry import FILES, Shelf, pack, serving, tar, wheel
from windmill_lite.base.errors import Invalid, NotFound, Unavailable
from windmill_lite.runtimes import Call, Kept, Python
from windmill_lite.runtimes.packs import PACKS, Installed, Packs, fetch
from windmill_lite.runtimes.packs.catalogue import here
from windmill_lite.runtimes.pythons import Interpreter, pack_for, packed


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with serving() as found:
        yield found


@pytest.fixture
def env(shelf: Shelf, tmp_path: Path) -> dict[str, str]:
    """An environment whose registries are the shelf."""
    return {
        "HOME": str(tmp_path / "home"),
        "npm_config_registry": f"{shelf.url}/npm",
        "PIP_INDEX_URL": f"{shelf.url}/simple",
        "PIP_CONFIG_FILE": os.devnull,
    }


@pytest.fixture
def packs(tmp_path: Path) -> Packs:
    return Packs(tmp_path / "runtimes", {"tool": pack(tar())})


def quiet(_: str) -> None:
    """For those who do not listen."""


def files(root: Path) -> list[str]:
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def test_a_pack_comes_from_npm_and_can_be_run(
    packs: Packs, shelf: Shelf, env: dict[str, str]
) -> None:
    shelf.npm(tar())
    said: list[str] = []
    found = packs.install("tool", env, said.append)
    assert (
        found
        == packs.find("tool")
        == Installed("tool", "1.2.3", packs.root / "tool" / "1.2.3", "bin/tool")
    )
    assert files(found.directory) == ["bin/tool", "share/words.txt"]
    assert os.access(found.directory / "bin/tool", os.X_OK)
    assert not os.access(found.directory / "share/words.txt", os.X_OK) or os.geteuid() == 0
    assert said == [
        "fetching @toys/tool 1.2.3 from 127.0.0.1 (1 MB)",
        "unpacking tool 1.2.3",
        "tool 1.2.3 is ready",
    ]


@pytest.mark.parametrize("form", ["html", "json"])
def test_a_pack_comes_from_either_form_of_a_package_index(
    packs: Packs, shelf: Shelf, env: dict[str, str], form: str
) -> None:
    shelf.pypi(wheel(), as_html=form == "html")
    wheels = replace(packs, catalogue={"tool": pack(wheel(), "pypi")})
    assert files(wheels.install("tool", env, quiet).directory) == ["bin/tool", "share/words.txt"]


def test_a_python_comes_from_where_uv_has_them_without_the_links_in_it(
    packs: Packs, shelf: Shelf, tmp_path: Path
) -> None:
    content = tar({"python/bin/python3.12": (b"#!/bin/sh\n", 0o755)}, link="python/bin/python3")
    known = PACKS["python3.12"].artifacts[here().removesuffix("-baseline")]
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    python = replace(PACKS["python3.12"], artifacts={here(): replace(known, digest=digest)})
    builds = replace(packs, catalogue={"python3.12": python})
    path = f"/20261110/{known.file.replace('+', '%2B')}"
    shelf.put(path, content)
    with pytest.raises(Unavailable, match="UV_PYTHON_INSTALL_MIRROR may name another place"):
        builds.install("python3.12", {"UV_PYTHON_INSTALL_MIRROR": f"{shelf.url}/none"}, quiet)
    found = builds.install("python3.12", {"UV_PYTHON_INSTALL_MIRROR": shelf.url}, quiet)
    assert files(found.directory) == ["bin/python3.12"]
    there = f"{found.directory}/bin/python3.12"
    assert packed(builds) == [Interpreter(python.version, there, str(found.directory))]


def test_a_script_that_asks_for_a_python_needs_the_newest_pack_that_fits(packs: Packs) -> None:
    real = replace(packs, catalogue=PACKS)
    assert pack_for([">=3.12"], real) == "python3.14"
    assert pack_for([">=3.12", "<3.13"], real) == "python3.12"
    assert pack_for([">=3.99"], real) == ""
    runtime = Python(real, Kept(packs.root.parent / "built"))
    call = Call("job", "#py: ==3.14.10\n", "", "{}", {})
    assert runtime.needs(call) == "python3.14"


def test_it_is_fetched_once(packs: Packs, shelf: Shelf, env: dict[str, str]) -> None:
    shelf.npm(tar())
    threads = [threading.Thread(target=packs.install, args=("tool", env, quiet)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert packs.find("tool") is not None
    assert shelf.asked.count("/npm/files/tool.tgz") == 1


def test_a_file_with_another_hash_is_refused_and_nothing_is_left(
    packs: Packs, shelf: Shelf, env: dict[str, str]
) -> None:
    shelf.npm(tar({**FILES, "package/more": (b"", 0o644)}))
    with pytest.raises(Invalid, match=r"is not tool\.tgz of the package @toys/tool"):
        packs.install("tool", env, quiet)
    assert packs.find("tool") is None
    assert files(packs.root) == [".lock"]


def test_it_comes_from_a_file_without_any_registry(packs: Packs, tmp_path: Path) -> None:
    given = tmp_path / "given.tgz"
    given.write_bytes(tar())
    nowhere = {"npm_config_registry": "http://127.0.0.1:9/"}
    assert packs.install("tool", nowhere, quiet, source=given).version == "1.2.3"
    assert given.exists()


def test_a_file_that_is_another_is_refused_by_name(packs: Packs, tmp_path: Path) -> None:
    given = tmp_path / "given.tgz"
    given.write_bytes(b"something else")
    with pytest.raises(Invalid, match=r"given\.tgz is not tool\.tgz"):
        packs.install("tool", {}, quiet, source=given)


def test_what_an_interrupted_install_left_is_never_found_and_goes(
    packs: Packs, shelf: Shelf, env: dict[str, str]
) -> None:
    half = packs.root / ".new-half" / "1.2.3" / "bin"
    half.mkdir(parents=True)
    (half / "tool").write_text("half")
    assert packs.find("tool") is None
    shelf.npm(tar())
    packs.install("tool", env, quiet)
    assert not (packs.root / ".new-half").exists()


@pytest.mark.parametrize("refusal", [503, 429])
def test_a_registry_that_is_busy_is_asked_again(
    packs: Packs,
    shelf: Shelf,
    env: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    refusal: int,
) -> None:
    monkeypatch.setattr(fetch, "_PAUSE_S", 0)
    shelf.npm(tar())
    shelf.failing, shelf.refusal = 2, refusal
    assert packs.install("tool", env, quiet).version == "1.2.3"


@pytest.mark.parametrize(
    ("page", "words"), [(b"", "answers 404"), (b'{"versions": {}}', "has no @toys/tool")]
)
def test_a_registry_without_it_is_named(
    packs: Packs, shelf: Shelf, env: dict[str, str], page: bytes, words: str
) -> None:
    if page:
        shelf.put("/npm/@toys%2ftool", page)
    with pytest.raises(Unavailable, match=words) as caught:
        packs.install("tool", env, quiet)
    assert "fetch tool.tgz elsewhere and give it with --from" in caught.value.message


def test_every_index_is_asked_in_its_order(packs: Packs, shelf: Shelf, env: dict[str, str]) -> None:
    shelf.pypi(wheel(), as_html=False)
    env |= {"PIP_INDEX_URL": f"{shelf.url}/empty", "PIP_EXTRA_INDEX_URL": f"{shelf.url}/simple"}
    wheels = replace(packs, catalogue={"tool": pack(wheel(), "pypi")})
    assert wheels.install("tool", env, quiet).version == "1.2.3"
    assert shelf.asked == ["/empty/tool/", "/simple/tool/", "/files/tool.whl"]


def test_a_token_is_shown_below_its_address_only(
    packs: Packs, shelf: Shelf, env: dict[str, str]
) -> None:
    host = shelf.url.removeprefix("http:")
    home = Path(env["HOME"])
    home.mkdir()
    (home / ".npmrc").write_text(f"{host}/npm/:_authToken=${{TOYS}}\n")
    shelf.npm(tar(), tarball=f"{shelf.url}/elsewhere/tool.tgz")
    shelf.put("/elsewhere/tool.tgz", tar())
    packs.install("tool", env | {"TOYS": "sesame"}, quiet)
    assert shelf.shown == {"/npm/@toys%2ftool": "Bearer sesame", "/elsewhere/tool.tgz": None}


def test_a_mirror_that_names_the_public_registry_is_asked_itself(
    packs: Packs, shelf: Shelf, env: dict[str, str]
) -> None:
    shelf.npm(tar(), tarball="https://registry.npmjs.org/files/tool.tgz")
    assert packs.install("tool", env, quiet).version == "1.2.3"


def test_an_older_version_serves_until_the_new_one_is_there(packs: Packs) -> None:
    for version in ("1.2.2", "1.2.10", "1.2.3-half"):
        (packs.root / "tool" / version / "bin").mkdir(parents=True)
    for version in ("1.2.2", "1.2.10"):
        (packs.root / "tool" / version / "bin/tool").touch()
    found = packs.find("tool")
    assert found is not None
    assert found.version == "1.2.10"


def test_a_pack_is_removed_in_every_version(
    packs: Packs, shelf: Shelf, env: dict[str, str]
) -> None:
    shelf.npm(tar())
    packs.install("tool", env, quiet)
    assert packs.remove("tool") == ["1.2.3"]
    assert packs.find("tool") is None
    with pytest.raises(NotFound, match="not installed"):
        packs.remove("tool")


def test_an_unknown_name_and_a_machine_it_is_not_made_for_are_refused(packs: Packs) -> None:
    with pytest.raises(NotFound, match="there are: tool"):
        packs.install("cobol", {}, quiet)
    elsewhere = replace(packs, catalogue={"tool": replace(pack(b""), artifacts={})})
    with pytest.raises(Unavailable, match="not made for this machine"):
        elsewhere.install("tool", {}, quiet)


@pytest.mark.parametrize("name", PACKS)
def test_every_real_pack_is_pinned_for_both_kinds_of_machine(name: str) -> None:
    kept = PACKS[name]
    assert set(kept.artifacts) >= {"linux-x64", "linux-aarch64"}
    for artifact in kept.artifacts.values():
        algorithm, _, digest = artifact.digest.partition(":")
        assert len(bytes.fromhex(digest)) == {"sha256": 32, "sha512": 64}[algorithm]
        assert kept.version in artifact.file
