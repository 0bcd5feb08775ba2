"""Lists that cannot go on where they ended, or that show too little.

Numbers are those of the reported failures that docs/sync-scenarios.md lists.
"""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from addon.clock import now
from addon.store import calendars as calendar_store
from addon.store.tables import calendars
from addon.sync.notice.listing import EMPTY_LOOKS
from sandbox.simulation import Fault
from tests.addon.sync.notice.rig import (
    CAMILLE,
    Rig,
    one_kind,
    patch,
    refusal,
)

# Sync tokens


def test_12_an_invalid_token_leads_to_a_full_list_and_loses_nothing(rig: Rig) -> None:
    pair, other = rig.settled(), rig.settled()
    before = rig.row(other)
    rig.google.world.expire_sync_tokens(CAMILLE)
    patch(rig, pair, summary="Changed meanwhile")
    assert rig.look() == 1
    assert [("syncToken" in call.query) for call in rig.lists()] == [True, False]
    assert rig.marked() == {pair.id}
    assert rig.row(other).calendar_seen == before.calendar_seen
    assert rig.row(other).livestorm_event_id == before.livestorm_event_id
    assert rig.calendar().sync_token


@pytest.mark.parametrize("code", ["400", "410"])
@one_kind
def test_19_token_of_another_account_leads_to_a_full_list(rig: Rig, code: Any) -> None:
    rig.google.switches.unreadable_sync_token = code
    pair = rig.settled()
    with rig.engine.begin() as connection:
        connection.execute(sa.update(calendars).values(sync_token="another account's"))
    patch(rig, pair, summary="Found all the same")
    rig.look()
    assert rig.marked() == {pair.id}


def test_13_and_14_event_deleted_while_the_token_was_invalid_is_read_by_itself(rig: Rig) -> None:
    pair, other = rig.settled(), rig.settled()
    rig.google.world.delete_event(CAMILLE, pair.event_id)
    rig.google.world.forget_deleted(CAMILLE)
    rig.google.world.expire_sync_tokens(CAMILLE)
    rig.look()
    assert rig.marked() == {pair.id}
    # Not taken for deleted: whoever compares has to read it.
    assert rig.row(pair).calendar_seen is None
    assert rig.row(pair).state == "active"
    assert rig.row(other).calendar_seen is not None


@one_kind
def test_15_gone_on_a_stop_is_no_reason_to_list_anew(rig: Rig) -> None:
    rig.settled()
    [channel] = rig.channels()
    rig.google.faults.add(
        Fault("status", "/channels/stop", status=410, body=refusal(410, "deleted"))
    )
    with time_machine.travel(channel.opened_at + timedelta(days=4)):
        rig.noticing.tidy()
        rig.look()
    assert all("syncToken" in call.query for call in rig.lists())
    assert len(rig.channels()) == 1


def test_16_an_empty_page_is_not_the_end(rig: Rig) -> None:
    rig.google.switches.empty_pages = True
    pair = rig.settled()
    patch(rig, pair, summary="On the second page")
    rig.look()
    assert rig.marked() == {pair.id}


def test_17_crash_between_pages_repeats_them_and_doubles_nothing(rig: Rig) -> None:
    pairs = [rig.settled() for _ in range(5)]
    rig.google.switches.page_size_limit = 2
    for pair in pairs:
        patch(rig, pair, summary="Edited")
    rig.delivered()
    before = rig.calendar().sync_token
    [calendar] = rig.noticing.calendars.take(1)
    rig.google.faults.add(Fault("status", r"/events$", method="GET", skip=2))
    rig.noticing.calendars.look(calendar)
    assert len(rig.marked()) == 4
    assert rig.calendar().sync_token == before
    # As after a crash: the pause of a failure, or the lease of the dead, is over.
    rig.compare()
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert rig.look() == 1
        assert len(rig.marked()) == 1
        assert all(rig.row(pair).calendar_seen["summary"] == "Edited" for pair in pairs)


