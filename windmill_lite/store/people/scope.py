"""A scope: without one nothing can be read as a person."""

from __future__ import annotations

from dataclasses import dataclass

from windmill_lite.model.identity import Identity
from windmill_lite.store.db.port import Value


@dataclass(frozen=True, slots=True)
class Scope:
    """A workspace and who asks in it, and how the two become a WHERE."""

    identity: Identity

    @property
    def workspace(self) -> str:
        return self.identity.workspace

    @property
    def sees_all(self) -> bool:
        return self.identity.is_admin

    @property
    def me(self) -> str:
        """`u/<username>`"""
        return self.identity.permissioned_as

    @property
    def home(self) -> str:
        """The prefix of the paths that are one's own."""
        return self.identity.permissioned_as + "/"

    def reach(self) -> dict[str, Value]:
        """The parameters of every clause about what lies at a path."""
        return {"workspace": self.workspace, "sees_all": int(self.sees_all), "home": self.home}

    def sees(self) -> dict[str, Value]:
        """The parameters of every `sees` clause of jobs."""
        return self.reach() | {"me": self.me, "username": self.identity.username}
