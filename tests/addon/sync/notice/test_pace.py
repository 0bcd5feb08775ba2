"""Looks at a workspace follow each other quickly while something happens there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from addon.clock import now
from addon.store.tables import links, workspace_watches
from addon.sync.notice.budget import POLL_CALLS
from tests.addon.sync.notice.dashboard import register, watched
from tests.addon.sync.notice.rig import POLL_SECONDS, Pair, Rig, one_kind

LONG_AGO = timedelta(hours=2)

QUICK = timedelta(seconds=POLL_SECONDS) * 1.1
"""The shortest pause, and what chance adds."""


def pause(rig: Rig) -> timedelta:
    """From now to the next look."""
    found: timedelta = rig.watch().next_poll_at - now()
    return found


def test_fresh_workspace_is_looked_at_as_often_as_the_settings_say(rig: Rig) -> None:
    rig.pair()
    assert pause(rig) <= timedelta(0)
    rig.look_at_workspace()
    for _ in range(3):
        assert timedelta(0) < pause(rig) <= QUICK
        rig.look_now()


def test_first_look_follows_as_soon_as_the_settings_say(rig: Rig) -> None:
    rig.pair()
    noticing = rig.new_noticing(poll=2)
    rig.look_at_workspace(noticing)
    assert pause(rig) < timedelta(seconds=3)


def test_looks_are_rare_when_nothing_happened_for_a_while(rig: Rig) -> None:
    watched(rig)
    rig.stirred(LONG_AGO)
    rig.look_now()
    assert timedelta(minutes=9) < pause(rig) < timedelta(minutes=14)
    rig.spend(8500)
    rig.look_now()
    assert pause(rig) > timedelta(hours=1)
    assert rig.look_at_workspace() == 0


def touch(rig: Rig, pair: Pair) -> None:
    rig.notices.touch(pair.id)


def open_card(rig: Rig, pair: Pair) -> None:
    rig.notices.touch(pair.id, at_once=False)


def make_link(rig: Rig, pair: Pair) -> None:
    del pair
    rig.pair()


def carry(rig: Rig, pair: Pair) -> None:
    del pair
    with rig.engine.begin() as connection:
        rig.notices.stir(connection, rig.workspace_id)


def deliver(rig: Rig, pair: Pair) -> None:
    register(rig, pair, "new@partner.test")


@pytest.mark.parametrize("happens", [touch, open_card, make_link, carry, deliver])
def test_what_happens_brings_the_next_look_forward(
    rig: Rig, happens: Callable[[Rig, Pair], None]
) -> None:
    pair = watched(rig)
    rig.stirred(LONG_AGO)
    rig.look_now()
    assert pause(rig) > timedelta(minutes=9)
    happens(rig, pair)
    assert pause(rig) <= QUICK
    rig.look_now()
    assert pause(rig) <= QUICK


def test_what_happens_during_a_look_is_not_forgotten(rig: Rig) -> None:
    watched(rig)
    rig.stirred(LONG_AGO, next_poll_at=now())
    [watch] = rig.noticing.workspaces.take(8)
    with rig.engine.begin() as connection:
        rig.notices.stir(connection, rig.workspace_id)
    rig.noticing.workspaces.look(watch)
    assert pause(rig) <= QUICK


def test_stirring_again_and_again_writes_once_a_minute(rig: Rig) -> None:
    watched(rig)
    rig.stirred(timedelta(seconds=30))
    before = rig.watch().active_at
    with rig.engine.begin() as connection:
        rig.notices.stir(connection, rig.workspace_id)
    assert rig.watch().active_at == before


def test_first_link_after_the_last_is_looked_at_at_once(rig: Rig) -> None:
    pair = watched(rig)
    with rig.engine.begin() as connection:
        connection.execute(sa.update(links).values(state="unlinked"))
    rig.look_now()
    assert pause(rig) > timedelta(minutes=9)
    # Within the minute in which the other one was stirred.
    make_link(rig, pair)
    assert pause(rig) <= timedelta(0)
    rig.look_now()
    assert pause(rig) <= QUICK


def test_without_calls_put_by_quick_looks_are_as_rare_as_spare_calls_come_in(rig: Rig) -> None:
    watched(rig)
    with rig.engine.begin() as connection:
        connection.execute(sa.update(workspace_watches).values(put_by=0.0, put_by_at=now()))
    rig.look_now()
    assert timedelta(minutes=4) < pause(rig) < timedelta(minutes=8)
    # What happens now changes nothing about that.
    rig.stirred(LONG_AGO)
    touch(rig, rig.pair(watched=False))
    assert timedelta(minutes=4) < pause(rig) < timedelta(minutes=8)


def test_listing_of_many_events_is_quick_as_well(rig: Rig) -> None:
    watched(rig)
    for minutes, expected in ((1, 2), (5, 3)):
        listed = now() - timedelta(minutes=minutes)
        rig.noted(pages=3 * POLL_CALLS, listed_at=listed.isoformat())
        rig.clear_logs()
        rig.look_now()
        assert len(rig.livestorm.log) == expected
    rig.stirred(LONG_AGO)
    rig.noted(pages=3 * POLL_CALLS, listed_at=(now() - timedelta(minutes=5)).isoformat())
    rig.clear_logs()
    rig.look_now()
    assert len(rig.livestorm.log) == POLL_CALLS


def live(rig: Rig, time: timedelta) -> int:
    """Look whenever it is due, for so long; return how many calls that took."""
    rig.clear_logs()
    at, end = now(), now() + time
    while at < end:
        with time_machine.travel(at):
            rig.look_at_workspace()
        at = max(at + timedelta(minutes=1), rig.watch().next_poll_at)
    return len(rig.livestorm.log)


@one_kind
def test_idle_month_stays_within_its_share(rig: Rig) -> None:
    watched(rig)
    rig.stirred(LONG_AGO)
    # Half a day of thirty, of nine thousand calls, of which half are put by.
    assert 55 < live(rig, timedelta(hours=12)) < 9000 / 60


@one_kind
def test_busy_workspace_stays_within_what_is_put_by_and_comes_in(rig: Rig) -> None:
    watched(rig)
    at = now()
    calls = 0
    for _ in range(12):
        with time_machine.travel(at, tick=False):
            rig.stirred(timedelta(0))
            calls += live(rig, timedelta(minutes=14))
        at += timedelta(minutes=14)
    # Three hours: a hundred put by, and eleven an hour.
    assert 100 < calls < 100 + 3 * 14
