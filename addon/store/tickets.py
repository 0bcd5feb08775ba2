"""One-use tickets: they carry a person from a card in Calendar to a page in their browser."""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.tables import tickets as table

LIFETIME = timedelta(minutes=10)
"""Long enough to sign in somewhere in a pop-up, short enough that a leaked link is worthless."""

_BYTES = 32
"""256 random bits cannot be guessed."""


def issue(engine: sa.Engine, user_id: str, purpose: str, now: datetime) -> str:
    """Return a new ticket for `user_id`, good for one use within `LIFETIME`.

    Tickets that ran out are swept away on the way, so that the table stays small.
    """
    ticket = secrets.token_urlsafe(_BYTES)
    with store.writing(engine) as connection:
        connection.execute(sa.delete(table).where(table.c.expires_at < now))
        connection.execute(
            sa.insert(table).values(
                digest=_digest(ticket), user_id=user_id, purpose=purpose, expires_at=now + LIFETIME
            )
        )
    return ticket


def redeem(engine: sa.Engine, ticket: str, purpose: str, now: datetime) -> str | None:
    """Use a ticket up and return whose it was; None when it is unknown, used or too old."""
    with store.writing(engine) as connection:
        row = connection.execute(
            sa.delete(table)
            .where(
                table.c.digest == _digest(ticket),
                table.c.purpose == purpose,
                table.c.expires_at >= now,
            )
            .returning(table.c.user_id)
        ).one_or_none()
    return None if row is None else str(row.user_id)


def spend(engine: sa.Engine, ticket: str, user_id: str, purpose: str, now: datetime) -> bool:
    """Note that a ticket was used that proves itself; False when it was before, or nobody is left.

    For tickets that are signed and not stored. The note is swept away with the others, after the
    ticket's own life.
    """
    used = store.insert_into(table, engine.dialect.name).values(
        digest=_digest(ticket), user_id=user_id, purpose=purpose, expires_at=now + LIFETIME
    )
    try:
        with store.writing(engine) as connection:
            return connection.execute(used.on_conflict_do_nothing()).rowcount == 1
    except sa.exc.IntegrityError:
        # No such person any more.
        return False


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
