"""A workspace as an archive of files, for clients that keep it in a folder (`wmill sync`).

Each item is a file of JSON at its path, a script's text beside it. Left out is what a push does not
set, so that nothing differs between two exports that nobody changed.
"""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
import zipfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import aclosing
from typing import Final, Literal, TypeVar

from windmill_lite.api import wire, wire_values
from windmill_lite.api.flow_wire import flow_text
from windmill_lite.api.params import Query
from windmill_lite.api.script_wire import script_head
from windmill_lite.base import codec
from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid, TooLarge
from windmill_lite.engine.values import variables as opening
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.page import Page
from windmill_lite.model.resource import ResourceFilter
from windmill_lite.model.schedule import ScheduleFilter
from windmill_lite.model.variable import VariableFilter
from windmill_lite.store.people import flows, resources, schedules, scripts, variables
from windmill_lite.store.people.scope import Scope

F = TypeVar("F")
T = TypeVar("T")
V = TypeVar("V")
_SUFFIX: Final[Mapping[str, str]] = {
    "python3": "py",
    "go": "go",
    "bash": "sh",
    "php": "php",
    "nativets": "fetch.ts",
    "postgresql": "pg.sql",
    "mysql": "my.sql",
    "duckdb": "duckdb.sql",
    "sqlite": "sqlite.sql",
}
_STRIPPED: Final = frozenset(
    {
        *("workspace_id", "path", "name", "versions", "id", "version_id", "hash", "parent_hashes"),
        *("created_at", "created_by", "updated_at", "updated_by", "edited_at", "edited_by"),
        *("permissioned_as", "archived", "deleted", "error", "extra_perms", "starred", "is_draft"),
        *("deployment_msg", "lock_error_logs", "next_at", "last_at", "is_expired", "is_template"),
        *("is_linked", "is_refreshed"),
        *("content", "language", "email"),
    }
)
_ALWAYS: Final = frozenset({"summary", "description", "schema", "lock", "kind", "value", "args"})
_KEPT_APART: Final = ("state", "cache")  # types of resources that runs write


class ExportQuery(Query):
    archive_type: str = "tar"
    default_ts: Literal["bun", "deno"] = "bun"
    plain_secret: bool = False
    skip_secrets: bool = False
    skip_variables: bool = False
    skip_resources: bool = False
    skip_resource_types: bool = False
    include_schedules: bool = False
    include_triggers: bool = False  # there are none
    include_users: bool = False
    include_groups: bool = False
    include_settings: bool = False
    include_key: bool = False


async def archive(world: World, scope: Scope, asked: ExportQuery) -> bytes:
    """Fails: `Invalid` for what cannot be exported, `TooLarge`."""
    for name in ("include_users", "include_groups", "include_settings", "include_key"):
        if getattr(asked, name):
            raise Invalid(f"{name}: this is not exported here", field=name)
    if asked.archive_type not in ("zip", "tar"):
        raise Invalid(f"Invalid Archive Type {asked.archive_type[:20]}", field="archive_type")
    files: dict[str, bytes] = {}
    left = limits.EXPORT_BYTES_MAX
    async with aclosing(_texts(world, scope, asked)) as texts:
        async for name, text in texts:
            files[name] = text.encode("utf-8", "surrogatepass")
            left -= len(files[name])
            if left < 0:
                raise TooLarge(f"the workspace is larger than {limits.EXPORT_BYTES_MAX} bytes")
    if asked.plain_secret:
        for name in [name for name in files if name.endswith(".variable.json")]:
            told = codec.loads(files[name])
            path = name.removesuffix(".variable.json")
            told["value"] = (await opening.get(world, scope, path, opened=True)).value
            files[name] = _pretty(told).encode("utf-8", "surrogatepass")
    return await asyncio.to_thread(packed, files, asked.archive_type)


def packed(files: Mapping[str, bytes], archive_type: str) -> bytes:
    made = io.BytesIO()
    if archive_type == "zip":
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
            for name, content in files.items():
                zipped.writestr(zipfile.ZipInfo(name), content)
        return made.getvalue()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return made.getvalue()


async def _texts(world: World, scope: Scope, asked: ExportQuery) -> AsyncGenerator[tuple[str, str]]:
    for part in (_code, _values, _plans):
        async with aclosing(part(world, scope, asked)) as texts:
            async for each in texts:
                yield each


async def _code(world: World, scope: Scope, asked: ExportQuery) -> AsyncGenerator[tuple[str, str]]:
    async with world.db.view() as view:
        for path in await scripts.paths(view, scope):
            script = await scripts.by_path(view, scope, path)
            if script is not None:
                head = script_head(script) | {"schema": codec.loads(script.schema or "null")}
                yield f"{path}.{_suffix(script.language, asked.default_ts)}", script.content
                yield f"{path}.script.json", _told(head | {"lock": script.lock})
        for path in await flows.paths(view, scope):
            flow = await flows.by_path(view, scope, path)
            if flow is not None:
                yield f"{path}.flow.json", _told(codec.loads(flow_text(flow)))


async def _values(
    world: World, scope: Scope, asked: ExportQuery
) -> AsyncGenerator[tuple[str, str]]:
    async with world.db.view() as view:
        if not asked.skip_variables:
            async for variable in _all(variables.list_variables, view, scope, VariableFilter()):
                if not (variable.is_secret and asked.skip_secrets):
                    told = wire_values.variable(variable, shown=True) | {
                        "is_secret": variable.is_secret
                    }
                    yield f"{variable.path}.variable.json", _told(told, always=("is_secret",))
        if not asked.skip_resources:
            found = ResourceFilter(types_without=_KEPT_APART)
            async for each in _all(resources.list_resources, view, scope, found):
                value = await resources.by_path(view, scope, each.path)
                if value is not None:
                    told = codec.loads(wire_values.resource_text(value))
                    yield f"{each.path}.resource.json", _told(told)
        if not asked.skip_resource_types:
            for kind in await resources.types(view, scope):
                told = codec.loads(wire_values.resource_type_text(kind))
                yield f"{kind.name}.resource-type.json", _told(told)


async def _plans(world: World, scope: Scope, asked: ExportQuery) -> AsyncGenerator[tuple[str, str]]:
    async with world.db.view() as view:
        if asked.include_schedules:
            async for schedule in _all(schedules.list_schedules, view, scope, ScheduleFilter()):
                told = codec.loads(wire.schedule_text(schedule))
                yield f"{schedule.path}.schedule.json", _told(told, always=tuple(told))


async def _all(
    listed: Callable[[V, Scope, F, Page], Awaitable[list[T]]], view: V, scope: Scope, by: F
) -> AsyncGenerator[T]:
    """Page after page."""
    number = 1
    while found := await listed(view, scope, by, Page(number, limits.PAGE_SIZE_MAX)):
        for each in found:
            yield each
        number += 1


def _suffix(language: str, default_ts: str) -> str:
    if language in ("bun", "deno"):
        return "ts" if language == default_ts else f"{language}.ts"
    return _SUFFIX.get(language, language)


def _told(item: Mapping[str, Json], *, always: Collection[str] = ()) -> str:
    kept = _ALWAYS.union(always)
    told = {k: v for k, v in item.items() if k not in _STRIPPED and (v or k in kept)}
    return _pretty(told)


def _pretty(told: Mapping[str, Json]) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False)
