"""Links: one Calendar event and one Livestorm event that belong together."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from addon.store import engine as store
from addon.store.kept import Kept, KeptSelect
from addon.store.tables import history
from addon.store.tables import links as table


@dataclass(frozen=True)
class Link:
    """A pair of events. Ids are the two companies' own; `starts_at` is an instant.

    `created_at`: since when they belong together, the last time the room was picked.
    `synced_at`: since when both sides are the same; `dirty_at`: since when something is
    outstanding; `next_at`: until when it pauses; `trouble`, `unsynced`: as `addon.sync.job`
    stores them.
    """

    id: str
    user_id: str
    workspace_id: str
    calendar_id: str
    event_id: str
    ical_uid: str | None
    livestorm_event_id: str
    livestorm_session_id: str
    room_link: str
    title: str
    starts_at: datetime | None
    timezone: str | None
    template_title: str | None
    state: str
    placeholder: bool
    held: bool
    recurring: bool
    created_at: datetime
    synced_at: datetime | None
    dirty_at: datetime | None
    next_at: datetime | None
    trouble: dict[str, Any] | None
    unsynced: dict[str, Any] | None


@dataclass(frozen=True)
class NewLink:
    """What is known of a pair at the moment it is made.

    `base`: what it was made with, as `addon.sync.made` has it; None where that is not known.
    """

    workspace_id: str
    ical_uid: str | None
    livestorm_event_id: str
    livestorm_session_id: str
    room_link: str
    title: str
    starts_at: datetime | None
    timezone: str | None
    template_event_id: str | None
    template_title: str | None
    placeholder: bool
    held: bool
    recurring: bool
    base: dict[str, Any] | None = None


_COLUMNS = [table.c[name] for name in Link.__dataclass_fields__]

_DEFAULTS = {
    column.name: column.default.arg
    for column in table.columns
    if isinstance(column.default, ScalarElementColumnDefault)
}

_ADDED = sorted(
    {*NewLink.__dataclass_fields__, *_DEFAULTS}
    | {"id", "user_id", "calendar_id", "event_id", "state", "created_at"}
)
"""The columns that a new link sets."""

_ADD = Kept(lambda _: sa.insert(table).returning(*_COLUMNS), *_COLUMNS, keys=_ADDED)

_NOTE = Kept(
    lambda _: sa.insert(history).inline(), keys=("link_id", "at", "side", "what", "detail")
)

_FIND = KeptSelect(
    sa.select(*_COLUMNS).where(
        table.c.calendar_id == sa.bindparam("calendar_id"),
        table.c.event_id == sa.bindparam("event_id"),
        table.c.user_id == sa.bindparam("user_id"),
        table.c.state == "active",
    )
)


def find(engine: sa.Engine, user_id: str, calendar_id: str, event_id: str) -> Link | None:
    """Return this person's active link of a Calendar event."""
    row = _FIND.first(engine, calendar_id=calendar_id, event_id=event_id, user_id=user_id)
    return None if row is None else Link(*row)


def get(engine: sa.Engine, link_id: str) -> Link | None:
    """Return the link with this id, whatever its state."""
    with store.reading(engine) as connection:
        row = connection.execute(sa.select(*_COLUMNS).where(table.c.id == link_id)).one_or_none()
    return None if row is None else Link(*row)


def of_user(engine: sa.Engine, user_id: str, *, most: int) -> list[Link]:
    """Return a person's newest links, whatever their state."""
    with store.reading(engine) as connection:
        rows = connection.execute(
            sa.select(*_COLUMNS)
            .where(table.c.user_id == user_id)
            .order_by(table.c.created_at.desc(), table.c.id)
            .limit(most)
        )
        return [Link(*row) for row in rows]


def synced_of_user(engine: sa.Engine, user_id: str) -> list[Link]:
    """Return a person's active links that are not held."""
    with store.reading(engine) as connection:
        rows = connection.execute(
            sa.select(*_COLUMNS).where(
                table.c.user_id == user_id, table.c.state == "active", table.c.held.is_(False)
            )
        )
        return [Link(*row) for row in rows]


def include(engine: sa.Engine, link_id: str) -> None:
    """Let a held link be kept in sync from now on."""
    with store.writing(engine) as connection:
        connection.execute(sa.update(table).where(table.c.id == link_id).values(held=False))


def is_outstanding(engine: sa.Engine, link_id: str) -> bool:
    """Whether something was said about a link that no job has dealt with, nor given up for now."""
    with store.reading(engine) as connection:
        row = connection.execute(
            sa.select(table.c.dirty_at, table.c.next_at).where(table.c.id == link_id)
        ).one_or_none()
    return row is not None and row.dirty_at is not None and row.next_at is None


