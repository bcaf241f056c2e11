"""Scripts that a script imports from its workspace, and those that these import.

They are read with the rights of whom the script runs as, when it runs: the newest version of each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from windmill_lite.base.errors import Invalid, TooLarge
from windmill_lite.core.dependencies import scripts as reading
from windmill_lite.core.dependencies.meant import Meant
from windmill_lite.engine.values.references import scope_of
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import NewJob
from windmill_lite.store.people import scripts
from windmill_lite.store.people.scope import Scope

_INLINE_CHARS = 5_000  # of texts that are read at once; more would hold up the event loop


@dataclass(frozen=True, slots=True)
class Text:
    """A script as it is imported, or as it imports."""

    language: str
    path: str  # "" for code that has none
    code: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """`texts` are all that it leads to, by path. `direct` are the paths that it names itself, also
    those that are not there. `missing` is one that is not there, or not for whoever asked, and
    `where` it is imported.
    """

    texts: Mapping[str, str]
    direct: tuple[str, ...] = ()
    missing: str | None = None
    where: str = ""


async def of_job(world: World, job: NewJob, code: str) -> Mapping[str, str]:
    """What the code of a job imports, by path. Most import nothing, and are not even parsed.

    Fails: `Invalid`, naming the import that leads to nothing.
    """
    language = job.language or ""
    if not reading.may_import(language, code):
        return {}
    scope = await scope_of(world, job)
    found = await gather(world, scope, Text(language, job.path or "", code))
    if found.missing is not None:
        who = job.permissioned_as
        raise Invalid(
            f"{found.where or 'the script'} imports {found.missing}, and there is no such "
            f"{language} script that {who} may read"
        )
    return found.texts


async def gather(world: World, scope: Scope, root: Text) -> Gathered:
    """Everything that `root` leads to; a circle ends where it began.

    Fails: `Invalid` for an import that leads out of the workspace; `TooLarge`.
    """
    languages = reading.family(root.language)
    texts: dict[str, str] = {}
    missing: tuple[str, str] | None = None
    unread, first = [root], await _meant(root)
    asked = {root.path: first}
    while unread:
        paths = {path for all_of in asked.values() for one in all_of for path in one.paths}
        async with world.db.view() as view:
            fresh = await scripts.contents(
                view, scope, sorted(paths.difference(texts)), languages=languages
            )
        texts |= fresh
        _bound(texts)
        missing = missing or _missing(asked, texts)
        unread = [Text(root.language, path, code) for path, code in fresh.items()]
        asked = {each.path: await _meant(each) for each in unread}
    direct = tuple(path for one in first for path in one.chosen(texts) or one.paths)
    if missing is None:
        return Gathered(texts, direct)
    return Gathered(texts, direct, missing[1], missing[0])


async def _meant(text: Text) -> list[Meant]:
    if len(text.code) <= _INLINE_CHARS:
        return reading.imported(text.language, text.code, text.path)
    return await asyncio.to_thread(reading.imported, text.language, text.code, text.path)


def _missing(asked: Mapping[str, list[Meant]], there: Mapping[str, str]) -> tuple[str, str] | None:
    """The first import that leads to nothing: in which script, and what it names."""
    for path, all_of in asked.items():
        for one in all_of:
            if one.paths and not one.chosen(there):
                return path, next(each for each in one.paths if each not in there)
    return None


def _bound(texts: Mapping[str, str]) -> None:
    if len(texts) > limits.IMPORTED_SCRIPTS_MAX:
        raise TooLarge(f"a script may lead to {limits.IMPORTED_SCRIPTS_MAX} others, not to more")
    if sum(map(len, texts.values())) > limits.IMPORTED_CHARS_MAX:
        most = limits.IMPORTED_CHARS_MAX
        raise TooLarge(f"the scripts that a script imports are longer than {most} characters")
