"""A person's links as the pages list them: searched, by page, by month, with their history.

Everything is asked for by the person's id first, so that nobody is shown what is another's, and
nothing needs the others' rows.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.links import Link
from addon.store.tables import calendars, history
from addon.store.tables import links as table

Json = dict[str, Any]

LONGEST_EVENT = timedelta(days=14)
"""A month is asked for with what began this long before it: an event that lasts longer is a rare
thing, and is still in the list."""

MOST_IN_RANGE = 1_000
"""More links than a month of meetings every half hour; what is beyond is in the list."""


class Period(Enum):
    """Which events are listed, by when they take place."""

    UPCOMING = "upcoming"
    PAST = "past"
    ALL = "all"


class Kept(Enum):
    """Which events are listed, by how they stand."""

    ANY = "any"
    SYNCED = "synced"
    PROBLEM = "problem"
    UNSYNCED = "unsynced"


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for.

    Attributes:
        text: Part of a title, in any case and with or without accents, or a Livestorm event id.
        offset, limit: Which part of it, in events.
    """

    text: str = ""
    period: Period = Period.UPCOMING
    kept: Kept = Kept.ANY
    offset: int = 0
    limit: int = 25


@dataclass(frozen=True)
class Found:
    """A part of a list, and how long the whole is."""

    links: Sequence[Link]
    total: int


@dataclass(frozen=True)
class Detail:
    """A link with what only its own page and the calendar show.

    Attributes:
        base, calendar_seen: As `addon.sync` stores them.
        compared_at: When both sides were last read.
        registering: While people are being registered, `{"done": …, "of": …}`.
    """

    link: Link
    base: Json | None
    calendar_seen: Json | None
    compared_at: datetime | None
    registering: Json | None


@dataclass(frozen=True)
class Line:
    """A line of a link's history; `side`, `what` and `detail` are the words of `addon.sync`."""

    id: int
    link_id: str
    at: datetime
    side: str
    what: str
    detail: Json


_LINK = [table.c[name] for name in Link.__dataclass_fields__]
_MORE = [table.c[name] for name in list(Detail.__dataclass_fields__)[1:]]
_LINE = [history.c[name] for name in Line.__dataclass_fields__]


def find(engine: sa.Engine, user_id: str, wanted: Wanted, *, now: datetime) -> Found:
    """Return a part of a person's links: upcoming ones the next first, others the latest first."""
    where = [table.c.user_id == user_id, *_period(wanted.period, now), *_kept(wanted.kept)]
    ascending = wanted.period is Period.UPCOMING
    start = table.c.starts_at.asc() if ascending else table.c.starts_at.desc()
    order = (start, table.c.id)
    with store.reading(engine) as connection:
        if wanted.text.strip():
            ids = _matching(connection, where, order, wanted.text)
            page = ids[wanted.offset : wanted.offset + wanted.limit]
            rows = connection.execute(sa.select(*_LINK).where(table.c.id.in_(page)))
            found = {row.id: Link(*row) for row in rows}
            return Found([found[one] for one in page if one in found], len(ids))
        total = connection.execute(sa.select(sa.func.count()).select_from(table).where(*where))
        rows = connection.execute(
            sa.select(*_LINK)
            .where(*where)
            .order_by(*order)
            .offset(wanted.offset)
            .limit(wanted.limit)
        )
        return Found([Link(*row) for row in rows], int(total.scalar_one()))


def has_any(engine: sa.Engine, user_id: str) -> bool:
    """Whether a person ever made an event with a Livestorm room."""
    with store.reading(engine) as connection:
        row = connection.execute(sa.select(table.c.id).where(table.c.user_id == user_id).limit(1))
        return row.first() is not None


def in_range(engine: sa.Engine, user_id: str, *, start: datetime, end: datetime) -> list[Detail]:
    """Return a person's links that may take place between two instants.

    Every series that had begun by the end is among them; which of its occurrences fall into the
    time is for the caller to find out.
    """
    single = sa.select(*_LINK, *_MORE).where(
        table.c.user_id == user_id,
        table.c.recurring.is_(False),
        table.c.starts_at >= start - LONGEST_EVENT,
        table.c.starts_at < end,
    )
    series = sa.select(*_LINK, *_MORE).where(
        table.c.user_id == user_id, sa.text("recurring"), table.c.starts_at < end
    )
    found = []
    with store.reading(engine) as connection:
        for statement in (single, series):
            rows = connection.execute(statement.order_by(table.c.starts_at).limit(MOST_IN_RANGE))
            found += [_detail(row) for row in rows]
    return found


