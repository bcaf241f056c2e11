"""Flows over every row of OpenFlow's semantics, each with what must come of it.

What is expected is argued from the format's description, never copied from a run; where it is
silent, the sentence of a case says what we chose.
"""

from __future__ import annotations

from tests.flows._case import Case
from tests.flows.corpus import (
    at_once,
    branches,
    callees,
    expressions,
    failing_stops,
    failures,
    gates,
    handlers,
    jobs,
    loops,
    names,
    options,
    refusals,
    results,
    skips,
    steps,
    stops,
    waiting,
)

SECTIONS = (
    *(steps, expressions, names, results, loops, branches, at_once),
    *(
        stops,
        failing_stops,
        skips,
        failures,
        handlers,
        gates,
        refusals,
        waiting,
        options,
        jobs,
        callees,
    ),
)
CASES: tuple[Case, ...] = tuple(case for section in SECTIONS for case in section.CASES)
