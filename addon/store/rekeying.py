"""Seal what is stored with the newest key, so that an old one can be taken out of use."""

from collections.abc import Iterator
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Resealed:
    """What sealing anew came to.

    Attributes:
        resealed: Secrets sealed anew.
        newest: Those that had the newest key already, or got it meanwhile.
        unreadable: Table and person (our id) of those that no key opens.
    """

    resealed: int
    newest: int
    unreadable: list[tuple[str, str]] = field(default_factory=list)


def census(engine: sa.Engine, vault: Vault, *, most: int | None = None) -> Census:
    """Count the stored secrets by the key that opens them; at most `most` of each table."""
    newest = older = unreadable = 0
    for _, user_id, sealed in _secrets(engine, most):
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


def reseal(engine: sa.Engine, vault: Vault) -> Resealed:
    """Seal every secret anew that an older key sealed.

    What no key opens stays as it is: its key may only be missing by mistake. May run at any time,
    several times at once too.
    """
    resealed = newest = 0
    unreadable: list[tuple[str, str]] = []
    for table, user_id, sealed in _secrets(engine):
        if vault.is_newest(sealed):
            newest += 1
            continue
        try:
            anew = vault.reseal(sealed)
        except VaultError:
            unreadable.append((table.name, user_id))
            continue
        with store.writing(engine) as connection:
            # Unless it was replaced meanwhile, as by a refresh: then the newest key did it.
            changed = connection.execute(
                sa.update(table)
                .where(table.c.user_id == user_id, table.c.secret == sealed)
                .values(secret=anew)
            )
            resealed += changed.rowcount
            newest += 1 - changed.rowcount
    return Resealed(resealed, newest, unreadable)


def _secrets(engine: sa.Engine, most: int | None = None) -> Iterator[tuple[sa.Table, str, str]]:
    for table in SEALED:
        last, seen = "", 0
        while most is None or seen < most:
            page = (
                sa.select(table.c.user_id, table.c.secret)
                # Empty where a grant was given up.
                .where(table.c.user_id > last, table.c.secret != "")
                .order_by(table.c.user_id)
                .limit(PAGE if most is None else min(PAGE, most - seen))
            )
            with store.reading(engine) as connection:
                rows = connection.execute(page).all()
            if not rows:
                break
            for user_id, sealed in rows:
                yield table, user_id, sealed
            last, seen = rows[-1].user_id, seen + len(rows)
