"""Pythons that run anywhere: the builds that uv installs, with the hashes that uv 0.13.9 knows."""

from __future__ import annotations

from typing import Final

#: Where they are, below a release's day; UV_PYTHON_INSTALL_MIRROR takes its place, as in uv.
PACKAGE: Final = "python-build-standalone"
HOME: Final = f"https://releases.astral.sh/github/{PACKAGE}/releases/download"
RELEASE: Final = "20261110"
#: SHA-256 of the archives by version and machine.
BUILDS: Final = {
    "3.11.18": {
        "x86_64": "3288c54cea3db350052019b3f8b558dd8a3da8afa6fda573f5fd2bcb37635b4a",
        "aarch64": "7e71f26a003949b57757e287f4f4b6689da07e7a229f5bbee7919c19ed77155d",
    },
    "3.12.16": {
        "x86_64": "6a9e62dad033790aef722dbd370e0ce76ce17b73627ba3ae679f537049350b39",
        "aarch64": "b6a41defec4975d94b4ff1950236e7383e5c02ba40ea48c9ec33c66087a35aab",
    },
    "3.13.18": {
        "x86_64": "f2d2199eb25880e07863b391cf7124e7ffa1338b0d65600dfcec117c4223a7fb",
        "aarch64": "55c00325f7c1fddf325dfc621aabdfbbac4dc54adda224af88ec411dc12db239",
    },
    "3.14.10": {
        "x86_64": "c2ff2e97422f5d3896a16e0317fd212ba977bbf2688d93a6f7a03d817506bd30",
        "aarch64": "38fd50f07170adc29d481913d1c30b17ecb538fbe290315fe1f83d84fdd5b694",
    },
}


def file_of(version: str, machine: str) -> str:
    kind = f"{machine}-unknown-linux-gnu-install_only_stripped"
    return f"cpython-{version}+{RELEASE}-{kind}.tar.gz"
