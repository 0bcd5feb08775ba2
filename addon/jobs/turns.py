"""Whose turn a schedule is: one that is slow does not begin again, on any worker, before it ended.

A due time that comes while the turn is taken is dropped: what a schedule does, it does for
everything that is due by then.
"""

from datetime import timedelta

import sqlalchemy as sa

from addon.clock import now
from addon.store.engine import insert
from addon.store.types import Instant

LONGEST = timedelta(minutes=30)
"""How long a turn lasts that nobody ends. The turns of a worker that died are ended when it starts
again or is found silent, so this is only ever reached by a function that hangs."""


def turn_table(metadata: sa.MetaData) -> sa.Table:
    """Return the table of the turns, as part of `metadata`."""
    return sa.Table(
        "schedule_turns",
        metadata,
        sa.Column("name", sa.String(64), primary_key=True),
        # The worker's executor id.
        sa.Column("holder", sa.String(255), nullable=False),
        sa.Column("until", Instant, nullable=False),
    )


class Turns:
    """The statements on the table of the turns, for one worker. Commits nothing by itself."""

    def __init__(self, table: sa.Table, executor_id: str) -> None:
        self._table = table
        self._executor_id = executor_id

    def take(self, transaction: sa.Connection, name: str) -> bool:
        """Take the turn of a schedule; False while it is somebody's, this worker's own too."""
        at = now()
        values = {"holder": self._executor_id, "until": at + LONGEST}
        taken = transaction.execute(
            insert(transaction, self._table)
            .values(name=name, **values)
            .on_conflict_do_update(
                index_elements=["name"], set_=values, where=self._table.c.until <= at
            )
            .returning(self._table.c.name)
        )
        return taken.one_or_none() is not None

    def end(self, transaction: sa.Connection, name: str) -> None:
        """Give the turn of a schedule back."""
        turn = self._table.c
        transaction.execute(
            self._table.delete().where(turn.name == name, turn.holder == self._executor_id)
        )

    def forget(self, transaction: sa.Connection, executor_id: str) -> None:
        """End all turns of a worker that runs no more."""
        transaction.execute(self._table.delete().where(self._table.c.holder == executor_id))
