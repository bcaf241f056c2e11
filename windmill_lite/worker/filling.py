"""Between a claim and its cell: references in arguments are filled in, and what the job says is
searched for the secrets that came in this way; scripts of the workspace that it imports are read.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from windmill_lite.base.codec import dumps, loads
from windmill_lite.base.errors import Refusal, Unavailable
from windmill_lite.core.jobs import cell, entry, results
from windmill_lite.core.jobs.failed import unready
from windmill_lite.core.jobs.masking import Masker
from windmill_lite.engine.dependencies import flows, imports
from windmill_lite.engine.values import references
from windmill_lite.engine.values.preprocessed import arguments_of
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Claim, Finished, JobKind, NewJob, Outcome
from windmill_lite.runtimes import implied_args

Run = Callable[[Claim], Awaitable[Finished]]
#: Asks the database until it has answered.
Patient = Callable[[Callable[[], Awaitable[str]]], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Filling:
    """A claim as its cell gets it. Its arguments are nowhere else."""

    claim: Claim
    say: Callable[[bytes], None]  # takes what the job says
    masker: Masker | None = None  # there are secrets in it

    def end(self) -> None:
        """Nothing more is said: what was held back is no secret."""
        if self.masker is not None:
            self.masker.end()

    def told(self, finished: Finished) -> Finished:
        """The outcome, once everything was said. A failure does not tell secrets; a result is what
        the script says it is.
        """
        self.end()
        if self.masker is None or finished.outcome is Outcome.SUCCESS:
            return finished
        value = self.masker.hidden(loads(finished.result, what="result"))
        return finished._replace(result=dumps(value))


def _whole(claim: Claim) -> NewJob:
    """The job with the arguments that its script says for itself.

    Fails: `Invalid` when the script cannot be read.
    """
    job = claim.job
    implied = implied_args(job.language or "", claim.code, job.args)
    return job._replace(args=dumps(loads(job.args) | implied)) if implied else job


def _begun(claim: Claim) -> Claim:
    """With the text that begins where the flow around the script says."""
    if not cell.read(claim.job.cell).prepares:
        return claim
    code = entry.preparing(claim.job.language or "", claim.code)
    return claim if code is None else claim._replace(code=code)


async def fill(
    world: World, claim: Claim, env: Mapping[str, str], to: Callable[[bytes], None]
) -> Filling | Finished:
    """What goes into the cell, or the failure of a job whose arguments cannot be filled in, or that
    imports what is not there.

    Fails: `Unavailable`.
    """
    if claim.job.kind is JobKind.FLOW_DEPENDENCIES:
        return await _steps(world, claim, to)
    claim = _begun(claim)
    try:
        job, secrets = await references.filled_args(world, _whole(claim), context=env)
    except Unavailable:
        raise
    except Refusal as refusal:
        error = results.failed("ArgumentError", f"the arguments cannot be filled in: {refusal}")
        return Finished(Outcome.FAILURE, dumps(error))
    try:
        imported = await imports.of_job(world, claim.job, claim.code)
    except Unavailable:
        raise
    except Refusal as refusal:
        return unready(str(refusal), kind=job.kind)
    filled = (
        claim._replace(job=job, imported=imported) if imported or job is not claim.job else claim
    )
    if not secrets:
        return Filling(filled, to)
    masker = Masker(secrets, to)
    return Filling(filled, masker.feed, masker)


async def _steps(world: World, claim: Claim, to: Callable[[bytes], None]) -> Filling | Finished:
    """Of a flow whose locks are to be found. Fails: `Unavailable`."""
    try:
        found = await flows.steps_of(world, claim)
    except Unavailable:
        raise
    except Refusal as refusal:
        return unready(str(refusal), kind=claim.job.kind)
    return Filling(claim._replace(unlocked=found), to)


async def preprocessed(world: World, claim: Claim, begun: Run, tell: Patient) -> Finished:
    """How the run ends; `begun` runs what a claim says. Where its arguments are an event, the
    preprocessor of the script makes those of main of it, in a cell of its own before main's. Both
    are one attempt: what dies in between begins again. Fails: as `begun`.
    """
    rules, began_s = cell.read(claim.job.cell), world.clock.monotonic_s()
    if not rules.event:
        return await begun(claim)
    first = replace(rules, event=False, prepares=True, dedicated=False)
    made = await begun(claim._replace(job=claim.job._replace(cell=cell.written(first))))
    if made.outcome is not Outcome.SUCCESS:
        return made
    try:
        args = await tell(lambda: arguments_of(world, claim.job, made.result))
    except Refusal as refusal:
        error = results.failed("PreprocessorError", str(refusal))
        return made._replace(outcome=Outcome.FAILURE, result=dumps(error))
    spent_s = world.clock.monotonic_s() - began_s
    left_s = (claim.job.timeout_s or limits.JOB_TIMEOUT_S_DEFAULT) - spent_s
    rest = replace(rules, event=False)
    job = claim.job._replace(args=args, timeout_s=max(1, math.ceil(left_s)))
    ended = await begun(claim._replace(job=job._replace(cell=cell.written(rest))))
    return ended._replace(
        args=args,
        cpu_ms=(made.cpu_ms or 0) + (ended.cpu_ms or 0),
        memory_peak_kb=max(made.memory_peak_kb or 0, ended.memory_peak_kb or 0) or None,
    )
