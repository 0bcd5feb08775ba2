"""The engine runs what was marked: once, in turn, again after a failure."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from addon.clock import now
from addon.jobs import Claim, Runner
from addon.jobs.dbos_engine import BROKEN_PAUSE_SECONDS, DbosEngine
from addon.jobs.dbos_queue import prepare
from addon.jobs.dbos_upkeep import DbosUpkeep
from addon.store.engine import create_engine
from tests.addon.jobs.rig import Rig, eventually, one_kind

POLL_SECONDS = 0.05
"""Tests wait for polls all the time."""


@contextmanager
def running(rig: Rig, run: Runner) -> Iterator[DbosUpkeep]:
    upkeep = DbosUpkeep(rig.database)
    engine = DbosEngine(
        rig.database, rig.wakes, upkeep, executor_id="here-0", poll_seconds=POLL_SECONDS
    )
    engine.start(run)
    try:
        yield upkeep
    finally:
        engine.stop(0)
        upkeep.close()


def settled(rig: Rig) -> bool:
    """Whether the engine has no job left to run."""
    return not {"ENQUEUED", "PENDING", "DELAYED"} & set(rig.jobs())


def test_many_marks_are_one_run(rig: Rig) -> None:
    claims = []

    def run(claim: Claim) -> None:
        claims.append(claim)
        rig.complete(claim)

    rig.add("a")
    rig.mark("a", times=50)
    with running(rig, run):
        eventually(lambda: settled(rig))
    assert claims == [Claim("a", 50)]


def test_marks_during_a_run_are_exactly_one_further_run(rig: Rig) -> None:
    claims = []
    began, marked = threading.Event(), threading.Event()

    def run(claim: Claim) -> None:
        claims.append(claim)
        began.set()
        marked.wait(10)
        rig.complete(claim)

    rig.add("a")
    rig.mark("a")
    with running(rig, run):
        began.wait(10)
        rig.mark("a", times=7)
        marked.set()
        eventually(lambda: settled(rig))
    assert claims == [Claim("a", 1), Claim("a", 8)]


def test_one_run_at_a_time_per_link_and_several_links_at_a_time(rig: Rig) -> None:
    lock = threading.Lock()
    running_now: list[str] = []
    most_of_a, most = 0, 0

    def run(claim: Claim) -> None:
        nonlocal most_of_a, most
        with lock:
            running_now.append(claim.link_id)
            most_of_a = max(most_of_a, running_now.count("a"))
            most = max(most, len(running_now))
        time.sleep(0.1)
        rig.complete(claim)
        with lock:
            running_now.remove(claim.link_id)

    rig.add("a", "b", "c")
    with running(rig, run):
        for _ in range(8):
            # Asking at once makes a job each time, as if coalescing did not exist.
            rig.mark("a", "a", "b", "c", at_once=True)
            time.sleep(0.05)
        eventually(lambda: settled(rig))
    assert rig.all_synced()
    assert most_of_a == 1
    assert most >= 2


def test_a_run_that_breaks_pauses_its_link_and_no_other(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    def run(claim: Claim) -> None:
        if claim.link_id == "broken":
            raise LookupError("the guest camille@acme.test")
        rig.complete(claim)

    rig.add("broken", "whole")
    rig.mark("broken", "whole")
    with running(rig, run), caplog.at_level(logging.WARNING):
        eventually(lambda: settled(rig))
    assert rig.link("whole").synced_seq == 1
    pause = (rig.link("broken").next_at - now()).total_seconds()
    assert 0.9 * BROKEN_PAUSE_SECONDS < pause < 1.6 * BROKEN_PAUSE_SECONDS
    # The traceback is for the log; of the error the database only gets the type.
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2
    assert caplog.messages[0] == "the job of a link is broken; it pauses"
    [job] = rig.client().list_workflows(status="ERROR", load_input=False)
    assert str(job.error) == '"LookupError"'


@one_kind
def test_a_pause_is_kept(rig: Rig) -> None:
    runs: list[float] = []
    pause = 1.5

    def run(claim: Claim) -> None:
        runs.append(time.monotonic())
        if len(runs) == 1:
            rig.postpone(claim.link_id, pause)
        else:
            rig.complete(claim)

    rig.add("a")
    rig.mark("a")
    with running(rig, run):
        eventually(rig.all_synced)
    assert len(runs) == 2
    # DBOS looks for the end of delays once a second.
    assert pause <= runs[1] - runs[0] < pause + 3


def test_ended_jobs_are_purged_when_they_are_old_enough(rig: Rig) -> None:
    def run(claim: Claim) -> None:
        if claim.link_id == "broken":
            raise LookupError
        rig.complete(claim)

    rig.add("a", "b", "broken")
    rig.mark("a", "b", "broken")
    with running(rig, run) as upkeep:
        eventually(lambda: settled(rig))
        assert upkeep.purge() == 0
        assert upkeep.purge(timedelta(0), timedelta(days=7)) == 2
        assert rig.jobs() == ["ERROR"]
        assert upkeep.purge(timedelta(0), timedelta(0)) == 1


@one_kind
def test_two_schedules_cannot_share_a_name(rig: Rig) -> None:
    engine = DbosEngine(rig.database, rig.wakes, DbosUpkeep(rig.database), executor_id="here-0")
    engine.every("* * * * *", "poll", lambda: None)
    with pytest.raises(ValueError, match="poll"):
        engine.every("0 * * * *", "poll", lambda: None)


def test_several_processes_may_prepare_a_database_at_once(database_url: str) -> None:
    failures: list[BaseException] = []

    def prepare_it() -> None:
        engine = create_engine(database_url)
        try:
            prepare(engine)
        except BaseException as failure:  # noqa: BLE001 -- carried to the main thread
            failures.append(failure)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=prepare_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@one_kind
def test_the_engine_says_nothing_when_all_is_well(
    rig: Rig, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    rig.add("a")
    rig.mark("a")
    with caplog.at_level(logging.INFO), running(rig, lambda claim: assert_completed(rig, claim)):
        eventually(rig.all_synced)
    assert [record.message for record in caplog.records] == []
    assert capfd.readouterr() == ("", "")


def assert_completed(rig: Rig, claim: Claim) -> None:
    assert rig.complete(claim)
