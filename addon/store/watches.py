"""What is watched of Livestorm workspaces: webhooks, polls, listings, and when the next is due."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.leases import LeaseLost
from addon.store.tables import links
from addon.store.tables import workspace_watches as table

LEASE = timedelta(minutes=2)
"""How long a look may be silent before another worker takes over. One call with its repeats and
its wait for the allowance takes half a minute at worst; each page renews the lease."""


STIRRED = timedelta(minutes=1)
"""How exactly it is known when something last happened: a small part of the quarter of an hour for
which that counts (`addon.sync.notice.budget.ACTIVE_SECONDS`)."""


@dataclass(frozen=True)
class Subscription:
    """One webhook of ours: Livestorm's id of it, and since when it exists."""

    id: str
    since: datetime


@dataclass(frozen=True)
class Notes:
    """What is remembered of a workspace between two looks.

    Attributes:
        secrets_made: Counts the webhook secrets; the present one follows from it.
        subscriptions: The webhooks, by event name; empty where only polls tell.
        leaving: Ids of webhooks that were ours, until they are deleted.
        recent: Changes the latest poll brought and the next may bring again: id → Unix seconds.
        listed_at: When all events were last listed; None makes the next look do so.
        pages: Calls that took.
        emptied: How often in a row that looked suddenly empty.
        tells_all: Whether it brought the sessions of every linked event along.
        missing: Links whose event it did not bring → when they were woken for it, Unix seconds.
        missed: Of these, how often that was.
        registrants: Session id → registrants beyond the guests that Calendar had.
        shown: Of a small workspace, event id → checksum of what the listing showed of it.
    """

    secrets_made: int = 0
    subscriptions: Mapping[str, Subscription] = field(default_factory=dict)
    leaving: Sequence[str] = ()
    recent: Mapping[str, int] = field(default_factory=dict)
    listed_at: datetime | None = None
    pages: int = 1
    emptied: int = 0
    tells_all: bool = True
    missing: Mapping[str, int] = field(default_factory=dict)
    missed: Mapping[str, int] = field(default_factory=dict)
    registrants: Mapping[str, int] = field(default_factory=dict)
    shown: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Watch:
    """The right, held through `lease`, to look at one workspace.

    Attributes:
        active_at: When something last happened there that somebody did; None: nothing yet.
        put_by: Calls put by for quick looks at the instant `put_by_at`; None before the first.
    """

    workspace_id: str
    secret_digest: str = field(repr=False)
    notes: Notes
    subscribed_at: datetime | None
    polled_until: datetime | None
    lease: str | None
    active_at: datetime | None
    put_by: float | None
    put_by_at: datetime | None


@dataclass(frozen=True)
class Due:
    """When a workspace is looked at next, and what is put by until then.

    Attributes:
        at: The next look, as long as nothing happens.
        quick_at: The next look when something does, or did.
        active: Something did, as far as the look knows.
        put_by: Calls put by at the instant `put_by_at`; None leaves what is stored.
    """

    at: datetime
    quick_at: datetime
    active: bool
    put_by: float | None = None
    put_by_at: datetime | None = None


def ensure(connection: sa.Connection, workspace_id: str, now: datetime) -> None:
    """See to it that a workspace is looked at, and soon: somebody made a link there."""
    connection.execute(
        store.insert(connection, table)
        .values(
            workspace_id=workspace_id,
            # Nobody's: the first look makes the real one.
            secret_digest=secrets.token_hex(32),
            subscriptions=_written(Notes()),
            next_poll_at=now,
        )
        .on_conflict_do_nothing()
    )
    stir(connection, workspace_id, now)


def workspace_of(engine: sa.Engine, secret_digest: str) -> tuple[str, str] | None:
    """Return (workspace id, digest) of a webhook secret's digest; None when nobody has it."""
    with store.reading(engine) as connection:
        row = connection.execute(
            sa.select(table.c.workspace_id, table.c.secret_digest).where(
                table.c.secret_digest == secret_digest
            )
        ).one_or_none()
    return None if row is None else (row.workspace_id, row.secret_digest)


def take_due(engine: sa.Engine, *, now: datetime, most: int) -> list[Watch]:
    """Take the leases of up to `most` workspaces whose next look is due, the longest due first."""
    due = (
        sa.select(table.c.workspace_id)
        .where(
            table.c.next_poll_at <= now,
            sa.or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
        )
        .order_by(table.c.next_poll_at)
        .limit(most)
    )
    with store.reading(engine) as connection:
        if connection.execute(due.limit(1)).one_or_none() is None:
            return []
    with store.writing(engine) as connection:
        ids = connection.scalars(due.with_for_update(skip_locked=True)).all()
        rows = [
            connection.execute(
                sa.update(table)
                .where(table.c.workspace_id == one)
                .values(lease=secrets.token_hex(16), lease_until=now + LEASE)
                .returning(table)
            ).one()
            for one in ids
        ]
    return [
        Watch(
            workspace_id=row.workspace_id,
            secret_digest=row.secret_digest,
            notes=_read(row.subscriptions),
            subscribed_at=row.subscribed_at,
            polled_until=row.polled_until,
            lease=row.lease,
            active_at=row.active_at,
            put_by=row.put_by,
            put_by_at=row.put_by_at,
        )
        for row in rows
    ]