def count_held(engine: sa.Engine, user_id: str, *, since: datetime) -> int:
    """Count a person's events that start after `since` and were made without activation."""
    with store.reading(engine) as connection:
        counted = connection.execute(
            sa.select(sa.func.count()).select_from(table).where(*_held(user_id, since))
        )
        return int(counted.scalar_one())


def include_held(engine: sa.Engine, user_id: str, *, since: datetime) -> list[str]:
    """Let those be kept in sync from now on; return their ids."""
    with store.writing(engine) as connection:
        rows = connection.execute(
            sa.update(table).where(*_held(user_id, since)).values(held=False).returning(table.c.id)
        )
        return [row.id for row in rows]


def _held(user_id: str, since: datetime) -> list[sa.ColumnElement[bool]]:
    return [
        table.c.user_id == user_id,
        table.c.state == "active",
        table.c.held.is_(True),
        # A series goes on although its first occurrence is over; sync finds out by itself.
        sa.or_(table.c.starts_at.is_(None), table.c.starts_at >= since, table.c.recurring),
    ]


def add(
    connection: sa.Connection,
    *,
    user_id: str,
    calendar_id: str,
    event_id: str,
    new: NewLink,
    now: datetime,
) -> Link:
    """Store a new active link in the caller's transaction, and the first line of its history."""
    values = _DEFAULTS | {name: getattr(new, name) for name in NewLink.__dataclass_fields__}
    values |= {
        "id": uuid.uuid4().hex,
        "user_id": user_id,
        "calendar_id": calendar_id,
        "event_id": event_id,
        "state": "active",
        "created_at": now,
    }
    row = _ADD.run(connection, **values)
    if row is None:
        raise sa.exc.NoResultFound("an insert that returns nothing")
    link = Link(*row)
    note(connection, link.id, now, side="calendar", what="created", detail={"title": link.title})
    return link


def settle(
    engine: sa.Engine,
    link: Link,
    *,
    livestorm_session_id: str,
    title: str,
    starts_at: datetime,
    timezone: str,
    ical_uid: str | None,
    recurring: bool,
    base: dict[str, Any],
    now: datetime,
) -> Link:
    """Replace the stand-ins of a link made before its Calendar event could be read.

    `base`: what both sides have now, unless they were compared meanwhile.
    """
    values = {
        "livestorm_session_id": livestorm_session_id,
        "title": title,
        "starts_at": starts_at,
        "timezone": timezone,
        "ical_uid": ical_uid,
        "recurring": recurring,
        "placeholder": False,
    }
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.id == link.id, table.c.placeholder.is_(True))
            .values(base=base)
        )
        connection.execute(sa.update(table).where(table.c.id == link.id).values(values))
        note(connection, link.id, now, side="calendar", what="settled", detail={"title": title})
    return replace(
        link,
        livestorm_session_id=livestorm_session_id,
        title=title,
        starts_at=starts_at,
        timezone=timezone,
        ical_uid=ical_uid,
        recurring=recurring,
        placeholder=False,
    )


def revive(engine: sa.Engine, link: Link, *, now: datetime) -> Link:
    """Let an unlinked pair belong together again: the room was put back on its event.

    What was agreed is forgotten: both sides may have gone their own ways, so they meet anew. They
    belong together since now: the event may not be saved for as long as after the first time.
    """
    values = {
        "state": "active",
        "base": None,
        "calendar_seen": None,
        "synced_at": None,
        "created_at": now,
    }
    with store.writing(engine) as connection:
        connection.execute(sa.update(table).where(table.c.id == link.id).values(values))
        note(connection, link.id, now, side="calendar", what="created", detail={"again": True})
    return replace(link, state="active", synced_at=None, created_at=now)


def close(connection: sa.Connection, link_id: str, *, state: str, now: datetime, why: str) -> None:
    """End a link ("unlinked" or "deleted") and keep why."""
    connection.execute(sa.update(table).where(table.c.id == link_id).values(state=state))
    note(connection, link_id, now, side="livestorm", what=state, detail={"why": why})


def note(
    connection: sa.Connection,
    link_id: str,
    now: datetime,
    *,
    side: str,
    what: str,
    detail: dict[str, object],
) -> None:
    """Add a line to a link's history."""
    _NOTE.run(connection, link_id=link_id, at=now, side=side, what=what, detail=detail)
