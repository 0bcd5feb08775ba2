"""How the installation stands, in numbers: what waits, what does not work, what is left.

Every statement reads a partial index, or a table with few rows for each person, so that they can
be asked every half minute of an installation of any size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from addon.jobs.heartbeats import TAKEN_OVER
from addon.store import engine as store
from addon.store.allowance import PERIOD_SECONDS
from addon.store.tables import allowances, channels, intents, links, workers

EXPIRING = timedelta(hours=24)
"""A channel lives for a week and is renewed at half of that, so one with a day left has missed its
renewal for days."""

LOW = 0.1
"""The share of a month's calls that is kept for people who wait; below it, looking around stops."""

ALIVE = timedelta(seconds=60)
"""A worker beats every two seconds; on a busy SQLite file a beat may wait for half a minute."""


@dataclass(frozen=True)
class Figures:
    """The numbers of one moment.

    Attributes:
        outstanding: Links of which something was said that no job has dealt with.
        waited_seconds: Since when the one that waits longest could have been compared; pauses
            after a failure do not count.
        in_trouble: Outstanding links by what keeps them apart.
        held: Links made before activation, not kept in sync.
        intents_open: Rooms asked for of which it is not known what became.
        intent_seconds: Age of the oldest of them.
        channels, channels_expiring: Watch channels in use, and those not renewed in time.
        workspaces: Those ever asked for anything.
        workspaces_low: Those with less than `LOW` of their month left.
        workspaces_blocked: Those that refuse every call at the moment.
        allowance_left: Smallest share of a month that a workspace has left; 1 without any.
        workers: Worker processes that beat.
    """

    outstanding: int
    waited_seconds: float
    in_trouble: Mapping[str, int]
    held: int
    intents_open: int
    intent_seconds: float
    channels: int
    channels_expiring: int
    workspaces: int
    workspaces_low: int
    workspaces_blocked: int
    allowance_left: float
    workers: int


def read(engine: sa.Engine, now: datetime) -> Figures:
    """Return the numbers of the instant `now`.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database does not answer.
    """
    with store.reading(engine) as connection:
        outstanding = connection.execute(_counted(links, *_OUTSTANDING)).scalar_one()
        waiting_since = connection.execute(_WAITING_SINCE, {"now": now}).scalar_one()
        opened, oldest = connection.execute(_OPEN_INTENTS).one()
        live, expiring = connection.execute(_CHANNELS, {"soon": now + EXPIRING}).one()
        every, low, blocked, left = connection.execute(
            _ALLOWANCES, {"seconds": now.timestamp()}
        ).one()
        return Figures(
            outstanding=outstanding,
            waited_seconds=_seconds(waiting_since, now),
            in_trouble={row.kind: row.links for row in connection.execute(_TROUBLE)},
            held=connection.execute(_counted(links, sa.text("held"))).scalar_one(),
            intents_open=opened,
            intent_seconds=_seconds(oldest, now),
            channels=live,
            channels_expiring=expiring or 0,
            workspaces=every,
            workspaces_low=low or 0,
            workspaces_blocked=blocked or 0,
            allowance_left=1.0 if left is None else float(left),
            workers=connection.execute(_WORKERS, {"since": now - ALIVE}).scalar_one(),
        )


def latest_beat(engine: sa.Engine) -> datetime | None:
    """Return when any worker last beat; None when none has in a day."""
    with store.reading(engine) as connection:
        latest: datetime | None = connection.execute(
            sa.select(sa.func.max(workers.c.beat_at, type_=workers.c.beat_at.type))
        ).scalar_one()
        return latest


def _seconds(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)


def _counted(
    table: sa.Table, *conditions: sa.ColumnElement[bool] | sa.TextClause
) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(table).where(*conditions)


def _share(condition: sa.ColumnElement[bool]) -> Any:
    return sa.func.sum(sa.case((condition, 1), else_=0))


_OUTSTANDING = (links.c.dirty_at.is_not(None),)

_DUE_SINCE = sa.case((links.c.next_at > links.c.dirty_at, links.c.next_at), else_=links.c.dirty_at)
_WAITING_SINCE = sa.select(sa.func.min(_DUE_SINCE, type_=links.c.dirty_at.type)).where(
    *_OUTSTANDING,
    sa.or_(links.c.next_at.is_(None), links.c.next_at <= sa.bindparam("now")),
)

_KIND = links.c.trouble["kind"].as_string()
_TROUBLE = (
    sa.select(_KIND.label("kind"), sa.func.count().label("links"))
    .where(*_OUTSTANDING, _KIND.is_not(None))
    .group_by(_KIND)
)

_OPEN_INTENTS = sa.select(
    sa.func.count(), sa.func.min(intents.c.created_at, type_=intents.c.created_at.type)
).where(intents.c.state == "open")

_CHANNELS = sa.select(sa.func.count(), _share(channels.c.expires_at < sa.bindparam("soon"))).where(
    channels.c.replaced.is_(False)
)

_PERIOD_RUNS = allowances.c.period_started + PERIOD_SECONDS > sa.bindparam("seconds")
_LEFT = sa.case(
    (_PERIOD_RUNS, 1.0 - 1.0 * allowances.c.used / allowances.c.monthly_limit), else_=1.0
)
_ALLOWANCES = sa.select(
    sa.func.count(),
    _share(_LEFT < LOW),
    _share(allowances.c.blocked_until > sa.bindparam("seconds")),
    sa.func.min(_LEFT),
).where(allowances.c.monthly_limit > 0)

_WORKERS = _counted(
    workers,
    workers.c.beat_at > sa.bindparam("since"),
    workers.c.incarnation != TAKEN_OVER,
)
