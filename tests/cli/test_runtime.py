"""`runtime`: what there is, and how a refusal reads."""

from __future__ import annotations

from pathlib import Path

from tests.cli._command import Command
from windmill_lite.runtimes.packs import PACKS


def test_every_pack_is_listed_with_its_state(command: Command, tmp_path: Path) -> None:
    done = command("runtime", "list", "--data-dir", str(tmp_path / "new"))
    assert [line.split()[0] for line in done.out.splitlines()] == list(PACKS)
    assert all(line.endswith("not installed") for line in done.out.splitlines())
    assert not (tmp_path / "new").exists()


def test_a_file_that_is_not_the_pack_is_refused(command: Command, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.tgz"
    wrong.write_bytes(b"x")
    place = ("--data-dir", str(tmp_path))
    done = command("runtime", "install", "bun", "--from", str(wrong), *place)
    assert done.code == 2
    assert "wrong.tgz is not bun-" in done.err
    assert "Traceback" not in done.err


def test_what_is_not_installed_cannot_be_removed(command: Command, tmp_path: Path) -> None:
    done = command("runtime", "remove", "bun", "--data-dir", str(tmp_path))
    assert (done.code, "bun is not installed" in done.err) == (4, True)
    unknown = command("runtime", "install", "cobol", "--data-dir", str(tmp_path))
    assert (unknown.code, "there are: bun, deno, go" in unknown.err) == (4, True)
