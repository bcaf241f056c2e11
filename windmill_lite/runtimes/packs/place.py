"""Packs on the disk: `<root>/<name>/<version>/`, complete or not there.

A pack is unpacked beside its place and renamed into it, after everything is on the disk; whatever
ends the process in between, nobody finds half of one. One process installs at a time, by a lock on
`<root>/.lock`; the next to hold it removes what the one before left unfinished.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from windmill_lite.base.errors import Invalid, NotFound, Unavailable
from windmill_lite.base.frozen import program_file
from windmill_lite.model import limits
from windmill_lite.runtimes.packs.carried import Piece, carried, take_out
from windmill_lite.runtimes.packs.catalogue import PACKS, Artifact, Pack, artifact_for, here
from windmill_lite.runtimes.packs.fetch import download, hash_of
from windmill_lite.runtimes.packs.registry import locate
from windmill_lite.runtimes.packs.unpack import unpack

Say = Callable[[str], None]
_UNFINISHED: Final = ".new-"


@dataclass(frozen=True, slots=True)
class Installed:
    """A pack that is there."""

    name: str
    version: str
    directory: Path
    program: str  # below the directory


@dataclass(frozen=True, slots=True)
class _Wanted:
    pack: Pack
    artifact: Artifact
    env: Mapping[str, str]
    say: Say


@dataclass(frozen=True, slots=True)
class Packs:
    """The packs below `root`; a value, which reads the disk each time it is asked.

    `program` is the executable that may carry some.
    """

    root: Path
    catalogue: Mapping[str, Pack] = field(default_factory=lambda: PACKS, repr=False)
    program: Path | None = None

    @classmethod
    def at(cls, data_dir: Path) -> Packs:
        """The packs of an appliance; links are followed, since cells are shown real places."""
        return cls((data_dir / "runtimes").resolve(), program=program_file())

    def pack(self, name: str) -> Pack:
        """Fails: `NotFound`, with the names there are."""
        if name not in self.catalogue:
            raise NotFound(f"there is no runtime {name!r}; there are: {', '.join(self.catalogue)}")
        return self.catalogue[name]

    def find(self, name: str) -> Installed | None:
        """The version this release knows, or else the newest one that is there."""
        pack = self.pack(name)
        home = self.root / name
        versions = [pack.version, *sorted(_versions(home), key=_order, reverse=True)]
        for version in versions:
            if (home / version / pack.program).is_file():
                return Installed(name, version, home / version, pack.program)
        return None

    def remedy(self, name: str) -> str:
        """The command that installs a pack, in full."""
        return f"windmill-lite runtime install {name} --data-dir {self.root.parent}"

    def carries(self, name: str) -> bool:
        """Whether the executable has the pack in it, for this machine."""
        artifact = artifact_for(self.pack(name), here())
        return artifact is not None and self._carried(artifact) is not None

    def install(
        self, name: str, env: Mapping[str, str], say: Say, *, source: Path | None = None
    ) -> Installed:
        """Take a pack out of the executable or from the file `source`, or fetch it; at once when
        it is there already.

        Blocking, for a thread. Fails: `NotFound` for an unknown name; `Unavailable` where it is not
        made for this machine or cannot be fetched; `Invalid` for a file that is not the one.
        """
        pack = self.pack(name)
        artifact = artifact_for(pack, here())
        if artifact is None:
            raise Unavailable(f"{name} {pack.version} is not made for this machine ({here()})")
        directory = self.root / name / pack.version
        with self._alone(say):
            if not (directory / pack.program).is_file():
                self._put(_Wanted(pack, artifact, env, say), source)
                say(f"{name} {pack.version} is ready")
        return Installed(name, pack.version, directory, pack.program)

    def remove(self, name: str) -> list[str]:
        """Every version of a pack; the versions that were there. Jobs that run keep their files.

        Fails: `NotFound` when none is.
        """
        home = self.root / self.pack(name).name
        with self._alone(lambda _: None):
            versions = sorted(_versions(home), key=_order)
            if not versions:
                raise NotFound(f"the runtime {name} is not installed in {self.root}")
            gone = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.root))
            home.rename(gone / name)
            shutil.rmtree(gone, ignore_errors=True)
        return versions

    def _put(self, wanted: _Wanted, source: Path | None) -> None:
        pack, artifact = wanted.pack, wanted.artifact
        fresh = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.root))
        try:
            archive = source or self._brought(wanted, fresh / artifact.file)
            _check(archive, artifact)
            wanted.say(f"unpacking {pack.name} {pack.version}")
            unpack(archive, fresh / pack.version, inside=pack.inside, links=pack.links)
            if not os.access(fresh / pack.version / pack.program, os.X_OK):
                raise Invalid(f"{artifact.file} has no program {pack.program}")
            (fresh / pack.version).chmod(0o755)
            os.sync()  # the files before the name
            home = self.root / pack.name
            home.mkdir(mode=0o755, exist_ok=True)
            (fresh / pack.version).rename(home / pack.version)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _brought(self, wanted: _Wanted, target: Path) -> Path:
        piece = self._carried(wanted.artifact)
        if self.program is None or piece is None:
            return _fetched(wanted, target)
        take_out(self.program, piece, target)
        return target

    def _carried(self, artifact: Artifact) -> Piece | None:
        return carried(self.program).get(artifact.file) if self.program else None

    @contextmanager
    def _alone(self, say: Say) -> Iterator[None]:
        try:
            self.root.mkdir(mode=0o755, parents=True, exist_ok=True)
            fd = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable(f"{self.root} cannot be written: {error.strerror}") from None
        try:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("waiting for another process that installs a runtime")
                fcntl.flock(fd, fcntl.LOCK_EX)
            for left in self.root.glob(f"{_UNFINISHED}*"):
                shutil.rmtree(left, ignore_errors=True)
            yield
        finally:
            os.close(fd)


def fetch_archive(pack: Pack, folder: Path, env: Mapping[str, str], say: Say) -> Path:
    """The pack's file for this machine in `folder`, whole and checked; fetched once.

    Fails as `Packs.install` does.
    """
    artifact = artifact_for(pack, here())
    if artifact is None:
        raise Unavailable(f"{pack.name} {pack.version} is not made for this machine ({here()})")
    target = folder / artifact.file
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f"{_UNFINISHED}{artifact.file}"
        _fetched(_Wanted(pack, artifact, env, say), fresh)
        fresh.rename(target)
    _check(target, artifact)
    return target


def _fetched(wanted: _Wanted, target: Path) -> Path:
    pack = wanted.pack
    try:
        address = locate(pack, wanted.artifact, wanted.env)
        host = urlsplit(address.url).hostname
        where = f" from {host}" if host else ""
        wanted.say(
            f"fetching {wanted.artifact.package} {pack.version}{where} ({pack.megabytes} MB)"
        )
        download(address.url, target, bytes_max=limits.PACK_BYTES_MAX, token=address.token)
    except Unavailable as refusal:
        mirror = "UV_PYTHON_INSTALL_MIRROR may name another place; " * (pack.registry == "builds")
        by_hand = f"{mirror}or fetch {wanted.artifact.file} elsewhere and give it with --from"
        raise Unavailable(f"{refusal.message} ({by_hand})") from None
    return target


def _check(archive: Path, artifact: Artifact) -> None:
    algorithm, _, wanted = artifact.digest.partition(":")
    try:
        found = hash_of(archive, algorithm)
    except OSError as error:
        raise Invalid(f"{archive} cannot be read: {error.strerror}") from None
    if found != wanted:
        raise Invalid(
            f"{archive.name} is not {artifact.file} of the package {artifact.package}: its "
            f"{algorithm} is {found[:16]}..., and not {wanted[:16]}..."
        )


def _versions(home: Path) -> list[str]:
    try:
        return [entry.name for entry in home.iterdir() if entry.is_dir()]
    except OSError:
        return []


def _order(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]
