"""The keys of secrets.

Every workspace has a key of its own, which seals its secrets; it is stored sealed with the secret
key of the instance, which is never in the database. So a stolen database opens nothing, and another
secret key of the instance means to seal a few keys again and not every secret.

The instance's key is given to every node, or, where a database belongs to one process, made beside
it with the first secret. From then on the database knows its fingerprint: a process with another
key, or with none, refuses to start. So no key is ever made over secrets that are there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from windmill_lite.base import sealed
from windmill_lite.base.errors import Invalid, Refusal
from windmill_lite.base.keyfile import make_key, read_key
from windmill_lite.base.sealed import Closed, Key
from windmill_lite.core.references import SEALED
from windmill_lite.model.variable import Variable
from windmill_lite.store.db.port import Db, Tx, View
from windmill_lite.store.machine import tokens
from windmill_lite.store.machine.values import variables
from windmill_lite.store.people.scope import Scope

FINGERPRINT = "secret_key"  # the setting with the fingerprint of the instance's key


class NoKey(Refusal):
    """This process cannot open secrets, and will not before somebody gives it the key."""

    code = "no_secret_key"
    status = 503
    exit_code = 6
    title = "Unavailable"


@dataclass(slots=True)
class Vault:
    """What one process has of the keys. `file`: where a first key may be made; None: nowhere."""

    key: Key | None = None
    file: Path | None = None
    opened: dict[tuple[str, int], Key] = field(default_factory=dict, repr=False)


def vault_with(given: Key | None, beside: Path | None) -> Vault:
    """With the key that was given, else with the one beside a database of one process."""
    if given is None and beside is not None:
        given = read_key(beside)
    return Vault(given, beside)


async def check_keys(vault: Vault, db: Db) -> None:
    """Fails: `NoKey` when there are secrets that this process could not open."""
    async with db.view() as view:
        await _fitting(vault, view)


async def newest_key(vault: Vault, db: Db, workspace: str, *, now: int) -> Key:
    """The key that seals for a workspace; made when it has none. Fails: `NoKey`."""
    async with db.view() as view:
        stored = await variables.keys(view, workspace)
        if stored:
            return await _opened(vault, view, workspace, max(stored))
    instance, fresh = _instance_key(vault), sealed.new_key()
    closed = sealed.seal(instance, fresh.secret.hex(), place=key_place(workspace, fresh.number))

    async def body(tx: Tx) -> Key:
        await tokens.set_once(tx, FINGERPRINT, instance.fingerprint(), now=now)
        await _fitting(vault, tx)
        await variables.insert_key(tx, workspace, fresh.number, closed, now=now)
        return await _opened(vault, tx, workspace, fresh.number)

    return await db.write(body)


def seal(key: Key, workspace: str, path: str, value: str) -> str:
    """Fails: `Invalid` for text that holds half a character."""
    return _sealed(key, value, _variable_place(workspace, path))


def seal_free(key: Key, workspace: str, value: str) -> str:
    """For no path yet: whoever is in the workspace can make a variable or an argument of it."""
    return _sealed(key, value, _free_place(workspace))


def _sealed(key: Key, value: str, place: str) -> str:
    try:
        return sealed.seal(key, value, place=place)
    except UnicodeEncodeError:
        raise Invalid("value holds half a character", field="value") from None


async def reveal(vault: Vault, view: View, variable: Variable) -> str:
    """The text of a variable. Fails: `NoKey`; `Invalid` when it was changed in the database."""
    if not variable.is_secret:
        return variable.value
    place = _variable_place(variable.workspace, variable.path)
    text = await _unsealed(vault, view, variable.workspace, variable.value, place=place)
    if text is None:
        raise Invalid(f"the secret {variable.path} was not sealed for this path: it is damaged")
    return text


async def adopt(vault: Vault, view: View, key: Key, given: Variable) -> str:
    """The value to store for a value that came sealed: verbatim when it was sealed for this very
    path, sealed for it when it was sealed for none. Fails: `Invalid` for any other.
    """
    place = _variable_place(given.workspace, given.path)
    if await _unsealed(vault, view, given.workspace, given.value, place=place) is not None:
        return given.value
    return seal(
        key, given.workspace, given.path, await open_free(vault, view, given.workspace, given.value)
    )


async def open_free(vault: Vault, view: View, workspace: str, value: str) -> str:
    """Fails: `Invalid` when it was not sealed by `seal_free`, for this workspace."""
    text = await _unsealed(vault, view, workspace, value, place=_free_place(workspace))
    if text is None:
        raise Invalid(
            "value is not encrypted with the key of this workspace, for this path or for none",
            field="value",
        )
    return text


def seal_argument(key: Key, scope: Scope, value: str) -> str:
    """For jobs that run as this person: others who see it cannot have it opened. A reference."""
    return SEALED + _sealed(key, value, _argument_place(scope))


async def open_argument(vault: Vault, view: View, scope: Scope, text: str) -> str:
    """Of a reference that `seal_argument` made, or of what `seal_free` did. Fails: `Invalid`."""
    if not text.startswith(SEALED):
        return await open_free(vault, view, scope.workspace, text)
    place, value = _argument_place(scope), text.removeprefix(SEALED)
    opened = await _unsealed(vault, view, scope.workspace, value, place=place)
    if opened is None:
        raise Invalid(f"a sealed argument is not for {scope.me}: it is of somebody else's run")
    return opened


async def _unsealed(
    vault: Vault, view: View, workspace: str, value: str, *, place: str
) -> str | None:
    try:
        key = await _opened(vault, view, workspace, sealed.number_of(value))
        return sealed.unseal(key, value, place=place)
    except Closed:
        return None


async def _opened(vault: Vault, view: View, workspace: str, number: int) -> Key:
    """One key of a workspace. Fails: `NoKey`; `Closed` when there is none of this number."""
    known = vault.opened.get((workspace, number))
    if known is not None:
        return known
    stored = (await variables.keys(view, workspace)).get(number)
    if stored is None:
        raise Closed
    await _fitting(vault, view)
    instance = _instance_key(vault)
    try:
        text = sealed.unseal(instance, stored, place=key_place(workspace, number))
    except Closed:
        raise NoKey(f"the key of workspace {workspace} does not open: it is damaged") from None
    found = vault.opened[workspace, number] = replace(
        sealed.new_key(number), secret=bytes.fromhex(text)
    )
    return found


async def _fitting(vault: Vault, view: View) -> None:
    wanted = await tokens.setting(view, FINGERPRINT)
    have = None if vault.key is None else vault.key.fingerprint()
    if wanted is None or wanted == have:
        return
    what = "there is no key here" if have is None else f"the key here is {have}"
    place = f"put it back as {vault.file}, or " if vault.file is not None else ""
    raise NoKey(
        f"the secrets in this database are sealed with the secret key {wanted}, and {what}: "
        f"{place}give it with --secret-key-file or WINDMILL_LITE_SECRET_KEY"
    )


def _instance_key(vault: Vault) -> Key:
    if vault.key is None:
        if vault.file is None:
            raise NoKey(
                "there is no secret key: secrets on Postgres need one that all nodes share; give "
                "it with --secret-key-file or WINDMILL_LITE_SECRET_KEY (`openssl rand -hex 32`)"
            )
        vault.key = make_key(vault.file)
    return vault.key


def key_place(workspace: str, number: int) -> str:
    """What a workspace's key is sealed for."""
    return f"key:{workspace}:{number}"


def _variable_place(workspace: str, path: str) -> str:
    return f"variable:{workspace}:{path}"


def _argument_place(scope: Scope) -> str:
    return f"argument:{scope.workspace}:{scope.me}"


def _free_place(workspace: str) -> str:
    return f"text:{workspace}"
