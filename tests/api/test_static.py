"""The UI's files: how they are sent, how long kept, and that no address leads elsewhere."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.api.conftest import Api

CODE = "console.log('hello');\n" * 200
pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])


@pytest.fixture
def ui(tmp_path: Path) -> Path:
    root = tmp_path / "dist"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<!doctype html><title>UI</title>")
    (root / "theme.js").write_text("1")
    (root / "assets" / "index-abc.js").write_text(CODE)
    (root / "assets" / "font.woff2").write_bytes(b"\0\1" * 2_000)
    (tmp_path / "secret.txt").write_text("secret")
    return root


async def test_a_page_of_the_ui_is_the_index(api: Api) -> None:
    for path in ("/", "/index.html", "/runs/6f1d?x=1", "/scripts/edit/f/ops/a.b", "/apiary"):
        answer = await api.get(path, None)
        assert (answer.status, answer.media) == (200, "text/html"), path
        assert "<title>UI</title>" in answer.text
        assert answer.headers["Cache-Control"] == "no-cache"


async def test_the_ui_may_load_nothing_from_elsewhere(api: Api) -> None:
    headers = (await api.get("/", None)).headers
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "script-src 'self'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe-eval" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_files_with_a_hash_are_kept_for_ever(api: Api) -> None:
    answer = await api.get("/assets/index-abc.js", None)
    assert "immutable" in answer.headers["Cache-Control"]
    assert (answer.media, answer.text) == ("text/javascript", CODE)
    assert (await api.get("/theme.js", None)).headers["Cache-Control"] == "no-cache"


async def test_text_travels_packed_and_what_is_packed_does_not(api: Api) -> None:
    accepts = {"Accept-Encoding": "gzip, br"}
    client = api.client.session
    async with client.get(
        api.client.make_url("/assets/index-abc.js"), headers=accepts, auto_decompress=False
    ) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(await response.read()).decode() == CODE
    font = await api.get("/assets/font.woff2", None, headers=accepts)
    assert "Content-Encoding" not in font.headers
    plain = await api.get("/assets/index-abc.js", None, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers


async def test_what_the_browser_has_is_not_sent_again(api: Api) -> None:
    tag = (await api.get("/", None)).headers["ETag"]
    again = await api.get("/", None, headers={"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")


async def test_a_missing_asset_is_404_and_no_page(api: Api) -> None:
    answer = await api.get("/assets/index-old.js", None)
    assert (answer.status, answer.media) == (404, "text/plain")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/..%5c..%5csecret.txt",
        "//etc/passwd",
        "/%00",
        "/%ff%fe",
    ],
)
async def test_no_address_leads_out_of_the_folder(api: Api, path: str) -> None:
    answer = await api.get(path, None)
    assert b"secret" not in answer.body
    assert b"root:" not in answer.body
    assert answer.status in (200, 404)


async def test_the_ui_is_only_read(api: Api) -> None:
    assert (await api.post("/", None, json={})).status == 405
    head = await api.ask(None, "HEAD", "/")
    assert (head.status, head.body) == (200, b"")


class TestWithoutUi:
    @pytest.fixture
    def ui(self) -> None:
        return None

    async def test_a_plain_page_says_that_the_ui_is_not_built(self, api: Api) -> None:
        answer = await api.get("/", None)
        assert (answer.status, answer.media) == (200, "text/html")
        assert "make ui" in answer.text
