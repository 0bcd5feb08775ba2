"""What is over is not kept for ever: history, and links that came to their end.

Why so long, and what it comes to in bytes, is in docs/operate.md ("What is kept, and how long").
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.tables import history, intents, links

HISTORY = timedelta(days=180)
"""Half a year: from the planning of an event to the last question about it. Lines hold what people
wrote and whom they invited, so they are not kept without a reason."""

FINISHED = timedelta(days=90)
"""An unlinked or deleted pair is shown as such; after a quarter nobody asks any more."""

PAST = timedelta(days=400)
"""A link of a single event, after its start: a year and some weeks, so that last year's edition of
a yearly event can be opened while this year's is planned."""

BATCH = 500
"""Rows per transaction: SQLite's one write lock is held for some tens of milliseconds."""


def trim_history(engine: sa.Engine, now: datetime) -> int:
    """Remove the lines older than `HISTORY`; return how many those were.

    Lines are numbered as they are written, so that the old ones come first and none of the others
    is looked at.
    """
    oldest = sa.select(history.c.id, history.c.at).order_by(history.c.id).limit(BATCH)
    removed = 0
    while True:
        with store.reading(engine) as connection:
            rows = connection.execute(oldest).all()
        old = [row.id for row in rows if row.at < now - HISTORY]
        if old:
            with store.writing(engine) as connection:
                connection.execute(sa.delete(history).where(history.c.id.in_(old)))
            removed += len(old)
        if len(old) < BATCH:
            return removed


def trim_links(engine: sa.Engine, now: datetime) -> int:
    """Remove the links that are over, with their history and intents; return how many.

    Those that ended so long ago that even their last line of history is older than `FINISHED`, and
    those of single events that began before `PAST`.
    """
    return _trim(engine, _finished(now)) + _trim(engine, _past(now))


def _finished(now: datetime) -> sa.Select[str]:
    recent = sa.select(history.c.id).where(
        history.c.link_id == links.c.id, history.c.at >= now - FINISHED
    )
    return sa.select(links.c.id).where(
        sa.text("state <> 'active'"), links.c.created_at < now - FINISHED, ~recent.exists()
    )


def _past(now: datetime) -> sa.Select[str]:
    return sa.select(links.c.id).where(sa.text("NOT recurring"), links.c.starts_at < now - PAST)


def _trim(engine: sa.Engine, over: sa.Select[str]) -> int:
    removed = 0
    while True:
        with store.reading(engine) as connection:
            ids = connection.execute(over.limit(BATCH)).scalars().all()
        if ids:
            with store.writing(engine) as connection:
                # An intent without its link would keep the event from ever getting a room again.
                connection.execute(sa.delete(intents).where(intents.c.link_id.in_(ids)))
                connection.execute(sa.delete(links).where(links.c.id.in_(ids)))
            removed += len(ids)
        if len(ids) < BATCH:
            return removed
