"""Signs of life of the workers, and whose jobs may be taken over.

No clocks are compared between machines: a worker counts its beats up in its row, and whoever
watches measures on its own clock how long a count has stood still.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from addon.clock import now
from addon.store.engine import insert
from addon.store.types import Instant

TAKEN_OVER = "taken-over"
"""Stands in place of the incarnation of a worker whose jobs were given to others."""


def heartbeat_table(metadata: sa.MetaData) -> sa.Table:
    """Return the table the workers beat in, as part of `metadata`."""
    return sa.Table(
        "workers",
        metadata,
        # Machine and slot: the engine's executor id.
        sa.Column("executor_id", sa.String(255), primary_key=True),
        # Which process beats: two of them under one name would run each other's jobs again.
        sa.Column("incarnation", sa.String(32), nullable=False),
        sa.Column("beats", sa.BigInteger, nullable=False),
        # For people who look; nothing is decided by these two.
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("beat_at", Instant, nullable=False),
    )


@dataclass(frozen=True)
class Seen:
    """A count of beats, and since when it has stood still, in seconds of the watcher's clock."""

    beats: int
    since: float


NO_ROW = -1
"""The count of an executor that holds jobs but has no row."""


def watched(previous: Mapping[str, Seen], counts: Mapping[str, int], at: float) -> dict[str, Seen]:
    """Return what the watcher knows after having read `counts` at `at` (seconds)."""
    return {
        executor: seen
        if (seen := previous.get(executor)) is not None and seen.beats == beats
        else Seen(beats, at)
        for executor, beats in counts.items()
    }


def silent(seen: Mapping[str, Seen], at: float, dead_after: float) -> dict[str, Seen]:
    """Return the executors whose count has stood still for `dead_after` seconds or more."""
    return {executor: one for executor, one in seen.items() if at - one.since >= dead_after}


class Heartbeats:
    """The statements on the table of the workers. Every method commits nothing by itself."""

    def __init__(self, table: sa.Table, executor_id: str) -> None:
        self._table = table
        self._executor_id = executor_id
        self._incarnation = uuid.uuid4().hex

    def begin(self, transaction: sa.Connection) -> None:
        """Take the row of this executor, from whichever process had it before."""
        at = now()
        values = {"incarnation": self._incarnation, "started_at": at, "beat_at": at}
        transaction.execute(
            insert(transaction, self._table)
            .values(executor_id=self._executor_id, beats=0, **values)
            .on_conflict_do_update(
                index_elements=["executor_id"],
                set_={"beats": self._table.c.beats + 1, **values},
            )
        )

    def beat(self, transaction: sa.Connection) -> str | None:
        """Count one up.

        Returns None when the row is still this process's own; else whose it is now: another
        incarnation, `TAKEN_OVER`, or the empty string when the row is gone.
        """
        worker = self._table.c
        result = transaction.execute(
            self._table.update()
            .where(worker.executor_id == self._executor_id, worker.incarnation == self._incarnation)
            .values(beats=worker.beats + 1, beat_at=now())
        )
        if result.rowcount == 1:
            return None
        owner = transaction.scalar(
            sa.select(worker.incarnation).where(worker.executor_id == self._executor_id)
        )
        return owner or ""

    def counts(self, connection: sa.Connection, executors: Iterable[str]) -> dict[str, int]:
        """Return the count of each of `executors`; `NO_ROW` for one that has no row."""
        worker = self._table.c
        wanted = set(executors)
        rows = connection.execute(
            sa.select(worker.executor_id, worker.beats).where(worker.executor_id.in_(wanted))
        )
        return dict.fromkeys(wanted, NO_ROW) | {row.executor_id: row.beats for row in rows}

    def take_over(self, transaction: sa.Connection, executor_id: str, beats: int) -> bool:
        """Win the right to give a silent executor's jobs to others.

        Only one of several watchers gets True for the same silence: taking jobs back twice would
        take them from the worker that has just begun them. The executor itself, should it only
        have been frozen, finds its row taken and ends.
        """
        worker = self._table.c
        if beats == NO_ROW:
            at = now()
            taken = transaction.execute(
                insert(transaction, self._table)
                .values(
                    executor_id=executor_id,
                    incarnation=TAKEN_OVER,
                    beats=0,
                    started_at=at,
                    beat_at=at,
                )
                .on_conflict_do_nothing()
                .returning(worker.executor_id)
            )
        else:
            taken = transaction.execute(
                self._table.update()
                .where(worker.executor_id == executor_id, worker.beats == beats)
                .values(incarnation=TAKEN_OVER, beats=beats + 1)
                .returning(worker.executor_id)
            )
        return taken.one_or_none() is not None

    def forget(self, transaction: sa.Connection, before: datetime) -> None:
        """Remove the rows of workers that have not beaten since the instant `before`."""
        transaction.execute(self._table.delete().where(self._table.c.beat_at < before))
