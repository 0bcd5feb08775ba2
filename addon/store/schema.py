"""Bring the schema up to date, and say whether it is."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from addon.store.engine import reading
from addon.store.tables import metadata

_MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = 7_262_011
"""Number of the PostgreSQL advisory lock held while migrating; any constant of our own will do."""


def upgrade(engine: sa.Engine) -> None:
    """Run every migration that is missing.

    Safe when several processes start at once: the second waits, then finds nothing to do
    (PostgreSQL: an advisory lock; SQLite: the write lock taken by every write transaction).
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        command.upgrade(_config(connection), "head")


def is_current(engine: sa.Engine) -> bool:
    """Whether the database has every migration this program knows, and none it does not."""
    expected = set(ScriptDirectory.from_config(_config(None)).get_heads())
    with reading(engine) as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == expected


def differences(engine: sa.Engine) -> list[object]:
    """What the tables in the code have that the migrated database has not, and the reverse."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def _config(connection: sa.Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
