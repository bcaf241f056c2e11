"""What a statement might be asked with: a plausible value for each parameter, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tests import _finished
from windmill_lite.store.db.port import Query, Value

VALUES: Mapping[str, Value] = {
    "after_id": UUID(int=1),
    "attempt": 1,
    "args": "{}",
    "at": None,
    "before": _finished.NOW - 1,
    "by_label": None,
    "canceled_by": "x",
    "holder": UUID(int=1),
    "due": _finished.NOW - 1,
    "email": "p7@here.test",
    "flow": UUID(int=1),
    "flows": (UUID(int=1), UUID(int=2)),
    "from_char": 10,
    "gate": UUID(int=1),
    "hash": f"{7:064x}",
    "id": UUID(int=1),
    "ids": (UUID(int=1), UUID(int=2)),
    "job": UUID(int=1),
    "job_id": UUID(int=1),
    "jobs": "[]",
    "key": "a",
    "chars": 500,
    "keys": ("a", "b"),
    "names": ("ops",),
    "kinds": ("script",),
    "label": "l7",
    "limit": 30,
    "longest": 1000,
    "most": 100,
    "offset": 0,
    "owner": UUID(int=1),
    "parent": UUID(int=1),
    "parent_id": None,
    "path": "f/team7/s7",
    "paths": ("f/team7/s7",),
    "root_id": None,
    "run": UUID(int=1),
    "scope": UUID(int=1),
    "script_hash": f"{7:016x}",
    "source": UUID(int=1),
    "tags": '{"python3": 1, "gpu": 1}',
    "tagged": ("gpu", "bun"),
    "types": ("postgresql", "c_x"),
    "types_without": ("state", "cache"),
    "username": "p7",
    "worker_id": _finished.WORKER,
    "workspace": "main",
    "written_in": ("python3", "bun"),
}
NUMBERS = (
    "_at", "_s", "_ms", "_us", "_kb", "_only", "now", "start", "stop", "length", "wanted", "slots",
    "priority", "admin", "operator", "visible_to_owner", "max_attempts", "moment", "window",
    "jobs_done", "retries", "count", "kept", "no_overlap", "enabled", "until", "term", "absurd",
    "percent", "days", "root", "after", "number", "force",
    "archived", "wait", "debounced", "since", "concurrent_limit", "sees_all", "scheduled_for",
    "heads", "newest_first", "oldest_first", "version", "final", "is_secret", "is_flow",
    "chars_max",
)  # fmt: skip


def values_of(query: Query) -> dict[str, Value]:
    """A plausible value for each parameter, by its name."""
    values = {name: _value(name) for name in query.params}
    if query.name in ("claim", "next_job"):
        values["after"] = "main"
    if query.name == "clean_later":
        values["root"] = UUID(int=1)
    if "tag" in values and "tags" in values:
        values["tag"] = None  # one of them
    if "oldest_first" in values:
        values["oldest_first"] = None
    return values


def _value(name: str) -> Value:
    if name in VALUES:
        return VALUES[name]
    return 1 if name.endswith(NUMBERS) else "x"
