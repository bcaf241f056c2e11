"""References in values: `$var:<path>` stands for a variable, `$res:<path>` for a resource.

A string is a reference when all of it is one; strings anywhere in lists and objects count, also
those in the values of resources. `$encrypted:<text>` stands for an encrypted text, `$sealed:<text>`
for a JSON value that a flow encrypted for whom it runs as, `$WM_NAME` (or
`$var:WM_NAME`) for a name of the job's environment; one that is not known stays as it is. What a
variable holds is never looked into.

The caller loads what is `wanted`, round after round, until nothing is; then `filled` puts it in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from windmill_lite.base.codec import Json, loads
from windmill_lite.base.errors import Invalid, TooLarge
from windmill_lite.model import limits

_VARIABLE, _RESOURCE, _CONTEXT = "$var:", "$res:", "$"
_ENCRYPTED, SEALED = "$encrypted:", "$sealed:"
_DEPTH_MAX = 200  # of lists and objects in each other, those of resources included


@dataclass(frozen=True, slots=True)
class Wanted:
    """Paths of variables and resources, and encrypted texts; of a sealed value the reference."""

    variables: AbstractSet[str] = frozenset()
    resources: AbstractSet[str] = frozenset()
    encrypted: AbstractSet[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.variables or self.resources or self.encrypted)


@dataclass(slots=True)
class Known:
    """What is loaded so far. `resources` are JSON text."""

    variables: dict[str, str] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    encrypted: dict[str, str] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)  # the job's environment


def mentioned(text: str) -> bool:
    """Whether JSON text could hold a reference: quick, and wrong in one direction only."""
    return '"$' in text


def wanted(value: Json, known: Known) -> Wanted:
    """What `value` refers to and is not known yet."""
    variables, resources, encrypted = set(), set(), set()
    for text in _references(value, 0):
        if (path := _named(text, _VARIABLE)) is not None:
            variables.add(path)
        elif (path := _named(text, _RESOURCE)) is not None:
            resources.add(path)
        elif (path := _named(text, _ENCRYPTED)) is not None:
            encrypted.add(path)
        elif text.startswith(SEALED):
            encrypted.add(text)
    return Wanted(
        variables - known.variables.keys() - known.context.keys(),
        resources - known.resources.keys(),
        encrypted - known.encrypted.keys(),
    )


def filled(value: Json, known: Known) -> Json:
    """The value with everything it refers to in its place.

    Fails: `Invalid` for a resource that refers to itself, for references nested too deeply and for
    too many of them; `TooLarge` when all of it is larger than arguments may be.
    """
    return _Filling(known).fill(value, ())


def _references(value: Json, depth: int) -> Iterator[str]:
    if depth > _DEPTH_MAX:
        raise Invalid(f"a value with references is nested more than {_DEPTH_MAX} deep")
    if isinstance(value, str):
        if value.startswith("$"):
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _references(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner, depth + 1)


def _named(text: str, prefix: str) -> str | None:
    return text[len(prefix) :] if text.startswith(prefix) else None


class _Filling:
    """Counts what it puts in, so that a few resources that refer to each other twice do not become
    millions.
    """

    def __init__(self, known: Known) -> None:
        self._known = known
        self._count = 0
        self._bytes = 0
        self._depth = 0

    def fill(self, value: Json, chain: tuple[str, ...]) -> Json:
        if isinstance(value, str):
            return self._text(value, chain) if value.startswith("$") else value
        if not isinstance(value, dict | list):
            return value
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise Invalid(f"a value with references is nested more than {_DEPTH_MAX} deep")
        if isinstance(value, dict):
            made: Json = {name: self.fill(inner, chain) for name, inner in value.items()}
        else:
            made = [self.fill(inner, chain) for inner in value]
        self._depth -= 1
        return made

    def _text(self, text: str, chain: tuple[str, ...]) -> Json:
        known = self._known
        if (path := _named(text, _RESOURCE)) is not None:
            return self._resource(path, chain)
        if (path := _named(text, _VARIABLE)) is not None:
            found = known.context[path] if path in known.context else known.variables[path]
        elif (sealed := _named(text, _ENCRYPTED)) is not None:
            found = known.encrypted[sealed]
        elif text.startswith(SEALED):
            self._counted(known.encrypted[text])
            return loads(known.encrypted[text], what="a sealed value")
        else:
            return known.context.get(text.removeprefix(_CONTEXT), text)
        self._counted(found)
        return found

    def _resource(self, path: str, chain: tuple[str, ...]) -> Json:
        if path in chain:
            circle = " -> ".join((*chain[chain.index(path) :], path))
            raise Invalid(f"resource {path} refers to itself: {circle}")
        if len(chain) >= limits.REFERENCE_DEPTH_MAX:
            most = limits.REFERENCE_DEPTH_MAX
            raise Invalid(f"resource {chain[0]} refers to more than {most} others in a row")
        text = self._known.resources[path]
        self._counted(text)
        return self.fill(loads(text, what=f"resource {path}"), (*chain, path))

    def _counted(self, text: str) -> None:
        self._count += 1
        self._bytes += len(text)
        if self._count > limits.REFERENCES_MAX:
            raise Invalid(f"more than {limits.REFERENCES_MAX} references are filled in")
        if self._bytes > limits.ARGS_BYTES_MAX:
            raise TooLarge(f"what is referred to is larger than {limits.ARGS_BYTES_MAX} bytes")


def texts(value: Json) -> Iterator[str]:
    """Whatever could be a secret in a value: its strings, and its numbers as they are written."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
