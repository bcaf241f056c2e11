"""The names that every job finds in its environment: what they mean, and what they look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from windmill_lite.engine.world import World
from windmill_lite.store.people.scope import Scope

_JOB = "019a0000-0000-7000-8000-000000000000"

#: Name -> what it is and an example.
_FIXED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "WM_TOKEN": ("A token with the job's rights, good while it runs", "wlj_..."),
        "WM_JOB_ID": ("The id of the job", _JOB),
        "WM_JOB_PATH": ("The path of the script", "f/ops/hello"),
        "WM_RUNNABLE_ID": ("The hash of the script's version", "28ae2d6e1c1a4b5d"),
        "WM_FLOW_JOB_ID": ("The id of the flow that the job is a step of", _JOB),
        "WM_FLOW_PATH": ("The path of that flow", "f/ops/night"),
        "WM_FLOW_STEP_ID": ("The id of that step", "a"),
        "WM_ROOT_FLOW_JOB_ID": ("The id of the outermost flow", _JOB),
        "WM_ROOT_JOB_ID": ("The id of the outermost job", _JOB),
        "WM_SCHEDULE_PATH": ("The path of the schedule that started the job", "f/ops/nightly"),
        "WM_SCHEDULED_FOR": ("For when the job was scheduled, in seconds of Unix", "1767225600"),
        "WM_STATE_PATH": ("The path of the resource with the script's state", "f/ops/hello/user"),
        "WM_OBJECT_PATH": (
            "A place for the run's files",
            f"f_ops_hello/manual/1767225600000_{_JOB}",
        ),
        "WM_END_USER_EMAIL": ("The email of whoever uses an app that started the job", ""),
        "WM_WORKER_GROUP": ("The group of the worker", "default"),
        "WM_ATTEMPT": ("Which start of the job this is", "1"),
    }
)


@dataclass(frozen=True, slots=True)
class Contextual:
    name: str
    says: str
    example: str


def examples(world: World, scope: Scope) -> list[Contextual]:
    """As a job of whoever asks would find them; what only a job knows is made up."""
    identity = scope.identity
    own = {
        "WM_WORKSPACE": ("The workspace", scope.workspace),
        "WM_EMAIL": ("The email of whoever the job runs as", identity.email),
        "WM_USERNAME": ("The username of whoever the job runs as", identity.username),
        "WM_PERMISSIONED_AS": ("Whose rights the job has", identity.permissioned_as),
        "WM_BASE_URL": ("How people reach the API", world.base_url),
        "BASE_URL": ("The same", world.base_url),
        "BASE_INTERNAL_URL": ("How a job reaches the API", world.base_url),
    }
    return [Contextual(name, says, example) for name, (says, example) in {**own, **_FIXED}.items()]
