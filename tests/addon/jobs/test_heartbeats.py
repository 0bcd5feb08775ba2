"""Workers beat, and are known to be dead only by standing still."""

from datetime import timedelta

import sqlalchemy as sa

from addon.clock import now
from addon.jobs.heartbeats import NO_ROW, TAKEN_OVER, Heartbeats, Seen, silent, watched
from addon.jobs.watch import Watch
from tests.addon.jobs.rig import Rig
from tests.addon.jobs.tables import workers


def test_a_count_that_stands_still_is_silence_measured_by_the_watcher() -> None:
    seen = watched({}, {"a": 5, "b": 9}, 100.0)
    seen = watched(seen, {"a": 5, "b": 10}, 104.0)
    assert seen == {"a": Seen(5, 100.0), "b": Seen(10, 104.0)}
    assert silent(seen, 109.9, 10.0) == {}
    assert silent(seen, 110.0, 10.0) == {"a": Seen(5, 100.0)}


def test_whoever_is_not_watched_any_more_is_forgotten() -> None:
    seen = watched({"a": Seen(5, 100.0)}, {}, 101.0)
    assert watched(seen, {"a": 5}, 102.0) == {"a": Seen(5, 102.0)}


def test_beats_count_up_and_tell_when_the_row_is_lost(rig: Rig) -> None:
    first, second = Heartbeats(workers, "here-0"), Heartbeats(workers, "here-0")
    with rig.database.begin() as transaction:
        first.begin(transaction)
        before = first.counts(transaction, ["here-0", "elsewhere-0"])
        assert first.beat(transaction) is None
        after = first.counts(transaction, ["here-0", "elsewhere-0"])
        assert after["here-0"] > before["here-0"]
        assert after["elsewhere-0"] == NO_ROW
        second.begin(transaction)
        assert second.beat(transaction) is None
        owner = first.beat(transaction)
    assert owner not in {None, "", TAKEN_OVER}


def test_one_watcher_wins_a_silence_and_a_beat_ends_it(rig: Rig) -> None:
    silent_one, watcher = Heartbeats(workers, "dead-0"), Heartbeats(workers, "here-0")
    with rig.database.begin() as transaction:
        silent_one.begin(transaction)
        beats = watcher.counts(transaction, ["dead-0"])["dead-0"]
        assert watcher.take_over(transaction, "dead-0", beats)
        assert not watcher.take_over(transaction, "dead-0", beats)
        assert silent_one.beat(transaction) == TAKEN_OVER

        silent_one.begin(transaction)
        beats = watcher.counts(transaction, ["dead-0"])["dead-0"]
        silent_one.beat(transaction)
        assert not watcher.take_over(transaction, "dead-0", beats)


def test_one_watcher_wins_an_executor_without_a_row(rig: Rig) -> None:
    watcher = Heartbeats(workers, "here-0")
    with rig.database.begin() as transaction:
        assert watcher.take_over(transaction, "never-0", NO_ROW)
        assert not watcher.take_over(transaction, "never-0", NO_ROW)


def test_old_rows_are_forgotten_and_a_forgotten_worker_knows(rig: Rig) -> None:
    old, new = Heartbeats(workers, "old-0"), Heartbeats(workers, "new-0")
    with rig.database.begin() as transaction:
        old.begin(transaction)
        new.begin(transaction)
        transaction.execute(
            sa.update(workers)
            .where(workers.c.executor_id == "old-0")
            .values(beat_at=now() - timedelta(days=2))
        )
        new.forget(transaction, now() - timedelta(days=1))
        assert new.beat(transaction) is None
        assert old.beat(transaction) == ""


class HeldByTheDead:
    """Jobs of one executor, until they are given back."""

    def __init__(self) -> None:
        self.given_back = 0

    def holders(self) -> frozenset[str]:
        return frozenset() if self.given_back else frozenset({"here-0", "dead-0"})

    def give_back(self, executor_id: str) -> int:
        assert executor_id == "dead-0"
        self.given_back += 1
        return 1


def watch_of(rig: Rig, jobs: HeldByTheDead) -> Watch:
    watch = Watch(
        rig.database, Heartbeats(workers, "here-0"), jobs, own_id="here-0", dead_after_seconds=10.0
    )
    watch.begin()
    return watch


def test_the_jobs_of_the_silent_are_given_back_once(rig: Rig) -> None:
    jobs = HeldByTheDead()
    watch = watch_of(rig, jobs)
    for at in (0.0, 4.0, 8.0):
        assert watch.step(at) is None
    assert jobs.given_back == 0
    for at in (12.0, 16.0):
        assert watch.step(at) is None
    assert jobs.given_back == 1


def test_the_jobs_of_one_that_beats_are_left_alone(rig: Rig) -> None:
    jobs = HeldByTheDead()
    watch = watch_of(rig, jobs)
    slow = Heartbeats(workers, "dead-0")
    with rig.database.begin() as transaction:
        slow.begin(transaction)
    for at in range(0, 60, 4):
        watch.step(float(at))
        if at % 8 == 0:
            with rig.database.begin() as transaction:
                assert slow.beat(transaction) is None
    assert jobs.given_back == 0


def test_a_watcher_that_slept_itself_starts_listening_anew(rig: Rig) -> None:
    jobs = HeldByTheDead()
    watch = watch_of(rig, jobs)
    for at in (0.0, 1000.0, 1004.0, 1008.0):
        watch.step(at)
    assert jobs.given_back == 0
    watch.step(1012.0)
    assert jobs.given_back == 1
