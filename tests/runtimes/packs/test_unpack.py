"""An archive that would do more than hold files is refused."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.runtimes.packs._registry import tar, wheel
from windmill_lite.base.errors import Invalid, TooLarge
from windmill_lite.model import limits
from windmill_lite.runtimes.packs.unpack import unpack


def refused(tmp_path: Path, content: bytes) -> str:
    archive = tmp_path / "archive"
    archive.write_bytes(content)
    with pytest.raises(Invalid) as refusal:
        unpack(archive, tmp_path / "in" / "target", inside="package")
    outside = [p for p in tmp_path.rglob("*") if p.name == "planted"]
    assert outside == []
    return refusal.value.message


@pytest.mark.parametrize(
    "name", ["../planted", "package/../../planted", "/planted", "package/a\\..\\planted"]
)
@pytest.mark.parametrize("make", [tar, wheel])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, make: object, name: str) -> None:
    content = make({name: (b"x", 0o644)})  # type: ignore[operator]
    assert "leads out" in refused(tmp_path, content)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_a_link_or_a_device_is_refused(tmp_path: Path, kind: bytes) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        info = tarfile.TarInfo("package/link")
        info.type, info.linkname = kind, "/etc"
        archive.addfile(info)
    assert "no plain file" in refused(tmp_path, made.getvalue())


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        info = zipfile.ZipInfo("package/link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc")
    assert "no plain file" in refused(tmp_path, made.getvalue())


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", tar()[:40], wheel()[:-60]],
    ids=["empty", "words", "cut tar", "cut wheel"],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "cannot be unpacked" in refused(tmp_path, content)


def test_an_archive_without_what_is_wanted_is_refused(tmp_path: Path) -> None:
    assert "no files in package/" in refused(tmp_path, tar({"other/x": (b"", 0o644)}))


def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for _ in range(2):
            archive.addfile(tarfile.TarInfo("package/x"))
    assert "cannot be unpacked" in refused(tmp_path, made.getvalue())


@pytest.mark.parametrize(("name", "most"), [("PACK_FILES_MAX", 1), ("PACK_UNPACKED_BYTES_MAX", 10)])
def test_more_than_the_bounds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    monkeypatch.setattr(limits, name, most)
    archive = tmp_path / "archive"
    archive.write_bytes(tar())
    with pytest.raises(TooLarge, match=str(most)):
        unpack(archive, tmp_path / "target", inside="package")


def test_rights_of_owners_and_of_others_are_forgotten(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.write_bytes(tar({"package/a": (b"", 0o6777), "package/b": (b"", 0o600)}))
    assert unpack(archive, tmp_path / "to", inside="package") == 2
    modes = [(tmp_path / "to" / name).stat().st_mode & 0o7777 for name in "ab"]
    assert modes == [0o755, 0o644]
