"""Another secret key for the instance, and the end of secrets whose key is lost: for whoever owns
the machine.
"""

from __future__ import annotations

from dataclasses import replace

from windmill_lite.base import sealed
from windmill_lite.base.sealed import Closed, Key
from windmill_lite.engine.values import vault
from windmill_lite.engine.values.vault import FINGERPRINT, NoKey
from windmill_lite.engine.world import World
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import tokens
from windmill_lite.store.machine.values import variables


async def rotate(world: World, new: Key) -> int:
    """Seals the keys of all workspaces with `new`, all or none; how many. The secrets stay as they
    are. From then on processes with the old key open no key that they have not opened before, and
    start no more.

    Fails: `NoKey` without the old one.
    """
    await vault.check_keys(world.vault, world.db)

    async def body(tx: Tx) -> int:
        # Before the keys are read: whoever makes one has held it, and is waited for.
        await tokens.put_setting(tx, FINGERPRINT, new.fingerprint(), now=world.now())
        found = await variables.all_keys(tx)
        for key in found:
            place = vault.key_place(key.workspace, key.number)
            if world.vault.key is None:
                raise NoKey("there is no secret key here that could be replaced")
            try:
                text = sealed.unseal(world.vault.key, key.sealed, place=place)
            except Closed:
                raise NoKey(f"the key of workspace {key.workspace} does not open") from None
            again = sealed.seal(new, text, place=place)
            await variables.reseal_key(tx, replace(key, sealed=again))
        if not found:
            await tokens.delete_setting(tx, FINGERPRINT)
        return len(found)

    return await world.db.write(body)


async def forget(world: World) -> int:
    """Deletes every secret there is; how many. The next is sealed with the key there is then."""

    async def body(tx: Tx) -> int:
        gone = await variables.delete_secrets(tx)
        await tokens.delete_setting(tx, FINGERPRINT)
        return gone

    return await world.db.write(body)
