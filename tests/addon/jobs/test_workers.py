"""Real worker processes, killed, frozen and stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.restarts import EX_CONFIG
from server.worker import EX_TEMPFAIL
from tests.addon.jobs.rig import PATIENCE_SECONDS, Rig, eventually, one_kind
from tests.addon.jobs.tables import links, runs, workers

NEVER_SECONDS = 3600.0

Worker = subprocess.Popen[bytes]
Start = Callable[..., Worker]


@pytest.fixture
def start(rig: Rig, tmp_path: Path) -> Iterator[Start]:
    """Start a worker and wait until it beats in the slot that it is to have.

    It is asked for by `WORKER_SLOT`, unless something else is, or nothing.
    """
    started: list[Worker] = []
    with (tmp_path / "log").open("wb") as log:

        def start(
            slot: str, *, asked: str | None = None, dead_after: float = NEVER_SECONDS
        ) -> Worker:
            beats = beats_of(rig, slot)
            url = rig.database.url.render_as_string(hide_password=False)
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.addon.jobs.worker_process", url, str(dead_after)],
                env={**os.environ, "WORKER_SLOT": slot if asked is None else asked},
                stdout=log,
                stderr=log,
            )
            started.append(worker)
            # Taking the row counts one up, so the second is its first beat.
            eventually(lambda: beats_of(rig, slot) >= beats + 2)
            return worker

        yield start
        for worker in started:
            worker.kill()
            worker.wait()
    # Shown with a failing test.
    sys.stdout.write((tmp_path / "log").read_text())


def beats_of(rig: Rig, slot: str) -> int:
    with rig.database.connect() as connection:
        beats = connection.scalar(
            sa.select(workers.c.beats).where(workers.c.executor_id.endswith(f"-{slot}"))
        )
        return -1 if beats is None else int(beats)


def runs_of(rig: Rig, what: str) -> Sequence[Any]:
    with rig.database.connect() as connection:
        return connection.execute(
            sa.select(runs).where(runs.c.what == what).order_by(runs.c.id)
        ).all()


def test_a_killed_worker_runs_its_job_again_after_its_restart(rig: Rig, start: Start) -> None:
    rig.add("a", takes=1.0)
    first = start("0")
    rig.mark("a")
    eventually(lambda: runs_of(rig, "a"))
    first.kill()
    first.wait()
    second = start("0")
    eventually(rig.all_synced)
    assert [(run.pid, run.ended is None) for run in runs_of(rig, "a")] == [
        (first.pid, True),
        (second.pid, False),
    ]


def test_another_worker_takes_over_from_one_that_does_not_come_back(rig: Rig, start: Start) -> None:
    rig.add("a", takes=1.0)
    first = start("0", dead_after=1.5)
    rig.mark("a")
    eventually(lambda: runs_of(rig, "a"))
    first.kill()
    first.wait()
    second = start("1", dead_after=1.5)
    eventually(rig.all_synced)
    assert [run.pid for run in runs_of(rig, "a")] == [first.pid, second.pid]


@one_kind
def test_a_frozen_worker_ends_when_it_finds_its_jobs_gone(rig: Rig, start: Start) -> None:
    rig.add("a", takes=1.0)
    frozen = start("0")
    rig.mark("a")
    eventually(lambda: runs_of(rig, "a"))
    frozen.send_signal(signal.SIGSTOP)
    start("1", dead_after=1.5)
    eventually(lambda: len(runs_of(rig, "a")) == 2)
    frozen.send_signal(signal.SIGCONT)
    assert frozen.wait(PATIENCE_SECONDS) == EX_TEMPFAIL
    eventually(rig.all_synced)


def test_two_workers_started_by_hand_work_side_by_side(rig: Rig, start: Start) -> None:
    first = start("0", asked="")
    second = start("1", asked="")
    # More than one worker does at a time, so that both get some.
    ids = [f"{number}" for number in range(24)]
    rig.add(*ids, takes=1.0)
    rig.mark(*ids)
    eventually(rig.all_synced)
    with rig.database.connect() as connection:
        at_work = set(connection.scalars(sa.select(runs.c.pid).where(runs.c.what != "each-second")))
    assert at_work == {first.pid, second.pid}
    assert (first.poll(), second.poll()) == (None, None)


@one_kind
def test_a_killed_worker_gets_its_slot_back_beside_another(rig: Rig, start: Start) -> None:
    rig.add("a", takes=NEVER_SECONDS)
    first = start("0", asked="")
    rig.mark("a")
    eventually(lambda: runs_of(rig, "a"))
    second = start("1", asked="")
    first.kill()
    first.wait()
    with rig.database.begin() as transaction:
        transaction.execute(links.update().values(takes=0.0))
    third = start("0", asked="")
    # In this test nobody takes over from the dead: its job was left under the name it had.
    eventually(rig.all_synced)
    assert runs_of(rig, "a")[-1].pid in {second.pid, third.pid}
    assert second.poll() is None


@one_kind
@pytest.mark.parametrize("asked", ["0", ""], ids=["supervised", "by hand"])
def test_a_slot_that_is_taken_is_left_to_its_worker(rig: Rig, start: Start, asked: str) -> None:
    first = start("0")
    second = start("1", asked=asked)
    third = start("2", asked="0")
    for worker in (first, second, third):
        worker.terminate()
        assert worker.wait(PATIENCE_SECONDS) == 0


@one_kind
def test_a_worker_ends_for_good_when_another_machine_has_its_name(rig: Rig, start: Start) -> None:
    first = start("0")
    with rig.database.begin() as transaction:
        transaction.execute(workers.update().values(incarnation="that of the other machine"))
    assert first.wait(PATIENCE_SECONDS) == EX_CONFIG


@one_kind
def test_a_worker_told_to_end_finishes_its_job_and_takes_no_other(rig: Rig, start: Start) -> None:
    rig.add("a", takes=1.0)
    rig.add("b")
    worker = start("0")
    rig.mark("a")
    eventually(lambda: runs_of(rig, "a"))
    worker.terminate()
    time.sleep(0.3)
    rig.mark("b")
    assert worker.wait(PATIENCE_SECONDS) == 0
    assert runs_of(rig, "a")[0].ended is not None
    assert not runs_of(rig, "b")


@one_kind
def test_a_worker_does_not_wait_for_ever_for_a_job_to_end(rig: Rig, start: Start) -> None:
    rig.add("a", takes=NEVER_SECONDS)
    worker = start("0")
    rig.mark("a")
    eventually(lambda: runs_of(rig, "a"))
    worker.terminate()
    # Its grace in these tests is 3 s.
    assert worker.wait(PATIENCE_SECONDS) == 0


def test_a_schedule_fires_once_each_time_with_two_workers(rig: Rig, start: Start) -> None:
    start("0")
    start("1")
    eventually(lambda: runs_of(rig, "each-second"))
    began = time.time()
    time.sleep(3)
    # The engine names each firing by its due time; the runs begin at a poll after it.
    fired = [run for run in runs_of(rig, "each-second") if run.began > began]
    assert 2 <= len(fired) <= 4
