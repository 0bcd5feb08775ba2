"""The job engine: DBOS Transact on the program's own database (docs.dbos.dev, 3.4).

What its defaults would get wrong, and what is done about it here:

* its deduplication drops what is said during a run: jobs are never deduplicated by it, see
  `addon.jobs.wakes`;
* a job belongs to an application version, by default a hash of the source, and other versions
  never take it: the version is pinned;
* a dead worker's jobs wait for a worker of the same name: names are stable per slot, and
  `addon.jobs.watch` takes over from machines that do not come back;
* finished jobs stay for ever: they are purged;
* jobs and errors are pickled into the database: here they are JSON, and of an error only its
  type is kept (its text may hold what belongs in no table; the traceback is in the log).
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import SystemRandom
from threading import Lock
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig

from addon import correlation
from addon.clock import now
from addon.jobs.dbos_queue import (
    APPLICATION,
    JOB_VERSION,
    LINK_JOB,
    LINKS_QUEUE,
    JobsAsJson,
    database_url,
    quiet_log,
)
from addon.jobs.dbos_upkeep import DbosUpkeep
from addon.jobs.port import Claim, Runner
from addon.jobs.requeue import requeue_lost
from addon.jobs.turns import Turns
from addon.jobs.wakes import LinkWakes
from addon.observations import LinkCompared, tell

_TICK_JOB = "tick"

POLL_SECONDS = 0.5
"""Jobs are only taken at a poll. Measured on SQLite, per worker: at 0.5 s half of the jobs begin
within 0.19 s and an idle worker costs 2.4 % of a core; at 0.1 s it is 0.06 s and 9.5 %."""

WORKER_CONCURRENCY = 16
"""Jobs at a time per worker. A job mostly waits for remote answers. As jobs are taken at polls
only, 16 per 0.5 s bound a worker to 32 starts a second, several times what two workers on two
cores can carry out; each costs a thread and at most one database connection."""

MAX_ATTEMPTS = 1000
"""Starts of one job before the engine gives up on it: a restart counts as one, so this must not
be reached in ordinary life. A job given up on is found by `addon.jobs.requeue`."""

BROKEN_PAUSE_SECONDS = 300.0
"""Pause of a link whose job ended by an exception nobody foresaw. Such a defect does not heal in
a minute, and a slow pace keeps the log readable; half as much is added at random, so that many
links broken at once do not return at once."""

_POOL_SIZE = 10
"""Connections the engine keeps for itself in a worker. It only needs one for a moment at the start
and at the end of a job; more than this many at once would queue for milliseconds."""

_random = SystemRandom()
_log = logging.getLogger(__name__)


class DbosEngine:
    """Runs the jobs of links and the schedules. One per process: DBOS is a singleton.

    Args:
        engine: the program's database; `prepare` has been called on it.
        wakes: the wake-up columns of the links table.
        upkeep: what purges jobs that ended.
        executor_id: this worker's name, the same after a restart: at `start`, jobs that were
            started under it and never ended are run again at once. No two living workers may
            share one.
        turns: keeps a slow schedule from running beside itself; without, schedules may.
    """

    def __init__(
        self,
        engine: sa.Engine,
        wakes: LinkWakes,
        upkeep: DbosUpkeep,
        *,
        executor_id: str,
        turns: Turns | None = None,
        poll_seconds: float = POLL_SECONDS,
        concurrency: int = WORKER_CONCURRENCY,
    ) -> None:
        self._engine = engine
        self._wakes = wakes
        self._upkeep = upkeep
        self._executor_id = executor_id
        self._turns = turns
        self._poll_seconds = poll_seconds
        self._concurrency = concurrency
        self._schedules: dict[str, tuple[str, Callable[[], None]]] = {}
        self._running = 0
        self._running_lock = Lock()

    def every(self, cron: str, name: str, function: Callable[[], None]) -> None:
        """Register a schedule; see `addon.jobs.port.JobEngine`. Before `start`."""
        if name in self._schedules:
            raise ValueError(f"two schedules are called {name}")
        self._schedules[name] = (cron, function)

    def start(self, run: Runner) -> None:
        """Take jobs from now on.

        Raises:
            dbos.error.DBOSException: the engine's tables are missing or behind, a cron
                expression is invalid.
        """
        quiet_log()
        self.every("* * * * *", "requeue-lost", self._requeue_lost)
        # Off the full hour, where everybody else's schedules are.
        self.every("17 * * * *", "purge-finished-jobs", self._purge)
        DBOS(config=self._config())
        link_job = DBOS.workflow(name=LINK_JOB, max_recovery_attempts=MAX_ATTEMPTS)
        link_job(self._link_job(run))
        tick = DBOS.workflow(name=_TICK_JOB, max_recovery_attempts=MAX_ATTEMPTS)(self._tick_job())
        DBOS.launch()
        DBOS.register_queue(
            LINKS_QUEUE,
            worker_concurrency=self._concurrency,
            partition_concurrency=1,
            polling_interval_sec=self._poll_seconds,
            on_conflict="always_update",
        )
        DBOS.apply_schedules(
            [
                {"schedule_name": name, "workflow_fn": tick, "schedule": cron, "context": name}
                for name, (cron, _) in self._schedules.items()
            ]
        )

    def stop(self, grace_seconds: float) -> int:
        """Take no further jobs and wait up to `grace_seconds` (whole seconds) for running ones.

        Returns how many jobs and schedules still run.
        """
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=round(grace_seconds))
        return self._running

    def _config(self) -> DBOSConfig:
        return {
            "name": APPLICATION,
            # Connections of its own: its SQLite settings differ from the program's, and jobs that
            # hold all of the program's connections must not keep the engine from noting their end.
            "system_database_url": database_url(self._engine),
            "sys_db_pool_size": _POOL_SIZE,
            "executor_id": self._executor_id,
            "application_version": JOB_VERSION,
            "run_migrations": False,
            # Only needed for messages between workflows, which are not used: saves a connection
            # per worker, and a pooler in front of PostgreSQL may be in transaction mode.
            "use_listen_notify": False,
            "serializer": JobsAsJson(),
            "log_level": "WARNING",
        }

    def _link_job(self, run: Runner) -> Callable[[str], None]:
        def sync_link(link_id: str) -> None:
            with self._engine.begin() as transaction:
                claim = self._wakes.claim(transaction, link_id)
            if claim is None:
                return
            waker = claim.woken_by or correlation.begun_by(LINK_JOB)
            with (
                correlation.working_for(waker, link=link_id),
                self._counted(),
                self._pausing_when_broken(claim),
            ):
                run(claim)

        return sync_link

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._running_lock:
            self._running += 1
        try:
            yield
        finally:
            with self._running_lock:
                self._running -= 1

    @contextmanager
    def _pausing_when_broken(self, claim: Claim) -> Iterator[None]:
        """Let a link pause whose job ends by an exception, which goes on to the engine's log."""
        ended = False
        try:
            yield
            ended = True
        finally:
            if not ended:
                # The engine logs the traceback, without the id of whose doing it was.
                _log.error("the job of a link is broken; it pauses")
                tell(LinkCompared("broken"))
                pause = BROKEN_PAUSE_SECONDS * (1 + _random.random() / 2)
                with self._engine.begin() as transaction:
                    if self._wakes.holds(transaction, claim):
                        self._wakes.postpone(
                            transaction, claim.link_id, now() + timedelta(seconds=pause)
                        )

    def _tick_job(self) -> Callable[[datetime, Any], None]:
        def tick(due: datetime, name: Any) -> None:
            del due
            schedule = self._schedules.get(name)
            # A schedule of another release: its own workers will take the next one.
            if schedule is not None:
                with correlation.working_for(correlation.begun_by(name)), self._counted():
                    self._in_turn(name, schedule[1])

        return tick

    def _in_turn(self, name: str, function: Callable[[], None]) -> None:
        """Call a schedule's function, unless its previous call still runs somewhere."""
        if self._turns is None:
            function()
            return
        with self._engine.begin() as transaction:
            taken = self._turns.take(transaction, name)
        if not taken:
            _log.info("schedule %s still runs since an earlier time", name)
            return
        try:
            function()
        finally:
            with self._engine.begin() as transaction:
                self._turns.end(transaction, name)

    def _requeue_lost(self) -> None:
        requeued = requeue_lost(self._engine, self._wakes)
        if requeued:
            _log.info("%d links waited for no job", requeued)

    def _purge(self) -> None:
        self._upkeep.purge()
