"""The strongest level this machine supports, and in words why not a stronger one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.cell import Level, Unfit
from sandbox.client.launch import Launch


@dataclass(frozen=True, slots=True)
class Report:
    """What was tried and how it went."""

    level: Level
    why: tuple[str, ...]  # why not stronger, with the remedy where one is known; empty at the top
    features: Mapping[str, str]  # feature to "yes" or "no: reason"


def source_launcher() -> tuple[str, ...]:
    """The argv that starts a fork server from a source tree; a frozen program has another."""
    return (
        os.path.realpath(sys.executable),
        "-I",
        "-S",
        str(Path(__file__).parent / "__main__.py"),
    )


async def probe(launcher: Sequence[str], env: Mapping[str, str] | None = None) -> Report:
    """Try every level in throw-away children of a short-lived fork server; takes a few 10 ms."""
    launch = Launch(launcher, env, {"probe": True, "level": "best", "preload": [], "shared": []})
    try:
        answer = json.loads(await launch.first_message())
        return Report(answer["level"], tuple(answer["why"]), answer["features"])
    except (KeyError, ValueError) as error:
        raise Unfit("the fork server gave no answer to the probe") from error
    finally:
        await launch.stop()
