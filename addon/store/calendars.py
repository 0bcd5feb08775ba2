"""Calendars that are listed: by whose grant, from which sync token on, and whether somebody waits.

A calendar has a row for each person whose links are on it, because a sync token and what a list
shows belong to whoever asks. Links are always locked before their calendar, so that a list and
whoever makes a link cannot wait for each other.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from addon import correlation
from addon.store import engine as store
from addon.store.grants import ACTIVE
from addon.store.kept import KeptSelect
from addon.store.leases import LeaseLost
from addon.store.tables import calendars as table
from addon.store.tables import google_grants

LEASE = timedelta(seconds=60)
"""How long a list may be silent before another worker takes over. Each page is one call of at most
some seconds and renews it."""

_MICROSECOND = timedelta(microseconds=1)

_GIVEN_BACK: Mapping[str, object] = {"lease": None, "lease_until": None}


@dataclass(frozen=True)
class Calendar:
    """The right, held through `lease`, to list one calendar for one person.

    Attributes:
        pushed_at: The stamp that this look answers; a later one stays.
        pushed_by: On whose behalf it was made; see `addon.correlation`.
        failures: In a row. Without a sync token: how often the full list looked suddenly empty.
    """

    id: str
    user_id: str
    calendar_id: str
    sync_token: str | None = field(repr=False)
    listed_at: datetime | None
    pushed_at: datetime | None
    pushed_by: str | None
    next_at: datetime | None
    failures: int
    lease: str | None


_COLUMNS = [table.c[name] for name in Calendar.__dataclass_fields__]

_STAMP = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("row_id"))
    .values(
        pushed_at=sa.bindparam("at"),
        pushed_by=sa.bindparam("by"),
        next_at=sa.case((table.c.next_at > sa.bindparam("beyond"), None), else_=table.c.next_at),
    )
)


def ensure(connection: sa.Connection, user_id: str, calendar_id: str, now: datetime) -> None:
    """See to it that a calendar is listed soon, whatever pause it was in."""
    said_by = correlation.current()
    wanted = {"pushed_at": now, "pushed_by": said_by, "next_at": None, "failures": 0}
    connection.execute(
        store.insert(connection, table)
        .values(id=uuid.uuid4().hex, user_id=user_id, calendar_id=calendar_id, **wanted)
        .on_conflict_do_update(index_elements=["user_id", "calendar_id"], set_=wanted)
    )


def ensure_known(connection: sa.Connection, user_id: str, calendar_id: str, now: datetime) -> None:
    """See to it that a calendar is listed soon if it was not known yet."""
    connection.execute(
        store.insert(connection, table)
        .values(id=uuid.uuid4().hex, user_id=user_id, calendar_id=calendar_id, pushed_at=now)
        .on_conflict_do_nothing()
    )


def find(engine: sa.Engine, user_id: str, calendar_id: str) -> Calendar | None:
    """Return a person's calendar; None when none of its events is linked."""
    with store.reading(engine) as connection:
        row = connection.execute(
            sa.select(*_COLUMNS).where(
                table.c.user_id == user_id, table.c.calendar_id == calendar_id
            )
        ).one_or_none()
    return None if row is None else Calendar(*row)


def of_user(engine: sa.Engine, user_id: str) -> list[Calendar]:
    """Return all calendars that are listed by a person's grant."""
    with store.reading(engine) as connection:
        rows = connection.execute(sa.select(*_COLUMNS).where(table.c.user_id == user_id))
        return [Calendar(*row) for row in rows]


def take_due(engine: sa.Engine, *, now: datetime, most: int) -> list[Calendar]:
    """Take the leases of up to `most` stamped calendars, the longest waiting first.

    Costs one indexed select while nothing is stamped.
    """
    due = (
        sa.select(table.c.id)
        .where(
            # Only past stamps: a sweep puts those of its calendars a little apart.
            table.c.pushed_at <= now,
            sa.or_(table.c.next_at.is_(None), table.c.next_at <= now),
            sa.or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
        )
        .order_by(table.c.pushed_at)
        .limit(most)
    )
    with store.reading(engine) as connection:
        if connection.execute(due.limit(1)).one_or_none() is None:
            return []
    with store.writing(engine) as connection:
        ids = connection.scalars(due.with_for_update(skip_locked=True)).all()
        taken = [
            connection.execute(
                sa.update(table)
                .where(table.c.id == one)
                .values(lease=uuid.uuid4().hex, lease_until=now + LEASE)
                .returning(*_COLUMNS)
            ).one()
            for one in ids
        ]
    return [Calendar(*row) for row in taken]


def hold(connection: sa.Connection, calendar: Calendar, now: datetime) -> None:
    """Renew a lease.

    Raises:
        LeaseLost: another worker lists this calendar by now.
    """
    _change(connection, calendar, {"lease_until": now + LEASE})


def finish(
    connection: sa.Connection,
    calendar: Calendar,
    *,
    sync_token: str,
    timezone: str | None,
    now: datetime,
) -> None:
    """Store where the next list begins, and give the lease back.

    The stamp goes only if it is the one this look answered: what was pushed since is listed next.

    Raises:
        LeaseLost: another worker lists this calendar by now.
    """
    stamp = sa.case((table.c.pushed_at == calendar.pushed_at, sa.null()), else_=table.c.pushed_at)
    values = {
        "sync_token": sync_token,
        "timezone": timezone,
        "listed_at": now,
        "pushed_at": stamp,
        "next_at": None,
        "failures": 0,
    }
    _change(connection, calendar, values | dict(_GIVEN_BACK))


