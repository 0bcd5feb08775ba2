"""The background process: `livestorm-calendar worker`."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from types import FrameType
from typing import NoReturn

import sqlalchemy as sa

from addon.jobs import JobEngine, LinkWakes, Runner
from addon.jobs.dbos_engine import POLL_SECONDS, DbosEngine
from addon.jobs.dbos_upkeep import DbosUpkeep
from addon.jobs.heartbeats import TAKEN_OVER, Heartbeats
from addon.jobs.turns import Turns
from addon.jobs.watch import BEAT_SECONDS, Watch
from server.restarts import EX_CONFIG
from server.supervisor import WORKER_SLOT, end_with_supervisor
from server.worker_slots import held_slot, machine

GRACE_SECONDS = 20
"""How long jobs that run may take to end after SIGTERM. A job is a handful of remote calls, each
with a time-out of some seconds; what does not end is run again by the next worker. Less than the
supervisor's 30 s, so that a worker is never killed while it puts things away."""

EX_TEMPFAIL = 75
"""Exit code of a worker whose jobs were given to others, because it had been silent for too long
(sysexits.h: try again). The supervisor starts it anew."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Schedule:
    """A function to be called on a schedule; see `addon.jobs.port.JobEngine.every`."""

    cron: str
    name: str
    function: Callable[[], None]


@dataclass(frozen=True)
class Pace:
    """How a worker looks around, in seconds. Only tests have a reason to change it."""

    poll: float = POLL_SECONDS
    beat: float = BEAT_SECONDS
    dead_after: float | None = None
    """None: by the kind of database, `addon.jobs.watch.DEAD_AFTER_SECONDS`."""
    grace: float = GRACE_SECONDS


_PACE = Pace()


def executor_id(url: sa.URL, slot: str) -> str:
    """Return this worker's name: `<machine>-<slot>`.

    The name must be the same after a restart, for then the jobs that were cut off run again at
    once (any other worker must first be sure that this one is dead), and no two workers may share
    one. Where machines change at every start, as containers do, all still works, at the pace of
    a machine that died.
    """
    return f"{machine(url)}-{slot}"


def run_worker(
    *,
    database: sa.Engine,
    wakes: LinkWakes,
    workers: sa.Table,
    turns: sa.Table,
    run: Runner,
    schedules: Sequence[Schedule],
    environment: Mapping[str, str] = os.environ,
    pace: Pace = _PACE,
) -> int:
    """Run jobs and schedules until SIGTERM or SIGINT. Must be called from the main thread.

    Args:
        database: the program's, migrated and prepared (`addon.jobs.dbos_queue.prepare`). Its
            pool must have a connection for each job at a time and two more.
        wakes: the wake-up columns of the links.
        workers: the table made by `addon.jobs.heartbeats.heartbeat_table`.
        turns: the table made by `addon.jobs.turns.turn_table`.
        run: what runs for a link.
        schedules: what else runs; each once per due time over all workers, and never beside
            itself.
        environment: where `WORKER_SLOT` is looked up: the slot that this worker takes if no other
            worker of this machine has it, which the supervisor sets.
        pace: how often it looks around.

    Returns:
        The exit code: 0 after a signal, `EX_TEMPFAIL` when its jobs were given to others,
        `EX_CONFIG` when another worker has begun to work under the same name.

    Raises:
        dbos.error.DBOSException: the engine's tables are missing or behind.
    """
    end_with_supervisor()
    with held_slot(database.url, environment.get(WORKER_SLOT, "").strip()) as slot:
        return _work(
            executor_id(database.url, slot),
            database=database,
            wakes=wakes,
            workers=workers,
            turns=turns,
            run=run,
            schedules=schedules,
            pace=pace,
        )


def _work(
    name: str,
    *,
    database: sa.Engine,
    wakes: LinkWakes,
    workers: sa.Table,
    turns: sa.Table,
    run: Runner,
    schedules: Sequence[Schedule],
    pace: Pace,
) -> int:
    upkeep = DbosUpkeep(database)
    own_turns = Turns(turns, name)
    engine: JobEngine = DbosEngine(
        database, wakes, upkeep, executor_id=name, turns=own_turns, poll_seconds=pace.poll
    )
    for schedule in schedules:
        engine.every(schedule.cron, schedule.name, schedule.function)
    watch = Watch(
        database,
        Heartbeats(workers, name),
        upkeep,
        own_id=name,
        turns=own_turns,
        dead_after_seconds=pace.dead_after,
    )
    watch.begin()
    # A SimpleQueue may be put into from a signal handler; an Event may deadlock there.
    ending: SimpleQueue[str | None] = SimpleQueue()
    with _signals(ending):
        engine.start(run)
        _log.info("worker %s runs", name)
        watching = _Watching(watch, ending, pace.beat)
        watching.start()
        lost_to = ending.get()
        if lost_to is not None:
            _end_abruptly(_report_loss(name, lost_to))
        # The beats go on meanwhile: a silent worker's jobs would be given to others.
        unfinished = engine.stop(pace.grace)
        watching.stop()
        upkeep.close()
        _log.info("worker %s ends; %d jobs did not end in time", name, unfinished)
        if unfinished:
            _end_abruptly(0)
        return 0


def _end_abruptly(code: int) -> NoReturn:
    """End this process with its jobs, which run again elsewhere or after the next start.

    Their threads would keep the interpreter from ending until they are done.
    """
    logging.shutdown()
    os._exit(code)


def _report_loss(name: str, to: str) -> int:
    """Say that this worker's row is not its own any more, and return the exit code.

    Others run its jobs by now.
    """
    if to in {TAKEN_OVER, ""}:
        _log.error("worker %s was silent for too long; others have its jobs", name)
        return EX_TEMPFAIL
    _log.error(
        "another worker works under the name %s: give each machine a host name of its own", name
    )
    return EX_CONFIG


class _Watching(threading.Thread):
    """Steps the watch until it is stopped, or until the worker's row is lost.

    Then it says to whom; None in the same queue is a signal.
    """

    def __init__(self, watch: Watch, ending: SimpleQueue[str | None], beat_seconds: float) -> None:
        super().__init__(name="watch", daemon=True)
        self._watch = watch
        self._ending = ending
        self._beat_seconds = beat_seconds
        self._stopped = threading.Event()

    def run(self) -> None:
        missed = 0
        while not self._stopped.wait(self._beat_seconds):
            try:
                lost_to = self._watch.step(time.monotonic())
            except sa.exc.SQLAlchemyError as error:
                # The database is away or busy. The jobs suffer the same and wait; so does this.
                missed += 1
                if missed == 1:
                    _log.warning("no beat: %s", type(error).__name__)
                continue
            if missed:
                _log.warning("beating again, after %d beats missed", missed)
                missed = 0
            if lost_to is not None:
                self._ending.put(lost_to)
                return

    def stop(self) -> None:
        self._stopped.set()
        self.join()


@contextmanager
def _signals(ending: SimpleQueue[str | None]) -> Iterator[None]:
    def end(_number: int, _frame: FrameType | None) -> None:
        ending.put(None)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
