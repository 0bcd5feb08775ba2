"""Seal what is stored with the newest key, so that an old one can be taken out of use."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.tables import google_grants, livestorm_connections
from addon.store.vault import Vault, VaultError

SEALED = (livestorm_connections, google_grants)
"""The tables with a `secret` that the vault sealed for their `user_id`."""

PAGE = 500
"""Rows read at once: some 500 kB."""


@dataclass(frozen=True)
class Census:
    """How many stored secrets open with the newest key, with an older one, with none."""

    newest: int
    older: int
    unreadable: int


def census(engine: sa.Engine, vault: Vault) -> Census:
    """Count the stored secrets by the key that opens them."""
    newest = older = unreadable = 0
    for _, user_id, sealed in _secrets(engine):
        try:
            vault.open(user_id, sealed)
        except VaultError:
            unreadable += 1
            continue
        if vault.is_newest(sealed):
            newest += 1
        else:
            older += 1
    return Census(newest, older, unreadable)


def reseal(engine: sa.Engine, vault: Vault) -> int:
    """Seal every secret anew that an older key sealed; return how many.

    What no key opens stays as it is: its key may only be missing by mistake.
    """
    resealed = 0
    for table, user_id, sealed in _secrets(engine):
        if vault.is_newest(sealed):
            continue
        try:
            anew = vault.reseal(sealed)
        except VaultError:
            continue
        with store.writing(engine) as connection:
            # Unless it was replaced meanwhile, as by a refresh: then the newest key did it.
            changed = connection.execute(
                sa.update(table)
                .where(table.c.user_id == user_id, table.c.secret == sealed)
                .values(secret=anew)
            )
            resealed += changed.rowcount
    return resealed


def _secrets(engine: sa.Engine) -> Iterator[tuple[sa.Table, str, str]]:
    for table in SEALED:
        last = ""
        while True:
            page = (
                sa.select(table.c.user_id, table.c.secret)
                # Empty where a grant was given up.
                .where(table.c.user_id > last, table.c.secret != "")
                .order_by(table.c.user_id)
                .limit(PAGE)
            )
            with store.reading(engine) as connection:
                rows = connection.execute(page).all()
            if not rows:
                break
            for user_id, sealed in rows:
                yield table, user_id, sealed
            last = rows[-1].user_id
