"""The names of the standard library, of Pydantic and of `wmill` that mean something in a signature.

Names are full paths (`typing.List`); `reader.py` finds the path behind a spelling. A name that is
not here and not a class of the script is the name of a resource type.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from windmill_lite.core.signature.types import (
    Bool,
    Bytes,
    Float,
    Int,
    Json,
    List,
    Object,
    Refined,
    Resource,
    Str,
    Typ,
    Unknown,
)


def _of(module: str, names: str) -> frozenset[str]:
    """The full paths of names of one module."""
    return frozenset(f"{module}.{name}" for name in names.split())


def _all(typ: Typ, *paths: frozenset[str]) -> dict[str, Typ]:
    return dict.fromkeys((path for some in paths for path in sorted(some)), typ)


def _number(of: Typ, **keywords: Json) -> Typ:
    return Refined(of, tuple(keywords.items()))


# A name that stands alone.
PLAIN: Mapping[str, Typ] = MappingProxyType(
    {
        **_all(
            Str(),
            _of("builtins", "str"),
            _of("typing", "Text AnyStr LiteralString"),
            _of("pathlib", "Path PurePath PosixPath"),
            _of("os", "PathLike"),
            _of("re", "Pattern"),
            _of("pydantic", "NameEmail IPvAnyAddress FilePath DirectoryPath Json StrictStr constr"),
        ),
        **_all(Int(), _of("builtins", "int"), _of("pydantic", "StrictInt conint")),
        **_all(
            Float(),
            _of("builtins", "float"),
            _of("decimal", "Decimal"),
            _of("pydantic", "StrictFloat FiniteFloat confloat condecimal"),
        ),
        **_all(Bool(), _of("builtins", "bool"), _of("pydantic", "StrictBool")),
        **_all(
            Bytes(),
            _of("builtins", "bytes bytearray"),
            _of("wmill", "Base64"),
            _of("pydantic", "SecretBytes Base64Bytes Base64Str StrictBytes conbytes"),
        ),
        **_all(
            Unknown(),
            _of("builtins", "object complex type None"),
            _of("datetime", "timedelta"),
            _of("fractions", "Fraction"),
            _of("pydantic", "JsonValue"),
        ),
        "builtins.dict": Object(),
        "builtins.list": List(None),
        "builtins.tuple": List(Unknown()),
        **_all(List(Unknown(), unique=True), _of("builtins", "set frozenset")),
        **_all(
            Str("date-time"),
            _of("datetime", "datetime"),
            _of("pydantic", "AwareDatetime NaiveDatetime FutureDatetime PastDatetime"),
        ),
        **_all(Str("date"), _of("datetime", "date"), _of("pydantic", "FutureDate PastDate")),
        "datetime.time": Str("time"),
        **_all(Str("uuid"), _of("uuid", "UUID"), _of("pydantic", "UUID1 UUID4 UUID7")),
        **_all(Str("uri"), _of("pydantic", "AnyUrl AnyHttpUrl HttpUrl FileUrl")),
        **_all(Str("email"), _of("pydantic", "EmailStr"), _of("wmill", "Email")),
        "ipaddress.IPv4Address": Str("ipv4"),
        "ipaddress.IPv6Address": Str("ipv6"),
        "wmill.S3Object": Resource("s3_object"),
        "wmill.Sql": Str("sql"),
        "pydantic.SecretStr": Refined(Str(), (("password", True),)),
        "pydantic.PositiveInt": _number(Int(), exclusiveMinimum=0),
        "pydantic.NonNegativeInt": _number(Int(), minimum=0),
        "pydantic.NegativeInt": _number(Int(), exclusiveMaximum=0),
        "pydantic.NonPositiveInt": _number(Int(), maximum=0),
        "pydantic.PositiveFloat": _number(Float(), exclusiveMinimum=0),
        "pydantic.NonNegativeFloat": _number(Float(), minimum=0),
        "pydantic.NegativeFloat": _number(Float(), exclusiveMaximum=0),
        "pydantic.NonPositiveFloat": _number(Float(), maximum=0),
    }
)

_ORDERED = "Sequence MutableSequence Iterable Collection Container Reversible"
LISTS = (
    _of("builtins", "list")
    | _of("typing", f"List Deque {_ORDERED}")
    | _of("collections", "deque")
    | _of("collections.abc", _ORDERED)
    | _of("pydantic", "conlist")
)
SETS = (
    _of("builtins", "set frozenset")
    | _of("typing", "Set FrozenSet AbstractSet MutableSet")
    | _of("collections.abc", "Set MutableSet")
    | _of("pydantic", "conset confrozenset")
)
MAPS = (
    _of("builtins", "dict")
    | _of("typing", "Dict Mapping MutableMapping DefaultDict OrderedDict Counter")
    | _of("collections", "defaultdict OrderedDict Counter")
    | _of("collections.abc", "Mapping MutableMapping")
)
TUPLES = _of("builtins", "tuple") | _of("typing", "Tuple")

# Wrappers that say something about the parameter, not about its values.
TRANSPARENT = (
    _of("typing", "Required NotRequired ReadOnly Final ClassVar")
    | _of("dataclasses", "InitVar")
    | _of("sqlalchemy.orm", "Mapped")
)

ENUM_BASES = _of("enum", "Enum IntEnum StrEnum ReprEnum Flag IntFlag")
MODEL_BASES = (
    _of("pydantic", "BaseModel main.BaseModel v1.BaseModel")
    | _of("pydantic_settings", "BaseSettings")
    | _of("sqlmodel", "SQLModel")
    | _of("msgspec", "Struct")
)
RECORD_BASES = _of("typing", "NamedTuple")
TYPED_DICT = "typing.TypedDict"
DATACLASS_DECORATORS = (
    _of("dataclasses", "dataclass")
    | _of("pydantic.dataclasses", "dataclass")
    | _of("attrs", "define frozen mutable")
    | _of("attr", "define s dataclass")
)

# Names that are understood without an import, as people paste scripts and Windmill reads them.
_BARE_TYPING = (
    "Any List Dict Tuple Set FrozenSet Sequence Mapping MutableMapping Iterable Union Optional "
    "Literal Annotated TypedDict NamedTuple Required NotRequired ClassVar NewType Callable"
)
BARE: Mapping[str, str] = MappingProxyType(
    {
        **{
            path.removeprefix("builtins."): path
            for path in (*PLAIN, *LISTS, *SETS, *MAPS)
            if path.startswith("builtins.")
        },
        **{name: f"typing.{name}" for name in _BARE_TYPING.split()},
        "datetime": "datetime.datetime",
        "date": "datetime.date",
        "Enum": "enum.Enum",
        "IntEnum": "enum.IntEnum",
        "StrEnum": "enum.StrEnum",
        "BaseModel": "pydantic.BaseModel",
        "dataclass": "dataclasses.dataclass",
        "S3Object": "wmill.S3Object",
        "Sql": "wmill.Sql",
    }
)
# Modules whose attributes are understood without an import.
BARE_MODULES = frozenset({"typing", "datetime", "enum", "dataclasses", "pydantic", "uuid", "wmill"})
