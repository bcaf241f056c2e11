"""Lists of jobs: which way into the table a question takes, and how far a list looks.

A *way* is an index that has the order of the list. A question takes the one that leads to the
fewest rows: the runs of a path, a schedule, a label; else the runs by their age. What a member may
see has no index of its own; it is the union of few ways that have.

Along a way rows are looked at a window at a time, and of those that are what the question asks
besides only the id and the age are kept: a page that lies deep shows few of the jobs before it.
When `RUNS_LOOKED_MAX` rows of a way did not fill the page, the list ends there and says so: it
costs the same with ten million jobs as with twenty thousand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from windmill_lite.base.errors import Invalid
from windmill_lite.model import limits
from windmill_lite.model.job import JobRecord
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.model.script import LANGUAGES
from windmill_lite.store.db.port import Query, Row, Value, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.people.scope import Scope
from windmill_lite.store.rows import record_of

Q = load(__package__, "runs.sql")

Way = Mapping[str, Value]  # the parameters of its lines

_WINDOW_FIRST = 128
_WINDOW_SECOND = 2_048
_WINDOW = 16_384
_SKEW_US = 60_000_000  # how far the clocks of two nodes may lie apart
_LAST_CHARACTER = 0x10FFFF
_HASH_CHARS = 16  # of a script's version


@dataclass(frozen=True, slots=True)
class Listing:
    """`searched_until` (µs): jobs beyond were not looked at, though the page is not full; the list
    goes on with `created_before` (oldest first: `created_after`) of this moment.
    """

    jobs: list[JobRecord]
    searched_until: int | None = None


async def search(
    view: View, scope: Scope, filter_: JobFilter, page: Page, *, looks: int = limits.RUNS_LOOKS_MAX
) -> Listing:
    """One page over queue and completed together, newest first unless the filter says otherwise.

    Fails: `Invalid` for a page that begins beyond `PAGE_DEPTH_MAX` jobs, where there are so many.
    """
    most = min(page.offset, limits.PAGE_DEPTH_MAX) + page.limit
    walk = _Walk(view, scope, filter_, most)
    if not _about_completed(filter_):
        for way in _ways_of_queue(filter_):
            await walk.along(Q.list_queue, way)
    ended = not (filter_.running or filter_.suspended) and filter_.completed is not False
    if ended:
        for way in await _ways_of_done(view, scope, filter_):
            await walk.along(Q.list_done, way)
    spots, searched_until = walk.end()
    if page.offset > limits.PAGE_DEPTH_MAX and len(spots) > limits.PAGE_DEPTH_MAX:
        why = f"pages reach {limits.PAGE_DEPTH_MAX} jobs back; go on with created_before, the "
        raise Invalid(why + "created_at of the last job you have", field="page")
    shown = spots[page.offset : page.offset + page.limit]
    told = await _records(view, scope, shown, ended=ended)
    if shown and not told and looks > 1:  # all have completed since, and others may wait
        return await search(view, scope, filter_, page, looks=looks - 1)
    return Listing(told, searched_until)


@dataclass(frozen=True, slots=True, order=True)
class _Spot:
    """A job in the order of the list."""

    created_at: int
    id: UUID
    waits: bool = field(compare=False)


async def _records(view: View, scope: Scope, spots: list[_Spot], *, ended: bool) -> list[JobRecord]:
    """The jobs themselves, which are wide: only those that are shown. One that waited when it was
    found may have completed since; `ended`: then it is told as that.
    """
    rows: dict[UUID, Row] = {}
    for query, kinds in ((Q.queued, (True,)), (Q.done, (ended, False))):
        ids = tuple(spot.id for spot in spots if spot.waits in kinds and spot.id not in rows)
        if ids:
            asked = {"ids": ids, **scope.sees()}
            named = {name: value for name, value in asked.items() if name in query.params}
            rows |= {row["id"]: row for row in await view.all(query, **named)}
    return [record_of(rows[spot.id]) for spot in spots if spot.id in rows]


class _Walk:
    """The jobs found so far, on however many ways."""

    def __init__(self, view: View, scope: Scope, filter_: JobFilter, most: int) -> None:
        self._view = view
        self._asked = _question(filter_) | scope.sees()
        self._oldest_first = filter_.oldest_first
        self._most = most
        self._found: dict[UUID, _Spot] = {}
        self._stops: list[int] = []  # where a way was left before its end

    async def along(self, query: Query, way: Way) -> None:
        """Adds the first `most` jobs of a way, or those among the rows that may be looked at."""
        asked = {name: value for name, value in self._asked.items() if name in query.params}
        asked |= self._bounds()
        mark: dict[str, Value] = {}
        missing, stop = self._most, 0
        for window in _windows(missing):
            more = {**way, **mark, "window": window, "limit": missing}
            rows = await self._view.all(query, **asked, **more)
            missing -= self._keep(rows, waits=query is Q.list_queue)
            if missing == 0 or not rows or rows[0]["looked"] < window:
                return
            stop = rows[0]["edge_at"]
            mark = {"at": stop, "at_id": rows[0]["edge_id"]}
        self._stops.append(stop)

    def _bounds(self) -> dict[str, Value]:
        """The page may be full already: then what lies beyond its end need not be looked at."""
        if len(self._found) < self._most:
            return {}
        end = self._in_order()[self._most - 1].created_at
        return {"until": end + 1} if self._oldest_first else {"since": end - 1}

    def _keep(self, rows: list[Row], *, waits: bool) -> int:
        found = [_Spot(r["created_at"], r["id"], waits) for r in rows if r["id"] is not None]
        self._found |= {spot.id: spot for spot in found}
        return len(found)

    def _in_order(self) -> list[_Spot]:
        return sorted(self._found.values(), reverse=not self._oldest_first)

    def end(self) -> tuple[list[_Spot], int | None]:
        """In order, at most as many as were wanted, up to where every way was looked at; and where
        that is, when it was not enough (see `Listing`).
        """
        spots = self._in_order()
        if not self._stops:
            return spots[: self._most], None
        # Of the very moment of a stop there may be more.
        if self._oldest_first:
            stop, step = min(self._stops), -1
            sure = [spot for spot in spots if spot.created_at < stop]
        else:
            stop, step = max(self._stops), 1
            sure = [spot for spot in spots if spot.created_at > stop]
        if len(sure) >= self._most:
            return sure[: self._most], None
        return sure, stop + step


def _windows(wanted: int) -> Iterator[int]:
    """How many rows to look at: little more than a page at first, which mostly is enough."""
    looked, window = 0, max(_WINDOW_FIRST, wanted)
    while looked < limits.RUNS_LOOKED_MAX:
        yield min(window, limits.RUNS_LOOKED_MAX - looked)
        looked += window
        window = _WINDOW_SECOND if window < _WINDOW_SECOND else _WINDOW


def _about_completed(filter_: JobFilter) -> bool:
    """Whether a question can only be answered with yes by a job that has completed."""
    asked = (filter_.outcome, filter_.label, filter_.completed_before, filter_.completed_after)
    return filter_.completed is True or any(word is not None for word in asked)


def _ways_of_queue(filter_: JobFilter) -> list[Way]:
    """What runs is held by a worker, or is a flow that waits: for children, or until a time."""
    if filter_.parent_id is not None:
        return [{"by_parent": filter_.parent_id}]
    until: Way = {"by_due": 1}
    columns = ("by_running", "by_suspended") if filter_.running else ("by_age",)
    found: list[Way] = [{"by_column": 1, column: 1} for column in columns]
    return [until] if filter_.suspended else [*found, *([until] if filter_.running else [])]


async def _ways_of_done(view: View, scope: Scope, filter_: JobFilter) -> list[Way]:
    if filter_.label is not None:
        return [{"by_label": filter_.label}]
    narrow: Way | None = _narrow_way(filter_)
    if narrow is None and filter_.path_prefix:
        narrow = await _range_of_few(view, scope, filter_.path_prefix)
    if narrow is None and filter_.created_by is not None:
        narrow = {"by_user": filter_.created_by}
    if narrow is None and _in_trouble(filter_):
        narrow = {"by_trouble": 1}
    ways = [narrow] if narrow is not None else await _ways_by_age(view, scope, filter_)
    return [{"by_column": 1, **way} for way in ways]


def _narrow_way(filter_: JobFilter) -> Way | None:
    """Columns whose values are shared by few, so that one decides."""
    columns = {
        "by_parent": filter_.parent_id,
        "by_schedule": filter_.schedule_path,
        "by_path": filter_.path,
        "by_hash": _of_script(filter_.script_hash),
        "by_tag": filter_.tag if filter_.tag not in LANGUAGES else None,
    }
    return next(({name: value} for name, value in columns.items() if value is not None), None)


async def _ways_by_age(view: View, scope: Scope, filter_: JobFilter) -> list[Way]:
    """All jobs, for who sees all; for others their own ones, the folders' and their home's."""
    roots: Way = {"by_root": 1}
    children: Way = {"by_root": 0}
    everything = {None: [roots, children], False: [roots], True: [children]}[filter_.has_parent]
    if scope.sees_all:
        return everything
    ways: list[Way] = [{"by_user": scope.identity.username}, {"by_rights": scope.me}]
    ways.append({"by_folder": 1})
    home = await _range_of_few(view, scope, scope.home)
    return [*ways, home] if home is not None else [*ways, *everything]


async def _range_of_few(view: View, scope: Scope, prefix: str) -> Way | None:
    """The runs below a path, if they are so few that they may be sorted."""
    span: dict[str, Value] = {"path_from": prefix, "path_to": _past(prefix)}
    most = limits.RUNS_BELOW_MAX
    row = await view.one(Q.runs_below, workspace=scope.workspace, **span, most=most)
    return span if row is not None and row["runs"] < most else None


def _past(prefix: str) -> str:
    """The first text, by code point, that comes after every text with this beginning."""
    kept = prefix.rstrip(chr(_LAST_CHARACTER))
    following = ord(kept[-1]) + 1 if kept else _LAST_CHARACTER
    if 0xD800 <= following <= 0xDFFF:  # what no text can hold
        following = 0xE000
    return kept[:-1] + chr(following)


def _of_script(hash_: str | None) -> str | None:
    """The version of a flow is a number instead; its flow may have had other paths before."""
    return None if hash_ is None or (hash_.isdigit() and len(hash_) < _HASH_CHARS) else hash_


def _in_trouble(filter_: JobFilter) -> bool:
    return filter_.outcome is not None and "success" not in filter_.outcome


def _either(yes: str, no: str, *, asked: bool | None) -> dict[str, Value]:
    """Optional lines are kept by presence."""
    return {yes: 1 if asked is True else None, no: 1 if asked is False else None}


def _question(filter_: JobFilter) -> dict[str, Value]:
    """What is asked of every row that is looked at, whichever the way."""
    return {
        **_either("running", "not_running", asked=filter_.running),
        "suspended": 1 if filter_.suspended else None,
        "scheduled_until": filter_.scheduled_until,
        "outcomes": filter_.outcome,
        "created_by": filter_.created_by,
        "path": filter_.path,
        "path_prefix": filter_.path_prefix,
        "script_hash": filter_.script_hash,
        "parent_id": filter_.parent_id,
        **_either("children", "roots", asked=filter_.has_parent),
        **_either("steps", "no_steps", asked=filter_.is_step),
        "kinds": filter_.kinds,
        "created_before": filter_.created_before,
        "created_after": filter_.created_after,
        "started_before": filter_.started_before,
        "started_after": filter_.started_after,
        "completed_before": filter_.completed_before,
        "completed_after": filter_.completed_after,
        "tag": filter_.tag,
        "worker": filter_.worker,
        "label": None if filter_.label is None else json.dumps(filter_.label),
        "schedule_path": filter_.schedule_path,
        "trigger_kind": filter_.trigger_kind,
        "unscheduled": 1 if filter_.unscheduled else None,
        "concurrency_key": filter_.concurrency_key,
        **_either("oldest_first", "newest_first", asked=filter_.oldest_first),
        "since": filter_.created_after,
        "until": _until(filter_),
    }


def _until(filter_: JobFilter) -> int | None:
    """A moment at which every job was created later than what is asked for: a job is created
    before it starts, and starts before it completes.
    """
    later = (filter_.started_before, filter_.completed_before)
    bounds = [moment + _SKEW_US for moment in later if moment is not None]
    if filter_.created_before is not None:
        bounds.append(filter_.created_before)
    return min(bounds, default=None)