def forget_token(engine: sa.Engine, calendar: Calendar) -> None:
    """Make every list from now on a full one, until one is through.

    Raises:
        LeaseLost: another worker lists this calendar by now.
    """
    with store.writing(engine) as connection:
        _change(connection, calendar, {"sync_token": None, "failures": 0})


def postpone(engine: sa.Engine, calendar: Calendar, *, until: datetime, failures: int) -> None:
    """Give the lease back without a result; the stamp stays.

    Raises:
        LeaseLost: another worker lists this calendar by now.
    """
    with store.writing(engine) as connection:
        _change(connection, calendar, {"next_at": until, "failures": failures} | dict(_GIVEN_BACK))


def drop(engine: sa.Engine, calendar: Calendar) -> None:
    """Forget a calendar without links, unless it was stamped again meanwhile."""
    with store.writing(engine) as connection:
        gone = connection.execute(
            sa.delete(table).where(
                *_leased(calendar), table.c.pushed_at.is_not_distinct_from(calendar.pushed_at)
            )
        )
        if gone.rowcount == 0:
            connection.execute(sa.update(table).where(*_leased(calendar)).values(_GIVEN_BACK))


def forget_user(engine: sa.Engine, user_id: str) -> None:
    """Forget a person's calendars and their channels: nothing is asked for them any more."""
    with store.writing(engine) as connection:
        connection.execute(sa.delete(table).where(table.c.user_id == user_id))


def forget_without_grant(engine: sa.Engine, user_id: str) -> bool:
    """Forget a person's calendars if they are not activated; return whether that is so.

    Somebody who is has none listed anew by anything: they may have activated this very moment, or
    only their secret cannot be read for now.
    """
    grant = sa.select(google_grants.c.state).where(google_grants.c.user_id == user_id)
    with store.writing(engine) as connection:
        if connection.scalar(grant) == ACTIVE:
            return False
        connection.execute(sa.delete(table).where(table.c.user_id == user_id))
    return True


def stamp(
    engine: sa.Engine,
    row_id: str,
    *,
    before: datetime | None,
    now: datetime,
    patience: timedelta | None = None,
    within: float | None = None,
) -> None:
    """Say that a calendar changed.

    A power cut may undo it, as it may lose the message that told: the sweep lists every calendar.

    Args:
        engine: The database.
        row_id: Our id of the calendar.
        before: The stamp it has; the new one differs, however coarse the clock.
        now: The present instant.
        patience: A pause that it is in and that would last longer ends; None: no pause does.
        within: See `addon.store.engine.writing`.
    """
    at = now if now != before else now + _MICROSECOND
    with store.writing(engine, durable=False, within=within) as connection:
        connection.execute(
            _STAMP,
            {
                "row_id": row_id,
                "at": at,
                "by": correlation.current(),
                "beyond": None if patience is None else now + patience,
            },
        )


def count(engine: sa.Engine) -> int:
    """Return how many calendars are listed at all."""
    with store.reading(engine) as connection:
        return connection.scalars(sa.select(sa.func.count()).select_from(table)).one()


def stamp_overdue(
    engine: sa.Engine, *, listed_before: datetime, now: datetime, over: timedelta, most: int
) -> int:
    """Stamp calendars of activated people that were not listed for long.

    Args:
        engine: The database.
        listed_before: What was listed since this instant is left out.
        now: The present instant.
        over: Spread the stamps evenly over this time from now, so that pushes need not queue
            up behind a sweep.
        most: At most so many, the longest unlisted first.

    Returns:
        How many.
    """
    overdue = (
        sa.select(table.c.id)
        .join(google_grants, google_grants.c.user_id == table.c.user_id)
        .where(
            google_grants.c.state == ACTIVE,
            table.c.pushed_at.is_(None),
            sa.or_(table.c.listed_at.is_(None), table.c.listed_at < listed_before),
        )
        .order_by(table.c.listed_at)
        .limit(most)
    )
    with store.reading(engine) as connection:
        ids = connection.scalars(overdue).all()
    if not ids:
        return 0
    values = [{"row": row, "at": now + over * place / len(ids)} for place, row in enumerate(ids)]
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("row"), table.c.pushed_at.is_(None))
            .values(pushed_at=sa.bindparam("at"), pushed_by=correlation.current()),
            # In one order, so that two sweeps cannot wait for each other.
            sorted(values, key=lambda one: str(one["row"])),
        )
    return len(ids)


def _change(connection: sa.Connection, calendar: Calendar, values: Mapping[str, object]) -> None:
    changed = connection.execute(sa.update(table).where(*_leased(calendar)).values(values))
    if changed.rowcount == 0:
        raise LeaseLost


def _leased(calendar: Calendar) -> list[sa.ColumnElement[bool]]:
    return [table.c.id == calendar.id, table.c.lease == calendar.lease]


def timezone_of(engine: sa.Engine, user_id: str, calendar_id: str) -> str | None:
    """Return the zone of a calendar (IANA); None where it was not listed for this person."""
    row = _TIMEZONE.first(engine, of_user=user_id, of_calendar=calendar_id)
    return None if row is None else row[0]


# Every conference asks for it.
_TIMEZONE = KeptSelect(
    sa.select(table.c.timezone).where(
        table.c.user_id == sa.bindparam("of_user"),
        table.c.calendar_id == sa.bindparam("of_calendar"),
    )
)