def hold(connection: sa.Connection, watch: Watch, now: datetime) -> None:
    """Renew a lease.

    Raises:
        LeaseLost: another worker looks at this workspace by now.
    """
    _change(connection, watch, {"lease_until": now + LEASE})


def save(connection: sa.Connection, watch: Watch, now: datetime) -> None:
    """Store what a look found out so far, and renew its lease.

    Raises:
        LeaseLost: another worker looks at this workspace by now.
    """
    _change(
        connection,
        watch,
        {
            "secret_digest": watch.secret_digest,
            "subscriptions": _written(watch.notes),
            "subscribed_at": watch.subscribed_at,
            "polled_until": watch.polled_until,
            "lease_until": now + LEASE,
        },
    )


def postpone(engine: sa.Engine, watch: Watch, due: Due) -> None:
    """Give the lease back, and say when the next look is due.

    What happened in the workspace during the look makes the next one a quick one.

    Raises:
        LeaseLost: another worker looks at this workspace by now.
    """
    instant = table.c.next_poll_at.type
    quick = sa.literal(due.quick_at, instant)
    values: dict[str, object] = {
        "next_poll_at": sa.case(
            (table.c.active_at.is_distinct_from(sa.literal(watch.active_at, instant)), quick),
            else_=quick if due.active else sa.literal(due.at, instant),
        ),
        "quick_at": due.quick_at,
        "lease": None,
        "lease_until": None,
    }
    if due.put_by is not None:
        values |= {"put_by": due.put_by, "put_by_at": due.put_by_at}
    with store.writing(engine) as connection:
        _change(connection, watch, values)


def stir(connection: sa.Connection, workspace_id: str, now: datetime) -> None:
    """Say that somebody does something in a workspace: looks follow each other quickly for a while.

    Writes once in `STIRRED` only, so that many changes at once do not wait for one row; and
    whenever the next look is not a quick one, as when nothing was in sync a moment ago.
    """
    _stir(connection, table.c.workspace_id == workspace_id, now)


def stir_link(connection: sa.Connection, link_id: str, now: datetime) -> None:
    """Say so of the workspace of a link."""
    of_link = sa.select(links.c.workspace_id).where(links.c.id == link_id).scalar_subquery()
    _stir(connection, table.c.workspace_id == of_link, now)


def _stir(connection: sa.Connection, which: sa.ColumnElement[bool], now: datetime) -> None:
    instant = table.c.next_poll_at.type
    soonest = sa.func.coalesce(table.c.quick_at, sa.literal(now, instant))
    connection.execute(
        sa.update(table)
        .where(
            which,
            sa.or_(
                table.c.active_at.is_(None),
                table.c.active_at < now - STIRRED,
                table.c.next_poll_at > soonest,
            ),
        )
        .values(
            active_at=now,
            next_poll_at=sa.case(
                (table.c.next_poll_at > soonest, soonest), else_=table.c.next_poll_at
            ),
        )
    )


def drop(engine: sa.Engine, watch: Watch) -> None:
    """Forget a workspace of which nothing is linked any more."""
    with store.writing(engine) as connection:
        connection.execute(sa.delete(table).where(*_leased(watch)))


def _change(connection: sa.Connection, watch: Watch, values: Mapping[str, object]) -> None:
    changed = connection.execute(sa.update(table).where(*_leased(watch)).values(values))
    if changed.rowcount == 0:
        raise LeaseLost


def _leased(watch: Watch) -> list[sa.ColumnElement[bool]]:
    return [table.c.workspace_id == watch.workspace_id, table.c.lease == watch.lease]


def _written(notes: Notes) -> dict[str, Any]:
    return {
        "secrets_made": notes.secrets_made,
        "subscriptions": {
            event: {"id": one.id, "since": one.since.isoformat()}
            for event, one in notes.subscriptions.items()
        },
        "leaving": list(notes.leaving),
        "recent": dict(notes.recent),
        "listed_at": notes.listed_at and notes.listed_at.isoformat(),
        "pages": notes.pages,
        "emptied": notes.emptied,
        "tells_all": notes.tells_all,
        "missing": dict(notes.missing),
        "missed": dict(notes.missed),
        "registrants": dict(notes.registrants),
        "shown": dict(notes.shown),
    }


def _read(value: Mapping[str, Any]) -> Notes:
    return Notes(
        secrets_made=value["secrets_made"],
        subscriptions={
            event: Subscription(one["id"], datetime.fromisoformat(one["since"]))
            for event, one in value["subscriptions"].items()
        },
        # Absent, like others below, from what an earlier release wrote.
        leaving=value.get("leaving", ()),
        recent=value["recent"],
        listed_at=value["listed_at"] and datetime.fromisoformat(value["listed_at"]),
        pages=value["pages"],
        emptied=value["emptied"],
        tells_all=value.get("tells_all", True),
        missing=value.get("missing", {}),
        missed=value.get("missed", {}),
        registrants=value["registrants"],
        shown=value.get("shown", {}),
    )
