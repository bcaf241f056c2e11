"""A scope: without one nothing can be read as a person."""

from __future__ import annotations

from dataclasses import dataclass

from windmill_lite.model.identity import Identity


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
        """The prefix of the paths that are one's own, and its exclusive upper bound: see `home_end`."""
        return self.identity.permissioned_as + "/"

    @property
    def home_end(self) -> str:
        return self.identity.permissioned_as + "0"  # "0" follows "/" in ASCII: a range, not a LIKE
