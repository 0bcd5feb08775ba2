"""Selects that nearly every call makes, at little more than the driver's own cost."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from addon.store import engine as store

_Reader = Callable[[Any], Any]


class KeptSelect:
    """A select of at most one row, compiled once for each kind of database.

    SQLAlchemy makes a context and a result for every statement, which takes several times as long
    as a lookup by key in SQLite (`bench.home`). Here it still writes the statement and reads the
    values by the columns' types; the driver's cursor does the rest.
    """

    def __init__(self, statement: sa.Select[Any]) -> None:
        """Keep `statement`, whose parameters are `bindparam`s of types that drivers know."""
        self._statement = statement
        self._compiled: dict[str, tuple[str, tuple[str, ...] | None, list[_Reader | None]]] = {}

    def first(self, engine: sa.Engine, **parameters: str) -> tuple[Any, ...] | None:
        """Return the row as a tuple in the order of the select's columns, or None.

        A connection that fails is given up and SQLAlchemy asked on another one, so that a database
        that was restarted is found again, and what is raised is in SQLAlchemy's words.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database does not answer.
        """
        text, positions, readers = self._for(engine.dialect)
        values: Any = parameters
        if positions is not None:
            values = tuple(parameters[name] for name in positions)
        try:
            with store.driver(engine) as connection:
                cursor = connection.cursor()
                cursor.execute(text, values)
                row = cursor.fetchone()
                cursor.close()
        except engine.dialect.loaded_dbapi.Error:
            with store.reading(engine) as connection:
                found = connection.execute(self._statement, parameters).one_or_none()
                return None if found is None else tuple(found)
        if row is None:
            return None
        return tuple(
            value if reader is None else reader(value)
            for reader, value in zip(readers, row, strict=True)
        )

    def _for(self, dialect: sa.Dialect) -> tuple[str, tuple[str, ...] | None, list[_Reader | None]]:
        kept = self._compiled.get(dialect.name)
        if kept is None:
            compiled = self._statement.compile(dialect=dialect)
            kept = self._compiled[dialect.name] = (
                str(compiled),
                tuple(compiled.positiontup or ()) if compiled.positional else None,
                [
                    column.type.dialect_impl(dialect).result_processor(dialect, None)
                    for column in self._statement.selected_columns
                ],
            )
        return kept
