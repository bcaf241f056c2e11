"""The types of resources that every workspace has, with the properties that Windmill's have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from windmill_lite.model.resource import ResourceType

_TEXT = {"type": "string", "description": "", "default": ""}
_SECRET = {"type": "string", "description": "", "password": True, "default": ""}
_PEM = {"type": "string", "format": "textarea", "description": "PEM text", "default": ""}
_SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]


def _number(default: int) -> dict[str, Any]:
    return {"type": "integer", "description": "", "default": default}


def _flag(*, default: bool, says: str = "") -> dict[str, Any]:
    return {"type": "boolean", "description": says, "default": default}


def _text(says: str) -> dict[str, Any]:
    return {**_TEXT, "description": says}


def _type(name: str, says: str, required: str, **properties: dict[str, Any]) -> ResourceType:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "order": list(properties),
    }
    return ResourceType("", name, json.dumps(schema), says)


_TYPES = (
    _type(
        "postgresql",
        "A PostgreSQL database",
        "dbname user password",
        host=_TEXT,
        port=_number(5432),
        user=_TEXT,
        dbname=_TEXT,
        sslmode={"type": "string", "description": "", "enum": _SSL_MODES, "default": "prefer"},
        password=_SECRET,
        root_certificate_pem=_PEM,
    ),
    _type(
        "mysql",
        "A MySQL or MariaDB database",
        "database user password",
        host=_TEXT,
        port=_number(3306),
        user=_TEXT,
        database=_TEXT,
        ssl=_flag(default=False),
        password=_SECRET,
        root_certificate_pem=_PEM,
    ),
    _type(
        "s3",
        "A bucket of S3, or of what speaks its protocol",
        "bucket endPoint region",
        bucket=_TEXT,
        region=_TEXT,
        endPoint=_text("The host, without a protocol"),
        port=_number(443),
        useSSL=_flag(default=True),
        pathStyle=_flag(default=True),
        accessKey=_TEXT,
        secretKey=_SECRET,
    ),
    _type(
        "smtp",
        "A mail server that sends",
        "host port",
        host=_TEXT,
        port=_number(587),
        user=_TEXT,
        password=_SECRET,
    ),
    _type(
        "mongodb",
        "A MongoDB database",
        "db",
        db=_TEXT,
        host=_TEXT,
        port=_number(27017),
        username=_TEXT,
        password=_SECRET,
        tls=_flag(default=False),
    ),
    _type(
        "redis",
        "A Redis server",
        "host port",
        host=_TEXT,
        port=_number(6379),
        username=_TEXT,
        password=_SECRET,
        ssl=_flag(default=False),
    ),
    _type("slack", "Slack", "token", token=_SECRET),
    _type("github", "GitHub", "token", token=_SECRET),
    _type("gitlab", "GitLab", "token", baseUrl=_text("Such as https://gitlab.com"), token=_SECRET),
    _type("git_repository", "A git repository", "url", url=_TEXT, branch=_TEXT),
    _type("openai", "OpenAI", "api_key", api_key=_SECRET, organization_id=_TEXT),
    _type("anthropic", "Anthropic", "apiKey", apiKey=_SECRET),
    _type("any", "Any JSON value", ""),
)

BUILT_IN: Mapping[str, ResourceType] = MappingProxyType({each.name: each for each in _TYPES})
