"""Beat for this worker, and give the jobs of silent workers to the living.

The engine itself gives a dead worker's jobs back only when a worker of the same name starts, and
until then they block their links. That is enough on one machine, where the supervisor restarts
every worker under its old name; a machine that does not come back needs this.
"""

import logging
import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import sqlalchemy as sa

from addon.clock import now
from addon.jobs.heartbeats import Heartbeats, Seen, silent, watched
from addon.jobs.turns import Turns
from addon.store.engine import reading

BEAT_SECONDS = 2.0
"""One small write. Several of them fit into the shortest silence that counts."""

DEAD_AFTER_SECONDS = {"postgresql": 10.0, "sqlite": 45.0}
"""How long a silence means death. PostgreSQL: five beats, so that one slow commit is no death. On
SQLite a beat may rightly wait 30 s for the file's one write lock (addon.store.engine), and there
all workers live on one machine, where whatever restarts them is quicker, so little is gained by
haste. Too early would only cost a link's work being done twice, the second time for nothing
(`LinkWakes.complete`)."""

_FORGET_AFTER = timedelta(days=1)
"""Rows of workers that are gone are kept this long, for people who look for them."""

_log = logging.getLogger(__name__)


class StartedJobs(Protocol):
    """What an engine knows of jobs that were started and have not ended."""

    def holders(self) -> frozenset[str]:
        """Return the executors that hold started jobs."""

    def give_back(self, executor_id: str) -> int:
        """Put the started jobs of an executor back into the queue; return how many there were."""


class Watch:
    """One worker's beats, and its eyes on the others."""

    def __init__(
        self,
        engine: sa.Engine,
        heartbeats: Heartbeats,
        jobs: StartedJobs,
        *,
        own_id: str,
        turns: Turns | None = None,
        dead_after_seconds: float | None = None,
    ) -> None:
        self._engine = engine
        self._heartbeats = heartbeats
        self._jobs = jobs
        self._own_id = own_id
        self._turns = turns
        self._dead_after = dead_after_seconds or DEAD_AFTER_SECONDS[engine.dialect.name]
        self._seen: Mapping[str, Seen] = {}
        self._looked_at = -math.inf

    def begin(self) -> None:
        """Take this worker's row; before it takes jobs."""
        with self._engine.begin() as transaction:
            self._heartbeats.forget(transaction, now() - _FORGET_AFTER)
            self._heartbeats.begin(transaction)
            if self._turns is not None:
                # Of the process that had this name before.
                self._turns.forget(transaction, self._own_id)

    def step(self, at: float) -> str | None:
        """Beat once, and take over from whoever has been silent for too long.

        Args:
            at: seconds on any clock that only goes forward.

        Returns:
            None while all is well; else who has this worker's row now (`Heartbeats.beat`). Then
            this process must end without finishing its jobs: others have them.
        """
        with self._engine.begin() as transaction:
            owner = self._heartbeats.beat(transaction)
        if owner is not None:
            return owner
        others = self._jobs.holders() - {self._own_id}
        counts: Mapping[str, int] = {}
        if others:
            with reading(self._engine) as connection:
                counts = self._heartbeats.counts(connection, others)
        # Only a silence that was listened to counts. While this process was frozen, or the
        # database away, nobody else may have been able to beat either.
        before = self._seen if at - self._looked_at < self._dead_after / 2 else {}
        self._seen = watched(before, counts, at)
        self._looked_at = at
        for executor_id, seen in silent(self._seen, at, self._dead_after).items():
            with self._engine.begin() as transaction:
                won = self._heartbeats.take_over(transaction, executor_id, seen.beats)
                if won and self._turns is not None:
                    self._turns.forget(transaction, executor_id)
            if won:
                given = self._jobs.give_back(executor_id)
                _log.warning("worker %s is silent: %d jobs given back", executor_id, given)
        return None
