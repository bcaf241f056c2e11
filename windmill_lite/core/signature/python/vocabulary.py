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


def _int(**keywords: Json) -> Typ:
    return Refined(Int(), tuple(keywords.items()))


def _float(**keywords: Json) -> Typ:
    return Refined(Float(), tuple(keywords.items()))


# A name that stands alone.
PLAIN: Mapping[str, Typ] = MappingProxyType(
    {
        "builtins.str": Str(),
        "builtins.int": Int(),
        "builtins.float": Float(),
        "builtins.bool": Bool(),
        "builtins.bytes": Bytes(),
        "builtins.bytearray": Bytes(),
        "builtins.dict": Object(),
        "builtins.list": List(None),
        "builtins.tuple": List(Unknown()),
        "builtins.set": List(Unknown(), unique=True),
        "builtins.frozenset": List(Unknown(), unique=True),
        "builtins.object": Unknown(),
        "builtins.complex": Unknown(),
        "builtins.type": Unknown(),
        "builtins.None": Unknown(),
        "datetime.datetime": Str("date-time"),
        "datetime.date": Str("date"),
        "datetime.time": Str("time"),
        "datetime.timedelta": Unknown(),
        "uuid.UUID": Str("uuid"),
        "decimal.Decimal": Float(),
        "fractions.Fraction": Unknown(),
        "pathlib.Path": Str(),
        "pathlib.PurePath": Str(),
        "pathlib.PosixPath": Str(),
        "os.PathLike": Str(),
        "re.Pattern": Str(),
        "ipaddress.IPv4Address": Str("ipv4"),
        "ipaddress.IPv6Address": Str("ipv6"),
        "wmill.S3Object": Resource("s3_object"),
        "wmill.Base64": Bytes(),
        "wmill.Email": Str("email"),
        "wmill.Sql": Str("sql"),
        "pydantic.EmailStr": Str("email"),
        "pydantic.NameEmail": Str(),
        "pydantic.AnyUrl": Str("uri"),
        "pydantic.AnyHttpUrl": Str("uri"),
        "pydantic.HttpUrl": Str("uri"),
        "pydantic.FileUrl": Str("uri"),
        "pydantic.UUID1": Str("uuid"),
        "pydantic.UUID4": Str("uuid"),
        "pydantic.UUID7": Str("uuid"),
        "pydantic.IPvAnyAddress": Str(),
        "pydantic.SecretStr": Refined(Str(), (("password", True),)),
        "pydantic.SecretBytes": Bytes(),
        "pydantic.Base64Bytes": Bytes(),
        "pydantic.Base64Str": Bytes(),
        "pydantic.FilePath": Str(),
        "pydantic.DirectoryPath": Str(),
        "pydantic.Json": Str(),
        "pydantic.StrictStr": Str(),
        "pydantic.StrictInt": Int(),
        "pydantic.StrictFloat": Float(),
        "pydantic.StrictBool": Bool(),
        "pydantic.StrictBytes": Bytes(),
        "pydantic.AwareDatetime": Str("date-time"),
        "pydantic.NaiveDatetime": Str("date-time"),
        "pydantic.FutureDatetime": Str("date-time"),
        "pydantic.PastDatetime": Str("date-time"),
        "pydantic.FutureDate": Str("date"),
        "pydantic.PastDate": Str("date"),
        "pydantic.PositiveInt": _int(exclusiveMinimum=0),
        "pydantic.NonNegativeInt": _int(minimum=0),
        "pydantic.NegativeInt": _int(exclusiveMaximum=0),
        "pydantic.NonPositiveInt": _int(maximum=0),
        "pydantic.PositiveFloat": _float(exclusiveMinimum=0),
        "pydantic.NonNegativeFloat": _float(minimum=0),
        "pydantic.NegativeFloat": _float(exclusiveMaximum=0),
        "pydantic.NonPositiveFloat": _float(maximum=0),
        "pydantic.FiniteFloat": Float(),
        "pydantic.JsonValue": Unknown(),
        "pydantic.conint": Int(),
        "pydantic.confloat": Float(),
        "pydantic.condecimal": Float(),
        "pydantic.constr": Str(),
        "pydantic.conbytes": Bytes(),
        "typing.Text": Str(),
        "typing.AnyStr": Str(),
        "typing.LiteralString": Str(),
    }
)

LISTS = frozenset(
    {
        "builtins.list",
        "typing.List",
        "typing.Sequence",
        "typing.MutableSequence",
        "typing.Iterable",
        "typing.Collection",
        "typing.Container",
        "typing.Reversible",
        "typing.Deque",
        "collections.deque",
        "collections.abc.Sequence",
        "collections.abc.MutableSequence",
        "collections.abc.Iterable",
        "collections.abc.Collection",
        "collections.abc.Container",
        "collections.abc.Reversible",
        "pydantic.conlist",
    }
)
SETS = frozenset(
    {
        "builtins.set",
        "builtins.frozenset",
        "typing.Set",
        "typing.FrozenSet",
        "typing.AbstractSet",
        "typing.MutableSet",
        "collections.abc.Set",
        "collections.abc.MutableSet",
        "pydantic.conset",
        "pydantic.confrozenset",
    }
)
MAPS = frozenset(
    {
        "builtins.dict",
        "typing.Dict",
        "typing.Mapping",
        "typing.MutableMapping",
        "typing.DefaultDict",
        "typing.OrderedDict",
        "typing.Counter",
        "collections.defaultdict",
        "collections.OrderedDict",
        "collections.Counter",
        "collections.abc.Mapping",
        "collections.abc.MutableMapping",
    }
)
TUPLES = frozenset({"builtins.tuple", "typing.Tuple"})

# Wrappers that say something about the parameter, not about its values.
TRANSPARENT = frozenset(
    {
        "typing.Required",
        "typing.NotRequired",
        "typing.ReadOnly",
        "typing.Final",
        "typing.ClassVar",
        "dataclasses.InitVar",
        "sqlalchemy.orm.Mapped",
    }
)

ENUM_BASES = frozenset(
    {"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.ReprEnum", "enum.Flag", "enum.IntFlag"}
)
MODEL_BASES = frozenset(
    {
        "pydantic.BaseModel",
        "pydantic.main.BaseModel",
        "pydantic.v1.BaseModel",
        "pydantic_settings.BaseSettings",
        "sqlmodel.SQLModel",
        "msgspec.Struct",
    }
)
RECORD_BASES = frozenset({"typing.NamedTuple"})
TYPED_DICT = "typing.TypedDict"
DATACLASS_DECORATORS = frozenset(
    {
        "dataclasses.dataclass",
        "pydantic.dataclasses.dataclass",
        "attrs.define",
        "attrs.frozen",
        "attrs.mutable",
        "attr.define",
        "attr.s",
        "attr.dataclass",
    }
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
