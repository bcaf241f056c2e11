"""A workspace as an archive, as Windmill's command line asks for it."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from typing import Any

import pytest

from tests.api.conftest import Api
from windmill_lite.api.export import packed
from windmill_lite.model import limits

W = "/api/w/main"
ARCHIVE = f"{W}/workspaces/tarball"


@pytest.fixture
async def stocked(api: Api) -> Api:
    secret = {"path": "f/ops/token", "value": "hush hush", "is_secret": True, "description": ""}
    own = {"path": "u/bob/own", "value": "bob's", "is_secret": False, "description": ""}
    db = {"path": "f/ops/db", "value": {"a": "$var:f/ops/token"}, "resource_type": "postgresql"}
    state = {"path": "f/ops/state", "value": 1, "resource_type": "state"}
    kind = {"name": "c_shop", "schema": {"type": "object"}, "description": "ours"}
    flow = {"path": "f/ops/flow", "summary": "", "value": {"modules": []}, "schema": {}}
    schedule = {
        "path": "f/ops/daily",
        "schedule": "0 0 0 * * *",
        "timezone": "UTC",
        "args": {},
        "script_path": "f/ops/hello",
        "is_flow": False,
        "enabled": False,
    }
    await api.deploy("f/ops/hello")
    for path, body in (
        *(("variables/create", secret), ("variables/create", own), ("resources/create", db)),
        *(("resources/create", state), ("resources/type/create", kind)),
        *(("flows/create", flow), ("schedules/create", schedule)),
    ):
        who = "bob" if body is own else "ada"
        assert (await api.post(f"{W}/{path}", who, json=body)).status in (200, 201), path
    return api


def unpacked(archive: bytes) -> dict[str, Any]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        files = {name: opened.extractfile(name) for name in opened.getnames()}
        texts = {name: file.read().decode() for name, file in files.items() if file is not None}
    return {k: json.loads(v) if k.endswith(".json") else v for k, v in texts.items()}


async def test_everything_one_sees_is_a_file_at_its_path(stocked: Api) -> None:
    found = unpacked((await stocked.get(f"{ARCHIVE}?include_schedules=true")).body)
    assert sorted(found) == [
        *("c_shop.resource-type.json", "f/ops/daily.schedule.json", "f/ops/db.resource.json"),
        *("f/ops/flow.flow.json", "f/ops/hello.py", "f/ops/hello.script.json"),
        *("f/ops/token.variable.json", "u/bob/own.variable.json"),
    ]
    assert found["f/ops/db.resource.json"] == {
        "value": {"a": "$var:f/ops/token"},
        "resource_type": "postgresql",
    }
    assert found["f/ops/hello.py"].startswith("def main")
    script = found["f/ops/hello.script.json"]
    assert set(script) == {"summary", "description", "schema", "lock", "kind"}
    assert found["f/ops/daily.schedule.json"]["enabled"] is False
    seen = unpacked((await stocked.get(ARCHIVE, "olga")).body)
    assert "u/bob/own.variable.json" not in seen


async def test_a_secret_is_as_it_is_stored_unless_it_is_asked_for(stocked: Api) -> None:
    name = "f/ops/token.variable.json"
    sealed = unpacked((await stocked.get(ARCHIVE)).body)[name]
    assert sealed["is_secret"] is True
    assert "hush" not in sealed["value"]
    assert unpacked((await stocked.get(f"{ARCHIVE}?plain_secret=true")).body)[name]["value"] == (
        "hush hush"
    )
    assert name not in unpacked((await stocked.get(f"{ARCHIVE}?skip_secrets=true")).body)
    await stocked.token("reader", scopes=("workspaces:read",))
    assert (await stocked.get(ARCHIVE, "reader")).status == 200
    refused = await stocked.get(f"{ARCHIVE}?plain_secret=true", "reader")
    assert (refused.status, "variables:read" in refused.text) == (403, True)


async def test_it_comes_as_zip_too_and_what_is_not_exported_is_refused(
    stocked: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = (await stocked.get(f"{ARCHIVE}?archive_type=zip&skip_variables=true")).body
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert "f/ops/hello.py" in opened.namelist()
        assert not any("variable" in name for name in opened.namelist())
    for more, told in (("archive_type=rar", "Invalid Archive Type"), ("include_key=true", "key")):
        answer = await stocked.get(f"{ARCHIVE}?{more}")
        assert (answer.status, told in answer.text) == (400, True)
    monkeypatch.setattr(limits, "EXPORT_BYTES_MAX", 100)
    assert (await stocked.get(ARCHIVE)).status == 413


def test_an_archive_is_the_same_for_the_same_files() -> None:
    for kind in ("zip", "tar"):
        assert packed({"a": b"x", "b/c": b"y"}, kind) == packed({"a": b"x", "b/c": b"y"}, kind)