@one_kind
def test_page_token_that_ends_in_the_middle_of_a_full_list_is_no_lasting_refusal(rig: Rig) -> None:
    pairs = [rig.settled() for _ in range(3)]
    rig.google.switches.page_size_limit = 2
    with rig.engine.begin() as connection:
        connection.execute(sa.update(calendars).values(sync_token=None))
    patch(rig, pairs[0], summary="Edited")
    rig.google.faults.add(
        Fault("status", r"/events$", skip=1, status=400, body=refusal(400, "invalid"))
    )
    rig.look()
    with time_machine.travel(now() + timedelta(minutes=2)):
        rig.look()
        assert rig.marked() == {pairs[0].id}
        assert rig.calendar().sync_token is not None


def test_18_an_increment_carries_no_parameter_that_google_forbids(rig: Rig) -> None:
    pair = rig.settled()
    patch(rig, pair, summary="Edited")
    rig.look()
    [call] = rig.lists()
    assert call.status == 200
    forbidden = {
        *("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty"),
        *("timeMin", "timeMax", "updatedMin"),
    }
    assert forbidden.isdisjoint(call.query)


@one_kind
def test_last_page_without_a_token_is_a_failure_not_an_end(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = rig.settled()
    token = rig.calendar().sync_token
    patch(rig, pair, summary="Edited")
    rig.delivered()
    rig.google.faults.add(
        Fault("status", r"/events$", method="GET", status=200, body='{"items": []}')
    )
    rig.look()
    assert rig.calendar().sync_token == token
    assert rig.calendar().pushed_at is not None
    assert rig.calendar().next_at is not None


# A side that is suddenly empty


def empty(rig: Rig) -> None:
    """Let every event vanish from the calendar without a trace, and the token with them."""
    for one in rig.google.world.events(CAMILLE):
        rig.google.world.delete_event(CAMILLE, one["id"])
    rig.google.world.forget_deleted(CAMILLE)
    rig.google.world.expire_sync_tokens(CAMILLE)
    rig.notices.ensure_calendar(rig.people[CAMILLE], CAMILLE)


def test_24_calendar_that_is_suddenly_empty_wakes_nothing(rig: Rig) -> None:
    pairs = [rig.settled() for _ in range(8)]
    empty(rig)
    rig.look()
    assert rig.marked() == set()
    assert all(rig.row(pair).calendar_seen is not None for pair in pairs)
    row = rig.calendar()
    assert row.sync_token is None
    assert row.next_at > now() + timedelta(minutes=10)
    assert row.pushed_at is not None


def test_24_calendar_that_is_full_again_goes_on_as_if_nothing_was(rig: Rig) -> None:
    pairs = [rig.settled() for _ in range(8)]
    body = '{"items": [], "nextSyncToken": "x"}'
    fault = Fault("status", r"/events$", method="GET", status=200, body=body, times=None)
    rig.google.world.expire_sync_tokens(CAMILLE)
    rig.notices.ensure_calendar(pairs[0].user_id, CAMILLE)
    [calendar] = rig.noticing.calendars.take(1)
    calendar_store.forget_token(rig.engine, calendar)
    with rig.engine.begin() as connection:
        connection.execute(sa.update(calendars).values(lease=None, lease_until=None))
    rig.google.faults.add(fault)
    rig.look()
    assert rig.marked() == set()
    rig.google.faults.clear()
    patch(rig, pairs[3], summary="Still here")
    with time_machine.travel(now() + timedelta(minutes=16)):
        rig.look()
    assert rig.marked() == {pairs[3].id}
    assert rig.calendar().sync_token
    assert rig.calendar().failures == 0


def test_24_calendar_that_stays_empty_has_each_event_read_in_the_end(rig: Rig) -> None:
    pairs = [rig.settled() for _ in range(8)]
    empty(rig)
    at = now()
    for look in range(EMPTY_LOOKS):
        with time_machine.travel(at + look * timedelta(minutes=16)):
            assert rig.look() == 1
            assert rig.marked() == set()
    with time_machine.travel(at + EMPTY_LOOKS * timedelta(minutes=16)):
        rig.look()
    assert rig.marked() == {pair.id for pair in pairs}
    assert all(rig.row(pair).calendar_seen is None for pair in pairs)
