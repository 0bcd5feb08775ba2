"""A change in Calendar is listed once, kept with its link, and wakes that link alone."""

from datetime import datetime, timedelta

import sqlalchemy as sa
import time_machine

from addon.clock import now
from addon.store import noticed
from addon.store.tables import calendars, google_grants
from addon.store.tables import links as links_table
from sandbox.google import TEAM_CALENDAR
from tests.addon.sync.notice.rig import (
    CAMILLE,
    SAM,
    SWEEP_SECONDS,
    Rig,
    one_kind,
    patch,
)

# One change


def test_first_look_opens_a_channel_lists_and_wakes(rig: Rig) -> None:
    pair = rig.pair()
    assert rig.look() == 1
    [channel] = rig.channels()
    assert channel.resource_id is not None
    assert channel.expires_at > now() + timedelta(days=6)
    assert rig.row(pair).calendar_seen["id"] == pair.event_id
    assert rig.marked() == {pair.id}
    row = rig.calendar()
    assert row.sync_token
    assert row.pushed_at is None
    assert row.lease is None
    assert row.timezone == "Europe/Paris"


def test_an_edit_costs_one_list_and_wakes_one_link(rig: Rig) -> None:
    pair = rig.settled()
    rig.settled()
    patch(rig, pair, summary="Another title")
    assert rig.look() == 1
    assert len(rig.google.log) == 1
    assert "syncToken" in rig.lists()[0].query
    assert rig.marked() == {pair.id}
    assert rig.row(pair).calendar_seen["summary"] == "Another title"


def test_our_own_echo_is_listed_once_and_wakes_nothing(rig: Rig) -> None:
    pair = rig.settled()
    product = rig.program.product
    assert product is not None
    written = product.calendar.patch(
        rig.activation.access_token(pair.user_id),
        pair.calendar_id,
        pair.event_id,
        {"summary": "Ours"},
        etag=rig.row(pair).calendar_seen["etag"],
    )
    with rig.engine.begin() as connection:
        rig.notices.calendar_read(connection, pair.id, written)
    rig.clear_logs()
    assert rig.look() == 1
    assert len(rig.google.log) == 1
    assert rig.marked() == set()
    assert rig.row(pair).calendar_seen["summary"] == "Ours"


def test_events_that_are_not_linked_wake_nothing(rig: Rig) -> None:
    rig.settled()
    rig.google.world.insert_event(
        CAMILLE,
        {
            "summary": "Lunch",
            "start": {"dateTime": "2030-01-01T12:00:00Z"},
            "end": {"dateTime": "2030-01-01T13:00:00Z"},
        },
    )
    assert rig.look() == 1
    assert rig.marked() == set()


@one_kind
def test_an_idle_calendar_is_not_listed_before_its_sweep(rig: Rig) -> None:
    rig.settled()
    rig.noticing.sweep.calendars()
    assert rig.look() == 0
    assert len(rig.google.log) == 0


