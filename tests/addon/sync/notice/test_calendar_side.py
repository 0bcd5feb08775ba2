"""Calendar rings, is listed, and wakes links: the scenarios of pushes, tokens and deletions.

Numbers are those of docs/sync-scenarios.md.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from addon.clock import now
from addon.store import calendars as calendar_store
from addon.store import noticed
from addon.store.tables import calendars, google_grants
from addon.sync.notice.listing import EMPTY_LOOKS
from sandbox.google import TEAM_CALENDAR
from sandbox.simulation import Fault
from tests.addon.sync.notice.rig import CAMILLE, SAM, SWEEP_SECONDS, Pair, Rig, patch

one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what cannot depend on the kind of database."""


def refusal(code: int, reason: str) -> str:
    return f'{{"error": {{"code": {code}, "errors": [{{"reason": "{reason}"}}]}}}}'


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


# Pushes


def test_01_dropped_push_is_made_good_by_the_sweep(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.switches.push_drop_percent = 100.0
    patch(rig, pair, summary="Nobody rang")
    assert rig.look() == 0
    with time_machine.travel(now() + timedelta(seconds=SWEEP_SECONDS + 1)):
        rig.noticing.sweep.calendars()
        assert rig.look() == 1
        assert rig.marked() == {pair.id}


def test_02_push_an_hour_late_costs_a_list_and_no_harm(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.switches.change({"webhook_delivery": "manual", "push_delay_seconds": 3600.0})
    patch(rig, pair, summary="Late")
    rig.noticing.sweep.calendars()
    rig.notices.ensure_calendar(pair.user_id, CAMILLE)
    rig.look()
    rig.compare()
    with time_machine.travel(now() + timedelta(seconds=3700)):
        assert rig.google.deliver_notifications() == 1
        assert rig.look() == 1
        assert rig.marked() == set()


def test_03_burst_of_twenty_pushes_is_one_stamp_and_at_most_two_lists(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.switches.push_duplicates = 19
    patch(rig, pair, summary="Twenty rings")
    rig.delivered()
    first = rig.calendar().pushed_at
    assert rig.look() <= 2
    assert len(rig.lists()) <= 2
    assert rig.marked() == {pair.id}
    delivered = [one for one in rig.google.channels.deliveries if one.state == "exists"]
    assert len([one for one in delivered if one.status == 204]) == 20
    assert first is not None


def test_a_stamp_that_waits_is_not_written_again(rig: Rig) -> None:
    pair = rig.settled()
    patch(rig, pair, summary="One")
    rig.delivered()
    first = rig.calendar().pushed_at
    patch(rig, pair, summary="Two")
    rig.delivered()
    assert rig.calendar().pushed_at == first


def test_04_sync_message_before_the_watch_is_answered_changes_nothing(rig: Rig) -> None:
    rig.google.switches.sync_message_before_response = True
    rig.pair()
    assert rig.look() == 1
    [first] = rig.google.channels.deliveries
    assert (first.state, first.status) == ("sync", 204)
    assert rig.calendar().pushed_at is None


def test_05_push_of_an_unknown_channel_is_answered_and_ignored(rig: Rig) -> None:
    rig.settled()
    assert rig.ring(X_Goog_Channel_Token="anything").status_code == 204
    assert rig.calendar().pushed_at is None


def test_05_push_of_a_stopped_channel_is_ignored(rig: Rig) -> None:
    rig.settled()
    [channel] = rig.channels()
    rig.notices.forget_user(channel.user_id)
    assert rig.ring(channel).status_code == 204
    rig.notices.ensure_calendar(channel.user_id, CAMILLE)
    rig.look()
    assert rig.ring(channel).status_code == 204
    assert rig.calendar().pushed_at is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Goog_Channel_Token": "guessed"},
        {"X_Goog_Channel_Token": "x" * 5000},
        {"X_Goog_Channel_Token": ""},
    ],
)
@one_kind
def test_06_forged_push_is_answered_and_ignored(rig: Rig, headers: dict[str, str]) -> None:
    rig.settled()
    [channel] = rig.channels()
    assert rig.ring(channel, **headers).status_code == 204
    assert rig.calendar().pushed_at is None


@one_kind
def test_06_right_token_with_another_resource_is_ignored(rig: Rig) -> None:
    rig.settled()
    [channel] = rig.channels()
    token = rig.google.channels.open_channels[channel.id].token
    assert token is not None
    answer = rig.ring(channel, X_Goog_Channel_Token=token, X_Goog_Resource_ID="another resource")
    assert answer.status_code == 204
    assert rig.calendar().pushed_at is None
    rig.ring(channel, X_Goog_Channel_Token=token)
    assert rig.calendar().pushed_at is not None


@one_kind
def test_the_token_itself_is_not_stored(rig: Rig) -> None:
    rig.settled()
    [channel] = rig.channels()
    token = rig.google.channels.open_channels[channel.id].token
    assert token is not None
    assert len(token) >= 43
    assert token not in repr(channel)
    assert channel.token_digest != token


def test_07_channel_that_expired_overnight_is_renewed_and_the_gap_is_listed(rig: Rig) -> None:
    pair = rig.settled()
    [old] = rig.channels()
    with time_machine.travel(old.expires_at + timedelta(hours=1)):
        patch(rig, pair, summary="In the gap")
        assert rig.look() == 0
        rig.noticing.sweep.calendars()
        rig.look()
        assert rig.marked() == {pair.id}
        [new] = [one for one in rig.channels() if not one.replaced]
        assert new.id != old.id


def test_push_of_an_expired_channel_is_ignored(rig: Rig) -> None:
    rig.settled()
    [channel] = rig.channels()
    token = rig.google.channels.open_channels[channel.id].token
    assert token is not None
    with time_machine.travel(channel.expires_at + timedelta(seconds=1)):
        assert rig.ring(channel, X_Goog_Channel_Token=token).status_code == 204
    assert rig.calendar().pushed_at is None


def test_08_channel_is_renewed_at_half_life_new_one_first(rig: Rig) -> None:
    pair = rig.settled()
    [old] = rig.channels()
    with time_machine.travel(old.opened_at + timedelta(days=3, hours=13)):
        rig.noticing.tidy()
        rig.look()
        [new] = rig.channels()
        assert new.id != old.id
        assert set(rig.google.channels.open_channels) == {new.id}
        made = [call.path.rpartition("/")[2] for call in rig.google.log if call.method == "POST"]
        assert [one for one in made if one in {"watch", "stop"}] == ["watch", "stop"]
        rig.clear_logs()
        patch(rig, pair, summary="After renewal")
        assert rig.look() == 1
        assert rig.marked() == {pair.id}


def test_08_two_channels_at_once_cost_one_pass(rig: Rig) -> None:
    pair = rig.settled()
    [old] = rig.channels()
    with time_machine.travel(old.opened_at + timedelta(days=4)):
        rig.google.faults.add(Fault("status", "/channels/stop", status=503, times=None))
        rig.noticing.tidy()
        rig.look()
        assert len(rig.channels()) == 2
        rig.compare()
        rig.clear_logs()
        patch(rig, pair, summary="Rung twice")
        assert rig.look() <= 2
        assert rig.marked() == {pair.id}
        rig.google.faults.clear()
        rig.noticing.tidy()
        assert len(rig.channels()) == 1
        assert len(rig.google.channels.open_channels) == 1


def test_granted_expiration_is_believed_not_what_was_asked(rig: Rig) -> None:
    rig.google.switches.max_channel_ttl_seconds = 7200
    rig.settled()
    [channel] = rig.channels()
    assert channel.expires_at < now() + timedelta(hours=2, minutes=1)
    with time_machine.travel(now() + timedelta(minutes=61)):
        rig.noticing.tidy()
        rig.look()
        [new] = rig.channels()
        assert new.id != channel.id


def test_09_handler_needs_no_body_and_no_state_it_knows(rig: Rig) -> None:
    rig.settled()
    [channel] = rig.channels()
    token = rig.google.channels.open_channels[channel.id].token
    assert token is not None
    rig.ring(channel, X_Goog_Channel_Token=token, X_Goog_Resource_State="not_exists")
    assert rig.calendar().pushed_at is not None


def test_10_calendar_that_cannot_be_watched_is_listed_by_the_sweep(rig: Rig) -> None:
    rig.google.faults.add(
        Fault(
            "status",
            "/watch$",
            status=400,
            times=None,
            body=refusal(400, "pushNotSupportedForRequestedResource"),
        )
    )
    pair = rig.settled()
    assert rig.google.channels.open_channels == {}
    patch(rig, pair, summary="Unheard")
    with time_machine.travel(now() + timedelta(seconds=SWEEP_SECONDS + 30)):
        rig.noticing.sweep.calendars()
        rig.look()
    assert rig.marked() == {pair.id}


@one_kind
def test_10_watch_that_is_refused_is_not_asked_for_at_every_list(rig: Rig) -> None:
    rig.google.faults.add(Fault("status", "/watch$", status=403, times=None))
    pair = rig.settled()
    for title in ("One", "Two", "Three"):
        rig.notices.ensure_calendar(pair.user_id, CAMILLE)
        patch(rig, pair, summary=title)
        rig.look()
    assert rig.google.log.matching("POST", "/watch$") == []


def test_a_watch_whose_answer_was_lost_is_tried_again_and_both_ring_harmlessly(rig: Rig) -> None:
    rig.google.faults.add(Fault("drop_after", "/watch$", method="POST"))
    pair = rig.settled()
    assert len(rig.google.channels.open_channels) == 1
    [lost] = rig.channels()
    assert lost.replaced
    # Its own first message told what to stop.
    assert lost.resource_id is not None
    with time_machine.travel(now() + timedelta(minutes=11)):
        rig.notices.ensure_calendar(pair.user_id, CAMILLE)
        rig.look()
        [channel] = rig.channels()
        assert channel.id != lost.id
        assert set(rig.google.channels.open_channels) == {channel.id}


class PushDuringList:
    """Rings while a list is on its way: what it is about may not be in the answer any more."""

    def __init__(self, rig: Rig, pair: Pair) -> None:
        self.rig, self.pair, self.rung = rig, pair, 0
        self._changes = rig.program.product.calendar.changes  # type: ignore[union-attr]

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        page = self._changes(*arguments, **options)
        if not self.rung:
            self.rung += 1
            patch(self.rig, self.pair, summary="During the list")
            self.rig.delivered()
        return page


def test_11_push_during_a_list_leads_to_one_more(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = rig.settled()
    patch(rig, pair, summary="Before the list")
    rig.delivered()
    monkeypatch.setattr(rig.program.product.calendar, "changes", PushDuringList(rig, pair))  # type: ignore[union-attr]
    assert rig.look() == 2
    assert len(rig.lists()) == 2
    assert rig.row(pair).calendar_seen["summary"] == "During the list"
    assert rig.calendar().pushed_at is None


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


# Refusals


@pytest.mark.parametrize(
    ("code", "reason"),
    [(403, "rateLimitExceeded"), (429, "rateLimitExceeded"), (500, "backendError"), (503, "x")],
)
@one_kind
def test_57_refusals_for_the_rate_pause_with_growing_pauses(
    rig: Rig, code: int, reason: str
) -> None:
    pair = rig.settled()
    rig.google.faults.add(
        Fault("status", r"/events$", status=code, times=2, body=refusal(code, reason))
    )
    patch(rig, pair, summary="Edited")
    rig.look()
    first = rig.calendar().next_at - now()
    assert timedelta(seconds=3) < first < timedelta(seconds=8)
    with time_machine.travel(now() + first + timedelta(seconds=1)):
        rig.look()
        assert rig.calendar().failures == 2
        assert rig.calendar().next_at - now() > timedelta(seconds=8)
    with time_machine.travel(now() + timedelta(minutes=1)):
        rig.look()
    assert rig.marked() == {pair.id}
    assert rig.calendar().failures == 0


def test_failing_calendar_of_one_person_slows_nobody_else(rig: Rig) -> None:
    mine, theirs = rig.settled(), rig.settled(email=SAM)
    rig.google.faults.add(Fault("status", f"/calendars/{CAMILLE}/events$", status=503, times=None))
    patch(rig, mine, summary="Stuck")
    patch(rig, theirs, summary="Goes on")
    rig.look()
    assert rig.marked() == {theirs.id}


# Grants


def test_64_revoked_grant_stops_all_calls_for_that_person_only(rig: Rig) -> None:
    mine, theirs = rig.settled(), rig.settled(email=SAM)
    rig.google.revoke_access(CAMILLE)
    patch(rig, mine, summary="Unseen")
    patch(rig, theirs, summary="Seen")
    rig.look()
    assert rig.marked() == {theirs.id}
    assert rig.activation.state(mine.user_id) == "revoked"
    assert rig.channels() == []
    rig.clear_logs()
    patch(rig, mine, summary="Still unseen")
    with time_machine.travel(now() + timedelta(seconds=SWEEP_SECONDS * 2)):
        rig.noticing.sweep.calendars()
        rig.noticing.sweep.links()
        rig.noticing.tidy()
        rig.look()
    assert not [call for call in rig.google.log if CAMILLE in call.path]
    # The links and what was seen of them stay, and activating anew resumes.
    rig.activate(CAMILLE, mine.user_id)
    rig.notices.ensure_calendar(mine.user_id, CAMILLE)
    rig.look()
    assert mine.id in rig.marked()


def test_66_refused_access_token_is_renewed_once(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.grants.access_tokens.clear()
    patch(rig, pair, summary="Edited")
    rig.look()
    assert rig.marked() == {pair.id}
    assert [call.status for call in rig.lists()] == [401, 200]


def test_67_refresh_token_that_died_silently_ends_the_grant(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.switches.refresh_tokens_per_client = 1
    rig.google.grants.access_tokens.clear()
    rig.google.refresh_token(CAMILLE, ["openid"])
    rig.notices.ensure_calendar(pair.user_id, CAMILLE)
    rig.look()
    assert rig.activation.state(pair.user_id) == "revoked"


@one_kind
def test_68_administrator_who_blocks_the_program_pauses_it(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.grants.access_tokens.clear()
    rig.google.switches.admin_policy_enforced = True
    rig.notices.ensure_calendar(pair.user_id, CAMILLE)
    rig.look()
    rig.clear_logs()
    rig.look()
    assert len(rig.google.log) == 0
    assert rig.marked() == set()


def test_69_lost_access_to_a_calendar_pauses_it_and_deletes_nothing(rig: Rig) -> None:
    pair = rig.settled(email=SAM, calendar_id=TEAM_CALENDAR)
    rig.google.world.share(TEAM_CALENDAR, SAM, None)
    rig.notices.ensure_calendar(pair.user_id, TEAM_CALENDAR)
    rig.look()
    row = rig.calendar(TEAM_CALENDAR)
    assert row.next_at > now() + timedelta(hours=5)
    assert rig.marked() == set()
    assert rig.row(pair).calendar_seen is not None


def test_70_deleted_calendar_is_left_alone_and_deletes_nothing(rig: Rig) -> None:
    pairs = [rig.settled(calendar_id=TEAM_CALENDAR) for _ in range(3)]
    rig.google.world.delete_calendar(TEAM_CALENDAR)
    rig.notices.ensure_calendar(pairs[0].user_id, TEAM_CALENDAR)
    rig.look()
    assert rig.calendar(TEAM_CALENDAR).next_at > now() + timedelta(hours=5)
    assert rig.marked() == set()
    rig.clear_logs()
    with time_machine.travel(now() + timedelta(hours=1)):
        rig.noticing.sweep.calendars()
        rig.look()
    assert len(rig.google.log) == 0


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
        from addon.store import links  # noqa: PLC0415

        links.close(connection, pair.id, state="unlinked", now=now(), why="a test")
    with time_machine.travel(now() + timedelta(seconds=SWEEP_SECONDS + 15)):
        rig.noticing.sweep.calendars()
    with time_machine.travel(now() + timedelta(seconds=SWEEP_SECONDS + 30)):
        rig.look()
    assert rig.google.channels.open_channels == {}
    with rig.engine.connect() as connection:
        assert connection.execute(sa.select(calendars)).all() == []
    assert rig.lists() == []


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
        from addon.store.tables import links  # noqa: PLC0415

        connection.execute(sa.update(links).values(held=True))
    patch(rig, pair, summary="Not ours to see yet")
    rig.look()
    assert rig.marked() == set()
    assert not noticed.any_in_calendar(rig.engine, pair.user_id, CAMILLE)
