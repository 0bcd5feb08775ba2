"""What is in the database, for tests that nothing changed."""

import sqlalchemy as sa

from addon.store.tables import metadata

Contents = dict[str, list[tuple[object, ...]]]


def contents(engine: sa.Engine, *, without: frozenset[str] = frozenset()) -> Contents:
    """Return every row of every table of ours, but for the tables that are named."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(sa.select(table))), key=repr
            )
            for table in metadata.sorted_tables
            if table.name not in without
        }
