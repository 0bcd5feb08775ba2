"""Erasing everything that is kept of a person: how far it is, and the rows themselves.

What is left counts itself: the rows that are still there, of those that were found at the
beginning. The record that remains holds numbers only.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from addon.store import engine as store
from addon.store import tables
from addon.store.allowance import of_whoever_connects
from addon.store.tables import erasures as table

KEPT = timedelta(hours=1)
"""How long a finished erasure can be looked at by the browser that asked for it."""

_OWNED = {
    "events": tables.links,
    "intents": tables.intents,
    "tickets": tables.tickets,
    "calendars": tables.calendars,
    "livestorm": tables.livestorm_connections,
    "google": tables.google_grants,
}
"""Kind of thing → its table; every row names its person in `user_id`."""


@dataclass(frozen=True)
class Erasure:
    """One erasure.

    Attributes:
        user_id: Whose data; None once nothing is left of it.
        found: Kind of thing → how many there were.
        untold: Companies that could not be told to end the access: "google", "livestorm".
    """

    id: str
    user_id: str | None
    found: dict[str, int]
    untold: list[str]
    finished_at: datetime | None


_COLUMNS = [table.c[name] for name in Erasure.__dataclass_fields__]


def begin(engine: sa.Engine, user_id: str, now: datetime) -> Erasure:
    """Store that a person wants everything erased; asking twice is asking once."""
    with store.writing(engine) as connection:
        connection.execute(sa.delete(table).where(table.c.finished_at < now - KEPT))
        found = _count(connection, user_id)
        connection.execute(
            store.insert(connection, table)
            .values(id=uuid.uuid4().hex, user_id=user_id, found=found, untold=[], started_at=now)
            .on_conflict_do_nothing()
        )
        row = connection.execute(sa.select(*_COLUMNS).where(table.c.user_id == user_id)).one()
    return Erasure(*row)


def get(engine: sa.Engine, erasure_id: str) -> Erasure | None:
    """Return an erasure, None when it is long over."""
    with store.reading(engine) as connection:
        row = connection.execute(sa.select(*_COLUMNS).where(table.c.id == erasure_id)).one_or_none()
    return None if row is None else Erasure(*row)


def left(engine: sa.Engine, user_id: str) -> dict[str, int]:
    """Count what is kept of a person, by kind."""
    with store.reading(engine) as connection:
        return _count(connection, user_id)


def take(engine: sa.Engine, erasure_id: str, now: datetime, lease: timedelta) -> bool:
    """Take, or keep, the right to work on an erasure; False when somebody else has it."""
    with store.writing(engine) as connection:
        taken = connection.execute(
            sa.update(table)
            .where(
                table.c.id == erasure_id,
                table.c.finished_at.is_(None),
                sa.or_(table.c.lease_until.is_(None), table.c.lease_until < now),
            )
            .values(lease_until=now + lease)
        )
        return taken.rowcount == 1


def keep(engine: sa.Engine, erasure_id: str, now: datetime, lease: timedelta) -> None:
    """Say that the work goes on."""
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(table).where(table.c.id == erasure_id).values(lease_until=now + lease)
        )


def abandoned(engine: sa.Engine, now: datetime, *, most: int) -> list[str]:
    """Return erasures whose worker died: nobody has their lease any more."""
    with store.reading(engine) as connection:
        rows = connection.execute(
            sa.select(table.c.id)
            .where(
                table.c.finished_at.is_(None),
                sa.or_(table.c.lease_until.is_(None), table.c.lease_until < now),
            )
            .limit(most)
        )
        return [row.id for row in rows]


def note_untold(engine: sa.Engine, erasure_id: str, untold: list[str]) -> None:
    """Remember which companies could not be told."""
    with store.writing(engine) as connection:
        connection.execute(sa.update(table).where(table.c.id == erasure_id).values(untold=untold))


def erase_links(engine: sa.Engine, user_id: str, *, most: int) -> int:
    """Erase some of a person's links with their history; return how many those were."""
    some = sa.select(tables.links.c.id).where(tables.links.c.user_id == user_id).limit(most)
    with store.writing(engine) as connection:
        ids = list(connection.execute(some).scalars())
        # In as few statements as the cascade would take row by row.
        connection.execute(sa.delete(tables.history).where(tables.history.c.link_id.in_(ids)))
        connection.execute(sa.delete(tables.links).where(tables.links.c.id.in_(ids)))
        return len(ids)


def finish(engine: sa.Engine, erasure: Erasure, now: datetime) -> None:
    """Erase the person, and with them every row that is left of theirs."""
    users, connections = tables.users, tables.livestorm_connections
    workspaces, watches = tables.workspaces, tables.workspace_watches
    with store.writing(engine) as connection:
        own = sa.select(connections.c.workspace_id).where(connections.c.user_id == erasure.user_id)
        used = {row.workspace_id for row in connection.execute(own)}
        connection.execute(sa.delete(users).where(users.c.id == erasure.user_id))
        # A workspace that nobody else uses: its name and what is watched of it.
        nobody = [
            ~sa.exists().where(connections.c.workspace_id == workspaces.c.id),
            ~sa.exists().where(tables.links.c.workspace_id == workspaces.c.id),
        ]
        gone = list(
            connection.execute(
                sa.select(workspaces.c.id).where(workspaces.c.id.in_(used), *nobody)
            ).scalars()
        )
        connection.execute(sa.delete(watches).where(watches.c.workspace_id.in_(gone)))
        connection.execute(sa.delete(workspaces).where(workspaces.c.id.in_(gone)))
        # Of these, and of the person before they were connected, calls were counted.
        counted = [*gone, of_whoever_connects(str(erasure.user_id))]
        connection.execute(
            sa.delete(tables.allowances).where(tables.allowances.c.workspace.in_(counted))
        )
        connection.execute(
            sa.update(table)
            .where(table.c.id == erasure.id)
            .values(user_id=None, finished_at=now, lease_until=None)
        )


def only_user_of(engine: sa.Engine, user_id: str, workspace_id: str) -> bool:
    """Whether nobody else is connected to a workspace."""
    connections = tables.livestorm_connections
    with store.reading(engine) as connection:
        row = connection.execute(
            sa.select(connections.c.user_id)
            .where(connections.c.workspace_id == workspace_id, connections.c.user_id != user_id)
            .limit(1)
        ).first()
    return row is None


def _count(connection: sa.Connection, user_id: str) -> dict[str, int]:
    def count(source: sa.FromClause, *where: sa.ColumnElement[bool]) -> int:
        statement = sa.select(sa.func.count()).select_from(source).where(*where)
        return int(connection.execute(statement).scalar_one())

    counts = {kind: count(owned, owned.c.user_id == user_id) for kind, owned in _OWNED.items()}
    history, links = tables.history, tables.links
    counts["history"] = count(
        history.join(links, links.c.id == history.c.link_id), links.c.user_id == user_id
    )
    channels, calendars = tables.channels, tables.calendars
    counts["channels"] = count(
        channels.join(calendars, calendars.c.id == channels.c.calendar),
        calendars.c.user_id == user_id,
    )
    users = tables.users
    counts["template"] = count(users, users.c.id == user_id, users.c.template_event_id.is_not(None))
    counts["account"] = count(users, users.c.id == user_id)
    return counts
