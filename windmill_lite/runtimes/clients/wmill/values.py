"""Variables, resources, states, and who asks."""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .client import HTTPStatusError, current, within  # noqa: TID252
from .jobs import get_root_job_id, own_job  # noqa: TID252

_MISSING = 404


def get_variable(path: str) -> str:
    """The value of a variable; of a secret, too."""
    return str(
        current().get(within(f"variables/get_value/{parse_variable_syntax(path) or path}")).json()
    )


def set_variable(path: str, value: str, is_secret: bool = False) -> None:  # noqa: FBT001, FBT002
    """Changes a variable, or makes it; `is_secret` is for one that is made."""
    path = parse_variable_syntax(path) or path
    if current().get(within(f"variables/exists/{path}")).json():
        current().post(within(f"variables/update/{path}"), json={"value": value})
        return
    body = {"path": path, "value": value, "is_secret": is_secret, "description": ""}
    current().post(within("variables/create"), json=body)


def get_resource(path: str, none_if_undefined: bool = False, interpolated: bool = True) -> Any:  # noqa: FBT001, FBT002
    """The value of a resource, with the variables and resources in it filled in; HTTPStatusError
    (404) when there is none, unless `none_if_undefined`.
    """
    how = "get_value_interpolated" if interpolated else "get_value"
    asked = {"job_id": own_job() or None} if interpolated else None
    endpoint = within(f"resources/{how}/{parse_resource_syntax(path) or path}")
    try:
        return current().get(endpoint, params=asked).json()
    except HTTPStatusError as refusal:
        if none_if_undefined and refusal.response.status_code == _MISSING:
            return None
        raise


def set_resource(path: str, value: Any, resource_type: str = "any") -> None:
    """Changes the value of a resource, or makes it; `resource_type` is for one that is made."""
    path = parse_resource_syntax(path) or path
    if current().get(within(f"resources/exists/{path}")).json():
        current().post(within(f"resources/update_value/{path}"), json={"value": value})
        return
    body = {"path": path, "value": value, "resource_type": resource_type, "description": ""}
    current().post(within("resources/create"), json=body)


def list_resources(
    resource_type: str | None = None, page: int | None = None, per_page: int | None = None
) -> list[dict[str, Any]]:
    asked = {"resource_type": resource_type, "page": page, "per_page": per_page}
    found: list[dict[str, Any]] = current().get(within("resources/list"), params=asked).json()
    return found


def get_state_path() -> str:
    """Where this script keeps its state between its runs, for each of its triggers."""
    path = os.environ.get("WM_STATE_PATH_NEW") or os.environ.get("WM_STATE_PATH")
    if not path:
        raise Exception("there is no state outside of a job: WM_STATE_PATH is not set")  # noqa: TRY002
    return path


def get_state(path: str | None = None) -> Any:
    """What `set_state` kept last; None before."""
    return get_resource(path or get_state_path(), none_if_undefined=True)


def set_state(value: Any, path: str | None = None) -> None:
    set_resource(path or get_state_path(), value, resource_type="state")


def get_flow_user_state(key: str) -> Any:
    """What a step of this flow run kept under a key; None before, and outside of a flow."""
    return _user_state("GET", key)


def set_flow_user_state(key: str, value: Any) -> None:
    _user_state("POST", key, json=value)


def _user_state(method: str, key: str, **body: Any) -> Any:
    """Outside of a flow there is none: that is said, and no error."""
    root = get_root_job_id()
    try:
        answer = current().request(method, within(f"jobs/flow/user_states/{root}/{key}"), **body)
    except HTTPStatusError as refusal:
        if refusal.response.status_code != _MISSING:
            raise
        sys.stdout.write(f"Job {root} does not exist or is not a flow\n")
        return None
    return answer.json() if method == "GET" else None


def set_shared_state(value: Any, path: str = "state.json") -> None:
    """Keeps a value for the steps after this one that share its folder (`same_worker`)."""
    _shared(path).write_text(json.dumps(value, ensure_ascii=False, indent=4), encoding="utf-8")


def get_shared_state(path: str = "state.json") -> Any:
    return json.loads(_shared(path).read_text(encoding="utf-8"))


def set_shared_state_pickle(value: Any, path: str = "state.pickle") -> None:
    """The same for any object of Python's."""
    _shared(path).write_bytes(pickle.dumps(value))


def get_shared_state_pickle(path: str = "state.pickle") -> Any:
    return pickle.loads(_shared(path).read_bytes())  # noqa: S301 - its own flow wrote it


def _shared(name: str) -> Path:
    """At the address that the published package knows, where the sandbox can give it."""
    return (Path("/shared") if Path("/shared").exists() else Path("shared")) / name


def get_workspace() -> str:
    return current().workspace


def get_version() -> str:
    return current().get("version").text


def whoami() -> dict[str, Any]:
    found: dict[str, Any] = current().get("users/whoami").json()
    return found


def username_to_email(username: str) -> str:
    return current().get(within(f"users/username_to_email/{username}")).text


def append_to_result_stream(text: str) -> None:
    """Adds to the result that is read while the script runs."""
    escaped = text.replace("\n", "\\n")
    sys.stdout.write(f"WM_STREAM: {escaped}\n")
    sys.stdout.flush()


def stream_result(stream: Iterable[Any]) -> None:
    for piece in stream:
        append_to_result_stream(str(piece))


def parse_resource_syntax(text: str | None) -> str | None:
    """The path in `$res:path` or `res://path`; None for anything else."""
    return _named(text, ("$res:", "res://"))


def parse_variable_syntax(text: str) -> str | None:
    return _named(text, ("$var:", "var://"))


def _named(text: str | None, marks: tuple[str, ...]) -> str | None:
    return next((text[len(mark) :] for mark in marks if text and text.startswith(mark)), None)
