"""Statements that nearly every call makes, at little more than the driver's own cost.

SQLAlchemy makes a context and a result for every statement, which takes several times as long as
a lookup by key in SQLite (`bench.home`, `bench.conference`). Here it still writes the statement,
and its types turn the values into the database's and back; the driver's cursor does the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

from addon.store import engine as store

_Turn = Callable[[Any], Any]

Row = tuple[Any, ...]


@dataclass(frozen=True)
class _Compiled:
    """A statement in the words of one kind of database."""

    text: str
    constants: Mapping[str, Any]
    written: Mapping[str, _Turn]
    """How the values of some parameters are written."""
    positions: tuple[str, ...] | None
    """The parameters in their order, where they have no names."""
    read: tuple[_Turn | None, ...]
    """How each column of a row is read, None where it comes as it is."""

    def values(self, parameters: Mapping[str, Any]) -> Any:
        values = {**self.constants, **parameters}
        for name, write in self.written.items():
            values[name] = write(values[name])
        if self.positions is None:
            return values
        return tuple(values[name] for name in self.positions)

    def first(self, driver: sa.PoolProxiedConnection, values: Any) -> Row | None:
        cursor = driver.cursor()
        cursor.execute(self.text, values)
        row = cursor.fetchone() if self.read else None
        cursor.close()
        if row is None:
            return None
        return tuple(
            value if turn is None else turn(value)
            for turn, value in zip(self.read, row, strict=True)
        )


class Kept:
    """A statement of at most one row, compiled once for each kind of database."""

    def __init__(
        self,
        write: Callable[[str], sa.ClauseElement],
        *columns: sa.ColumnElement[Any],
        keys: Sequence[str] | None = None,
    ) -> None:
        """Keep a statement.

        Args:
            write: Returns it for the name of a dialect.
            columns: What its rows hold; nothing for one without rows.
            keys: The columns that an INSERT or UPDATE sets, where they are not in the statement.
        """
        self._write = write
        self._columns = columns
        self._keys = keys
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: sa.Connection, **parameters: Any) -> Row | None:
        """Run the statement in the transaction of `connection`; return the row, if there is one.

        Raises:
            sqlalchemy.exc.DBAPIError: the database fails, in SQLAlchemy's words.
        """
        dialect = connection.dialect
        compiled = self.compiled(dialect)
        values = compiled.values(parameters)
        try:
            return compiled.first(connection.connection, values)
        except dialect.loaded_dbapi.Error as error:
            # What a caller may see of it is what SQLAlchemy would have shown: no parameters.
            raise sa.exc.DBAPIError.instance(
                compiled.text,
                None,
                error,
                dialect.loaded_dbapi.Error,
                hide_parameters=True,
                dialect=dialect,
            ) from error

    def compiled(self, dialect: sa.Dialect) -> _Compiled:
        """Return the statement as this kind of database reads it."""
        kept = self._compiled.get(dialect.name)
        if kept is None:
            kept = self._compiled[dialect.name] = _compile(
                self._write(dialect.name), dialect, self._columns, self._keys
            )
        return kept


class KeptSelect:
    """A select of at most one row outside any transaction."""

    def __init__(self, statement: sa.Select[Any]) -> None:
        """Keep `statement`, whose parameters are `bindparam`s of types that drivers know."""
        self._statement = statement
        self._kept = Kept(lambda _: statement, *statement.selected_columns)

    def first(self, engine: sa.Engine, **parameters: str) -> Row | None:
        """Return the row as a tuple in the order of the select's columns, or None.

        A connection that fails is given up and SQLAlchemy asked on another one, so that a database
        that was restarted is found again, and what is raised is in SQLAlchemy's words.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database does not answer.
        """
        compiled = self._kept.compiled(engine.dialect)
        values = compiled.values(parameters)
        try:
            with store.driver(engine) as connection:
                return compiled.first(connection, values)
        except engine.dialect.loaded_dbapi.Error:
            with store.reading(engine) as connection:
                found = connection.execute(self._statement, parameters).one_or_none()
                return None if found is None else tuple(found)


def _compile(
    statement: sa.ClauseElement,
    dialect: sa.Dialect,
    columns: Sequence[sa.ColumnElement[Any]],
    keys: Sequence[str] | None,
) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=keys)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("only statements that have parameters can be kept")
    constants: dict[str, Any] = {}
    written: dict[str, _Turn] = {}
    for bind in compiled.binds.values():
        name = compiled.bind_names[bind]
        if not bind.required:
            constants[name] = bind.value
        write = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if write is not None:
            written[name] = write
    return _Compiled(
        str(compiled),
        constants,
        written,
        tuple(compiled.positiontup or ()) if compiled.positional else None,
        tuple(_reader(column.type, dialect) for column in columns),
    )


def _reader(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> _Turn | None:
    if isinstance(kind, sa.Float):
        # Comes as a float from both drivers; SQLAlchemy would ask how it came.
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)
