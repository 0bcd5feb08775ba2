"""Links as the looks at either side need them: found by what a list names, with what was seen.

Only active links that are not held count: the others are not kept in sync.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.grants import ACTIVE
from addon.store.tables import google_grants, livestorm_connections
from addon.store.tables import links as table

BATCH = 100
"""Links marked per transaction: four statements each, so that SQLite's one write lock is held for
some tens of milliseconds and not longer."""


@dataclass(frozen=True)
class Linked:
    """A link, and the etag, change and status of the Calendar event as last seen.

    Those three are None while the event was not seen or has to be read anew.
    """

    id: str
    user_id: str
    calendar_id: str
    event_id: str
    ical_uid: str | None
    livestorm_event_id: str
    etag: str | None
    updated: str | None
    status: str | None
    deleting: bool


@dataclass(frozen=True)
class Named:
    """What a page of a list names: ids of events, iCalendar UIDs, and our conferences."""

    event_ids: frozenset[str]
    ical_uids: frozenset[str] = frozenset()
    conference_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LivestormLinked:
    """A link as a look at Livestorm needs it.

    Attributes:
        compared_at: When both sides were last compared; None if never.
        outstanding: It is being compared, or will be.
        base: As stored.
        seen: The Calendar event as last seen.
    """

    id: str
    livestorm_event_id: str
    created_at: datetime
    compared_at: datetime | None
    outstanding: bool
    base: Any
    seen: Any


_SEEN = table.c.calendar_seen
_LINKED: tuple[sa.ColumnElement[Any], ...] = (
    *(table.c.id, table.c.user_id, table.c.calendar_id, table.c.event_id, table.c.ical_uid),
    table.c.livestorm_event_id,
    _SEEN["etag"].as_string(),
    _SEEN["updated"].as_string(),
    _SEEN["status"].as_string(),
    # Absent, or the JSON null that stands for it.
    table.c.deletion["side"].as_string().is_not(None),
)
_LIVESTORM_LINKED: tuple[sa.ColumnElement[Any], ...] = (
    *(table.c.id, table.c.livestorm_event_id, table.c.created_at, table.c.compared_at),
    *(table.c.dirty_at.is_not(None), table.c.base, _SEEN),
)
_KEPT = (table.c.state == "active", table.c.held.is_(False))

CONNECTED = sa.and_(
    livestorm_connections.c.user_id == table.c.user_id,
    # Whoever changed to another workspace leaves links behind that no job can compare.
    livestorm_connections.c.workspace_id == table.c.workspace_id,
    livestorm_connections.c.state == "active",
)
"""Joins a link with its person's usable connection. Whoever connects again has all their links
compared."""


def any_in_calendar(engine: sa.Engine, user_id: str, calendar_id: str) -> bool:
    """Whether a person has links on a calendar."""
    with store.reading(engine) as connection:
        found = connection.execute(
            sa.select(table.c.id)
            .where(table.c.calendar_id == calendar_id, table.c.user_id == user_id, *_KEPT)
            .limit(1)
        )
        return found.one_or_none() is not None


def named(
    connection: sa.Connection, user_id: str, calendar_id: str, names: Named
) -> Sequence[Linked]:
    """Return a person's links that a page of one of their calendars names, locked, by id.

    Three lookups by index, whatever the number of links. The person is compared here and not by
    the database, which might go through all links of a person instead.
    """
    wanted = [
        sa.and_(table.c.calendar_id == calendar_id, table.c.event_id.in_(names.event_ids)),
        table.c.ical_uid.in_(names.ical_uids),
        table.c.livestorm_event_id.in_(names.conference_ids),
    ]
    sought = [names.event_ids, names.ical_uids, names.conference_ids]
    ids = {
        row.id
        for where, values in zip(wanted, sought, strict=True)
        if values
        for row in connection.execute(sa.select(table.c.id, table.c.user_id).where(where, *_KEPT))
        if row.user_id == user_id
    }
    if not ids:
        return []
    rows = connection.execute(
        sa.select(*_LINKED)
        .where(table.c.id.in_(ids), *_KEPT)
        .order_by(table.c.id)
        .with_for_update()
    )
    return [Linked(*row) for row in rows]


def locked(connection: sa.Connection, link_id: str) -> Linked | None:
    """Return a link, whatever its state, locked until the transaction ends."""
    row = connection.execute(
        sa.select(*_LINKED).where(table.c.id == link_id).with_for_update()
    ).one_or_none()
    return None if row is None else Linked(*row)


def see(connection: sa.Connection, link_id: str, resource: Mapping[str, Any] | None) -> None:
    """Keep what Calendar told of a link's event; None makes the next job read it itself."""
    seen = sa.null() if resource is None else dict(resource)
    connection.execute(sa.update(table).where(table.c.id == link_id).values(calendar_seen=seen))


