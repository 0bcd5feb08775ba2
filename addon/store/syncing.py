"""What the job of one link reads and stores: base, what was seen, trouble, history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from addon.store import engine as store
from addon.store import grants
from addon.store.calendars import ensure_known
from addon.store.tables import calendars, google_grants, history
from addon.store.tables import links as table

Json = dict[str, Any]

NOTES_LOOKED_AT = 100
"""A note is repeated only by a job that was cut off and runs again, so it stands near the end."""


MOST_COUNTED = 1000
"""Links outstanding beyond this make nobody wait longer (`addon.sync.places`)."""


@dataclass(frozen=True)
class SyncLink:
    """A link as its job sees it.

    Attributes:
        copies: Other events with its room, as `addon.store.copies` reads them.
        calendar_timezone: Of the calendar, None while unknown.
    """

    id: str
    user_id: str
    workspace_id: str
    calendar_id: str
    event_id: str
    ical_uid: str | None
    livestorm_event_id: str
    livestorm_session_id: str
    title: str
    starts_at: datetime | None
    timezone: str | None
    state: str
    placeholder: bool
    held: bool
    created_at: datetime
    base: Json | None
    calendar_seen: Json | None
    people_seq: int
    people_read_seq: int
    synced_at: datetime | None
    failures: int
    copies: Any
    calendar_timezone: str | None


@dataclass(frozen=True)
class HistoryLine:
    """One line of a link's history; `side` and `what` are the closed words of addon/sync."""

    side: str
    what: str
    detail: Json


_COLUMNS = [
    calendars.c.timezone.label("calendar_timezone")
    if name == "calendar_timezone"
    else table.c[name]
    for name in SyncLink.__dataclass_fields__
]


def load(engine: sa.Engine, link_id: str) -> SyncLink | None:
    """Return a link with everything its job needs, None when it is gone."""
    with store.reading(engine) as connection:
        row = connection.execute(
            sa.select(*_COLUMNS)
            .outerjoin(
                calendars,
                sa.and_(
                    calendars.c.user_id == table.c.user_id,
                    calendars.c.calendar_id == table.c.calendar_id,
                ),
            )
            .where(table.c.id == link_id)
        ).one_or_none()
    return None if row is None else SyncLink(*row)


def activated(connection: sa.Connection, link_id: str) -> bool:
    """Return whether the person of a link has activated, and nobody ended that since."""
    query = sa.select(google_grants.c.state).join_from(
        table, google_grants, table.c.user_id == google_grants.c.user_id
    )
    return bool(connection.scalar(query.where(table.c.id == link_id)) == grants.ACTIVE)


def outstanding(engine: sa.Engine, workspace_id: str) -> int:
    """Return how many links of a workspace have work outstanding, a thousand at most."""
    some = (
        sa.select(table.c.id)
        .where(table.c.workspace_id == workspace_id, table.c.dirty_at.is_not(None))
        .limit(MOST_COUNTED)
        .subquery()
    )
    with store.reading(engine) as connection:
        return connection.scalars(sa.select(sa.func.count()).select_from(some)).one()


def see_calendar(engine: sa.Engine, link_id: str, seen: Mapping[str, Any] | None) -> None:
    """Keep the event resource that Calendar answered, so that its echo is recognised."""
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.id == link_id)
            .values(calendar_seen=dict(seen) if seen is not None else None)
        )


def tell_registering(engine: sa.Engine, link_id: str, *, done: int, of: int) -> None:
    """Let whoever looks at an event see how many of its guests are registered already."""
    with store.writing(engine, durable=False) as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.id == link_id)
            .values(registering={"done": done, "of": of})
        )


def is_linked(engine: sa.Engine, calendar_id: str, event_id: str) -> bool:
    """Whether a Calendar event belongs to an active link."""
    with store.reading(engine) as connection:
        row = connection.execute(
            sa.select(table.c.id).where(
                table.c.calendar_id == calendar_id,
                table.c.event_id == event_id,
                table.c.state == "active",
            )
        ).first()
    return row is not None


def follow(
    engine: sa.Engine, link: SyncLink, *, calendar_id: str, event_id: str, now: datetime
) -> None:
    """Let a link follow its Calendar event to where it was moved, and have that calendar listed."""
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.id == link.id)
            .values(calendar_id=calendar_id, event_id=event_id, calendar_seen=None)
        )
        ensure_known(connection, link.user_id, calendar_id, now)


def store_base(transaction: sa.Connection, link_id: str, base: Json) -> None:
    """Store a link's base, in the caller's transaction, while its job is at work."""
    transaction.execute(sa.update(table).where(table.c.id == link_id).values(base=base))


def store_outcome(
    transaction: sa.Connection,
    link_id: str,
    *,
    now: datetime,
    values: Mapping[str, Any],
    lines: Sequence[HistoryLine],
) -> None:
    """Store what a job came to, in the caller's transaction, and the lines of its history."""
    transaction.execute(
        sa.update(table).where(table.c.id == link_id).values(compared_at=now, **values)
    )
    if lines:
        transaction.execute(
            sa.insert(history),
            [
                {
                    "link_id": link_id,
                    "at": now,
                    "side": one.side,
                    "what": one.what,
                    "detail": one.detail,
                }
                for one in lines
            ],
        )


def add_notes(
    transaction: sa.Connection, link_id: str, lines: Sequence[HistoryLine], *, now: datetime
) -> dict[str, int]:
    """Add notes to a link's history, those already there left out (by their `digest`).

    Returns the ids of those that were added, by digest.
    """
    rows = transaction.execute(
        sa.select(history.c.detail)
        .where(history.c.link_id == link_id)
        .order_by(history.c.id.desc())
        .limit(NOTES_LOOKED_AT)
    )
    known = {row.detail.get("digest") for row in rows if isinstance(row.detail, dict)}
    added = {}
    for one in lines:
        if one.detail.get("digest") not in known:
            row = transaction.execute(
                sa.insert(history)
                .values(link_id=link_id, at=now, side=one.side, what=one.what, detail=one.detail)
                .returning(history.c.id)
            ).one()
            added[str(one.detail.get("digest"))] = row.id
    return added


def take_back(transaction: sa.Connection, notes: Sequence[int]) -> None:
    """Remove notes, by id, of what did not happen after all."""
    if notes:
        transaction.execute(sa.delete(history).where(history.c.id.in_(notes)))
