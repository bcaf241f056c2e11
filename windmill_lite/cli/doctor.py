"""`doctor`: what this machine offers, and what is missing with its remedy."""

from __future__ import annotations

import asyncio
import json
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

import sandbox
from windmill_lite import __version__
from windmill_lite.base.config import SANDBOXES, Settings
from windmill_lite.base.errors import Refusal
from windmill_lite.base.frozen import child_env, is_frozen, launcher, resource_path
from windmill_lite.cli.options import place_options, settings_at
from windmill_lite.runtimes import Kept, Packs, runtimes_with
from windmill_lite.store.db import migrate
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Db
from windmill_lite.store.db.sqlite import SqliteDb
from windmill_lite.store.db.sqlite_file import InUse

_ROOM_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do when it is not well."""

    name: str
    text: str
    remedy: str = ""  # shown when it is not well
    good: bool = True


async def examine(settings: Settings) -> list[Finding]:
    """Every finding, the worst ones included; never fails itself."""
    return [
        _program(),
        await _database(settings),
        *await _sandbox(settings),
        *_languages(settings),
        _disk(settings.data_dir),
        _ui(),
    ]


def _program() -> Finding:
    kind = "one file" if is_frozen() else "from source"
    return Finding(
        "program",
        f"windmill-lite {__version__} ({kind}), Python {platform.python_version()}, "
        f"{platform.system()} {platform.release()} {platform.machine()}",
    )


async def _database(settings: Settings) -> Finding:
    """Looks, and changes nothing that is there: no folder is made, no schema brought up to date."""
    kind = "SQLite" if settings.is_sqlite() else "Postgres"
    try:
        db = connect(settings.database, settings.data_dir)
        if isinstance(db, SqliteDb) and not db.path.exists():
            return Finding("database", f"{kind}: {db.path} is made by the first start")
        return Finding("database", f"{kind}: {await _schema(db)}")
    except InUse as busy:
        text = f"{busy.path} is in use by process {busy.holder}, as while windmill-lite runs"
        return Finding("database", f"{kind}: {text}")
    except Refusal as refusal:
        return Finding("database", f"{kind}: {refusal.message}", good=False)


async def _schema(db: Db) -> str:
    try:
        await db.open()
        owed = migrate.pending(migrate.available(), await db.write(migrate.ledger))
    finally:
        await db.close()
    if owed:
        return f"reachable; the next start makes {len(owed)} migrations"
    return "reachable and up to date"


async def _sandbox(settings: Settings) -> list[Finding]:
    start = launcher("forkserver", site=False)
    try:
        report = await sandbox.probe(start, child_env(reuse_extraction=True))
    except sandbox.Unfit as unfit:
        return [Finding("sandbox", str(unfit), good=False)]
    good = SANDBOXES.index(report.level) <= SANDBOXES.index(settings.min_sandbox)
    remedy = "mend what is said below, or name a weaker --min-sandbox"
    why = [Finding("sandbox", f"not stronger because {reason}") for reason in report.why]
    return [Finding("sandbox", f"level {report.level}", remedy, good=good), *why]


def _languages(settings: Settings) -> list[Finding]:
    """A language whose pack the first job brings along is well; so is one nobody asked for."""
    found = []
    for runtime in runtimes_with(Packs.at(settings.data_dir), Kept.at(settings.data_dir)):
        probe = runtime.probe()
        if probe.available:
            found.append(Finding("language", f"{probe.language} {probe.version}"))
        elif runtime.pack:
            found.append(
                Finding("language", f"{probe.language}: {_coming(settings, runtime.pack)}")
            )
        elif probe.language == "php":
            found.append(Finding("language", f"php: {probe.why}"))
        else:
            found.append(Finding("language", f"{probe.language} is missing", probe.why, good=False))
    return found


def _coming(settings: Settings, pack: str) -> str:
    """How a pack that is not installed gets there."""
    packs = Packs.at(settings.data_dir)
    if packs.carries(pack):
        return f"the first job unpacks {pack} {packs.pack(pack).version} from the executable"
    how = "the first job installs it, or" if settings.install_runtimes else "if wanted,"
    return f"{pack} is not installed; {how} {packs.remedy(pack)}"


def _disk(data_dir: Path) -> Finding:
    place = next(p for p in (data_dir, *data_dir.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1024**3:.1f} GiB free in {data_dir}"
    remedy = "make room, or choose another --data-dir"
    return Finding("disk", text, remedy, good=free > _ROOM_BYTES)


def _ui() -> Finding:
    built = (resource_path("bundled_ui/dist") / "index.html").is_file()
    text = "the browser UI is built in" if built else "the browser UI is not built"
    return Finding("ui", text, "run `make ui`", good=built)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@place_options
@click.pass_context
def doctor(ctx: click.Context, /, *, as_json: bool, **place: Any) -> None:
    """Say what this machine offers: database, languages, sandbox level, disk."""
    findings = asyncio.run(examine(settings_at(ctx, place)))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            mark = "ok " if finding.good else "BAD"
            click.echo(f"{mark}  {finding.name:<10} {finding.text}")
            if finding.remedy and not finding.good:
                click.echo(f"     {'':<10} remedy: {finding.remedy}")
    sys.exit(0 if all(finding.good for finding in findings) else 6)