def test_an_occurrence_wakes_the_link_of_its_series(rig: Rig) -> None:
    pair = rig.settled(recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"])
    seen = rig.row(pair).calendar_seen
    rig.google.world.patch_event(
        CAMILLE, f"{pair.event_id}_20300317T140000Z", {"summary": "This one only"}
    )
    rig.look()
    assert rig.marked() == {pair.id}
    assert rig.row(pair).calendar_seen["summary"] == seen["summary"]


def test_a_deleted_event_is_seen_as_cancelled(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.world.delete_event(CAMILLE, pair.event_id)
    rig.look()
    assert rig.marked() == {pair.id}
    assert rig.row(pair).calendar_seen["status"] == "cancelled"


def test_20_cancelled_item_with_only_an_id_is_found_by_that(rig: Rig) -> None:
    rig.google.switches.tombstones = "id_only"
    pair = rig.settled()
    rig.google.world.delete_event(CAMILLE, pair.event_id)
    rig.look()
    assert rig.marked() == {pair.id}
    assert rig.row(pair).calendar_seen["status"] == "cancelled"
    rig.compare()
    rig.notices.ensure_calendar(pair.user_id, CAMILLE)
    rig.look()
    assert rig.marked() == set()


def test_23_an_undeleted_event_wakes_again(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.world.delete_event(CAMILLE, pair.event_id)
    rig.look()
    rig.compare()
    rig.google.world.undelete_event(CAMILLE, pair.event_id)
    rig.look()
    assert rig.marked() == {pair.id}
    assert rig.row(pair).calendar_seen["status"] == "confirmed"


def test_28_an_event_moved_to_another_watched_calendar_wakes_its_link(rig: Rig) -> None:
    rig.settled(calendar_id=TEAM_CALENDAR)
    pair = rig.settled()
    rig.google.world.move_event(CAMILLE, pair.event_id, TEAM_CALENDAR)
    rig.look()
    assert pair.id in rig.marked()
    rig.compare()
    # Seen again where it is now, while the link still waits for it.
    rig.google.world.patch_event(TEAM_CALENDAR, pair.event_id, {"summary": "Moved"})
    rig.look()
    assert rig.marked() == {pair.id}


@one_kind
def test_a_duplicate_does_not_wake_the_original(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.world.attach_conference(
        CAMILLE,
        pair.event_id,
        {
            "conferenceId": pair.livestorm_event_id,
            "conferenceSolutionId": "livestorm",
            "entryPoints": [{"type": "VIDEO", "uri": "https://example.test/room"}],
        },
    )
    rig.look()
    rig.compare()
    copy = rig.google.world.duplicate_event(CAMILLE, pair.event_id)
    assert copy["conferenceData"]["conferenceId"] == pair.livestorm_event_id
    rig.look()
    assert rig.marked() == set()


def test_61_the_same_event_on_two_calendars_wakes_only_its_own_link(rig: Rig) -> None:
    mine = rig.settled(attendees=[{"email": SAM}])
    theirs = rig.settled(email=SAM)
    patch(rig, mine, summary="For both")
    rig.look()
    assert rig.marked() == {mine.id}
    assert theirs.id not in rig.marked()


# What was seen


def test_page_that_was_on_its_way_while_a_job_wrote_does_not_win(rig: Rig) -> None:
    pair = rig.settled()
    old = rig.google.world.event(CAMILLE, pair.event_id)
    patch(rig, pair, summary="Newer")
    newer = rig.google.world.event(CAMILLE, pair.event_id)
    with rig.engine.begin() as connection:
        rig.notices.calendar_read(connection, pair.id, newer)
    with rig.engine.begin() as connection:
        rig.notices.calendar_read(connection, pair.id, old)
    assert rig.row(pair).calendar_seen["summary"] == "Newer"


def test_touch_has_both_events_read_at_once(rig: Rig) -> None:
    pair = rig.settled()
    with rig.engine.begin() as connection:
        rig.wakes.mark(connection, pair.id)
        rig.wakes.postpone(connection, pair.id, now() + timedelta(hours=1))
    rig.notices.touch(pair.id, at_once=False)
    assert rig.row(pair).next_at is not None
    assert rig.row(pair).people_seq == rig.row(pair).people_read_seq
    rig.notices.touch(pair.id)
    row = rig.row(pair)
    assert row.next_at is None
    assert row.calendar_seen is None
    assert row.people_seq > row.people_read_seq
    assert rig.marked() == {pair.id}


def test_sweep_compares_links_that_nobody_compared(rig: Rig) -> None:
    fresh, compared = rig.pair(watched=False, calendar_id=TEAM_CALENDAR), rig.settled()
    rig.noticing.sweep.links()
    assert rig.marked() == set()
    with time_machine.travel(now() + timedelta(minutes=3)):
        rig.noticing.sweep.links()
        assert rig.marked() == {fresh.id}
        rig.compare()
    with time_machine.travel(now() + timedelta(days=15)):
        rig.noticing.sweep.links()
        assert rig.marked() == {fresh.id, compared.id}
        assert rig.row(compared).calendar_seen is None


@one_kind
def test_sweep_of_calendars_is_spread_and_leaves_out_who_is_not_activated(rig: Rig) -> None:
    rig.settled()
    rig.settled(calendar_id=TEAM_CALENDAR)
    theirs = rig.settled(email=SAM)
    with rig.engine.begin() as connection:
        connection.execute(
            sa.update(google_grants)
            .where(google_grants.c.user_id == theirs.user_id)
            .values(state="off")
        )
    at = now() + timedelta(seconds=SWEEP_SECONDS + 1)
    with time_machine.travel(at, tick=False):
        for _ in range(3):
            rig.noticing.sweep.calendars()
    stamps = stamped(rig)
    assert stamps[SAM] is None
    mine, team = stamps[CAMILLE], stamps[TEAM_CALENDAR]
    assert mine is not None
    assert team is not None
    assert abs(mine - team) <= timedelta(seconds=10)


def stamped(rig: Rig) -> dict[str, datetime | None]:
    with rig.engine.connect() as connection:
        rows = connection.execute(sa.select(calendars.c.calendar_id, calendars.c.pushed_at))
        return {row.calendar_id: row.pushed_at for row in rows}


@one_kind
def test_links_that_wait_for_consent_are_not_noticed(rig: Rig) -> None:
    pair = rig.settled()
    with rig.engine.begin() as connection:
        connection.execute(sa.update(links_table).values(held=True))
    patch(rig, pair, summary="Not ours to see yet")
    rig.look()
    assert rig.marked() == set()
    assert not noticed.any_in_calendar(rig.engine, pair.user_id, CAMILLE)
