"""Bring the database up to date, ours and the job engine's tables alike."""

from addon.jobs.dbos_queue import prepare
from addon.store import schema
from addon.store.engine import create_engine


def migrate(database_url: str) -> None:
    """Run what is missing. Safe when several processes start at once.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be reached or changed.
    """
    engine = create_engine(database_url)
    try:
        schema.upgrade(engine)
        prepare(engine)
    finally:
        engine.dispose()
