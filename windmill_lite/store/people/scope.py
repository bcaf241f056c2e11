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

    def sees(self) -> dict[str, Value]:
        """The parameters of every `sees` clause in this door's queries."""
        return {
            "workspace": self.workspace,
            "sees_all": int(self.sees_all),
            "me": self.me,
            "username": self.identity.username,
            "home": self.home,
        }
