"""Calendars are begun, shared between workers, swept and given up."""

from datetime import timedelta

import sqlalchemy as sa
import time_machine

from addon.clock import now
from addon.store import links
from addon.store.tables import calendars
from sandbox.google import TEAM_CALENDAR
from tests.addon.sync.notice.rig import (
    CAMILLE,
    SAM,
    SWEEP_SECONDS,
    Rig,
    one_kind,
    patch,
)

# Beginning and ending


def test_deactivation_stops_the_channels_before_the_grant_is_given_back(rig: Rig) -> None:
    pair = rig.settled()
    rig.settled(calendar_id=TEAM_CALENDAR)
    seen = rig.row(pair).calendar_seen
    rig.notices.forget_user(pair.user_id)
    assert rig.google.channels.open_channels == {}
    assert rig.channels() == []
    assert rig.row(pair).calendar_seen == seen
    assert [call.status for call in rig.google.log.matching("POST", "/channels/stop")] == [204] * 2


@one_kind
def test_deactivation_leaves_the_channels_of_others_alone(rig: Rig) -> None:
    mine = rig.settled(calendar_id=TEAM_CALENDAR)
    rig.settled(email=SAM, calendar_id=TEAM_CALENDAR)
    [theirs] = rig.channels(SAM)
    rig.notices.forget_user(mine.user_id)
    assert set(rig.google.channels.open_channels) == {theirs.id}


def test_calendar_without_links_is_given_up(rig: Rig) -> None:
    pair = rig.settled()
    with rig.engine.begin() as connection:
        links.close(connection, pair.id, state="unlinked", now=now(), why="a test")
    with time_machine.travel(now() + timedelta(seconds=SWEEP_SECONDS + 15)):
        rig.noticing.sweep.calendars()
    with time_machine.travel(now() + timedelta(seconds=SWEEP_SECONDS + 30)):
        rig.look()
    assert rig.google.channels.open_channels == {}
    with rig.engine.connect() as connection:
        assert connection.execute(sa.select(calendars)).all() == []
    assert rig.lists() == []


@one_kind
def test_server_at_another_address_is_rung_there_with_the_next_list(rig: Rig) -> None:
    pair = rig.settled()
    moved = rig.new_noticing(base_url="http://127.0.0.1:9")
    for minutes in (11, 30):
        with time_machine.travel(now() + timedelta(minutes=minutes)):
            rig.notices.ensure_calendar(pair.user_id, CAMILLE)
            [calendar] = moved.calendars.take(8)
            moved.calendars.look(calendar)
        [channel] = rig.google.channels.open_channels.values()
        assert channel.address == "http://127.0.0.1:9/hooks/google"
    assert len(rig.google.log.matching("POST", "/watch$")) == 1


# Several workers


def test_58_one_worker_lists_a_calendar_at_a_time(rig: Rig) -> None:
    rig.settled()
    rig.notices.ensure_calendar(rig.people[CAMILLE], CAMILLE)
    other = rig.new_noticing()
    [calendar] = rig.noticing.calendars.take(8)
    assert other.calendars.take(8) == []
    rig.noticing.calendars.look(calendar)
    assert other.calendars.take(8) == []


def test_58_worker_that_was_thought_dead_stores_nothing(rig: Rig) -> None:
    pair = rig.settled()
    patch(rig, pair, summary="Edited")
    rig.delivered()
    [frozen] = rig.noticing.calendars.take(8)
    with time_machine.travel(now() + timedelta(seconds=61)):
        [calendar] = rig.new_noticing().calendars.take(8)
        assert calendar.id == frozen.id
        token = rig.calendar().sync_token
        rig.noticing.calendars.look(frozen)
        assert rig.calendar().sync_token == token
        assert rig.marked() == set()
        rig.noticing.calendars.look(calendar)
        assert rig.marked() == {pair.id}


def test_push_while_a_calendar_is_being_listed_moves_the_stamp(rig: Rig) -> None:
    pair = rig.settled()
    patch(rig, pair, summary="One")
    rig.delivered()
    [calendar] = rig.noticing.calendars.take(8)
    before = rig.calendar().pushed_at
    patch(rig, pair, summary="Two")
    rig.delivered()
    assert rig.calendar().pushed_at > before
    rig.noticing.calendars.look(calendar)
    assert rig.calendar().pushed_at is not None
    assert rig.look() == 1
