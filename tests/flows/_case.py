"""One flow of the corpus: what it shows, what is asked, what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from tests.flows._words import Doc


class _Nothing:
    def __repr__(self) -> str:
        return "nothing"


NOTHING: Final = _Nothing()


@dataclass(frozen=True, slots=True)
class Error:
    """Equals `{"error": {...}}` of that name whose message holds all the words. A stack and other
    fields may be there; the step is compared if it is given, `result` too.
    """

    name: str
    words: tuple[str, ...] = ()
    step: str | None = None
    result: Any = NOTHING

    def __eq__(self, other: object) -> bool:
        match other:
            case {"error": {"name": self.name, "message": str(message), **rest}}:
                pass
            case _:
                return False
        if not all(word in message for word in self.words):
            return False
        if self.step is not None and rest.get("step_id") != self.step:
            return False
        return self.result is NOTHING or rest.get("result") == self.result

    __hash__ = None  # type: ignore[assignment]


def raised(words: str = "no") -> Error:
    """What `fail` of `_words` says."""
    return Error("RuntimeError", (words,))


@dataclass(frozen=True, slots=True)
class Act:
    """What a person does when the flow stands still."""

    kind: Literal["approve", "disapprove", "cancel", "wait"]
    step: str = ""  # whose gate
    payload: Any = None
    by: str | None = None
    seconds: float = 0  # to wait
    refused: bool = False  # nobody waits for it any more


def approve(step: str, payload: Any = None, by: str | None = None) -> Act:
    return Act("approve", step, payload, by)


def approve_in_vain(step: str) -> Act:
    return Act("approve", step, refused=True)


def disapprove(step: str, by: str | None = None) -> Act:
    return Act("disapprove", step, by=by)


def wait(seconds: float) -> Act:
    return Act("wait", seconds=seconds)


CANCEL = Act("cancel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case says one of `gives` and `fails`: the result of a flow that succeeds, or fails.

    `runs`: the steps that ran as jobs, each as often as it ran; in order, if the case is `ordered`.
    `modules`: fields of the flow_status of some modules, by id. `pauses`: the seconds for which
    nothing could be done, one after the other. `early`: people who do something before the flow
    starts. `at_once`: of some steps, how many may run at a time.
    """

    says: str
    flow: Doc
    args: Mapping[str, Any] = field(default_factory=dict)
    gives: Any = NOTHING
    fails: Any = NOTHING
    skipped: bool = False  # the flow counts as skipped
    runs: str | None = None
    ordered: bool = True
    modules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pauses: tuple[float, ...] = ()
    early: tuple[Act, ...] = ()
    acts: tuple[Act, ...] = ()
    status: Mapping[str, Any] = field(default_factory=dict)  # fields of the flow_status itself
    at_once: Mapping[str, int] = field(default_factory=dict)
    same_args: bool = False  # every run of a step had the same arguments
    jobs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # facts of a step's job
    triggered: bool = False  # it is deployed, and `args` came from a trigger
    real: bool = False  # is also run by a worker, in cells, asked for over HTTP


#: States of modules, in the words of flow_status.
OK: Final = {"type": "Success", "skipped": False}
SKIPPED: Final = {"type": "Success", "skipped": True}
BAD: Final = {"type": "Failure"}
UNREACHED: Final = {"type": "WaitingForPriorSteps"}
NOBODY: Final = "00000000-0000-0000-0000-000000000000"
