"""Intents: written before Livestorm is asked to create something, so that a crash leaves a trace.

An intent is worked on under a lease. Whoever finds one whose lease ran out knows that its
holder died or gave up, and that Livestorm may or may not have been asked.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from addon.store import engine as store
from addon.store import links
from addon.store.kept import Kept
from addon.store.tables import intents as table
from addon.store.types import Instant

_MARK_BYTES = 8
"""64 random bits tell our events of one workspace apart with no practical chance of a clash."""


@dataclass(frozen=True)
class Intent:
    """The right, held through `lease`, to create the Livestorm event of one Calendar event.

    `asked_at`: when Livestorm may last have been asked before this lease; None if never. If it
    is set, the event carrying `mark` in its slug must be looked for before another is made.
    """

    id: str
    user_id: str
    calendar_id: str
    event_id: str
    mark: str
    lease: str
    asked_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class Busy:
    """Somebody else works on it, at the latest until `until`."""

    until: datetime


@dataclass(frozen=True)
class Done:
    """The Livestorm event exists and is linked."""

    link_id: str


def claim(
    engine: sa.Engine,
    *,
    user_id: str,
    calendar_id: str,
    event_id: str,
    now: datetime,
    lease_for: timedelta,
) -> Intent | Busy | Done:
    """Take the lease of an event's intent, made when there is none yet."""
    lease = uuid.uuid4().hex
    with store.writing(engine) as connection:
        new = Intent(
            id=uuid.uuid4().hex,
            user_id=user_id,
            calendar_id=calendar_id,
            event_id=event_id,
            mark=_new_mark(),
            lease=lease,
            asked_at=None,
            created_at=now,
        )
        inserted = _OPEN_UNLESS_THERE.run(
            connection,
            id=new.id,
            user_id=user_id,
            calendar_id=calendar_id,
            event_id=event_id,
            mark=new.mark,
            state="open",
            lease=lease,
            lease_until=now + lease_for,
            sent_at=now,
            created_at=now,
        )
        if inserted is not None:
            return new
        row = connection.execute(
            sa.select(table)
            .where(
                table.c.user_id == user_id,
                table.c.calendar_id == calendar_id,
                table.c.event_id == event_id,
            )
            .with_for_update()
        ).one()
        return _take(connection, row, lease, now, lease_for)


def is_leased(
    engine: sa.Engine, user_id: str, calendar_id: str, event_id: str, *, now: datetime
) -> bool:
    """Whether a call is at work on the intent of this event right now."""
    with store.reading(engine) as connection:
        row = connection.execute(
            sa.select(table.c.id).where(
                table.c.user_id == user_id,
                table.c.calendar_id == calendar_id,
                table.c.event_id == event_id,
                table.c.state == "open",
                table.c.lease_until > now,
            )
        ).one_or_none()
    return row is not None


CLOCKS_APART = timedelta(minutes=1)
"""How far the clock of whoever holds a lease may be behind that of a worker which would end it: a
call that is at work must not lose its intent, or the room it makes belongs to nothing. Only a call
that died holds one so long, and whoever asks again does not wait for the worker."""

TRIED_AGAIN = timedelta(minutes=15)
"""Pause between two attempts to finish what cannot be finished yet: each may cost a call of the
workspace's month, and whoever asks for the room again does not wait for it."""


def claim_abandoned(
    engine: sa.Engine, *, now: datetime, settling: timedelta, lease_for: timedelta, most: int
) -> list[Intent]:
    """Take the leases of up to `most` open intents that nobody works on any more.

    Those that were tried longest ago come first, so that none waits for others that fail.

    Args:
        engine: The database.
        now: The present instant.
        settling: How long after it was asked Livestorm may still be at work.
        lease_for: How long the leases last.
        most: How many.
    """
    taken: list[Intent] = []
    # Beside a lease that was given back stands when it was last tried; see `release`.
    tried = sa.and_(table.c.lease.is_(None), table.c.lease_until.is_not(None))
    leased = table.c.lease.is_not(None)
    last = sa.func.coalesce(table.c.lease_until, table.c.sent_at, type_=Instant)
    due = sa.case(
        (tried, sa.literal(now - TRIED_AGAIN, Instant)),
        (leased, sa.literal(now - settling - CLOCKS_APART, Instant)),
        else_=sa.literal(now - settling, Instant),
    )
    with store.writing(engine) as connection:
        rows = connection.execute(
            sa.select(table)
            .where(
                table.c.state == "open",
                table.c.sent_at.is_not(None),
                last < due,
            )
            .order_by(last)
            .limit(most)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            claimed = _take(connection, row, uuid.uuid4().hex, now, lease_for)
            if isinstance(claimed, Intent):
                taken.append(claimed)
    return taken


def claim_open(
    engine: sa.Engine, intent_id: str, *, now: datetime, lease_for: timedelta
) -> Intent | None:
    """Take the lease of one open intent; None when it is none, or somebody works on it."""
    with store.writing(engine) as connection:
        row = connection.execute(
            sa.select(table)
            .where(table.c.id == intent_id, table.c.state == "open")
            .with_for_update()
        ).one_or_none()
        if row is None:
            return None
        claimed = _take(connection, row, uuid.uuid4().hex, now, lease_for)
    return claimed if isinstance(claimed, Intent) else None


def release(
    engine: sa.Engine,
    intent: Intent,
    *,
    asked_at: datetime | None,
    tried_at: datetime | None = None,
) -> None:
    """Give the lease back without a result.

    Args:
        engine: The database.
        intent: The lease.
        asked_at: When Livestorm may last have been asked; None when it certainly made nothing.
        tried_at: When it was tried in vain to finish it, so that others come before it.
    """
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.id == intent.id, table.c.lease == intent.lease)
            .values(lease=None, lease_until=tried_at, sent_at=asked_at)
        )


