"""Bring the database up to date, ours and the job engine's tables alike."""

import sqlalchemy as sa

from addon.jobs.dbos_queue import prepare
from addon.store import schema
from addon.store.engine import create_engine
from server.away import DatabaseAway


def migrate(database_url: str) -> None:
    """Run what is missing. Safe when several processes start at once.

    Raises:
        DatabaseAway: the database cannot be reached or written to.
    """
    try:
        engine = create_engine(database_url)
    except OSError as error:
        raise DatabaseAway(error.strerror or type(error).__name__) from None
    try:
        schema.upgrade(engine)
        prepare(engine)
    except sa.exc.OperationalError as error:
        # The driver's first line names server and cause; the rest repeats it for each attempt.
        raise DatabaseAway(str(error.orig).partition("\n")[0]) from None
    finally:
        engine.dispose()
