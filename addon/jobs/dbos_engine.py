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

import json
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, Serializer

from addon.clock import now
from addon.jobs.port import Claim, Runner
from addon.jobs.requeue import requeue_lost
from addon.jobs.wakes import LinkWakes

APPLICATION = "livestorm-calendar"

JOB_VERSION = "1"
"""Which jobs this code can run. Changes only when a job's name or arguments change their meaning;
jobs of another version are left alone by every worker."""

LINKS_QUEUE = "links"
"""One queue for all: each costs every worker a polling thread."""

_LINK_JOB = "sync_link"
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

KEEP_FINISHED = timedelta(hours=1)
"""How long finished jobs are kept. Nothing reads them (truth and history are elsewhere) and each
takes about 0.9 KB: an hour of a very busy day is under a gigabyte."""

KEEP_FAILED = timedelta(days=7)
"""How long jobs that ended by a defect are kept: somebody should have a look at them."""

_PURGE_BATCH = 500
"""Rows per deletion: keeps SQLite's one write lock for some tens of milliseconds."""

_POOL_SIZE = 10
"""Connections the engine keeps for itself in a worker. It only needs one for a moment at the start
and at the end of a job; more than this many at once would queue for milliseconds."""

_random = SystemRandom()


class _JobsAsJson(Serializer):
    """What the engine stores with a job: JSON, never pickles, and of an error only its type."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=_plain)

    def deserialize(self, serialized_data: str) -> Any:
        return json.loads(serialized_data)

    def name(self) -> str:
        return "livestorm_calendar_json"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, BaseException):
        return type(value).__name__
    raise TypeError(f"a job cannot carry a {type(value).__name__}")


def prepare(engine: sa.Engine) -> None:
    """Create the engine's tables in the program's database, or bring them up to date.

    Belongs to migration time: `start` only checks. Safe when several processes do it at once:
    the engine takes SQLite's write lock or an advisory lock of PostgreSQL, and looks again.
    """
    _quiet()
    DBOS.migrate(_url(engine))


class DbosQueue:
    """Enqueues jobs in the caller's own transaction; starts no thread and opens no connection.

    One per process; shared by its threads.
    """

    def __init__(self, engine: sa.Engine) -> None:
        _quiet()
        self._client = DBOSClient(
            system_database_engine=engine,
            application_name=APPLICATION,
            serializer=_JobsAsJson(),
            lazy=True,
        )

    def enqueue(
        self, transaction: sa.Connection, job_id: str, link_id: str, delay_seconds: float | None
    ) -> None:
        """Add the job of a link; see `addon.jobs.port.JobQueue`."""
        options: Any = {
            "queue_name": LINKS_QUEUE,
            "workflow_name": _LINK_JOB,
            "workflow_id": job_id,
            "app_version": JOB_VERSION,
            # One job at a time per partition: the link.
            "queue_partition_key": link_id,
        }
        if delay_seconds is not None:
            options["delay_seconds"] = delay_seconds
        self._client.enqueue_in_transaction(transaction, options, link_id)

    def waiting(self, job_ids: Collection[str]) -> frozenset[str]:
        """Return those of `job_ids` that are delayed, waiting or started."""
        if not job_ids:
            return frozenset()
        found = self._client.list_workflows(
            workflow_ids=list(job_ids),
            status=["DELAYED", "ENQUEUED", "PENDING"],
            load_input=False,
            load_output=False,
        )
        return frozenset(job.workflow_id for job in found)


class DbosEngine:
    """Runs the jobs of links and the schedules. One per process: DBOS is a singleton.

    Args:
        engine: the program's database; `prepare` has been called on it.
        wakes: the wake-up columns of the links table.
        executor_id: this worker's name, the same after a restart: at `start`, jobs that were
            started under it and never ended are run again at once. No two living workers may
            share one.
    """

    def __init__(
        self,
        engine: sa.Engine,
        wakes: LinkWakes,
        *,
        executor_id: str,
        poll_seconds: float = POLL_SECONDS,
        concurrency: int = WORKER_CONCURRENCY,
    ) -> None:
        self._engine = engine
        self._wakes = wakes
        self._executor_id = executor_id
        self._poll_seconds = poll_seconds
        self._concurrency = concurrency
        self._schedules: dict[str, tuple[str, Callable[[], None]]] = {}
        self._upkeep: DBOSClient | None = None

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
        _quiet()
        self.every("* * * * *", "requeue-lost", self._requeue_lost)
        # Off the full hour, where everybody else's schedules are.
        self.every("17 * * * *", "purge-finished-jobs", self._purge)
        DBOS(config=self._config())
        link_job = DBOS.workflow(name=_LINK_JOB, max_recovery_attempts=MAX_ATTEMPTS)
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
        # A client of its own, not DBOS's methods: called inside a job, those would be recorded
        # as steps of that job. Two connections, for the watch and for the purge.
        self._upkeep = DBOSClient(
            system_database_url=_url(self._engine),
            system_database_pool_size=2,
            application_name=APPLICATION,
            serializer=_JobsAsJson(),
            lazy=True,
        )

    def stop(self, grace_seconds: float) -> None:
        """Take no further jobs and wait up to `grace_seconds` (whole seconds) for running ones."""
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=round(grace_seconds))
        if self._upkeep is not None:
            self._upkeep.destroy()
            self._upkeep = None

    def holders(self) -> frozenset[str]:
        """Return the executors that hold started jobs."""
        return frozenset(job.executor_id for job in self._started() if job.executor_id is not None)

    def give_back(self, executor_id: str) -> int:
        """Put the started jobs of an executor back into the queue they came from.

        The queue must be named: without it the engine resumes on a queue of its own, where two
        jobs of one link would run at a time.
        """
        jobs: dict[str, list[str]] = {}
        for job in self._started(executor_id):
            if job.queue_name is not None:
                jobs.setdefault(job.queue_name, []).append(job.workflow_id)
        for queue_name, ids in jobs.items():
            self._client.resume_workflows(ids, queue_name=queue_name)
        return sum(map(len, jobs.values()))

    @property
    def _client(self) -> DBOSClient:
        if self._upkeep is None:
            raise RuntimeError("the engine has not been started")
        return self._upkeep

    def _started(self, executor_id: str | None = None) -> Any:
        return self._client.list_workflows(
            status="PENDING", executor_id=executor_id, load_input=False, load_output=False
        )

    def _config(self) -> DBOSConfig:
        return {
            "name": APPLICATION,
            # Connections of its own: its SQLite settings differ from the program's, and jobs that
            # hold all of the program's connections must not keep the engine from noting their end.
            "system_database_url": _url(self._engine),
            "sys_db_pool_size": _POOL_SIZE,
            "executor_id": self._executor_id,
            "application_version": JOB_VERSION,
            "run_migrations": False,
            # Only needed for messages between workflows, which are not used: saves a connection
            # per worker, and a pooler in front of PostgreSQL may be in transaction mode.
            "use_listen_notify": False,
            "serializer": _JobsAsJson(),
            "log_level": "WARNING",
        }

    def _link_job(self, run: Runner) -> Callable[[str], None]:
        def sync_link(link_id: str) -> None:
            with self._engine.begin() as transaction:
                claim = self._wakes.claim(transaction, link_id)
            if claim is not None:
                with self._pausing_when_broken(claim):
                    run(claim)

        return sync_link

    @contextmanager
    def _pausing_when_broken(self, claim: Claim) -> Iterator[None]:
        """Let a link pause whose job ends by an exception, which goes on to the engine's log."""
        ended = False
        try:
            yield
            ended = True
        finally:
            if not ended:
                pause = BROKEN_PAUSE_SECONDS * (1 + _random.random() / 2)
                with self._engine.begin() as transaction:
                    self._wakes.postpone(
                        transaction, claim.link_id, now() + timedelta(seconds=pause)
                    )

    def _tick_job(self) -> Callable[[datetime, Any], None]:
        def tick(due: datetime, name: Any) -> None:
            del due
            schedule = self._schedules.get(name)
            # A schedule of another release: its own workers will take the next one.
            if schedule is not None:
                schedule[1]()

        return tick

    def _requeue_lost(self) -> None:
        requeued = requeue_lost(self._engine, self._wakes)
        if requeued:
            logging.getLogger(__name__).info("%d links waited for no job", requeued)

    def _purge(self) -> None:
        self.purge(KEEP_FINISHED, KEEP_FAILED)

    def purge(self, keep_finished: timedelta, keep_failed: timedelta) -> int:
        """Delete jobs that ended longer ago than given, and return how many those were."""
        deleted = 0
        for statuses, keep in (
            (["SUCCESS", "CANCELLED"], keep_finished),
            (["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"], keep_failed),
        ):
            while True:
                ended = self._client.list_workflows(
                    status=statuses,
                    completed_before=(now() - keep).isoformat(),
                    limit=_PURGE_BATCH,
                    load_input=False,
                    load_output=False,
                )
                self._client.delete_workflows([job.workflow_id for job in ended])
                deleted += len(ended)
                if len(ended) < _PURGE_BATCH:
                    break
        return deleted


def _url(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def _quiet() -> None:
    """Send the engine's log where all others go, and only what somebody should read.

    Left alone it writes to stderr by a handler of its own, from INFO on, and does so unless a
    handler is already there.
    """
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = True
    logger.setLevel(logging.WARNING)