def abandon(engine: sa.Engine, intent: Intent) -> None:
    """Drop an intent that led to nothing; the next attempt starts afresh."""
    with store.writing(engine) as connection:
        connection.execute(
            sa.delete(table).where(table.c.id == intent.id, table.c.lease == intent.lease)
        )


def finish(
    engine: sa.Engine, intent: Intent, new: links.NewLink, now: datetime
) -> links.Link | None:
    """Store the link and close the intent in one transaction.

    None when the lease was lost meanwhile: whoever has it finds the same Livestorm event by
    its mark, so nothing is stored twice.
    """
    # A power cut may undo this: then the intent is open again, and the event is found by its mark.
    with store.writing(engine, durable=False) as connection:
        if _HELD.run(connection, of_intent=intent.id, held=intent.lease) is None:
            return None
        link = links.add(
            connection,
            user_id=intent.user_id,
            calendar_id=intent.calendar_id,
            event_id=intent.event_id,
            new=new,
            now=now,
        )
        _CLOSE.run(connection, of_intent=intent.id, with_link=link.id)
        return link


def reopen(engine: sa.Engine, link: links.Link, *, now: datetime, why: str) -> None:
    """Let the Calendar event of a dead link get a new Livestorm event, under a new mark.

    Does nothing when another call was faster.
    """
    with store.writing(engine) as connection:
        reopened = connection.execute(
            sa.update(table)
            .where(table.c.link_id == link.id, table.c.state == "done")
            .values(state="open", link_id=None, mark=_new_mark(), sent_at=None, created_at=now)
        )
        if reopened.rowcount == 1:
            links.close(connection, link.id, state="deleted", now=now, why=why)


def _take(
    connection: sa.Connection,
    row: sa.Row[tuple[object, ...]],
    lease: str,
    now: datetime,
    lease_for: timedelta,
) -> Intent | Busy | Done:
    if row.state == "done":
        return Done(row.link_id)
    if row.lease_until is not None and row.lease_until > now:
        return Busy(row.lease_until)
    connection.execute(
        sa.update(table)
        .where(table.c.id == row.id)
        .values(lease=lease, lease_until=now + lease_for, sent_at=now)
    )
    return _intent(row, asked_at=row.sent_at, lease=lease)


def _intent(
    row: sa.Row[tuple[object, ...]], *, asked_at: datetime | None, lease: str | None = None
) -> Intent:
    return Intent(
        id=row.id,
        user_id=row.user_id,
        calendar_id=row.calendar_id,
        event_id=row.event_id,
        mark=row.mark,
        lease=lease or row.lease,
        asked_at=asked_at,
        created_at=row.created_at,
    )


# Somebody waits for these.
_OPEN_UNLESS_THERE = Kept(
    lambda dialect: (
        store.insert_into(table, dialect).on_conflict_do_nothing().returning(table.c.id)
    ),
    table.c.id,
    keys=(
        *("id", "user_id", "calendar_id", "event_id", "mark", "state"),
        *("lease", "lease_until", "sent_at", "created_at"),
    ),
)
_HELD = Kept(
    lambda _: (
        sa.select(table.c.id)
        .where(table.c.id == sa.bindparam("of_intent"), table.c.lease == sa.bindparam("held"))
        .with_for_update()
    ),
    table.c.id,
)
_CLOSE = Kept(
    lambda _: (
        sa.update(table)
        .where(table.c.id == sa.bindparam("of_intent"))
        .values(state="done", link_id=sa.bindparam("with_link"), lease=None, lease_until=None)
    )
)


def _new_mark() -> str:
    return secrets.token_hex(_MARK_BYTES)
