"""Deletions and removals in Livestorm are found by listings."""

from datetime import timedelta

import sqlalchemy as sa
import time_machine

from addon.clock import now
from addon.store import links, mending
from addon.store.tables import workspace_watches
from addon.sync.notice.budget import POLL_CALLS
from addon.sync.notice.event_listing import EMPTY_LOOKS
from sandbox.livestorm.changes import sessions
from sandbox.simulation import Fault
from tests.addon.sync.notice.dashboard import (
    delete,
    event_of,
    later,
    people_changed,
    register,
    reschedule,
    retitle,
    session_of,
    unregister,
    watched,
)
from tests.addon.sync.notice.rig import Rig, one_kind


def test_deleted_event_is_found_by_the_listing_and_left_to_be_read(rig: Rig) -> None:
    pair, other = watched(rig), watched(rig)
    with later():
        rig.list_events()
        rig.compare()
        delete(rig, pair)
        rig.poll()
        assert rig.marked() == set()
        rig.list_events()
        assert rig.marked() == {pair.id}
        assert rig.row(pair).state == "active"
        assert rig.row(other).state == "active"


def test_listing_of_fifty_events_is_one_call(rig: Rig) -> None:
    watched(rig)
    with later():
        rig.poll()
        rig.clear_logs()
        rig.list_events()
        assert rig.livestorm_calls() == ["GET /v1/events"]
        assert "filter[created_since]" in rig.livestorm.log[0].query


def test_30_removed_registrant_is_found_by_the_count(rig: Rig) -> None:
    pair = watched(rig)
    register(rig, pair, "one@partner.test")
    register(rig, pair, "two@partner.test")
    with later():
        # The first one while what the webhooks told is not yet carried: it does not count.
        for _ in range(2):
            rig.list_events()
            rig.compare()
        rig.list_events()
        assert rig.marked() == set()
        unregister(rig, pair, "one@partner.test")
        rig.list_events()
        assert rig.marked() == {pair.id}
        assert people_changed(rig, pair)


def test_guests_whom_we_registered_are_no_news_to_the_count(rig: Rig) -> None:
    pair = watched(rig)
    with later():
        rig.list_events()
        rig.compare()
        guests = [{"email": f"guest{number}@partner.test"} for number in range(5)]
        rig.google.world.patch_event(pair.calendar_id, pair.event_id, {"attendees": guests})
        rig.look()
        for guest in guests:
            register(rig, pair, guest["email"])
        rig.compare()
        rig.list_events()
        assert rig.marked() == set()


def test_lost_poll_is_made_good_by_the_listing(rig: Rig) -> None:
    pair = watched(rig)
    with later():
        retitle(rig, pair, "Never polled")
        with rig.engine.begin() as connection:
            connection.execute(
                sa.update(workspace_watches).values(polled_until=now() + timedelta(minutes=6))
            )
        rig.list_events()
        assert rig.marked() == {pair.id}


def test_24_workspace_that_is_suddenly_empty_wakes_nothing(rig: Rig) -> None:
    pairs = [watched(rig) for _ in range(8)]
    with later():
        for pair in pairs:
            delete(rig, pair)
        for _ in range(EMPTY_LOOKS):
            rig.list_events()
            assert rig.marked() == set()
        rig.list_events()
        assert rig.marked() == {pair.id for pair in pairs}


def test_link_made_a_moment_ago_is_not_missing(rig: Rig) -> None:
    watched(rig)
    with later():
        pair = rig.pair()
        assert rig.livestorm.settle()
        rig.compare()
        delete(rig, pair)
        rig.list_events()
        assert pair.id not in rig.marked()
    with later(601 + 3):
        rig.list_events()
        assert pair.id in rig.marked()


def test_failed_listing_is_not_repeated_at_every_poll(rig: Rig) -> None:
    watched(rig)
    with later():
        rig.noted(pages=POLL_CALLS + 1, listed_at=None)
        # Polls ask for events too, first.
        rig.livestorm.faults.add(Fault("status", "/v1/events$", status=503, times=3, skip=1))
        rig.look_now()
        rig.clear_logs()
        rig.look_now()
        assert rig.livestorm_calls() == ["GET /v1/events", "GET /v1/sessions"]


