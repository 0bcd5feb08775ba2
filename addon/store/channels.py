"""Watch channels: what Calendar was asked to ring, and how its messages are recognised."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.kept import KeptSelect
from addon.store.tables import calendars
from addon.store.tables import channels as table


@dataclass(frozen=True)
class Channel:
    """One channel.

    Attributes:
        id: What Google echoes with every message.
        calendar: Our id of the calendar.
        user_id: By whose grant it was opened; nobody else can stop it.
        token_digest: SHA-256 of the token that comes with every message.
        resource_id: Google's; None while it is not known that the channel exists.
        expires_at: As Google answered; what was asked for before it did.
        replaced: Another one took over, or the watch failed.
    """

    id: str
    calendar: str
    user_id: str
    token_digest: str = field(repr=False)
    resource_id: str | None
    opened_at: datetime
    expires_at: datetime
    replaced: bool


@dataclass(frozen=True)
class Rung:
    """A channel that rang, and the stamp, the lease and the pause of its calendar."""

    channel: Channel
    pushed_at: datetime | None
    lease_until: datetime | None
    next_at: datetime | None


_COLUMNS = [
    calendars.c.user_id if name == "user_id" else table.c[name]
    for name in Channel.__dataclass_fields__
]
_CHANNEL = sa.select(*_COLUMNS).join(calendars, calendars.c.id == table.c.calendar)
_RUNG = KeptSelect(
    sa.select(*_COLUMNS, calendars.c.pushed_at, calendars.c.lease_until, calendars.c.next_at)
    .join(calendars, calendars.c.id == table.c.calendar)
    .where(table.c.id == sa.bindparam("channel_id"))
)


def rung(engine: sa.Engine, channel_id: str) -> Rung | None:
    """Return the channel of a message; None when there is none of this id."""
    row = _RUNG.first(engine, channel_id=channel_id)
    return None if row is None else Rung(Channel(*row[:-3]), *row[-3:])


def note_resource(engine: sa.Engine, channel_id: str, resource_id: str) -> None:
    """Keep the resource id that a channel's own first message told, if the answer did not yet."""
    with store.writing(engine, within=store.WAKE_UP_SECONDS) as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.id == channel_id, table.c.resource_id.is_(None))
            .values(resource_id=resource_id)
        )


def of_calendar(engine: sa.Engine, calendar: str) -> list[Channel]:
    """Return every channel of a calendar (our id), oldest first."""
    with store.reading(engine) as connection:
        rows = connection.execute(
            _CHANNEL.where(table.c.calendar == calendar).order_by(table.c.opened_at)
        )
        return [Channel(*row) for row in rows]


def of_user(engine: sa.Engine, user_id: str) -> list[Channel]:
    """Return every channel that was opened by a person's grant."""
    with store.reading(engine) as connection:
        rows = connection.execute(_CHANNEL.where(calendars.c.user_id == user_id))
        return [Channel(*row) for row in rows]


def add(
    engine: sa.Engine,
    *,
    channel_id: str,
    calendar: str,
    token_digest: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Store a channel that Google is about to be asked for."""
    with store.writing(engine) as connection:
        connection.execute(
            sa.insert(table).values(
                id=channel_id,
                calendar=calendar,
                token_digest=token_digest,
                opened_at=now,
                expires_at=expires_at,
            )
        )


def opened(
    engine: sa.Engine, channel_id: str, calendar: str, *, resource_id: str, expires_at: datetime
) -> None:
    """Store what Google answered; from here on this one takes the place of the others."""
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.calendar == calendar, table.c.id != channel_id)
            .values(replaced=True)
        )
        connection.execute(
            sa.update(table)
            .where(table.c.id == channel_id)
            .values(resource_id=resource_id, expires_at=expires_at)
        )


def failed(engine: sa.Engine, channel_id: str, *, expires_at: datetime | None) -> None:
    """Note that a watch brought no channel; the row tells when that was tried.

    Args:
        engine: The database.
        channel_id: Of the channel.
        expires_at: When its messages stop counting; None leaves that, for a channel that may
            exist although the answer was lost.
    """
    values: dict[str, object] = {"replaced": True}
    if expires_at is not None:
        values["expires_at"] = expires_at
    with store.writing(engine) as connection:
        connection.execute(sa.update(table).where(table.c.id == channel_id).values(values))


def remove(engine: sa.Engine, channel_id: str) -> None:
    """Forget a channel."""
    with store.writing(engine) as connection:
        connection.execute(sa.delete(table).where(table.c.id == channel_id))


def to_stop(engine: sa.Engine, *, now: datetime, most: int) -> list[Channel]:
    """Return replaced channels that still ring."""
    with store.reading(engine) as connection:
        rows = connection.execute(
            _CHANNEL.where(
                table.c.replaced, table.c.resource_id.is_not(None), table.c.expires_at > now
            ).limit(most)
        )
        return [Channel(*row) for row in rows]


def expiring(engine: sa.Engine, *, before: datetime, most: int) -> list[Channel]:
    """Return channels in use that expire before an instant, the next to expire first."""
    with store.reading(engine) as connection:
        rows = connection.execute(
            _CHANNEL.where(table.c.expires_at < before, table.c.replaced.is_(False))
            .order_by(table.c.expires_at)
            .limit(most)
        )
        return [Channel(*row) for row in rows]


def purge(engine: sa.Engine, *, before: datetime) -> int:
    """Remove the channels that expired before an instant; return how many those were."""
    with store.writing(engine) as connection:
        return connection.execute(sa.delete(table).where(table.c.expires_at < before)).rowcount
