"""Schedules and their ticks, one statement or two each; the engine composes them."""

from __future__ import annotations

from dataclasses import asdict

from windmill_lite.model import limits
from windmill_lite.model.schedule import Schedule, Tick
from windmill_lite.store.db.port import Tx, Value, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.rows import schedule_of

Q = load(__package__, "schedules.sql")

_SET_ONCE = ("script_path", "is_flow", "last_at")  # an edit does not touch them


async def get(view: View, workspace: str, path: str) -> Schedule | None:
    row = await view.one(Q.schedule, workspace=workspace, path=path)
    return schedule_of(row) if row else None


async def due(view: View, *, now: int, most: int) -> list[Schedule]:
    """Whose next tick has come; the oldest debt first."""
    return [schedule_of(row) for row in await view.all(Q.due, now=now, most=most)]


async def next_at(view: View) -> int | None:
    """When the earliest tick of all comes (µs)."""
    row = await view.one(Q.next_at)
    return row["next_at"] if row else None


async def insert(tx: Tx, schedule: Schedule) -> bool:
    """False, and nothing changed, when the path is taken."""
    return bool(await tx.run(Q.insert_schedule, **_columns(schedule)))


async def edit(tx: Tx, schedule: Schedule) -> None:
    columns = _columns(schedule)
    await tx.run(Q.edit_schedule, **{n: v for n, v in columns.items() if n not in _SET_ONCE})


def _columns(schedule: Schedule) -> dict[str, Value]:
    names = ("enabled", "no_overlap", "is_flow")
    return asdict(schedule) | {name: int(getattr(schedule, name)) for name in names}


async def delete(tx: Tx, workspace: str, path: str) -> bool:
    """The schedule and the record of its ticks; the jobs stay."""
    await tx.run(Q.delete_ticks, workspace=workspace, path=path)
    return bool(await tx.run(Q.delete_schedule, workspace=workspace, path=path))


async def advance(
    tx: Tx, seen: Schedule, *, last_at: int | None, next_at: int | None, error: str | None
) -> bool:
    """False, and nothing changed, when `seen` is no longer what is stored: whoever was faster has
    given these ticks their turn, or an edit has changed them.
    """
    return bool(
        await tx.run(
            Q.advance,
            workspace=seen.workspace,
            path=seen.path,
            seen_next_at=seen.next_at,
            seen_edited_at=seen.edited_at,
            last_at=last_at,
            next_at=next_at,
            error=error,
        )
    )


async def record(tx: Tx, tick: Tick) -> bool:
    """False when this tick has its record already."""
    skipped = None if tick.skipped is None else str(tick.skipped)
    return bool(await tx.run(Q.insert_tick, **asdict(tick) | {"skipped": skipped}))


async def trim(tx: Tx, workspace: str, path: str) -> None:
    """Forgets all but the newest records."""
    await tx.run(Q.trim_ticks, workspace=workspace, path=path, kept=limits.SCHEDULE_TICKS_KEPT)


async def has_live_job(view: View, workspace: str, path: str) -> bool:
    """Whether a job of an earlier tick is queued or running."""
    return await view.one(Q.live_tick, workspace=workspace, path=path) is not None
