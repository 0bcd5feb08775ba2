"""Links as whoever runs the server looks for them: everybody's, by how they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.links import Link
from addon.store.tables import history, intents, users
from addon.store.tables import links as table

KINDS = ("active", "unlinked", "deleted", "held", "outstanding", "trouble")
"""What `Wanted.kind` may be: the states of links, and what else an active one may be."""


@dataclass(frozen=True)
class Wanted:
    """Which links are looked for; what is None is not looked at.

    Attributes:
        kind: One of `KINDS`.
        trouble: A kind of `addon.sync.trouble`.
        person: Our id of a person, or their e-mail address.
        workspace: Livestorm's organization id.
        limit: The newest so many.
    """

    kind: str | None = None
    trouble: str | None = None
    person: str | None = None
    workspace: str | None = None
    limit: int = 100


@dataclass(frozen=True)
class OpenIntent:
    """A room that was asked for and of which it is not known what became.

    `sent_at`: when Livestorm was last asked; `lease_until`: until then somebody works on it.
    """

    id: str
    user_id: str
    calendar_id: str
    event_id: str
    mark: str
    sent_at: datetime | None
    lease_until: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class Inner:
    """What only operators see of a link; see `addon.store.tables`."""

    compared_at: datetime | None
    next_at: datetime | None
    failures: int
    dirty_seq: int
    synced_seq: int
    queued_at: datetime | None
    woken_by: str | None
    base: dict[str, Any] | None
    deletion: dict[str, Any] | None


@dataclass(frozen=True)
class Line:
    """A line of a link's history. `detail` holds what people wrote."""

    at: datetime
    side: str
    what: str
    detail: dict[str, Any]


_LINK = [table.c[name] for name in Link.__dataclass_fields__]
_INNER = [table.c[name] for name in Inner.__dataclass_fields__]
_INTENT = [intents.c[name] for name in OpenIntent.__dataclass_fields__]
_LINE = [history.c[name] for name in Line.__dataclass_fields__]
_KIND = table.c.trouble["kind"].as_string()


def find(engine: sa.Engine, wanted: Wanted) -> list[Link]:
    """Return the links that are looked for, the newest first."""
    with store.reading(engine) as connection:
        rows = connection.execute(
            sa.select(*_LINK)
            .join(users, users.c.id == table.c.user_id)
            .where(*_conditions(wanted))
            .order_by(table.c.created_at.desc(), table.c.id)
            .limit(wanted.limit)
        )
        return [Link(*row) for row in rows]


def named(engine: sa.Engine, name: str) -> list[Link]:
    """Return the links with an id: our own, or that of the event in Livestorm or Calendar."""
    with store.reading(engine) as connection:
        rows = connection.execute(
            sa.select(*_LINK)
            .where(
                sa.or_(
                    table.c.id == name,
                    table.c.livestorm_event_id == name,
                    table.c.event_id == name,
                )
            )
            .order_by(table.c.created_at)
        )
        return [Link(*row) for row in rows]


def inner(engine: sa.Engine, link_id: str) -> Inner | None:
    """Return what only operators see of a link."""
    with store.reading(engine) as connection:
        row = connection.execute(sa.select(*_INNER).where(table.c.id == link_id)).one_or_none()
    return None if row is None else Inner(*row)


def lines(engine: sa.Engine, link_id: str) -> list[Line]:
    """Return the history of a link, oldest first."""
    with store.reading(engine) as connection:
        rows = connection.execute(
            sa.select(*_LINE).where(history.c.link_id == link_id).order_by(history.c.id)
        )
        return [Line(*row) for row in rows]


def open_intents(engine: sa.Engine) -> list[OpenIntent]:
    """Return the intents that came to no end, oldest first."""
    with store.reading(engine) as connection:
        rows = connection.execute(
            sa.select(*_INTENT).where(intents.c.state == "open").order_by(intents.c.created_at)
        )
        return [OpenIntent(*row) for row in rows]


def open_intent(engine: sa.Engine, intent_id: str) -> OpenIntent | None:
    """Return the open intent with an id, None when there is none."""
    with store.reading(engine) as connection:
        row = connection.execute(
            sa.select(*_INTENT).where(intents.c.state == "open", intents.c.id == intent_id)
        ).one_or_none()
    return None if row is None else OpenIntent(*row)


def _conditions(wanted: Wanted) -> Sequence[sa.ColumnElement[bool] | sa.TextClause]:
    conditions: list[sa.ColumnElement[bool] | sa.TextClause] = []
    match wanted.kind:
        case None:
            pass
        case "held":
            conditions.append(table.c.held.is_(True))
        case "outstanding":
            conditions.append(table.c.dirty_at.is_not(None))
        case "trouble":
            conditions += [table.c.dirty_at.is_not(None), _KIND.is_not(None)]
        case state:
            conditions.append(table.c.state == state)
    if wanted.trouble is not None:
        conditions += [table.c.dirty_at.is_not(None), wanted.trouble == _KIND]
    if wanted.workspace is not None:
        conditions.append(table.c.workspace_id == wanted.workspace)
    if wanted.person is not None:
        address = sa.func.lower(users.c.email) == wanted.person.lower()
        conditions.append(sa.or_(users.c.id == wanted.person, address))
    return conditions
