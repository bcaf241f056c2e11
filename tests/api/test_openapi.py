"""The description of the API is valid, complete, and what the UI's types are made from."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api.conftest import Api
from windmill_lite.api import openapi
from windmill_lite.api.app import table
from windmill_lite.api.route import Kind


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(openapi.document(table()))
    return found


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


async def test_the_document_is_served(api: Api, document: dict[str, Any]) -> None:
    answer = await api.get("/api/openapi.json", None)
    assert answer.json == document


def test_every_route_is_described_once(document: dict[str, Any]) -> None:
    operations = [
        operation
        for path in document["paths"].values()
        for method, operation in path.items()
        if method != "servers"
    ]
    names = [operation["operationId"] for operation in operations]
    assert sorted(names) == sorted(route.name for route in table())
    assert len(set(names)) == len(names)
    assert all(operation["summary"] for operation in operations)


def test_paths_are_below_api_and_name_their_parameters(document: dict[str, Any]) -> None:
    assert document["servers"] == [{"url": "/api"}]
    for path, place in document["paths"].items():
        assert not path.startswith("/api/")
        wanted = set(re.findall(r"{(\w+)}", path))
        for method, operation in place.items():
            if method != "servers":
                named = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
                assert named == wanted


def test_what_may_be_absent_in_a_reply_is_never_null(document: dict[str, Any]) -> None:
    job = document["components"]["schemas"]["Job"]
    assert job["properties"]["parent_job"] == {
        "format": "uuid",
        "title": "Parent Job",
        "type": "string",
    }
    assert "parent_job" not in job["required"]
    maybe = document["components"]["schemas"]["MaybeResult"]
    assert {"type": "null"} in maybe["properties"]["started"]["anyOf"]


def test_the_schemas_have_the_names_the_ui_uses(document: dict[str, Any]) -> None:
    names = document["components"]["schemas"].keys()
    assert {
        "GlobalUser",
        "Job",
        "NewScript",
        "Preview",
        "Script",
        "ScriptVersion",
        "UserWorkspace",
        "UserWorkspaces",
        "WorkspaceUser",
    } <= names


def test_ids_are_text_and_the_rest_is_json() -> None:
    for route in table():
        if route.status == 201:
            assert route.reply is Kind.TEXT, route.name
