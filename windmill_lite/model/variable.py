"""Variables: a text under a path. A secret is one whose text is sealed where it is stored."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewVariable:
    """A variable to make. `sealed`: the value is a sealed text already, as an export has it."""

    path: str
    value: str
    is_secret: bool
    description: str = ""
    labels: tuple[str, ...] = ()
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class VariableChange:
    """What a change says; None leaves as it is."""

    path: str | None = None
    value: str | None = None
    is_secret: bool | None = None
    description: str | None = None
    labels: tuple[str, ...] | None = None
    sealed: bool = False  # the value is


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable as it is stored. `value` of a secret is sealed."""

    workspace: str
    path: str
    value: str
    is_secret: bool
    description: str
    labels: tuple[str, ...]
    edited_by: str
    edited_at: int  # µs


@dataclass(frozen=True, slots=True)
class VariableFilter:
    """Questions of the list; texts are looked for in any case. No question is about a secret."""

    path: str | None = None
    path_prefix: str | None = None
    description: str | None = None
    value: str | None = None
    anywhere: str | None = None
