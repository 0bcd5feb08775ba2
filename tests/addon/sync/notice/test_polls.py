"""Edits made in Livestorm are found by polls, each once and at a pace."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from addon.clock import now
from addon.livestorm import Event, Session
from addon.store.tables import workspace_watches
from addon.sync.notice import NothingAgreed
from sandbox.simulation import Fault
from tests.addon.sync.notice.dashboard import (
    event_of,
    later,
    reschedule,
    retitle,
    watched,
)
from tests.addon.sync.notice.rig import Rig


def test_edit_in_livestorm_is_found_by_the_next_poll(rig: Rig) -> None:
    pair = watched(rig)
    watched(rig)
    with later(10):
        rig.poll()
        rig.compare()
    with later():
        retitle(rig, pair, "Edited")
        rig.clear_logs()
        rig.poll()
        assert rig.marked() == {pair.id}
        assert rig.livestorm_calls() == ["GET /v1/events", "GET /v1/sessions"]


def test_rescheduled_session_is_found_although_its_event_did_not_move(rig: Rig) -> None:
    pair = watched(rig)
    with later():
        reschedule(rig, pair)
        rig.poll()
        assert rig.marked() == {pair.id}


def test_overlap_of_polls_brings_each_change_once(rig: Rig) -> None:
    pair = watched(rig)
    with later():
        retitle(rig, pair, "Edited")
    with later(605):
        rig.poll()
        assert rig.marked() == {pair.id}
        rig.compare()
        rig.poll()
        assert rig.marked() == set()
    with later(700):
        retitle(rig, pair, "Edited again")
        rig.poll()
        assert rig.marked() == {pair.id}


def test_second_change_within_a_second_is_found(rig: Rig) -> None:
    pair = watched(rig)
    with time_machine.travel(now() + timedelta(seconds=601), tick=False):
        for title in ("First", "Second"):
            retitle(rig, pair, title)
            rig.poll()
            assert rig.marked() == {pair.id}
            rig.compare()


def test_change_by_a_clock_that_is_behind_is_found(rig: Rig) -> None:
    pair = watched(rig)
    with later(3600):
        rig.poll()
        event_of(rig, pair).title = "Written a moment ago by a slow clock"
        event_of(rig, pair).updated_at = int(now().timestamp()) - 240
        rig.poll()
        assert rig.marked() == {pair.id}


def test_cursor_goes_with_the_marks(rig: Rig) -> None:
    pair = watched(rig)
    before = rig.watch().polled_until
    with later():
        retitle(rig, pair, "Edited")
        rig.livestorm.faults.add(Fault("status", "/v1/sessions$", status=503, times=None))
        rig.poll()
        assert rig.marked() == set()
        assert rig.watch().polled_until == before
        rig.livestorm.faults.clear()
        rig.poll()
        assert rig.marked() == {pair.id}
        assert rig.watch().polled_until > before


def test_flood_of_changes_gives_way_to_a_listing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("addon.sync.notice.workspaces.POLL_PAGES", 1)
    pairs = [watched(rig) for _ in range(3)]
    with later():
        for number in range(60):
            rig.livestorm.world.add_event(f"Bulk {number}")
        for pair in pairs:
            retitle(rig, pair, "Edited in bulk")
        rig.poll()
        assert rig.marked() == {pair.id for pair in pairs}
        rig.compare()
        rig.clear_logs()
    with later(2000):
        rig.poll()
        assert rig.marked() == set()


class Agreed(NothingAgreed):
    """Takes an event of a certain title for what was agreed."""

    def event(self, base: Any, event: Event) -> bool:
        del base
        return event.title == "Ours"

    def session(self, base: Any, session: Session) -> bool:
        del base, session
        return True


def test_what_both_sides_agreed_on_is_no_change(rig: Rig) -> None:
    noticing = rig.new_noticing(agreement=Agreed())
    pair, other = watched(rig), watched(rig)
    with later():
        retitle(rig, pair, "Ours")
        retitle(rig, other, "Theirs")
        with rig.engine.begin() as connection:
            connection.execute(sa.update(workspace_watches).values(next_poll_at=now()))
        rig.look_at_workspace(noticing)
        assert rig.marked() == {other.id}
