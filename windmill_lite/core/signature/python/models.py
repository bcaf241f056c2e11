"""Classes that are records: Pydantic models, dataclasses, TypedDicts, NamedTuples.

A class becomes an object with its fields and those of its bases in this script. A model within
itself, or beyond the ceilings of `bounds.py`, is an object without fields.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeGuard

from windmill_lite.core.signature.bounds import MODEL_DEPTH_MAX
from windmill_lite.core.signature.prose import plain_text, storable
from windmill_lite.core.signature.python.constants import CALL, Constant, NotConstant
from windmill_lite.core.signature.python.docstring import read_docstring
from windmill_lite.core.signature.python.place import Place, Reader
from windmill_lite.core.signature.python.refine import constrained
from windmill_lite.core.signature.python.scope import LocalClass
from windmill_lite.core.signature.python.vocabulary import (
    DATACLASS_DECORATORS,
    MODEL_BASES,
    PLAIN,
    RECORD_BASES,
    TYPED_DICT,
)
from windmill_lite.core.signature.types import (
    Bool,
    Bytes,
    Field,
    Float,
    Int,
    Json,
    Nullable,
    Object,
    Refined,
    Resource,
    Str,
    Typ,
    Unknown,
)

_FIELD_CALLS = frozenset({"Field", "field", "attrib", "ib", "PrivateAttr"})
# What a class used as a factory makes, as JSON.
_MADE: Mapping[str, Callable[[], Json]] = MappingProxyType(
    {"list": list, "set": list, "tuple": list, "dict": dict, "str": str, "int": int, "bool": bool}
)


def read_class(reader: Reader, found: LocalClass, place: Place) -> Typ | None:
    """The record a class is, or the scalar it extends; None when it is neither."""
    order, foreign = reader.names.ancestry(found)
    if "pydantic.RootModel" in foreign:
        return _root(reader, found, place)
    records = foreign & MODEL_BASES or any(path.endswith(".BaseModel") for path in foreign)
    typed_dict = TYPED_DICT in foreign
    decorated = any(_is_dataclass(reader, each.node) for each in order)
    if not (records or typed_dict or foreign & RECORD_BASES or decorated):
        scalars = (PLAIN[path] for path in sorted(foreign) if path in PLAIN)
        return next(
            (typ for typ in scalars if isinstance(typ, Str | Int | Float | Bool | Bytes)), None
        )
    too_deep = len(place.models) >= MODEL_DEPTH_MAX or reader.fields_left <= 0
    if too_deep or found.path in place.models:
        return Resource(found.node.name)
    fields: dict[str, Field] = {}
    for each in order:
        inner = replace(place, within=each.path, models=(*place.models, found.path))
        for field in _Fields(reader, each.node, inner, typed_dict=typed_dict).read():
            fields[field.name] = field
    return Object(found.node.name, tuple(fields.values()))


def read_typed_dict(reader: Reader, call: ast.Call, place: Place) -> Typ:
    """`Movie = TypedDict("Movie", {"title": str})`, the form for keys that are no identifiers."""
    match call.args:
        case [ast.Constant(value=str() as name), ast.Dict(keys=keys, values=values)]:
            pass
        case _:
            return Unknown()
    fields: list[Field] = []
    for key, value in zip(keys, values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and storable(key.value):
            reader.fields_left -= 1
            if reader.fields_left < 0:
                break
            typ = reader.read(value, place)
            optional = isinstance(typ, Nullable)
            fields.append(
                Field(key.value, typ.of if isinstance(typ, Nullable) else typ, not optional)
            )
    return Object(name, tuple(fields))


def _is_dataclass(reader: Reader, node: ast.ClassDef) -> bool:
    for decorator in node.decorator_list:
        name = decorator.func if isinstance(decorator, ast.Call) else decorator
        if reader.names.path(name) in DATACLASS_DECORATORS:
            return True
    return False


def _root(reader: Reader, found: LocalClass, place: Place) -> Typ | None:
    """`class Tags(RootModel[list[str]])` is the list; so is `root: list[str]` in its body."""
    for base in found.node.bases:
        if isinstance(base, ast.Subscript):
            return reader.read(base.slice, place)
    for node in found.node.body:
        if isinstance(node, ast.AnnAssign):
            return reader.read(node.annotation, place)
    return None


@dataclass(slots=True)
class _Given:
    """What the right side of a field says."""

    default: Json = None
    has_default: bool = False
    name: str | None = None
    skip: bool = False


class _Fields:
    """The fields that one class body declares."""

    def __init__(
        self, reader: Reader, node: ast.ClassDef, place: Place, *, typed_dict: bool
    ) -> None:
        self._reader = reader
        self._node = node
        self._place = place
        self._typed_dict = typed_dict
        self._total = not any(
            keyword.arg == "total"
            and isinstance(keyword.value, ast.Constant)
            and keyword.value.value is False
            for keyword in node.keywords
        )

    def read(self) -> list[Field]:
        said = read_docstring(ast.get_docstring(self._node)).parameters
        fields: list[Field] = []
        body = self._node.body
        for at, node in enumerate(body):
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                continue
            if self._reader.fields_left <= 0:
                break
            following = body[at + 1] if at + 1 < len(body) else None
            text = _attribute_docstring(following) or said.get(node.target.id, "")
            field = self._field(node, node.target.id, text)
            if field is not None:
                fields.append(field)
        return fields

    def _field(self, node: ast.AnnAssign, name: str, text: str) -> Field | None:
        wrapper = self._wrapper(node.annotation)
        if wrapper in {"ClassVar", "KW_ONLY"} or (name.startswith("_") and not self._typed_dict):
            return None
        given = _Given() if node.value is None else self._given(node.value)
        if given.skip:
            return None
        self._reader.fields_left -= 1
        typ = self._reader.read(node.annotation, self._place)
        if self._is_field_call(node.value):
            typ = constrained(typ, self._reader.constraints(node.value, self._place.within))
        self._annotated_default(node.annotation, given)
        optional = isinstance(typ, Nullable)
        typ = typ.of if isinstance(typ, Nullable) else typ
        if isinstance(typ, Refined) and "description" in dict(typ.keywords):
            text = ""  # `Field(description=...)` says it, nearer than a docstring
        missing = wrapper == "NotRequired" or (not self._total and wrapper != "Required")
        return Field(
            name=given.name or name,
            typ=typ,
            required=not (optional or missing or given.has_default),
            default=given.default,
            has_default=given.default is not None,
            description=text,
        )

    def _wrapper(self, annotation: ast.expr) -> str:
        head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
        return self._reader.names.function(head)

    def _given(self, value: ast.expr) -> _Given:
        if self._is_field_call(value):
            return self._field_call(value)
        return _Given(self._known(value), has_default=not _is_ellipsis(value))

    def _field_call(self, call: ast.Call) -> _Given:
        given = _Given()
        if call.args and not _is_ellipsis(call.args[0]):
            given.has_default, given.default = True, self._known(call.args[0])
        for keyword in call.keywords:
            value = keyword.value
            match keyword.arg:
                case "default" if not _is_ellipsis(value):
                    given.has_default, given.default = True, self._known(value)
                case "default_factory" | "factory":
                    given.has_default, given.default = True, self._made(value)
                case "alias" | "validation_alias":
                    text = self._known(value)
                    given.name = text if isinstance(text, str) and text else given.name
                case "init" | "init_var":
                    given.skip = isinstance(value, ast.Constant) and value.value is False
                case _:
                    pass
        return given

    def _annotated_default(self, annotation: ast.expr, given: _Given) -> None:
        """`x: Annotated[int, Field(alias="X")]` says inside what others say on the right."""
        if self._wrapper(annotation) != "Annotated" or not isinstance(annotation, ast.Subscript):
            return
        parts = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else []
        for part in parts[1:]:
            if self._is_field_call(part):
                inner = self._field_call(part)
                given.name = given.name or inner.name
                if not given.has_default:
                    given.default, given.has_default = inner.default, inner.has_default

    def _known(self, node: ast.expr) -> Json:
        value: Constant = self._reader.evaluate(node, self._place.within)
        if value is CALL and isinstance(node, ast.Call) and not (node.args or node.keywords):
            return self._made(node.func)
        return None if isinstance(value, NotConstant) else value

    def _made(self, factory: ast.expr) -> Json:
        if isinstance(factory, ast.Lambda):
            return self._known(factory.body)
        make = _MADE.get(factory.id) if isinstance(factory, ast.Name) else None
        return None if make is None else make()

    def _is_field_call(self, node: ast.expr | None) -> TypeGuard[ast.Call]:
        return isinstance(node, ast.Call) and self._reader.names.function(node.func) in _FIELD_CALLS


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _attribute_docstring(node: ast.stmt | None) -> str:
    """The text under a field, where editors look for its documentation."""
    match node:
        case ast.Expr(value=ast.Constant(value=str() as text)):
            return plain_text(text)
        case _:
            return ""