def seen_in_calendar(
    engine: sa.Engine, user_id: str, calendar_id: str, *, made_before: datetime
) -> list[tuple[str, str]]:
    """Return (link id, event id) of a person's links whose event was there when last looked at."""
    with store.reading(engine) as connection:
        rows = connection.execute(
            sa.select(table.c.id, table.c.event_id).where(
                table.c.calendar_id == calendar_id,
                table.c.user_id == user_id,
                table.c.created_at < made_before,
                _SEEN["status"].as_string() != "cancelled",
                *_KEPT,
            )
        )
        return [(row.id, row.event_id) for row in rows]


def of_livestorm_events(
    engine: sa.Engine, workspace_id: str, event_ids: Collection[str]
) -> list[LivestormLinked]:
    """Return the links of a workspace with these Livestorm events."""
    wanted = sorted(event_ids)
    found: list[LivestormLinked] = []
    with store.reading(engine) as connection:
        for begin in range(0, len(wanted), BATCH):
            rows = connection.execute(
                sa.select(*_LIVESTORM_LINKED, table.c.workspace_id).where(
                    table.c.livestorm_event_id.in_(wanted[begin : begin + BATCH]), *_KEPT
                )
            )
            found += [
                LivestormLinked(*row[:-1]) for row in rows if row.workspace_id == workspace_id
            ]
    return found


def of_delivery(
    connection: sa.Connection, workspace_id: str, event_id: str
) -> list[LivestormLinked]:
    """Return the links that a webhook's delivery is about, by id; usually one."""
    rows = connection.execute(
        sa.select(*_LIVESTORM_LINKED, table.c.workspace_id)
        .where(table.c.livestorm_event_id == event_id, *_KEPT)
        .order_by(table.c.id)
    )
    return [LivestormLinked(*row[:-1]) for row in rows if row.workspace_id == workspace_id]


@dataclass(frozen=True)
class Current:
    """A link whose event is not long past."""

    id: str
    livestorm_event_id: str
    created_at: datetime


def current(engine: sa.Engine, workspace_id: str, *, since: datetime) -> list[Current]:
    """Return the links of a workspace whose people are activated and connected, all at once.

    Args:
        engine: The database.
        workspace_id: Which workspace.
        since: Single events that began before this are left out; a series goes on.
    """
    with store.reading(engine) as connection:
        rows = connection.execute(
            sa.select(table.c.id, table.c.livestorm_event_id, table.c.created_at)
            .join(google_grants, google_grants.c.user_id == table.c.user_id)
            .join(livestorm_connections, CONNECTED)
            .where(
                table.c.workspace_id == workspace_id,
                google_grants.c.state == ACTIVE,
                *_KEPT,
                _recent(since),
            )
        )
        return [Current(*row) for row in rows]


ANYBODY = 10_000
"""News of people that no count explains: more than are ever read. A 32-bit counter holds it two
hundred thousand times; a listing that looks every 43 minutes needs 17 years for that."""


def more_people(connection: sa.Connection, link_id: str, how_many: int = ANYBODY) -> None:
    """Say that people of a link's Livestorm event changed: the next job reads whom it has to.

    `how_many`: registrations; `ANYBODY` when it is not known who came or went.
    """
    connection.execute(
        sa.update(table)
        .where(table.c.id == link_id)
        .values(people_seq=table.c.people_seq + how_many)
    )


def long_uncompared(
    engine: sa.Engine,
    *,
    compared_before: datetime,
    made_before: datetime,
    since: datetime,
    now: datetime,
    most: int,
) -> list[str]:
    """Return links of people with both connections that nobody compared for long, or ever.

    The longest uncompared come first. And those for which the passing of time has made work.

    Args:
        engine: The database.
        compared_before: What was compared since is left out.
        made_before: What was made since has its first comparison under way.
        since: As in `current`.
        now: The present instant.
        most: At most so many.
    """
    with store.reading(engine) as connection:
        rows = connection.execute(
            sa.select(table.c.id)
            .join(google_grants, google_grants.c.user_id == table.c.user_id)
            .join(livestorm_connections, CONNECTED)
            .where(
                google_grants.c.state == ACTIVE,
                table.c.dirty_at.is_(None),
                table.c.created_at < made_before,
                sa.or_(
                    table.c.compared_at.is_(None),
                    table.c.compared_at < compared_before,
                    table.c.compare_at <= now,
                ),
                *_KEPT,
                _recent(since),
            )
            # A comparison moves both, so that everybody's turn comes.
            .order_by(table.c.compared_at.nulls_first(), table.c.compare_at, table.c.id)
            .limit(most)
        )
        return [row.id for row in rows]


def _recent(since: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(table.c.starts_at.is_(None), table.c.starts_at >= since, table.c.recurring)
