"""A schedule runs once at a time, over all workers, and goes on when a worker dies in its turn."""

import logging
import threading
from contextlib import ExitStack

import pytest
import time_machine

from addon.clock import now
from addon.jobs.dbos_engine import DbosEngine
from addon.jobs.dbos_upkeep import DbosUpkeep
from addon.jobs.heartbeats import Heartbeats
from addon.jobs.turns import LONGEST, Turns
from addon.jobs.watch import Watch
from tests.addon.jobs.rig import Rig, eventually, one_kind
from tests.addon.jobs.tables import turns, workers
from tests.addon.jobs.test_heartbeats import HeldByTheDead


def take(rig: Rig, worker: str, name: str = "sweep") -> bool:
    with rig.database.begin() as transaction:
        return Turns(turns, worker).take(transaction, name)


def end(rig: Rig, worker: str, name: str = "sweep") -> None:
    with rig.database.begin() as transaction:
        Turns(turns, worker).end(transaction, name)


def test_a_turn_is_one_workers_until_it_ends(rig: Rig) -> None:
    assert take(rig, "here-0")
    assert not take(rig, "there-0")
    assert not take(rig, "here-0"), "its own earlier call still runs"
    assert take(rig, "there-0", "tidy"), "another schedule has turns of its own"
    end(rig, "there-0")
    assert not take(rig, "there-0"), "nobody ends another's turn"
    end(rig, "here-0")
    assert take(rig, "there-0")


def test_a_turn_that_nobody_ends_runs_out(rig: Rig) -> None:
    assert take(rig, "here-0")
    with time_machine.travel(now() + LONGEST):
        assert take(rig, "there-0")
        # It has a whole turn from here on.
        assert not take(rig, "here-0")


def test_the_turns_of_the_dead_are_given_on(rig: Rig) -> None:
    assert take(rig, "dead-0")
    assert take(rig, "here-0", "tidy")
    own = Turns(turns, "here-0")
    watch = Watch(
        rig.database,
        Heartbeats(workers, "here-0"),
        HeldByTheDead(),
        own_id="here-0",
        turns=own,
        dead_after_seconds=10.0,
    )
    # What this worker held before it was killed.
    watch.begin()
    assert take(rig, "there-0", "tidy")
    for at in (0.0, 4.0, 8.0):
        watch.step(at)
    assert not take(rig, "there-0")
    watch.step(12.0)
    assert take(rig, "there-0")


@one_kind
def test_a_slow_schedule_does_not_run_beside_itself(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    begun: list[int] = []
    go_on = threading.Event()

    def slow() -> None:
        begun.append(1)
        go_on.wait(20)

    caplog.set_level(logging.INFO)
    with ExitStack() as ending:
        upkeep = DbosUpkeep(rig.database)
        ending.callback(upkeep.close)
        engine = DbosEngine(
            rig.database,
            rig.wakes,
            upkeep,
            executor_id="here-0",
            turns=Turns(turns, "here-0"),
            poll_seconds=0.05,
        )
        engine.every("* * * * * *", "slow", slow)
        engine.start(lambda _claim: None)
        ending.callback(engine.stop, 0)
        ending.callback(go_on.set)
        eventually(lambda: "schedule slow still runs" in caplog.text)
        assert len(begun) == 1
        go_on.set()
        eventually(lambda: len(begun) > 1)