def test_listing_stands_in_for_the_poll_of_a_small_workspace(rig: Rig) -> None:
    pair, other = watched(rig), watched(rig)
    with later():
        retitle(rig, pair, "Edited")
        reschedule(rig, other)
        rig.clear_logs()
        rig.look_now()
        assert rig.livestorm_calls() == ["GET /v1/events"]
        assert rig.marked() == {pair.id, other.id}
        rig.compare()
    with later(620):
        # Within two seconds something may change twice, so the first look brings it again.
        rig.look_now()
        rig.compare()
        rig.look_now()
        assert rig.marked() == set()


def test_change_that_moves_no_time_of_change_is_found_in_a_small_workspace(rig: Rig) -> None:
    pair, other = watched(rig), watched(rig)
    rig.list_events()
    with later(1200):
        rig.list_events()
        rig.compare()
        event_of(rig, pair).title = "Edited behind Livestorm's back"
        session_of(rig, other).estimated_started_at += 3600
        rig.list_events()
        assert rig.marked() == {pair.id, other.id}
        rig.compare()
        rig.list_events()
        assert rig.marked() == set()


def test_listing_takes_the_place_of_a_poll_whose_list_is_not_to_be_had(rig: Rig) -> None:
    pair = watched(rig)
    with later():
        rig.livestorm.faults.add(Fault("status", "/v1/sessions$", status=404, times=None))
        rig.noted(tells_all=False, listed_at=now().isoformat())
        retitle(rig, pair, "Edited")
        rig.look_now()
        assert rig.marked() == {pair.id}


def test_workspace_whose_events_come_without_sessions_is_polled(rig: Rig) -> None:
    pair = watched(rig)
    with later():
        rig.noted(tells_all=False)
        reschedule(rig, pair)
        rig.clear_logs()
        rig.look_now()
        assert rig.livestorm_calls()[:2] == ["GET /v1/events", "GET /v1/sessions"]
        assert rig.marked() == {pair.id}


def test_event_without_sessions_ends_the_standing_in(rig: Rig) -> None:
    pair = watched(rig)
    world = rig.livestorm.world
    with later():
        sessions.delete_session(world, world.workspace, session_of(rig, pair))
        rig.look_now()
        assert rig.watch().subscriptions["tells_all"] is False


def test_event_that_stays_missing_wakes_its_link_now_and_then(rig: Rig) -> None:
    pair = watched(rig)
    with later():
        delete(rig, pair)
        rig.look_now()
        assert rig.marked() == {pair.id}
        rig.compare()
        rig.look_now()
        assert rig.marked() == set()
    with later(1300):
        rig.look_now()
        assert rig.marked() == {pair.id}
        rig.compare()
    with later(1300 + 1190):
        rig.look_now()
        assert rig.marked() == set()
    with later(1300 + 1210):
        rig.look_now()
        assert rig.marked() == {pair.id}
        rig.compare()
    rig.noted(missed={pair.id: 50})
    with later(3000 + 86_400):
        rig.look_now()
        assert rig.marked() == {pair.id}


@one_kind
def test_room_that_was_put_back_after_weeks_is_listed(rig: Rig) -> None:
    with time_machine.travel(now() - timedelta(days=20)):
        pair = rig.pair()
        link = links.get(rig.engine, pair.id)
        assert link is not None
        mending.settle_intent(rig.engine, link, now())
    with rig.engine.begin() as connection:
        links.close(connection, pair.id, state="unlinked", now=now(), why="taken off")
    links.revive(rig.engine, link, now=now())
    rig.look()
    rig.look_at_workspace()
    rig.compare()
    with later():
        rig.look_now()
        rig.compare()
        rig.look_now()
        assert rig.watch().subscriptions["missing"] == {}
        retitle(rig, pair, "Edited")
        rig.look_now()
        assert rig.marked() == {pair.id}


def test_change_while_the_first_comparison_runs_is_seen_once_that_is_over(rig: Rig) -> None:
    watched(rig)
    with later():
        pair = rig.pair()
        rig.look()
        assert rig.livestorm.settle()
    with later(610):
        retitle(rig, pair, "While its first job runs")
        rig.look_now()
        rig.look_now()
    with later(615):
        rig.compare()
        rig.look_now()
        assert rig.marked() == {pair.id}


def test_people_of_an_event_at_work_are_counted_afterwards(rig: Rig) -> None:
    pair = watched(rig)
    with later():
        rig.look_now()
        rig.compare()
        guests = [{"email": f"guest{number}@partner.test"} for number in range(5)]
        rig.google.world.patch_event(pair.calendar_id, pair.event_id, {"attendees": guests})
        rig.look()
        assert rig.marked() == {pair.id}
        rig.look_now()
        assert not people_changed(rig, pair)
