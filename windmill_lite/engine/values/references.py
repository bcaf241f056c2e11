"""What references stand for, with the rights of whoever refers.

A job's arguments are stored with their references; they are filled in when the job starts, with the
rights it runs with, in the memory of its worker. Nothing of it is written anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from windmill_lite.base.codec import Json, dumps, loads
from windmill_lite.base.errors import Invalid, NotFound, Unauthenticated
from windmill_lite.core import references
from windmill_lite.core.references import Known, Wanted
from windmill_lite.engine.login import inside
from windmill_lite.engine.values import vault
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Login, TokenKind
from windmill_lite.model.job import NewJob
from windmill_lite.store.db.port import View
from windmill_lite.store.machine import accounts
from windmill_lite.store.people import resources, variables
from windmill_lite.store.people.scope import Scope


@dataclass(frozen=True, slots=True)
class Filled:
    """A value without references, and the secrets that are in it now."""

    value: Json
    secrets: tuple[str, ...] = ()


async def resource(world: World, scope: Scope, path: str) -> Json:
    """The value of a resource with all it refers to in its place. Fails: `NotFound`, `NoKey`;
    `Invalid` for a resource that refers to itself.
    """
    return (await fill(world, scope, f"$res:{path}")).value


async def fill(
    world: World, scope: Scope, value: Json, *, context: Mapping[str, str] | None = None
) -> Filled:
    """A value with everything in its place that it refers to. `context` is a job's environment.

    Fails: `NotFound` naming what is not there, or not for whoever asks; as `references.filled`.
    """
    known, secrets = Known(context=context or {}), dict[str, None]()
    ask = references.wanted(value, known)
    async with world.db.view() as view:
        for _ in range(limits.REFERENCE_DEPTH_MAX + 1):
            if not ask:
                break
            ask = await _load(world, view, scope, ask=ask, known=known, secrets=secrets)
    if ask:
        most = limits.REFERENCE_DEPTH_MAX
        raise Invalid(f"resources refer to more than {most} others in a row")
    return Filled(references.filled(value, known), tuple(secrets))


async def _load(
    world: World,
    view: View,
    scope: Scope,
    *,
    ask: Wanted,
    known: Known,
    secrets: dict[str, None],
) -> Wanted:
    """One round; what it found refers to the answer."""
    if len(ask.variables) + len(ask.resources) + len(ask.encrypted) > limits.REFERENCES_MAX:
        raise Invalid(f"more than {limits.REFERENCES_MAX} references are filled in")
    texts = await variables.by_paths(view, scope, ask.variables) if ask.variables else {}
    for path in sorted(ask.variables):
        if path not in texts:
            raise NotFound(f"Variable not found at name {path}")
        known.variables[path] = await vault.reveal(world.vault, view, texts[path])
        if texts[path].is_secret:
            secrets[known.variables[path]] = None
    for text in ask.encrypted:
        opened = await vault.open_argument(world.vault, view, scope, text)
        known.encrypted[text] = opened
        secrets |= dict.fromkeys((opened, *_inside(opened)))
    values = await resources.values(view, scope, ask.resources) if ask.resources else {}
    found: list[Json] = []
    for path in sorted(ask.resources):
        if path not in values:
            raise NotFound(f"Resource not found at name {path}")
        known.resources[path] = values[path]
        if references.mentioned(values[path]):
            found.append(loads(values[path], what=f"resource {path}"))
    return references.wanted(found, known)


def _inside(opened: str) -> Iterator[str]:
    """The texts of a value that was sealed as JSON."""
    with suppress(Invalid):
        yield from references.texts(loads(opened, what="a sealed value"))


async def filled_args(
    world: World, job: NewJob, *, context: Mapping[str, str]
) -> tuple[NewJob, tuple[str, ...]]:
    """The job with its arguments filled in, for its cell only, and the secrets in them.

    Fails: as `fill`, naming the argument; `Unauthenticated` when whom it runs as is no member any
    more.
    """
    if not references.mentioned(job.args):
        return job, ()
    scope, args = await scope_of(world, job), json.loads(job.args)
    try:
        found = await fill(world, scope, args, context=context)
    except (Invalid, NotFound) as refusal:
        for name, value in args.items():
            try:
                await fill(world, scope, value, context=context)
            except (Invalid, NotFound) as its_own:
                raise type(its_own)(f"{name}: {its_own}") from None
        raise refusal from None  # of no argument alone: all of them are too much
    return job._replace(args=dumps(found.value)), found.secrets


async def scope_of(world: World, job: NewJob) -> Scope:
    """As a job asks: with the rights of whom it runs as, as they are now."""
    async with world.db.view() as view:
        credentials = await accounts.credentials(view, job.email)
        if credentials is None or credentials.account.disabled:
            raise Unauthenticated(f"the account {job.email} is gone or disabled")
        login = Login(
            email=job.email,
            kind=TokenKind.JOB,
            prefix="",
            super_admin=credentials.account.super_admin,
            workspace=job.workspace,
            job_id=job.id,
            permissioned_as=job.permissioned_as,
        )
        return await inside(view, login, job.workspace)
