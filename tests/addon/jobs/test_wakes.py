"""Marks wake links, coalesce, and are never lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from addon import correlation
from addon.clock import now
from addon.jobs import Claim, ClaimLost, LinkWakes
from addon.jobs.dbos_queue import DbosQueue
from addon.jobs.wakes import HORIZON_SECONDS, LOST_AFTER_SECONDS, job_id
from addon.store import tables as store
from addon.store.engine import reading
from tests.addon.jobs.rig import Rig, one_kind
from tests.addon.jobs.tables import links


def test_a_mark_that_is_rolled_back_was_never_made(rig: Rig) -> None:
    rig.add("a")
    with rig.database.connect() as connection, connection.begin() as transaction:
        rig.wakes.mark(connection, "a")
        transaction.rollback()
    assert rig.link("a").dirty_seq == 0
    assert not rig.link("a").queued
    assert rig.jobs() == []


def test_marks_before_the_job_begins_are_one_job(rig: Rig) -> None:
    rig.add("a", "b")
    rig.mark("a", "b", times=50)
    assert rig.jobs() == ["ENQUEUED", "ENQUEUED"]
    assert rig.link("a").dirty_seq == 50
    assert rig.link("a").dirty_at is not None


def test_a_mark_after_the_job_began_is_another_job(rig: Rig) -> None:
    rig.add("a")
    rig.mark("a")
    assert rig.claim("a") == Claim("a", 1)
    rig.mark("a", times=3)
    assert rig.jobs() == ["ENQUEUED", "ENQUEUED"]
    assert rig.claim("a") == Claim("a", 4)


def test_a_job_knows_on_whose_behalf_it_runs(rig: Rig) -> None:
    rig.add("a")

    def woken_by(*ids: str) -> str | None:
        for one in ids:
            with correlation.working_for(one):
                rig.mark("a")
        claim = rig.claim("a")
        assert claim is not None
        rig.complete(claim)
        return claim.woken_by

    sweep, request = correlation.begun_by("sweep-links"), "0123456789abcdef"
    assert woken_by(sweep) == sweep
    assert correlation.is_sweep(sweep)
    assert woken_by("earlier-request", request) == request
    # Somebody has told already: the sweep found nothing by itself.
    assert woken_by(request, sweep) == request
    assert woken_by(sweep, request) == request
    # What comes from outside is never taken for one of ours.
    assert not correlation.is_sweep("sweep-links")
    assert not correlation.is_sweep(request)


def test_jobs_are_told_apart_when_the_clock_stands_still(rig: Rig) -> None:
    rig.add("a")
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False):
        for _ in range(3):
            rig.mark("a")
            rig.claim("a")
    assert rig.jobs() == ["ENQUEUED"] * 3


def test_marking_many_and_one_that_is_gone(rig: Rig) -> None:
    rig.add("a", "b")
    with rig.database.begin() as transaction:
        rig.wakes.mark_all(transaction, ["b", "gone", "a", "b"])
    assert rig.jobs() == ["ENQUEUED", "ENQUEUED"]


def test_nothing_to_claim_when_all_is_dealt_with_or_the_link_is_gone(rig: Rig) -> None:
    rig.add("a")
    assert rig.claim("gone") is None
    assert rig.claim("a") is None
    rig.mark("a")
    assert rig.complete(rig.claim("a"))
    assert rig.link("a").dirty_at is None
    assert rig.claim("a") is None


def test_completing_leaves_what_was_said_meanwhile(rig: Rig) -> None:
    rig.add("a")
    rig.mark("a")
    claim = rig.claim("a")
    rig.mark("a")
    assert rig.complete(claim)
    assert rig.link("a").dirty_at is not None
    assert rig.claim("a") == Claim("a", 2)


@pytest.mark.parametrize("said_meanwhile", [False, True])
def test_only_the_later_of_two_runs_completes(rig: Rig, *, said_meanwhile: bool) -> None:
    rig.add("a")
    rig.mark("a")
    first = rig.claim("a")
    if said_meanwhile:
        rig.mark("a")
    second = rig.claim("a")
    assert first is not None
    with rig.database.begin() as transaction:
        assert not rig.wakes.holds(transaction, first)
        with pytest.raises(ClaimLost):
            rig.wakes.hold(transaction, first)
    assert not rig.complete(first)
    assert not rig.all_synced()
    assert rig.complete(second)
    assert rig.all_synced()


def test_a_claim_on_a_link_that_is_gone_is_lost(rig: Rig) -> None:
    rig.add("a")
    rig.mark("a")
    claim = rig.claim("a")
    assert claim is not None
    with rig.database.begin() as transaction:
        transaction.execute(links.delete())
        assert not rig.wakes.holds(transaction, claim)
        with pytest.raises(ClaimLost):
            rig.wakes.hold(transaction, claim)


def test_a_short_pause_is_a_delayed_job(rig: Rig) -> None:
    rig.add("a")
    rig.mark("a")
    rig.claim("a")
    rig.postpone("a", 30)
    assert rig.jobs() == ["ENQUEUED", "DELAYED"]
    rig.mark("a", times=5)
    assert rig.jobs() == ["ENQUEUED", "DELAYED"]
    assert rig.claim("a") is None
    with time_machine.travel(now() + timedelta(seconds=31)):
        assert rig.claim("a") == Claim("a", 6)


def test_a_job_that_meets_a_pause_comes_back_at_its_end(rig: Rig) -> None:
    rig.add("a")
    rig.mark("a")
    rig.claim("a")
    rig.mark("a")
    rig.postpone("a", 30)
    assert rig.jobs() == ["ENQUEUED", "ENQUEUED"]
    assert rig.claim("a") is None
    assert rig.jobs() == ["ENQUEUED", "ENQUEUED", "DELAYED"]


def test_a_long_pause_holds_no_job_and_ends_by_looking_for_lost_ones(rig: Rig) -> None:
    rig.add("a")
    rig.mark("a")
    rig.claim("a")
    rig.postpone("a", 3600)
    rig.mark("a")
    assert rig.jobs() == ["ENQUEUED"]
    assert rig.requeue_lost() == 0
    with time_machine.travel(now() + timedelta(seconds=3600 - HORIZON_SECONDS + 1)):
        assert rig.requeue_lost() == 1
        assert rig.jobs() == ["ENQUEUED", "DELAYED"]
        assert rig.requeue_lost() == 0


def test_a_pause_ends_at_once_when_a_person_asks(rig: Rig) -> None:
    rig.add("a")
    rig.mark("a")
    rig.claim("a")
    rig.postpone("a", 30)
    rig.mark("a", at_once=True)
    assert rig.jobs() == ["ENQUEUED", "DELAYED", "ENQUEUED"]
    assert rig.claim("a") == Claim("a", 2)


def test_a_wait_ends_with_the_next_mark(rig: Rig) -> None:
    rig.add("a")
    for seconds, jobs in ((3600, ["ENQUEUED"]), (30, ["ENQUEUED", "ENQUEUED", "DELAYED"])):
        rig.mark("a")
        rig.wait(rig.claim("a"), seconds)
        assert rig.jobs() == jobs
        assert rig.claim("a") is None
    rig.mark("a", times=3)
    assert rig.jobs().count("ENQUEUED") == 3
    assert rig.claim("a") == Claim("a", 5)
    # From here on it is a pause like any other.
    rig.postpone("a", 3600)
    rig.mark("a")
    assert rig.claim("a") is None


def test_nothing_is_waited_for_that_was_said_meanwhile(rig: Rig) -> None:
    rig.add("a")
    rig.mark("a")
    claim = rig.claim("a")
    rig.mark("a")
    rig.wait(claim, 3600)
    assert rig.claim("a") == Claim("a", 2)


def test_a_wait_that_nothing_ends_is_over_in_time(rig: Rig) -> None:
    rig.add("a")
    rig.mark("a")
    rig.wait(rig.claim("a"), 3600)
    with time_machine.travel(now() + timedelta(seconds=3601)):
        assert rig.requeue_lost() == 1
        assert rig.complete(rig.claim("a"))
    assert rig.link("a").next_at is None


def test_a_pause_is_over_once_the_link_is_synced(rig: Rig) -> None:
    rig.add("a")
    rig.mark("a")
    rig.claim("a")
    rig.postpone("a", 30)
    with time_machine.travel(now() + timedelta(seconds=31)):
        assert rig.complete(rig.claim("a"))
    assert rig.link("a").next_at is None


def test_a_link_with_nothing_outstanding_does_not_pause(rig: Rig) -> None:
    rig.add("a")
    rig.postpone("a", 3600)
    assert rig.link("a").next_at is None


def test_lost_jobs_are_found_and_waiting_ones_left_alone(rig: Rig) -> None:
    rig.add("ended", "vanished", "waiting", "idle")
    rig.mark("ended", "vanished", "waiting")
    # Its job began, and ended by a defect before anything was noted.
    rig.claim("ended")
    rig.client().delete_workflow(job_id("vanished", rig.link("vanished").queued_at))
    assert rig.jobs() == ["ENQUEUED"] * 2

    # A job that has not begun is only asked about when it is overdue.
    assert rig.requeue_lost() == 1
    assert rig.jobs() == ["ENQUEUED"] * 3
    with time_machine.travel(now() + timedelta(seconds=LOST_AFTER_SECONDS + 1)):
        assert rig.requeue_lost() == 1
        assert rig.requeue_lost() == 0
    assert rig.jobs() == ["ENQUEUED"] * 4


def test_lost_jobs_are_found_beyond_one_batch(rig: Rig) -> None:
    rig.add(*(f"{n:03}" for n in range(205)))
    with rig.database.begin() as transaction:
        transaction.execute(sa.update(links).values(dirty_seq=1, dirty_at=now()))
    assert rig.requeue_lost() == 205
    assert rig.jobs() == ["ENQUEUED"] * 205


@one_kind
def test_looking_for_lost_jobs_reads_only_links_with_outstanding_work(engine: sa.Engine) -> None:
    statements: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        statements.append((statement, values))

    wakes = LinkWakes(store.links, DbosQueue(engine))
    with reading(engine) as connection:
        sa.event.listen(connection, "before_cursor_execute", note)
        wakes.outstanding(connection, "", 100)
        [(statement, values)] = list(statements)
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    # The index holds no other links: a million idle ones cost nothing.
    assert [step.detail for step in plan] == ["SEARCH links USING INDEX ix_links_dirty (id>?)"]


def test_of_many_marks_each_is_due_in_its_turn_and_a_change_at_once(rig: Rig) -> None:
    rig.add("idle", "under-way", "waits", "pauses", "changed")
    later = now() + timedelta(seconds=30)
    rig.mark("under-way")
    rig.mark("waits")
    rig.wait(rig.claim("waits"), 10)
    rig.mark("pauses")
    rig.claim("pauses")
    rig.postpone("pauses", 60)
    sooner, pause = rig.link("waits").next_at, rig.link("pauses").next_at
    many(rig, "idle", "under-way", "waits", "pauses", "changed", due=later)
    assert rig.link("idle").next_at == later
    assert rig.link("under-way").next_at is None
    assert rig.link("waits").next_at == sooner
    assert rig.link("pauses").next_at == pause
    many(rig, "pauses", due=later, at_once=True)
    assert rig.link("pauses").next_at == later
    assert rig.claim("idle") is None
    rig.mark("changed")
    assert rig.link("changed").next_at is None
    assert rig.claim("changed") == Claim("changed", 2)


def test_due_later_than_delayed_jobs_sleep_is_enqueued_in_time(rig: Rig) -> None:
    rig.add("a")
    many(rig, "a", due=now() + timedelta(seconds=HORIZON_SECONDS + 5))
    assert rig.jobs() == []
    assert rig.requeue_lost() == 0
    with time_machine.travel(now() + timedelta(seconds=10)):
        assert rig.requeue_lost() == 1
    assert rig.jobs() == ["DELAYED"]


def many(rig: Rig, *ids: str, due: datetime, at_once: bool = False) -> None:
    with rig.database.begin() as transaction:
        for one in ids:
            rig.wakes.mark(transaction, one, at_once=at_once, due=due)
