"""Which network a run gets: what its version asks for, within what this worker gives, as far as the
sandbox of this machine keeps it. What it cannot keep is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from sandbox import Cell, Place
from windmill_lite.core.jobs import cell as rules
from windmill_lite.model.script import Network
from windmill_lite.model.target import Target, parse_target

_NAMES_FROM = 0x7F4D0001  # 127.77.0.1: where names are reached inside a cell


@dataclass(frozen=True, slots=True)
class Networks:
    """Of one worker: what it gives (`Network`), and the level of its sandbox."""

    given: Network = ""

    def refusal(self, asked: Network, level: str) -> str | None:
        """Why a run cannot have what its version asks for; None when it can."""
        granted = rules.narrowed(asked, self.given)
        if granted is None:
            given = _told(self.given)
            return f"network: this worker gives its jobs less than {_told(asked)}: {given}"
        if granted == "none" and level == "process":
            return "network none: the sandbox of this worker, process, cannot take the network away"
        if isinstance(granted, tuple) and level != "namespaces":
            return (
                "a network of listed places needs the sandbox namespaces, "
                f"and that of this worker is {level}"
            )
        return None

    def walled(self, cell: Cell, asked: Network, env: Mapping[str, str]) -> Cell:
        """The cell with the network it may have. To a list belongs the API, at the address that the
        job is told.
        """
        granted = rules.narrowed(asked, self.given)
        if isinstance(granted, tuple):
            wanted = [parse_target(each, "network") for each in granted]
            return replace(cell, network="places", places=_places([*wanted, *_api(env)]))
        return cell if granted != "none" else replace(cell, network="none")


def _told(network: Network) -> str:
    return network if isinstance(network, str) else ", ".join(network)


def _api(env: Mapping[str, str]) -> list[Target]:
    parts = urlsplit(env.get("BASE_INTERNAL_URL", ""))
    if parts.hostname is None or ":" in parts.hostname:
        return []
    return [Target(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))]


def _places(wanted: list[Target]) -> tuple[Place, ...]:
    """Each once, a name at an address of its own."""
    names = dict.fromkeys(each.host for each in wanted if not _is_address(each.host))
    inside = {name: _dotted(_NAMES_FROM + number) for number, name in enumerate(names)}
    inside["localhost"] = "127.0.0.1"
    return tuple(
        Place(each.host, each.port, inside.get(each.host, each.host))
        for each in dict.fromkeys(wanted)
    )


def _is_address(host: str) -> bool:
    return host.replace(".", "").isdigit()


def _dotted(number: int) -> str:
    return ".".join(str(byte) for byte in number.to_bytes(4, "big"))