def detail(engine: sa.Engine, user_id: str, link_id: str) -> Detail | None:
    """Return one of a person's links; None when there is none, or it is somebody else's."""
    with store.reading(engine) as connection:
        row = connection.execute(
            sa.select(*_LINK, *_MORE).where(table.c.id == link_id, table.c.user_id == user_id)
        ).one_or_none()
    return None if row is None else _detail(row)


def lines(
    engine: sa.Engine, link_id: str, *, limit: int, before: int | None = None
) -> Sequence[Line]:
    """Return the latest lines of a link's history, the newest first.

    Args:
        engine: The database.
        link_id: Whose; the caller has seen to it that it is the right person's.
        limit: How many.
        before: Only those older than the line with this id.
    """
    statement = sa.select(*_LINE).where(history.c.link_id == link_id)
    if before is not None:
        statement = statement.where(history.c.id < before)
    with store.reading(engine) as connection:
        rows = connection.execute(statement.order_by(history.c.id.desc()).limit(limit))
        return [Line(*row) for row in rows]


def latest_lines(engine: sa.Engine, link_ids: Sequence[str]) -> dict[str, Line]:
    """Return the newest line of the history of each link, by the link's id."""
    newest = (
        sa.select(sa.func.max(history.c.id))
        .where(history.c.link_id.in_(link_ids))
        .group_by(history.c.link_id)
    )
    with store.reading(engine) as connection:
        rows = connection.execute(sa.select(*_LINE).where(history.c.id.in_(newest)))
        return {row.link_id: Line(*row) for row in rows}


def zone(engine: sa.Engine, user_id: str, email: str | None) -> str | None:
    """Return the IANA zone of a person's own calendar, else of one they use; None if unknown."""
    own = sa.case((calendars.c.calendar_id == (email or ""), 0), else_=1)
    with store.reading(engine) as connection:
        row = (
            connection.execute(
                sa.select(calendars.c.timezone)
                .where(calendars.c.user_id == user_id, calendars.c.timezone.is_not(None))
                .order_by(own, calendars.c.id)
                .limit(1)
            ).first()
            or connection.execute(
                sa.select(table.c.timezone)
                .where(table.c.user_id == user_id, table.c.timezone.is_not(None))
                .order_by(table.c.starts_at.desc())
                .limit(1)
            ).first()
        )
    return None if row is None else str(row.timezone)


def _detail(row: Sequence[Any]) -> Detail:
    return Detail(Link(*row[: len(_LINK)]), *row[len(_LINK) :])


def _period(period: Period, now: datetime) -> list[sa.ColumnElement[bool]]:
    # What began today is still of today's list; a series goes on after its first occurrence.
    today = now - timedelta(hours=12)
    coming = sa.or_(table.c.starts_at >= today, table.c.starts_at.is_(None), table.c.recurring)
    match period:
        case Period.UPCOMING:
            return [coming]
        case Period.PAST:
            return [table.c.starts_at < today, table.c.recurring.is_(False)]
        case Period.ALL:
            return []


def _kept(kept: Kept) -> list[sa.ColumnElement[bool]]:
    alive = [table.c.state == "active", table.c.held.is_(False)]
    match kept:
        case Kept.ANY:
            return []
        case Kept.SYNCED:
            return [*alive, table.c.synced_at.is_not(None)]
        case Kept.PROBLEM:
            return [*alive, table.c.failures > 0]
        case Kept.UNSYNCED:
            return [sa.not_(sa.and_(*alive, table.c.synced_at.is_not(None)))]


def _matching(
    connection: sa.Connection,
    where: Sequence[sa.ColumnElement[bool]],
    order: Sequence[sa.ColumnElement[Any]],
    text: str,
) -> list[str]:
    """The ids that match. Compared here: SQLite knows no case but that of ASCII, and no accents."""
    sought = _folded(" ".join(text.split()))
    rows = connection.execute(
        sa.select(table.c.id, table.c.title, table.c.livestorm_event_id)
        .where(*where)
        .order_by(*order)
    )
    return [
        link_id
        for link_id, title, event_id in rows
        if sought in _folded(title) or sought == _folded(event_id)
    ]


def _folded(text: str) -> str:
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))
