"""Variables and resources as they are told; the twin of `wire.py` for them."""

from __future__ import annotations

from windmill_lite.api.replies import present
from windmill_lite.api.wire import moment
from windmill_lite.base.codec import Json
from windmill_lite.model.variable import Variable


def variable(found: Variable, *, shown: bool) -> dict[str, Json]:
    """`shown` False leaves the value out."""
    return present(
        workspace_id=found.workspace,
        path=found.path,
        value=found.value if shown else None,
        is_secret=found.is_secret,
        description=found.description,
        labels=list(found.labels) or None,
        is_oauth=False,
        is_expired=False,
        edited_at=moment(found.edited_at),
        edited_by=found.edited_by,
        extra_perms={},
    )
