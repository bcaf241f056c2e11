"""What anyone may ask, and what every answer carries."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api


async def test_the_cli_can_read_the_version(api: Api) -> None:
    answer = await api.get("/api/version", None)
    assert answer.media == "text/plain"
    assert answer.text.split(".")[0].split("v")[1] == "1"
    assert int(answer.text.split(".")[1]) >= 585


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_checks_need_no_token(api: Api, path: str) -> None:
    answer = await api.get(path, None)
    assert (answer.status, answer.text) == (200, "ok")


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/api/nothing", 404, "Not found"),
        ("GET", "/api", 404, "Not found"),
        ("GET", "/api/w/main/nothing", 404, "Not found"),
        ("GET", "/api/w/main/jobs/run/p/", 404, "Not found"),
        ("GET", "/api/version/", 404, "Not found"),
        ("POST", "/api/version", 405, "Method not allowed"),
        ("DELETE", "/api/w/main/scripts/list", 405, "Method not allowed"),
        ("OPTIONS", "/api/w/main/scripts/list", 405, "Method not allowed"),
        ("PUT", "/healthz", 405, "Method not allowed"),
    ],
)
async def test_an_unknown_address_is_refused_in_text_and_never_in_html(
    api: Api, method: str, path: str, status: int, words: str
) -> None:
    answer = await api.ask("ada", method, path, headers={"Accept": "text/html"})
    assert answer.status == status
    assert answer.media == "text/plain"
    assert answer.text.startswith(words)


async def test_every_answer_of_the_api_is_inert(api: Api) -> None:
    for path in ("/api/version", "/api/nothing", "/api/w/main/scripts/list", "/healthz"):
        headers = (await api.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


async def test_a_method_that_is_not_answered_names_those_that_are(api: Api) -> None:
    answer = await api.ask("ada", "PUT", "/api/w/main/jobs/run_wait_result/p/f/a/b")
    assert answer.headers["Allow"] == "GET, POST"
