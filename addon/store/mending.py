"""What repairing a link writes: nothing that people wrote is changed."""

import secrets
import uuid
from datetime import datetime

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.links import Link
from addon.store.noticed import ANYBODY
from addon.store.tables import intents, links

_MARK_BYTES = 8
"""As `addon.store.intents` makes them. No event of Livestorm carries this one."""


def start_anew(engine: sa.Engine, link_id: str, *, forget_base: bool) -> None:
    """Forget what a link's failures left behind, and what was last seen of its Calendar event.

    Args:
        engine: The database.
        link_id: Which link.
        forget_base: Forget what both sides agreed on as well: they meet anew.
    """
    values: dict[str, object] = {
        "calendar_seen": None,
        "failures": 0,
        "trouble": None,
        "people_seq": links.c.people_seq + ANYBODY,
    }
    if forget_base:
        values |= {"base": None, "synced_at": None}
    with store.writing(engine) as connection:
        connection.execute(sa.update(links).where(links.c.id == link_id).values(values))


def settle_intent(engine: sa.Engine, link: Link, now: datetime) -> bool:
    """See to it that the intent of a link's event leads to it; return whether it did not.

    Without it the next call for a room would make a second one.
    """
    mine = (
        intents.c.user_id == link.user_id,
        intents.c.calendar_id == link.calendar_id,
        intents.c.event_id == link.event_id,
    )
    with store.writing(engine) as connection:
        row = connection.execute(
            sa.select(intents.c.state, intents.c.link_id).where(*mine).with_for_update()
        ).one_or_none()
        if row is not None and row.state == "done" and row.link_id == link.id:
            return False
        done = {"state": "done", "link_id": link.id, "lease": None, "lease_until": None}
        if row is not None:
            connection.execute(sa.update(intents).where(*mine).values(done))
            return True
        connection.execute(
            store.insert(connection, intents)
            .values(
                id=uuid.uuid4().hex,
                user_id=link.user_id,
                calendar_id=link.calendar_id,
                event_id=link.event_id,
                mark=secrets.token_hex(_MARK_BYTES),
                created_at=now,
                **done,
            )
            .on_conflict_do_nothing()
        )
        return True


def drop_intent(engine: sa.Engine, intent_id: str) -> bool:
    """Forget an open intent, whatever Livestorm made of it; return whether there was one."""
    with store.writing(engine) as connection:
        dropped = connection.execute(
            sa.delete(intents).where(intents.c.id == intent_id, intents.c.state == "open")
        )
        return dropped.rowcount == 1
