"""The walk of a value along a schema: one method per type of JSON. `check.py` is the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from windmill_lite.core.arguments.dialect import (
    Schema,
    among,
    is_multiple,
    is_resource_type,
    listed,
    mapped,
    number,
    takes_null,
    told_apart,
    vague_items,
)
from windmill_lite.core.arguments.formats import format_expected, is_base64
from windmill_lite.core.arguments.patterns import matches
from windmill_lite.core.arguments.words import article, joined, shown

_DEPTH_MAX = 40  # what is nested deeper passes
_VALUES_MAX = 100_000  # what comes after so many values passes
# Filled in when the job starts, with the rights of the job.
_REFERENCES = ("$res:", "$var:", "$encrypted:", "$WM_")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `path` is where: `items[2].name`; as text: `count: expected ...`."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Checker:
    """Collects at most `most` problems; counts the values it has seen, so that the walk ends."""

    def __init__(self, most: int) -> None:
        self.problems: list[Problem] = []
        self._most = most
        self._left = _VALUES_MAX

    # ---- objects and values ----------------------------------------------------------------------

    def object(self, schema: Schema, value: dict[str, Any], path: str, depth: int) -> None:
        """The named values of an object: each present one fits, each required one is present."""
        required = listed(schema, "required")
        properties = mapped(schema, "properties")
        for name in required:
            if isinstance(name, str) and name not in value:
                self._report(_inside(path, name), "is required, and is missing")
        for name, one in value.items():
            if len(self.problems) >= self._most:
                return
            inner = properties.get(name)
            if isinstance(inner, dict):
                if one is None and name not in required:
                    continue
                self._property(inner, one, _inside(path, name), depth + 1)
            elif inner is None and path:
                self._additional(schema, one, _inside(path, name), depth + 1)

    def _property(self, schema: Schema, value: Any, path: str, depth: int) -> None:
        before = len(self.problems)
        self.value(schema, value, path, depth)
        if len(self.problems) > before and value is not None and value == schema.get("default"):
            # The schema says so itself, as with "<function call>" for a date.
            del self.problems[before:]

    def _additional(self, schema: Schema, value: Any, path: str, depth: int) -> None:
        inner = schema.get("additionalProperties")
        if isinstance(inner, dict):
            self.value(inner, value, path, depth)

    def value(self, schema: Schema, value: Any, path: str, depth: int) -> None:
        """One value against the schema of its place."""
        self._left -= 1
        if depth > _DEPTH_MAX or self._left < 0 or len(self.problems) >= self._most:
            return
        if isinstance(value, str) and value.startswith(_REFERENCES):
            return
        if value is None and takes_null(schema):
            return
        before = len(self.problems)
        kinds = schema.get("type")
        if isinstance(kinds, str):
            check = self._types.get(kinds)
            if check is not None:
                check(self, schema, value, path, depth)
        elif isinstance(kinds, list) and kinds:
            options = [{**schema, "type": kind} for kind in kinds if isinstance(kind, str)]
            self._any(options, value, path, depth)
        if len(self.problems) == before:
            self._keywords(schema, value, path, depth)

    def _keywords(self, schema: Schema, value: Any, path: str, depth: int) -> None:
        allowed = schema.get("enum")
        if isinstance(allowed, list) and allowed and not among(value, allowed):
            told = joined(allowed)
            self._report(path, f"expected {told}, got {shown(value, schema)}")
        elif "const" in schema and not among(value, [schema["const"]]):
            self._report(path, f"expected {joined([schema['const']])}, got {shown(value, schema)}")
        options = [option for option in listed(schema, "anyOf") if isinstance(option, dict)]
        if options:
            self._any(options, value, path, depth)

    def _any(self, options: list[Schema], value: Any, path: str, depth: int) -> None:
        """Passes when one option does; otherwise says what the options are."""
        if not any(self._fits(option, value, path, depth) for option in options):
            kinds = " or ".join(dict.fromkeys(article(option.get("type")) for option in options))
            self._report(path, f"expected {kinds}, got {shown(value, {})}")

    def _fits(self, schema: Schema, value: Any, path: str, depth: int) -> bool:
        before = len(self.problems)
        if before >= self._most:
            return True
        self.value(schema, value, path, depth + 1)
        fits = len(self.problems) == before
        del self.problems[before:]
        return fits

    # ---- one method per type ---------------------------------------------------------------------

    def _string(self, schema: Schema, value: Any, path: str, depth: int) -> None:
        if not isinstance(value, str):
            self._expected("a string", schema, value, path)
            return
        least, most = number(schema, "minLength"), number(schema, "maxLength")
        if least is not None and len(value) < least:
            self._report(path, f"is shorter than {least:g} characters")
        if most is not None and len(value) > most:
            self._report(path, f"is longer than {most:g} characters")
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and pattern and matches(pattern, value) is False:
            self._report(path, f"{shown(value, schema)} does not match the pattern {pattern[:100]}")
        name = schema.get("format")
        expected = format_expected(name, value) if isinstance(name, str) and value else None
        if expected is not None:
            self._expected(expected, schema, value, path)
        if schema.get("contentEncoding") == "base64" and not is_base64(value):
            self._report(path, "expected base64 text")

    def _integer(self, schema: Schema, value: Any, path: str, depth: int) -> None:
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if not whole or isinstance(value, bool):
            self._expected("an integer", schema, value, path)
        else:
            self._range(schema, value, path)

    def _number(self, schema: Schema, value: Any, path: str, depth: int) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            self._expected("a number", schema, value, path)
        else:
            self._range(schema, value, path)

    def _range(self, schema: Schema, value: float, path: str) -> None:
        least, above = number(schema, "minimum"), number(schema, "exclusiveMinimum")
        most, below = number(schema, "maximum"), number(schema, "exclusiveMaximum")
        if least is not None and value < least:
            self._report(path, f"{value} is less than {least}")
        if above is not None and value <= above:
            self._report(path, f"{value} is not more than {above}")
        if most is not None and value > most:
            self._report(path, f"{value} is more than {most}")
        if below is not None and value >= below:
            self._report(path, f"{value} is not less than {below}")
        step = number(schema, "multipleOf")
        if step is not None and step > 0 and not is_multiple(value, step):
            self._report(path, f"{value} is not a multiple of {step}")

    def _boolean(self, schema: Schema, value: Any, path: str, depth: int) -> None:
        if not isinstance(value, bool):
            self._expected("true or false", schema, value, path)

    def _null(self, schema: Schema, value: Any, path: str, depth: int) -> None:
        if value is not None:
            self._expected("null", schema, value, path)

    def _array(self, schema: Schema, value: Any, path: str, depth: int) -> None:
        if not isinstance(value, list):
            self._expected("a list", schema, value, path)
            return
        least, most = number(schema, "minItems"), number(schema, "maxItems")
        if least is not None and len(value) < least:
            self._report(path, f"has {len(value)} items, fewer than {least:g}")
        if most is not None and len(value) > most:
            self._report(path, f"has {len(value)} items, more than {most:g}")
        places = listed(schema, "prefixItems")
        items = {} if vague_items(schema) else mapped(schema, "items")
        if not places and not items:
            return
        for at, one in enumerate(value):
            if len(self.problems) >= self._most or self._left < 0:
                return
            inner = places[at] if at < len(places) else items
            if isinstance(inner, dict) and inner:
                self.value(inner, one, f"{path}[{at}]", depth + 1)

    def _resource(self, schema: Schema, value: Any, path: str, depth: int) -> None:
        name = schema.get("resourceType")
        if is_resource_type(name) and not isinstance(value, dict):
            self._expected("an object", schema, value, path)

    def _object(self, schema: Schema, value: Any, path: str, depth: int) -> None:
        form = schema.get("format")
        form = form if isinstance(form, str) else ""
        if form.startswith(("dynselect", "dynmultiselect")):
            return
        if isinstance(value, dict):
            self._one_of(schema, value, path, depth)
            self.object(schema, value, path, depth)
            return
        kind = form.removeprefix("resource-")
        if kind == "s3_object" and isinstance(value, str) and value.startswith("s3://"):
            return
        named = kind != form and not mapped(schema, "properties")
        if not named or is_resource_type(kind):
            what = f"a resource of type {kind}, as an object" if named else "an object"
            self._expected(what, schema, value, path)

    def _one_of(self, schema: Schema, value: dict[str, Any], path: str, depth: int) -> None:
        """The variant that the value names is checked; without a name, one of them must fit."""
        variants = [one for one in listed(schema, "oneOf") if isinstance(one, dict)]
        if not variants:
            return
        for name in ("label", "kind", mapped(schema, "discriminator").get("propertyName")):
            if not isinstance(name, str) or name not in value:
                continue
            told = [told_apart(variant, name) for variant in variants]
            for variant, values in zip(variants, told, strict=True):
                if among(value[name], values) or value[name] == variant.get("title"):
                    self.value({**variant, "type": "object"}, value, path, depth + 1)
                    return
            if all(told):
                every = joined([one for values in told for one in values])
                got = shown(value[name], {})
                self._report(_inside(path, name), f"expected {every}, got {got}")
                return
        if not any(self._fits(variant, value, path, depth) for variant in variants):
            titles = joined([variant.get("title", "an object") for variant in variants])
            self._report(path, f"fits none of {titles}")

    def _expected(self, what: str, schema: Schema, value: Any, path: str) -> None:
        self._report(path, f"expected {what}, got {shown(value, schema)}")

    def _report(self, path: str, message: str) -> None:
        if len(self.problems) < self._most:
            self.problems.append(Problem(path, message))

    _types: ClassVar[Mapping[str, Callable[[Checker, Schema, Any, str, int], None]]] = (
        MappingProxyType(
            {
                "string": _string,
                "integer": _integer,
                "number": _number,
                "boolean": _boolean,
                "array": _array,
                "object": _object,
                "resource": _resource,
                "null": _null,
            }
        )
    )


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
