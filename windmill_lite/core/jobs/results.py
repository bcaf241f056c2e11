"""The results the machine itself writes, in the shape every failed job has:
`{"error": {"name", "message", …}}`."""

from __future__ import annotations

from windmill_lite.base.codec import Json

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


def worker_lost(*, worker: str | None, attempts: int) -> Json:
    who = f"worker {worker}" if worker else "its worker"
    times = "once" if attempts == 1 else f"{attempts} times"
    return {
        "error": {
            "name": "WorkerLost",
            "message": f"the job was started {times} and each time {who} fell silent before it ended;"
            " it may use more memory than the machine has",
        }
    }


def failed(name: str, message: str) -> Json:
    return {"error": {"name": name, "message": message}}
