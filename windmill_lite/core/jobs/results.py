"""The results the machine itself writes, in the shape every failed job has:
`{"error": {"name", "message", …}}`."""

from __future__ import annotations

from uuid import UUID

from windmill_lite.base.codec import Json, dumps, loads
from windmill_lite.model import limits

NO_REASON = "unexplicited reasons"  # Windmill's words, which its clients show


def canceled(*, by: str, reason: str) -> Json:
    return {
        "error": {
            "name": "Canceled",
            "message": f"Job canceled: {reason} by {by}",
            "reason": reason,
            "canceler": by,
        }
    }


def worker_lost(*, why: str, attempts: int, max_attempts: int) -> Json:
    if max_attempts == 1:
        message = (
            f"the job did not come to its end: {why}; what it had done by then is not known, and "
            "as on_worker_loss is fail it is not started again"
        )
        return failed("WorkerLost", message)
    times = "once" if attempts == 1 else f"{attempts} times"
    message = (
        f"the job was started {times} and never ended: {why}; "
        "it may use more memory than the machine has"
    )
    return failed("WorkerLost", message)


def debounced(*, by: UUID) -> Json:
    return {"skipped": f"debounced: job {by} took its place", "debounced_by": str(by)}


def streamed(result: str, text: str) -> str:
    """The result, JSON text, of a job that streamed `text`: the text itself, or what main returned
    with it as `wm_stream` when that is an object.
    """
    value = loads(result)
    return dumps(value | {"wm_stream": text} if isinstance(value, dict) else text)


def reason(result: Json, chars: int) -> str:
    """Why a job failed, in one line of at most so many characters."""
    error = result.get("error") if isinstance(result, dict) else None
    if not isinstance(error, dict):
        return "it says not why"
    told = f"{error.get('name', 'Error')}: {error.get('message', '')}"
    line = " ".join(told.split())
    return line if len(line) <= chars else f"{line[: chars - 1]}…"


def failed(name: str, message: str) -> Json:
    return {"error": {"name": name, "message": message}}


def labels_of(text: str) -> tuple[str, ...]:
    """`wm_labels` of an object result: words by which its run can be found, each once.

    What is no short printable text is left out: no database would store a NUL or half a character.
    """
    if '"wm_labels"' not in text:
        return ()
    value = loads(text)
    found = value.get("wm_labels") if isinstance(value, dict) else None
    if not isinstance(found, list):
        return ()
    words = [word for word in found if isinstance(word, str) and 0 < len(word) <= 100]
    return tuple(dict.fromkeys(filter(str.isprintable, words)))[: limits.LABELS_MAX]


def declared_failure(text: str) -> str | None:
    """The result of a script that came to its end and says of itself that it failed, by a text
    `wm_failure` in its object: with an error, whatever else it holds. None for any other.
    """
    if '"wm_failure"' not in text:
        return None
    value = loads(text)
    words = value.get("wm_failure") if isinstance(value, dict) else None
    if not isinstance(words, str):
        return None
    return dumps(value | failed("ManualFailure", words))
